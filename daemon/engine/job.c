/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of one job: a child, its probe, the plan, the render. Limits of the child follow what the
 * probe says. Every step is a callback of the child; gh_job_finish is the only way out.
 */
#include "daemon/engine/engine_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/plan/lanes.h"
#include "daemon/plan/preview.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * Address space above the nursery's: decoders' threads and their arenas cost the base whatever the
 * picture is (libde265 makes a hundred for one HEIC), pixels the rest: decoded, converted, scaled,
 * as RGB and YCbCr, 8 or 16 bit.
 */
#define PHOTO_BASE_BYTES (1500ull * 1000 * 1000)
#define PHOTO_PIXEL_BYTES 16
/* Wall time of a video: a base, and so much for each second of 1080p; encoding for all placements
 * takes three seconds or less. */
#define VIDEO_BASE_S 600
#define VIDEO_RENDER_S 40
#define VIDEO_DECODE_S 6
/* Wall time of reading all packets of a video: a base, and so much for each of these. */
#define MEASURE_BYTES_S 5000000
#define FULL_HD (1920.0 * 1080)
#define VIDEO_NICE 10
/* Largest file a child may write: the largest byte limit of the plan so many times, and a base. */
#define FILE_TIMES 4
#define FILE_BASE_BYTES (64ull << 20)

static const struct gh_child_ops renderer_ops;

/* -------------------------------------------------------------------------------- birth and end */

static const char *dup_or_null(const char *text)
{
    return text ? gh_strdup(text) : NULL;
}

struct gh_job *gh_job_new(struct gh_engine *engine, const struct gh_job_req *req,
                          const struct gh_job_ops *ops, void *arg)
{
    struct gh_job *job = gh_alloc(sizeof(*job));
    *job = (struct gh_job){
        .engine = engine, .req = *req, .ops = ops, .arg = arg, .judging = UINT32_MAX};
    if (req->source_sha256)
        GH_COPY(job->source, req->source_sha256);
    gh_sets_ref(job->req.sets);
    struct gh_plan_opts *o = &job->req.opts;
    o->logos = req->sets ? &req->sets->overlays.names : NULL;
    o->artist = dup_or_null(o->artist);
    o->copyright = dup_or_null(o->copyright);
    if (o->names) {
        const char **names = gh_alloc((o->n_names + 1) * sizeof(*names));
        for (size_t i = 0; i < o->n_names; i++)
            names[i] = gh_strdup(req->opts.names[i]);
        o->names = names;
    }
    if (o->media) {
        unsigned *media = gh_alloc((o->n_names + 1) * sizeof(*media));
        memcpy(media, o->media, o->n_names * sizeof(*media));
        o->media = media;
    }
    return job;
}

/* forget: remove the journals, too, which another attempt could continue. */
static void drop_made(struct gh_job *job, bool forget)
{
    for (uint32_t i = 0; job->made && i < job->plan->n_encodes; i++) {
        struct gh_made *made = &job->made[i];
        gh_close_fd(&made->fd);
        /* What outgrew its limit would do so again. */
        if (made->journal >= 0 && (forget || made->err.cls == GH_LIMIT))
            unlinkat(job->req.out_dir, made->keep, 0);
        gh_close_fd(&made->journal);
        free(made->source);
    }
    free(job->made);
    job->made = NULL;
}

void gh_job_free(struct gh_job **j)
{
    struct gh_job *job = *j;
    if (!job)
        return;
    gh_child_drop(&job->renderer);
    gh_judge_drop(job);
    /* What an attempt made is kept for the next only where there will be one. */
    drop_made(job, job->end == GH_END_DONE || job->end == GH_END_INPUT);
    free(job->plan);
    gh_close_fd(&job->req.in_fd);
    for (size_t i = 0; job->req.opts.names && i < job->req.opts.n_names; i++)
        free((char *)(uintptr_t)job->req.opts.names[i]);
    free((void *)(uintptr_t)job->req.opts.names);
    free((void *)(uintptr_t)job->req.opts.media);
    free((char *)(uintptr_t)job->req.opts.artist);
    free((char *)(uintptr_t)job->req.opts.copyright);
    gh_sets_unref(&job->req.sets);
    free(job);
    *j = NULL;
}

