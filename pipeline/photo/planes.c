/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocating planes, turning them, filling and pasting them. Class: GH_SYSTEM (memory). */
#include "pipeline/photo/planes.h"

#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define ALIGN 64    /* bytes: of planes and their rows */
#define PAST_END 16 /* samples that may be written after a row */

struct gh_turn gh_turn_of(uint32_t orient)
{
    static const struct gh_turn turns[9] = {
        [2] = {.flip_x = true},
        [3] = {.flip_x = true, .flip_y = true},
        [4] = {.flip_y = true},
        [5] = {.swap = true},
        [6] = {.flip_x = true, .swap = true},
        [7] = {.flip_x = true, .flip_y = true, .swap = true},
        [8] = {.flip_y = true, .swap = true},
    };
    return turns[orient <= 8 ? orient : 0];
}

void gh_planes_free(struct gh_planes *p)
{
    if (p->release)
        p->release(p->mem);
    *p = (struct gh_planes){0};
}

struct gh_planes gh_planes_steal(struct gh_planes *p)
{
    struct gh_planes out = *p;
    *p = (struct gh_planes){0};
    return out;
}

int gh_planes_new(uint32_t w, uint32_t h, uint32_t n, unsigned shift, unsigned off_x,
                  unsigned off_y, struct gh_planes *ret, struct gh_err *err)
{
    struct gh_planes out = {.w = w, .h = h, .ref_w = w, .ref_h = h, .n = n};
    size_t at[3] = {0}, total = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct gh_plane *p = &out.p[i];
        unsigned s = i ? shift : 0;
        unsigned ox = s ? off_x & 1 : 0, oy = s ? off_y & 1 : 0;
        p->w = (w + ox + s) >> s;
        p->h = (h + oy + s) >> s;
        p->x0 = -(double)ox;
        p->y0 = -(double)oy;
        p->dx = p->dy = s ? 0.5 : 1;
        p->stride = ((size_t)p->w + PAST_END + ALIGN - 1) / ALIGN * ALIGN;
        at[i] = total;
        total += p->stride * p->h;
    }
    out.mem = aligned_alloc(ALIGN, total + ALIGN); /* a resampler may read a vector past the end */
    if (!out.mem)
        return gh_fail(err, GH_SYSTEM, "out of memory for %u × %u pixels", w, h);
    out.release = free;
    for (uint32_t i = 0; i < n; i++)
        out.p[i].data = (uint8_t *)out.mem + at[i];
    *ret = out;
    return 0;
}

void gh_planes_cover(struct gh_planes *p, double x, double y, double w, double h, double ref_w,
                     double ref_h)
{
    double fx = w / p->w, fy = h / p->h; /* source pixels a luma pixel */
    for (uint32_t i = 0; i < p->n; i++) {
        p->p[i].x0 = x + p->p[i].x0 * fx;
        p->p[i].y0 = y + p->p[i].y0 * fy;
        p->p[i].dx /= fx;
        p->p[i].dy /= fy;
    }
    p->ref_w = ref_w;
    p->ref_h = ref_h;
}

/* -------------------------------------------------------------------------------------- turning */

static void flip_row(uint8_t *dst, const uint8_t *src, uint32_t w)
{
    uint32_t x = 0;
    for (; x + 8 <= w; x += 8) {
        uint64_t v;
        memcpy(&v, src + w - 8 - x, 8);
        v = __builtin_bswap64(v);
        memcpy(dst + x, &v, 8);
    }
    for (; x < w; x++)
        dst[x] = src[w - 1 - x];
}

static void turn_rows(struct gh_plane *dst, const struct gh_plane *src, const struct gh_turn *t)
{
    for (uint32_t y = 0; y < dst->h; y++) {
        const uint8_t *from = src->data + src->stride * (t->flip_y ? dst->h - 1 - y : y);
        if (t->flip_x)
            flip_row(dst->data + dst->stride * y, from, dst->w);
        else
            memcpy(dst->data + dst->stride * y, from, dst->w);
    }
}

