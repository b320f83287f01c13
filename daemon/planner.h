/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan(probe, profiles, options) → plan: pure, no I/O, no media library. A plan is the list of encodes (each made once)
 * and, for every placement, which of them it gets (or why it is skipped). Placements of equal result share one encode.
 */
#ifndef GH_DAEMON_PLANNER_H
#define GH_DAEMON_PLANNER_H

#include "base/job.h"
#include "daemon/profile.h"

#define GH_PLAN_MAX_PLACES 48
#define GH_PLAN_MAX_PARTS 16
#define GH_PLAN_EXTRA 2

enum gh_place_how { GH_PLACE_ENCODE, GH_PLACE_MERGED, GH_PLACE_PASS, GH_PLACE_SKIP };

struct gh_place {
    const struct gh_profile *profile; /* borrowed from the set */
    enum gh_place_how how;
    uint32_t parts;                     /* 1, or how many files a split gives; 0 when skipped */
    uint32_t encode[GH_PLAN_MAX_PARTS]; /* index into encodes, one a part */
    char why[256];                      /* one line for people */
};

struct gh_plan {
    struct gh_recipe encodes[GH_JOB_MAX_ENCODES];
    uint32_t n_encodes;
    struct gh_place places[GH_PLAN_MAX_PLACES];
    uint32_t n_places;
    uint32_t
        need_full_probe; /* something is passed through: GH_PROBE_FULL tells whether it may be, or the render will */
};

struct gh_overlays;

struct gh_plan_opts {
    const char *const *names; /* placements wanted; NULL = every profile that takes this medium */
    size_t n_names;
    enum gh_policy policy;
    const char *artist, *copyright;       /* UTF-8, may be NULL */
    uint32_t focal_x, focal_y, has_focal; /* 1/10000 */
    int64_t thumb_at_us;                  /* -1: choose */
    const struct gh_overlays *overlays;   /* logos profiles may name; NULL: none. Borrowed as profiles are */
    char logo[65], label[65];             /* ids of the department's own; "": none */
    struct gh_filter_use
        extra[GH_PLAN_EXTRA]; /* overlay filters for every placement whose profile has none of its own */
    size_t n_extra;
};

/** ret is written only on success. GH_USAGE for an unknown placement name. Large (≈ 60 kB): not for the stack of small
 * threads. */
GH_MUST_USE int gh_plan_make(const struct gh_probe *probe, const struct gh_profiles *profiles,
                             const struct gh_plan_opts *opts, struct gh_plan *ret, struct gh_err *err);
/** For people: one line a placement. */
struct gh_str;
void gh_plan_print(const struct gh_plan *plan, const struct gh_probe *probe, struct gh_str *out);
/** For scripts: a JSON object (new reference). */
typedef struct json_t json_t;
json_t *gh_plan_json(const struct gh_plan *plan, const struct gh_probe *probe);
/** 64 hex digits naming source bytes + recipe: equal recipe of equal source is an equal output. */
void gh_recipe_hash(const char *source_sha256, const struct gh_recipe *recipe, char ret[65]);

/* ------------------------------------------------------------------------ judging an output (daemon/verify.c) */

struct gh_check {
    char limit[24]; /* "bytes" "size" "fps" … */
    bool pass;
    char text[120]; /* "3214556 ≤ 4000000" */
};
#define GH_CHECKS 32
/**
 * Compare the probe of an output (GH_PROBE_PACKETS) with a profile's hard limits, the recipe's size and policy.
 * ret_checks gets one line a limit, ret_n their number. Returns the number that failed.
 */
int gh_verify(const struct gh_probe *out, const struct gh_profile *profile, const struct gh_recipe *recipe,
              struct gh_check ret_checks[GH_CHECKS], size_t *ret_n);

#endif
