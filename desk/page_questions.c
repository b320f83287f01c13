/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions: those there are by the time they are due, one of them with all that was said, and what
 * people do with it. */
#include "desk/route.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_QUESTIONS 50

/* Pages speak of milliseconds. */
static void add_spans(json_t *q)
{
    static const char *const names[][2] = {{"used_seconds", "used_ms"},
                                           {"wall_seconds", "wall_ms"},
                                           {"left_seconds", "left_ms"},
                                           {"over_seconds", "over_ms"}};
    for (size_t i = 0; i < GH_LEN(names); i++)
        json_object_set_new(
            q, names[i][1],
            json_integer(json_integer_value(json_object_get(q, names[i][0])) * 1000));
}

static bool is(const json_t *q, const char *field, const char *word)
{
    const char *is = json_string_value(json_object_get(q, field));
    return is && !strcmp(is, word);
}

/* What the page offers; ghatd decides by its own table. */
static void add_offers(const struct gh_req *r, json_t *q)
{
    bool open = is(q, "state", "open"), answered = is(q, "state", "answered");
    bool asker = r->roles & (is(q, "asked_as", "approver") ? GH_APPROVER : GH_AGENCY);
    bool department = r->roles & GH_OFFICER, approver = r->roles & GH_APPROVER;
    const struct {
        const char *name;
        bool offered;
    } offers[] = {
        {"answers", (open || answered) && (department || approver)},
        {"extends", open && department && json_is_string(json_object_get(q, "longer"))},
        {"reopens", answered && asker},
        {"closes", answered && asker},
        {"withdraws", (open || answered) && (asker || approver)},
    };
    for (size_t i = 0; i < GH_LEN(offers); i++)
        json_object_set_new(q, offers[i].name, json_boolean(offers[i].offered));
}

/* The first stands for every state. */
static const char *const states[] = {"every", "open", "answered", "closed"};

static const char *state_wished(const struct gh_req *q)
{
    for (size_t i = 0; i < GH_LEN(states); i++)
        if (gh_streq(states[i], gh_query(q, "s")))
            return states[i];
    return states[0];
}

static json_t *states_json(const char *wished)
{
    json_t *list = json_array();
    for (size_t i = 0; i < GH_LEN(states); i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "name", states[i], "chosen",
                                              gh_streq(states[i], wished)));
    return list;
}

static json_t *list_ask(const struct gh_req *q, const char *wished)
{
    json_t *ask = json_pack("{s:i}", "limit", PAGE_QUESTIONS);
    if (wished != states[0])
        json_object_set_new(ask, "state", json_string(wished));
    if (*gh_query(q, "after"))
        json_object_set_new(ask, "after", json_string(gh_query(q, "after")));
    return ask;
}

int gh_page_questions(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *departments = NULL, *it;
    const char *wished = state_wished(q);
    size_t i;
    TRY(gh_desk_ask(q, "questions", list_ask(q, wished), &data, NULL, err));
    json_object_set_new(data, "states", states_json(wished));
    json_object_set_new(data, "state", json_string(wished));
    json_array_foreach (json_object_get(data, "questions"), i, it)
        add_spans(it);
    if (q->roles & (GH_APPROVER | GH_AGENCY)) {
        int r = gh_desk_ask(q, "departments", NULL, &departments, NULL, err);
        if (r < 0)
            json_decref(data);
        TRY(r);
        json_object_set(data, "asks", json_object_get(departments, "departments"));
        json_decref(departments);
    }
    return gh_page_show(q, 200, "questions", data, err);
}

int gh_page_question(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    TRY(gh_desk_ask(q, "question", json_pack("{s:I}", "question", (json_int_t)gh_arg(q, 0)), &data,
                    NULL, err));
    json_t *it = json_object_get(data, "question");
    add_spans(it);
    add_offers(q, it);
    return gh_page_show(q, 200, "question", data, err);
}

/* To a department, or about the item that "id" names. */
int gh_page_ask(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL;
    int64_t id = strtoll(gh_field(q, "id"), NULL, 10),
            event = strtoll(gh_field(q, "event"), NULL, 10);
    json_t *ask = json_pack("{s:s, s:b, s:b}", "text", gh_field(q, "text"), "urgent",
                            gh_form_has(&q->form, "urgent"), "hold", gh_form_has(&q->form, "hold"));
    if (id > 0)
        json_object_set_new(ask, "id", json_integer((json_int_t)id));
    else if (event > 0)
        json_object_set_new(ask, "event", json_integer((json_int_t)event));
    else
        json_object_set_new(ask, "department", json_string(gh_field(q, "department")));
    TRY(gh_desk_ask(q, "ask", ask, &reply, NULL, err));
    id = json_integer_value(json_object_get(json_object_get(reply, "question"), "id"));
    json_decref(reply);
    return gh_page_goto(q, "/question/%" PRId64 "?done=ask", id);
}

/* The last part of the address says what is done. */
int gh_page_question_act(struct gh_req *q, struct gh_err *err)
{
    const char *act = strrchr(q->path, '/') + 1;
    TRY(gh_desk_ask(
        q, !strcmp(act, "withdraw") ? "withdraw-question" : act,
        json_pack("{s:I, s:s}", "question", (json_int_t)gh_arg(q, 0), "text", gh_field(q, "text")),
        NULL, NULL, err));
    return gh_page_goto(q, "/question/%" PRId64 "?done=question-%s", gh_arg(q, 0), act);
}
