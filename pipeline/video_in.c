/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening a dropped video: one descriptor, listed demuxers only, nothing else is ever opened. What the file is comes
 * from its bytes; its name is not known here. Streams are chosen by what can be shown, not by their order alone.
 */
#include "pipeline/video_in.h"

#include "base/str.h"
#include "pipeline/avio.h"
#include "pipeline/video_codecs.h"

#include <libavutil/avstring.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/pixdesc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_BYTES 5000000 /* enough for a transport stream at 40 Mbit/s to show its streams within a second */

/* Playlists, data references: whatever a file wants opened beside itself is refused, and its wish is kept as a sign of
 * attack. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags, AVDictionary **options)
{
    (void)flags;
    (void)options;
    struct gh_vin *in = s->opaque;
    *pb = NULL;
    size_t n = 0;
    for (; url && url[n] && n + 1 < sizeof in->refused; n++)
        in->refused[n] = url[n] >= 0x20 && url[n] < 0x7f ? url[n] : '?';
    in->refused[n] = 0;
    return AVERROR(EPERM);
}

/* Name what it is when it is not one of ours: the officer learns what to send instead. */
static int refuse_kind(int fd, const struct gh_vin *in, int code, struct gh_err *err)
{
    uint8_t head[2048 + AVPROBE_PADDING_SIZE] = {0};
    ssize_t n = pread(fd, head, 2048, 0);
    AVProbeData pd = {.filename = "", .buf = head, .buf_size = n > 0 ? (int)n : 0};
    const AVInputFormat *kind = av_probe_input_format(&pd, 1);
    if (in && in->refused[0])
        return gh_fail(err, GH_INPUT,
                       "the file refers to another file (%s), which is never opened: send the video itself",
                       in->refused);
    if (kind && !av_match_list(kind->name, GH_DEMUXERS, ','))
        return gh_fail(err, GH_INPUT, "this is not a video file but \"%s\": send MP4, MOV, MKV, WebM, AVI or MPEG-TS",
                       kind->name);
    return gh_fail_av(err, GH_INPUT, code, "the video cannot be opened (damaged, incomplete or of an unknown kind)");
}

static const char *decoder_name(enum AVCodecID id)
{
    switch (id) {
#define ROW(i, n)                                                                                                      \
    case AV_CODEC_ID_##i:                                                                                              \
        return n;
        GH_VIDEO_DECODERS(ROW)
        GH_AUDIO_DECODERS(ROW)
#undef ROW
    default:
        return NULL;
    }
}

const AVCodec *gh_decoder_of(enum AVCodecID id)
{
    const char *name = decoder_name(id);
    return name ? avcodec_find_decoder_by_name(name) : NULL;
}

#define NAME_COMMA(i, n) n ","
static const char codecs[] = GH_VIDEO_DECODERS(NAME_COMMA) GH_AUDIO_DECODERS(NAME_COMMA) "none";

/* Higher is better; negative: cannot be shown. */
static int64_t video_score(const AVStream *st)
{
    const AVCodecParameters *par = st->codecpar;
    if (par->codec_type != AVMEDIA_TYPE_VIDEO || par->width <= 0 || par->height <= 0)
        return -1;
    if (st->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE))
        return -1;
    int64_t score = (int64_t)par->width * par->height / 16;
    if (gh_decoder_of(par->codec_id))
        score += 1ll << 50;
    if (par->format != AV_PIX_FMT_NONE) /* something was decoded */
        score += 1ll << 48;
    if (st->disposition & AV_DISPOSITION_DEFAULT)
        score += 1ll << 46;
    return score;
}

/* Nothing that records has more than these; a header may say anything. */
#define MAX_RATE 768000
#define MAX_CHANNELS 64

static bool audio_usable(const AVStream *st)
{
    const AVCodecParameters *par = st->codecpar;
    return par->codec_type == AVMEDIA_TYPE_AUDIO && par->sample_rate > 0 && par->sample_rate <= MAX_RATE &&
           par->ch_layout.nb_channels > 0 && par->ch_layout.nb_channels <= MAX_CHANNELS && gh_decoder_of(par->codec_id);
}

