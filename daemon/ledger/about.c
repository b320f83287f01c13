/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What notices are about, as the ledger knows it now: for their words, and for what the clock finds
 * to be told. */
#include "daemon/ledger/letters.h"

#include "daemon/ledger/db.h"
#include "daemon/ledger/question_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define IDLE 1000 /* submissions that one look finds */
#define OLDEST_MS (30 * DAY_MS)

/* What is held for a question is told with its number: the words stay where they were asked. */
static void hide_question(struct gh_notice_about *about)
{
    char head[48];
    int64_t id = 0;
    if (sscanf(about->reason, "question %18" SCNd64, &id) != 1)
        return;
    GH_FORMAT(head, GH_HELD_FOR, id);
    if (!gh_starts(about->reason, head))
        return;
    about->question = id;
    about->reason[0] = '\0';
}

int gh_ledger_notice_about(struct gh_ledger *l, const struct gh_notice *n,
                           struct gh_notice_about *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    const char *number = strchr(n->subject, ':'), *slug = strchr(n->recipient, ':');
    int64_t id = number ? strtoll(number + 1, NULL, 10) : 0;
    *ret = (struct gh_notice_about){0};
    if (slug && !gh_starts(n->recipient, "role:") && !gh_starts(n->recipient, "user:"))
        GH_COPY(ret->department, slug + 1);
    if (gh_starts(n->subject, "nothing:")) {
        GH_COPY(ret->department, number + 1);
        ret->at_ms = n->revision * 1000;
        return 0;
    }
    if (gh_starts(n->subject, "item:"))
        TRY(gh_db_query(l, &s, err,
                        "SELECT s.department, CASE WHEN s.staged_ms > s.returned_ms"
                        " THEN s.staged_ms ELSE s.returned_ms END, s.urgent > 1,"
                        " coalesce(d.reason, ''), 0 FROM submission s LEFT JOIN decision d"
                        " ON d.id = ?2 AND d.submission = s.id WHERE s.id = ?1",
                        "ii", id, n->revision));
    else if (gh_starts(n->subject, "question:"))
        TRY(gh_db_query(l, &s, err,
                        "SELECT q.department, r.due_ms, q.urgent, '', 0 FROM question q"
                        " JOIN question_round r ON r.question = q.id AND r.round = q.round"
                        " WHERE q.id = ?1",
                        "i", id));
    else if (gh_starts(n->subject, "event:")) /* what takes place about now waits for no morning */
        TRY(gh_db_query(l, &s, err,
                        "SELECT department, starts_ms, CASE WHEN starts_ms < ?2 AND ends_ms > ?3"
                        " THEN 1 ELSE 0 END, '', all_day FROM event WHERE id = ?1",
                        "iii", id, n->made_ms + DAY_MS, n->made_ms - DAY_MS));
    else
        return 0;
    int r = gh_db_step(&s, err);
    TRY(r);
    if (r > 0) {
        GH_COPY(ret->department, gh_col_text(&s, 0));
        ret->at_ms = gh_col_i64(&s, 1);
        ret->urgent = gh_col_i64(&s, 2) != 0;
        GH_COPY(ret->reason, gh_col_text(&s, 3));
        ret->all_day = gh_col_i64(&s, 4) != 0;
        hide_question(ret);
    }
    return 0;
}

int gh_ledger_decisions_of(struct gh_ledger *l, const char *user, int64_t from_ms, int64_t to_ms,
                           gh_decision_row_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    /* the two forms of an actor that name a person: over the desk, and at the command */
    GH_AUTO_FREE char *over_desk = gh_asprintf("user:%s (", user),
                      *at_command = gh_asprintf("as \"%s\"", user);
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission, time_ms, verdict FROM decision WHERE time_ms >= ?1"
                    " AND time_ms < ?2 AND (substr(actor, 1, length(?3)) = ?3"
                    " OR substr(actor, -length(?4)) = ?4) ORDER BY id",
                    "iitt", from_ms, to_ms, over_desk, at_command));
    while ((r = gh_db_step(&s, err)) > 0) {
        const struct gh_decision_row row = {.submission = gh_col_i64(&s, 0),
                                            .time_ms = gh_col_i64(&s, 1),
                                            .verdict = gh_col_text(&s, 2)};
        if (!fn(&row, arg))
            return 0;
    }
    return r;
}

struct idle_row {
    struct gh_idle idle;
    char department[64];
};

#define NOT_TOLD                                                                                   \
    " AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.subject = 'item:' || s.id"                    \
    " AND n.kind = ?3 AND n.revision = "

static int read_idle(struct gh_ledger *l, const char *kind, int64_t before_ms,
                     struct idle_row *rows, size_t *ret_n, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    if (!strcmp(kind, "uncollected"))
        TRY(gh_db_query(l, &s, err,
                        /* what goes out later is news; what is collected meanwhile is none */
                        "SELECT s.id, s.department, min(r.published_ms) AS since, (SELECT"
                        " max(x.published_ms) FROM rendition x WHERE x.submission = s.id"
                        " AND x.state IN ('published','collected') AND x.published_ms > 0) AS last"
                        " FROM rendition r"
                        " JOIN submission s ON s.id = r.submission WHERE r.state = 'published'"
                        " AND r.published_ms > 0 GROUP BY s.id, s.department"
                        " HAVING since <= ?1 AND since > ?2" NOT_TOLD "last)"
                        " ORDER BY since LIMIT ?4",
                        "iiti", before_ms, before_ms - OLDEST_MS, kind, (int64_t)IDLE));
    else
        TRY(gh_db_query(l, &s, err,
                        "SELECT s.id, s.department, max(s.staged_ms, s.returned_ms) AS since,"
                        " max(s.staged_ms, s.returned_ms)"
                        " FROM submission s WHERE s.state = 'staged' AND s.staged_ms > 0"
                        " AND since <= ?1 AND since > ?2 AND EXISTS (SELECT 1 FROM rendition r"
                        " WHERE r.submission = s.id AND r.state = 'staged')" NOT_TOLD "since)"
                        " ORDER BY since LIMIT ?4",
                        "iiti", before_ms, before_ms - OLDEST_MS, kind, (int64_t)IDLE));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct idle_row *row = &rows[(*ret_n)++];
        GH_COPY(row->department, gh_col_text(&s, 1));
        row->idle = (struct gh_idle){.submission = gh_col_i64(&s, 0),
                                     .since_ms = gh_col_i64(&s, 2),
                                     .revision = gh_col_i64(&s, 3),
                                     .department = row->department};
    }
    return r;
}

int gh_ledger_idle(struct gh_ledger *l, const char *kind, int64_t before_ms, gh_idle_fn *fn,
                   void *arg, struct gh_err *err)
{
    GH_AUTO_FREE struct idle_row *rows = gh_alloc(IDLE * sizeof(*rows));
    size_t n = 0;
    TRY(read_idle(l, kind, before_ms, rows, &n, err));
    for (size_t i = 0; i < n; i++)
        TRY(fn(l, &rows[i].idle, arg, err));
    return 0;
}
