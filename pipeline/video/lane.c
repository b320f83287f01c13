/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One decode: read, decode, make progressive, offer to every branch; then wait for the branches.
 * All of it runs in one thread; stop, at_us and errors are atomic since others read or write them.
 * Classes: GH_INPUT, GH_LIMIT, GH_AGAIN (stopped), GH_SYSTEM.
 */
#include "pipeline/video/lane.h"

#include "base/str.h"
#include "pipeline/video/graph.h"

#include <inttypes.h>
#include <string.h>

/* where pictures end so long before the video does, the last one is shown on, as players do */
#define HOLD_US 200000
/* with damage, and so much missing at the end, the file was truncated … */
#define CUT_OFF_US 1000000
#define CUT_OFF_SHARE 20      /* … if it is also one in so many of the whole */
#define SEEK_FROM_US 3000000  /* a window that starts later is reached by seeking */
#define MOST_SHOWN_US 2000000 /* no picture counts as shown longer */
#define SIGN_FRAMES 16        /* frames between two looks for outputs that are complete */
#define WAIT_MS 500
#define LEAST_BROKEN 3 /* pictures; fewer are not counted as most */

int gh_lane_open(struct gh_lane *l, struct gh_err *err)
{
    TRY(gh_vin_open(l->ctx, l->in_fd, &l->in, err));
    l->first_us = gh_vin_begin_us(l->in);
    return 0;
}

struct gh_branch *gh_lane_branch(struct gh_lane *l, const struct gh_pic *pic)
{
    for (size_t i = 0; i < l->n_branches; i++)
        if (!memcmp(gh_branch_pic(l->branches[i]), pic, sizeof(*pic)))
            return l->branches[i];
    return l->branches[l->n_branches++] = gh_branch_new(l->ctx, pic);
}

/* The first moment that a branch wants, in microseconds from the first picture. */
static int64_t begin_us(const struct gh_lane *l)
{
    int64_t from = INT64_MAX;
    for (size_t i = 0; i < l->n_branches; i++)
        from = GH_MIN(from, gh_branch_from(l->branches[i]));
    return from != INT64_MAX ? from : 0;
}

bool gh_lane_seeks(const struct gh_lane *l)
{
    return begin_us(l) > SEEK_FROM_US;
}

static bool all_full(struct gh_lane *l)
{
    for (size_t i = 0; i < l->n_branches; i++)
        if (!gh_branch_full(l->branches[i]))
            return false;
    return true;
}

static int offer_to_all(struct gh_lane *l, const AVFrame *frame, int64_t at_us, int64_t end_us,
                        struct gh_err *err)
{
    for (size_t i = 0; i < l->n_branches; i++) {
        int taken;
        while ((taken = gh_branch_offer(l->branches[i], frame, at_us, end_us, err)) == 0)
            l->sign(l, false);
        TRY(taken);
        if (atomic_load(l->stop))
            return gh_fail(err, GH_AGAIN, "interrupted");
    }
    return 0;
}

/* How long a picture is shown if no other follows. Only MP4 says it: elsewhere it is libavformat's
 * guess from the average, which pauses make long. */
static int64_t shown_us(const struct gh_lane *l, const AVFrame *frame, AVRational tb)
{
    int64_t us = GH_CLAMP(av_rescale_q(gh_frame_duration(frame), tb, GH_US), 0, MOST_SHOWN_US);
    struct gh_rational rate = l->probe->fps_moving;
    if (rate.num > 0 && strcmp(l->probe->format, "mov"))
        us = GH_MIN(us, av_rescale(1000000, rate.den, rate.num));
    return us;
}

static int on_frame(struct gh_lane *l, const AVFrame *frame, AVRational tb, struct gh_err *err)
{
    int64_t at = av_rescale_q(frame->pts, tb, GH_US) - l->first_us;
    int64_t end = at + shown_us(l, frame, tb);
    l->last_us = GH_MAX(l->last_us, end);
    int64_t said = av_rescale_q(GH_MAX(gh_frame_duration(frame), 0), tb, GH_US);
    bool still = end - at >= MOST_SHOWN_US;
    atomic_store(&l->end_us, GH_MAX(atomic_load(&l->end_us), still ? at + said : end));
    atomic_store(&l->at_us, GH_MAX(atomic_load(&l->at_us), at));
    TRY(offer_to_all(l, frame, at, end, err));
    l->sign(l, l->frames++ % SIGN_FRAMES == 0);
    return 0;
}

static int through_deint(struct gh_lane *l, const AVFrame *frame, struct gh_vdec *dec,
                         struct gh_err *err)
{
    if (frame && !l->deint)
        TRY(gh_deint_new(frame, dec->st->time_base, l->threads, &l->deint, err));
    if (!l->deint)
        return 0;
    TRY(gh_deint_push(l->deint, frame, err));
    GH_AUTO(av_frame_free) AVFrame *out = av_frame_alloc();
    if (!out)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int e;
    while ((e = gh_deint_pull(l->deint, out, err)) > 0) {
        TRY(on_frame(l, out, dec->st->time_base, err));
        av_frame_unref(out);
    }
    return e;
}

