/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging an output by what a probe says of it: one function a group of limits, one line a limit. The planner asks the
 * same functions about what it is going to make, and about a source that might pass through, so that a limit is written
 * once.
 */
#include "daemon/plan_int.h"

#include "base/str.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

struct ctx {
    const struct gh_probe *out;
    const struct gh_profile *profile;
    const struct gh_profile_limits *l;
    const struct gh_recipe *recipe;
    struct gh_check *checks;
    size_t n;
    int failed;
};

static void GH_PRINTF(4, 5) check(struct ctx *c, const char *limit, bool pass, const char *fmt, ...)
{
    if (c->n == GH_CHECKS)
        return;
    struct gh_check *k = &c->checks[c->n++];
    GH_COPY(k->limit, limit);
    k->pass = pass;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(k->text, sizeof k->text, fmt, ap);
    va_end(ap);
    c->failed += !pass;
}

#define SECONDS(us) ((double)(us) / 1e6)
#define LENGTH_SLACK_US 250000  /* sound beside picture, output beside plan */
#define SYNC_SLACK_US 45000     /* start of sound beside start of picture */
#define DURATION_SLACK_US 50000 /* a frame or two below a minimum */
#define FPS_SLACK 0.001
#define GOP_SLACK_MS 50

/* ------------------------------------------------------------------------------------------- both media */

static bool size_as_planned(const struct gh_probe *out, const struct gh_recipe *r)
{
    const struct gh_pic *p = &r->pic;
    if (out->w == p->canvas_w && out->h == p->canvas_h)
        return true;
    if (r->media != GH_PHOTO || !r->photo.shrink_min || out->w > p->canvas_w || out->h > p->canvas_h)
        return false;
    /* made smaller to meet the byte limit: the same shape to within a pixel, and not below the smallest allowed */
    double off = fabs((double)out->w * p->canvas_h - (double)out->h * p->canvas_w);
    return GH_MAX(out->w, out->h) >= r->photo.shrink_min && off <= GH_MAX(p->canvas_w, p->canvas_h) * 1.01;
}

static bool among_sizes(const struct gh_profile *profile, uint32_t w, uint32_t h)
{
    const struct gh_filter_use *fit = gh_profile_filter(profile, "fit");
    const union gh_optval *sizes = fit ? gh_filter_value(fit, "sizes") : NULL;
    for (uint32_t i = 0; sizes && i < sizes->sizes.n; i++)
        if (sizes->sizes.s[i].w == w && sizes->sizes.s[i].h == h)
            return true;
    return false;
}

static void check_file(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    const char *format = c->recipe->media == GH_PHOTO ? "jpeg" : "mov";
    check(c, "format", o->media == c->recipe->media && gh_streq(o->format, format), "%s, must be %s", o->format,
          c->recipe->media == GH_PHOTO ? "jpeg" : "mp4");
    if (o->bytes && c->l->bytes_max)
        check(c, "bytes", o->bytes <= c->l->bytes_max, "%llu ≤ %llu", (unsigned long long)o->bytes,
              (unsigned long long)c->l->bytes_max);
    if (o->bytes && c->l->bytes_min)
        check(c, "bytes-min", o->bytes >= c->l->bytes_min, "%llu ≥ %llu", (unsigned long long)o->bytes,
              (unsigned long long)c->l->bytes_min);
    check(c, "whole", !o->truncated && !o->damaged, "%s",
          o->truncated ? "cut short, or bytes after the end"
          : o->damaged ? "does not decode cleanly"
                       : "decodes cleanly");
    check(c, "upright", o->orient == 1, "orientation %u, must be 1", o->orient);
}

