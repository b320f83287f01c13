/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries: what lies directly in a department's folder, looked at when a scan or a hint says so, and again when it
 * should have settled. All wait at the same time, each with a timer of its own in the loop's heap.
 */
#include "daemon/intake_priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/names.h"

#include <string.h>

#define AHEAD 3            /* after this part of the quiet time a copy is made, for when it will have settled */
#define FOLDER_HINT_MS 200 /* hints about a folder are gathered: a look walks all of it */
#define TROUBLE_MS 10000
#define STEM_MAX 64      /* files of one stem that are looked at together; what comes on top is alone */
#define WALK_LISTINGS 12 /* listings of a department for one walk of a folder that waits for nothing */

/* ------------------------------------------------------------------------------------------- the list */

static struct gh_entry *entry_of(struct gh_dept *dept, const char *name)
{
    struct gh_entry *e = gh_map_get(&dept->entries, name, strlen(name));
    if (e)
        return e;
    e = gh_alloc(sizeof(*e));
    *e = (struct gh_entry){.dept = dept, .name = gh_strdup(name), .first_ms = gh_now_ms(), .since_mono = gh_mono_ms()};
    gh_map_put(&dept->entries, name, strlen(name), e);
    return e;
}

static void leave_stem(struct gh_entry *e)
{
    if (!e->stem)
        return;
    struct gh_map *stems = &e->dept->stems;
    size_t len = strlen(e->stem);
    struct gh_entry *first = gh_map_get(stems, e->stem, len);
    if (first == e) {
        if (e->stem_next)
            gh_map_put(stems, e->stem, len, e->stem_next);
        else
            gh_map_remove(stems, e->stem, len);
    } else {
        for (struct gh_entry *p = first; p; p = p->stem_next)
            if (p->stem_next == e)
                p->stem_next = e->stem_next;
    }
    e->stem_next = NULL;
    gh_free_ptr(&e->stem);
}

static void join_stem(struct gh_entry *e)
{
    if (e->stem)
        return;
    GH_AUTO_FREE char *stem = gh_name_stem_key(e->name);
    unsigned n = 0;
    for (struct gh_entry *p = gh_map_get(&e->dept->stems, stem, strlen(stem)); p && n < STEM_MAX; p = p->stem_next)
        n++;
    if (n == STEM_MAX)
        return;
    e->stem = gh_steal(&stem);
    e->stem_next = gh_map_put(&e->dept->stems, e->stem, strlen(e->stem), e);
}

void gh_entry_forget(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    gh_loop_cancel(dept->in->d->loop, &e->timer);
    /* Who waited for this one may go on without it. */
    for (struct gh_entry *p = e->stem ? gh_map_get(&dept->stems, e->stem, strlen(e->stem)) : NULL; p; p = p->stem_next)
        if (p != e && p->state == GH_ENTRY_WAITING && !dept->in->stopping)
            gh_entry_wait(p, 0);
    leave_stem(e);
    gh_map_remove(&dept->entries, e->name, strlen(e->name));
    free(e->name);
    free(e);
}

/* ------------------------------------------------------------------------------------------- looks */

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_entry *e = arg;
    e->timer = 0;
    gh_entry_look(e);
}

void gh_entry_wait(struct gh_entry *e, int64_t ms)
{
    struct gh_loop *loop = e->dept->in->d->loop;
    gh_loop_cancel(loop, &e->timer);
    e->timer_due = gh_mono_ms() + ms;
    e->timer = gh_loop_after(loop, ms, on_timer, e);
}

/* Directories below a dropped folder are watched before they are listed. */
static void on_dir(int fd, void *arg)
{
    struct gh_entry *e = arg;
    GH_AUTO_FREE char *ref = gh_asprintf("F%s/%s", e->dept->folder, e->name);
    gh_intake_watch(e->dept->in, fd, ref);
}

enum calm {
    MOVING,  /* or parked and unchanged: nothing to do */
    RESTING, /* for a part of its quiet time nothing has happened to it */
    SETTLED,
};

/* Was it changed by the look? Then what was parked is awake, and the quiet time begins anew. */
static enum calm calm_of(struct gh_entry *e, const struct gh_print *print)
{
    int64_t now = gh_mono_ms(), quiet = gh_dept_quiet(e->dept), early = quiet - quiet / AHEAD;
    bool changed = gh_settle_look(&e->settle, print, now);
    if (e->state == GH_ENTRY_PARKED) {
        if (!changed)
            return MOVING;
        e->state = GH_ENTRY_WAITING;
    }
    int64_t wait = gh_settle_wait(&e->settle, now, quiet);
    if (wait == 0)
        return SETTLED;
    gh_entry_wait(e, wait > early ? wait - early : wait);
    return wait > early ? MOVING : RESTING;
}

