/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preview is a photo like any other: the whole picture, upright, in sRGB, made smaller. */
#include "daemon/plan/preview.h"

#include "filters/geometry.h"

#include <string.h>

#define QUALITY 72     /* a card of 360 pixels is some 15 kB then */
#define QUALITY_MIN 40 /* of pictures that are mostly noise … */
#define BYTES_MAX 1000000
#define EDGE_MIN 120   /* … and the least they shrink to */
#define PAPER 0xffffff /* under transparent pixels */

static void describe_whole(const struct gh_probe *probe, uint32_t edge, struct gh_pic *ret)
{
    *ret = gh_pic_of(probe, GH_PHOTO);
    ret->orient = GH_CLAMP(probe->orient, 1u, 8u);
    ret->src_w = probe->w;
    ret->src_h = probe->h;
    gh_pic_whole(ret);
    gh_pic_shrink(ret, edge, edge);
    ret->colour = GH_COLOUR_SRGB;
    ret->tonemap = ret->src_colour == GH_COLOUR_PQ || ret->src_colour == GH_COLOUR_HLG;
    ret->background = probe->has_alpha ? PAPER : 0;
}

void gh_plan_previews(const struct gh_probe *probe, unsigned set, struct gh_plan *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (probe->media != GH_VIDEO)
        set &= ~GH_PREVIEW_SET_STILLS;
    for (unsigned p = 0; p < GH_PREVIEWS; p++) {
        if (!(set & 1u << p))
            continue;
        struct gh_recipe *r = &ret->encodes[ret->n_encodes++];
        r->media = GH_PHOTO;
        r->how = GH_HOW_ENCODE;
        r->policy = GH_POLICY_STRIP;
        r->bytes_max = BYTES_MAX;
        describe_whole(probe, gh_preview_edge((enum gh_preview)p), &r->pic);
        if (probe->media == GH_VIDEO) /* its poster: a picture that shows something */
            r->pic.start_us = p >= GH_PREVIEW_STILL
                                  ? gh_preview_moment_us((enum gh_preview)p, probe->duration_us)
                                  : -1;
        r->photo = (struct gh_photo_out){.quality = QUALITY,
                                         .quality_min = QUALITY_MIN,
                                         .subsampling = 420,
                                         .shrink_min = EDGE_MIN};
    }
}
