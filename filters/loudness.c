/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loudness: brings the sound to one programme loudness (EBU R128), so that clips do not jump at the
 * listener. */
#include "filters/filter.h"

#include <math.h>

enum { OPT_TARGET };

static const struct gh_option options[] = {
    [OPT_TARGET] = {"target", "integrated loudness in LUFS", GH_OPT_NUMBER, -40, -5, NULL, "-14"},
    {0},
};

static int apply(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err)
{
    (void)err;
    pic->lufs10 = probe->n_audio ? (int32_t)lround(use->val[OPT_TARGET].number * 10) : 0;
    return 0;
}

const struct gh_filter gh_filter_loudness = {
    .name = "loudness",
    .help = "bring the sound to an even loudness (EBU R128)",
    .phase = GH_PHASE_SOUND,
    .media = 1u << GH_VIDEO,
    .version = 1,
    .options = options,
    .apply = apply,
};
