/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the room share: the open hours of one civil day, and civil time as moments. */
#ifndef GH_DAEMON_CALENDAR_CALENDAR_INT_H
#define GH_DAEMON_CALENDAR_CALENDAR_INT_H

#include "daemon/calendar/calendar.h"

#define GH_DAY_MINUTES 1440

/** The hours of a civil day. */
const struct gh_hours *gh_hours_of(const struct gh_calendar *c, int64_t day);
/**
 * The moment at which the clocks of the zone show minute (0 to 1440) of a day. They may show it
 * twice: the first moment, or the last one; or never: then the moment at which they leap over it.
 */
int64_t gh_moment_of(int64_t day, unsigned minute, bool last);
/** The year, month and day of the month of a civil day. */
void gh_date_of_day(int64_t day, int *ret_year, int *ret_month, int *ret_day);
/** 0: Sunday. */
unsigned gh_weekday_of(int64_t day);

#endif
