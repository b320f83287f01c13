/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rendering a video: thumbnails, then one decode that feeds every geometry's branch, then what is passed through, which
 * that decode has shown to be whole. An encode that outgrew its bytes gets one corrective pass. Results are reported
 * from the calling thread as soon as their file is complete.
 */
#include "base/clock.h"
#include "base/str.h"
#include "pipeline/graph.h"
#include "pipeline/video_branch.h"
#include "pipeline/video_journal.h"
#include "pipeline/video_pass.h"
#include "pipeline/video_thumb.h"
#include "pipeline/video_whole.h"

#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define SAME_END_US 50000 /* a part planned to end so near the end has no end of its own: headers are not exact */
#define HOLD_US 200000 /* pictures that end so much before the video does: the last one stays, as a player shows it */
#define CUT_OFF_US 1000000 /* with damage at the end, and so much missing, a copy was cut off */
#define RUN_UP_US 3000000  /* a window that starts later than this is reached by seeking */

struct render {
    struct gh_ctx own; /* the caller's, and what was seen */
    const struct gh_ctx *ctx;
    int in_fd;
    const struct gh_probe *probe;
    const struct gh_recipe *recipes;
    const int *out_fds;
    size_t n;
    bool told[GH_JOB_MAX_ENCODES];
    int64_t length_us; /* of the source's picture */
    int64_t first_us;  /* container time of the first picture */
    int64_t last_us;   /* where the latest picture ends */
    int64_t from_us;   /* of the source's time: what lies before it was kept, and is at most decoded */
    uint64_t errors, frames;
    struct gh_branch *branches[GH_JOB_MAX_ENCODES];
    size_t n_branches;
    struct gh_sound *sounds[GH_JOB_MAX_ENCODES];
    struct gh_sound_spec specs[GH_JOB_MAX_ENCODES];
    size_t n_sounds;
    bool prove; /* something is passed through, and nothing has been decoded whole yet */
    struct gh_whole whole;
    struct gh_look seen;
    struct gh_deint *deint;
    bool deinterlace;
    bool software[GH_JOB_MAX_ENCODES];     /* no encoder of the machine's, or none any more */
    int64_t cpu_us;                        /* of the process when the render began */
    uint32_t cap_kbps[GH_JOB_MAX_ENCODES]; /* second attempt: average rate */
};

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void close_round(struct render *r)
{
    for (size_t i = 0; i < r->n_branches; i++)
        gh_branch_free(&r->branches[i]);
    for (size_t i = 0; i < r->n_sounds; i++)
        gh_sound_free(&r->sounds[i]);
    r->n_branches = r->n_sounds = 0;
    gh_deint_free(&r->deint);
}

static struct gh_remote *remote_of(const struct render *r, size_t i)
{
    return r->ctx->remotes ? r->ctx->remotes[i] : NULL;
}

/* It failed in this round; in the next the encode is made here. */
static bool lost_its_remote(const struct render *r, size_t i)
{
    return !r->software[i] && gh_remote_lost(remote_of(r, i));
}

static void tell_encoder(const struct render *r, size_t i, struct gh_result *result)
{
    const struct gh_remote *remote = remote_of(r, i);
    if (!remote)
        return;
    const char *lost = gh_remote_lost(remote);
    result->encoder = lost ? GH_ENCODER_SOFTWARE : gh_remote_encoder(remote);
    if (lost)
        GH_COPY(result->fell_back, lost);
}

static void tell(struct render *r, size_t i, struct gh_result *result, const struct gh_look *look,
                 const struct gh_err *err)
{
    if (r->told[i])
        return;
    r->told[i] = true;
    result->index = (uint32_t)i;
    result->cls = err ? err->cls : GH_OK;
    result->attempts = r->cap_kbps[i] ? 2 : 1;
    result->cpu_us = cpu_us() - r->cpu_us;
    tell_encoder(r, i, result);
    if (err) {
        GH_COPY(result->msg, err->msg);
    } else {
        result->removed = r->probe->meta & ~gh_policy_allows(GH_POLICY_STRIP);
        if (!result->msg[0] && r->errors)
            snprintf(result->msg, sizeof result->msg, "the video is damaged: %llu of its parts could not be read",
                     (unsigned long long)r->errors);
    }
    if (!err && look && r->ctx->look)
        r->ctx->look(r->ctx->arg, (uint32_t)i, look);
    r->ctx->result(r->ctx->arg, result);
}

