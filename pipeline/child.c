/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child's conversation. It holds the recipes and output descriptors it was sent, calls the pipeline, and reports;
 * what the pipeline says of an input becomes FAILED or a RESULT, never an exit status. Reports come from any thread of
 * the pipeline.
 */
#include "pipeline/child.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/device.h"
#include "pipeline/pipeline.h"
#include "pipeline/sandbox.h"

#include <pthread.h>
#include <string.h>

#define PROGRESS_US 250000 /* four lines a second are enough for a bar, and for a heartbeat */

struct child {
    struct gh_ctx ctx;
    struct gh_recipe recipes[GH_JOB_MAX_ENCODES];
    struct gh_remote *remotes[GH_JOB_MAX_ENCODES];
    int out_fds[GH_JOB_MAX_ENCODES], journals[GH_JOB_MAX_ENCODES], shelves[GH_JOB_MAX_ENCODES][GH_JOB_SHELVES];
    uint32_t n;
    struct gh_overlay_file overlays[GH_JOB_MAX_OVERLAYS];
    pthread_mutex_t lock; /* of what follows, and of the socket's order */
    int64_t told_us;
    bool reported[GH_JOB_MAX_ENCODES];
    struct gh_look seen; /* of the input, by the latest deep probe */
};

/* The parent is gone or does not listen: there is nobody to work for. */
static void send_or_end(uint16_t type, uint32_t seq, const void *body, size_t size)
{
    struct gh_err err;
    if (gh_wire_send(GH_CHILD_SOCK, type, seq, body, size, NULL, 0, &err) < 0)
        _exit(0);
}

static void send_failed(const struct gh_err *err)
{
    struct gh_failed failed = {.cls = err->cls};
    GH_COPY(failed.msg, err->msg);
    send_or_end(GH_JOB_FAILED, 0, &failed, sizeof failed);
}

static void on_progress(void *arg, unsigned permille)
{
    struct child *c = arg;
    struct gh_progress progress = {.permille = GH_MIN(permille, 1000u)};
    int64_t now = gh_mono_us();
    pthread_mutex_lock(&c->lock);
    if (now - c->told_us >= PROGRESS_US) {
        c->told_us = now;
        send_or_end(GH_JOB_PROGRESS, 0, &progress, sizeof progress);
    }
    pthread_mutex_unlock(&c->lock);
}

static void on_result(void *arg, const struct gh_result *result)
{
    struct child *c = arg;
    pthread_mutex_lock(&c->lock);
    if (result->index < c->n && !c->reported[result->index]) {
        c->reported[result->index] = true;
        send_or_end(GH_JOB_RESULT, result->index, result, sizeof *result);
    }
    pthread_mutex_unlock(&c->lock);
}

static void on_look(void *arg, uint32_t index, const struct gh_look *look)
{
    struct child *c = arg;
    pthread_mutex_lock(&c->lock);
    if (index < c->n && !c->reported[index])
        send_or_end(GH_JOB_LOOK, index, look, sizeof *look);
    pthread_mutex_unlock(&c->lock);
}

static void probe(struct child *c, const struct gh_probe_req *req, int fd)
{
    struct gh_probe found = {0};
    struct gh_err err = {0};
    gh_look_init(&c->seen, 0);
    c->ctx.seen = req->look || req->depth == GH_PROBE_FULL ? &c->seen : NULL;
    c->ctx.area = req->area;
    int r = req->depth <= GH_PROBE_FULL ? gh_probe_media(&c->ctx, fd, (enum gh_probe_depth)req->depth, &found, &err)
                                        : gh_fail(&err, GH_BUG, "unknown depth %u", req->depth);
    if (r == 0 && req->want != GH_MEDIA_NONE && req->want != found.media)
        r = gh_fail(&err, GH_INPUT, "it is a %s", found.media == GH_VIDEO ? "video" : "photo");
    if (r < 0)
        send_failed(&err);
    if (r == 0 && req->look && found.media == GH_VIDEO)
        send_or_end(GH_JOB_LOOK, 0, &c->seen, sizeof c->seen);
    if (r == 0)
        send_or_end(GH_JOB_PROBED, 0, &found, sizeof found);
}

static int render(struct child *c, const struct gh_render_req *req, int fd, struct gh_err *err)
{
    if (req->encodes != c->n)
        return gh_fail(err, GH_BUG, "%u encodes were announced, %u came", req->encodes, c->n);
    if (req->probe.media == GH_PHOTO)
        return gh_photo_render(&c->ctx, fd, &req->probe, c->recipes, c->out_fds, c->n, err);
    return gh_video_render(&c->ctx, fd, &req->probe, c->recipes, c->out_fds, c->n, err);
}

