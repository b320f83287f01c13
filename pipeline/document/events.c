/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libical takes the file apart; zones are those that the file itself defines, since there is no
 * file to look others up in. What repeats is not unfolded: a person is asked for each date. */
#include "pipeline/document/events.h"

#include "base/str.h"
#include "base/text.h"

#include <inttypes.h>
#include <libical/ical.h>
#include <string.h>

#define EVENTS 100
#define BYTES (1u << 20)
#define UID_MAX 255

static const char begin[] = "BEGIN:VCALENDAR";

bool gh_is_calendar(const char *bytes, size_t n)
{
    if (n > 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        bytes += 3;
        n -= 3;
    }
    for (; n && strchr(" \t\r\n", *bytes); bytes++)
        n--;
    return n >= sizeof(begin) - 1 && strncasecmp(bytes, begin, sizeof(begin) - 1) == 0;
}

/* A text in one line, cut at a character. */
static void add_field(struct gh_str *out, const char *text, size_t max)
{
    GH_AUTO_FREE char *clean = gh_strdup(text && gh_utf8_valid(text, strlen(text)) ? text : "");
    gh_text_clean(clean);
    for (char *c = clean; (c = strpbrk(c, "\t\n"));)
        *c = ' ';
    char *at = gh_strip(clean);
    gh_str_add(out, at, gh_utf8_cut(at, max));
}

struct moment {
    struct icaltimetype t;
    const char *zone;         /* as the file calls it; NULL: none is named */
    const icaltimezone *rule; /* as the file defines it */
};

static bool take_moment(icalcomponent *all, icalcomponent *event, icalproperty_kind kind,
                        struct moment *ret)
{
    icalproperty *p = icalcomponent_get_first_property(event, kind);
    icalvalue *v = p ? icalproperty_get_value(p) : NULL;
    if (!v)
        return false;
    icalvalue_kind is = icalvalue_isa(v);
    if (is != ICAL_DATE_VALUE && is != ICAL_DATETIME_VALUE)
        return false;
    ret->t = is == ICAL_DATE_VALUE ? icalvalue_get_date(v) : icalvalue_get_datetime(v);
    icalparameter *zone = icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
    ret->zone = zone ? icalparameter_get_tzid(zone) : NULL;
    ret->rule = ret->zone ? icalcomponent_get_timezone(all, ret->zone) : NULL;
    return ret->t.year >= 1970 && ret->t.year <= 2200 && icaltime_is_valid_time(ret->t);
}

static void add_moment(struct gh_str *out, const struct moment *m)
{
    struct icaltimetype t = m->t;
    if (t.is_date)
        gh_str_printf(out, "D%04d-%02d-%02d", t.year, t.month, t.day);
    else if (m->rule || icaltime_is_utc(t))
        gh_str_printf(
            out, "U%" PRId64,
            (int64_t)(m->rule ? icaltime_as_timet_with_zone(t, m->rule) : icaltime_as_timet(t)));
    else
        gh_str_printf(out, "L%04d-%02d-%02d %02d:%02d", t.year, t.month, t.day, t.hour, t.minute);
}

static bool repeats(icalcomponent *event)
{
    return icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) ||
           icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY) ||
           icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
}

/* Where it has no end, from its duration, which is a day's where it has a date alone. */
static void find_end(icalcomponent *all, icalcomponent *event, const struct moment *start,
                     struct moment *ret)
{
    icalproperty *p = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
    if (take_moment(all, event, ICAL_DTEND_PROPERTY, ret))
        return;
    *ret = *start;
    if (p)
        ret->t = icaltime_add(start->t, icalproperty_get_duration(p));
    else
        icaltime_adjust(&ret->t, start->t.is_date ? 1 : 0, start->t.is_date ? 0 : 2, 0, 0);
}

static const char *what_is_said(icalcomponent *event, bool timed, const struct moment *start,
                                const struct moment *end)
{
    icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    if (repeats(event))
        return "repeats";
    if (status && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED)
        return "cancelled";
    return !timed || start->t.is_date != end->t.is_date ? "times" : "announced";
}

static void add_event(icalcomponent *all, icalcomponent *event, size_t share, struct gh_str *out)
{
    struct moment start = {.t = icaltime_null_time()}, end = {.t = icaltime_null_time()};
    bool timed = take_moment(all, event, ICAL_DTSTART_PROPERTY, &start);
    if (timed)
        find_end(all, event, &start, &end);
    add_field(out, icalcomponent_get_uid(event), UID_MAX);
    gh_str_printf(out, "\t%d\t%s\t", GH_MAX(icalcomponent_get_sequence(event), 0),
                  what_is_said(event, timed, &start, &end));
    if (timed)
        add_moment(out, &start);
    gh_str_puts(out, "\t");
    if (timed)
        add_moment(out, &end);
    gh_str_puts(out, "\t");
    add_field(out, start.zone, 64);
    gh_str_puts(out, "\t");
    add_field(out, icalcomponent_get_summary(event), GH_MIN(share, (size_t)300));
    gh_str_puts(out, "\t");
    add_field(out, icalcomponent_get_location(event), GH_MIN(share / 2, (size_t)300));
    gh_str_puts(out, "\t");
    add_field(out, icalcomponent_get_description(event), GH_MIN(share / 2, (size_t)600));
    gh_str_puts(out, "\n");
}

static void component_free(icalcomponent **c)
{
    if (*c)
        icalcomponent_free(*c);
}

int gh_calendar_read(const char *bytes, size_t n, struct gh_text *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *text = gh_strndup(bytes, n);
    GH_AUTO_STR out = {0};
    int count = 0;
    icalerror_set_errors_are_fatal(0);
    if (n > BYTES)
        return gh_fail(err, GH_LIMIT, "the calendar file is larger than 1 MB");
    GH_AUTO(component_free)
    icalcomponent *all = strlen(text) == n ? icalparser_parse_string(text) : NULL;
    if (!all || icalcomponent_isa(all) != ICAL_VCALENDAR_COMPONENT)
        return gh_fail(err, GH_INPUT, "the calendar file cannot be read");
    count = icalcomponent_count_components(all, ICAL_VEVENT_COMPONENT);
    if (count > EVENTS)
        return gh_fail(err, GH_LIMIT, "the calendar file has more than %d events", EVENTS);
    for (icalcomponent *e = icalcomponent_get_first_component(all, ICAL_VEVENT_COMPONENT); e;
         e = icalcomponent_get_next_component(all, ICAL_VEVENT_COMPONENT))
        add_event(all, e, (sizeof(ret->text) - 1) / 3 / (size_t)count, &out);
    if (out.len >= sizeof(ret->text))
        return gh_fail(err, GH_LIMIT, "there is too much text in the calendar file");
    GH_COPY(ret->text, gh_str_text(&out));
    return 0;
}
