/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two short lists: the decisions that can be undone, the embargoes that were seen. */
#include "daemon/publish/waits.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>

#define DISTRUST_MS 60000 /* between two looks at a clock that is not trusted */

struct gh_wait {
    int64_t decision, until_ms; /* monotonic */
};

void gh_waits_free(struct gh_waits *w)
{
    free(w->undo);
    free(w->embargoes);
    *w = (struct gh_waits){0};
}

static struct gh_wait *find(const struct gh_waits *w, int64_t decision)
{
    for (size_t i = 0; i < w->n_undo; i++)
        if (w->undo[i].decision == decision)
            return &w->undo[i];
    return NULL;
}

int64_t gh_waits_undo_left(struct gh_waits *w, int64_t decision, int64_t undo_ms)
{
    const struct gh_wait *at = find(w, decision);
    int64_t now = gh_mono_ms();
    if (!at && undo_ms > 0) {
        w->undo = gh_realloc(w->undo, (w->n_undo + 1) * sizeof(*w->undo));
        w->undo[w->n_undo] = (struct gh_wait){decision, now + undo_ms};
        at = &w->undo[w->n_undo++];
    }
    return at ? GH_MAX(at->until_ms - now, (int64_t)0) : 0;
}

void gh_waits_forget(struct gh_waits *w, int64_t decision)
{
    struct gh_wait *at = find(w, decision);
    if (at)
        *at = w->undo[--w->n_undo];
}

void gh_waits_tidy(struct gh_waits *w)
{
    int64_t now = gh_mono_ms(), wall = gh_now_ms();
    for (size_t i = w->n_undo; i > 0; i--)
        if (w->undo[i - 1].until_ms <= now)
            w->undo[i - 1] = w->undo[--w->n_undo];
    for (size_t i = w->n_embargoes; i > 0; i--)
        if (gh_embargo_left_ms(&w->embargoes[i - 1], wall, now) == 0)
            w->embargoes[i - 1] = w->embargoes[--w->n_embargoes];
}

int64_t gh_waits_next(const struct gh_waits *w)
{
    int64_t next = INT64_MAX, now = gh_mono_ms(), wall = gh_now_ms();
    for (size_t i = 0; i < w->n_undo; i++)
        next = GH_MIN(next, w->undo[i].until_ms - now);
    for (size_t i = 0; i < w->n_embargoes; i++)
        next = GH_MIN(next, gh_embargo_left_ms(&w->embargoes[i], wall, now));
    return GH_MAX(next, (int64_t)1);
}

/* ------------------------------------------------------------------------------------ embargoes */

int64_t gh_embargo_left_ms(const struct gh_embargo_seen *e, int64_t wall_ms, int64_t mono_ms)
{
    int64_t by_wall = e->until_ms - wall_ms,
            by_mono = e->until_ms - e->wall_ms - (mono_ms - e->mono_ms);
    return GH_MAX(GH_MAX(by_wall, by_mono), (int64_t)0);
}

int64_t gh_waits_embargo_left(struct gh_waits *w, int64_t submission, int64_t until_ms,
                              bool trusted)
{
    struct gh_embargo_seen *at = NULL;
    int64_t wall = gh_now_ms(), mono = gh_mono_ms();
    if (until_ms == 0)
        return 0;
    for (size_t i = 0; i < w->n_embargoes; i++)
        if (w->embargoes[i].submission == submission)
            at = &w->embargoes[i];
    if (at && (at->until_ms != until_ms || !trusted)) {
        *at = w->embargoes[--w->n_embargoes]; /* another one, or to be seen by a right clock */
        at = NULL;
    }
    if (!trusted)
        return DISTRUST_MS;
    if (!at && until_ms > wall) {
        w->embargoes = gh_realloc(w->embargoes, (w->n_embargoes + 1) * sizeof(*w->embargoes));
        at = &w->embargoes[w->n_embargoes++];
        *at = (struct gh_embargo_seen){submission, until_ms, wall, mono};
    }
    int64_t left = at ? gh_embargo_left_ms(at, wall, mono) : 0;
    if (left > 0 && until_ms <= wall)
        gh_log(GH_LOG_NOTICE, "embargo-goes-on",
               "id=%" PRId64 " left_ms=%" PRId64 " why=%s advice=%s", submission, left,
               gh_log_quote("the clock was set ahead"),
               gh_log_quote("if it is right now: ghat doctor --confirm-clock"));
    return left;
}

void gh_waits_clock_is_right(struct gh_waits *w)
{
    w->n_embargoes = 0;
}
