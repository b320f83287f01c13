/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of a settled unit into the ledger. Owns the units from gh_unit_submit on: they are copied
 * in pool threads, departments in turn; committed in batches, with one fsync of the spool and one
 * of the ledger for each batch; then their dropped files are moved to .taken/ and marked in the
 * ledger. File first, ledger second, delete last. A unit that fails goes back to waiting entries:
 * GH_AGAIN after GH_SPACE_RETRY_MS, any other class after TROUBLE_MS.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/intake/record.h"
#include "daemon/store/space.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* Copy jobs at once. The pool's threads are shared with other work. */
#define COPIES 6
/* Of these, jobs of BIG_BYTES or more, each of which occupies a thread for long. */
#define BIG_COPIES 2
#define BIG_BYTES ((uint64_t)64 << 20)
/* Units in one commit. */
#define BATCH 64
/* Wait after a failure that is not a full disk. */
#define TROUBLE_MS 10000
/* First wait for a ledger that is busy or full; doubled up to TROUBLE_MS. */
#define LEDGER_MS 500
/* A unit that the ledger refuses for a passing reason so often in a row is left where it is. */
#define REFUSALS 5
/* Instead of a wait: until the entry changes. */
#define PARKED (-1)

void gh_unit_free(struct gh_unit *u)
{
    gh_close_fd(&u->copy.drop);
    gh_close_fd(&u->copy.taken);
    gh_copy_free(&u->copy);
    gh_record_forget(u);
    free(u->entries);
    free(u->caption);
    free(u->name);
    free(u);
}

static void unit_append(struct gh_unit ***end, struct gh_unit *u)
{
    u->next = NULL;
    **end = u;
    *end = &u->next;
}

/* End a unit: its entries wait and are examined after wait_ms, or are PARKED. */
static void unit_release(struct gh_unit *u, int64_t wait_ms)
{
    for (size_t i = 0; i < u->n_entries; i++) {
        struct gh_entry *e = u->entries[i];
        e->state = wait_ms == PARKED ? GH_ENTRY_PARKED : GH_ENTRY_WAITING;
        if (wait_ms != PARKED && !u->dept->in->stopping)
            gh_entry_wait(e, wait_ms);
    }
    gh_unit_free(u);
}

static void units_pump(struct gh_intake *in);

/* -------------------------------------------------------------------------------------- copying */

static void on_pump(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_intake *in = arg;
    in->pump_timer = 0;
    units_pump(in);
}

static void pump_later(struct gh_intake *in, int64_t ms)
{
    if (!in->pump_timer && !in->stopping)
        in->pump_timer = gh_loop_after(in->p.loop, ms, on_pump, in);
}

static void copy_work(void *arg)
{
    struct gh_unit *u = arg;
    gh_copy_files(&u->copy);
}

static void batch_begin(struct gh_intake *in);

/* A file that is left where it is; the officer is told once. */
static void refuse_file(struct gh_unit *u, const struct gh_copy_file *f)
{
    gh_entry_refuse(u->dept, f->path, &f->print, f->why);
    for (size_t i = 0; f->forbidden && i < u->n_entries; i++)
        if (!u->entries[i]->forbidden)
            u->entries[i]->forbidden = gh_strdup(f->path);
}

/* Returns 0 when the unit is ready for the ledger, else the milliseconds until its entries are
 * examined again, or PARKED. */
static int64_t retry_after_copy(struct gh_unit *u)
{
    struct gh_dept *dept = u->dept;
    size_t refused = 0, good = 0;
    for (size_t i = 0; i < u->copy.n; i++) {
        const struct gh_copy_file *f = &u->copy.files[i];
        if (f->how == GH_COPY_FAILED) {
            if (u->copy.err.cls == GH_AGAIN)
                gh_space_full(dept->in->p.space);
            gh_log_err(GH_LOG_WARNING, "cannot-copy", &u->copy.err, "department=%s name=%s",
                       dept->slug, gh_log_quote(u->name));
            return u->copy.err.cls == GH_AGAIN ? GH_SPACE_RETRY_MS : TROUBLE_MS;
        }
        if (f->how == GH_COPY_BUSY || f->how == GH_COPY_NEW) {
            for (size_t k = 0; k < u->n_entries; k++)
                gh_settle_hint(&u->entries[k]->settle, gh_mono_ms());
            return gh_dept_quiet(dept);
        }
        refused += f->how == GH_COPY_REFUSED;
        good += f->how == GH_COPY_COPIED || f->how == GH_COPY_EMPTY;
        if (f->how == GH_COPY_REFUSED)
            refuse_file(u, f);
    }
    return refused && !good ? PARKED : 0;
}

