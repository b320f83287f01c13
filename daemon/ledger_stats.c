/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures for `ghat status`, and the small settings that must survive a restart. */
#include "daemon/ledger_db.h"
#include "daemon/planner.h"

#include <inttypes.h>
#include <string.h>

/* Median of the one integer column, or -1 without rows. */
static int median(struct gh_ledger *l, const char *sql, int64_t *ret, struct gh_err *err)
{
    int64_t values[200];
    size_t n = 0;
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, sql, ""));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0 && n < GH_LEN(values)) {
        size_t i = n++; /* insertion into the sorted prefix */
        int64_t v = sqlite3_column_int64(s.st, 0);
        for (; i > 0 && values[i - 1] > v; i--)
            values[i] = values[i - 1];
        values[i] = v;
    }
    if (r < 0)
        return r;
    *ret = n ? values[n / 2] : -1;
    return 0;
}

int gh_ledger_counts(struct gh_ledger *l, int64_t midnight_ms, struct gh_counts *ret, struct gh_err *err)
{
    struct gh_counts c = {0};
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        enum gh_sub_state state;
        TRY(gh_db_query(l, &s, err, "SELECT state, count(*) FROM submission GROUP BY state", ""));
        while ((r = gh_db_step(l, &s, err)) > 0)
            if (gh_sub_state_parse(gh_col_text(&s, 0), &state))
                c.submissions[state] = (uint64_t)sqlite3_column_int64(s.st, 1);
        TRY(r);
    }
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        enum gh_ren_state state;
        TRY(gh_db_query(l, &s, err, "SELECT state, count(*) FROM rendition GROUP BY state", ""));
        while ((r = gh_db_step(l, &s, err)) > 0)
            if (gh_ren_state_parse(gh_col_text(&s, 0), &state))
                c.renditions[state] = (uint64_t)sqlite3_column_int64(s.st, 1);
        TRY(r);
    }
    struct {
        const char *sql;
        uint64_t *ret;
        bool since;
    } counts[] = {
        {"SELECT count(*) FROM file WHERE work = 'due'", &c.files_due, false},
        {"SELECT count(*) FROM file WHERE work = 'running'", &c.files_running, false},
        {"SELECT count(*) FROM file WHERE work = 'bad'", &c.files_bad, false},
        {"SELECT count(*) FROM submission WHERE staged_ms >= ?", &c.staged_today, true},
        {"SELECT count(*) FROM submission WHERE decided_ms >= ?", &c.decided_today, true},
        {"SELECT count(*) FROM submission WHERE delivered_ms >= ?", &c.collected_today, true},
    };
    for (size_t i = 0; i < GH_LEN(counts); i++) {
        int64_t n = 0;
        if (counts[i].since)
            TRY(gh_db_int(l, &n, err, counts[i].sql, "i", GH_MAX(midnight_ms, (int64_t)1))); /* 0: never happened */
        else
            TRY(gh_db_int(l, &n, err, counts[i].sql, ""));
        *counts[i].ret = (uint64_t)n;
    }
    TRY(median(l, "SELECT staged_ms - dropped_ms FROM submission WHERE staged_ms > 0 ORDER BY staged_ms DESC LIMIT 200",
               &c.drop_to_staged_ms, err));
    TRY(median(l,
               "SELECT approved_ms - staged_ms FROM submission WHERE approved_ms > 0 AND staged_ms > 0 ORDER BY "
               "staged_ms DESC LIMIT 200",
               &c.staged_to_approved_ms, err));
    TRY(median(l,
               "SELECT delivered_ms - approved_ms FROM submission WHERE delivered_ms > 0 AND approved_ms > 0"
               " ORDER BY staged_ms DESC LIMIT 200",
               &c.approved_to_collected_ms, err));
    *ret = c;
    return 0;
}

int gh_ledger_made(struct gh_ledger *l, gh_made_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT placement, profile, count(*) FROM rendition WHERE state IN ('staged','held','approved','published')"
        " GROUP BY placement, profile ORDER BY placement, profile",
        ""));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        struct gh_made_row made = {.placement = gh_col_text(&s, 0),
                                   .profile = gh_col_text(&s, 1),
                                   .n = (uint64_t)sqlite3_column_int64(s.st, 2)};
        if (!fn(&made, arg))
            return 0;
    }
    return r;
}

int gh_ledger_made_with(struct gh_ledger *l, const char *placement, const char *profile, gh_made_fn *fn, void *arg,
                        struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission, state FROM rendition WHERE placement = ? AND profile = ?"
                    " AND state IN ('staged','held','approved','published') ORDER BY submission, id",
                    "tt", placement, profile));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        struct gh_made_row made = {
            .placement = placement, .profile = profile, .n = 1, .submission = sqlite3_column_int64(s.st, 0)};
        if (gh_ren_state_parse(gh_col_text(&s, 1), &made.state) && !fn(&made, arg))
            return 0;
    }
    return r;
}

int gh_ledger_setting(struct gh_ledger *l, const char *key, char **ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT value FROM meta WHERE key = ?", "t", key));
    int r = gh_db_step(l, &s, err);
    TRY(r);
    *ret = r ? gh_col_dup(&s, 0) : NULL;
    return 0;
}

int gh_ledger_set_setting(struct gh_ledger *l, const char *key, const char *value, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err,
                  "INSERT INTO meta(key, value) VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                  "tt", key, value));
    return gh_tx_commit(&tx, err);
}

/* What a person chose for one submission: settings named after it. */
#define CHOICE_KEY 40

static void choice_key(char key[CHOICE_KEY], const char *what, int64_t submission)
{
    snprintf(key, CHOICE_KEY, "%s.%" PRId64, what, submission);
}

int gh_ledger_thumb(struct gh_ledger *l, int64_t submission, int64_t *ret_us, struct gh_err *err)
{
    char key[CHOICE_KEY];
    GH_AUTO_FREE char *value = NULL;
    choice_key(key, "thumb", submission);
    TRY(gh_ledger_setting(l, key, &value, err));
    *ret_us = value ? strtoll(value, NULL, 10) : -1;
    return 0;
}

int gh_ledger_set_thumb(struct gh_ledger *l, int64_t submission, int64_t us, struct gh_err *err)
{
    char key[CHOICE_KEY], value[32];
    choice_key(key, "thumb", submission);
    snprintf(value, sizeof(value), "%" PRId64, us);
    return gh_ledger_set_setting(l, key, value, err);
}

int gh_ledger_focal(struct gh_ledger *l, int64_t submission, struct gh_plan_opts *ret, struct gh_err *err)
{
    char key[CHOICE_KEY];
    GH_AUTO_FREE char *value = NULL;
    choice_key(key, "focal", submission);
    TRY(gh_ledger_setting(l, key, &value, err));
    ret->has_focal = value && sscanf(value, "%" SCNu32 " %" SCNu32, &ret->focal_x, &ret->focal_y) == 2;
    return 0;
}

int gh_ledger_set_focal(struct gh_ledger *l, int64_t submission, bool has, uint32_t x, uint32_t y, struct gh_err *err)
{
    char key[CHOICE_KEY], value[32] = "";
    choice_key(key, "focal", submission);
    if (has)
        snprintf(value, sizeof(value), "%" PRIu32 " %" PRIu32, x, y);
    return gh_ledger_set_setting(l, key, value, err);
}
