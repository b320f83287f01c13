/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a video is. HEADER asks the container; PACKETS reads every packet and walks the boxes (frame distances, key
 * frames, reordering, hidden pictures, user data); FULL decodes everything besides. Classes: GH_INPUT, GH_LIMIT.
 */
#include "pipeline/video_probe.h"
#include "base/str.h"
#include "pipeline/mp4box.h"
#include "pipeline/video_whole.h"

#include <libavutil/pixdesc.h>
#include <string.h>
#include <sys/stat.h>

static int64_t us(int64_t t, AVRational tb)
{
    return t == AV_NOPTS_VALUE ? 0 : av_rescale_q(t, tb, GH_US);
}

static struct gh_rational ratio(AVRational r)
{
    bool ok = r.num > 0 && r.den > 0 && av_q2d(r) <= 1e6;
    return ok ? (struct gh_rational){r.num, r.den} : (struct gh_rational){0, 0};
}

/* Only printable ASCII crosses the wall. */
static void put(char *dst, size_t size, const char *src)
{
    size_t n = 0;
    for (; src && src[n] && n + 1 < size; n++)
        dst[n] = src[n] >= 0x20 && src[n] < 0x7f ? src[n] : '?';
    dst[n] = 0;
}
#define PUT(array, src) put(array, sizeof(array), src)

static enum gh_colour colour_of(const AVCodecParameters *par)
{
    if (par->color_trc == AVCOL_TRC_SMPTE2084)
        return GH_COLOUR_PQ;
    if (par->color_trc == AVCOL_TRC_ARIB_STD_B67)
        return GH_COLOUR_HLG;
    if (par->color_primaries == AVCOL_PRI_BT2020 || par->color_space == AVCOL_SPC_BT2020_NCL)
        return GH_COLOUR_BT2020;
    if (par->color_space == AVCOL_SPC_BT470BG || par->color_space == AVCOL_SPC_SMPTE170M)
        return GH_COLOUR_BT601;
    if (par->color_space == AVCOL_SPC_UNSPECIFIED && par->color_primaries != AVCOL_PRI_BT709 && par->width < 1280 &&
        par->height <= 576)
        return GH_COLOUR_BT601; /* untagged and of standard definition */
    return GH_COLOUR_BT709;
}

static void put_sizes(const struct gh_vin *in, struct gh_probe *p)
{
    const AVCodecParameters *par = in->video->codecpar;
    AVRational sar = gh_vin_sar(in);
    double aspect = av_q2d(sar), w = par->width, h = par->height;
    if (aspect > 1)
        w = w * aspect;
    else
        h = h / aspect;
    p->stored_w = (uint32_t)par->width;
    p->stored_h = (uint32_t)par->height;
    p->sar = ratio(sar);
    p->orient = gh_vin_orient(in->video);
    bool turned = p->orient >= 5;
    p->w = (uint32_t)((turned ? h : w) + 0.5);
    p->h = (uint32_t)((turned ? w : h) + 0.5);
}

static void put_format(const struct gh_vin *in, struct gh_probe *p)
{
    const AVCodecParameters *par = in->video->codecpar;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(par->format);
    PUT(p->vcodec, avcodec_get_name(par->codec_id));
    PUT(p->vprofile, avcodec_profile_name(par->codec_id, par->profile));
    PUT(p->pix_fmt, desc ? desc->name : "");
    p->vlevel = par->level > 0 && par->level <= 255 ? (uint32_t)par->level : 0;
    p->depth = desc ? (uint32_t)desc->comp[0].depth : 8;
    p->has_alpha = desc && desc->flags & AV_PIX_FMT_FLAG_ALPHA ? 1 : 0;
    p->colour = colour_of(par);
    p->color_primaries = (uint32_t)par->color_primaries & 0xff;
    p->color_trc = (uint32_t)par->color_trc & 0xff;
    p->color_space = (uint32_t)par->color_space & 0xff;
    p->full_range = par->color_range == AVCOL_RANGE_JPEG || (desc && !strncmp(desc->name, "yuvj", 4));
    p->interlaced = par->field_order > AV_FIELD_PROGRESSIVE;
    p->bframes = par->video_delay > 0 && par->video_delay <= 64 ? (uint32_t)par->video_delay : 0;
    p->vkbps = par->bit_rate > 0 ? (uint32_t)GH_MIN(par->bit_rate / 1000, 100000000) : 0;
    p->subsampling = !desc || desc->nb_components < 3 ? 0
                     : desc->log2_chroma_w == 0       ? (desc->log2_chroma_h ? 440 : 444)
                     : desc->log2_chroma_w == 1       ? (desc->log2_chroma_h ? 420 : 422)
                                                      : 411;
}

static void put_times(const struct gh_vin *in, struct gh_probe *p)
{
    const AVStream *v = in->video;
    p->fps = ratio(av_guess_frame_rate(in->fmt, in->video, NULL));
    p->fps_avg = ratio(v->avg_frame_rate);
    p->container_us = in->fmt->duration > 0 ? in->fmt->duration : 0;
    p->duration_us = v->duration > 0 ? us(v->duration, v->time_base) : p->container_us;
    p->frames = v->nb_frames > 0 ? (uint64_t)v->nb_frames : 0;
    if (!p->vkbps && p->duration_us > 0 && !in->audio)
        p->vkbps = (uint32_t)GH_MIN(p->bytes * 8000.0 / (double)p->duration_us, 1e8);
}

