/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about questions: what people do with them, and what they read of them. Who may do what
 * is the ledger's table of rules; here it is told who asks. The names of the fields are a contract
 * with scripts and the desk. */
#include "daemon/control/person.h"
#include "daemon/control/view.h"

#include "daemon/question/question.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"
#include "base/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PAGE_MAX 200   /* questions in one answer */
#define PLACE_BYTES 48 /* of where a list goes on */
#define NAME_MAX_BYTES 300

/* At the command for everybody; over the desk in the roles of the person, for the department only
 * where it is the own one. */
struct gh_question_by gh_caller(const struct gh_call *call, const char *department)
{
    struct gh_question_by by = {
        .who = {.actor = call->actor}, .roles = GH_BY_SHELL, .via = GH_VIA_COMMAND};
    if (!call->person)
        return by;
    unsigned roles = call->person->roles;
    by.via = GH_VIA_DESK;
    by.roles = (roles & GH_APPROVER ? (unsigned)GH_BY_APPROVER : 0) |
               (roles & GH_AGENCY ? (unsigned)GH_BY_AGENCY : 0) |
               (roles & GH_ADMINISTRATOR ? (unsigned)GH_BY_ADMIN : 0) |
               (department && gh_view_owns(call, department) ? (unsigned)GH_BY_DEPARTMENT : 0);
    return by;
}

/* The question, if the asker may see it: everybody's whole view, the agency, the department. */
static int find_question(const struct gh_call *call, int64_t id, struct gh_question *ret,
                         struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    TRY(gh_ledger_question(call->p->ledger, id, &q, err));
    if (gh_view_of(call, q.department) == GH_VIEW_NONE)
        return gh_no_question(id, err);
    *ret = q;
    q = (struct gh_question){0};
    return 0;
}

/* ----------------------------------------------------------------------------------------- as JSON
 */

static json_t *seconds(int64_t ms)
{
    return json_integer((json_int_t)(ms / 1000));
}

static void put_stand(json_t *o, const struct gh_question_round *r, const struct gh_settings *s)
{
    struct gh_question_stand stand;
    gh_question_stands(r, s, gh_now_ms(), &stand);
    json_object_set_new(o, "missed", json_boolean(stand.missed));
    json_object_set_new(o, "overdue", json_boolean(stand.missed && !r->ended_ms));
    json_object_set_new(o, "used_seconds", seconds(stand.used_ms));
    json_object_set_new(o, "wall_seconds", seconds(stand.wall_ms));
    json_object_set_new(o, "left_seconds", r->ended_ms ? json_null() : seconds(stand.left_ms));
    json_object_set_new(o, "over_seconds", seconds(stand.over_ms));
    json_object_set_new(o, "longer", gh_json_time(stand.longer_ms));
}

/* Why it is due then: as it was kept, or in the language of who reads it. */
static json_t *explained_json(const struct gh_call *call, const struct gh_question_round *r)
{
    const char *language = call->person ? call->person->user.language : "";
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    GH_AUTO_STR s = {0};
    if (!*language || gh_streq(language, "en") || gh_calendar_parse(r->calendar, &c, NULL) < 0)
        return gh_json_text(r->explained);
    gh_calendar_explain(&c, r->began_ms, r->due_ms, gh_words_of(language), &s);
    return gh_json_text(gh_str_text(&s));
}

static json_t *round_json(const struct gh_call *call, const struct gh_question_round *r)
{
    const struct gh_settings *s = call->p->settings;
    json_t *o = json_object();
    json_object_set_new(o, "round", json_integer(r->round));
    json_object_set_new(o, "began", gh_json_time(r->began_ms));
    json_object_set_new(o, "remind", gh_json_time(r->remind_ms));
    json_object_set_new(o, "due", gh_json_time(r->due_ms));
    json_object_set_new(o, "explained", explained_json(call, r));
    json_object_set_new(o, "calendar", gh_json_text(r->calendar));
    json_object_set_new(o, "extended", gh_json_time(r->extended_ms));
    json_object_set_new(o, "extended_why", gh_json_text(r->extended_why));
    json_object_set_new(o, "ended", gh_json_time(r->ended_ms));
    put_stand(o, r, s);
    return o;
}

