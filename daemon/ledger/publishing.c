/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of a decision to the outside: pending as long as it can be undone. Then an approval is
 * publishing, which is committed before the first name appears, and then published; of a hold or a
 * rejection the officer is told. What is void stays so.
 */
#include "daemon/ledger/db.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

/* Approvals whose every output has a later one that is out: nothing of them is left to wait. */
static int drop_superseded(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    return gh_db_run(
        l, err,
        "DELETE FROM pending WHERE submission = ? AND (SELECT verdict FROM decision"
        " WHERE id = pending.decision) = 'approve' AND NOT EXISTS (SELECT 1 FROM decided d"
        " WHERE d.decision = pending.decision AND NOT EXISTS (SELECT 1 FROM decided n"
        " JOIN decision x ON x.id = n.decision AND x.verdict = 'approve'"
        " WHERE n.rendition = d.rendition AND n.decision > d.decision"
        " AND n.decision NOT IN (SELECT decision FROM pending)"
        " AND n.decision NOT IN (SELECT decision FROM voided)))",
        "i", submission);
}

/* The outbox changes by it, unless all of it was withdrawn while it waited. */
static int lag_behind(struct gh_ledger *l, int64_t submission, int64_t decision, int64_t now,
                      struct gh_err *err)
{
    char day[32];
    int64_t n = 0;
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM decided d JOIN rendition r ON r.id = d.rendition"
                  " AND r.sha256 = d.sha256 WHERE d.decision = ?"
                  " AND r.state IN ('publishing','published','collected')",
                  "i", decision));
    if (n == 0)
        return 0;
    gh_time_day(now, day, sizeof(day));
    return gh_db_run(l, err,
                     "UPDATE submission SET manifest = manifest + 1, outbox_day ="
                     " CASE outbox_day WHEN '' THEN ? ELSE outbox_day END WHERE id = ?",
                     "ti", day, submission);
}

/* ----------------------------------------------------------------------------------- the way out
 */

/* It waits no longer. Returns 1 when it is an approval, 0 when it is a hold or a rejection. */
static int take_pending(struct gh_ledger *l, int64_t submission, int64_t decision,
                        struct gh_err *err)
{
    int64_t approval = 0;
    int n = gh_db_int(l, &approval, err,
                      "SELECT d.verdict = 'approve' FROM pending p JOIN decision d"
                      " ON d.id = p.decision WHERE p.decision = ? AND p.submission = ?",
                      "ii", decision, submission);
    TRY(n);
    if (n == 0)
        return gh_fail(err, GH_LIMIT,
                       "decision %" PRId64 " of submission %" PRId64 " does not wait to go out",
                       decision, submission);
    TRY(gh_db_run(l, err, "DELETE FROM pending WHERE decision = ?", "i", decision));
    return approval != 0;
}

/* The officer hears of a hold or a rejection. */
static int tell_turned(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                       int64_t decision, struct gh_err *err)
{
    int64_t rejects = 0;
    TRY(gh_db_int(l, &rejects, err, "SELECT verdict = 'reject' FROM decision WHERE id = ?", "i",
                  decision));
    return gh_tell_item(l, who, rejects ? "rejected" : "held", submission, decision, err);
}

