/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hours that count. A calendar says when people are there: spans of each day of the week, and days
 * that differ. From it follows when so much counted time has passed, for whatever waits for people:
 * questions, reminders, what an event should bring. Civil time is that of the process's time zone
 * (TZ); what is counted is time that passed, so a day on which the clocks change has 23 or 25
 * hours. Pure: no clock, no I/O.
 */
#ifndef GH_DAEMON_CALENDAR_CALENDAR_H
#define GH_DAEMON_CALENDAR_CALENDAR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_str;
struct gh_words;

#define GH_CALENDAR_SPANS 6      /* of one day */
#define GH_CALENDAR_SPECIAL 2000 /* days that differ from their week, at most */
#define GH_CALENDAR_ALWAYS "daily 00:00-24:00"

/* Minutes since midnight: from open, to before close; close is at most 1440. */
struct gh_span {
    unsigned open, close;
};
struct gh_hours {
    struct gh_span span[GH_CALENDAR_SPANS]; /* in order, apart from each other */
    unsigned n;                             /* 0: closed */
};
/* A day that differs from its weekday. */
struct gh_special {
    int64_t day; /* counted from 1970-01-01 */
    struct gh_hours hours;
};
/* Zero-initialise: it is then closed for ever. */
struct gh_calendar {
    struct gh_hours week[7]; /* 0: Sunday */
    struct gh_special *special;
    size_t n_special;
};
void gh_calendar_free(struct gh_calendar *c);

/**
 * Read "mon-fri 10:00-13:30 14:00-17:30, sat 10:00-14:00; closed 2026-12-25; open 2026-12-27
 * 10:00-12:00". Days are daily, sun … sat, or a range of them; a date may be a range, "2026-10-18
 * to 2026-10-22"; a day that is open without hours has those of its weekday. What comes later
 * counts. GH_CONFIG, saying what cannot be read, or that it has no open hour at all.
 */
GH_MUST_USE int gh_calendar_parse(const char *text, struct gh_calendar *ret, struct gh_err *err);
/** Add the dates of a list, closed or open (with the hours given there), as above. */
GH_MUST_USE int gh_calendar_close(struct gh_calendar *c, const char *dates, struct gh_err *err);
GH_MUST_USE int gh_calendar_open(struct gh_calendar *c, const char *dates, struct gh_err *err);
GH_MUST_USE int gh_calendar_close_day(struct gh_calendar *c, int64_t day, struct gh_err *err);
/** The hours of a civil day, counted from 1970-01-01; n 0: closed. Borrowed. */
const struct gh_hours *gh_hours_of(const struct gh_calendar *c, int64_t day);
/** The calendar as gh_calendar_parse reads it, with what differs within days days from from_ms on.
 */
void gh_calendar_text(const struct gh_calendar *c, int64_t from_ms, unsigned days,
                      struct gh_str *out);

/**
 * When counted_ms of open time have passed since start_ms (both milliseconds since 1970 UTC). What
 * is used up exactly at closing ends there. GH_LIMIT: the calendar is not open so long within 400
 * days.
 */
GH_MUST_USE int gh_calendar_add(const struct gh_calendar *c, int64_t start_ms, int64_t counted_ms,
                                int64_t *ret_ms, struct gh_err *err);
/** The next moment at which it is open, from start_ms on; classes as above. */
GH_MUST_USE int gh_calendar_opening(const struct gh_calendar *c, int64_t start_ms, int64_t *ret_ms,
                                    struct gh_err *err);
/** How much open time lies between, milliseconds; 0 when to_ms is not after from_ms. */
int64_t gh_calendar_counted(const struct gh_calendar *c, int64_t from_ms, int64_t to_ms);

/**
 * Say how gh_calendar_add came to its end: "asked Tue 21:00 · Tue 21:00–22:00 counts 1 h · closed
 * until Wed 08:00 · Wed 08:00–11:00 counts 3 h · due Wed 11:00". Where no hours are closed between,
 * spans are one.
 */
void gh_calendar_explain(const struct gh_calendar *c, int64_t start_ms, int64_t end_ms,
                         const struct gh_words *words, struct gh_str *out);

/** A day of the week, 0: Sunday, in three letters or so: "Tue". As long-lived as words. */
const char *gh_weekday_word(const struct gh_words *words, unsigned weekday);

/* Civil dates, by days counted from 1970-01-01. */
int64_t gh_day_of_date(int year, int month, int day);
/** The civil day of a moment in the process's time zone. */
int64_t gh_day_of(int64_t ms);
/**
 * The moment at which the clocks of the zone show minute (0 to 1440) of a day. They may show it
 * twice: the first moment, or the last one; or never: then the moment at which they leap over it.
 */
int64_t gh_moment_of(int64_t day, unsigned minute, bool last);
/** The year, month and day of the month of a civil day. */
void gh_date_of_day(int64_t day, int *ret_year, int *ret_month, int *ret_day);

#endif