/* Transpose an 8 × 8 matrix of bytes, one row in each word. */
#if defined(__x86_64__)
static void transpose8(uint64_t r[8])
{
    __m128i two[4], four[4];
    for (unsigned i = 0; i < 4; i++)
        two[i] = _mm_unpacklo_epi8(_mm_cvtsi64_si128((long long)r[2 * i]),
                                   _mm_cvtsi64_si128((long long)r[2 * i + 1]));
    for (unsigned i = 0; i < 4; i += 2) {
        four[i] = _mm_unpacklo_epi16(two[i], two[i + 1]);
        four[i + 1] = _mm_unpackhi_epi16(two[i], two[i + 1]);
    }
    for (unsigned i = 0; i < 2; i++) {
        _mm_storeu_si128((__m128i *)(r + 4 * i), _mm_unpacklo_epi32(four[i], four[i + 2]));
        _mm_storeu_si128((__m128i *)(r + 4 * i + 2), _mm_unpackhi_epi32(four[i], four[i + 2]));
    }
}
#else
/* Swap its off-diagonal quarters, then those of each quarter, then single bytes. */
static void transpose8(uint64_t r[8])
{
    static const uint64_t keep[3] = {0x00000000ffffffffu, 0x0000ffff0000ffffu, 0x00ff00ff00ff00ffu};
    for (unsigned step = 0, d = 4; step < 3; step++, d /= 2) {
        for (unsigned i = 0; i < 8; i++) {
            if (i & d)
                continue;
            uint64_t a = r[i], b = r[i + d], m = keep[step];
            r[i] = (a & m) | (b & m) << (8 * d);
            r[i + d] = (a >> (8 * d) & m) | (b & ~m);
        }
    }
}
#endif

/* The sample that becomes (x, y) of the turned plane of w × h. */
static const uint8_t *swapped_from(const struct gh_plane *src, const struct gh_turn *t, uint32_t w,
                                   uint32_t h, uint32_t x, uint32_t y)
{
    uint32_t sx = t->flip_y ? h - 1 - y : y, sy = t->flip_x ? w - 1 - x : x;
    return src->data + src->stride * sy + sx;
}

static void turn_swapped(struct gh_plane *dst, const struct gh_plane *src, const struct gh_turn *t)
{
    uint32_t w = dst->w, h = dst->h, w8 = w & ~7u, h8 = h & ~7u;
    for (uint32_t x = 0; x < w8; x += 8) { /* eight rows of the source, each to its end */
        for (uint32_t y = 0; y < h8; y += 8) {
            uint64_t r[8];
            /* column x + i of the result is a row of the source */
            for (uint32_t i = 0; i < 8; i++)
                memcpy(&r[i], swapped_from(src, t, w, h, x + i, t->flip_y ? y + 7 : y), 8);
            transpose8(r);
            for (uint32_t i = 0; i < 8; i++)
                memcpy(dst->data + dst->stride * (y + (t->flip_y ? 7 - i : i)) + x, &r[i], 8);
        }
    }
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = y < h8 ? w8 : 0; x < w; x++)
            dst->data[dst->stride * y + x] = *swapped_from(src, t, w, h, x, y);
}

void gh_plane_turn(const struct gh_plane *src, uint32_t orient, struct gh_plane *dst)
{
    struct gh_turn t = gh_turn_of(orient);
    if (t.swap)
        turn_swapped(dst, src, &t);
    else
        turn_rows(dst, src, &t);
}

