/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Claim, engine job, staging, report: one attempt after another. An attempt is counted in the ledger before a byte of
 * its file is read. Outputs of a photo are staged together, those of a video as they are ready, so that they can be
 * decided while the rest is made.
 */
#include "daemon/work.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/credit.h"
#include "daemon/forecast.h"
#include "daemon/making.h"
#include "daemon/names.h"
#include "daemon/space.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define TROUBLE_MS 2000
#define WORK_NICE 5  /* below ghatd, which answers people, and the file server */
#define PACE_MS 2000 /* a pace is one after so long and so much */
#define PACE_PERMILLE 10
#define TROUBLE_MAX_MS 60000

struct gh_workshop {
    struct gh_daemon *d;
    struct gh_making *first;
    unsigned photos, videos, slots, video_slots;
    uint64_t timer;
    int64_t timer_due, trouble_ms;
    bool stopping;
};

static void pump(struct gh_workshop *w);
static void flush(struct gh_making *a);

/* ------------------------------------------------------------------------------------------- attempts */

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_workshop *w = arg;
    w->timer = 0;
    pump(w);
}

static void pump_in(struct gh_workshop *w, int64_t ms)
{
    int64_t due = gh_mono_ms() + ms;
    if (w->stopping || (w->timer && w->timer_due <= due))
        return;
    gh_loop_cancel(w->d->loop, &w->timer);
    w->timer_due = due;
    w->timer = gh_loop_after(w->d->loop, ms, on_timer, w);
}

void gh_work_wake(struct gh_workshop *w)
{
    pump_in(w, 0);
}

/* The ledger or the disk will not have it now: wait, longer each time. */
static void trouble(struct gh_workshop *w, const struct gh_err *err, const char *what)
{
    gh_log_err(err->cls == GH_AGAIN ? GH_LOG_WARNING : GH_LOG_ERROR, what, err, "wait_ms=%" PRId64, w->trouble_ms);
    if (err->cls == GH_AGAIN && err->code == ENOSPC)
        gh_space_full(w->d);
    pump_in(w, w->trouble_ms);
    w->trouble_ms = GH_MIN(w->trouble_ms * 2, TROUBLE_MAX_MS);
}

static void ledger_trouble(struct gh_workshop *w, const struct gh_err *err)
{
    trouble(w, err, "ledger-failed");
    gh_daemon_trouble(w->d, err);
}

static void attempt_over(struct gh_making *a)
{
    struct gh_workshop *w = a->w;
    for (struct gh_making **p = &w->first; *p; p = &(*p)->next)
        if (*p == a) {
            *p = a->next;
            break;
        }
    *(a->claim.guess == GH_VIDEO ? &w->videos : &w->photos) -= 1;
    gh_making_free(a);
    pump_in(w, 0);
}

/* After something was staged, or at the end: tell the ledger. */
static void tell(struct gh_making *a)
{
    static const char *const ends[] = {[GH_END_DONE] = "made",
                                       [GH_END_INPUT] = "refused-input",
                                       [GH_END_CRASHED] = "crashed",
                                       [GH_END_OURS] = "interrupted",
                                       [GH_END_CANCELLED] = "interrupted"};
    struct gh_err err = {0};
    bool bad = false;
    if (a->ended && a->end == GH_END_DONE && !a->again && !a->old_work && a->begun_ms)
        gh_forecast_learn(a->d->forecast, a->media, a->claim.size, gh_mono_ms() - a->begun_ms);
    if (!a->lost && gh_making_report(a, &bad, &err) < 0) {
        a->lost = true;
        if (err.cls != GH_AGAIN || err.code != ESTALE)
            ledger_trouble(a->w, &err);
        if (a->job)
            gh_job_cancel(a->job);
    }
    if (!a->ended)
        return;
    size_t staged = 0;
    for (size_t i = 0; i < a->n_rows; i++)
        staged += a->rows[i].made == GH_ROW_STAGED;
    if (*a->err.msg)
        gh_log_err(a->end == GH_END_CRASHED || a->end == GH_END_OURS ? GH_LOG_WARNING : GH_LOG_INFO, ends[a->end],
                   &a->err, "id=%" PRId64 " file=%" PRId64 " attempt=%u staged=%zu%s", a->claim.submission,
                   a->claim.file, a->claim.attempt, staged, bad ? " given-up=yes" : "");
    else
        gh_log(GH_LOG_INFO, a->lost ? "superseded" : ends[a->end],
               "id=%" PRId64 " file=%" PRId64 " attempt=%u staged=%zu", a->claim.submission, a->claim.file,
               a->claim.attempt, staged);
    if (a->end == GH_END_OURS)
        pump_in(a->w, TROUBLE_MS);
    attempt_over(a);
}