void gh_job_finish(struct gh_job *job, enum gh_job_end end, const struct gh_err *err)
{
    if (job->ended)
        return;
    job->ended = true;
    job->end = end;
    if (err)
        job->end_err = *err;
    gh_child_drop(&job->renderer);
    gh_judge_drop(job);
    gh_engine_release(job);
    gh_engine_ended(job);
}

static void finish_ours(struct gh_job *job, const struct gh_err *err)
{
    gh_job_finish(job, GH_END_OURS, err);
}

enum gh_job_end gh_job_end_of(enum gh_class cls)
{
    static const enum gh_job_end ends[GH_CLASSES] = {
        [GH_INPUT] = GH_END_INPUT, [GH_LIMIT] = GH_END_INPUT,  [GH_SKIP] = GH_END_INPUT,
        [GH_USAGE] = GH_END_INPUT, [GH_CONFIG] = GH_END_INPUT, [GH_AGAIN] = GH_END_OURS,
        [GH_SYSTEM] = GH_END_OURS, [GH_BUG] = GH_END_CRASHED,  [GH_OK] = GH_END_CRASHED,
    };
    return ends[cls];
}

static void finish_refused(struct gh_job *job, const struct gh_err *err)
{
    gh_job_finish(job, gh_job_end_of(err->cls), err);
}

static void get_child(struct gh_job *job)
{
    struct gh_err err;
    job->renderer = job->req.aside ? NULL : gh_engine_take_spare(job->engine);
    if (job->renderer) {
        gh_child_adopt(job->renderer, &renderer_ops, job);
        if (gh_child_is_ready(job->renderer))
            renderer_ops.ready(job, 0);
    } else if (gh_child_start(job->engine->children, job->req.nice, &renderer_ops, job,
                              &job->renderer, &err) < 0) {
        finish_ours(job, &err);
    }
}

void gh_job_begin(struct gh_job *job)
{
    job->begun_us = gh_mono_us();
    get_child(job);
}

/* --------------------------------------------------------------------------------------- limits */

static double area(const struct gh_probe *p)
{
    return (double)p->stored_w * p->stored_h;
}

/* Milliseconds for a video that takes per_second on each second of 1080p. */
static int64_t video_wall_ms(const struct gh_probe *p, double per_second)
{
    int64_t us = GH_MAX(p->duration_us, p->container_us);
    return (int64_t)((VIDEO_BASE_S + us / 1e6 * per_second * GH_MAX(1.0, area(p) / FULL_HD)) *
                     1000);
}

static void follow_picture(struct gh_job *job, int64_t wall_ms)
{
    const struct gh_limits *l = &job->engine->limits;
    if (job->probe.media == GH_PHOTO)
        gh_child_limit(job->renderer,
                       PHOTO_BASE_BYTES + (uint64_t)(area(&job->probe) * PHOTO_PIXEL_BYTES),
                       l->cpu_s);
    else
        gh_child_limit(job->renderer, l->memory_bytes,
                       (uint64_t)(wall_ms / 1000) * GH_MAX(job->engine->threads, 1u));
}

/* ------------------------------------------------------------------------------------ the steps */

static void on_ready(void *arg, int64_t us)
{
    struct gh_job *job = arg;
    struct gh_err err;
    int nice = job->req.nice + (job->slot == GH_SLOT_VIDEO ? VIDEO_NICE : 0);
    if (nice > 0)
        gh_child_nice(job->renderer, nice);
    if (!job->told_ready && job->ops->on_ready)
        job->ops->on_ready(job, GH_MIN(us, gh_mono_us() - job->begun_us), job->arg);
    job->told_ready = true;
    if (job->ended)
        return;
    int r = job->req.goal == GH_GOAL_READ
                ? gh_child_read(job->renderer, job->req.in_fd, &err)
                : gh_child_probe(job->renderer, job->req.in_fd, GH_PROBE_HEADER, 0, &err);
    if (r < 0)
        finish_ours(job, &err);
}

