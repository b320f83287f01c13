/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a child says, distrusted: each packet must be of a type that its phase allows, of the exact
 * size, without descriptors, and every field within its range. A child that sends anything else is
 * killed.
 */
#include "daemon/engine/child_hear_int.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"

#include <string.h>

/* The worker reports progress four times a second; more than this is a flood. */
#define BEATS_AT_ONCE 20
#define BEAT_MS 50

static void broke_protocol(struct gh_child *c, const char *how)
{
    struct gh_err err;
    gh_fail(&err, GH_INPUT, "the worker broke protocol: %s", how);
    gh_child_kill(c, GH_END_CRASHED, &err);
}

void gh_child_hear_ready(struct gh_child *c)
{
    if (!c->said_ready || c->pidfd < 0 || c->phase != STARTING)
        return;
    c->phase = IDLE;
    c->deadline_ms = 0;
    if (c->ops)
        c->ops->ready(c->arg, gh_mono_us() - c->asked_us);
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
 * The class a child may claim: about its input, or that memory or disk is short at the moment.
 * GH_SYSTEM would stop all work of ghatd, so a child that claims it, or anything else, is taken to
 * be at fault itself.
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

static void hear_failed(struct gh_child *c, const struct gh_failed *failed)
{
    if (!text_ok(failed->msg, sizeof(failed->msg)) || !failed->cls || failed->cls >= GH_CLASSES) {
        broke_protocol(c, "an impossible refusal");
        return;
    }
    struct gh_err err;
    gh_fail(&err, claimed(failed->cls), "%s",
            failed->msg[0] ? failed->msg : "the worker gave no reason");
    bool last = c->phase == RENDERING;
    c->phase = last ? LEAVING : IDLE;
    c->deadline_ms = last ? gh_mono_ms() + GH_CHILD_LEAVE_MS : 0;
    if (c->ops)
        c->ops->refused(c->arg, &err);
}

static void hear_probed(struct gh_child *c, const struct gh_probe *probe)
{
    struct gh_err err;
    if (c->reads || gh_probe_check(probe, &err) < 0) {
        broke_protocol(c, c->reads ? "a probe instead of a text" : err.msg);
        return;
    }
    c->phase = IDLE;
    c->deadline_ms = 0;
    if (c->ops)
        c->ops->probed(c->arg, probe);
}

static void hear_text(struct gh_child *c, const struct gh_text *text)
{
    struct gh_err err;
    if (!c->reads || gh_text_check(text, &err) < 0) {
        broke_protocol(c, c->reads ? err.msg : "a text instead of a probe");
        return;
    }
    c->phase = IDLE;
    c->deadline_ms = 0;
    if (c->ops && c->ops->text)
        c->ops->text(c->arg, text);
}

static void hear_progress(struct gh_child *c, uint32_t permille)
{
    if (permille > 1000)
        broke_protocol(c, "more than all is done");
    else if (++c->beats > BEATS_AT_ONCE + (c->heard_ms - c->begun_ms) / BEAT_MS)
        broke_protocol(c, "a flood of packets");
    else if (c->ops)
        c->ops->progress(c->arg, permille);
}

static void hear_result(struct gh_child *c, const struct gh_result *result, uint32_t seq)
{
    struct gh_err err;
    if (gh_result_check(result, c->encodes, &err) < 0) {
        broke_protocol(c, err.msg);
    } else if (seq != result->index || c->have[result->index]) {
        broke_protocol(c, "a result twice");
    } else {
        struct gh_result checked = *result;
        checked.cls = result->cls == GH_OK ? GH_OK : claimed(result->cls);
        c->have[result->index] = true;
        c->results++;
        if (c->ops)
            c->ops->result(c->arg, &checked);
    }
}

static void hear_done(struct gh_child *c)
{
    if (c->results != c->encodes) {
        broke_protocol(c, "done before all results");
        return;
    }
    c->phase = LEAVING;
    c->deadline_ms = gh_mono_ms() + GH_CHILD_LEAVE_MS;
    if (c->ops)
        c->ops->done(c->arg);
}

static void hear_fingerprint(struct gh_child *c, const struct gh_fingerprint *fingerprint,
                             uint32_t seq)
{
    struct gh_err err;
    if (!c->fingerprints || (c->phase == RENDERING && (seq >= c->encodes || c->have[seq]))) {
        broke_protocol(c, "a look out of turn");
    } else if (gh_fingerprint_check(fingerprint, &err) < 0) {
        broke_protocol(c, err.msg);
    } else {
        c->fingerprints--;
        if (c->ops && c->ops->fingerprint)
            c->ops->fingerprint(c->arg, seq, fingerprint);
    }
}

union body {
    struct gh_probe probe;
    struct gh_fingerprint fingerprint;
    struct gh_progress progress;
    struct gh_result result;
    struct gh_failed failed;
    struct gh_text text;
};

/* What may come, when, and how long it is. */
static const struct {
    uint16_t type;
    unsigned phases;
    size_t size;
} grammar[] = {
    {GH_JOB_READY, IN(STARTING), 0},
    {GH_JOB_PROBED, IN(PROBING), sizeof(struct gh_probe)},
    {GH_JOB_TEXT, IN(PROBING), sizeof(struct gh_text)},
    {GH_JOB_FINGERPRINT, IN(PROBING) | IN(RENDERING), sizeof(struct gh_fingerprint)},
    {GH_JOB_FAILED, IN(PROBING) | IN(RENDERING), sizeof(struct gh_failed)},
    {GH_JOB_PROGRESS, IN(PROBING) | IN(RENDERING), sizeof(struct gh_progress)},
    {GH_JOB_RESULT, IN(RENDERING), sizeof(struct gh_result)},
    {GH_JOB_DONE, IN(RENDERING), 0},
};

static void hear_packet(struct gh_child *c, const struct gh_wire_head *head, const union body *body)
{
    bool ok = false;
    for (size_t i = 0; i < GH_LEN(grammar); i++)
        ok = ok || (grammar[i].type == head->type && grammar[i].phases & IN(c->phase) &&
                    grammar[i].size == head->size);
    if (!ok || head->fds || (head->type == GH_JOB_READY && c->said_ready)) {
        broke_protocol(c, "a packet out of turn");
        return;
    }
    c->heard_ms = gh_mono_ms();
    switch (head->type) {
    case GH_JOB_READY:
        c->said_ready = true;
        gh_child_hear_ready(c);
        break;
    case GH_JOB_PROBED:
        hear_probed(c, &body->probe);
        break;
    case GH_JOB_TEXT:
        hear_text(c, &body->text);
        break;
    case GH_JOB_FINGERPRINT:
        hear_fingerprint(c, &body->fingerprint, head->seq);
        break;
    case GH_JOB_FAILED:
        hear_failed(c, &body->failed);
        break;
    case GH_JOB_PROGRESS:
        hear_progress(c, body->progress.permille);
        break;
    case GH_JOB_RESULT:
        hear_result(c, &body->result, head->seq);
        break;
    default:
        hear_done(c);
    }
}

bool gh_child_hear(struct gh_child *c)
{
    struct gh_wire_head head;
    union body body;
    int fds[GH_WIRE_MAX_FDS];
    struct gh_err err = {0};
    if (c->sock < 0)
        return false;
    int r = gh_wire_recv(c->sock, &head, &body, sizeof(body), fds, &err);
    for (size_t i = 0; r > 0 && i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    if (r < 0 && err.cls == GH_AGAIN)
        return false;
    if (r < 0) {
        broke_protocol(c, err.msg);
        return false;
    }
    if (r == 0) {
        /* It is ending; the nursery will say how. */
        gh_child_hang_up(c);
        c->deadline_ms = gh_mono_ms() + GH_CHILD_LEAVE_MS;
        return false;
    }
    hear_packet(c, &head, &body);
    return c->sock >= 0;
}