static void check_size(struct ctx *c)
{
    const struct gh_profile_limits *l = c->l;
    uint32_t w = c->out->w, h = c->out->h, longer = GH_MAX(w, h), shorter = GH_MIN(w, h);
    double shape = (double)w / h, ratio = (double)longer / shorter;
    check(c, "size", size_as_planned(c->out, c->recipe), "%ux%u, planned %ux%u", w, h, c->recipe->pic.canvas_w,
          c->recipe->pic.canvas_h);
    if (l->sizes_exact)
        check(c, "exact-size", among_sizes(c->profile, w, h), "%ux%u must be one of the profile's sizes", w, h);
    if (l->w_min || l->w_max)
        check(c, "width", w >= l->w_min && (!l->w_max || w <= l->w_max), "%u in %u..%u", w, l->w_min, l->w_max);
    if (l->h_min || l->h_max)
        check(c, "height", h >= l->h_min && (!l->h_max || h <= l->h_max), "%u in %u..%u", h, l->h_min, l->h_max);
    if (l->long_max || l->short_max)
        check(c, "edges", (!l->long_max || longer <= l->long_max) && (!l->short_max || shorter <= l->short_max),
              "%ux%u within %ux%u", longer, shorter, l->long_max, l->short_max);
    if (l->wh_sum_max)
        check(c, "width+height", w + h <= l->wh_sum_max, "%u ≤ %u", w + h, l->wh_sum_max);
    if (l->pixels_max)
        check(c, "pixels", (uint64_t)w * h <= l->pixels_max, "%llu ≤ %llu", (unsigned long long)w * h,
              (unsigned long long)l->pixels_max);
    if (l->aspect_min > 0 || l->aspect_max > 0)
        check(c, "aspect", shape >= l->aspect_min && (l->aspect_max <= 0 || shape <= l->aspect_max), "%.4f in %g..%g",
              shape, l->aspect_min, l->aspect_max);
    if (l->ratio_max > 0)
        check(c, "ratio", ratio <= l->ratio_max, "%.2f ≤ %g", ratio, l->ratio_max);
}

static void check_metadata(struct ctx *c)
{
    uint32_t allowed = gh_policy_allows((enum gh_policy)c->recipe->policy);
    if (c->out->media == GH_PHOTO && c->out->colour == GH_COLOUR_SRGB)
        allowed |= GH_META(ICC); /* a small sRGB profile says what the pixels are */
    if (c->out->media == GH_VIDEO)
        allowed = 0; /* no policy lets container metadata out */
    uint32_t bad = c->out->meta & ~allowed;
    GH_AUTO_STR what = {0};
    gh_meta_describe(bad, &what);
    check(c, "metadata", !bad, "%s forbidden", gh_str_text(&what));
}

/* ------------------------------------------------------------------------------------------- photos */

static void check_photo(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    check(c, "samples", o->depth == 8 && (o->components == 3 || o->components == 1), "%u bit, %u components", o->depth,
          o->components);
    check(c, "colour", o->colour == GH_COLOUR_SRGB || o->colour == GH_COLOUR_GREY, "%s, must be sRGB",
          gh_colour_name((enum gh_colour)o->colour));
    if (!c->l->progressive_ok)
        check(c, "baseline", !o->progressive, "progressive is not taken");
}

/* ------------------------------------------------------------------------------------------- videos */

/* "Constrained Baseline" is in "main,baseline": every word of the list is looked for in the profile's name. */
static bool profile_in(const char *vprofile, const char *list)
{
    const char *known[] = {"high", "main", "baseline"};
    const char *full[] = {"High", "Main", "Constrained Baseline"};
    for (size_t i = 0; i < GH_LEN(known); i++) {
        bool is = strcasecmp(vprofile, full[i]) == 0 || (i == 2 && strcasecmp(vprofile, "Baseline") == 0);
        if (is)
            return !list[0] || strstr(list, known[i]) != NULL;
    }
    return false;
}

static void check_codec(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    const char *list = c->l->vprofiles;
    check(c, "codec", gh_streq(o->vcodec, "h264") && gh_streq(o->pix_fmt, "yuv420p") && !o->full_range,
          "%s %s%s, must be h264 yuv420p", o->vcodec, o->pix_fmt, o->full_range ? " full range" : "");
    check(c, "profile", profile_in(o->vprofile, list), "%s, must be one of %s", o->vprofile,
          list[0] ? list : "high,main,baseline");
    if (c->l->bframes_max != UINT32_MAX)
        check(c, "b-frames", o->bframes <= c->l->bframes_max, "%u ≤ %u", o->bframes, c->l->bframes_max);
    bool square = o->sar.num == o->sar.den || o->sar.num == 0;
    check(c, "pixels-square", square && o->w % 2 == 0 && o->h % 2 == 0, "%d:%d, %ux%u", o->sar.num, o->sar.den, o->w,
          o->h);
    check(c, "frames-whole", !o->interlaced, "interlaced is not taken");
    bool untagged = c->recipe->how == GH_HOW_PASS && o->colour == GH_COLOUR_UNKNOWN;
    bool tags = c->recipe->how == GH_HOW_PASS || (o->color_primaries == 1 && o->color_trc == 1 && o->color_space == 1);
    check(c, "colour", (o->colour == GH_COLOUR_BT709 || untagged) && tags, "%s (%u/%u/%u), must be BT.709 and say so",
          gh_colour_name((enum gh_colour)o->colour), o->color_primaries, o->color_trc, o->color_space);
}

