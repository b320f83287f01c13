/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pixels through the tables of graph_tone.c: one costs a look-up, a chroma sample a few products;
 * ordered dither hides the loss of two bits. Cannot fail.
 */
#include "pipeline/video/graph_tone_int.h"

#include "pipeline/photo/vectors.h"

#define AT_ONCE 8 /* chroma samples that two_rows_avx2 makes at a time */

/* ----------------------------------------------------------------------------------------- in C */

/* Bayer 8 × 8, 0..63. */
static const uint8_t bayer[8][8] = {
    {0, 32, 8, 40, 2, 34, 10, 42},  {48, 16, 56, 24, 50, 18, 58, 26},
    {12, 44, 4, 36, 14, 46, 6, 38}, {60, 28, 52, 20, 62, 30, 54, 22},
    {3, 35, 11, 43, 1, 33, 9, 41},  {51, 19, 59, 27, 49, 17, 57, 25},
    {15, 47, 7, 39, 13, 45, 5, 37}, {63, 31, 55, 23, 61, 29, 53, 21},
};

static inline unsigned code10(uint16_t v)
{
    return v & 1023u;
}

static inline uint8_t luma8(int v)
{
    v >>= FRACTION;
    return (uint8_t)GH_CLAMP(v, 16, 235);
}

static inline uint8_t chroma8(int v)
{
    v >>= FRACTION;
    return (uint8_t)GH_CLAMP(v, 16, 240);
}

/* Two rows of luma and the row of chroma between them. */
struct rows {
    const uint16_t *y0, *y1, *cb, *cr;
    uint8_t *o0, *o1, *ob, *orr;
};

/* Chroma samples x … w of two rows of luma. */
static void two_rows(struct gh_tone *t, const struct rows *p, int x, int w, int row)
{
    const uint8_t *d0 = bayer[2 * row & 7], *d1 = bayer[(2 * row + 1) & 7], *dc = bayer[row & 7];
    for (; x < w; x++) {
        unsigned b = code10(p->cb[x]), r = code10(p->cr[x]);
        unsigned bi = (b + HALF) >> 4, ri = (r + HALF) >> 4;
        struct cell *cell = &t->cells[bi][ri];
        if (!cell->filled)
            gh_tone_fill_cell(t, bi, ri);
        unsigned a0 = code10(p->y0[2 * x]), a1 = code10(p->y0[2 * x + 1]),
                 a2 = code10(p->y1[2 * x]), a3 = code10(p->y1[2 * x + 1]);
        unsigned mean = (a0 + a1 + a2 + a3 + 2) >> 2;
        const struct node *n = &cell->nodes[mean >> 4];
        /* in 1/32 */
        int fy = 2 * (int)(mean & 15), fb = 2 * ((int)b - 16 * (int)bi),
            fr = 2 * ((int)r - 16 * (int)ri);
        int off = (n->luma_b * fb + n->luma_r * fr) >> 5;
        p->o0[2 * x] = luma8(cell->curve[a0] + off + d0[2 * x & 7]);
        p->o0[2 * x + 1] = luma8(cell->curve[a1] + off + d0[(2 * x + 1) & 7]);
        p->o1[2 * x] = luma8(cell->curve[a2] + off + d1[2 * x & 7]);
        p->o1[2 * x + 1] = luma8(cell->curve[a3] + off + d1[(2 * x + 1) & 7]);
        p->ob[x] = chroma8(n->cb + ((n->cb_y * fy + n->cb_b * fb + n->cb_r * fr) >> 5) + dc[x & 7]);
        p->orr[x] =
            chroma8(n->cr + ((n->cr_y * fy + n->cr_b * fb + n->cr_r * fr) >> 5) + dc[x & 7]);
    }
}

/* ------------------------------------------------------------------------------------ with AVX2 */

#if VECTORS
/* Thirty-two bits from each of eight places, as many bytes behind base. */
__attribute__((target("avx2"), always_inline)) static inline __m256i gather(const void *base,
                                                                            __m256i at)
{
    return _mm256_i32gather_epi32((const int *)base, at, 1);
}

__attribute__((target("avx2"), always_inline)) static inline __m256i codes(const uint16_t *p)
{
    return _mm256_and_si256(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)),
                            _mm256_set1_epi32(1023));
}

