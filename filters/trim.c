/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trim: what to do with a clip that is too long for the placement (refuse, cut, split in equal
 * parts) or too short (skip). On entry pic->part is the part of a split that is wanted. Class:
 * GH_SKIP.
 */
#include "filters/filter.h"

#include <math.h>

enum { OPT_MAX, OPT_MIN, OPT_OVER };

static const struct gh_option options[] = {
    [OPT_MAX] = {"max", "longest clip in seconds; 0 = any", GH_OPT_NUMBER, 0, 86400, NULL, "0"},
    [OPT_MIN] = {"min", "shortest clip in seconds: shorter ones are skipped", GH_OPT_NUMBER, 0,
                 3600, NULL, "0"},
    [OPT_OVER] = {"over", "longer clips: skip them, keep the beginning, or make parts", GH_OPT_ENUM,
                  0, 0, "refuse|cut|split", "refuse"},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    int64_t whole = probe->duration_us;
    double max = use->val[OPT_MAX].number, min = use->val[OPT_MIN].number,
           length = (double)whole / 1e6;
    if (whole <= 0)
        return 0; /* not known: the output will be checked */
    pic->start_us = 0;
    pic->duration_us = whole;
    uint32_t part = pic->part ? pic->part : 1;
    pic->part = pic->parts = 1;
    if (max > 0 && length > max) {
        if (use->val[OPT_OVER].choice == GH_OVERLONG_REFUSE)
            return gh_fail(err, GH_SKIP, "%.1f s is longer than the %g s allowed: cut the clip",
                           length, max);
        if (use->val[OPT_OVER].choice == GH_OVERLONG_CUT) {
            pic->duration_us = llround(max * 1e6);
        } else if (use->val[OPT_OVER].choice == GH_OVERLONG_SPLIT) {
            uint32_t parts = (uint32_t)ceil(length / max);
            pic->part = GH_MIN(part, parts);
            pic->parts = parts;
            pic->start_us = whole * (pic->part - 1) / parts;
            pic->duration_us = whole * pic->part / parts - pic->start_us;
        }
    }
    if ((double)pic->duration_us / 1e6 < min)
        return gh_fail(err, GH_SKIP, "%.2f s is shorter than the %g s needed",
                       (double)pic->duration_us / 1e6, min);
    return 0;
}

const struct gh_filter gh_filter_trim = {
    .name = "trim",
    .help = "refuse, cut or split clips that are too long; skip those too short",
    .phase = GH_PHASE_TIME,
    .media = 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
