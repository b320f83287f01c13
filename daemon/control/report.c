/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request `report`: what came and what was done with it on one day or a span of days (local
 * time), department by department, and which departments sent nothing. */
#include "daemon/control/control_int.h"

#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int gh_day_span(const char *day, int64_t *ret_from, int64_t *ret_to, struct gh_err *err)
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

static json_t *took_json(const struct gh_took *t)
{
    return t->median_ms < 0 ? json_null()
                            : json_pack("{s:f, s:f}", "median_seconds", (double)t->median_ms / 1000,
                                        "max_seconds", (double)t->max_ms / 1000);
}

static bool has_sent(const struct gh_report *rows, size_t n, const char *department)
{
    for (size_t i = 0; i < n; i++)
        if (gh_streq(rows[i].department, department))
            return rows[i].dropped > 0;
    return false;
}

static int compare_slugs(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By the alphabet: it is a list of whom to call, and ranks nobody. */
static json_t *silent_json(const struct gh_departments *all, const struct gh_report *rows, size_t n)
{
    GH_AUTO_FREE const char **slugs = gh_alloc((all->n + 1) * sizeof(*slugs));
    json_t *list = json_array();
    size_t silent = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!has_sent(rows, n, all->list[i]->slug))
            slugs[silent++] = all->list[i]->slug;
    qsort(slugs, silent, sizeof(*slugs), compare_slugs);
    for (size_t i = 0; i < silent; i++)
        json_array_append_new(list, gh_json_text(slugs[i]));
    return list;
}

/* From midnight to midnight: one day, or from one to another, each today where it is not said. */
static int span_args(const struct gh_call *call, int64_t *ret_from, int64_t *ret_to,
                     struct gh_err *err)
{
    const char *day, *first, *last;
    int64_t from, to, other;
    TRY(gh_arg_text(call, "day", 10, &day, err));
    TRY(gh_arg_text(call, "from", 10, &first, err));
    TRY(gh_arg_text(call, "to", 10, &last, err));
    if (day && (first || last))
        return gh_fail(err, GH_USAGE, "a day, or from one day to another, not both");
    TRY(gh_day_span(day ? day : first, &from, &other, err));
    TRY(gh_day_span(day ? day : last, &other, &to, err));
    if (from >= to)
        return gh_fail(err, GH_USAGE, "the span ends before it begins");
    *ret_from = from;
    *ret_to = to;
    return 0;
}

static json_t *day_json(int64_t ms)
{
    char name[32];
    gh_time_day(ms, name, sizeof(name));
    return json_string(name);
}

int gh_req_report(struct gh_call *call, struct gh_err *err)
{
    int64_t from = 0, to = 0;
    GH_AUTO_FREE struct gh_report *rows = NULL;
    size_t n = 0;
    TRY(span_args(call, &from, &to, err));
    TRY(gh_ledger_report(call->p->ledger, from, to, &rows, &n, err));
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        const struct gh_report *r = &rows[i];
        json_array_append_new(
            list,
            json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
                      "department", gh_json_text(r->department), "dropped", (json_int_t)r->dropped,
                      "duplicates", (json_int_t)r->duplicates, "refused", (json_int_t)r->refused,
                      "staged", (json_int_t)r->staged, "approved", (json_int_t)r->approved,
                      "rejected", (json_int_t)r->rejected, "collected", (json_int_t)r->collected,
                      "posted", (json_int_t)r->posted, "drop_to_staged", took_json(&r->to_staged),
                      "staged_to_approved", took_json(&r->to_approved), "approved_to_collected",
                      took_json(&r->to_collected), "approved_to_posted", took_json(&r->to_posted)));
    }
    gh_answer(call, "day", day_json(from));
    gh_answer(call, "last_day", day_json(to - 1));
    gh_answer(call, "departments", list);
    gh_answer(call, "silent", silent_json(&call->p->settings->departments, rows, n));
    return 0;
}
