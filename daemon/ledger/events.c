/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done with events: one function (act_on) checks the rules, sets the state, writes the
 * audit and the notices. The names of folders that an event has, or had, are rows of their own, so
 * that what lies in any of them belongs to it.
 */
#include "daemon/ledger/db.h"
#include "daemon/ledger/event_int.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define NAMES_TRIED 100 /* for a folder, when others have the name */

static bool has_begun(const struct gh_event *e, const struct gh_question_by *by)
{
    return e->starts_ms <= gh_who_now(&by->who);
}

static int refuse(const struct gh_event *e, bool begun, enum gh_event_act act, struct gh_err *err)
{
    if (!gh_event_fits(act, e->state, begun))
        return gh_fail(err, GH_LIMIT, "event %" PRId64 " is %s: it takes no %s", e->id,
                       gh_event_state_name(e->state), gh_event_act_name(act));
    return gh_fail(err, GH_LIMIT, "your role does not let you %s an event of this department",
                   gh_event_act_name(act));
}

/* On its day nothing waits for the morning. */
static int64_t told_from(const struct gh_question_by *by, const struct gh_event *e, bool held)
{
    int64_t now = gh_who_now(&by->who), day_ms = (int64_t)24 * 3600 * 1000;
    bool soon = e->starts_ms < now + day_ms && e->ends_ms > now - day_ms;
    return held && !soon ? GH_MAX(now, by->held_ms) : now;
}

static int tell(struct gh_ledger *l, const struct gh_question_by *by, const struct gh_event *e,
                const char *act, struct gh_err *err)
{
    GH_AUTO_FREE char *subject = gh_asprintf("event:%" PRId64, e->id);
    GH_AUTO_FREE char *kind = gh_asprintf("event-%s", act);
    for (const struct gh_notice_rule *n = gh_event_notice_rules; n->kind; n++) {
        if (strcmp(n->kind, act) != 0)
            continue;
        GH_AUTO_FREE char *recipient = !strcmp(n->who, "officer")
                                           ? gh_asprintf("officer:%s", e->department)
                                           : gh_asprintf("role:%s", n->who);
        const struct gh_notice notice = {.kind = kind,
                                         .subject = subject,
                                         .revision = (int64_t)e->revision,
                                         .recipient = recipient,
                                         .channel = n->channel,
                                         .made_ms = gh_who_now(&by->who),
                                         .not_before_ms = told_from(by, e, n->held)};
        TRY(gh_ledger_tell(l, &notice, err));
    }
    return 0;
}

/* The rules, the state, the audit, the notices; e is as it is after the act, but for its state.
 * begun: had it begun before the act? */
static int act_on(struct gh_ledger *l, const struct gh_question_by *by, struct gh_event *e,
                  bool begun, enum gh_event_act act, int64_t submission, const char *detail,
                  struct gh_err *err)
{
    enum gh_event_state to;
    if (by->department && strcmp(by->department, e->department) != 0)
        return gh_no_event(e->id, err);
    if (!gh_event_may(act, e->state, begun, by->roles, &to))
        return refuse(e, begun, act, err);
    /* When it was covered is no change of it: that stands by itself, and may have to be hidden. */
    TRY(gh_db_run(l, err,
                  "UPDATE event SET state = ?, revision = ?,"
                  " changed_ms = CASE ? WHEN 0 THEN ? ELSE changed_ms END WHERE id = ?",
                  "tiiii", gh_event_state_name(to), (int64_t)e->revision,
                  (int64_t)(act == GH_EVENT_COVER), gh_who_now(&by->who), e->id));
    e->state = to;
    TRY(gh_audit(l, &by->who, submission, GH_AUDIT_EVENT, e->id, gh_event_act_name(act), err,
                 "%s, by %s: %s", e->department, gh_question_via_name(by->via), detail));
    /* who is told that it was missed was told when it was late */
    return act == GH_EVENT_MISS ? 0 : tell(l, by, e, gh_event_act_name(act), err);
}

/* ------------------------------------------------------------------------------ what is announced
 */

static int check_length(const char *text, size_t max, const char *what, struct gh_err *err)
{
    return strlen(text) <= max
               ? 0
               : gh_fail(err, GH_LIMIT, "the %s of an event is at most %zu bytes", what, max);
}

static int check_said(const struct gh_event_said *s, struct gh_err *err)
{
    if (!*s->title)
        return gh_fail(err, GH_LIMIT, "an event needs a title");
    if (s->ends_ms < s->starts_ms || s->starts_ms <= 0)
        return gh_fail(err, GH_LIMIT, "an event ends after it begins");
    TRY(check_length(s->title, GH_EVENT_TITLE, "title", err));
    TRY(check_length(s->place, GH_EVENT_TITLE, "place", err));
    TRY(check_length(s->ward, GH_EVENT_WARD, "ward", err));
    return check_length(s->material, GH_EVENT_MATERIAL, "expected material", err);
}

/* The name for the folder, or with a number behind it when another event of the department has it.
 */
