/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap of slots. The number of a timer that fired or was cancelled is not used again, so
 * that cancelling twice does nothing. */
#include "daemon/loop/timers_int.h"

#include "base/clock.h"
#include "base/str.h"

#include <limits.h>
#include <string.h>

#define RUN_US 4000 /* due timers are run for so long in one go, so that events get their turn */

struct gh_timer {
    int64_t due;
    uint64_t order;
    gh_timer_fn *fn;
    void *arg;
    uint32_t uses, at; /* at: place in the heap */
    bool armed;
};

static bool earlier(const struct gh_timers *t, uint32_t a, uint32_t b)
{
    const struct gh_timer *x = &t->slots[a], *y = &t->slots[b];
    return x->due != y->due ? x->due < y->due : x->order < y->order;
}

static void put_slot(struct gh_timers *t, uint32_t at, uint32_t slot)
{
    t->heap[at] = slot;
    t->slots[slot].at = at;
}

static void restore_order(struct gh_timers *t, uint32_t at)
{
    uint32_t slot = t->heap[at];
    while (at && earlier(t, slot, t->heap[(at - 1) / 2])) {
        put_slot(t, at, t->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        uint32_t kid = at * 2 + 1;
        if (kid >= t->n_heap)
            break;
        if (kid + 1 < t->n_heap && earlier(t, t->heap[kid + 1], t->heap[kid]))
            kid++;
        if (!earlier(t, t->heap[kid], slot))
            break;
        put_slot(t, at, t->heap[kid]);
        at = kid;
    }
    put_slot(t, at, slot);
}

static void grow_slots(struct gh_timers *t)
{
    uint32_t n = t->n_slots ? t->n_slots * 2 : 16;
    t->slots = gh_realloc(t->slots, n * sizeof(*t->slots));
    t->heap = gh_realloc(t->heap, n * sizeof(*t->heap));
    t->idle = gh_realloc(t->idle, n * sizeof(*t->idle));
    memset(t->slots + t->n_slots, 0, (n - t->n_slots) * sizeof(*t->slots));
    for (uint32_t i = n; i-- > t->n_slots;)
        t->idle[t->n_idle++] = i;
    t->n_slots = n;
}

void gh_timers_free(struct gh_timers *t)
{
    free(t->slots);
    free(t->heap);
    free(t->idle);
    *t = (struct gh_timers){0};
}

uint64_t gh_timers_add(struct gh_timers *t, int64_t due_ms, gh_timer_fn *fn, void *arg)
{
    if (!t->n_idle)
        grow_slots(t);
    uint32_t slot = t->idle[--t->n_idle];
    struct gh_timer *timer = &t->slots[slot];
    *timer = (struct gh_timer){.due = due_ms,
                               .order = t->armed++,
                               .fn = fn,
                               .arg = arg,
                               .uses = timer->uses + 1,
                               .armed = true};
    t->heap[t->n_heap] = slot;
    timer->at = t->n_heap++;
    restore_order(t, timer->at);
    return (uint64_t)timer->uses << 32 | (slot + 1);
}

static void remove_slot(struct gh_timers *t, uint32_t slot)
{
    uint32_t at = t->slots[slot].at;
    t->slots[slot].armed = false;
    t->idle[t->n_idle++] = slot;
    uint32_t last = t->heap[--t->n_heap];
    if (at == t->n_heap)
        return;
    put_slot(t, at, last);
    restore_order(t, at);
}

void gh_timers_cancel(struct gh_timers *t, uint64_t id)
{
    uint32_t slot = (uint32_t)id - 1;
    if (id && slot < t->n_slots && t->slots[slot].armed && t->slots[slot].uses == id >> 32)
        remove_slot(t, slot);
}

int gh_timers_wait(const struct gh_timers *t, int64_t now_ms)
{
    if (!t->n_heap)
        return -1;
    int64_t left = t->slots[t->heap[0]].due - now_ms;
    return (int)GH_CLAMP(left, 0, INT_MAX);
}

void gh_timers_run(struct gh_timers *t, int64_t now_ms, struct gh_loop *loop)
{
    uint64_t armed = t->armed;
    int64_t until = gh_mono_us() + RUN_US;
    while (t->n_heap && gh_mono_us() < until) {
        struct gh_timer first = t->slots[t->heap[0]];
        if (first.due > now_ms || first.order >= armed)
            return;
        remove_slot(t, t->heap[0]);
        first.fn(loop, first.arg);
    }
}
