/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crop: cut the edges off a picture whose shape (width / height) lies outside a range, down to the
 * nearest shape inside it. */
#include "filters/geometry.h"

#include <math.h>

enum { OPT_MIN, OPT_MAX, OPT_GRAVITY };

static const struct gh_option options[] = {
    [OPT_MIN] = {"min", "smallest width / height", GH_OPT_NUMBER, 0.01, 100, NULL, "0.01"},
    [OPT_MAX] = {"max", "largest width / height", GH_OPT_NUMBER, 0.01, 100, NULL, "100"},
    [OPT_GRAVITY] = {"gravity", "what to keep of photos; a focal point set by a person wins",
                     GH_OPT_ENUM, 0, 0, "centre|attention", "centre"},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    double min = use->val[OPT_MIN].number, max = GH_MAX(use->val[OPT_MAX].number, min);
    double shape = (double)pic->crop.w / pic->crop.h;
    struct gh_rect before = pic->crop;
    if (shape >= min && shape <= max)
        return 0;
    gh_pic_crop(pic, shape > max ? max : min, 1,
                use->val[OPT_GRAVITY].choice == 1 && pic->align == 1);
    gh_pic_scale(pic, gh_align_near((double)pic->content_w * pic->crop.w / before.w, pic->align),
                 gh_align_near((double)pic->content_h * pic->crop.h / before.h, pic->align));
    return 0;
}

const struct gh_filter gh_filter_crop = {
    .name = "crop",
    .help = "cut edges off until the shape lies in a range",
    .phase = GH_PHASE_GEOMETRY,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 3,
    .options = options,
    .apply = apply,
};
