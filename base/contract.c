/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Default limits, and the range checks of what a child reports. A child that reports something
 * outside these ranges was taken over or has a bug; both are GH_INPUT, against the file it read.
 */
#include "base/contract.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define HOUR_US (3600ll * 1000000)

struct gh_limits gh_limits_default(void)
{
    return (struct gh_limits){
        .jpeg_pixels = 400000000,  /* decoded at a reduced scale: cost follows the output */
        .photo_pixels = 250000000, /* today's 200 MP phones pass */
        .video_pixels = 8192ull * 8192,
        .input_bytes = 8000000000,
        .output_bytes = 2000000000, /* twice the largest limit of a shipped profile */
        .duration_us = 6 * HOUR_US,
        .frames = 6ull * 3600 * 240, /* six hours of slow motion */
        .streams = 16,
        .cpu_s = 120,
        .wall_s = 180,
        .memory_bytes = 3000000000,
    };
}

/* Terminated, and nothing but printable ASCII. */
static bool plain(const char *text, size_t size)
{
    size_t n = strnlen(text, size);
    if (n == size)
        return false;
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return true;
}
#define PLAIN(array) plain(array, sizeof(array))

static bool ratio_ok(struct gh_rational r, double max)
{
    return (r.num == 0 && r.den == 0) || (r.den > 0 && r.num >= 0 && (double)r.num / r.den <= max);
}

static bool flag_ok(uint32_t v)
{
    return v <= 1;
}

/* Terminated, and a description as gh_probe.text must be. */
static bool describes(const char *text, size_t size)
{
    size_t n = strnlen(text, size);
    return n < size && gh_text_is_clean(text, n) && !memchr(text, '\t', n);
}

#define MAX_EDGE 1000000u /* pixels: more than any format can say and any limit allows */
#define MAX_US (400 * HOUR_US)

int gh_probe_check(const struct gh_probe *p, struct gh_err *err)
{
    const struct {
        bool ok;
        const char *what;
    } checks[] = {
        {p->media == GH_PHOTO || p->media == GH_VIDEO, "medium"},
        {PLAIN(p->format) && PLAIN(p->icc) && PLAIN(p->taken) && PLAIN(p->vcodec) &&
             PLAIN(p->vprofile) && PLAIN(p->pix_fmt) && PLAIN(p->acodec) && PLAIN(p->aprofile),
         "text"},
        {describes(p->text, sizeof(p->text)), "description"},
        {p->stored_w >= 1 && p->stored_w <= MAX_EDGE && p->stored_h >= 1 && p->stored_h <= MAX_EDGE,
         "stored size"},
        {p->w >= 1 && p->w <= MAX_EDGE && p->h >= 1 && p->h <= MAX_EDGE, "size"},
        {p->orient >= 1 && p->orient <= 8, "orientation"},
        {p->colour <= GH_COLOUR_HLG, "colour"},
        {p->meta < 1u << GH_META_BITS, "metadata kinds"},
        {p->depth <= 32 && p->components <= 5 && p->subsampling <= 444, "sample format"},
        {p->pages <= 10000000, "pages"},
        {flag_ok(p->has_alpha) && flag_ok(p->progressive) && flag_ok(p->truncated) &&
             flag_ok(p->text_like) && flag_ok(p->vfr) && flag_ok(p->interlaced) &&
             flag_ok(p->full_range) && flag_ok(p->open_gop) && flag_ok(p->edit_list) &&
             flag_ok(p->edit_trims) && flag_ok(p->moov_first) && flag_ok(p->damaged) &&
             flag_ok(p->resized) && flag_ok(p->unmeasured),
         "flag"},
        {ratio_ok(p->fps, 1e6) && ratio_ok(p->fps_avg, 1e6) && ratio_ok(p->fps_moving, 1e6) &&
             ratio_ok(p->sar, 1e4),
         "ratio"},
        {p->duration_us >= 0 && p->duration_us <= MAX_US && p->picture_us >= 0 &&
             p->picture_us <= MAX_US && p->lead_us >= 0 && p->lead_us <= p->duration_us &&
             p->container_us >= 0 && p->container_us <= MAX_US && p->aduration_us >= 0 &&
             p->aduration_us <= MAX_US && p->av_offset_us > -MAX_US && p->av_offset_us < MAX_US,
         "duration"},
        {p->frames <= 1000000000 && p->gop_max_ms <= 400u * 3600 * 1000, "frames"},
        {p->vlevel <= 255 && p->bframes <= 64 && p->color_primaries <= 255 && p->color_trc <= 255 &&
             p->color_space <= 255,
         "video parameter"},
        {p->n_video <= 1000 && p->n_audio <= 1000 && p->n_data <= 1000 && p->film_track <= 1000 &&
             p->sound_track <= 1000,
         "streams"},
        {p->arate <= 10000000 && p->achannels <= 256, "sound"},
        {p->checked <= GH_PROBE_FULL, "depth"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (!checks[i].ok)
            return gh_fail(err, GH_INPUT, "the worker reported an impossible %s", checks[i].what);
    return 0;
}

int gh_text_check(const struct gh_text *t, struct gh_err *err)
{
    size_t n = strnlen(t->text, sizeof(t->text));
    if (n == sizeof(t->text) || !gh_text_is_clean(t->text, n))
        return gh_fail(err, GH_INPUT, "the worker reported an impossible text");
    return 0;
}

int gh_result_check(const struct gh_result *r, uint32_t encodes, struct gh_err *err)
{
    size_t n = strnlen(r->msg, sizeof(r->msg));
    bool ok = r->index < encodes && r->cls < GH_CLASSES && r->w <= MAX_EDGE && r->h <= MAX_EDGE &&
              r->crop.x <= MAX_EDGE && r->crop.y <= MAX_EDGE && r->crop.w <= MAX_EDGE &&
              r->crop.h <= MAX_EDGE && r->look.known <= 1 && r->look.sharp <= GH_LOOK_SHARP_MAX &&
              r->quality <= 100 && r->attempts <= 100 && r->removed < 1u << GH_META_BITS &&
              r->duration_us >= 0 && r->duration_us <= MAX_US && r->cpu_us >= 0 &&
              n < sizeof(r->msg) && gh_utf8_valid(r->msg, n) && (r->cls != GH_OK || r->bytes > 0) &&
              r->encoder < GH_ENCODERS && PLAIN(r->fell_back);
    for (size_t i = 0; ok && i < n; i++)
        ok = (unsigned char)r->msg[i] >= 0x20 && r->msg[i] != 0x7f;
    if (!ok)
        return gh_fail(err, GH_INPUT, "the worker reported an impossible result");
    return 0;
}
