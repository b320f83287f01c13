/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work on 8-bit planes: BT.601 to BT.709, padding. Plain loops that the compiler
 * vectorises. Cannot fail.
 */
#include "pipeline/video/graph.h"

#include "base/str.h"

#include <string.h>

#ifdef __clang__
#define HOT
#else
/* gcc 12 vectorises loops of unknown length at -O3 only */
#define HOT __attribute__((optimize("O3")))
#endif

/* --------------------------------------------------------------------------------------- matrix */

/*
 * With R'G'B' of BT.601 put into BT.709 (ITU-R BT.601-7, BT.709-6), Cb and Cr around 0 and limited
 * range on both sides:
 *
 *   Y709  = Y + YA Cb + YB Cr
 *   Cb709 =     BC Cb + BD Cr
 *   Cr709 =     RE Cb + RF Cr
 *
 * Computed from Kr, Kb = 0.299, 0.114 and 0.2126, 0.0722, with the scales of luma and chroma, 219
 * and 224.
 */
#define YA -0.11555f
#define YB -0.20794f
#define BC 1.01864f
#define BD 0.11462f
#define RE 0.07505f
#define RF 1.02533f
#define Q 14 /* fractional bits */
#define FIX(v) ((int)((v) * (1 << Q) + ((v) < 0 ? -0.5f : 0.5f)))

