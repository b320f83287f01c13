/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decisions: one table says which states each verdict takes to which, and what it needs; one function selects the
 * renditions meant, so that the hash shown and the hash checked cannot differ. All or nothing: a placement named that
 * cannot take the verdict refuses it all.
 */
#include "daemon/ledger_db.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define R(id) (1u << GH_REN_##id)
#define OUT (R(APPROVED) | R(PUBLISHED) | R(COLLECTED)) /* what the outbox holds, or will */

static const struct rule {
    const char *name;
    unsigned from, else_from; /* states taken; else_from: those too when named, or when nothing is in `from` */
    unsigned done;            /* states in which it is already so: repeating is no error */
    enum gh_ren_state to;
    bool reason, outbox; /* needs a reason; changes the outbox */
} rules[GH_VERDICTS] = {
    [GH_APPROVE] = {"approve", R(STAGED), R(HELD), OUT, GH_REN_APPROVED, false, true},
    [GH_HOLD] = {"hold", R(STAGED), 0, R(HELD), GH_REN_HELD, false, false},
    [GH_RELEASE] = {"release", R(HELD), 0, R(STAGED), GH_REN_STAGED, false, false},
    [GH_REJECT] = {"reject", R(STAGED) | R(HELD), 0, R(REJECTED), GH_REN_REJECTED, true, false},
    [GH_WITHDRAW] = {"withdraw", OUT, 0, R(WITHDRAWN), GH_REN_WITHDRAWN, true, true},
    [GH_COLLECT] = {"collected", R(PUBLISHED), 0, R(COLLECTED), GH_REN_COLLECTED, false, false},
    [GH_RETRY] = {"retry", R(FAILED), 0, R(DUE) | R(RUNNING), GH_REN_DUE, false, false},
    [GH_RERENDER] = {"rerender", R(STAGED) | R(HELD) | R(REJECTED), 0, R(DUE) | R(RUNNING), GH_REN_DUE, false, false},
};

const char *gh_verdict_name(enum gh_verdict v)
{
    return (unsigned)v < GH_VERDICTS ? rules[v].name : "?";
}

bool gh_verdict_parse(const char *name, enum gh_verdict *ret)
{
    for (unsigned i = 0; i < GH_VERDICTS; i++)
        if (gh_streq(rules[i].name, name)) {
            *ret = (enum gh_verdict)i;
            return true;
        }
    return false;
}

/* ---------------------------------------------------------------------------------------- which renditions */

struct picked {
    bool *change; /* by index in item->renditions: takes the verdict */
    bool *stand;  /* part of an approval though its state stays: published under the old caption */
    size_t n_change, n_stand, n_done;
};

static void picked_free(struct picked *p)
{
    free(p->change);
    free(p->stand);
}

static bool named(const struct gh_rendition *r, const char *const *placements, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(r->placement, placements[i]))
            return true;
    return n == 0;
}

static bool caption_changed(const struct gh_submission *sub)
{
    return sub->approved_revision > 0 &&
           !gh_streq(sub->caption ? sub->caption : "", sub->approved_caption ? sub->approved_caption : "");
}

static void pick(const struct gh_item *item, enum gh_verdict verdict, const char *const *placements, size_t n,
                 struct picked *ret)
{
    const struct rule *rule = &rules[verdict];
    ret->change = gh_alloc(item->n_renditions + 1);
    ret->stand = gh_alloc(item->n_renditions + 1);
    for (int round = 0; round < 2 && ret->n_change == 0; round++) {
        unsigned from = rule->from | (n > 0 || round == 1 ? rule->else_from : 0);
        for (size_t i = 0; i < item->n_renditions; i++)
            if (named(&item->renditions[i], placements, n) && (from >> item->renditions[i].state & 1u)) {
                ret->change[i] = true;
                ret->n_change++;
            }
    }
    for (size_t i = 0; i < item->n_renditions; i++)
        if (named(&item->renditions[i], placements, n) && (rule->done >> item->renditions[i].state & 1u))
            ret->n_done++;
    for (size_t i = 0; verdict == GH_APPROVE && caption_changed(&item->sub) && i < item->n_renditions; i++)
        if (OUT >> item->renditions[i].state & 1u) {
            ret->stand[i] = true;
            ret->n_stand++;
        }
}

