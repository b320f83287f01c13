/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When to write which outbox folder: after each decision that changes it, and again until it succeeded. Copying and
 * fsync happen in a pool thread on a copy of the item; approved → published is committed only when the manifest is
 * durable.
 */
#include "daemon/daemon.h"
#include "daemon/outbox.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <jansson.h>

#define RETRY_MS 30000 /* after a failure: a full disk, most likely */

struct publication {
    struct publication *next;
    struct gh_daemon *d;
    struct gh_item item;
    char *manifest;
    int result;
    struct gh_err err;
};

static struct publication *writing; /* loop's thread only, as is the timer */
static bool retry_waits;

unsigned gh_outbox_busy(void)
{
    unsigned n = 0;
    for (const struct publication *p = writing; p; p = p->next)
        n++;
    return n;
}

static void work(void *arg)
{
    struct publication *p = arg;
    p->result = gh_outbox_write(p->d->dirs.staging, p->d->dirs.outbox, &p->item, p->manifest, &p->err);
}

static void again(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_daemon *d = arg;
    retry_waits = false;
    if (!d->stopping)
        gh_outbox_recover(d);
}

static void done(struct gh_loop *loop, void *arg)
{
    struct publication *p = arg;
    struct gh_daemon *d = p->d;
    int64_t id = p->item.sub.id;
    for (struct publication **at = &writing; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    int r = p->result;
    if (r == 0)
        r = gh_ledger_published(d->ledger, NULL, &p->item, &p->err);
    if (r < 0) {
        gh_log_err(GH_LOG_ERROR, "not-published", &p->err, "id=%" PRId64, id);
        if (!retry_waits)
            gh_loop_after(loop, RETRY_MS, again, d);
        retry_waits = true;
    } else {
        gh_log(GH_LOG_NOTICE, "published", "id=%" PRId64 " department=%s", id, p->item.sub.department);
        gh_outbox_publish(d, id); /* decided again meanwhile? */
    }
    gh_item_free(&p->item);
    free(p->manifest);
    free(p);
}

void gh_outbox_publish(struct gh_daemon *d, int64_t submission)
{
    struct gh_err err = {0};
    struct gh_item item = {0};
    for (const struct publication *p = writing; p; p = p->next)
        if (p->item.sub.id == submission)
            return; /* done() looks again */
    if (gh_ledger_get(d->ledger, submission, &item, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "not-published", &err, "id=%" PRId64, submission);
        return;
    }
    if (item.sub.manifest == item.sub.manifest_done) {
        gh_item_free(&item);
        return;
    }
    struct publication *p = gh_alloc(sizeof(*p));
    *p = (struct publication){.next = writing, .d = d, .item = item};
    json_t *manifest = gh_manifest(&item, gh_daemon_department(d, item.sub.department), d->profiles, gh_now_ms());
    p->manifest = json_dumps(manifest, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(manifest);
    if (!p->manifest)
        abort();
    writing = p;
    gh_loop_submit(d->loop, work, done, p);
}

void gh_outbox_recover(struct gh_daemon *d)
{
    struct gh_err err = {0};
    GH_AUTO_FREE int64_t *ids = NULL;
    size_t n = 0;
    if (gh_ledger_unpublished(d->ledger, &ids, &n, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "outbox", &err, "doing=recover");
        return;
    }
    for (size_t i = 0; i < n; i++)
        gh_outbox_publish(d, ids[i]);
}
