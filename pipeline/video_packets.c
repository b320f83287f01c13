/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of a video: times in order of showing, key frames, reordering, user data. */
#include "base/str.h"
#include "pipeline/video_look.h"
#include "pipeline/video_probe.h"
#include "pipeline/video_sei.h"

#include <string.h>

#define BEAT 256 /* packets between two signs of life */

/* Presentation times of one stream's visible packets. */
struct times {
    int64_t *pts;
    size_t n, room;
    int64_t min, max, end;
    uint64_t bytes;
};

struct scan {
    struct times video, audio;
    int64_t *keys;
    size_t n_keys, keys_room;
    int64_t key_pts; /* of the last key frame */
    uint32_t depth;  /* reordering */
    bool open_gop, sei;
    struct gh_nal_form form;
    uint32_t meta;
};

static void scan_free(struct scan *s)
{
    free(s->video.pts);
    free(s->audio.pts);
    free(s->keys);
}

static void push(int64_t **list, size_t *n, size_t *room, int64_t v)
{
    if (*n == *room) {
        *room = *room ? *room * 2 : 1024;
        *list = gh_realloc(*list, *room * sizeof **list);
    }
    (*list)[(*n)++] = v;
}

static void count(struct times *t, const AVPacket *pkt, int64_t pts, bool keep)
{
    int64_t end = pts + GH_MAX(pkt->duration, 0);
    t->bytes += (uint64_t)pkt->size;
    if (pts == AV_NOPTS_VALUE)
        return;
    t->min = t->n ? GH_MIN(t->min, pts) : pts;
    t->max = t->n ? GH_MAX(t->max, pts) : pts;
    t->end = t->n ? GH_MAX(t->end, end) : end;
    if (keep)
        push(&t->pts, &t->n, &t->room, pts);
    else
        t->n++;
}

static void on_video(struct scan *s, const AVPacket *pkt)
{
    if (s->sei)
        s->meta |= gh_sei_scan(s->form, pkt->data, (size_t)pkt->size);
    int64_t pts = pkt->pts != AV_NOPTS_VALUE ? pkt->pts : pkt->dts;
    bool key = pkt->flags & AV_PKT_FLAG_KEY && pts != AV_NOPTS_VALUE;
    if (key)
        s->key_pts = pts;
    else if (s->n_keys && pkt->pts != AV_NOPTS_VALUE && pkt->pts < s->key_pts)
        s->open_gop = true; /* shown before the key frame it follows */
    if (pkt->flags & AV_PKT_FLAG_DISCARD)
        return;
    if (s->video.n && pkt->pts != AV_NOPTS_VALUE && pkt->pts < s->video.max)
        s->depth = GH_MAX(s->depth, 1u);
    count(&s->video, pkt, pts, true);
    if (key)
        push(&s->keys, &s->n_keys, &s->keys_room, pts);
}

/* Priming that the decoder is told to skip is no sound. */
static void on_audio(struct scan *s, const AVStream *st, const AVPacket *pkt, bool from_zero)
{
    int64_t pts = pkt->pts;
    size_t size = 0;
    const uint8_t *skip = av_packet_get_side_data(pkt, AV_PKT_DATA_SKIP_SAMPLES, &size);
    if (skip && size >= 4 && st->codecpar->sample_rate > 0 && pts != AV_NOPTS_VALUE) {
        uint32_t samples =
            (uint32_t)skip[0] | (uint32_t)skip[1] << 8 | (uint32_t)skip[2] << 16 | (uint32_t)skip[3] << 24;
        int64_t shift = av_rescale_q(samples, (AVRational){1, st->codecpar->sample_rate}, st->time_base);
        pts += GH_MIN(shift, GH_MAX(pkt->duration, 0));
    }
    if (pkt->flags & AV_PKT_FLAG_DISCARD)
        return;
    if (from_zero && pts != AV_NOPTS_VALUE && pts < 0) /* an edit list hides what lies before its zero */
        pts = 0;
    count(&s->audio, pkt, pts, false);
}

static int in_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort(int64_t *list, size_t n)
{
    if (n) /* qsort must not be given NULL */
        qsort(list, n, sizeof *list, in_order);
}

