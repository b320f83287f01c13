/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often something took how long: counted by bounds that are the same for all, so that anything
 * from a photo to a week of waiting falls between two of them. */
#ifndef GH_BASE_DURATIONS_H
#define GH_BASE_DURATIONS_H

#include <stdint.h>

#define GH_DURATIONS_BOUNDS 13
extern const int64_t gh_durations_bounds_ms[GH_DURATIONS_BOUNDS]; /* rising; a value counts below
                                                             the first that it does not exceed */

struct gh_durations {
    uint64_t n[GH_DURATIONS_BOUNDS + 1]; /* by bounds; the last: above all of them */
    uint64_t count;
    int64_t sum_ms;
};
/** Below 0 counts as 0. */
void gh_durations_add(struct gh_durations *t, int64_t ms);

#endif