static void read_done(struct gh_unit *u, bool read)
{
    struct gh_intake *in = u->dept->in;
    if (!read) {
        unit_release(u, TROUBLE_MS);
        return;
    }
    unit_append(&in->copied_end, u);
    batch_begin(in);
}

static void copy_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_unit *u = arg;
    struct gh_intake *in = u->dept->in;
    in->copying--;
    in->copying_big -= u->bytes >= BIG_BYTES;
    in->copying_bytes -= u->bytes;
    gh_close_fd(&u->copy.drop);
    int64_t wait = in->stopping ? TROUBLE_MS : retry_after_copy(u);
    if (wait)
        unit_release(u, wait);
    else
        gh_documents_read(u, read_done);
    units_pump(in);
}

/* Is a unit within its department's share of the disk? When that changes the department is told,
 * and anew when the notes of all departments were removed meanwhile, or an earlier ghatd told. */
static bool within_share(struct gh_dept *dept, uint64_t bytes)
{
    struct gh_intake *in = dept->in;
    struct gh_err err = {0};
    int64_t now = gh_mono_ms();
    if (!dept->open_ms || now - dept->open_ms >= GH_SPACE_RETRY_MS) {
        if (gh_ledger_open_bytes(in->p.ledger, dept->slug, &dept->open_bytes, &err) < 0)
            gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", dept->slug);
        dept->open_ms = now;
    }
    bool within = gh_space_share(in->p.space, dept->open_bytes, bytes);
    if (within == dept->over_share)
        gh_log(within ? GH_LOG_NOTICE : GH_LOG_WARNING, within ? "share-free" : "share-full",
               "department=%s undecided=%" PRIu64, dept->slug, dept->open_bytes);
    else if (dept->told && dept->told_notes == in->p.space->notes)
        return within;
    dept->over_share = !within;
    dept->told = true;
    dept->told_notes = in->p.space->notes;
    gh_space_note_share(in->p.space, dept->slug, dept->fd, !within);
    return within;
}

/* May the department's first unit be copied now? A unit that does not fit on the disk goes to the
 * end of its department's queue. */
static bool may_start(struct gh_dept *dept)
{
    struct gh_intake *in = dept->in;
    struct gh_unit *u = dept->queue;
    if (!u || (u->bytes >= BIG_BYTES && in->copying_big >= BIG_COPIES))
        return false;
    if (gh_space_fits(in->p.space, u->bytes + in->copying_bytes)) {
        if (within_share(dept, u->bytes))
            return true;
        pump_later(in, GH_SPACE_RETRY_MS);
        return false;
    }
    if (!u->no_room && !in->copying)
        gh_log(GH_LOG_WARNING, "no-room", "department=%s name=%s bytes=%" PRIu64, dept->slug,
               gh_log_quote(u->name), u->bytes);
    u->no_room |= !in->copying;
    if (u->next) {
        dept->queue = u->next;
        unit_append(&dept->queue_end, u);
    }
    pump_later(in, GH_SPACE_RETRY_MS);
    return false;
}

/* Take a unit that may be copied now out of its queue: of the department that was served longest
 * ago. NULL: none. */
static struct gh_unit *next_unit(struct gh_intake *in)
{
    struct gh_dept *next = NULL;
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        if ((!next || dept->served < next->served) && may_start(dept))
            next = dept;
    if (!next)
        return NULL;
    struct gh_unit *u = next->queue;
    next->served = ++in->serves;
    next->queue = u->next;
    if (!next->queue)
        next->queue_end = &next->queue;
    return u;
}

