/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures for `ghat status`, and which profiles the outputs that are out were made with. */
#include "daemon/ledger/db.h"

#include <string.h>

/* Median of the one integer column, or -1 without rows. */
static int median(struct gh_ledger *l, const char *sql, int64_t *ret, struct gh_err *err)
{
    int64_t values[200];
    size_t n = 0;
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, sql, ""));
    int r;
    while ((r = gh_db_step(&s, err)) > 0 && n < GH_LEN(values)) {
        size_t i = n++; /* insertion into the sorted prefix */
        int64_t v = gh_col_i64(&s, 0);
        for (; i > 0 && values[i - 1] > v; i--)
            values[i] = values[i - 1];
        values[i] = v;
    }
    if (r < 0)
        return r;
    *ret = n ? values[n / 2] : -1;
    return 0;
}

int gh_ledger_counts(struct gh_ledger *l, struct gh_counts *ret, struct gh_err *err)
{
    struct gh_counts c = {0};
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        enum gh_sub_state state;
        TRY(gh_db_query(l, &s, err, "SELECT state, count(*) FROM submission GROUP BY state", ""));
        while ((r = gh_db_step(&s, err)) > 0)
            if (gh_sub_state_parse(gh_col_text(&s, 0), &state))
                c.submissions[state] = (uint64_t)gh_col_i64(&s, 1);
        TRY(r);
    }
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        enum gh_ren_state state;
        TRY(gh_db_query(l, &s, err, "SELECT state, count(*) FROM rendition GROUP BY state", ""));
        while ((r = gh_db_step(&s, err)) > 0)
            if (gh_ren_state_parse(gh_col_text(&s, 0), &state))
                c.renditions[state] = (uint64_t)gh_col_i64(&s, 1);
        TRY(r);
    }
    const struct {
        const char *sql;
        uint64_t *ret;
    } counts[] = {
        {"SELECT count(*) FROM file WHERE work = 'due'", &c.files_due},
        {"SELECT count(*) FROM file WHERE work = 'running'", &c.files_running},
        {"SELECT count(*) FROM file WHERE work = 'bad'", &c.files_bad},
    };
    for (size_t i = 0; i < GH_LEN(counts); i++) {
        int64_t n = 0;
        TRY(gh_db_int(l, &n, err, counts[i].sql, ""));
        *counts[i].ret = (uint64_t)n;
    }
    TRY(median(l,
               "SELECT staged_ms - dropped_ms FROM submission WHERE staged_ms > 0"
               " ORDER BY staged_ms DESC LIMIT 200",
               &c.drop_to_staged_ms, err));
    TRY(median(l,
               "SELECT approved_ms - staged_ms FROM submission WHERE approved_ms > 0"
               " AND staged_ms > 0 ORDER BY staged_ms DESC LIMIT 200",
               &c.staged_to_approved_ms, err));
    TRY(median(l,
               "SELECT delivered_ms - approved_ms FROM submission WHERE delivered_ms > 0"
               " AND approved_ms > 0 ORDER BY delivered_ms DESC LIMIT 200",
               &c.approved_to_collected_ms, err));
    *ret = c;
    return 0;
}

int gh_ledger_today(struct gh_ledger *l, int64_t midnight_ms, struct gh_today *ret,
                    struct gh_err *err)
{
    const struct {
        const char *sql;
        uint64_t *ret;
    } counts[] = {
        {"SELECT count(*) FROM submission WHERE staged_ms >= ?", &ret->staged},
        {"SELECT count(*) FROM submission WHERE decided_ms >= ? AND decided_ms > 0", &ret->decided},
        {"SELECT count(*) FROM submission WHERE delivered_ms >= ? AND delivered_ms > 0",
         &ret->collected},
    };
    for (size_t i = 0; i < GH_LEN(counts); i++) {
        int64_t n = 0;
        /* 0: never happened */
        TRY(gh_db_int(l, &n, err, counts[i].sql, "i", GH_MAX(midnight_ms, (int64_t)1)));
        *counts[i].ret = (uint64_t)n;
    }
    return 0;
}

int gh_ledger_made(struct gh_ledger *l, gh_made_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT placement, profile, count(*) FROM rendition"
        " WHERE state IN ('staged','held','approved','publishing','published') GROUP BY placement,"
        " profile ORDER BY placement, profile",
        ""));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_made_row made = {.placement = gh_col_text(&s, 0),
                                   .profile = gh_col_text(&s, 1),
                                   .n = (uint64_t)gh_col_i64(&s, 2)};
        if (!fn(&made, arg))
            return 0;
    }
    return r;
}

int gh_ledger_made_with(struct gh_ledger *l, const char *placement, const char *profile,
                        gh_made_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission, state FROM rendition WHERE placement = ? AND profile = ?"
                    " AND state IN ('staged','held','approved','publishing','published') ORDER BY "
                    "submission, id",
                    "tt", placement, profile));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_made_row made = {
            .placement = placement, .profile = profile, .n = 1, .submission = gh_col_i64(&s, 0)};
        if (gh_ren_state_parse(gh_col_text(&s, 1), &made.state) && !fn(&made, arg))
            return 0;
    }
    return r;
}

/* Not by department: most of what one has sent was decided long ago. */
#define BY_STATE GH_SQL_BY(submission_state)

int gh_ledger_open_bytes(struct gh_ledger *l, const char *department, uint64_t *ret_bytes,
                         struct gh_err *err)
{
    int64_t bytes = 0;
    TRY(gh_db_int(l, &bytes, err,
                  "SELECT coalesce(sum(f.size), 0) FROM submission s" BY_STATE " JOIN file f"
                  " ON f.submission = s.id WHERE s.department = ?1 AND s.state IN"
                  " ('arriving','received','rendering','staged','quarantined')"
                  " AND (s.retired & ?2) = 0",
                  "ti", department, (int64_t)GH_KEPT_ORIGINALS));
    *ret_bytes = (uint64_t)bytes;
    return 0;
}