static void check_rate(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    double fps = gh_fps_value(o->fps_avg.den ? o->fps_avg : o->fps), low = gh_fps_value(c->l->fps_min),
           high = gh_fps_value(c->l->fps_max);
    if (low > 0 || high > 0)
        check(c, "fps", fps >= low - FPS_SLACK && (high <= 0 || fps <= high + FPS_SLACK), "%.3f in %g..%g", fps, low,
              high);
    if (c->l->cfr || c->recipe->how == GH_HOW_ENCODE)
        check(c, "rate-constant", !o->vfr, o->vfr ? "the frame rate varies" : "constant");
    if (c->l->kbps_max)
        check(c, "bitrate", o->vkbps <= c->l->kbps_max, "%u ≤ %u kbit/s", o->vkbps, c->l->kbps_max);
    if (c->l->gop_max_ms)
        check(c, "gop", o->gop_max_ms <= c->l->gop_max_ms + GOP_SLACK_MS, "%u ≤ %u ms", o->gop_max_ms,
              c->l->gop_max_ms);
    check(c, "gop-closed", !o->open_gop, o->open_gop ? "open" : "closed");
}

static void check_duration(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    int64_t length = GH_MAX(o->duration_us, o->container_us), planned = c->recipe->pic.duration_us;
    if ((c->l->duration_min_us || c->l->duration_max_us) && length)
        check(c, "duration",
              o->duration_us >= c->l->duration_min_us - DURATION_SLACK_US &&
                  (!c->l->duration_max_us || length <= c->l->duration_max_us),
              "%.2f s in %g..%g s", SECONDS(length), SECONDS(c->l->duration_min_us), SECONDS(c->l->duration_max_us));
    if (planned > 0)
        check(c, "length", llabs(o->duration_us - planned) <= LENGTH_SLACK_US, "%.2f s, planned %.2f s",
              SECONDS(o->duration_us), SECONDS(planned));
}

static void check_sound(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    if (c->l->audio_required)
        check(c, "sound", o->n_audio > 0, "a sound track is demanded");
    if (!o->n_audio)
        return;
    check(c, "sound-codec", gh_streq(o->acodec, "aac") && (!o->aprofile[0] || gh_streq(o->aprofile, "LC")),
          "%s %s, must be aac LC", o->acodec, o->aprofile);
    if (c->l->channels_max)
        check(c, "channels", o->achannels >= 1 && o->achannels <= c->l->channels_max, "%u ≤ %u", o->achannels,
              c->l->channels_max);
    if (c->l->stereo_required)
        check(c, "stereo", o->achannels == 2, "%u channels, must be 2", o->achannels);
    if (c->l->rate_max)
        check(c, "sample-rate", o->arate >= 8000 && o->arate <= c->l->rate_max, "%u ≤ %u Hz", o->arate, c->l->rate_max);
    int64_t over = o->aduration_us - o->duration_us;
    bool may_be_short = c->l->sound_short_ok && c->recipe->how == GH_HOW_PASS;
    if (o->aduration_us && o->duration_us)
        check(c, "sound-length", over <= LENGTH_SLACK_US && (may_be_short || over >= -LENGTH_SLACK_US),
              "sound %.2f s, picture %.2f s", SECONDS(o->aduration_us), SECONDS(o->duration_us));
    check(c, "sync", llabs(o->av_offset_us) <= SYNC_SLACK_US, "sound starts %.0f ms off the picture",
          (double)o->av_offset_us / 1000);
}

static void check_container(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    check(c, "streams", o->n_video == 1 && o->n_audio <= 1 && o->n_data == 0, "%u video, %u sound, %u other",
          o->n_video, o->n_audio, o->n_data);
    check(c, "edit-list", !o->edit_list, o->edit_list ? "an edit list is left" : "none");
    check(c, "moov-first", o->moov_first, o->moov_first ? "moov before mdat" : "moov comes after mdat");
}

int gh_verify(const struct gh_probe *out, const struct gh_profile *profile, const struct gh_recipe *recipe,
              struct gh_check ret_checks[GH_CHECKS], size_t *ret_n)
{
    struct ctx c = {out, profile, &profile->limits, recipe, ret_checks, 0, 0};
    check_file(&c);
    check_size(&c);
    check_metadata(&c);
    if (recipe->media == GH_PHOTO) {
        check_photo(&c);
    } else {
        check_codec(&c);
        check_rate(&c);
        check_duration(&c);
        check_sound(&c);
        check_container(&c);
    }
    *ret_n = c.n;
    return c.failed;
}
