/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done with questions: one function (act_on) checks the rules, keeps the message, writes
 * the audit and the notices; the mutators differ in what they change of the clock. What was held
 * for a question is found by its reason.
 */
#include "daemon/ledger/db.h"
#include "daemon/ledger/letters.h"
#include "daemon/ledger/question_int.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

/* What an act needs to know of the question. */
struct row {
    int64_t id, submission, due_ms;
    enum gh_question_state state;
    unsigned round, asked_as;
    bool extended, holds;
    char department[64];
};

static int load_row(struct gh_ledger *l, int64_t id, struct row *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT q.id, q.submission, q.state, q.round, q.asked_as, q.holds,"
                    " q.department, r.due_ms, r.extended_ms FROM question q JOIN question_round r"
                    " ON r.question = q.id AND r.round = q.round WHERE q.id = ?",
                    "i", id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_no_question(id, err);
    *ret = (struct row){.id = gh_col_i64(&s, 0),
                        .submission = gh_col_i64(&s, 1),
                        .round = (unsigned)gh_col_i64(&s, 3),
                        .asked_as = (unsigned)gh_col_i64(&s, 4),
                        .holds = gh_col_i64(&s, 5) != 0,
                        .due_ms = gh_col_i64(&s, 7),
                        .extended = gh_col_i64(&s, 8) > 0};
    gh_question_state_parse(gh_col_text(&s, 2), &ret->state);
    GH_COPY(ret->department, gh_col_text(&s, 6));
    return 0;
}

/* -------------------------------------------------------------------------------------- notices */

static bool is_there(const struct gh_question_by *by, const char *who)
{
    return (strcmp(who, "deputy") != 0 || by->card & GH_CARD_DEPUTY) &&
           (strcmp(who, "superior") != 0 || by->card & GH_CARD_SUPERIOR);
}

static char *recipient_of(const struct row *q, const char *who)
{
    if (!strcmp(who, "asker"))
        who = q->asked_as == GH_BY_APPROVER ? "approver" : "agency";
    if (!strcmp(who, "agency") || !strcmp(who, "approver"))
        return gh_asprintf("role:%s", who);
    return gh_asprintf("%s:%s", who, q->department);
}

/* name: of what happened, when it may happen several times in a round; kind: of the rules. */
static int tell(struct gh_ledger *l, const struct gh_question_by *by, const struct row *q,
                const char *kind, const char *name, int64_t revision, struct gh_err *err)
{
    int64_t now = gh_who_now(&by->who);
    GH_AUTO_FREE char *subject = gh_asprintf("question:%" PRId64, q->id);
    for (const struct gh_notice_rule *n = gh_notice_rules; n->kind; n++) {
        if (strcmp(n->kind, kind) != 0 || !is_there(by, n->who))
            continue;
        GH_AUTO_FREE char *recipient = recipient_of(q, n->who);
        TRY(gh_ledger_tell(l,
                           &(struct gh_notice){.kind = name,
                                               .subject = subject,
                                               .revision = revision,
                                               .recipient = recipient,
                                               .channel = n->channel,
                                               .made_ms = now,
                                               .not_before_ms = n->held ? by->held_ms : now},
                           err));
    }
    return 0;
}

/* --------------------------------------------------------------------------------- what all share
 */

static int refuse(const struct row *q, enum gh_question_act act, struct gh_err *err)
{
    if (act != GH_QUESTION_ASK && !gh_question_fits(act, q->state))
        return gh_fail(err, GH_LIMIT, "question %" PRId64 " is %s: it takes no %s", q->id,
                       gh_question_state_name(q->state), gh_question_act_name(act));
    return gh_fail(err, GH_LIMIT, "your role does not let you %s question %" PRId64,
                   gh_question_act_name(act), q->id);
}

static int check_text(const char *text, bool needed, const char *what, struct gh_err *err)
{
    size_t n = text ? strlen(text) : 0;
    if (needed && !n)
        return gh_fail(err, GH_LIMIT, "%s needs a text", what);
    if (n > GH_QUESTION_TEXT)
        return gh_fail(err, GH_LIMIT, "the text is too long: %zu bytes, at most %d", n,
                       GH_QUESTION_TEXT);
    return 0;
}

