/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decisions: one table says which states each verdict takes to which, and what it needs; one
 * function selects the renditions meant, so that the hash shown and the hash checked cannot differ.
 * All or nothing: a placement named that cannot take the verdict refuses it all.
 */
#include "daemon/ledger/db.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define R(id) (1u << GH_REN_##id)
/* what the outbox holds, or will */
#define OUT (R(APPROVED) | R(PUBLISHING) | R(PUBLISHED) | R(COLLECTED))

static const struct rule {
    const char *name;
    /* states taken; else_from: those too when named, or when nothing is in `from` */
    unsigned from, else_from;
    unsigned done; /* states in which it is already so: repeating is no error */
    enum gh_ren_state to;
    bool reason; /* needs one */
} rules[GH_VERDICTS] = {
    [GH_APPROVE] = {"approve", R(STAGED), R(HELD), OUT, GH_REN_APPROVED, false},
    [GH_HOLD] = {"hold", R(STAGED), 0, R(HELD), GH_REN_HELD, false},
    [GH_RELEASE] = {"release", R(HELD), 0, R(STAGED), GH_REN_STAGED, false},
    [GH_REJECT] = {"reject", R(STAGED) | R(HELD), 0, R(REJECTED), GH_REN_REJECTED, true},
    [GH_WITHDRAW] = {"withdraw", OUT, 0, R(WITHDRAWN), GH_REN_WITHDRAWN, true},
    [GH_COLLECT] = {"collected", R(PUBLISHED), 0, R(COLLECTED), GH_REN_COLLECTED, false},
    [GH_RETRY] = {"retry", R(FAILED), 0, R(DUE) | R(RUNNING), GH_REN_DUE, false},
    [GH_RERENDER] = {"rerender", R(STAGED) | R(HELD) | R(REJECTED), 0, R(DUE) | R(RUNNING),
                     GH_REN_DUE, false},
};

bool gh_verdict_parse(const char *name, enum gh_verdict *ret)
{
    for (unsigned i = 0; i < GH_VERDICTS; i++)
        if (gh_streq(rules[i].name, name)) {
            *ret = (enum gh_verdict)i;
            return true;
        }
    return false;
}

/* ----------------------------------------------------------------------------- which renditions */

struct picked {
    bool *change; /* by index in item->renditions: takes the verdict */
    bool *stand;  /* approved already, and now under other words: its state stays */
    bool *in;     /* either */
    size_t n_change, n_stand, n_done;
};

static void picked_free(struct picked *p)
{
    free(p->change);
    free(p->stand);
    free(p->in);
}

/* Is it among the placements and files named (none named: all), and was it shown? */
static bool chosen(const struct gh_item *item, const struct gh_decision_req *req,
                   const struct gh_set *seen, const struct gh_rendition *r)
{
    bool placement = req->n_placements == 0, file = req->n_files == 0;
    for (size_t i = 0; i < req->n_placements; i++)
        placement = placement || !strcmp(r->placement, req->placements[i]);
    for (size_t i = 0; i < req->n_files; i++)
        file = file || gh_file_number(item, r->file) == req->files[i];
    return placement && file && (!seen || gh_set_find(seen, r->id));
}

/* The state that an approval is about: the one that was shown. */
static enum gh_ren_state shown_state(const struct gh_set *seen, const struct gh_rendition *r)
{
    const struct gh_member *m = seen ? gh_set_find(seen, r->id) : NULL;
    return m ? m->state : r->state;
}

/* Its words are not those it was approved with, or nobody approved these bytes. */
static bool is_stale(const struct gh_item *item, const struct gh_rendition *r)
{
    return !r->decision || !gh_streq(gh_caption_for(item, r->placement), r->approved_caption) ||
           !gh_streq(gh_alt_for(item, r), r->approved_alt);
}

