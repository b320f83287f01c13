/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether an output conforms to a profile, by what a probe says of it: one function a group of
 * limits, one finding a limit. The planner asks the same functions about what it is going to make,
 * and about a source that might pass through, so that a limit is written once.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

struct ctx {
    const struct gh_probe *out;
    const struct gh_profile *profile;
    const struct gh_profile_limits *l;
    const struct gh_recipe *recipe;
    struct gh_finding *findings;
    size_t n;
    int failed;
};

static void GH_PRINTF(4, 5)
    add_finding(struct ctx *c, const char *limit, bool pass, const char *fmt, ...)
{
    if (c->n == GH_FINDINGS)
        return;
    struct gh_finding *finding = &c->findings[c->n++];
    GH_COPY(finding->limit, limit);
    finding->pass = pass;
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(finding->text, sizeof(finding->text), fmt, ap);
    va_end(ap);
    c->failed += !pass;
}

#define SECONDS(us) ((double)(us) / 1e6)
#define LENGTH_SLACK_US 250000  /* between sound and picture, and between output and plan */
#define PICTURE_SLACK_US 1000   /* … above one picture of the output's rate */
#define SYNC_SLACK_US 45000     /* between the starts of sound and picture */
#define DURATION_SLACK_US 50000 /* a frame or two below a minimum */
#define FPS_SLACK 0.001
#define GOP_SLACK_MS 50
#define SHAPE_SLACK 1.01 /* pixels by which an edge may be off after shrinking: one, rounded */
#define RATE_MIN 8000    /* Hz, of sound */

/* ----------------------------------------------------------------------------------- both media */

