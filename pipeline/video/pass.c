/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Picture and sound are read through two openings of the file and merged by time, whatever their
 * order in it. Priming of the sound, which an edit list used to hide, is left out by whole packets;
 * a late start is filled with coded silence. Sound may also be encoded anew. Classes: GH_INPUT,
 * GH_LIMIT (too large, or not possible for this file), GH_AGAIN (disk full), GH_SYSTEM.
 */
#include "pipeline/video/pass.h"

#include "base/str.h"
#include "pipeline/audio/audio.h"
#include "pipeline/video/bitstream.h"
#include "pipeline/video/mux.h"

#include <inttypes.h>
#include <string.h>

#define SIGN_PACKETS 256   /* between two reports of progress */
#define SILENCE_RATE 64000 /* bit/s */
#define SILENCE_FRAMES 8   /* an AAC encoder gives its first packet after some of these */
#define LATE_US 1000       /* a start that is later, by half a packet and this, is filled */

/* The packets of one stream, read ahead by one. */
struct stream {
    struct gh_vin *in;
    AVStream *st;
    AVPacket *pkt; /* the next one */
    bool have;     /* it is there */
    int64_t shift; /* added to every time, in the stream's time base */
    int64_t last_dts;
};

struct pass {
    const struct gh_recipe *recipe;
    struct stream video, audio;
    struct gh_mux *mux;
    struct gh_bitstream bitstream;
    AVCodecParameters *picture_par, *sound_par; /* of what is written */
    bool with_sound, plain_aac;
    int64_t first_us, end_us; /* container time of the picture's start and end */
    uint64_t pictures;
    AVPacket *silence;
    int64_t silent_packets;
    struct gh_sound
        *made; /* sound that is encoded for a picture that passes; NULL: copied, or none */
    unsigned made_user;
    uint64_t made_packets, made_total;
};

static int out_of_memory(struct gh_err *err)
{
    return gh_fail(err, GH_SYSTEM, "out of memory");
}

static void pass_free(struct pass *p)
{
    av_packet_free(&p->video.pkt);
    av_packet_free(&p->audio.pkt);
    av_packet_free(&p->silence);
    gh_vin_close(&p->video.in);
    gh_vin_close(&p->audio.in);
    gh_sound_free(&p->made);
    gh_mux_free(&p->mux);
    avcodec_parameters_free(&p->picture_par);
    avcodec_parameters_free(&p->sound_par);
}

static int open_stream(const struct gh_ctx *ctx, int fd, bool video, struct stream *l,
                       struct gh_err *err)
{
    TRY(gh_vin_open(ctx, fd, &l->in, err));
    l->st = video ? l->in->video : l->in->audio;
    l->pkt = av_packet_alloc();
    l->last_dts = AV_NOPTS_VALUE;
    if (!l->pkt)
        return out_of_memory(err);
    for (unsigned i = 0; l->st && i < l->in->fmt->nb_streams; i++)
        l->in->fmt->streams[i]->discard =
            l->in->fmt->streams[i] == l->st ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    return 0;
}

/* 1: pkt is the stream's next packet; 0: there is none. */
static int fetch_packet(struct stream *l, struct gh_err *err)
{
    while (!l->have) {
        int r = gh_vin_read(l->in, l->pkt);
        if (r == AVERROR_EOF)
            return 0;
        if (r == AVERROR(EAGAIN))
            continue;
        if (r < 0)
            return gh_fail_av(err, GH_INPUT, r, "the file is damaged");
        if (l->pkt->stream_index != l->st->index || !l->pkt->size) {
            av_packet_unref(l->pkt);
            continue;
        }
        if (l->pkt->pts == AV_NOPTS_VALUE || l->pkt->dts == AV_NOPTS_VALUE)
            return gh_fail(err, GH_LIMIT,
                           "the file has no time stamps and cannot be passed through");
        l->have = true;
    }
    return 1;
}

static int64_t picture_us(const struct gh_probe *probe)
{
    return probe->picture_us > 0 ? probe->picture_us : probe->duration_us;
}

static int64_t to_us(const struct stream *l, int64_t t)
{
    return av_rescale_q(t, l->st->time_base, GH_US);
}

/* ---------------------------------------------------------------------------------------- sound */

