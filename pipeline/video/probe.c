/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a video is. Depth HEADER reads what the container says and walks the boxes; PACKETS also
 * reads every packet (frame distances, key frames, reordering, user data); FULL also decodes
 * everything. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/video/probe.h"

#include "base/str.h"
#include "pipeline/meta/scan.h"
#include "pipeline/video/asf.h"
#include "pipeline/video/mp4box.h"
#include "pipeline/video/times.h"
#include "pipeline/video/tracks.h"
#include "pipeline/video/video.h"
#include "pipeline/video/whole.h"

#include <libavutil/pixdesc.h>
#include <string.h>
#include <sys/stat.h>

#define HD_WIDTH 1280
#define SD_HEIGHT 576
#define MOST_FPS 1e6
#define MOST_BFRAMES 64
#define MOST_VKBPS 100000000

static struct gh_rational ratio(AVRational r)
{
    bool ok = r.num > 0 && r.den > 0 && av_q2d(r) <= MOST_FPS;
    return ok ? (struct gh_rational){r.num, r.den} : (struct gh_rational){0, 0};
}

/* The parent accepts only printable ASCII. */
static void copy_printable(char *dst, size_t size, const char *src)
{
    size_t n = 0;
    for (; src && src[n] && n + 1 < size; n++)
        dst[n] = src[n] >= 0x20 && src[n] < 0x7f ? src[n] : '?';
    dst[n] = 0;
}
#define COPY_PRINTABLE(array, src) copy_printable(array, sizeof(array), src)

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
    if (par->color_space == AVCOL_SPC_UNSPECIFIED && par->color_primaries != AVCOL_PRI_BT709 &&
        par->width < HD_WIDTH && par->height <= SD_HEIGHT)
        return GH_COLOUR_BT601; /* no tags, and standard definition */
    return GH_COLOUR_BT709;
}

static void fill_sizes(const struct gh_vin *in, struct gh_probe *p)
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

static void fill_format(const struct gh_vin *in, struct gh_probe *p)
{
    const AVCodecParameters *par = in->video->codecpar;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(par->format);
    COPY_PRINTABLE(p->vcodec, avcodec_get_name(par->codec_id));
    COPY_PRINTABLE(p->vprofile, avcodec_profile_name(par->codec_id, par->profile));
    COPY_PRINTABLE(p->pix_fmt, desc ? desc->name : "");
    p->vlevel = par->level > 0 && par->level <= 255 ? (uint32_t)par->level : 0;
    p->depth = desc ? (uint32_t)desc->comp[0].depth : 8;
    p->has_alpha = desc && desc->flags & AV_PIX_FMT_FLAG_ALPHA ? 1 : 0;
    p->colour = colour_of(par);
    p->color_primaries = (uint32_t)par->color_primaries & 0xff;
    p->color_trc = (uint32_t)par->color_trc & 0xff;
    p->color_space = (uint32_t)par->color_space & 0xff;
    p->full_range =
        par->color_range == AVCOL_RANGE_JPEG || (desc && !strncmp(desc->name, "yuvj", 4));
    p->interlaced = par->field_order > AV_FIELD_PROGRESSIVE;
    p->bframes =
        par->video_delay > 0 && par->video_delay <= MOST_BFRAMES ? (uint32_t)par->video_delay : 0;
    p->vkbps = par->bit_rate > 0 ? (uint32_t)GH_MIN(par->bit_rate / 1000, MOST_VKBPS) : 0;
    p->subsampling = !desc || desc->nb_components < 3 ? 0
                     : desc->log2_chroma_w == 0       ? (desc->log2_chroma_h ? 440 : 444)
                     : desc->log2_chroma_w == 1       ? (desc->log2_chroma_h ? 420 : 422)
                                                      : 411;
}

/* The rate of the moving parts, from an index that holds every picture (MP4's does). */
static void fill_moving_rate(const struct gh_vin *in, struct gh_probe *p)
{
    AVStream *v = in->video;
    int n = avformat_index_get_entries_count(v);
    if (strcmp(p->format, "mov") || n < 2)
        return;
    GH_AUTO_FREE int64_t *times = gh_alloc((size_t)n * sizeof(*times));
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        const AVIndexEntry *e = avformat_index_get_entry(v, i);
        if (e && (!k || e->timestamp >= times[k - 1]))
            times[k++] = e->timestamp;
    }
    p->fps_moving = gh_times_moving(times, k, v->time_base);
}

/* Whether av_guess_frame_rate and the average say nearly the same. */
#define SAME_RATE 1.1
#define USUAL_FPS 300.0

static bool rate_is_sure(const struct gh_probe *p)
{
    if (!strcmp(p->format, "mov") || !strcmp(p->format, "avi"))
        return true;
    double said = p->fps.den ? (double)p->fps.num / p->fps.den : 0,
           average = p->fps_avg.den ? (double)p->fps_avg.num / p->fps_avg.den : 0;
    return said > 0 && said <= USUAL_FPS && average > 0 && said <= average * SAME_RATE &&
           average <= said * SAME_RATE;
}

/* Headers of other containers round, and guess: where picture and sound are not of one length, the
 * packets are asked. */
static bool lengths_are_sure(const struct gh_probe *p)
{
    return p->duration_us > 0 && (!strcmp(p->format, "mov") || p->duration_us == p->picture_us);
}

