/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One profile text becomes one gh_profile: a table of keys with their types. Whether values
 * contradict each other is checked in profile_check.c. Class: GH_CONFIG, every message with
 * file:line and what to write instead.
 */
#include "daemon/plan/profile_int.h"

#include "base/count.h"
#include "base/hash.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

enum type {
    INI,     /* one of base/ini.h's types */
    FROM,    /* "photo" "video" "photo,video" */
    UNASKED, /* the same, or "no" */
    RANGE_U, /* "320..1440", "..1440", "320.." → two uint32_t */
    RANGE_F, /* two doubles */
    RANGE_R, /* two frame rates */
    RANGE_T, /* two int64_t microseconds */
    NUMBER,  /* double */
    KBPS,    /* "8000k" → uint32_t */
    TENTHS,  /* "22.5" → uint32_t 225 */
    MS,      /* duration → uint32_t milliseconds */
    WORDS,   /* names with commas, given once a platform */
    LADDER,  /* "60s 1280x720 1800k 96k", given once a rung */
};

struct row {
    struct gh_ini_key ini; /* section, key, offset; for INI all of it */
    enum type type;
    size_t offset2;
};

#define P(field) offsetof(struct gh_profile, field)
#define INI_ROW(section_, key_, type_, field, ...)                                                 \
    {                                                                                              \
        .ini = {.section = section_,                                                               \
                .key = key_,                                                                       \
                .type = GH_INI_##type_,                                                            \
                .offset = P(field),                                                                \
                __VA_ARGS__},                                                                      \
        .type = INI                                                                                \
    }
#define CHARS(section_, key_, field)                                                               \
    INI_ROW(section_, key_, CHARS, field, .size = sizeof(((struct gh_profile *)0)->field), .min = 1)
#define U32(section_, key_, field, lo, hi) INI_ROW(section_, key_, U32, field, .min = lo, .max = hi)
#define SIZE(section_, key_, field) INI_ROW(section_, key_, SIZE, field, .min = 1)
#define YES(section_, key_, field) INI_ROW(section_, key_, ENUM, field, .choices = "no|yes")
/* Read by parse_value, which needs no more than these of ini. */
#define OWN(section_, key_, value, field)                                                          \
    {                                                                                              \
        .ini = {.section = section_, .key = key_, .offset = P(field)}, .type = value               \
    }
#define RANGE(section_, key_, value, lo, hi)                                                       \
    {                                                                                              \
        .ini = {.section = section_, .key = key_, .offset = P(lo)}, .type = value,                 \
        .offset2 = P(hi)                                                                           \
    }

