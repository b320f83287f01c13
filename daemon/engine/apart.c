/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One placement's limit never fails another that shares its file. Where a shared file outgrew the
 * strictest limit of those that get it, these are set apart, and the job is planned and rendered
 * again: they get an encode of their own, perhaps a smaller picture, or a failure of their own, and
 * the others a file within the limits that are left. If it happens again, each placement of the
 * file is set apart, so that a clip that nothing can press costs three renders at most.
 */
#include "daemon/engine/engine_int.h"

#define SPLITS_MAX 2

/* Whether the placement gets this encode, for one of its parts. */
static bool gets(const struct gh_place *place, uint32_t encode)
{
    for (uint32_t part = 0; part < place->parts && part < GH_PLAN_MAX_PARTS; part++)
        if (place->how != GH_PLACE_SKIP && place->encode[part] == encode)
            return true;
    return false;
}

/* The placements that share this encode: all, or those whose limit of bytes it was made for. */
static uint64_t members(const struct gh_plan *plan, uint32_t encode, bool strictest)
{
    uint64_t bytes_max = plan->encodes[encode].bytes_max, set = 0;
    for (uint32_t i = 0; i < plan->n_places; i++)
        if (gets(&plan->places[i], encode) &&
            (!strictest || plan->places[i].profile->limits.bytes_max == bytes_max))
            set |= 1ull << i;
    return set;
}

bool gh_job_sets_apart(struct gh_job *job)
{
    const struct gh_plan *plan = job->plan;
    uint64_t apart = 0;
    for (uint32_t i = 0; job->splits < SPLITS_MAX && i < plan->n_encodes; i++)
        if (job->made[i].err.cls == GH_LIMIT && plan->combined & 1ull << i)
            apart |= members(plan, i, job->splits == 0);
    if (!(apart & ~job->req.opts.apart))
        return false;
    job->req.opts.apart |= apart;
    job->splits++;
    return true;
}