static void store_work(void *arg)
{
    gh_making_store(arg);
}

static void store_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_making *a = arg;
    a->storing = false;
    for (size_t k = 0; k < a->n_store; k++)
        if (!a->store_err.cls)
            a->rows[a->store[k]].made = GH_ROW_STAGED;
    if (a->store_err.cls) {
        a->again = true;
        a->err = a->store_err;
        for (size_t k = 0; k < a->n_store; k++)
            a->rows[a->store[k]].made = GH_ROW_NOT;
        trouble(a->w, &a->store_err, "cannot-stage");
    } else {
        a->w->trouble_ms = TROUBLE_MS;
        for (size_t i = 0; i < GH_LEN(a->fds); i++) {
            bool wanted = false;
            for (size_t r = 0; r < a->n_rows; r++)
                wanted |= a->rows[r].made == GH_ROW_FILE && a->rows[r].encode == i;
            if (!wanted)
                gh_close_fd(&a->fds[i]);
        }
    }
    flush(a);
}

/* Stage what is ready, else report. */
static void flush(struct gh_making *a)
{
    if (a->storing)
        return;
    bool photo = a->media == GH_PHOTO;
    if ((a->ended || !photo) && !a->again && gh_making_collect(a)) {
        a->storing = true;
        a->staging = a->d->dirs.staging;
        a->archive = a->d->dirs.archive;
        a->spool = a->d->dirs.spool;
        gh_loop_submit(a->d->loop, store_work, store_done, a);
        return;
    }
    if (a->ended || !photo)
        tell(a);
}

/* ------------------------------------------------------------------------------------------- engine callbacks */

static void on_probe(struct gh_job *job, const struct gh_probe *probe, void *arg)
{
    (void)job;
    struct gh_making *a = arg;
    a->media = (enum gh_media)probe->media;
    a->begun_ms = gh_mono_ms();
    a->found = probe->meta;
    free(a->probe);
    a->probe = gh_making_probe_json(probe);
}

static bool on_plan(struct gh_job *job, const struct gh_plan *plan, void *arg)
{
    (void)job;
    struct gh_making *a = arg;
    gh_making_plan(a, plan);
    a->old_work = gh_making_reuse(a);
    if (a->old_work)
        return false;
    if (a->media == GH_VIDEO)
        tell(a);
    return !a->lost;
}

static void on_progress(struct gh_job *job, unsigned permille, void *arg)
{
    (void)job;
    struct gh_making *a = arg;
    if (!a->first_ms) {
        a->first_ms = gh_mono_ms();
        a->first_permille = permille;
    }
    a->permille = permille;
}

static void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *output, void *arg)
{
    (void)job;
    struct gh_making *a = arg;
    if (output->result.kept_us > 0)
        gh_log(GH_LOG_INFO, "resumed", "id=%" PRId64 " file=%" PRId64 " attempt=%u encode=%u at_ms=%" PRId64,
               a->claim.submission, a->claim.file, a->claim.attempt, output->encode, output->result.kept_us / 1000);
    a->old_work |= output->result.kept_us > 0;
    if (output->result.fell_back[0] && !a->fell_back)
        gh_log(GH_LOG_WARNING, "encoder-fallback", "id=%" PRId64 " file=%" PRId64 " attempt=%u encode=%u why=%s",
               a->claim.submission, a->claim.file, a->claim.attempt, output->encode,
               gh_log_quote(output->result.fell_back));
    a->fell_back = a->fell_back || output->result.fell_back[0];
    gh_making_output(a, plan, output);
    flush(a);
}

static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct gh_making *a = arg;
    a->job = NULL;
    a->ended = true;
    a->end = end;
    if (err && err->cls && !a->again)
        a->err = *err;
    if (end != GH_END_DONE && err && err->cls == GH_AGAIN)
        a->again = true;
    flush(a);
}

static const struct gh_job_ops ops = {
    .on_probe = on_probe,
    .on_plan = on_plan,
    .on_progress = on_progress,
    .on_output = on_output,
    .on_end = on_end,
};

