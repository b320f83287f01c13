/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings the paces, the files in work and the waiting files together. Owns the results, which are
 * kept until the next refresh. */
#include "daemon/attempt/forecast.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>

/* The ledger's setting: "<photo_ms> <video_ms>". */
#define SETTING "pace"
/* Results are kept for this time, and for COST_FACTOR times as long as the refresh took. */
#define REFRESH_MS 1000
#define COST_FACTOR 20
/* Elements an array grows by. */
#define GROW 256

struct remaining {
    int64_t submission, ms; /* -1: no estimate */
};

struct gh_forecast {
    struct gh_ledger *ledger;
    gh_running_fn *running; /* NULL: nothing is in work */
    void *running_arg;
    struct gh_pace pace, kept;   /* now; as kept in the ledger */
    int64_t next_ms;             /* of the next refresh, monotonic */
    struct remaining *remaining; /* sorted by submission, one each */
    size_t n_remaining;
    struct gh_queue queue;
    struct gh_eta_lane lanes[2]; /* photos, videos; busy with the waiting files, too */
};

struct gh_forecast *gh_forecast_open(struct gh_ledger *ledger)
{
    struct gh_forecast *f = gh_alloc(sizeof(*f));
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err = {0};
    *f = (struct gh_forecast){.ledger = ledger, .queue = {.left_ms = -1}};
    if (gh_ledger_setting(ledger, SETTING, &text, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "pace-not-read", &err, "kept=none");
    if (text && sscanf(text, "%" SCNd64 " %" SCNd64, &f->pace.photo_ms, &f->pace.video_ms) != 2)
        f->pace = (struct gh_pace){0};
    f->kept = f->pace;
    return f;
}

void gh_forecast_follow(struct gh_forecast *f, gh_running_fn *running, void *arg)
{
    f->running = running;
    f->running_arg = arg;
}

void gh_forecast_close(struct gh_forecast **pf)
{
    struct gh_forecast *f = *pf;
    if (!f)
        return;
    free(f->remaining);
    free(f);
    *pf = NULL;
}

/* ------------------------------------------------------------------------------------- learning */

void gh_forecast_learn(struct gh_forecast *f, enum gh_media media, uint64_t bytes, int64_t ms)
{
    if (f)
        gh_pace_learn(&f->pace, media, bytes, ms);
}

static bool pace_moved(int64_t now, int64_t kept)
{
    return now != kept && (now - kept > kept / 10 || kept - now > kept / 10);
}

int gh_forecast_keep(struct gh_forecast *f, struct gh_err *err)
{
    char text[64];
    if (!f || (!pace_moved(f->pace.photo_ms, f->kept.photo_ms) &&
               !pace_moved(f->pace.video_ms, f->kept.video_ms)))
        return 0;
    snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, f->pace.photo_ms, f->pace.video_ms);
    TRY(gh_ledger_set_setting(f->ledger, SETTING, text, err));
    f->kept = f->pace;
    return 0;
}

/* ----------------------------------------------------------------------------------- refreshing */

/* The ledger's queue. */
struct due_files {
    struct gh_wait *list;
    size_t n, cap;
    uint32_t department; /* number of the last one */
    char last[64];       /* its slug */
    int64_t now_ms;
};

static void add_remaining(struct gh_forecast *f, int64_t submission, int64_t ms)
{
    if (f->n_remaining % GROW == 0)
        f->remaining = gh_realloc(f->remaining, (f->n_remaining + GROW) * sizeof(*f->remaining));
    f->remaining[f->n_remaining++] = (struct remaining){submission, ms};
}

static void add_running(const struct gh_progress_row *row, void *arg)
{
    struct gh_forecast *f = arg;
    int64_t takes = gh_pace_of(&f->pace, row->media, row->bytes);
    int64_t left = row->left_ms >= 0 ? row->left_ms
                   : takes < 0       ? -1
                                     : GH_MAX(takes - row->ran_ms, takes / 10);
    f->lanes[row->media == GH_VIDEO].busy_ms += GH_MAX(left, (int64_t)0);
    add_remaining(f, row->submission, left);
}

