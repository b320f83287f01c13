/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables of weights, and the two passes over a plane: in C for every processor, and with AVX2 where
 * there is one, with the same results. Class: GH_SYSTEM (memory).
 */
#include "pipeline/photo/scale_int.h"

#include "pipeline/photo/vectors.h"

#include <math.h>
#include <string.h>

#define ONE 16384    /* a weight of one */
#define ROW_SHIFT 8  /* from sample × weight to the intermediate row … */
#define OUT_SHIFT 20 /* … and from that × weight to a sample */
#define GROUP 8      /* weights are stored in whole vectors of so many */
#define COLUMNS 32   /* that columns_avx2 makes at once */
#define RESULTS 8    /* that rows_avx2 makes at once */

/* -------------------------------------------------------------------------------------- kernels */

static double spline36(double x)
{
    if (x < 1)
        return ((13.0 / 11 * x - 453.0 / 209) * x - 3.0 / 209) * x + 1;
    if (x < 2)
        return ((-6.0 / 11 * (x - 1) + 270.0 / 209) * (x - 1) - 156.0 / 209) * (x - 1);
    return x < 3 ? ((1.0 / 11 * (x - 2) - 45.0 / 209) * (x - 2) + 26.0 / 209) * (x - 2) : 0;
}

static double triangle(double x)
{
    return x < 1 ? 1 - x : 0;
}

const struct gh_scale_kernel gh_scale_spline36 = {spline36, 3}, gh_scale_triangle = {triangle, 1};

/* -------------------------------------------------------------------------------------- weights */

/* For each of n results: taps weights, and the first sample they belong to. taps is a multiple of
 * GROUP. */
struct table {
    uint32_t n, taps;
    uint32_t *first;
    int16_t *weight;
};

static void table_free(struct table *t)
{
    free(t->first);
    free(t->weight);
}

/* Index of sample i in a line of n that is mirrored at its ends. */
static uint32_t mirrored(int64_t i, uint32_t n)
{
    int64_t period = 2 * (int64_t)n;
    i %= period;
    i += i < 0 ? period : 0;
    return (uint32_t)(i < n ? i : period - 1 - i);
}

/* The weights of one result, span of them, to fixed point, so that their sum is exactly ONE. */
static void fix_weights(const double *real, uint32_t span, int16_t *weight)
{
    double sum = 0;
    int left = ONE;
    uint32_t largest = 0;
    for (uint32_t k = 0; k < span; k++)
        sum += real[k];
    for (uint32_t k = 0; k < span; k++) {
        weight[k] = (int16_t)lrint(real[k] / sum * ONE);
        left -= weight[k];
        largest = weight[k] > weight[largest] ? k : largest;
    }
    weight[largest] = (int16_t)(weight[largest] + left);
}

/* n_out results over from … from + len of a line of n_in samples. */
static int table_new(uint32_t n_in, double from, double len, uint32_t n_out,
                     const struct gh_scale_kernel *kernel, struct table *ret, struct gh_err *err)
{
    double ratio = len / n_out, squeeze = GH_MAX(ratio, 1.0), reach = kernel->reach * squeeze;
    uint32_t span = GH_MIN((uint32_t)floor(2 * reach) + 1, n_in),
             taps = (span + GROUP - 1) / GROUP * GROUP;
    GH_AUTO(table_free) struct table t = {.n = n_out, .taps = taps};
    GH_AUTO_FREE double *real = malloc(sizeof(*real) * span);
    t.first = malloc(sizeof(*t.first) * n_out);
    t.weight = calloc((size_t)n_out * taps, sizeof(*t.weight));
    if (!real || !t.first || !t.weight)
        return gh_fail(err, GH_SYSTEM, "out of memory for scaling");
    for (uint32_t i = 0; i < n_out; i++) {
        double centre = from + (i + 0.5) * ratio;
        int64_t low = (int64_t)ceil(centre - reach - 0.5),
                high = (int64_t)floor(centre + reach - 0.5);
        int64_t first = GH_CLAMP(low, 0, (int64_t)n_in - span);
        memset(real, 0, sizeof(*real) * span);
        for (int64_t k = low; k <= high; k++) {
            /* it is beyond the span only when the window is far outside the line */
            int64_t at = (int64_t)mirrored(k, n_in) - first;
            real[GH_CLAMP(at, 0, (int64_t)span - 1)] +=
                kernel->at(fabs(((double)k + 0.5 - centre) / squeeze));
        }
        t.first[i] = (uint32_t)first;
        fix_weights(real, span, t.weight + (size_t)i * taps);
    }
    *ret = t;
    t = (struct table){0};
    return 0;
}