static void pick(const struct gh_item *item, const struct gh_decision_req *req,
                 const struct gh_set *seen, struct picked *ret)
{
    const struct rule *rule = &rules[req->verdict];
    bool approve = req->verdict == GH_APPROVE, named = req->n_placements + req->n_files > 0;
    ret->change = gh_alloc(item->n_renditions + 1);
    ret->stand = gh_alloc(item->n_renditions + 1);
    ret->in = gh_alloc(item->n_renditions + 1);
    for (int round = 0; round < 2 && ret->n_change == 0; round++) {
        unsigned from = rule->from | (named || round == 1 ? rule->else_from : 0);
        for (size_t i = 0; i < item->n_renditions; i++) {
            const struct gh_rendition *r = &item->renditions[i];
            enum gh_ren_state state = approve ? shown_state(seen, r) : r->state;
            if (chosen(item, req, seen, r) && (from >> state & 1u) &&
                !(rule->done >> r->state & 1u)) {
                ret->change[i] = true;
                ret->n_change++;
            }
        }
    }
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (chosen(item, req, seen, r) && (rule->done >> r->state & 1u)) {
            ret->n_done++;
            ret->stand[i] = approve && is_stale(item, r);
            ret->n_stand += ret->stand[i];
        }
        ret->in[i] = ret->change[i] || ret->stand[i];
    }
}

int gh_ledger_set_hash(struct gh_ledger *l, int64_t submission, const char *const *placements,
                       size_t n, char ret_hex[GH_SHA_HEX], struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_decision_req req = {
        .verdict = GH_APPROVE, .placements = placements, .n_placements = n};
    TRY(gh_ledger_get(l, submission, &item, err));
    GH_AUTO(picked_free) struct picked p = {0};
    pick(&item, &req, NULL, &p);
    gh_set_hash_of(&item, p.in, ret_hex);
    return (int)(p.n_change + p.n_stand);
}

/* --------------------------------------------------------------------------- may it be decided? */

/* "Opening.heic for x.photo" */
static void add_name(struct gh_str *out, const struct gh_item *item, const struct gh_rendition *r)
{
    const struct gh_file *f = gh_file_of(item, r->file);
    if (f)
        gh_str_display(out, f->name, f->name_len);
    gh_str_printf(out, " for %s", r->placement);
    if (r->parts > 1)
        gh_str_printf(out, " (part %u)", r->part);
}

/* Those of a placement (NULL: any) and a file (0: any) that were meant: is there one, and does one
 * of them take the verdict, or has it? */
static bool fits(const struct gh_item *item, const struct gh_decision_req *req,
                 const struct gh_set *seen, const struct picked *p, const char *placement,
                 unsigned file, const struct gh_rendition **ret_one)
{
    bool fit = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if ((placement && strcmp(r->placement, placement) != 0) ||
            (file && gh_file_number(item, r->file) != file) || !chosen(item, req, seen, r))
            continue;
        *ret_one = r;
        fit |= p->in[i] || (rules[req->verdict].done >> r->state & 1u);
    }
    return fit;
}

static int cannot(const struct gh_item *item, const struct gh_decision_req *req,
                  const struct gh_rendition *r, struct gh_err *err)
{
    GH_AUTO_STR name = {0};
    const char *why = r->reason ? r->reason : "";
    add_name(&name, item, r);
    return gh_fail_code(err, GH_LIMIT, ENOTSUP,
                        "cannot %s %.*s of submission %" PRId64 ": it is %s%s%.*s",
                        rules[req->verdict].name, (int)gh_utf8_cut(gh_str_text(&name), 120),
                        gh_str_text(&name), item->sub.id, gh_ren_state_name(r->state),
                        *why ? ", " : "", (int)gh_utf8_cut(why, 120), why);
}

/* Each placement and each file named must exist and take the verdict (or have taken it). */
static int check_names(const struct gh_item *item, const struct gh_decision_req *req,
                       const struct gh_set *seen, const struct picked *p, struct gh_err *err)
{
    const char *where = seen ? "what was shown of " : "";
    for (size_t k = 0; k < req->n_placements; k++) {
        const struct gh_rendition *one = NULL;
        bool fit = fits(item, req, seen, p, req->placements[k], 0, &one);
        if (!one)
            return gh_fail(err, GH_LIMIT,
                           "%ssubmission %" PRId64 " has no placement %.*s%s (ghat show %" PRId64
                           " lists them)",
                           where, item->sub.id, (int)gh_utf8_cut(req->placements[k], 64),
                           req->placements[k], req->n_files ? " of these files" : "", item->sub.id);
        if (!fit)
            return cannot(item, req, one, err);
    }
    for (size_t k = 0; k < req->n_files; k++) {
        const struct gh_rendition *one = NULL;
        bool fit = fits(item, req, seen, p, NULL, req->files[k], &one);
        if (!one)
            return gh_fail(err, GH_LIMIT,
                           "%ssubmission %" PRId64 " has no file %u%s (ghat show %" PRId64
                           " counts them)",
                           where, item->sub.id, req->files[k],
                           req->n_placements ? " for these placements" : "", item->sub.id);
        if (!fit)
            return cannot(item, req, one, err);
    }
    return 0;
}

