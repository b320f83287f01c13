/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recipes as values: one table of fields drives comparing, hashing and printing. (The structures cross a process
 * boundary as they are, but their padding bytes mean nothing, so nothing here looks at raw memory.)
 */
#include "daemon/plan_int.h"

#include "base/hash.h"
#include "base/str.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>

enum type { U32, U64, I32, I64, RATIO, TEXT };

#define ROW(type, field)                                                                                               \
    {                                                                                                                  \
#field, type, offsetof(struct gh_recipe, field)                                                                \
    }
static const struct {
    const char *name;
    enum type type;
    size_t offset;
} fields[] = {
    ROW(U32, media),
    ROW(U32, how),
    ROW(U64, bytes_max),
    ROW(U32, pic.media),
    ROW(U32, pic.align),
    ROW(U32, pic.orient),
    ROW(U32, pic.src_w),
    ROW(U32, pic.src_h),
    ROW(U32, pic.crop.x),
    ROW(U32, pic.crop.y),
    ROW(U32, pic.crop.w),
    ROW(U32, pic.crop.h),
    ROW(U32, pic.crop_how),
    ROW(U32, pic.focal_x),
    ROW(U32, pic.focal_y),
    ROW(U32, pic.content_w),
    ROW(U32, pic.content_h),
    ROW(U32, pic.canvas_w),
    ROW(U32, pic.canvas_h),
    ROW(U32, pic.x),
    ROW(U32, pic.y),
    ROW(U32, pic.pad),
    ROW(U32, pic.pad_rgb),
    ROW(U32, pic.src_colour),
    ROW(U32, pic.colour),
    ROW(U32, pic.tonemap),
    ROW(U32, pic.background),
    ROW(U32, pic.sharpen),
    ROW(TEXT, pic.watermark.id),
    ROW(U32, pic.watermark.corner),
    ROW(U32, pic.watermark.w),
    ROW(U32, pic.watermark.h),
    ROW(U32, pic.watermark.margin),
    ROW(U32, pic.watermark.opacity),
    ROW(TEXT, pic.label.id),
    ROW(U32, pic.label.corner),
    ROW(U32, pic.label.w),
    ROW(U32, pic.label.h),
    ROW(U32, pic.label.margin),
    ROW(U32, pic.label.opacity),
    ROW(U32, pic.deinterlace),
    ROW(RATIO, pic.fps),
    ROW(I64, pic.start_us),
    ROW(I64, pic.duration_us),
    ROW(U32, pic.part),
    ROW(U32, pic.parts),
    ROW(I32, pic.lufs10),
    ROW(U32, photo.quality),
    ROW(U32, photo.quality_min),
    ROW(U32, photo.progressive),
    ROW(U32, photo.subsampling),
    ROW(U32, photo.shrink_min),
    ROW(TEXT, video.profile),
    ROW(TEXT, video.preset),
    ROW(U32, video.level10),
    ROW(U32, video.bframes),
    ROW(U32, video.gop_ms),
    ROW(U32, video.crf10),
    ROW(U32, video.maxrate_kbps),
    ROW(U32, video.bitrate_kbps),
    ROW(U32, audio.mode),
    ROW(U32, audio.kbps),
    ROW(U32, audio.rate),
    ROW(U32, audio.channels),
    ROW(U32, policy),
    ROW(TEXT, artist),
    ROW(TEXT, copyright),
};

static void field_text(const struct gh_recipe *r, size_t i, struct gh_str *out)
{
    const void *at = (const char *)r + fields[i].offset;
    const struct gh_rational *ratio = at;
    switch (fields[i].type) {
    case U32:
        gh_str_printf(out, "%u", *(const uint32_t *)at);
        break;
    case I32:
        gh_str_printf(out, "%d", *(const int32_t *)at);
        break;
    case U64:
        gh_str_printf(out, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case I64:
        gh_str_printf(out, "%lld", (long long)*(const int64_t *)at);
        break;
    case RATIO:
        gh_str_printf(out, "%d/%d", ratio->num, ratio->den);
        break;
    case TEXT:
        gh_str_puts(out, at);
        break;
    }
}

bool gh_recipe_equal(const struct gh_recipe *a, const struct gh_recipe *b)
{
    static const size_t width[] = {[U32] = 4, [U64] = 8, [I32] = 4, [I64] = 8, [RATIO] = sizeof(struct gh_rational)};
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        const char *x = (const char *)a + fields[i].offset, *y = (const char *)b + fields[i].offset;
        if (fields[i].type == TEXT ? strcmp(x, y) != 0 : memcmp(x, y, width[fields[i].type]) != 0)
            return false;
    }
    return true;
}

