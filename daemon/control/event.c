/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about events: what departments announce, and what is read of it. Who may do what is the
 * ledger's table of rules; here it is told who asks. The names of the fields are a contract with
 * scripts and the desk. */
#include "daemon/control/person.h"
#include "daemon/control/view.h"

#include "daemon/event/event.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAGE_MAX 200   /* events in one answer */
#define PLACE_BYTES 48 /* of where a list goes on */
#define NAME_MAX_BYTES 300

/* To the agency nothing came but what is out. */
static void show_as_seen(const struct gh_call *call, struct gh_event *e)
{
    if (gh_view_of(call, e->department) != GH_VIEW_ALL)
        gh_event_hide_inside(e, gh_now_ms());
}

/* The event as the asker may see it: whoever sees the department, and the agency, which must be
 * there. */
static int find_event(const struct gh_call *call, int64_t id, struct gh_event *ret,
                      struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    TRY(gh_ledger_event(call->p->ledger, id, &e, err));
    if (gh_view_of(call, e.department) == GH_VIEW_NONE)
        return gh_no_event(id, err);
    show_as_seen(call, &e);
    *ret = e;
    e = (struct gh_event){0};
    return 0;
}

/* ----------------------------------------------------------------------------------------- as JSON
 */

/* The civil day of a moment, and its time of day, as forms take them. */
static json_t *day_json(int64_t ms)
{
    int y, m, d;
    gh_date_of_day(gh_day_of(ms), &y, &m, &d);
    return json_sprintf("%04d-%02d-%02d", y, m, d);
}

static json_t *time_json(const struct gh_event *e, int64_t ms)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return e->all_day ? json_null() : json_sprintf("%02d:%02d", tm.tm_hour, tm.tm_min);
}

json_t *gh_event_json(const struct gh_call *call, const struct gh_event *e)
{
    const struct gh_department *d =
        gh_departments_find(&call->p->settings->departments, e->department);
    int64_t now = gh_now_ms(), today = gh_day_of(now);
    bool over = e->ends_ms <= now;
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer((json_int_t)e->id));
    json_object_set_new(o, "department", gh_json_text(e->department));
    json_object_set_new(o, "title", gh_json_text(d ? d->title : e->department));
    json_object_set_new(o, "event", gh_json_text(e->title));
    json_object_set_new(o, "state", json_string(gh_event_state_name(e->state)));
    json_object_set_new(o, "revision", json_integer(e->revision));
    json_object_set_new(o, "starts", gh_json_time(e->starts_ms));
    json_object_set_new(o, "ends", gh_json_time(e->ends_ms));
    json_object_set_new(o, "day", day_json(e->starts_ms));
    json_object_set_new(o, "time", time_json(e, e->starts_ms));
    json_object_set_new(o, "until", time_json(e, e->ends_ms));
    json_object_set_new(o, "all_day", json_boolean(e->all_day));
    json_object_set_new(
        o, "today",
        json_boolean(gh_day_of(e->starts_ms) <= today && gh_day_of(e->ends_ms - 1) >= today));
    json_object_set_new(o, "over", json_boolean(over));
    json_object_set_new(o, "place", gh_json_text(e->place));
    json_object_set_new(o, "ward", gh_json_text(e->ward));
    json_object_set_new(o, "material", gh_json_text(e->material));
    json_object_set_new(o, "folder", gh_json_text(e->folder));
    json_object_set_new(o, "expected", gh_json_time(e->expect_ms));
    json_object_set_new(o, "late", json_boolean(gh_event_is_late(e, now)));
    json_object_set_new(o, "missed_from", gh_json_time(e->miss_ms));
    json_object_set_new(o, "covered", gh_json_time(e->covered_ms));
    json_object_set_new(o, "came", json_integer((json_int_t)e->came));
    json_object_set_new(o, "made_by", gh_json_text(e->made_by));
    json_object_set_new(o, "made", gh_json_time(e->made_ms));
    json_object_set_new(o, "changed", gh_json_time(e->changed_ms));
    json_object_set_new(o, "reason", gh_json_text(e->reason));
    json_object_set_new(o, "uid", gh_json_text(e->uid));
    json_object_set_new(o, "sequence", json_integer((json_int_t)e->sequence));
    return o;
}

struct notices {
    json_t *list;
    bool whole;
};

/* Whether it was told that nothing came says whether something did: not for the outside. */
static bool add_notice(const struct gh_notice *n, void *arg)
{
    const struct notices *there = arg;
    if (there->whole || !gh_streq(n->kind, "event-miss"))
        json_array_append_new(there->list, gh_notice_json(n));
    return true;
}

