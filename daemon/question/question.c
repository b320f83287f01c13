/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do with questions: the calendar of the department is looked up, the times are
 * computed, and the ledger keeps them. A round that runs is counted by the calendar it was asked
 * with. Owns nothing. */
#include "daemon/question/question.h"

#include "daemon/question/folder.h"
#include "daemon/question/times.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/words.h"

#include <inttypes.h>
#include <string.h>

#define KEPT_DAYS 90 /* of a calendar's holidays, with a round */

/* ----------------------------------------------------------------------------------- who is told
 */

static bool is_named(const struct gh_person *p)
{
    return p->name || p->mobile || p->email;
}

unsigned gh_card_of(const struct gh_department *d)
{
    return (is_named(&d->deputy) ? GH_CARD_DEPUTY : 0) |
           (is_named(&d->superior) ? GH_CARD_SUPERIOR : 0);
}

static struct gh_question_by fill_in(const struct gh_settings *s, const struct gh_question_by *by,
                                     const char *department)
{
    const struct gh_department *d = gh_departments_find(&s->departments, department);
    struct gh_question_by full = *by;
    full.card = d ? gh_card_of(d) : 0;
    full.who.now_ms = by->who.now_ms ? by->who.now_ms : gh_now_ms();
    full.held_ms = gh_duty_opening(&s->conf, full.who.now_ms);
    return full;
}

/* ---------------------------------------------------------------------------------- its calendar
 */

static int calendar_of(const struct gh_settings *s, const char *department, bool urgent,
                       const struct gh_calendar **ret, struct gh_calendar *always,
                       struct gh_err *err)
{
    const struct gh_department *d = gh_departments_find(&s->departments, department);
    if (!d)
        return gh_fail(err, GH_LIMIT, "there is no department %.*s (ghat department list)",
                       (int)gh_utf8_cut(department, 64), department);
    *ret = &d->calendar;
    if (!urgent)
        return 0;
    TRY(gh_calendar_parse(GH_CALENDAR_ALWAYS, always, err));
    *ret = always;
    return 0;
}

/* The clock of a round that begins now. The texts are the caller's to free. */
struct clock {
    char *calendar, *explained;
    struct gh_question_times times;
};

static void clock_free(struct clock *c)
{
    free(c->calendar);
    free(c->explained);
}

static int wind(const struct gh_calendar *c, int64_t began_ms, bool extended, bool wall,
                struct clock *ret, struct gh_err *err)
{
    GH_AUTO_STR calendar = {0}, explained = {0};
    TRY(gh_question_times(c, began_ms, extended, wall, &ret->times, err));
    gh_calendar_text(c, began_ms, KEPT_DAYS, &calendar);
    gh_calendar_explain(c, began_ms, ret->times.due_ms, gh_words_of("en"), &explained);
    ret->calendar = gh_strdup(gh_str_text(&calendar));
    ret->explained = gh_strdup(gh_str_text(&explained));
    return 0;
}

static int wind_for(const struct gh_settings *s, const char *department, bool urgent,
                    int64_t began_ms, bool extended, struct clock *ret, struct gh_err *err)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar always = {0};
    const struct gh_calendar *c = NULL;
    TRY(calendar_of(s, department, urgent, &c, &always, err));
    return wind(c, began_ms, extended, s->conf.cap_wall, ret, err);
}

/* --------------------------------------------------------------------------------------- people */

static int department_of_item(struct gh_ledger *l, int64_t submission, const char *department,
                              char ret[GH_DEPARTMENT_SLUG], struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    if (!submission) {
        if (!department)
            return gh_fail(err, GH_USAGE, "name a department, or a submission, to ask");
        gh_copy(ret, GH_DEPARTMENT_SLUG, department);
        return 0;
    }
    TRY(gh_ledger_get(l, submission, &item, err));
    if (department && strcmp(department, item.sub.department) != 0)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is of the department %s", submission,
                       item.sub.department);
    gh_copy(ret, GH_DEPARTMENT_SLUG, item.sub.department);
    return 0;
}

int gh_question_ask(struct gh_ledger *l, const struct gh_settings *s,
                    const struct gh_question_by *by, const struct gh_question_new *new,
                    int64_t *ret_id, struct gh_err *err)
{
    char department[GH_DEPARTMENT_SLUG];
    GH_AUTO(clock_free) struct clock c = {0};
    TRY(department_of_item(l, new->submission, new->department, department, err));
    struct gh_question_by full = fill_in(s, by, department);
    TRY(wind_for(s, department, new->urgent, full.who.now_ms, false, &c, err));
    const struct gh_question_ask ask = {.department = department,
                                        .submission = new->submission,
                                        .event = new->event,
                                        .text = new->text,
                                        .urgent = new->urgent,
                                        .hold = new->hold &&new->submission,
                                        .calendar = c.calendar,
                                        .explained = c.explained,
                                        .times = c.times};
    return gh_ledger_ask(l, &full, &ask, ret_id, err);
}

/* A time at which something was done to a round: not before it began, and not to come. */
static int64_t within(const struct gh_question_round *r, int64_t at_ms, int64_t now_ms)
{
    return at_ms ? GH_CLAMP(at_ms, r->began_ms, GH_MAX(now_ms, r->began_ms)) : now_ms;
}

