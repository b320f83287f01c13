/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread behind one geometry, and the queue between it and its caller. What both of them use
 * while the thread runs (the queue, how it ends, which outputs are done) is read and written with
 * the lock held; everything else belongs to one of them. Classes: GH_AGAIN (no thread, stopped),
 * GH_INPUT, and those of an encode.
 */
#include "pipeline/video/branch.h"

#include "base/str.h"
#include "pipeline/input/sample.h"
#include "pipeline/photo/overlay.h"
#include "pipeline/video/graph.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define QUEUE 6            /* pictures */
#define RUN_UP_US 2000000  /* no picture of a source counts as shown longer */
#define OFFER_WAIT_MS 1000 /* for a place in the queue */

struct item {
    AVFrame *frame;
    int64_t at_us, end_us;
};

struct gh_branch {
    /* set before the thread starts, only read from then on */
    const struct gh_ctx *ctx;
    struct gh_pic pic;
    int64_t from, until;      /* first output picture that an encode wants, first that none does */
    int64_t start_us, end_us; /* of the window, in the source's time */
    struct gh_branch_out *outs; /* see gh_branch_out for what is in them */
    size_t n_outs;

    /* the thread's */
    struct gh_stamps stamps; /* logo and label, made with the first picture */
    bool stamped;
    struct gh_graph *graph;
    struct gh_cfr cfr;
    /* by the graph, of the picture before: repeats are encoded again, not made again */
    AVFrame *made;
    struct gh_signature signature; /* of the source's picture it was made of */
    bool has_signature;

    /* the caller's */
    AVFrame *before; /* the latest picture before what is wanted: it stands until the next one */
    int64_t before_us;
    pthread_t thread;
    bool running;

    /* of both, with the lock held */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct item queue[QUEUE];
    unsigned head, count;
    bool no_more;     /* no picture follows those in the queue … */
    int64_t until_us; /* … and the last is shown until then */
    bool full;        /* no more pictures are wanted */
    bool idle;        /* the thread has nothing left to do, or never began */
    bool stop;        /* the thread ends as soon as it can */
};

struct gh_branch *gh_branch_new(const struct gh_ctx *ctx, const struct gh_pic *pic)
{
    struct gh_branch *b = gh_alloc(sizeof(*b));
    b->ctx = ctx;
    b->pic = *pic;
    if (b->pic.fps.num <= 0 || b->pic.fps.den <= 0)
        b->pic.fps = (struct gh_rational){30, 1};
    gh_graph_new(pic, &b->graph);
    b->start_us = GH_MAX(pic->start_us, 0);
    b->end_us = pic->duration_us > 0 ? b->start_us + pic->duration_us : INT64_MAX;
    b->cfr = (struct gh_cfr){.fps = b->pic.fps, .start_us = b->start_us, .end_us = b->end_us};
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&b->changed, &attr);
    pthread_condattr_destroy(&attr);
    return b;
}

void gh_branch_add(struct gh_branch *b, uint32_t index, struct gh_venc *enc)
{
    b->outs = gh_realloc(b->outs, (b->n_outs + 1) * sizeof(*b->outs));
    int64_t from = gh_venc_from(enc);
    b->from = b->cfr.n = b->n_outs ? GH_MIN(b->from, from) : from;
    b->until = GH_MAX(b->until, gh_venc_until(enc));
    b->outs[b->n_outs++] =
        (struct gh_branch_out){.index = index, .enc = enc, .result = {.index = index}};
}

const struct gh_pic *gh_branch_pic(const struct gh_branch *b)
{
    return &b->pic;
}

int64_t gh_branch_from(const struct gh_branch *b)
{
    int64_t done = av_rescale(b->from, (int64_t)b->pic.fps.den * 1000000, b->pic.fps.num);
    return b->start_us + GH_MAX(done - RUN_UP_US, 0);
}

/* ----------------------------------------------------------------------------------- the thread */

static void fail_output(struct gh_branch *b, struct gh_branch_out *out, const struct gh_err *err)
{
    gh_venc_spent(out->enc, &out->spent, &out->frames);
    gh_venc_free(&out->enc);
    pthread_mutex_lock(&b->lock);
    out->err = *err;
    out->failed = out->done = true;
    pthread_mutex_unlock(&b->lock);
}

static bool any_alive(const struct gh_branch *b)
{
    for (size_t i = 0; i < b->n_outs; i++)
        if (b->outs[i].enc)
            return true;
    return false;
}

