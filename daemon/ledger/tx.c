/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions that nest, the touched hook, and the one policy for failure: a table says what each
 * fault of the engine means. Busy or full: GH_AGAIN, nothing was changed, the caller tries again
 * later. A disk that failed, damage: GH_SYSTEM; the hook is called, once, and from then on every
 * call of this ledger fails alike, since only reading the file anew tells what is in it.
 */
#include "daemon/ledger/db.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define SAVEPOINT "step"

/* --------------------------------------------------------------------------- policy for failure */

/* By enum gh_fault. */
static const struct {
    enum gh_class cls;
    int code; /* errno, for those who tell one passing condition from another */
    const char *say;
} meaning[] = {
    [GH_FAULT_BUSY] = {GH_AGAIN, EBUSY, "the ledger is busy (another program has it open)"},
    [GH_FAULT_FULL] = {GH_AGAIN, ENOSPC, "the disk of the ledger is full"},
    [GH_FAULT_IO] = {GH_SYSTEM, EIO, "reading or writing the ledger failed"},
    [GH_FAULT_DAMAGED] = {GH_SYSTEM, EUCLEAN, "the ledger is damaged; restore a backup"},
    [GH_FAULT_ACCESS] = {GH_SYSTEM, EACCES, "the ledger cannot be opened or written"},
    [GH_FAULT_MEMORY] = {GH_SYSTEM, ENOMEM, "out of memory in the ledger"},
    [GH_FAULT_OURS] = {GH_BUG, 0, "ledger"},
};

void gh_ledger_on_failed(struct gh_ledger *l, gh_failed_fn *fn, void *arg)
{
    l->on_failed = fn;
    l->failed_arg = arg;
}

void gh_ledger_on_full(struct gh_ledger *l, gh_full_fn *fn, void *arg)
{
    l->on_full = fn;
    l->full_arg = arg;
}

static void fail_for_good(struct gh_ledger *l, const struct gh_err *why)
{
    bool first = !l->failed;
    l->failed = true;
    l->why = *why;
    if (first && why->code == EUCLEAN && !l->read_only)
        gh_open_mark_damaged(l, why->msg);
    if (first && l->on_failed)
        l->on_failed(l, why, l->failed_arg);
}

static void pause_for(struct gh_ledger *l, const struct gh_err *why)
{
    l->paused = true;
    l->lock_wait_ms = GH_LOCK_WAIT_PAUSED_MS;
    l->why = *why;
}

int gh_tx_fault(struct gh_ledger *l, enum gh_fault fault, const char *said, const char *doing,
                struct gh_err *err)
{
    struct gh_err why = {0};
    if (meaning[fault].cls == GH_BUG)
        (void)!gh_fail(&why, GH_BUG, "ledger: %s: %.60s", said, doing);
    else
        (void)!gh_fail(&why, meaning[fault].cls, "%s (%s)", meaning[fault].say, said);
    why.code = meaning[fault].code;
    if (why.cls == GH_SYSTEM)
        fail_for_good(l, &why);
    else if (why.cls == GH_AGAIN && !l->failed)
        pause_for(l, &why);
    if (l->level > 0 && !l->lost && !gh_db_in_transaction(l)) {
        l->lost = true;
        l->why = why;
    }
    if (err)
        *err = why;
    return -(int)why.cls;
}

int gh_tx_alive(const struct gh_ledger *l, struct gh_err *err)
{
    if (!l->failed && !l->lost)
        return 0;
    if (err)
        *err = l->why;
    return -(int)l->why.cls;
}

/* Whether a lock is still held can be asked; whether there is room shows the next commit. */
const char *gh_ledger_pause(struct gh_ledger *l)
{
    if (!l->failed && l->paused && l->why.code == EBUSY && l->level == 0 &&
        gh_db_begin(l, NULL) == 0) {
        gh_db_undo(l, NULL);
        l->paused = false;
        l->lock_wait_ms = GH_LOCK_WAIT_MS;
    }
    return l->failed || l->paused ? l->why.msg : "";
}

