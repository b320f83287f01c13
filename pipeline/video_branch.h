/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One geometry of a video: a thread that takes decoded pictures from a bounded queue, makes them constant in rate, runs
 * the graph once for each, and hands the result to every encode that shares it. Started with its first picture.
 */
#ifndef GH_PIPELINE_VIDEO_BRANCH_H
#define GH_PIPELINE_VIDEO_BRANCH_H

#include "base/look.h"
#include "pipeline/video_enc.h"

#define GH_BRANCH_ENCODES GH_JOB_MAX_ENCODES

/* One output of a branch. */
struct gh_branch_out {
    uint32_t index;          /* in the caller's recipes */
    struct gh_venc *enc;     /* owned */
    struct gh_result result; /* complete when done */
    struct gh_look look;     /* of the source, where the output has key pictures */
    bool done, failed;       /* a piece (gh_venc_cut) that is ready is neither: its encoder waits to be joined */
    struct gh_err err;
    uint64_t spent; /* of a failed encode: bytes of the picture, and pictures they are for */
    int64_t frames;
};

struct gh_branch;
/** pic: geometry, rate and time window (start_us counts from the first picture). ctx: for logos and labels; borrowed.
 */
struct gh_branch *gh_branch_new(const struct gh_ctx *ctx, const struct gh_pic *pic);
/** enc becomes the branch's. */
void gh_branch_add(struct gh_branch *b, uint32_t index, struct gh_venc *enc);
const struct gh_pic *gh_branch_pic(const struct gh_branch *b);
/** Time of the first picture it wants (with a run-up when earlier ones were kept), and the first it does not. */
int64_t gh_branch_from(const struct gh_branch *b);
int64_t gh_branch_until(const struct gh_branch *b);
/**
 * Queue a picture (a reference is taken), shown from at_us to end_us. Waits while the queue is full, at most a second:
 * 1 when it was taken or is not wanted, 0 when the caller should show a sign of life and offer it again.
 */
GH_MUST_USE int gh_branch_offer(struct gh_branch *b, const AVFrame *frame, int64_t at_us, int64_t end_us,
                                struct gh_err *err);
/** No more pictures; the last one is shown until until_us, where the branch still wants it, or for its own time (0). */
void gh_branch_end(struct gh_branch *b, int64_t until_us);
/** Wait at most ms for the branch to have nothing left to do; true when that is so. */
bool gh_branch_wait(struct gh_branch *b, int ms);
/** The branch wants nothing more, or everything in it failed. */
bool gh_branch_full(struct gh_branch *b);
/** Outputs; only what is done may be looked at before the branch has ended. */
struct gh_branch_out *gh_branch_outs(struct gh_branch *b, size_t *ret_n);
/** Whether out is done, safely. */
bool gh_branch_done(struct gh_branch *b, const struct gh_branch_out *out);
/** Stops and joins the thread. */
void gh_branch_free(struct gh_branch **b);

#endif