static int name_folder(struct gh_ledger *l, const char *department, int64_t id, const char *wished,
                       struct gh_err *err)
{
    for (int n = 1; n <= NAMES_TRIED; n++) {
        GH_AUTO_FREE char *name = n == 1 ? gh_strdup(wished) : gh_asprintf("%s (%d)", wished, n);
        int64_t owner = 0;
        TRY(gh_db_run(l, err,
                      "INSERT INTO event_folder(department, name, event) VALUES(?,?,?)"
                      " ON CONFLICT DO NOTHING",
                      "tti", department, name, id));
        TRY(gh_db_int(l, &owner, err,
                      "SELECT event FROM event_folder WHERE department = ? AND name = ?", "tt",
                      department, name));
        if (owner != id)
            continue;
        TRY(gh_db_run(l, err, "UPDATE event_folder SET gone = 0 WHERE department = ? AND name = ?",
                      "tt", department, name));
        return gh_db_run(l, err, "UPDATE event SET folder = ? WHERE id = ?", "ti", name, id);
    }
    return gh_fail(err, GH_LIMIT, "there are too many events of this name on that day");
}

static int check_room(struct gh_ledger *l, const char *department, int64_t now_ms,
                      struct gh_err *err)
{
    int64_t n = 0;
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM event WHERE department = ? AND starts_ms > ?"
                  " AND state <> 'cancelled'",
                  "ti", department, now_ms));
    return n < GH_EVENT_COMING
               ? 0
               : gh_fail(err, GH_LIMIT, "the department has announced %d events already",
                         GH_EVENT_COMING);
}

int gh_ledger_announce(struct gh_ledger *l, const struct gh_question_by *by,
                       const struct gh_event_new *fresh, int64_t *ret_id, struct gh_err *err)
{
    const struct gh_event_said *s = &fresh->said;
    struct gh_event e = {.starts_ms = s->starts_ms, .ends_ms = s->ends_ms, .revision = 1};
    int64_t now = gh_who_now(&by->who);
    TRY(check_said(s, err));
    GH_COPY(e.department, fresh->department);
    GH_TX(l, err);
    TRY(check_room(l, fresh->department, now, err));
    TRY(gh_db_run(l, err, "INSERT INTO department(slug) VALUES(?) ON CONFLICT DO NOTHING", "t",
                  fresh->department));
    TRY(gh_db_run(l, err,
                  "INSERT INTO event(department, uid, sequence, title, starts_ms, ends_ms, all_day,"
                  " place, ward, material, state, revision, folder, expect_ms, miss_ms, made_by,"
                  " made_ms, changed_ms) VALUES(?,?,?,?,?,?,?,?,?,?,'announced',1,'',?,?,?,?,?)",
                  "ttitiiitttiitii", fresh->department, fresh->uid, fresh->sequence, s->title,
                  s->starts_ms, s->ends_ms, (int64_t)s->all_day, s->place, s->ward, s->material,
                  fresh->expect_ms, GH_MAX(fresh->miss_ms, fresh->expect_ms),
                  gh_who_actor(&by->who), now, now));
    e.id = gh_last_id(l);
    TRY(name_folder(l, fresh->department, e.id, fresh->folder, err));
    TRY(act_on(l, by, &e, false, GH_EVENT_ANNOUNCE, 0, s->title, err));
    TRY(gh_tx_commit(&tx, err));
    *ret_id = e.id;
    return 0;
}

static bool is_same(const struct gh_event *e, const struct gh_event_said *s)
{
    return gh_streq(e->title, s->title) && gh_streq(e->place, s->place) &&
           gh_streq(e->ward, s->ward) && gh_streq(e->material, s->material) &&
           e->starts_ms == s->starts_ms && e->ends_ms == s->ends_ms && e->all_day == s->all_day;
}

