/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a settled unit to the ledger: copied in the pool, departments in turn; committed in batches (one fsync of the
 * spool's directory and one of the ledger for all that is ready); then moved away in the pool and marked as taken. File
 * first, ledger second, delete last.
 */
#include "daemon/intake_priv.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/record.h"
#include "daemon/space.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define COPIES 6 /* units being copied at once: the pool has other work, too */
#define BIG ((uint64_t)64 << 20)
#define BIG_COPIES 2 /* of them large ones, which keep a thread for long */
#define BATCH 64     /* units a commit */
#define TROUBLE_MS 10000

void gh_unit_free(struct gh_unit *u)
{
    gh_close_fd(&u->take.drop);
    gh_close_fd(&u->take.taken);
    gh_take_free(&u->take);
    free(u->entries);
    free(u->caption);
    free(u->name);
    free(u);
}

static void append(struct gh_unit ***end, struct gh_unit *u)
{
    u->next = NULL;
    **end = u;
    *end = &u->next;
}

/* Its entries are looked at again after wait_ms; the unit is over. */
static void release(struct gh_unit *u, int64_t wait_ms)
{
    for (size_t i = 0; i < u->n_entries; i++) {
        struct gh_entry *e = u->entries[i];
        e->state = GH_ENTRY_WAITING;
        if (u->dept->in->stopping)
            continue;
        gh_entry_wait(e, wait_ms);
    }
    gh_unit_free(u);
}

/* ------------------------------------------------------------------------------------------- copying */

static void on_pump(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_intake *in = arg;
    in->pump_timer = 0;
    gh_units_pump(in);
}

static void pump_later(struct gh_intake *in, int64_t ms)
{
    if (!in->pump_timer && !in->stopping)
        in->pump_timer = gh_loop_after(in->d->loop, ms, on_pump, in);
}

static void copy_work(void *arg)
{
    struct gh_unit *u = arg;
    gh_take_copy(&u->take);
}

static void commit_begin(struct gh_intake *in);

/* What came of copying: 0 ready for the ledger, else milliseconds until it is looked at again. */
static int64_t after_copy(struct gh_unit *u)
{
    struct gh_dept *dept = u->dept;
    for (size_t i = 0; i < u->take.n; i++) {
        const struct gh_take_file *f = &u->take.files[i];
        if (f->how == GH_TAKE_FAILED) {
            if (u->take.err.cls == GH_AGAIN)
                gh_space_full(dept->in->d);
            gh_log_err(GH_LOG_WARNING, "cannot-copy", &u->take.err, "department=%s name=%s", dept->slug,
                       gh_log_quote(u->name));
            return u->take.err.cls == GH_AGAIN ? GH_SPACE_RETRY_MS : TROUBLE_MS;
        }
        if (f->how == GH_TAKE_BUSY || f->how == GH_TAKE_NEW) {
            for (size_t k = 0; k < u->n_entries; k++)
                gh_settle_hint(&u->entries[k]->settle, gh_mono_ms());
            return gh_dept_quiet(dept);
        }
        if (f->how == GH_TAKE_REFUSED)
            gh_entry_refuse(dept, f->path, &f->print, f->why);
    }
    return 0;
}

static void copy_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_unit *u = arg;
    struct gh_intake *in = u->dept->in;
    in->copying--;
    in->copying_big -= u->bytes >= BIG;
    in->copying_bytes -= u->bytes;
    gh_close_fd(&u->take.drop);
    int64_t wait = in->stopping ? -1 : after_copy(u);
    if (wait) {
        release(u, GH_MAX(wait, 0));
    } else {
        append(&in->copied_end, u);
        commit_begin(in);
    }
    gh_units_pump(in);
}

/* May this department's first unit start now? One that does not fit on the disk goes to the end of its queue. */
static bool may_start(struct gh_dept *dept)
{
    struct gh_intake *in = dept->in;
    struct gh_unit *u = dept->queue;
    if (!u || (u->bytes >= BIG && in->copying_big >= BIG_COPIES))
        return false;
    if (gh_space_fits(in->d, u->bytes + in->copying_bytes))
        return true;
    if (!u->no_room && !in->copying)
        gh_log(GH_LOG_WARNING, "no-room", "department=%s name=%s bytes=%" PRIu64, dept->slug, gh_log_quote(u->name),
               u->bytes);
    u->no_room |= !in->copying;
    if (u->next) {
        dept->queue = u->next;
        append(&dept->queue_end, u);
    }
    pump_later(in, GH_SPACE_RETRY_MS);
    return false;
}

