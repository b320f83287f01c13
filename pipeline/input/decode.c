/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoding one stream of an opened file, frame by frame. Damage is counted, not returned; limits
 * are checked on what was really decoded. Classes: GH_INPUT (cannot be decoded at all), GH_LIMIT,
 * GH_SYSTEM.
 */
#include "pipeline/input/in.h"

#include "base/str.h"

#include <inttypes.h>
#include <libavutil/pixdesc.h>

#define NEED_MORE 2
#define MOST_ERRORS 100000     /* of one stream: no more is decoded then */
#define MOST_TICKS (1ll << 60) /* a time stamp beyond this is not counted on */

static int out_of_memory(struct gh_err *err)
{
    return gh_fail(err, GH_SYSTEM, "out of memory");
}

static void set_mode(AVCodecContext *codec, enum gh_vdec_mode mode)
{
    if (mode == GH_DEC_STRICT || mode == GH_DEC_CHECK)
        codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    /* Every bit is still parsed, every motion vector followed; only filtering that finds no damage
     * is left out. */
    if (mode == GH_DEC_CHECK)
        codec->skip_loop_filter = AVDISCARD_ALL;
    if (mode == GH_DEC_KEYS)
        codec->skip_frame = AVDISCARD_NONKEY;
}

int gh_vdec_open(const struct gh_ctx *ctx, struct gh_vin *in, AVStream *st, unsigned threads,
                 enum gh_vdec_mode mode, struct gh_vdec **ret, struct gh_err *err)
{
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = gh_alloc(sizeof(*dec));
    const AVCodec *codec = gh_decoder_of(st->codecpar->codec_id);
    if (!codec)
        return gh_fail(err, GH_INPUT, "%s is not supported",
                       avcodec_get_name(st->codecpar->codec_id));
    dec->in = in;
    dec->st = st;
    dec->pixels_max = ctx->limits.video_pixels;
    dec->too_large = gh_av_too_large();
    dec->next_pts = AV_NOPTS_VALUE;
    dec->pkt = av_packet_alloc();
    dec->codec = avcodec_alloc_context3(codec);
    if (!dec->pkt || !dec->codec || avcodec_parameters_to_context(dec->codec, st->codecpar) < 0)
        return out_of_memory(err);
    dec->codec->pkt_timebase = st->time_base;
    dec->codec->thread_count = (int)threads;
    dec->codec->thread_type =
        mode == GH_DEC_KEYS ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE;
    if (ctx->limits.video_pixels)
        dec->codec->max_pixels = (int64_t)ctx->limits.video_pixels;
    set_mode(dec->codec, mode);
    int r = avcodec_open2(dec->codec, codec, NULL);
    if (r < 0)
        return gh_fail_av(err, GH_INPUT, r, "%s cannot be decoded",
                          avcodec_get_name(st->codecpar->codec_id));
    for (unsigned i = 0; i < in->fmt->nb_streams; i++)
        in->fmt->streams[i]->discard =
            in->fmt->streams[i] == st ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    *ret = gh_steal(&dec);
    return 0;
}

void gh_vdec_close(struct gh_vdec **dec)
{
    if (!*dec)
        return;
    av_packet_free(&(*dec)->pkt);
    avcodec_free_context(&(*dec)->codec);
    free(*dec);
    *dec = NULL;
}

/* The decoder itself refuses pictures above max_pixels, before it allocates one, with the error
 * code of damage; the complaint tells them apart. */
static int check_limit(const struct gh_vdec *dec, struct gh_err *err)
{
    if (dec->codec->codec_type != AVMEDIA_TYPE_VIDEO || gh_av_too_large() == dec->too_large)
        return 0;
    return gh_fail(err, GH_LIMIT,
                   "a picture in the video is larger than the limit of %" PRIu64 " pixels",
                   dec->pixels_max);
}

static int send_packet(struct gh_vdec *dec, const AVPacket *pkt, struct gh_err *err)
{
    int r = avcodec_send_packet(dec->codec, pkt);
    if (r == AVERROR(ENOMEM))
        return out_of_memory(err);
    if (r < 0 && r != AVERROR_EOF && r != AVERROR(EAGAIN)) {
        dec->errors++;
        dec->broken++;
    }
    return check_limit(dec, err);
}

static int check_picture(const struct gh_vdec *dec, const AVFrame *frame, struct gh_err *err)
{
    if (dec->codec->codec_type != AVMEDIA_TYPE_VIDEO)
        return 0;
    if (frame->width <= 0 || frame->height <= 0 || !av_pix_fmt_desc_get(frame->format))
        return gh_fail(err, GH_INPUT, "the decoder delivered an impossible picture");
    if (dec->pixels_max && (uint64_t)frame->width * (uint64_t)frame->height > dec->pixels_max)
        return gh_fail(err, GH_LIMIT,
                       "a picture of %dx%d is larger than the limit of %" PRIu64 " pixels",
                       frame->width, frame->height, dec->pixels_max);
    return 0;
}

