/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deinterlace: whole frames from fields, where the source has fields. */
#include "filters/filter.h"

enum { OPT_WHEN };

static const struct gh_option options[] = {
    [OPT_WHEN] = {"when", "auto: only where the source is interlaced", GH_OPT_ENUM, 0, 0,
                  "auto|always|never", "auto"},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)err;
    uint32_t when = use->val[OPT_WHEN].choice;
    pic->deinterlace = probe->media == GH_VIDEO && (when == 1 || (when == 0 && probe->interlaced));
    return 0;
}

const struct gh_filter gh_filter_deinterlace = {
    .name = "deinterlace",
    .help = "make whole frames of interlaced video",
    .phase = GH_PHASE_TIME,
    .media = 1u << GH_PHOTO | 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