int gh_ledger_publishing(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                         int64_t decision, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    int64_t now = once.now_ms;
    who = &once; /* the old one goes in the moment in which the new one does */
    GH_TX(l, err);
    int approval = take_pending(l, submission, decision, err);
    TRY(approval);
    TRY(gh_gates_open(l, who, submission, approval, err));
    if (!approval) {
        TRY(gh_audit(l, who, submission, "submission", submission, "told", err, "decision %" PRId64,
                     decision));
        TRY(tell_turned(l, who, submission, decision, err));
        return gh_tx_commit(&tx, err);
    }
    int n = gh_db_run(
        l, err,
        "UPDATE rendition SET state = 'publishing', publishing_ms = ?1"
        " WHERE submission = ?2 AND state = 'approved' AND EXISTS (SELECT 1 FROM decided d"
        " WHERE d.decision = ?3 AND d.rendition = rendition.id"
        " AND d.sha256 = rendition.sha256)",
        "iii", now, submission, decision);
    TRY(n);
    TRY(lag_behind(l, submission, decision, now, err));
    TRY(drop_superseded(l, submission, err));
    TRY(gh_audit(l, who, submission, "submission", submission, "publishing", err,
                 "decision %" PRId64 ", %d files", decision, n));
    if (n > 0) /* withdrawn while it waited, it takes nobody's place */
        TRY(gh_replace_old(l, who, submission, decision, err));
    TRY(gh_sub_advance(l, who, submission, err));
    return gh_tx_commit(&tx, err);
}

/* Holds and rejections of which nothing stands any more, or another one stands instead. */
#define OVERTAKEN                                                                                  \
    " FROM pending WHERE submission = ?1 AND (SELECT verdict FROM decision"                        \
    " WHERE id = pending.decision) <> 'approve' AND NOT EXISTS (SELECT 1 FROM decided d"           \
    " JOIN rendition r ON r.id = d.rendition AND r.sha256 = d.sha256"                              \
    " JOIN decision x ON x.id = d.decision WHERE d.decision = pending.decision"                    \
    " AND r.state = CASE x.verdict WHEN 'hold' THEN 'held' ELSE 'rejected' END"                    \
    " AND NOT EXISTS (SELECT 1 FROM decided n JOIN decision y ON y.id = n.decision"                \
    " WHERE n.rendition = d.rendition AND n.decision > d.decision"                                 \
    " AND y.verdict IN ('hold','reject')))"

/* Nobody was told of them, and nobody will be: they count as undone. */
int gh_pending_tidy(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    TRY(gh_db_run(
        l, err,
        "INSERT INTO voided(decision, time_ms, actor) SELECT decision, ?2, 'ghatd'" OVERTAKEN, "ii",
        submission, gh_now_ms()));
    return gh_db_run(l, err, "DELETE" OVERTAKEN, "i", submission);
}

/* What the submission says of its approvals is what is left of them. */
static int forget_approval(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE rendition SET approved_ms = 0, decided_ms = 0, decided_by = NULL"
                  " WHERE submission = ? AND state = 'approved'",
                  "i", submission));
    return gh_db_run(
        l, err,
        "UPDATE submission SET (approved_caption, approved_by) = (SELECT d.caption, d.actor"
        " FROM decision d WHERE d.submission = ?1 AND d.verdict = 'approve' AND NOT EXISTS"
        " (SELECT 1 FROM voided v WHERE v.decision = d.id) ORDER BY d.id DESC LIMIT 1),"
        " approved_ms = coalesce((SELECT min(d.time_ms) FROM decision d WHERE d.submission = ?1"
        " AND d.verdict = 'approve' AND NOT EXISTS"
        " (SELECT 1 FROM voided v WHERE v.decision = d.id)), 0) WHERE id = ?1",
        "i", submission);
}

/* What was held or rejected, and nobody was told of, waits for a decision again. */
static int turn_back(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(l, submission, &item, err));
    for (size_t i = 0; i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        if (!r->turned)
            continue;
        TRY(gh_ren_step(l, r->id, r->state, GH_REN_STAGED, NULL, err));
        TRY(gh_db_run(l, err, "UPDATE rendition SET decided_ms = 0, decided_by = NULL WHERE id = ?",
                      "i", r->id));
    }
    return 0;
}

/* The decisions that wait, "17,18". */
static int list_pending(struct gh_ledger *l, int64_t submission, struct gh_str *out,
                        struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT decision FROM pending WHERE submission = ? ORDER BY decision", "i",
                    submission));
    while ((r = gh_db_step(&s, err)) > 0)
        gh_str_printf(out, "%s%" PRId64, out->len ? "," : "", gh_col_i64(&s, 0));
    return r;
}