/* The next department's first unit that may start now. */
static struct gh_unit *next_unit(struct gh_intake *in)
{
    struct gh_dept *depts[256];
    size_t n = 0, at = 0;
    for (struct gh_dept *dept; n < GH_LEN(depts) && (dept = gh_map_next(&in->depts, &at));)
        if (may_start(dept))
            depts[n++] = dept;
    if (!n)
        return NULL;
    struct gh_dept *dept = depts[in->next_dept++ % n];
    struct gh_unit *u = dept->queue;
    dept->queue = u->next;
    if (!dept->queue)
        dept->queue_end = &dept->queue;
    return u;
}

bool gh_unit_reach(struct gh_dept *dept, struct gh_take *take)
{
    struct gh_intake *in = dept->in;
    take->drop = fcntl(dept->fd, F_DUPFD_CLOEXEC, 3);
    take->spool = in->d->dirs.spool;
    take->max_bytes = in->d->conf.max_bytes;
    take->cancel = &in->stopping;
    return take->drop >= 0;
}

void gh_units_pump(struct gh_intake *in)
{
    while (!in->stopping && in->copying < COPIES) {
        if (!gh_space_enough(in->d)) {
            pump_later(in, GH_SPACE_RETRY_MS);
            return;
        }
        struct gh_unit *u = next_unit(in);
        if (!u)
            return;
        if (!gh_unit_reach(u->dept, &u->take)) {
            release(u, TROUBLE_MS);
            continue;
        }
        for (size_t i = 0; i < u->take.n; i++)
            u->take.files[i].draft = gh_ahead_claim(u->dept, u->take.files[i].path);
        in->copying++;
        in->copying_big += u->bytes >= BIG;
        in->copying_bytes += u->bytes;
        gh_loop_submit(in->d->loop, copy_work, copy_done, u);
    }
}

void gh_unit_submit(struct gh_unit *u)
{
    append(&u->dept->queue_end, u);
    gh_units_pump(u->dept->in);
}

/* ------------------------------------------------------------------------------------------- committing */

struct batch {
    struct gh_intake *in;
    struct gh_unit *units[BATCH];
    size_t n;
    struct gh_err err;
};

static void batch_drop(struct batch *b, int64_t wait_ms)
{
    for (size_t i = 0; i < b->n; i++)
        release(b->units[i], wait_ms);
    b->in->committing = false;
    struct gh_intake *in = b->in;
    free(b);
    commit_begin(in);
}

static void away_work(void *arg)
{
    struct batch *b = arg;
    /* One department's loose files are moved in one go: their folder is synced once. */
    for (size_t i = 0; i < b->n; i++)
        gh_take_away(&b->units[i]->take);
}

/* Afterwards the ledger hears which files are gone from the drop folder. */
static int mark_taken(struct gh_unit *u, struct gh_err *err)
{
    struct gh_dept *dept = u->dept;
    bool early = false;
    for (size_t i = 0; i < u->take.n; i++) {
        const struct gh_take_file *f = &u->take.files[i];
        if (!f->file)
            continue;
        early |= f->how == GH_TAKE_CHANGED;
        if (f->how == GH_TAKE_MOVED || f->how == GH_TAKE_GONE || f->how == GH_TAKE_CHANGED)
            TRY(gh_ledger_source_taken(dept->in->d->ledger, NULL, f->file, f->how == GH_TAKE_MOVED ? f->taken : "",
                                       err));
        else
            gh_log_err(GH_LOG_ERROR, "cannot-take-away", &u->take.err, "department=%s name=%s", dept->slug,
                       gh_log_quote(f->path));
    }
    int64_t lesson = 0;
    for (size_t i = 0; i < u->n_entries; i++)
        lesson = GH_MAX(lesson, gh_settle_lesson(&u->entries[i]->settle, gh_dept_quiet(dept)));
    gh_dept_learn(dept, early, u->folder ? 0 : lesson); /* in a folder a pause is the next file's beginning */
    return 0;
}

