/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Photos that show the same picture and differ only in how well it is encoded share one file where
 * every profile's quality_floor allows: the lower quality of both, the stricter byte limit,
 * progressive only when both want it. Not where the stricter limit could be reached: it would take
 * the other placement below its floor, or make its picture smaller.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <string.h>

static uint64_t stricter(uint64_t a, uint64_t b)
{
    return !a ? b : !b ? a : GH_MIN(a, b);
}

/* No photograph needs so many bits a pixel at the qualities profiles ask for; noise does. */
#define ROOMY_BITS 6

static bool may_be_reached(const struct gh_recipe *r, uint64_t bytes_max)
{
    return bytes_max && bytes_max * 8 < (uint64_t)r->pic.canvas_w * r->pic.canvas_h * ROOMY_BITS;
}

/* What would serve both; false when they are different pictures. */
static bool combine_photos(const struct gh_recipe *a, const struct gh_recipe *b,
                           struct gh_recipe *ret)
{
    struct gh_recipe both = *a, other = *b;
    if (a->media != GH_PHOTO || a->how != GH_HOW_ENCODE)
        return false;
    both.bytes_max = stricter(a->bytes_max, b->bytes_max);
    if (a->bytes_max != b->bytes_max && may_be_reached(a, both.bytes_max))
        return false;
    both.photo.quality = GH_MIN(a->photo.quality, b->photo.quality);
    both.photo.quality_min =
        GH_MIN(both.photo.quality, GH_MAX(a->photo.quality_min, b->photo.quality_min));
    both.photo.progressive = a->photo.progressive && b->photo.progressive;
    other.bytes_max = both.bytes_max;
    other.photo.quality = both.photo.quality;
    other.photo.quality_min = both.photo.quality_min;
    other.photo.progressive = both.photo.progressive;
    *ret = both;
    return gh_recipe_equal(&both, &other);
}

static bool takes(const struct gh_planning *pl, const struct gh_profile *profile,
                  const struct gh_recipe *r)
{
    char broken[160];
    return r->photo.quality >= profile->target.quality_floor &&
           !gh_recipe_breaks(r, profile, pl->probe, broken, sizeof(broken));
}

/* The i-th placement is a photo and gets the e-th encode. (Videos get theirs later.) */
static bool is_of(const struct gh_plan *plan, uint32_t i, uint32_t e)
{
    const struct gh_place *place = &plan->places[i];
    return place->profile->media == GH_PHOTO && place->parts && place->encode[0] == e;
}

int gh_plan_share(const struct gh_planning *pl, uint32_t place, const struct gh_recipe *recipe)
{
    struct gh_plan *plan = pl->plan;
    const struct gh_profile *profile = plan->places[place].profile;
    if (gh_plan_is_apart(pl, place))
        return -1;
    for (uint32_t e = 0; e < plan->n_encodes; e++) {
        struct gh_recipe both;
        bool all = combine_photos(&plan->encodes[e], recipe, &both) && takes(pl, profile, &both);
        for (uint32_t i = 0; all && i < plan->n_places; i++)
            all = !is_of(plan, i, e) ||
                  (!gh_plan_is_apart(pl, i) && takes(pl, plan->places[i].profile, &both));
        if (!all)
            continue;
        if (!gh_recipe_equal(&plan->encodes[e], recipe))
            plan->combined |= 1ull << e;
        plan->encodes[e] = both;
        return (int)e;
    }
    return -1;
}

void gh_plan_share_tell(const struct gh_planning *pl)
{
    struct gh_plan *plan = pl->plan;
    for (uint32_t i = 0; i < plan->n_places; i++) {
        struct gh_place *place = &plan->places[i];
        const struct gh_profile_target *t = &place->profile->target;
        if (place->how != GH_PLACE_MERGED || place->profile->media != GH_PHOTO)
            continue;
        uint32_t e = place->encode[0], owner = 0, quality = plan->encodes[e].photo.quality;
        while (owner < i && !(is_of(plan, owner, e) && plan->places[owner].how == GH_PLACE_ENCODE))
            owner++;
        const struct gh_profile_target *o = &plan->places[owner].profile->target;
        size_t n = GH_FORMAT(place->why, "the same file as %s", plan->places[owner].profile->name);
        if (t->quality != quality || o->quality != quality)
            gh_format(place->why + n, sizeof(place->why) - n,
                      ": both take JPEG quality %u (alone: %u and %u)", quality, o->quality,
                      t->quality);
    }
}
