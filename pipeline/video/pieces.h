/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sharing the pictures of a video out among lanes (lane.h): where its encodes are cut into pieces,
 * and how the packets of the later pieces are appended to the first. A cut is where a GOP of the
 * encode may begin.
 */
#ifndef GH_PIPELINE_VIDEO_PIECES_H
#define GH_PIPELINE_VIDEO_PIECES_H

#include "pipeline/video/branch.h"

#define GH_LANES (GH_JOB_SHELVES + 1)

/** How many lanes there may be: one more than there are shelves for each encode, or 1 when the
 * input or a recipe does not allow more. */
unsigned gh_pieces_lanes(const struct gh_ctx *ctx, const struct gh_probe *probe,
                         const struct gh_recipe *recipes, size_t n);

struct gh_piece {
    unsigned lane;
    int64_t from, until; /* numbers of pictures; until INT64_MAX: to the end */
};
/**
 * Cut one encode that begins with picture from. bounds: lanes + 1 times in microseconds from the
 * first picture of the source. length_us: of this encode. Returns how many pieces there are, at
 * least one, in order.
 */
unsigned gh_pieces_of(const struct gh_recipe *recipe, int64_t from, int64_t length_us,
                      const int64_t *bounds, unsigned lanes, struct gh_piece ret[GH_LANES]);

/* The pieces of one encode, all of them ready. */
struct gh_joint {
    struct gh_branch_out *outs[GH_LANES];
    unsigned n;
};
/**
 * Join and complete n encodes: the first output of each gets the result, or fails. All advance
 * together, so that few packets of the sound they share have to be kept. sign: called after every
 * step.
 */
void gh_pieces_join(struct gh_joint *joints, size_t n, void (*sign)(void *arg), void *arg);

#endif
