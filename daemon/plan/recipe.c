/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recipes as values: one list of fields drives comparing, hashing and printing. (The structures
 * cross a process boundary as they are, but what follows the NUL of a text means nothing, so
 * nothing here looks at raw memory.) And what a probe of the output will say.
 */
#include "daemon/plan/plan_int.h"

#include "base/hash.h"
#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <string.h>

/* Every field. Names and order are hashed: when one changes, all files are made again. */
#define FIELDS(X)                                                                                  \
    X(media)                                                                                       \
    X(how)                                                                                         \
    X(bytes_max)                                                                                   \
    X(pic.media)                                                                                   \
    X(pic.align)                                                                                   \
    X(pic.orient)                                                                                  \
    X(pic.src_w)                                                                                   \
    X(pic.src_h)                                                                                   \
    X(pic.crop.x)                                                                                  \
    X(pic.crop.y)                                                                                  \
    X(pic.crop.w)                                                                                  \
    X(pic.crop.h)                                                                                  \
    X(pic.crop_how)                                                                                \
    X(pic.focal_x)                                                                                 \
    X(pic.focal_y)                                                                                 \
    X(pic.content_w)                                                                               \
    X(pic.content_h)                                                                               \
    X(pic.canvas_w)                                                                                \
    X(pic.canvas_h)                                                                                \
    X(pic.x)                                                                                       \
    X(pic.y)                                                                                       \
    X(pic.pad)                                                                                     \
    X(pic.pad_rgb)                                                                                 \
    X(pic.src_colour)                                                                              \
    X(pic.colour)                                                                                  \
    X(pic.tonemap)                                                                                 \
    X(pic.background)                                                                              \
    X(pic.sharpen)                                                                                 \
    X(pic.watermark.id)                                                                            \
    X(pic.watermark.corner)                                                                        \
    X(pic.watermark.w)                                                                             \
    X(pic.watermark.h)                                                                             \
    X(pic.watermark.margin)                                                                        \
    X(pic.watermark.opacity)                                                                       \
    X(pic.label.id)                                                                                \
    X(pic.label.corner)                                                                            \
    X(pic.label.w)                                                                                 \
    X(pic.label.h)                                                                                 \
    X(pic.label.margin)                                                                            \
    X(pic.label.opacity)                                                                           \
    X(pic.deinterlace)                                                                             \
    X(pic.fps)                                                                                     \
    X(pic.start_us)                                                                                \
    X(pic.duration_us)                                                                             \
    X(pic.part)                                                                                    \
    X(pic.parts)                                                                                   \
    X(pic.lufs10)                                                                                  \
    X(photo.quality)                                                                               \
    X(photo.quality_min)                                                                           \
    X(photo.progressive)                                                                           \
    X(photo.subsampling)                                                                           \
    X(photo.shrink_min)                                                                            \
    X(video.profile)                                                                               \
    X(video.preset)                                                                                \
    X(video.level10)                                                                               \
    X(video.bframes)                                                                               \
    X(video.gop_ms)                                                                                \
    X(video.crf10)                                                                                 \
    X(video.maxrate_kbps)                                                                          \
    X(video.bitrate_kbps)                                                                          \
    X(audio.mode)                                                                                  \
    X(audio.kbps)                                                                                  \
    X(audio.rate)                                                                                  \
    X(audio.channels)                                                                              \
    X(policy)                                                                                      \
    X(artist)                                                                                      \
    X(copyright)

enum type { U32, U64, I32, I64, RATIO, TEXT };

#define FIELD(field) (((struct gh_recipe *)NULL)->field)
#define ROW(field)                                                                                 \
    {#field,                                                                                       \
     _Generic(FIELD(field), uint32_t: U32, uint64_t: U64, int32_t: I32, int64_t: I64,              \
              struct gh_rational: RATIO, char *: TEXT),                                            \
     offsetof(struct gh_recipe, field), sizeof(FIELD(field))},
