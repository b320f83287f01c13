/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cheapest set of encodes that covers all videos wanted. A set of placements may share one
 * encode when the picture of one of them, encoded with the strictest of all their settings,
 * breaks no member's hard limit and falls below no member's declared floor. Exact search over all
 * partitions (dynamic programming over subsets) for the first 12 files; further ones share only
 * with equal ones.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

#define EXACT 12        /* files whose partitions are all tried: 4,096 sets */
#define FPS_SLACK 0.999 /* as much of its own frame rate a placement must get */

struct group {
    bool possible;
    double cost; /* pixels encoded */
    struct gh_recipe recipe;
};

struct merging {
    const struct gh_planning *pl;
    const struct gh_want *wants;
    size_t n;
    struct group *groups; /* by set of wants */
    double *best;         /* cost of covering a set */
    /* the group that holds the set's first want, in the cheapest cover of the set */
    uint32_t *first;
};

static const struct gh_profile *profile_of(const struct merging *m, size_t want)
{
    return m->pl->plan->places[m->wants[want].place].profile;
}

static double cost_of(const struct gh_recipe *r)
{
    return (double)r->pic.canvas_w * r->pic.canvas_h * GH_MAX(gh_fps_value(r->pic.fps), 1.0) *
           GH_MAX((double)r->pic.duration_us / 1e6, 0.1);
}

/* ------------------------------------------------------------------ settings of a shared encode */

static bool takes_profile(const char *list, const char *word)
{
    return !list[0] || strstr(list, word) != NULL;
}

/* The best H.264 profile all members take; false when there is none. */
static bool common_profile(const struct merging *m, uint32_t set, struct gh_video_out *v)
{
    static const char *const order[] = {"high", "main", "baseline"};
    for (size_t k = 0; k < GH_LEN(order); k++) {
        bool all = true, aimed = false;
        for (size_t i = 0; i < m->n; i++)
            if (set & 1u << i) {
                all &= takes_profile(profile_of(m, i)->limits.vprofiles, order[k]);
                aimed |= gh_streq(m->wants[i].recipe.video.profile, order[k]);
            }
        if (all && (aimed || k + 1 == GH_LEN(order) || gh_streq(order[k], "main"))) {
            GH_COPY(v->profile, order[k]);
            return true;
        }
    }
    return false;
}

/* The picture of one member, the leader, with the strictest of all members' settings. */
static bool combine_settings(const struct merging *m, uint32_t set, size_t leader,
                             struct gh_recipe *ret)
{
    struct gh_recipe r = m->wants[leader].recipe;
    uint32_t bframes_max = UINT32_MAX, gop_max = UINT32_MAX, kbps_max = UINT32_MAX, least_level = 0;
    r.video = (struct gh_video_out){.crf10 = UINT32_MAX};
    if (!common_profile(m, set, &r.video))
        return false;
    for (size_t i = 0; i < m->n; i++) {
        if (!(set & 1u << i))
            continue;
        const struct gh_recipe *own = &m->wants[i].recipe;
        const struct gh_profile_limits *l = &profile_of(m, i)->limits;
        if (l->bytes_max && (!r.bytes_max || l->bytes_max < r.bytes_max))
            r.bytes_max = l->bytes_max;
        if (own->audio.mode != GH_AUDIO_NONE) {
            r.audio.mode = own->audio.mode;
            r.audio.kbps = GH_MAX(r.audio.kbps, own->audio.kbps);
            r.audio.rate = GH_MAX(r.audio.rate, own->audio.rate);
            r.audio.channels = GH_MAX(r.audio.channels, own->audio.channels);
        }
        r.video.crf10 = GH_MIN(r.video.crf10, profile_of(m, i)->target.crf10_floor);
        r.video.maxrate_kbps = GH_MAX(r.video.maxrate_kbps, own->video.maxrate_kbps);
        r.video.bframes = GH_MAX(r.video.bframes, own->video.bframes);
        r.video.gop_ms = GH_MAX(r.video.gop_ms, own->video.gop_ms);
        least_level = GH_MAX(least_level, own->video.level10);
        bframes_max = GH_MIN(bframes_max, l->bframes_max);
        gop_max = GH_MIN(gop_max, l->gop_max_ms ? l->gop_max_ms : UINT32_MAX);
        kbps_max = GH_MIN(kbps_max, l->kbps_max ? l->kbps_max : UINT32_MAX);
    }
    uint32_t fits = gh_kbps_for(r.bytes_max, r.pic.duration_us, r.audio.kbps);
    r.video.maxrate_kbps = GH_MIN(r.video.maxrate_kbps, GH_MIN(fits, kbps_max));
    r.video.bframes =
        gh_streq(r.video.profile, "baseline") ? 0 : GH_MIN(r.video.bframes, bframes_max);
    r.video.gop_ms = GH_MIN(r.video.gop_ms, gop_max);
    r.video.level10 = gh_level_for(r.pic.canvas_w, r.pic.canvas_h, r.pic.fps, least_level);
    gh_plan_preset(&r);
    *ret = r;
    return true;
}

