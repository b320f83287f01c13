/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rendering a video: thumbnails; then one decode whose pictures go to the branch of every geometry,
 * or several such lanes; then what is passed through, once it is known to be whole. An encode that
 * became too large gets a second attempt, and what fails in lanes is made again in one. Results are
 * reported from the calling thread as soon as their file is complete. Classes: GH_INPUT, GH_LIMIT,
 * GH_AGAIN, GH_SYSTEM, GH_BUG; those of a single output become its result.
 */
#include "pipeline/video/video.h"

#include "base/clock.h"
#include "base/str.h"
#include "pipeline/video/journal.h"
#include "pipeline/video/lane.h"
#include "pipeline/video/pass.h"
#include "pipeline/video/pieces.h"
#include "pipeline/video/thumb.h"
#include "pipeline/video/whole.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

/* a part that ends so near the end of the video is taken to last until there: lengths in headers
 * are not exact */
#define SAME_END_US 50000
/* what a second attempt may use of bytes_max, and what is subtracted for boxes: more than for the
 * first, since an encoder deviates from an average */
#define AIM 0.9
#define BOXES 8000
#define PICTURE_BOXES 16
#define SOUND_BOXES_S 400
#define KBPS 125.0 /* bytes a second in one kbit/s */
#define LEAST_KBPS 20

struct render {
    struct gh_ctx own; /* a copy of the caller's, with a place for what is seen */
    const struct gh_ctx *ctx;
    int in_fd;
    const struct gh_probe *probe;
    const struct gh_recipe *recipes;
    const int *out_fds;
    size_t n;
    bool reported[GH_JOB_MAX_ENCODES];
    int64_t length_us; /* of the source's film */
    int64_t first_us;  /* container time at which the film begins */
    struct gh_lane lanes[GH_LANES];
    unsigned n_lanes;
    bool one_lane; /* no more than one from now on */
    /* where lanes begin and end, in microseconds from the first picture; what is before the first
     * was made by an earlier attempt */
    int64_t bounds[GH_LANES + 1];
    atomic_bool stop;
    struct gh_venc *unplaced[GH_JOB_MAX_ENCODES]; /* not in a lane yet */
    struct gh_sound *sounds[GH_JOB_MAX_ENCODES];
    struct gh_sound_spec specs[GH_JOB_MAX_ENCODES];
    size_t n_sounds;
    bool prove;   /* something is passed through, and the video was not decoded whole yet */
    bool refused; /* it is not whole, or not known to be */
    struct gh_whole whole;
    struct gh_fingerprint seen;
    bool software[GH_JOB_MAX_ENCODES];     /* no hardware encoder, or it is not used any more */
    int64_t cpu_us;                        /* of the process when the render began */
    uint32_t cap_kbps[GH_JOB_MAX_ENCODES]; /* second attempt: average rate */
};

