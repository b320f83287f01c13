/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way of an attempt: claim, engine job, staging in the pool, report. Owns the list of attempts.
 * An attempt is counted in the ledger before a byte of its file is read. Outputs of a photo are
 * staged together, those of a video as they are ready, so that people can decide on them while the
 * rest is made. Failures of the ledger and of staging are logged, and the next claim waits.
 */
#include "daemon/attempt/claims.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/attempt/attempt.h"
#include "daemon/plan/credit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* First wait after a failure; doubled after each further one. */
#define TROUBLE_MS 2000
#define TROUBLE_MAX_MS 60000
/* A claim lapses after this time unless it is renewed: a file whose attempt could not report is due
 * again without a restart. */
#define LEASE_MS (600 * 1000)
#define RENEW_MS (LEASE_MS / 4)
/* Niceness of workers: ghatd, which answers people, and the file server come first. */
#define WORK_NICE 5
/* A render's pace is known after this time and this part of it. */
#define PACE_MS 2000
#define PACE_PERMILLE 10
/* Bounds of the wait for a file that is due later. */
#define DUE_MIN_MS 10
#define DUE_MAX_MS (3600 * 1000)

struct gh_claims {
    struct gh_claims_parts p;
    struct gh_attempt *first; /* attempts under way */
    unsigned photos, videos;  /* of them; a file is what its name says */
    unsigned slots, video_slots;
    uint64_t timer;     /* of the next claim; 0: none */
    int64_t timer_due;  /* monotonic */
    uint64_t renewal;   /* timer of the next renewal of leases; 0: none */
    int64_t trouble_ms; /* wait after the next failure */
    struct gh_claims_ends ends;
    bool stopping;
};

static void claims_pump(struct gh_claims *c);
static void attempt_flush(struct gh_attempt *a);
static void report_attempt(struct gh_attempt *a);

/* ------------------------------------------------------------------------------------- attempts */

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_claims *c = arg;
    c->timer = 0;
    claims_pump(c);
}

static void claims_pump_in(struct gh_claims *c, int64_t ms)
{
    int64_t due = gh_mono_ms() + ms;
    if (c->stopping || (c->timer && c->timer_due <= due))
        return;
    gh_loop_cancel(c->p.loop, &c->timer);
    c->timer_due = due;
    c->timer = gh_loop_after(c->p.loop, ms, on_timer, c);
}

void gh_claims_wake(struct gh_claims *c)
{
    claims_pump_in(c, 0);
}

/* The ledger or the disk failed: claim again later, each time after a longer wait. */
static void back_off(struct gh_claims *c, const struct gh_err *err, const char *what)
{
    gh_log_err(err->cls == GH_AGAIN ? GH_LOG_WARNING : GH_LOG_ERROR, what, err, "wait_ms=%" PRId64,
               c->trouble_ms);
    if (err->cls == GH_AGAIN && err->code == ENOSPC)
        gh_space_full(c->p.space);
    claims_pump_in(c, c->trouble_ms);
    c->trouble_ms = GH_MIN(c->trouble_ms * 2, TROUBLE_MAX_MS);
}

static void attempt_over(struct gh_attempt *a)
{
    struct gh_claims *c = a->claims;
    for (struct gh_attempt **p = &c->first; *p; p = &(*p)->next)
        if (*p == a) {
            *p = a->next;
            break;
        }
    *(a->claim.guess == GH_VIDEO ? &c->videos : &c->photos) -= 1;
    gh_attempt_free(a);
    claims_pump_in(c, 0);
}

static void log_end(const struct gh_attempt *a, bool given_up)
{
    static const char *const ends[] = {[GH_END_DONE] = "made",
                                       [GH_END_INPUT] = "refused-input",
                                       [GH_END_CRASHED] = "crashed",
                                       [GH_END_OURS] = "interrupted",
                                       [GH_END_CANCELLED] = "interrupted"};
    size_t staged = 0;
    for (size_t i = 0; i < a->n_rows; i++)
        staged += a->rows[i].made == GH_ROW_STAGED;
    if (*a->err.msg)
        gh_log_err(a->end == GH_END_CRASHED || a->end == GH_END_OURS ? GH_LOG_WARNING : GH_LOG_INFO,
                   ends[a->end], &a->err, "id=%" PRId64 " file=%" PRId64 " attempt=%u staged=%zu%s",
                   a->claim.submission, a->claim.file, a->claim.attempt, staged,
                   given_up ? " given-up=yes" : "");
    else
        gh_log(GH_LOG_INFO, a->lost ? "superseded" : ends[a->end],
               "id=%" PRId64 " file=%" PRId64 " attempt=%u staged=%zu", a->claim.submission,
               a->claim.file, a->claim.attempt, staged);
}