static void put_video(const struct gh_vin *in, struct scan *s, struct gh_probe *p)
{
    AVRational tb = in->video->time_base;
    struct times *t = &s->video;
    sort(t->pts, t->n);
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 1; i < t->n; i++) {
        least = GH_MIN(least, t->pts[i] - t->pts[i - 1]);
        most = GH_MAX(most, t->pts[i] - t->pts[i - 1]);
    }
    int64_t typical = t->n > 1 ? (t->max - t->min) / (int64_t)(t->n - 1) : 0;
    int64_t end = t->end > t->max ? t->end : t->max + typical;
    p->frames = t->n;
    p->vfr = t->n > 2 && most - least > GH_MAX(1, av_rescale_q(1100, GH_US, tb)); /* Matroska rounds to milliseconds */
    p->duration_us = av_rescale_q(end - t->min, tb, GH_US);
    p->bframes = GH_MAX(p->bframes, s->depth);
    p->open_gop = s->open_gop;
    if (p->duration_us > 0) {
        AVRational avg;
        double us_each = (double)p->duration_us / (double)t->n;
        av_reduce(&avg.num, &avg.den, (int64_t)t->n * 1000000, p->duration_us, 1 << 26);
        p->fps_avg = (struct gh_rational){avg.num, avg.den};
        p->vkbps = (uint32_t)GH_MIN((double)t->bytes * 8000.0 / (double)p->duration_us, 1e8);
        if (!p->fps.num)
            p->fps = us_each > 0 ? p->fps_avg : p->fps;
    }
    sort(s->keys, s->n_keys);
    int64_t gap = 0, last = t->min;
    for (size_t i = 0; i < s->n_keys; i++) {
        gap = GH_MAX(gap, s->keys[i] - last);
        last = s->keys[i];
    }
    gap = GH_MAX(gap, end - last);
    p->gop_max_ms = (uint32_t)GH_CLAMP(av_rescale_q(gap, tb, (AVRational){1, 1000}), 0, 400ll * 3600 * 1000);
}

static void put_audio(const struct gh_vin *in, const struct scan *s, struct gh_probe *p)
{
    const struct times *t = &s->audio;
    if (!in->audio || !t->n)
        return;
    AVRational tb = in->audio->time_base;
    p->aduration_us = av_rescale_q(t->end - t->min, tb, GH_US);
    p->av_offset_us = av_rescale_q(t->min, tb, GH_US) - av_rescale_q(s->video.min, in->video->time_base, GH_US);
    if (p->aduration_us > 0)
        p->akbps = (uint32_t)GH_MIN((double)t->bytes * 8000.0 / (double)p->aduration_us, 1e6);
}

static int read_all(const struct gh_ctx *ctx, struct gh_vin *in, struct gh_looker *looker, struct scan *s,
                    struct gh_probe *p, struct gh_err *err)
{
    AVPacket *pkt = av_packet_alloc();
    if (!pkt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int r;
    for (uint64_t n = 0; (r = gh_vin_read(in, pkt)) >= 0 || r == AVERROR(EAGAIN); n++) {
        if (r >= 0 && pkt->stream_index == in->video->index)
            on_video(s, pkt);
        else if (r >= 0 && in->audio && pkt->stream_index == in->audio->index)
            on_audio(s, in->audio, pkt, !strcmp(p->format, "mov"));
        if (r >= 0 && looker)
            gh_looker_packet(looker, pkt);
        av_packet_unref(pkt);
        if (n % BEAT == 0 && ctx->progress)
            ctx->progress(ctx->arg, 0);
        if (ctx->limits.frames && s->video.n > ctx->limits.frames) {
            av_packet_free(&pkt);
            return gh_fail(err, GH_LIMIT, "the video has more than %llu frames",
                           (unsigned long long)ctx->limits.frames);
        }
    }
    if (r != AVERROR_EOF)
        p->damaged = 1;
    av_packet_free(&pkt);
    return 0;
}

int gh_probe_packets(const struct gh_ctx *ctx, struct gh_vin *in, bool look, struct gh_probe *p, struct gh_err *err)
{
    const AVCodecParameters *par = in->video->codecpar;
    bool hevc = par->codec_id == AV_CODEC_ID_HEVC;
    GH_AUTO(scan_free)
    struct scan s = {
        .sei = hevc || par->codec_id == AV_CODEC_ID_H264,
        .form = gh_nal_form_of(hevc, par->extradata, (size_t)par->extradata_size),
    };
    GH_AUTO(gh_looker_free)
    struct gh_looker *looker = look && ctx->seen ? gh_looker_new(ctx, in, &ctx->area, ctx->seen) : NULL;
    TRY(read_all(ctx, in, looker, &s, p, err));
    if (!s.video.n)
        return gh_fail(err, GH_INPUT, "the video has no pictures");
    put_video(in, &s, p);
    put_audio(in, &s, p);
    p->meta |= s.meta;
    if (ctx->limits.duration_us && p->duration_us > ctx->limits.duration_us)
        return gh_fail(err, GH_LIMIT, "the video of %lld s is longer than the limit of %lld s",
                       (long long)(p->duration_us / 1000000), (long long)(ctx->limits.duration_us / 1000000));
    return 0;
}
