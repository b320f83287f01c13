/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening a dropped video: one descriptor, listed demuxers only, no other file is ever opened. What
 * the file is comes from its bytes; its name is not known here. Streams are chosen by what can be
 * shown, not by their order alone. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM, GH_CONFIG (this FFmpeg
 * lacks something).
 */
#include "pipeline/input/in.h"

#include "base/str.h"
#include "pipeline/input/avio.h"
#include "pipeline/input/codecs.h"

#include <inttypes.h>
#include <libavutil/avstring.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/pixdesc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* enough for a transport stream at 40 Mbit/s to show its streams within a second */
#define PROBE_BYTES 5000000
#define KIND_BYTES 2048    /* from which libavformat guesses what a refused file is */
#define DEFAULT_STREAMS 16 /* at most, where no limit is given */

/* Playlists and data references ask for other files: all are refused, and the name is kept for the
 * message, since it is a sign of an attack. */
static int refuse_open(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                       AVDictionary **options)
{
    (void)flags;
    (void)options;
    struct gh_vin *in = s->opaque;
    *pb = NULL;
    size_t n = 0;
    for (; url && url[n] && n + 1 < sizeof(in->refused); n++)
        in->refused[n] = url[n] >= 0x20 && url[n] < 0x7f ? url[n] : '?';
    in->refused[n] = 0;
    return AVERROR(EPERM);
}

/* Name the kind of file when it is not taken: the officer learns what to send instead. */
static int refuse_kind(int fd, const struct gh_vin *in, int code, struct gh_err *err)
{
    uint8_t head[KIND_BYTES + AVPROBE_PADDING_SIZE] = {0};
    ssize_t n = pread(fd, head, KIND_BYTES, 0);
    AVProbeData pd = {.filename = "", .buf = head, .buf_size = n > 0 ? (int)n : 0};
    const AVInputFormat *kind = av_probe_input_format(&pd, 1);
    if (in && in->refused[0])
        return gh_fail(
            err, GH_INPUT,
            "the file refers to another file (%s), which is never opened: send the video itself",
            in->refused);
    if (kind && !av_match_list(kind->name, GH_DEMUXERS, ','))
        return gh_fail(err, GH_INPUT,
                       "a file of the kind \"%s\" is not taken as a video: send MP4 or MOV",
                       kind->name);
    return gh_fail_av(err, GH_INPUT, code,
                      "the video cannot be opened (damaged, incomplete or of an unknown kind)");
}

