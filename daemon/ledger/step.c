/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps from state to state: the only place that writes the state of a submission or a rendition.
 * Each is a compare-and-set that the table in states.c must allow; GH_LIMIT otherwise.
 */
#include "daemon/ledger/db.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

int gh_ren_step(struct gh_ledger *l, int64_t rendition, enum gh_ren_state from,
                enum gh_ren_state to, const char *reason, struct gh_err *err)
{
    if (!gh_ren_may(from, to))
        return gh_fail(err, GH_LIMIT, "a rendition that is %s cannot become %s",
                       gh_ren_state_name(from), gh_ren_state_name(to));
    int n =
        gh_db_run(l, err, "UPDATE rendition SET state = ?, reason = ? WHERE id = ? AND state = ?",
                  "ttit", gh_ren_state_name(to), reason, rendition, gh_ren_state_name(from));
    TRY(n);
    if (n != 1)
        return gh_fail(err, GH_LIMIT, "rendition %" PRId64 " is not %s any more", rendition,
                       gh_ren_state_name(from));
    return 0;
}

int gh_ren_step_all(struct gh_ledger *l, int64_t submission, int64_t file, enum gh_ren_state from,
                    enum gh_ren_state to, const char *reason, struct gh_err *err)
{
    if (!gh_ren_may(from, to))
        return gh_fail(err, GH_LIMIT, "a rendition that is %s cannot become %s",
                       gh_ren_state_name(from), gh_ren_state_name(to));
    if (file)
        return gh_db_run(
            l, err,
            "UPDATE rendition SET state = ?1, reason = ?2 WHERE file = ?3 AND state = ?4"
            " AND submission = (SELECT submission FROM file WHERE id = ?3)",
            "ttit", gh_ren_state_name(to), reason, file, gh_ren_state_name(from));
    return gh_db_run(
        l, err, "UPDATE rendition SET state = ?, reason = ? WHERE submission = ? AND state = ?",
        "ttit", gh_ren_state_name(to), reason, submission, gh_ren_state_name(from));
}

int gh_sub_state(struct gh_ledger *l, int64_t submission, enum gh_sub_state *ret,
                 struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT state FROM submission WHERE id = ?", "i", submission));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_USAGE, "there is no submission %" PRId64 " (ghat list shows them)",
                       submission);
    if (!gh_sub_state_parse(gh_col_text(&s, 0), ret))
        return gh_fail(err, GH_CONFIG, "submission %" PRId64 " has an unknown state in the ledger",
                       submission);
    return 0;
}

/* The first time a state is reached is kept; a time that is set again later would hide how long it
 * took. */
static int stamp(struct gh_ledger *l, int64_t submission, enum gh_sub_state to, int64_t now,
                 struct gh_err *err)
{
    static const struct {
        enum gh_sub_state to;
        const char *sql;
    } stamps[] = {
        {GH_SUB_RECEIVED, "UPDATE submission SET received_ms = ? WHERE id = ? AND received_ms = 0"},
        {GH_SUB_STAGED, "UPDATE submission SET staged_ms = ? WHERE id = ? AND staged_ms = 0"},
        {GH_SUB_DECIDED, "UPDATE submission SET decided_ms = ? WHERE id = ? AND decided_ms = 0"},
        {GH_SUB_DELIVERED,
         "UPDATE submission SET delivered_ms = ? WHERE id = ? AND delivered_ms = 0"},
    };
    for (size_t i = 0; i < GH_LEN(stamps); i++)
        if (stamps[i].to == to)
            TRY(gh_db_run(l, err, stamps[i].sql, "ii", now, submission));
    /* decided straight from rendering: it was staged on the way */
    if (to == GH_SUB_DECIDED)
        TRY(gh_db_run(l, err, stamps[1].sql, "ii", now, submission));
    return 0;
}

