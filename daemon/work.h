/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workshop: claims files that are due, has the engine make their renditions, stages what was verified, and tells
 * the ledger how each attempt ended. Keeps the engine busy and no more.
 */
#ifndef GH_DAEMON_WORK_H
#define GH_DAEMON_WORK_H

#include "daemon/daemon.h"

struct gh_workshop;

GH_MUST_USE int gh_work_open(struct gh_daemon *d, struct gh_workshop **ret, struct gh_err *err);
/** Something may be due: look soon. */
void gh_work_wake(struct gh_workshop *w);
/** A submission changed: attempts on files of it that are nobody's business any more are given up. */
void gh_work_check(struct gh_workshop *w, const struct gh_item *item);
/** Claim nothing more and cancel what runs; run the loop until it is not busy, then close. */
void gh_work_stop(struct gh_workshop *w);
bool gh_work_busy(const struct gh_workshop *w);
void gh_work_close(struct gh_workshop **w);

struct gh_work_stats {
    unsigned photos, videos; /* attempts under way */
    unsigned slots, video_slots;
};
void gh_work_stats(const struct gh_workshop *w, struct gh_work_stats *ret);
/** Progress of a submission's files in work, in 1/1000; -1 when none is. */
int gh_work_progress(const struct gh_workshop *w, int64_t submission);

#endif