static const char *decoder_name(enum AVCodecID id)
{
    switch (id) {
#define ROW(i, n)                                                                                  \
    case AV_CODEC_ID_##i:                                                                          \
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
static const char decoders[] = GH_VIDEO_DECODERS(NAME_COMMA) GH_AUDIO_DECODERS(NAME_COMMA) "none";

/* What makes one stream better than another, most important first. */
#define SCORE_DECODABLE (1ll << 50)
#define SCORE_FILM (1ll << 49)    /* no still beside it, as far as the header counts pictures */
#define SCORE_DECODED (1ll << 48) /* avformat_find_stream_info got a picture out of it */
#define SCORE_DEFAULT (1ll << 46) /* the container's own choice */

/* A track with fewer pictures than one in so many of another's is a still, a preview or a depth
 * map, however large it is. */
#define STILLS_SHARE 8

/* Higher is better, then larger; negative: cannot be shown. most: pictures of the track that has
 * the most; 0: not counted. */
static int64_t video_score(const AVStream *st, int64_t most)
{
    const AVCodecParameters *par = st->codecpar;
    if (par->codec_type != AVMEDIA_TYPE_VIDEO || par->width <= 0 || par->height <= 0)
        return -1;
    if (st->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS |
                           AV_DISPOSITION_STILL_IMAGE))
        return -1;
    int64_t score = (int64_t)par->width * par->height / 16;
    if (gh_decoder_of(par->codec_id))
        score += SCORE_DECODABLE;
    if (st->nb_frames >= most / STILLS_SHARE)
        score += SCORE_FILM;
    if (par->format != AV_PIX_FMT_NONE)
        score += SCORE_DECODED;
    if (st->disposition & AV_DISPOSITION_DEFAULT)
        score += SCORE_DEFAULT;
    return score;
}

/* No recorder writes more than these; a header may say anything. */
#define MAX_RATE 768000
#define MAX_CHANNELS 64

bool gh_vin_is_film(const AVStream *st)
{
    return video_score(st, 0) >= SCORE_DECODABLE;
}

bool gh_vin_is_sound(const AVStream *st)
{
    const AVCodecParameters *par = st->codecpar;
    return par->codec_type == AVMEDIA_TYPE_AUDIO && par->sample_rate > 0 &&
           par->sample_rate <= MAX_RATE && par->ch_layout.nb_channels > 0 &&
           par->ch_layout.nb_channels <= MAX_CHANNELS && gh_decoder_of(par->codec_id);
}

/* The stream of that number, from 1, if it is one of those; else NULL. */
static AVStream *stream_asked(const struct gh_vin *in, uint32_t number,
                              bool (*is)(const AVStream *st))
{
    AVStream *st = number && number <= in->fmt->nb_streams ? in->fmt->streams[number - 1] : NULL;
    return st && is(st) ? st : NULL;
}

static void pick_streams(const struct gh_ctx *ctx, struct gh_vin *in)
{
    int64_t best = -1, most = 0;
    for (unsigned i = 0; i < in->fmt->nb_streams; i++)
        if (gh_vin_is_film(in->fmt->streams[i]))
            most = GH_MAX(most, in->fmt->streams[i]->nb_frames);
    for (unsigned i = 0; i < in->fmt->nb_streams; i++) {
        AVStream *st = in->fmt->streams[i];
        int64_t score = video_score(st, most);
        if (score > best) {
            best = score;
            in->video = st;
        }
        if (!in->audio && gh_vin_is_sound(st))
            in->audio = st;
    }
    AVStream *film = stream_asked(in, ctx->film_track, gh_vin_is_film),
             *sound = stream_asked(in, ctx->sound_track, gh_vin_is_sound);
    in->video = film ? film : in->video;
    in->audio = sound ? sound : in->audio;
}

bool gh_vin_span(const struct gh_vin *in, const AVStream *st, struct gh_span *ret)
{
    if (st->duration == AV_NOPTS_VALUE || st->duration <= 0 ||
        in->fmt->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
        return false;
    int64_t t = st->start_time,
            from = t != AV_NOPTS_VALUE ? av_rescale_q(t, st->time_base, GH_US) : 0;
    *ret = (struct gh_span){from, from + av_rescale_q(st->duration, st->time_base, GH_US)};
    return true;
}

static int choose_streams(const struct gh_ctx *ctx, struct gh_vin *in, struct gh_err *err)
{
    struct gh_span span;
    pick_streams(ctx, in);
    if (!in->video)
        return gh_fail(err, GH_INPUT, "there is no picture in this file%s",
                       in->fmt->nb_streams ? ", only sound or data" : "");
    const AVCodecParameters *par = in->video->codecpar;
    if (!gh_decoder_of(par->codec_id)) {
        const AVCodecDescriptor *d = avcodec_descriptor_get(par->codec_id);
        char tag[AV_FOURCC_MAX_STRING_SIZE];
        return gh_fail(err, GH_INPUT,
                       "the picture is coded as \"%s\", which is not supported: send H.264 or HEVC",
                       d ? d->name : av_fourcc_make_string(tag, par->codec_tag));
    }
    uint64_t pixels = (uint64_t)par->width * (uint64_t)par->height;
    if (ctx->limits.video_pixels && pixels > ctx->limits.video_pixels)
        return gh_fail(err, GH_LIMIT,
                       "the picture of %dx%d is larger than the limit of %" PRIu64 " pixels",
                       par->width, par->height, ctx->limits.video_pixels);
    if (ctx->limits.duration_us && gh_vin_span(in, in->video, &span) &&
        span.until - span.from > ctx->limits.duration_us)
        return gh_fail(err, GH_LIMIT,
                       "the video of %" PRId64 " s is longer than the limit of %" PRId64 " s",
                       (span.until - span.from) / 1000000, ctx->limits.duration_us / 1000000);
    for (unsigned i = 0; i < in->fmt->nb_streams; i++)
        if (in->fmt->streams[i] != in->video && in->fmt->streams[i] != in->audio)
            in->fmt->streams[i]->discard = AVDISCARD_ALL;
    return 0;
}

/* A picture of Dolby Vision profile 5 has wrong colours without that format's own transform. */
#define DOVI_WITHOUT_BASE 5

static int refuse_dovi(const struct gh_vin *in, struct gh_err *err)
{
    const AVDOVIDecoderConfigurationRecord *dovi = NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *sd =
        av_packet_side_data_get(in->video->codecpar->coded_side_data,
                                in->video->codecpar->nb_coded_side_data, AV_PKT_DATA_DOVI_CONF);
    dovi = sd ? (const void *)sd->data : NULL;
#else
    dovi = (const void *)av_stream_get_side_data(in->video, AV_PKT_DATA_DOVI_CONF, NULL);
#endif
    if (dovi && dovi->dv_profile == DOVI_WITHOUT_BASE)
        return gh_fail(
            err, GH_INPUT,
            "Dolby Vision profile 5 cannot be decoded here: export the video as HDR10, HLG or SDR");
    return 0;
}

/*
 * Headers and packets may hold any 64-bit time. One beyond these limits is taken as unknown, so
 * that sums and differences of times cannot overflow, in any time base and in microseconds.
 */
#define MOST_TICKS (1ll << 60)
#define MOST_US (1ll << 53)
#define MOST_DELAY 16 /* pictures that H.264 and HEVC can hold back */

static int64_t sane_time(int64_t t, AVRational tb)
{
    if (t < -MOST_TICKS || t > MOST_TICKS || tb.num <= 0 || tb.den <= 0)
        return AV_NOPTS_VALUE;
    int64_t us = av_rescale_q(t, tb, GH_US);
    return us < -MOST_US || us > MOST_US ? AV_NOPTS_VALUE : t;
}

/* In MP4 a length of all ones says that it is not known (ISO/IEC 14496-12), and libavformat hands
 * the number on. What mvhd says of the whole is made anew of what the tracks say. */
static void forget_unknown_lengths(AVFormatContext *fmt)
{
    fmt->duration = AV_NOPTS_VALUE;
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *st = fmt->streams[i];
        if (st->duration == UINT32_MAX)
            st->duration = AV_NOPTS_VALUE;
        if (st->duration == AV_NOPTS_VALUE || st->duration <= 0)
            continue;
        int64_t us = av_rescale_q(st->duration, st->time_base, GH_US);
        fmt->duration = fmt->duration == AV_NOPTS_VALUE ? us : GH_MAX(fmt->duration, us);
    }
}

static void make_times_sane(AVFormatContext *fmt)
{
    fmt->start_time = sane_time(fmt->start_time, GH_US);
    fmt->duration = sane_time(fmt->duration, GH_US);
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *st = fmt->streams[i];
        st->start_time = sane_time(st->start_time, st->time_base);
        st->duration = sane_time(st->duration, st->time_base);
    }
    if (av_match_name("mov", fmt->iformat->name))
        forget_unknown_lengths(fmt);
}

