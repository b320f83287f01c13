/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One AAC track for several outputs. Readers go at their own speed; packets are kept until the
 * slowest has read them. As many samples as the encoder adds by its priming are left out of the
 * beginning, so that sound and picture are in step without an edit list. One lock guards the
 * encoder and the packets; what is set by gh_sound_new does not change. Classes: GH_INPUT,
 * GH_SYSTEM, GH_BUG.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

/* largest true peak before encoding: the AAC encoder adds half a decibel to music, more than one to
 * bursts */
#define CEILING_DB (-2.5)
#define SILENCE_LUFS (-55.0) /* what is quieter is noise, and is not made louder */
#define MOST_GAIN_DB 20.0
#define READ 1024       /* samples at a time */
#define SIGN_EVERY 1024 /* readings between two signs of life while measuring */
#define DEFAULT_RATE 48000
#define DEFAULT_KBPS 128
#define FIRST_ROOM 64 /* packets */

struct gh_sound {
    struct gh_sound_spec spec;
    struct gh_tape *tape;       /* NULL: silence */
    uint64_t at;                /* next sample of it */
    bool shares;                /* the tape is another sound's, too, and counts as its memory */
    struct gh_limiter *limiter; /* NULL: samples as they are */
    double gain, peak;          /* linear; peak: the true peak after the gain */
    uint32_t frame_size;        /* samples of a packet */
    AVCodecContext *enc;
    AVCodecParameters *par;
    AVFrame *frame;
    pthread_mutex_t lock;
    AVPacket **kept; /* packets first … first + n - 1 */
    size_t n, room;
    uint64_t first, made;
    uint64_t cursor[GH_SOUND_USERS];
    bool gone[GH_SOUND_USERS];
    unsigned users;
};

static int out_of_memory(struct gh_err *err)
{
    return gh_fail(err, GH_SYSTEM, "out of memory");
}

static int open_encoder(struct gh_sound *s, struct gh_err *err)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("aac");
    s->enc = codec ? avcodec_alloc_context3(codec) : NULL;
    s->par = avcodec_parameters_alloc();
    s->frame = av_frame_alloc();
    if (!s->enc || !s->par || !s->frame)
        return out_of_memory(err);
    s->enc->sample_fmt = AV_SAMPLE_FMT_FLTP;
    s->enc->sample_rate = (int)s->spec.rate;
    s->enc->bit_rate = (int64_t)s->spec.kbps * 1000;
    s->enc->time_base = (AVRational){1, (int)s->spec.rate};
    s->enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    s->enc->thread_count = 1;
    av_channel_layout_default(&s->enc->ch_layout, (int)s->spec.channels);
    int r = avcodec_open2(s->enc, codec, NULL);
    if (r < 0)
        return gh_fail_av(err, GH_BUG, r, "the AAC encoder refuses %u Hz, %u channels, %u kbit/s",
                          s->spec.rate, s->spec.channels, s->spec.kbps);
    if (avcodec_parameters_from_context(s->par, s->enc) < 0)
        return out_of_memory(err);
    s->frame->format = AV_SAMPLE_FMT_FLTP;
    s->frame->nb_samples = s->enc->frame_size;
    s->frame_size = (uint32_t)s->enc->frame_size;
    s->frame->sample_rate = s->enc->sample_rate;
    if (av_channel_layout_copy(&s->frame->ch_layout, &s->enc->ch_layout) < 0 ||
        av_frame_get_buffer(s->frame, 0) < 0)
        return out_of_memory(err);
    return 0;
}

static int open_tape(const struct gh_ctx *ctx, int fd, struct gh_sound *s, size_t keep_bytes,
                     struct gh_err *err)
{
    GH_AUTO(gh_pcm_close) struct gh_pcm *pcm = NULL;
    TRY(gh_pcm_open(ctx, fd, s->spec.start_us, s->spec.rate, s->spec.channels, &pcm, err));
    gh_tape_free(&s->tape);
    s->tape = gh_tape_new(&pcm, s->spec.channels, keep_bytes);
    s->at = 0;
    return 0;
}

/* Decode the sound once, to find the gain that brings it to the loudness asked for, and its peak
 * after that. */