static void fill_times(const struct gh_vin *in, struct gh_probe *p)
{
    const AVStream *v = in->video;
    struct gh_span picture, sound;
    p->fps = ratio(av_guess_frame_rate(in->fmt, in->video, NULL));
    p->fps_avg = ratio(v->avg_frame_rate);
    p->container_us = in->fmt->duration > 0 ? in->fmt->duration : 0;
    p->frames = v->nb_frames > 0 ? (uint64_t)v->nb_frames : 0;
    fill_moving_rate(in, p);
    bool known = gh_vin_span(in, v, &picture) && (!in->audio || gh_vin_span(in, in->audio, &sound));
    if (known)
        gh_times_film(p, &picture, in->audio ? &sound : NULL);
    p->unmeasured = !known || !lengths_are_sure(p) || !rate_is_sure(p);
    if (!p->vkbps && p->duration_us > 0 && !in->audio)
        p->vkbps = (uint32_t)GH_MIN(p->bytes * 8000.0 / (double)p->duration_us, 1e8);
}

static void fill_sound(const struct gh_vin *in, struct gh_probe *p)
{
    if (!in->audio)
        return;
    const AVCodecParameters *par = in->audio->codecpar;
    COPY_PRINTABLE(p->acodec, avcodec_get_name(par->codec_id));
    COPY_PRINTABLE(p->aprofile, avcodec_profile_name(par->codec_id, par->profile));
    p->arate = (uint32_t)par->sample_rate;
    p->achannels = (uint32_t)par->ch_layout.nb_channels;
}

/* Metadata of containers other than MP4, whose boxes tell more (mp4box.h). */
static uint32_t meta_of_tags(const AVDictionary *tags)
{
    static const struct {
        const char *key;
        uint32_t meta;
    } known[] = {
        {"location", GH_META(GPS)},        {"encoder", GH_META(ENCODER)},
        {"comment", GH_META(COMMENT)},     {"title", GH_META(CAPTION)},
        {"description", GH_META(CAPTION)}, {"artist", GH_META(CREDIT)},
        {"copyright", GH_META(CREDIT)},    {"author", GH_META(CREDIT)},
        {"creation_time", GH_META(DATE)},  {"date", GH_META(DATE)},
        {"make", GH_META(CAMERA)},         {"model", GH_META(CAMERA)},
        {"software", GH_META(SOFTWARE)},
    };
    static const char *const harmless[] = {"major_brand",  "minor_version", "compatible_brands",
                                           "handler_name", "vendor_id",     "language",
                                           "duration",     "bps",           "number_of_",
                                           "_statistics",  "timecode"};
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

/* A description that people wrote, as players show it. */
static void read_texts(const struct gh_vin *in, struct gh_probe *p)
{
    static const struct {
        const char *key;
        enum gh_text_rank rank;
    } texts[] = {
        {"com.apple.quicktime.description", GH_TEXT_DESCRIPTION},
        {"description", GH_TEXT_DESCRIPTION},
        {"synopsis", GH_TEXT_DESCRIPTION},
        {"comment", GH_TEXT_COMMENT},
        {"com.apple.quicktime.title", GH_TEXT_TITLE},
        {"title", GH_TEXT_TITLE},
    };
    GH_AUTO_META m = {0};
    for (size_t i = 0; i < GH_LEN(texts); i++) {
        const AVDictionaryEntry *e = av_dict_get(in->fmt->metadata, texts[i].key, NULL, 0);
        if (e && e->value)
            gh_meta_caption(&m, (const uint8_t *)e->value, strlen(e->value), texts[i].rank);
    }
    GH_COPY(p->text, gh_str_text(&m.caption));
}

static int fill_container(const struct gh_vin *in, int fd, struct gh_probe *p, struct gh_err *err)
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
    read_texts(in, p);
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
    p->unmeasured |= mp4.fragmented; /* its header knows the first fragment only */
    return 0;
}

/* The demuxer's work grows with edits × frames: with a list of a hundred thousand edits it takes
 * minutes before it returns. */
#define MOST_EDITS 1000

static int check_boxes(int fd, struct gh_err *err)
{
    struct gh_mp4 mp4;
    TRY(gh_mp4_read(fd, &mp4, err));
    if (mp4.encrypted || gh_asf_encrypted(fd))
        return gh_tracks_refuse_encrypted(err);
    if (mp4.edits > MOST_EDITS)
        return gh_fail(err, GH_LIMIT, "the edit list has %u entries, more than the limit of %d",
                       mp4.edits, MOST_EDITS);
    return 0;
}

/* What is only known from decoded pictures. */
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

static int fill_header(const struct gh_vin *in, int fd, struct gh_probe *p, struct gh_err *err)
{
    COPY_PRINTABLE(p->format, gh_vin_format(in));
    fill_sizes(in, p);
    fill_format(in, p);
    fill_times(in, p);
    fill_sound(in, p);
    return fill_container(in, fd, p, err);
}

int gh_video_probe(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    struct gh_probe p = {
        .media = GH_VIDEO, .pages = 1, .components = 3, .checked = GH_PROBE_HEADER};
    struct stat st;
    if (fstat(fd, &st) == 0)
        p.bytes = (uint64_t)st.st_size;
    TRY(check_boxes(fd, err));
    struct gh_ctx own = *ctx;
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    TRY(gh_vin_open(&own, fd, &in, err));
    bool doubted = gh_tracks_doubted(in);
    if (doubted && depth >= GH_PROBE_PACKETS) {
        TRY(gh_tracks_choose(&own, fd, in, err));
        gh_vin_close(&in);
        TRY(gh_vin_open(&own, fd, &in, err));
        p.film_track = own.film_track;
        p.sound_track = own.sound_track;
    }
    TRY(gh_tracks_check(in, err));
    TRY(fill_header(in, fd, &p, err));
    p.unmeasured |= doubted;
    if (depth >= GH_PROBE_PACKETS)
        TRY(gh_probe_packets(&own, in, depth == GH_PROBE_PACKETS, &p, err));
    if (depth >= GH_PROBE_FULL)
        TRY(decode_all(&own, fd, &p, err));
    p.checked = depth;
    *ret = p;
    return 0;
}