/* --------------------------------------------------------------------------- changes made again */

void gh_tx_keep(struct gh_ledger *l, char *sql, int rows)
{
    if (l->n_changes == l->cap_changes) {
        l->cap_changes = l->cap_changes ? l->cap_changes * 2 : 16;
        l->changes = gh_realloc(l->changes, l->cap_changes * sizeof(*l->changes));
    }
    l->changes[l->n_changes++] = (struct gh_change){.sql = sql, .rows = rows};
}

static void forget_changes(struct gh_ledger *l, size_t down_to)
{
    while (l->n_changes > down_to)
        free(l->changes[--l->n_changes].sql);
}

/* The engine undid the whole transaction when its commit failed. Nobody else writes the ledger: if
 * a change should now concern other rows than it did, somebody did. */
static int make_changes(struct gh_ledger *l, struct gh_err *err)
{
    TRY(gh_db_begin(l, err));
    for (size_t i = 0; i < l->n_changes; i++) {
        int rows = gh_db_repeat(l, l->changes[i].sql, err);
        TRY(rows);
        if (rows != l->changes[i].rows)
            return gh_fail(err, GH_AGAIN, "another program changed the ledger in between");
    }
    return gh_db_exec(l, "COMMIT", err);
}

static bool made_room(struct gh_ledger *l, const struct gh_err *why)
{
    if (why->cls != GH_AGAIN || why->code != ENOSPC || !l->on_full || !l->on_full(l, l->full_arg))
        return false;
    l->lost = false;
    return true;
}

/* --------------------------------------------------------------------------------- transactions */

static int begin(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_err why = {0};
    if (l->read_only)
        return gh_fail(err, GH_BUG, "the ledger is open for reading only");
    int r = gh_db_begin(l, &why);
    if (r < 0 && made_room(l, &why))
        r = gh_db_begin(l, &why);
    if (r < 0 && err)
        *err = why;
    TRY(r);
    l->level = 1;
    l->outer_seq = l->seq;
    GH_COPY(l->outer_head, l->head);
    l->outer_touched = l->n_touched;
    return 0;
}

static void roll_back(struct gh_ledger *l)
{
    gh_db_undo(l, NULL);
    l->level = 0;
    l->lost = false;
    forget_changes(l, 0);
    l->seq = l->outer_seq;
    GH_COPY(l->head, l->outer_head);
    l->n_touched = l->outer_touched;
}

static int commit(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_err why = {0};
    bool whole = !l->lost;
    int r = gh_db_exec(l, "COMMIT", &why);
    if (r < 0 && whole && made_room(l, &why))
        r = make_changes(l, &why);
    if (r < 0) {
        roll_back(l);
        if (err)
            *err = why;
        return r;
    }
    l->level = 0;
    l->paused = false;
    l->lock_wait_ms = GH_LOCK_WAIT_MS;
    forget_changes(l, 0);
    return 0;
}

void gh_tx_free(struct gh_ledger *l)
{
    forget_changes(l, 0);
    free(l->changes);
    free(l->touched);
}

/* -------------------------------------------------------------------------------------- touched */

void gh_ledger_on_touched(struct gh_ledger *l, gh_touched_fn *fn, void *arg)
{
    l->on_touched = fn;
    l->touched_arg = arg;
}

void gh_ledger_on_question(struct gh_ledger *l, gh_touched_fn *fn, void *arg)
{
    l->on_question = fn;
    l->question_arg = arg;
}

void gh_ledger_on_event(struct gh_ledger *l, gh_touched_fn *fn, void *arg)
{
    l->on_event = fn;
    l->event_arg = arg;
}

void gh_tx_touch(struct gh_ledger *l, int64_t what)
{
    for (size_t i = l->n_touched; i > 0; i--)
        if (l->touched[i - 1] == what)
            return;
    if (l->n_touched == l->cap_touched) {
        l->cap_touched = l->cap_touched ? l->cap_touched * 2 : 16;
        l->touched = gh_realloc(l->touched, l->cap_touched * sizeof(*l->touched));
    }
    l->touched[l->n_touched++] = what;
}