static int measure(const struct gh_ctx *ctx, int fd, struct gh_sound *s, struct gh_err *err)
{
    TRY(open_tape(ctx, fd, s, s->spec.keep_bytes, err));
    GH_AUTO(gh_loudness_free)
    struct gh_loudness *l = gh_loudness_new(s->spec.rate, s->spec.channels);
    float a[READ], b[READ];
    float *const ch[GH_PCM_CHANNELS] = {a, b};
    uint64_t left = s->spec.duration_us > 0
                        ? (uint64_t)av_rescale(s->spec.duration_us, s->spec.rate, 1000000)
                        : UINT64_MAX;
    uint32_t real = READ;
    for (uint64_t n = 0; left && real == READ; n++) {
        TRY(gh_tape_read(s->tape, &s->at, ch, READ, &real, err));
        real = (uint32_t)GH_MIN((uint64_t)real, left);
        gh_loudness_add(l, ch, real);
        left -= real;
        if (n % SIGN_EVERY == 0 && ctx->progress)
            ctx->progress(ctx->arg, 0);
    }
    double lufs, peak;
    gh_loudness_result(l, &lufs, &peak);
    if (!(lufs > SILENCE_LUFS))
        return 0;
    double db = GH_MIN(s->spec.lufs10 / 10.0 - lufs, MOST_GAIN_DB);
    s->gain = pow(10, db / 20);
    s->peak = s->gain * peak;
    return 0;
}

/* Measured once for all outputs that differ in their bit rate only. */
static int set_loudness(const struct gh_ctx *ctx, int fd, struct gh_sound *s,
                        const struct gh_sound *like, struct gh_err *err)
{
    double ceiling = pow(10, CEILING_DB / 20);
    if (like) {
        s->gain = like->gain;
        s->peak = like->peak;
        s->tape = like->tape ? gh_tape_share(like->tape) : NULL;
        s->shares = s->tape != NULL;
    } else {
        TRY(measure(ctx, fd, s, err));
    }
    if (s->peak > ceiling)
        s->limiter = gh_limiter_new(s->spec.rate, s->spec.channels, s->gain, ceiling);
    return 0;
}

/* The next n samples as they are to be encoded. */
static int read_samples(struct gh_sound *s, float *const ch[GH_PCM_CHANNELS], uint32_t n,
                        struct gh_err *err)
{
    uint32_t real = 0;
    if (s->tape)
        TRY(gh_tape_read(s->tape, &s->at, ch, n, &real, err));
    else
        for (uint32_t c = 0; c < s->spec.channels; c++)
            memset(ch[c], 0, n * sizeof(float));
    if (s->limiter)
        gh_limiter_run(s->limiter, ch, n);
    else if (s->gain != 1)
        for (uint32_t c = 0; c < s->spec.channels; c++)
            for (uint32_t i = 0; i < n; i++)
                ch[c][i] *= (float)s->gain;
    return 0;
}

/* Leave out the samples that the encoder's priming and the limiter's delay would add. */
static int cancel_delay(struct gh_sound *s, struct gh_err *err)
{
    float a[READ], b[READ];
    float *const ch[GH_PCM_CHANNELS] = {a, b};
    uint32_t left = (s->enc->initial_padding > 0 ? (uint32_t)s->enc->initial_padding : 0) +
                    (s->limiter ? gh_limiter_delay(s->limiter) : 0);
    while (left) {
        uint32_t n = GH_MIN(left, (uint32_t)READ);
        TRY(read_samples(s, ch, n, err));
        left -= n;
    }
    return 0;
}

int gh_sound_new(const struct gh_ctx *ctx, int fd, const struct gh_sound_spec *spec,
                 const struct gh_sound *like, struct gh_sound **ret, struct gh_err *err)
{
    GH_AUTO(gh_sound_free) struct gh_sound *s = gh_alloc(sizeof(*s));
    s->spec = *spec;
    s->spec.rate = spec->rate ? spec->rate : DEFAULT_RATE;
    s->spec.channels = GH_CLAMP(spec->channels, 1u, (uint32_t)GH_PCM_CHANNELS);
    s->spec.kbps = spec->kbps ? spec->kbps : DEFAULT_KBPS;
    s->gain = 1;
    pthread_mutex_init(&s->lock, NULL);
    TRY(open_encoder(s, err));
    if (!spec->silent) {
        if (spec->lufs10)
            TRY(set_loudness(ctx, fd, s, like, err));
        if (!s->tape || !gh_tape_keeps(s->tape))
            TRY(open_tape(ctx, fd, s, 0, err));
        s->at = 0;
    }
    TRY(cancel_delay(s, err));
    *ret = gh_steal(&s);
    return 0;
}

