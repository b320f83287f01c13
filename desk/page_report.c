/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report: figures of days or weeks, department by department, with a strip of bars drawn from
 * numbers and the same numbers in a table beneath it; and as a table for spreadsheets.
 */
#include "desk/route.h"

#include "desk/reasons.h"

#include "base/csv.h"
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAYS_FIRST 7 /* that the page shows when nothing is asked for */
#define DAY_BYTES 11 /* "2026-12-04" */
/* A strip: the units of its viewBox. Bars go up and down from a line in its middle. */
#define BAR 8
#define PITCH 10
#define HALF 30

/* ------------------------------------------------------------------------------------------ days
 */

/* The day so many days before today. */
static void day_before(const struct gh_req *q, unsigned days, char ret[DAY_BYTES])
{
    time_t t = (time_t)(q->tongue.now_ms / 1000);
    struct tm tm = {0};
    localtime_r(&t, &tm);
    tm.tm_mday -= (int)days;
    tm.tm_hour = 12;
    tm.tm_isdst = -1;
    mktime(&tm);
    strftime(ret, DAY_BYTES, "%Y-%m-%d", &tm);
}

/* The middle of a day, for its name; null where it is none. */
static json_t *day_ms(const char *day)
{
    struct tm tm = {.tm_hour = 12, .tm_isdst = -1};
    const char *end = strptime(day, "%Y-%m-%d", &tm);
    return end && !*end ? json_integer((json_int_t)mktime(&tm) * 1000) : json_null();
}

/* Spans that are asked for often; by their codes in say.c. */
static json_t *presets_json(const struct gh_req *q, const char *from, const char *to,
                            const char *more)
{
    static const struct {
        const char *name;
        unsigned days;
    } presets[] = {{"day", 1}, {"week", 7}, {"month", 30}, {"year", 365}};
    json_t *list = json_array();
    char today[DAY_BYTES], first[DAY_BYTES];
    day_before(q, 0, today);
    for (size_t i = 0; i < GH_LEN(presets); i++) {
        day_before(q, presets[i].days - 1, first);
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:b}", "name", presets[i].name, "link",
                                        json_sprintf("/report?from=%s&to=%s%s", first, today, more),
                                        "current", !strcmp(first, from) && !strcmp(today, to)));
    }
    return list;
}

/* --------------------------------------------------------------------------------------- strips */

static json_int_t at(const json_t *series, const char *name, size_t i)
{
    return json_integer_value(json_array_get(json_object_get(series, name), i));
}

static int height(json_int_t n, json_int_t most)
{
    return (int)((n * HALF + most - 1) / most);
}

/* Bars up for what came, down for what was approved, on one scale. */
static void add_strip(json_t *row)
{
    const json_t *series = json_object_get(row, "series");
    size_t n = json_array_size(json_object_get(series, "dropped"));
    json_int_t most = 0, top = 0, bottom = 0;
    json_t *up = json_array(), *down = json_array();
    for (size_t i = 0; i < n; i++) {
        top = GH_MAX(top, at(series, "dropped", i));
        bottom = GH_MAX(bottom, at(series, "approved", i));
    }
    most = GH_MAX(top, bottom);
    for (size_t i = 0; i < n && most > 0; i++) {
        int x = (int)i * PITCH + (PITCH - BAR) / 2;
        int above = height(at(series, "dropped", i), most);
        int below = height(at(series, "approved", i), most);
        if (above)
            json_array_append_new(
                up, json_pack("{s:i, s:i, s:i}", "x", x, "y", HALF - above, "h", above));
        if (below)
            json_array_append_new(down, json_pack("{s:i, s:i}", "x", x, "h", below));
    }
    json_object_set_new(row, "strip",
                        most && n > 1
                            ? json_pack("{s:i, s:O, s:O, s:I, s:I}", "width", (int)n * PITCH, "up",
                                        up, "down", down, "top", top, "bottom", bottom)
                            : json_null());
    json_decref(up);
    json_decref(down);
}

/* The days or weeks on which anything happened, for a table. */
static void add_parts(json_t *row, const json_t *spans)
{
    static const char *const names[] = {"dropped", "approved", "rejected", "collected", "posted"};
    const json_t *series = json_object_get(row, "series"), *begin;
    json_t *list = json_array();
    size_t i;
    json_array_foreach (spans, i, begin) {
        json_t *o = json_object();
        json_int_t any = 0;
        for (size_t k = 0; k < GH_LEN(names); k++) {
            json_object_set_new(o, names[k], json_integer(at(series, names[k], i)));
            any += at(series, names[k], i);
        }
        json_object_set_new(o, "begins_ms", day_ms(json_string_value(begin)));
        if (any && json_array_size(spans) > 1)
            json_array_append(list, o);
        json_decref(o);
    }
    json_object_set_new(row, "has_parts", json_boolean(json_array_size(list) > 0));
    json_object_set_new(row, "parts", list);
}

