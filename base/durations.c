/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of bounds. */
#include "base/durations.h"

#include "base/err.h"

#define S INT64_C(1000)
#define MIN (60 * S)
#define H (60 * MIN)

const int64_t gh_durations_bounds_ms[GH_DURATIONS_BOUNDS] = {
    500, S, 2 * S, 5 * S, 15 * S, 30 * S, MIN, 5 * MIN, 15 * MIN, H, 4 * H, 24 * H, 168 * H};

void gh_durations_add(struct gh_durations *t, int64_t ms)
{
    unsigned i = 0;
    ms = GH_MAX(ms, (int64_t)0);
    while (i < GH_DURATIONS_BOUNDS && ms > gh_durations_bounds_ms[i])
        i++;
    t->n[i]++;
    t->count++;
    t->sum_ms += ms;
}
