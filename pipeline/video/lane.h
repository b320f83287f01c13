/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One decode of a video and the branches that get its pictures: of the whole video, or of a part of
 * it while other lanes decode the others, each in a thread of its own. A lane opens the input by
 * itself, and seeks when its branches begin late.
 */
#ifndef GH_PIPELINE_VIDEO_LANE_H
#define GH_PIPELINE_VIDEO_LANE_H

#include "pipeline/input/in.h"
#include "pipeline/video/branch.h"
#include "pipeline/video/whole.h"

#include <stdatomic.h>

struct gh_lane {
    /* set by its owner */
    const struct gh_ctx *ctx;
    int in_fd;
    const struct gh_probe *probe;
    struct gh_whole *whole; /* check in addition that the input is whole; NULL: not needed */
    unsigned threads;       /* of the decoder */
    unsigned beside;        /* lanes that run at the same time, this one among them */
    int64_t length_us;      /* of the source's film */
    bool deinterlace;
    const atomic_bool *stop; /* end as soon as possible */
    /* called in its thread every few pictures; complete: an output may be */
    void (*sign)(struct gh_lane *lane, bool complete);
    void *arg;
    /* its own */
    struct gh_vin *in;
    int64_t first_us;        /* container time at which the film begins */
    _Atomic int64_t at_us;   /* time of the latest picture, from that moment */
    int64_t last_us;         /* when it ends, as far as it counts */
    _Atomic int64_t end_us;  /* when it ends, as the source says */
    _Atomic uint64_t errors; /* of decoding, once it has ended */
    uint64_t frames;
    struct gh_branch *branches[GH_JOB_MAX_ENCODES];
    size_t n_branches;
    struct gh_deint *deint;
};

/** Open the input. Afterwards gh_lane_close, on failure too. */
GH_MUST_USE int gh_lane_open(struct gh_lane *lane, struct gh_err *err);
/** The branch of this geometry and window, made when there is none yet; the lane's. pic: compared
 * byte by byte, so nothing of the sound may differ. */
struct gh_branch *gh_lane_branch(struct gh_lane *lane, const struct gh_pic *pic);
/** Whether it does not decode the beginning of the input. */
bool gh_lane_seeks(const struct gh_lane *lane);
/** Decode and encode until every branch has all it wants. How each output ended is in its branch.
 * GH_INPUT: the video is truncated, or cannot be decoded; GH_AGAIN: stopped. */
GH_MUST_USE int gh_lane_run(struct gh_lane *lane, struct gh_err *err);
/** Stop and free everything it owns, branches and their encodes included. */
void gh_lane_close(struct gh_lane *lane);

#endif
