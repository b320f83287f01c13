/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signatures and levels out of decoded frames. Brightness is sampled on a fixed lattice, dense
 * enough that noise averages out. A key picture of an output is decoded by itself: one packet in,
 * the decoder drained and flushed, so that it is never kept back for reordering.
 */
#include "pipeline/input/sample.h"

#include "base/str.h"

#include <libavutil/pixdesc.h>
#include <math.h>

#define POINTS 16 /* samples of a cell, each way */
#define LATTICE (GH_SIGNATURE_GRID * POINTS)
#define SOUND_BLOCK 1024 /* samples of sound that are added at one time */
#define SOUND_EVERY 4    /* of them one in so many is used */
/* between two signatures of an output: here each costs the decoding of a key picture */
#define OUTPUT_STEP_US 2000000
#define MOST_CHANNELS 64

/* ------------------------------------------------------------------------------------- pictures */

static bool readable(const AVFrame *f, const AVPixFmtDescriptor *d)
{
    uint64_t odd = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL |
                   AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_FLOAT;
    return d && !(d->flags & odd) && d->comp[0].depth >= 8 && d->comp[0].depth <= 16 &&
           f->data[0] && f->width > 0 && f->height > 0;
}

/* Where the points of the lattice are: column[i] and row[j] of the upright picture, each as an x or
 * y of the stored one. */
struct lattice {
    bool turned; /* upright columns are stored rows */
    int column[LATTICE], row[LATTICE];
};

/* Spread the points of one axis over the part from … from + length (shares) of size samples. */
static void spread_points(double from, double length, bool mirrored, int size, int ret[LATTICE])
{
    for (int i = 0; i < LATTICE; i++) {
        double share = from + length * (i + 0.5) / LATTICE;
        ret[i] = GH_CLAMP((int)((mirrored ? 1 - share : share) * size), 0, size - 1);
    }
}

static void lattice_of(const AVFrame *f, const struct gh_pic *pic, const struct gh_rect *area,
                       struct lattice *ret)
{
    double w = pic ? GH_MAX(pic->src_w, 1u) : (double)f->width,
           h = pic ? GH_MAX(pic->src_h, 1u) : (double)f->height;
    struct gh_rect all = {0, 0, (uint32_t)w, (uint32_t)h}, part = pic               ? pic->crop
                                                                  : area && area->w ? *area
                                                                                    : all;
    uint32_t o = pic ? pic->orient : 1;
    ret->turned = o >= 5;
    /* stored x runs backwards in orientations 2, 3, 7 and 8, stored y in 3, 4, 6 and 7 */
    bool x_back = o == 2 || o == 3 || o == 7 || o == 8,
         y_back = o == 3 || o == 4 || o == 6 || o == 7;
    spread_points(part.x / w, part.w / w, ret->turned ? y_back : x_back,
                  ret->turned ? f->height : f->width, ret->column);
    spread_points(part.y / h, part.h / h, ret->turned ? x_back : y_back,
                  ret->turned ? f->width : f->height, ret->row);
}

/* Add one component, as 8 bit and with a weight, to the sums of the cells. */
static void add_component(const AVFrame *f, const AVComponentDescriptor *k, unsigned weight,
                          const struct lattice *at, uint32_t sums[GH_SIGNATURE_CELLS])
{
    ptrdiff_t column[LATTICE], row[LATTICE];
    for (int i = 0; i < LATTICE; i++) {
        column[i] = (ptrdiff_t)at->column[i] * (at->turned ? f->linesize[k->plane] : k->step);
        row[i] = (ptrdiff_t)at->row[i] * (at->turned ? k->step : f->linesize[k->plane]);
    }
    const uint8_t *base = f->data[k->plane] + k->offset;
    int shift = k->shift + k->depth - 8;
    for (int j = 0; j < LATTICE; j++)
        for (int i = 0; i < LATTICE; i++) {
            const uint8_t *p = base + row[j] + column[i];
            unsigned v = k->depth > 8 ? ((unsigned)p[0] | (unsigned)p[1] << 8) >> shift & 255u : *p;
            sums[j / POINTS * GH_SIGNATURE_GRID + i / POINTS] += weight * v;
        }
}

bool gh_signature_take(const AVFrame *f, const struct gh_pic *pic, const struct gh_rect *area,
                       int64_t at_us, struct gh_signature *ret)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    if (!readable(f, d))
        return false;
    struct lattice at;
    lattice_of(f, pic, area, &at);
    uint32_t sums[GH_SIGNATURE_CELLS] = {0}, full = POINTS * POINTS; /* weight in a cell */
    if (d->flags & AV_PIX_FMT_FLAG_RGB) {
        for (int c = 0; c < 3; c++)
            add_component(f, &d->comp[c], c == 1 ? 2 : 1, &at, sums);
        full *= 4;
    } else {
        add_component(f, &d->comp[0], 1, &at, sums);
    }
    ret->at_us = at_us;
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++)
        ret->luma[i] = (uint8_t)((sums[i] + full / 2) / full);
    return true;
}

/* ---------------------------------------------------------------------------------------- sound */

static double sound_sample(const AVFrame *f, int channel, int channels, int i)
{
    bool planar = av_sample_fmt_is_planar(f->format);
    const uint8_t *data = f->extended_data[planar ? channel : 0];
    int k = planar ? i : i * channels + channel;
    switch (av_get_packed_sample_fmt(f->format)) {
    case AV_SAMPLE_FMT_U8:
        return (data[k] - 128) / 128.0;
    case AV_SAMPLE_FMT_S16:
        return ((const int16_t *)(const void *)data)[k] / 32768.0;
    case AV_SAMPLE_FMT_S32:
        return ((const int32_t *)(const void *)data)[k] / 2147483648.0;
    case AV_SAMPLE_FMT_FLT:
        return (double)((const float *)(const void *)data)[k];
    case AV_SAMPLE_FMT_DBL:
        return ((const double *)(const void *)data)[k];
    default:
        return 0;
    }
}

