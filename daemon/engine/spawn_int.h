/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Executing ghat-worker, for nursery.c and overlays.c, with the environment that it and its
 * libraries read only when they start. */
#ifndef GH_DAEMON_ENGINE_SPAWN_INT_H
#define GH_DAEMON_ENGINE_SPAWN_INT_H

#include "base/err.h"

#include <sys/types.h>

/**
 * Run `worker option [option2]` with standard input from in_fd (-1: /dev/null), standard output to
 * out_fd (-1: /dev/null), standard error to err_fd (-1, or this is a sanitizer build: shared),
 * descriptor 3 = sock (-1: none), signals at their defaults. GH_CONFIG when it cannot be executed.
 */
GH_MUST_USE int gh_spawn_worker(const char *worker, const char *option, const char *option2,
                                int sock, int in_fd, int out_fd, int err_fd, pid_t *ret_pid,
                                struct gh_err *err);
/** A wait status in words: "it ended with exit status 3", "killed by SIGSYS: a system call the
 * sandbox forbids". ret holds size bytes. */
void gh_describe_status(int status, char *ret, size_t size);

#endif
