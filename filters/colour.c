/* SPDX-License-Identifier: GPL-3.0-or-later */
/* colour: the colour space of the output: sRGB for photos, BT.709 for videos. HDR (PQ, HLG) is
 * tone-mapped. */
#include "filters/filter.h"

enum { OPT_TO, OPT_BACKGROUND };

static const struct gh_option options[] = {
    [OPT_TO] = {"to", "srgb for photos, bt709 for videos", GH_OPT_ENUM, 0, 0, "srgb|bt709", NULL},
    [OPT_BACKGROUND] = {"background", "what lies under transparent pixels", GH_OPT_COLOUR, 0, 0,
                        NULL, "#ffffff"},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)err;
    pic->colour = use->val[OPT_TO].choice == 0 ? GH_COLOUR_SRGB : GH_COLOUR_BT709;
    pic->tonemap = pic->src_colour == GH_COLOUR_PQ || pic->src_colour == GH_COLOUR_HLG;
    pic->background = probe->has_alpha ? use->val[OPT_BACKGROUND].rgb : 0;
    return 0;
}

const struct gh_filter gh_filter_colour = {
    .name = "colour",
    .help = "convert to sRGB or BT.709, tone-mapping HDR",
    .phase = GH_PHASE_COLOUR,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 2,
    .options = options,
    .apply = apply,
};
