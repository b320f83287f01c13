/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoded sound on the picture's clock. Time stamps decide where samples go: a late start, a gap or
 * a jump of more than 40 ms becomes silence or is cut, smaller deviations are jitter of the
 * container and are ignored. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"
#include "pipeline/input/sample.h"

#include <libavutil/audio_fifo.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <string.h>

#define TOLERANCE_MS 40
#define CHUNK 4096
#define MAX_GAP_S 3600 /* a larger jump is a broken clock, not silence */
/* a start later than SEEK_FROM_US is reached by seeking, to RUN_UP_US before it: the first frames
 * of some codecs decode only after others */
#define SEEK_FROM_US 2000000
#define RUN_UP_US 1000000

struct gh_pcm {
    struct gh_vin *in;
    struct gh_vdec *dec;
    SwrContext *swr;
    AVChannelLayout layout, src_layout;
    int src_rate, src_format;
    AVAudioFifo *fifo;
    AVFrame *frame;
    uint8_t *buf[GH_PCM_CHANNELS];
    int buf_samples;
    int64_t start_us, expected, drop; /* in output samples */
    uint32_t rate, channels;
    bool started, ended;
    struct gh_fingerprint fingerprint; /* its sound only */
};

static int out_of_memory(struct gh_err *err)
{
    return gh_fail(err, GH_SYSTEM, "out of memory");
}

int gh_pcm_open(const struct gh_ctx *ctx, int fd, int64_t start_us, uint32_t rate,
                uint32_t channels, struct gh_pcm **ret, struct gh_err *err)
{
    GH_AUTO(gh_pcm_close) struct gh_pcm *p = gh_alloc(sizeof(*p));
    p->rate = rate;
    p->channels = channels;
    p->start_us = start_us;
    gh_fingerprint_init(&p->fingerprint, 0);
    TRY(gh_vin_open(ctx, fd, &p->in, err));
    if (!p->in->audio)
        return gh_fail(err, GH_INPUT, "there is no sound");
    TRY(gh_vdec_open(ctx, p->in, p->in->audio, 1, GH_DEC_PLAIN, &p->dec, err));
    av_channel_layout_default(&p->layout, (int)channels);
    p->fifo = av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, (int)channels, CHUNK);
    p->frame = av_frame_alloc();
    if (!p->fifo || !p->frame)
        return out_of_memory(err);
    int64_t first = p->in->fmt->start_time != AV_NOPTS_VALUE ? p->in->fmt->start_time : 0;
    if (start_us - first > SEEK_FROM_US)
        gh_vdec_seek(p->dec, start_us - RUN_UP_US);
    *ret = gh_steal(&p);
    return 0;
}

void gh_pcm_close(struct gh_pcm **pcm)
{
    struct gh_pcm *p = *pcm;
    if (!p)
        return;
    gh_vdec_close(&p->dec);
    gh_vin_close(&p->in);
    swr_free(&p->swr);
    av_channel_layout_uninit(&p->layout);
    av_channel_layout_uninit(&p->src_layout);
    av_audio_fifo_free(p->fifo);
    av_frame_free(&p->frame);
    av_freep(&p->buf[0]);
    free(p);
    *pcm = NULL;
}

static bool same_source(const struct gh_pcm *p, const AVFrame *f)
{
    return p->swr && f->sample_rate == p->src_rate && f->format == p->src_format &&
           !av_channel_layout_compare(&f->ch_layout, &p->src_layout);
}

static int open_resampler(struct gh_pcm *p, const AVFrame *f, struct gh_err *err)
{
    AVChannelLayout from = {0};
    /* AVI and old QuickTime only count channels */
    if (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&from, f->ch_layout.nb_channels);
    else
        av_channel_layout_copy(&from, &f->ch_layout);
    swr_free(&p->swr);
    int r = swr_alloc_set_opts2(&p->swr, &p->layout, AV_SAMPLE_FMT_FLTP, (int)p->rate, &from,
                                f->format, f->sample_rate, 0, NULL);
    if (r >= 0)
        r = swr_init(p->swr);
    av_channel_layout_uninit(&from);
    if (r < 0)
        return gh_fail_av(err, GH_INPUT, r, "the sound cannot be converted");
    p->src_rate = f->sample_rate;
    p->src_format = f->format;
    av_channel_layout_uninit(&p->src_layout);
    return av_channel_layout_copy(&p->src_layout, &f->ch_layout) < 0 ? out_of_memory(err) : 0;
}

