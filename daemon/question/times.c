/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When questions are due, counted by a calendar from the moment of asking. */
#include "daemon/question/times.h"

#include "base/cleanup.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DUE_MS (4 * HOUR_MS)
#define EXTENDED_MS (12 * HOUR_MS)
#define STEP_MS                                                                                    \
    (2 * HOUR_MS) /* from a reminder to the due time, and from one alarm to the next               \
                   */

/* Twelve hours by the wall clock; what ends just at closing ends there. */
static int wall_due(const struct gh_calendar *c, int64_t began_ms, int64_t *ret, struct gh_err *err)
{
    int64_t at = began_ms + EXTENDED_MS, before;
    if (gh_calendar_counted(c, at - 1, at) == 0)
        TRY(gh_calendar_opening(c, at, &at, err));
    TRY(gh_calendar_add(c, began_ms, DUE_MS, &before, err));
    *ret = GH_MAX(at, before);
    return 0;
}

int gh_question_times(const struct gh_calendar *c, int64_t began_ms, bool extended, bool wall,
                      struct gh_question_times *ret, struct gh_err *err)
{
    struct gh_question_times t;
    int64_t counted = extended ? EXTENDED_MS : DUE_MS;
    if (extended && wall) {
        TRY(wall_due(c, began_ms, &t.due_ms, err));
        counted = gh_calendar_counted(c, began_ms, t.due_ms);
    } else {
        TRY(gh_calendar_add(c, began_ms, counted, &t.due_ms, err));
    }
    TRY(gh_calendar_add(c, began_ms, GH_MAX(counted - STEP_MS, 0), &t.remind_ms, err));
    for (int i = 0; i < GH_QUESTION_OVERDUE; i++)
        TRY(gh_calendar_add(c, t.due_ms, (i + 1) * STEP_MS, &t.again_ms[i], err));
    *ret = t;
    return 0;
}
