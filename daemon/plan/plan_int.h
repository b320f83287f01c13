/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the planner's files: recipes as values, limits asked before anything is made, and who
 * shares an encode. */
#ifndef GH_DAEMON_PLAN_PLAN_INT_H
#define GH_DAEMON_PLAN_PLAN_INT_H

#include "daemon/plan/plan.h"

/* What a plan is made from. */
struct gh_planning {
    const struct gh_probe *probe;
    const struct gh_plan_opts *opts;
    struct gh_plan *plan;
};

/* One file wanted: a part of a placement, with the recipe it would have alone. */
struct gh_want {
    uint32_t place; /* index into plan->places */
    uint32_t part;  /* 0-based */
    struct gh_recipe recipe;
};

/* -- recipe.c -- */
bool gh_recipe_equal(const struct gh_recipe *a, const struct gh_recipe *b);
bool gh_pic_equal(const struct gh_pic *a, const struct gh_pic *b);
/** What a probe (GH_PROBE_PACKETS) of the output will say if all goes as planned; bytes are 0 =
 * unknown. */
struct gh_probe gh_recipe_expect(const struct gh_recipe *recipe, const struct gh_probe *source);
json_t *gh_recipe_json(const struct gh_recipe *recipe);
/** First hard limit the planned output would break, as text; false when none. */
bool gh_recipe_breaks(const struct gh_recipe *recipe, const struct gh_profile *profile,
                      const struct gh_probe *source, char *ret, size_t size);

/* -- video.c -- */
/** Rates, level, sound and ladder of a video recipe whose pic is finished. GH_SKIP when it cannot
 * fit the bytes. */
GH_MUST_USE int gh_plan_video_own(const struct gh_probe *probe, const struct gh_profile *profile,
                                  struct gh_recipe *recipe, struct gh_err *err);
/** Highest video rate that keeps duration_us within bytes (3 % under, what a VBV buffer may add
 * counted); UINT32_MAX without a limit. */
uint32_t gh_kbps_for(uint64_t bytes, int64_t duration_us, uint32_t audio_kbps);
/** Choose the preset by the bits maxrate_kbps allows for a pixel, and turn the CRF of veryfast into
 * that of the preset. */
void gh_plan_preset(struct gh_recipe *recipe);
/** Why this preset was chosen, for people. */
const char *gh_plan_preset_why(const struct gh_recipe *recipe);
/** Lowest H.264 level for size and rate that is not below least. */
uint32_t gh_level_for(uint32_t w, uint32_t h, struct gh_rational fps, uint32_t least);

/* -- pass.c -- */
/** May the source's own bitstream serve profile? ret_why (size bytes) says why not. *ret_more: only
 * a full probe can tell. */
bool gh_plan_passes(const struct gh_probe *probe, const struct gh_profile *profile, bool *ret_more,
                    char *ret_why, size_t size);
struct gh_recipe gh_plan_pass_recipe(const struct gh_probe *probe, enum gh_policy policy);

/* -- merge.c -- */
/** Cover all wants (videos, not passed through) by the cheapest set of encodes; adds encodes and
 * fills places. */
void gh_plan_merge(const struct gh_planning *pl, const struct gh_want *wants, size_t n);

/* -- share.c -- */
/** Let an encode of the plan serve this placement's photo, too, at a quality that no profile's
 * floor forbids: its index; -1: none can. place: index into plan->places; recipe is what its
 * profile wants alone. */
int gh_plan_share(const struct gh_planning *pl, uint32_t place, const struct gh_recipe *recipe);
/** Say with whom every merged photo shares, and at what quality. */
void gh_plan_share_tell(const struct gh_planning *pl);

/* -- overlay.c -- */
/** Before the chain: which logo and label the department has. */
void gh_plan_overlay_ids(const struct gh_plan_opts *opts, struct gh_pic *pic);
/** After the chain: the department's own filters, where the profile has none; names become ids. */
GH_MUST_USE int gh_plan_overlays(const struct gh_planning *pl, const struct gh_profile *profile,
                                 struct gh_pic *pic, struct gh_err *err);

/* -- plan.c -- */
/** Whether the placement (index into plan->places) is to have an encode of its own. */
static inline bool gh_plan_is_apart(const struct gh_planning *pl, uint32_t place)
{
    return pl->opts->apart & 1ull << place;
}
/** Index of an encode equal to recipe, adding it when there is none; -1 when the plan is full. */
int gh_plan_encode(struct gh_plan *plan, const struct gh_recipe *recipe, bool *ret_added);
void gh_place_skip(struct gh_place *place, const char *fmt, ...) GH_PRINTF(2, 3);

static inline double gh_fps_value(struct gh_rational r)
{
    return r.den > 0 ? (double)r.num / r.den : 0;
}

#endif
