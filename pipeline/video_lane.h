/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One decode of a video and the branches it feeds: of the whole, or of a stretch of it beside other lanes, each in a
 * thread of its own. A lane reads the input by itself, and seeks when its branches begin late.
 */
#ifndef GH_PIPELINE_VIDEO_LANE_H
#define GH_PIPELINE_VIDEO_LANE_H

#include "pipeline/video_branch.h"
#include "pipeline/video_in.h"
#include "pipeline/video_whole.h"

#include <stdatomic.h>

struct gh_lane {
    /* set by its owner */
    const struct gh_ctx *ctx;
    int in_fd;
    const struct gh_probe *probe;
    struct gh_whole *whole; /* prove that the input is whole, beside the rest; NULL: no need */
    unsigned threads;       /* of the decoder */
    int64_t length_us;      /* of the source's picture */
    bool deinterlace;
    const atomic_bool *stop;                          /* give up */
    void (*sign)(struct gh_lane *lane, bool collect); /* of life, from its thread; collect: outputs may be complete */
    void *arg;
    /* its own */
    struct gh_vin *in;
    int64_t first_us;        /* container time of the first picture */
    _Atomic int64_t at_us;   /* of the latest picture, from the first */
    int64_t last_us;         /* where it ends */
    _Atomic uint64_t errors; /* of decoding, once that is over */
    uint64_t frames;
    struct gh_branch *branches[GH_JOB_MAX_ENCODES];
    size_t n_branches;
    struct gh_deint *deint;
};

/** Open the input. */
GH_MUST_USE int gh_lane_open(struct gh_lane *lane, struct gh_err *err);
/** The branch of this geometry and window, made when there is none yet. pic: without anything of the sound. */
struct gh_branch *gh_lane_branch(struct gh_lane *lane, const struct gh_pic *pic);
/** Whether it leaves the beginning of the input out. */
bool gh_lane_seeks(const struct gh_lane *lane);
/** Decode and encode until every branch has all it wants. The outcome of each output is in its branch. GH_INPUT when
 * the video was cut off, or nothing can be decoded. */
GH_MUST_USE int gh_lane_run(struct gh_lane *lane, struct gh_err *err);
/** Stop and free all that it owns, branches with their encodes. */
void gh_lane_close(struct gh_lane *lane);

#endif