static void on_report_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_attempt *a = arg;
    a->report_timer = 0;
    report_attempt(a);
}

/*
 * The ledger did not take the report. When it is busy or full the attempt keeps what it made and
 * reports again, at the latest with its end; when it is not this attempt's business any more, or
 * the ledger is broken, the attempt is lost. Returns whether the end is reported later.
 */
static bool report_failed(struct gh_attempt *a, const struct gh_err *err)
{
    struct gh_claims *c = a->claims;
    int64_t wait_ms = c->trouble_ms;
    bool stale = err->cls == GH_AGAIN && err->code == ESTALE;
    if (!stale)
        back_off(c, err, "ledger-failed");
    a->lost = stale || err->cls != GH_AGAIN;
    if (a->lost && a->job)
        gh_job_cancel(a->job);
    if (a->lost || !a->ended || c->stopping)
        return false;
    a->report_timer = gh_loop_after(c->p.loop, wait_ms, on_report_timer, a);
    return true;
}

/* Report to the ledger what was staged since, or the end, after which the attempt is freed. */
static void report_attempt(struct gh_attempt *a)
{
    struct gh_err err = {0};
    bool bad = false;
    if (a->ended && a->end == GH_END_DONE && !a->again && !a->old_work && a->begun_ms) {
        int64_t ms = gh_mono_ms() - a->begun_ms;
        gh_forecast_learn(a->p->forecast, a->media, a->claim.size, ms);
        gh_durations_add(a->media == GH_VIDEO ? &a->claims->ends.videos : &a->claims->ends.photos,
                         ms);
    }
    a->begun_ms = a->ended ? 0 : a->begun_ms; /* its pace is learnt once */
    if (!a->lost && gh_attempt_report(a, &bad, &err) < 0 && report_failed(a, &err))
        return;
    if (!a->ended)
        return;
    log_end(a, bad);
    a->claims->ends.n[a->end]++;
    if (a->end == GH_END_OURS)
        claims_pump_in(a->claims, TROUBLE_MS);
    attempt_over(a);
}

static void store_work(void *arg)
{
    gh_attempt_store(arg);
}

static void store_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_attempt *a = arg;
    a->storing = false;
    for (size_t k = 0; k < a->n_store; k++)
        if (!a->store_err.cls)
            a->rows[a->store[k]].made = GH_ROW_STAGED;
    if (a->store_err.cls) {
        a->again = true;
        a->err = a->store_err;
        for (size_t k = 0; k < a->n_store; k++)
            a->rows[a->store[k]].made = GH_ROW_NOT;
        back_off(a->claims, &a->store_err, "cannot-stage");
    } else {
        a->claims->trouble_ms = TROUBLE_MS;
        for (size_t i = 0; i < GH_LEN(a->fds); i++) {
            bool wanted = false;
            for (size_t r = 0; r < a->n_rows; r++)
                wanted |= a->rows[r].made == GH_ROW_FILE && a->rows[r].encode == i;
            if (!wanted)
                gh_close_fd(&a->fds[i]);
        }
    }
    attempt_flush(a);
}

/* Stage the outputs that are ready; when there are none, report. */
static void attempt_flush(struct gh_attempt *a)
{
    if (a->storing)
        return;
    bool photo = a->media == GH_PHOTO;
    if ((a->ended || !photo) && !a->again && gh_attempt_collect(a)) {
        a->storing = true;
        a->staging = a->p->dirs->staging;
        a->archive = a->p->dirs->archive;
        a->spool = a->p->dirs->spool;
        gh_loop_submit(a->p->loop, store_work, store_done, a);
        return;
    }
    if (a->ended || !photo)
        report_attempt(a);
}

/* ----------------------------------------------------------------------------- engine callbacks */

static void on_probe(struct gh_job *job, const struct gh_probe *probe, void *arg)
{
    (void)job;
    struct gh_attempt *a = arg;
    a->media = (enum gh_media)probe->media;
    a->begun_ms = gh_mono_ms();
    a->found = probe->meta;
    free(a->probe);
    a->probe = gh_attempt_probe_json(probe);
}

static bool on_plan(struct gh_job *job, const struct gh_plan *plan, void *arg)
{
    (void)job;
    struct gh_attempt *a = arg;
    gh_attempt_plan(a, plan);
    a->old_work = gh_attempt_reuse(a);
    if (a->old_work)
        return false;
    if (a->media == GH_VIDEO)
        report_attempt(a);
    return !a->lost;
}