/* ------------------------------------------------------------------------------------------- claiming */

static void slug_of(const struct gh_file *f, char ret[64])
{
    const char *slash = strrchr(f->name, '/'), *name = slash ? slash + 1 : f->name;
    GH_AUTO_FREE char *stem = gh_strndup(name, gh_name_stem(name));
    gh_slug(stem, ret, 64);
}

/* An ASCII stem no earlier file of the submission has. */
static void name_outputs(struct gh_making *a, const struct gh_item *item)
{
    char slug[64];
    const struct gh_file *own = item->files;
    while (own->id != a->claim.file)
        own++; /* it is one of them: the claim says so */
    slug_of(own, slug);
    GH_COPY(a->stem, slug);
    a->name = gh_strndup(own->name, own->name_len);
    a->name_len = own->name_len;
    a->dropped_ms = item->sub.dropped_ms;
    for (const struct gh_file *f = item->files; f < own; f++) {
        slug_of(f, slug);
        if (f->role != GH_ROLE_MEDIA || !gh_streq(slug, a->stem))
            continue;
        snprintf(a->stem + strlen(a->stem), sizeof(a->stem) - strlen(a->stem), "-%" PRId64, a->claim.file);
        return;
    }
}

static int start(struct gh_making *a, struct gh_err *err)
{
    struct gh_daemon *d = a->d;
    struct gh_item item = {0};
    int in_fd = -1;
    struct gh_plan_opts opts = {0};
    TRY(gh_ledger_thumb(d->ledger, a->claim.submission, &opts.thumb_at_us, err));
    TRY(gh_ledger_focal(d->ledger, a->claim.submission, &opts, err));
    TRY(gh_ledger_get(d->ledger, a->claim.submission, &item, err));
    name_outputs(a, &item);
    gh_item_free(&item);
    if (gh_open_beneath(d->dirs.spool, a->claim.sha256, O_RDONLY, &in_fd, err) < 0)
        return gh_fail_prefix(err, "the original is missing in the spool");
    const struct gh_department *dept = gh_daemon_department(d, a->claim.department);
    const struct gh_conf *c = &d->conf;
    GH_AUTO_FREE const char **names = gh_alloc((a->claim.n_wanted + 1) * sizeof(*names));
    for (size_t i = 0; i < a->claim.n_wanted; i++)
        names[i] = a->claim.wanted[i];
    struct gh_credit credit;
    gh_credit_of(c, dept ? dept->title : NULL, &credit);
    opts.names = a->claim.n_wanted ? names : NULL;
    opts.n_names = a->claim.n_wanted;
    opts.policy = (enum gh_policy)(dept ? dept->policy : c->policy);
    opts.artist = credit.artist;
    opts.copyright = credit.copyright;
    opts.overlays = d->overlays;
    if (dept) {
        GH_COPY(opts.logo, dept->logo_id);
        GH_COPY(opts.label, dept->label_id);
        memcpy(opts.extra, dept->overlays, sizeof(opts.extra));
        opts.n_extra = dept->n_overlays;
    }
    struct gh_job_req req = {
        .in_fd = in_fd,
        .out_dir = d->dirs.work,
        .goal = GH_GOAL_RENDER,
        .source_sha256 = a->claim.sha256,
        .profiles = d->profiles,
        .opts = opts,
        .urgent = a->claim.urgent,
        .nice = WORK_NICE,
    };
    return gh_engine_submit(d->engine, &req, &ops, a, &a->job, err);
}

/* Claim one file of these media. Returns 1, or 0 when there is none. */
static int claim_one(struct gh_workshop *w, unsigned media, int64_t *ret_next_ms, struct gh_err *err)
{
    struct gh_making *a = gh_alloc(sizeof(*a));
    *a = (struct gh_making){.w = w, .d = w->d};
    for (size_t i = 0; i < GH_LEN(a->fds); i++)
        a->fds[i] = -1;
    int r = gh_ledger_claim(w->d->ledger, NULL, media, 0, &a->claim, ret_next_ms, err);
    if (r <= 0) {
        free(a);
        return r;
    }
    a->next = w->first;
    w->first = a;
    *(a->claim.guess == GH_VIDEO ? &w->videos : &w->photos) += 1;
    if (start(a, &a->err) < 0) {
        a->ended = true;
        a->end = GH_END_OURS;
        tell(a);
    }
    return 1;
}

