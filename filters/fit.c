/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit: bring the picture to one of several sizes. inside: as large as goes into one of the boxes,
 * never enlarged; crop and pad: exactly the size nearest in shape, filled by cutting edges off or
 * by padding.
 */
#include "filters/geometry.h"

#include <math.h>

enum { OPT_MODE, OPT_SIZES, OPT_GRAVITY, OPT_PAD, OPT_RGB };
enum { INSIDE, CROP, PAD };

static const struct gh_option options[] = {
    [OPT_MODE] = {"mode", "inside a box, or exactly a size by cropping or padding", GH_OPT_ENUM, 0,
                  0, "inside|crop|pad", NULL},
    [OPT_SIZES] = {"sizes", "boxes or sizes to choose from, best first", GH_OPT_SIZES, 2, 16384,
                   NULL, NULL},
    [OPT_GRAVITY] = {"gravity",
                     "what to keep when cropping photos; a focal point set by a person wins",
                     GH_OPT_ENUM, 0, 0, "centre|attention", "centre"},
    [OPT_PAD] = {"pad", "what to pad with", GH_OPT_ENUM, 0, 0, "colour|blur", "blur"},
    [OPT_RGB] = {"rgb", "colour to pad with", GH_OPT_COLOUR, 0, 0, NULL, "#000000"},
    {0},
};

/* Content of the picture's shape in a box: rounded to nearest, but never larger than the box. */
static void inside(const struct gh_pic *pic, uint32_t box_w, uint32_t box_h, bool enlarge,
                   uint32_t *ret_w, uint32_t *ret_h)
{
    double f = GH_MIN((double)box_w / pic->crop.w, (double)box_h / pic->crop.h);
    if (!enlarge)
        f = GH_MIN(f, 1.0);
    *ret_w = GH_MIN(gh_align_near(pic->crop.w * f, pic->align), gh_align_down(box_w, pic->align));
    *ret_h = GH_MIN(gh_align_near(pic->crop.h * f, pic->align), gh_align_down(box_h, pic->align));
}

static void fit_inside(struct gh_pic *pic, const union gh_optval *sizes)
{
    uint32_t best_w = 0, best_h = 0;
    for (uint32_t i = 0; i < sizes->sizes.n; i++) {
        uint32_t w, h;
        inside(pic, sizes->sizes.s[i].w, sizes->sizes.s[i].h, false, &w, &h);
        if ((uint64_t)w * h > (uint64_t)best_w * best_h) {
            best_w = w;
            best_h = h;
        }
    }
    gh_pic_scale(pic, best_w, best_h);
}

static uint32_t nearest_shape(const struct gh_pic *pic, const union gh_optval *sizes)
{
    double shape = log((double)pic->crop.w / pic->crop.h), least = INFINITY;
    uint32_t best = 0;
    for (uint32_t i = 0; i < sizes->sizes.n; i++) {
        if (pic->canvas_w == gh_align_down(sizes->sizes.s[i].w, pic->align) &&
            pic->canvas_h == gh_align_down(sizes->sizes.s[i].h, pic->align))
            return i; /* it has been fitted already, or came in that size */
        double off = fabs(log((double)sizes->sizes.s[i].w / sizes->sizes.s[i].h) - shape);
        if (off < least - 1e-12) {
            least = off;
            best = i;
        }
    }
    return best;
}

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)probe;
    (void)err;
    const union gh_optval *sizes = &use->val[OPT_SIZES];
    if (use->val[OPT_MODE].choice == INSIDE) {
        fit_inside(pic, sizes);
        return 0;
    }
    uint32_t i = nearest_shape(pic, sizes);
    uint32_t w = gh_align_down(sizes->sizes.s[i].w, pic->align),
             h = gh_align_down(sizes->sizes.s[i].h, pic->align);
    if (use->val[OPT_MODE].choice == CROP) {
        /* Only for photos: in a video one crop holds for every frame. */
        gh_pic_crop(pic, w, h, use->val[OPT_GRAVITY].choice == 1 && pic->align == 1);
        gh_pic_scale(pic, w, h);
        return 0;
    }
    uint32_t content_w, content_h;
    inside(pic, w, h, true, &content_w, &content_h);
    gh_pic_scale(pic, content_w, content_h);
    gh_pic_pad(pic, w, h, use->val[OPT_PAD].choice == 1 ? GH_PAD_BLUR : GH_PAD_COLOUR,
               use->val[OPT_RGB].rgb);
    return 0;
}

bool gh_fit_crops(const struct gh_filter_use *fit)
{
    return fit->val[OPT_MODE].choice == CROP;
}

const struct gh_filter gh_filter_fit = {
    .name = "fit",
    .help = "scale into a box, or to an exact size by cropping or padding",
    .phase = GH_PHASE_GEOMETRY,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 3,
    .options = options,
    .apply = apply,
};