int gh_planes_turn(const struct gh_planes *src, uint32_t orient, struct gh_planes *ret,
                   struct gh_err *err)
{
    struct gh_turn t = gh_turn_of(orient);
    struct gh_planes out = *src;
    size_t at[3] = {0}, total = 0;
    for (uint32_t i = 0; i < src->n; i++) {
        const struct gh_plane *s = &src->p[i];
        struct gh_plane *p = &out.p[i];
        double sw = s->w / s->dx, sh = s->h / s->dy; /* extent in source pixels */
        double x0 = s->x0, y0 = s->y0;
        if (t.swap) {
            *p = (struct gh_plane){.w = s->h, .h = s->w, .dx = s->dy, .dy = s->dx};
            x0 = s->y0, y0 = s->x0;
            double swap = sw;
            sw = sh, sh = swap;
        }
        double ref_w = t.swap ? src->ref_h : src->ref_w, ref_h = t.swap ? src->ref_w : src->ref_h;
        p->x0 = t.flip_x ? ref_w - (x0 + sw) : x0;
        p->y0 = t.flip_y ? ref_h - (y0 + sh) : y0;
        p->stride = ((size_t)p->w + PAST_END + ALIGN - 1) / ALIGN * ALIGN;
        at[i] = total;
        total += p->stride * p->h;
    }
    if (t.swap) {
        out.w = src->h, out.h = src->w;
        out.ref_w = src->ref_h, out.ref_h = src->ref_w;
    }
    out.mem = aligned_alloc(ALIGN, total + ALIGN);
    if (!out.mem)
        return gh_fail(err, GH_SYSTEM, "out of memory for %u × %u pixels", out.w, out.h);
    out.release = free;
    for (uint32_t i = 0; i < out.n; i++) {
        out.p[i].data = (uint8_t *)out.mem + at[i];
        gh_plane_turn(&src->p[i], orient, &out.p[i]);
    }
    *ret = out;
    return 0;
}

/* ------------------------------------------------------------------------------------- painting */

bool gh_planes_regular(const struct gh_planes *p, unsigned shift)
{
    for (uint32_t i = 1; i < p->n; i++) {
        const struct gh_plane *c = &p->p[i], *y = &p->p[0];
        double ratio = shift ? 2 : 1;
        if (c->w != (p->w + shift) >> shift || c->h != (p->h + shift) >> shift)
            return false;
        if (c->dx * ratio > y->dx * 1.000001 || c->dx * ratio < y->dx * 0.999999 ||
            (c->x0 - y->x0) * y->dx > 0.01 || (c->x0 - y->x0) * y->dx < -0.01 ||
            (c->y0 - y->y0) * y->dy > 0.01 || (c->y0 - y->y0) * y->dy < -0.01)
            return false;
    }
    return true;
}

void gh_ycc_of(uint32_t rgb, uint8_t ret[3])
{
    double r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;
    double v[3] = {0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
                   128 + 0.5 * r - 0.418688 * g - 0.081312 * b};
    for (int i = 0; i < 3; i++)
        ret[i] =
            (uint8_t)(GH_CLAMP(v[i], 0.0, 255.0) + 0.5 > 255 ? 255
                                                             : GH_CLAMP(v[i], 0.0, 255.0) + 0.5);
}

void gh_planes_fill(struct gh_planes *p, uint32_t rgb)
{
    uint8_t ycc[3];
    gh_ycc_of(rgb, ycc);
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t y = 0; y < p->p[i].h; y++)
            memset(p->p[i].data + p->p[i].stride * y, ycc[i], p->p[i].w);
}

void gh_planes_paste(struct gh_planes *dst, const struct gh_planes *src, uint32_t x, uint32_t y)
{
    for (uint32_t i = 0; i < dst->n; i++) {
        struct gh_plane *d = &dst->p[i];
        const struct gh_plane *s = &src->p[i];
        bool half = i && d->w != dst->w;
        bool half_y = i && d->h != dst->h;
        uint32_t dx = half ? x / 2 : x, dy = half_y ? y / 2 : y;
        uint32_t w = GH_MIN(s->w, d->w - dx), h = GH_MIN(s->h, d->h - dy);
        for (uint32_t row = 0; row < h; row++)
            memcpy(d->data + d->stride * (dy + row) + dx, s->data + s->stride * row, w);
    }
}