static json_t *message_json(const struct gh_question_message *m)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer((json_int_t)m->id));
    json_object_set_new(o, "round", json_integer(m->round));
    json_object_set_new(o, "at", gh_json_time(m->at_ms));
    json_object_set_new(o, "author", gh_json_text(m->author));
    json_object_set_new(o, "kind", json_string(gh_question_act_name(m->kind)));
    json_object_set_new(o, "via", json_string(gh_question_via_name(m->via)));
    json_object_set_new(o, "text", gh_json_text(m->text));
    json_object_set_new(o, "submission",
                        m->submission ? json_integer((json_int_t)m->submission) : json_null());
    return o;
}

/* What a list shows. */
static json_t *short_json(const struct gh_call *call, const struct gh_question *q)
{
    const struct gh_settings *s = call->p->settings;
    const struct gh_question_round *r = gh_question_now(q);
    const struct gh_department *d = gh_departments_find(&s->departments, q->department);
    json_t *o = round_json(call, r);
    json_object_set_new(o, "id", json_integer((json_int_t)q->id));
    json_object_set_new(o, "department", gh_json_text(q->department));
    json_object_set_new(o, "title", gh_json_text(d ? d->title : q->department));
    json_object_set_new(o, "submission",
                        q->submission ? json_integer((json_int_t)q->submission) : json_null());
    json_object_set_new(o, "event", q->event ? json_integer((json_int_t)q->event) : json_null());
    json_object_set_new(o, "state", json_string(gh_question_state_name(q->state)));
    json_object_set_new(o, "urgent", json_boolean(q->urgent));
    json_object_set_new(o, "holds", json_boolean(q->holds));
    json_object_set_new(o, "asked_by", gh_json_text(q->asked_by));
    json_object_set_new(o, "asked_as",
                        json_string(q->asked_as == GH_BY_APPROVER ? "approver" : "agency"));
    json_object_set_new(o, "asked", gh_json_time(q->asked_ms));
    json_object_set_new(o, "answered", gh_json_time(q->answered_ms));
    json_object_set_new(o, "closed", gh_json_time(q->closed_ms));
    json_object_set_new(o, "text", gh_json_text(q->text));
    return o;
}

json_t *gh_notice_json(const struct gh_notice *n)
{
    return json_pack("{s:I, s:s, s:s, s:i, s:s, s:s, s:o, s:o}", "id", (json_int_t)n->id, "kind",
                     n->kind, "subject", n->subject, "revision", (int)n->revision, "to",
                     n->recipient, "channel", n->channel, "made", gh_json_time(n->made_ms),
                     "not_before", gh_json_time(n->not_before_ms));
}

static bool add_notice(const struct gh_notice *n, void *arg)
{
    json_array_append_new(arg, gh_notice_json(n));
    return true;
}

json_t *gh_contacts_json(const struct gh_call *call, const char *department)
{
    const struct gh_department *d =
        gh_departments_find(&call->p->settings->departments, department);
    if (!d)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "officer", gh_person_json(&d->officer), "deputy",
                     gh_person_json(&d->deputy), "superior", gh_person_json(&d->superior));
}

static int answer_question(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    TRY(find_question(call, id, &q, err));
    json_t *o = short_json(call, &q), *rounds = json_array(), *messages = json_array(),
           *notices = json_array();
    for (size_t i = 0; i < q.n_rounds; i++)
        json_array_append_new(rounds, round_json(call, &q.rounds[i]));
    for (size_t i = 0; i < q.n_messages; i++)
        json_array_append_new(messages, message_json(&q.messages[i]));
    json_object_set_new(o, "rounds", rounds);
    json_object_set_new(o, "messages", messages);
    json_object_set_new(o, "notices", notices);
    json_object_set_new(o, "contacts", gh_contacts_json(call, q.department));
    gh_answer(call, "question", o);
    return gh_ledger_notices(call->p->ledger, id, add_notice, notices, err);
}

/* --------------------------------------------------------------------------------------- reading
 */

int gh_req_question(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    TRY(gh_arg_id(call, "question", &id, err));
    return answer_question(call, id, err);
}