int gh_sub_step(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                enum gh_sub_state from, enum gh_sub_state to, const char *reason,
                struct gh_err *err)
{
    if (!gh_sub_may(from, to))
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is %s and cannot become %s",
                       submission, gh_sub_state_name(from), gh_sub_state_name(to));
    int n =
        gh_db_run(l, err, "UPDATE submission SET state = ?, reason = ? WHERE id = ? AND state = ?",
                  "ttit", gh_sub_state_name(to), reason, submission, gh_sub_state_name(from));
    TRY(n);
    if (n != 1)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is not %s any more", submission,
                       gh_sub_state_name(from));
    TRY(stamp(l, submission, to, gh_who_now(who), err));
    TRY(gh_audit(l, who, submission, "submission", submission, "state", err, "%s → %s%s%s",
                 gh_sub_state_name(from), gh_sub_state_name(to), reason ? ": " : "",
                 reason ? reason : ""));
    return to == GH_SUB_STAGED ? gh_tell_item(l, who, "waits", submission, l->seq, err) : 0;
}

static int count(struct gh_ledger *l, int64_t submission, struct gh_tally *t, struct gh_err *err)
{
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        "SELECT state, count(*) FROM rendition WHERE submission = ? GROUP BY state",
                        "i", submission));
        enum gh_ren_state state;
        while ((r = gh_db_step(&s, err)) > 0)
            if (gh_ren_state_parse(gh_col_text(&s, 0), &state))
                t->rendition[state] = (unsigned)gh_col_i64(&s, 1);
        TRY(r);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT work, count(*) FROM file WHERE submission = ? AND role = 'media'"
                    " GROUP BY work",
                    "i", submission));
    while ((r = gh_db_step(&s, err)) > 0) {
        const char *work = gh_col_text(&s, 0);
        unsigned n = (unsigned)gh_col_i64(&s, 1);
        if (!strcmp(work, "due"))
            t->files_due = n;
        else if (!strcmp(work, "running"))
            t->files_running = n;
        else if (!strcmp(work, "done"))
            t->files_done = n;
        else if (!strcmp(work, "bad"))
            t->files_bad = n;
    }
    return r;
}

/* Why nothing came of it: what was wrong with the files, else why outputs failed, else why
 * placements were skipped. */
static int why_nothing(struct gh_ledger *l, int64_t submission, struct gh_str *out,
                       struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT reason FROM (SELECT reason, 0 AS weight, id FROM file WHERE submission = ?1"
        " AND work = 'bad' AND reason <> '' UNION ALL SELECT reason, CASE state"
        " WHEN 'failed' THEN 1 ELSE 2 END, id FROM rendition WHERE submission = ?1"
        " AND state IN ('failed','skipped') AND reason <> '') AS t GROUP BY reason"
        " ORDER BY min(weight), min(id) LIMIT 3",
        "i", submission));
    int r;
    while ((r = gh_db_step(&s, err)) > 0)
        gh_str_printf(out, "%s%s", out->len ? "; " : "", gh_col_text(&s, 0));
    TRY(r);
    if (!out->len)
        gh_str_puts(out, "nothing in it can be used");
    return 0;
}

int gh_sub_advance(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                   struct gh_err *err)
{
    struct gh_tally tally = {0};
    enum gh_sub_state now;
    TRY(gh_sub_state(l, submission, &now, err));
    TRY(count(l, submission, &tally, err));
    enum gh_sub_state to = gh_sub_derive(now, &tally);
    GH_AUTO_STR why = {0};
    if (to == GH_SUB_QUARANTINED && now != to)
        TRY(why_nothing(l, submission, &why, err));
    while (now != to) {
        /* what the table does not allow in one step goes by way of decided (staged → delivered, …)
         * or of rendering */
        enum gh_sub_state next = gh_sub_may(now, to) ? to
                                 : to == GH_SUB_DELIVERED && gh_sub_may(now, GH_SUB_DECIDED)
                                     ? GH_SUB_DECIDED
                                     : GH_SUB_RENDERING;
        TRY(gh_sub_step(l, who, submission, now, next, why.len ? why.data : NULL, err));
        now = next;
    }
    return 0;
}