static void on_progress(struct gh_job *job, unsigned permille, void *arg)
{
    (void)job;
    struct gh_attempt *a = arg;
    if (!a->first_ms) {
        a->first_ms = gh_mono_ms();
        a->first_permille = permille;
    }
    a->permille = permille;
}

static void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *output,
                      void *arg)
{
    (void)job;
    struct gh_attempt *a = arg;
    if (output->result.kept_us > 0)
        gh_log(GH_LOG_INFO, "resumed",
               "id=%" PRId64 " file=%" PRId64 " attempt=%u encode=%u at_ms=%" PRId64,
               a->claim.submission, a->claim.file, a->claim.attempt, output->encode,
               output->result.kept_us / 1000);
    a->old_work |= output->result.kept_us > 0;
    if (output->result.fell_back[0] && !a->fell_back)
        gh_log(GH_LOG_WARNING, "encoder-fallback",
               "id=%" PRId64 " file=%" PRId64 " attempt=%u encode=%u why=%s", a->claim.submission,
               a->claim.file, a->claim.attempt, output->encode,
               gh_log_quote(output->result.fell_back));
    a->fell_back = a->fell_back || output->result.fell_back[0];
    gh_attempt_output(a, plan, output);
    attempt_flush(a);
}

static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct gh_attempt *a = arg;
    a->job = NULL;
    a->ended = true;
    a->end = end;
    if (err && err->cls && !a->again)
        a->err = *err;
    if (end != GH_END_DONE && err && err->cls == GH_AGAIN)
        a->again = true;
    attempt_flush(a);
}

static const struct gh_job_ops ops = {
    .on_probe = on_probe,
    .on_plan = on_plan,
    .on_progress = on_progress,
    .on_output = on_output,
    .on_end = on_end,
};

/* ------------------------------------------------------------------------------------- claiming */

static void slug_of(const struct gh_file *f, char ret[64])
{
    const char *slash = strrchr(f->name, '/'), *name = slash ? slash + 1 : f->name;
    GH_AUTO_FREE char *stem = gh_strndup(name, gh_name_stem(name));
    gh_slug(stem, ret, 64);
}

/* Give the outputs an ASCII stem that no earlier file of the submission has. */
static void name_outputs(struct gh_attempt *a, const struct gh_item *item)
{
    char slug[64];
    const struct gh_file *own = item->files;
    while (own->id != a->claim.file)
        own++; /* the claim is of one of the submission's files */
    slug_of(own, slug);
    GH_COPY(a->stem, slug);
    a->name = gh_strndup(own->name, own->name_len);
    a->name_len = own->name_len;
    a->dropped_ms = item->sub.dropped_ms;
    for (const struct gh_file *f = item->files; f < own; f++) {
        slug_of(f, slug);
        if (f->role != GH_FILE_MEDIA || !gh_streq(slug, a->stem))
            continue;
        snprintf(a->stem + strlen(a->stem), sizeof(a->stem) - strlen(a->stem), "-%" PRId64,
                 a->claim.file);
        return;
    }
}

static int attempt_start(struct gh_attempt *a, struct gh_err *err)
{
    const struct gh_claims_parts *p = a->p;
    const struct gh_settings *settings = p->settings;
    struct gh_item item = {0};
    int in_fd = -1;
    struct gh_plan_opts opts = {0};
    TRY(gh_ledger_thumb(p->ledger, a->claim.submission, &opts.thumb_at_us, err));
    TRY(gh_ledger_focal(p->ledger, a->claim.submission, &opts.focal, err));
    GH_AUTO_FREE char *asked = NULL;
    TRY(gh_ledger_asked(p->ledger, a->claim.submission, &asked, err));
    TRY(gh_ledger_get(p->ledger, a->claim.submission, &item, err));
    name_outputs(a, &item);
    gh_item_free(&item);
    if (gh_open_beneath(p->dirs->spool, a->claim.sha256, O_RDONLY, &in_fd, err) < 0)
        return gh_fail_prefix(err, "the original is missing in the spool");
    const struct gh_conf *conf = &settings->conf;
    const struct gh_department *dept =
        gh_departments_find(&settings->departments, a->claim.department);
    GH_AUTO_FREE const char **names = gh_alloc((a->claim.n_wanted + 1) * sizeof(*names));
    for (size_t i = 0; i < a->claim.n_wanted; i++)
        names[i] = a->claim.wanted[i];
    struct gh_chosen chosen;
    gh_settings_choose(settings, dept, asked, &chosen);
    struct gh_credit credit;
    gh_credit_of(conf, dept ? dept->title : NULL, &credit);
    opts.names = a->claim.n_wanted ? names : chosen.name;
    opts.n_names = a->claim.n_wanted ? a->claim.n_wanted : chosen.n;
    opts.media = a->claim.n_wanted ? NULL : chosen.media;
    opts.policy = (enum gh_policy)(dept ? dept->policy : conf->policy);
    opts.artist = credit.artist;
    opts.copyright = credit.copyright;
    if (dept) {
        GH_COPY(opts.logo, dept->logo_id);
        GH_COPY(opts.label, dept->label_id);
        memcpy(opts.extra, dept->overlays, sizeof(opts.extra));
        opts.n_extra = dept->n_overlays;
    }
    struct gh_job_req req = {
        .in_fd = in_fd,
        .out_dir = p->dirs->work,
        .goal = GH_GOAL_RENDER,
        .source_sha256 = a->claim.sha256,
        .sets = settings->sets,
        .opts = opts,
        .urgent = a->claim.urgent,
        .nice = WORK_NICE,
    };
    return gh_engine_submit(p->engine, &req, &ops, a, &a->job, err);
}

