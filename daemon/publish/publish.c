/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publications under way, at most one a submission; decisions that wait until they can no longer be
 * undone, and until their embargo ends; and the timers for both. */
#include "daemon/publish/publish.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/publish/outbox.h"
#include "daemon/publish/waits.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* First wait after a failure (a full disk, a busy ledger); doubled after each further one. */
#define RETRY_MS 2000
#define RETRY_MAX_MS 60000
/* Publications under way at once: after a backup was restored all that is out is written again. */
#define AT_ONCE 256

struct publication {
    struct publication *next;
    struct gh_publisher *owner;
    struct gh_item item;
    char *manifest;
    bool held; /* only what was withdrawn goes */
    int result;
    struct gh_err err;
};

struct gh_publisher {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct publication *writing;
    uint64_t retry; /* timer, 0: nothing failed */
    int64_t retry_ms;
    bool stopping;
    bool more;     /* than AT_ONCE lag behind */
    int64_t after; /* the submission with which the last round ended: the next goes on */
    struct gh_waits waits;
    uint64_t out; /* timer for the one that waits shortest, 0 none */
    bool (*clock_is_trusted)(void *arg);
    void *clock_arg;
};

struct gh_publisher *gh_publisher_open(const struct gh_publisher_parts *parts)
{
    struct gh_publisher *p = gh_alloc(sizeof(*p));
    *p = (struct gh_publisher){.loop = parts->loop,
                               .ledger = parts->ledger,
                               .settings = parts->settings,
                               .dirs = parts->dirs,
                               .clock_is_trusted = parts->clock_is_trusted,
                               .clock_arg = parts->clock_arg,
                               .retry_ms = RETRY_MS};
    return p;
}

void gh_publisher_stop(struct gh_publisher *p)
{
    p->stopping = true;
    gh_loop_cancel(p->loop, &p->retry);
    gh_loop_cancel(p->loop, &p->out);
}

unsigned gh_publisher_busy(const struct gh_publisher *p)
{
    unsigned n = 0;
    for (const struct publication *at = p->writing; at; at = at->next)
        n++;
    return n;
}

void gh_publisher_close(struct gh_publisher **pp)
{
    if (!*pp)
        return;
    gh_publisher_stop(*pp);
    gh_waits_free(&(*pp)->waits);
    gh_free_ptr(pp);
}

/* --------------------------------------------------------------------------------- publications */

static void on_write_work(void *arg)
{
    struct publication *p = arg;
    const struct gh_dirs *dirs = p->owner->dirs;
    const struct gh_outbox_from from = {.staging = dirs->staging, .quarantine = dirs->quarantine};
    p->result = p->held ? gh_outbox_withdraw(dirs->outbox, &p->item, p->manifest, &p->err)
                        : gh_outbox_write(&from, dirs->outbox, &p->item, p->manifest, &p->err);
}

static void on_retry(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_publisher *p = arg;
    p->retry = 0;
    gh_publisher_recover(p);
}

static void retry_later(struct gh_publisher *p, const struct gh_err *err, int64_t id)
{
    gh_log_err(GH_LOG_ERROR, "not-published", err, "id=%" PRId64 " wait_ms=%" PRId64, id,
               p->retry_ms);
    if (p->retry || p->stopping)
        return;
    p->retry = gh_loop_after(p->loop, p->retry_ms, on_retry, p);
    p->retry_ms = GH_MIN(p->retry_ms * 2, (int64_t)RETRY_MAX_MS);
}

static void unlink_publication(struct publication *p)
{
    struct publication **at = &p->owner->writing;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
}

static void publish_id(struct gh_publisher *p, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    if (gh_ledger_get(p->ledger, id, &item, &err) < 0)
        retry_later(p, &err, id);
    else
        gh_publish(p, &item);
}