/* ----------------------------------------------------------------------------------------- rows */

/* Seconds as the milliseconds that pages speak. */
static void add_times(json_t *o, const char *name)
{
    json_t *took = json_object_get(o, name);
    if (!json_is_object(took))
        return;
    const char *const fields[][2] = {{"median_seconds", "median_ms"}, {"max_seconds", "max_ms"}};
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        double s = json_number_value(json_object_get(took, fields[i][0]));
        json_object_set_new(took, fields[i][1], json_integer(llround(s * 1000)));
    }
}

/* Reasons are kept in English, and read in the reader's words. */
static void add_labels(const struct gh_req *q, json_t *row)
{
    json_t *reason, *known;
    size_t i, k;
    json_array_foreach (json_object_get(row, "reasons"), i, reason) {
        const char *value = gh_j_text(reason, "value");
        json_object_set_new(reason, "label", json_string(value));
        json_array_foreach (q->reasons, k, known)
            if (*value && gh_streq(gh_j_text(known, "value"), value))
                json_object_set(reason, "label", json_object_get(known, "label"));
    }
}

static void dress_row(const struct gh_req *q, json_t *row)
{
    static const char *const times[] = {"drop_to_staged", "staged_to_approved",
                                        "approved_to_collected", "approved_to_posted"};
    json_t *questions = json_object_get(row, "questions");
    for (size_t i = 0; i < GH_LEN(times); i++)
        add_times(row, times[i]);
    add_times(questions, "answered");
    add_times(questions, "answered_wall");
    add_labels(q, row);
    add_strip(row);
}

static int compare_titles(const void *a, const void *b)
{
    return strcmp(gh_j_text(*(json_t *const *)a, "title"), gh_j_text(*(json_t *const *)b, "title"));
}

/* ghatd sorts by slugs; people read titles. */
static json_t *by_title(const json_t *rows)
{
    size_t n = json_array_size(rows);
    GH_AUTO_FREE json_t **list = gh_alloc((n + 1) * sizeof(json_t *));
    json_t *sorted = json_array();
    for (size_t i = 0; i < n; i++)
        list[i] = json_array_get(rows, i);
    qsort(list, n, sizeof(json_t *), compare_titles);
    for (size_t i = 0; i < n; i++)
        json_array_append(sorted, list[i]);
    return sorted;
}

/* first and last: a list begins and ends with them. */
static json_t *silent_json(const json_t *data)
{
    json_t *list = json_array(), *o;
    size_t i;
    json_array_foreach (json_object_get(data, "silent_titles"), i, o)
        json_array_append_new(list, json_pack("{s:O}", "title", o));
    json_t *sorted = by_title(list);
    json_decref(list);
    json_array_foreach (sorted, i, o) {
        json_object_set_new(o, "first", json_boolean(i == 0));
        json_object_set_new(o, "last", json_boolean(i + 1 == json_array_size(sorted)));
    }
    return sorted;
}

/* ----------------------------------------------------------------------------------------- pages
 */

/* What the address asks for, as ghatd takes it; without days the last seven. */
static json_t *wanted(const struct gh_req *q)
{
    char first[DAY_BYTES], today[DAY_BYTES];
    const char *from = gh_query(q, "from"), *to = gh_query(q, "to");
    const char *department = gh_query(q, "department");
    day_before(q, DAYS_FIRST - 1, first);
    day_before(q, 0, today);
    json_t *o = json_pack("{s:s, s:s}", "from",
                          *from ? from
                          : *to ? to
                                : first,
                          "to",
                          *to     ? to
                          : *from ? from
                                  : today);
    if (*department)
        json_object_set_new(o, "department", json_string(department));
    return o;
}

/* Departments to choose from: an officer the own ones, others all. Returns whether the one that is
 * asked for is among them, or none is. */
static int choices_json(struct gh_req *q, json_t **ret, struct gh_err *err)
{
    json_t *reply = NULL, *list = json_array(), *d;
    const char *wished = gh_query(q, "department");
    bool whole = q->roles & (GH_APPROVER | GH_VIEWER | GH_ADMIN), found = !*wished;
    size_t i;
    int r = gh_desk_ask(q, "departments", NULL, &reply, NULL, err);
    json_array_foreach (json_object_get(reply, "departments"), i, d) {
        bool chosen = gh_streq(gh_j_text(d, "slug"), wished);
        if (!whole && !json_is_true(json_object_get(d, "own")))
            continue;
        found |= chosen;
        json_array_append_new(list,
                              json_pack("{s:O, s:O, s:b}", "slug", json_object_get(d, "slug"),
                                        "title", json_object_get(d, "title"), "chosen", chosen));
    }
    *ret = by_title(list);
    json_decref(list);
    json_decref(reply);
    return r < 0 ? r : found;
}