static const struct {
    const char *name;
    enum type type;
    size_t offset, size;
} fields[] = {FIELDS(ROW)};

/* A field that the list lacks would let two different outputs share one file. */
#define PLUS_SIZE(field) +sizeof(FIELD(field))
_Static_assert(sizeof(struct gh_recipe) == sizeof(FIELD(pic.reserved)) FIELDS(PLUS_SIZE),
               "FIELDS lacks a field of struct gh_recipe, or the structure has padding");

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
        gh_str_printf(out, "%" PRIu64, *(const uint64_t *)at);
        break;
    case I64:
        gh_str_printf(out, "%" PRId64, *(const int64_t *)at);
        break;
    case RATIO:
        gh_str_printf(out, "%d/%d", ratio->num, ratio->den);
        break;
    case TEXT:
        gh_str_puts(out, at);
        break;
    }
}

/* a and b: the part of two recipes that begins at offset. */
static bool fields_equal(const void *a, const void *b, size_t offset, size_t size)
{
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        size_t at = fields[i].offset - offset;
        if (fields[i].offset < offset || at >= size)
            continue;
        const char *x = (const char *)a + at, *y = (const char *)b + at;
        if (fields[i].type == TEXT ? strcmp(x, y) != 0 : memcmp(x, y, fields[i].size) != 0)
            return false;
    }
    return true;
}

bool gh_recipe_equal(const struct gh_recipe *a, const struct gh_recipe *b)
{
    return fields_equal(a, b, 0, sizeof(*a));
}

bool gh_pic_equal(const struct gh_pic *a, const struct gh_pic *b)
{
    return fields_equal(a, b, offsetof(struct gh_recipe, pic), sizeof(*a));
}

void gh_recipe_hash(const char *source_sha256, const struct gh_recipe *recipe, char ret[GH_SHA_HEX])
{
    GH_AUTO_STR text = {0};
    gh_str_printf(&text, "ghat recipe 1\n%s\n", source_sha256);
    if (recipe->media == GH_PHOTO)
        gh_str_printf(&text, "metadata %d\n", GH_META_VERSION);
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        gh_str_printf(&text, "%s=", fields[i].name);
        field_text(recipe, i, &text);
        gh_str_puts(&text, "\n");
    }
    gh_hash_mem(text.data, text.len, ret);
}

/* Zeros and empty texts are left out. */
json_t *gh_recipe_json(const struct gh_recipe *recipe)
{
    json_t *o = json_object();
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        GH_AUTO_STR text = {0};
        field_text(recipe, i, &text);
        const char *t = gh_str_text(&text);
        if (gh_streq(t, "0") || gh_streq(t, "0/0") || gh_streq(t, ""))
            continue;
        json_t *v = fields[i].type == TEXT || fields[i].type == RATIO
                        ? json_string(t)
                        : json_integer(strtoll(t, NULL, 10));
        json_object_set_new(o, fields[i].name, v);
    }
    return o;
}

/* --------------------------------------------------------------------------- what will come out */

static void expect_video(struct gh_probe *e, const struct gh_recipe *r)
{
    static const char *const names[][2] = {
        {"high", "High"}, {"main", "Main"}, {"baseline", "Constrained Baseline"}};
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
    e->aduration_us = e->duration_us;
}

/* The bitstream as it is, in a container that Ghat writes. */
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
    memset(&e, 0, sizeof(e));
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

bool gh_recipe_breaks(const struct gh_recipe *recipe, const struct gh_profile *profile,
                      const struct gh_probe *source, char *ret, size_t size)
{
    struct gh_probe expected = gh_recipe_expect(recipe, source);
    struct gh_finding findings[GH_FINDINGS];
    size_t n;
    if (!gh_conform(&expected, profile, recipe, findings, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (findings[i].pass)
            continue;
        gh_format(ret, size, "%s: %s", findings[i].limit, findings[i].text);
        break;
    }
    return true;
}