static const struct row rows[] = {
    CHARS("profile", "name", name),
    CHARS("profile", "title", title),
    CHARS("profile", "platform", platform),
    INI_ROW("profile", "kind", ENUM, media, .min = GH_PHOTO, .choices = "photo|video"),
    OWN("profile", "from", FROM, from),
    OWN("profile", "default", UNASKED, unasked),
    OWN("profile", "words", WORDS, words),
    CHARS("profile", "checked", checked),
    CHARS("profile", "source", source),
    U32("profile", "version", version, 1, 1000000),

    SIZE("limits", "bytes_max", limits.bytes_max),
    SIZE("limits", "bytes_min", limits.bytes_min),
    RANGE("limits", "width", RANGE_U, limits.w_min, limits.w_max),
    RANGE("limits", "height", RANGE_U, limits.h_min, limits.h_max),
    U32("limits", "long_max", limits.long_max, 1, 1000000),
    U32("limits", "short_max", limits.short_max, 1, 1000000),
    U32("limits", "wh_sum_max", limits.wh_sum_max, 1, 2000000),
    INI_ROW("limits", "pixels_max", U64, limits.pixels_max, .min = 1),
    RANGE("limits", "aspect", RANGE_F, limits.aspect_min, limits.aspect_max),
    OWN("limits", "ratio_max", NUMBER, limits.ratio_max),
    RANGE("limits", "fps", RANGE_R, limits.fps_min, limits.fps_max),
    RANGE("limits", "duration", RANGE_T, limits.duration_min_us, limits.duration_max_us),
    U32("limits", "bframes_max", limits.bframes_max, 0, 16),
    OWN("limits", "gop_max", MS, limits.gop_max_ms),
    YES("limits", "audio_required", limits.audio_required),
    YES("limits", "stereo_required", limits.stereo_required),
    YES("limits", "sound_short_ok", limits.sound_short_ok),
    U32("limits", "channels_max", limits.channels_max, 1, 64),
    U32("limits", "rate_max", limits.rate_max, 8000, 192000),
    YES("limits", "progressive_ok", limits.progressive_ok),
    YES("limits", "cfr", limits.cfr),
    OWN("limits", "kbps_max", KBPS, limits.kbps_max),
    CHARS("limits", "vprofiles", limits.vprofiles),
    YES("limits", "sizes_exact", limits.sizes_exact),
    U32("limits", "album_max", limits.album_max, 1, 1000),

    U32("target", "quality", target.quality, 1, 100),
    U32("target", "quality_min", target.quality_min, 1, 100),
    U32("target", "quality_floor", target.quality_floor, 1, 100),
    YES("target", "progressive", target.progressive),
    INI_ROW("target", "subsampling", U32, target.subsampling, .min = 420, .max = 444,
            .choices = "auto"),
    U32("target", "shrink_min", target.shrink_min, 16, 16384),
    CHARS("target", "vprofile", target.vprofile),
    OWN("target", "level", TENTHS, target.level10),
    U32("target", "bframes", target.bframes, 0, 16),
    OWN("target", "gop", MS, target.gop_ms),
    OWN("target", "crf", TENTHS, target.crf10),
    OWN("target", "crf_floor", TENTHS, target.crf10_floor),
    OWN("target", "maxrate", KBPS, target.maxrate_kbps),
    OWN("target", "kbps_floor", KBPS, target.kbps_floor),
    OWN("target", "audio_kbps", KBPS, target.audio_kbps),
    U32("target", "audio_rate", target.audio_rate, 8000, 192000),
    U32("target", "audio_channels", target.audio_channels, 1, 2),
    YES("target", "audio_silent", target.audio_silent),
    YES("target", "passthrough", target.passthrough),
    OWN("target", "ladder", LADDER, target.ladder),

    U32("caption", "max", caption_max, 0, 1000000),
    INI_ROW("caption", "count", ENUM, caption_count, .choices = GH_COUNT_NAMES),
};
_Static_assert(GH_LEN(rows) <= GH_LEN(((struct gh_profile_lines *)0)->of_key),
               "a line for every key");

unsigned gh_profile_line(const struct gh_profile_lines *lines, const char *section, const char *key)
{
    for (size_t i = 0; i < GH_LEN(rows); i++)
        if (gh_streq(rows[i].ini.section, section) && gh_streq(rows[i].ini.key, key) &&
            lines->of_key[i])
            return lines->of_key[i];
    return lines->last;
}

/* --------------------------------------------------------------------------------------- values */

static int parse_from(const char *value, unsigned *at, struct gh_err *err)
{
    static const struct {
        const char *text;
        unsigned bits;
    } kinds[] = {{"photo", 1u << GH_PHOTO},
                 {"video", 1u << GH_VIDEO},
                 {"photo,video", 1u << GH_PHOTO | 1u << GH_VIDEO}};
    for (size_t i = 0; i < GH_LEN(kinds); i++)
        if (gh_streq(kinds[i].text, value)) {
            *at = kinds[i].bits;
            return 0;
        }
    return gh_fail(err, GH_CONFIG, "\"%s\" must be photo, video or photo,video", value);
}

static bool parse_decimal(const char *text, double max, double *ret)
{
    char *end;
    if (*text < '0' || *text > '9' || strspn(text, "0123456789.") != strlen(text))
        return false;
    double v = strtod(text, &end);
    if (*end || !isfinite(v) || v > max)
        return false;
    *ret = v;
    return true;
}