/* Paint logo and label over the picture, after a copy where others use it as well. */
static int paint_overlays(struct gh_branch *b, AVFrame *frame, struct gh_err *err)
{
    if (!b->stamped)
        TRY(gh_stamps_make(b->ctx, &b->pic, 1, GH_STAMP_VIDEO, &b->stamps, err));
    b->stamped = true;
    if (!b->stamps.n)
        return 0;
    if (av_frame_make_writable(frame) < 0)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    uint32_t w = (uint32_t)frame->width, h = (uint32_t)frame->height;
    struct gh_planes planes = {.w = w, .h = h, .n = 3};
    for (int i = 0; i < 3; i++)
        planes.p[i] = (struct gh_plane){.data = frame->data[i],
                                        .stride = (size_t)frame->linesize[i],
                                        .w = w >> !!i,
                                        .h = h >> !!i};
    gh_stamps_paint(&b->stamps, &planes);
    return 0;
}

static int on_picture(void *arg, const AVFrame *frame, int64_t n, bool repeat, struct gh_err *err)
{
    struct gh_branch *b = arg;
    if (n >= b->until)
        return 0;
    if (!repeat || !b->made) {
        av_frame_free(&b->made);
        TRY(gh_graph_run(b->graph, frame, &b->made, err));
        TRY(paint_overlays(b, b->made, err));
        b->has_signature = gh_signature_take(frame, &b->pic, NULL, 0, &b->signature);
    }
    for (size_t i = 0; i < b->n_outs; i++) {
        struct gh_err own;
        if (b->outs[i].enc && gh_venc_push(b->outs[i].enc, b->made, n,
                                           b->has_signature ? &b->signature : NULL, &own) < 0)
            fail_output(b, &b->outs[i], &own);
    }
    return any_alive(b) ? 0 : gh_fail(err, GH_LIMIT, "nothing left to encode");
}