/* The rules, the message, the audit. *ret_message may be NULL. */
static int act_on(struct gh_ledger *l, const struct gh_question_by *by, const struct row *q,
                  enum gh_question_act act, const char *text, int64_t at_ms, int64_t submission,
                  int64_t *ret_message, struct gh_err *err)
{
    enum gh_question_state to;
    char hash[GH_SHA_HEX];
    const char *words = text ? text : "";
    if (by->department && strcmp(by->department, q->department) != 0)
        return gh_no_question(q->id, err);
    if (!gh_question_may(act, q->state, by->roles, q->asked_as, &to))
        return refuse(q, act, err);
    if (act != GH_QUESTION_ASK) {
        int n = gh_db_run(l, err, "UPDATE question SET state = ? WHERE id = ? AND state = ?", "tit",
                          gh_question_state_name(to), q->id, gh_question_state_name(q->state));
        TRY(n);
        if (n != 1)
            return gh_fail(err, GH_BUG, "question %" PRId64 " changed within a step", q->id);
    }
    TRY(gh_db_run(l, err,
                  "INSERT INTO message(question, round, at_ms, author, kind, text, via, submission)"
                  " VALUES(?,?,?,?,?,?,?,?)",
                  "iiittttn", q->id, (int64_t)q->round, at_ms, gh_who_actor(&by->who),
                  gh_question_act_name(act), words, gh_question_via_name(by->via), submission));
    if (ret_message)
        *ret_message = gh_last_id(l);
    gh_hash_mem(words, strlen(words), hash);
    return gh_audit(l, &by->who, q->submission, GH_AUDIT_QUESTION, q->id, gh_question_act_name(act),
                    err, "%s, round %u, by %s, %zu bytes, sha256 %s", q->department, q->round,
                    gh_question_via_name(by->via), strlen(words), hash);
}

static int set_alarm(struct gh_ledger *l, int64_t question, unsigned round, enum gh_alarm kind,
                     int64_t at_ms, struct gh_err *err)
{
    return gh_db_run(l, err,
                     "INSERT INTO alarm(question, round, kind, at_ms) VALUES(?,?,?,?)"
                     " ON CONFLICT DO NOTHING",
                     "iiti", question, (int64_t)round, gh_alarm_name(kind), at_ms);
}

/* What has not gone off yet never will. */
static int drop_alarms(struct gh_ledger *l, int64_t question, struct gh_err *err)
{
    return gh_db_run(l, err, "DELETE FROM alarm WHERE question = ? AND fired_ms = 0", "i",
                     question);
}

static int set_alarms(struct gh_ledger *l, int64_t question, unsigned round,
                      const struct gh_question_times *times, struct gh_err *err)
{
    TRY(drop_alarms(l, question, err));
    TRY(set_alarm(l, question, round, GH_ALARM_REMIND, times->remind_ms, err));
    TRY(set_alarm(l, question, round, GH_ALARM_DUE, times->due_ms, err));
    TRY(set_alarm(l, question, round, GH_ALARM_ESCALATE, times->due_ms, err));
    for (size_t i = 0; i < GH_QUESTION_OVERDUE; i++)
        TRY(set_alarm(l, question, round, GH_ALARM_AGAIN, times->again_ms[i], err));
    return 0;
}

static int begin_round(struct gh_ledger *l, const struct gh_question_by *by, int64_t question,
                       unsigned round, const struct gh_question_ask *ask, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "INSERT INTO question_round(question, round, began_ms, calendar, explained,"
                  " remind_ms, due_ms) VALUES(?,?,?,?,?,?,?)",
                  "iiittii", question, (int64_t)round, gh_who_now(&by->who), ask->calendar,
                  ask->explained, ask->times.remind_ms, ask->times.due_ms));
    return set_alarms(l, question, round, &ask->times, err);
}

static int end_round(struct gh_ledger *l, const struct row *q, int64_t at_ms, int64_t counted_ms,
                     struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE question_round SET ended_ms = ?, counted_ms = ?"
                  " WHERE question = ? AND round = ? AND ended_ms = 0",
                  "iiii", at_ms, counted_ms, q->id, (int64_t)q->round));
    return drop_alarms(l, q->id, err);
}

/* ------------------------------------------------------------------------------------- holding */

static int hold(struct gh_ledger *l, const struct gh_question_by *by, const struct row *q,
                const char *text, struct gh_err *err)
{
    GH_AUTO_FREE char *why =
        gh_asprintf(GH_HELD_FOR "%.*s", q->id, (int)gh_utf8_cut(text, 1500), text);
    const struct gh_decision_req req = {
        .verdict = GH_HOLD, .submission = q->submission, .reason = why};
    return gh_ledger_decide(l, &by->who, &req, NULL, err);
}