/* What came of it, as far as the asker may see it. */
static int add_items(struct gh_call *call, int64_t id, json_t *list, struct gh_err *err)
{
    GH_AUTO_FREE int64_t *items = NULL;
    size_t n = 0;
    TRY(gh_ledger_event_items(call->p->ledger, id, &items, &n, err));
    for (size_t i = 0; i < n && i < PAGE_MAX; i++) {
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        if (gh_view_get(call, items[i], &item, NULL, NULL) >= 0)
            json_array_append_new(list,
                                  json_pack("{s:I, s:o, s:s}", "id", (json_int_t)items[i], "name",
                                            gh_json_name(item.sub.name, item.sub.name_len), "state",
                                            gh_sub_state_name(item.sub.state)));
    }
    return 0;
}

static int answer_event(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    json_t *items = json_array(), *notices = json_array();
    int r = find_event(call, id, &e, err);
    if (r < 0) {
        json_decref(items);
        json_decref(notices);
        return r;
    }
    struct gh_question_by by = gh_caller(call, e.department);
    bool begun = e.starts_ms <= gh_now_ms();
    json_t *o = gh_event_json(call, &e);
    json_object_set_new(o, "items", items);
    json_object_set_new(o, "notices", notices);
    json_object_set_new(o, "contacts", gh_contacts_json(call, e.department));
    json_object_set_new(
        o, "changes", json_boolean(gh_event_may(GH_EVENT_CHANGE, e.state, begun, by.roles, NULL)));
    json_object_set_new(
        o, "cancels", json_boolean(gh_event_may(GH_EVENT_CANCEL, e.state, begun, by.roles, NULL)));
    gh_answer(call, "event", o);
    TRY(add_items(call, id, items, err));
    struct notices there = {notices, gh_view_of(call, e.department) == GH_VIEW_ALL};
    return gh_ledger_event_notices(call->p->ledger, id, add_notice, &there, err);
}

/* --------------------------------------------------------------------------------------- reading
 */

int gh_req_event(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    TRY(gh_arg_id(call, "event", &id, err));
    return answer_event(call, id, err);
}

/* "2026-12-04": its beginning, or with next the beginning of the day after it; 0: not said. */
static int day_arg(struct gh_call *call, const char *name, bool next, int64_t *ret,
                   struct gh_err *err)
{
    const char *day;
    int64_t from, to;
    TRY(gh_arg_text(call, name, NAME_MAX_BYTES, &day, err));
    if (!day)
        return 0;
    TRY(gh_day_span(day, &from, &to, err));
    *ret = next ? to : from;
    return 0;
}

static int place_arg(struct gh_call *call, struct gh_event_filter *ret, struct gh_err *err)
{
    const char *text;
    int end = 0;
    TRY(gh_arg_text(call, "after", PLACE_BYTES - 1, &text, err));
    if (text &&
        (sscanf(text, "%19" SCNd64 ".%18" SCNd64 "%n", &ret->after_ms, &ret->after, &end) != 2 ||
         text[end] || ret->after <= 0))
        return gh_fail(err, GH_USAGE, "\"after\" must be the \"next\" of an answer");
    return 0;
}

static int filter_args(struct gh_call *call, struct gh_event_filter *ret, struct gh_err *err)
{
    enum gh_event_state state;
    TRY(gh_arg_department(call, &ret->department, err));
    TRY(gh_arg_text(call, "state", NAME_MAX_BYTES, &ret->state, err));
    if (ret->state && !gh_event_state_parse(ret->state, &state))
        return gh_fail(err, GH_USAGE,
                       "\"state\" must be announced, changed, covered, missed or cancelled");
    TRY(day_arg(call, "from", false, &ret->from_ms, err));
    TRY(day_arg(call, "to", true, &ret->to_ms, err));
    if (!json_object_get(call->request, "from")) /* what is today, and what comes */
        TRY(gh_day_span(NULL, &ret->from_ms, &(int64_t){0}, err));
    ret->departments = gh_seen_departments(call);
    ret->limited = !gh_view_is_whole(call);
    ret->own =
        ret->limited && (call->person->roles & GH_OFFICER) ? call->person->user.departments : NULL;
    ret->now_ms = gh_now_ms();
    return place_arg(call, ret, err);
}

