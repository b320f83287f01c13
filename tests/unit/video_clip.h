/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small videos made for a test by libavcodec and libavformat: what is in them is known to the pixel
 * and the sample. A picture is drawn by the test; the sound is a tone with a click. Memory files,
 * nothing on disk.
 */
#ifndef GH_TESTS_VIDEO_CLIP_H
#define GH_TESTS_VIDEO_CLIP_H

#include "tests/unit/test.h"

#include "pipeline/input/avio.h"

#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/opt.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct clip {
    const char *format, *vcodec, *acodec; /* "mp4", "libx264", NULL: no sound */
    int w, h, frames;
    AVRational fps, sar;
    enum AVPixelFormat pix_fmt; /* yuv420p when 0 */
    enum AVColorRange range;
    enum AVColorSpace space;
    enum AVColorPrimaries primaries;
    enum AVColorTransferCharacteristic trc;
    const int32_t *matrix; /* display matrix, 9 numbers */
    int bframes, gop;
    bool interlaced;
    int channels, rate;        /* of the sound; 2, 48000 when 0 */
    double seconds;            /* of the sound; the picture's length when 0 */
    double amplitude;          /* of the tone */
    double click;              /* moment of a loud click; 0 none */
    const char *metadata;      /* "key=value" */
    int64_t (*time_of)(int n); /* pts in 1/1000 s of picture n; NULL: constant rate */
    void (*draw)(AVFrame *f, int n);
};

static inline void clip_fill(AVFrame *f, int plane, int x, int y, int w, int h, int v)
{
    bool deep = f->format == AV_PIX_FMT_YUV420P10;
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++) {
            uint8_t *row = f->data[plane] + (ptrdiff_t)j * f->linesize[plane];
            if (deep)
                ((uint16_t *)(void *)row)[i] = (uint16_t)v;
            else
                row[i] = (uint8_t)v;
        }
}

static void clip_send(AVFormatContext *out, AVCodecContext *enc, AVStream *st, AVFrame *f)
{
    AVPacket *pkt = av_packet_alloc();
    assert_true(avcodec_send_frame(enc, f) >= 0);
    while (avcodec_receive_packet(enc, pkt) >= 0) {
        pkt->stream_index = st->index;
        if (enc->codec_type == AVMEDIA_TYPE_VIDEO && !pkt->duration)
            pkt->duration = av_rescale_q(1, av_inv_q(enc->framerate), enc->time_base);
        av_packet_rescale_ts(pkt, enc->time_base, st->time_base);
        assert_true(av_interleaved_write_frame(out, pkt) >= 0);
    }
    av_packet_free(&pkt);
}

static AVCodecContext *clip_video_encoder(const struct clip *c, bool global)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(c->vcodec);
    assert_non_null(codec);
    AVCodecContext *enc = avcodec_alloc_context3(codec);
    enc->width = c->w;
    enc->height = c->h;
    enc->pix_fmt = c->pix_fmt ? c->pix_fmt : AV_PIX_FMT_YUV420P;
    enc->time_base = c->time_of ? (AVRational){1, 1000} : av_inv_q(c->fps);
    enc->framerate = c->fps;
    enc->sample_aspect_ratio = c->sar.num ? c->sar : (AVRational){1, 1};
    enc->color_range = c->range;
    enc->colorspace = c->space ? c->space : AVCOL_SPC_UNSPECIFIED;
    enc->color_primaries = c->primaries ? c->primaries : AVCOL_PRI_UNSPECIFIED;
    enc->color_trc = c->trc ? c->trc : AVCOL_TRC_UNSPECIFIED;
    enc->gop_size = c->gop ? c->gop : 15;
    enc->max_b_frames = c->bframes;
    enc->bit_rate = 2000000;
    enc->thread_count = 1;
    enc->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    if (global)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (c->interlaced)
        enc->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    if (!strcmp(c->vcodec, "libx264")) {
        av_opt_set(enc->priv_data, "preset", "ultrafast", 0);
        av_opt_set(enc->priv_data, "crf", "12", 0);
        av_opt_set(enc->priv_data, "x264-params", "log-level=none", 0);
        enc->bit_rate = 0;
        if (c->bframes)
            av_opt_set(enc->priv_data, "x264-params", "log-level=none:b-adapt=0:bframes=2", 0);
    }
    assert_true(avcodec_open2(enc, codec, NULL) >= 0);
    return enc;
}

static AVCodecContext *clip_audio_encoder(const struct clip *c, bool global)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(c->acodec);
    assert_non_null(codec);
    AVCodecContext *enc = avcodec_alloc_context3(codec);
    enc->sample_rate = c->rate ? c->rate : 48000;
    av_channel_layout_default(&enc->ch_layout, c->channels ? c->channels : 2);
    enc->sample_fmt = strncmp(c->acodec, "pcm", 3) ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
    enc->bit_rate = 128000;
    enc->time_base = (AVRational){1, enc->sample_rate};
    if (global)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_true(avcodec_open2(enc, codec, NULL) >= 0);
    return enc;
}

