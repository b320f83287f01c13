/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Committed units whose dropped files cannot be moved away: the folder's permissions, a file that
 * may not be changed, .taken/ itself. They wait here, their entries with them, so that no byte is
 * copied and no row is written again; the move alone is tried, after longer and longer waits. The
 * log is told once, and so is the officer of what only people can mend: a full disk or a fault of
 * it passes, and is no drop of its own. After a restart resume.c tries first.
 */
#include "daemon/intake/intake_int.h"

#include "base/log.h"

#include <errno.h>

#define FIRST_MS 1000
#define LONGEST_MS (600 * 1000)

static void wait_again(struct gh_unit *u);

static void leave(struct gh_unit *u)
{
    struct gh_unit **at = &u->dept->in->stuck;
    while (*at && *at != u)
        at = &(*at)->next;
    if (*at)
        *at = u->next;
}

/* What is done needs no second try. Returns whether something is left. */
static bool forget_done(struct gh_unit *u)
{
    bool left = false;
    for (size_t i = 0; i < u->copy.n; i++) {
        struct gh_copy_file *f = &u->copy.files[i];
        if (f->how != GH_COPY_FAILED)
            f->file = 0;
        left |= f->file != 0;
    }
    return left;
}

static bool is_for_people(const struct gh_err *err)
{
    return err->code == EACCES || err->code == EPERM || err->code == EROFS;
}

static void tell(struct gh_unit *u)
{
    if (u->stuck_told || !is_for_people(&u->copy.err))
        return;
    for (size_t i = 0; i < u->copy.n; i++) {
        const struct gh_copy_file *f = &u->copy.files[i];
        if (f->file && f->how == GH_COPY_FAILED)
            gh_entry_refuse(u->dept, f->path, &f->print, GH_COPY_NOT_MOVABLE);
    }
    u->stuck_told = true;
}

static void move_work(void *arg)
{
    struct gh_unit *u = arg;
    u->copy.err.cls = GH_OK;
    gh_taken_move(&u->copy);
}

static void move_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_unit *u = arg;
    struct gh_intake *in = u->dept->in;
    struct gh_err err = {0};
    in->moving_stuck--;
    gh_close_fd(&u->copy.drop);
    gh_close_fd(&u->copy.taken);
    /* What the ledger does not take now is found in .taken/ by the next start. */
    if (gh_units_mark_taken(in, &u, 1, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "what=taken");
    if (forget_done(u)) {
        tell(u);
        wait_again(u);
        return;
    }
    leave(u);
    if (in->stopping)
        gh_unit_free(u);
    else
        u->stuck_done(u);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_unit *u = arg;
    u->stuck_timer = 0;
    gh_unit_reach_taken(u);
    u->dept->in->moving_stuck++;
    gh_loop_submit(loop, move_work, move_done, u);
}

static void wait_again(struct gh_unit *u)
{
    struct gh_intake *in = u->dept->in;
    if (in->stopping) {
        leave(u);
        gh_unit_free(u);
        return;
    }
    u->stuck_timer = gh_loop_after(in->p.loop, u->stuck_ms, on_timer, u);
    u->stuck_ms = GH_MIN(u->stuck_ms * 2, (int64_t)LONGEST_MS);
}

void gh_stuck_keep(struct gh_unit *u, void (*done)(struct gh_unit *unit))
{
    struct gh_intake *in = u->dept->in;
    for (size_t i = 0; i < u->copy.n; i++) {
        const struct gh_copy_file *f = &u->copy.files[i];
        if (!f->file || f->how != GH_COPY_FAILED)
            continue;
        gh_log_err(GH_LOG_ERROR, "cannot-take-away", &u->copy.err, "department=%s name=%s",
                   u->dept->slug, gh_log_quote(f->path));
    }
    tell(u);
    gh_close_fd(&u->copy.drop);
    gh_close_fd(&u->copy.taken);
    (void)forget_done(u);
    u->stuck_done = done;
    u->stuck_ms = FIRST_MS;
    u->next = in->stuck;
    in->stuck = u;
    wait_again(u);
}

void gh_stuck_stop(struct gh_intake *in)
{
    struct gh_unit *next;
    for (struct gh_unit *u = in->stuck; u; u = next) {
        next = u->next;
        if (!u->stuck_timer)
            continue; /* in a pool thread: freed when it is back */
        gh_loop_cancel(in->p.loop, &u->stuck_timer);
        leave(u);
        gh_unit_free(u);
    }
}