int gh_req_events(struct gh_call *call, struct gh_err *err)
{
    struct gh_event_filter filter = {0};
    GH_AUTO(gh_event_list_free) struct gh_event_list there = {0};
    int64_t limit = PAGE_MAX;
    json_t *list = json_array(), *next = json_null(), *o;
    gh_answer(call, "events", list);
    TRY(filter_args(call, &filter, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    limit = GH_MIN(limit, (int64_t)PAGE_MAX);
    filter.limit = (unsigned)limit + 1; /* one more tells whether there is another page */
    TRY(gh_ledger_events(call->p->ledger, &filter, &there, err));
    for (size_t i = 0; i < there.n && i < (size_t)limit; i++) {
        show_as_seen(call, &there.list[i]);
        o = gh_event_json(call, &there.list[i]);
        json_object_set_new(o, "contacts", gh_contacts_json(call, there.list[i].department));
        json_array_append_new(list, o);
    }
    if (there.n > (size_t)limit) {
        char text[PLACE_BYTES];
        GH_FORMAT(text, "%" PRId64 ".%" PRId64, there.list[limit - 1].starts_ms,
                  there.list[limit - 1].id);
        next = json_string(text);
    }
    gh_answer(call, "next", next);
    return 0;
}

/* --------------------------------------------------------------------------------------- changing
 */

/* The fields of a form in a request, cleaned, in clean, as those of a dropped text. NULL: one that
 * is not named. */
static int form_args(struct gh_call *call, struct gh_event_form *form, char *clean[7],
                     struct gh_err *err)
{
    const struct {
        const char *name, **field;
        size_t max;
    } fields[] = {
        {"text", &form->title, GH_EVENT_TITLE},
        {"date", &form->date, NAME_MAX_BYTES},
        {"time", &form->time, NAME_MAX_BYTES},
        {"until", &form->until, NAME_MAX_BYTES},
        {"place", &form->place, GH_EVENT_TITLE},
        {"ward", &form->ward, GH_EVENT_WARD},
        {"material", &form->material, GH_EVENT_MATERIAL},
    };
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        const char *text;
        TRY(gh_arg_text(call, fields[i].name, fields[i].max, &text, err));
        if (!text)
            continue;
        TRY(gh_text_decode(text, strlen(text), &clean[i], err));
        for (char *c = clean[i]; i + 1 < GH_LEN(fields) && (c = strchr(c, '\n'));)
            *c = ' ';
        *fields[i].field = clean[i];
    }
    return 0;
}

static void clean_free(char *(*clean)[7])
{
    for (size_t i = 0; i < 7; i++)
        free((*clean)[i]);
}

int gh_req_event_add(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(clean_free) char *clean[7] = {NULL};
    struct gh_event_form form = {0};
    struct gh_event_said said;
    const char *department;
    int64_t id;
    TRY(gh_arg_department(call, &department, err));
    if (!department)
        return gh_fail(err, GH_USAGE, "name the department whose event it is");
    const struct gh_question_by by = gh_caller(call, department);
    if (call->person && !gh_event_may(GH_EVENT_ANNOUNCE, 0, false, by.roles, NULL))
        return gh_refuse(call, err, "role",
                         "an officer announces events of the own department only");
    TRY(form_args(call, &form, clean, err));
    TRY(gh_event_form_read(&form, gh_now_ms(), &said, err));
    TRY(gh_event_announce(call->p->ledger, call->p->settings, &by, department, NULL, 0, &said, &id,
                          err));
    return answer_event(call, id, err);
}

int gh_req_event_change(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(clean_free) char *clean[7] = {NULL};
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    struct gh_event_form form = {0};
    struct gh_event_kept kept;
    struct gh_event_said said;
    int64_t id;
    TRY(gh_arg_id(call, "event", &id, err));
    TRY(find_event(call, id, &e, err));
    const struct gh_question_by by = gh_caller(call, e.department);
    TRY(form_args(call, &form, clean, err));
    gh_event_form_keep(&form, &e, &kept);
    TRY(gh_event_form_read(&form, gh_now_ms(), &said, err));
    TRY(gh_event_change(call->p->ledger, call->p->settings, &by, id, 0, &said, err));
    return answer_event(call, id, err);
}

int gh_req_event_cancel(struct gh_call *call, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    GH_AUTO_FREE char *reason = NULL;
    const char *text;
    int64_t id;
    TRY(gh_arg_id(call, "event", &id, err));
    TRY(find_event(call, id, &e, err));
    const struct gh_question_by by = gh_caller(call, e.department);
    TRY(gh_arg_text(call, "text", GH_EVENT_MATERIAL, &text, err));
    TRY(gh_text_decode(text ? text : "", text ? strlen(text) : 0, &reason, err));
    TRY(gh_event_cancel(call->p->ledger, call->p->settings, &by, id, 0, reason, err));
    return answer_event(call, id, err);
}
