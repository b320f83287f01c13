/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of one child. What can be made beforehand is made in the nursery (ruleset, filter),
 * so that a child only has to enter. Every step must succeed, else the child must not read a byte:
 * it fails closed.
 */
#ifndef GH_PIPELINE_WALLS_SANDBOX_H
#define GH_PIPELINE_WALLS_SANDBOX_H

#include "base/contract.h"

#include <linux/filter.h>
#include <sys/types.h>

/* Sanitizers map memory, open files and start threads in ways no filter can allow: such builds run
 * without the two filters. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GH_CONFINED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define GH_CONFINED 0
#endif
#endif
#ifndef GH_CONFINED
#define GH_CONFINED 1
#endif

/* Descriptors of a child after gh_sandbox_enter; everything it is sent later comes above. */
#define GH_CHILD_SOCK 3
/* Highest descriptor + 1: outputs of one job, their journals and devices, its overlays, its input
 * twice, and the four it starts with. */
#define GH_CHILD_NOFILE 288

struct gh_sandbox {
    int ruleset; /* Landlock: deny everything; -1 when the kernel has none and that was accepted */
    unsigned landlock_abi;
    struct sock_fprog filter;
    pid_t nursery;
    bool without_filter; /* for the self-test, which shows that Landlock holds by itself */
};

/** Make ruleset and filter; *ret is freed with gh_sandbox_free. seccomp_only: the administrator
 * accepts a kernel without Landlock. GH_SYSTEM. */
GH_MUST_USE int gh_sandbox_prepare(bool seccomp_only, struct gh_sandbox *ret, struct gh_err *err);
/** Free one that was prepared, or {.ruleset = -1}. */
void gh_sandbox_free(struct gh_sandbox *sandbox);
/**
 * Lock the calling, freshly forked, single-threaded process in for good: sock becomes
 * GH_CHILD_SOCK, log_fd (-1: none) descriptor 2, everything else is closed. After an error the
 * process must end.
 */
GH_MUST_USE int gh_sandbox_enter(const struct gh_sandbox *sandbox, const struct gh_fork *fork,
                                 int sock, int log_fd, struct gh_err *err);
/** The same for a process that owns fork->device: it allows more, since drivers' libraries are
 * still to be loaded, and use the device. */
GH_MUST_USE int gh_sandbox_enter_device(const struct gh_sandbox *sandbox,
                                        const struct gh_fork *fork, int sock, int log_fd,
                                        struct gh_err *err);
/** Give up all capabilities, permitted and ambient. GH_SYSTEM. */
GH_MUST_USE int gh_drop_capabilities(struct gh_err *err);
/** Threads of this process, from /proc/self/task; -1 when that cannot be read. */
int gh_count_threads(void);
/** Address space this process uses, in bytes; 0 when unknown. */
uint64_t gh_vm_bytes(void);

/** Try each forbidden act in a child of its own, one line each on standard output. Returns the exit
 * status: 0 when all were refused, GH_JOB_EXIT_AGAIN when children of it were killed or could not
 * be started, and nothing is known. */
int gh_selftest(bool seccomp_only);

/* -- alone.c */
/** Read in, write out. */
typedef int gh_alone_fn(int in, int out, struct gh_err *err);
/** Call work in a sandboxed process of its own: standard input is in, standard output out. Why it
 * failed is one line on standard error. Returns the exit status. The caller has one thread. */
int gh_sandbox_alone(bool seccomp_only, const struct gh_limits *limits, gh_alone_fn *work);
/* -- seccomp.c */
/** ret->filter is the caller's (free). GH_SYSTEM. */
GH_MUST_USE int gh_seccomp_compile(struct sock_fprog *ret, struct gh_err *err);
/** From here on the calling process makes only the calls the filter allows. */
GH_MUST_USE int gh_seccomp_enter(const struct sock_fprog *filter, struct gh_err *err);
/* -- device.c */
/** Landlock (if the kernel has it) and the filter of a process that owns device ("": none). */
GH_MUST_USE int gh_device_walls(const char *device, bool landlock, struct gh_err *err);

#endif
