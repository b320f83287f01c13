/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Claims: takes files that are due from the ledger, has the engine make their renditions, stages
 * the verified outputs, and reports to the ledger how each attempt ended. Claims as many files as
 * keep the engine busy, and no more. Runs in the loop's thread; failures are logged and tried
 * again.
 */
#ifndef GH_DAEMON_ATTEMPT_CLAIMS_H
#define GH_DAEMON_ATTEMPT_CLAIMS_H

#include "base/durations.h"
#include "daemon/attempt/forecast.h"
#include "daemon/engine/engine.h"
#include "daemon/site/quiet.h"
#include "daemon/store/space.h"

struct gh_claims;

/* What attempts use; borrowed until gh_claims_close. */
struct gh_claims_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct gh_space *space;
    struct gh_quiet *quiet;
    struct gh_engine *engine;
    struct gh_forecast *forecast;
};

/** Never fails; the first claim is made by the loop. To be closed. */
struct gh_claims *gh_claims_open(const struct gh_claims_parts *parts);
/** Something may be due: claim soon. */
void gh_claims_wake(struct gh_claims *c);
/** A submission changed: cancel the attempts at its files whose claim was revoked. */
void gh_claims_check(struct gh_claims *c, const struct gh_item *item);
/** Claim nothing more and cancel the attempts under way. The caller runs the loop until
 * gh_claims_busy is false, then closes. */
void gh_claims_stop(struct gh_claims *c);
/** Is an attempt under way? */
bool gh_claims_busy(const struct gh_claims *c);
/** Sets *c to NULL; it may be NULL already. */
void gh_claims_close(struct gh_claims **c);

struct gh_claims_stats {
    unsigned photos, videos;     /* attempts under way */
    unsigned slots, video_slots; /* files the engine works on at once; videos among them */
};
/* What became of attempts since the start. */
struct gh_claims_ends {
    uint64_t n[GH_END_CANCELLED + 1];   /* by enum gh_job_end */
    struct gh_durations photos, videos; /* from probed to staged, where all was made anew */
};
const struct gh_claims_ends *gh_claims_ends(const struct gh_claims *c);
void gh_claims_stats(const struct gh_claims *c, struct gh_claims_stats *ret);
/** Call row for each file in work: of one submission, or of all (0). */
void gh_claims_progress(const struct gh_claims *c, int64_t submission, gh_progress_fn *row,
                        void *arg);
/**
 * What may be claimed, as a set of 1u << enum gh_media: photos up to twice their slots, so that the
 * engine always has the next one, and videos up to theirs. Neither waits for the other: the first
 * due video is claimed however many photos are in work.
 */
unsigned gh_claims_wanted(const struct gh_claims_stats *now);
/** Milliseconds left of a render that went from first to permille (of 1000) in elapsed_ms; -1 when
 * that is too little to tell. */
int64_t gh_progress_left_ms(unsigned first, unsigned permille, int64_t elapsed_ms);

#endif
