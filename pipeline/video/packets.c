/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A probe of every packet: times in order of presentation, key frames, reordering, user data.
 * Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "base/str.h"
#include "pipeline/audio/audio.h"
#include "pipeline/input/sample.h"
#include "pipeline/video/bitstream.h"
#include "pipeline/video/probe.h"
#include "pipeline/video/times.h"

#include <inttypes.h>
#include <string.h>

#define SIGN_PACKETS 256 /* between two reports of progress */
#define FIRST_ROOM 1024  /* times */
#define VFR_US 1100      /* distances that differ by more are a variable frame rate */
#define MOST_GOP_MS (400ll * 3600 * 1000)

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
    bool open_gop;
    bool units; /* the picture's packets are made of NAL units */
    bool fits;  /* these can be passed through without what is between them */
    struct gh_bitstream bitstream;
    uint32_t meta;
};

static void scan_free(struct scan *s)
{
    free(s->video.pts);
    free(s->audio.pts);
    free(s->keys);
}

static void push_time(int64_t **list, size_t *n, size_t *room, int64_t v)
{
    if (*n == *room) {
        *room = *room ? *room * 2 : FIRST_ROOM;
        *list = gh_realloc(*list, *room * sizeof(**list));
    }
    (*list)[(*n)++] = v;
}

static void count_packet(struct times *t, const AVPacket *pkt, int64_t pts, bool keep)
{
    int64_t end = pts + GH_MAX(pkt->duration, 0);
    t->bytes += (uint64_t)pkt->size;
    if (pts == AV_NOPTS_VALUE)
        return;
    t->min = t->n ? GH_MIN(t->min, pts) : pts;
    t->max = t->n ? GH_MAX(t->max, pts) : pts;
    t->end = t->n ? GH_MAX(t->end, end) : end;
    if (keep)
        push_time(&t->pts, &t->n, &t->room, pts);
    else
        t->n++;
}

static void on_video(struct scan *s, const AVPacket *pkt)
{
    if (s->units)
        s->meta |= gh_bitstream_scan(&s->bitstream, pkt->data, (size_t)pkt->size, &s->fits);
    int64_t pts = pkt->pts != AV_NOPTS_VALUE ? pkt->pts : pkt->dts;
    bool key = pkt->flags & AV_PKT_FLAG_KEY && pts != AV_NOPTS_VALUE;
    if (key)
        s->key_pts = pts;
    else if (s->n_keys && pkt->pts != AV_NOPTS_VALUE && pkt->pts < s->key_pts)
        s->open_gop = true; /* it is presented before the key frame it follows */
    if (pkt->flags & AV_PKT_FLAG_DISCARD)
        return;
    if (s->video.n && pkt->pts != AV_NOPTS_VALUE && pkt->pts < s->video.max)
        s->depth = GH_MAX(s->depth, 1u);
    count_packet(&s->video, pkt, pts, true);
    if (key)
        push_time(&s->keys, &s->n_keys, &s->keys_room, pts);
}

/* Priming that the decoder is told to skip does not count as sound. */
static void on_audio(struct scan *s, const AVStream *st, const AVPacket *pkt, bool from_zero)
{
    int64_t pts = pkt->pts;
    size_t size = 0;
    const uint8_t *skip = av_packet_get_side_data(pkt, AV_PKT_DATA_SKIP_SAMPLES, &size);
    if (skip && size >= 4 && st->codecpar->sample_rate > 0 && pts != AV_NOPTS_VALUE) {
        uint32_t samples = (uint32_t)skip[0] | (uint32_t)skip[1] << 8 | (uint32_t)skip[2] << 16 |
                           (uint32_t)skip[3] << 24;
        int64_t shift =
            av_rescale_q(samples, (AVRational){1, st->codecpar->sample_rate}, st->time_base);
        pts += GH_MIN(shift, GH_MAX(pkt->duration, 0));
    }
    if (pkt->flags & AV_PKT_FLAG_DISCARD)
        return;
    /* an edit list hides what is before 0 */
    if (from_zero && pts != AV_NOPTS_VALUE && pts < 0)
        pts = 0;
    count_packet(&s->audio, pkt, pts, false);
}

static int in_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort_times(int64_t *list, size_t n)
{
    if (n) /* qsort must not be given NULL */
        qsort(list, n, sizeof(*list), in_order);
}

static struct gh_span fill_video(const struct gh_vin *in, struct scan *s, struct gh_probe *p)
{
    AVRational tb = in->video->time_base;
    struct times *t = &s->video;
    sort_times(t->pts, t->n);
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = 1; i < t->n; i++) {
        least = GH_MIN(least, t->pts[i] - t->pts[i - 1]);
        most = GH_MAX(most, t->pts[i] - t->pts[i - 1]);
    }
    p->fps_moving = gh_times_moving(t->pts, t->n, tb);
    int64_t typical = p->fps_moving.num
                          ? av_rescale_q(1, (AVRational){p->fps_moving.den, p->fps_moving.num}, tb)
                          : 0;
    /* Where other containers say nothing, libavformat gives packets the average as their length. */
    bool said = !strcmp(p->format, "mov") || !typical || t->end - t->max <= typical * 3 / 2;
    int64_t end = t->end > t->max && said ? t->end : t->max + typical;
    p->frames = t->n;
    /* more than the milliseconds to which Matroska rounds */
    p->vfr = t->n > 2 && most - least > GH_MAX(1, av_rescale_q(VFR_US, GH_US, tb));
    int64_t length = av_rescale_q(end - t->min, tb, GH_US);
    p->bframes = GH_MAX(p->bframes, s->depth);
    p->open_gop = s->open_gop;
    if (length > 0) {
        AVRational avg;
        double us_each = (double)length / (double)t->n;
        av_reduce(&avg.num, &avg.den, (int64_t)t->n * 1000000, length, 1 << 26);
        p->fps_avg = (struct gh_rational){avg.num, avg.den};
        p->vkbps = (uint32_t)GH_MIN((double)t->bytes * 8000.0 / (double)length, 1e8);
        if (!p->fps.num)
            p->fps = us_each > 0 ? p->fps_avg : p->fps;
    }
    sort_times(s->keys, s->n_keys);
    int64_t gap = 0, last = t->min;
    for (size_t i = 0; i < s->n_keys; i++) {
        gap = GH_MAX(gap, s->keys[i] - last);
        last = s->keys[i];
    }
    gap = GH_MAX(gap, end - last);
    p->gop_max_ms =
        (uint32_t)GH_CLAMP(av_rescale_q(gap, tb, (AVRational){1, 1000}), 0, MOST_GOP_MS);
    int64_t from = av_rescale_q(t->min, tb, GH_US);
    return (struct gh_span){from, from + length};
}