bool gh_unit_reach(struct gh_dept *dept, struct gh_copy_job *job)
{
    struct gh_intake *in = dept->in;
    if (!gh_dept_in_place(dept)) {
        gh_intake_rescan_in(in, GH_SOON_MS);
        return false;
    }
    job->drop = fcntl(dept->fd, F_DUPFD_CLOEXEC, 3);
    job->spool = in->p.dirs->spool;
    job->max_bytes = in->p.settings->conf.max_bytes;
    job->no_lease = dept->blind != NULL;
    job->cancel = &in->stopping;
    return job->drop >= 0;
}

/* Start as many copy jobs as may run. */
static void units_pump(struct gh_intake *in)
{
    while (!in->stopping && in->copying < COPIES) {
        if (!gh_space_enough(in->p.space)) {
            pump_later(in, GH_SPACE_RETRY_MS);
            return;
        }
        struct gh_unit *u = next_unit(in);
        if (!u)
            return;
        if (!gh_unit_reach(u->dept, &u->copy)) {
            unit_release(u, TROUBLE_MS);
            continue;
        }
        for (size_t i = 0; i < u->copy.n; i++)
            u->copy.files[i].draft = gh_copy_ahead_claim(u->dept, u->copy.files[i].path);
        in->copying++;
        in->copying_big += u->bytes >= BIG_BYTES;
        in->copying_bytes += u->bytes;
        u->dept->open_bytes += u->bytes;
        gh_loop_submit(in->p.loop, copy_work, copy_done, u);
    }
}

void gh_unit_submit(struct gh_unit *u)
{
    unit_append(&u->dept->queue_end, u);
    units_pump(u->dept->in);
}

/* ----------------------------------------------------------------------------------- committing */

struct gh_batch {
    struct gh_intake *in;
    struct gh_unit *units[BATCH];
    size_t n;
    struct gh_err err;
    uint64_t timer;  /* it waits for the ledger; 0: it does not */
    int64_t wait_ms; /* the next time */
    void (*next)(struct gh_batch *);
};

static void batch_end(struct gh_batch *b)
{
    struct gh_intake *in = b->in;
    in->batch = NULL;
    free(b);
    batch_begin(in);
    units_pump(in);
}

/* Nothing of the batch was committed: its entries are examined again after wait_ms, or parked. */
static void batch_give_up(struct gh_batch *b, int64_t wait_ms)
{
    for (size_t i = 0; i < b->n; i++)
        unit_release(b->units[i], wait_ms);
    batch_end(b);
}

static void on_batch_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_batch *b = arg;
    b->timer = 0;
    b->next(b);
}

/* A ledger, or a disk, that is busy or full takes the batch later: what was copied or moved stays
 * in hand. False: this failure is another one, or ghatd stops. */
static bool batch_wait(struct gh_batch *b, const char *event, const struct gh_err *err,
                       void (*next)(struct gh_batch *))
{
    if (b->in->stopping || err->cls != GH_AGAIN || (err->code != EBUSY && err->code != ENOSPC))
        return false;
    gh_log_err(GH_LOG_WARNING, event, err, "units=%zu wait_ms=%" PRId64, b->n, b->wait_ms);
    b->next = next;
    b->timer = gh_loop_after(b->in->p.loop, b->wait_ms, on_batch_timer, b);
    b->wait_ms = GH_MIN(b->wait_ms * 2, (int64_t)TROUBLE_MS);
    return true;
}

void gh_units_stop(struct gh_intake *in)
{
    struct gh_batch *b = in->batch;
    gh_documents_stop(in);
    gh_stuck_stop(in);
    gh_at_once_stop(in->kept);
    if (!b || !b->timer)
        return;
    gh_loop_cancel(in->p.loop, &b->timer);
    b->next(b);
}

static void move_work(void *arg)
{
    struct gh_batch *b = arg;
    for (size_t i = 0; i < b->n; i++)
        gh_taken_move(&b->units[i]->copy);
}