/* What is still held for this question waits for its decision again, before the others: a decision
 * a placement, whose renditions stand together. */
static int release(struct gh_ledger *l, const struct gh_question_by *by, const struct row *q,
                   struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO_FREE char *why = gh_asprintf(GH_HELD_FOR, q->id);
    const struct gh_who who = {.actor = "ghatd", .now_ms = gh_who_now(&by->who)};
    if (!q->holds)
        return 0;
    TRY(gh_ledger_get(l, q->submission, &item, err));
    GH_AUTO_FREE unsigned *files = gh_alloc(item.n_renditions * sizeof(*files));
    for (size_t i = 0, n; i < item.n_renditions; i += n) {
        const char *placement = item.renditions[i].placement;
        struct gh_decision_req req = {.verdict = GH_RELEASE,
                                      .submission = q->submission,
                                      .placements = &placement,
                                      .n_placements = 1,
                                      .files = files};
        for (n = 0; i + n < item.n_renditions; n++) {
            const struct gh_rendition *r = &item.renditions[i + n];
            if (strcmp(r->placement, placement) != 0)
                break;
            if (r->state == GH_REN_HELD && r->reason && gh_starts(r->reason, why))
                files[req.n_files++] = gh_file_number(&item, r->file);
        }
        if (req.n_files)
            TRY(gh_ledger_decide(l, &who, &req, NULL, err));
    }
    TRY(gh_db_run(l, err, "UPDATE question SET holds = 0 WHERE id = ?", "i", q->id));
    return gh_db_run(l, err, "UPDATE submission SET returned_ms = ? WHERE id = ?", "ii", who.now_ms,
                     q->submission);
}

/* ------------------------------------------------------------------------------------- mutators */

static int insert_question(struct gh_ledger *l, const struct gh_question_by *by,
                           const struct gh_question_ask *ask, unsigned asked_as, int64_t *ret_id,
                           struct gh_err *err)
{
    TRY(gh_db_run(l, err, "INSERT INTO department(slug) VALUES(?) ON CONFLICT DO NOTHING", "t",
                  ask->department));
    TRY(gh_db_run(l, err,
                  "INSERT INTO question(department, submission, event, asked_by, asked_as,"
                  " asked_ms, text, state, round, urgent, holds)"
                  " VALUES(?,?,?,?,?,?,?,'open',1,?,?)",
                  "tnntiitii", ask->department, ask->submission, ask->event, gh_who_actor(&by->who),
                  (int64_t)asked_as, gh_who_now(&by->who), ask->text, (int64_t)ask->urgent,
                  (int64_t)ask->hold));
    *ret_id = gh_last_id(l);
    return 0;
}

int gh_ledger_ask(struct gh_ledger *l, const struct gh_question_by *by,
                  const struct gh_question_ask *ask, int64_t *ret_id, struct gh_err *err)
{
    struct row q = {.submission = ask->submission,
                    .round = 1,
                    .asked_as = by->roles & (GH_BY_AGENCY | GH_BY_APPROVER),
                    .state = GH_QUESTION_OPEN};
    TRY(check_text(ask->text, true, "a question", err));
    if (!gh_question_may(GH_QUESTION_ASK, q.state, by->roles, 0, NULL))
        return gh_fail(err, GH_LIMIT, "your role does not let you ask");
    GH_TX(l, err);
    GH_COPY(q.department, ask->department);
    TRY(insert_question(l, by, ask, q.asked_as, &q.id, err));
    TRY(begin_round(l, by, q.id, 1, ask, err));
    TRY(act_on(l, by, &q, GH_QUESTION_ASK, ask->text, gh_who_now(&by->who), 0, NULL, err));
    TRY(tell(l, by, &q, "asked", "asked", 1, err));
    if (ask->hold)
        TRY(hold(l, by, &q, ask->text, err));
    TRY(gh_tx_commit(&tx, err));
    *ret_id = q.id;
    return 0;
}

/* Was this said before, in this round? The same file saved twice says nothing new. */
static int said_before(struct gh_ledger *l, const struct row *q, const char *text,
                       struct gh_err *err)
{
    int64_t n = 0;
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM message WHERE question = ? AND round = ? AND text = ?"
                  " AND text <> '' AND kind IN ('answer','note')",
                  "iit", q->id, (int64_t)q->round, text));
    return n > 0;
}

