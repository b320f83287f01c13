/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watermark: a logo in a corner. Which one: the profile's own, else the department's; where there
 * is neither, nothing is painted. */
#include "filters/geometry.h"

#include "base/str.h"

enum { OPT_CORNER, OPT_SIZE, OPT_OPACITY, OPT_MARGIN, OPT_LOGO };

static const struct gh_option options[] = {
    [OPT_CORNER] = GH_OPT_OF_CORNER("bottom-right"),
    [OPT_SIZE] = {"size", "longer edge of the logo, percent of the picture's shorter edge",
                  GH_OPT_NUMBER, 1, 100, NULL, "14"},
    [OPT_OPACITY] = GH_OPT_OF_OPACITY("85"),
    [OPT_MARGIN] = GH_OPT_OF_MARGIN("3"),
    [OPT_LOGO] = {"logo", "file in logos/ beside ghat.conf; empty: the department's own",
                  GH_OPT_NAME, 0, 0, NULL, ""},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    const union gh_optval *v = use->val;
    uint32_t edge = gh_thousandths(v[OPT_SIZE].number);
    if (v[OPT_LOGO].name[0])
        GH_COPY(pic->watermark.id, v[OPT_LOGO].name);
    gh_pic_overlay(&pic->watermark, v[OPT_CORNER].choice, edge, edge, v[OPT_MARGIN].number,
                   v[OPT_OPACITY].number);
    return 0;
}

const struct gh_filter gh_filter_watermark = {
    .name = "watermark",
    .help = "a logo in a corner",
    .phase = GH_PHASE_OVERLAY,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
