/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thumbnail: a picture of the video that is not black, blurred or of one colour, or the one at a
 * given moment. */
#ifndef GH_PIPELINE_VIDEO_THUMB_H
#define GH_PIPELINE_VIDEO_THUMB_H

#include "pipeline/input/in.h"

/**
 * Take the picture at recipe->pic's start_us (-1: choose one), make it upright BT.709 at the source
 * size of recipe->pic, and give it to gh_photo_from_frame. Fills *ret but its index. GH_INPUT: no
 * picture can be decoded.
 */
GH_MUST_USE int gh_video_thumb(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                               const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                               struct gh_err *err);

#endif