int gh_ledger_change_event(struct gh_ledger *l, const struct gh_question_by *by, int64_t id,
                           const struct gh_event_new *fresh, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    const struct gh_event_said *s = &fresh->said;
    TRY(check_said(s, err));
    GH_TX(l, err);
    TRY(gh_ledger_event(l, id, &e, err));
    TRY(gh_db_run(l, err, "UPDATE event SET sequence = ?1 WHERE id = ?2 AND sequence < ?1", "ii",
                  fresh->sequence, id));
    if (is_same(&e, s) && (e.state == GH_EVENT_ANNOUNCED || e.state == GH_EVENT_CHANGED ||
                           e.state == GH_EVENT_COVERED)) {
        if (by->department && strcmp(by->department, e.department) != 0)
            return gh_no_event(id, err);
        TRY(gh_tx_commit(&tx, err));
        return 1;
    }
    bool begun = has_begun(&e, by);
    e.revision++;
    e.starts_ms = s->starts_ms;
    e.ends_ms = s->ends_ms;
    TRY(act_on(l, by, &e, begun, GH_EVENT_CHANGE, 0, s->title, err));
    TRY(gh_db_run(l, err,
                  "UPDATE event SET title = ?, starts_ms = ?, ends_ms = ?, all_day = ?, place = ?,"
                  " ward = ?, material = ?, expect_ms = ?, miss_ms = ?, told_ms = 0, reason = NULL,"
                  " covered_ms = 0 WHERE id = ?",
                  "tiiitttiii", s->title, s->starts_ms, s->ends_ms, (int64_t)s->all_day, s->place,
                  s->ward, s->material, fresh->expect_ms, GH_MAX(fresh->miss_ms, fresh->expect_ms),
                  id));
    TRY(gh_db_run(l, err,
                  "UPDATE event SET uid = ?1 WHERE id = ?2 AND CAST(?1 AS TEXT) IS NOT NULL"
                  " AND NOT EXISTS (SELECT 1 FROM event o WHERE o.department = ?3 AND o.uid = ?1"
                  " AND o.id <> ?2)",
                  "tit", fresh->uid, id, e.department));
    TRY(name_folder(l, e.department, id, fresh->folder, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_cancel_event(struct gh_ledger *l, const struct gh_question_by *by, int64_t id,
                           int64_t sequence, const char *reason, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    const char *why = reason ? reason : "";
    TRY(check_length(why, GH_EVENT_MATERIAL, "reason", err));
    GH_TX(l, err);
    TRY(gh_ledger_event(l, id, &e, err));
    e.revision++;
    TRY(act_on(l, by, &e, has_begun(&e, by), GH_EVENT_CANCEL, 0, why, err));
    TRY(gh_db_run(l, err,
                  "UPDATE event SET sequence = CASE WHEN sequence < ?1 THEN ?1 ELSE sequence END,"
                  " reason = ?2 WHERE id = ?3",
                  "iti", sequence, why, id));
    return gh_tx_commit(&tx, err);
}

static int cover(struct gh_ledger *l, const struct gh_question_by *by, struct gh_event *e,
                 int64_t submission, const char *why, struct gh_err *err)
{
    TRY(act_on(l, by, e, has_begun(e, by), GH_EVENT_COVER, submission, why, err));
    return gh_db_run(l, err, "UPDATE event SET covered_ms = ? WHERE id = ?", "ii",
                     gh_who_now(&by->who), e->id);
}

int gh_ledger_event_came(struct gh_ledger *l, const struct gh_who *who, int64_t id,
                         int64_t submission, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    const struct gh_question_by by = {
        .who = gh_who_at_once(who), .roles = GH_BY_GHATD, .via = GH_VIA_GHATD};
    GH_TX(l, err);
    TRY(gh_ledger_event(l, id, &e, err));
    int n = gh_db_run(l, err, "UPDATE submission SET event = ?1 WHERE id = ?2 AND event <> ?1",
                      "ii", id, submission);
    TRY(n);
    if (n && gh_event_fits(GH_EVENT_COVER, e.state, has_begun(&e, &by))) {
        TRY(cover(l, &by, &e, submission, "the first that came of it", err));
    } else if (n) {
        TRY(gh_audit(l, &by.who, submission, GH_AUDIT_EVENT, id, "came", err, "%s", e.department));
    }
    return gh_tx_commit(&tx, err);
}

/* That nothing came yet, which the event is marked with: it is told once. */
static int tell_late(struct gh_ledger *l, const struct gh_question_by *by, const struct gh_event *e,
                     struct gh_err *err)
{
    TRY(gh_db_run(l, err, "UPDATE event SET told_ms = ? WHERE id = ?", "ii", gh_who_now(&by->who),
                  e->id));
    return tell(l, by, e, gh_event_act_name(GH_EVENT_MISS), err);
}

int gh_ledger_event_due(struct gh_ledger *l, const struct gh_question_by *by, int64_t id,
                        enum gh_event_state *ret_state, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    int64_t now = gh_who_now(&by->who);
    GH_TX(l, err);
    TRY(gh_ledger_event(l, id, &e, err));
    bool begun = has_begun(&e, by);
    if (ret_state)
        *ret_state = e.state;
    if (!gh_event_fits(GH_EVENT_MISS, e.state, begun) || e.expect_ms > now)
        return 0; /* nothing was changed, and nothing is committed */
    if (e.came) {
        TRY(cover(l, by, &e, 0, "what came before it was changed", err));
    } else {
        if (!e.told_ms)
            TRY(tell_late(l, by, &e, err));
        if (e.miss_ms <= now)
            TRY(act_on(l, by, &e, begun, GH_EVENT_MISS, 0, "nothing came in time", err));
    }
    TRY(gh_tx_commit(&tx, err));
    if (ret_state)
        *ret_state = e.state;
    return 0;
}

int gh_event_tell_late(struct gh_ledger *l, const struct gh_who *who, int64_t before_ms,
                       struct gh_err *err)
{
    const struct gh_question_by by = {.who = *who};
    for (int64_t id = 0;;) {
        GH_AUTO(gh_event_free) struct gh_event e = {0};
        int next = gh_db_int(l, &id, err,
                             "SELECT id FROM event WHERE id > ? AND expect_ms < ? AND told_ms = 0"
                             " AND state IN ('announced','changed') ORDER BY id LIMIT 1",
                             "ii", id, before_ms);
        if (next <= 0)
            return next;
        TRY(gh_ledger_event(l, id, &e, err));
        TRY(tell_late(l, &by, &e, err));
    }
}