static int choose(const struct gh_ctx *ctx, struct gh_vin *in, struct gh_err *err)
{
    int64_t best = -1;
    for (unsigned i = 0; i < in->fmt->nb_streams; i++) {
        AVStream *st = in->fmt->streams[i];
        int64_t score = video_score(st);
        if (score > best) {
            best = score;
            in->video = st;
        }
        if (!in->audio && audio_usable(st))
            in->audio = st;
    }
    if (!in->video)
        return gh_fail(err, GH_INPUT, "there is no picture in this file%s",
                       in->fmt->nb_streams ? ", only sound or data" : "");
    const AVCodecParameters *par = in->video->codecpar;
    if (!gh_decoder_of(par->codec_id)) {
        const AVCodecDescriptor *d = avcodec_descriptor_get(par->codec_id);
        char tag[AV_FOURCC_MAX_STRING_SIZE];
        return gh_fail(err, GH_INPUT, "the picture is coded as \"%s\", which is not supported: send H.264 or HEVC",
                       d ? d->name : av_fourcc_make_string(tag, par->codec_tag));
    }
    uint64_t pixels = (uint64_t)par->width * (uint64_t)par->height;
    if (ctx->limits.video_pixels && pixels > ctx->limits.video_pixels)
        return gh_fail(err, GH_LIMIT, "the picture of %dx%d is larger than the limit of %llu pixels", par->width,
                       par->height, (unsigned long long)ctx->limits.video_pixels);
    if (ctx->limits.duration_us && in->fmt->duration > ctx->limits.duration_us)
        return gh_fail(err, GH_LIMIT, "the video of %lld s is longer than the limit of %lld s",
                       (long long)(in->fmt->duration / 1000000), (long long)(ctx->limits.duration_us / 1000000));
    for (unsigned i = 0; i < in->fmt->nb_streams; i++)
        if (in->fmt->streams[i] != in->video && in->fmt->streams[i] != in->audio)
            in->fmt->streams[i]->discard = AVDISCARD_ALL;
    return 0;
}

/* Dolby Vision profile 5 has no picture that means anything without its own colour transform. */
static int refuse_dovi(const struct gh_vin *in, struct gh_err *err)
{
    const AVDOVIDecoderConfigurationRecord *dovi = NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *sd = av_packet_side_data_get(
        in->video->codecpar->coded_side_data, in->video->codecpar->nb_coded_side_data, AV_PKT_DATA_DOVI_CONF);
    dovi = sd ? (const void *)sd->data : NULL;
#else
    dovi = (const void *)av_stream_get_side_data(in->video, AV_PKT_DATA_DOVI_CONF, NULL);
#endif
    if (dovi && dovi->dv_profile == 5)
        return gh_fail(err, GH_INPUT,
                       "Dolby Vision profile 5 cannot be decoded here: export the video as HDR10, HLG or SDR");
    return 0;
}

/*
 * Headers and packets may say any 64 bits. A time beyond these is none: then sums and differences of times, in any
 * time base and in microseconds, stay within theirs.
 */
#define MOST_TICKS (1ll << 60)
#define MOST_US (1ll << 53)

static int64_t sane(int64_t t, AVRational tb)
{
    if (t < -MOST_TICKS || t > MOST_TICKS || tb.num <= 0 || tb.den <= 0)
        return AV_NOPTS_VALUE;
    int64_t us = av_rescale_q(t, tb, GH_US);
    return us < -MOST_US || us > MOST_US ? AV_NOPTS_VALUE : t;
}

static void make_sane(AVFormatContext *fmt)
{
    fmt->start_time = sane(fmt->start_time, GH_US);
    fmt->duration = sane(fmt->duration, GH_US);
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *st = fmt->streams[i];
        st->start_time = sane(st->start_time, st->time_base);
        st->duration = sane(st->duration, st->time_base);
    }
}

int gh_vin_read(struct gh_vin *in, AVPacket *pkt)
{
    int r = av_read_frame(in->fmt, pkt);
    if (r < 0)
        return r;
    AVRational tb = in->fmt->streams[pkt->stream_index]->time_base;
    pkt->pts = sane(pkt->pts, tb);
    pkt->dts = sane(pkt->dts, tb);
    if (sane(pkt->duration, tb) == AV_NOPTS_VALUE)
        pkt->duration = 0;
    return r;
}

