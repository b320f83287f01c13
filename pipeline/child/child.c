/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The child's side of the conversation in base/contract.h. It owns the recipes and descriptors it
 * was sent, calls photo/ or video/, and reports. What they say of an input becomes FAILED or a
 * RESULT, never an exit status. Reports may come from any thread of theirs.
 */
#include "pipeline/child/child.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/child/media.h"
#include "pipeline/document/docx.h"
#include "pipeline/encode/device.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"
#include "pipeline/walls/sandbox.h"

#include <pthread.h>
#include <string.h>

#define PROGRESS_US 250000 /* four reports a second are enough for a bar, and for a heartbeat */
#define MOST_THREADS 64u

struct child {
    struct gh_ctx ctx;
    struct gh_recipe recipes[GH_JOB_MAX_ENCODES];
    struct gh_remote *remotes[GH_JOB_MAX_ENCODES];
    int out_fds[GH_JOB_MAX_ENCODES], journals[GH_JOB_MAX_ENCODES],
        shelves[GH_JOB_MAX_ENCODES][GH_JOB_SHELVES];
    uint32_t n;
    struct gh_overlay_file overlays[GH_JOB_MAX_OVERLAYS];
    pthread_mutex_t lock; /* for told_us, reported, and one report after the other */
    int64_t told_us;
    bool reported[GH_JOB_MAX_ENCODES];
    struct gh_fingerprint seen; /* of the input, by the latest deep probe */
};

/* A parent that is gone needs no result: the child ends. */
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
    send_or_end(GH_JOB_FAILED, 0, &failed, sizeof(failed));
}

static void on_progress(void *arg, unsigned permille)
{
    struct child *c = arg;
    struct gh_progress progress = {.permille = GH_MIN(permille, 1000u)};
    int64_t now = gh_mono_us();
    pthread_mutex_lock(&c->lock);
    if (now - c->told_us >= PROGRESS_US) {
        c->told_us = now;
        send_or_end(GH_JOB_PROGRESS, 0, &progress, sizeof(progress));
    }
    pthread_mutex_unlock(&c->lock);
}

static void on_result(void *arg, const struct gh_result *result)
{
    struct child *c = arg;
    pthread_mutex_lock(&c->lock);
    if (result->index < c->n && !c->reported[result->index]) {
        c->reported[result->index] = true;
        send_or_end(GH_JOB_RESULT, result->index, result, sizeof(*result));
    }
    pthread_mutex_unlock(&c->lock);
}

static void on_fingerprint(void *arg, uint32_t index, const struct gh_fingerprint *fingerprint)
{
    struct child *c = arg;
    pthread_mutex_lock(&c->lock);
    if (index < c->n && !c->reported[index])
        send_or_end(GH_JOB_FINGERPRINT, index, fingerprint, sizeof(*fingerprint));
    pthread_mutex_unlock(&c->lock);
}

static void probe_and_report(struct child *c, const struct gh_probe_req *req, int fd)
{
    struct gh_probe found = {0};
    struct gh_err err = {0};
    gh_fingerprint_init(&c->seen, 0);
    c->ctx.seen = req->fingerprint || req->depth == GH_PROBE_FULL ? &c->seen : NULL;
    c->ctx.area = req->area;
    int r = req->depth <= GH_PROBE_FULL
                ? gh_probe_media(&c->ctx, fd, (enum gh_probe_depth)req->depth, &found, &err)
                : gh_fail(&err, GH_BUG, "unknown depth %u", req->depth);
    if (r == 0 && req->want != GH_MEDIA_NONE && req->want != found.media)
        r = gh_fail(&err, GH_INPUT, "it is a %s", found.media == GH_VIDEO ? "video" : "photo");
    if (r < 0)
        send_failed(&err);
    if (r == 0 && req->fingerprint && found.media == GH_VIDEO)
        send_or_end(GH_JOB_FINGERPRINT, 0, &c->seen, sizeof(c->seen));
    if (r == 0)
        send_or_end(GH_JOB_PROBED, 0, &found, sizeof(found));
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
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; r == 0 && i < c->n; i++)
        if (!c->reported[i])
            r = gh_fail(&err, GH_BUG, "output %u was neither made nor refused", i);
    pthread_mutex_unlock(&c->lock);
    if (r < 0)
        send_failed(&err);
    else
        send_or_end(GH_JOB_DONE, 0, NULL, 0);
    _exit(0);
}