/* ----------------------------------------------------------------------------------------- in C */

static inline uint8_t clamp8(int32_t v)
{
    return (uint8_t)GH_CLAMP(v, 0, 255);
}

/* Samples x … w of the intermediate row, from taps rows that are stride bytes apart. */
static void columns_plain(const uint8_t *src, size_t stride, const int16_t *weight, uint32_t taps,
                          int16_t *row, uint32_t x, uint32_t w)
{
    for (; x < w; x++) {
        int32_t sum = 1 << (ROW_SHIFT - 1);
        for (uint32_t k = 0; k < taps; k++)
            sum += src[stride * k + x] * weight[k];
        row[x] = (int16_t)GH_CLAMP(sum >> ROW_SHIFT, INT16_MIN, INT16_MAX);
    }
}

static void rows_plain(const int16_t *row, const struct table *t, uint8_t *dst, uint32_t x)
{
    for (; x < t->n; x++) {
        const int16_t *from = row + t->first[x], *weight = t->weight + (size_t)x * t->taps;
        int32_t sum = 1 << (OUT_SHIFT - 1);
        for (uint32_t k = 0; k < t->taps; k++)
            sum += from[k] * weight[k];
        dst[x] = clamp8(sum >> OUT_SHIFT);
    }
}

/* ------------------------------------------------------------------------------------ with AVX2 */

#if VECTORS
struct pair {
    __m256i low, high;
};

/* Add two rows of sixteen columns, times their weights. */
__attribute__((target("avx2"), always_inline)) static inline void
add_pair(struct pair *sum, const uint8_t *a, const uint8_t *b, __m256i weights)
{
    __m256i x = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)a));
    __m256i y = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)b));
    sum->low = _mm256_add_epi32(sum->low, _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), weights));
    sum->high =
        _mm256_add_epi32(sum->high, _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), weights));
}

__attribute__((target("avx2"), always_inline)) static inline __m256i packed(const struct pair *sum)
{
    return _mm256_packs_epi32(_mm256_srai_epi32(sum->low, ROW_SHIFT),
                              _mm256_srai_epi32(sum->high, ROW_SHIFT));
}

/* COLUMNS at once, two rows of them in each multiplication; an odd last row is multiplied with
 * itself, at weight zero. Returns how many columns were made. */
__attribute__((target("avx2"))) static uint32_t columns_avx2(const uint8_t *src, size_t stride,
                                                             const int16_t *weight, uint32_t taps,
                                                             int16_t *row, uint32_t w)
{
    uint32_t x = 0;
    const __m256i half = _mm256_set1_epi32(1 << (ROW_SHIFT - 1));
    for (; x + COLUMNS <= w; x += COLUMNS) {
        struct pair left = {half, half}, right = {half, half};
        const uint8_t *a = src + x;
        for (uint32_t k = 0; k < taps; k += 2, a += 2 * stride) {
            const uint8_t *b = k + 1 < taps ? a + stride : a;
            int32_t both;
            memcpy(&both, weight + k, sizeof(both));
            __m256i weights = _mm256_set1_epi32(both);
            add_pair(&left, a, b, weights);
            add_pair(&right, a + 16, b + 16, weights);
        }
        _mm256_storeu_si256((__m256i *)(row + x), packed(&left));
        _mm256_storeu_si256((__m256i *)(row + x + 16), packed(&right));
    }
    return x;
}

/* Four partial sums of each of two results. */
__attribute__((target("avx2"), always_inline)) static inline __m256i
two_sums(const int16_t *row, const uint32_t *first, const int16_t *weight, uint32_t taps)
{
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t k = 0; k < taps; k += GROUP) {
        const __m128i *a = (const __m128i *)(row + first[0] + k),
                      *b = (const __m128i *)(row + first[1] + k);
        const __m128i *wa = (const __m128i *)(weight + k),
                      *wb = (const __m128i *)(weight + taps + k);
        __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(a)),
                                            _mm_loadu_si128(b), 1);
        __m256i by =
            taps == GROUP
                ? _mm256_loadu_si256((const __m256i *)weight) /* of both, one after the other */
                : _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(wa)),
                                          _mm_loadu_si128(wb), 1);
        sum = k ? _mm256_add_epi32(sum, _mm256_madd_epi16(v, by)) : _mm256_madd_epi16(v, by);
    }
    return sum;
}

