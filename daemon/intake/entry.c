/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries: one for each name directly in a department's folder. An entry is examined when a scan or
 * a hint asks for it, and again by its own timer when it should have settled; what settled goes to
 * sort.c. Owns the entries and the lists of entries with the same stem. Failures are logged, and
 * the entry is examined again after TROUBLE_MS.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A file is copied ahead after one part in AHEAD of its quiet time. */
#define AHEAD 3
/* Hints about a folder are gathered for this time, because each observation walks all of it. */
#define FOLDER_HINT_MS 200
/* Wait after a failure. */
#define TROUBLE_MS 10000
/* Files of one stem that are grouped; further ones are submissions of their own. */
#define STEM_MAX 64
/* A parked folder is walked at one in WALK_LISTINGS listings of its department. */
#define WALK_LISTINGS 12

/* ---------------------------------------------------------------------------------------- names */

static struct gh_entry *entry_of(struct gh_dept *dept, const char *name)
{
    struct gh_entry *e = gh_map_get(&dept->entries, name, strlen(name));
    if (e)
        return e;
    e = gh_alloc(sizeof(*e));
    *e = (struct gh_entry){
        .dept = dept, .name = gh_strdup(name), .first_ms = gh_now_ms(), .since_mono = gh_mono_ms()};
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
    for (struct gh_entry *p = gh_map_get(&e->dept->stems, stem, strlen(stem)); p && n < STEM_MAX;
         p = p->stem_next)
        n++;
    if (n == STEM_MAX)
        return;
    e->stem = gh_steal(&stem);
    e->stem_next = gh_map_put(&e->dept->stems, e->stem, strlen(e->stem), e);
}

void gh_entry_forget(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    gh_loop_cancel(dept->in->p.loop, &e->timer);
    gh_walk_forget(e);
    /* Entries of the same stem may have waited for this one. */
    for (struct gh_entry *p = e->stem ? gh_map_get(&dept->stems, e->stem, strlen(e->stem)) : NULL;
         p; p = p->stem_next)
        if (p != e && p->state == GH_ENTRY_WAITING && !dept->in->stopping)
            gh_entry_wait(p, 0);
    leave_stem(e);
    gh_map_remove(&dept->entries, e->name, strlen(e->name));
    free(e->forbidden);
    free(e->name);
    free(e);
}

/* --------------------------------------------------------------------------------- observations */

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_entry *e = arg;
    e->timer = 0;
    gh_entry_examine(e);
}

void gh_entry_wait(struct gh_entry *e, int64_t ms)
{
    struct gh_loop *loop = e->dept->in->p.loop;
    gh_loop_cancel(loop, &e->timer);
    e->timer_due = gh_mono_ms() + ms;
    e->timer = gh_loop_after(loop, ms, on_timer, e);
}

enum stability {
    CHANGING,       /* or parked and unchanged: nothing to do */
    AT_ITS_POINT,   /* closed, and of a department whose files are whole then */
    NEARLY_SETTLED, /* unchanged for a part of its quiet time: may be copied ahead */
    SETTLED,        /* unchanged for its quiet time */
};

/* Note an observation and set the entry's timer. A change begins the quiet time anew and wakes a
 * parked entry. */
static enum stability stability_of(struct gh_entry *e, const struct gh_print *print)
{
    int64_t now = gh_mono_ms(), quiet = gh_dept_quiet(e->dept), early = quiet - quiet / AHEAD;
    bool changed = gh_settle_observe(&e->settle, print, now);
    if (e->state == GH_ENTRY_PARKED) {
        if (!changed)
            return CHANGING;
        e->state = GH_ENTRY_WAITING;
    }
    int64_t wait = gh_settle_wait(&e->settle, now, quiet);
    if (wait == 0)
        return SETTLED;
    int64_t next = wait > early ? wait - early : wait;
    int64_t point = gh_at_once_may(e) ? gh_settle_point(&e->settle, now, quiet) : -1;
    gh_entry_wait(e, point > 0 ? GH_MIN(point, next) : next);
    return point == 0 ? AT_ITS_POINT : wait > early ? CHANGING : NEARLY_SETTLED;
}