/* One packet of silence in the format of the sound, so that the same decoder can read it. */
static int make_silence(struct pass *p, struct gh_err *err)
{
    const AVCodecParameters *par = p->audio.st->codecpar;
    const AVCodec *codec = avcodec_find_encoder_by_name("aac");
    GH_AUTO(avcodec_free_context)
    AVCodecContext *enc = codec ? avcodec_alloc_context3(codec) : NULL;
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    p->silence = av_packet_alloc();
    if (!enc || !frame || !p->silence)
        return out_of_memory(err);
    enc->sample_fmt = AV_SAMPLE_FMT_FLTP;
    enc->sample_rate = par->sample_rate;
    enc->time_base = (AVRational){1, par->sample_rate};
    enc->bit_rate = SILENCE_RATE;
    enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    av_channel_layout_default(&enc->ch_layout, par->ch_layout.nb_channels);
    if (avcodec_open2(enc, codec, NULL) < 0)
        return gh_fail(err, GH_LIMIT, "the sound starts late and cannot be filled with silence");
    frame->format = enc->sample_fmt;
    frame->nb_samples = enc->frame_size;
    frame->sample_rate = enc->sample_rate;
    av_channel_layout_copy(&frame->ch_layout, &enc->ch_layout);
    if (av_frame_get_buffer(frame, 0) < 0)
        return out_of_memory(err);
    av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, enc->ch_layout.nb_channels,
                           enc->sample_fmt);
    int r = AVERROR(EAGAIN);
    for (int i = 0; i < SILENCE_FRAMES && r == AVERROR(EAGAIN); i++) {
        avcodec_send_frame(enc, frame);
        r = avcodec_receive_packet(enc, p->silence);
    }
    return r < 0 ? gh_fail_av(err, GH_LIMIT, r,
                              "the sound starts late and cannot be filled with silence")
                 : 0;
}

/* Set the sound's shift from the picture's start. Packets that are mostly before it are priming, or
 * belong to no picture, and are left out. */
static int align_sound(struct pass *p, struct gh_err *err)
{
    struct stream *a = &p->audio;
    int r;
    while ((r = fetch_packet(a, err)) > 0 &&
           to_us(a, a->pkt->pts + a->pkt->duration / 2) < p->first_us) {
        av_packet_unref(a->pkt);
        a->have = false;
    }
    if (r <= 0)
        return r;
    int64_t late = to_us(a, a->pkt->pts) - p->first_us,
            length = GH_MAX(to_us(a, a->pkt->duration), 1);
    if (late > length / 2 + LATE_US) {
        TRY(make_silence(p, err));
        p->silent_packets = (late + length / 2) / length;
    }
    a->shift = p->silent_packets * a->pkt->duration - a->pkt->dts;
    return 0;
}

static int write_silence(struct pass *p, struct gh_err *err)
{
    GH_AUTO(av_packet_free) AVPacket *pkt = av_packet_alloc();
    if (!pkt)
        return out_of_memory(err);
    int64_t length = p->audio.have ? p->audio.pkt->duration : 0;
    for (int64_t i = 0; i < p->silent_packets; i++) {
        if (av_packet_ref(pkt, p->silence) < 0)
            return out_of_memory(err);
        av_packet_free_side_data(pkt);
        pkt->pts = pkt->dts = i * length;
        pkt->duration = length;
        TRY(gh_mux_write(p->mux, pkt, true, err));
    }
    return 0;
}

/* Encode sound: the source's cannot be copied into MP4, or there is none and there must be. */
static int make_sound(const struct gh_ctx *ctx, int fd, const struct gh_probe *probe,
                      struct pass *p, struct gh_err *err)
{
    const struct gh_recipe *r = p->recipe;
    struct gh_sound_spec spec = {
        .silent = r->audio.mode == GH_AUDIO_SILENT || !p->video.in->audio,
        .kbps = r->audio.kbps,
        .rate = r->audio.rate,
        .channels = r->audio.channels,
        .start_us = p->first_us,
        .keep_bytes = GH_SOUND_KEEP,
    };
    spec.lufs10 = spec.silent ? 0 : r->pic.lufs10;
    TRY(gh_sound_new(ctx, fd, &spec, NULL, &p->made, err));
    p->made_user = gh_sound_join(p->made);
    p->audio.pkt = av_packet_alloc();
    int64_t samples = av_rescale(picture_us(probe), gh_sound_par(p->made)->sample_rate, 1000000);
    p->made_total = GH_MAX((uint64_t)(samples / gh_sound_frame(p->made)), (uint64_t)1);
    return p->audio.pkt ? 0 : out_of_memory(err);
}