/* Dither of eight columns of a row of bayer, every step of them. */
__attribute__((target("avx2"), always_inline)) static inline __m256i dither(const uint8_t row[8],
                                                                            int first, int step)
{
    int d[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++)
        d[i] = row[(first + step * i) & 7];
    return _mm256_loadu_si256((const __m256i *)d);
}

__attribute__((target("avx2"), always_inline)) static inline __m256i
luma_from(const uint8_t *cells, __m256i cell, __m256i code, __m256i add)
{
    __m256i v = gather(cells, _mm256_add_epi32(cell, _mm256_add_epi32(code, code)));
    v = _mm256_and_si256(v, _mm256_set1_epi32(0xffff));
    v = _mm256_srai_epi32(_mm256_add_epi32(v, add), FRACTION);
    return _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(16)), _mm256_set1_epi32(235));
}

/* Sixteen pixels of a row: those at even places are in even. */
__attribute__((target("avx2"), always_inline)) static inline void
put_luma(uint8_t *to, __m256i even, __m256i odd)
{
    __m256i both = _mm256_or_si256(even, _mm256_slli_epi32(odd, 8));
    __m256i words = _mm256_packus_epi32(both, both); /* low half: 0 1 2 3, high half: 4 5 6 7 */
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(_mm256_permute4x64_epi64(words, 8)));
}

__attribute__((target("avx2"), always_inline)) static inline void
put_chroma(uint8_t *to, __m256i middle, __m256i rise, __m256i add)
{
    __m256i v = _mm256_srai_epi32(_mm256_add_epi32(middle, rise), 5);
    v = _mm256_srai_epi32(_mm256_add_epi32(v, add), FRACTION);
    v = _mm256_min_epi32(_mm256_max_epi32(v, _mm256_set1_epi32(16)), _mm256_set1_epi32(240));
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
}

/* See that the cells of eight chroma samples are filled. */
static void fill_cells(struct gh_tone *t, const uint16_t *cb, const uint16_t *cr)
{
    for (int i = 0; i < AT_ONCE; i++) {
        unsigned b = (code10(cb[i]) + HALF) >> 4, r = (code10(cr[i]) + HALF) >> 4;
        if (!t->cells[b][r].filled)
            gh_tone_fill_cell(t, b, r);
    }
}

