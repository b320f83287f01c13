/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers as a heap with stable numbers: adding and cancelling are O(log n) for thousands of waiting
 * files. For loop.c. */
#ifndef GH_DAEMON_LOOP_TIMERS_INT_H
#define GH_DAEMON_LOOP_TIMERS_INT_H

#include "daemon/loop/loop.h"

#include <stddef.h>

struct gh_timers {
    struct gh_timer *slots; /* a timer's number names its slot and how often that was used */
    uint32_t *heap;         /* slots by due time, then by order of arming */
    uint32_t *idle;         /* unused slots */
    uint32_t n_slots, n_heap, n_idle;
    uint64_t armed; /* timers ever armed */
};

void gh_timers_free(struct gh_timers *t);
uint64_t gh_timers_add(struct gh_timers *t, int64_t due_ms, gh_timer_fn *fn, void *arg);
void gh_timers_cancel(struct gh_timers *t, uint64_t id);
/** Milliseconds from now to the first timer: -1 when there is none, 0 when one is due. */
int gh_timers_wait(const struct gh_timers *t, int64_t now_ms);
/** Call everything that is due; what is armed meanwhile waits for the next call. */
void gh_timers_run(struct gh_timers *t, int64_t now_ms, struct gh_loop *loop);

#endif