static void look_folder(struct gh_entry *e)
{
    struct gh_conf *conf = &e->dept->in->d->conf;
    struct gh_scan_opts opts = {.depth = conf->depth, .max_files = conf->files + 1, .on_dir = on_dir, .arg = e};
    GH_AUTO(gh_found_free) struct gh_found_list found = {0};
    struct gh_print print;
    struct gh_err err = {0};
    if (gh_scan_folder(e->dept->fd, e->name, &opts, &found, &print, &err) < 0) {
        if (err.cls != GH_AGAIN)
            gh_log_err(GH_LOG_WARNING, "cannot-look", &err, "department=%s name=%s", e->dept->slug,
                       gh_log_quote(e->name));
        gh_entry_wait(e, err.cls == GH_AGAIN ? gh_dept_quiet(e->dept) : TROUBLE_MS);
        return;
    }
    enum calm calm = calm_of(e, &print);
    if (calm == SETTLED) {
        gh_ready_folder(e, &found);
        return;
    }
    for (size_t i = 0; i < found.n && !found.too_many && calm == RESTING; i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, found.list[i].path);
        if (!found.list[i].refused)
            gh_ahead_want(e->dept, path, &found.list[i].print);
    }
}

void gh_entry_look(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    if (e->state == GH_ENTRY_TAKING) {
        e->again = true;
        return;
    }
    if (dept->fd < 0 || dept->in->stopping)
        return;
    struct gh_print print;
    struct gh_err err = {0};
    int r = gh_scan_look(dept->fd, e->name, &print, &err);
    if (r < 0) {
        gh_log_err(GH_LOG_WARNING, "cannot-look", &err, "department=%s name=%s", dept->slug, gh_log_quote(e->name));
        gh_entry_wait(e, TROUBLE_MS);
        return;
    }
    if (!r) {
        gh_entry_forget(e);
        return;
    }
    if (print.kind == GH_SEEN_FOLDER) {
        leave_stem(e);
        look_folder(e);
        return;
    }
    join_stem(e);
    enum calm calm = calm_of(e, &print);
    if (calm == SETTLED)
        gh_ready_file(e);
    else if (calm == RESTING)
        gh_ahead_want(dept, e->name, &print);
}

void gh_entry_hint(struct gh_dept *dept, const char *name)
{
    struct gh_entry *e = gh_map_get(&dept->entries, name, strlen(name));
    if (!e) {
        gh_entry_look(entry_of(dept, name));
        return;
    }
    if (e->state == GH_ENTRY_TAKING) {
        e->again = true;
        return;
    }
    if (e->settle.last.kind != GH_SEEN_FOLDER) {
        if (e->state == GH_ENTRY_WAITING)
            gh_settle_hint(&e->settle, gh_mono_ms());
        gh_entry_look(e);
        return;
    }
    if (!e->timer || e->timer_due > gh_mono_ms() + FOLDER_HINT_MS)
        gh_entry_wait(e, FOLDER_HINT_MS);
}

void gh_entry_seen(struct gh_dept *dept, const char *name)
{
    struct gh_entry *e = entry_of(dept, name);
    bool known = e->settle.seen;
    e->round = dept->in->round;
    /* A parked folder costs a walk: with events for it, one listing in twelve is enough, not the same for all. */
    bool quiet_folder =
        known && e->state == GH_ENTRY_PARKED && e->settle.last.kind == GH_SEEN_FOLDER && gh_dept_has_events(dept);
    unsigned listing = dept->in->round / GH_LIST_ROUNDS + (unsigned)gh_hash64(0, name, strlen(name));
    if (e->state == GH_ENTRY_TAKING || e->timer || (quiet_folder && listing % WALK_LISTINGS))
        return;
    gh_entry_look(e);
}

/* ------------------------------------------------------------------------------------------- refusals */

/* After a restart: does the ledger say that this was told already? */
static bool told_before(struct gh_dept *dept, const char *name, const char *reason)
{
    int64_t id = 0;
    struct gh_item item = {0};
    struct gh_ledger *l = dept->in->d->ledger;
    if (gh_ledger_find_name(l, dept->slug, name, strlen(name), &id, NULL) <= 0 || gh_ledger_get(l, id, &item, NULL) < 0)
        return false;
    bool same = item.sub.state == GH_SUB_QUARANTINED && item.n_files == 0 &&
                gh_streq(item.sub.reason ? item.sub.reason : "", reason);
    gh_item_free(&item);
    return same;
}

void gh_entry_refuse(struct gh_dept *dept, const char *path, const struct gh_print *print, const char *reason)
{
    struct gh_intake *in = dept->in;
    GH_AUTO_FREE char *key = gh_asprintf("%s/%s", dept->folder, path);
    struct gh_print *known = gh_map_get(&in->reported, key, strlen(key));
    if (known && gh_print_same_bytes(known, print))
        return;
    struct gh_print *copy = gh_alloc(sizeof(*copy));
    *copy = *print;
    free(gh_map_put(&in->reported, key, strlen(key), copy));
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (told_before(dept, name, reason))
        return;
    struct gh_new_sub sub = {
        .department = dept->slug,
        .name = name,
        .name_len = strlen(name),
        .kind = print->kind == GH_SEEN_FOLDER ? GH_KIND_FOLDER : GH_KIND_FILE,
        .state = GH_SUB_QUARANTINED,
        .dropped_ms = gh_now_ms(),
        .reason = reason,
    };
    struct gh_err err = {0};
    int64_t id = 0;
    if (gh_ledger_add(in->d->ledger, NULL, &sub, &id, NULL, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", dept->slug);
        return;
    }
    gh_log(GH_LOG_NOTICE, "refused", "id=%lld department=%s name=%s reason=%s", (long long)id, dept->slug,
           gh_log_quote(path), gh_log_quote(reason));
}