static bool parse_kbps(const char *text, uint32_t *ret)
{
    size_t n = strlen(text);
    uint64_t v;
    GH_AUTO_FREE char *digits = gh_strndup(text, n && text[n - 1] == 'k' ? n - 1 : n);
    if (!gh_parse_u64(digits, 1000000, &v) || v == 0)
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool parse_fps(const char *text, struct gh_rational *ret)
{
    const char *slash = strchr(text, '/');
    uint64_t num, den;
    if (slash) {
        GH_AUTO_FREE char *left = gh_strndup(text, (size_t)(slash - text));
        if (!gh_parse_u64(left, 1000000, &num) || !gh_parse_u64(slash + 1, 1000000, &den) || !num ||
            !den)
            return false;
        *ret = (struct gh_rational){(int32_t)num, (int32_t)den};
        return true;
    }
    double v;
    if (!parse_decimal(text, 1000, &v) || v <= 0)
        return false;
    *ret = (struct gh_rational){(int32_t)lround(v * 1000), 1000};
    if (ret->num % 1000 == 0)
        *ret = (struct gh_rational){ret->num / 1000, 1};
    return true;
}

static bool parse_end(enum type type, const char *text, void *at)
{
    uint64_t v;
    switch (type) {
    case RANGE_U:
        if (!gh_parse_u64(text, 1000000, &v))
            return false;
        *(uint32_t *)at = (uint32_t)v;
        return true;
    case RANGE_F:
        return parse_decimal(text, 1e6, at);
    case RANGE_R:
        return parse_fps(text, at);
    default:
        if (!gh_parse_duration(text, &v) || v > 400ull * 3600 * 1000)
            return false;
        *(int64_t *)at = (int64_t)v * 1000;
        return true;
    }
}

static int parse_range(const struct row *row, const char *value, struct gh_profile *p,
                       struct gh_err *err)
{
    const char *dots = strstr(value, "..");
    GH_AUTO_FREE char *low = dots ? gh_strndup(value, (size_t)(dots - value)) : NULL;
    bool ok = dots && (*low || dots[2]);
    if (ok && *low)
        ok = parse_end(row->type, low, (char *)p + row->ini.offset);
    if (ok && dots[2])
        ok = parse_end(row->type, dots + 2, (char *)p + row->offset2);
    if (ok)
        return 0;
    static const char *const like[] = {[RANGE_U] = "320..1440",
                                       [RANGE_F] = "0.8..1.91",
                                       [RANGE_R] = "23..60",
                                       [RANGE_T] = "3s..90s"};
    return gh_fail(err, GH_CONFIG,
                   "\"%s\" is not a range: write it like %s (either end may be left out)", value,
                   like[row->type]);
}

static int parse_rung(const char *value, struct gh_profile *p, struct gh_err *err)
{
    char time[32], v[32], a[32], extra[2];
    struct gh_rung rung = {0};
    uint64_t ms = 0;
    bool ok = sscanf(value, "%31s %ux%u %31s %31s %1s", time, &rung.w, &rung.h, v, a, extra) == 5 &&
              gh_parse_duration(time, &ms) && parse_kbps(v, &rung.kbps) &&
              parse_kbps(a, &rung.audio_kbps) && ms > 0 && rung.w >= 16 && rung.h >= 16 &&
              rung.w <= 16384 && rung.h <= 16384;
    if (!ok)
        return gh_fail(
            err, GH_CONFIG,
            "\"%s\": a rung is DURATION WIDTHxHEIGHT VIDEO AUDIO, like 60s 1280x720 1800k 96k",
            value);
    if (p->target.rungs == GH_RUNGS)
        return gh_fail(err, GH_CONFIG, "at most %d rungs", GH_RUNGS);
    rung.duration_us = (int64_t)ms * 1000;
    p->target.ladder[p->target.rungs++] = rung;
    return 0;
}

static int add_words(const char *value, struct gh_profile *p, struct gh_err *err)
{
    size_t had = strlen(p->words);
    if (had + strlen(value) + 2 > sizeof(p->words))
        return gh_fail(err, GH_CONFIG, "too many words: %zu bytes in all", sizeof(p->words) - 2);
    snprintf(p->words + had, sizeof(p->words) - had, "%s%s", had ? "," : "", value);
    return 0;
}

static int parse_value(const struct row *row, const char *value, struct gh_profile *p,
                       struct gh_err *err)
{
    void *at = (char *)p + row->ini.offset;
    double number;
    uint64_t ms;
    switch (row->type) {
    case INI:
        return gh_ini_value(&row->ini, value, p, err);
    case FROM:
        return parse_from(value, at, err);
    case UNASKED:
        *(unsigned *)at = 0;
        return gh_streq(value, "no") ? 0 : parse_from(value, at, err);
    case RANGE_U:
    case RANGE_F:
    case RANGE_R:
    case RANGE_T:
        return parse_range(row, value, p, err);
    case NUMBER:
        if (!parse_decimal(value, 1e6, at))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a number", value);
        return 0;
    case KBPS:
        if (!parse_kbps(value, at))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a rate in kbit/s (like 8000k)", value);
        return 0;
    case TENTHS:
        if (!parse_decimal(value, 63, &number))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a number like 22 or 4.0", value);
        *(uint32_t *)at = (uint32_t)lround(number * 10);
        return 0;
    case MS:
        if (!gh_parse_duration(value, &ms) || ms > 600000 || !ms)
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a duration like 2s or 500ms", value);
        *(uint32_t *)at = (uint32_t)ms;
        return 0;
    case WORDS:
        return add_words(value, p, err);
    case LADDER:
        return parse_rung(value, p, err);
    }
    return gh_fail(err, GH_BUG, "key %s has no type", row->ini.key);
}

/* ---------------------------------------------------------------------------------------- lines */

struct parser {
    struct gh_profile *p;
    struct gh_profile_lines lines;
    struct gh_hash *digest;
};

static int on_filter(struct parser *ps, const char *name, const char *value, unsigned line,
                     struct gh_err *err)
{
    const struct gh_filter *filter = gh_filter_find(name);
    if (!filter) {
        GH_AUTO_STR known = {0};
        for (size_t i = 0; gh_filters[i]; i++)
            gh_str_printf(&known, " %s", gh_filters[i]->name);
        return gh_fail(err, GH_CONFIG, "there is no filter %s: use one of%s", name,
                       gh_str_text(&known));
    }
    if (ps->p->n_chain == GH_FILTER_CHAIN)
        return gh_fail(err, GH_CONFIG, "at most %d filters", GH_FILTER_CHAIN);
    struct gh_filter_use *use = &ps->p->chain[ps->p->n_chain];
    TRY(gh_filter_parse(filter, value, use, err));
    ps->lines.filter[ps->p->n_chain++] = line;
    return 0;
}

static int on_key(void *arg, const char *section, const char *key, const char *value, unsigned line,
                  struct gh_err *err)
{
    struct parser *ps = arg;
    ps->lines.last = line;
    if (gh_streq(section, "filters"))
        return on_filter(ps, key, value, line, err);
    bool known = false;
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        if (!gh_streq(rows[i].ini.section, section))
            continue;
        known = true;
        if (!gh_streq(rows[i].ini.key, key))
            continue;
        if (ps->lines.of_key[i] && rows[i].type != LADDER && rows[i].type != WORDS)
            return gh_fail(err, GH_CONFIG, "%s was given already on line %u: remove one", key,
                           ps->lines.of_key[i]);
        ps->lines.of_key[i] = line;
        if (parse_value(&rows[i], value, ps->p, err) < 0)
            return gh_fail_prefix(err, "%s", key);
        return 0;
    }
    if (known)
        return gh_fail(err, GH_CONFIG,
                       "unknown key %s in [%s]: see the list of keys in PROFILES.md", key, section);
    return gh_fail(err, GH_CONFIG,
                   "unknown section [%s]: use [profile] [limits] [target] [filters] [caption]",
                   section);
}