/* What is different now, in words; false when nothing is. For an approval words and states count,
 * for any other decision the bytes alone. */
static bool tell_change(const struct gh_item *item, const struct gh_decision_req *req,
                        const struct gh_member *was, const struct gh_rendition *r,
                        struct gh_str *out)
{
    struct gh_member now;
    bool approve = req->verdict == GH_APPROVE;
    const char *sep = out->len ? "; " : "";
    gh_member_of(item, r, &now);
    bool again = strcmp(was->sha256, now.sha256) != 0;
    if (approve && !again && strcmp(was->caption, now.caption) != 0)
        gh_str_printf(out, "%sthe caption for %s is another one", sep, r->placement);
    else if (approve && !again && strcmp(was->alt, now.alt) != 0)
        gh_str_printf(out, "%sthe alt text of file %u is another one", sep,
                      gh_file_number(item, r->file));
    else if (again ||
             (approve && was->state != now.state && !(rules[GH_APPROVE].done >> now.state & 1u))) {
        gh_str_puts(out, sep);
        add_name(out, item, r);
        if (again && now.state != GH_REN_DUE && now.state != GH_REN_RUNNING)
            gh_str_puts(out, " was made again");
        else
            gh_str_printf(out, " is %s now", gh_ren_state_name(now.state));
    } else {
        return false;
    }
    return true;
}

/* Whatever the decision is about must be as it was shown. */
static int check_unchanged(const struct gh_item *item, const struct gh_decision_req *req,
                           const struct gh_set *seen, const struct picked *p, struct gh_err *err)
{
    GH_AUTO_STR what = {0};
    size_t n = 0;
    char frame[GH_SHA_HEX];
    gh_frame_of(item, frame);
    if (req->verdict == GH_APPROVE && *seen->frame && strcmp(seen->frame, frame) != 0) {
        gh_str_puts(&what, "the order of its files, or what it replaces, is another one");
        n++;
    }
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_member *was = gh_set_find(seen, item->renditions[i].id);
        if (p->in[i] && was && n < 3)
            n += tell_change(item, req, was, &item->renditions[i], &what);
    }
    if (n == 0)
        return 0;
    return gh_fail_code(
        err, GH_LIMIT, ESTALE,
        "submission %" PRId64 " changed since it was shown: %.*s: look again (ghat show"
        " %" PRId64 ")",
        item->sub.id, (int)gh_utf8_cut(gh_str_text(&what), 260), gh_str_text(&what), item->sub.id);
}

static int check_seen(const struct gh_item *item, const struct gh_decision_req *req,
                      const struct gh_set *seen, const struct picked *p, struct gh_err *err)
{
    char hash[GH_SHA_HEX];
    if (seen)
        return check_unchanged(item, req, seen, p, err);
    if (req->verdict != GH_APPROVE || req->whatever)
        return 0;
    if (!req->set_hash || !*req->set_hash)
        return gh_fail(err, GH_LIMIT,
                       "an approval must name what was seen: the handle that ghat show %" PRId64
                       " prints, or --whatever-is-there",
                       item->sub.id);
    gh_set_hash_of(item, p->in, hash);
    if (strcmp(hash, req->set_hash) == 0)
        return 0;
    return gh_fail_code(
        err, GH_LIMIT, ESTALE,
        "submission %" PRId64
        " changed since it was looked at (made again, decided, or a new caption): look again",
        item->sub.id);
}

