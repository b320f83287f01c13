/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Photos, as the rest of the worker sees them: warm up, probe, render. */
#ifndef GH_PIPELINE_PHOTO_PHOTO_H
#define GH_PIPELINE_PHOTO_PHOTO_H

#include "pipeline/pipeline.h"

/** In the nursery, before any fork: load and register. Decodes no pixel, starts no thread. */
GH_MUST_USE int gh_photo_warm(struct gh_err *err);
/** What the photo in fd (borrowed) is. format: as gh_sniff named it. GH_INPUT: damaged; GH_LIMIT:
 * names the limit. */
GH_MUST_USE int gh_photo_probe(const struct gh_ctx *ctx, int fd, const char *format,
                               enum gh_probe_depth depth, struct gh_probe *ret, struct gh_err *err);
/**
 * Decode once, make every recipe, report each through ctx->result. out_fds[i] belongs to
 * recipes[i]; all stay the caller's. Fails as a whole only when the input cannot be decoded; one
 * recipe that cannot be met is a result with its class.
 */
GH_MUST_USE int gh_photo_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                                const struct gh_recipe *recipes, const int *out_fds, size_t n,
                                struct gh_err *err);

struct AVFrame;
/** One photo out of a decoded picture of a video. frame (borrowed): upright 8-bit YUV of any
 * subsampling, its colour tags set; recipe->pic applies to it. Fills *ret but its index. */
GH_MUST_USE int gh_photo_from_frame(const struct gh_ctx *ctx, const struct AVFrame *frame,
                                    const struct gh_recipe *recipe, int out_fd,
                                    struct gh_result *ret, struct gh_err *err);

#endif
