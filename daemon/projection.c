/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger is the truth; Status/, outbox/ and quarantine/ are its projection. A commit names the submissions it
 * touched; a moment later, many at once, their notes are written, their outbox folders brought up to date, bad files
 * laid out with their reason.
 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/notes.h"
#include "daemon/outbox.h"
#include "daemon/stage.h"
#include "daemon/work.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define GATHER_MS 40  /* several commits of one submission follow each other */
#define AT_ONCE_MS 10 /* of it, before other events get their turn */

struct touched {
    int64_t id;
    struct touched *next;
};

/* loop's thread only */
static struct gh_map pending;
static struct touched *first, **last = &first;
static uint64_t timer;
static unsigned writing;

/* ------------------------------------------------------------------------------------------- quarantine */

struct layout {
    struct gh_daemon *d;
    struct gh_item item;
    struct gh_str reason;
    int64_t id;
    struct gh_err err;
};

static bool is_bad(const struct gh_item *item, const struct gh_file *f)
{
    return f->work == GH_WORK_BAD || item->sub.state == GH_SUB_QUARANTINED;
}

static int lay_out(struct layout *l, struct gh_err *err)
{
    char folder[32];
    GH_AUTO_FD dir = -1;
    snprintf(folder, sizeof(folder), "%" PRId64, l->item.sub.id);
    TRY(gh_stage_dirs(l->d->dirs.quarantine, folder, 0750, err));
    for (size_t i = 0; i < l->item.n_files; i++) {
        const struct gh_file *f = &l->item.files[i];
        if (is_bad(&l->item, f) && f->sha256[0])
            TRY(gh_stage_keep(l->d->dirs.spool, f->sha256, l->d->dirs.quarantine, folder, f->name, f->name_len, f->id,
                              err));
    }
    TRY(gh_open_dir(l->d->dirs.quarantine, folder, &dir, err));
    TRY(gh_write_file(dir, "reason.txt", l->reason.data, l->reason.len, 0640, err));
    return gh_sync(l->d->dirs.quarantine, err);
}

void gh_projection_recover(struct gh_daemon *d)
{
    gh_sweep_temporaries_below(d->dirs.quarantine, ".");
}

static void layout_work(void *arg)
{
    struct layout *l = arg;
    (void)!lay_out(l, &l->err);
}

static void layout_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct layout *l = arg;
    if (l->err.cls)
        gh_log_err(GH_LOG_WARNING, "quarantine-not-written", &l->err, "id=%" PRId64, l->item.sub.id);
    writing--;
    gh_item_free(&l->item);
    gh_str_free(&l->reason);
    free(l);
}

static void say(struct gh_str *out, const char *label, const char *bytes, size_t n)
{
    gh_str_printf(out, "%s: ", label);
    gh_str_display(out, bytes, n);
    gh_str_puts(out, "\n");
}

/* Takes the item when it has something bad. */
static void quarantine(struct gh_daemon *d, struct gh_item *item)
{
    char path[64];
    size_t bad = 0;
    GH_AUTO_STR text = {0};
    snprintf(path, sizeof(path), "%" PRId64, item->sub.id);
    say(&text, "name", item->sub.name, item->sub.name_len);
    gh_str_printf(&text, "department: %s\n", item->sub.department);
    if (item->sub.reason)
        say(&text, "reason", item->sub.reason, strlen(item->sub.reason));
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if (!is_bad(item, f))
            continue;
        bad++;
        say(&text, "\nfile", f->name, f->name_len);
        if (*f->sha256)
            gh_str_printf(&text, "sha256: %s\n", f->sha256);
        if (f->reason)
            say(&text, "reason", f->reason, strlen(f->reason));
    }
    bool there = faccessat(d->dirs.quarantine, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (item->sub.retired & GH_KEPT_QUARANTINE)
        return;
    if (!bad) { /* nothing to keep, or tried again with success */
        if (there && item->sub.state != GH_SUB_QUARANTINED)
            (void)!gh_remove_tree(d->dirs.quarantine, path, NULL);
        return;
    }
    GH_AUTO_FREE char *old = NULL;
    size_t old_len = 0;
    GH_AUTO_FREE char *reason_path = gh_asprintf("%s/reason.txt", path);
    if (there && gh_read_file(d->dirs.quarantine, reason_path, 1 << 20, &old, &old_len, NULL) == 0 &&
        old_len == text.len && !memcmp(old, text.data, old_len))
        return;
    struct layout *l = gh_alloc(sizeof(*l));
    l->d = d;
    l->item = *item;
    *item = (struct gh_item){0};
    l->reason = text;
    text = (struct gh_str){0};
    writing++;
    gh_loop_submit(d->loop, layout_work, layout_done, l);
}

/* ------------------------------------------------------------------------------------------- gathering */

static void project(struct gh_daemon *d, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    gh_notes_write(d, id);
    gh_outbox_publish(d, id);
    if (gh_ledger_get(d->ledger, id, &item, &err) < 0)
        return;
    if (d->workshop)
        gh_work_check(d->workshop, &item);
    quarantine(d, &item);
}

static void run(struct gh_daemon *d, int64_t most_ms)
{
    int64_t until = gh_mono_ms() + most_ms;
    for (bool some = false; first && (!some || gh_mono_ms() < until); some = true) {
        struct touched *t = first;
        first = t->next;
        if (!first)
            last = &first;
        gh_map_remove(&pending, &t->id, sizeof(t->id));
        project(d, t->id);
        free(t);
    }
    if (!first)
        gh_map_free(&pending);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_daemon *d = arg;
    timer = 0;
    run(d, AT_ONCE_MS);
    if (first)
        timer = gh_loop_after(loop, 0, on_timer, d);
}

void gh_projection_touch(struct gh_daemon *d, int64_t submission)
{
    if (d->workshop)
        gh_work_wake(d->workshop);
    if (gh_map_get(&pending, &submission, sizeof(submission)))
        return;
    struct touched *t = gh_alloc(sizeof(*t));
    t->id = submission;
    gh_map_put(&pending, &submission, sizeof(submission), t);
    *last = t;
    last = &t->next;
    if (!timer)
        timer = gh_loop_after(d->loop, GATHER_MS, on_timer, d);
}

void gh_projection_flush(struct gh_daemon *d)
{
    run(d, INT64_MAX / 2);
    gh_loop_cancel(d->loop, &timer);
}

unsigned gh_projection_busy(void)
{
    return writing;
}