static int check(const struct gh_item *item, const struct gh_decision_req *req,
                 const struct gh_set *seen, const struct picked *p, struct gh_err *err)
{
    const struct rule *rule = &rules[req->verdict];
    if (rule->reason && (!req->reason || !*req->reason))
        return gh_fail(err, GH_LIMIT,
                       "%s needs a reason: the department and the agency will read it", rule->name);
    TRY(check_names(item, req, seen, p, err));
    if (p->n_change + p->n_stand > 0)
        return check_seen(item, req, seen, p, err);
    if (p->n_done > 0)
        return 0;
    return gh_fail_code(err, GH_LIMIT, ENOTSUP,
                        "submission %" PRId64 " is %s: there is nothing to %s", item->sub.id,
                        gh_sub_state_name(item->sub.state),
                        req->verdict == GH_COLLECT ? "mark as collected" : rule->name);
}

int gh_ledger_changes(struct gh_ledger *l, const struct gh_decision_req *req,
                      bool (*fn)(const char *text, void *arg), void *arg, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO(picked_free) struct picked p = {0};
    GH_AUTO(gh_set_free) struct gh_set seen = {0};
    if (!req->seen)
        return 0;
    TRY(gh_ledger_get(l, req->submission, &item, err));
    TRY(gh_set_load(l, item.sub.id, req->seen, &seen, err));
    pick(&item, req, &seen, &p);
    for (size_t i = 0; i < item.n_renditions; i++) {
        GH_AUTO_STR what = {0};
        const struct gh_member *was = gh_set_find(&seen, item.renditions[i].id);
        if (p.in[i] && was && tell_change(&item, req, was, &item.renditions[i], &what) &&
            !fn(gh_str_text(&what), arg))
            return 0;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------- deciding */

static int step_one(struct gh_ledger *l, const struct gh_rendition *r,
                    const struct gh_decision_req *req, int64_t now, const char *actor,
                    struct gh_err *err)
{
    enum gh_ren_state to = rules[req->verdict].to;
    TRY(gh_ren_step(
        l, r->id, r->state, to,
        to == GH_REN_REJECTED || to == GH_REN_WITHDRAWN || to == GH_REN_HELD ? req->reason : NULL,
        err));
    int n = 0;
    if (to == GH_REN_APPROVED)
        n = gh_db_run(
            l, err,
            "UPDATE rendition SET approved_ms = ?, decided_ms = ?, decided_by = ? WHERE id = ?",
            "iiti", now, now, actor, r->id);
    else if (to == GH_REN_COLLECTED)
        n = gh_db_run(l, err,
                      "UPDATE rendition SET collected_ms = ?, collected_by = ? WHERE id = ?", "iti",
                      now, actor, r->id);
    else if (to == GH_REN_DUE)
        n = gh_db_run(l, err,
                      "UPDATE file SET work = 'due', not_before_ms = 0, strikes = 0,"
                      " interrupted = 0, reason = NULL WHERE id = ? AND work IN ('done','bad')",
                      "i", r->file);
    else
        n = gh_db_run(l, err, "UPDATE rendition SET decided_ms = ?, decided_by = ? WHERE id = ?",
                      "iti", now, actor, r->id);
    return n < 0 ? n : 0;
}

/* What the decision covers, output by output, with the words that were seen: publication takes
 * both from here, and so does undo. */
static int keep_decided(struct gh_ledger *l, const struct gh_item *item, const struct picked *p,
                        int64_t decision, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (p->in[i])
            TRY(gh_db_run(l, err,
                          "INSERT INTO decided(decision, rendition, sha256, caption, alt)"
                          " VALUES(?,?,?,?,?)",
                          "iittt", decision, r->id, r->sha256, gh_caption_for(item, r->placement),
                          gh_alt_for(item, r)));
    }
    return 0;
}

static int keep_decision(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                         const struct gh_decision_req *req, const struct picked *p,
                         struct gh_err *err)
{
    GH_AUTO_STR outputs = {0};
    char hash[GH_SHA_HEX];
    for (size_t i = 0; i < item->n_renditions; i++)
        if (p->in[i])
            gh_str_printf(&outputs, "%s%s %s", outputs.len ? "\n" : "",
                          item->renditions[i].placement, item->renditions[i].sha256);
    bool approve = req->verdict == GH_APPROVE;
    /* an approval always waits for the commit that lets it out */
    bool waits =
        approve || ((req->verdict == GH_HOLD || req->verdict == GH_REJECT) && req->undo_ms > 0);
    gh_set_hash_of(item, p->in, hash);
    TRY(gh_db_run(l, err,
                  "INSERT INTO decision(submission, time_ms, actor, verdict, outputs, set_hash,"
                  " reason, caption) VALUES(?,?,?,?,?,?,?,?)",
                  "iitttttt", item->sub.id, gh_who_now(who), gh_who_actor(who),
                  rules[req->verdict].name, gh_str_text(&outputs), hash, req->reason,
                  approve ? item->sub.caption : NULL));
    int64_t decision = gh_last_id(l);
    if (waits) {
        TRY(keep_decided(l, item, p, decision, err));
        TRY(gh_db_run(l, err, "INSERT INTO pending(decision, submission, undo_ms) VALUES(?,?,?)",
                      "iii", decision, item->sub.id, req->undo_ms));
    }
    for (size_t i = 0; i < outputs.len; i++)
        if (outputs.data[i] == '\n')
            outputs.data[i] = ',';
    return gh_audit(l, who, item->sub.id, "submission", item->sub.id, rules[req->verdict].name, err,
                    "%s; set %s, decision %" PRId64 "%s%s%s%s%s", gh_str_text(&outputs), hash,
                    decision, req->seen ? ", shown as " : "", req->seen ? req->seen : "",
                    approve && req->whatever ? ", whatever was there" : "", req->reason ? "; " : "",
                    req->reason ? req->reason : "");
}

static int note_approval(struct gh_ledger *l, const struct gh_who *who,
                         const struct gh_submission *sub, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE submission SET approved_caption = caption, approved_revision = revision,"
                  " approved_by = ?, approved_ms = CASE approved_ms WHEN 0 THEN ?"
                  " ELSE approved_ms END WHERE id = ?",
                  "tii", gh_who_actor(who), gh_who_now(who), sub->id));
    return 0;
}

