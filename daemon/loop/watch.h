/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inotify, one watch a directory. What it reports is a hint that something may have changed, never
 * the truth: overflow and lost watches are reported as such, and the periodic scan finds what no
 * event told.
 */
#ifndef GH_DAEMON_LOOP_WATCH_H
#define GH_DAEMON_LOOP_WATCH_H

#include "daemon/loop/loop.h"

#include <stddef.h>

struct gh_watch;

/* What happened to a name. */
enum gh_watch_what {
    GH_WATCH_CHANGED, /* it came, went, or has other attributes */
    GH_WATCH_CLOSED,  /* somebody who had it open for writing closed it */
    GH_WATCH_ARRIVED, /* it was renamed to here, whoever wrote it */
};

/**
 * ref names the directory (a copy of the bytes given to gh_watch_add). name: the entry that
 * changed, NULL when it is the directory itself that came, went or was moved. ref is NULL when
 * events were lost: look at everything.
 */
typedef void gh_watch_fn(void *arg, const void *ref, size_t ref_len, const char *name,
                         enum gh_watch_what what);

GH_MUST_USE int gh_watch_open(struct gh_loop *loop, gh_watch_fn *fn, void *arg,
                              struct gh_watch **ret, struct gh_err *err);
void gh_watch_close(struct gh_watch **w);
/**
 * Watch the directory dirfd (borrowed) under a name of the caller's. Again for the same directory:
 * the name is replaced. *owner (may be NULL) is counted up, and down again when the watch ends; it
 * must live until then. GH_LIMIT when the kernel grants no more watches (code ENOSPC).
 */
GH_MUST_USE int gh_watch_add(struct gh_watch *w, int dirfd, const void *ref, size_t ref_len,
                             size_t *owner, struct gh_err *err);
/** How many watches the kernel grants to a user; 0: it does not say. */
size_t gh_watch_most(void);
size_t gh_watch_count(const struct gh_watch *w);
/** Why there are no events for the file system of dirfd ("a network file system (cifs)"); NULL
 * when there are. */
const char *gh_watch_blind(int dirfd);

#endif
