/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One geometry of a video: a thread that takes decoded pictures from a bounded queue, gives them a
 * constant rate, runs the graph once for each, and passes the result to every encode that has this
 * geometry. The thread starts with the first picture. All functions are for one calling thread, but
 * for gh_branch_done.
 */
#ifndef GH_PIPELINE_VIDEO_BRANCH_H
#define GH_PIPELINE_VIDEO_BRANCH_H

#include "base/fingerprint.h"
#include "pipeline/video/encode.h"

/* One output of a branch. While its thread runs, index is all that others may read, and the rest
 * once gh_branch_done said so: from then on nothing of it changes. */
struct gh_branch_out {
    uint32_t index;          /* in the caller's recipes */
    struct gh_venc *enc;     /* owned */
    struct gh_result result; /* complete when done */
    struct gh_fingerprint
        fingerprint; /* of the source: its pictures where the output has key pictures */
    /* neither for a piece (gh_venc_cut) that is ready: its enc waits to be joined */
    bool done, failed;
    struct gh_err err;
    uint64_t spent; /* by a failed encode: bytes of the picture … */
    int64_t frames; /* … and how many pictures they hold */
};

struct gh_branch;
/** pic: geometry, rate and time window (start_us counts from the first picture), copied. ctx: for
 * logos and labels, borrowed. */
struct gh_branch *gh_branch_new(const struct gh_ctx *ctx, const struct gh_pic *pic);
/** Takes enc. Before the first picture. */
void gh_branch_add(struct gh_branch *b, uint32_t index, struct gh_venc *enc);
const struct gh_pic *gh_branch_pic(const struct gh_branch *b);
/** Time of the first picture it wants, with a run-up when earlier ones were kept; microseconds from
 * the first picture of the source. */
int64_t gh_branch_from(const struct gh_branch *b);
/**
 * Queue a picture (a reference is taken), shown from at_us to end_us. Waits while the queue is
 * full, at most a second: 1 when it was queued or is not wanted, 0 when the caller should report
 * progress and offer it again. GH_AGAIN: no thread.
 */
GH_MUST_USE int gh_branch_offer(struct gh_branch *b, const AVFrame *frame, int64_t at_us,
                                int64_t end_us, struct gh_err *err);
/** There are no more pictures. The last one is shown until until_us as far as the branch wants it;
 * 0: as long as the source says. */
void gh_branch_end(struct gh_branch *b, int64_t until_us);
/** Wait at most ms for the branch to have nothing left to do; true when that is so. */
bool gh_branch_wait(struct gh_branch *b, int ms);
/** Whether the branch wants no more pictures, or all its encodes failed. */
bool gh_branch_full(struct gh_branch *b);
/** Its outputs: all of them once the branch has ended (gh_branch_wait), before that only those that
 * are done. */
struct gh_branch_out *gh_branch_outs(struct gh_branch *b, size_t *ret_n);
/** Whether out is done. Any thread. */
bool gh_branch_done(struct gh_branch *b, const struct gh_branch_out *out);
/** Stop and join the thread, free everything that is left, encodes included. */
void gh_branch_free(struct gh_branch **b);

#endif
