/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Photos that need not wait: where a department's files were always whole when their writers had
 * closed them, a loose photo is copied, recorded and worked on from then on. The dropped file stays
 * under its name until its quiet time is over, as any other's does; only then it is moved away, if
 * it is still the file that was copied. Else it is a new drop, the department's files wait again,
 * and nothing is lost: its writer never met a name that was gone. Owns the units in between. A
 * ledger that does not take what was moved is asked again; what it does not take before ghatd ends
 * the next start finds in .taken/.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define AT_ONCE 64 /* units that are moved away together */
/* Wait for a ledger that is busy or full, or a department that is offline. */
#define AGAIN_MS 1000

struct gh_at_once {
    struct gh_intake *in;
    struct gh_unit *units; /* that wait */
    uint64_t timer;
    int64_t timer_due;               /* monotonic */
    struct gh_unit *moving[AT_ONCE]; /* whose time is over */
    size_t n;
    bool busy; /* a pool thread has them */
    void (*done)(struct gh_unit *unit);
};

struct gh_at_once *gh_at_once_new(struct gh_intake *in)
{
    struct gh_at_once *k = gh_alloc(sizeof(*k));
    *k = (struct gh_at_once){.in = in};
    return k;
}

/* ----------------------------------------------------------------------------- what is learnt */

bool gh_at_once_may(const struct gh_entry *e)
{
    const struct gh_dept *dept = e->dept;
    const struct gh_print *print = &e->settle.last;
    return dept->in->p.settings->conf.at_once && print->kind == GH_SEEN_FILE && print->nlink == 1 &&
           print->size && print->size <= GH_READ_AT_ONCE && gh_name_guess(e->name) == GH_PHOTO &&
           /* with another file of its stem it would be one submission, and so it may be with one
            * that is still to come */
           e->stem && !e->stem_next && gh_map_get(&dept->stems, e->stem, strlen(e->stem)) == e &&
           !gh_name_live_still(e->name) && gh_dept_has_events(dept) &&
           gh_quiet_at_once(dept->in->p.quiet, dept->slug);
}

void gh_at_once_doubt(struct gh_intake *in)
{
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        size_t i = 0;
        for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &i));)
            e->settle.closed = false;
    }
}

void gh_at_once_gone(const struct gh_entry *e)
{
    if (e->state == GH_ENTRY_WAITING && e->settle.closed)
        gh_quiet_whole(e->dept->in->p.quiet, e->dept->slug, false);
}

void gh_at_once_learn(const struct gh_unit *u)
{
    const struct gh_dept *dept = u->dept;
    if (u->folder || (u->what != GH_UNIT_MEDIA && u->what != GH_UNIT_TEXT) ||
        !gh_dept_has_events(dept))
        return;
    /* What comes in pairs is one submission only if the first waits for the second. */
    enum gh_whole whole = u->n_entries > 1 || u->what == GH_UNIT_TEXT
                              ? GH_WHOLE_NO
                              : gh_settle_whole(&u->entries[0]->settle, gh_dept_quiet(dept));
    if (whole == GH_WHOLE_NO || (whole == GH_WHOLE_YES && u->copy.files[0].closed))
        gh_quiet_whole(dept->in->p.quiet, dept->slug, whole == GH_WHOLE_YES);
}

/* --------------------------------------------------------------------------- the rest of the time
 */

static void arm(struct gh_at_once *k);

static void keep(struct gh_at_once *k, struct gh_unit *u, int64_t wait_ms)
{
    u->due_ms = gh_mono_ms() + wait_ms;
    u->next = k->units;
    k->units = u;
    arm(k);
}

/* Take out the units whose time is over. */
static void gather_due(struct gh_at_once *k)
{
    int64_t now = gh_mono_ms();
    for (struct gh_unit **at = &k->units; *at && k->n < AT_ONCE;) {
        struct gh_unit *u = *at;
        if (u->dept->fd < 0) /* offline: it is kept for as long */
            u->due_ms = GH_MAX(u->due_ms, now + AGAIN_MS);
        if (u->due_ms > now) {
            at = &u->next;
            continue;
        }
        *at = u->next;
        k->moving[k->n++] = u;
    }
}