static void make_digest(const char *text, struct gh_profile *p)
{
    struct gh_hash *h = gh_hash_new();
    gh_hash_add(h, text, strlen(text));
    for (size_t i = 0; i < p->n_chain; i++) {
        char version[64];
        int n = snprintf(version, sizeof(version), "\n%s %u", p->chain[i].filter->name,
                         p->chain[i].filter->version);
        gh_hash_add(h, version, (size_t)n);
    }
    if (p->media == GH_PHOTO) {
        static const uint32_t version = GH_META_VERSION;
        gh_hash_add(h, &version, sizeof(version));
    }
    char hex[GH_SHA_HEX];
    gh_hash_hex(h, hex);
    gh_hash_free(&h);
    GH_COPY(p->digest, hex);
}

int gh_profile_parse(const char *text, const char *file, struct gh_profile *ret, struct gh_err *err)
{
    struct gh_profile p;
    memset(&p, 0, sizeof(p));
    GH_COPY(p.file, file);
    p.version = 1;
    p.unasked = UINT32_MAX;
    p.limits.bframes_max = UINT32_MAX;
    p.limits.progressive_ok = 1;
    p.target.audio_rate = 48000;
    p.target.audio_channels = 2;
    p.target.gop_ms = 2000;
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    struct parser ps = {.p = &p};
    gh_ini_each(text, file, on_key, &ps, &problems);
    if (!p.from)
        p.from = 1u << p.media;
    p.unasked = p.unasked == UINT32_MAX ? p.from : p.unasked;
    if (!p.target.quality_floor)
        p.target.quality_floor = p.target.quality;
    if (!p.target.crf10_floor)
        p.target.crf10_floor = p.target.crf10;
    if (!problems.n)
        gh_profile_check(&p, &ps.lines, &problems);
    TRY(gh_problems_fail(&problems, err));
    make_digest(text, &p);
    *ret = p;
    return 0;
}
