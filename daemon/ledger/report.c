/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a time span brought, department by department: counts, and how long things took. */
#include "daemon/ledger/db.h"

#include <string.h>

struct rows {
    struct gh_report *list;
    size_t n;
};

static struct gh_report *row_of(struct rows *rows, const char *department)
{
    for (size_t i = 0; i < rows->n; i++)
        if (!strcmp(rows->list[i].department, department))
            return &rows->list[i];
    rows->list = gh_realloc(rows->list, (rows->n + 1) * sizeof(*rows->list));
    struct gh_report *row = &rows->list[rows->n++];
    *row = (struct gh_report){.to_staged = {-1, -1},
                              .to_approved = {-1, -1},
                              .to_collected = {-1, -1},
                              .to_posted = {-1, -1}};
    GH_COPY(row->department, department);
    return row;
}

static int counts(struct gh_ledger *l, int64_t from_ms, int64_t to_ms, struct rows *rows,
                  struct gh_err *err)
{
    static const struct {
        const char *sql;
        size_t offset;
    } all[] = {
        /* answers and announcements are words for Ghat: they were delivered when they were taken */
        {"SELECT department, count(*) FROM submission WHERE dropped_ms >= ? AND dropped_ms < ?"
         " AND (state <> 'delivered' OR delivered_ms > 0) GROUP BY department",
         offsetof(struct gh_report, dropped)},
        {"SELECT department, count(*) FROM submission WHERE dropped_ms >= ? AND dropped_ms < ?"
         " AND state = 'duplicate' GROUP BY department",
         offsetof(struct gh_report, duplicates)},
        {"SELECT department, count(*) FROM submission WHERE dropped_ms >= ? AND dropped_ms < ?"
         " AND state = 'quarantined' GROUP BY department",
         offsetof(struct gh_report, refused)},
        {"SELECT department, count(*) FROM submission WHERE staged_ms >= ? AND staged_ms < ?"
         " GROUP BY department",
         offsetof(struct gh_report, staged)},
        {"SELECT department, count(*) FROM submission WHERE approved_ms >= ? AND approved_ms < ?"
         " GROUP BY department",
         offsetof(struct gh_report, approved)},
        {"SELECT s.department, count(DISTINCT s.id) FROM decision d"
         " JOIN submission s ON s.id = d.submission WHERE d.time_ms >= ? AND d.time_ms < ?"
         " AND d.verdict = 'reject' GROUP BY s.department",
         offsetof(struct gh_report, rejected)},
        {"SELECT department, count(*) FROM submission WHERE delivered_ms >= ? AND delivered_ms < ?"
         " GROUP BY department",
         offsetof(struct gh_report, collected)},
        {"SELECT department, count(*) FROM submission WHERE posted_ms >= ? AND posted_ms < ?"
         " GROUP BY department",
         offsetof(struct gh_report, posted)},
    };
    for (size_t i = 0; i < GH_LEN(all); i++) {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        int r;
        TRY(gh_db_query(l, &s, err, all[i].sql, "ii", from_ms, to_ms));
        while ((r = gh_db_step(&s, err)) > 0)
            *(uint64_t *)((char *)row_of(rows, gh_col_text(&s, 0)) + all[i].offset) =
                (uint64_t)gh_col_i64(&s, 1);
        TRY(r);
    }
    return 0;
}

/* Durations come sorted within their department: the middle one, and the last. */
static int times(struct gh_ledger *l, int64_t from_ms, int64_t to_ms, struct rows *rows,
                 struct gh_err *err)
{
    static const struct {
        const char *sql;
        size_t offset;
    } all[] = {
#define TOOK(from, to)                                                                             \
    "SELECT department, took, row_number() OVER (PARTITION BY department ORDER BY took),"          \
    " count(*) OVER (PARTITION BY department)"                                                     \
    " FROM (SELECT department, " to " - " from " AS took FROM submission WHERE " to                \
    " >= ? AND " to " < ? AND " from " > 0) AS t ORDER BY department, took"
        {TOOK("dropped_ms", "staged_ms"), offsetof(struct gh_report, to_staged)},
        {TOOK("staged_ms", "approved_ms"), offsetof(struct gh_report, to_approved)},
        {TOOK("approved_ms", "delivered_ms"), offsetof(struct gh_report, to_collected)},
        {TOOK("approved_ms", "posted_ms"), offsetof(struct gh_report, to_posted)},
    };
    for (size_t i = 0; i < GH_LEN(all); i++) {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        int r;
        TRY(gh_db_query(l, &s, err, all[i].sql, "ii", from_ms, to_ms));
        while ((r = gh_db_step(&s, err)) > 0) {
            struct gh_took *took =
                (struct gh_took *)((char *)row_of(rows, gh_col_text(&s, 0)) + all[i].offset);
            if (gh_col_i64(&s, 2) == gh_col_i64(&s, 3) / 2 + 1)
                took->median_ms = gh_col_i64(&s, 1);
            took->max_ms = gh_col_i64(&s, 1);
        }
        TRY(r);
    }
    return 0;
}

int gh_ledger_report(struct gh_ledger *l, int64_t from_ms, int64_t to_ms, struct gh_report **ret,
                     size_t *ret_n, struct gh_err *err)
{
    struct rows rows = {0};
    from_ms = GH_MAX(from_ms, (int64_t)1); /* 0: it never happened */
    int r = counts(l, from_ms, to_ms, &rows, err);
    if (r == 0)
        r = times(l, from_ms, to_ms, &rows, err);
    if (r < 0) {
        free(rows.list);
        return r;
    }
    *ret = rows.list;
    *ret_n = rows.n;
    return 0;
}