static int decode_all(struct gh_lane *l, struct gh_vdec *dec, struct gh_err *err)
{
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int e;
    bool sought = gh_lane_seeks(l);
    if (sought)
        gh_vdec_seek(dec, l->first_us + begin_us(l));
    while ((l->whole || !all_full(l)) && (e = gh_vdec_next(dec, frame, err)) != 0) {
        TRY(e);
        int64_t at = av_rescale_q(frame->pts, dec->st->time_base, GH_US) - l->first_us;
        if (sought && at > begin_us(l)) {
            gh_vdec_seek(dec, l->first_us); /* the index is wrong: decode from the start */
            av_frame_unref(frame);
            sought = false;
            continue;
        }
        sought = false;
        if (l->whole && dec->errors)
            break;
        if (l->whole)
            gh_whole_frame(l->whole, dec, frame);
        TRY(gh_vdec_limits(l->ctx, dec, at, err));
        TRY(l->deinterlace ? through_deint(l, frame, dec, err)
                           : on_frame(l, frame, dec->st->time_base, err));
        av_frame_unref(frame);
    }
    return l->deinterlace ? through_deint(l, NULL, dec, err) : 0;
}

/* GH_INPUT when the end of the video is missing. */
static int refuse_cut_off(struct gh_lane *l, const struct gh_vdec *dec, bool damage,
                          struct gh_err *err)
{
    int64_t whole =
        l->probe->picture_us > 0 ? l->probe->lead_us + l->probe->picture_us : l->length_us;
    int64_t missing = whole - l->last_us;
    if (!dec->frames || !damage || all_full(l) || missing < CUT_OFF_US ||
        missing < whole / CUT_OFF_SHARE)
        return 0;
    return gh_fail(err, GH_INPUT, "the video is cut off: it ends after %.1f of %.1f s",
                   (double)l->last_us / 1e6, (double)whole / 1e6);
}

/* GH_INPUT when most pictures are broken: what is made of them shows nothing. Concealed ones are
 * counted for the whole process. */
static int refuse_broken(const struct gh_lane *l, const struct gh_vdec *dec, unsigned concealed,
                         struct gh_err *err)
{
    uint64_t mended = (gh_av_concealed() - concealed) / GH_MAX(l->beside, 1u),
             broken = GH_MAX(dec->broken, mended);
    if (broken < LEAST_BROKEN || broken * 2 <= dec->frames)
        return 0;
    return gh_fail(err, GH_INPUT, "most pictures of the video are damaged: %" PRIu64, broken);
}

static void finish_branches(struct gh_lane *l)
{
    int64_t until = l->length_us - l->last_us > HOLD_US ? l->length_us : 0;
    for (size_t i = 0; i < l->n_branches; i++)
        gh_branch_end(l->branches[i], until);
    for (size_t i = 0; i < l->n_branches; i++)
        while (!gh_branch_wait(l->branches[i], WAIT_MS))
            l->sign(l, true);
    l->sign(l, true);
}

static int prove_whole(struct gh_lane *l, const struct gh_vdec *dec, struct gh_err *err)
{
    if (!l->whole)
        return 0;
    l->whole->errors = dec->errors;
    if (!dec->errors)
        TRY(gh_whole_sound(l->ctx, l->in_fd, l->probe, l->whole, err));
    return gh_whole_check(l->whole, l->probe, err);
}

int gh_lane_run(struct gh_lane *l, struct gh_err *err)
{
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = NULL;
    unsigned complaints = gh_av_complaints(), concealed = gh_av_concealed();
    if (!l->n_branches)
        return 0;
    enum gh_vdec_mode mode = l->whole ? GH_DEC_STRICT : GH_DEC_PLAIN;
    TRY(gh_vdec_open(l->ctx, l->in, l->in->video, l->threads, mode, &dec, err));
    TRY(decode_all(l, dec, err));
    l->errors = dec->errors;
    TRY(prove_whole(l, dec, err));
    TRY(refuse_cut_off(l, dec, dec->errors || gh_av_complaints() != complaints, err));
    TRY(refuse_broken(l, dec, concealed, err));
    finish_branches(l);
    return dec->frames ? 0 : gh_fail(err, GH_INPUT, "no picture of the video can be decoded");
}

void gh_lane_close(struct gh_lane *l)
{
    for (size_t i = 0; i < l->n_branches; i++)
        gh_branch_free(&l->branches[i]);
    l->n_branches = 0;
    gh_deint_free(&l->deint);
    gh_vin_close(&l->in);
}
