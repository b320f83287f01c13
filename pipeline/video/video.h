/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Videos, as the rest of the worker sees them: warm up, probe, render. */
#ifndef GH_PIPELINE_VIDEO_VIDEO_H
#define GH_PIPELINE_VIDEO_VIDEO_H

#include "pipeline/pipeline.h"

/** In the nursery, before any fork: load and look up. Decodes no picture, starts no thread. */
GH_MUST_USE int gh_video_warm(struct gh_err *err);
/** What the video in fd (borrowed) is. GH_INPUT: damaged, or none; GH_LIMIT: names the limit. */
GH_MUST_USE int gh_video_probe(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                               struct gh_probe *ret, struct gh_err *err);
/**
 * Make every recipe, report each through ctx->result, from the calling thread. out_fds[i] belongs
 * to recipes[i]; all stay the caller's. Fails as a whole only when the input cannot be decoded; one
 * recipe that cannot be met is a result with its class.
 */
GH_MUST_USE int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                                const struct gh_recipe *recipes, const int *out_fds, size_t n,
                                struct gh_err *err);

#endif