int gh_arg_department(struct gh_call *call, const char **ret, struct gh_err *err)
{
    const struct gh_departments *set = &call->p->settings->departments;
    const char *name;
    TRY(gh_arg_text(call, "department", NAME_MAX_BYTES, &name, err));
    *ret = NULL;
    if (!name)
        return 0;
    const struct gh_department *d = gh_departments_find(set, name);
    if (!d)
        d = gh_departments_find_folder(set, name);
    for (size_t i = 0; i < set->n && !d; i++)
        if (gh_streq(set->list[i]->title, name))
            d = set->list[i];
    if (!d)
        return gh_fail(err, GH_LIMIT,
                       "there is no department %.*s (ghat department list shows them)",
                       (int)gh_utf8_cut(name, 64), name);
    *ret = d->slug;
    return 0;
}

const char *gh_seen_departments(const struct gh_call *call)
{
    if (gh_view_is_whole(call) || (call->person->roles & GH_AGENCY))
        return NULL;
    return call->person->roles & GH_OFFICER ? call->person->user.departments : "";
}

static int filter_args(struct gh_call *call, struct gh_question_filter *ret, struct gh_err *err)
{
    enum gh_question_state state;
    TRY(gh_arg_department(call, &ret->department, err));
    TRY(gh_arg_text(call, "state", NAME_MAX_BYTES, &ret->state, err));
    if (ret->state && !gh_question_state_parse(ret->state, &state))
        return gh_fail(err, GH_USAGE, "\"state\" must be open, answered, closed or withdrawn");
    if (json_object_get(call->request, "id"))
        TRY(gh_arg_id(call, "id", &ret->submission, err));
    ret->departments = gh_seen_departments(call);
    return 0;
}

/* Where the next page begins, as a text that nobody else has to understand: "1796000000000.12"
 * behind an open question, ".12" behind one that is over. */
static json_t *place_json(const struct gh_question *last)
{
    const struct gh_question_place p = gh_question_place_of(last);
    char text[PLACE_BYTES];
    if (p.over)
        GH_FORMAT(text, ".%" PRId64, p.id);
    else
        GH_FORMAT(text, "%" PRId64 ".%" PRId64, p.due_ms, p.id);
    return json_string(text);
}

static int place_arg(struct gh_call *call, struct gh_question_place *ret, struct gh_err *err)
{
    const char *text, *dot;
    char due[PLACE_BYTES];
    uint64_t due_ms = 0, id = 0;
    TRY(gh_arg_text(call, "after", PLACE_BYTES - 1, &text, err));
    if (!text)
        return 0;
    dot = strchr(text, '.');
    GH_FORMAT(due, "%.*s", dot ? (int)(dot - text) : 0, text);
    if (!dot || !gh_parse_u64(dot + 1, INT64_MAX, &id) || !id ||
        (*due && !gh_parse_u64(due, INT64_MAX, &due_ms)))
        return gh_fail(err, GH_USAGE, "\"after\" must be the \"next\" of an answer");
    *ret = (struct gh_question_place){.over = !*due, .due_ms = (int64_t)due_ms, .id = (int64_t)id};
    return 0;
}