void gh_recipe_hash(const char *source_sha256, const struct gh_recipe *recipe, char ret[65])
{
    GH_AUTO_STR text = {0};
    gh_str_printf(&text, "ghat recipe 1\n%s\n", source_sha256);
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        gh_str_printf(&text, "%s=", fields[i].name);
        field_text(recipe, i, &text);
        gh_str_puts(&text, "\n");
    }
    gh_hash_mem(text.data, text.len, ret);
}

/* Only what says something: zeros and empty texts are left out. */
json_t *gh_recipe_json(const struct gh_recipe *recipe)
{
    json_t *o = json_object();
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        GH_AUTO_STR text = {0};
        field_text(recipe, i, &text);
        const char *t = gh_str_text(&text);
        if (gh_streq(t, "0") || gh_streq(t, "0/0") || gh_streq(t, ""))
            continue;
        json_t *v =
            fields[i].type == TEXT || fields[i].type == RATIO ? json_string(t) : json_integer(strtoll(t, NULL, 10));
        json_object_set_new(o, fields[i].name, v);
    }
    return o;
}

/* ------------------------------------------------------------------------------------------- what will come out */

static void expect_video(struct gh_probe *e, const struct gh_recipe *r)
{
    static const char *const names[][2] = {{"high", "High"}, {"main", "Main"}, {"baseline", "Constrained Baseline"}};
    GH_COPY(e->format, "mov");
    GH_COPY(e->vcodec, "h264");
    GH_COPY(e->pix_fmt, "yuv420p");
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (gh_streq(names[i][0], r->video.profile))
            GH_COPY(e->vprofile, names[i][1]);
    e->vlevel = r->video.level10;
    e->bframes = r->video.bframes;
    e->fps = e->fps_avg = r->pic.fps;
    e->sar = (struct gh_rational){1, 1};
    e->duration_us = e->container_us = r->pic.duration_us;
    e->vkbps = r->video.maxrate_kbps;
    e->gop_max_ms = r->video.gop_ms;
    e->colour = r->pic.colour;
    e->color_primaries = e->color_trc = e->color_space = 1;
    e->moov_first = 1;
    e->n_video = 1;
    if (r->audio.mode == GH_AUDIO_NONE)
        return;
    e->n_audio = 1;
    GH_COPY(e->acodec, "aac");
    GH_COPY(e->aprofile, "LC");
    e->arate = r->audio.rate;
    e->achannels = r->audio.channels;
    e->akbps = r->audio.kbps;
    e->aduration_us = e->duration_us;
}

/* The bitstream as it is, in a container of ours. */
static struct gh_probe expect_pass(const struct gh_probe *source)
{
    struct gh_probe e = *source;
    e.meta = 0;
    e.edit_list = 0;
    e.moov_first = 1;
    e.n_data = 0;
    e.n_video = 1;
    e.n_audio = GH_MIN(e.n_audio, 1);
    e.container_us = GH_MAX(e.duration_us, e.aduration_us);
    return e;
}

struct gh_probe gh_recipe_expect(const struct gh_recipe *r, const struct gh_probe *source)
{
    if (r->how == GH_HOW_PASS)
        return expect_pass(source);
    struct gh_probe e;
    memset(&e, 0, sizeof e);
    e.media = r->media;
    e.orient = 1;
    e.w = e.stored_w = r->pic.canvas_w;
    e.h = e.stored_h = r->pic.canvas_h;
    e.depth = 8;
    e.pages = 1;
    e.checked = GH_PROBE_PACKETS;
    if (r->media == GH_VIDEO) {
        expect_video(&e, r);
        return e;
    }
    GH_COPY(e.format, "jpeg");
    e.colour = r->pic.colour;
    e.components = 3;
    e.progressive = r->photo.progressive;
    e.subsampling = r->photo.subsampling;
    return e;
}

bool gh_recipe_breaks(const struct gh_recipe *recipe, const struct gh_profile *profile, const struct gh_probe *source,
                      char *ret, size_t size)
{
    struct gh_probe expected = gh_recipe_expect(recipe, source);
    struct gh_check checks[GH_CHECKS];
    size_t n;
    if (!gh_verify(&expected, profile, recipe, checks, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (checks[i].pass)
            continue;
        snprintf(ret, size, "%s: %s", checks[i].limit, checks[i].text);
        break;
    }
    return true;
}