unsigned gh_work_wanted(const struct gh_work_stats *now)
{
    unsigned photos = now->photos < 2 * now->slots ? 1u << GH_PHOTO | 1u << GH_MEDIA_NONE : 0;
    unsigned videos = now->videos < now->video_slots ? 1u << GH_VIDEO : 0;
    return photos | videos;
}

static void pump(struct gh_workshop *w)
{
    struct gh_err err = {0};
    int64_t next = 0;
    if (w->stopping || !gh_engine_healthy(w->d->engine)) {
        pump_in(w, TROUBLE_MS);
        return;
    }
    struct gh_work_stats now;
    gh_work_stats(w, &now);
    unsigned media = gh_work_wanted(&now);
    if (media && !gh_space_enough(w->d)) {
        pump_in(w, GH_SPACE_RETRY_MS);
        return;
    }
    int r = media ? claim_one(w, media, &next, &err) : 0;
    if (r < 0)
        ledger_trouble(w, &err);
    else if (r > 0)
        pump_in(w, 0); /* a claim is a sync of the disk: others get their turn before the next */
    else if (next)
        pump_in(w, GH_CLAMP(next - gh_now_ms(), 10, 3600 * 1000));
}

void gh_work_check(struct gh_workshop *w, const struct gh_item *item)
{
    for (struct gh_making *a = w->first; a; a = a->next) {
        if (a->claim.submission != item->sub.id || a->lost)
            continue;
        for (size_t i = 0; i < item->n_files; i++)
            if (item->files[i].id == a->claim.file && item->files[i].token != a->claim.token) {
                a->lost = true;
                if (a->job)
                    gh_job_cancel(a->job);
            }
    }
}

/* ------------------------------------------------------------------------------------------- life */

int gh_work_open(struct gh_daemon *d, struct gh_workshop **ret, struct gh_err *err)
{
    (void)err;
    struct gh_workshop *w = gh_alloc(sizeof(*w));
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    *w = (struct gh_workshop){.d = d, .trouble_ms = TROUBLE_MS};
    w->slots = d->conf.workers ? d->conf.workers : cpus > 0 ? (unsigned)cpus : 1;
    w->video_slots = d->conf.video_workers ? d->conf.video_workers : 1;
    *ret = w;
    pump_in(w, 0);
    return 0;
}

void gh_work_stop(struct gh_workshop *w)
{
    w->stopping = true;
    gh_loop_cancel(w->d->loop, &w->timer);
    for (struct gh_making *a = w->first; a; a = a->next)
        if (a->job)
            gh_job_cancel(a->job);
}

bool gh_work_busy(const struct gh_workshop *w)
{
    return w->first != NULL;
}

void gh_work_close(struct gh_workshop **p)
{
    struct gh_workshop *w = *p;
    if (!w)
        return;
    gh_loop_cancel(w->d->loop, &w->timer);
    while (w->first) {
        struct gh_making *a = w->first;
        w->first = a->next;
        gh_making_free(a);
    }
    free(w);
    *p = NULL;
}

void gh_work_stats(const struct gh_workshop *w, struct gh_work_stats *ret)
{
    *ret = (struct gh_work_stats){
        .photos = w->photos, .videos = w->videos, .slots = w->slots, .video_slots = w->video_slots};
}

int64_t gh_progress_left_ms(unsigned first, unsigned permille, int64_t elapsed_ms)
{
    if (elapsed_ms < PACE_MS || permille < first + PACE_PERMILLE || permille > 1000)
        return -1;
    return elapsed_ms * (1000 - permille) / (permille - first);
}

void gh_work_progress(const struct gh_workshop *w, int64_t submission,
                      void (*row)(const struct gh_progress_row *row, void *arg), void *arg)
{
    for (const struct gh_making *a = w->first; a; a = a->next) {
        if (a->lost || (submission && a->claim.submission != submission))
            continue;
        const struct gh_progress_row found = {
            .submission = a->claim.submission,
            .file = a->claim.file,
            .name = a->name,
            .name_len = a->name_len,
            .media = a->media ? a->media : a->claim.guess,
            .permille = a->permille,
            .left_ms =
                a->first_ms ? gh_progress_left_ms(a->first_permille, a->permille, gh_mono_ms() - a->first_ms) : -1,
            .ran_ms = a->begun_ms ? gh_mono_ms() - a->begun_ms : 0,
            .bytes = a->claim.size,
        };
        row(&found, arg);
    }
}
