/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libical takes the file apart; what it makes of it is believed within bounds only: so many events,
 * days of one event, repetitions, days of a year. A rule that never ends is cut off by the limit of
 * processor time, and so is the file. */
#include "pipeline/document/holidays.h"

#include "base/file.h"
#include "base/str.h"
#include "pipeline/walls/sandbox.h"

#include <libical/ical.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
#define BEFORE 366 /* days before now, and after it, that are looked at */
#define AFTER 1100
#define SPAN (BEFORE + AFTER)
#define EVENTS 5000
#define EVENT_DAYS 31 /* of one event */
#define REPEATS 5000  /* of one event, from its first time on */
#define YEAR_DAYS 120 /* holidays in a year */
#define CPU_S 10

struct days {
    int64_t first; /* counted from 1970-01-01 */
    bool is[SPAN];
};

static int64_t day_of(struct icaltimetype t)
{
    t.is_date = 1;
    t.zone = NULL;
    return (int64_t)(icaltime_as_timet(t) / DAY_S);
}

static void mark(struct days *d, int64_t day, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (day + i >= d->first && day + i < d->first + SPAN)
            d->is[day + i - d->first] = true;
}

/* The date of a property that is one, not a time. */
static bool date_of(icalcomponent *event, icalproperty_kind kind, struct icaltimetype *ret)
{
    icalproperty *p = icalcomponent_get_first_property(event, kind);
    icalvalue *v = p ? icalproperty_get_value(p) : NULL;
    if (!v || icalvalue_isa(v) != ICAL_DATE_VALUE)
        return false;
    *ret = icalvalue_get_date(v);
    return ret->year >= 1900 && ret->year <= 2200;
}

static bool is_excepted(icalcomponent *event, struct icaltimetype day)
{
    int n = 0;
    for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY);
         p && n < REPEATS; p = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY), n++)
        if (day_of(icalproperty_get_exdate(p)) == day_of(day))
            return true;
    return false;
}

static void mark_repeated(struct days *d, icalcomponent *event, icalproperty *rule,
                          struct icaltimetype start, int64_t n)
{
    icalrecur_iterator *it = icalrecur_iterator_new(icalproperty_get_rrule(rule), start);
    for (int i = 0; it && i < REPEATS; i++) {
        struct icaltimetype t = icalrecur_iterator_next(it);
        if (icaltime_is_null_time(t) || day_of(t) >= d->first + SPAN)
            break;
        if (!is_excepted(event, t))
            mark(d, day_of(t), n);
    }
    if (it)
        icalrecur_iterator_free(it);
}

static int take_event(struct days *d, icalcomponent *event, struct gh_err *err)
{
    struct icaltimetype start, end;
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    if (!date_of(event, ICAL_DTSTART_PROPERTY, &start) ||
        (status && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED))
        return 0;
    int64_t n = date_of(event, ICAL_DTEND_PROPERTY, &end) ? day_of(end) - day_of(start) : 1;
    n = GH_MAX(n, 1);
    if (n > EVENT_DAYS)
        return gh_fail(err, GH_CONFIG, "an event of it lasts more than %d days: no holiday does",
                       EVENT_DAYS);
    if (rule)
        mark_repeated(d, event, rule, start, n);
    else
        mark(d, day_of(start), n);
    return 0;
}

static int take_events(struct days *d, icalcomponent *of, int *count, struct gh_err *err)
{
    for (icalcomponent *e = icalcomponent_get_first_component(of, ICAL_VEVENT_COMPONENT); e;
         e = icalcomponent_get_next_component(of, ICAL_VEVENT_COMPONENT)) {
        if (++*count > EVENTS)
            return gh_fail(err, GH_CONFIG, "it has more than %d events", EVENTS);
        TRY(take_event(d, e, err));
    }
    return 0;
}

static int write_days(const struct days *d, struct gh_str *out, struct gh_err *err)
{
    int year = 0, of_year = 0;
    for (int64_t i = 0; i < SPAN; i++) {
        time_t t = (time_t)((d->first + i) * DAY_S);
        struct tm tm = {0};
        gmtime_r(&t, &tm);
        of_year = tm.tm_year == year ? of_year + d->is[i] : d->is[i];
        year = tm.tm_year;
        if (of_year > YEAR_DAYS)
            return gh_fail(err, GH_CONFIG,
                           "it has more than %d holidays in %d: is it the right file?", YEAR_DAYS,
                           year + 1900);
        if (d->is[i])
            gh_str_printf(out, "%04d-%02d-%02d\n", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    }
    return 0;
}

static void component_free(icalcomponent **c)
{
    if (*c)
        icalcomponent_free(*c);
}

int gh_holidays_read(const char *bytes, size_t n, int64_t now_s, struct gh_str *out,
                     struct gh_err *err)
{
    GH_AUTO_FREE char *text = gh_strndup(bytes, n);
    GH_AUTO_FREE struct days *d = gh_alloc(sizeof(*d));
    int count = 0;
    d->first = now_s / DAY_S - BEFORE;
    icalerror_set_errors_are_fatal(0);
    GH_AUTO(component_free)
    icalcomponent *all = strlen(text) == n ? icalparser_parse_string(text) : NULL;
    icalcomponent_kind kind = all ? icalcomponent_isa(all) : ICAL_NO_COMPONENT;
    if (kind != ICAL_VCALENDAR_COMPONENT && kind != ICAL_XROOT_COMPONENT)
        return gh_fail(err, GH_CONFIG, "it is no iCalendar file");
    if (kind == ICAL_VCALENDAR_COMPONENT)
        TRY(take_events(d, all, &count, err));
    for (icalcomponent *c = icalcomponent_get_first_component(all, ICAL_VCALENDAR_COMPONENT);
         c && kind == ICAL_XROOT_COMPONENT;
         c = icalcomponent_get_next_component(all, ICAL_VCALENDAR_COMPONENT))
        TRY(take_events(d, c, &count, err));
    return write_days(d, out, err);
}

/* --------------------------------------------------------------------------------- in the sandbox
 */

static int read_and_write(int in_fd, int out_fd, struct gh_err *err)
{
    GH_AUTO_FREE char *bytes = NULL;
    GH_AUTO_STR out = {0};
    size_t n;
    TRY(gh_read_fd(in_fd, GH_HOLIDAYS_BYTES, &bytes, &n, err));
    TRY(gh_holidays_read(bytes, n, (int64_t)time(NULL), &out, err));
    return gh_write_all(out_fd, gh_str_text(&out), out.len, err);
}

int gh_holidays_run(bool seccomp_only)
{
    struct gh_limits limits = gh_limits_default();
    limits.cpu_s = CPU_S;
    return gh_sandbox_alone(seccomp_only, &limits, read_and_write);
}
