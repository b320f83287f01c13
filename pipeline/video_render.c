/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rendering a video: thumbnails, then one decode that feeds every geometry's branch (or several lanes of that), then
 * what is passed through, which was shown to be whole. An encode that outgrew its bytes gets one corrective pass, and
 * what fails in lanes is done again in one.
 * Results are reported from the calling thread as soon as their file is complete.
 */
#include "base/clock.h"
#include "base/str.h"
#include "pipeline/video_journal.h"
#include "pipeline/video_lane.h"
#include "pipeline/video_pass.h"
#include "pipeline/video_pieces.h"
#include "pipeline/video_thumb.h"
#include "pipeline/video_whole.h"

#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define SAME_END_US 50000 /* a part planned to end so near the end has no end of its own: headers are not exact */

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
    struct gh_lane lanes[GH_LANES];
    unsigned n_lanes;
    bool one_lane;                /* from now on */
    int64_t bounds[GH_LANES + 1]; /* of the lanes, in the source's time; what lies before the first was kept */
    atomic_bool stop;
    struct gh_venc *unplaced[GH_JOB_MAX_ENCODES]; /* in no lane yet */
    struct gh_sound *sounds[GH_JOB_MAX_ENCODES];
    struct gh_sound_spec specs[GH_JOB_MAX_ENCODES];
    size_t n_sounds;
    bool prove;   /* something is passed through, and nothing has been decoded whole yet */
    bool refused; /* it is not whole */
    struct gh_whole whole;
    struct gh_look seen;
    bool software[GH_JOB_MAX_ENCODES];     /* no encoder of the machine's, or none any more */
    int64_t cpu_us;                        /* of the process when the render began */
    uint32_t cap_kbps[GH_JOB_MAX_ENCODES]; /* second attempt: average rate */
};

struct beside { /* a lane in a thread */
    struct render *r;
    struct gh_lane *lane;
    pthread_t thread;
    int result;
    struct gh_err err;
};

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void close_round(struct render *r)
{
    for (unsigned k = 0; k < r->n_lanes; k++)
        gh_lane_close(&r->lanes[k]);
    for (size_t i = 0; i < r->n; i++)
        gh_venc_free(&r->unplaced[i]);
    for (size_t i = 0; i < r->n_sounds; i++)
        gh_sound_free(&r->sounds[i]);
    r->n_lanes = 0;
    r->n_sounds = 0;
}

static uint64_t errors(struct render *r)
{
    uint64_t n = 0;
    for (unsigned k = 0; k < r->n_lanes; k++)
        n += atomic_load(&r->lanes[k].errors);
    return n;
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
        if (!result->msg[0] && errors(r))
            snprintf(result->msg, sizeof result->msg, "the video is damaged: %llu of its parts could not be read",
                     (unsigned long long)errors(r));
    }
    if (!err && look && r->ctx->look)
        r->ctx->look(r->ctx->arg, (uint32_t)i, look);
    r->ctx->result(r->ctx->arg, result);
}

