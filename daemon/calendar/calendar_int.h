/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the room share: the weekday of a civil day. */
#ifndef GH_DAEMON_CALENDAR_CALENDAR_INT_H
#define GH_DAEMON_CALENDAR_CALENDAR_INT_H

#include "daemon/calendar/calendar.h"

#define GH_DAY_MINUTES 1440

/** 0: Sunday. */
unsigned gh_weekday_of(int64_t day);

#endif
