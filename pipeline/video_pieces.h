/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sharing the pictures of a video out among lanes (video_lane.h): where its encodes are cut into pieces, and how what
 * was made of the later ones is put behind the first. Cuts lie where a GOP of every encode may begin.
 */
#ifndef GH_PIPELINE_VIDEO_PIECES_H
#define GH_PIPELINE_VIDEO_PIECES_H

#include "pipeline/video_branch.h"

#define GH_LANES (GH_JOB_SHELVES + 1)

/** How many lanes there may be: one more than there are shelves for each encode; 1 when the input or a recipe do not
 * allow more. */
unsigned gh_pieces_lanes(const struct gh_ctx *ctx, const struct gh_probe *probe, const struct gh_recipe *recipes,
                         size_t n);

struct gh_piece {
    unsigned lane;
    int64_t from, until; /* pictures; until INT64_MAX: to the end */
};
/**
 * Cut one encode that begins with picture from. bounds: lanes + 1 moments, from the first picture of the source.
 * length_us: of this encode. Returns how many pieces there are, at least one, in order.
 */
unsigned gh_pieces_of(const struct gh_recipe *recipe, int64_t from, int64_t length_us, const int64_t *bounds,
                      unsigned lanes, struct gh_piece ret[GH_LANES]);

struct gh_joint { /* the pieces of one encode, all of them ready */
    struct gh_branch_out *outs[GH_LANES];
    unsigned n;
};
/**
 * Complete the files: the first output of each gets the result, or has failed. All go on together, so that sound they
 * share waits for none. sign: of life.
 */
void gh_pieces_join(struct gh_joint *joints, size_t n, void (*sign)(void *arg), void *arg);

#endif
