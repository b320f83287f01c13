/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has reports made, and whose turn it is: all of them together take a part of the loop's time,
 * in short turns, however often somebody asks. Loop's thread only.
 */
#ifndef GH_DAEMON_CONTROL_REPORTING_H
#define GH_DAEMON_CONTROL_REPORTING_H

#include "base/err.h"

#include <stdint.h>

#define GH_REPORT_TURN_MS 4   /* of the loop at once … */
#define GH_REPORT_REST 2      /* … and so many times as long for all others before the next */
#define GH_REPORTS_TOGETHER 8 /* in the making */
#define GH_REPORTS_OF_ONE 2   /* of those, of one person */
#define GH_REPORTING_WHO 160  /* bytes of a name */

struct gh_reporting;
/** Never NULL. */
struct gh_reporting *gh_reporting_new(void);
void gh_reporting_free(struct gh_reporting **r);

/* A report in the making. Zero-initialise. */
struct gh_reporting_place {
    struct gh_reporting_place *next, **link; /* link: what points at this one; NULL: not in */
    char who[GH_REPORTING_WHO];
};
/** GH_AGAIN: there are as many as may be, of all or of this person. place must stay where it is
 * until it leaves. */
GH_MUST_USE int gh_reporting_join(struct gh_reporting *r, struct gh_reporting_place *place,
                                  const char *who, struct gh_err *err);
void gh_reporting_leave(struct gh_reporting_place *place);
/** Milliseconds until the next turn of any of them; 0: it is now. */
int64_t gh_reporting_wait_ms(const struct gh_reporting *r);
/** A turn is over, which took so long. */
void gh_reporting_took(struct gh_reporting *r, int64_t us);

#endif
