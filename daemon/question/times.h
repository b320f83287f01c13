/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The corporation's rule as times: an answer is due after 4 counted hours, with a reminder after 2;
 * where more time is asked for, after 12, with a reminder 2 before. Overdue questions are told
 * again every 2 counted hours. Pure.
 */
#ifndef GH_DAEMON_QUESTION_TIMES_H
#define GH_DAEMON_QUESTION_TIMES_H

#include "daemon/calendar/calendar.h"
#include "daemon/ledger/ledger.h"

#define GH_CLOSES_MS ((int64_t)24 * 3600 * 1000) /* counted: then an answer is final */

/**
 * The times of a round that began at began_ms. extended: more time was given. wall: then it is 12
 * hours by the wall clock, moved to the next opening where that is at night, and never before the
 * time there was before. Class: gh_calendar_add's.
 */
GH_MUST_USE int gh_question_times(const struct gh_calendar *c, int64_t began_ms, bool extended,
                                  bool wall, struct gh_question_times *ret, struct gh_err *err);

#endif
