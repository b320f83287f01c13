/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When jobs run. Every job starts in a photo slot, where it is probed; one that turns out to be a video moves to a
 * video slot or, when none is free, lets its worker go and waits in the videos' queue. So a probe never waits for a
 * video, and photos and videos run beside each other, the videos at lower priority. Ended jobs are buried from the
 * loop.
 */
#include "daemon/engine.h"

#include "base/clock.h"
#include "base/str.h"
#include "daemon/job.h"

#include <unistd.h>

#define SILENCE_MS 60000
#define HEADER_MS 30000
#define MAX_TRIES 3 /* starts of the nursery that fail in a row before waiting jobs are given back */

struct gh_engine {
    struct gh_loop *loop;
    struct gh_limits limits;
    unsigned photo_slots, video_slots, threads, lanes;
    int64_t keep_us;
    unsigned photos, videos;                  /* slots taken */
    struct gh_job_list unknown, known_videos; /* waiting */
    struct gh_job_list running, ended;
    unsigned n_running, n_waiting;
    struct gh_nursery *nursery;
    struct gh_crew *crew;
    struct gh_worker *spare;
    struct gh_engine_encoder encoder;
    char *device;
    uint64_t burial;
    bool pumping, pump_again, closing;
};

static void pump(struct gh_engine *e);

/* ------------------------------------------------------------------------------------------------ slots and queues */

static void enqueue(struct gh_engine *e, struct gh_job *job)
{
    struct gh_job_list *queue = job->known_video ? &e->known_videos : &e->unknown;
    struct gh_job *at = TAILQ_FIRST(queue);
    while (job->req.urgent && at && at->req.urgent)
        at = TAILQ_NEXT(at, link);
    if (job->req.urgent && at)
        TAILQ_INSERT_BEFORE(at, job, link);
    else
        TAILQ_INSERT_TAIL(queue, job, link);
    e->n_waiting++;
}

static void dequeue(struct gh_engine *e, struct gh_job *job)
{
    TAILQ_REMOVE(job->known_video ? &e->known_videos : &e->unknown, job, link);
    e->n_waiting--;
}

static void free_slot(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    e->photos -= job->slot == GH_SLOT_PHOTO;
    e->videos -= job->slot == GH_SLOT_VIDEO;
    job->slot = GH_SLOT_NONE;
}

static void take_slot(struct gh_job *job, enum gh_slot slot)
{
    struct gh_engine *e = job->engine;
    e->photos += slot == GH_SLOT_PHOTO;
    e->videos += slot == GH_SLOT_VIDEO;
    job->slot = slot;
}

static void run(struct gh_engine *e, struct gh_job *job, enum gh_slot slot)
{
    dequeue(e, job);
    TAILQ_INSERT_TAIL(&e->running, job, link);
    e->n_running++;
    take_slot(job, slot);
    gh_job_begin(job);
}

/* Jobs whose outputs are still being checked hold no slot; there may be so many of them and no more. */
static bool has_room(const struct gh_engine *e)
{
    return e->n_running < (e->photo_slots + e->video_slots) * 3;
}

static void spare_ready(void *arg, int64_t us)
{
    (void)arg, (void)us;
}

static void spare_gone(void *arg, enum gh_job_end end, const struct gh_err *err)
{
    (void)end, (void)err;
    struct gh_engine *e = arg;
    e->spare = NULL;
}

/* Nothing else can come of a worker that was asked nothing. */
static const struct gh_worker_ops spare_ops = {.ready = spare_ready, .gone = spare_gone};

/* While jobs wait, the next one's worker is made ahead: the slot it gets has no pause. */
static void keep_spare(struct gh_engine *e)
{
    struct gh_err err;
    if (e->spare || TAILQ_EMPTY(&e->unknown) || e->closing)
        return;
    if (gh_worker_start(e->crew, 0, &spare_ops, e, &e->spare, &err) < 0)
        e->spare = NULL;
}

static void pump_once(struct gh_engine *e)
{
    struct gh_job *job;
    while (e->photos < e->photo_slots && has_room(e) && (job = TAILQ_FIRST(&e->unknown)))
        run(e, job, GH_SLOT_PHOTO);
    while (e->videos < e->video_slots && has_room(e) && (job = TAILQ_FIRST(&e->known_videos)))
        run(e, job, GH_SLOT_VIDEO);
    keep_spare(e);
}

static void pump(struct gh_engine *e)
{
    e->pump_again = true;
    if (e->pumping)
        return;
    e->pumping = true;
    while (e->pump_again && !e->closing && gh_nursery_is_up(e->nursery)) {
        e->pump_again = false;
        pump_once(e);
    }
    e->pumping = false;
}

