/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A difference hash (where a place is brighter than the one to the right of it), which survives
 * scaling, recompression, exposure and a hand that moved a little; and the mean of the Laplacian's
 * amount in the sharpest places, so that a blurred background does not count against a sharp face.
 */
#include "pipeline/photo/look.h"

#include "base/str.h"

#include <stdlib.h>

#define LEAST_EDGE 32
#define GRID 8
#define ACROSS (GRID + 1) /* places across, for GRID differences */
#define ROWS 512          /* are looked at, at most */
#define SHARPEST 8        /* of GRID × GRID places */
#define UNIT 100          /* of gh_look.sharp, in one step of brightness */

static uint64_t hash_of(const struct gh_plane *l)
{
    uint64_t sums[GRID][ACROSS] = {{0}}, bits = 0;
    uint32_t step = GH_MAX(l->h / ROWS, 1u), n[GRID] = {0};
    for (uint32_t y = 0; y < l->h; y += step) {
        const uint8_t *row = l->data + l->stride * y;
        uint32_t place = (uint32_t)((uint64_t)y * GRID / l->h);
        n[place]++;
        for (uint32_t i = 0; i < ACROSS; i++) {
            uint64_t from = (uint64_t)l->w * i / ACROSS, until = (uint64_t)l->w * (i + 1) / ACROSS;
            uint32_t sum = 0;
            for (uint64_t x = from; x < until; x++)
                sum += row[x];
            sums[place][i] += sum / GH_MAX(until - from, 1u) * 16;
        }
    }
    for (uint32_t y = 0; y < GRID; y++)
        for (uint32_t x = 0; x < GRID; x++)
            /* half a step and more: places of one brightness are not told apart by noise */
            bits |= (uint64_t)(sums[y][x] > sums[y][x + 1] + 8ull * n[y]) << (y * GRID + x);
    return bits;
}

/* Sum of the Laplacian's amount along a part of a row. */
static uint32_t detail(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                       uint32_t from, uint32_t until)
{
    uint32_t sum = 0;
    for (uint32_t x = from; x < until; x++)
        sum += (uint32_t)abs(4 * row[x] - row[x - 1] - row[x + 1] - above[x] - below[x]);
    return sum;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static uint32_t sharp_of(const struct gh_plane *l)
{
    double places[GRID * GRID] = {0}, sum = 0;
    uint32_t step = GH_MAX(l->h / ROWS, 1u), samples[GRID * GRID] = {0};
    for (uint32_t y = 1; y + 1 < l->h; y += step) {
        const uint8_t *row = l->data + l->stride * y;
        uint32_t line = (uint32_t)((uint64_t)y * GRID / l->h) * GRID;
        for (uint32_t i = 0; i < GRID; i++) {
            uint32_t from = GH_MAX((uint32_t)((uint64_t)l->w * i / GRID), 1u),
                     until = GH_MIN((uint32_t)((uint64_t)l->w * (i + 1) / GRID), l->w - 1);
            places[line + i] += detail(row - l->stride, row, row + l->stride, from, until);
            samples[line + i] += until - from;
        }
    }
    for (uint32_t i = 0; i < GRID * GRID; i++)
        places[i] /= GH_MAX(samples[i], 1u);
    qsort(places, GRID * GRID, sizeof(*places), descending);
    for (uint32_t i = 0; i < SHARPEST; i++)
        sum += places[i];
    return GH_MIN((uint32_t)(sum / SHARPEST * UNIT + 0.5), GH_LOOK_SHARP_MAX);
}

void gh_look_at(const struct gh_planes *p, struct gh_look *ret)
{
    *ret = (struct gh_look){0};
    if (p->w < LEAST_EDGE || p->h < LEAST_EDGE)
        return;
    *ret = (struct gh_look){.hash = hash_of(&p->p[0]), .sharp = sharp_of(&p->p[0]), .known = 1};
}