int gh_ledger_undo(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                   unsigned *ret_n, struct gh_err *err)
{
    int64_t n = 0;
    GH_AUTO_STR decisions = {0};
    const struct gh_who once = gh_who_at_once(who);
    who = &once; /* its rows in the record are found by their moment */
    GH_TX(l, err);
    enum gh_sub_state state;
    TRY(gh_sub_state(l, submission, &state, err));
    TRY(list_pending(l, submission, &decisions, err));
    if (!decisions.len)
        return gh_fail(err, GH_LIMIT,
                       "nothing of submission %" PRId64
                       " can be undone: nothing was decided, or the outside has seen it already"
                       " (what is out is taken back by ghat withdraw, a hold by ghat release)",
                       submission);
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(DISTINCT d.rendition) FROM decided d JOIN pending p"
                  " ON p.decision = d.decision WHERE p.submission = ?",
                  "i", submission));
    TRY(turn_back(l, submission, err));
    TRY(gh_db_run(l, err,
                  "INSERT INTO voided(decision, time_ms, actor) SELECT decision, ?, ?"
                  " FROM pending WHERE submission = ?",
                  "iti", gh_who_now(who), gh_who_actor(who), submission));
    TRY(gh_db_run(l, err, "DELETE FROM pending WHERE submission = ?", "i", submission));
    TRY(forget_approval(l, submission, err));
    TRY(gh_ren_step_all(l, submission, 0, GH_REN_APPROVED, GH_REN_STAGED, NULL, err));
    TRY(gh_audit(l, who, submission, "submission", submission, "undo", err,
                 "decisions %s, %" PRId64 " files", gh_str_text(&decisions), n));
    TRY(gh_sub_advance(l, who, submission, err));
    TRY(gh_db_run(l, err,
                  "UPDATE submission SET decided_ms = 0 WHERE id = ?1 AND decided_ms IN"
                  " (SELECT d.time_ms FROM decision d JOIN voided v ON v.decision = d.id"
                  " WHERE d.submission = ?1) AND state NOT IN ('decided','delivered')",
                  "i", submission));
    TRY(gh_tx_commit(&tx, err));
    *ret_n = (unsigned)n;
    return 0;
}

int gh_ledger_published(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *shown,
                        struct gh_err *err)
{
    GH_TX(l, err);
    unsigned n = 0;
    for (size_t i = 0; i < shown->n_renditions; i++) {
        const struct gh_rendition *r = &shown->renditions[i];
        if (r->state != GH_REN_PUBLISHING)
            continue;
        /* withdrawn while the files were written: the next round takes them away again */
        int changed = gh_db_run(l, err,
                                "UPDATE rendition SET state = 'published', published_ms = ?"
                                " WHERE id = ? AND state = 'publishing' AND sha256 = ?",
                                "iit", gh_who_now(who), r->id, r->sha256);
        TRY(changed);
        n += (unsigned)changed;
    }
    TRY(gh_db_run(l, err,
                  "UPDATE submission SET manifest_done ="
                  " CASE WHEN manifest_done < ?1 THEN ?1 ELSE manifest_done END,"
                  " manifest_sha256 = ?3 WHERE id = ?2",
                  "iit", shown->sub.manifest, shown->sub.id, shown->sub.manifest_sha256));
    TRY(gh_audit(l, who, shown->sub.id, "submission", shown->sub.id, "published", err,
                 "%u files, manifest %" PRId64 "%s%s", n, shown->sub.manifest,
                 *shown->sub.manifest_sha256 ? ", sha256 " : "", shown->sub.manifest_sha256));
    if (n > 0)
        TRY(gh_tell_item(l, who, "collect", shown->sub.id, shown->sub.manifest, err));
    TRY(gh_sub_advance(l, who, shown->sub.id, err));
    return gh_tx_commit(&tx, err);
}
