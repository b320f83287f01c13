/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Painters work on small copies where they can. Class: GH_SYSTEM (memory). */
#include "pipeline/photo_paint.h"

#include "pipeline/resample.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ blurred background
 */

#define BLUR_EDGE 64 /* pixels of the small copy's longer edge: blur enough by itself */
#define BLUR_PASSES 2
#define DARKEN 205 /* of 256: the background steps back behind the picture */

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

/* One bar of the canvas, from the small copy that stands for the whole canvas. */
static int paint_bar(struct gh_planes *canvas, const struct gh_planes *small, struct gh_rect bar, struct gh_err *err)
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

int gh_paint_blur(struct gh_planes *canvas, const struct gh_planes *src, const struct gh_pic *pic, struct gh_err *err)
{
    /* the part of the crop that has the canvas's shape */
    double w = pic->crop.w, h = pic->crop.h, shape = (double)canvas->w / canvas->h;
    if (w > h * shape)
        w = h * shape;
    else
        h = w / shape;
    double f = (double)BLUR_EDGE / GH_MAX(canvas->w, canvas->h);
    GH_AUTO_PLANES small = {0};
    TRY(gh_planes_new(GH_MAX((uint32_t)(canvas->w * f + 0.5), 1u), GH_MAX((uint32_t)(canvas->h * f + 0.5), 1u),
                      canvas->n, 0, 0, 0, &small, err));
    TRY(gh_resample(src, pic->crop.x + (pic->crop.w - w) / 2, pic->crop.y + (pic->crop.h - h) / 2, w, h, GH_KERNEL_SOFT,
                    &small, err));
    soften(&small);
    /* from here on the small copy is a picture of the canvas, in the canvas's pixels */
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

/* ------------------------------------------------------------------------------------------------ sharpening */

static inline int at(const uint8_t *row, uint32_t x)
{
    return row[x];
}

/* Difference from the weighted mean of 3 × 3 (1 2 1), added percent times. above may be the row as it was before. */
static void sharpen_row(const uint8_t *above, const uint8_t *row, const uint8_t *below, uint8_t *out, uint32_t w,
                        int amount)
{
    for (uint32_t x = 0; x < w; x++) {
        uint32_t l = x ? x - 1 : 0, r = GH_MIN(x + 1, w - 1);
        int mean = at(above, l) + 2 * at(above, x) + at(above, r) + 2 * at(row, l) + 4 * at(row, x) + 2 * at(row, r) +
                   at(below, l) + 2 * at(below, x) + at(below, r);
        int v = at(row, x) + ((16 * at(row, x) - mean) * amount) / (16 * 100);
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
        sharpen_row(above, here, l->data + l->stride * GH_MIN(y + 1, l->h - 1), out, l->w, (int)GH_MIN(percent, 500u));
        memcpy(row, out, l->w);
        uint8_t *swap = above;
        above = here;
        here = swap;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------ attention */

#define FACE_ROWS 4    /* of the small copy */
#define ATTEND_EDGE 96 /* pixels of the small copy's longer edge */

static bool is_skin(int l, int cb, int cr)
{
    return l > 40 && l < 240 && cb >= -48 && cb <= -2 && cr >= 8 && cr <= 42;
}

/* Weight of one pixel: as libvips' attention does, edges, skin and saturation, none of it in the dark. */
static double weigh(const struct gh_planes *p, uint32_t x, uint32_t y)
{
    const struct gh_plane *l = &p->p[0];
    const uint8_t *row = l->data + l->stride * y;
    int here = row[x], right = row[GH_MIN(x + 1, p->w - 1)], below = l->data[l->stride * GH_MIN(y + 1, p->h - 1) + x];
    int cb = p->p[1].data[p->p[1].stride * y + x] - 128, cr = p->p[2].data[p->p[2].stride * y + x] - 128;
    double edge = abs(here - right) + abs(here - below);
    double colour = here > 16 ? abs(cb) + abs(cr) : 0;
    return edge + colour / 4 + (is_skin(here, cb, cr) ? 40 : 0);
}

/* Heads are in the upper half of tall pictures: full weight above a third, a quarter at the bottom. */
static double height_bias(const struct gh_planes *p, uint32_t y)
{
    if (p->h <= p->w)
        return 1;
    double from = (double)y / p->h;
    return from < 0.34 ? 1 : 1 - 0.75 * (from - 0.34) / 0.66;
}

/* Where a window of length n over sums (m of them) holds most; ties and near ties go to the middle. */
static uint32_t best_start(const double *sums, uint32_t m, uint32_t n)
{
    double sum = 0, best = -1, all = 0;
    uint32_t at_best = (m - n) / 2;
    for (uint32_t i = 0; i < m; i++)
        all += sums[i];
    for (uint32_t i = 0; i < n; i++)
        sum += sums[i];
    for (uint32_t i = 0; i + n <= m; i++) {
        double off = m > n ? ((double)i - (m - n) / 2.0) / (m - n) : 0;
        double score = sum - 0.04 * all * off * off;
        if (score > best) {
            best = score;
            at_best = i;
        }
        if (i + n < m)
            sum += sums[i + n] - sums[i];
    }
    return at_best;
}

/* Row where the uppermost patch of skin begins that may be a face: a few rows, each wide enough but no background. */
static uint32_t first_face(const struct gh_planes *p)
{
    uint32_t run = 0;
    for (uint32_t y = 0; y < p->h; y++) {
        uint32_t n = 0;
        for (uint32_t x = 0; x < p->w; x++)
            n += is_skin(p->p[0].data[p->p[0].stride * y + x], p->p[1].data[p->p[1].stride * y + x] - 128,
                         p->p[2].data[p->p[2].stride * y + x] - 128);
        run = n >= GH_MAX(p->w / 14, 2u) && n <= p->w * 6 / 10 ? run + 1 : 0;
        if (run == FACE_ROWS)
            return y + 1 - run;
    }
    return p->h;
}

/* Whatever else catches the eye: heads stay whole, with some room for the hair above the skin. */
static uint32_t above_faces(const struct gh_planes *p, uint32_t start, uint32_t n)
{
    uint32_t face = first_face(p), hair = n / 6;
    return GH_MIN(start, face > hair ? face - hair : 0);
}

int gh_attend(const struct gh_planes *src, struct gh_rect *crop, struct gh_err *err)
{
    uint32_t full_w = (uint32_t)src->ref_w, full_h = (uint32_t)src->ref_h;
    if (crop->w > full_w || crop->h > full_h)
        return 0;
    double f = (double)ATTEND_EDGE / GH_MAX(full_w, full_h);
    uint32_t w = GH_MAX((uint32_t)(full_w * f + 0.5), 1u), h = GH_MAX((uint32_t)(full_h * f + 0.5), 1u);
    GH_AUTO_PLANES small = {0};
    TRY(gh_planes_new(w, h, 3, 0, 0, 0, &small, err));
    TRY(gh_resample(src, 0, 0, src->ref_w, src->ref_h, GH_KERNEL_SOFT, &small, err));
    double columns[ATTEND_EDGE + 1] = {0}, rows[ATTEND_EDGE + 1] = {0};
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++) {
            double v = weigh(&small, x, y) * height_bias(&small, y);
            columns[GH_MIN(x, (uint32_t)ATTEND_EDGE)] += v;
            rows[GH_MIN(y, (uint32_t)ATTEND_EDGE)] += v;
        }
    uint32_t cw = GH_CLAMP((uint32_t)((double)crop->w * w / full_w + 0.5), 1u, w),
             ch = GH_CLAMP((uint32_t)((double)crop->h * h / full_h + 0.5), 1u, h);
    uint32_t x = crop->w < full_w ? (uint32_t)((double)best_start(columns, w, cw) * full_w / w) : 0;
    uint32_t y =
        crop->h < full_h ? (uint32_t)((double)above_faces(&small, best_start(rows, h, ch), ch) * full_h / h) : 0;
    crop->x = GH_MIN(x, full_w - crop->w);
    crop->y = GH_MIN(y, full_h - crop->h);
    return 0;
}
