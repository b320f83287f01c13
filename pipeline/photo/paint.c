/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blurring works on a small copy of the picture, sharpening on its luma, in place. Class: GH_SYSTEM
 * (memory). */
#include "pipeline/photo/paint.h"

#include "pipeline/photo/resample.h"

#include <string.h>

/* --------------------------------------------------------------------------- blurred background */

/* Pixels of the small copy's longer edge: so few that enlarging it blurs. */
#define BLUR_EDGE 64
#define BLUR_PASSES 2
#define DARKEN 205 /* of 256: so that the picture stands out from its background */

/* Box of three, edges repeated, along rows (step 1) or columns (step stride). */
static void box3(uint8_t *line, uint32_t n, size_t step)
{
    unsigned before = line[0];
    for (uint32_t i = 0; i < n; i++) {
        unsigned here = line[i * step], after = line[GH_MIN(i + 1, n - 1) * step];
        line[i * step] = (uint8_t)((before + here + after + 1) / 3);
        before = here;
    }
}

static void soften(struct gh_planes *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct gh_plane *c = &p->p[i];
        for (int pass = 0; pass < BLUR_PASSES; pass++) {
            for (uint32_t y = 0; y < c->h; y++)
                box3(c->data + c->stride * y, c->w, 1);
            for (uint32_t x = 0; x < c->w; x++)
                box3(c->data + x, c->h, c->stride);
        }
    }
    for (uint32_t y = 0; y < p->h; y++)
        for (uint32_t x = 0; x < p->w; x++) {
            uint8_t *v = &p->p[0].data[p->p[0].stride * y + x];
            *v = (uint8_t)(*v * DARKEN >> 8);
        }
}

/* One bar of the canvas, from the small copy of the whole canvas. */
static int paint_bar(struct gh_planes *canvas, const struct gh_planes *small, struct gh_rect bar,
                     struct gh_err *err)
{
    if (!bar.w || !bar.h)
        return 0;
    GH_AUTO_PLANES piece = {0};
    bool half = canvas->n == 3 && canvas->p[1].w != canvas->w;
    TRY(gh_planes_new(bar.w, bar.h, canvas->n, half ? 1 : 0, bar.x, bar.y, &piece, err));
    TRY(gh_resample(small, bar.x, bar.y, bar.w, bar.h, GH_KERNEL_SOFT, &piece, err));
    gh_planes_paste(canvas, &piece, bar.x, bar.y);
    return 0;
}

int gh_paint_blur(struct gh_planes *canvas, const struct gh_planes *src, const struct gh_pic *pic,
                  struct gh_err *err)
{
    /* the part of the crop that has the canvas's shape */
    double w = pic->crop.w, h = pic->crop.h, shape = (double)canvas->w / canvas->h;
    if (w > h * shape)
        w = h * shape;
    else
        h = w / shape;
    double f = (double)BLUR_EDGE / GH_MAX(canvas->w, canvas->h);
    GH_AUTO_PLANES small = {0};
    TRY(gh_planes_new(GH_MAX((uint32_t)(canvas->w * f + 0.5), 1u),
                      GH_MAX((uint32_t)(canvas->h * f + 0.5), 1u), canvas->n, 0, 0, 0, &small,
                      err));
    TRY(gh_resample(src, pic->crop.x + (pic->crop.w - w) / 2, pic->crop.y + (pic->crop.h - h) / 2,
                    w, h, GH_KERNEL_SOFT, &small, err));
    soften(&small);
    /* from here on the small copy shows the canvas, in the canvas's coordinates */
    for (uint32_t i = 0; i < small.n; i++) {
        small.p[i].x0 = small.p[i].y0 = 0;
        small.p[i].dx = (double)small.w / canvas->w;
        small.p[i].dy = (double)small.h / canvas->h;
    }
    small.ref_w = canvas->w;
    small.ref_h = canvas->h;
    uint32_t right = pic->x + pic->content_w, below = pic->y + pic->content_h;
    const struct gh_rect bars[] = {
        {0, 0, canvas->w, pic->y},
        {0, below, canvas->w, canvas->h - below},
        {0, pic->y, pic->x, pic->content_h},
        {right, pic->y, canvas->w - right, pic->content_h},
    };
    for (size_t i = 0; i < GH_LEN(bars); i++)
        TRY(paint_bar(canvas, &small, bars[i], err));
    return 0;
}

/* ----------------------------------------------------------------------------------- sharpening */

#define MOST_PERCENT 500u
#define WEIGHTS 16 /* the sum of the nine */

static inline int at(const uint8_t *row, uint32_t x)
{
    return row[x];
}

/* Add amount percent of the difference from the weighted mean of 3 × 3 (1 2 1). above: the row
 * before as it was. */
static void sharpen_row(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                        uint8_t *out, uint32_t w, int amount)
{
    for (uint32_t x = 0; x < w; x++) {
        uint32_t l = x ? x - 1 : 0, r = GH_MIN(x + 1, w - 1);
        int mean = at(above, l) + 2 * at(above, x) + at(above, r) + 2 * at(row, l) +
                   4 * at(row, x) + 2 * at(row, r) + at(below, l) + 2 * at(below, x) + at(below, r);
        int v = at(row, x) + ((WEIGHTS * at(row, x) - mean) * amount) / (WEIGHTS * 100);
        out[x] = (uint8_t)GH_CLAMP(v, 0, 255);
    }
}

int gh_paint_sharpen(struct gh_planes *p, uint32_t percent, struct gh_err *err)
{
    struct gh_plane *l = &p->p[0];
    GH_AUTO_FREE uint8_t *lines = malloc((size_t)l->w * 3);
    if (!lines)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    uint8_t *above = lines, *here = lines + l->w, *out = lines + 2 * (size_t)l->w;
    memcpy(above, l->data, l->w);
    for (uint32_t y = 0; y < l->h; y++) {
        uint8_t *row = l->data + l->stride * y;
        memcpy(here, row, l->w);
        sharpen_row(above, here, l->data + l->stride * GH_MIN(y + 1, l->h - 1), out, l->w,
                    (int)GH_MIN(percent, MOST_PERCENT));
        memcpy(row, out, l->w);
        uint8_t *swap = above;
        above = here;
        here = swap;
    }
    return 0;
}