static void hash_of(const struct gh_item *item, const struct picked *p, char ret_hex[GH_SHA_HEX])
{
    struct gh_hash *h = gh_hash_new();
    GH_AUTO_STR s = {0};
    gh_str_printf(&s, "ghat-set-1\n%zu\n", p->n_change + p->n_stand);
    for (size_t i = 0; i < item->n_renditions; i++)
        if (p->change[i] || p->stand[i])
            gh_str_printf(&s, "%s %s\n", item->renditions[i].placement, item->renditions[i].sha256);
    gh_str_puts(&s, item->sub.caption ? item->sub.caption : "");
    gh_hash_add(h, gh_str_text(&s), s.len);
    gh_hash_hex(h, ret_hex);
    gh_hash_free(&h);
}

int gh_ledger_set_hash(struct gh_ledger *l, int64_t submission, const char *const *placements, size_t n,
                       char ret_hex[GH_SHA_HEX], struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(l, submission, &item, err));
    GH_AUTO(picked_free) struct picked p = {0};
    pick(&item, GH_APPROVE, placements, n, &p);
    hash_of(&item, &p, ret_hex);
    return (int)(p.n_change + p.n_stand);
}

/* ---------------------------------------------------------------------------------------- may it be decided? */

/* Each placement named must exist and take the verdict (or have taken it). */
static int check_names(const struct gh_item *item, const struct gh_decision_req *req, const struct picked *p,
                       struct gh_err *err)
{
    for (size_t k = 0; k < req->n_placements; k++) {
        const struct gh_rendition *seen = NULL;
        bool fits = false;
        for (size_t i = 0; i < item->n_renditions; i++) {
            const struct gh_rendition *r = &item->renditions[i];
            if (strcmp(r->placement, req->placements[k]) != 0)
                continue;
            seen = r;
            fits |= p->change[i] || p->stand[i] || (rules[req->verdict].done >> r->state & 1u);
        }
        if (!seen)
            return gh_fail(err, GH_LIMIT,
                           "submission %" PRId64 " has no placement %s (ghat show %" PRId64 " lists them)",
                           item->sub.id, req->placements[k], item->sub.id);
        if (!fits)
            return gh_fail(err, GH_LIMIT, "cannot %s %s of submission %" PRId64 ": it is %s%s%.120s",
                           rules[req->verdict].name, req->placements[k], item->sub.id, gh_ren_state_name(seen->state),
                           seen->reason ? ", " : "", seen->reason ? seen->reason : "");
    }
    return 0;
}

static int check(const struct gh_item *item, const struct gh_decision_req *req, const struct picked *p,
                 struct gh_err *err)
{
    const struct rule *rule = &rules[req->verdict];
    if (rule->reason && (!req->reason || !*req->reason))
        return gh_fail(err, GH_LIMIT, "%s needs a reason: the department and the agency will read it", rule->name);
    TRY(check_names(item, req, p, err));
    if (p->n_change + p->n_stand == 0) {
        if (p->n_done > 0)
            return 0;
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is %s: there is nothing to %s", item->sub.id,
                       gh_sub_state_name(item->sub.state),
                       req->verdict == GH_COLLECT ? "mark as collected" : rule->name);
    }
    if (req->verdict != GH_APPROVE)
        return 0;
    char hash[GH_SHA_HEX];
    hash_of(item, p, hash);
    if (!req->set_hash || !*req->set_hash)
        return gh_fail(err, GH_LIMIT, "an approval must name what was seen (set_hash of show)");
    if (strcmp(hash, req->set_hash) != 0)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64
                       " changed since it was looked at (made again, decided, or a new caption): look again",
                       item->sub.id);
    return 0;
}

/* ---------------------------------------------------------------------------------------- deciding */

static int step_one(struct gh_ledger *l, const struct gh_rendition *r, const struct gh_decision_req *req, int64_t now,
                    const char *actor, struct gh_err *err)
{
    enum gh_ren_state to = rules[req->verdict].to;
    TRY(gh_ren_step(l, r->id, r->state, to,
                    to == GH_REN_REJECTED || to == GH_REN_WITHDRAWN || to == GH_REN_HELD ? req->reason : NULL, err));
    int n = 0;
    if (to == GH_REN_APPROVED)
        n = gh_db_run(l, err, "UPDATE rendition SET approved_ms = ?, decided_ms = ?, decided_by = ? WHERE id = ?",
                      "iiti", now, now, actor, r->id);
    else if (to == GH_REN_COLLECTED)
        n = gh_db_run(l, err, "UPDATE rendition SET collected_ms = ? WHERE id = ?", "ii", now, r->id);
    else if (to == GH_REN_DUE)
        n = gh_db_run(
            l, err,
            "UPDATE file SET work = 'due', not_before_ms = 0, strikes = 0, interrupted = 0, reason = NULL WHERE id = ?"
            " AND work IN ('done','bad')",
            "i", r->file);
    else
        n = gh_db_run(l, err, "UPDATE rendition SET decided_ms = ?, decided_by = ? WHERE id = ?", "iti", now, actor,
                      r->id);
    return n < 0 ? n : 0;
}