static inline uint8_t clip(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

HOT static void matrix_rows(uint8_t *y0, uint8_t *y1, uint8_t *restrict cb, uint8_t *restrict cr,
                            int w)
{
    for (int x = 0; x < w / 2; x++) {
        int b = cb[x] - 128, r = cr[x] - 128, round = 1 << (Q - 1);
        int add = (FIX(YA) * b + FIX(YB) * r + round) >> Q;
        cb[x] = clip(128 + ((FIX(BC) * b + FIX(BD) * r + round) >> Q));
        cr[x] = clip(128 + ((FIX(RE) * b + FIX(RF) * r + round) >> Q));
        y0[2 * x] = clip(y0[2 * x] + add);
        y0[2 * x + 1] = clip(y0[2 * x + 1] + add);
        y1[2 * x] = clip(y1[2 * x] + add);
        y1[2 * x + 1] = clip(y1[2 * x + 1] + add);
    }
}

void gh_matrix_601_to_709(uint8_t *const p[3], const int stride[3], int w, int h)
{
    for (int y = 0; y < h / 2; y++)
        matrix_rows(p[0] + (ptrdiff_t)2 * y * stride[0], p[0] + (ptrdiff_t)(2 * y + 1) * stride[0],
                    p[1] + (ptrdiff_t)y * stride[1], p[2] + (ptrdiff_t)y * stride[2], w);
}

/* -------------------------------------------------------------------------------------- padding */

static void fill_bars(uint8_t *p, int stride, int w, int h, int x, int y, int cw, int ch, uint8_t v)
{
    for (int i = 0; i < h; i++) {
        uint8_t *row = p + (ptrdiff_t)i * stride;
        bool beside = i >= y && i < y + ch;
        memset(row, v, (size_t)(beside ? x : w));
        if (beside)
            memset(row + x + cw, v, (size_t)(w - x - cw));
    }
}

void gh_pad_colour(AVFrame *canvas, int x, int y, int w, int h, uint32_t rgb)
{
    double r = (rgb >> 16 & 255) / 255.0, g = (rgb >> 8 & 255) / 255.0, b = (rgb & 255) / 255.0;
    double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    uint8_t v[3] = {(uint8_t)(16.5 + 219 * luma), (uint8_t)(128.5 + 224 * (b - luma) / 1.8556),
                    (uint8_t)(128.5 + 224 * (r - luma) / 1.5748)};
    for (int i = 0; i < 3; i++) {
        int s = i ? 1 : 0;
        fill_bars(canvas->data[i], canvas->linesize[i], canvas->width >> s, canvas->height >> s,
                  x >> s, y >> s, w >> s, h >> s, v[i]);
    }
}

/*
 * The background: the middle of the content in the canvas's shape, averaged to cells of about 16
 * pixels, blurred at that size, and enlarged into the bars only. Values have 6 more bits, so that
 * slow gradients show no steps.
 */
#define CELL 16        /* canvas pixels, each way */
#define CELL_SAMPLES 8 /* of a cell that are averaged, at most, each way */
#define LEAST_CELLS 4  /* each way */
#define FRACTION 6     /* fractional bits of a value */
#define PASSES 3       /* of blurring */
#define STEP 256       /* positions from one cell to the next */

struct gh_blur {
    uint16_t *small, *other; /* the cells, and a second buffer of them */
    uint16_t *wide;          /* rows of cells, enlarged to the canvas's width */
    int *at;                 /* position() of each column */
    int room_small, room_wide;
};

void gh_blur_free(struct gh_blur **b)
{
    if (!*b)
        return;
    free((*b)->small);
    free((*b)->other);
    free((*b)->wide);
    free((*b)->at);
    free(*b);
    *b = NULL;
}

/* The mean of each cell of the rectangle (x, y, w, h), sw × sh of them. */
static void average_cells(const uint8_t *src, int stride, double x, double y, double w, double h,
                          uint16_t *dst, int sw, int sh)
{
    for (int j = 0; j < sh; j++) {
        int y0 = (int)(y + h * j / sh), y1 = GH_MAX((int)(y + h * (j + 1) / sh), y0 + 1),
            dy = GH_MAX((y1 - y0) / CELL_SAMPLES, 1);
        for (int i = 0; i < sw; i++) {
            int x0 = (int)(x + w * i / sw), x1 = GH_MAX((int)(x + w * (i + 1) / sw), x0 + 1),
                dx = GH_MAX((x1 - x0) / CELL_SAMPLES, 1);
            unsigned sum = 0, n = 0;
            for (int v = y0; v < y1; v += dy)
                for (int u = x0; u < x1; u += dx, n++)
                    sum += src[(ptrdiff_t)v * stride + u];
            dst[j * sw + i] = (uint16_t)(((sum << FRACTION) + n / 2) / n);
        }
    }
}

/* Weights of 1 2 1 along a row (step 1) or column (step sw), edges repeated. */
static void blur_line(const uint16_t *src, uint16_t *dst, int n, int step)
{
    for (int i = 0; i < n; i++) {
        unsigned a = src[GH_MAX(i - 1, 0) * step], c = src[GH_MIN(i + 1, n - 1) * step];
        dst[i * step] = (uint16_t)((a + 2u * src[i * step] + c + 2) / 4);
    }
}

static void blur_cells(uint16_t *small, uint16_t *other, int sw, int sh)
{
    for (int pass = 0; pass < PASSES; pass++) {
        for (int j = 0; j < sh; j++)
            blur_line(small + j * sw, other + j * sw, sw, 1);
        for (int i = 0; i < sw; i++)
            blur_line(other + i, small + i, sh, sw);
    }
}

/* Position of output sample i of n on an axis of m cells, in 1/STEP, centres aligned. */
static int position(int i, int n, int m)
{
    int p = (int)(((2 * (int64_t)i + 1) * m * STEP) / (2 * n)) - STEP / 2;
    return GH_CLAMP(p, 0, (m - 1) * STEP);
}

static void widen_row(const uint16_t *row, const int *at, int sw, uint16_t *out, int w)
{
    for (int i = 0; i < w; i++) {
        int k = at[i] / STEP, f = at[i] % STEP;
        out[i] = (uint16_t)((row[k] * (STEP - f) + row[GH_MIN(k + 1, sw - 1)] * f) / STEP);
    }
}

HOT static void blend_rows(const uint16_t *restrict a, const uint16_t *restrict b, uint32_t f,
                           uint8_t *restrict out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (uint8_t)((a[i] * (256 - f) + b[i] * f + (128u << FRACTION)) >> (8 + FRACTION));
}

static void enlarge_into_bars(const struct gh_blur *b, int sw, int sh, uint8_t *p, int stride,
                              int w, int h, int x, int y, int cw, int ch)
{
    for (int i = 0; i < w; i++)
        b->at[i] = position(i, w, sw);
    for (int j = 0; j < sh; j++)
        widen_row(b->small + j * sw, b->at, sw, b->wide + j * w, w);
    for (int i = 0; i < h; i++) {
        int at = position(i, h, sh), k = at / STEP;
        const uint16_t *r0 = b->wide + (ptrdiff_t)k * w,
                       *r1 = b->wide + (ptrdiff_t)GH_MIN(k + 1, sh - 1) * w;
        uint8_t *row = p + (ptrdiff_t)i * stride;
        bool beside = i >= y && i < y + ch;
        blend_rows(r0, r1, (uint32_t)(at % STEP), row, beside ? x : w);
        if (beside)
            blend_rows(r0 + x + cw, r1 + x + cw, (uint32_t)(at % STEP), row + x + cw, w - x - cw);
    }
}

static struct gh_blur *scratch_for(struct gh_blur **scratch, int small, int wide)
{
    struct gh_blur *b = *scratch ? *scratch : gh_alloc(sizeof(*b));
    *scratch = b;
    if (b->room_small < small) {
        b->small = gh_realloc(b->small, (size_t)small * sizeof(*b->small));
        b->other = gh_realloc(b->other, (size_t)small * sizeof(*b->other));
        b->room_small = small;
    }
    if (b->room_wide < wide) {
        b->wide = gh_realloc(b->wide, (size_t)wide * sizeof(*b->wide));
        b->at = gh_realloc(b->at, (size_t)wide * sizeof(*b->at));
        b->room_wide = wide;
    }
    return b;
}

void gh_pad_blur(struct gh_blur **scratch, AVFrame *canvas, int x, int y, int w, int h)
{
    int sw = GH_MAX(canvas->width / CELL, LEAST_CELLS),
        sh = GH_MAX(canvas->height / CELL, LEAST_CELLS);
    struct gh_blur *b = scratch_for(scratch, sw * sh, canvas->width * sh);
    for (int i = 0; i < 3; i++) {
        int s = i ? 1 : 0;
        int cw = canvas->width >> s, ch = canvas->height >> s, pw = w >> s, ph = h >> s;
        double f = GH_MIN((double)pw / cw, (double)ph / ch), rw = cw * f,
               rh = ch * f; /* the part of the content that has the canvas's shape */
        average_cells(canvas->data[i], canvas->linesize[i], (x >> s) + (pw - rw) / 2,
                      (y >> s) + (ph - rh) / 2, rw, rh, b->small, sw, sh);
        blur_cells(b->small, b->other, sw, sh);
        enlarge_into_bars(b, sw, sh, canvas->data[i], canvas->linesize[i], cw, ch, x >> s, y >> s,
                          pw, ph);
    }
}