static void beat(const struct render *r, int64_t at_us)
{
    at_us = GH_MAX(at_us, r->from_us);
    if (r->ctx->progress)
        r->ctx->progress(r->ctx->arg, (unsigned)GH_CLAMP(r->length_us > 0 ? at_us * 1000 / r->length_us : 0, 0, 999));
}

/* ------------------------------------------------------------------------------------------- setting up */

/* As loud as each other, so that one measurement does for both. */
static bool same_loudness(const struct gh_sound_spec *a, const struct gh_sound_spec *b)
{
    return a->silent == b->silent && a->rate == b->rate && a->channels == b->channels && a->lufs10 == b->lufs10 &&
           a->start_us == b->start_us && a->duration_us == b->duration_us;
}

static bool to_the_end(const struct render *r, const struct gh_pic *pic)
{
    return pic->duration_us <= 0 || GH_MAX(pic->start_us, 0) + pic->duration_us + SAME_END_US >= r->length_us;
}

/* The sound of a recipe, shared with every recipe that wants the same. NULL when it wants none, or there is none. */
static int sound_of(struct render *r, const struct gh_recipe *recipe, struct gh_sound **ret, struct gh_err *err)
{
    *ret = NULL;
    if (recipe->audio.mode == GH_AUDIO_NONE)
        return 0;
    struct gh_sound_spec spec = {
        .silent = recipe->audio.mode == GH_AUDIO_SILENT || !r->probe->acodec[0],
        .kbps = recipe->audio.kbps,
        .rate = recipe->audio.rate,
        .channels = recipe->audio.channels,
        .lufs10 = recipe->pic.lufs10,
        .start_us = r->first_us + GH_MAX(recipe->pic.start_us, 0),
        .duration_us = to_the_end(r, &recipe->pic) ? 0 : recipe->pic.duration_us,
        .keep_bytes = GH_SOUND_KEEP,
    };
    if (spec.silent)
        spec.lufs10 = 0;
    const struct gh_sound *like = NULL;
    for (size_t i = 0; i < r->n_sounds; i++) {
        if (!same_loudness(&r->specs[i], &spec))
            continue;
        like = r->sounds[i];
        if (r->specs[i].kbps == spec.kbps) {
            *ret = r->sounds[i];
            return 0;
        }
    }
    for (size_t i = 0; i < r->n_sounds; i++)
        spec.keep_bytes -= GH_MIN(gh_sound_kept(r->sounds[i]), spec.keep_bytes);
    int e = gh_sound_new(r->ctx, r->in_fd, &spec, like, &r->sounds[r->n_sounds], err);
    if (e < 0 && !spec.silent && err->cls == GH_INPUT) { /* undecodable sound must not cost the picture */
        spec.silent = true;
        e = gh_sound_new(r->ctx, r->in_fd, &spec, NULL, &r->sounds[r->n_sounds], err);
    }
    TRY(e);
    r->specs[r->n_sounds] = spec;
    *ret = r->sounds[r->n_sounds++];
    return 0;
}

static struct gh_branch *branch_of(struct render *r, const struct gh_pic *pic)
{
    struct gh_pic key = *pic;
    key.lufs10 = 0; /* sound is none of the picture's business */
    if (to_the_end(r, &key))
        key.duration_us = 0; /* however long it really is */
    for (size_t i = 0; i < r->n_branches; i++)
        if (!memcmp(gh_branch_pic(r->branches[i]), &key, sizeof key))
            return r->branches[i];
    return r->branches[r->n_branches++] = gh_branch_new(r->ctx, &key);
}

static bool is_encode(const struct render *r, size_t i)
{
    return r->recipes[i].media == GH_VIDEO && r->recipes[i].how == GH_HOW_ENCODE && !r->told[i];
}