static int keep_decision(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                         const struct gh_decision_req *req, const struct picked *p, struct gh_err *err)
{
    GH_AUTO_STR outputs = {0};
    for (size_t i = 0; i < item->n_renditions; i++)
        if (p->change[i] || p->stand[i])
            gh_str_printf(&outputs, "%s%s %s", outputs.len ? "\n" : "", item->renditions[i].placement,
                          item->renditions[i].sha256);
    bool approve = req->verdict == GH_APPROVE;
    TRY(gh_db_run(l, err,
                  "INSERT INTO decision(submission, time_ms, actor, verdict, outputs, set_hash, reason, caption) "
                  "VALUES(?,?,?,?,?,?,?,?)",
                  "iitttttt", item->sub.id, gh_who_now(who), gh_who_actor(who), rules[req->verdict].name,
                  gh_str_text(&outputs), approve ? req->set_hash : NULL, req->reason,
                  approve ? item->sub.caption : NULL));
    for (size_t i = 0; i < outputs.len; i++)
        if (outputs.data[i] == '\n')
            outputs.data[i] = ',';
    return gh_audit(l, who, item->sub.id, "submission", item->sub.id, rules[req->verdict].name, err, "%s%s%s%s%s",
                    gh_str_text(&outputs), approve ? "; set " : "", approve ? req->set_hash : "",
                    req->reason ? "; " : "", req->reason ? req->reason : "");
}

static int note_approval(struct gh_ledger *l, const struct gh_who *who, const struct gh_submission *sub,
                         struct gh_err *err)
{
    char day[32];
    int64_t now = gh_who_now(who);
    gh_time_day(now, day, sizeof(day));
    TRY(gh_db_run(l, err,
                  "UPDATE submission SET approved_caption = caption, approved_revision = revision, approved_by = ?,"
                  " approved_ms = CASE approved_ms WHEN 0 THEN ? ELSE approved_ms END,"
                  " outbox_day = CASE outbox_day WHEN '' THEN ? ELSE outbox_day END WHERE id = ?",
                  "titi", gh_who_actor(who), now, day, sub->id));
    return 0;
}

/* A quarantined submission gets a new chance: what failed is due again, or, when nothing is, every file that can be
 * read again. */
static int retry_quarantined(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                             unsigned *ret_changed, struct gh_err *err)
{
    int64_t id = item->sub.id;
    TRY(gh_ren_step_all(l, id, 0, GH_REN_FAILED, GH_REN_DUE, NULL, err));
    int n = gh_db_run(l, err,
                      "UPDATE file SET work = 'due', strikes = 0, interrupted = 0, not_before_ms = 0, reason = NULL"
                      " WHERE submission = ?1 AND role = 'media' AND sha256 IS NOT NULL AND (work = 'bad' OR (work = "
                      "'none' AND reason IS NULL)"
                      " OR EXISTS(SELECT 1 FROM rendition r WHERE r.file = file.id AND r.state = 'due'))",
                      "i", id);
    TRY(n);
    if (n == 0)
        n = gh_db_run(l, err,
                      "UPDATE file SET work = 'due', not_before_ms = 0 WHERE submission = ? AND role = 'media' AND "
                      "sha256 IS NOT NULL",
                      "i", id);
    TRY(n);
    if (n == 0)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " holds no file that could be tried again; it has to be dropped again",
                       id);
    TRY(gh_audit(l, who, id, "submission", id, "retry", err, "%d files", n));
    TRY(gh_sub_step(l, who, id, GH_SUB_QUARANTINED, GH_SUB_RECEIVED, NULL, err));
    TRY(gh_sub_advance(l, who, id, err));
    *ret_changed = (unsigned)n;
    return 0;
}

