/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: what departments announced, day by day, with whom to call; one of them with what came of
 * it; and what people do with them. */
#include "desk/route.h"

#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE_EVENTS 50

/* Fields of forms that ghatd reads likewise, whatever script they are in. */
static const char *const fields[] = {"text", "date", "time", "until", "place", "ward", "material"};

/* What people read of its state: that something should have come is no state of its own. */
static void add_look(json_t *event)
{
    const char *state = gh_j_text(event, "state");
    bool late = json_is_true(json_object_get(event, "late"));
    json_object_set_new(
        event, "waits",
        json_boolean(!late && (!strcmp(state, "announced") || !strcmp(state, "changed"))));
    json_object_set_new(event, "none", json_boolean(late || !strcmp(state, "missed")));
    if (late)
        json_object_set_new(event, "state", json_string("late"));
}

/* The first of each day has a heading; behind the day is what was said of it. */
static void add_days(json_t *events)
{
    const char *before = "";
    json_t *e;
    size_t i;
    json_array_foreach (events, i, e) {
        const char *day = gh_j_text(e, "day");
        json_object_set_new(e, "first", json_boolean(strcmp(day, before) != 0));
        add_look(e);
        before = day;
    }
}

/* Its day as the form's hint has it: day, month, year. */
static void add_date(json_t *event)
{
    int y, m, d;
    if (sscanf(gh_j_text(event, "day"), "%4d-%2d-%2d", &y, &m, &d) == 3)
        json_object_set_new(event, "date", json_sprintf("%02d/%02d/%04d", d, m, y));
}

/* A form that says nothing yet. */
static json_t *fresh_json(void)
{
    static const char *const names[] = {"event", "date", "time",    "until",
                                        "place", "ward", "material"};
    json_t *o = json_object();
    for (size_t i = 0; i < GH_LEN(names); i++)
        json_object_set_new(o, names[i], json_string(""));
    return o;
}

/* Departments that the person may announce for: an officer the own ones, an approver any. */
static int add_departments(struct gh_req *q, json_t *data, struct gh_err *err)
{
    json_t *departments = NULL, *list = json_array(), *d;
    size_t i;
    json_object_set_new(data, "announces", list);
    TRY(gh_desk_ask(q, "departments", NULL, &departments, NULL, err));
    json_array_foreach (json_object_get(departments, "departments"), i, d)
        if ((q->roles & GH_APPROVER) || json_is_true(json_object_get(d, "own")))
            json_array_append(list, d);
    json_object_set_new(data, "fresh", fresh_json());
    json_object_set_new(data, "may_announce", json_boolean(json_array_size(list) > 0));
    json_decref(departments);
    return 0;
}

int gh_page_events(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *ask = json_pack("{s:i}", "limit", PAGE_EVENTS);
    bool past = *gh_query(q, "from");
    if (past)
        json_object_set_new(ask, "from", json_string(gh_query(q, "from")));
    if (*gh_query(q, "to"))
        json_object_set_new(ask, "to", json_string(gh_query(q, "to")));
    if (*gh_query(q, "after"))
        json_object_set_new(ask, "after", json_string(gh_query(q, "after")));
    TRY(gh_desk_ask(q, "events", ask, &data, NULL, err));
    add_days(json_object_get(data, "events"));
    json_object_set_new(data, "from", json_string(gh_query(q, "from")));
    json_object_set_new(data, "to", json_string(gh_query(q, "to")));
    if (q->roles & (GH_APPROVER | GH_OFFICER)) {
        int r = add_departments(q, data, err);
        if (r < 0)
            json_decref(data);
        TRY(r);
    }
    return gh_page_show(q, 200, "events", data, err);
}

int gh_page_event(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    TRY(gh_desk_ask(q, "event", json_pack("{s:I}", "event", (json_int_t)gh_arg(q, 0)), &data, NULL,
                    err));
    json_t *event = json_object_get(data, "event");
    json_object_set_new(event, "asks", json_boolean(q->roles & (GH_APPROVER | GH_AGENCY)));
    add_date(event);
    add_look(event);
    return gh_page_show(q, 200, "event", data, err);
}

static json_t *form_ask(const struct gh_req *q)
{
    json_t *ask = json_object();
    for (size_t i = 0; i < GH_LEN(fields); i++)
        if (gh_form_has(&q->form, fields[i]))
            json_object_set_new(ask, fields[i], json_string(gh_field(q, fields[i])));
    if (gh_form_has(&q->form, "all_day"))
        json_object_set_new(ask, "time", json_string("all day"));
    return ask;
}

int gh_page_event_add(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL, *ask = form_ask(q);
    json_object_set_new(ask, "department", json_string(gh_field(q, "department")));
    TRY(gh_desk_ask(q, "event-add", ask, &reply, NULL, err));
    int64_t id = gh_j_int(json_object_get(reply, "event"), "id");
    json_decref(reply);
    return gh_page_goto(q, "/event/%" PRId64 "?done=event-announce", id);
}

/* The last part of the address says what is done. */
int gh_page_event_act(struct gh_req *q, struct gh_err *err)
{
    const char *act = strrchr(q->path, '/') + 1;
    bool change = !strcmp(act, "change");
    json_t *ask = change ? form_ask(q) : json_pack("{s:s}", "text", gh_field(q, "text"));
    json_object_set_new(ask, "event", json_integer((json_int_t)gh_arg(q, 0)));
    TRY(gh_desk_ask(q, change ? "event-change" : "event-cancel", ask, NULL, NULL, err));
    return gh_page_goto(q, "/event/%" PRId64 "?done=event-%s", gh_arg(q, 0), act);
}
