/* SPDX-License-Identifier: GPL-3.0-or-later */
/* label: the department's name in a corner, in its own script, on a dark ground. Without a name
 * nothing is painted. */
#include "filters/geometry.h"

enum { OPT_CORNER, OPT_SIZE, OPT_OPACITY, OPT_MARGIN };

static const struct gh_option options[] = {
    [OPT_CORNER] = GH_OPT_OF_CORNER("bottom-left"),
    [OPT_SIZE] = {"size", "height of the label, percent of the picture's shorter edge",
                  GH_OPT_NUMBER, 1, 25, NULL, "5"},
    [OPT_OPACITY] = GH_OPT_OF_OPACITY("100"),
    [OPT_MARGIN] = GH_OPT_OF_MARGIN("3"),
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    const union gh_optval *v = use->val;
    gh_pic_overlay(&pic->label, v[OPT_CORNER].choice, 0, gh_thousandths(v[OPT_SIZE].number),
                   v[OPT_MARGIN].number, v[OPT_OPACITY].number);
    return 0;
}

const struct gh_filter gh_filter_label = {
    .name = "label",
    .help = "the department's name in a corner",
    .phase = GH_PHASE_OVERLAY,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
