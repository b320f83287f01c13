/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the clock does with events. Times are of the wall clock, so the timer looks again at least
 * once a minute: the clock may be set. Folders are made for what comes, and empty ones removed a
 * week after; what an officer put into one is never touched here. */
#include "daemon/event/event.h"

#include "daemon/event/folder.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>

#define LOOK_MS 60000   /* longest time between two looks at the clock */
#define RETRY_MS 5000   /* the ledger is busy or full */
#define SOON_MS 20      /* changes of one moment are followed together */
#define ANEW_MS 3600000 /* all folders are looked at again */

struct gh_events {
    struct gh_events_parts p;
    uint64_t alarm_timer, folder_timer, anew_timer;
    bool doubted; /* nothing is missed by a clock that is not to be believed: logged once */
};

static void on_alarm(struct gh_loop *loop, void *arg);

static void look_in(struct gh_events *e, int64_t ms)
{
    gh_loop_cancel(e->p.loop, &e->alarm_timer);
    e->alarm_timer = gh_loop_after(e->p.loop, GH_CLAMP(ms, 1, LOOK_MS), on_alarm, e);
}

static bool may_miss(struct gh_events *e, int64_t id)
{
    bool trusted = !e->p.trusted || e->p.trusted(e->p.trusted_arg);
    if (!trusted && !e->doubted)
        gh_log(GH_LOG_WARNING, "events-wait",
               "event=%" PRId64 " why=\"the clock is not to be believed\"", id);
    e->doubted = !trusted;
    return trusted;
}

/* Returns the milliseconds until the next look; 0: at once; -1: nothing is expected. */
static int64_t miss_next(struct gh_events *e)
{
    struct gh_err err = {0};
    enum gh_event_state state = GH_EVENT_STATES;
    int64_t id = 0, at = 0, now = gh_now_ms();
    int r = gh_ledger_next_event_due(e->p.ledger, &id, &at, &err);
    if (r == 0)
        return -1;
    if (r > 0 && at > now)
        return at - now;
    if (r > 0 && !may_miss(e, id))
        return LOOK_MS;
    const struct gh_question_by by = {.who = {.now_ms = now},
                                      .roles = GH_BY_GHATD,
                                      .via = GH_VIA_GHATD,
                                      .held_ms = gh_duty_opening(&e->p.settings->conf, now)};
    if (r >= 0)
        r = gh_ledger_event_due(e->p.ledger, &by, id, &state, &err);
    if (r < 0) {
        gh_log_err(GH_LOG_WARNING, "event-failed", &err, "retry_ms=%d", RETRY_MS);
        return RETRY_MS;
    }
    gh_log(GH_LOG_INFO, "event-due", "event=%" PRId64 " state=%s", id, gh_event_state_name(state));
    return 0;
}

static void on_alarm(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_events *e = arg;
    int64_t ms = miss_next(e);
    e->alarm_timer = 0;
    if (ms >= 0)
        look_in(e, ms);
}

static void on_folder(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_events *e = arg;
    e->folder_timer = 0;
    for (size_t i = 0; i < e->p.settings->departments.n; i++) {
        const struct gh_department *d = e->p.settings->departments.list[i];
        struct gh_err err = {0};
        if (gh_event_folders(&e->p, d, gh_now_ms(), &err) < 0)
            gh_log_err(GH_LOG_WARNING, "event-folder", &err, "department=%s", d->slug);
    }
}

static void on_anew(struct gh_loop *loop, void *arg)
{
    struct gh_events *e = arg;
    gh_events_wake(e);
    e->anew_timer = gh_loop_after(loop, ANEW_MS, on_anew, e);
}

void gh_events_wake(struct gh_events *e)
{
    if (!e->folder_timer)
        e->folder_timer = gh_loop_after(e->p.loop, SOON_MS, on_folder, e);
    look_in(e, 1);
}

struct gh_events *gh_events_open(const struct gh_events_parts *parts)
{
    struct gh_events *e = gh_alloc(sizeof(*e));
    *e = (struct gh_events){.p = *parts};
    on_anew(e->p.loop, e);
    return e;
}

void gh_events_stop(struct gh_events *e)
{
    gh_loop_cancel(e->p.loop, &e->alarm_timer);
    gh_loop_cancel(e->p.loop, &e->folder_timer);
    gh_loop_cancel(e->p.loop, &e->anew_timer);
}

void gh_events_close(struct gh_events **pe)
{
    struct gh_events *e = *pe;
    if (!e)
        return;
    gh_events_stop(e);
    free(e);
    *pe = NULL;
}