/* What stands on the page beside ghatd's figures: rows in order, strips, and addresses. */
static void dress(const struct gh_req *q, json_t *data)
{
    const char *from = gh_j_text(data, "day"), *to = gh_j_text(data, "last_day");
    const char *by = gh_j_text(data, "by"), *wished = gh_query(q, "department");
    GH_AUTO_FREE char *more = gh_asprintf("%s%s", *wished ? "&department=" : "", wished);
    json_t *all = json_object_get(data, "all"), *row;
    json_t *rows = by_title(json_object_get(data, "departments"));
    json_t *spans = json_object_get(data, "spans");
    size_t i;
    json_array_foreach (rows, i, row) {
        dress_row(q, row);
        json_object_set_new(row, "open", json_boolean(json_array_size(rows) == 1));
    }
    dress_row(q, all);
    row = json_array_size(rows) == 1 ? json_array_get(rows, 0) : all;
    json_object_set_new(row, "open", json_true());
    add_parts(row, spans);
    if (json_array_size(rows) <= 1)
        json_object_set_new(data, "all", json_null());
    json_object_set_new(data, "rows", rows);
    json_object_set_new(data, "nothing_from", silent_json(data));
    json_object_set_new(data, "strips", json_boolean(json_array_size(spans) > 1));
    json_object_set_new(data, "weekly", json_boolean(gh_streq(by, "week")));
    json_object_set_new(data, "from_ms", day_ms(from));
    json_object_set_new(data, "to_ms", gh_streq(from, to) ? json_null() : day_ms(to));
    json_object_set_new(data, "presets", presets_json(q, from, to, more));
    json_object_set_new(data, "csv", json_sprintf("/report.csv?from=%s&to=%s%s", from, to, more));
    json_object_set_new(data, "csv_parts",
                        json_sprintf("/report.csv?from=%s&to=%s%s&by=%s", from, to, more, by));
}

/* In a slow thread: of many days it takes its time. */
static int ask_report(struct gh_req *q, struct gh_err *err)
{
    json_t *ask = wanted(q);
    if (gh_streq(q->path, "/report.csv") && *gh_query(q, "by"))
        json_object_set_new(ask, "by", json_string(gh_query(q, "by")));
    return gh_desk_ask(q, "report", ask, &q->asked, NULL, err);
}

/* *ret: the report, borrowed. Returns 0 when the slow thread is to ask for it first. */
static int report_of(struct gh_req *q, json_t **ret, struct gh_err *err)
{
    if (!q->later_done) {
        q->later = ask_report;
        q->later_asks = true;
        return 0;
    }
    q->later_asks = false;
    if (q->later_r < 0) {
        *err = q->later_err;
        return q->later_r;
    }
    *ret = q->asked;
    return 1;
}

int gh_page_report(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *choices = NULL;
    int made = report_of(q, &data, err);
    if (made <= 0)
        return made;
    int r = choices_json(q, &choices, err);
    if (r > 0 && (q->roles & ~(unsigned)GH_ADMIN)) /* who only administers reads English ones */
        r = gh_reasons_ask(q, err) < 0 ? -(int)err->cls : r;
    if (r <= 0) {
        json_decref(choices);
        if (r == 0)
            gh_page_error(q, 404);
        return r;
    }
    json_incref(data);
    dress(q, data);
    json_object_set_new(data, "choose", json_boolean(json_array_size(choices) > 1));
    json_object_set_new(data, "choices", choices);
    return gh_page_show(q, 200, "report", data, err);
}

/* Excel takes a file for UTF-8 when it begins with its mark. */
int gh_page_report_csv(struct gh_req *q, struct gh_err *err)
{
    GH_AUTO_STR table = {0};
    json_t *data = NULL;
    const char *by = gh_query(q, "by");
    int r = report_of(q, &data, err);
    if (r <= 0)
        return r;
    gh_csv_report(&table, data, *by != 0);
    gh_str_puts(&q->reply.body, "\xef\xbb\xbf");
    gh_str_add(&q->reply.body, gh_str_text(&table), table.len);
    q->reply.attachment =
        gh_asprintf("report-%s-%s.csv", gh_j_text(data, "day"), gh_j_text(data, "last_day"));
    q->reply.status = 200;
    q->reply.type = "text/csv; charset=utf-8";
    return 0;
}
