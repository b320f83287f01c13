/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request `report`: what came and what was done with it on one day or a span of days (local
 * time), department by department, and which departments sent nothing. An officer is told of the
 * own departments only, and of no decision before the outside may know it. It is made in turns. */
#include "daemon/control/person.h"
#include "daemon/control/reporting.h"
#include "daemon/control/view.h"

#include "daemon/intake/intake.h"
#include "daemon/site/days.h"
#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAYS_MAX 400  /* that are told one by one, and that people at the desk may ask for */
#define BY_DAY_MAX 62 /* more are told by weeks, unless days are asked for */

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

/* ----------------------------------------------------------------------------------------- as JSON
 */

/* What is told of each span, and of all of them. */
static const struct {
    const char *name;
    size_t offset;
} figures[] = {
#define FIGURE(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct gh_day_figures, name)                                               \
    }
    FIGURE(dropped),  FIGURE(duplicates), FIGURE(refused), FIGURE(staged), FIGURE(approved),
    FIGURE(rejected), FIGURE(collected),  FIGURE(posted),  FIGURE(links)};

static uint32_t figure(const struct gh_day_figures *of, size_t i)
{
    return *(const uint32_t *)((const char *)of + figures[i].offset);
}

/* The spans of an answer: the days themselves, or weeks from Monday to Sunday, cut off where the
 * days begin and end. */
struct spans {
    struct gh_days days;
    size_t *first; /* the day with which each begins */
    size_t n;
    bool weeks;
    /* Of the site, by which the report counts, as they were when it was begun: a report is made in
     * turns, between which the settings may be read anew. */
    struct gh_reasons reasons;
};

static json_t *day_json(int64_t ms)
{
    char name[32];
    gh_time_day(ms, name, sizeof(name));
    return json_string(name);
}

static json_t *took_json(const struct gh_took *t)
{
    return t->median_ms < 0 ? json_null()
                            : json_pack("{s:f, s:f}", "median_seconds", (double)t->median_ms / 1000,
                                        "max_seconds", (double)t->max_ms / 1000);
}

static json_t *reasons_json(const struct gh_reasons *reasons, const struct gh_report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < GH_REPORT_REASONS; i++) {
        struct gh_reason reason = {.key = "other", .value = ""};
        if (!r->reasons[i])
            continue;
        if (i < GH_REPORT_REASONS - 1)
            (void)gh_reason_at(reasons, i, gh_words_of("en"), &reason);
        json_array_append_new(list, json_pack("{s:s, s:o, s:I}", "reason", reason.key, "value",
                                              gh_json_text(reason.value), "n",
                                              (json_int_t)r->reasons[i]));
    }
    return list;
}

static json_t *questions_json(const struct gh_report *r)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "asked", (json_int_t)r->questions.asked,
        "in_time", (json_int_t)r->questions.in_time, "missed", (json_int_t)r->questions.missed,
        "open", (json_int_t)r->questions.open, "withdrawn", (json_int_t)r->questions.withdrawn,
        "extended", (json_int_t)r->questions.extended, "answered", took_json(&r->questions.counted),
        "answered_wall", took_json(&r->questions.wall));
}

static json_t *events_json(const struct gh_report *r)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "announced", (json_int_t)r->events.announced,
                     "covered", (json_int_t)r->events.covered, "missed",
                     (json_int_t)r->events.missed, "cancelled", (json_int_t)r->events.cancelled,
                     "coming", (json_int_t)r->events.coming);
}

/* A list of numbers for each figure, a number a span. */
static json_t *series_json(const struct spans *s, const struct gh_report *r)
{
    json_t *o = json_object();
    for (size_t f = 0; f < GH_LEN(figures); f++) {
        json_t *list = json_array();
        for (size_t i = 0; i < s->n; i++) {
            size_t end = i + 1 < s->n ? s->first[i + 1] : s->days.n;
            json_int_t sum = 0;
            for (size_t day = s->first[i]; day < end; day++)
                sum += figure(&r->days[day], f);
            json_array_append_new(list, json_integer(sum));
        }
        json_object_set_new(o, figures[f].name, list);
    }
    return o;
}