static void tell_one(struct gh_ledger *l, int64_t what)
{
    if (what > 0 && l->on_touched)
        l->on_touched(l, what, l->touched_arg);
    else if (what < GH_TOUCH_EVENTS && l->on_event)
        l->on_event(l, gh_touch_event(what), l->event_arg);
    else if (what < 0 && what > GH_TOUCH_EVENTS && l->on_question)
        l->on_question(l, -what, l->question_arg);
}

/* Tell after the commit; whatever the hook touches itself waits for the next round. */
static void tell_touched(struct gh_ledger *l)
{
    if (l->telling)
        return;
    l->telling = true;
    while (l->n_touched > 0) {
        GH_AUTO_FREE int64_t *ids = gh_steal(&l->touched);
        size_t n = l->n_touched;
        l->n_touched = l->cap_touched = 0;
        for (size_t i = 0; i < n; i++)
            tell_one(l, ids[i]);
    }
    l->telling = false;
}

/* -------------------------------------------------------------------------------------- nesting */

int gh_ledger_begin(struct gh_ledger *l, struct gh_err *err)
{
    if (l->level == 0)
        return begin(l, err);
    l->level++;
    return 0;
}

int gh_ledger_commit(struct gh_ledger *l, struct gh_err *err)
{
    if (l->level == 0)
        return gh_fail(err, GH_BUG, "ledger commit without begin");
    if (l->level > 1) {
        l->level--;
        return 0;
    }
    TRY(commit(l, err));
    tell_touched(l);
    return 0;
}

void gh_ledger_rollback(struct gh_ledger *l)
{
    if (l->level > 0)
        roll_back(l);
}

int gh_ledger_end(struct gh_ledger *l, int r, struct gh_err *err)
{
    if (r >= 0)
        return gh_ledger_commit(l, err);
    gh_ledger_rollback(l);
    return r;
}

int gh_tx_open(struct gh_ledger *l, struct gh_tx *ret, struct gh_err *err)
{
    if (l->level == 0) {
        TRY(begin(l, err));
    } else {
        TRY(gh_db_exec(l, "SAVEPOINT " SAVEPOINT, err));
        l->level++;
    }
    *ret =
        (struct gh_tx){.l = l, .seq = l->seq, .n_touched = l->n_touched, .n_changes = l->n_changes};
    GH_COPY(ret->head, l->head);
    return 0;
}

int gh_tx_commit(struct gh_tx *tx, struct gh_err *err)
{
    struct gh_ledger *l = tx->l;
    if (l->level > 1) {
        TRY(gh_db_exec(l, "RELEASE " SAVEPOINT, err));
        tx->l = NULL;
        l->level--;
        return 0;
    }
    tx->l = NULL;
    TRY(commit(l, err));
    tell_touched(l);
    return 0;
}

void gh_tx_undo(struct gh_tx *tx)
{
    struct gh_ledger *l = tx->l;
    if (!l)
        return;
    tx->l = NULL;
    if (l->level == 1) {
        roll_back(l);
        return;
    }
    l->level--;
    gh_db_undo(l, SAVEPOINT);
    forget_changes(l, tx->n_changes);
    l->seq = tx->seq;
    GH_COPY(l->head, tx->head);
    l->n_touched = tx->n_touched;
}

int64_t gh_who_now(const struct gh_who *who)
{
    return who && who->now_ms ? who->now_ms : gh_now_ms();
}

struct gh_who gh_who_at_once(const struct gh_who *who)
{
    return (struct gh_who){.actor = gh_who_actor(who), .now_ms = gh_who_now(who)};
}

const char *gh_who_actor(const struct gh_who *who)
{
    return who && who->actor ? who->actor : "ghatd";
}
