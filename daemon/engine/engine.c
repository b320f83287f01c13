/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When jobs run. Every job starts in a photo slot, where it is probed; one that turns out to be a
 * video moves to a video slot or, when none is free, lets its child go and waits in the videos'
 * queue. So a probe never waits for a video, and photos and videos run beside each other, the
 * videos at lower priority. Jobs that nobody waits for with a file have a slot of their own, so
 * that they take none from the others. Jobs that have ended are reported and freed from the loop.
 */
#include "daemon/engine/engine.h"

#include "base/clock.h"
#include "base/str.h"
#include "daemon/engine/engine_int.h"

#include <unistd.h>

#define SILENCE_MS 60000
#define HEADER_MS 30000
/* Starts of the nursery that fail in a row before waiting jobs end. */
#define MAX_TRIES 3
#define RUNNING_PER_SLOT 3

static void start_jobs(struct gh_engine *e);

/* ----------------------------------------------------------------------------- slots and queues */

static struct gh_job_list *queue_of(struct gh_engine *e, const struct gh_job *job)
{
    return job->req.aside ? &e->aside : job->known_video ? &e->known_videos : &e->unknown;
}

/* It runs from now on, or (-1) does not any more. */
static void count_running(struct gh_engine *e, const struct gh_job *job, int by)
{
    *(job->req.aside ? &e->n_aside : &e->n_running) += (unsigned)by;
}

static void enqueue(struct gh_engine *e, struct gh_job *job)
{
    struct gh_job_list *queue = queue_of(e, job);
    struct gh_job *at = TAILQ_FIRST(queue);
    while (job->req.urgent && at && at->req.urgent)
        at = TAILQ_NEXT(at, link);
    if (job->req.urgent && at)
        TAILQ_INSERT_BEFORE(at, job, link);
    else
        TAILQ_INSERT_TAIL(queue, job, link);
    e->n_waiting += !job->req.aside;
}

static void dequeue(struct gh_engine *e, struct gh_job *job)
{
    TAILQ_REMOVE(queue_of(e, job), job, link);
    e->n_waiting -= !job->req.aside;
}

static void free_slot(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    e->photos -= job->slot == GH_SLOT_PHOTO;
    e->videos -= job->slot == GH_SLOT_VIDEO;
    if (job->slot == GH_SLOT_ASIDE)
        e->aside_slot = false;
    job->slot = GH_SLOT_NONE;
}

static void take_slot(struct gh_job *job, enum gh_slot slot)
{
    struct gh_engine *e = job->engine;
    e->photos += slot == GH_SLOT_PHOTO;
    e->videos += slot == GH_SLOT_VIDEO;
    if (slot == GH_SLOT_ASIDE)
        e->aside_slot = true;
    job->slot = slot;
}

static void start_job(struct gh_engine *e, struct gh_job *job, enum gh_slot slot)
{
    dequeue(e, job);
    TAILQ_INSERT_TAIL(&e->running, job, link);
    count_running(e, job, 1);
    take_slot(job, slot);
    gh_job_begin(job);
}

/* Jobs whose outputs are being judged hold no slot, but descriptors and files: this bounds their
 * number. */
