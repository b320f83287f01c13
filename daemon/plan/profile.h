/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Profiles: one placement of one platform, as data (profiles/<name>.profile, overridden by
 * SYSCONFDIR/ghat/profiles/<name>.profile). Unknown key, bad value, limit below target, wrong
 * filter order: GH_CONFIG with file:line.
 */
#ifndef GH_DAEMON_PLAN_PROFILE_H
#define GH_DAEMON_PLAN_PROFILE_H

#include "base/err.h"
#include "base/media.h"
#include "filters/filter.h"

#include <stddef.h>

#define GH_PLACEMENT_MAX 32 /* bytes of a placement's name */

/* Hard limits: what the platform refuses. 0 = none. */
struct gh_profile_limits {
    uint64_t bytes_max, bytes_min;
    uint32_t w_min, h_min, w_max, h_max, long_max, short_max, wh_sum_max;
    uint64_t pixels_max;
    double aspect_min, aspect_max, ratio_max;
    struct gh_rational fps_min, fps_max;
    int64_t duration_min_us, duration_max_us;
    uint32_t bframes_max; /* UINT32_MAX: no limit */
    uint32_t gop_max_ms;
    uint32_t audio_required, stereo_required, channels_max, rate_max;
    uint32_t progressive_ok; /* JPEG */
    uint32_t cfr;            /* frame rate must be constant */
    uint32_t kbps_max;       /* video */
    char vprofiles[64];      /* "high,main,baseline"; "" any */
    uint32_t sizes_exact;    /* only the sizes of the fit filter are accepted */
    /* the sound may end before the picture (matters to passing through only) */
    uint32_t sound_short_ok;
    uint32_t album_max; /* files in one post; 0: not known */
};

/* One rung of a ladder: up to this duration, at most this size and rate. */
struct gh_rung {
    int64_t duration_us;
    uint32_t w, h, kbps, audio_kbps;
};
#define GH_RUNGS 6

/* Targets: what is made when an encode is for this placement alone. */
struct gh_profile_target {
    uint32_t quality, quality_min, progressive, subsampling, shrink_min; /* photos */
    uint32_t quality_floor; /* worst JPEG quality this placement takes in a shared encode */
    char vprofile[16];      /* videos */
    uint32_t level10, bframes, gop_ms, crf10, maxrate_kbps;
    uint32_t crf10_floor; /* worst CRF × 10 this placement takes in a merged encode */
    uint32_t kbps_floor;  /* refuse below this video rate when bytes force the rate down */
    uint32_t audio_kbps, audio_rate, audio_channels;
    uint32_t audio_silent; /* add a silent track when there is none */
    uint32_t passthrough;  /* 1: an input within the limits may be passed through */
    struct gh_rung ladder[GH_RUNGS];
    uint32_t rungs;
};

struct gh_profile {
    char name[GH_PLACEMENT_MAX], title[96], platform[48], checked[16], source[256];
    char file[256];      /* where it was read, for messages */
    enum gh_media media; /* of the output */
    unsigned from;       /* sources it takes: 1u << GH_PHOTO | 1u << GH_VIDEO */
    unsigned unasked;    /* of these, of which it is made when nobody chooses; 0: none */
    char words[512];     /* what people call its platforms, with commas; "": nothing else */
    unsigned version;    /* of the profile's text, from [profile] version */
    char digest[17];     /* first 16 hex digits of the SHA-256 of its text and filter versions */
    struct gh_profile_limits limits;
    struct gh_profile_target target;
    struct gh_filter_use chain[GH_FILTER_CHAIN];
    size_t n_chain;
    uint32_t caption_max;   /* characters; 0 no limit … */
    uint32_t caption_count; /* … counted so: enum gh_count */
};

struct gh_profiles {
    struct gh_profile *list; /* sorted by name */
    size_t n;
};

/** Parse one profile text. file is for messages. */
GH_MUST_USE int gh_profile_parse(const char *text, const char *file, struct gh_profile *ret,
                                 struct gh_err *err);
/**
 * Read every *.profile of dir (shipped), then of override_dir (may be NULL or missing): same name
 * replaces. The set is the caller's. Fails on the first bad file.
 */
GH_MUST_USE int gh_profiles_load(const char *dir, const char *override_dir, struct gh_profiles *ret,
                                 struct gh_err *err);
void gh_profiles_free(struct gh_profiles *set);
/** The chain's use of a filter; NULL when it has none. */
const struct gh_filter_use *gh_profile_filter(const struct gh_profile *profile, const char *name);
const struct gh_profile *gh_profiles_find(const struct gh_profiles *set, const char *name);

#endif