static int mark_unit(const struct gh_unit *u, struct gh_err *err)
{
    for (size_t i = 0; i < u->copy.n; i++) {
        const struct gh_copy_file *f = &u->copy.files[i];
        if (f->file && f->how != GH_COPY_FAILED && f->how != GH_COPY_BUSY)
            TRY(gh_ledger_source_taken(u->dept->in->p.ledger, NULL, f->file,
                                       f->how == GH_COPY_MOVED ? f->taken : "", err));
    }
    return 0;
}

int gh_units_mark_taken(struct gh_intake *in, struct gh_unit *const *units, size_t n,
                        struct gh_err *err)
{
    struct gh_ledger *l = in->p.ledger;
    TRY(gh_ledger_begin(l, err));
    int r = 0;
    for (size_t i = 0; r >= 0 && i < n; i++)
        r = mark_unit(units[i], err);
    return gh_ledger_end(l, r, err);
}

void gh_unit_reach_taken(struct gh_unit *u)
{
    u->copy.err = (struct gh_err){0};
    u->copy.drop = fcntl(u->dept->fd, F_DUPFD_CLOEXEC, 3);
    u->copy.taken = fcntl(u->dept->in->p.dirs->taken, F_DUPFD_CLOEXEC, 3);
}

/* What the quiet time should have been for what was just taken. */
static void learn_from(struct gh_unit *u)
{
    struct gh_dept *dept = u->dept;
    bool early = false;
    int64_t lesson = 0;
    for (size_t i = 0; i < u->copy.n; i++)
        early |= u->copy.files[i].file && u->copy.files[i].how == GH_COPY_CHANGED;
    for (size_t i = 0; i < u->n_entries; i++)
        lesson = GH_MAX(lesson, gh_settle_lesson(&u->entries[i]->settle, gh_dept_quiet(dept)));
    /* In a folder, a pause may only be the time until the next file was begun. */
    gh_quiet_learn(dept->in->p.quiet, dept->slug, early, u->folder ? 0 : lesson);
    if (!early)
        gh_at_once_learn(u);
}

/* Its files were moved away: what appears under the same names from now on is new. */
static void unit_finish(struct gh_unit *u)
{
    for (size_t i = 0; i < u->n_entries; i++) {
        struct gh_entry *e = u->entries[i];
        e->submission = u->folder ? u->submission : 0;
        e->settle = (struct gh_settle){0};
        e->first_ms = gh_now_ms();
        e->since_mono = gh_mono_ms();
    }
    unit_release(u, 0);
}

static bool is_stuck(const struct gh_unit *u)
{
    for (size_t i = 0; i < u->copy.n; i++)
        if (u->copy.files[i].file && u->copy.files[i].how == GH_COPY_FAILED)
            return true;
    return false;
}

/* The files are gone from the drop folder. When ghatd stops before the ledger knows it, the next
 * start finds them in .taken/. */
static void batch_finish(struct gh_batch *b)
{
    struct gh_err err = {0};
    if (gh_units_mark_taken(b->in, b->units, b->n, &err) < 0) {
        if (batch_wait(b, "ledger-failed", &err, batch_finish))
            return;
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "what=taken");
    }
    for (size_t i = 0; i < b->n; i++) {
        learn_from(b->units[i]);
        if (is_stuck(b->units[i]))
            gh_stuck_keep(b->units[i], unit_finish);
        else
            unit_finish(b->units[i]);
    }
    batch_end(b);
}

static void move_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    batch_finish(arg);
}

/* I4: one transaction for the whole batch. */
static int batch_commit(struct gh_batch *b, struct gh_err *err)
{
    struct gh_ledger *l = b->in->p.ledger;
    TRY(gh_ledger_begin(l, err));
    int r = 0;
    for (size_t i = 0; r >= 0 && i < b->n; i++)
        if ((r = gh_record_unit(b->units[i], err)) < 0)
            r = gh_fail_prefix(err, "%s", b->units[i]->dept->slug);
    return gh_ledger_end(l, r, err);
}

