/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See forecast.h. */
#include "daemon/forecast.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/eta.h"
#include "daemon/work.h"

#include <inttypes.h>
#include <stdio.h>

#define SETTING "pace" /* "<photo_ms> <video_ms>" */
#define LOOK_MS 1000
#define COST_TIMES 20

struct left {
    int64_t submission, ms; /* -1: no telling */
};

struct gh_forecast {
    struct gh_daemon *d;
    struct gh_pace pace, kept;
    int64_t next_ms; /* when to look again, monotonic */
    struct left *lefts;
    size_t n_lefts; /* sorted by submission, one each */
    struct gh_queue queue;
    struct gh_lane lanes[2]; /* photos, videos: busy with all that waits, too */
};

struct gh_forecast *gh_forecast_open(struct gh_daemon *d)
{
    struct gh_forecast *f = gh_alloc(sizeof(*f));
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err = {0};
    *f = (struct gh_forecast){.d = d, .queue = {.left_ms = -1}};
    if (gh_ledger_setting(d->ledger, SETTING, &text, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "pace-not-read", &err, "kept=none");
    if (text && sscanf(text, "%" SCNd64 " %" SCNd64, &f->pace.photo_ms, &f->pace.video_ms) != 2)
        f->pace = (struct gh_pace){0};
    f->kept = f->pace;
    return f;
}

void gh_forecast_close(struct gh_forecast **pf)
{
    struct gh_forecast *f = *pf;
    if (!f)
        return;
    free(f->lefts);
    free(f);
    *pf = NULL;
}

/* ------------------------------------------------------------------------------------------- learning */

void gh_forecast_learn(struct gh_forecast *f, enum gh_media media, uint64_t bytes, int64_t ms)
{
    if (f)
        gh_pace_learn(&f->pace, media, bytes, ms);
}

static bool moved(int64_t now, int64_t kept)
{
    return now != kept && (now - kept > kept / 10 || kept - now > kept / 10);
}

int gh_forecast_keep(struct gh_forecast *f, struct gh_err *err)
{
    char text[64];
    if (!f || (!moved(f->pace.photo_ms, f->kept.photo_ms) && !moved(f->pace.video_ms, f->kept.video_ms)))
        return 0;
    snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, f->pace.photo_ms, f->pace.video_ms);
    TRY(gh_ledger_set_setting(f->d->ledger, SETTING, text, err));
    f->kept = f->pace;
    return 0;
}

/* ------------------------------------------------------------------------------------------- looking */

struct look {
    struct gh_wait *list;
    size_t n, cap;
    uint32_t department;
    char last[64]; /* department */
    int64_t now_ms;
};

static void add_left(struct gh_forecast *f, int64_t submission, int64_t ms)
{
    if (f->n_lefts % 256 == 0)
        f->lefts = gh_realloc(f->lefts, (f->n_lefts + 256) * sizeof(*f->lefts));
    f->lefts[f->n_lefts++] = (struct left){submission, ms};
}

static void add_running(const struct gh_progress_row *row, void *arg)
{
    struct gh_forecast *f = arg;
    int64_t takes = gh_pace_of(&f->pace, row->media, row->bytes);
    int64_t left = row->left_ms >= 0 ? row->left_ms : takes < 0 ? -1 : GH_MAX(takes - row->ran_ms, takes / 10);
    f->lanes[row->media == GH_VIDEO].busy_ms += GH_MAX(left, (int64_t)0);
    add_left(f, row->submission, left);
}

static bool add_waiting(const struct gh_due *due, void *arg)
{
    struct look *k = arg;
    if (k->n == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 256;
        k->list = gh_realloc(k->list, k->cap * sizeof(*k->list));
    }
    k->department += !gh_streq(due->department, k->last);
    GH_COPY(k->last, due->department);
    k->list[k->n++] = (struct gh_wait){.submission = due->submission,
                                       .bytes = due->bytes,
                                       .department = k->department,
                                       .media = due->guess,
                                       .urgent = due->urgent,
                                       .not_before_ms = GH_MAX(due->not_before_ms - k->now_ms, (int64_t)0)};
    return true;
}

