/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture that stands for a video: not black, not blurred, not one colour; or the one at a moment somebody chose. */
#ifndef GH_PIPELINE_VIDEO_THUMB_H
#define GH_PIPELINE_VIDEO_THUMB_H

#include "pipeline/video_in.h"

/**
 * Choose (start_us -1) or take the picture at start_us, make it upright BT.709 at recipe->pic's source size, and give
 * it to gh_photo_from_frame. Fills *ret but its index.
 */
GH_MUST_USE int gh_video_thumb(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                               const struct gh_recipe *recipe, int out_fd, struct gh_result *ret, struct gh_err *err);
/** How much a picture says, from its luma; larger is better, below 0 is black, white or empty. */
double gh_picture_score(const AVFrame *frame);

#endif
