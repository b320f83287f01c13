/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures for monitoring: cheap enough to be asked for every few seconds. */
#include "daemon/ledger/db.h"

#define ROWS_MAX 20000 /* of the audit that one call looks at */

int gh_ledger_passed(struct gh_ledger *l, int64_t seq, int64_t from_ms, int64_t to_ms,
                     gh_passed_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int64_t after = GH_MAX(seq, gh_ledger_seq(l) - ROWS_MAX);
    TRY(gh_db_query(l, &s, err,
                    "SELECT dropped_ms, staged_ms, approved_ms, delivered_ms FROM submission"
                    " WHERE id IN (SELECT submission FROM audit WHERE seq > ?)",
                    "i", after));
    int r;
    while ((r = gh_db_step(&s, err)) > 0)
        for (int pass = 0; pass < GH_PASSES; pass++) {
            int64_t from = gh_col_i64(&s, pass), to = gh_col_i64(&s, pass + 1);
            if (from && to > from_ms && to <= to_ms)
                fn((enum gh_pass)pass, to - from, arg);
        }
    return r;
}

int gh_ledger_oldest(struct gh_ledger *l, int64_t ret[GH_STAGES], struct gh_err *err)
{
    static const char *const sql[GH_STAGES] = {
        [GH_STAGE_MAKING] = "SELECT coalesce(min(dropped_ms), 0) FROM submission"
                            " WHERE state IN ('received','rendering')",
        [GH_STAGE_DECIDING] = "SELECT coalesce(min(staged_ms), 0) FROM submission"
                              " WHERE state = 'staged' AND staged_ms > 0",
        [GH_STAGE_COLLECTING] = "SELECT coalesce(min(s.approved_ms), 0) FROM submission s"
                                " WHERE s.approved_ms > 0 AND s.id IN"
                                " (SELECT submission FROM rendition WHERE state = 'published')",
    };
    int64_t oldest[GH_STAGES];
    for (unsigned i = 0; i < GH_STAGES; i++)
        TRY(gh_db_int(l, &oldest[i], err, sql[i], ""));
    for (unsigned i = 0; i < GH_STAGES; i++)
        ret[i] = oldest[i];
    return 0;
}

int gh_ledger_question_figures(struct gh_ledger *l, int64_t now_ms, struct gh_question_figures *ret,
                               struct gh_err *err)
{
    static const char *const sql[] = {
        "SELECT count(*) FROM question WHERE state = 'open'",
        "SELECT count(*) FROM question WHERE state = 'answered'",
        "SELECT count(*) FROM question_round r JOIN question q ON q.id = r.question"
        " WHERE r.ended_ms > 0 AND r.ended_ms <= r.due_ms AND q.state <> 'withdrawn'",
        "SELECT count(*) FROM question_round r JOIN question q ON q.id = r.question"
        " WHERE r.ended_ms > r.due_ms AND q.state <> 'withdrawn'"};
    int64_t n[GH_LEN(sql)], late;
    for (size_t i = 0; i < GH_LEN(sql); i++)
        TRY(gh_db_int(l, &n[i], err, sql[i], ""));
    TRY(gh_db_int(l, &late, err,
                  "SELECT count(*) FROM question q JOIN question_round r ON r.question = q.id"
                  " AND r.round = q.round WHERE q.state = 'open' AND r.due_ms < ?",
                  "i", now_ms));
    *ret = (struct gh_question_figures){.open = (uint64_t)n[0],
                                        .late = (uint64_t)late,
                                        .answered = (uint64_t)n[1],
                                        .in_time = (uint64_t)n[2],
                                        .too_late = (uint64_t)n[3]};
    return 0;
}
