/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tracks are told apart by their contents: packets are counted until one has more than a still has,
 * sound is decoded until something is heard. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/video/tracks.h"

#include "base/str.h"
#include "pipeline/input/sample.h"

#include <string.h>

#define STILL_PACKETS 2   /* no more than these: a still */
#define HEARD 0.001       /* -60 dBFS: the noise of a room is louder, of a muted input it is not */
#define SILENCE_S 3600    /* a track that is silent for so long is not listened to any longer */
#define SIGN_PACKETS 256u /* between two reports of progress */

int gh_tracks_refuse_encrypted(struct gh_err *err)
{
    return gh_fail(
        err, GH_INPUT,
        "the video is protected against copying (encrypted): export it without protection");
}

/* Matroska's ContentEncryption leaves its key's name in the stream's metadata. */
int gh_tracks_check(const struct gh_vin *in, struct gh_err *err)
{
    bool encrypted = av_dict_get(in->video->metadata, "enc_key_id", NULL, 0) ||
                     (in->audio && av_dict_get(in->audio->metadata, "enc_key_id", NULL, 0));
    return encrypted ? gh_tracks_refuse_encrypted(err) : 0;
}

static unsigned count_streams(const struct gh_vin *in, bool (*is)(const AVStream *st))
{
    unsigned n = 0;
    for (unsigned i = 0; i < in->fmt->nb_streams; i++)
        n += is(in->fmt->streams[i]);
    return n;
}

/* Several films, and the one that was chosen has no number of pictures in its header. */
static bool films_doubted(const struct gh_vin *in)
{
    return in->video->nb_frames <= STILL_PACKETS && count_streams(in, gh_vin_is_film) > 1;
}

bool gh_tracks_doubted(const struct gh_vin *in)
{
    return films_doubted(in) || count_streams(in, gh_vin_is_sound) > 1;
}

static void sign(const struct gh_ctx *ctx, uint64_t n)
{
    if (n % SIGN_PACKETS == 0 && ctx->progress)
        ctx->progress(ctx->arg, 0);
}

/* Read until the track that would be taken has more pictures than a still; else take the one that
 * has most. */
static int choose_film(struct gh_ctx *ctx, int fd, struct gh_err *err)
{
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    TRY(gh_vin_open(ctx, fd, &in, err));
    unsigned n = in->fmt->nb_streams, best = (unsigned)in->video->index;
    GH_AUTO_FREE uint64_t *packets = gh_alloc((n + 1) * sizeof(*packets));
    for (unsigned i = 0; i < n; i++)
        in->fmt->streams[i]->discard =
            gh_vin_is_film(in->fmt->streams[i]) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    GH_AUTO(av_packet_free) AVPacket *pkt = av_packet_alloc();
    if (!pkt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int r;
    for (uint64_t k = 0; (r = gh_vin_read(in, pkt)) >= 0 || r == AVERROR(EAGAIN); k++) {
        if (r >= 0 && (unsigned)pkt->stream_index < n)
            packets[pkt->stream_index]++;
        av_packet_unref(pkt);
        if (packets[best] > STILL_PACKETS)
            break;
        sign(ctx, k);
    }
    for (unsigned i = 0; packets[best] <= STILL_PACKETS && i < n; i++)
        if (gh_vin_is_film(in->fmt->streams[i]) && packets[i] > packets[best])
            best = i;
    ctx->film_track = best + 1;
    return 0;
}

/* 1: something is heard in the track; 0: it is silent, or cannot be decoded. */
static int is_heard(const struct gh_ctx *ctx, int fd, unsigned track, struct gh_err *err)
{
    struct gh_ctx own = *ctx;
    own.sound_track = track;
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = NULL;
    struct gh_err why;
    TRY(gh_vin_open(&own, fd, &in, err));
    if (!in->audio || gh_vdec_open(&own, in, in->audio, 1, GH_DEC_PLAIN, &dec, &why) < 0)
        return 0;
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int r;
    uint64_t samples = 0;
    while ((r = gh_vdec_next(dec, frame, err)) > 0) {
        bool heard = gh_sound_peak(frame) > HEARD;
        samples += (uint64_t)GH_MAX(frame->nb_samples, 0);
        bool enough = frame->sample_rate > 0 && samples / (uint64_t)frame->sample_rate > SILENCE_S;
        av_frame_unref(frame);
        if (heard || enough)
            return heard;
        sign(ctx, dec->frames);
    }
    return r;
}

static int choose_sound(struct gh_ctx *ctx, int fd, const struct gh_vin *in, struct gh_err *err)
{
    for (unsigned i = 0; i < in->fmt->nb_streams; i++) {
        int heard = gh_vin_is_sound(in->fmt->streams[i]) ? is_heard(ctx, fd, i + 1, err) : 0;
        TRY(heard);
        if (!heard)
            continue;
        ctx->sound_track = i + 1;
        return 0;
    }
    return 0;
}

int gh_tracks_choose(struct gh_ctx *ctx, int fd, const struct gh_vin *in, struct gh_err *err)
{
    if (films_doubted(in))
        TRY(choose_film(ctx, fd, err));
    return count_streams(in, gh_vin_is_sound) > 1 ? choose_sound(ctx, fd, in, err) : 0;
}
