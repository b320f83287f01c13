/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a profile must have, and what in it contradicts itself: a target outside a hard limit,
 * filters in the wrong order. Each becomes one problem with the line that said it and what to
 * change.
 */
#include "daemon/plan/plan_int.h"
#include "daemon/plan/profile_int.h"

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

struct ctx {
    const struct gh_profile *p;
    const struct gh_profile_lines *lines;
    struct gh_problems *problems;
};

#define BAD(section, key, ...) report(c, gh_profile_line(c->lines, section, key), __VA_ARGS__)

static void GH_PRINTF(3, 4) report(const struct ctx *c, unsigned line, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    gh_problem(c->problems, "%s:%u: %s", c->p->file, line ? line : 1, text);
}

static void check_identity(const struct ctx *c)
{
    const struct gh_profile *p = c->p;
    const struct {
        const char *key;
        bool given;
    } needed[] = {
        {"name", p->name[0]},         {"title", p->title[0]},
        {"platform", p->platform[0]}, {"kind", p->media != GH_MEDIA_NONE},
        {"checked", p->checked[0]},   {"source", p->source[0]},
    };
    for (size_t i = 0; i < GH_LEN(needed); i++)
        if (!needed[i].given)
            report(c, 1, "[profile] %s is missing: add it", needed[i].key);
    if (p->name[strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789.-")] || p->name[0] == '.' ||
        p->name[0] == '-')
        BAD("profile", "name", "name \"%s\" becomes a folder: use a-z, 0-9, dots and dashes",
            p->name);
    unsigned y, m, d;
    char extra;
    if (p->checked[0] &&
        (strlen(p->checked) != 10 || sscanf(p->checked, "%4u-%2u-%2u%c", &y, &m, &d, &extra) != 3 ||
         m < 1 || m > 12 || d < 1 || d > 31))
        BAD("profile", "checked",
            "checked = %s is no date: write the day the limits were read as yyyy-mm-dd",
            p->checked);
    if (p->media == GH_VIDEO && p->from != 1u << GH_VIDEO)
        BAD("profile", "from", "videos are made of videos only: remove from");
    if (p->unasked & ~p->from)
        BAD("profile", "default", "default names a source that it is not made from");
}

/* -------------------------------------------------------------------------------------- filters */

static const struct {
    const char *name;
    unsigned media; /* outputs that cannot do without it */
} needed_filters[] = {
    {"orient", 1u << GH_PHOTO | 1u << GH_VIDEO},
    {"fit", 1u << GH_PHOTO | 1u << GH_VIDEO},
    {"colour", 1u << GH_PHOTO | 1u << GH_VIDEO},
    {"fps", 1u << GH_VIDEO},
};

static void check_order(const struct ctx *c)
{
    const struct gh_profile *p = c->p;
    static const char *const phases[GH_PHASES] = {"orient", "time",    "geometry", "colour",
                                                  "detail", "overlay", "sound"};
    for (size_t i = 0; i < p->n_chain; i++) {
        const struct gh_filter *f = p->chain[i].filter;
        if (!(f->media & 1u << p->media))
            report(c, c->lines->filter[i], "filter %s is not for %ss: remove it", f->name,
                   p->media == GH_VIDEO ? "video" : "photo");
        for (size_t k = 0; k < i; k++)
            if (p->chain[k].filter == f)
                report(c, c->lines->filter[i], "filter %s is used twice: remove one", f->name);
        if (i && f->phase < p->chain[i - 1].filter->phase)
            report(c, c->lines->filter[i], "filter %s (%s) must come before %s (%s): move it up",
                   f->name, phases[f->phase], p->chain[i - 1].filter->name,
                   phases[p->chain[i - 1].filter->phase]);
    }
    for (size_t i = 0; i < GH_LEN(needed_filters); i++)
        if (needed_filters[i].media & 1u << p->media &&
            !gh_profile_filter(p, needed_filters[i].name))
            report(c, c->lines->last, "filter %s is missing: add it to [filters]",
                   needed_filters[i].name);
}

static unsigned filter_line(const struct ctx *c, const struct gh_filter_use *use)
{
    return c->lines->filter[use - c->p->chain];
}

static void check_size(const struct ctx *c, unsigned line, uint32_t w, uint32_t h, bool exact)
{
    const struct gh_profile_limits *l = &c->p->limits;
    double shape = (double)w / h;
    const struct {
        bool bad;
        const char *limit;
    } checks[] = {
        {l->w_max && w > l->w_max, "width"},
        {l->h_max && h > l->h_max, "height"},
        {l->w_min && w < l->w_min, "width"},
        {l->h_min && h < l->h_min, "height"},
        {l->long_max && GH_MAX(w, h) > l->long_max, "long_max"},
        {l->short_max && GH_MIN(w, h) > l->short_max && exact, "short_max"},
        {l->wh_sum_max && w + h > l->wh_sum_max, "wh_sum_max"},
        {l->pixels_max && (uint64_t)w * h > l->pixels_max, "pixels_max"},
        {exact && l->aspect_min > 0 && shape < l->aspect_min, "aspect"},
        {exact && l->aspect_max > 0 && shape > l->aspect_max, "aspect"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (checks[i].bad)
            report(c, line, "size %ux%u is outside the limit %s: change one of them", w, h,
                   checks[i].limit);
}

static void check_fit(const struct ctx *c)
{
    const struct gh_filter_use *fit = gh_profile_filter(c->p, "fit");
    if (!fit)
        return;
    bool exact = gh_filter_value(fit, "mode")->choice != 0;
    const union gh_optval *sizes = gh_filter_value(fit, "sizes");
    for (uint32_t i = 0; i < sizes->sizes.n; i++)
        check_size(c, filter_line(c, fit), sizes->sizes.s[i].w, sizes->sizes.s[i].h, exact);
    if (c->p->limits.sizes_exact && !exact)
        BAD("limits", "sizes_exact", "sizes_exact needs fit mode=crop or mode=pad");
    for (uint32_t i = 0; c->p->media == GH_VIDEO && i < sizes->sizes.n; i++)
        if (sizes->sizes.s[i].w % 2 || sizes->sizes.s[i].h % 2)
            report(c, filter_line(c, fit), "size %ux%u: videos have even sizes",
                   sizes->sizes.s[i].w, sizes->sizes.s[i].h);
}

static void check_fps(const struct ctx *c)
{
    const struct gh_filter_use *use = gh_profile_filter(c->p, "fps");
    if (!use)
        return;
    double max = gh_filter_value(use, "max")->number, min = gh_filter_value(use, "min")->number,
           fixed = gh_filter_value(use, "fixed")->number;
    double low = gh_fps_value(c->p->limits.fps_min), high = gh_fps_value(c->p->limits.fps_max);
    if (fixed > 0)
        min = max = fixed;
    if (high > 0 && (max <= 0 || max > high))
        report(c, filter_line(c, use), "fps must be kept within the limit of %g: set max", high);
    if (low > 0 && min < low)
        report(c, filter_line(c, use), "fps must be raised to the limit of %g: set min", low);
    if (max > 0 && min > max)
        report(c, filter_line(c, use), "fps min is above max");
}

static void check_trim(const struct ctx *c)
{
    const struct gh_filter_use *use = gh_profile_filter(c->p, "trim");
    double low = (double)c->p->limits.duration_min_us / 1e6,
           high = (double)c->p->limits.duration_max_us / 1e6;
    if (!use) {
        if (c->p->media == GH_VIDEO && (low > 0 || high > 0))
            BAD("limits", "duration", "a limit of duration needs the filter trim (max, min, over)");
        return;
    }
    double max = gh_filter_value(use, "max")->number, min = gh_filter_value(use, "min")->number;
    if (high > 0 && (max <= 0 || max > high))
        report(c, filter_line(c, use), "trim max must be at most the limit of %g s", high);
    if (low > 0 && min < low)
        report(c, filter_line(c, use), "trim min must be at least the limit of %g s", low);
    if (max > 0 && min > max)
        report(c, filter_line(c, use), "trim min is above max");
}

/* -------------------------------------------------------------------------------------- targets */

static bool in_list(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; *at;) {
        size_t len = strcspn(at, ",");
        if (len == n && !memcmp(at, word, n))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

static void check_photo(const struct ctx *c)
{
    const struct gh_profile_target *t = &c->p->target;
    if (!t->quality)
        report(c, c->lines->last, "[target] quality is missing: add quality and quality_min");
    if (t->quality_min > t->quality || !t->quality_min)
        BAD("target", "quality_min", "quality_min must be between 1 and quality (%u)", t->quality);
    if (t->quality_floor > t->quality || t->quality_floor < t->quality_min)
        BAD("target", "quality_floor",
            "quality_floor must be between quality_min (%u) and quality (%u)", t->quality_min,
            t->quality);
    if (t->progressive && !c->p->limits.progressive_ok)
        BAD("target", "progressive", "progressive = yes, but [limits] progressive_ok = no");
    if (t->subsampling && t->subsampling != 420 && t->subsampling != 444)
        BAD("target", "subsampling", "subsampling must be 420, 444 or auto");
}

static void check_ladder(const struct ctx *c)
{
    const struct gh_profile_target *t = &c->p->target;
    for (uint32_t i = 0; i < t->rungs; i++) {
        check_size(c, gh_profile_line(c->lines, "target", "ladder"), t->ladder[i].w, t->ladder[i].h,
                   false);
        if (i && t->ladder[i].duration_us <= t->ladder[i - 1].duration_us)
            BAD("target", "ladder", "the rungs of the ladder must go from short to long");
    }
}

static void check_video(const struct ctx *c)
{
    const struct gh_profile_target *t = &c->p->target;
    const struct gh_profile_limits *l = &c->p->limits;
    const struct {
        bool bad;
        const char *key, *what;
    } checks[] = {
        {!in_list("high,main,baseline", t->vprofile), "vprofile",
         "vprofile must be high, main or baseline"},
        {l->vprofiles[0] && !in_list(l->vprofiles, t->vprofile), "vprofile",
         "vprofile is not among [limits] vprofiles"},
        {!t->crf10, "crf", "crf is missing: add the quality aimed at (18 very good … 28 poor)"},
        {t->crf10_floor < t->crf10, "crf_floor", "crf_floor must not be better (lower) than crf"},
        {!t->maxrate_kbps && !t->rungs, "maxrate", "maxrate is missing: add it, or a ladder"},
        {l->kbps_max && t->maxrate_kbps > l->kbps_max, "maxrate",
         "maxrate is above [limits] kbps_max"},
        {t->maxrate_kbps && t->kbps_floor > t->maxrate_kbps, "kbps_floor",
         "kbps_floor is above maxrate"},
        {t->bframes > l->bframes_max, "bframes", "bframes is above [limits] bframes_max"},
        {gh_streq(t->vprofile, "baseline") && t->bframes, "bframes",
         "baseline has no B-frames: set bframes = 0"},
        {l->gop_max_ms && t->gop_ms > l->gop_max_ms, "gop", "gop is longer than [limits] gop_max"},
        {!t->audio_kbps, "audio_kbps", "audio_kbps is missing: add it"},
        {l->channels_max && t->audio_channels > l->channels_max, "audio_channels",
         "audio_channels is above [limits] channels_max"},
        {l->rate_max && t->audio_rate > l->rate_max, "audio_rate",
         "audio_rate is above [limits] rate_max"},
        {l->stereo_required && t->audio_channels != 2, "audio_channels",
         "stereo_required needs audio_channels = 2"},
        {l->audio_required && !t->audio_silent, "audio_silent",
         "audio_required needs audio_silent = yes"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (checks[i].bad)
            BAD("target", checks[i].key, "%s", checks[i].what);
    check_ladder(c);
}

static void check_limits(const struct ctx *c)
{
    const struct gh_profile_limits *l = &c->p->limits;
    const struct {
        bool bad;
        const char *key;
    } ranges[] = {
        {l->w_max && l->w_min > l->w_max, "width"},
        {l->h_max && l->h_min > l->h_max, "height"},
        {l->aspect_max > 0 && l->aspect_min > l->aspect_max, "aspect"},
        {l->fps_max.den && gh_fps_value(l->fps_min) > gh_fps_value(l->fps_max), "fps"},
        {l->duration_max_us && l->duration_min_us > l->duration_max_us, "duration"},
        {l->bytes_max && l->bytes_min > l->bytes_max, "bytes_min"},
        {l->ratio_max != 0 && l->ratio_max < 1, "ratio_max"},
    };
    for (size_t i = 0; i < GH_LEN(ranges); i++)
        if (ranges[i].bad)
            BAD("limits", ranges[i].key, "%s: the smaller number comes first", ranges[i].key);
}

void gh_profile_check(const struct gh_profile *p, const struct gh_profile_lines *lines,
                      struct gh_problems *problems)
{
    struct ctx c = {p, lines, problems};
    check_identity(&c);
    check_order(&c);
    check_limits(&c);
    check_fit(&c);
    const struct gh_filter_use *colour = gh_profile_filter(p, "colour");
    if (colour && (gh_filter_value(colour, "to")->choice == 0) != (p->media == GH_PHOTO))
        report(&c, filter_line(&c, colour), "colour: photos go to=srgb, videos to=bt709");
    if (p->media == GH_PHOTO) {
        check_photo(&c);
    } else if (p->media == GH_VIDEO) {
        check_fps(&c);
        check_trim(&c);
        check_video(&c);
    }
}