static int set_up(struct render *r, struct gh_err *err)
{
    r->deinterlace = false;
    for (size_t i = 0; i < r->n; i++) {
        if (!is_encode(r, i))
            continue;
        const struct gh_recipe *recipe = &r->recipes[i];
        struct gh_venc_conf conf = {
            .recipe = recipe,
            .fd = r->out_fds[i],
            .journal = r->ctx->journals ? r->ctx->journals[i] : -1,
            .threads = r->ctx->threads,
            .remote = r->software[i] ? NULL : remote_of(r, i),
            .length_us =
                recipe->pic.duration_us > 0 ? recipe->pic.duration_us : r->length_us - GH_MAX(recipe->pic.start_us, 0),
            .kbps_cap = r->cap_kbps[i],
        };
        TRY(sound_of(r, recipe, &conf.sound, err));
        r->deinterlace = r->deinterlace || recipe->pic.deinterlace;
        gh_branch_add(branch_of(r, &recipe->pic), (uint32_t)i, gh_venc_new(&conf));
        r->software[i] = !conf.remote || gh_remote_lost(conf.remote);
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------- one decode */

static bool all_full(struct render *r)
{
    for (size_t i = 0; i < r->n_branches; i++)
        if (!gh_branch_full(r->branches[i]))
            return false;
    return true;
}

/* Report what is complete; failures wait for the end, where a second attempt may follow. */
static void collect(struct render *r)
{
    for (size_t b = 0; b < r->n_branches; b++) {
        size_t n;
        struct gh_branch_out *outs = gh_branch_outs(r->branches[b], &n);
        for (size_t i = 0; i < n; i++)
            if (gh_branch_done(r->branches[b], &outs[i]) && !outs[i].failed)
                tell(r, outs[i].index, &outs[i].result, &outs[i].look, NULL);
    }
}

static int spread(struct render *r, const AVFrame *frame, int64_t at_us, int64_t end_us, struct gh_err *err)
{
    for (size_t i = 0; i < r->n_branches; i++) {
        int taken;
        while ((taken = gh_branch_offer(r->branches[i], frame, at_us, end_us, err)) == 0)
            beat(r, at_us);
        TRY(taken);
    }
    return 0;
}

static int on_frame(struct render *r, const AVFrame *frame, AVRational tb, struct gh_err *err)
{
    int64_t at = av_rescale_q(frame->pts, tb, GH_US) - r->first_us;
    int64_t length = av_rescale_q(gh_frame_duration(frame), tb, GH_US);
    r->last_us = GH_MAX(r->last_us, at + GH_CLAMP(length, 0, 2000000));
    TRY(spread(r, frame, at, at + GH_CLAMP(length, 0, 2000000), err));
    beat(r, at);
    if (r->frames++ % 16 == 0)
        collect(r);
    return 0;
}

static int through_deint(struct render *r, const AVFrame *frame, struct gh_vdec *dec, struct gh_err *err)
{
    if (frame && !r->deint)
        TRY(gh_deint_new(frame, dec->st->time_base, r->ctx->threads, &r->deint, err));
    if (!r->deint)
        return 0;
    TRY(gh_deint_push(r->deint, frame, err));
    GH_AUTO(av_frame_free) AVFrame *out = av_frame_alloc();
    if (!out)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int e;
    while ((e = gh_deint_pull(r->deint, out, err)) > 0) {
        TRY(on_frame(r, out, dec->st->time_base, err));
        av_frame_unref(out);
    }
    return e;
}

static int decode_all(struct render *r, struct gh_vdec *dec, struct gh_err *err)
{
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    int e;
    while ((r->prove || !all_full(r)) && (e = gh_vdec_next(dec, frame, err)) != 0) {
        TRY(e);
        if (r->prove && dec->errors)
            break;
        if (r->prove)
            gh_whole_frame(&r->whole, dec, frame);
        if (r->ctx->limits.frames && dec->frames > r->ctx->limits.frames)
            return gh_fail(err, GH_LIMIT, "the video has more than %llu frames",
                           (unsigned long long)r->ctx->limits.frames);
        int64_t at = av_rescale_q(frame->pts, dec->st->time_base, GH_US) - r->first_us;
        if (r->ctx->limits.duration_us && at > r->ctx->limits.duration_us)
            return gh_fail(err, GH_LIMIT, "the video goes on after %lld s, the limit of its length",
                           (long long)(r->ctx->limits.duration_us / 1000000));
        TRY(r->deinterlace ? through_deint(r, frame, dec, err) : on_frame(r, frame, dec->st->time_base, err));
        av_frame_unref(frame);
    }
    return r->deinterlace ? through_deint(r, NULL, dec, err) : 0;
}

/* The whole was promised, and part of it is not there. */
static int refuse_cut_off(struct render *r, const struct gh_vdec *dec, bool damage, struct gh_err *err)
{
    int64_t missing = r->length_us - r->last_us;
    if (!dec->frames || !damage || all_full(r) || missing < CUT_OFF_US || missing < r->length_us / 20)
        return 0;
    return gh_fail(err, GH_INPUT, "the video is cut off: it ends after %.1f of %.1f s", (double)r->last_us / 1e6,
                   (double)r->length_us / 1e6);
}

static void finish_branches(struct render *r)
{
    int64_t until = r->length_us - r->last_us > HOLD_US ? r->length_us : 0;
    for (size_t i = 0; i < r->n_branches; i++)
        gh_branch_end(r->branches[i], until);
    for (size_t i = 0; i < r->n_branches; i++)
        while (!gh_branch_wait(r->branches[i], 500)) {
            beat(r, r->length_us);
            collect(r);
        }
    collect(r);
}

/* What is passed through must have been decoded whole: by a decode of its own where no encode needs all of it … */
static int prove_alone(struct render *r, struct gh_err *err)
{
    if (!r->prove)
        return 0;
    r->prove = false;
    gh_whole_begin(&r->whole, &r->seen);
    TRY(gh_whole_decode(r->ctx, r->in_fd, r->probe, &r->whole, err));
    return gh_whole_check(&r->whole, r->probe, err);
}

/* … or by the one that has fed the branches. */
static int prove_beside(struct render *r, const struct gh_vdec *dec, struct gh_err *err)
{
    if (!r->prove)
        return 0;
    r->prove = false;
    r->whole.errors = dec->errors;
    if (!dec->errors)
        TRY(gh_whole_sound(r->ctx, r->in_fd, r->probe, &r->whole, err));
    return gh_whole_check(&r->whole, r->probe, err);
}

static int one_round(struct render *r, struct gh_err *err)
{
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = NULL;
    unsigned complaints = gh_av_complaints();
    TRY(gh_vin_open(r->ctx, r->in_fd, &in, err));
    r->first_us = gh_vin_first_us(in);
    r->last_us = 0;
    TRY(set_up(r, err));
    int64_t from = INT64_MAX;
    for (size_t i = 0; i < r->n_branches; i++)
        from = GH_MIN(from, gh_branch_from(r->branches[i]));
    r->from_us = from != INT64_MAX ? from : 0;
    bool seek = from > RUN_UP_US && from != INT64_MAX;
    if (seek)
        TRY(prove_alone(r, err));
    enum gh_vdec_mode mode = r->prove ? GH_DEC_STRICT : GH_DEC_PLAIN;
    TRY(gh_vdec_open(r->ctx, in, in->video, r->ctx->threads, mode, &dec, err));
    if (seek)
        gh_vdec_seek(dec, r->first_us + from);
    if (r->prove)
        gh_whole_begin(&r->whole, &r->seen);
    TRY(decode_all(r, dec, err));
    r->errors = dec->errors;
    TRY(prove_beside(r, dec, err));
    TRY(refuse_cut_off(r, dec, dec->errors || gh_av_complaints() != complaints, err));
    finish_branches(r);
    return dec->frames ? 0 : gh_fail(err, GH_INPUT, "no picture of the video can be decoded");
}

/* ------------------------------------------------------------------------------------------- attempts */

/* Average rate for a second attempt: what fits, less a tenth for what an encoder strays. */
static uint32_t corrected_kbps(const struct render *r, size_t i)
{
    const struct gh_recipe *recipe = &r->recipes[i];
    int64_t us = recipe->pic.duration_us > 0 ? recipe->pic.duration_us : r->length_us;
    if (!recipe->bytes_max || us <= 0)
        return 0;
    double seconds = (double)us / 1e6, fps = (double)recipe->pic.fps.num / GH_MAX(recipe->pic.fps.den, 1);
    double bytes = (double)recipe->bytes_max * 0.9 - 8000 - seconds * (fps * 16 + 400 + recipe->audio.kbps * 125.0);
    double kbps = bytes / seconds / 125;
    return kbps >= 20 ? (uint32_t)kbps : 0;
}

/* What failed for its size is tried once more; returns whether there is anything to try. */
static bool plan_retry(struct render *r)
{
    bool any = false;
    for (size_t b = 0; b < r->n_branches; b++) {
        size_t n;
        struct gh_branch_out *outs = gh_branch_outs(r->branches[b], &n);
        for (size_t i = 0; i < n; i++) {
            uint32_t k = outs[i].index;
            if (!outs[i].failed)
                continue;
            uint32_t kbps = outs[i].err.cls == GH_LIMIT && !r->cap_kbps[k] ? corrected_kbps(r, k) : 0;
            if (kbps)
                r->cap_kbps[k] = kbps;
            if (kbps || lost_its_remote(r, k)) {
                any = true;
            } else {
                tell(r, k, &outs[i].result, NULL, &outs[i].err);
            }
        }
    }
    return any;
}

static int encode_all(struct render *r, struct gh_err *err)
{
    bool again = false;
    for (size_t i = 0; i < r->n; i++)
        again = again || is_encode(r, i);
    while (again) {
        int e = one_round(r, err);
        if (e < 0) {
            close_round(r);
            return e;
        }
        again = plan_retry(r);
        close_round(r);
    }
    return 0;
}

/* Thumbnails and passes stand alone: one that fails is a result, not the end. */
static void single(struct render *r, size_t i)
{
    struct gh_result result = {0};
    struct gh_look look;
    struct gh_err err;
    const struct gh_recipe *recipe = &r->recipes[i];
    bool photo = recipe->media == GH_PHOTO;
    int e = photo ? gh_video_thumb(r->ctx, r->in_fd, r->probe, recipe, r->out_fds[i], &result, &err)
                  : gh_video_pass(r->ctx, r->in_fd, r->probe, recipe, r->out_fds[i], &result, &look, &err);
    tell(r, i, &result, photo ? NULL : &look, e < 0 ? &err : NULL);
    beat(r, 0);
}

int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe, const struct gh_recipe *recipes,
                    const int *out_fds, size_t n, struct gh_err *err)
{
    if (n > GH_JOB_MAX_ENCODES)
        return gh_fail(err, GH_BUG, "%zu encodes are too many", n);
    GH_AUTO_FREE struct render *r = gh_alloc(sizeof *r);
    *r = (struct render){
        .own = *ctx,
        .ctx = &r->own,
        .in_fd = in_fd,
        .probe = probe,
        .recipes = recipes,
        .out_fds = out_fds,
        .n = n,
        .length_us = probe->duration_us > 0 ? probe->duration_us : probe->container_us,
        .cpu_us = cpu_us(),
    };
    /* Buffers of an encode are made once and used till the end: huge pages save it no time, but the kernel goes on to
     * fill the untouched parts of them while it runs, so that it grew with its length. */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    for (size_t i = 0; i < n && ctx->journals; i++)
        r->cap_kbps[i] = gh_journal_cap(ctx->journals[i]);
    for (size_t i = 0; i < n; i++) {
        if (recipes[i].media == GH_PHOTO)
            single(r, i);
        r->prove = r->prove || (recipes[i].how == GH_HOW_PASS && probe->checked < GH_PROBE_FULL);
    }
    if (r->prove)
        r->own.seen = &r->seen;
    TRY(encode_all(r, err));
    TRY(prove_alone(r, err));
    for (size_t i = 0; i < n; i++)
        if (recipes[i].how == GH_HOW_PASS)
            single(r, i);
    return 0;
}
