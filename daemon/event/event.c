/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do with events: until when something is expected follows from the calendar of the
 * department, the name of the folder from date and title. Owns nothing. */
#include "daemon/event/event.h"

#include "base/clock.h"
#include "base/str.h"

#include <string.h>

#define TITLE_IN_NAME 80 /* bytes of a title in the name of its folder */

static struct gh_question_by fill_in(const struct gh_settings *s, const struct gh_question_by *by)
{
    struct gh_question_by full = *by;
    full.who.now_ms = by->who.now_ms ? by->who.now_ms : gh_now_ms();
    full.held_ms = gh_duty_opening(&s->conf, full.who.now_ms);
    return full;
}

/* "2026-12-04 The new bridge opens": with nothing in it that Windows or a path cannot have. */
static char *folder_name(const struct gh_event_said *said)
{
    GH_AUTO_STR name = {0};
    int y, m, d;
    gh_date_of_day(gh_day_of(said->starts_ms), &y, &m, &d);
    gh_str_printf(&name, "%04d-%02d-%02d ", y, m, d);
    GH_AUTO_FREE char *title = gh_strndup(said->title, gh_utf8_cut(said->title, TITLE_IN_NAME));
    size_t n = 0;
    for (const char *c = title; *c; c++) {
        bool blank = strchr(" /\\:*?\"<>|", *c) || (unsigned char)*c < ' ';
        if (!blank || (n && title[n - 1] != ' '))
            title[n++] = blank ? ' ' : *c;
    }
    title[n] = 0;
    while (n && strchr(" .!", title[n - 1]))
        title[--n] = 0;
    gh_str_puts(&name, gh_strip(title));
    return gh_strdup(gh_strip(name.data));
}

static int expected_until(const struct gh_settings *s, const char *department,
                          const struct gh_event_said *said, int64_t *ret, struct gh_err *err)
{
    const struct gh_department *d = gh_departments_find(&s->departments, department);
    if (!d)
        return gh_fail(err, GH_LIMIT, "there is no department %.*s (ghat department list)",
                       (int)gh_utf8_cut(department, 64), department);
    return gh_calendar_add(&d->calendar, said->ends_ms, (int64_t)s->conf.event_expect_ms, ret, err);
}

static int compose(const struct gh_settings *s, const char *department,
                   const struct gh_event_said *said, int64_t now_ms, struct gh_event_new *ret,
                   char **ret_folder, struct gh_err *err)
{
    TRY(gh_event_check_times(said, now_ms, err));
    TRY(expected_until(s, department, said, &ret->expect_ms, err));
    /* the end of the day after its last one, which is no day of work everywhere */
    ret->miss_ms =
        GH_MAX(ret->expect_ms,
               gh_moment_of(gh_day_of(GH_MAX(said->ends_ms - 1, said->starts_ms)) + 2, 0, false));
    *ret_folder = folder_name(said);
    ret->department = department;
    ret->said = *said;
    ret->folder = *ret_folder;
    return 0;
}

int gh_event_announce(struct gh_ledger *l, const struct gh_settings *s,
                      const struct gh_question_by *by, const char *department, const char *uid,
                      int64_t sequence, const struct gh_event_said *said, int64_t *ret_id,
                      struct gh_err *err)
{
    struct gh_event_new fresh = {.uid = uid, .sequence = sequence};
    GH_AUTO_FREE char *folder = NULL;
    struct gh_question_by full = fill_in(s, by);
    TRY(compose(s, department, said, full.who.now_ms, &fresh, &folder, err));
    return gh_ledger_announce(l, &full, &fresh, ret_id, err);
}

int gh_event_change(struct gh_ledger *l, const struct gh_settings *s,
                    const struct gh_question_by *by, int64_t id, int64_t sequence,
                    const struct gh_event_said *said, struct gh_err *err)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    struct gh_event_new fresh = {.sequence = sequence};
    GH_AUTO_FREE char *folder = NULL, *uid = NULL;
    struct gh_question_by full = fill_in(s, by);
    TRY(gh_ledger_event(l, id, &e, err));
    TRY(compose(s, e.department, said, full.who.now_ms, &fresh, &folder, err));
    /* the form that is sent again with what the event is now is of this one */
    if (gh_event_is_form_uid(e.uid))
        fresh.uid = uid = gh_event_form_uid(said);
    return gh_ledger_change_event(l, &full, id, &fresh, err);
}

int gh_event_cancel(struct gh_ledger *l, const struct gh_settings *s,
                    const struct gh_question_by *by, int64_t id, int64_t sequence,
                    const char *reason, struct gh_err *err)
{
    struct gh_question_by full = fill_in(s, by);
    return gh_ledger_cancel_event(l, &full, id, sequence, reason, err);
}

int64_t gh_event_of_folder(struct gh_ledger *l, const char *department, const char *folder,
                           int64_t now_ms, bool *ret_today)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    struct gh_err err = {0};
    int64_t id = 0, today = gh_day_of(now_ms);
    *ret_today = false;
    if (gh_ledger_event_of_folder(l, department, folder, &id, &err) <= 0 ||
        gh_ledger_event(l, id, &e, &err) < 0)
        return 0;
    /* one of the whole day ends at the midnight after it */
    *ret_today = e.state != GH_EVENT_CANCELLED && gh_day_of(e.starts_ms) <= today &&
                 gh_day_of(GH_MAX(e.ends_ms - 1, e.starts_ms)) >= today;
    return id;
}

bool gh_event_keeps_folder(struct gh_ledger *l, const char *department, const char *folder,
                           int64_t now_ms)
{
    GH_AUTO(gh_event_free) struct gh_event e = {0};
    struct gh_err err = {0};
    int64_t id = 0;
    return gh_ledger_event_of_folder(l, department, folder, &id, &err) > 0 &&
           gh_ledger_event(l, id, &e, &err) >= 0 && e.state != GH_EVENT_CANCELLED &&
           gh_streq(e.folder, folder) && e.ends_ms > now_ms - GH_EVENT_FOLDER_STAYS_MS;
}