/* ------------------------------------------------------------------------- may a member take it */

/* The same frames of the source at the same size; only how many of them a second may differ, and
 * how many parts a placement has. */
static bool same_picture(const struct gh_pic *a, const struct gh_pic *b)
{
    struct gh_pic other = *b;
    other.fps = a->fps;
    other.parts = a->parts;
    return gh_pic_equal(a, &other);
}

/* The same part of the same picture, treated the same way; size and bars may differ as well. */
static bool same_treatment(const struct gh_pic *a, const struct gh_pic *b)
{
    struct gh_pic other = *b;
    other.content_w = a->content_w;
    other.content_h = a->content_h;
    other.canvas_w = a->canvas_w;
    other.canvas_h = a->canvas_h;
    other.x = a->x;
    other.y = a->y;
    other.pad = a->pad;
    other.pad_rgb = a->pad_rgb;
    return same_picture(a, &other);
}

static bool accepts(const struct merging *m, size_t want, const struct gh_recipe *r)
{
    const struct gh_recipe *own = &m->wants[want].recipe;
    const struct gh_profile *profile = profile_of(m, want);
    if (!same_treatment(&r->pic, &own->pic))
        return false;
    if (!same_picture(&r->pic, &own->pic)) {
        bool bars = r->pic.pad != GH_PAD_NONE || own->pic.pad != GH_PAD_NONE;
        bool smaller = r->pic.canvas_w < own->pic.canvas_w || r->pic.canvas_h < own->pic.canvas_h;
        bool enlarged =
            r->pic.content_w > r->pic.crop.w + 1 || r->pic.content_h > r->pic.crop.h + 1;
        if (bars || smaller || enlarged)
            return false;
    }
    if (gh_fps_value(r->pic.fps) < gh_fps_value(own->pic.fps) * FPS_SLACK)
        return false;
    if (r->video.maxrate_kbps < GH_MIN(profile->target.kbps_floor, own->video.maxrate_kbps))
        return false;
    char broken[160];
    return !gh_recipe_breaks(r, profile, m->pl->probe, broken, sizeof(broken));
}

/* Whether the set is one file, or several with equal recipes: then there is nothing to combine. */
static bool uniform(const struct merging *m, uint32_t set)
{
    const struct gh_recipe *first = NULL;
    for (size_t i = 0; i < m->n; i++) {
        if (!(set & 1u << i))
            continue;
        if (first && !gh_recipe_equal(first, &m->wants[i].recipe))
            return false;
        first = first ? first : &m->wants[i].recipe;
    }
    return true;
}

static void consider(struct merging *m, uint32_t set)
{
    struct group *g = &m->groups[set];
    bool alone = uniform(m, set);
    for (size_t i = 0; i < m->n && !alone; i++)
        if (set & 1u << i && gh_plan_is_apart(m->pl, m->wants[i].place))
            return;
    for (size_t leader = 0; leader < m->n; leader++) {
        struct gh_recipe r;
        if (!(set & 1u << leader))
            continue;
        bool ok = true;
        if (alone)
            r = m->wants[leader].recipe;
        else
            ok = combine_settings(m, set, leader, &r);
        for (size_t i = 0; ok && !alone && i < m->n; i++)
            ok = !(set & 1u << i) || accepts(m, i, &r);
        if (!ok || (g->possible && cost_of(&r) >= g->cost))
            continue;
        *g = (struct group){true, cost_of(&r), r};
    }
}

/* --------------------------------------------------------------------------------------- search */