static bool take_item(struct gh_branch *b, struct item *ret)
{
    pthread_mutex_lock(&b->lock);
    while (!b->count && !b->no_more && !b->stop)
        pthread_cond_wait(&b->changed, &b->lock);
    bool got = b->count && !b->stop;
    if (got) {
        *ret = b->queue[b->head];
        b->head = (b->head + 1) % QUEUE;
        b->count--;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return got;
}

static void finish_outputs(struct gh_branch *b, const struct gh_err *broken)
{
    for (size_t i = 0; i < b->n_outs; i++) {
        struct gh_branch_out *out = &b->outs[i];
        struct gh_err err;
        if (!out->enc)
            continue;
        if (!broken && gh_venc_is_piece(out->enc)) { /* gh_pieces_join finishes it */
            if (gh_venc_flush(out->enc, &err) < 0)
                fail_output(b, out, &err);
            continue;
        }
        if (broken || gh_venc_finish(out->enc, &out->result, &out->fingerprint, &err) < 0) {
            fail_output(b, out, broken ? broken : &err);
            continue;
        }
        gh_venc_free(&out->enc);
        pthread_mutex_lock(&b->lock);
        out->done = true;
        pthread_mutex_unlock(&b->lock);
    }
}

static bool is_stopped(struct gh_branch *b)
{
    pthread_mutex_lock(&b->lock);
    bool stop = b->stop;
    pthread_mutex_unlock(&b->lock);
    return stop;
}

/* Show the last picture as long as the caller said, or as it says itself. */
static int show_last(struct gh_branch *b, struct gh_err *err)
{
    pthread_mutex_lock(&b->lock);
    int64_t until_us = b->until_us;
    pthread_mutex_unlock(&b->lock);
    b->cfr.held_end_us = GH_MAX(b->cfr.held_end_us, until_us);
    return gh_cfr_end(&b->cfr, on_picture, b, err);
}

static void *run_branch(void *arg)
{
    struct gh_branch *b = arg;
    struct item item;
    struct gh_err err = {0};
    int r = 0;
    while (r >= 0 && b->cfr.n < b->until && take_item(b, &item)) {
        r = gh_cfr_push(&b->cfr, item.frame, item.at_us, item.end_us, on_picture, b, &err);
        av_frame_free(&item.frame);
    }
    if (r >= 0 && b->cfr.n < b->until && !is_stopped(b))
        r = show_last(b, &err);
    if (r >= 0 && is_stopped(b))
        r = gh_fail(&err, GH_AGAIN, "interrupted");
    finish_outputs(b, r < 0 ? &err : NULL);
    av_frame_free(&b->made);
    gh_cfr_free(&b->cfr);
    gh_graph_free(&b->graph);
    pthread_mutex_lock(&b->lock);
    b->full = b->idle = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* ---------------------------------------------------------------------------- the caller's side */

static bool wait_ms(struct gh_branch *b, int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return pthread_cond_timedwait(&b->changed, &b->lock, &t) == 0;
}

static int start_thread(struct gh_branch *b, struct gh_err *err)
{
    if (b->running)
        return 0;
    if (pthread_create(&b->thread, NULL, run_branch, b) != 0)
        return gh_fail(err, GH_AGAIN, "no thread can be started");
    b->running = true;
    return 0;
}

static int queue_picture(struct gh_branch *b, const AVFrame *frame, int64_t at_us, int64_t end_us,
                         struct gh_err *err)
{
    if (b->count == QUEUE && !b->full)
        wait_ms(b, OFFER_WAIT_MS);
    if (b->full)
        return 1;
    if (b->count == QUEUE)
        return 0;
    AVFrame *ref = av_frame_clone(frame);
    if (!ref)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    b->queue[(b->head + b->count++) % QUEUE] = (struct item){ref, at_us, end_us};
    pthread_cond_broadcast(&b->changed);
    return 1;
}

static int keep_before(struct gh_branch *b, const AVFrame *frame, int64_t at_us, struct gh_err *err)
{
    av_frame_free(&b->before);
    b->before = av_frame_clone(frame);
    b->before_us = at_us;
    return b->before ? 1 : gh_fail(err, GH_SYSTEM, "out of memory");
}

/* Queue the picture that stands when the wanted part begins, as the first. */
static int offer_before(struct gh_branch *b, struct gh_err *err)
{
    TRY(start_thread(b, err));
    pthread_mutex_lock(&b->lock);
    int r = b->no_more ? 1 : queue_picture(b, b->before, b->before_us, b->before_us, err);
    pthread_mutex_unlock(&b->lock);
    if (r > 0)
        av_frame_free(&b->before);
    return r;
}

int gh_branch_offer(struct gh_branch *b, const AVFrame *frame, int64_t at_us, int64_t end_us,
                    struct gh_err *err)
{
    if (end_us <= gh_branch_from(b))
        return keep_before(b, frame, at_us, err);
    if (b->before) {
        int r = offer_before(b, err);
        if (r <= 0)
            return r;
    }
    /* a window that ends before the first picture shows that one */
    if (at_us >= b->end_us && b->running) {
        gh_branch_end(b, 0);
        return 1;
    }
    TRY(start_thread(b, err));
    pthread_mutex_lock(&b->lock);
    int r = b->no_more ? 1 : queue_picture(b, frame, at_us, end_us, err);
    pthread_mutex_unlock(&b->lock);
    return r;
}

void gh_branch_end(struct gh_branch *b, int64_t until_us)
{
    struct gh_err none;
    if (b->before) /* the queue is empty; a failure leaves the branch without a picture */
        (void)!offer_before(b, &none);
    pthread_mutex_lock(&b->lock);
    if (!b->no_more)
        b->until_us = until_us;
    b->no_more = true;
    if (!b->running && !b->idle) { /* no picture was for it */
        struct gh_err err;
        gh_fail(&err, GH_INPUT, "there is no picture in this part of the video");
        b->full = b->idle = true;
        for (size_t i = 0; i < b->n_outs; i++) {
            b->outs[i].err = err;
            b->outs[i].failed = b->outs[i].done = true;
        }
    }
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

bool gh_branch_wait(struct gh_branch *b, int ms)
{
    pthread_mutex_lock(&b->lock);
    if (!b->idle)
        wait_ms(b, ms);
    bool idle = b->idle;
    pthread_mutex_unlock(&b->lock);
    return idle;
}

bool gh_branch_full(struct gh_branch *b)
{
    pthread_mutex_lock(&b->lock);
    bool full = b->full || b->no_more;
    pthread_mutex_unlock(&b->lock);
    return full;
}

struct gh_branch_out *gh_branch_outs(struct gh_branch *b, size_t *ret_n)
{
    *ret_n = b->n_outs;
    return b->outs;
}

bool gh_branch_done(struct gh_branch *b, const struct gh_branch_out *out)
{
    pthread_mutex_lock(&b->lock);
    bool done = out->done;
    pthread_mutex_unlock(&b->lock);
    return done;
}

void gh_branch_free(struct gh_branch **branch)
{
    struct gh_branch *b = *branch;
    if (!b)
        return;
    pthread_mutex_lock(&b->lock);
    b->stop = b->no_more = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    if (b->running)
        pthread_join(b->thread, NULL);
    for (; b->count; b->count--, b->head = (b->head + 1) % QUEUE)
        av_frame_free(&b->queue[b->head].frame);
    for (size_t i = 0; i < b->n_outs; i++)
        gh_venc_free(&b->outs[i].enc);
    av_frame_free(&b->made);
    gh_cfr_free(&b->cfr);
    gh_graph_free(&b->graph);
    gh_stamps_free(&b->stamps);
    av_frame_free(&b->before);
    free(b->outs);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    free(b);
    *branch = NULL;
}