static void on_write_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct publication *p = arg;
    struct gh_publisher *owner = p->owner;
    int64_t id = p->item.sub.id;
    unlink_publication(p);
    if (p->result == 0 && !p->held)
        p->result = gh_ledger_published(owner->ledger, NULL, &p->item, &p->err);
    if (p->result < 0) {
        retry_later(owner, &p->err, id);
    } else {
        owner->retry_ms = RETRY_MS;
        gh_log(GH_LOG_NOTICE, p->held ? "withdrawn-frozen" : "published",
               "id=%" PRId64 " department=%s", id, p->item.sub.department);
        publish_id(owner, id); /* it may have been decided again meanwhile */
    }
    gh_item_free(&p->item);
    free(p->manifest);
    free(p);
    if (owner->more && !owner->retry && !owner->stopping && gh_publisher_busy(owner) < AT_ONCE / 2)
        gh_publisher_recover(owner);
}

/* -------------------------------------------------------------------------------- what waits */

/* The approval of it that waits, else the hold or rejection; 0: none does. */
static int64_t pending_of(const struct gh_rendition *r)
{
    return r->decision && r->decision != r->out ? r->decision : r->turned;
}

static bool has_pending(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (pending_of(&item->renditions[i]))
            return true;
    return false;
}

/* Did an output before that one wait for the same decision? */
static bool is_again(const struct gh_item *item, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (pending_of(&item->renditions[k]) == pending_of(&item->renditions[i]))
            return true;
    return false;
}

static void wait_for(struct gh_publisher *p, int64_t ms);

/* Those that are over and were not asked for again were undone. */
static void on_out(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_publisher *p = arg;
    p->out = 0;
    gh_publisher_recover(p);
    gh_waits_tidy(&p->waits);
    int64_t next = gh_waits_next(&p->waits);
    if (next < INT64_MAX && !p->out)
        wait_for(p, next);
}

static void wait_for(struct gh_publisher *p, int64_t ms)
{
    gh_loop_cancel(p->loop, &p->out);
    if (!p->stopping)
        p->out = gh_loop_after(p->loop, ms, on_out, p);
}

/* How long that decision stays inside still; 0: it may go. */
static int64_t left_ms(struct gh_publisher *p, const struct gh_item *item,
                       const struct gh_rendition *r)
{
    if (pending_of(r) == r->turned)
        return gh_waits_undo_left(&p->waits, r->turned, r->turned_undo_ms);
    int64_t undo = gh_waits_undo_left(&p->waits, r->decision, r->undo_ms);
    bool trusted =
        !item->sub.embargo_ms || !p->clock_is_trusted || p->clock_is_trusted(p->clock_arg);
    return GH_MAX(undo,
                  gh_waits_embargo_left(&p->waits, item->sub.id, item->sub.embargo_ms, trusted));
}

/* Let those go whose time is over, unless all is frozen. Returns how many went, negative on
 * failure. */
static int let_out(struct gh_publisher *p, const struct gh_item *item, struct gh_err *err)
{
    int n = 0;
    int64_t shortest;
    struct gh_frozen is;
    int frozen = has_pending(item) ? gh_ledger_frozen(p->ledger, &is, err) : 0;
    if (frozen)
        return frozen < 0 ? frozen : 0;
    shortest = gh_waits_next(&p->waits);
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        int64_t decision = pending_of(r);
        if (!decision || is_again(item, i))
            continue;
        int64_t left = left_ms(p, item, r);
        if (left > 0) {
            shortest = GH_MIN(shortest, left);
            continue;
        }
        TRY(gh_ledger_publishing(p->ledger, NULL, item->sub.id, decision, err));
        gh_waits_forget(&p->waits, decision);
        n++;
    }
    if (shortest < INT64_MAX)
        wait_for(p, shortest);
    return n;
}

/* -------------------------------------------------------------------------------- one publication
 */