/*
 * A stream without container has no times. Its pictures follow each other as long as each is said
 * to last; what is decoded is handed out later than it is read by as many as are reordered, so that
 * the first one is shown at 0.
 */
static void set_bare_times(struct gh_vin *in, AVPacket *pkt)
{
    const AVStream *st = in->fmt->streams[pkt->stream_index];
    AVRational rate = st->avg_frame_rate;
    int64_t each = rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), st->time_base) : 0,
            length = pkt->duration > 0 ? pkt->duration : each;
    if (pkt->dts == AV_NOPTS_VALUE)
        pkt->dts = in->bare_clock - each * GH_CLAMP(st->codecpar->video_delay, 0, MOST_DELAY);
    if (pkt->pts == AV_NOPTS_VALUE && !st->codecpar->video_delay)
        pkt->pts = pkt->dts;
    in->bare_clock += GH_CLAMP(length, 0, MOST_TICKS);
}

int gh_vin_read(struct gh_vin *in, AVPacket *pkt)
{
    int r = av_read_frame(in->fmt, pkt);
    if (r < 0)
        return r;
    if (in->bare)
        set_bare_times(in, pkt);
    AVRational tb = in->fmt->streams[pkt->stream_index]->time_base;
    pkt->pts = sane_time(pkt->pts, tb);
    pkt->dts = sane_time(pkt->dts, tb);
    if (sane_time(pkt->duration, tb) == AV_NOPTS_VALUE)
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
        return gh_fail(err, GH_LIMIT,
                       "the file of %" PRId64 " bytes is larger than the limit of %" PRIu64,
                       (int64_t)st.st_size, ctx->limits.input_bytes);
    GH_AUTO(gh_vin_close) struct gh_vin *in = gh_alloc(sizeof(*in));
    TRY(gh_avio_reader(fd, &in->io, err));
    in->fmt = avformat_alloc_context();
    if (!in->fmt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    in->fmt->pb = in->io;
    in->fmt->flags |= AVFMT_FLAG_CUSTOM_IO;
    in->fmt->opaque = in;
    in->fmt->io_open = refuse_open;
    in->fmt->probesize = PROBE_BYTES;
    unsigned most_streams = ctx->limits.streams ? ctx->limits.streams : DEFAULT_STREAMS;
    in->fmt->max_streams = (int)most_streams;
    in->fmt->format_whitelist = av_strdup(GH_DEMUXERS);
    in->fmt->protocol_whitelist = av_strdup("none");
    in->fmt->codec_whitelist = av_strdup(decoders);
    unsigned streams = gh_av_too_many_streams();
    int r = avformat_open_input(&in->fmt, "", NULL, NULL);
    if (r >= 0)
        r = avformat_find_stream_info(in->fmt, NULL);
    if (gh_av_too_many_streams() != streams)
        return gh_fail(err, GH_LIMIT, "the file has more than %u streams, the limit", most_streams);
    if (r < 0)
        return refuse_kind(fd, in, r, err);
    if (in->refused[0])
        return refuse_kind(fd, in, AVERROR(EPERM), err);
    make_times_sane(in->fmt);
    in->bare = !strcmp(gh_vin_format(in), "h264") || !strcmp(gh_vin_format(in), "hevc");
    in->lead_us = ctx->lead_us;
    TRY(choose_streams(ctx, in, err));
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

void gh_vin_rewind(struct gh_vin *in)
{
    av_seek_frame(in->fmt, -1, 0, AVSEEK_FLAG_BYTE);
    in->bare_clock = 0;
}

const char *gh_vin_format(const struct gh_vin *in)
{
#define ROW(demuxer, format)                                                                       \
    if (!strcmp(in->fmt->iformat->name, demuxer))                                                  \
        return format;
    GH_CONTAINERS(ROW)
#undef ROW
    return "unknown";
}

#define MATRIX_BYTES (9 * sizeof(int32_t)) /* of a display matrix */

static uint32_t orient_of_matrix(const int32_t m[9])
{
    /* [a b u; c d v]: a stored point (p, q) is shown at (a p + c q, b p + d q); any other angle is
     * rounded to the nearest quarter turn. */
    int64_t a = m[0], b = m[1], c = m[3], d = m[4];
    if (llabs(a) + llabs(d) >= llabs(b) + llabs(c))
        return a >= 0 ? (d >= 0 ? 1 : 4) : (d >= 0 ? 2 : 3);
    return b >= 0 ? (c >= 0 ? 5 : 6) : (c >= 0 ? 8 : 7);
}

uint32_t gh_vin_orient(const AVStream *st)
{
    const int32_t *matrix = NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *sd = av_packet_side_data_get(
        st->codecpar->coded_side_data, st->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    matrix = sd && sd->size >= MATRIX_BYTES ? (const void *)sd->data : NULL;
#else
    size_t size = 0;
    matrix = (const void *)av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
    matrix = size >= MATRIX_BYTES ? matrix : NULL;
#endif
    return matrix ? orient_of_matrix(matrix) : 1;
}

int64_t gh_vin_first_us(const struct gh_vin *in)
{
    int64_t t = in->video->start_time;
    return t != AV_NOPTS_VALUE ? av_rescale_q(t, in->video->time_base, GH_US) : 0;
}

int64_t gh_vin_begin_us(const struct gh_vin *in)
{
    return gh_vin_first_us(in) - in->lead_us;
}

#define MOST_SAR 10.0 /* more in either direction is a broken header */

AVRational gh_vin_sar(const struct gh_vin *in)
{
    AVRational sar = av_guess_sample_aspect_ratio(in->fmt, in->video, NULL);
    double v = sar.den > 0 ? av_q2d(sar) : 0;
    return v >= 1 / MOST_SAR && v <= MOST_SAR ? sar : (AVRational){1, 1};
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
            return gh_fail(err, GH_CONFIG, "this FFmpeg has no decoder \"%s\"",
                           decoder_name(ids[i]));
    static const char *const formats[] = {
#define NAME(demuxer, format) format,
        GH_CONTAINERS(NAME)
#undef NAME
    };
    for (size_t i = 0; i < GH_LEN(formats); i++)
        if (!av_find_input_format(formats[i]))
            return gh_fail(err, GH_CONFIG, "this FFmpeg cannot read %s", formats[i]);
    return 0;
}