/* Claim one file of these media. Returns 1, or 0 when there is none. */
static int claim_one(struct gh_claims *c, unsigned media, int64_t *ret_next_ms, struct gh_err *err)
{
    struct gh_attempt *a = gh_alloc(sizeof(*a));
    *a = (struct gh_attempt){.claims = c, .p = &c->p};
    for (size_t i = 0; i < GH_LEN(a->fds); i++)
        a->fds[i] = -1;
    int r = gh_ledger_claim(c->p.ledger, NULL, media, LEASE_MS, &a->claim, ret_next_ms, err);
    if (r <= 0) {
        free(a);
        return r;
    }
    a->next = c->first;
    c->first = a;
    *(a->claim.guess == GH_VIDEO ? &c->videos : &c->photos) += 1;
    if (attempt_start(a, &a->err) < 0) {
        a->ended = true;
        a->end = GH_END_OURS;
        report_attempt(a);
    }
    return 1;
}

unsigned gh_claims_wanted(const struct gh_claims_stats *now)
{
    unsigned photos = now->photos < 2 * now->slots ? 1u << GH_PHOTO | 1u << GH_MEDIA_NONE : 0;
    unsigned videos = now->videos < now->video_slots ? 1u << GH_VIDEO : 0;
    return photos | videos;
}

static void claims_pump(struct gh_claims *c)
{
    struct gh_err err = {0};
    int64_t next = 0;
    if (c->stopping || !gh_engine_healthy(c->p.engine)) {
        claims_pump_in(c, TROUBLE_MS);
        return;
    }
    struct gh_claims_stats now;
    gh_claims_stats(c, &now);
    unsigned media = gh_claims_wanted(&now);
    if (media && !gh_space_enough(c->p.space)) {
        claims_pump_in(c, GH_SPACE_RETRY_MS);
        return;
    }
    int r = media ? claim_one(c, media, &next, &err) : 0;
    if (r < 0)
        back_off(c, &err, "ledger-failed");
    else if (r > 0)
        claims_pump_in(c, 0); /* a claim syncs the disk: the loop serves others before the next */
    else if (next)
        claims_pump_in(c, GH_CLAMP(next - gh_now_ms(), DUE_MIN_MS, DUE_MAX_MS));
}

static void lose_attempt(struct gh_attempt *a)
{
    a->lost = true;
    if (a->job)
        gh_job_cancel(a->job);
}

void gh_claims_check(struct gh_claims *c, const struct gh_item *item)
{
    for (struct gh_attempt *a = c->first; a; a = a->next) {
        if (a->claim.submission != item->sub.id || a->lost)
            continue;
        for (size_t i = 0; i < item->n_files; i++)
            if (item->files[i].id == a->claim.file && item->files[i].token != a->claim.token)
                lose_attempt(a);
    }
}

/* --------------------------------------------------------------------------------------- leases */

/* All leases in one transaction. One that was taken away costs its attempt; a ledger that is busy
 * is asked again next time, long before a lease ends. */
static int renew_leases(struct gh_claims *c, struct gh_err *err)
{
    TRY(gh_ledger_begin(c->p.ledger, err));
    int r = 0;
    for (struct gh_attempt *a = c->first; r >= 0 && a; a = a->next) {
        if (a->lost)
            continue;
        r = gh_ledger_renew(c->p.ledger, NULL, a->claim.file, a->claim.token, LEASE_MS, err);
        if (r < 0 && err->code == ESTALE) {
            lose_attempt(a);
            r = 0;
        }
    }
    return gh_ledger_end(c->p.ledger, r, err);
}