int gh_vin_open(const struct gh_ctx *ctx, int fd, struct gh_vin **ret, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read the file's size");
    if (st.st_size == 0)
        return gh_fail(err, GH_INPUT, "the file is empty");
    if (ctx->limits.input_bytes && (uint64_t)st.st_size > ctx->limits.input_bytes)
        return gh_fail(err, GH_LIMIT, "the file of %lld bytes is larger than the limit of %llu", (long long)st.st_size,
                       (unsigned long long)ctx->limits.input_bytes);
    GH_AUTO(gh_vin_close) struct gh_vin *in = gh_alloc(sizeof *in);
    TRY(gh_avio_reader(fd, &in->io, err));
    in->fmt = avformat_alloc_context();
    if (!in->fmt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    in->fmt->pb = in->io;
    in->fmt->flags |= AVFMT_FLAG_CUSTOM_IO;
    in->fmt->opaque = in;
    in->fmt->io_open = refuse_open;
    in->fmt->probesize = PROBE_BYTES;
    in->fmt->max_streams = (int)(ctx->limits.streams ? ctx->limits.streams : 16);
    in->fmt->format_whitelist = av_strdup(GH_DEMUXERS);
    in->fmt->protocol_whitelist = av_strdup("none");
    in->fmt->codec_whitelist = av_strdup(codecs);
    unsigned streams = gh_av_too_many_streams();
    int r = avformat_open_input(&in->fmt, "", NULL, NULL);
    if (r >= 0)
        r = avformat_find_stream_info(in->fmt, NULL);
    if (gh_av_too_many_streams() != streams)
        return gh_fail(err, GH_LIMIT, "the file has more than %u streams, the limit",
                       ctx->limits.streams ? ctx->limits.streams : 16);
    if (r < 0)
        return refuse_kind(fd, in, r, err);
    if (in->refused[0])
        return refuse_kind(fd, in, AVERROR(EPERM), err);
    make_sane(in->fmt);
    TRY(choose(ctx, in, err));
    TRY(refuse_dovi(in, err));
    *ret = gh_steal(&in);
    return 0;
}

void gh_vin_close(struct gh_vin **in)
{
    if (!*in)
        return;
    avformat_close_input(&(*in)->fmt);
    gh_avio_free(&(*in)->io);
    free(*in);
    *in = NULL;
}

const char *gh_vin_format(const struct gh_vin *in)
{
    static const char *const names[] = {"mov", "matroska", "avi", "mpegts"};
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (av_match_name(names[i], in->fmt->iformat->name))
            return names[i];
    return "unknown";
}

uint32_t gh_orient_of_matrix(const int32_t m[9])
{
    /* [a b u; c d v]: a stored point (p, q) is shown at (a p + c q, b p + d q); angles between are taken to the nearest
     * case. */
    int64_t a = m[0], b = m[1], c = m[3], d = m[4];
    if (llabs(a) + llabs(d) >= llabs(b) + llabs(c))
        return a >= 0 ? (d >= 0 ? 1 : 4) : (d >= 0 ? 2 : 3);
    return b >= 0 ? (c >= 0 ? 5 : 6) : (c >= 0 ? 8 : 7);
}

uint32_t gh_vin_orient(const AVStream *st)
{
    const int32_t *matrix = NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *sd = av_packet_side_data_get(st->codecpar->coded_side_data,
                                                         st->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    matrix = sd && sd->size >= 36 ? (const void *)sd->data : NULL;
#else
    size_t size = 0;
    matrix = (const void *)av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
    matrix = size >= 36 ? matrix : NULL;
#endif
    return matrix ? gh_orient_of_matrix(matrix) : 1;
}

int64_t gh_vin_first_us(const struct gh_vin *in)
{
    int64_t t = in->video->start_time;
    return t != AV_NOPTS_VALUE ? av_rescale_q(t, in->video->time_base, GH_US) : 0;
}

AVRational gh_vin_sar(const struct gh_vin *in)
{
    AVRational sar = av_guess_sample_aspect_ratio(in->fmt, in->video, NULL);
    double v = sar.den > 0 ? av_q2d(sar) : 0;
    return v >= 0.1 && v <= 10 ? sar : (AVRational){1, 1};
}

int gh_vin_warm(struct gh_err *err)
{
    static const enum AVCodecID ids[] = {
#define ID(i, n) AV_CODEC_ID_##i,
        GH_VIDEO_DECODERS(ID) GH_AUDIO_DECODERS(ID)
#undef ID
    };
    for (size_t i = 0; i < GH_LEN(ids); i++)
        if (!gh_decoder_of(ids[i]))
            return gh_fail(err, GH_CONFIG, "this FFmpeg has no decoder \"%s\"", decoder_name(ids[i]));
    static const char *const demuxers[] = {"mov", "matroska", "avi", "mpegts"};
    for (size_t i = 0; i < GH_LEN(demuxers); i++)
        if (!av_find_input_format(demuxers[i]))
            return gh_fail(err, GH_CONFIG, "this FFmpeg cannot read %s", demuxers[i]);
    return 0;
}