void gh_entry_not_walked(struct gh_entry *e, const struct gh_err *err)
{
    if (err->cls != GH_AGAIN)
        gh_log_err(GH_LOG_WARNING, "cannot-look", err, "department=%s name=%s", e->dept->slug,
                   gh_log_quote(e->name));
    gh_entry_wait(e, err->cls == GH_AGAIN ? gh_dept_quiet(e->dept) : TROUBLE_MS);
}

/* A folder that waited empty, as one of an event does for days, was dropped when the first file
 * came into it. */
static void note_first_file(struct gh_entry *e, const struct gh_print *print)
{
    if (!e->settle.seen || e->settle.last.size || !print->size)
        return;
    e->first_ms = gh_now_ms();
    e->since_mono = gh_mono_ms();
}

void gh_entry_walked(struct gh_entry *e, struct gh_found_list *found, const struct gh_print *print)
{
    note_first_file(e, print);
    enum stability stability = stability_of(e, print);
    if (stability == SETTLED) {
        gh_sort_folder(e, found);
        return;
    }
    for (size_t i = 0; i < found->n && !found->too_many && stability == NEARLY_SETTLED; i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, found->list[i].path);
        if (!found->list[i].refused)
            gh_copy_ahead_want(e->dept, path, &found->list[i].print);
    }
}

/* Do permissions still forbid what parked the entry? When they do not, it begins anew. */
static bool still_forbidden(struct gh_entry *e)
{
    if (gh_copy_forbidden(e->dept->fd, e->forbidden))
        return true;
    gh_refusal_forget(e->dept, e->forbidden);
    gh_free_ptr(&e->forbidden);
    e->state = GH_ENTRY_WAITING;
    return false;
}

void gh_entry_examine(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    if (e->state == GH_ENTRY_TAKING || dept->fd < 0 || dept->in->stopping)
        return;
    struct gh_print print;
    struct gh_err err = {0};
    int r = gh_inventory_stat(dept->fd, e->name, &print, &err);
    if (r < 0) {
        gh_log_err(GH_LOG_WARNING, "cannot-look", &err, "department=%s name=%s", dept->slug,
                   gh_log_quote(e->name));
        gh_entry_wait(e, TROUBLE_MS);
        return;
    }
    if (!r) {
        gh_at_once_gone(e);
        gh_entry_forget(e);
        return;
    }
    if (e->state == GH_ENTRY_PARKED && e->forbidden && still_forbidden(e))
        return;
    if (print.kind == GH_SEEN_FOLDER) {
        leave_stem(e);
        gh_walk_want(e);
        return;
    }
    join_stem(e);
    enum stability stability = stability_of(e, &print);
    if (stability == SETTLED)
        gh_sort_file(e);
    else if (stability == AT_ITS_POINT)
        gh_sort_at_once(e);
    else if (stability == NEARLY_SETTLED)
        gh_copy_ahead_want(dept, e->name, &print);
}

static void note_hint(struct gh_entry *e, enum gh_watch_what what)
{
    int64_t now = gh_mono_ms();
    switch (what) {
    case GH_WATCH_CLOSED:
        gh_settle_closed(&e->settle, now);
        break;
    case GH_WATCH_ARRIVED:
        gh_settle_arrived(&e->settle, now);
        break;
    case GH_WATCH_CHANGED:
        gh_settle_hint(&e->settle, now);
        break;
    }
}

void gh_entry_hint(struct gh_dept *dept, const char *name, enum gh_watch_what what)
{
    struct gh_entry *e = entry_of(dept, name);
    if (e->state == GH_ENTRY_TAKING)
        return;
    if (!e->settle.seen || e->settle.last.kind != GH_SEEN_FOLDER) {
        if (e->state == GH_ENTRY_WAITING)
            note_hint(e, what);
        gh_entry_examine(e);
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
    /* Observing a parked folder walks all of it. Where events tell of changes, one listing in
     * WALK_LISTINGS is enough, each folder at another one. */
    bool quiet_folder = known && e->state == GH_ENTRY_PARKED &&
                        e->settle.last.kind == GH_SEEN_FOLDER && gh_dept_has_events(dept);
    unsigned listing =
        dept->in->round / GH_LIST_ROUNDS + (unsigned)gh_hash64(0, name, strlen(name));
    if (e->state == GH_ENTRY_TAKING || e->timer || (quiet_folder && listing % WALK_LISTINGS))
        return;
    gh_entry_examine(e);
}
