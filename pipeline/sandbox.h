/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walls around one child. What can be made beforehand is made in the nursery (ruleset, filter), so that a child
 * only steps in. Every step must succeed, else the child must not read a byte: it fails closed.
 */
#ifndef GH_PIPELINE_SANDBOX_H
#define GH_PIPELINE_SANDBOX_H

#include "base/job.h"

#include <linux/filter.h>
#include <sys/types.h>

/* Sanitizers map memory, open files and start threads in ways no filter can allow: such builds run without the two
 * filters. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GH_CONFINED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define GH_CONFINED 0
#endif
#endif
#ifndef GH_CONFINED
#define GH_CONFINED 1
#endif

/* Descriptors of a child after gh_sandbox_enter; everything it is sent later comes above. */
#define GH_CHILD_SOCK 3
/* Highest descriptor + 1: outputs of one job, their journals and devices, its overlays, its input twice, and the four
 * it starts with. */
#define GH_CHILD_NOFILE 288

struct gh_sandbox {
    int ruleset; /* Landlock: deny everything; -1 when the kernel has none and that was accepted */
    unsigned landlock_abi;
    struct sock_fprog filter;
    pid_t nursery;
    bool without_filter; /* for the self-test, which shows that Landlock holds by itself */
};

/** Make ruleset and filter. seccomp_only: a kernel without Landlock is acceptable (the administrator said so). */
GH_MUST_USE int gh_sandbox_prepare(bool seccomp_only, struct gh_sandbox *ret, struct gh_err *err);
/** Of one that was prepared, or of {.ruleset = -1}. */
void gh_sandbox_free(struct gh_sandbox *sandbox);
/**
 * Lock the calling, freshly forked, single-threaded process in for good: sock becomes GH_CHILD_SOCK, log_fd (-1: none)
 * descriptor 2, everything else is closed. After an error the process must end.
 */
GH_MUST_USE int gh_sandbox_enter(const struct gh_sandbox *sandbox, const struct gh_fork *fork, int sock, int log_fd,
                                 struct gh_err *err);
/** The same for a process that owns fork->device: looser, since drivers' libraries are loaded and talk to it later. */
GH_MUST_USE int gh_sandbox_enter_device(const struct gh_sandbox *sandbox, const struct gh_fork *fork, int sock,
                                        int log_fd, struct gh_err *err);
/** Give up all capabilities, of a root or an ambient one. */
GH_MUST_USE int gh_drop_capabilities(struct gh_err *err);
/** Threads of this process, from /proc/self/task; -1 when that cannot be read. */
int gh_count_threads(void);
/** Address space of this process in bytes; 0 when unknown. */
uint64_t gh_vm_bytes(void);

/** Try each forbidden act in a child of its own, one line each on standard output. The exit status: 0 when all were
 * refused. */
int gh_selftest(bool seccomp_only);

/* -- sandbox_seccomp.c, sandbox_landlock.c */
GH_MUST_USE int gh_seccomp_compile(struct sock_fprog *ret, struct gh_err *err);
GH_MUST_USE int gh_seccomp_enter(const struct sock_fprog *filter, struct gh_err *err);
GH_MUST_USE int gh_landlock_prepare(int *ret_fd, unsigned *ret_abi, struct gh_err *err);
/** Let path, and what lies beneath it, be reached with these rights all the same; a path that is not there is nothing.
 */
GH_MUST_USE int gh_landlock_allow(int ruleset, unsigned abi, const char *path, uint64_t rights, struct gh_err *err);
GH_MUST_USE int gh_landlock_enter(int ruleset, struct gh_err *err);

/* -- sandbox_device.c: Landlock and the filter of a process that owns a device; landlock: the kernel has it */
GH_MUST_USE int gh_device_walls(const char *device, bool landlock, struct gh_err *err);

#endif