static int write_made(struct pass *p, struct gh_err *err)
{
    TRY(gh_sound_next(p->made, p->made_user, p->audio.pkt, err));
    p->made_packets++;
    return gh_mux_write(p->mux, p->audio.pkt, true, err);
}

/* When the next encoded packet is due, from the picture's start; INT64_MAX: there is none. */
static int64_t made_due_us(const struct pass *p)
{
    if (!p->made || p->made_packets >= p->made_total)
        return INT64_MAX;
    return av_rescale((int64_t)p->made_packets * gh_sound_frame(p->made), 1000000,
                      gh_sound_par(p->made)->sample_rate);
}

/* ----------------------------------------------------------------------------------------- both */

/* A stream's parameters (owned by the caller) with another configuration. */
static int copy_parameters(const AVCodecParameters *par, const uint8_t *config, size_t n,
                           AVCodecParameters **ret, struct gh_err *err)
{
    AVCodecParameters *copy = *ret = avcodec_parameters_alloc();
    if (!copy || avcodec_parameters_copy(copy, par) < 0)
        return out_of_memory(err);
    av_freep(&copy->extradata);
    copy->extradata = av_mallocz(n + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!copy->extradata)
        return out_of_memory(err);
    memcpy(copy->extradata, config, n);
    copy->extradata_size = (int)n;
    return 0;
}

static int rebuild_picture(struct pass *p, struct gh_err *err)
{
    const AVCodecParameters *par = p->video.st->codecpar;
    if (par->codec_id != AV_CODEC_ID_H264)
        return gh_fail(err, GH_INPUT, "video of this kind cannot be passed through");
    gh_bitstream_open(&p->bitstream, false, par->extradata, (size_t)par->extradata_size);
    if (!p->bitstream.has_avc)
        return gh_fail(err, GH_INPUT, "its parameter sets cannot be passed through");
    return copy_parameters(par, p->bitstream.avc.config, p->bitstream.avc.n, &p->picture_par, err);
}

static int rebuild_sound(struct pass *p, struct gh_err *err)
{
    const AVCodecParameters *par = p->audio.st->codecpar;
    uint8_t config[GH_AAC_CONFIG_MAX];
    size_t n = 0;
    bool more;
    if (par->codec_id != AV_CODEC_ID_AAC ||
        (par->extradata_size &&
         !gh_aac_config(par->extradata, (size_t)par->extradata_size, config, &n, &more)))
        return gh_fail(err, GH_INPUT, "its sound cannot be passed through");
    p->plain_aac = gh_aac_is_plain(par->extradata, (size_t)par->extradata_size);
    return copy_parameters(par, config, n, &p->sound_par, err);
}

/* Leave only what decoding needs in the packet. */
static int clean_packet(struct pass *p, AVPacket *pkt, struct gh_err *err)
{
    GH_AUTO(av_packet_free) AVPacket *clean = av_packet_alloc();
    bool fits = true;
    if (!clean || av_new_packet(clean, pkt->size) < 0 || av_packet_copy_props(clean, pkt) < 0)
        return out_of_memory(err);
    (void)gh_bitstream_scan(&p->bitstream, pkt->data, (size_t)pkt->size, &fits);
    if (!fits)
        return gh_fail(err, GH_INPUT, "video whose parameter sets change cannot be passed through");
    size_t n = gh_bitstream_clean(&p->bitstream, pkt->data, (size_t)pkt->size, clean->data);
    av_shrink_packet(clean, (int)n);
    av_packet_unref(pkt);
    av_packet_move_ref(pkt, clean);
    return 0;
}

static int write_next(struct pass *p, struct stream *l, bool audio, struct gh_err *err)
{
    AVPacket *pkt = l->pkt;
    if (!audio) {
        p->end_us = GH_MAX(p->end_us, to_us(l, pkt->pts + pkt->duration));
        p->pictures++;
        TRY(clean_packet(p, pkt, err));
        l->have = pkt->size > 0;
        if (!l->have) { /* there was no picture in it */
            av_packet_unref(pkt);
            return 0;
        }
    } else if (p->plain_aac) { /* without the name of its encoder */
        if (av_packet_make_writable(pkt) < 0)
            return out_of_memory(err);
        gh_aac_blank(pkt->data, (size_t)pkt->size);
    }
    pkt->pts += l->shift;
    pkt->dts += l->shift;
    if (l->last_dts != AV_NOPTS_VALUE &&
        pkt->dts <= l->last_dts) { /* MP4 needs times that increase */
        pkt->dts = l->last_dts + 1;
        pkt->pts = GH_MAX(pkt->pts, pkt->dts);
    }
    l->last_dts = pkt->dts;
    av_packet_free_side_data(pkt);
    l->have = false;
    return gh_mux_write(p->mux, pkt, audio, err);
}

