/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each event of a file is one step of its own: what is refused is undone alone. An event is known
 * again by what its calendar calls it, or, of a form, by its title and day. */
#include "daemon/event/read.h"

#include "base/clock.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVENTS 100 /* of one file */
#define FIELDS 9   /* of a line */

/* One event of a file, as it was understood. */
struct wish {
    const char *uid;  /* NULL: it names an event by its number, or nothing */
    int64_t sequence; /* -1: a form has none */
    int64_t number;
    bool cancel;
    const char *why; /* the file says something that is not taken; NULL: it does not */
    struct gh_event_said said;
};

static char *copy(const char *text)
{
    return gh_strdup(text ? text : "");
}

static void add_read(struct gh_event_reads *ret, const struct gh_event_said *said, int64_t event,
                     const char *act, const char *error)
{
    ret->list = gh_realloc(ret->list, (ret->n + 1) * sizeof(*ret->list));
    ret->list[ret->n++] = (struct gh_event_read){.event = event,
                                                 .act = copy(act),
                                                 .title = copy(said->title),
                                                 .place = copy(said->place),
                                                 .ward = copy(said->ward),
                                                 .material = copy(said->material),
                                                 .starts_ms = said->starts_ms,
                                                 .ends_ms = said->ends_ms,
                                                 .all_day = said->all_day,
                                                 .error = copy(error)};
}

void gh_event_refuse_file(struct gh_event_reads *ret, const char *why)
{
    add_read(ret, &(struct gh_event_said){0}, 0, "refuse", why);
}