void gh_sound_free(struct gh_sound **sound)
{
    struct gh_sound *s = *sound;
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        av_packet_free(&s->kept[i]);
    free(s->kept);
    gh_tape_free(&s->tape);
    gh_limiter_free(&s->limiter);
    avcodec_free_context(&s->enc);
    avcodec_parameters_free(&s->par);
    av_frame_free(&s->frame);
    pthread_mutex_destroy(&s->lock);
    free(s);
    *sound = NULL;
}

unsigned gh_sound_join(struct gh_sound *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned user = s->users < GH_SOUND_USERS ? s->users++ : GH_SOUND_USERS - 1;
    pthread_mutex_unlock(&s->lock);
    return user;
}

const AVCodecParameters *gh_sound_par(const struct gh_sound *s)
{
    return s->par;
}

uint32_t gh_sound_frame(const struct gh_sound *s)
{
    return s->frame_size;
}

void gh_sound_levels(struct gh_sound *s, struct gh_levels *ret)
{
    if (s->tape)
        gh_tape_levels(s->tape, ret);
}

size_t gh_sound_kept(const struct gh_sound *s)
{
    return s->tape && !s->shares ? gh_tape_bytes(s->tape) : 0;
}

/* Encode one more packet. With the lock held. */
static int make_packet(struct gh_sound *s, struct gh_err *err)
{
    AVPacket *pkt = av_packet_alloc();
    if (!pkt)
        return out_of_memory(err);
    int r;
    while ((r = avcodec_receive_packet(s->enc, pkt)) == AVERROR(EAGAIN)) {
        if (av_frame_make_writable(s->frame) < 0)
            break;
        float *const ch[GH_PCM_CHANNELS] = {
            (float *)s->frame->data[0], s->spec.channels > 1 ? (float *)s->frame->data[1] : NULL};
        int p = read_samples(s, ch, (uint32_t)s->frame->nb_samples, err);
        if (p < 0) {
            av_packet_free(&pkt);
            return p;
        }
        s->frame->pts = AV_NOPTS_VALUE;
        if ((r = avcodec_send_frame(s->enc, s->frame)) < 0)
            break;
    }
    if (r < 0) {
        av_packet_free(&pkt);
        return gh_fail_av(err, GH_BUG, r, "the sound cannot be encoded");
    }
    pkt->pts = pkt->dts = (int64_t)s->made++ * s->enc->frame_size;
    pkt->duration = s->enc->frame_size;
    av_packet_free_side_data(pkt); /* the muxer would write an edit list for the priming */
    if (s->n == s->room) {
        s->room = s->room ? s->room * 2 : FIRST_ROOM;
        s->kept = gh_realloc(s->kept, s->room * sizeof(AVPacket *));
    }
    s->kept[s->n++] = pkt;
    return 0;
}

/* Free the packets that every reader has read. With the lock held. */
static void drop_read_packets(struct gh_sound *s)
{
    uint64_t slowest = UINT64_MAX;
    for (unsigned i = 0; i < s->users; i++)
        if (!s->gone[i])
            slowest = GH_MIN(slowest, s->cursor[i]);
    size_t drop = slowest > s->first ? (size_t)GH_MIN(slowest - s->first, (uint64_t)s->n) : 0;
    if (!drop)
        return;
    for (size_t i = 0; i < drop; i++)
        av_packet_free(&s->kept[i]);
    memmove(s->kept, s->kept + drop, (s->n - drop) * sizeof(AVPacket *));
    s->n -= drop;
    s->first += drop;
}

int gh_sound_next(struct gh_sound *s, unsigned user, AVPacket *ret, struct gh_err *err)
{
    pthread_mutex_lock(&s->lock);
    int r = 0;
    while (r >= 0 && s->cursor[user] >= s->first + s->n)
        r = make_packet(s, err);
    if (r >= 0 && av_packet_ref(ret, s->kept[s->cursor[user] - s->first]) < 0)
        r = out_of_memory(err);
    if (r >= 0) {
        s->cursor[user]++;
        drop_read_packets(s);
    }
    pthread_mutex_unlock(&s->lock);
    return r;
}

void gh_sound_leave(struct gh_sound *s, unsigned user)
{
    pthread_mutex_lock(&s->lock);
    s->gone[user] = true;
    drop_read_packets(s);
    pthread_mutex_unlock(&s->lock);
}
