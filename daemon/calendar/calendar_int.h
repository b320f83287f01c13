/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the room share: the open hours of one civil day, and civil time as moments. */
#ifndef GH_DAEMON_CALENDAR_CALENDAR_INT_H
#define GH_DAEMON_CALENDAR_CALENDAR_INT_H

#include "daemon/calendar/calendar.h"

#define GH_DAY_MINUTES 1440

/** The hours of a civil day. */
const struct gh_hours *gh_hours_of(const struct gh_calendar *c, int64_t day);
/** 0: Sunday. */
unsigned gh_weekday_of(int64_t day);

#endif
