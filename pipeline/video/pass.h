/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passing a video through: the coded picture and sound as they are, in a new container without
 * anything else. */
#ifndef GH_PIPELINE_VIDEO_PASS_H
#define GH_PIPELINE_VIDEO_PASS_H

#include "pipeline/input/in.h"

/**
 * Rewrite in_fd into out_fd (both borrowed): its picture and sound, moov first, no edit list, no
 * user data in the bitstream, both starting at the same moment and ending with the picture. Fills
 * *ret but its index, and *ret_fingerprint with what was seen when it was decoded whole
 * (ctx->seen). GH_LIMIT: larger than recipe->bytes_max, or it has no time stamps.
 */
GH_MUST_USE int gh_video_pass(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                              const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                              struct gh_fingerprint *ret_fingerprint, struct gh_err *err);

#endif