static struct gh_span sound_span(const struct gh_vin *in, const struct scan *s)
{
    AVRational tb = in->audio->time_base;
    int64_t from = av_rescale_q(s->audio.min, tb, GH_US);
    return (struct gh_span){from, from + av_rescale_q(s->audio.end - s->audio.min, tb, GH_US)};
}

static int read_all(const struct gh_ctx *ctx, struct gh_vin *in, struct gh_sampler *sampler,
                    struct scan *s, struct gh_probe *p, struct gh_err *err)
{
    AVPacket *pkt = av_packet_alloc();
    if (!pkt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    unsigned complaints = gh_av_complaints();
    int r;
    for (uint64_t n = 0; (r = gh_vin_read(in, pkt)) >= 0 || r == AVERROR(EAGAIN); n++) {
        if (r >= 0 && pkt->stream_index == in->video->index)
            on_video(s, pkt);
        else if (r >= 0 && in->audio && pkt->stream_index == in->audio->index)
            on_audio(s, in->audio, pkt, !strcmp(p->format, "mov"));
        if (r >= 0 && sampler)
            gh_sampler_packet(sampler, pkt);
        av_packet_unref(pkt);
        if (n % SIGN_PACKETS == 0 && ctx->progress)
            ctx->progress(ctx->arg, 0);
        if (ctx->limits.frames && s->video.n > ctx->limits.frames) {
            av_packet_free(&pkt);
            return gh_fail(err, GH_LIMIT, "the video has more than %" PRIu64 " frames",
                           ctx->limits.frames);
        }
    }
    if (r != AVERROR_EOF || gh_av_complaints() != complaints)
        p->damaged = 1;
    av_packet_free(&pkt);
    return 0;
}

/* AAC of MP4, whose configuration can be written anew; *ret_more: it has bytes behind its syntax.
 */
static bool sound_fits(const struct gh_vin *in, bool *ret_more)
{
    const AVCodecParameters *par = in->audio ? in->audio->codecpar : NULL;
    uint8_t config[GH_AAC_CONFIG_MAX];
    size_t n;
    *ret_more = false;
    return !par || par->codec_id != AV_CODEC_ID_AAC || !par->extradata_size ||
           gh_aac_config(par->extradata, (size_t)par->extradata_size, config, &n, ret_more);
}

static uint32_t meta_of_sound(const struct gh_vin *in)
{
    bool more;
    return sound_fits(in, &more) && more ? GH_META(UNKNOWN) : 0;
}

/* Whether a bitstream of MP4 can be passed through without what is beside pictures and sound. One
 * that cannot is rare enough to count as one that does not decode. */
static bool may_pass(const struct gh_vin *in, const struct scan *s)
{
    bool more, h264 = in->video->codecpar->codec_id == AV_CODEC_ID_H264;
    if (strcmp(gh_vin_format(in), "mov") || !h264)
        return true;
    return s->bitstream.has_avc && s->fits && sound_fits(in, &more);
}

int gh_probe_packets(const struct gh_ctx *ctx, struct gh_vin *in, bool fingerprint,
                     struct gh_probe *p, struct gh_err *err)
{
    const AVCodecParameters *par = in->video->codecpar;
    bool hevc = par->codec_id == AV_CODEC_ID_HEVC;
    GH_AUTO(scan_free)
    struct scan s = {.units = hevc || par->codec_id == AV_CODEC_ID_H264, .fits = true};
    if (s.units)
        gh_bitstream_open(&s.bitstream, hevc, par->extradata, (size_t)par->extradata_size);
    GH_AUTO(gh_sampler_free)
    struct gh_sampler *sampler =
        fingerprint && ctx->seen ? gh_sampler_new(ctx, in, &ctx->area, ctx->seen) : NULL;
    TRY(read_all(ctx, in, sampler, &s, p, err));
    if (!s.video.n)
        return gh_fail(err, GH_INPUT, "the video has no pictures");
    struct gh_span picture = fill_video(in, &s, p), sound = {0, 0};
    bool heard = in->audio && s.audio.n;
    if (heard)
        sound = sound_span(in, &s);
    gh_times_film(p, &picture, heard ? &sound : NULL);
    p->unmeasured = 0;
    p->meta |= s.meta | gh_bitstream_meta(&s.bitstream) | meta_of_sound(in);
    p->damaged |= !may_pass(in, &s);
    if (ctx->limits.duration_us && p->duration_us > ctx->limits.duration_us)
        return gh_fail(err, GH_LIMIT,
                       "the video of %" PRId64 " s is longer than the limit of %" PRId64 " s",
                       p->duration_us / 1000000, ctx->limits.duration_us / 1000000);
    return 0;
}
