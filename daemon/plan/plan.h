/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Probe, profiles and options become a plan: pure, without I/O and media libraries. A plan is the
 * list of encodes (each made once) and, for every placement, which of them it gets, or why it is
 * skipped. Placements with equal results share one encode.
 */
#ifndef GH_DAEMON_PLAN_PLAN_H
#define GH_DAEMON_PLAN_PLAN_H

#include "base/contract.h"
#include "daemon/plan/overlay_names.h"
#include "daemon/plan/profile.h"

#define GH_PLAN_MAX_PLACES 48
#define GH_PLAN_MAX_PARTS 16
_Static_assert(GH_PLAN_MAX_PLACES <= 64 && GH_JOB_MAX_ENCODES <= 64, "sets of them are uint64_t");
#define GH_PLAN_EXTRA 2 /* a department's own filters: its logo and its label */

enum gh_place_how { GH_PLACE_ENCODE, GH_PLACE_MERGED, GH_PLACE_PASS, GH_PLACE_SKIP };

struct gh_place {
    const struct gh_profile *profile; /* borrowed from the set */
    enum gh_place_how how;
    uint32_t parts;                     /* 1, or how many files a split makes; 0 when skipped */
    uint32_t encode[GH_PLAN_MAX_PARTS]; /* index into encodes, one a part */
    char why[256];                      /* one line for people */
};

struct gh_plan {
    struct gh_recipe encodes[GH_JOB_MAX_ENCODES];
    uint32_t n_encodes;
    struct gh_place places[GH_PLAN_MAX_PLACES];
    uint32_t n_places;
    /* Something is to be passed through, and the probe was not deep enough to say that it may be:
     * GH_PROBE_FULL says so, or the render finds out. */
    uint32_t need_full_probe;
    /* Encodes (1ull << index) of which a placement would have another if it had one alone: what was
     * combined, and what is passed through. When one outgrows the strictest limit of those that
     * share it, the plan is made again with gh_plan_opts.apart. */
    uint64_t combined;
};

struct gh_plan_opts {
    /* placements wanted; NULL: every profile that takes this medium and is made by default */
    const char *const *names;
    size_t n_names;
    /* of which media each is wanted (1u << GH_PHOTO …), others are left out without a word; NULL:
     * of any, and what cannot be made is skipped with its reason */
    const unsigned *media;
    enum gh_policy policy;
    const char *artist, *copyright; /* UTF-8, may be NULL */
    struct gh_focal focal;
    int64_t thumb_at_us; /* -1: choose */
    /* Placements (1ull << index in gh_plan.places) that get an encode of their own: nothing is
     * passed through to them, and they share a file with equal recipes only. 0: none. */
    uint64_t apart;
    /* logos profiles may name; NULL: none. Borrowed as profiles are */
    const struct gh_overlay_names *logos;
    char logo[GH_SHA_HEX], label[GH_SHA_HEX]; /* ids of the department's own; "": none */
    /* overlay filters for every placement whose profile has none of its own */
    struct gh_filter_use extra[GH_PLAN_EXTRA];
    size_t n_extra;
};

/** GH_USAGE for an unknown placement, GH_INPUT for a source nothing can be made of. *ret, some
 * 60 kB, borrows from profiles. */
GH_MUST_USE int gh_plan_make(const struct gh_probe *probe, const struct gh_profiles *profiles,
                             const struct gh_plan_opts *opts, struct gh_plan *ret,
                             struct gh_err *err);
/** For people: one line a placement. */
struct gh_str;
void gh_plan_print(const struct gh_plan *plan, const struct gh_probe *probe, struct gh_str *out);
/** For scripts: a JSON object (new reference). */
typedef struct json_t json_t;
json_t *gh_plan_json(const struct gh_plan *plan, const struct gh_probe *probe);
/** Names what a recipe makes of a source: an equal recipe of equal bytes gives an equal output. */
void gh_recipe_hash(const char *source_sha256, const struct gh_recipe *recipe,
                    char ret[GH_SHA_HEX]);

/* ------------------------------------------------------------------------------ does it conform */

/* One limit, or one comparison with the source, and whether an output keeps it. */
struct gh_finding {
    char limit[24]; /* "bytes" "size" "fps" … */
    bool pass;
    char text[120]; /* the figures: "3214556 ≤ 4000000" */
};
#define GH_FINDINGS 32 /* of one output and one profile, at most */
/**
 * Compare the probe of an output (GH_PROBE_PACKETS) with a profile's hard limits, the recipe's size
 * and policy. ret_findings gets one line a limit, ret_n their number. Returns the number that
 * failed.
 */
int gh_conform(const struct gh_probe *out, const struct gh_profile *profile,
               const struct gh_recipe *recipe, struct gh_finding ret_findings[GH_FINDINGS],
               size_t *ret_n);

#endif
