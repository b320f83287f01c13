/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of ghat-worker that makes something of an administrator's file: waited for, a fraction of
 * a second, when settings are read. */
#ifndef GH_DAEMON_ENGINE_ONCE_H
#define GH_DAEMON_ENGINE_ONCE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/** Run `worker option` on in_fd and have it write to out_fd. GH_CONFIG, in the worker's words, when
 * it does not end well. */
GH_MUST_USE int gh_run_once(const char *worker, const char *option, int in_fd, int out_fd,
                            struct gh_err *err);
/** The days of an iCalendar file, counted from 1970-01-01; *ret is the caller's to free. */
GH_MUST_USE int gh_read_holidays(const char *worker, const char *path, int64_t **ret, size_t *ret_n,
                                 struct gh_err *err);

#endif
