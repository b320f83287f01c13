/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pad: widen or heighten the canvas of a picture whose shape lies outside a range, rounding into
 * the range. Comes after fit. */
#include "filters/geometry.h"

enum { OPT_MIN, OPT_MAX, OPT_PAD, OPT_RGB };

static const struct gh_option options[] = {
    [OPT_MIN] = {"min", "smallest width / height", GH_OPT_NUMBER, 0.01, 100, NULL, "0.01"},
    [OPT_MAX] = {"max", "largest width / height", GH_OPT_NUMBER, 0.01, 100, NULL, "100"},
    [OPT_PAD] = {"pad", "what to pad with", GH_OPT_ENUM, 0, 0, "colour|blur", "blur"},
    [OPT_RGB] = {"rgb", "colour to pad with", GH_OPT_COLOUR, 0, 0, NULL, "#000000"},
    {0},
};

#define ROUNDS 200

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    double min = use->val[OPT_MIN].number, max = GH_MAX(use->val[OPT_MAX].number, min);
    uint32_t w = pic->canvas_w, h = pic->canvas_h;
    /* Rounding up to whole steps may jump over a narrow range: go on until inside. */
    for (int round = 0; round < ROUNDS; round++) {
        if (w < h * min)
            w = gh_align_up(h * min, pic->align);
        else if (w > h * max)
            h = gh_align_up(w / max, pic->align);
        else
            break;
    }
    if (w == pic->canvas_w && h == pic->canvas_h)
        return 0;
    gh_pic_pad(pic, w, h, use->val[OPT_PAD].choice == 1 ? GH_PAD_BLUR : GH_PAD_COLOUR,
               use->val[OPT_RGB].rgb);
    return 0;
}

const struct gh_filter gh_filter_pad = {
    .name = "pad",
    .help = "pad until the shape lies in a range",
    .phase = GH_PHASE_GEOMETRY,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