/* RESULTS at once. Returns how many were made. */
__attribute__((target("avx2"), always_inline)) static inline uint32_t
rows_of(const int16_t *row, const struct table *t, uint8_t *dst, uint32_t taps)
{
    uint32_t x = 0;
    const __m256i half = _mm256_set1_epi32(1 << (OUT_SHIFT - 1));
    const uint32_t *first = t->first;
    const int16_t *weight = t->weight;
    for (; x + RESULTS <= t->n; x += RESULTS, first += RESULTS, weight += RESULTS * (size_t)taps) {
        __m256i s01 = two_sums(row, first, weight, taps),
                s23 = two_sums(row, first + 2, weight + 2 * taps, taps);
        __m256i s45 = two_sums(row, first + 4, weight + 4 * taps, taps),
                s67 = two_sums(row, first + 6, weight + 6 * taps, taps);
        __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(s01, s23), _mm256_hadd_epi32(s45, s67));
        /* low half: 0 2 4 6, high half: 1 3 5 7 */
        sums = _mm256_srai_epi32(_mm256_add_epi32(sums, half), OUT_SHIFT);
        __m128i even = _mm256_castsi256_si128(sums), odd = _mm256_extracti128_si256(sums, 1);
        __m128i words =
            _mm_packs_epi32(_mm_unpacklo_epi32(even, odd), _mm_unpackhi_epi32(even, odd));
        _mm_storel_epi64((__m128i *)(dst + x), _mm_packus_epi16(words, words));
    }
    return x;
}

/* The usual numbers of weights, for reducing by up to 1.33 and 2.67, are known when this is
 * compiled. */
__attribute__((target("avx2"))) static uint32_t rows_avx2(const int16_t *row, const struct table *t,
                                                          uint8_t *dst)
{
    if (t->taps == GROUP)
        return rows_of(row, t, dst, GROUP);
    return t->taps == 2 * GROUP ? rows_of(row, t, dst, 2 * GROUP) : rows_of(row, t, dst, t->taps);
}
#endif

/* -------------------------------------------------------------------------------------- a plane */

int gh_scale_plane_by(const struct gh_plane *src, const struct gh_window *win,
                      const struct gh_scale_kernel *kernel, struct gh_plane *dst, bool vectors,
                      struct gh_err *err)
{
    GH_AUTO(table_free) struct table across = {0}, down = {0};
    TRY(table_new(src->w, win->x, win->w, dst->w, kernel, &across, err));
    TRY(table_new(src->h, win->y, win->h, dst->h, kernel, &down, err));
    /* Only the columns that a result needs. Weights beyond the last are zero, and so are the
     * samples of the row there. */
    uint32_t begin = UINT32_MAX, end = 0;
    for (uint32_t i = 0; i < across.n; i++) {
        begin = GH_MIN(begin, across.first[i]);
        end = GH_MAX(end, GH_MIN(across.first[i] + across.taps, src->w));
    }
    for (uint32_t i = 0; i < across.n; i++)
        across.first[i] -= begin;
    GH_AUTO_FREE int16_t *row = calloc((size_t)(end - begin) + across.taps + 16, sizeof(*row));
    if (!row)
        return gh_fail(err, GH_SYSTEM, "out of memory for scaling");
    for (uint32_t y = 0; y < dst->h; y++) {
        const int16_t *weight = down.weight + (size_t)y * down.taps;
        const uint8_t *from = src->data + src->stride * down.first[y] + begin;
        uint32_t taps = GH_MIN(down.taps, src->h - down.first[y]), x = 0, done = 0;
        while (taps > 1 && !weight[taps - 1])
            taps--;
#if VECTORS
        if (vectors)
            x = columns_avx2(from, src->stride, weight, taps, row, end - begin);
#endif
        columns_plain(from, src->stride, weight, taps, row, x, end - begin);
        uint8_t *out = dst->data + dst->stride * y;
#if VECTORS
        if (vectors)
            done = rows_avx2(row, &across, out);
#endif
        rows_plain(row, &across, out, done);
    }
    (void)vectors;
    return 0;
}

int gh_scale_plane(const struct gh_plane *src, const struct gh_window *win,
                   const struct gh_scale_kernel *kernel, struct gh_plane *dst, struct gh_err *err)
{
    return gh_scale_plane_by(src, win, kernel, dst, gh_has_vectors(), err);
}
