/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingerprints of bounded size: when a list is full, its steps become twice as long. */
#include "base/fingerprint.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

#define MAX_US (400ll * 3600 * 1000000) /* as for durations in contract.c */

void gh_fingerprint_init(struct gh_fingerprint *print, int64_t step_us)
{
    memset(print, 0, sizeof(*print));
    print->pictures.step_us = print->sound.step_us =
        GH_MAX(step_us, (int64_t)GH_FINGERPRINT_STEP_US);
}

/* ------------------------------------------------------------------------------------- pictures */

static int64_t step_of(const struct gh_signatures *g, int64_t at_us)
{
    return GH_MAX(at_us, 0) / g->step_us;
}

/* The index at which a picture of this moment belongs. *ret_same: that place is taken by another
 * picture of the same step. */
static uint32_t place_of(const struct gh_signatures *g, int64_t at_us, bool *ret_same)
{
    int64_t step = step_of(g, at_us);
    uint32_t i = g->n;
    while (i > 0 && step_of(g, g->list[i - 1].at_us) >= step)
        i--;
    *ret_same = i < g->n && step_of(g, g->list[i].at_us) == step;
    return i;
}

bool gh_signatures_want(const struct gh_signatures *g, int64_t at_us)
{
    bool same;
    uint32_t i = place_of(g, at_us, &same);
    return !same || at_us < g->list[i].at_us;
}

/* Steps twice as long: of two pictures that now share one, the first stays. */
static void double_steps(struct gh_signatures *g)
{
    uint32_t n = 0;
    g->step_us *= 2;
    for (uint32_t i = 0; i < g->n; i++)
        if (!n || step_of(g, g->list[i].at_us) != step_of(g, g->list[n - 1].at_us))
            g->list[n++] = g->list[i];
    g->n = n;
}

void gh_signatures_add(struct gh_signatures *g, const struct gh_signature *picture)
{
    if (picture->at_us < 0 || picture->at_us > MAX_US)
        return;
    bool same;
    uint32_t i = place_of(g, picture->at_us, &same);
    while (!same && g->n == GH_FINGERPRINT_SIGNATURES) {
        double_steps(g);
        i = place_of(g, picture->at_us, &same);
    }
    if (same && g->list[i].at_us <= picture->at_us)
        return;
    if (!same)
        memmove(&g->list[i + 1], &g->list[i], (g->n++ - i) * sizeof(g->list[0]));
    g->list[i] = *picture;
}

/* ---------------------------------------------------------------------------------------- sound */

/* Two neighbours become one. */
static void merge_levels(struct gh_levels *l)
{
    l->step_us *= 2;
    for (uint32_t i = 0; i < l->n; i++) {
        l->list[i / 2].sum = (i % 2 ? l->list[i / 2].sum : 0) + l->list[i].sum;
        l->list[i / 2].samples = (i % 2 ? l->list[i / 2].samples : 0) + l->list[i].samples;
    }
    uint32_t n = (l->n + 1) / 2;
    memset(&l->list[n], 0, (l->n - n) * sizeof(l->list[0]));
    l->n = n;
}

void gh_levels_add(struct gh_levels *l, int64_t at_us, double sum, uint32_t samples)
{
    if (at_us < 0 || at_us > MAX_US || !isfinite(sum) || sum < 0)
        return;
    while (at_us / l->step_us >= GH_FINGERPRINT_LEVELS)
        merge_levels(l);
    uint32_t i = (uint32_t)(at_us / l->step_us);
    l->n = GH_MAX(l->n, i + 1);
    l->list[i].sum += (float)sum;
    l->list[i].samples += samples;
}

double gh_levels_power(const struct gh_levels *l, int64_t from_us, int64_t until_us)
{
    double sum = 0;
    uint64_t samples = 0;
    for (int64_t i = from_us / l->step_us; i * l->step_us < until_us && i < l->n; i++) {
        sum += (double)l->list[i].sum;
        samples += l->list[i].samples;
    }
    return samples ? sum / (double)samples : -1;
}

/* ------------------------------------------------------------------------------ hostile reports */

static bool step_ok(int64_t step_us)
{
    return step_us >= GH_FINGERPRINT_STEP_US && step_us <= MAX_US;
}

int gh_fingerprint_check(const struct gh_fingerprint *print, struct gh_err *err)
{
    const struct gh_signatures *g = &print->pictures;
    const struct gh_levels *l = &print->sound;
    bool ok = step_ok(g->step_us) && step_ok(l->step_us) && g->n <= GH_FINGERPRINT_SIGNATURES &&
              l->n <= GH_FINGERPRINT_LEVELS && print->shown_us >= 0 && print->shown_us <= MAX_US;
    for (uint32_t i = 0; ok && i < g->n; i++)
        ok = g->list[i].at_us >= 0 && g->list[i].at_us <= MAX_US &&
             (!i || g->list[i].at_us > g->list[i - 1].at_us);
    for (uint32_t i = 0; ok && i < l->n; i++)
        ok = isfinite(l->list[i].sum) && l->list[i].sum >= 0;
    return ok ? 0 : gh_fail(err, GH_INPUT, "the worker reported an impossible look of a video");
}
