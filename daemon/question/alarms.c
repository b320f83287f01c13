/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the clock does with questions. Alarms are times of the wall clock, so the timer looks again
 * at least once a minute: the clock may be set. What fell due while ghatd did not run goes off once
 * and in order; nothing does while the clock is not to be believed. The folders follow the ledger.
 */
#include "daemon/question/question.h"

#include "daemon/question/folder.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define LOOK_MS 60000   /* longest time between two looks at the clock */
#define RETRY_MS 5000   /* the ledger is busy or full */
#define SOON_MS 20      /* changes of one moment are written together */
#define ANEW_MS 3600000 /* all folders are looked at again */
#define LATE_MS 60000   /* an alarm that goes off so much later is logged as late */

struct gh_questions {
    struct gh_questions_parts p;
    uint64_t alarm_timer, folder_timer, anew_timer;
    struct gh_map changed; /* slugs of departments whose folder is written soon */
    bool doubted;          /* alarms wait for a clock that is to be believed: logged once */
};

/* --------------------------------------------------------------------------------------- alarms */

static void on_alarm(struct gh_loop *loop, void *arg);

static void look_in(struct gh_questions *q, int64_t ms)
{
    gh_loop_cancel(q->p.loop, &q->alarm_timer);
    q->alarm_timer = gh_loop_after(q->p.loop, GH_CLAMP(ms, 1, LOOK_MS), on_alarm, q);
}

/* Whom the card names to be told. */
static unsigned card_of(const struct gh_questions *q, const char *department)
{
    const struct gh_department *d = gh_departments_find(&q->p.settings->departments, department);
    return d ? gh_card_of(d) : 0;
}

static bool may_go_off(struct gh_questions *q, const struct gh_alarm_row *a)
{
    bool trusted = !q->p.trusted || q->p.trusted(q->p.trusted_arg);
    if (!trusted && !q->doubted)
        gh_log(GH_LOG_WARNING, "alarms-wait",
               "question=%" PRId64 " why=\"the clock is not to be believed\"", a->question);
    q->doubted = !trusted;
    return trusted;
}

/* Returns the milliseconds until the next look; 0: at once; -1: there is no alarm. */
static int64_t go_off(struct gh_questions *q)
{
    struct gh_alarm_row a;
    struct gh_err err = {0};
    int64_t now = gh_now_ms();
    int r = gh_ledger_next_alarm(q->p.ledger, &a, &err);
    if (r == 0)
        return -1;
    if (r > 0 && a.at_ms > now)
        return a.at_ms - now;
    if (r > 0 && !may_go_off(q, &a))
        return LOOK_MS;
    const struct gh_question_by by = {.who = {.now_ms = now},
                                      .roles = GH_BY_GHATD,
                                      .via = GH_VIA_GHATD,
                                      .card = r > 0 ? card_of(q, a.department) : 0};
    if (r < 0 || gh_ledger_fire(q->p.ledger, &by, &a, &err) < 0) {
        gh_log_err(GH_LOG_WARNING, "alarm-failed", &err, "retry_ms=%d", RETRY_MS);
        return RETRY_MS;
    }
    gh_log(GH_LOG_INFO, "alarm", "question=%" PRId64 " department=%s kind=%s round=%u late=%s",
           a.question, a.department, gh_alarm_name(a.kind), a.round,
           now - a.at_ms > LATE_MS ? "yes" : "no");
    return 0;
}

static void on_alarm(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_questions *q = arg;
    int64_t ms = go_off(q);
    q->alarm_timer = 0;
    if (ms >= 0)
        look_in(q, ms);
}

/* -------------------------------------------------------------------------------------- folders */

static void on_folder(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_questions *q = arg;
    size_t at = 0;
    q->folder_timer = 0;
    for (char *slug; (slug = gh_map_next(&q->changed, &at));) {
        struct gh_err err = {0};
        const struct gh_department *d = gh_departments_find(&q->p.settings->departments, slug);
        if (d && gh_question_folder(&q->p, d, &err) < 0)
            gh_log_err(GH_LOG_WARNING, "question-not-written", &err, "department=%s", slug);
        free(gh_map_remove(&q->changed, slug, strlen(slug)));
    }
}

static void change(struct gh_questions *q, const char *slug)
{
    if (!gh_map_get(&q->changed, slug, strlen(slug)))
        gh_map_put(&q->changed, slug, strlen(slug), gh_strdup(slug));
    if (!q->folder_timer)
        q->folder_timer = gh_loop_after(q->p.loop, SOON_MS, on_folder, q);
}

static void change_all(struct gh_questions *q)
{
    for (size_t i = 0; i < q->p.settings->departments.n; i++)
        change(q, q->p.settings->departments.list[i]->slug);
}

static void on_anew(struct gh_loop *loop, void *arg)
{
    struct gh_questions *q = arg;
    change_all(q);
    q->anew_timer = gh_loop_after(loop, ANEW_MS, on_anew, q);
}

/* ----------------------------------------------------------------------------------- the outside
 */

void gh_questions_touch(struct gh_questions *q, int64_t question)
{
    GH_AUTO(gh_question_free) struct gh_question it = {0};
    struct gh_err err = {0};
    if (gh_ledger_question(q->p.ledger, question, &it, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "question-not-written", &err, "question=%" PRId64, question);
    else
        change(q, it.department);
    look_in(q, 1);
}

void gh_questions_wake(struct gh_questions *q)
{
    change_all(q);
    look_in(q, 1);
}

struct gh_questions *gh_questions_open(const struct gh_questions_parts *parts)
{
    struct gh_questions *q = gh_alloc(sizeof(*q));
    *q = (struct gh_questions){.p = *parts};
    look_in(q, 1);
    on_anew(q->p.loop, q);
    return q;
}

void gh_questions_stop(struct gh_questions *q)
{
    gh_loop_cancel(q->p.loop, &q->alarm_timer);
    gh_loop_cancel(q->p.loop, &q->folder_timer);
    gh_loop_cancel(q->p.loop, &q->anew_timer);
}

void gh_questions_close(struct gh_questions **pq)
{
    struct gh_questions *q = *pq;
    size_t at = 0;
    if (!q)
        return;
    gh_questions_stop(q);
    for (char *slug; (slug = gh_map_next(&q->changed, &at));)
        free(slug);
    gh_map_free(&q->changed);
    free(q);
    *pq = NULL;
}