static void reach(struct gh_unit *u)
{
    gh_unit_reach_taken(u);
    u->copy.no_lease = false;
}

static void move_work(void *arg)
{
    struct gh_at_once *k = arg;
    for (size_t i = 0; i < k->n; i++)
        gh_copy_take_away(&k->moving[i]->copy);
}

static bool is(const struct gh_unit *u, enum gh_copy_how how)
{
    return u->copy.files[0].how == how;
}

static void end(struct gh_at_once *k, struct gh_unit *u)
{
    struct gh_dept *dept = u->dept;
    gh_close_fd(&u->copy.drop);
    gh_close_fd(&u->copy.taken);
    if (is(u, GH_COPY_BUSY)) {
        u->came_back = true;
        keep(k, u, gh_dept_quiet(dept));
        return;
    }
    if (is(u, GH_COPY_FAILED)) {
        gh_stuck_keep(u, k->done);
        return;
    }
    bool whole = is(u, GH_COPY_MOVED) && !u->came_back;
    if (!whole)
        gh_log(GH_LOG_NOTICE, "not-whole-when-closed", "id=%" PRId64 " department=%s",
               u->submission, dept->slug);
    gh_quiet_whole(dept->in->p.quiet, dept->slug, whole);
    k->done(u);
}

static void finish(struct gh_at_once *k);

static void on_ledger_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_at_once *k = arg;
    k->timer = 0;
    finish(k);
}

static void finish(struct gh_at_once *k)
{
    struct gh_err err = {0};
    if (gh_units_mark_taken(k->in, k->moving, k->n, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "what=taken");
        if (err.cls == GH_AGAIN && !k->in->stopping) {
            k->timer = gh_loop_after(k->in->p.loop, AGAIN_MS, on_ledger_timer, k);
            return;
        }
    }
    size_t n = k->n;
    struct gh_unit *moved[AT_ONCE];
    memcpy(moved, k->moving, n * sizeof(moved[0]));
    k->n = 0;
    for (size_t i = 0; i < n; i++)
        end(k, moved[i]);
    arm(k);
}

static void move_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_at_once *k = arg;
    k->busy = false;
    finish(k);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_at_once *k = arg;
    k->timer = 0;
    gather_due(k);
    for (size_t i = 0; i < k->n; i++)
        reach(k->moving[i]);
    k->busy = k->n > 0;
    if (k->n)
        gh_loop_submit(loop, move_work, move_done, k);
    else
        arm(k);
}

/* Set the timer for the next unit, unless some are being moved away: then that sets it. */
static void arm(struct gh_at_once *k)
{
    if (k->n || !k->units || k->in->stopping)
        return;
    int64_t due = INT64_MAX;
    for (struct gh_unit *u = k->units; u; u = u->next)
        due = GH_MIN(due, u->due_ms);
    if (k->timer && k->timer_due <= due)
        return;
    gh_loop_cancel(k->in->p.loop, &k->timer);
    k->timer_due = due;
    k->timer = gh_loop_after(k->in->p.loop, GH_MAX(due - gh_mono_ms(), 0), on_timer, k);
}

void gh_at_once_keep(struct gh_unit *u, void (*done)(struct gh_unit *unit))
{
    struct gh_at_once *k = u->dept->in->kept;
    k->done = done;
    if (!u->copy.files[0].file) { /* it was gone before it was copied */
        done(u);
        return;
    }
    keep(k, u, gh_settle_wait(&u->entries[0]->settle, gh_mono_ms(), gh_dept_quiet(u->dept)));
}

bool gh_at_once_busy(const struct gh_at_once *k)
{
    return k && k->busy;
}

void gh_at_once_stop(struct gh_at_once *k)
{
    if (!k)
        return;
    bool ledger_waits = k->timer && k->n;
    gh_loop_cancel(k->in->p.loop, &k->timer);
    for (struct gh_unit *u; (u = k->units);) {
        k->units = u->next;
        gh_unit_free(u);
    }
    if (ledger_waits)
        finish(k);
}

void gh_at_once_free(struct gh_at_once **kept)
{
    if (!*kept)
        return;
    gh_at_once_stop(*kept);
    gh_free_ptr(kept);
}
