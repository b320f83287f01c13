/* SPDX-License-Identifier: GPL-3.0-or-later */
/* orient: turns and mirrors the picture upright, from EXIF orientation or a display matrix, before
 * anything is measured on it. */
#include "filters/geometry.h"

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)use;
    (void)err;
    pic->orient = probe->orient >= 1 && probe->orient <= 8 ? probe->orient : 1;
    pic->src_w = probe->w;
    pic->src_h = probe->h;
    gh_pic_whole(pic);
    return 0;
}

const struct gh_filter gh_filter_orient = {
    .name = "orient",
    .help = "turn and mirror the picture upright",
    .phase = GH_PHASE_ORIENT,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 1,
    .apply = apply,
};