/* As two_rows, AT_ONCE chroma samples at a time. Returns how many were made. */
__attribute__((target("avx2"))) static int two_rows_avx2(struct gh_tone *t, const struct rows *p,
                                                         int w, int row)
{
    const uint8_t *d0 = bayer[2 * row & 7], *d1 = bayer[(2 * row + 1) & 7];
    const __m256i even0 = dither(d0, 0, 2), odd0 = dither(d0, 1, 2), even1 = dither(d1, 0, 2),
                  odd1 = dither(d1, 1, 2), dc = dither(bayer[row & 7], 0, 1);
    const __m256i half = _mm256_set1_epi32(HALF), low = _mm256_set1_epi32(0xffff),
                  ten = _mm256_set1_epi32(1023), fifteen = _mm256_set1_epi32(15),
                  size = _mm256_set1_epi32(sizeof(struct cell)), one = _mm256_set1_epi32(32);
    const uint8_t *cells = (const uint8_t *)t->cells;
    __m256i last = _mm256_set1_epi32(-1); /* the cells that are known to be filled */
    int x = 0;
    for (; x + AT_ONCE <= w; x += AT_ONCE) {
        __m256i b = codes(p->cb + x), r = codes(p->cr + x);
        __m256i bi = _mm256_srli_epi32(_mm256_add_epi32(b, half), 4),
                ri = _mm256_srli_epi32(_mm256_add_epi32(r, half), 4);
        __m256i cell = _mm256_mullo_epi32(
            _mm256_add_epi32(_mm256_mullo_epi32(bi, _mm256_set1_epi32(CELLS)), ri), size);
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi32(cell, last)) != -1) {
            __m256i filled = gather(&t->cells[0][0].filled, cell);
            if (_mm256_movemask_epi8(_mm256_cmpeq_epi32(filled, _mm256_setzero_si256())))
                fill_cells(t, p->cb + x, p->cr + x);
            last = cell;
        }
        __m256i y0 = _mm256_loadu_si256((const __m256i *)(p->y0 + 2 * x)),
                y1 = _mm256_loadu_si256((const __m256i *)(p->y1 + 2 * x));
        __m256i a0 = _mm256_and_si256(y0, ten),
                a1 = _mm256_and_si256(_mm256_srli_epi32(y0, 16), ten),
                a2 = _mm256_and_si256(y1, ten),
                a3 = _mm256_and_si256(_mm256_srli_epi32(y1, 16), ten);
        __m256i mean = _mm256_srli_epi32(
            _mm256_add_epi32(_mm256_add_epi32(_mm256_add_epi32(a0, a1), _mm256_add_epi32(a2, a3)),
                             _mm256_set1_epi32(2)),
            2);
        __m256i node =
            _mm256_add_epi32(cell, _mm256_mullo_epi32(_mm256_srli_epi32(mean, 4),
                                                      _mm256_set1_epi32(sizeof(struct node))));
        /* In 1/32; a pair of sixteen bits each, as the nodes have them. */
        __m256i fb = _mm256_slli_epi32(_mm256_sub_epi32(b, _mm256_slli_epi32(bi, 4)), 1),
                fr = _mm256_slli_epi32(_mm256_sub_epi32(r, _mm256_slli_epi32(ri, 4)), 1),
                fy = _mm256_slli_epi32(_mm256_and_si256(mean, fifteen), 1);
        __m256i by_br = _mm256_or_si256(_mm256_and_si256(fb, low), _mm256_slli_epi32(fr, 16)),
                by_1y = _mm256_or_si256(one, _mm256_slli_epi32(fy, 16));
        const struct node *n = t->cells[0][0].nodes;
        __m256i off = _mm256_srai_epi32(_mm256_madd_epi16(gather(&n->luma_b, node), by_br), 5);
        __m256i cb = _mm256_madd_epi16(gather(&n->cb, node), by_1y),
                cb_rise = _mm256_madd_epi16(gather(&n->cb_b, node), by_br);
        __m256i cr = _mm256_madd_epi16(gather(&n->cr, node), by_1y),
                cr_rise = _mm256_madd_epi16(gather(&n->cr_b, node), by_br);
        put_luma(p->o0 + 2 * x, luma_from(cells, cell, a0, _mm256_add_epi32(off, even0)),
                 luma_from(cells, cell, a1, _mm256_add_epi32(off, odd0)));
        put_luma(p->o1 + 2 * x, luma_from(cells, cell, a2, _mm256_add_epi32(off, even1)),
                 luma_from(cells, cell, a3, _mm256_add_epi32(off, odd1)));
        put_chroma(p->ob + x, cb, cb_rise, dc);
        put_chroma(p->orr + x, cr, cr_rise, dc);
    }
    return x;
}
#endif

/* -------------------------------------------------------------------------------------- a picture
 */

void gh_tone_run_by(struct gh_tone *t, const uint8_t *const src[3], const int ss[3],
                    uint8_t *const dst[3], const int ds[3], int w, int h, bool vectors)
{
    for (int row = 0; row < h / 2; row++) {
        const uint8_t *y = src[0] + (ptrdiff_t)2 * row * ss[0];
        uint8_t *o = dst[0] + (ptrdiff_t)2 * row * ds[0];
        struct rows p = {
            .y0 = (const uint16_t *)y,
            .y1 = (const uint16_t *)(y + ss[0]),
            .cb = (const uint16_t *)(src[1] + (ptrdiff_t)row * ss[1]),
            .cr = (const uint16_t *)(src[2] + (ptrdiff_t)row * ss[2]),
            .o0 = o,
            .o1 = o + ds[0],
            .ob = dst[1] + (ptrdiff_t)row * ds[1],
            .orr = dst[2] + (ptrdiff_t)row * ds[2],
        };
        int done = 0;
#if VECTORS
        if (vectors)
            done = two_rows_avx2(t, &p, w / 2, row);
#endif
        two_rows(t, &p, done, w / 2, row);
    }
    (void)vectors;
}

void gh_tone_run(struct gh_tone *t, const uint8_t *const src[3], const int ss[3],
                 uint8_t *const dst[3], const int ds[3], int w, int h)
{
    gh_tone_run_by(t, src, ss, dst, ds, w, h, gh_has_vectors());
}