static void beat(struct render *r)
{
    int64_t made = r->n_lanes ? r->bounds[0] : 0;
    for (unsigned k = 0; k < r->n_lanes; k++)
        made += GH_CLAMP(atomic_load(&r->lanes[k].at_us) - r->bounds[k], (int64_t)0, r->bounds[k + 1] - r->bounds[k]);
    if (r->ctx->progress)
        r->ctx->progress(r->ctx->arg, (unsigned)GH_CLAMP(r->length_us > 0 ? made * 1000 / r->length_us : 0, 0, 999));
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

static bool is_encode(const struct render *r, size_t i)
{
    return r->recipes[i].media == GH_VIDEO && r->recipes[i].how == GH_HOW_ENCODE && !r->told[i];
}

static int64_t length_of(const struct render *r, const struct gh_pic *pic)
{
    return pic->duration_us > 0 ? pic->duration_us : r->length_us - GH_MAX(pic->start_us, 0);
}

static struct gh_venc_conf conf_of(const struct render *r, size_t i)
{
    return (struct gh_venc_conf){
        .recipe = &r->recipes[i],
        .fd = r->out_fds[i],
        .journal = -1,
        .shelf = -1,
        .threads = GH_MAX(r->ctx->threads / r->n_lanes, 1u),
        .length_us = length_of(r, &r->recipes[i].pic),
        .kbps_cap = r->cap_kbps[i],
    };
}

static void place(struct render *r, size_t i, struct gh_venc *enc, struct gh_lane *lane)
{
    struct gh_pic key = r->recipes[i].pic;
    key.lufs10 = 0; /* sound is none of the picture's business */
    if (to_the_end(r, &key))
        key.duration_us = 0; /* however long it really is */
    lane->deinterlace = lane->deinterlace || key.deinterlace;
    gh_branch_add(gh_lane_branch(lane, &key), (uint32_t)i, enc);
}

/* Into its lane, or cut into pieces that are in several. */
static void share_out(struct render *r, size_t i)
{
    struct gh_piece pieces[GH_LANES];
    struct gh_venc_conf conf = conf_of(r, i);
    struct gh_venc *first = gh_steal(&r->unplaced[i]);
    unsigned n = gh_pieces_of(conf.recipe, gh_venc_from(first), conf.length_us, r->bounds, r->n_lanes, pieces);
    if (n > 1)
        gh_venc_cut(first, pieces[0].until, n);
    place(r, i, first, &r->lanes[pieces[0].lane]);
    for (unsigned k = 1; k < n; k++) {
        conf.shelf = r->ctx->shelves[i][k - 1];
        conf.from = pieces[k].from;
        struct gh_venc *piece = gh_venc_new(&conf);
        gh_venc_cut(piece, pieces[k].until, n);
        place(r, i, piece, &r->lanes[pieces[k].lane]);
    }
}

static int set_up(struct render *r, struct gh_err *err)
{
    int64_t from = INT64_MAX, until = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!is_encode(r, i))
            continue;
        const struct gh_recipe *recipe = &r->recipes[i];
        struct gh_venc_conf conf = conf_of(r, i);
        conf.journal = r->ctx->journals ? r->ctx->journals[i] : -1;
        conf.remote = r->software[i] ? NULL : remote_of(r, i);
        TRY(sound_of(r, recipe, &conf.sound, err));
        r->unplaced[i] = gh_venc_new(&conf);
        r->software[i] = !conf.remote || gh_remote_lost(conf.remote);
        int64_t start = GH_MAX(recipe->pic.start_us, 0), fps = GH_MAX(recipe->pic.fps.num, 1);
        from = GH_MIN(from, start + av_rescale(gh_venc_from(r->unplaced[i]), recipe->pic.fps.den * 1000000ll, fps));
        until = GH_MAX(until, start + conf.length_us);
    }
    until = GH_MAX(until, from);
    for (unsigned k = 0; k <= r->n_lanes; k++)
        r->bounds[k] = from + av_rescale(until - from, k, r->n_lanes);
    for (size_t i = 0; i < r->n; i++)
        if (r->unplaced[i])
            share_out(r, i);
    return 0;
}

/* ------------------------------------------------------------------------------------------- a round */

/* Report what is complete; failures wait for the end, where a second attempt may follow. */
static void collect(struct render *r)
{
    for (unsigned k = 0; k < r->n_lanes; k++)
        for (size_t b = 0; b < r->lanes[k].n_branches; b++) {
            size_t n;
            struct gh_branch_out *outs = gh_branch_outs(r->lanes[k].branches[b], &n);
            for (size_t i = 0; i < n; i++)
                if (gh_branch_done(r->lanes[k].branches[b], &outs[i]) && !outs[i].failed)
                    tell(r, outs[i].index, &outs[i].result, &outs[i].look, NULL);
        }
}

static void on_sign(struct gh_lane *lane, bool complete)
{
    struct render *r = lane->arg;
    beat(r);
    if (complete && lane == &r->lanes[0]) /* the caller's thread */
        collect(r);
}

static void *run_lane(void *arg)
{
    struct beside *b = arg;
    b->result = gh_lane_run(b->lane, &b->err);
    if (b->result < 0)
        atomic_store(&b->r->stop, true);
    return NULL;
}

/* All lanes at once, the first in this thread. The first error counts. */
static int run_lanes(struct render *r, struct gh_err *err)
{
    struct beside beside[GH_LANES];
    unsigned running = 1;
    int result = 0;
    for (; running < r->n_lanes; running++) {
        beside[running] = (struct beside){.r = r, .lane = &r->lanes[running]};
        if (pthread_create(&beside[running].thread, NULL, run_lane, &beside[running]) != 0)
            break;
    }
    if (running < r->n_lanes)
        result = gh_fail(err, GH_AGAIN, "no thread can be started");
    else
        result = gh_lane_run(&r->lanes[0], err);
    if (result < 0)
        atomic_store(&r->stop, true);
    for (unsigned k = 1; k < running; k++) {
        pthread_join(beside[k].thread, NULL);
        if (result >= 0 && beside[k].result < 0) {
            result = beside[k].result;
            *err = beside[k].err;
        }
    }
    if (result >= 0)
        collect(r);
    return result;
}