static bool add_waiting(const struct gh_due *due, void *arg)
{
    struct due_files *k = arg;
    if (k->n == k->cap) {
        k->cap = k->cap ? k->cap * 2 : GROW;
        k->list = gh_realloc(k->list, k->cap * sizeof(*k->list));
    }
    k->department += !gh_streq(due->department, k->last);
    GH_COPY(k->last, due->department);
    k->list[k->n++] =
        (struct gh_wait){.submission = due->submission,
                         .bytes = due->bytes,
                         .department = k->department,
                         .media = due->guess,
                         .urgent = due->urgent,
                         .not_before_ms = GH_MAX(due->not_before_ms - k->now_ms, (int64_t)0)};
    return true;
}

static int by_submission(const void *a, const void *b)
{
    const struct remaining *x = a, *y = b;
    return x->submission != y->submission
               ? (x->submission > y->submission) - (x->submission < y->submission)
               : (x->ms > y->ms) - (x->ms < y->ms);
}

/* Keep one for each submission: the time of its last file, or no estimate when one of its files has
 * none. */
static void merge_remaining(struct gh_forecast *f)
{
    size_t n = 0;
    if (f->n_remaining)
        qsort(f->remaining, f->n_remaining, sizeof(*f->remaining), by_submission);
    for (size_t i = 0; i < f->n_remaining; i++) {
        if (n && f->remaining[n - 1].submission == f->remaining[i].submission)
            f->remaining[n - 1].ms = f->remaining[n - 1].ms < 0 ? -1 : f->remaining[i].ms;
        else
            f->remaining[n++] = f->remaining[i];
    }
    f->n_remaining = n;
}

static void add_wait(struct gh_forecast *f, const struct gh_wait *w)
{
    bool video = w->media == GH_VIDEO;
    *(video ? &f->queue.videos : &f->queue.photos) += 1;
    f->lanes[video].busy_ms += GH_MAX(gh_pace_of(&f->pace, w->media, w->bytes), (int64_t)0);
    f->queue.left_ms =
        w->left_ms < 0 || f->queue.left_ms < 0 ? -1 : GH_MAX(f->queue.left_ms, w->left_ms);
    add_remaining(f, w->submission, w->left_ms);
}

static void forecast_refresh(struct gh_forecast *f)
{
    struct due_files k = {.now_ms = gh_now_ms()};
    struct gh_err err = {0};
    int64_t began = gh_mono_ms();
    if (began < f->next_ms)
        return;
    f->n_remaining = 0;
    f->lanes[0] = f->lanes[1] = (struct gh_eta_lane){.slots = 1};
    if (f->running)
        f->running(f->running_arg, &f->lanes[0].slots, &f->lanes[1].slots, add_running, f);
    if (gh_ledger_each_due(f->ledger, add_waiting, &k, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "no-forecast", &err, "files=%zu", k.n);
    gh_eta(&f->pace, &f->lanes[0], &f->lanes[1], k.list, k.n);
    f->queue = (struct gh_queue){0};
    for (size_t i = 0; i < k.n; i++)
        add_wait(f, &k.list[i]);
    merge_remaining(f);
    free(k.list);
    f->next_ms = began + GH_MAX((gh_mono_ms() - began) * COST_FACTOR, (int64_t)REFRESH_MS);
}

/* The estimate for a submission that came after the last refresh: behind all that waited then. */
static int64_t left_at_the_end(const struct gh_forecast *f, const struct gh_item *item)
{
    int64_t left = -1;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *file = &item->files[i];
        if (file->work != GH_WORK_DUE && file->work != GH_WORK_RUNNING)
            continue;
        const struct gh_eta_lane *lane = &f->lanes[file->guess == GH_VIDEO];
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
    forecast_refresh(f);
    size_t lo = 0, hi = f->n_remaining;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (f->remaining[mid].submission < item->sub.id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->n_remaining && f->remaining[lo].submission == item->sub.id
               ? f->remaining[lo].ms
               : left_at_the_end(f, item);
}

void gh_forecast_queue(struct gh_forecast *f, struct gh_queue *ret)
{
    *ret = (struct gh_queue){.left_ms = -1};
    if (!f)
        return;
    forecast_refresh(f);
    *ret = f->queue;
}
