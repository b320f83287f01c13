/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a child says, judged: each packet must be of a type that its phase allows, of the exact size, without
 * descriptors, and every field within its range. Anything else is the end of that child.
 */
#include "daemon/worker_int.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"

#include <string.h>

/* An honest child reports its progress four times a second. */
#define BEATS_AT_ONCE 20
#define BEAT_MS 50

static void broke_protocol(struct gh_worker *w, const char *how)
{
    struct gh_err err;
    gh_fail(&err, GH_INPUT, "the worker broke protocol: %s", how);
    gh_worker_put_down(w, GH_END_CRASHED, &err);
}

void gh_worker_hear_ready(struct gh_worker *w)
{
    if (!w->said_ready || w->pidfd < 0 || w->phase != STARTING)
        return;
    w->phase = IDLE;
    w->deadline_ms = 0;
    if (w->ops)
        w->ops->ready(w->arg, gh_mono_us() - w->asked_us);
}

static bool text_ok(const char *text, size_t size)
{
    size_t n = strnlen(text, size);
    bool ok = n < size && gh_utf8_valid(text, n);
    for (size_t i = 0; ok && i < n; i++)
        ok = (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
    return ok;
}

/*
 * The class a child may claim: about its input, or a passing want of room. SYSTEM would stop the daemon's work, so it
 * is not a child's to say: its own fault, a strike.
 */
static enum gh_class claimed(uint32_t cls)
{
    switch (cls) {
    case GH_INPUT:
    case GH_LIMIT:
    case GH_SKIP:
    case GH_AGAIN:
        return (enum gh_class)cls;
    default:
        return GH_BUG;
    }
}

static void hear_failed(struct gh_worker *w, const struct gh_failed *failed)
{
    if (!text_ok(failed->msg, sizeof failed->msg) || !failed->cls || failed->cls >= GH_CLASSES) {
        broke_protocol(w, "an impossible refusal");
        return;
    }
    struct gh_err err;
    gh_fail(&err, claimed(failed->cls), "%s", failed->msg[0] ? failed->msg : "the worker gave no reason");
    bool last = w->phase == RENDERING;
    w->phase = last ? LEAVING : IDLE;
    w->deadline_ms = last ? gh_mono_ms() + GH_WORKER_LEAVE_MS : 0;
    if (w->ops)
        w->ops->refused(w->arg, &err);
}

static void hear_probed(struct gh_worker *w, const struct gh_probe *probe)
{
    struct gh_err err;
    if (gh_probe_check(probe, &err) < 0) {
        broke_protocol(w, err.msg);
        return;
    }
    w->phase = IDLE;
    w->deadline_ms = 0;
    if (w->ops)
        w->ops->probed(w->arg, probe);
}

static void hear_progress(struct gh_worker *w, uint32_t permille)
{
    if (permille > 1000)
        broke_protocol(w, "more than all is done");
    else if (++w->beats > BEATS_AT_ONCE + (w->heard_ms - w->begun_ms) / BEAT_MS)
        broke_protocol(w, "a flood of packets");
    else if (w->ops)
        w->ops->progress(w->arg, permille);
}

static void hear_result(struct gh_worker *w, const struct gh_result *result, uint32_t seq)
{
    struct gh_err err;
    if (gh_result_check(result, w->encodes, &err) < 0) {
        broke_protocol(w, err.msg);
    } else if (seq != result->index || w->have[result->index]) {
        broke_protocol(w, "a result twice");
    } else {
        struct gh_result checked = *result;
        checked.cls = result->cls == GH_OK ? GH_OK : claimed(result->cls);
        w->have[result->index] = true;
        w->results++;
        if (w->ops)
            w->ops->result(w->arg, &checked);
    }
}

static void hear_done(struct gh_worker *w)
{
    if (w->results != w->encodes) {
        broke_protocol(w, "done before all results");
        return;
    }
    w->phase = LEAVING;
    w->deadline_ms = gh_mono_ms() + GH_WORKER_LEAVE_MS;
    if (w->ops)
        w->ops->done(w->arg);
}

static void hear_look(struct gh_worker *w, const struct gh_look *look, uint32_t seq)
{
    struct gh_err err;
    if (!w->looks || (w->phase == RENDERING && (seq >= w->encodes || w->have[seq]))) {
        broke_protocol(w, "a look out of turn");
    } else if (gh_look_check(look, &err) < 0) {
        broke_protocol(w, err.msg);
    } else {
        w->looks--;
        if (w->ops && w->ops->look)
            w->ops->look(w->arg, seq, look);
    }
}

union body {
    struct gh_probe probe;
    struct gh_look look;
    struct gh_progress progress;
    struct gh_result result;
    struct gh_failed failed;
};

/* What may come, when, and how long it is. */
static const struct {
    uint16_t type;
    unsigned phases;
    size_t size;
} grammar[] = {
    {GH_JOB_READY, IN(STARTING), 0},
    {GH_JOB_PROBED, IN(PROBING), sizeof(struct gh_probe)},
    {GH_JOB_LOOK, IN(PROBING) | IN(RENDERING), sizeof(struct gh_look)},
    {GH_JOB_FAILED, IN(PROBING) | IN(RENDERING), sizeof(struct gh_failed)},
    {GH_JOB_PROGRESS, IN(PROBING) | IN(RENDERING), sizeof(struct gh_progress)},
    {GH_JOB_RESULT, IN(RENDERING), sizeof(struct gh_result)},
    {GH_JOB_DONE, IN(RENDERING), 0},
};

static void hear(struct gh_worker *w, const struct gh_wire_head *head, const union body *body)
{
    bool ok = false;
    for (size_t i = 0; i < GH_LEN(grammar); i++)
        ok = ok || (grammar[i].type == head->type && grammar[i].phases & IN(w->phase) && grammar[i].size == head->size);
    if (!ok || head->fds || (head->type == GH_JOB_READY && w->said_ready)) {
        broke_protocol(w, "a packet out of turn");
        return;
    }
    w->heard_ms = gh_mono_ms();
    switch (head->type) {
    case GH_JOB_READY:
        w->said_ready = true;
        gh_worker_hear_ready(w);
        break;
    case GH_JOB_PROBED:
        hear_probed(w, &body->probe);
        break;
    case GH_JOB_LOOK:
        hear_look(w, &body->look, head->seq);
        break;
    case GH_JOB_FAILED:
        hear_failed(w, &body->failed);
        break;
    case GH_JOB_PROGRESS:
        hear_progress(w, body->progress.permille);
        break;
    case GH_JOB_RESULT:
        hear_result(w, &body->result, head->seq);
        break;
    default:
        hear_done(w);
    }
}

bool gh_worker_hear(struct gh_worker *w)
{
    struct gh_wire_head head;
    union body body;
    int fds[GH_WIRE_MAX_FDS];
    struct gh_err err = {0};
    if (w->sock < 0)
        return false;
    int r = gh_wire_recv(w->sock, &head, &body, sizeof body, fds, &err);
    for (size_t i = 0; r > 0 && i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    if (r < 0 && err.cls == GH_AGAIN)
        return false;
    if (r < 0) {
        broke_protocol(w, err.msg);
        return false;
    }
    if (r == 0) {
        /* It is dying; how, the nursery will say. */
        gh_worker_deaf(w);
        w->deadline_ms = gh_mono_ms() + GH_WORKER_LEAVE_MS;
        return false;
    }
    hear(w, &head, &body);
    return w->sock >= 0;
}