static json_t *row_json(const struct gh_call *call, const struct spans *s,
                        const struct gh_reports *reports, const struct gh_report *r)
{
    const struct gh_department *d =
        gh_departments_find(&call->p->settings->departments, r->department);
    const struct {
        const char *name;
        const struct gh_took *took;
    } times[] = {{"drop_to_staged", &r->to_staged},
                 {"staged_to_approved", &r->to_approved},
                 {"approved_to_collected", &r->to_collected},
                 {"approved_to_posted", &r->to_posted}};
    json_t *o = json_object();
    unsigned without = 0, of = 0;
    json_object_set_new(o, "department", gh_json_text(r->department));
    json_object_set_new(o, "title", gh_json_text(d && d->title ? d->title : r->department));
    for (size_t i = 0; i < GH_LEN(figures); i++)
        json_object_set_new(o, figures[i].name, json_integer(figure(&r->n, i)));
    for (size_t i = 0; i < GH_LEN(times); i++)
        json_object_set_new(o, times[i].name, took_json(times[i].took));
    json_object_set_new(o, "reasons", reasons_json(&s->reasons, r));
    json_object_set_new(o, "questions", questions_json(r));
    json_object_set_new(o, "events", events_json(r));
    if (d && s->n)
        without = gh_days_without(d, &s->days, reports, r, gh_now_ms(), &of);
    json_object_set_new(o, "days_without", d && s->n ? json_integer(without) : json_null());
    json_object_set_new(o, "days_on_duty", d && s->n ? json_integer(of) : json_null());
    json_object_set_new(o, "series", s->n ? series_json(s, r) : json_null());
    return o;
}

static int compare_slugs(const void *a, const void *b)
{
    return strcmp((*(const struct gh_department *const *)a)->slug,
                  (*(const struct gh_department *const *)b)->slug);
}

static bool has_sent(const struct gh_reports *reports, const char *department)
{
    for (size_t i = 0; i < reports->n; i++)
        if (gh_streq(reports->list[i].department, department))
            return reports->list[i].n.dropped > 0;
    return false;
}

/* Is it too early to say that it sent nothing? to_ms: the end of the report. */
static bool is_coming(const struct gh_call *call, const char *slug, int64_t to_ms)
{
    return call->p->intake && to_ms > gh_now_ms() && gh_intake_is_coming(call->p->intake, slug);
}

/* One that sent nothing, as its row has it. */
static json_t *silent_row(const struct spans *s, const struct gh_reports *reports,
                          const struct gh_department *d)
{
    GH_AUTO_FREE struct gh_day_figures *days = gh_alloc((s->days.n + 1) * sizeof(*days));
    const struct gh_report nothing = {.days = days};
    unsigned without = 0, of = 0;
    memset(days, 0, (s->days.n + 1) * sizeof(*days));
    if (s->n)
        without = gh_days_without(d, &s->days, reports, &nothing, gh_now_ms(), &of);
    return json_pack("{s:o, s:o, s:o, s:o}", "department", gh_json_text(d->slug), "title",
                     gh_json_text(d->title ? d->title : d->slug), "days_without",
                     s->n ? json_integer(without) : json_null(), "days_on_duty",
                     s->n ? json_integer(of) : json_null());
}

/* By the alphabet: it is a list of whom to call, and ranks nobody. */
static void answer_silent(struct gh_call *call, const struct spans *s, const char *departments,
                          const struct gh_reports *reports)
{
    const struct gh_departments *all = &call->p->settings->departments;
    GH_AUTO_FREE const struct gh_department **silent = gh_alloc((all->n + 1) * sizeof(*silent));
    json_t *list = json_array(), *titles = json_array(), *rows = json_array();
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct gh_department *d = all->list[i];
        char mark[80];
        GH_FORMAT(mark, ",%s,", d->slug);
        if ((!departments || strstr(departments, mark)) && !has_sent(reports, d->slug) &&
            !is_coming(call, d->slug, s->days.begin[s->days.n]))
            silent[n++] = d;
    }
    qsort(silent, n, sizeof(*silent), compare_slugs);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, gh_json_text(silent[i]->slug));
        json_array_append_new(titles,
                              gh_json_text(silent[i]->title ? silent[i]->title : silent[i]->slug));
        json_array_append_new(rows, silent_row(s, reports, silent[i]));
    }
    gh_answer(call, "silent", list);
    gh_answer(call, "silent_titles", titles);
    gh_answer(call, "silent_rows", rows);
}

/* --------------------------------------------------------------------------------- what is asked
 */

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

/* The departments that are told of, as "departments" of a person; NULL: all. one: room for the one
 * that was asked for. */
static int department_args(struct gh_call *call, char *one, size_t size, const char **ret,
                           struct gh_err *err)
{
    const char *slug;
    TRY(gh_arg_department(call, &slug, err));
    *ret = gh_view_is_whole(call) ? NULL : call->person->user.departments;
    if (!slug)
        return 0;
    if (!gh_view_is_whole(call) && !gh_view_owns(call, slug))
        return gh_fail_code(err, GH_USAGE, ENOENT, "there is no department %s", slug);
    gh_format(one, size, ",%s,", slug);
    *ret = one;
    return 0;
}

static int by_arg(const struct gh_call *call, bool many, struct spans *s, struct gh_err *err)
{
    const char *by;
    TRY(gh_arg_text(call, "by", 10, &by, err));
    if (many && (by || call->person))
        return gh_fail(err, GH_USAGE, "at most %d days are told of one by one", DAYS_MAX);
    if (by && !gh_streq(by, "day") && !gh_streq(by, "week"))
        return gh_fail(err, GH_USAGE, "\"by\" must be day or week");
    s->weeks = by ? gh_streq(by, "week") : s->days.n > BY_DAY_MAX;
    return 0;
}

