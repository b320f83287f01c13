/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long decisions stay inside. The undo time is counted by the monotonic clock from when this
 * ghatd first saw the decision, so that a restart begins it anew. An embargo ends when the wall
 * clock says so, it is trusted, and as much monotonic time went by as there was left when this
 * ghatd first saw it: a clock that is set ahead ends none.
 */
#ifndef GH_DAEMON_PUBLISH_WAITS_H
#define GH_DAEMON_PUBLISH_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An embargo, and the clocks when it was first seen. */
struct gh_embargo_seen {
    int64_t submission, until_ms, wall_ms, mono_ms;
};
/** Milliseconds until it ends by both clocks; 0: it is over. */
int64_t gh_embargo_left_ms(const struct gh_embargo_seen *e, int64_t wall_ms, int64_t mono_ms);

/* All that are waited for; zeroed at first. */
struct gh_waits {
    struct gh_wait *undo;
    size_t n_undo;
    struct gh_embargo_seen *embargoes;
    size_t n_embargoes;
};
void gh_waits_free(struct gh_waits *w);
/** How long that decision can still be undone; first asked, undo_ms. */
int64_t gh_waits_undo_left(struct gh_waits *w, int64_t decision, int64_t undo_ms);
/** How long the embargo of a submission lasts, which ends at until_ms (wall clock; 0: there is
 * none). While the clock is not trusted it does not end, and is to be asked again after what is
 * returned. */
int64_t gh_waits_embargo_left(struct gh_waits *w, int64_t submission, int64_t until_ms,
                              bool trusted);
/** A decision went out. */
void gh_waits_forget(struct gh_waits *w, int64_t decision);
/** Those that can no longer be undone and were not asked for again: they were undone. */
void gh_waits_tidy(struct gh_waits *w);
/** A person says that the clock is right: embargoes are counted by it from now on. */
void gh_waits_clock_is_right(struct gh_waits *w);
/** The time until the next of them is over, at least 1; INT64_MAX: there is none. */
int64_t gh_waits_next(const struct gh_waits *w);

#endif
