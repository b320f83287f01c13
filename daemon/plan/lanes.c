/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a lane costs in memory and descriptors, and when one more saves time. */
#include "daemon/plan/lanes.h"

#include "base/str.h"

/* Cores that one encoder of x264 and its part of the decoding keep busy. */
#define ENCODER_CORES 4
/* A lane is no shorter: each decodes some pictures before its first, and fills its encoder's
 * look-ahead. */
#define LANE_US (20 * 1000 * 1000)
#define LANE_BASE_BYTES (200ull << 20) /* threads' stacks */
#define LANE_PIXEL_BYTES 64            /* for each pixel of the source and of every output */
/* Of outputs, journals and shelves, within what a child may have open. */
#define DESCRIPTORS_MAX 128

static bool is_encode(const struct gh_recipe *r)
{
    return r->media == GH_VIDEO && r->how == GH_HOW_ENCODE;
}

static uint64_t lane_bytes(const struct gh_plan *plan, const struct gh_probe *probe)
{
    uint64_t pixels = (uint64_t)probe->stored_w * probe->stored_h;
    for (uint32_t i = 0; i < plan->n_encodes; i++)
        if (is_encode(&plan->encodes[i]))
            pixels += (uint64_t)plan->encodes[i].pic.canvas_w * plan->encodes[i].pic.canvas_h;
    return LANE_BASE_BYTES + pixels * LANE_PIXEL_BYTES;
}

unsigned gh_lanes_of(const struct gh_plan *plan, const struct gh_probe *probe,
                     const struct gh_lanes_conf *conf)
{
    uint64_t encodes = 0, most = conf->lanes;
    for (uint32_t i = 0; i < plan->n_encodes; i++)
        encodes += is_encode(&plan->encodes[i]);
    if (!encodes || probe->media != GH_VIDEO)
        return 1;
    if (!conf->lanes) /* where there are more cores than the encoders of this video use */
        most = GH_MIN(conf->threads / (encodes * ENCODER_CORES),
                      (uint64_t)GH_MAX(probe->duration_us, 0) / LANE_US);
    if (conf->memory)
        most = GH_MIN(most, conf->memory / lane_bytes(plan, probe));
    most = GH_MIN(most, (uint64_t)GH_JOB_SHELVES + 1);
    while (most > 1 && 2ull * plan->n_encodes + encodes * (most - 1) > DESCRIPTORS_MAX)
        most--;
    return (unsigned)GH_MAX(most, 1u);
}
