/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gathering a look (base/look.h): of the source from the frames that are decoded anyway, of an output by decoding some
 * of its key pictures and its sound while its packets are read. Nothing here fails an input: what cannot be looked at
 * is left out.
 */
#ifndef GH_PIPELINE_VIDEO_LOOK_H
#define GH_PIPELINE_VIDEO_LOOK_H

#include "base/look.h"
#include "pipeline/video_in.h"

/**
 * Sample a picture. pic: the part its crop names, turned upright by its orient; NULL: area of the stored picture (all
 * of it when area is NULL or empty). False when its samples cannot be read as brightness.
 */
bool gh_glance_take(const AVFrame *frame, const struct gh_pic *pic, const struct gh_rect *area, int64_t at_us,
                    struct gh_glance *ret);
/** Add a decoded piece of sound that starts at at_us. */
void gh_levels_take(struct gh_levels *levels, const AVFrame *sound, int64_t at_us);

struct gh_looker;
/** area: what of the picture counts. in is borrowed. NULL when this file's picture cannot be looked at. */
struct gh_looker *gh_looker_new(const struct gh_ctx *ctx, const struct gh_vin *in, const struct gh_rect *area,
                                struct gh_look *look);
void gh_looker_free(struct gh_looker **l);
/** One packet of either stream, in the order of the file. Borrowed. */
void gh_looker_packet(struct gh_looker *l, const AVPacket *pkt);

#endif