static void on_renewal(struct gh_loop *loop, void *arg)
{
    struct gh_claims *c = arg;
    struct gh_err err = {0};
    if (c->first && renew_leases(c, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "leases-not-renewed", &err, "wait_ms=%d", RENEW_MS);
    c->renewal = gh_loop_after(loop, RENEW_MS, on_renewal, c);
}

/* ----------------------------------------------------------------------------- opening, closing */

/* A gh_running_fn. */
static void list_running(void *arg, unsigned *ret_photo_slots, unsigned *ret_video_slots,
                         gh_progress_fn *row, void *row_arg)
{
    const struct gh_claims *c = arg;
    *ret_photo_slots = c->slots;
    *ret_video_slots = c->video_slots;
    gh_claims_progress(c, 0, row, row_arg);
}

struct gh_claims *gh_claims_open(const struct gh_claims_parts *parts)
{
    const struct gh_conf *conf = &parts->settings->conf;
    struct gh_claims *c = gh_alloc(sizeof(*c));
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    *c = (struct gh_claims){.p = *parts, .trouble_ms = TROUBLE_MS};
    c->slots = conf->workers ? conf->workers : cpus > 0 ? (unsigned)cpus : 1;
    c->video_slots = conf->video_workers ? conf->video_workers : 1;
    gh_forecast_follow(c->p.forecast, list_running, c);
    c->renewal = gh_loop_after(c->p.loop, RENEW_MS, on_renewal, c);
    claims_pump_in(c, 0);
    return c;
}

void gh_claims_stop(struct gh_claims *c)
{
    c->stopping = true;
    gh_loop_cancel(c->p.loop, &c->timer);
    gh_loop_cancel(c->p.loop, &c->renewal);
    for (struct gh_attempt *a = c->first, *next; a; a = next) {
        next = a->next;
        if (a->job) {
            gh_job_cancel(a->job);
        } else if (a->report_timer) { /* once more; what it made is made again after the start */
            gh_loop_cancel(c->p.loop, &a->report_timer);
            report_attempt(a);
        }
    }
}

bool gh_claims_busy(const struct gh_claims *c)
{
    return c->first != NULL;
}

void gh_claims_close(struct gh_claims **p)
{
    struct gh_claims *c = *p;
    if (!c)
        return;
    gh_loop_cancel(c->p.loop, &c->timer);
    gh_loop_cancel(c->p.loop, &c->renewal);
    gh_forecast_follow(c->p.forecast, NULL, NULL);
    while (c->first) {
        struct gh_attempt *a = c->first;
        c->first = a->next;
        gh_loop_cancel(c->p.loop, &a->report_timer);
        gh_attempt_free(a);
    }
    free(c);
    *p = NULL;
}

const struct gh_claims_ends *gh_claims_ends(const struct gh_claims *c)
{
    return &c->ends;
}

void gh_claims_stats(const struct gh_claims *c, struct gh_claims_stats *ret)
{
    *ret = (struct gh_claims_stats){
        .photos = c->photos, .videos = c->videos, .slots = c->slots, .video_slots = c->video_slots};
}

int64_t gh_progress_left_ms(unsigned first, unsigned permille, int64_t elapsed_ms)
{
    if (elapsed_ms < PACE_MS || permille < first + PACE_PERMILLE || permille > 1000)
        return -1;
    return elapsed_ms * (1000 - permille) / (permille - first);
}

void gh_claims_progress(const struct gh_claims *c, int64_t submission, gh_progress_fn *row,
                        void *arg)
{
    for (const struct gh_attempt *a = c->first; a; a = a->next) {
        if (a->lost || (submission && a->claim.submission != submission))
            continue;
        const struct gh_progress_row found = {
            .submission = a->claim.submission,
            .file = a->claim.file,
            .name = a->name,
            .name_len = a->name_len,
            .media = a->media ? a->media : a->claim.guess,
            .permille = a->permille,
            .left_ms = a->first_ms ? gh_progress_left_ms(a->first_permille, a->permille,
                                                         gh_mono_ms() - a->first_ms)
                                   : -1,
            .ran_ms = a->begun_ms ? gh_mono_ms() - a->begun_ms : 0,
            .bytes = a->claim.size,
        };
        row(&found, arg);
    }
}