int gh_ledger_answer(struct gh_ledger *l, const struct gh_question_by *by,
                     const struct gh_question_answer *a, struct gh_err *err)
{
    struct row q;
    int64_t message;
    TRY(check_text(a->text, !a->submission, "an answer", err));
    GH_TX(l, err);
    TRY(load_row(l, a->question, &q, err));
    bool more = q.state == GH_QUESTION_ANSWERED;
    int before = more ? said_before(l, &q, a->text, err) : 0;
    TRY(before);
    if (before && (!by->department || !strcmp(by->department, q.department)))
        return 2;
    TRY(act_on(l, by, &q, more ? GH_QUESTION_NOTE : GH_QUESTION_ANSWER, a->text, a->at_ms,
               a->submission, &message, err));
    if (more) {
        TRY(tell(l, by, &q, "note", "note", message, err));
        TRY(gh_tx_commit(&tx, err));
        return 1;
    }
    TRY(gh_db_run(l, err, "UPDATE question SET answered_ms = ? WHERE id = ?", "ii", a->at_ms,
                  q.id));
    TRY(end_round(l, &q, a->at_ms, a->counted_ms, err));
    TRY(set_alarm(l, q.id, q.round, GH_ALARM_CLOSE, a->close_ms, err));
    TRY(tell(l, by, &q, "answer", "answer", (int64_t)q.round, err));
    TRY(release(l, by, &q, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_extend(struct gh_ledger *l, const struct gh_question_by *by, int64_t question,
                     const char *why, int64_t at_ms, const struct gh_question_times *times,
                     const char *explained, struct gh_err *err)
{
    struct row q;
    TRY(check_text(why, true, "more time", err));
    GH_TX(l, err);
    TRY(load_row(l, question, &q, err));
    TRY(act_on(l, by, &q, GH_QUESTION_EXTEND, why, at_ms, 0, NULL, err));
    if (q.extended)
        return gh_fail(err, GH_LIMIT, "question %" PRId64 " was given more time already, once",
                       q.id);
    if (at_ms > q.due_ms)
        return gh_fail(err, GH_LIMIT,
                       "question %" PRId64 " is overdue: more time is asked for before it is due",
                       q.id);
    TRY(gh_db_run(l, err,
                  "UPDATE question_round SET extended_ms = ?, extended_why = ?, remind_ms = ?,"
                  " due_ms = ?, explained = ? WHERE question = ? AND round = ?",
                  "itiitii", at_ms, why, times->remind_ms, times->due_ms, explained, q.id,
                  (int64_t)q.round));
    TRY(set_alarms(l, q.id, q.round, times, err));
    TRY(tell(l, by, &q, "extend", "extend", (int64_t)q.round, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_ask_again(struct gh_ledger *l, const struct gh_question_by *by, int64_t question,
                        const struct gh_question_ask *ask, struct gh_err *err)
{
    struct row q;
    TRY(check_text(ask->text, true, "asking again", err));
    GH_TX(l, err);
    TRY(load_row(l, question, &q, err));
    if (q.round >= GH_QUESTION_ROUNDS && gh_question_fits(GH_QUESTION_REOPEN, q.state))
        return gh_fail(err, GH_LIMIT,
                       "question %" PRId64 " was asked %d times: call the department now", q.id,
                       GH_QUESTION_ROUNDS);
    q.round++;
    TRY(act_on(l, by, &q, GH_QUESTION_REOPEN, ask->text, gh_who_now(&by->who), 0, NULL, err));
    TRY(gh_db_run(l, err, "UPDATE question SET round = ?, answered_ms = 0 WHERE id = ?", "ii",
                  (int64_t)q.round, q.id));
    TRY(begin_round(l, by, q.id, q.round, ask, err));
    TRY(tell(l, by, &q, "asked", "asked", (int64_t)q.round, err));
    return gh_tx_commit(&tx, err);
}

static int end_with(struct gh_ledger *l, const struct gh_question_by *by, const struct row *q,
                    enum gh_question_act act, const char *text, struct gh_err *err)
{
    int64_t now = gh_who_now(&by->who);
    TRY(act_on(l, by, q, act, text, now, 0, NULL, err));
    TRY(gh_db_run(l, err, "UPDATE question SET closed_ms = ? WHERE id = ?", "ii", now, q->id));
    TRY(end_round(l, q, now, 0, err));
    if (act == GH_QUESTION_WITHDRAW)
        TRY(tell(l, by, q, "withdraw", "withdraw", (int64_t)q->round, err));
    return release(l, by, q, err);
}

int gh_ledger_end_question(struct gh_ledger *l, const struct gh_question_by *by, int64_t question,
                           enum gh_question_act act, const char *text, struct gh_err *err)
{
    struct row q;
    TRY(check_text(text, false, "", err));
    GH_TX(l, err);
    TRY(load_row(l, question, &q, err));
    TRY(end_with(l, by, &q, act, text, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_recompute(struct gh_ledger *l, const struct gh_question_by *by, int64_t question,
                        const char *calendar, const struct gh_question_times *times,
                        const char *explained, struct gh_err *err)
{
    struct row q;
    char due[GH_TIME_ISO];
    GH_TX(l, err);
    TRY(load_row(l, question, &q, err));
    gh_time_iso(times->due_ms, due, sizeof(due));
    GH_AUTO_FREE char *text = gh_asprintf("due %s", due);
    TRY(act_on(l, by, &q, GH_QUESTION_RECOMPUTE, text, gh_who_now(&by->who), 0, NULL, err));
    TRY(gh_db_run(l, err,
                  "UPDATE question_round SET calendar = ?, explained = ?, remind_ms = ?, due_ms = ?"
                  " WHERE question = ? AND round = ?",
                  "ttiiii", calendar, explained, times->remind_ms, times->due_ms, q.id,
                  (int64_t)q.round));
    TRY(set_alarms(l, q.id, q.round, times, err));
    return gh_tx_commit(&tx, err);
}

/* --------------------------------------------------------------------------------------- alarms */

int gh_ledger_next_alarm(struct gh_ledger *l, struct gh_alarm_row *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT a.question, a.at_ms, a.round, a.kind, q.department FROM alarm a"
                    " JOIN question q ON q.id = a.question WHERE a.fired_ms = 0"
                    " ORDER BY a.at_ms, CASE a.kind WHEN 'remind' THEN 0 WHEN 'due' THEN 1"
                    " WHEN 'escalate' THEN 2 WHEN 'again' THEN 3 ELSE 4 END, a.question LIMIT 1",
                    ""));
    int r = gh_db_step(&s, err);
    if (r <= 0)
        return r;
    *ret = (struct gh_alarm_row){.question = gh_col_i64(&s, 0),
                                 .at_ms = gh_col_i64(&s, 1),
                                 .round = (unsigned)gh_col_i64(&s, 2),
                                 .kind = gh_alarm_of(gh_col_text(&s, 3))};
    GH_COPY(ret->department, gh_col_text(&s, 4));
    return 1;
}

/* How often it went off in this round, this time included. */
static int times_fired(struct gh_ledger *l, const struct gh_alarm_row *a, int64_t *ret,
                       struct gh_err *err)
{
    return gh_db_int(l, ret, err,
                     "SELECT count(*) FROM alarm WHERE question = ? AND round = ? AND kind = ?"
                     " AND fired_ms > 0",
                     "iit", a->question, (int64_t)a->round, gh_alarm_name(a->kind));
}

int gh_ledger_fire(struct gh_ledger *l, const struct gh_question_by *by,
                   const struct gh_alarm_row *a, struct gh_err *err)
{
    struct row q;
    int64_t now = gh_who_now(&by->who), count = 0;
    const char *kind = gh_alarm_name(a->kind);
    GH_TX(l, err);
    TRY(load_row(l, a->question, &q, err));
    int n = gh_db_run(l, err,
                      "UPDATE alarm SET fired_ms = ? WHERE question = ? AND round = ? AND kind = ?"
                      " AND at_ms = ? AND fired_ms = 0",
                      "iiiti", now, a->question, (int64_t)a->round, kind, a->at_ms);
    TRY(n);
    if (n == 0)
        return 0; /* nothing was changed, and nothing is committed */
    TRY(times_fired(l, a, &count, err));
    GH_AUTO_FREE char *name =
        a->kind == GH_ALARM_AGAIN ? gh_asprintf("again-%" PRId64, count) : gh_strdup(kind);
    TRY(gh_audit(l, &by->who, q.submission, GH_AUDIT_QUESTION, q.id, "alarm", err,
                 "%s of round %u, %" PRId64 " s late", name, a->round, (now - a->at_ms) / 1000));
    if (a->kind == GH_ALARM_CLOSE)
        TRY(end_with(l, by, &q, GH_QUESTION_CLOSE, NULL, err));
    else
        TRY(tell(l, by, &q, kind, name, (int64_t)q.round, err));
    return gh_tx_commit(&tx, err);
}
