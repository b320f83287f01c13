/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The civil days of a span of time, and those on which a department was there and sent nothing. */
#ifndef GH_DAEMON_SITE_DAYS_H
#define GH_DAEMON_SITE_DAYS_H

#include "daemon/ledger/report.h"
#include "daemon/site/department.h"

struct gh_days {
    int64_t *begin; /* n + 1 moments: where each begins, and the last ends */
    int64_t first;  /* the first one, counted from 1970-01-01 */
    size_t n;
};
/** The days of the process's time zone from the one of from_ms to the one before to_ms; at most max
 * of them: else the whole span counts as one. *ret: release with gh_days_free. */
void gh_days_of(int64_t from_ms, int64_t to_ms, size_t max, struct gh_days *ret);
void gh_days_free(struct gh_days *days);

/** On how many days the department was on duty and dropped nothing, of those that are over, from
 * the one on which anybody first dropped anything. r: one of all, of the same days. ret_of (may be
 * NULL): on how many it was on duty. */
unsigned gh_days_without(const struct gh_department *d, const struct gh_days *days,
                         const struct gh_reports *all, const struct gh_report *r, int64_t now_ms,
                         unsigned *ret_of);

#endif
