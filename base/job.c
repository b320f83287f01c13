/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The job contract: default limits, and the range checks of what a child reports. A report outside these ranges is a
 * lie or a bug; either way GH_INPUT against the file that was being read.
 */
#include "base/job.h"

#include "base/str.h"

#include <string.h>

struct gh_limits gh_limits_default(void)
{
    return (struct gh_limits){
        .jpeg_pixels = 400000000,  /* decoded at a reduced scale: cost follows the output */
        .photo_pixels = 250000000, /* today's 200 MP phones pass */
        .video_pixels = 8192ull * 8192,
        .input_bytes = 8000000000,
        .output_bytes = 2000000000, /* twice the largest limit of a shipped profile */
        .duration_us = 6ll * 3600 * 1000000,
        .frames = 6ull * 3600 * 240,
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

static bool rational(struct gh_rational r, double max)
{
    return (r.num == 0 && r.den == 0) || (r.den > 0 && r.num >= 0 && (double)r.num / r.den <= max);
}

static bool flag(uint32_t v)
{
    return v <= 1;
}

#define MAX_EDGE 1000000u
#define MAX_US (400ll * 3600 * 1000000)

int gh_probe_check(const struct gh_probe *p, struct gh_err *err)
{
    const struct {
        bool ok;
        const char *what;
    } checks[] = {
        {p->media == GH_PHOTO || p->media == GH_VIDEO, "medium"},
        {PLAIN(p->format) && PLAIN(p->icc) && PLAIN(p->taken) && PLAIN(p->vcodec) && PLAIN(p->vprofile) &&
             PLAIN(p->pix_fmt) && PLAIN(p->acodec) && PLAIN(p->aprofile),
         "text"},
        {p->stored_w >= 1 && p->stored_w <= MAX_EDGE && p->stored_h >= 1 && p->stored_h <= MAX_EDGE, "stored size"},
        {p->w >= 1 && p->w <= MAX_EDGE && p->h >= 1 && p->h <= MAX_EDGE, "size"},
        {p->orient >= 1 && p->orient <= 8, "orientation"},
        {p->colour <= GH_COLOUR_HLG, "colour"},
        {p->meta < 1u << GH_META_BITS, "metadata kinds"},
        {p->depth <= 32 && p->components <= 5 && p->subsampling <= 444, "sample format"},
        {p->pages <= 10000000, "pages"},
        {flag(p->has_alpha) && flag(p->progressive) && flag(p->truncated) && flag(p->text_like) && flag(p->vfr) &&
             flag(p->interlaced) && flag(p->full_range) && flag(p->open_gop) && flag(p->edit_list) &&
             flag(p->edit_trims) && flag(p->moov_first) && flag(p->damaged) && flag(p->resized),
         "flag"},
        {rational(p->fps, 1e6) && rational(p->fps_avg, 1e6) && rational(p->sar, 1e4), "ratio"},
        {p->duration_us >= 0 && p->duration_us <= MAX_US && p->container_us >= 0 && p->container_us <= MAX_US &&
             p->aduration_us >= 0 && p->aduration_us <= MAX_US && p->av_offset_us > -MAX_US && p->av_offset_us < MAX_US,
         "duration"},
        {p->frames <= 1000000000 && p->gop_max_ms <= 400u * 3600 * 1000, "frames"},
        {p->vlevel <= 255 && p->bframes <= 64 && p->color_primaries <= 255 && p->color_trc <= 255 &&
             p->color_space <= 255,
         "video parameter"},
        {p->n_video <= 1000 && p->n_audio <= 1000 && p->n_data <= 1000, "streams"},
        {p->arate <= 10000000 && p->achannels <= 256, "sound"},
        {p->checked <= GH_PROBE_FULL, "depth"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (!checks[i].ok)
            return gh_fail(err, GH_INPUT, "the worker reported an impossible %s", checks[i].what);
    return 0;
}

int gh_result_check(const struct gh_result *r, uint32_t encodes, struct gh_err *err)
{
    size_t n = strnlen(r->msg, sizeof r->msg);
    bool ok = r->index < encodes && r->cls < GH_CLASSES && r->w <= MAX_EDGE && r->h <= MAX_EDGE && r->quality <= 100 &&
              r->attempts <= 100 && r->removed < 1u << GH_META_BITS && r->duration_us >= 0 &&
              r->duration_us <= MAX_US && r->cpu_us >= 0 && n < sizeof r->msg && gh_utf8_valid(r->msg, n) &&
              (r->cls != GH_OK || r->bytes > 0) && r->encoder < GH_ENCODERS && PLAIN(r->fell_back);
    for (size_t i = 0; ok && i < n; i++)
        ok = (unsigned char)r->msg[i] >= 0x20 && r->msg[i] != 0x7f;
    if (!ok)
        return gh_fail(err, GH_INPUT, "the worker reported an impossible result");
    return 0;
}