bool gh_event_was_taken(const struct gh_event_reads *reads)
{
    for (size_t i = 0; i < reads->n; i++)
        if (strcmp(reads->list[i].act, "refuse") != 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------------------------ what is done
 */

static int find(struct gh_ledger *l, const struct gh_question_by *by, const struct wish *w,
                int64_t *ret, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    *ret = 0;
    if (w->uid)
        return gh_ledger_event_of_uid(l, by->department, w->uid, ret, err);
    if (!w->number)
        return 0;
    TRY(gh_ledger_event(l, w->number, &e, err));
    *ret = w->number;
    return 1;
}

/* Sets *ret_act. */
static int do_wish(struct gh_ledger *l, const struct gh_settings *s,
                   const struct gh_question_by *by, const struct wish *w, int64_t *ret_id,
                   const char **ret_act, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    int64_t now = gh_now_ms();
    if (w->why)
        return gh_fail(err, GH_LIMIT, "%s", w->why);
    int known = find(l, by, w, ret_id, err);
    TRY(known);
    if (known)
        TRY(gh_ledger_event(l, *ret_id, &e, err));
    *ret_act = w->cancel ? "cancel" : known ? "change" : "announce";
    if (known && w->sequence >= 0 && w->sequence < e.sequence) {
        *ret_act = "older";
        return 0;
    }
    if (w->cancel && !known)
        return gh_fail(err, GH_LIMIT, "it cancels an event that was not announced");
    if (w->cancel && e.state == GH_EVENT_CANCELLED) {
        *ret_act = "same";
        return 0;
    }
    if (w->cancel)
        return gh_event_cancel(l, s, by, *ret_id, w->sequence, "", err);
    TRY(gh_event_check_times(&w->said, now, err));
    if (!known)
        return gh_event_announce(l, s, by, by->department, w->uid, GH_MAX(w->sequence, (int64_t)0),
                                 &w->said, ret_id, err);
    int r = gh_event_change(l, s, by, *ret_id, w->sequence, &w->said, err);
    if (r == 1)
        *ret_act = "same";
    return r;
}

/* Refusals are entries; what is no fault of the file fails. */
static int take(struct gh_ledger *l, const struct gh_settings *s, const struct gh_question_by *by,
                const struct wish *w, struct gh_event_reads *ret, struct gh_err *err)
{
    struct gh_err no = {0};
    const char *act = "refuse";
    int64_t id = 0;
    int r = do_wish(l, s, by, w, &id, &act, &no);
    if (r < 0 && no.cls != GH_LIMIT && no.cls != GH_USAGE)
        return gh_fail(err, no.cls, "%s", no.msg);
    add_read(ret, &w->said, r < 0 ? 0 : id, r < 0 ? "refuse" : act, r < 0 ? no.msg : "");
    return 0;
}

/* ----------------------------------------------------------------------------------------- a form
 */

int gh_event_take_form(struct gh_ledger *l, const struct gh_settings *s,
                       const struct gh_question_by *by, char *text, struct gh_event_reads *ret,
                       struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    GH_AUTO_FREE char *uid = NULL;
    struct gh_event_form form;
    struct gh_event_kept kept;
    struct gh_err no = {0};
    gh_event_form_of(text, &form);
    struct wish w = {.sequence = -1,
                     .number = gh_event_number(form.number),
                     .cancel = gh_event_yes(form.cancel),
                     .said = {.title = form.title}};
    if (form.number && !w.number)
        w.why = "the number of the event cannot be read";
    else if (w.number && gh_ledger_event(l, w.number, &e, NULL) >= 0 &&
             gh_streq(e.department, by->department))
        gh_event_form_keep(&form, &e, &kept);
    else if (w.number)
        w.why = "your department has no event of this number";
    if (!w.why && !(w.cancel && w.number) &&
        gh_event_form_read(&form, gh_now_ms(), &w.said, &no) < 0)
        w.why = no.msg;
    if (w.cancel && w.number && e.id)
        w.said = (struct gh_event_said){.title = e.title,
                                        .starts_ms = e.starts_ms,
                                        .ends_ms = e.ends_ms,
                                        .all_day = e.all_day,
                                        .place = e.place};
    if (!w.why && !w.number)
        w.uid = uid = gh_event_form_uid(&w.said);
    return take(l, s, by, &w, ret, err);
}

/* --------------------------------------------------------------------------------- a calendar file
 */

/* Zones that need no file to know: India has no summer time. */
static const char *const india[] = {"Asia/Kolkata", "Asia/Calcutta", "India Standard Time", "IST"};
#define INDIA_MS ((int64_t)(5 * 60 + 30) * 60 * 1000)
#define DAY_MS ((int64_t)24 * 3600 * 1000)

static bool is_india(const char *zone)
{
    for (size_t i = 0; i < GH_LEN(india); i++)
        if (gh_streq(zone, india[i]))
            return true;
    return false;
}

/* Returns 1; 0: it is none; -1: its zone is not known. */
static int read_moment(const struct gh_settings *s, const char *text, const char *zone,
                       int64_t *ret_ms)
{
    int y, m, d, hour, minute, end = 0;
    int64_t seconds;
    if (sscanf(text, "U%12" SCNd64 "%n", &seconds, &end) == 1 && !text[end]) {
        *ret_ms = seconds * 1000;
        return 1;
    }
    if (sscanf(text, "D%4d-%2d-%2d%n", &y, &m, &d, &end) == 3 && !text[end]) {
        *ret_ms = gh_moment_of(gh_day_of_date(y, m, d), 0, false);
        return 1;
    }
    if (sscanf(text, "L%4d-%2d-%2d %2d:%2d%n", &y, &m, &d, &hour, &minute, &end) != 5 ||
        text[end] || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return 0;
    int64_t day = gh_day_of_date(y, m, d);
    if (!*zone || gh_streq(zone, s->conf.timezone))
        *ret_ms = gh_moment_of(day, (unsigned)(hour * 60 + minute), false);
    else if (is_india(zone))
        *ret_ms = day * DAY_MS + (int64_t)(hour * 60 + minute) * 60000 - INDIA_MS;
    else
        return -1;
    return 1;
}

static void wish_of(const struct gh_settings *s, char *field[FIELDS], struct wish *ret)
{
    const char *said = field[2];
    struct gh_event_said *e = &ret->said;
    int64_t sequence = 0;
    (void)sscanf(field[1], "%9" SCNd64, &sequence);
    ret->uid = field[0];
    ret->sequence = GH_MAX(sequence, (int64_t)0);
    ret->cancel = gh_streq(said, "cancelled");
    *e = (struct gh_event_said){
        .title = field[6], .place = field[7], .ward = "", .material = field[8]};
    int from = read_moment(s, field[3], field[5], &e->starts_ms),
        to = read_moment(s, field[4], field[5], &e->ends_ms);
    e->all_day = from == 1 && field[3][0] == 'D';
    if (gh_streq(said, "repeats"))
        ret->why = "the event repeats: send each date as an event of its own";
    else if (!*field[0])
        ret->why = "the event has no UID in the calendar file: save it again";
    else if (!ret->cancel && !*e->title)
        ret->why = "the event has no title: say what it is";
    else if (!ret->cancel && (from < 0 || to < 0))
        ret->why = "the time zone of the event is not known";
    else if (!ret->cancel && (!from || !to || gh_streq(said, "times")))
        ret->why = "the event has no time that can be read";
}

/* The fields of a line; false: it has not just so many. */
static bool split(char *line, char *ret[FIELDS])
{
    size_t n = 0;
    for (char *field; (field = strsep(&line, "\t")); n++)
        if (n < FIELDS)
            ret[n] = field;
    return n == FIELDS;
}

int gh_event_take_calendar(struct gh_ledger *l, const struct gh_settings *s,
                           const struct gh_question_by *by, char *text, struct gh_event_reads *ret,
                           struct gh_err *err)
{
    for (char *line; ret->n < EVENTS && (line = strsep(&text, "\n"));) {
        char *field[FIELDS] = {NULL};
        struct wish w = {0};
        if (!*line)
            continue;
        if (split(line, field)) {
            wish_of(s, field, &w);
            TRY(take(l, s, by, &w, ret, err));
        } else {
            gh_event_refuse_file(ret, "the calendar file cannot be read");
        }
    }
    if (!ret->n)
        gh_event_refuse_file(ret, "there is no event in the calendar file");
    return 0;
}