/* ------------------------------------------------------------------------------------------------ for jobs */

struct gh_crew *gh_engine_crew(struct gh_engine *e)
{
    return e->crew;
}

struct gh_loop *gh_engine_loop(struct gh_engine *e)
{
    return e->loop;
}

const struct gh_limits *gh_engine_limits(const struct gh_engine *e)
{
    return &e->limits;
}

int64_t gh_engine_keep_us(const struct gh_engine *e)
{
    return e->keep_us;
}

unsigned gh_engine_threads(const struct gh_engine *e)
{
    return e->threads;
}

unsigned gh_engine_lanes(const struct gh_engine *e)
{
    return e->lanes;
}

struct gh_worker *gh_engine_take_spare(struct gh_engine *e)
{
    return gh_steal(&e->spare);
}

bool gh_engine_to_video(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    if (e->videos < e->video_slots) {
        free_slot(job);
        take_slot(job, GH_SLOT_VIDEO);
        pump(e);
        return true;
    }
    gh_worker_drop(&job->renderer);
    TAILQ_REMOVE(&e->running, job, link);
    e->n_running--;
    free_slot(job);
    enqueue(e, job);
    pump(e);
    return false;
}

void gh_engine_release(struct gh_job *job)
{
    if (job->slot == GH_SLOT_NONE)
        return;
    free_slot(job);
    pump(job->engine);
}

static void bury_all(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_engine *e = arg;
    struct gh_job *job;
    e->burial = 0;
    while ((job = TAILQ_FIRST(&e->ended))) {
        TAILQ_REMOVE(&e->ended, job, link);
        if (job->ops->on_end)
            job->ops->on_end(job, job->end, &job->end_err, job->arg);
        gh_job_free(&job);
    }
    if (!e->closing)
        pump(e);
}

void gh_engine_bury(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    TAILQ_REMOVE(&e->running, job, link);
    e->n_running--;
    TAILQ_INSERT_TAIL(&e->ended, job, link);
    if (!e->burial)
        e->burial = gh_loop_after(e->loop, 0, bury_all, e);
}

/* A job that waits goes through the same end as one that runs. */
static void end_waiting(struct gh_engine *e, struct gh_job *job, enum gh_job_end end, const struct gh_err *err)
{
    dequeue(e, job);
    TAILQ_INSERT_TAIL(&e->running, job, link);
    e->n_running++;
    gh_job_finish(job, end, err);
}

/* ------------------------------------------------------------------------------------------------ the nursery */

static void on_up(void *arg)
{
    pump(arg);
}

static void on_down(void *arg, const char *why, unsigned tries)
{
    struct gh_engine *e = arg;
    struct gh_err err;
    gh_crew_down(e->crew, why);
    if (tries < MAX_TRIES)
        return;
    gh_fail(&err, GH_AGAIN, "the worker cannot be started: %s", why);
    struct gh_job *job;
    while ((job = TAILQ_FIRST(&e->unknown)) || (job = TAILQ_FIRST(&e->known_videos)))
        end_waiting(e, job, GH_END_OURS, &err);
}

static void on_forked(void *arg, const struct gh_forked *forked, int pidfd)
{
    struct gh_engine *e = arg;
    gh_crew_forked(e->crew, forked, pidfd);
}

static void on_exited(void *arg, const struct gh_exited *exited)
{
    struct gh_engine *e = arg;
    gh_crew_exited(e->crew, exited);
}

static const struct gh_nursery_ops nursery_ops = {
    .up = on_up, .down = on_down, .forked = on_forked, .exited = on_exited};

/* ------------------------------------------------------------------------------------------------ the interface */

int gh_engine_open(struct gh_loop *loop, const struct gh_engine_conf *conf, struct gh_engine **ret, struct gh_err *err)
{
    GH_AUTO(gh_engine_close) struct gh_engine *e = gh_alloc(sizeof *e);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    e->loop = loop;
    e->limits = conf->limits;
    e->keep_us = conf->keep_us;
    e->encoder.asked = conf->encoder;
    const char *device = conf->device ? conf->device : gh_encoder_device(conf->encoder);
    e->device = device ? gh_strdup(device) : NULL;
    e->lanes = conf->lanes;
    e->threads = (unsigned)GH_CLAMP(cpus, 1, 64);
    e->photo_slots = conf->jobs ? conf->jobs : e->threads;
    e->video_slots = conf->video_jobs ? conf->video_jobs : 1;
    TAILQ_INIT(&e->unknown);
    TAILQ_INIT(&e->known_videos);
    TAILQ_INIT(&e->running);
    TAILQ_INIT(&e->ended);
    const struct gh_crew_conf crew = {.limits = conf->limits,
                                      .threads = e->threads,
                                      .encoder = conf->encoder,
                                      .device = e->device,
                                      .silence_ms = conf->silence_ms ? conf->silence_ms : SILENCE_MS,
                                      .header_ms = conf->limits.wall_s ? GH_MIN(HEADER_MS, conf->limits.wall_s * 1000)
                                                                       : HEADER_MS};
    e->crew = gh_crew_new(loop, &crew);
    TRY(gh_nursery_open(loop, conf->worker, conf->seccomp_only, &nursery_ops, e, &e->nursery, err));
    gh_crew_set_nursery(e->crew, e->nursery);
    *ret = gh_steal(&e);
    return 0;
}