/* A failure only means that the work is not kept. The journal is locked, since two departments may
 * send the same file at the same time. */
static void open_journal(struct gh_job *job, uint32_t i)
{
    struct gh_made *made = &job->made[i];
    char hash[GH_SHA_HEX];
    gh_recipe_hash(job->source, &job->plan->encodes[i], hash);
    snprintf(made->keep, sizeof(made->keep), "%s" GH_KEPT, hash);
    made->journal =
        openat(job->req.out_dir, made->keep, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (made->journal >= 0 && flock(made->journal, LOCK_EX | LOCK_NB) < 0)
        gh_close_fd(&made->journal);
}

static int open_outputs(struct gh_job *job, struct gh_err *err)
{
    job->made = gh_alloc(job->plan->n_encodes * sizeof(*job->made));
    for (uint32_t i = 0; i < job->plan->n_encodes; i++)
        job->made[i].fd = job->made[i].journal = -1;
    for (uint32_t i = 0; i < job->plan->n_encodes; i++)
        TRY(gh_tmpfile(job->req.out_dir, &job->made[i].fd, err));
    int64_t keep_us = job->engine->keep_us;
    if (!*job->source || !keep_us || job->probe.media != GH_VIDEO ||
        job->probe.duration_us < keep_us)
        return 0;
    for (uint32_t i = 0; i < job->plan->n_encodes; i++)
        if (job->plan->encodes[i].media == GH_VIDEO && job->plan->encodes[i].how == GH_HOW_ENCODE)
            open_journal(job, i);
    return 0;
}

/*
 * No output may fill the disk: several times the largest limit of the plan, since an encoder that
 * misses it tries again in the same file, and never more than the configuration allows.
 */
static uint64_t file_limit(const struct gh_job *job)
{
    uint64_t most = job->engine->limits.output_bytes, largest = 0;
    for (uint32_t i = 0; i < job->plan->n_encodes; i++) {
        if (!job->plan->encodes[i].bytes_max)
            return most ? most : UINT64_MAX;
        largest = GH_MAX(largest, job->plan->encodes[i].bytes_max);
    }
    uint64_t bytes = largest * FILE_TIMES + FILE_BASE_BYTES;
    return most ? GH_MIN(bytes, most) : bytes;
}

struct shelves {
    int fds[GH_JOB_MAX_ENCODES][GH_JOB_SHELVES];
};

static void close_shelves(struct shelves *s)
{
    for (size_t i = 0; i < GH_JOB_MAX_ENCODES; i++)
        for (size_t k = 0; k < GH_JOB_SHELVES; k++)
            gh_close_fd(&s->fds[i][k]);
}

/* Unnamed files for what is made of the later pieces of a video. Once they are sent, only the child
 * has them. */
static int open_shelves(const struct gh_job *job, struct shelves *s, struct gh_err *err)
{
    const struct gh_lanes_conf conf = {.lanes = job->engine->lanes,
                                       .threads = job->engine->threads,
                                       .memory = job->engine->limits.memory_bytes};
    unsigned lanes = gh_lanes_of(job->plan, &job->probe, &conf);
    for (uint32_t i = 0; i < job->plan->n_encodes; i++)
        for (unsigned k = 0; k + 1 < lanes; k++)
            if (job->plan->encodes[i].media == GH_VIDEO &&
                job->plan->encodes[i].how == GH_HOW_ENCODE)
                TRY(gh_tmpfile(job->req.out_dir, &s->fds[i][k], err));
    return 0;
}

static int begin_render(struct gh_job *job, struct gh_err *err)
{
    GH_AUTO(close_shelves) struct shelves shelves;
    memset(&shelves, 0xff, sizeof(shelves));
    int fds[GH_JOB_MAX_ENCODES], journals[GH_JOB_MAX_ENCODES];
    const struct gh_plan *plan = job->plan;
    int64_t wall = job->probe.media == GH_VIDEO ? video_wall_ms(&job->probe, VIDEO_RENDER_S)
                                                : (int64_t)job->engine->limits.wall_s * 1000;
    TRY(open_outputs(job, err));
    TRY(open_shelves(job, &shelves, err));
    for (uint32_t i = 0; i < plan->n_encodes; i++) {
        fds[i] = job->made[i].fd;
        journals[i] = job->made[i].journal;
    }
    follow_picture(job, wall);
    gh_child_limit_file(job->renderer, file_limit(job));
    const struct gh_child_render render = {
        .in_fd = job->req.in_fd,
        .probe = &job->probe,
        .recipes = plan->encodes,
        .n = plan->n_encodes,
        .out_fds = fds,
        .journals = journals,
        .shelves = shelves.fds,
        .overlays = &job->req.sets->overlays,
        .wall_ms = wall,
    };
    TRY(gh_child_render(job->renderer, &render, err));
    gh_judge_begin(job);
    return 0;
}

static void carry_out(struct gh_job *job)
{
    struct gh_err err;
    bool wanted = !job->ops->on_plan || job->ops->on_plan(job, job->plan, job->arg);
    if (job->ended)
        return;
    bool makes = job->req.goal == GH_GOAL_RENDER || job->req.goal == GH_GOAL_PREVIEW;
    if (!wanted || !makes || !job->plan->n_encodes)
        gh_job_finish(job, GH_END_DONE, NULL);
    else if (begin_render(job, &err) < 0)
        finish_ours(job, &err);
}

/* Read the packets: the header says nothing of the length that can be relied on. */
static void measure(struct gh_job *job)
{
    struct gh_err err;
    int64_t wall = (VIDEO_BASE_S + (int64_t)(job->probe.bytes / MEASURE_BYTES_S)) * 1000;
    follow_picture(job, wall);
    if (gh_child_probe(job->renderer, job->req.in_fd, GH_PROBE_PACKETS, wall, &err) < 0)
        finish_ours(job, &err);
}

static bool is_measured(const struct gh_job *job)
{
    return job->probe.media != GH_VIDEO || !job->probe.unmeasured ||
           job->probe.checked >= GH_PROBE_PACKETS;
}

static void make_plan(struct gh_job *job)
{
    struct gh_err err;
    if (!is_measured(job)) {
        measure(job);
        return;
    }
    if (!job->plan)
        job->plan = gh_alloc(sizeof(*job->plan));
    if (job->req.goal == GH_GOAL_PREVIEW) {
        gh_plan_previews(&job->probe, job->req.previews, job->plan);
        carry_out(job);
        return;
    }
    if (gh_plan_make(&job->probe, &job->req.sets->profiles, &job->req.opts, job->plan, &err) < 0) {
        finish_refused(job, &err);
        return;
    }
    bool render_tells = job->req.goal == GH_GOAL_RENDER && !job->doubted;
    enum gh_probe_depth depth = render_tells ? GH_PROBE_PACKETS : GH_PROBE_FULL;
    if (!job->plan->need_full_probe || job->probe.checked >= depth) {
        carry_out(job);
        return;
    }
    int64_t wall = video_wall_ms(&job->probe, VIDEO_DECODE_S);
    follow_picture(job, wall);
    if (gh_child_probe(job->renderer, job->req.in_fd, depth, wall, &err) < 0)
        finish_ours(job, &err);
}

static void on_probed(void *arg, const struct gh_probe *probe)
{
    struct gh_job *job = arg;
    job->probe = *probe;
    bool measured = is_measured(job);
    if (measured && !job->told_probe && job->ops->on_probe)
        job->ops->on_probe(job, &job->probe, job->arg);
    job->told_probe = job->told_probe || measured;
    if (job->ended)
        return;
    if (job->req.goal == GH_GOAL_PROBE && !measured) {
        measure(job);
        return;
    }
    if (job->req.goal == GH_GOAL_PROBE) {
        gh_job_finish(job, GH_END_DONE, NULL);
        return;
    }
    if (probe->media == GH_VIDEO && job->slot == GH_SLOT_PHOTO) {
        job->known_video = true;
        if (!gh_engine_to_video(job))
            return;
        gh_child_nice(job->renderer, job->req.nice + VIDEO_NICE);
    }
    make_plan(job);
}

static void on_text(void *arg, const struct gh_text *text)
{
    struct gh_job *job = arg;
    if (job->ops->on_text)
        job->ops->on_text(job, text->text, job->arg);
    gh_job_finish(job, GH_END_DONE, NULL);
}

/* Begin the job again. forget: what was made is of no use to it. */
static void start_over(struct gh_job *job, bool forget)
{
    gh_child_drop(&job->renderer);
    gh_judge_drop(job);
    drop_made(job, forget);
    job->done = job->split = false;
    get_child(job);
}

static void on_refused(void *arg, const struct gh_err *err)
{
    struct gh_job *job = arg;
    bool unproven = job->made && job->plan->need_full_probe && job->probe.checked < GH_PROBE_FULL;
    if (unproven && err->cls == GH_INPUT) {
        job->doubted = true; /* all is decoded before a plan passes anything through */
        start_over(job, true);
    } else {
        finish_refused(job, err);
    }
}

static void on_progress(void *arg, unsigned permille)
{
    struct gh_job *job = arg;
    if (job->made && job->ops->on_progress)
        job->ops->on_progress(job, permille, job->arg);
}

static void on_result(void *arg, const struct gh_result *result)
{
    struct gh_job *job = arg;
    struct gh_made *made = &job->made[result->index];
    made->reported = true;
    made->result = *result;
    gh_engine_encoded(job->engine, result);
    if (result->cls == GH_OK)
        return;
    gh_fail(&made->err, (enum gh_class)result->cls, "%s",
            result->msg[0] ? result->msg : "the worker gave no reason");
}

static void on_fingerprint(void *arg, uint32_t index, const struct gh_fingerprint *fingerprint)
{
    struct gh_job *job = arg;
    struct gh_made *made = job->made ? &job->made[index] : NULL;
    if (!made)
        return;
    if (!made->source)
        made->source = gh_alloc(sizeof(*made->source));
    *made->source = *fingerprint;
}

static void on_done(void *arg)
{
    struct gh_job *job = arg;
    job->done = true;
    job->split = gh_job_sets_apart(job);
    /* Only its exit and the judging are left: the next job may start. */
    if (!job->split)
        gh_engine_release(job);
}

static void on_gone(void *arg, enum gh_job_end end, const struct gh_err *err)
{
    struct gh_job *job = arg;
    struct gh_err early;
    job->renderer = NULL;
    if (job->split && end == GH_END_DONE) {
        start_over(job, false);
    } else if (job->done && end == GH_END_DONE) {
        job->settled = true;
        gh_judge_settled(job);
    } else if (end == GH_END_DONE) {
        gh_fail(&early, GH_INPUT, "the worker left before its work was done");
        gh_job_finish(job, GH_END_CRASHED, &early);
    } else {
        gh_job_finish(job, end, err);
    }
}

static const struct gh_child_ops renderer_ops = {
    .ready = on_ready,
    .probed = on_probed,
    .text = on_text,
    .fingerprint = on_fingerprint,
    .refused = on_refused,
    .progress = on_progress,
    .result = on_result,
    .done = on_done,
    .gone = on_gone,
};
