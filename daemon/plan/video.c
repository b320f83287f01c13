/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a video is encoded when it is made for one placement alone: its rung of the ladder, the rate
 * its bytes allow, level and sound. Rates in kbit/s. Class: GH_SKIP when the clip is too long for
 * the bytes.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"
#include "filters/geometry.h"

#include <math.h>

#define AIM 0.97        /* 3 % under a limit, since rate control is not exact */
#define VBV_SECONDS 2.0 /* the encoder's buffer (two seconds of maxrate) may come on top */
#define MUX_KBPS 8      /* sample tables, box heads */
#define LADDER_SHARE 3  /* a rung needs at least this fraction (1/3) of its rate */

uint32_t gh_kbps_for(uint64_t bytes, int64_t duration_us, uint32_t audio_kbps)
{
    if (!bytes || duration_us <= 0)
        return UINT32_MAX;
    double kbps = (double)bytes * 8 * AIM / 1000 / ((double)duration_us / 1e6 + VBV_SECONDS) -
                  audio_kbps - MUX_KBPS;
    return kbps < 1 ? 1 : kbps > 1e9 ? UINT32_MAX : (uint32_t)kbps;
}

/* H.264 table A-1: macroblocks a second and a picture. */
static const struct {
    uint32_t level10, per_second, per_picture;
} levels[] = {
    {10, 1485, 99},         {11, 3000, 396},     {12, 6000, 396},      {13, 11880, 396},
    {20, 11880, 396},       {21, 19800, 792},    {22, 20250, 1620},    {30, 40500, 1620},
    {31, 108000, 3600},     {32, 216000, 5120},  {40, 245760, 8192},   {42, 522240, 8704},
    {50, 589824, 22080},    {51, 983040, 36864}, {52, 2073600, 36864}, {60, 4177920, 139264},
    {62, 16711680, 139264},
};

uint32_t gh_level_for(uint32_t w, uint32_t h, struct gh_rational fps, uint32_t least)
{
    uint64_t picture = (uint64_t)((w + 15) / 16) * ((h + 15) / 16);
    double second = (double)picture * gh_fps_value(fps);
    for (size_t i = 0; i < GH_LEN(levels); i++)
        if (levels[i].level10 >= least && picture <= levels[i].per_picture &&
            second <= levels[i].per_second)
            return levels[i].level10;
    return levels[GH_LEN(levels) - 1].level10;
}

/*
 * x264's preset, by how many bits there may be for a pixel of what is shown: the fewer, the more
 * work each is worth; HDR is phones' and cameras', full of noise that costs bytes. crf10 is added
 * to the CRF a profile asks for, so that the SSIM is that of veryfast. Measured: docs/MEASURED.md.
 */
static const struct {
    bool hdr;         /* of HDR only */
    double bits_from; /* maxrate_kbps allows a pixel so many bits, or more */
    const char *preset;
    int32_t crf10;
    const char *why;
} presets[] = {
    {true, 0.12, "superfast-satd", 7, "HDR, bits to spare"},
    {false, 0.12, "superfast-mbtree", 3, "bits to spare"},
    {false, 0.075, "veryfast", 0, "few bits"},
    {false, 0, "faster", 0, "very few bits"},
};

static size_t preset_for(const struct gh_recipe *r)
{
    double pixels =
        (double)r->pic.content_w * r->pic.content_h * GH_MAX(gh_fps_value(r->pic.fps), 1.0);
    double bits =
        r->video.maxrate_kbps ? r->video.maxrate_kbps * 1000.0 / GH_MAX(pixels, 1.0) : INFINITY;
    size_t i = 0;
    while (i + 1 < GH_LEN(presets) &&
           (bits < presets[i].bits_from || (presets[i].hdr && !r->pic.tonemap)))
        i++;
    return i;
}

void gh_plan_preset(struct gh_recipe *r)
{
    size_t i = preset_for(r);
    GH_COPY(r->video.preset, presets[i].preset);
    r->video.crf10 = (uint32_t)GH_MAX((int32_t)r->video.crf10 + presets[i].crf10, 10);
}

const char *gh_plan_preset_why(const struct gh_recipe *r)
{
    return presets[preset_for(r)].why;
}

static const struct gh_rung *rung_for(const struct gh_profile_target *t, int64_t duration_us)
{
    for (uint32_t i = 0; i < t->rungs; i++)
        if (duration_us <= t->ladder[i].duration_us)
            return &t->ladder[i];
    return NULL;
}

static void set_sound(const struct gh_probe *probe, const struct gh_profile_target *t,
                      uint32_t kbps, struct gh_audio_out *ret)
{
    *ret = (struct gh_audio_out){.mode = probe->n_audio    ? GH_AUDIO_ENCODE
                                         : t->audio_silent ? GH_AUDIO_SILENT
                                                           : GH_AUDIO_NONE};
    if (ret->mode == GH_AUDIO_NONE)
        return;
    ret->kbps = kbps;
    ret->rate = t->audio_rate;
    ret->channels = t->audio_channels;
}

int gh_plan_video_own(const struct gh_probe *probe, const struct gh_profile *profile,
                      struct gh_recipe *r, struct gh_err *err)
{
    const struct gh_profile_target *t = &profile->target;
    const struct gh_rung *rung = rung_for(t, r->pic.duration_us);
    if (t->rungs && !rung)
        return gh_fail(err, GH_SKIP, "%.0f s is longer than the %.0f s that fit: cut the clip",
                       (double)r->pic.duration_us / 1e6,
                       (double)t->ladder[t->rungs - 1].duration_us / 1e6);
    if (rung)
        gh_pic_shrink(&r->pic, GH_MAX(rung->w, rung->h), GH_MIN(rung->w, rung->h));
    set_sound(probe, t, rung ? rung->audio_kbps : t->audio_kbps, &r->audio);
    uint32_t fits = gh_kbps_for(profile->limits.bytes_max, r->pic.duration_us, r->audio.kbps);
    uint32_t aim = t->maxrate_kbps ? t->maxrate_kbps : UINT32_MAX;
    if (rung)
        aim = GH_MIN(aim, rung->kbps);
    uint32_t least = rung ? rung->kbps / LADDER_SHARE : t->kbps_floor;
    if (fits < least)
        return gh_fail(err, GH_SKIP,
                       "%.0f s within %.0f MB leave %u kbit/s, too little to look at: cut the clip",
                       (double)r->pic.duration_us / 1e6, (double)profile->limits.bytes_max / 1e6,
                       fits);
    GH_COPY(r->video.profile, t->vprofile);
    r->video.level10 = gh_level_for(r->pic.canvas_w, r->pic.canvas_h, r->pic.fps, t->level10);
    r->video.bframes = t->bframes;
    r->video.gop_ms = t->gop_ms;
    r->video.crf10 = t->crf10;
    r->video.maxrate_kbps = GH_MIN(aim, fits);
    gh_plan_preset(r);
    return 0;
}