static bool size_as_planned(const struct gh_probe *out, const struct gh_recipe *r)
{
    const struct gh_pic *p = &r->pic;
    if (out->w == p->canvas_w && out->h == p->canvas_h)
        return true;
    if (r->media != GH_PHOTO || !r->photo.shrink_min || out->w > p->canvas_w ||
        out->h > p->canvas_h)
        return false;
    /* It was made smaller to meet the byte limit: the shape is the same to within a pixel, and the
     * size not below the smallest allowed. */
    double off = fabs((double)out->w * p->canvas_h - (double)out->h * p->canvas_w);
    return GH_MAX(out->w, out->h) >= r->photo.shrink_min &&
           off <= GH_MAX(p->canvas_w, p->canvas_h) * SHAPE_SLACK;
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

static void conform_file(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    const char *format = c->recipe->media == GH_PHOTO ? "jpeg" : "mov";
    add_finding(c, "format", o->media == c->recipe->media && gh_streq(o->format, format),
                "%s, must be %s", o->format, c->recipe->media == GH_PHOTO ? "jpeg" : "mp4");
    if (o->bytes && c->l->bytes_max)
        add_finding(c, "bytes", o->bytes <= c->l->bytes_max, "%" PRIu64 " ≤ %" PRIu64, o->bytes,
                    c->l->bytes_max);
    if (o->bytes && c->l->bytes_min)
        add_finding(c, "bytes-min", o->bytes >= c->l->bytes_min, "%" PRIu64 " ≥ %" PRIu64, o->bytes,
                    c->l->bytes_min);
    add_finding(c, "whole", !o->truncated && !o->damaged, "%s",
                o->truncated ? "cut short, or bytes after the end"
                : o->damaged ? "does not decode cleanly"
                             : "decodes cleanly");
    add_finding(c, "upright", o->orient == 1, "orientation %u, must be 1", o->orient);
}

static void conform_size(struct ctx *c)
{
    const struct gh_profile_limits *l = c->l;
    uint32_t w = c->out->w, h = c->out->h, longer = GH_MAX(w, h), shorter = GH_MIN(w, h);
    double shape = (double)w / h, ratio = (double)longer / shorter;
    add_finding(c, "size", size_as_planned(c->out, c->recipe), "%ux%u, planned %ux%u", w, h,
                c->recipe->pic.canvas_w, c->recipe->pic.canvas_h);
    if (l->sizes_exact)
        add_finding(c, "exact-size", among_sizes(c->profile, w, h),
                    "%ux%u must be one of the profile's sizes", w, h);
    if (l->w_min || l->w_max)
        add_finding(c, "width", w >= l->w_min && (!l->w_max || w <= l->w_max), "%u in %u..%u", w,
                    l->w_min, l->w_max);
    if (l->h_min || l->h_max)
        add_finding(c, "height", h >= l->h_min && (!l->h_max || h <= l->h_max), "%u in %u..%u", h,
                    l->h_min, l->h_max);
    if (l->long_max || l->short_max)
        add_finding(c, "edges",
                    (!l->long_max || longer <= l->long_max) &&
                        (!l->short_max || shorter <= l->short_max),
                    "%ux%u within %ux%u", longer, shorter, l->long_max, l->short_max);
    if (l->wh_sum_max)
        add_finding(c, "width+height", w + h <= l->wh_sum_max, "%u ≤ %u", w + h, l->wh_sum_max);
    if (l->pixels_max)
        add_finding(c, "pixels", (uint64_t)w * h <= l->pixels_max, "%" PRIu64 " ≤ %" PRIu64,
                    (uint64_t)w * h, l->pixels_max);
    if (l->aspect_min > 0 || l->aspect_max > 0)
        add_finding(c, "aspect",
                    shape >= l->aspect_min && (l->aspect_max <= 0 || shape <= l->aspect_max),
                    "%.4f in %g..%g", shape, l->aspect_min, l->aspect_max);
    if (l->ratio_max > 0)
        add_finding(c, "ratio", ratio <= l->ratio_max, "%.2f ≤ %g", ratio, l->ratio_max);
}

static void conform_metadata(struct ctx *c)
{
    uint32_t allowed = gh_policy_allows((enum gh_policy)c->recipe->policy);
    if (c->out->media == GH_PHOTO && c->out->colour == GH_COLOUR_SRGB)
        allowed |= GH_META(ICC); /* a small sRGB profile says what the pixels are */
    if (c->out->media == GH_VIDEO)
        allowed = 0; /* no policy lets container metadata out */
    uint32_t bad = c->out->meta & ~allowed;
    GH_AUTO_STR what = {0};
    gh_meta_describe(bad, &what);
    add_finding(c, "metadata", !bad, "%s forbidden", gh_str_text(&what));
}

/* --------------------------------------------------------------------------------------- photos */

static void conform_photo(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    add_finding(c, "samples", o->depth == 8 && (o->components == 3 || o->components == 1),
                "%u bit, %u components", o->depth, o->components);
    add_finding(c, "colour", o->colour == GH_COLOUR_SRGB || o->colour == GH_COLOUR_GREY,
                "%s, must be sRGB", gh_colour_name((enum gh_colour)o->colour));
    if (!c->l->progressive_ok)
        add_finding(c, "baseline", !o->progressive, "progressive is not taken");
}

/* --------------------------------------------------------------------------------------- videos */

/* vprofile is a probe's name of a profile ("Constrained Baseline"), list a limit's
 * ("main,baseline"; empty: all). */
static bool profile_in(const char *vprofile, const char *list)
{
    const char *known[] = {"high", "main", "baseline"};
    const char *full[] = {"High", "Main", "Constrained Baseline"};
    for (size_t i = 0; i < GH_LEN(known); i++) {
        bool is =
            strcasecmp(vprofile, full[i]) == 0 || (i == 2 && strcasecmp(vprofile, "Baseline") == 0);
        if (is)
            return !list[0] || strstr(list, known[i]) != NULL;
    }
    return false;
}

static void conform_codec(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    const char *list = c->l->vprofiles;
    add_finding(c, "codec",
                gh_streq(o->vcodec, "h264") && gh_streq(o->pix_fmt, "yuv420p") && !o->full_range,
                "%s %s%s, must be h264 yuv420p", o->vcodec, o->pix_fmt,
                o->full_range ? " full range" : "");
    add_finding(c, "profile", profile_in(o->vprofile, list), "%s, must be one of %s", o->vprofile,
                list[0] ? list : "high,main,baseline");
    if (c->l->bframes_max != UINT32_MAX)
        add_finding(c, "b-frames", o->bframes <= c->l->bframes_max, "%u ≤ %u", o->bframes,
                    c->l->bframes_max);
    bool square = o->sar.num == o->sar.den || o->sar.num == 0;
    add_finding(c, "pixels-square", square && o->w % 2 == 0 && o->h % 2 == 0, "%d:%d, %ux%u",
                o->sar.num, o->sar.den, o->w, o->h);
    add_finding(c, "frames-whole", !o->interlaced, "interlaced is not taken");
    bool untagged = c->recipe->how == GH_HOW_PASS && o->colour == GH_COLOUR_UNKNOWN;
    bool tags = c->recipe->how == GH_HOW_PASS ||
                (o->color_primaries == 1 && o->color_trc == 1 && o->color_space == 1);
    add_finding(c, "colour", (o->colour == GH_COLOUR_BT709 || untagged) && tags,
                "%s (%u/%u/%u), must be BT.709 and say so",
                gh_colour_name((enum gh_colour)o->colour), o->color_primaries, o->color_trc,
                o->color_space);
}

static void conform_rate(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    double fps = gh_fps_value(o->fps_avg.den ? o->fps_avg : o->fps),
           low = gh_fps_value(c->l->fps_min), high = gh_fps_value(c->l->fps_max);
    if (low > 0 || high > 0)
        add_finding(c, "fps", fps >= low - FPS_SLACK && (high <= 0 || fps <= high + FPS_SLACK),
                    "%.3f in %g..%g", fps, low, high);
    if (c->l->cfr || c->recipe->how == GH_HOW_ENCODE)
        add_finding(c, "rate-constant", !o->vfr, o->vfr ? "the frame rate varies" : "constant");
    if (c->l->kbps_max)
        add_finding(c, "bitrate", o->vkbps <= c->l->kbps_max, "%u ≤ %u kbit/s", o->vkbps,
                    c->l->kbps_max);
    if (c->l->gop_max_ms)
        add_finding(c, "gop", o->gop_max_ms <= c->l->gop_max_ms + GOP_SLACK_MS, "%u ≤ %u ms",
                    o->gop_max_ms, c->l->gop_max_ms);
    add_finding(c, "gop-closed", !o->open_gop, o->open_gop ? "open" : "closed");
}

/* A length may differ by a picture: at a low rate that is more than anything else. */
static int64_t length_slack(const struct gh_probe *o)
{
    double fps = gh_fps_value(o->fps_avg.den ? o->fps_avg : o->fps);
    int64_t picture = fps > 0 ? (int64_t)(1e6 / fps) : 0;
    return GH_MAX(picture + PICTURE_SLACK_US, (int64_t)LENGTH_SLACK_US);
}

static void conform_duration(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    int64_t length = GH_MAX(o->duration_us, o->container_us), planned = c->recipe->pic.duration_us;
    if ((c->l->duration_min_us || c->l->duration_max_us) && length)
        add_finding(c, "duration",
                    o->duration_us >= c->l->duration_min_us - DURATION_SLACK_US &&
                        (!c->l->duration_max_us || length <= c->l->duration_max_us),
                    "%.2f s in %g..%g s", SECONDS(length), SECONDS(c->l->duration_min_us),
                    SECONDS(c->l->duration_max_us));
    if (planned > 0)
        add_finding(c, "length", llabs(o->duration_us - planned) <= length_slack(o),
                    o->duration_us < planned ? "%.2f s, planned %.2f s"
                                             : "%.2f s, longer than the planned %.2f s",
                    SECONDS(o->duration_us), SECONDS(planned));
}

static void conform_sound(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    if (c->l->audio_required)
        add_finding(c, "sound", o->n_audio > 0, "a sound track is demanded");
    if (!o->n_audio)
        return;
    add_finding(c, "sound-codec",
                gh_streq(o->acodec, "aac") && (!o->aprofile[0] || gh_streq(o->aprofile, "LC")),
                "%s %s, must be aac LC", o->acodec, o->aprofile);
    if (c->l->channels_max)
        add_finding(c, "channels", o->achannels >= 1 && o->achannels <= c->l->channels_max,
                    "%u ≤ %u", o->achannels, c->l->channels_max);
    if (c->l->stereo_required)
        add_finding(c, "stereo", o->achannels == 2, "%u channels, must be 2", o->achannels);
    if (c->l->rate_max)
        add_finding(c, "sample-rate", o->arate >= RATE_MIN && o->arate <= c->l->rate_max,
                    "%u ≤ %u Hz", o->arate, c->l->rate_max);
    int64_t picture = o->picture_us ? o->picture_us : o->duration_us;
    int64_t over = o->aduration_us - picture, slack = length_slack(o);
    bool may_be_short = c->l->sound_short_ok && c->recipe->how == GH_HOW_PASS;
    if (o->aduration_us && picture)
        add_finding(c, "sound-length", over <= slack && (may_be_short || over >= -slack),
                    "sound %.2f s, picture %.2f s", SECONDS(o->aduration_us), SECONDS(picture));
    add_finding(c, "sync", llabs(o->av_offset_us) <= SYNC_SLACK_US,
                "sound starts %.0f ms off the picture", (double)o->av_offset_us / 1000);
}

static void conform_container(struct ctx *c)
{
    const struct gh_probe *o = c->out;
    add_finding(c, "streams", o->n_video == 1 && o->n_audio <= 1 && o->n_data == 0,
                "%u video, %u sound, %u other", o->n_video, o->n_audio, o->n_data);
    add_finding(c, "edit-list", !o->edit_list, o->edit_list ? "an edit list is left" : "none");
    add_finding(c, "moov-first", o->moov_first,
                o->moov_first ? "moov before mdat" : "moov comes after mdat");
}

int gh_conform(const struct gh_probe *out, const struct gh_profile *profile,
               const struct gh_recipe *recipe, struct gh_finding ret_findings[GH_FINDINGS],
               size_t *ret_n)
{
    struct ctx c = {out, profile, &profile->limits, recipe, ret_findings, 0, 0};
    conform_file(&c);
    conform_size(&c);
    conform_metadata(&c);
    if (recipe->media == GH_PHOTO) {
        conform_photo(&c);
    } else {
        conform_codec(&c);
        conform_rate(&c);
        conform_duration(&c);
        conform_sound(&c);
        conform_container(&c);
    }
    *ret_n = c.n;
    return c.failed;
}