void gh_engine_close(struct gh_engine **engine)
{
    struct gh_engine *e = *engine;
    if (!e)
        return;
    struct gh_err err;
    struct gh_job *job;
    gh_fail(&err, GH_AGAIN, "interrupted");
    e->closing = true;
    while ((job = TAILQ_FIRST(&e->unknown)) || (job = TAILQ_FIRST(&e->known_videos)))
        end_waiting(e, job, GH_END_CANCELLED, &err);
    while ((job = TAILQ_FIRST(&e->running)))
        gh_job_finish(job, GH_END_CANCELLED, &err);
    gh_loop_cancel(e->loop, &e->burial);
    bury_all(e->loop, e);
    gh_worker_drop(&e->spare);
    gh_crew_free(&e->crew);
    gh_nursery_close(&e->nursery);
    free(e->device);
    free(e);
    *engine = NULL;
}

int gh_engine_submit(struct gh_engine *e, const struct gh_job_req *req, const struct gh_job_ops *ops, void *arg,
                     struct gh_job **ret, struct gh_err *err)
{
    GH_AUTO_FD in_fd = req->in_fd;
    if (in_fd < 0 || (req->goal == GH_GOAL_RENDER && req->out_dir < 0) ||
        (req->goal != GH_GOAL_PROBE && !req->profiles))
        return gh_fail(err, GH_BUG, "a job without input, output directory or profiles");
    if (e->closing)
        return gh_fail(err, GH_AGAIN, "the engine is closing");
    struct gh_job *job = gh_job_new(e, req, ops, arg);
    gh_steal_fd(&in_fd);
    enqueue(e, job);
    if (ret)
        *ret = job;
    pump(e);
    return 0;
}

void gh_job_cancel(struct gh_job *job)
{
    struct gh_err err;
    gh_fail(&err, GH_AGAIN, "cancelled");
    bool waits = !job->ended && job->slot == GH_SLOT_NONE && !job->done;
    if (waits)
        end_waiting(job->engine, job, GH_END_CANCELLED, &err);
    else
        gh_job_finish(job, GH_END_CANCELLED, &err);
}

unsigned gh_engine_running(const struct gh_engine *e)
{
    return e->n_running;
}

unsigned gh_engine_waiting(const struct gh_engine *e)
{
    return e->n_waiting;
}

const struct gh_engine_encoder *gh_engine_encoder(const struct gh_engine *e)
{
    return &e->encoder;
}

void gh_engine_encoded(struct gh_engine *e, const struct gh_result *r)
{
    e->encoder.made += r->encoder != GH_ENCODER_SOFTWARE;
    if (!r->fell_back[0])
        return;
    e->encoder.fell_back++;
    e->encoder.fell_back_ms = gh_now_ms();
    GH_COPY(e->encoder.why, r->fell_back);
}

bool gh_engine_distrusts(struct gh_engine *e, const struct gh_result *r, const struct gh_err *why)
{
    /* The worker's word: it may end the use of an encoder that is in use, once, and nothing else. */
    if (r->encoder == GH_ENCODER_SOFTWARE || r->encoder != e->encoder.asked || e->encoder.given_up)
        return false;
    e->encoder.given_up = true;
    e->encoder.fell_back_ms = gh_now_ms();
    GH_COPY(e->encoder.why, why->msg);
    gh_crew_software(e->crew);
    return true;
}

bool gh_engine_healthy(const struct gh_engine *e)
{
    return gh_nursery_is_up(e->nursery);
}

const struct gh_up *gh_engine_info(const struct gh_engine *e)
{
    return gh_nursery_info(e->nursery);
}

pid_t gh_engine_nursery_pid(const struct gh_engine *e)
{
    return gh_nursery_pid(e->nursery);
}

pid_t gh_job_pid(const struct gh_job *job)
{
    return job->renderer ? gh_worker_pid(job->renderer) : 0;
}