static int ensure_room(struct gh_pcm *p, int samples, struct gh_err *err)
{
    if (p->buf_samples >= samples)
        return 0;
    av_freep(&p->buf[0]);
    p->buf_samples = 0;
    if (av_samples_alloc(p->buf, NULL, (int)p->channels, samples, AV_SAMPLE_FMT_FLTP, 0) < 0)
        return out_of_memory(err);
    p->buf_samples = samples;
    return 0;
}

/* Append n samples of buf, less what is still to be dropped. */
static int append(struct gh_pcm *p, int n, struct gh_err *err)
{
    int skip = (int)GH_MIN((int64_t)n, p->drop);
    p->drop -= skip;
    uint8_t *from[GH_PCM_CHANNELS] = {0};
    for (uint32_t c = 0; c < p->channels; c++)
        from[c] = p->buf[c] + (size_t)skip * sizeof(float);
    if (n > skip && av_audio_fifo_write(p->fifo, (void **)from, n - skip) < n - skip)
        return out_of_memory(err);
    return 0;
}

static int append_silence(struct gh_pcm *p, int64_t n, struct gh_err *err)
{
    while (n > 0) {
        int k = (int)GH_MIN(n, CHUNK);
        TRY(ensure_room(p, k, err));
        av_samples_set_silence(p->buf, 0, k, (int)p->channels, AV_SAMPLE_FMT_FLTP);
        TRY(append(p, k, err));
        n -= k;
    }
    return 0;
}

/* Resample a frame, NULL: what the resampler still holds, and append it. */
static int append_frame(struct gh_pcm *p, const AVFrame *f, struct gh_err *err)
{
    int most = f ? swr_get_out_samples(p->swr, f->nb_samples) : swr_get_out_samples(p->swr, 0);
    if (most <= 0)
        return 0;
    TRY(ensure_room(p, most, err));
    int n = swr_convert(p->swr, p->buf, most, f ? (const uint8_t **)f->extended_data : NULL,
                        f ? f->nb_samples : 0);
    if (n < 0)
        return gh_fail_av(err, GH_INPUT, n, "the sound cannot be converted");
    return append(p, n, err);
}

/* Make the next samples go where the frame's time says. */
static int align(struct gh_pcm *p, const AVFrame *f, struct gh_err *err)
{
    int64_t us = av_rescale_q(f->pts, p->dec->st->time_base, GH_US) - p->start_us;
    int64_t want = av_rescale(us, p->rate, 1000000), off = want - p->expected;
    bool jitter = p->started && llabs(off) < (int64_t)p->rate * TOLERANCE_MS / 1000;
    if (!p->started) /* sample 0 is where the picture starts */
        off = want;
    p->started = true;
    if (jitter || llabs(off) > (int64_t)p->rate * MAX_GAP_S)
        return 0;
    p->expected += off;
    if (off < 0) {
        p->drop -= off;
        return 0;
    }
    return append_silence(p, off, err);
}

static int decode_more(struct gh_pcm *p, struct gh_err *err)
{
    int r = gh_vdec_next(p->dec, p->frame, err);
    if (r < 0)
        return r;
    if (r == 0) {
        p->ended = true;
        return p->swr ? append_frame(p, NULL, err) : 0;
    }
    const AVFrame *f = p->frame;
    if (f->nb_samples > 0 && f->sample_rate > 0 && f->ch_layout.nb_channels > 0) {
        if (!same_source(p, f))
            TRY(open_resampler(p, f, err));
        gh_levels_take(&p->fingerprint.sound, f,
                       av_rescale_q(f->pts, p->dec->st->time_base, GH_US) - p->start_us);
        TRY(align(p, f, err));
        TRY(append_frame(p, f, err));
        p->expected += av_rescale(f->nb_samples, p->rate, f->sample_rate);
    }
    av_frame_unref(p->frame);
    return 0;
}

const struct gh_levels *gh_pcm_levels(const struct gh_pcm *p)
{
    return &p->fingerprint.sound;
}

int gh_pcm_read(struct gh_pcm *p, float *const ch[GH_PCM_CHANNELS], uint32_t n, uint32_t *ret_real,
                struct gh_err *err)
{
    while (!p->ended && av_audio_fifo_size(p->fifo) < (int)n)
        TRY(decode_more(p, err));
    void *to[GH_PCM_CHANNELS] = {ch[0], p->channels > 1 ? ch[1] : NULL};
    int got = av_audio_fifo_read(p->fifo, to, (int)n);
    uint32_t real = got > 0 ? (uint32_t)got : 0;
    for (uint32_t c = 0; c < p->channels; c++)
        memset(ch[c] + real, 0, (n - real) * sizeof(float));
    *ret_real = real;
    return 0;
}