/* ------------------------------------------------------------------------ what the parent sends */

/* The parent is trusted, so what it gets wrong is a bug: the exit status says so. */
static void parent_must(bool ok)
{
    if (!ok)
        _exit(GH_JOB_EXIT_BUG);
}

static void on_probe(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    (void)head;
    probe_and_report(c, body, fds[0]);
    gh_close_fd(&fds[0]);
}

static void on_read(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    static struct gh_text found;
    struct gh_err err = {0};
    (void)c, (void)head, (void)body;
    found = (struct gh_text){.text = ""};
    if (gh_document_read_fd(fds[0], &found, &err) < 0)
        send_failed(&err);
    else
        send_or_end(GH_JOB_TEXT, 0, &found, sizeof(found));
    gh_close_fd(&fds[0]);
}

static void on_overlay(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    const struct gh_overlay_req *req = body;
    (void)head;
    parent_must(c->ctx.n_overlays < GH_JOB_MAX_OVERLAYS);
    struct gh_overlay_file *o = &c->overlays[c->ctx.n_overlays++];
    memcpy(o->id, req->id, sizeof(o->id));
    o->fd = gh_steal_fd(&fds[0]);
}

static void on_encode(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    parent_must(head->seq == c->n && c->n < GH_JOB_MAX_ENCODES);
    memcpy(&c->recipes[c->n], body, sizeof(c->recipes[0]));
    for (int i = 0; i < GH_JOB_SHELVES; i++)
        c->shelves[c->n][i] = -1;
    c->journals[c->n] = gh_steal_fd(&fds[1]); /* -1 when none came */
    c->out_fds[c->n++] = gh_steal_fd(&fds[0]);
}

static void on_device(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    const struct gh_device_req *req = body;
    parent_must(c->n && head->seq == c->n - 1 && !c->remotes[c->n - 1] && head->fds == 2);
    c->remotes[c->n - 1] = gh_remote_new(req->encoder, gh_steal_fd(&fds[0]), gh_steal_fd(&fds[1]));
}

static void on_shelf(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    (void)body;
    parent_must(head->seq < c->n);
    uint32_t i = 0;
    while (i < GH_JOB_SHELVES && c->shelves[head->seq][i] >= 0)
        i++;
    parent_must(i < GH_JOB_SHELVES);
    c->shelves[head->seq][i] = gh_steal_fd(&fds[0]);
}

static void on_render(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    (void)head;
    render_and_end(c, body, fds[0]);
}

static void on_packet(struct child *c, const struct gh_wire_head *head, const void *body, int *fds)
{
    static const struct {
        uint16_t type;
        size_t size;
        unsigned fds; /* at most; there is always one */
        void (*on)(struct child *c, const struct gh_wire_head *head, const void *body, int *fds);
    } known[] = {
        {GH_JOB_PROBE, sizeof(struct gh_probe_req), 1, on_probe},
        {GH_JOB_READ, 0, 1, on_read},
        {GH_JOB_OVERLAY, sizeof(struct gh_overlay_req), 1, on_overlay},
        {GH_JOB_ENCODE, sizeof(struct gh_recipe), 2, on_encode},
        {GH_JOB_DEVICE, sizeof(struct gh_device_req), 2, on_device},
        {GH_JOB_SHELF, 0, 1, on_shelf},
        {GH_JOB_RENDER, sizeof(struct gh_render_req), 1, on_render},
    };
    size_t i = 0;
    while (i < GH_LEN(known) && known[i].type != head->type)
        i++;
    parent_must(i < GH_LEN(known) && head->size == known[i].size && head->fds >= 1 &&
                head->fds <= known[i].fds);
    known[i].on(c, head, body, fds);
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
                            .threads = GH_CLAMP(fork->threads, 1u, MOST_THREADS),
                            .progress = on_progress,
                            .result = on_result,
                            .fingerprint = on_fingerprint,
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
        int r = gh_wire_recv(GH_CHILD_SOCK, &head, &body, sizeof(body), fds, &err);
        if (r <= 0)
            _exit(r < 0 ? GH_JOB_EXIT_BUG : 0);
        on_packet(&c, &head, &body, fds);
    }
}