/* A missing time stamp (AVI has none) is where the last frame ended. */
static void set_pts(struct gh_vdec *dec, AVFrame *frame)
{
    int64_t pts = frame->best_effort_timestamp != AV_NOPTS_VALUE ? frame->best_effort_timestamp
                                                                 : dec->next_pts;
    if (pts == AV_NOPTS_VALUE)
        pts = dec->st->start_time != AV_NOPTS_VALUE ? dec->st->start_time : 0;
    int64_t length = gh_frame_duration(frame);
    if (length <= 0 && frame->nb_samples > 0 && frame->sample_rate > 0)
        length = av_rescale_q(frame->nb_samples, (AVRational){1, frame->sample_rate},
                              dec->st->time_base);
    if (length <= 0 && dec->st->avg_frame_rate.num > 0)
        length = av_rescale_q(1, av_inv_q(dec->st->avg_frame_rate), dec->st->time_base);
    frame->pts = pts;
    dec->next_pts = pts + GH_CLAMP(length, 0, MOST_TICKS);
    if (dec->next_pts > MOST_TICKS)
        dec->next_pts = pts;
}

/* 1: a frame; 0: the end; NEED_MORE: wants a packet. */
static int receive_frame(struct gh_vdec *dec, AVFrame *frame, struct gh_err *err)
{
    for (;;) {
        int r = avcodec_receive_frame(dec->codec, frame);
        if (r == AVERROR(EAGAIN))
            return NEED_MORE;
        if (r == AVERROR_EOF)
            return 0;
        if (r == AVERROR(ENOMEM))
            return out_of_memory(err);
        if (r < 0) {
            TRY(check_limit(dec, err));
            dec->broken++;
            if (++dec->errors > MOST_ERRORS)
                return 0;
            continue;
        }
        if (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT) {
            dec->errors++;
            dec->broken++;
        }
        TRY(check_picture(dec, frame, err));
        set_pts(dec, frame);
        dec->frames++;
        return 1;
    }
}

static int send_next_packet(struct gh_vdec *dec, struct gh_err *err)
{
    for (;;) {
        int r = gh_vin_read(dec->in, dec->pkt);
        if (r == AVERROR(EAGAIN))
            continue;
        if (r < 0) {
            dec->errors += r != AVERROR_EOF;
            dec->draining = true;
            return send_packet(dec, NULL, err);
        }
        bool ours = dec->pkt->stream_index == dec->st->index;
        if (ours && dec->pkt->flags & AV_PKT_FLAG_CORRUPT)
            dec->errors++;
        r = ours ? send_packet(dec, dec->pkt, err) : 0;
        av_packet_unref(dec->pkt);
        if (ours || r < 0)
            return r;
    }
}

int gh_vdec_next(struct gh_vdec *dec, AVFrame *frame, struct gh_err *err)
{
    for (;;) {
        int r = dec->done ? 0 : receive_frame(dec, frame, err);
        if (r != NEED_MORE) {
            dec->done = r == 0;
            return r;
        }
        if (dec->draining) { /* a decoder that wants packets after the last is broken: no endless
                                loop */
            dec->done = true;
            return 0;
        }
        TRY(send_next_packet(dec, err));
    }
}

int gh_vdec_limits(const struct gh_ctx *ctx, const struct gh_vdec *dec, int64_t at_us,
                   struct gh_err *err)
{
    const struct gh_limits *l = &ctx->limits;
    if (l->frames && dec->codec->codec_type == AVMEDIA_TYPE_VIDEO && dec->frames > l->frames)
        return gh_fail(err, GH_LIMIT, "the video has more than %" PRIu64 " frames", l->frames);
    if (l->duration_us && at_us > l->duration_us)
        return gh_fail(err, GH_LIMIT,
                       "the video goes on after %" PRId64 " s, the limit of its length",
                       l->duration_us / 1000000);
    return 0;
}

void gh_vdec_seek(struct gh_vdec *dec, int64_t us)
{
    int64_t at = av_rescale_q(us, GH_US, dec->st->time_base);
    if (dec->in->bare)
        gh_vin_rewind(dec->in);
    else if (av_seek_frame(dec->in->fmt, dec->st->index, at, AVSEEK_FLAG_BACKWARD) < 0)
        av_seek_frame(dec->in->fmt, dec->st->index, 0, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
    avcodec_flush_buffers(dec->codec);
    dec->draining = dec->done = false;
    dec->next_pts = AV_NOPTS_VALUE;
}