static int merge_streams(const struct gh_ctx *ctx, struct pass *p, const struct gh_probe *probe,
                         struct gh_err *err)
{
    int64_t until = p->first_us + picture_us(probe);
    for (uint64_t n = 0;; n++) {
        int v = fetch_packet(&p->video, err), a = p->with_sound ? fetch_packet(&p->audio, err) : 0;
        TRY(v);
        TRY(a);
        if (a > 0 && picture_us(probe) > 0 &&
            to_us(&p->audio, p->audio.pkt->pts + p->audio.pkt->duration / 2) > until) {
            p->with_sound = false; /* the picture has ended */
            a = 0;
        }
        int64_t made = made_due_us(p);
        if (!v && !a && made == INT64_MAX)
            return 0;
        if (made != INT64_MAX &&
            (!v || made <= to_us(&p->video, p->video.pkt->dts) - p->first_us)) {
            TRY(write_made(p, err));
            continue;
        }
        bool audio = a > 0 && (v == 0 || to_us(&p->audio, p->audio.pkt->dts) - p->first_us <=
                                             to_us(&p->video, p->video.pkt->dts) - p->first_us);
        TRY(write_next(p, audio ? &p->audio : &p->video, audio, err));
        if (n % SIGN_PACKETS == 0 && ctx->progress)
            ctx->progress(ctx->arg, 0);
    }
}

int gh_video_pass(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                  const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                  struct gh_fingerprint *ret_fingerprint, struct gh_err *err)
{
    GH_AUTO(pass_free) struct pass p = {.recipe = recipe};
    TRY(open_stream(ctx, in_fd, true, &p.video, err));
    p.with_sound = recipe->audio.mode == GH_AUDIO_COPY && p.video.in->audio;
    bool made = recipe->audio.mode == GH_AUDIO_ENCODE || recipe->audio.mode == GH_AUDIO_SILENT;
    if (p.with_sound)
        TRY(open_stream(ctx, in_fd, false, &p.audio, err));
    int r = fetch_packet(&p.video, err);
    if (r <= 0)
        return r < 0 ? r : gh_fail(err, GH_INPUT, "the video has no pictures");
    p.first_us = to_us(&p.video, p.video.pkt->pts);
    p.video.shift = -p.video.pkt->pts;
    const AVCodecParameters *par = p.video.st->codecpar;
    TRY(rebuild_picture(&p, err));
    if (p.with_sound)
        TRY(align_sound(&p, err));
    p.with_sound = p.with_sound && p.audio.have;
    if (p.with_sound)
        TRY(rebuild_sound(&p, err));
    if (made)
        TRY(make_sound(ctx, in_fd, probe, &p, err));
    const AVCodecParameters *sound = p.with_sound ? p.sound_par
                                     : made       ? gh_sound_par(p.made)
                                                  : NULL;
    AVRational sound_tb =
        p.with_sound ? p.audio.st->time_base : (AVRational){1, sound ? sound->sample_rate : 1};
    TRY(gh_mux_open(out_fd, recipe->bytes_max, p.picture_par, p.video.st->time_base, sound,
                    sound_tb, &p.mux, err));
    bool copied = p.with_sound;
    if (p.with_sound && p.silent_packets)
        TRY(write_silence(&p, err));
    TRY(merge_streams(ctx, &p, probe, err));
    TRY(gh_mux_finish(p.mux, &ret->bytes, err));
    if (recipe->bytes_max && ret->bytes > recipe->bytes_max)
        return gh_fail(err, GH_LIMIT, "%" PRIu64 " bytes are more than %" PRIu64, ret->bytes,
                       recipe->bytes_max);
    ret->w = (uint32_t)par->width;
    ret->h = (uint32_t)par->height;
    ret->duration_us = GH_MAX(p.end_us - p.first_us, 0);
    gh_fingerprint_init(ret_fingerprint, 0);
    if (ctx->seen)
        ret_fingerprint->pictures = ctx->seen->pictures;
    if (p.made)
        gh_sound_levels(p.made, &ret_fingerprint->sound);
    else if (copied && ctx->seen)
        ret_fingerprint->sound = ctx->seen->sound;
    return 0;
}