static void search(struct merging *m)
{
    uint32_t all = (1u << m->n) - 1;
    for (uint32_t set = 1; set <= all; set++)
        consider(m, set);
    for (uint32_t set = 1; set <= all; set++) {
        uint32_t first = set & -set;
        m->best[set] = INFINITY;
        /* larger groups first: ties go to fewer encodes */
        for (uint32_t sub = set; sub; sub = (sub - 1) & set) {
            if (!(sub & first) || !m->groups[sub].possible)
                continue;
            double cost = m->groups[sub].cost + m->best[set ^ sub];
            if (cost < m->best[set]) {
                m->best[set] = cost;
                m->first[set] = sub;
            }
        }
    }
}

/* -------------------------------------------------------------------------------- into the plan */

static void describe_encode(const struct gh_recipe *r, char *ret, size_t size)
{
    size_t n = gh_format(ret, size, "%.5g fps, %s, %s (%s), crf %.4g up to %u kbit/s",
                         gh_fps_value(r->pic.fps), r->video.profile, r->video.preset,
                         gh_plan_preset_why(r), r->video.crf10 / 10.0, r->video.maxrate_kbps);
    if (r->audio.mode == GH_AUDIO_SILENT)
        gh_format(ret + n, size - n, ", silent track");
}

/* The first placement that got this encode: it is encoded for it, the others take the same file. */
static const struct gh_place *owner_of(const struct gh_plan *plan, uint32_t encode,
                                       const struct gh_place *but)
{
    for (uint32_t i = 0; i < plan->n_places; i++)
        for (uint32_t k = 0; &plan->places[i] != but && k < plan->places[i].parts &&
                             plan->places[i].how == GH_PLACE_ENCODE;
             k++)
            if (plan->places[i].encode[k] == encode)
                return &plan->places[i];
    return NULL;
}

static void place_want(struct gh_plan *plan, const struct gh_want *want, const struct gh_recipe *r,
                       bool shared)
{
    struct gh_place *place = &plan->places[want->place];
    if (place->how == GH_PLACE_SKIP)
        return;
    bool added;
    int e = gh_plan_encode(plan, r, &added);
    if (e < 0) {
        gh_place_skip(place, "too many outputs for one job: ask for fewer placements");
        return;
    }
    place->encode[want->part] = (uint32_t)e;
    plan->combined |= shared ? 1ull << e : 0;
    if (want->part > 0)
        return;
    char what[140], why_not[sizeof(place->why)];
    describe_encode(r, what, sizeof(what));
    GH_COPY(why_not, place->why);
    const struct gh_place *owner = added ? NULL : owner_of(plan, (uint32_t)e, place);
    place->how = owner ? GH_PLACE_MERGED : GH_PLACE_ENCODE;
    if (owner)
        GH_FORMAT(place->why, "the same file as %s: %s", owner->profile->name,
                  shared ? "it is within the limits of both" : "both want the same");
    else
        GH_FORMAT(place->why, "%s%s%s", what, why_not[0] ? "; not passed through: " : "", why_not);
}

void gh_plan_merge(const struct gh_planning *pl, const struct gh_want *wants, size_t n)
{
    size_t exact = GH_MIN(n, (size_t)EXACT);
    if (!n)
        return;
    GH_AUTO_FREE struct group *groups = gh_alloc(((size_t)1 << exact) * sizeof(*groups));
    GH_AUTO_FREE double *best = gh_alloc(((size_t)1 << exact) * sizeof(*best));
    GH_AUTO_FREE uint32_t *first = gh_alloc(((size_t)1 << exact) * sizeof(*first));
    struct merging m = {pl, wants, exact, groups, best, first};
    search(&m);
    const struct gh_recipe *chosen[EXACT] = {0};
    bool shared[EXACT] = {0};
    for (uint32_t left = (1u << exact) - 1; left; left ^= first[left])
        for (size_t i = 0; i < exact; i++)
            if (first[left] & 1u << i) {
                chosen[i] = &groups[first[left]].recipe;
                shared[i] = !uniform(&m, first[left]);
            }
    for (size_t i = 0; i < n; i++)
        place_want(pl->plan, &wants[i], i < exact ? chosen[i] : &wants[i].recipe,
                   i < exact && shared[i]);
}