static double square(double v)
{
    return v * v;
}

double gh_sound_peak(const AVFrame *f)
{
    int channels = GH_MIN(f->ch_layout.nb_channels, MOST_CHANNELS);
    double most = 0;
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < f->nb_samples; i++)
            most = GH_MAX(most, fabs(sound_sample(f, c, channels, i)));
    return most;
}

void gh_levels_take(struct gh_levels *l, const AVFrame *f, int64_t at_us)
{
    int channels = GH_MIN(f->ch_layout.nb_channels, MOST_CHANNELS);
    if (f->sample_rate <= 0 || channels <= 0)
        return;
    for (int from = 0; from < f->nb_samples; from += SOUND_BLOCK) {
        int until = GH_MIN(from + SOUND_BLOCK, f->nb_samples);
        double sum = 0;
        uint32_t n = 0;
        for (int c = 0; c < channels; c++) {
            /* mixing down leaves the low-frequency channel out */
            if (av_channel_layout_channel_from_index(&f->ch_layout, (unsigned)c) ==
                AV_CHAN_LOW_FREQUENCY)
                continue;
            for (int i = from; i < until; i += SOUND_EVERY, n++)
                sum += square(sound_sample(f, c, channels, i));
        }
        gh_levels_add(l, at_us + av_rescale(from, 1000000, f->sample_rate), sum, n);
    }
}

/* ------------------------------------------------------------------------------------ an output */

struct gh_sampler {
    const struct gh_vin *in;
    struct gh_rect area;
    struct gh_fingerprint *fingerprint;
    AVCodecContext *video, *audio;
    AVFrame *frame;
    int64_t first_us; /* of the picture */
    bool begun;
};

static AVCodecContext *open_decoder(const struct gh_ctx *ctx, const AVStream *st)
{
    const AVCodec *codec = gh_decoder_of(st->codecpar->codec_id);
    AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!c)
        return NULL;
    c->thread_count = 1;
    c->skip_loop_filter = AVDISCARD_ALL;
    c->pkt_timebase = st->time_base;
    if (ctx->limits.video_pixels)
        c->max_pixels = (int64_t)ctx->limits.video_pixels;
    if (avcodec_parameters_to_context(c, st->codecpar) < 0 || avcodec_open2(c, codec, NULL) < 0)
        avcodec_free_context(&c);
    return c;
}

struct gh_sampler *gh_sampler_new(const struct gh_ctx *ctx, const struct gh_vin *in,
                                  const struct gh_rect *area, struct gh_fingerprint *fingerprint)
{
    GH_AUTO(gh_sampler_free) struct gh_sampler *l = gh_alloc(sizeof(*l));
    gh_fingerprint_init(fingerprint, 0);
    fingerprint->pictures.step_us =
        GH_MAX(in->fmt->duration / GH_FINGERPRINT_SIGNATURES, (int64_t)OUTPUT_STEP_US);
    l->in = in;
    l->area = *area;
    l->fingerprint = fingerprint;
    l->frame = av_frame_alloc();
    l->video = open_decoder(ctx, in->video);
    l->audio = in->audio ? open_decoder(ctx, in->audio) : NULL;
    return l->frame && l->video ? gh_steal(&l) : NULL;
}

void gh_sampler_free(struct gh_sampler **l)
{
    if (!*l)
        return;
    avcodec_free_context(&(*l)->video);
    avcodec_free_context(&(*l)->audio);
    av_frame_free(&(*l)->frame);
    free(*l);
    *l = NULL;
}

static void on_picture(struct gh_sampler *l, const AVPacket *pkt)
{
    int64_t us = av_rescale_q(pkt->pts, l->in->video->time_base, GH_US);
    if (!l->begun)
        l->first_us = us;
    l->begun = true;
    if (!gh_signatures_want(&l->fingerprint->pictures, us - l->first_us))
        return;
    struct gh_signature signature;
    avcodec_send_packet(l->video, pkt);
    avcodec_send_packet(l->video, NULL);
    if (avcodec_receive_frame(l->video, l->frame) >= 0 &&
        gh_signature_take(l->frame, NULL, &l->area, us - l->first_us, &signature))
        gh_signatures_add(&l->fingerprint->pictures, &signature);
    av_frame_unref(l->frame);
    avcodec_flush_buffers(l->video);
}

static void on_sound(struct gh_sampler *l, const AVPacket *pkt)
{
    int64_t us = av_rescale_q(pkt->pts, l->in->audio->time_base, GH_US);
    if (avcodec_send_packet(l->audio, pkt) < 0)
        return;
    while (avcodec_receive_frame(l->audio, l->frame) >= 0) {
        gh_levels_take(&l->fingerprint->sound, l->frame, us - l->first_us);
        av_frame_unref(l->frame);
    }
}

void gh_sampler_packet(struct gh_sampler *l, const AVPacket *pkt)
{
    if (pkt->pts == AV_NOPTS_VALUE)
        return;
    if (pkt->stream_index == l->in->video->index && pkt->flags & AV_PKT_FLAG_KEY)
        on_picture(l, pkt);
    else if (l->audio && pkt->stream_index == l->in->audio->index)
        on_sound(l, pkt);
}