static _Noreturn void render_and_end(struct child *c, const struct gh_render_req *req, int fd)
{
    struct gh_err err = {0};
    int r = render(c, req, fd, &err);
    for (uint32_t i = 0; r == 0 && i < c->n; i++)
        if (!c->reported[i])
            r = gh_fail(&err, GH_BUG, "output %u was neither made nor refused", i);
    if (r < 0)
        send_failed(&err);
    else
        send_or_end(GH_JOB_DONE, 0, NULL, 0);
    _exit(0);
}

/* One packet from the parent. Nothing here is hostile, so a wrong one is a bug: the exit status says so. */
static void handle(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    const struct {
        uint16_t type;
        size_t size;
    } known[] = {
        {GH_JOB_PROBE, sizeof(struct gh_probe_req)},   {GH_JOB_OVERLAY, sizeof(struct gh_overlay_req)},
        {GH_JOB_ENCODE, sizeof(struct gh_recipe)},     {GH_JOB_DEVICE, sizeof(struct gh_device_req)},
        {GH_JOB_RENDER, sizeof(struct gh_render_req)}, {GH_JOB_SHELF, 0},
    };
    bool ok = false;
    for (size_t i = 0; i < GH_LEN(known); i++)
        ok = ok || (head->type == known[i].type && head->size == known[i].size);
    bool two = head->type == GH_JOB_ENCODE || head->type == GH_JOB_DEVICE;
    if (!ok || head->fds < 1 || head->fds > (two ? 2 : 1))
        _exit(5);
    if (head->type == GH_JOB_PROBE) {
        probe(c, body, fds[0]);
        gh_close_fd(&fds[0]);
    } else if (head->type == GH_JOB_RENDER) {
        render_and_end(c, body, fds[0]);
    } else if (head->type == GH_JOB_OVERLAY) {
        const struct gh_overlay_req *req = body;
        if (c->ctx.n_overlays == GH_JOB_MAX_OVERLAYS)
            _exit(5);
        struct gh_overlay_file *o = &c->overlays[c->ctx.n_overlays++];
        memcpy(o->id, req->id, sizeof o->id);
        o->fd = gh_steal_fd(&fds[0]);
    } else if (head->type == GH_JOB_DEVICE) {
        const struct gh_device_req *req = body;
        if (!c->n || head->seq != c->n - 1 || c->remotes[c->n - 1] || head->fds != 2)
            _exit(5);
        c->remotes[c->n - 1] = gh_remote_new(req->encoder, gh_steal_fd(&fds[0]), gh_steal_fd(&fds[1]));
    } else if (head->type == GH_JOB_SHELF) {
        uint32_t i = 0;
        while (head->seq < c->n && i < GH_JOB_SHELVES && c->shelves[head->seq][i] >= 0)
            i++;
        if (head->seq >= c->n || i == GH_JOB_SHELVES)
            _exit(5);
        c->shelves[head->seq][i] = gh_steal_fd(&fds[0]);
    } else {
        if (head->seq != c->n || c->n == GH_JOB_MAX_ENCODES)
            _exit(5);
        memcpy(&c->recipes[c->n], body, sizeof c->recipes[0]);
        for (int i = 0; i < GH_JOB_SHELVES; i++)
            c->shelves[c->n][i] = -1;
        c->journals[c->n] = gh_steal_fd(&fds[1]); /* -1 when none came */
        c->out_fds[c->n++] = gh_steal_fd(&fds[0]);
    }
}

_Noreturn void gh_child_run(const struct gh_fork *fork)
{
    static struct child c;
    static union {
        struct gh_probe_req probe;
        struct gh_overlay_req overlay;
        struct gh_device_req device;
        struct gh_recipe recipe;
        struct gh_render_req render;
    } body;
    c.ctx = (struct gh_ctx){.limits = fork->limits,
                            .threads = GH_CLAMP(fork->threads, 1u, 64u),
                            .progress = on_progress,
                            .result = on_result,
                            .look = on_look,
                            .overlays = c.overlays,
                            .journals = c.journals,
                            .remotes = c.remotes,
                            .shelves = (const int(*)[GH_JOB_SHELVES])c.shelves,
                            .arg = &c};
    pthread_mutex_init(&c.lock, NULL);
    send_or_end(GH_JOB_READY, 0, NULL, 0);
    for (;;) {
        struct gh_wire_head head;
        struct gh_err err;
        int fds[GH_WIRE_MAX_FDS];
        int r = gh_wire_recv(GH_CHILD_SOCK, &head, &body, sizeof body, fds, &err);
        if (r <= 0)
            _exit(r < 0 ? 5 : 0);
        handle(&c, &head, &body, fds);
    }
}