static void clip_write_video(const struct clip *c, AVFormatContext *out, AVCodecContext *enc,
                             AVStream *st)
{
    AVFrame *f = av_frame_alloc();
    f->format = enc->pix_fmt;
    f->width = c->w;
    f->height = c->h;
    assert_true(av_frame_get_buffer(f, 0) >= 0);
    for (int n = 0; n < c->frames; n++) {
        assert_true(av_frame_make_writable(f) >= 0);
        c->draw(f, n);
        f->pts = c->time_of ? c->time_of(n) : n;
#if LIBAVUTIL_VERSION_MAJOR >= 59
        f->flags |= c->interlaced ? AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST : 0;
#else
        f->interlaced_frame = f->top_field_first = c->interlaced;
#endif
        clip_send(out, enc, st, f);
    }
    clip_send(out, enc, st, NULL);
    av_frame_free(&f);
}

static double clip_sample(const struct clip *c, double t)
{
    double v = (c->amplitude > 0 ? c->amplitude : 0) * sin(2 * M_PI * 997 * t);
    if (c->click > 0 && t >= c->click && t < c->click + 0.01)
        v += 0.7 * sin(2 * M_PI * 3000 * t);
    return v;
}

static void clip_write_audio(const struct clip *c, AVFormatContext *out, AVCodecContext *enc,
                             AVStream *st)
{
    AVFrame *f = av_frame_alloc();
    f->format = enc->sample_fmt;
    f->nb_samples = enc->frame_size ? enc->frame_size : 1024;
    f->sample_rate = enc->sample_rate;
    av_channel_layout_copy(&f->ch_layout, &enc->ch_layout);
    assert_true(av_frame_get_buffer(f, 0) >= 0);
    double seconds = c->seconds > 0 ? c->seconds : c->frames / av_q2d(c->fps);
    int64_t total = (int64_t)(seconds * enc->sample_rate);
    int channels = enc->ch_layout.nb_channels;
    for (int64_t at = 0; at < total; at += f->nb_samples) {
        assert_true(av_frame_make_writable(f) >= 0);
        for (int i = 0; i < f->nb_samples; i++) {
            double v = clip_sample(c, (double)(at + i) / enc->sample_rate);
            for (int k = 0; k < channels; k++)
                if (enc->sample_fmt == AV_SAMPLE_FMT_FLTP)
                    ((float *)(void *)f->extended_data[k])[i] = (float)v;
                else
                    ((int16_t *)(void *)f->data[0])[i * channels + k] = (int16_t)lrint(v * 32767);
        }
        f->pts = at;
        clip_send(out, enc, st, f);
    }
    clip_send(out, enc, st, NULL);
    av_frame_free(&f);
}

static AVStream *clip_stream(AVFormatContext *out, const AVCodecContext *enc)
{
    AVStream *st = avformat_new_stream(out, NULL);
    avcodec_parameters_from_context(st->codecpar, enc);
    st->time_base = enc->time_base;
    return st;
}

/* A descriptor of a finished video; the caller closes it. */
static inline int clip_make(const struct clip *c)
{
    int fd = memfd_create("clip", MFD_CLOEXEC);
    struct gh_err err;
    AVFormatContext *out = NULL;
    assert_true(fd >= 0);
    assert_true(avformat_alloc_output_context2(&out, NULL, c->format ? c->format : "mp4", "") >= 0);
    assert_int_equal(gh_avio_writer(fd, 0, &out->pb, &err), 0);
    out->flags |= AVFMT_FLAG_CUSTOM_IO;
    bool global = out->oformat->flags & AVFMT_GLOBALHEADER;
    AVCodecContext *venc = clip_video_encoder(c, global),
                   *aenc = c->acodec ? clip_audio_encoder(c, global) : NULL;
    AVStream *v = clip_stream(out, venc), *a = aenc ? clip_stream(out, aenc) : NULL;
    if (c->matrix)
        memcpy(av_stream_new_side_data(v, AV_PKT_DATA_DISPLAYMATRIX, 36), c->matrix, 36);
    v->avg_frame_rate = c->fps;
    if (c->metadata)
        av_dict_parse_string(&out->metadata, c->metadata, "=", ";", 0);
    assert_true(avformat_write_header(out, NULL) >= 0);
    clip_write_video(c, out, venc, v);
    if (a)
        clip_write_audio(c, out, aenc, a);
    assert_true(av_write_trailer(out) >= 0);
    avcodec_free_context(&venc);
    avcodec_free_context(&aenc);
    gh_avio_free(&out->pb);
    avformat_free_context(out);
    return fd;
}

#endif
