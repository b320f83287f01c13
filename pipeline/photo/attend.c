/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The search for what a crop should keep, on a small copy of the picture. Skin is known by its
 * colour, which brick, sand, wood and dry leaves have as well: so areas of it are looked at one by
 * one, and count by their shape and texture. Class: GH_SYSTEM (memory).
 */
#include "pipeline/photo/attend.h"

#include "base/str.h"
#include "pipeline/photo/resample.h"

#define EDGE 96 /* pixels of the small copy's longer edge */
#define MOST (EDGE + 1)
#define DARK 16    /* luma below which colour is noise */
#define RARITY 8   /* the square of a colour's distance from the mean, over this, is its weight */
#define SKIN 40    /* weight of skin in an area that may be people */
#define UPPER 0.34 /* share of the height where heads are … */
#define LOWER 0.66 /* … and the rest */
#define LEAST_BIAS 0.25 /* weight at the bottom */
#define OFF_CENTRE                                                                                 \
    0.04       /* of all weights, times the square of a window's distance from the middle */
#define HAIR 6 /* above the skin, one in so many of the window's height */

/* The small copy. */
struct view {
    struct gh_planes planes; /* 4:4:4 */
    uint32_t w, h;
    double mean[2];            /* Cb and Cr of the whole picture, around 0 */
    uint8_t skin[MOST * MOST]; /* enum skin */
    uint16_t stack[MOST * MOST];
};
enum skin { NONE, COLOUR /* not yet looked at */, SEEN, PEOPLE };

static void view_free(struct view **v)
{
    if (*v)
        gh_planes_free(&(*v)->planes);
    free(*v);
    *v = NULL;
}

static int luma_at(const struct view *v, uint32_t x, uint32_t y)
{
    const struct gh_plane *p = &v->planes.p[0];
    return p->data[p->stride * y + x];
}

/* i: 1 Cb, 2 Cr; around 0 */
static int chroma_at(const struct view *v, int i, uint32_t x, uint32_t y)
{
    const struct gh_plane *p = &v->planes.p[i];
    return p->data[p->stride * y + x] - 128;
}

/* ----------------------------------------------------------------------------------------- skin */

static bool has_skin_colour(int l, int cb, int cr)
{
    return l > 40 && l < 240 && cb >= -48 && cb <= -2 && cr >= 8 && cr <= 42;
}

/* An area of connected pixels of skin's colour. */
struct area {
    uint32_t left, right, top, bottom; /* inclusive */
    uint32_t n, border;                /* pixels, and their edges to other colours */
    uint32_t steps, pairs;             /* differences of luma between neighbours within it */
    int64_t red;                       /* sum of Cr */
};

static bool of_area(const struct view *v, uint32_t x, uint32_t y)
{
    return x < v->w && y < v->h && v->skin[y * v->w + x] != NONE;
}

static void add_pixel(const struct view *v, uint32_t x, uint32_t y, struct area *a)
{
    const uint32_t beside[4][2] = {{x + 1, y}, {x, y + 1}, {x - 1, y}, {x, y - 1}};
    a->left = GH_MIN(a->left, x);
    a->right = GH_MAX(a->right, x);
    a->top = GH_MIN(a->top, y);
    a->bottom = GH_MAX(a->bottom, y);
    a->n++;
    a->red += chroma_at(v, 2, x, y);
    for (int i = 0; i < 4; i++)
        if (!of_area(v, beside[i][0], beside[i][1])) {
            a->border++;
        } else if (i < 2) {
            a->pairs++;
            a->steps += (uint32_t)abs(luma_at(v, x, y) - luma_at(v, beside[i][0], beside[i][1]));
        }
}

/* The area of which (x, y) is a pixel. What it holds is SEEN, and left on v's stack. */
static struct area area_at(struct view *v, uint32_t x, uint32_t y)
{
    struct area a = {.left = x, .right = x, .top = y, .bottom = y};
    uint32_t n = 0;
    v->skin[y * v->w + x] = SEEN;
    v->stack[n++] = (uint16_t)(y * v->w + x);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t px = v->stack[i] % v->w, py = v->stack[i] / v->w;
        const uint32_t beside[4][2] = {{px + 1, py}, {px, py + 1}, {px - 1, py}, {px, py - 1}};
        add_pixel(v, px, py, &a);
        for (int k = 0; k < 4; k++) {
            uint32_t at = beside[k][1] * v->w + beside[k][0];
            if (!of_area(v, beside[k][0], beside[k][1]) || v->skin[at] != COLOUR)
                continue;
            v->skin[at] = SEEN;
            v->stack[n++] = (uint16_t)at;
        }
    }
    return a;
}

/*
 * Skin is redder than what only resembles it, or else smooth and round; leaves and gravel are pale
 * and rough. Bounds measured on photos of groups and of gardens at this size.
 */
static bool may_be_people(const struct area *a)
{
    enum { LEAST_PIXELS = 12, LEAST_RED = 13, ROUGH = 24, SMOOTH = 16 };
    double size = (double)(a->right - a->left + 1) * (a->bottom - a->top + 1),
           rough = (double)a->steps / GH_MAX(a->pairs, 1u),
           round = 4 * 3.1416 * a->n / ((double)a->border * a->border);
    if (a->n < LEAST_PIXELS)
        return false;
    return ((double)a->red >= (double)LEAST_RED * a->n && rough < ROUGH) ||
           (a->n >= 0.6 * size && round >= 0.4 && rough < SMOOTH);
}

