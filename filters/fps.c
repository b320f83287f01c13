/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fps: the constant frame rate of the output. Too fast: the source's rate divided by a whole number
 * (60 → 30, 50 → 25), so that motion stays even; too slow: multiplied by one (15 → 30), else the
 * minimum (23.976 → 24), by repeating frames.
 */
#include "filters/geometry.h"

#include <math.h>

enum { OPT_MAX, OPT_MIN, OPT_FIXED };

static const struct gh_option options[] = {
    [OPT_MAX] = {"max", "highest rate; 0 = the source's", GH_OPT_NUMBER, 0, 240, NULL, "0"},
    [OPT_MIN] = {"min", "lowest rate; 0 = the source's", GH_OPT_NUMBER, 0, 60, NULL, "0"},
    [OPT_FIXED] = {"fixed", "this rate whatever the source has; 0 = off", GH_OPT_NUMBER, 0, 120,
                   NULL, "0"},
    {0},
};

#define SLACK 1.0005 /* 30000/1001 is within 30, 30.006 too */
#define FALLBACK 25  /* where the source has no rate */

static struct gh_rational divided(struct gh_rational r, double max)
{
    double fps = (double)r.num / r.den;
    int32_t k = (int32_t)ceil(fps / max / SLACK);
    return k <= 1 ? r : r.num % k ? gh_rate_of(fps / k) : (struct gh_rational){r.num / k, r.den};
}

static struct gh_rational raised(struct gh_rational r, double min, double max)
{
    double fps = (double)r.num / r.den;
    if (fps >= min * 0.99999)
        return r;
    int32_t k = (int32_t)ceil(min / fps - 1e-5);
    bool fits = max <= 0 || fps * k <= max * SLACK;
    return fits && fps * k <= min * 1.5 ? gh_rate_of(fps * k) : gh_rate_of(min);
}

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)err;
    double max = use->val[OPT_MAX].number, min = use->val[OPT_MIN].number,
           fixed = use->val[OPT_FIXED].number;
    struct gh_rational r = gh_fps_of(probe);
    if (fixed > 0) {
        pic->fps = gh_rate_of(fixed);
        return 0;
    }
    if (!r.den)
        r = (struct gh_rational){FALLBACK, 1};
    if (max > 0)
        r = divided(r, max);
    if (min > 0)
        r = raised(r, min, max);
    pic->fps = r;
    return 0;
}

const struct gh_filter gh_filter_fps = {
    .name = "fps",
    .help = "a constant frame rate within limits",
    .phase = GH_PHASE_TIME,
    .media = 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