/* Monday is the fourth day after 1970-01-01. */
static void find_spans(struct spans *s)
{
    s->first = gh_alloc(s->days.n * sizeof(*s->first));
    for (size_t i = 0; i < s->days.n; i++)
        if (i == 0 || !s->weeks || gh_day_of(s->days.begin[i]) % 7 == 4)
            s->first[s->n++] = i;
}

static void free_spans(struct spans *s)
{
    gh_days_free(&s->days);
    gh_reasons_free(&s->reasons);
    free(s->first);
}

static void answer(struct gh_call *call, const struct spans *s, const char *departments,
                   const struct gh_reports *reports)
{
    json_t *list = json_array(), *begins = json_array();
    for (size_t i = 0; i < reports->n; i++)
        json_array_append_new(list, row_json(call, s, reports, &reports->list[i]));
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(begins, day_json(s->days.begin[s->first[i]]));
    gh_answer(call, "by", s->n ? json_string(s->weeks ? "week" : "day") : json_null());
    gh_answer(call, "spans", begins);
    gh_answer(call, "departments", list);
    gh_answer(call, "all", row_json(call, s, reports, &reports->all));
    answer_silent(call, s, departments, reports);
}

/* ------------------------------------------------------------------------------------- in turns */

/* A report in the making. */
struct making {
    struct gh_reporting_place place;
    char *departments; /* NULL: all */
    int64_t from, to;
    struct spans s;
    struct gh_report_work *work;
};

static void making_free(void *state)
{
    struct making *m = state;
    gh_reporting_leave(&m->place);
    free_spans(&m->s);
    free(m->departments);
    gh_report_work_free(&m->work);
    free(m);
}

static void making_drop(struct making **m)
{
    if (*m)
        making_free(*m);
}

static int begin(struct gh_call *call, struct making **ret, struct gh_err *err)
{
    GH_AUTO(making_drop) struct making *m = gh_alloc(sizeof(*m));
    const char *departments;
    char one[80];
    *m = (struct making){.from = 0};
    TRY(span_args(call, &m->from, &m->to, err));
    TRY(department_args(call, one, sizeof(one), &departments, err));
    m->departments = departments ? gh_strdup(departments) : NULL;
    gh_days_of(m->from, m->to, DAYS_MAX, &m->s.days);
    bool many = gh_day_of(m->to - 1) - gh_day_of(m->from) >= DAYS_MAX;
    TRY(by_arg(call, many, &m->s, err));
    if (!many)
        find_spans(&m->s);
    if (call->later && call->p->reporting)
        TRY(gh_reporting_join(call->p->reporting, &m->place,
                              call->person ? call->person->user.name : call->actor, err));
    gh_reasons_copy(&call->p->settings->reasons, &m->s.reasons);
    const struct gh_report_ask ask = {.days = m->s.days.begin,
                                      .n_days = m->s.days.n,
                                      .now_ms = gh_now_ms(),
                                      .departments = m->departments,
                                      .outside = !gh_view_is_whole(call),
                                      .reasons = &m->s.reasons};
    m->work = gh_report_begin(&ask);
    *ret = m;
    m = NULL;
    return 0;
}

/* One turn. Returns 1 when there is more to do. */
static int go_on(struct gh_call *call, struct making *m, struct gh_err *err)
{
    struct gh_reporting *r = call->later ? call->p->reporting : NULL;
    if (!r)
        return gh_report_go(m->work, call->p->ledger, -1, err);
    if (gh_reporting_wait_ms(r) > 0)
        return 1;
    int64_t began = gh_mono_us();
    int more = gh_report_go(m->work, call->p->ledger, GH_REPORT_TURN_MS, err);
    gh_reporting_took(r, gh_mono_us() - began);
    return more;
}

static void tell(struct gh_call *call, struct making *m)
{
    GH_AUTO(gh_reports_free) struct gh_reports reports = {.n = 0};
    gh_report_take(m->work, &reports);
    gh_answer(call, "day", day_json(m->from));
    gh_answer(call, "last_day", day_json(m->to - 1));
    answer(call, &m->s, m->departments, &reports);
}

int gh_req_report(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(making_drop) struct making *own = NULL; /* of one that is answered at once */
    struct making *m = call->later ? call->later->state : NULL;
    if (!m) {
        TRY(begin(call, &m, err));
        if (call->later)
            *call->later = (struct gh_later){.state = m, .free = making_free};
        else
            own = m;
    }
    int more = go_on(call, m, err);
    TRY(more);
    if (more) {
        call->not_yet = true;
        call->later->wait_ms = GH_MAX(gh_reporting_wait_ms(call->p->reporting), (int64_t)1);
        return 0;
    }
    tell(call, m);
    return 0;
}