static bool has_room(const struct gh_engine *e)
{
    return e->n_running < (e->photo_slots + e->video_slots) * RUNNING_PER_SLOT;
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

/* A child that was asked nothing says nothing else. */
static const struct gh_child_ops spare_ops = {.ready = spare_ready, .gone = spare_gone};

/* While jobs wait, a child for the next one is started ahead, so that its slot does not stand idle
 * meanwhile. */
static void keep_spare(struct gh_engine *e)
{
    struct gh_err err;
    if (e->spare || TAILQ_EMPTY(&e->unknown) || e->closing)
        return;
    if (gh_child_start(e->children, 0, &spare_ops, e, &e->spare, &err) < 0)
        e->spare = NULL;
}

static void start_round(struct gh_engine *e)
{
    struct gh_job *job;
    while (e->photos < e->photo_slots && has_room(e) && (job = TAILQ_FIRST(&e->unknown)))
        start_job(e, job, GH_SLOT_PHOTO);
    while (e->videos < e->video_slots && has_room(e) && (job = TAILQ_FIRST(&e->known_videos)))
        start_job(e, job, GH_SLOT_VIDEO);
    while (!e->aside_slot && e->n_aside < RUNNING_PER_SLOT && (job = TAILQ_FIRST(&e->aside)))
        start_job(e, job, GH_SLOT_ASIDE);
    keep_spare(e);
}

static void start_jobs(struct gh_engine *e)
{
    e->start_again = true;
    if (e->starting)
        return;
    e->starting = true;
    while (e->start_again && !e->closing && gh_nursery_is_up(e->nursery)) {
        e->start_again = false;
        start_round(e);
    }
    e->starting = false;
}

/* ------------------------------------------------------------------------------------- for jobs */

struct gh_child *gh_engine_take_spare(struct gh_engine *e)
{
    return gh_steal(&e->spare);
}

bool gh_engine_to_video(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    if (e->videos < e->video_slots) {
        free_slot(job);
        take_slot(job, GH_SLOT_VIDEO);
        start_jobs(e);
        return true;
    }
    gh_child_drop(&job->renderer);
    TAILQ_REMOVE(&e->running, job, link);
    e->n_running--;
    free_slot(job);
    enqueue(e, job);
    start_jobs(e);
    return false;
}

void gh_engine_release(struct gh_job *job)
{
    if (job->slot == GH_SLOT_NONE)
        return;
    free_slot(job);
    start_jobs(job->engine);
}

static void report_ended(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_engine *e = arg;
    struct gh_job *job;
    e->report_timer = 0;
    while ((job = TAILQ_FIRST(&e->ended))) {
        TAILQ_REMOVE(&e->ended, job, link);
        if (job->ops->on_end)
            job->ops->on_end(job, job->end, &job->end_err, job->arg);
        gh_job_free(&job);
    }
    if (!e->closing)
        start_jobs(e);
}

void gh_engine_ended(struct gh_job *job)
{
    struct gh_engine *e = job->engine;
    TAILQ_REMOVE(&e->running, job, link);
    count_running(e, job, -1);
    TAILQ_INSERT_TAIL(&e->ended, job, link);
    if (!e->report_timer)
        e->report_timer = gh_loop_after(e->loop, 0, report_ended, e);
}

/* A waiting job ends as a running one does. */
static void end_waiting(struct gh_engine *e, struct gh_job *job, enum gh_job_end end,
                        const struct gh_err *err)
{
    dequeue(e, job);
    TAILQ_INSERT_TAIL(&e->running, job, link);
    count_running(e, job, 1);
    gh_job_finish(job, end, err);
}

/* ---------------------------------------------------------------------------------- the nursery */

static void on_up(void *arg)
{
    start_jobs(arg);
}

static void on_down(void *arg, const char *why, unsigned tries)
{
    struct gh_engine *e = arg;
    struct gh_err err;
    gh_children_down(e->children, why);
    if (tries < MAX_TRIES)
        return;
    gh_fail(&err, GH_AGAIN, "the worker cannot be started: %s", why);
    struct gh_job *job;
    while ((job = TAILQ_FIRST(&e->unknown)) || (job = TAILQ_FIRST(&e->known_videos)) ||
           (job = TAILQ_FIRST(&e->aside)))
        end_waiting(e, job, GH_END_OURS, &err);
}

static void on_forked(void *arg, const struct gh_forked *forked, int pidfd)
{
    struct gh_engine *e = arg;
    gh_children_forked(e->children, forked, pidfd);
}

static void on_exited(void *arg, const struct gh_exited *exited)
{
    struct gh_engine *e = arg;
    gh_children_exited(e->children, exited);
}

static const struct gh_nursery_ops nursery_ops = {
    .up = on_up, .down = on_down, .forked = on_forked, .exited = on_exited};

/* -------------------------------------------------------------------------------- the interface */

int gh_engine_open(struct gh_loop *loop, const struct gh_engine_conf *conf, struct gh_engine **ret,
                   struct gh_err *err)
{
    GH_AUTO(gh_engine_close) struct gh_engine *e = gh_alloc(sizeof(*e));
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
    TAILQ_INIT(&e->aside);
    TAILQ_INIT(&e->running);
    TAILQ_INIT(&e->ended);
    const struct gh_children_conf children = {
        .limits = conf->limits,
        .threads = e->threads,
        .encoder = conf->encoder,
        .device = e->device,
        .silence_ms = conf->silence_ms ? conf->silence_ms : SILENCE_MS,
        .header_ms =
            conf->limits.wall_s ? GH_MIN(HEADER_MS, conf->limits.wall_s * 1000) : HEADER_MS};
    e->children = gh_children_new(loop, &children);
    TRY(gh_nursery_open(loop, conf->worker, conf->seccomp_only, &nursery_ops, e, &e->nursery, err));
    gh_children_set_nursery(e->children, e->nursery);
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
    while ((job = TAILQ_FIRST(&e->unknown)) || (job = TAILQ_FIRST(&e->known_videos)) ||
           (job = TAILQ_FIRST(&e->aside)))
        end_waiting(e, job, GH_END_CANCELLED, &err);
    while ((job = TAILQ_FIRST(&e->running)))
        gh_job_finish(job, GH_END_CANCELLED, &err);
    gh_loop_cancel(e->loop, &e->report_timer);
    report_ended(e->loop, e);
    gh_child_drop(&e->spare);
    gh_children_free(&e->children);
    gh_nursery_close(&e->nursery);
    free(e->device);
    free(e);
    *engine = NULL;
}

int gh_engine_submit(struct gh_engine *e, const struct gh_job_req *req,
                     const struct gh_job_ops *ops, void *arg, struct gh_job **ret,
                     struct gh_err *err)
{
    GH_AUTO_FD in_fd = req->in_fd;
    bool makes = req->goal == GH_GOAL_RENDER || req->goal == GH_GOAL_PREVIEW;
    if (in_fd < 0 || (makes && req->out_dir < 0) ||
        (req->goal != GH_GOAL_PROBE && req->goal != GH_GOAL_READ && !req->sets))
        return gh_fail(err, GH_BUG, "a job without input, output directory or profiles");
    if (e->closing)
        return gh_fail(err, GH_AGAIN, "the engine is closing");
    struct gh_job *job = gh_job_new(e, req, ops, arg);
    gh_steal_fd(&in_fd);
    enqueue(e, job);
    if (ret)
        *ret = job;
    start_jobs(e);
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
    /* This is what a child says: it may end the use of the encoder in use, once, and no more. */
    if (r->encoder == GH_ENCODER_SOFTWARE || r->encoder != e->encoder.asked || e->encoder.given_up)
        return false;
    e->encoder.given_up = true;
    e->encoder.fell_back_ms = gh_now_ms();
    GH_COPY(e->encoder.why, why->msg);
    gh_children_software(e->children);
    return true;
}

bool gh_engine_healthy(const struct gh_engine *e)
{
    return gh_nursery_is_up(e->nursery);
}