/* The text of the manifest of an item; the caller's to free. */
static int describe(struct gh_publisher *p, const struct gh_item *item, char **ret,
                    struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item old = {0};
    GH_AUTO(gh_item_free) struct gh_item successor = {0};
    const struct gh_submission *sub = &item->sub;
    if (sub->replaces)
        TRY(gh_ledger_get(p->ledger, sub->replaces, &old, err));
    if (sub->replaced_by)
        TRY(gh_ledger_get(p->ledger, sub->replaced_by, &successor, err));
    const struct gh_manifest_about about = {
        .department = gh_departments_find(&p->settings->departments, sub->department),
        .profiles = &p->settings->sets->profiles,
        .old = sub->replaces ? &old : NULL,
        .successor = sub->replaced_by ? &successor : NULL,
        .now_ms = gh_now_ms(),
        .audit_seq = gh_ledger_seq(p->ledger),
        .audit_head = gh_ledger_head(p->ledger)};
    json_t *manifest = gh_manifest(item, &about);
    *ret = json_dumps(manifest, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(manifest);
    return *ret ? 0 : gh_fail(err, GH_BUG, "the manifest cannot be written as JSON");
}

/* Until a restored ledger is thawed nothing new comes into the outbox. */
static bool is_held(struct gh_publisher *p, const struct gh_item *item)
{
    struct gh_restored is;
    struct gh_err err = {0};
    int restored = gh_ledger_restored(p->ledger, &is, &err);
    if (restored < 0)
        retry_later(p, &err, item->sub.id);
    return restored && (restored < 0 || is.phase != GH_RESTORED_THAWED) &&
           gh_outbox_lacks(p->dirs->outbox, item);
}

static void write_folder(struct gh_publisher *p, struct gh_item *item)
{
    const struct gh_submission *sub = &item->sub;
    bool held = is_held(p, item);
    if (held && !gh_outbox_exceeds(p->dirs->outbox, item))
        return;
    for (const struct publication *at = p->writing; at; at = at->next)
        if (at->item.sub.id == sub->id)
            return; /* on_write_done() looks again */
    GH_AUTO_FREE char *manifest = NULL;
    struct gh_err err = {0};
    if (describe(p, item, &manifest, &err) < 0) {
        retry_later(p, &err, sub->id);
        return;
    }
    struct publication *n = gh_alloc(sizeof(*n));
    *n = (struct publication){.next = p->writing,
                              .owner = p,
                              .item = *item,
                              .manifest = gh_steal(&manifest),
                              .held = held};
    *item = (struct gh_item){0};
    gh_hash_mem(n->manifest, strlen(n->manifest), n->item.sub.manifest_sha256);
    p->writing = n;
    gh_loop_submit(p->loop, on_write_work, on_write_done, n);
}

void gh_publish(struct gh_publisher *p, const struct gh_item *seen)
{
    struct gh_err err = {0};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    if (p->stopping || (seen->sub.manifest == seen->sub.manifest_done && !has_pending(seen)))
        return;
    int r = gh_ledger_get(p->ledger, seen->sub.id, &item, &err);
    int gone = r < 0 ? r : let_out(p, &item, &err);
    if (gone > 0) {
        gh_item_free(&item);
        r = gh_ledger_get(p->ledger, seen->sub.id, &item, &err);
    }
    if (r < 0 || gone < 0)
        retry_later(p, &err, seen->sub.id);
    else if (item.sub.manifest != item.sub.manifest_done)
        write_folder(p, &item);
}

/* A restored ledger was thawed: all that is out, as far as it knows, is written again. */
static int finish_restore(struct gh_publisher *p, struct gh_err *err)
{
    struct gh_restored is;
    int restored = gh_ledger_restored(p->ledger, &is, err);
    if (restored <= 0 || is.phase != GH_RESTORED_THAWED)
        return restored;
    TRY(gh_ledger_restored_end(p->ledger, NULL, err));
    gh_log(GH_LOG_NOTICE, "restored", "phase=thawed outbox=%s", gh_log_quote("written again"));
    return 0;
}

void gh_publisher_recover(struct gh_publisher *p)
{
    struct gh_err err = {0};
    GH_AUTO_FREE int64_t *ids = NULL;
    size_t n = 0;
    if (finish_restore(p, &err) < 0 || gh_ledger_unpublished(p->ledger, &ids, &n, &err) < 0) {
        retry_later(p, &err, 0);
        return;
    }
    size_t first = 0;
    while (first < n && ids[first] <= p->after)
        first++;
    p->more = false;
    for (size_t i = 0; i < n && !p->more; i++) {
        p->after = ids[(first + i) % n];
        publish_id(p, p->after);
        p->more = gh_publisher_busy(p) >= AT_ONCE;
    }
}

void gh_publisher_clock_is_right(struct gh_publisher *p)
{
    gh_waits_clock_is_right(&p->waits);
    gh_publisher_recover(p);
}