int gh_question_check(struct gh_ledger *l, const struct gh_settings *s,
                      const struct gh_question_by *by, int64_t question, enum gh_question_act act,
                      const char *text, bool files, int64_t at_ms, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    const struct gh_question_round *r = gh_question_now(&q);
    if (by->department && strcmp(by->department, q.department) != 0)
        return gh_fail(err, GH_USAGE, "there is no question %" PRId64, question);
    if (q.state == GH_QUESTION_ANSWERED && act == GH_QUESTION_ANSWER)
        act = GH_QUESTION_NOTE;
    if (!gh_question_may(act, q.state, by->roles, q.asked_as, NULL))
        return gh_fail(err, GH_LIMIT, "question %" PRId64 " is %s: it takes no %s", question,
                       gh_question_state_name(q.state), gh_question_act_name(act));
    if (!*text && !files)
        return gh_fail(err, GH_LIMIT, "there is nothing in it: it needs a text");
    if (strlen(text) > GH_QUESTION_TEXT)
        return gh_fail(err, GH_LIMIT, "the text is too long");
    if (act == GH_QUESTION_EXTEND && r->extended_ms)
        return gh_fail(err, GH_LIMIT, "question %" PRId64 " was given more time already", question);
    if (act == GH_QUESTION_EXTEND && !s->conf.late_extension && at_ms > r->due_ms)
        return gh_fail(err, GH_LIMIT,
                       "question %" PRId64 " is overdue: more time is asked for before it is due",
                       question);
    return 0;
}

int gh_question_answer(struct gh_ledger *l, const struct gh_settings *s,
                       const struct gh_question_by *by, int64_t question, const char *text,
                       int64_t submission, int64_t at_ms, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    const struct gh_question_round *r = gh_question_now(&q);
    struct gh_question_by full = fill_in(s, by, q.department);
    struct gh_question_answer a = {.question = question, .text = text, .submission = submission};
    TRY(gh_calendar_parse(r->calendar, &c, err));
    a.at_ms = within(r, at_ms, full.who.now_ms);
    a.counted_ms = gh_calendar_counted(&c, r->began_ms, a.at_ms);
    TRY(gh_calendar_add(&c, full.who.now_ms, GH_CLOSES_MS, &a.close_ms, err));
    return gh_ledger_answer(l, &full, &a, err);
}

int gh_question_extend(struct gh_ledger *l, const struct gh_settings *s,
                       const struct gh_question_by *by, int64_t question, const char *why,
                       int64_t at_ms, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    GH_AUTO(clock_free) struct clock clock = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    const struct gh_question_round *r = gh_question_now(&q);
    struct gh_question_by full = fill_in(s, by, q.department);
    TRY(gh_calendar_parse(r->calendar, &c, err));
    TRY(wind(&c, r->began_ms, true, s->conf.cap_wall, &clock, err));
    at_ms = within(r, at_ms, full.who.now_ms);
    if (s->conf.late_extension)
        at_ms = GH_MIN(at_ms, r->due_ms);
    return gh_ledger_extend(l, &full, question, why, at_ms, &clock.times, clock.explained, err);
}

int gh_question_reopen(struct gh_ledger *l, const struct gh_settings *s,
                       const struct gh_question_by *by, int64_t question, const char *text,
                       struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO(clock_free) struct clock c = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    struct gh_question_by full = fill_in(s, by, q.department);
    TRY(wind_for(s, q.department, q.urgent, full.who.now_ms, false, &c, err));
    const struct gh_question_ask ask = {
        .text = text, .calendar = c.calendar, .explained = c.explained, .times = c.times};
    return gh_ledger_ask_again(l, &full, question, &ask, err);
}

int gh_question_end(struct gh_ledger *l, const struct gh_settings *s,
                    const struct gh_question_by *by, int64_t question, enum gh_question_act act,
                    const char *text, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    struct gh_question_by full = fill_in(s, by, q.department);
    return gh_ledger_end_question(l, &full, question, act, text, err);
}

int gh_question_recompute(struct gh_ledger *l, const struct gh_settings *s,
                          const struct gh_question_by *by, int64_t question, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO(clock_free) struct clock c = {0};
    TRY(gh_ledger_question(l, question, &q, err));
    const struct gh_question_round *r = gh_question_now(&q);
    struct gh_question_by full = fill_in(s, by, q.department);
    TRY(wind_for(s, q.department, q.urgent, r->began_ms, r->extended_ms > 0, &c, err));
    return gh_ledger_recompute(l, &full, question, c.calendar, &c.times, c.explained, err);
}

void gh_question_stands(const struct gh_question_round *r, const struct gh_settings *s,
                        int64_t now_ms, struct gh_question_stand *ret)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    struct gh_question_times longer;
    int64_t until = r->ended_ms ? r->ended_ms : now_ms;
    *ret = (struct gh_question_stand){.missed = until > r->due_ms, .wall_ms = until - r->began_ms};
    if (gh_calendar_parse(r->calendar, &c, NULL) < 0)
        return;
    ret->used_ms = gh_calendar_counted(&c, r->began_ms, until);
    ret->over_ms = gh_calendar_counted(&c, r->due_ms, until);
    if (r->ended_ms)
        return;
    ret->left_ms = gh_calendar_counted(&c, until, r->due_ms);
    if (!r->extended_ms && (until <= r->due_ms || s->conf.late_extension) &&
        gh_question_times(&c, r->began_ms, true, s->conf.cap_wall, &longer, NULL) >= 0)
        ret->longer_ms = longer.due_ms;
}
