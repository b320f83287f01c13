/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Days by the calendar of the zone: some have 23 or 25 hours. */
#include "daemon/site/days.h"

#include "base/str.h"

#include <stdlib.h>

void gh_days_of(int64_t from_ms, int64_t to_ms, size_t max, struct gh_days *ret)
{
    int64_t first = gh_day_of(from_ms), n = gh_day_of(to_ms - 1) - first + 1;
    bool one = n < 1 || (uint64_t)n > max;
    ret->first = first;
    ret->n = one ? 1 : (size_t)n;
    ret->begin = gh_alloc((ret->n + 1) * sizeof(*ret->begin));
    for (size_t i = 1; i < ret->n; i++)
        ret->begin[i] = gh_moment_of(first + (int64_t)i, 0, false);
    ret->begin[0] = from_ms;
    ret->begin[ret->n] = to_ms;
}

void gh_days_free(struct gh_days *days)
{
    free(days->begin);
    *days = (struct gh_days){0};
}

unsigned gh_days_without(const struct gh_department *d, const struct gh_days *days,
                         const struct gh_reports *all, const struct gh_report *r, int64_t now_ms,
                         unsigned *ret_of)
{
    unsigned n = 0, of = 0;
    for (size_t i = 0; i < days->n && days->begin[i + 1] <= now_ms; i++) {
        if (!all->since_ms || days->begin[i + 1] <= all->since_ms ||
            !gh_hours_of(&d->calendar, days->first + (int64_t)i)->n)
            continue;
        of++;
        n += !r->days[i].dropped;
    }
    if (ret_of)
        *ret_of = of;
    return n;
}
