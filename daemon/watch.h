/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inotify, one watch a directory. What it reports is a hint that something may have changed, never the truth: overflow
 * and lost watches are reported as such, and the periodic scan finds what no event told.
 */
#ifndef GH_DAEMON_WATCH_H
#define GH_DAEMON_WATCH_H

#include "daemon/loop.h"

#include <stddef.h>

struct gh_watch;

/**
 * ref names the directory (a copy of the bytes given to gh_watch_add). name: the entry that changed, NULL when it is
 * the directory itself that came, went or was moved. ref is NULL when events were lost: look at everything.
 */
typedef void gh_watch_fn(void *arg, const void *ref, size_t ref_len, const char *name);

GH_MUST_USE int gh_watch_open(struct gh_loop *loop, gh_watch_fn *fn, void *arg, struct gh_watch **ret,
                              struct gh_err *err);
void gh_watch_close(struct gh_watch **w);
/**
 * Watch the directory dirfd (borrowed) under a name of the caller's. Again for the same directory: the name is
 * replaced. GH_LIMIT when the kernel grants no more watches (code ENOSPC).
 */
GH_MUST_USE int gh_watch_add(struct gh_watch *w, int dirfd, const void *ref, size_t ref_len, struct gh_err *err);
size_t gh_watch_count(const struct gh_watch *w);
/** Why events are not to be had for the file system of dirfd ("a network file system (cifs)"); NULL when they are. */
const char *gh_watch_blind(int dirfd);

#endif