int gh_req_questions(struct gh_call *call, struct gh_err *err)
{
    struct gh_question_filter filter = {0};
    GH_AUTO(gh_question_list_free) struct gh_question_list there = {0};
    int64_t limit = PAGE_MAX;
    json_t *list = json_array();
    gh_answer(call, "questions", list);
    TRY(filter_args(call, &filter, err));
    TRY(place_arg(call, &filter.after, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    limit = GH_MIN(limit, (int64_t)PAGE_MAX);
    filter.limit = (unsigned)limit + 1; /* one more tells whether there is another page */
    TRY(gh_ledger_questions(call->p->ledger, &filter, &there, err));
    for (size_t i = 0; i < there.n && i < (size_t)limit; i++)
        json_array_append_new(list, short_json(call, &there.list[i]));
    gh_answer(call, "next",
              there.n > (size_t)limit ? place_json(&there.list[limit - 1]) : json_null());
    return 0;
}

/* What waits for whoever asks: questions, and answers to what was asked in a role of theirs. */
int gh_req_question_counts(struct gh_call *call, struct gh_err *err)
{
    struct gh_question_counts n;
    unsigned roles = gh_caller(call, NULL).roles;
    int64_t answered = 0;
    TRY(gh_ledger_question_counts(call->p->ledger, gh_seen_departments(call), gh_now_ms(), &n,
                                  err));
    for (unsigned as = 0; as < GH_LEN(n.answered); as++)
        answered += as & roles ? n.answered[as] : 0;
    gh_answer(call, "open", json_integer((json_int_t)n.open));
    gh_answer(call, "late", json_integer((json_int_t)n.late));
    gh_answer(call, "next_due", gh_json_time(n.next_due_ms));
    gh_answer(call, "answered", json_integer((json_int_t)answered));
    return 0;
}

/* --------------------------------------------------------------------------------------- changing
 */

/* "text", cleaned as one that is dropped; *ret is the caller's. */
static int text_arg(struct gh_call *call, char **ret, struct gh_err *err)
{
    const char *text;
    TRY(gh_arg_text(call, "text", GH_QUESTION_TEXT, &text, err));
    return gh_text_decode(text ? text : "", text ? strlen(text) : 0, ret, err);
}

/* About a submission, or to a department. */
int gh_req_ask(struct gh_call *call, struct gh_err *err)
{
    struct gh_question_by by = gh_caller(call, NULL);
    struct gh_question_new new = {0};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO(gh_event_free) struct gh_event event = {0};
    GH_AUTO_FREE char *text = NULL;
    int64_t id;
    if (json_object_get(call->request, "id"))
        TRY(gh_arg_id(call, "id", &new.submission, err));
    if (call->person && new.submission)
        TRY(gh_view_get(call, new.submission, &item, NULL, err));
    TRY(gh_arg_department(call, &new.department, err));
    if (json_object_get(call->request, "event")) {
        TRY(gh_arg_id(call, "event", &new.event, err));
        TRY(gh_ledger_event(call->p->ledger, new.event, &event, err));
        if ((new.department &&strcmp(new.department, event.department) != 0) || new.submission)
            return gh_fail(err, GH_USAGE, "an event is of its own department, and no submission");
        new.department = event.department;
    }
    TRY(text_arg(call, &text, err));
    TRY(gh_arg_bool(call, "urgent", false, &new.urgent, err));
    TRY(gh_arg_bool(call, "hold", false, &new.hold, err));
    if (call->person && (new.hold || new.urgent) && !(call->person->roles & GH_APPROVER))
        return gh_refuse(call, err, "role",
                         "only an approver holds an item for a question, or makes one urgent");
    if (new.hold && !new.submission)
        return gh_fail(err, GH_USAGE, "only a submission can be held until the answer");
    new.text = text;
    TRY(gh_question_ask(call->p->ledger, call->p->settings, &by, &new, &id, err));
    return answer_question(call, id, err);
}

/* What is done with a question that is there: its number and, where it needs one, a text. */
static int done_with(struct gh_call *call, enum gh_question_act act, struct gh_err *err)
{
    struct gh_ledger *l = call->p->ledger;
    const struct gh_settings *s = call->p->settings;
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO_FREE char *text = NULL;
    int64_t id;
    int r;
    TRY(gh_arg_id(call, "question", &id, err));
    TRY(find_question(call, id, &q, err));
    const struct gh_question_by by = gh_caller(call, q.department);
    TRY(text_arg(call, &text, err));
    switch (act) {
    case GH_QUESTION_ANSWER:
        r = gh_question_answer(l, s, &by, id, text, 0, 0, err);
        break;
    case GH_QUESTION_EXTEND:
        r = gh_question_extend(l, s, &by, id, text, 0, err);
        break;
    case GH_QUESTION_REOPEN:
        r = gh_question_reopen(l, s, &by, id, text, err);
        break;
    case GH_QUESTION_RECOMPUTE:
        r = gh_question_recompute(l, s, &by, id, err);
        break;
    default:
        r = gh_question_end(l, s, &by, id, act, text, err);
        break;
    }
    TRY(r);
    return answer_question(call, id, err);
}

int gh_req_answer(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_ANSWER, err);
}

int gh_req_extend(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_EXTEND, err);
}

int gh_req_reopen(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_REOPEN, err);
}

int gh_req_close(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_CLOSE, err);
}

int gh_req_withdraw_question(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_WITHDRAW, err);
}

int gh_req_recompute(struct gh_call *call, struct gh_err *err)
{
    return done_with(call, GH_QUESTION_RECOMPUTE, err);
}
