/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ways through the tables: by the index of renditions' states, for what waits, and along all
 * submissions for a search through everything. */
#include "daemon/ledger/waiting.h"

#include "daemon/ledger/db.h"
#include "daemon/ledger/outside.h"

#include <string.h>

/* ?1 state, ?2 department, ?3 pattern, ?4 number, ?5 from, ?6 to, ?7 to ?9 what may be seen. */
/* Nobody finds an item by words of it that they may not see. */
#define CONDITIONS                                                                                 \
    " AND (CAST(?2 AS TEXT) IS NULL OR s.department = ?2)"                                         \
    " AND (CAST(?3 AS TEXT) IS NULL OR ((" GH_SQL_OWN(                                             \
        "s") ") AND s.caption LIKE ?3 ESCAPE '\\')"                                                \
             "  OR CAST(s.name AS TEXT) LIKE ?3 ESCAPE '\\' OR s.id = ?4)"                         \
             " AND s.dropped_ms >= ?5 AND s.dropped_ms < ?6"                                       \
             " AND " GH_SQL_MAY_SEE("s")
/* What is decided inside only waits, for whoever is outside. Of all that was ever rejected only
 * what can still be undone is looked at. */
#define IN_STATE                                                                                   \
    " WHERE s.id IN (SELECT r.submission FROM rendition r WHERE r.state = ?1"                      \
    " AND (?7 = 0 OR NOT " GH_SQL_IS_INSIDE(                                                       \
        "r") ")"                                                                                   \
             " UNION SELECT r.submission FROM rendition r WHERE ?7 <> 0 AND ?1 = 'staged'"         \
             " AND (r.state = 'approved' OR (r.state IN ('held','rejected')"                       \
             " AND r.submission IN (SELECT p.submission FROM pending p)))"                         \
             " AND " GH_SQL_IS_INSIDE("r") ")"
#define IN_ANY " WHERE CAST(?1 AS TEXT) IS NULL"
#define TURN(s)                                                                                    \
    "1 - " s "urgent, CASE WHEN " s "returned_ms > 0 THEN 0 ELSE 1 END, " s "dropped_ms, " s "id"

#define TYPES "tttiiiiti"
#define VALUES                                                                                     \
    filter->state, filter->department, filter->text ? gh_str_text(&pattern) : NULL, number,        \
        filter->from_ms, filter->to_ms ? filter->to_ms : INT64_MAX, (int64_t)filter->limited,      \
        filter->departments, (int64_t)filter->out

/* A text as a pattern that holds it anywhere, and the number that it may be. */
static void pattern_of(const char *text, struct gh_str *ret, int64_t *ret_number)
{
    uint64_t number = 0;
    gh_str_puts(ret, "%");
    for (const char *c = text ? text : ""; *c; c++)
        gh_str_printf(ret, "%s%c", strchr("%_\\", *c) ? "\\" : "", *c);
    gh_str_puts(ret, "%");
    *ret_number =
        text && gh_parse_u64(text + (*text == '#'), INT64_MAX, &number) ? (int64_t)number : 0;
}

int gh_ledger_waiting(struct gh_ledger *l, const struct gh_waiting_filter *filter, int64_t *ret_ids,
                      size_t max, struct gh_err *err)
{
    int64_t number;
    GH_AUTO_STR pattern = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    pattern_of(filter->text, &pattern, &number);
    if (filter->state)
        TRY(gh_db_query(l, &s, err,
                        "SELECT s.id FROM submission s" IN_STATE CONDITIONS
                        " AND (?10 = 0 OR (" TURN("s.") ") > (SELECT " TURN(
                            "t.") " FROM submission"
                                  " t WHERE t.id = ?10)) ORDER BY " TURN("s.") " LIMIT ?11",
                        TYPES "ii", VALUES, filter->after, (int64_t)max));
    else
        TRY(gh_db_query(l, &s, err,
                        "SELECT s.id FROM submission s" IN_ANY CONDITIONS
                        " AND (?10 = 0 OR s.id < ?10) ORDER BY s.id DESC LIMIT ?11",
                        TYPES "ii", VALUES, filter->after, (int64_t)max));
    int r, n = 0;
    while ((r = gh_db_step(&s, err)) > 0)
        ret_ids[n++] = gh_col_i64(&s, 0);
    return r < 0 ? r : n;
}

int gh_ledger_waiting_each(struct gh_ledger *l, const struct gh_waiting_filter *filter,
                           gh_waiting_fn *fn, void *arg, struct gh_err *err)
{
    int64_t number;
    GH_AUTO_STR pattern = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    pattern_of(filter->text, &pattern, &number);
    if (filter->state)
        TRY(gh_db_query(
            l, &s, err,
            "SELECT s.department, count(*), min(s.dropped_ms) FROM submission s" IN_STATE CONDITIONS
            " GROUP BY s.department ORDER BY s.department",
            TYPES, VALUES));
    else
        TRY(gh_db_query(
            l, &s, err,
            "SELECT s.department, count(*), min(s.dropped_ms) FROM submission s" IN_ANY CONDITIONS
            " GROUP BY s.department ORDER BY s.department",
            TYPES, VALUES));
    int r;
    while ((r = gh_db_step(&s, err)) > 0)
        if (!fn(gh_col_text(&s, 0), (uint64_t)gh_col_i64(&s, 1), gh_col_i64(&s, 2), arg))
            return 0;
    return r;
}