static int by_submission(const void *a, const void *b)
{
    const struct left *x = a, *y = b;
    return x->submission != y->submission ? (x->submission > y->submission) - (x->submission < y->submission)
                                          : (x->ms > y->ms) - (x->ms < y->ms);
}

/* One for each submission: the last of its files, or no telling when there is none for one of them. */
static void merge(struct gh_forecast *f)
{
    size_t n = 0;
    if (f->n_lefts)
        qsort(f->lefts, f->n_lefts, sizeof(*f->lefts), by_submission);
    for (size_t i = 0; i < f->n_lefts; i++) {
        if (n && f->lefts[n - 1].submission == f->lefts[i].submission)
            f->lefts[n - 1].ms = f->lefts[n - 1].ms < 0 ? -1 : f->lefts[i].ms;
        else
            f->lefts[n++] = f->lefts[i];
    }
    f->n_lefts = n;
}

static void wait_row(struct gh_forecast *f, const struct gh_wait *w)
{
    bool video = w->media == GH_VIDEO;
    *(video ? &f->queue.videos : &f->queue.photos) += 1;
    f->lanes[video].busy_ms += GH_MAX(gh_pace_of(&f->pace, w->media, w->bytes), (int64_t)0);
    f->queue.left_ms = w->left_ms < 0 || f->queue.left_ms < 0 ? -1 : GH_MAX(f->queue.left_ms, w->left_ms);
    add_left(f, w->submission, w->left_ms);
}

static void look(struct gh_forecast *f)
{
    struct gh_daemon *d = f->d;
    struct gh_work_stats work = {.slots = 1, .video_slots = 1};
    struct look k = {.now_ms = gh_now_ms()};
    struct gh_err err = {0};
    int64_t began = gh_mono_ms();
    if (began < f->next_ms)
        return;
    f->n_lefts = 0;
    if (d->workshop)
        gh_work_stats(d->workshop, &work);
    f->lanes[0] = (struct gh_lane){.slots = work.slots};
    f->lanes[1] = (struct gh_lane){.slots = work.video_slots};
    if (d->workshop)
        gh_work_progress(d->workshop, 0, add_running, f);
    if (gh_ledger_each_due(d->ledger, add_waiting, &k, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "no-forecast", &err, "files=%zu", k.n);
    gh_eta(&f->pace, &f->lanes[0], &f->lanes[1], k.list, k.n);
    f->queue = (struct gh_queue){0};
    for (size_t i = 0; i < k.n; i++)
        wait_row(f, &k.list[i]);
    merge(f);
    free(k.list);
    f->next_ms = began + GH_MAX((gh_mono_ms() - began) * COST_TIMES, (int64_t)LOOK_MS);
}

/* It came after the last look: behind all that waited then. */
static int64_t at_the_end(const struct gh_forecast *f, const struct gh_item *item)
{
    int64_t left = -1;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *file = &item->files[i];
        if (file->work != GH_WORK_DUE && file->work != GH_WORK_RUNNING)
            continue;
        const struct gh_lane *lane = &f->lanes[file->guess == GH_VIDEO];
        int64_t takes = gh_pace_of(&f->pace, file->guess, file->size);
        if (takes < 0)
            return -1;
        left = GH_MAX(left, lane->busy_ms / GH_MAX(lane->slots, 1u) + takes);
    }
    return left;
}

int64_t gh_forecast_left_ms(struct gh_forecast *f, const struct gh_item *item)
{
    if (!f || (item->sub.state != GH_SUB_RECEIVED && item->sub.state != GH_SUB_RENDERING))
        return -1;
    look(f);
    size_t lo = 0, hi = f->n_lefts;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (f->lefts[mid].submission < item->sub.id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->n_lefts && f->lefts[lo].submission == item->sub.id ? f->lefts[lo].ms : at_the_end(f, item);
}

void gh_forecast_queue(struct gh_forecast *f, struct gh_queue *ret)
{
    *ret = (struct gh_queue){.left_ms = -1};
    if (!f)
        return;
    look(f);
    *ret = f->queue;
}
