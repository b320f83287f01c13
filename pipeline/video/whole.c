/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A strict decode, in which damage counts even where the decoder conceals it, and what was decoded
 * compared with what the packets say. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/video/whole.h"

#include "base/str.h"
#include "pipeline/input/sample.h"

#include <inttypes.h>

#define SIGN_FRAMES 256 /* between two reports of progress */
#define FRAMES_APART 2  /* pictures that may be more or less than there are packets */

void gh_whole_begin(struct gh_whole *w, struct gh_fingerprint *fingerprint)
{
    *w = (struct gh_whole){.fingerprint = fingerprint, .complaints = gh_av_complaints()};
    if (fingerprint)
        gh_fingerprint_init(fingerprint, 0);
}

/* Take the fingerprint of what is decoded anyway: key pictures of what may be passed through, and
 * its sound. */
static void sample_frame(const struct gh_whole *w, const struct gh_vdec *dec, const AVFrame *frame)
{
    int64_t first = gh_vin_first_us(dec->in),
            at = av_rescale_q(frame->pts, dec->st->time_base, GH_US) - first;
    struct gh_signature signature;
    if (!w->fingerprint)
        return;
    if (dec->st == dec->in->audio)
        gh_levels_take(&w->fingerprint->sound, frame, at);
    else if (gh_frame_key(frame) && gh_signatures_want(&w->fingerprint->pictures, at) &&
             gh_signature_take(frame, NULL, NULL, at, &signature))
        gh_signatures_add(&w->fingerprint->pictures, &signature);
}

void gh_whole_frame(struct gh_whole *w, const struct gh_vdec *dec, const AVFrame *frame)
{
    if (dec->st == dec->in->video) {
        w->frames++;
        w->interlaced |= gh_frame_interlaced(frame);
        w->resized |= w->w && (frame->width != w->w || frame->height != w->h);
        w->w = frame->width;
        w->h = frame->height;
    }
    sample_frame(w, dec, frame);
}

static int decode_stream(const struct gh_ctx *ctx, int fd, bool video, int64_t length_us,
                         struct gh_whole *w, struct gh_err *err)
{
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = NULL;
    TRY(gh_vin_open(ctx, fd, &in, err));
    AVStream *st = video ? in->video : in->audio;
    TRY(gh_vdec_open(ctx, in, st, ctx->threads, GH_DEC_CHECK, &dec, err));
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int r;
    while ((r = gh_vdec_next(dec, frame, err)) > 0) {
        gh_whole_frame(w, dec, frame);
        int64_t at = av_rescale_q(frame->pts, st->time_base, GH_US) - gh_vin_first_us(in);
        TRY(gh_vdec_limits(ctx, dec, at, err));
        if (dec->frames % SIGN_FRAMES == 0 && ctx->progress)
            ctx->progress(ctx->arg,
                          (unsigned)GH_CLAMP(length_us > 0 ? at * 1000 / length_us : 0, 0, 1000));
        av_frame_unref(frame);
    }
    w->errors += dec->errors;
    return r;
}

int gh_whole_sound(const struct gh_ctx *ctx, int fd, const struct gh_probe *p, struct gh_whole *w,
                   struct gh_err *err)
{
    return p->acodec[0] ? decode_stream(ctx, fd, false, p->duration_us, w, err) : 0;
}

int gh_whole_decode(const struct gh_ctx *ctx, int fd, const struct gh_probe *p, struct gh_whole *w,
                    struct gh_err *err)
{
    TRY(decode_stream(ctx, fd, true, p->duration_us, w, err));
    if (!w->frames)
        return gh_fail(err, GH_INPUT, "no picture of the video can be decoded");
    return gh_whole_sound(ctx, fd, p, w, err);
}

int gh_whole_check(const struct gh_whole *w, const struct gh_probe *p, struct gh_err *err)
{
    if (w->errors || gh_av_complaints() != w->complaints)
        return gh_fail(err, GH_INPUT, "the video does not decode cleanly");
    if (w->resized || (w->interlaced && !p->interlaced))
        return gh_fail(err, GH_INPUT, "the pictures of the video are not what its header says");
    if (w->frames + FRAMES_APART < p->frames || w->frames > p->frames + FRAMES_APART)
        return gh_fail(err, GH_INPUT,
                       "the video has %" PRIu64 " pictures where its packets promise %" PRIu64,
                       w->frames, p->frames);
    return 0;
}