/* A lane in a thread of its own. */
struct lane_thread {
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

static uint64_t decode_errors(struct render *r)
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

/* Whether its hardware encoder failed in this round: software makes the next attempt. */
static bool lost_its_remote(const struct render *r, size_t i)
{
    return !r->software[i] && gh_remote_lost(remote_of(r, i));
}

static void name_encoder(const struct render *r, size_t i, struct gh_result *result)
{
    const struct gh_remote *remote = remote_of(r, i);
    if (!remote)
        return;
    const char *lost = gh_remote_lost(remote);
    result->encoder = lost ? GH_ENCODER_SOFTWARE : gh_remote_encoder(remote);
    if (lost)
        GH_COPY(result->fell_back, lost);
}

/* Until when pictures of the source were seen, from the begin of the output's part; 0: not known.
 */
static int64_t shown_us(struct render *r, size_t i)
{
    int64_t last = 0;
    for (unsigned k = 0; k < r->n_lanes; k++)
        last = GH_MAX(last, atomic_load(&r->lanes[k].end_us));
    if (r->recipes[i].how != GH_HOW_ENCODE)
        return 0;
    return GH_CLAMP(last - GH_MAX(r->recipes[i].pic.start_us, 0), 0, GH_MAX(r->length_us, 0));
}

static void report(struct render *r, size_t i, struct gh_result *result,
                   const struct gh_fingerprint *fingerprint, const struct gh_err *err)
{
    if (r->reported[i])
        return;
    r->reported[i] = true;
    result->index = (uint32_t)i;
    result->cls = err ? err->cls : GH_OK;
    result->attempts = r->cap_kbps[i] ? 2 : 1;
    result->cpu_us = cpu_us() - r->cpu_us;
    name_encoder(r, i, result);
    if (err) {
        GH_COPY(result->msg, err->msg);
    } else {
        if (!result->crop.w) /* a photo's was chosen when it was made */
            result->crop = r->recipes[i].pic.crop;
        result->removed = r->probe->meta & ~gh_policy_allows(GH_POLICY_STRIP);
        if (!result->msg[0] && decode_errors(r))
            snprintf(result->msg, sizeof(result->msg),
                     "the video is damaged: %" PRIu64 " of its parts could not be read",
                     decode_errors(r));
    }
    if (!err && fingerprint && r->ctx->fingerprint) {
        struct gh_fingerprint seen = *fingerprint;
        seen.shown_us = shown_us(r, i);
        r->ctx->fingerprint(r->ctx->arg, (uint32_t)i, &seen);
    }
    r->ctx->result(r->ctx->arg, result);
}

static void report_progress(struct render *r)
{
    int64_t made = r->n_lanes ? r->bounds[0] : 0;
    for (unsigned k = 0; k < r->n_lanes; k++)
        made += GH_CLAMP(atomic_load(&r->lanes[k].at_us) - r->bounds[k], (int64_t)0,
                         r->bounds[k + 1] - r->bounds[k]);
    if (r->ctx->progress)
        r->ctx->progress(
            r->ctx->arg,
            (unsigned)GH_CLAMP(r->length_us > 0 ? made * 1000 / r->length_us : 0, 0, 999));
}

/* ----------------------------------------------------------------------------------- setting up */

/* Whether one measurement of the loudness is right for both. */
static bool same_loudness(const struct gh_sound_spec *a, const struct gh_sound_spec *b)
{
    return a->silent == b->silent && a->rate == b->rate && a->channels == b->channels &&
           a->lufs10 == b->lufs10 && a->start_us == b->start_us && a->duration_us == b->duration_us;
}

static bool to_the_end(const struct render *r, const struct gh_pic *pic)
{
    return pic->duration_us <= 0 ||
           GH_MAX(pic->start_us, 0) + pic->duration_us + SAME_END_US >= r->length_us;
}

/* The sound of a recipe, shared with every recipe that wants the same; NULL: it wants none. */
static int sound_of(struct render *r, const struct gh_recipe *recipe, struct gh_sound **ret,
                    struct gh_err *err)
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
    /* sound that cannot be decoded is replaced by silence */
    if (e < 0 && !spec.silent && err->cls == GH_INPUT) {
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
    return r->recipes[i].media == GH_VIDEO && r->recipes[i].how == GH_HOW_ENCODE && !r->reported[i];
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

static void add_to_lane(struct render *r, size_t i, struct gh_venc *enc, struct gh_lane *lane)
{
    struct gh_pic key = r->recipes[i].pic;
    key.lufs10 = 0; /* the sound does not distinguish pictures */
    if (to_the_end(r, &key))
        key.duration_us = 0; /* to the end, however long it really is */
    lane->deinterlace = lane->deinterlace || key.deinterlace;
    gh_branch_add(gh_lane_branch(lane, &key), (uint32_t)i, enc);
}

/* Put an encode into a lane, or cut it into pieces for several. */
static void add_encode(struct render *r, size_t i)
{
    struct gh_piece pieces[GH_LANES];
    struct gh_venc_conf conf = conf_of(r, i);
    struct gh_venc *first = gh_steal(&r->unplaced[i]);
    unsigned n = gh_pieces_of(conf.recipe, gh_venc_from(first), conf.length_us, r->bounds,
                              r->n_lanes, pieces);
    if (n > 1)
        gh_venc_cut(first, pieces[0].until, n);
    add_to_lane(r, i, first, &r->lanes[pieces[0].lane]);
    for (unsigned k = 1; k < n; k++) {
        conf.shelf = r->ctx->shelves[i][k - 1];
        conf.from = pieces[k].from;
        struct gh_venc *piece = gh_venc_new(&conf);
        gh_venc_cut(piece, pieces[k].until, n);
        add_to_lane(r, i, piece, &r->lanes[pieces[k].lane]);
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
        from = GH_MIN(from, start + av_rescale(gh_venc_from(r->unplaced[i]),
                                               recipe->pic.fps.den * 1000000ll, fps));
        until = GH_MAX(until, start + conf.length_us);
    }
    until = GH_MAX(until, from);
    for (unsigned k = 0; k <= r->n_lanes; k++)
        r->bounds[k] = from + av_rescale(until - from, k, r->n_lanes);
    for (size_t i = 0; i < r->n; i++)
        if (r->unplaced[i])
            add_encode(r, i);
    return 0;
}

/* -------------------------------------------------------------------------------------- a round */

/* Report what is complete; failures wait for the end of the round, after which a second attempt may
 * follow. */
static void report_done(struct render *r)
{
    for (unsigned k = 0; k < r->n_lanes; k++)
        for (size_t b = 0; b < r->lanes[k].n_branches; b++) {
            size_t n;
            struct gh_branch_out *outs = gh_branch_outs(r->lanes[k].branches[b], &n);
            for (size_t i = 0; i < n; i++)
                if (gh_branch_done(r->lanes[k].branches[b], &outs[i]) && !outs[i].failed)
                    report(r, outs[i].index, &outs[i].result, &outs[i].fingerprint, NULL);
        }
}

static void on_sign(struct gh_lane *lane, bool complete)
{
    struct render *r = lane->arg;
    report_progress(r);
    if (complete && lane == &r->lanes[0]) /* it runs in the caller's thread, which reports */
        report_done(r);
}

static void *run_lane(void *arg)
{
    struct lane_thread *t = arg;
    t->result = gh_lane_run(t->lane, &t->err);
    if (t->result < 0)
        atomic_store(&t->r->stop, true);
    return NULL;
}

/* Run all lanes, the first in this thread. The error of the first lane that failed is returned. */
static int run_lanes(struct render *r, struct gh_err *err)
{
    struct lane_thread threads[GH_LANES];
    unsigned running = 1;
    int result = 0;
    for (; running < r->n_lanes; running++) {
        threads[running] = (struct lane_thread){.r = r, .lane = &r->lanes[running]};
        if (pthread_create(&threads[running].thread, NULL, run_lane, &threads[running]) != 0)
            break;
    }
    if (running < r->n_lanes)
        result = gh_fail(err, GH_AGAIN, "no thread can be started");
    else
        result = gh_lane_run(&r->lanes[0], err);
    if (result < 0)
        atomic_store(&r->stop, true);
    for (unsigned k = 1; k < running; k++) {
        pthread_join(threads[k].thread, NULL);
        if (result >= 0 && threads[k].result < 0) {
            result = threads[k].result;
            *err = threads[k].err;
        }
    }
    if (result >= 0)
        report_done(r);
    return result;
}

/* The outputs of an encode, in the order of lanes; false unless there are several and all are
 * ready.
 */
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
    report_progress(arg);
}

static void join_all(struct render *r)
{
    struct gh_joint joints[GH_JOB_MAX_ENCODES];
    size_t n = 0;
    for (size_t i = 0; i < r->n && r->n_lanes > 1; i++)
        if (is_encode(r, i) && find_joint(r, i, &joints[n]))
            n++;
    gh_pieces_join(joints, n, on_join, r);
    report_done(r);
}

/* Decode what will be passed through, where no lane did it (gh_lane.whole). */
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
            .beside = r->n_lanes,
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

/* ------------------------------------------------------------------------------------- attempts */

/* The average rate for a second attempt; 0: there is no use in one. */
static uint32_t corrected_kbps(const struct render *r, size_t i)
{
    const struct gh_recipe *recipe = &r->recipes[i];
    int64_t us = length_of(r, &recipe->pic);
    if (!recipe->bytes_max || us <= 0)
        return 0;
    double seconds = (double)us / 1e6,
           fps = (double)recipe->pic.fps.num / GH_MAX(recipe->pic.fps.den, 1);
    double bytes = (double)recipe->bytes_max * AIM - BOXES -
                   seconds * (fps * PICTURE_BOXES + SOUND_BOXES_S + recipe->audio.kbps * KBPS);
    double kbps = bytes / seconds / KBPS;
    return kbps >= LEAST_KBPS ? (uint32_t)kbps : 0;
}

/* Whether a failed output is tried again: after its size, in lanes, or with a hardware encoder. If
 * not, its failure is reported. */
static bool plan_output(struct render *r, struct gh_branch_out *out)
{
    uint32_t i = out->index;
    if (!out->failed)
        return false;
    uint32_t kbps = out->err.cls == GH_LIMIT && !r->cap_kbps[i] ? corrected_kbps(r, i) : 0;
    if (kbps)
        r->cap_kbps[i] = kbps;
    else if (r->n_lanes == 1 && !lost_its_remote(r, i))
        report(r, i, &out->result, NULL, &out->err);
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
                any = plan_output(r, &outs[i]) || any;
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

/* A thumbnail or a pass: if it fails, that is its result, and the others go on. */
static void render_alone(struct render *r, size_t i)
{
    struct gh_result result = {0};
    struct gh_fingerprint fingerprint;
    struct gh_err err;
    const struct gh_recipe *recipe = &r->recipes[i];
    bool photo = recipe->media == GH_PHOTO;
    int e = photo ? gh_video_thumb(r->ctx, r->in_fd, r->probe, recipe, r->out_fds[i], &result, &err)
                  : gh_video_pass(r->ctx, r->in_fd, r->probe, recipe, r->out_fds[i], &result,
                                  &fingerprint, &err);
    report(r, i, &result, photo ? NULL : &fingerprint, e < 0 ? &err : NULL);
    report_progress(r);
}

int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    if (n > GH_JOB_MAX_ENCODES)
        return gh_fail(err, GH_BUG, "%zu encodes are too many", n);
    GH_AUTO_FREE struct render *r = gh_alloc(sizeof(*r));
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
    r->own.film_track = probe->film_track;
    r->own.sound_track = probe->sound_track;
    r->own.lead_us = probe->lead_us;
    /* Buffers of an encode are allocated once. Huge pages save no time, but while the encode runs
     * the kernel fills their untouched parts, so that memory grew with the length. */
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    for (size_t i = 0; i < n && ctx->journals; i++)
        r->cap_kbps[i] = gh_journal_cap(ctx->journals[i]);
    for (size_t i = 0; i < n; i++) {
        if (recipes[i].media == GH_PHOTO)
            render_alone(r, i);
        r->prove = r->prove || (recipes[i].how == GH_HOW_PASS && probe->checked < GH_PROBE_FULL);
    }
    if (r->prove)
        r->own.seen = &r->seen;
    TRY(encode_all(r, err));
    TRY(prove_alone(r, err));
    for (size_t i = 0; i < n; i++)
        if (recipes[i].how == GH_HOW_PASS)
            render_alone(r, i);
    return 0;
}