/* A quarantined submission gets a new chance: what failed is due again, or, when nothing is, every
 * file that can be read again. */
static int retry_quarantined(struct gh_ledger *l, const struct gh_who *who,
                             const struct gh_item *item, unsigned *ret_changed, struct gh_err *err)
{
    int64_t id = item->sub.id;
    TRY(gh_ren_step_all(l, id, 0, GH_REN_FAILED, GH_REN_DUE, NULL, err));
    int n =
        gh_db_run(l, err,
                  "UPDATE file SET work = 'due', strikes = 0, interrupted = 0, not_before_ms = 0,"
                  " reason = NULL WHERE submission = ?1 AND role = 'media' AND sha256 IS NOT NULL"
                  " AND (work = 'bad' OR (work = 'none' AND reason IS NULL) OR EXISTS(SELECT 1"
                  " FROM rendition r WHERE r.file = file.id AND r.state = 'due'))",
                  "i", id);
    TRY(n);
    if (n == 0)
        n = gh_db_run(l, err,
                      "UPDATE file SET work = 'due', not_before_ms = 0 WHERE submission = ?"
                      " AND role = 'media' AND sha256 IS NOT NULL",
                      "i", id);
    TRY(n);
    if (n == 0)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64
                       " holds no file that could be tried again; it has to be dropped again",
                       id);
    TRY(gh_audit(l, who, id, "submission", id, "retry", err, "%d files", n));
    TRY(gh_sub_step(l, who, id, GH_SUB_QUARANTINED, GH_SUB_RECEIVED, NULL, err));
    TRY(gh_sub_advance(l, who, id, err));
    *ret_changed = (unsigned)n;
    return 0;
}

/* Files that could not be read, beside others that could: retry of the whole submission means them
 * too. */
static int retry_bad_files(struct gh_ledger *l, const struct gh_decision_req *req,
                           struct gh_err *err)
{
    if (req->verdict != GH_RETRY || req->n_placements || req->n_files || req->seen)
        return 0;
    return gh_db_run(
        l, err,
        "UPDATE file SET work = 'due', strikes = 0, interrupted = 0, not_before_ms = 0,"
        " reason = NULL WHERE submission = ? AND role = 'media' AND work = 'bad'"
        " AND sha256 IS NOT NULL",
        "i", req->submission);
}