/* A head that a crop could keep whole: some rows high, and neither a speck nor a background. */
static bool may_be_head(const struct view *v, const struct area *a)
{
    uint32_t w = a->right - a->left + 1, h = a->bottom - a->top + 1;
    return a->top > 0 && h >= 4 && w * 14 >= v->w && w * 10 <= v->w * 6 && a->n * 4 <= v->w * v->h;
}

/* Mark the areas of skin that may be people. Returns the row where the uppermost head begins, or
 * the height. */
static uint32_t find_people(struct view *v)
{
    uint32_t head = v->h;
    for (uint32_t y = 0; y < v->h; y++)
        for (uint32_t x = 0; x < v->w; x++)
            v->skin[y * v->w + x] =
                has_skin_colour(luma_at(v, x, y), chroma_at(v, 1, x, y), chroma_at(v, 2, x, y))
                    ? COLOUR
                    : NONE;
    for (uint32_t i = 0; i < v->w * v->h; i++) {
        if (v->skin[i] != COLOUR)
            continue;
        struct area a = area_at(v, i % v->w, i / v->w);
        if (!may_be_people(&a))
            continue;
        for (uint32_t k = 0; k < a.n; k++)
            v->skin[v->stack[k]] = PEOPLE;
        if (may_be_head(v, &a))
            head = GH_MIN(head, a.top);
    }
    return head;
}

/* -------------------------------------------------------------------------------------- weights */

static void find_mean(struct view *v)
{
    int64_t sum[2] = {0};
    for (uint32_t y = 0; y < v->h; y++)
        for (uint32_t x = 0; x < v->w; x++)
            for (int i = 0; i < 2; i++)
                sum[i] += chroma_at(v, i + 1, x, y);
    for (int i = 0; i < 2; i++)
        v->mean[i] = (double)sum[i] / (v->w * v->h);
}

/* Edges, colours that are rare in this picture, people. */
static double weigh(const struct view *v, uint32_t x, uint32_t y)
{
    int here = luma_at(v, x, y);
    double cb = chroma_at(v, 1, x, y) - v->mean[0], cr = chroma_at(v, 2, x, y) - v->mean[1];
    double edge = abs(here - luma_at(v, GH_MIN(x + 1, v->w - 1), y)) +
                  abs(here - luma_at(v, x, GH_MIN(y + 1, v->h - 1)));
    return edge + (here > DARK ? (cb * cb + cr * cr) / RARITY : 0) +
           (v->skin[y * v->w + x] == PEOPLE ? SKIN : 0);
}

/* Heads are in the upper part of tall pictures: full weight there, less and less below it. */
static double height_bias(const struct view *v, uint32_t y)
{
    if (v->h <= v->w)
        return 1;
    double from = (double)y / v->h;
    return from < UPPER ? 1 : 1 - (1 - LEAST_BIAS) * (from - UPPER) / LOWER;
}

/* Where a window of length n over m sums holds most; of windows that hold about as much, the one
 * nearest to the middle. */
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
        double score = sum - OFF_CENTRE * all * off * off;
        if (score > best) {
            best = score;
            at_best = i;
        }
        if (i + n < m)
            sum += sums[i + n] - sums[i];
    }
    return at_best;
}

/* Move the window up where it would cut a head off, with room for the hair above the skin. */
static uint32_t above_head(uint32_t head, uint32_t start, uint32_t n)
{
    uint32_t hair = n / HAIR;
    return GH_MIN(start, head > hair ? head - hair : 0);
}

static int make_view(const struct gh_planes *src, struct view **ret, struct gh_err *err)
{
    GH_AUTO(view_free) struct view *v = gh_alloc(sizeof(*v));
    double f = EDGE / GH_MAX(src->ref_w, src->ref_h);
    v->w = GH_CLAMP((uint32_t)(src->ref_w * f + 0.5), 1u, (uint32_t)MOST);
    v->h = GH_CLAMP((uint32_t)(src->ref_h * f + 0.5), 1u, (uint32_t)MOST);
    TRY(gh_planes_new(v->w, v->h, 3, 0, 0, 0, &v->planes, err));
    TRY(gh_resample(src, 0, 0, src->ref_w, src->ref_h, GH_KERNEL_SOFT, &v->planes, err));
    *ret = gh_steal(&v);
    return 0;
}

int gh_attend(const struct gh_planes *src, struct gh_rect *crop, struct gh_err *err)
{
    uint32_t full_w = (uint32_t)src->ref_w, full_h = (uint32_t)src->ref_h;
    if (crop->w > full_w || crop->h > full_h)
        return 0;
    GH_AUTO(view_free) struct view *v = NULL;
    TRY(make_view(src, &v, err));
    find_mean(v);
    uint32_t head = find_people(v);
    double columns[MOST] = {0}, rows[MOST] = {0};
    for (uint32_t y = 0; y < v->h; y++)
        for (uint32_t x = 0; x < v->w; x++) {
            double weight = weigh(v, x, y) * height_bias(v, y);
            columns[x] += weight;
            rows[y] += weight;
        }
    uint32_t cw = GH_CLAMP((uint32_t)((double)crop->w * v->w / full_w + 0.5), 1u, v->w),
             ch = GH_CLAMP((uint32_t)((double)crop->h * v->h / full_h + 0.5), 1u, v->h);
    uint32_t x =
        crop->w < full_w ? (uint32_t)((double)best_start(columns, v->w, cw) * full_w / v->w) : 0;
    uint32_t start = above_head(head, best_start(rows, v->h, ch), ch);
    uint32_t y = crop->h < full_h ? (uint32_t)((double)start * full_h / v->h) : 0;
    crop->x = GH_MIN(x, full_w - crop->w);
    crop->y = GH_MIN(y, full_h - crop->h);
    return 0;
}