/* The outputs of an encode, lane by lane, when there are several and all are ready. */
static bool find_joint(struct render *r, size_t index, struct gh_joint *ret)
{
    *ret = (struct gh_joint){.n = 0};
    for (unsigned k = 0; k < r->n_lanes; k++)
        for (size_t b = 0; b < r->lanes[k].n_branches; b++) {
            size_t n;
            struct gh_branch_out *outs = gh_branch_outs(r->lanes[k].branches[b], &n);
            for (size_t i = 0; i < n; i++) {
                if (outs[i].index != index)
                    continue;
                if (outs[i].failed || !outs[i].enc)
                    return false;
                ret->outs[ret->n++] = &outs[i];
            }
        }
    return ret->n > 1;
}

static void on_join(void *arg)
{
    beat(arg);
}

static void join_all(struct render *r)
{
    struct gh_joint joints[GH_JOB_MAX_ENCODES];
    size_t n = 0;
    for (size_t i = 0; i < r->n && r->n_lanes > 1; i++)
        if (is_encode(r, i) && find_joint(r, i, &joints[n]))
            n++;
    gh_pieces_join(joints, n, on_join, r);
    collect(r);
}

/* What is passed through must have been decoded whole: by a lane that decodes it all (gh_lane.whole), or by itself. */
static int prove_alone(struct render *r, struct gh_err *err)
{
    if (!r->prove)
        return 0;
    r->prove = false;
    r->refused = true;
    gh_whole_begin(&r->whole, &r->seen);
    TRY(gh_whole_decode(r->ctx, r->in_fd, r->probe, &r->whole, err));
    TRY(gh_whole_check(&r->whole, r->probe, err));
    r->refused = false;
    return 0;
}

static int one_round(struct render *r, struct gh_err *err)
{
    r->n_lanes = gh_pieces_lanes(r->ctx, r->probe, r->recipes, r->n);
    for (size_t i = 0; i < r->n; i++)
        if (r->one_lane || (is_encode(r, i) && r->cap_kbps[i]))
            r->n_lanes = 1;
    atomic_store(&r->stop, false);
    for (unsigned k = 0; k < r->n_lanes; k++) {
        r->lanes[k] = (struct gh_lane){
            .ctx = r->ctx,
            .threads = GH_MAX(r->ctx->threads / r->n_lanes, 1u),
            .length_us = r->length_us,
            .in_fd = r->in_fd,
            .probe = r->probe,
            .stop = &r->stop,
            .sign = on_sign,
            .arg = r,
        };
        TRY(gh_lane_open(&r->lanes[k], err));
    }
    r->first_us = r->lanes[0].first_us;
    TRY(set_up(r, err));
    if (r->n_lanes > 1 || gh_lane_seeks(&r->lanes[0]))
        TRY(prove_alone(r, err));
    if (r->prove) {
        gh_whole_begin(&r->whole, &r->seen);
        r->lanes[0].whole = &r->whole;
        r->prove = false;
    }
    TRY(run_lanes(r, err));
    join_all(r);
    return 0;
}

/* ------------------------------------------------------------------------------------------- attempts */

/* Average rate for a second attempt: what fits, less a tenth for what an encoder strays. */
static uint32_t corrected_kbps(const struct render *r, size_t i)
{
    const struct gh_recipe *recipe = &r->recipes[i];
    int64_t us = length_of(r, &recipe->pic);
    if (!recipe->bytes_max || us <= 0)
        return 0;
    double seconds = (double)us / 1e6, fps = (double)recipe->pic.fps.num / GH_MAX(recipe->pic.fps.den, 1);
    double bytes = (double)recipe->bytes_max * 0.9 - 8000 - seconds * (fps * 16 + 400 + recipe->audio.kbps * 125.0);
    double kbps = bytes / seconds / 125;
    return kbps >= 20 ? (uint32_t)kbps : 0;
}

/* What failed for its size, or in lanes, is tried once more. Whether to try. */
static bool retry(struct render *r, struct gh_branch_out *out)
{
    uint32_t i = out->index;
    if (!out->failed)
        return false;
    uint32_t kbps = out->err.cls == GH_LIMIT && !r->cap_kbps[i] ? corrected_kbps(r, i) : 0;
    if (kbps)
        r->cap_kbps[i] = kbps;
    else if (r->n_lanes == 1 && !lost_its_remote(r, i))
        tell(r, i, &out->result, NULL, &out->err);
    return kbps || r->n_lanes > 1 || lost_its_remote(r, i);
}

static bool plan_retry(struct render *r)
{
    bool any = false;
    for (unsigned k = 0; k < r->n_lanes; k++)
        for (size_t b = 0; b < r->lanes[k].n_branches; b++) {
            size_t n;
            struct gh_branch_out *outs = gh_branch_outs(r->lanes[k].branches[b], &n);
            for (size_t i = 0; i < n; i++)
                any = retry(r, &outs[i]) || any;
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
        again = e < 0 ? r->n_lanes > 1 && !r->refused : plan_retry(r);
        r->one_lane = true;
        close_round(r);
        if (e < 0 && !again)
            return e;
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
    beat(r);
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