bool gh_intake_busy(const struct gh_intake *in)
{
    return in->copying || in->batch || in->readers || in->moving_stuck ||
           gh_copy_ahead_busy(in->ahead) || gh_at_once_busy(in->kept);
}

static void sync_work(void *arg)
{
    struct gh_batch *b = arg;
    (void)!gh_sync(b->in->p.dirs->spool, &b->err);
}

/*
 * The ledger refused the batch. One unit that it refuses must not hold up the others, so each is
 * committed by itself for a while; one that is refused alone is told to the officer and left where
 * it is. What may succeed later is tried again, a few times.
 */
static void batch_refused(struct gh_batch *b, const struct gh_err *err)
{
    struct gh_intake *in = b->in;
    struct gh_unit *u = b->units[0];
    gh_log_err(GH_LOG_ERROR, "cannot-admit", err, "units=%zu", b->n);
    bool alone = in->singly && b->n == 1, passing = err->cls == GH_AGAIN || err->cls == GH_SYSTEM;
    in->singly = true;
    if (!alone || (passing && ++u->entries[0]->refusals < REFUSALS)) {
        batch_give_up(b, TROUBLE_MS);
        return;
    }
    GH_AUTO_FREE char *reason = gh_asprintf(GH_REASON_NOT_RECORDED "%s", err->msg);
    gh_entry_refuse(u->dept, u->name, &u->entries[0]->settle.last, reason);
    batch_give_up(b, PARKED);
}

/* Units that were taken in at once are moved away later than the others of the batch. */
static void leave_those_kept(struct gh_batch *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct gh_unit *u = b->units[i];
        if (!u->at_once) {
            b->units[n++] = u;
            continue;
        }
        u->entries[0]->refusals = 0;
        gh_at_once_keep(u, unit_finish);
    }
    b->n = n;
}

/* The copies are durable: commit, then move the dropped files away. */
static void batch_commit_and_move(struct gh_batch *b)
{
    struct gh_err err = {0};
    if (b->in->stopping) {
        batch_give_up(b, TROUBLE_MS);
        return;
    }
    if (batch_commit(b, &err) < 0) {
        if (!batch_wait(b, "ledger-failed", &err, batch_commit_and_move))
            batch_refused(b, &err);
        return;
    }
    for (size_t i = 0; i < b->n; i++)
        gh_record_log(b->units[i]);
    b->wait_ms = LEDGER_MS;
    b->in->singly &= b->in->copied != NULL;
    leave_those_kept(b);
    for (size_t i = 0; i < b->n; i++) {
        b->units[i]->entries[0]->refusals = 0;
        gh_unit_reach_taken(b->units[i]);
    }
    if (b->n)
        gh_loop_submit(b->in->p.loop, move_work, move_done, b);
    else
        batch_end(b);
}

static void sync_done(struct gh_loop *loop, void *arg);

static void batch_sync(struct gh_batch *b)
{
    b->err = (struct gh_err){0};
    if (b->in->stopping)
        batch_give_up(b, TROUBLE_MS);
    else
        gh_loop_submit(b->in->p.loop, sync_work, sync_done, b);
}

static void sync_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_batch *b = arg;
    struct gh_err err = b->err;
    if (!err.cls || b->in->stopping)
        batch_commit_and_move(b);
    else if (!batch_wait(b, "spool-not-synced", &err, batch_sync))
        batch_refused(b, &err);
}

static void batch_begin(struct gh_intake *in)
{
    if (in->batch || !in->copied || in->stopping)
        return;
    struct gh_batch *b = gh_alloc(sizeof(*b));
    *b = (struct gh_batch){.in = in, .wait_ms = LEDGER_MS};
    while (in->copied && b->n < (in->singly ? 1 : BATCH)) {
        struct gh_unit *u = in->copied;
        in->copied = u->next;
        if (!in->copied)
            in->copied_end = &in->copied;
        b->units[b->n++] = u;
    }
    in->batch = b;
    batch_sync(b);
}
