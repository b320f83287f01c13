/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of one day, local time. */
#include "daemon/control_args.h"

#include "daemon/daemon.h"
#include "daemon/item_json.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Midnight of "2026-11-23" and of the day after. NULL: today. */
static int span_of(const char *day, int64_t *ret_from, int64_t *ret_to, struct gh_err *err)
{
    struct tm tm;
    time_t now = gh_now_ms() / 1000;
    char *end = NULL;
    localtime_r(&now, &tm);
    if (day) {
        tm = (struct tm){0};
        end = strptime(day, "%Y-%m-%d", &tm);
        if (!end || *end)
            return gh_fail(err, GH_USAGE, "%.40s is no day: expected YYYY-MM-DD", day);
    }
    struct tm next = tm;
    tm.tm_hour = tm.tm_min = tm.tm_sec = next.tm_hour = next.tm_min = next.tm_sec = 0;
    tm.tm_isdst = next.tm_isdst = -1;
    next.tm_mday++;
    *ret_from = (int64_t)mktime(&tm) * 1000;
    *ret_to = (int64_t)mktime(&next) * 1000;
    return 0;
}

static json_t *took(const struct gh_took *t)
{
    return t->median_ms < 0 ? json_null()
                            : json_pack("{s:f, s:f}", "median_seconds", (double)t->median_ms / 1000, "max_seconds",
                                        (double)t->max_ms / 1000);
}

int gh_req_report(struct gh_call *call, struct gh_err *err)
{
    const char *day = NULL;
    int64_t from = 0, to = 0;
    GH_AUTO_FREE struct gh_report *rows = NULL;
    size_t n = 0;
    char name[32];
    TRY(gh_arg_text(call, "day", 10, &day, err));
    TRY(span_of(day, &from, &to, err));
    TRY(gh_ledger_report(call->d->ledger, from, to, &rows, &n, err));
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        const struct gh_report *r = &rows[i];
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "department",
                                              r->department, "dropped", (json_int_t)r->dropped, "duplicates",
                                              (json_int_t)r->duplicates, "refused", (json_int_t)r->refused, "staged",
                                              (json_int_t)r->staged, "approved", (json_int_t)r->approved, "rejected",
                                              (json_int_t)r->rejected, "collected", (json_int_t)r->collected,
                                              "drop_to_staged", took(&r->to_staged), "staged_to_approved",
                                              took(&r->to_approved), "approved_to_collected", took(&r->to_collected)));
    }
    gh_time_day(from, name, sizeof(name));
    gh_answer(call, "day", json_string(name));
    gh_answer(call, "departments", list);
    return 0;
}
