/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sharpen: restores the sharpness that a photo loses when it is reduced; other pictures stay as
 * they are. */
#include "filters/filter.h"

enum { OPT_AMOUNT };

static const struct gh_option options[] = {
    [OPT_AMOUNT] = {"amount", "percent of an unsharp mask one pixel wide", GH_OPT_INT, 0, 200, NULL,
                    "30"},
    {0},
};

#define REDUCED 1.1 /* reducing by less loses hardly any sharpness */

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    bool reduced = pic->crop.w > pic->content_w * REDUCED;
    pic->sharpen = reduced ? (uint32_t)use->val[OPT_AMOUNT].number : 0;
    return 0;
}

const struct gh_filter gh_filter_sharpen = {
    .name = "sharpen",
    .help = "sharpen what was made smaller",
    .phase = GH_PHASE_DETAIL,
    .media = 1u << GH_PHOTO,
    .version = 1,
    .options = options,
    .apply = apply,
};