static void put_sound(const struct gh_vin *in, struct gh_probe *p)
{
    if (!in->audio)
        return;
    const AVCodecParameters *par = in->audio->codecpar;
    PUT(p->acodec, avcodec_get_name(par->codec_id));
    PUT(p->aprofile, avcodec_profile_name(par->codec_id, par->profile));
    p->arate = (uint32_t)par->sample_rate;
    p->achannels = (uint32_t)par->ch_layout.nb_channels;
    p->akbps = par->bit_rate > 0 ? (uint32_t)GH_MIN(par->bit_rate / 1000, 1000000) : 0;
    p->aduration_us = in->audio->duration > 0 ? us(in->audio->duration, in->audio->time_base) : p->container_us;
    if (in->audio->start_time != AV_NOPTS_VALUE && in->video->start_time != AV_NOPTS_VALUE)
        p->av_offset_us =
            us(in->audio->start_time, in->audio->time_base) - us(in->video->start_time, in->video->time_base);
}

/* Metadata of the containers that have no boxes; for MP4 the boxes say it better. */
static uint32_t meta_of_tags(const AVDictionary *tags)
{
    static const struct {
        const char *key;
        uint32_t meta;
    } known[] = {
        {"location", GH_META(GPS)},      {"encoder", GH_META(ENCODER)},     {"comment", GH_META(COMMENT)},
        {"title", GH_META(CAPTION)},     {"description", GH_META(CAPTION)}, {"artist", GH_META(CREDIT)},
        {"copyright", GH_META(CREDIT)},  {"author", GH_META(CREDIT)},       {"creation_time", GH_META(DATE)},
        {"date", GH_META(DATE)},         {"make", GH_META(CAMERA)},         {"model", GH_META(CAMERA)},
        {"software", GH_META(SOFTWARE)},
    };
    static const char *const harmless[] = {"major_brand", "minor_version", "compatible_brands", "handler_name",
                                           "vendor_id",   "language",      "duration",          "bps",
                                           "number_of_",  "_statistics",   "timecode"};
    uint32_t meta = 0;
    const AVDictionaryEntry *e = NULL;
    while ((e = av_dict_get(tags, "", e, AV_DICT_IGNORE_SUFFIX))) {
        uint32_t found = 0;
        bool skip = false;
        for (size_t i = 0; i < GH_LEN(known); i++)
            if (strcasestr(e->key, known[i].key))
                found |= known[i].meta;
        for (size_t i = 0; i < GH_LEN(harmless); i++)
            skip = skip || strcasestr(e->key, harmless[i]);
        meta |= found ? found : skip ? 0 : GH_META(UNKNOWN);
    }
    return meta;
}

static int put_container(const struct gh_vin *in, int fd, struct gh_probe *p, struct gh_err *err)
{
    for (unsigned i = 0; i < in->fmt->nb_streams; i++) {
        const AVStream *st = in->fmt->streams[i];
        enum AVMediaType type = st->codecpar->codec_type;
        if (type == AVMEDIA_TYPE_VIDEO && st->disposition & AV_DISPOSITION_ATTACHED_PIC)
            p->meta |= GH_META(THUMBNAIL);
        else if (type == AVMEDIA_TYPE_VIDEO)
            p->n_video++;
        else if (type == AVMEDIA_TYPE_AUDIO)
            p->n_audio++;
        else
            p->n_data++;
        if (strcmp(p->format, "mov"))
            p->meta |= meta_of_tags(st->metadata);
    }
    if (p->n_data)
        p->meta |= GH_META(DATA_TRACK);
    if (in->fmt->nb_chapters)
        p->meta |= GH_META(CHAPTERS);
    if (strcmp(p->format, "mov")) {
        p->meta |= meta_of_tags(in->fmt->metadata);
        return 0;
    }
    struct gh_mp4 mp4;
    TRY(gh_mp4_read(fd, &mp4, err));
    p->meta |= mp4.meta;
    p->moov_first = mp4.moov_first;
    p->edit_list = mp4.edit_list;
    p->edit_trims = mp4.edit_trims;
    return 0;
}

/* The demuxer's work grows with entries × frames: a list of a hundred thousand takes it minutes before it says
 * anything. */
#define MOST_EDITS 1000

static int check_edits(int fd, struct gh_err *err)
{
    struct gh_mp4 mp4;
    TRY(gh_mp4_read(fd, &mp4, err));
    if (mp4.edits > MOST_EDITS)
        return gh_fail(err, GH_LIMIT, "the edit list has %u entries, more than the limit of %d", mp4.edits, MOST_EDITS);
    return 0;
}

/* What only decoded pictures tell. */
static int decode_all(const struct gh_ctx *ctx, int fd, struct gh_probe *p, struct gh_err *err)
{
    struct gh_whole w;
    gh_whole_begin(&w, ctx->seen);
    TRY(gh_whole_decode(ctx, fd, p, &w, err));
    p->frames = w.frames;
    p->interlaced |= w.interlaced;
    p->resized |= w.resized;
    p->damaged |= w.errors || gh_av_complaints() != w.complaints;
    return 0;
}

int gh_video_probe(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth, struct gh_probe *ret,
                   struct gh_err *err)
{
    struct gh_probe p = {.media = GH_VIDEO, .pages = 1, .components = 3, .checked = GH_PROBE_HEADER};
    struct stat st;
    if (fstat(fd, &st) == 0)
        p.bytes = (uint64_t)st.st_size;
    TRY(check_edits(fd, err));
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    TRY(gh_vin_open(ctx, fd, &in, err));
    PUT(p.format, gh_vin_format(in));
    put_sizes(in, &p);
    put_format(in, &p);
    put_times(in, &p);
    put_sound(in, &p);
    TRY(put_container(in, fd, &p, err));
    if (depth >= GH_PROBE_PACKETS)
        TRY(gh_probe_packets(ctx, in, depth == GH_PROBE_PACKETS, &p, err));
    if (depth >= GH_PROBE_FULL)
        TRY(decode_all(ctx, fd, &p, err));
    p.checked = depth;
    *ret = p;
    return 0;
}