/* Files that could not be read, beside others that could: retry of the whole submission means them too. */
static int retry_bad_files(struct gh_ledger *l, const struct gh_decision_req *req, struct gh_err *err)
{
    if (req->verdict != GH_RETRY || req->n_placements)
        return 0;
    return gh_db_run(l, err,
                     "UPDATE file SET work = 'due', strikes = 0, interrupted = 0, not_before_ms = 0, reason = NULL"
                     " WHERE submission = ? AND role = 'media' AND work = 'bad' AND sha256 IS NOT NULL",
                     "i", req->submission);
}

/* What a verdict needs may have been deleted after its time. */
static int check_kept(const struct gh_submission *sub, enum gh_verdict verdict, struct gh_err *err)
{
    if (sub->retired & GH_KEPT_OUTBOX)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " is closed: its outbox folder was deleted after its time; drop it again",
                       sub->id);
    if ((sub->retired & GH_KEPT_ORIGINALS) && (verdict == GH_RETRY || verdict == GH_RERENDER))
        return gh_fail(err, GH_LIMIT,
                       "the originals of submission %" PRId64 " were deleted after their time; drop them again",
                       sub->id);
    return 0;
}

int gh_ledger_decide(struct gh_ledger *l, const struct gh_who *who, const struct gh_decision_req *req,
                     unsigned *ret_changed, struct gh_err *err)
{
    unsigned changed = 0;
    GH_TX(l, err);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(l, req->submission, &item, err));
    TRY(check_kept(&item.sub, req->verdict, err));
    if (req->verdict == GH_RETRY) /* what goes bad again is laid out again */
        TRY(gh_db_run(l, err, "UPDATE submission SET retired = retired & ~8 WHERE id = ?", "i", item.sub.id));
    if (req->verdict == GH_RETRY && item.sub.state == GH_SUB_QUARANTINED) {
        TRY(retry_quarantined(l, who, &item, &changed, err));
        TRY(gh_tx_commit(&tx, err));
        if (ret_changed)
            *ret_changed = changed;
        return 0;
    }
    GH_AUTO(picked_free) struct picked p = {0};
    pick(&item, req->verdict, req->placements, req->n_placements, &p);
    int bad = retry_bad_files(l, req, err);
    TRY(bad);
    if (bad == 0)
        TRY(check(&item, req, &p, err));
    for (size_t i = 0; i < item.n_renditions; i++)
        if (p.change[i])
            TRY(step_one(l, &item.renditions[i], req, gh_who_now(who), gh_who_actor(who), err));
    changed = (unsigned)(p.n_change + p.n_stand) + (unsigned)bad;
    if (changed) {
        TRY(keep_decision(l, who, &item, req, &p, err));
        if (req->verdict == GH_APPROVE)
            TRY(note_approval(l, who, &item.sub, err));
        if (rules[req->verdict].outbox)
            TRY(gh_db_run(l, err, "UPDATE submission SET manifest = manifest + 1 WHERE id = ?", "i", item.sub.id));
        TRY(gh_sub_advance(l, who, item.sub.id, err));
    }
    TRY(gh_tx_commit(&tx, err));
    if (ret_changed)
        *ret_changed = changed;
    return 0;
}

int gh_ledger_published(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *shown, struct gh_err *err)
{
    GH_TX(l, err);
    unsigned n = 0;
    for (size_t i = 0; i < shown->n_renditions; i++) {
        const struct gh_rendition *r = &shown->renditions[i];
        if (r->state != GH_REN_APPROVED)
            continue;
        /* withdrawn while the files were written: the next round takes them away again */
        int changed =
            gh_db_run(l, err,
                      "UPDATE rendition SET state = 'published', published_ms = ? WHERE id = ? AND state = 'approved'"
                      " AND sha256 = ?",
                      "iit", gh_who_now(who), r->id, r->sha256);
        TRY(changed);
        n += (unsigned)changed;
    }
    TRY(gh_db_run(l, err, "UPDATE submission SET manifest_done = max(manifest_done, ?) WHERE id = ?", "ii",
                  shown->sub.manifest, shown->sub.id));
    TRY(gh_audit(l, who, shown->sub.id, "submission", shown->sub.id, "published", err, "%u files, manifest %" PRId64, n,
                 shown->sub.manifest));
    TRY(gh_sub_advance(l, who, shown->sub.id, err));
    return gh_tx_commit(&tx, err);
}