/* What a verdict needs may have been deleted after its time. */
static int check_kept(const struct gh_submission *sub, enum gh_verdict verdict, struct gh_err *err)
{
    if (sub->retired & GH_KEPT_OUTBOX)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64
                       " is closed: its outbox folder was deleted after its time; drop it again",
                       sub->id);
    if (verdict == GH_APPROVE && sub->replaced_by)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " was replaced by %" PRId64
                       "; nothing more of it is approved",
                       sub->id, sub->replaced_by);
    if ((sub->retired & GH_KEPT_ORIGINALS) && (verdict == GH_RETRY || verdict == GH_RERENDER))
        return gh_fail(err, GH_LIMIT,
                       "the originals of submission %" PRId64
                       " were deleted after their time; drop them again",
                       sub->id);
    return 0;
}

/* An approval does when it goes out (gh_ledger_publishing). */
static bool changes_outbox(const struct gh_item *item, const struct gh_decision_req *req,
                           const struct picked *p)
{
    bool out = false;
    for (size_t i = 0; i < item->n_renditions; i++)
        out |= p->change[i] && item->renditions[i].state != GH_REN_APPROVED;
    return req->verdict == GH_WITHDRAW && out;
}

/* Notices of what nothing can undo; others are written when it goes out. */
static int tell_decided(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                        const struct gh_decision_req *req, const struct picked *p,
                        struct gh_err *err)
{
    bool turned = (req->verdict == GH_HOLD || req->verdict == GH_REJECT) && req->undo_ms <= 0;
    int64_t decision = 0;
    if (!turned && !changes_outbox(item, req, p))
        return 0;
    TRY(gh_db_int(l, &decision, err, "SELECT max(id) FROM decision WHERE submission = ?", "i",
                  item->sub.id));
    return gh_tell_item(l, who,
                        req->verdict == GH_WITHDRAW ? "withdrawn"
                        : req->verdict == GH_REJECT ? "rejected"
                                                    : "held",
                        item->sub.id, decision, err);
}

int gh_ledger_decide(struct gh_ledger *l, const struct gh_who *who,
                     const struct gh_decision_req *req, unsigned *ret_changed, struct gh_err *err)
{
    unsigned changed = 0;
    const struct gh_who once = gh_who_at_once(who);
    who = &once;
    GH_TX(l, err);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(l, req->submission, &item, err));
    TRY(check_kept(&item.sub, req->verdict, err));
    if (req->verdict == GH_RETRY) /* what goes bad again is laid out again */
        TRY(gh_keep_again(l, item.sub.id, GH_KEPT_QUARANTINE, err));
    if (req->verdict == GH_RETRY && item.sub.state == GH_SUB_QUARANTINED) {
        TRY(retry_quarantined(l, who, &item, &changed, err));
        TRY(gh_tx_commit(&tx, err));
        if (ret_changed)
            *ret_changed = changed;
        return 0;
    }
    GH_AUTO(picked_free) struct picked p = {0};
    GH_AUTO(gh_set_free) struct gh_set set = {0};
    if (req->seen)
        TRY(gh_set_load(l, item.sub.id, req->seen, &set, err));
    const struct gh_set *seen = req->seen ? &set : NULL;
    pick(&item, req, seen, &p);
    int bad = retry_bad_files(l, req, err);
    TRY(bad);
    if (bad == 0)
        TRY(check(&item, req, seen, &p, err));
    for (size_t i = 0; i < item.n_renditions; i++)
        if (p.change[i])
            TRY(step_one(l, &item.renditions[i], req, gh_who_now(who), gh_who_actor(who), err));
    changed = (unsigned)(p.n_change + p.n_stand) + (unsigned)bad;
    if (changed) {
        TRY(keep_decision(l, who, &item, req, &p, err));
        if (req->verdict == GH_APPROVE)
            TRY(note_approval(l, who, &item.sub, err));
        if (changes_outbox(&item, req, &p))
            TRY(gh_db_run(l, err, "UPDATE submission SET manifest = manifest + 1 WHERE id = ?", "i",
                          item.sub.id));
        if (req->verdict == GH_WITHDRAW)
            TRY(gh_plea_met(l, who, item.sub.id, req->reason, err));
        TRY(tell_decided(l, who, &item, req, &p, err));
        TRY(gh_pending_tidy(l, item.sub.id, err));
        TRY(gh_sub_advance(l, who, item.sub.id, err));
    }
    TRY(gh_tx_commit(&tx, err));
    if (ret_changed)
        *ret_changed = changed;
    return 0;
}