static void unit_over(struct gh_unit *u)
{
    int64_t wait = 0;
    for (size_t i = 0; i < u->take.n; i++)
        if (u->take.files[i].how == GH_TAKE_FAILED)
            wait = TROUBLE_MS;
    for (size_t i = 0; i < u->n_entries; i++) {
        struct gh_entry *e = u->entries[i];
        e->submission = u->folder ? u->submission : 0;
        e->settle = (struct gh_settle){0};
        e->first_ms = gh_now_ms();
        e->since_mono = gh_mono_ms();
    }
    release(u, wait);
}

static void away_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct batch *b = arg;
    struct gh_intake *in = b->in;
    struct gh_ledger *l = in->d->ledger;
    struct gh_err err = {0};
    int r = gh_ledger_begin(l, &err);
    for (size_t i = 0; r >= 0 && i < b->n; i++)
        r = mark_taken(b->units[i], &err);
    if (r >= 0)
        r = gh_ledger_commit(l, &err);
    if (r < 0) {
        gh_ledger_rollback(l);
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "what=taken");
        gh_daemon_trouble(in->d, &err);
    }
    for (size_t i = 0; i < b->n; i++)
        unit_over(b->units[i]);
    in->committing = false;
    free(b);
    commit_begin(in);
    gh_units_pump(in);
}

/* I4: one transaction for the batch. A unit that the ledger refuses is undone alone. */
static int commit_units(struct batch *b, struct gh_err *err)
{
    struct gh_ledger *l = b->in->d->ledger;
    TRY(gh_ledger_begin(l, err));
    for (size_t i = 0; i < b->n; i++)
        if (gh_record_unit(b->in->d, b->units[i], err) < 0) {
            gh_ledger_rollback(l);
            return gh_fail_prefix(err, "%s", b->units[i]->dept->slug);
        }
    if (gh_ledger_commit(l, err) < 0) {
        gh_ledger_rollback(l);
        return -err->cls;
    }
    return 0;
}

bool gh_intake_busy(const struct gh_intake *in)
{
    return in->copying || in->committing || gh_ahead_busy(in->ahead);
}

static void sync_work(void *arg)
{
    struct batch *b = arg;
    (void)!gh_sync(b->in->d->dirs.spool, &b->err);
}

static void sync_done(struct gh_loop *loop, void *arg)
{
    struct batch *b = arg;
    struct gh_err err = b->err;
    if (b->in->stopping || err.cls || commit_units(b, &err) < 0) {
        if (err.cls) {
            gh_log_err(GH_LOG_ERROR, "cannot-admit", &err, "units=%zu", b->n);
            gh_daemon_trouble(b->in->d, &err);
        }
        b->in->singly = true; /* should one unit be the trouble, it holds up no other */
        batch_drop(b, TROUBLE_MS);
        return;
    }
    b->in->singly &= b->in->copied != NULL;
    for (size_t i = 0; i < b->n; i++) {
        struct gh_take *t = &b->units[i]->take;
        t->err = (struct gh_err){0};
        t->drop = fcntl(b->units[i]->dept->fd, F_DUPFD_CLOEXEC, 3);
        t->taken = fcntl(b->in->d->dirs.taken, F_DUPFD_CLOEXEC, 3);
    }
    gh_loop_submit(loop, away_work, away_done, b);
}

static void commit_begin(struct gh_intake *in)
{
    if (in->committing || !in->copied || in->stopping)
        return;
    struct batch *b = gh_alloc(sizeof(*b));
    b->in = in;
    while (in->copied && b->n < (in->singly ? 1 : BATCH)) {
        struct gh_unit *u = in->copied;
        in->copied = u->next;
        if (!in->copied)
            in->copied_end = &in->copied;
        b->units[b->n++] = u;
    }
    in->committing = true;
    gh_loop_submit(in->d->loop, sync_work, sync_done, b);
}
