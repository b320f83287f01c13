/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order in which the rooms start and stop, and what a start does about work that an earlier
 * ghatd left unfinished. */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/control/metrics.h"
#include "daemon/control/reporting.h"
#include "daemon/control/throttle.h"
#include "daemon/engine/nursery.h"
#include "daemon/publish/restored.h"
#include "daemon/store/remains.h"
#include "daemon/store/stage.h"

#include <inttypes.h>
#include <unistd.h>

#define STOP_MS 4000 /* for running work to end; the next start cleans up what did not */
/* A new ledger leaves out so many numbers after the highest that names of folders show: others
 * stand in people's notes. */
#define NUMBERS_SKIPPED 100000

/* ---------------------------------------------------------------------------------------- start */

static void on_touched(struct gh_ledger *l, int64_t submission, void *arg)
{
    (void)l;
    struct gh_daemon *d = arg;
    gh_projection_touch(d->projection, submission);
    gh_changes_add(&d->changes, submission);
    if (d->previews)
        gh_previews_touch(d->previews, submission);
}

static void on_question(struct gh_ledger *l, int64_t question, void *arg)
{
    (void)l;
    struct gh_daemon *d = arg;
    if (d->questions)
        gh_questions_touch(d->questions, question);
}

static void on_event(struct gh_ledger *l, int64_t event, void *arg)
{
    (void)l, (void)event;
    struct gh_daemon *d = arg;
    if (d->events)
        gh_events_wake(d->events);
}

/* Before an alarm goes off, or an embargo ends. */
static bool clock_is_trusted(void *arg)
{
    struct gh_daemon *d = arg;
    gh_clock_trust_check(&d->clock);
    return d->clock.doubt[0] == '\0';
}

/* Whichever part met it: only the next start can tell what is on the disk. */
static void on_ledger_failed(struct gh_ledger *l, const struct gh_err *err, void *arg)
{
    (void)l;
    struct gh_daemon *d = arg;
    gh_log_err(GH_LOG_ERROR, "ledger-failed", err, "ending=yes");
    gh_loop_quit(d->loop, 1);
}

static bool on_ledger_full(struct gh_ledger *l, void *arg)
{
    (void)l;
    struct gh_daemon *d = arg;
    return gh_space_drop_ballast(&d->space);
}

static int on_reload(void *arg, struct gh_problems *problems, struct gh_err *err)
{
    return gh_daemon_reload(arg, problems, err);
}

static int start_engine(struct gh_daemon *d, struct gh_err *err)
{
    const struct gh_conf *c = &d->settings.conf;
#ifdef __SANITIZE_ADDRESS__ /* the sanitizer's run time needs what the sandbox forbids */
    bool confined = false;
#else
    bool confined = true;
#endif
    GH_AUTO_STR said = {0};
    if (confined && gh_worker_selftest(c->worker, c->seccomp_only, &said, err) < 0) {
        if (said.len)
            gh_log(GH_LOG_ERROR, "selftest", "said=%s", gh_log_quote(said.data));
        return gh_fail_prefix(err, "the sandbox of %s does not hold here", c->worker);
    }
    struct gh_engine_conf conf = {
        .worker = c->worker,
        .jobs = c->workers,
        .video_jobs = c->video_workers,
        .lanes = c->lanes,
        .keep_us = (int64_t)c->keep_ms * 1000,
        .limits = c->limits,
        .seccomp_only = c->seccomp_only,
        .encoder = c->encoder,
        .device = c->encoder_device,
    };
    return gh_engine_open(d->loop, &conf, &d->engine, err);
}

static bool resume_item(const struct gh_item *item, void *arg)
{
    struct gh_daemon *d = arg;
    gh_stage_recover(d->dirs.staging, item->sub.id);
    gh_projection_touch(d->projection, item->sub.id);
    return true;
}

/* Finish or undo what a crash left half done, from the ledger outwards. */
static int resume_work(struct gh_daemon *d, const struct gh_intake_parts *intake,
                       struct gh_err *err)
{
    unsigned interrupted = 0;
    struct gh_list_filter rendering = {.state = "rendering"};
    TRY(gh_ledger_recover(d->ledger, NULL, &interrupted, err));
    if (interrupted)
        gh_log(GH_LOG_NOTICE, "recovered", "interrupted=%u", interrupted);
    TRY(gh_intake_resume(intake, err));
    gh_publisher_recover(d->publisher);
    TRY(gh_ledger_list(d->ledger, &rendering, resume_item, d, err));
    return gh_projection_resume(d->projection, err);
}

/* On the first start there is none, and nothing that one could have known of. */
static int make_first_ledger(const struct gh_daemon *d, const char *path, struct gh_err *err)
{
    const struct gh_conf *conf = &d->settings.conf;
    const char *where = NULL;
    if (gh_ledger_known(path))
        where = conf->state;
    if (where || gh_remains_any(&d->dirs, conf, &where))
        return gh_fail(
            err, GH_CONFIG,
            "the ledger %s is gone, and what lies in %s says that there was one; restore "
            "a backup (man ghatd), or, if there is none, make a new one that knows "
            "nothing of what was: ghatd --new-ledger",
            path, where);
    return gh_ledger_create(path, 0, err);
}

static int open_file(struct gh_daemon *d, struct gh_err *err)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", d->settings.conf.state);
    if (access(path, F_OK) < 0)
        TRY(make_first_ledger(d, path, err));
    TRY(gh_ledger_open(path, &d->ledger, err));
    const struct gh_ledger_checked *c = gh_ledger_checked(d->ledger);
    gh_log(GH_LOG_INFO, "ledger-checked",
           "newest_rows=%u audit_rows=%" PRId64 " ms=%" PRId64 " all=no", c->newest, c->audit_rows,
           c->ms);
    if (*c->broken)
        gh_log(GH_LOG_ERROR, "ledger-changed", "why=%s advice=%s", gh_log_quote(c->broken),
               gh_log_quote("somebody changed it by hand; compare with the last backup"));
    return 0;
}

/* The first start on a backup that was restored: what it must not know, tell or show. */
static int begin_restored(struct gh_daemon *d, struct gh_err *err)
{
    struct gh_restored is;
    unsigned moved = 0;
    int restored = gh_ledger_restored(d->ledger, &is, err);
    if (restored <= 0 || is.phase != GH_RESTORED_NEW)
        return restored;
    TRY(gh_restored_clear_outbox(d->ledger, &d->dirs, &moved, err));
    TRY(gh_ledger_restored_begin(d->ledger, NULL, &is, err));
    gh_log(GH_LOG_NOTICE, "restored", "phase=frozen put_aside=%u advice=%s", moved,
           gh_log_quote("look at what is out, then ghat thaw (man ghatd)"));
    return 0;
}

int gh_daemon_make_ledger(const struct gh_settings *settings, int64_t *ret_first,
                          struct gh_err *err)
{
    GH_AUTO(gh_dirs_close) struct gh_dirs dirs = GH_DIRS_CLOSED;
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", settings->conf.state);
    TRY(gh_dirs_open(&settings->conf, &settings->departments, &dirs, err));
    int64_t after = gh_remains_highest(&dirs) + NUMBERS_SKIPPED;
    TRY(gh_ledger_create(path, after, err));
    *ret_first = after + 1;
    return 0;
}

static int open_ledger(struct gh_daemon *d, struct gh_err *err)
{
    TRY(open_file(d, err));
    TRY(begin_restored(d, err));
    gh_ledger_on_touched(d->ledger, on_touched, d);
    gh_ledger_on_question(d->ledger, on_question, d);
    gh_ledger_on_event(d->ledger, on_event, d);
    gh_ledger_on_failed(d->ledger, on_ledger_failed, d);
    gh_ledger_on_full(d->ledger, on_ledger_full, d);
    d->space = (struct gh_space){.settings = &d->settings, .dirs = &d->dirs, .ledger = d->ledger};
    d->quiet = gh_quiet_open(&d->settings, d->ledger);
    gh_clock_trust_open(&d->clock, d->ledger);
    d->forecast = gh_forecast_open(d->ledger);
    d->notes = (struct gh_notes){
        .ledger = d->ledger, .settings = &d->settings, .dirs = &d->dirs, .forecast = d->forecast};
    d->publisher =
        gh_publisher_open(&(struct gh_publisher_parts){.loop = d->loop,
                                                       .ledger = d->ledger,
                                                       .settings = &d->settings,
                                                       .dirs = &d->dirs,
                                                       .clock_is_trusted = clock_is_trusted,
                                                       .clock_arg = d});
    d->projection = gh_projection_open(&(struct gh_projection_parts){.loop = d->loop,
                                                                     .ledger = d->ledger,
                                                                     .dirs = &d->dirs,
                                                                     .notes = &d->notes,
                                                                     .publisher = d->publisher});
    return 0;
}

static int open_control(struct gh_daemon *d, struct gh_err *err)
{
    d->throttle = gh_throttle_new();
    d->reporting = gh_reporting_new();
    d->metrics = gh_metrics_new(d->ledger);
    const struct gh_control_parts parts = {.loop = d->loop,
                                           .ledger = d->ledger,
                                           .settings = &d->settings,
                                           .dirs = &d->dirs,
                                           .space = &d->space,
                                           .quiet = d->quiet,
                                           .clock = &d->clock,
                                           .engine = d->engine,
                                           .forecast = d->forecast,
                                           .claims = d->claims,
                                           .intake = d->intake,
                                           .publisher = d->publisher,
                                           .sweep = d->sweep,
                                           .previews = d->previews,
                                           .sums = d->sums,
                                           .changes = &d->changes,
                                           .throttle = d->throttle,
                                           .reporting = d->reporting,
                                           .metrics = d->metrics,
                                           .started_ms = d->started_ms,
                                           .reload = on_reload,
                                           .reload_arg = d};
    TRY(gh_control_open(&parts, &d->control, err));
    return gh_control_open_desk(&parts, &d->desk, err);
}

int gh_daemon_start(struct gh_daemon *d, struct gh_loop *loop, struct gh_settings *settings,
                    struct gh_err *err)
{
    *d = (struct gh_daemon){
        .settings = *settings, .dirs = GH_DIRS_CLOSED, .loop = loop, .started_ms = gh_now_ms()};
    *settings = (struct gh_settings){0};
    gh_changes_init(&d->changes);
    TRY(gh_dirs_open(&d->settings.conf, &d->settings.departments, &d->dirs, err));
    TRY(open_ledger(d, err));
    TRY(start_engine(d, err));
    const struct gh_intake_parts intake = {.loop = d->loop,
                                           .ledger = d->ledger,
                                           .settings = &d->settings,
                                           .dirs = &d->dirs,
                                           .space = &d->space,
                                           .quiet = d->quiet,
                                           .engine = d->engine};
    TRY(resume_work(d, &intake, err));
    d->claims = gh_claims_open(&(struct gh_claims_parts){.loop = d->loop,
                                                         .ledger = d->ledger,
                                                         .settings = &d->settings,
                                                         .dirs = &d->dirs,
                                                         .space = &d->space,
                                                         .quiet = d->quiet,
                                                         .engine = d->engine,
                                                         .forecast = d->forecast});
    gh_projection_follow(d->projection, d->claims);
    d->previews = gh_previews_open(&(struct gh_previews_parts){.loop = d->loop,
                                                               .ledger = d->ledger,
                                                               .settings = &d->settings,
                                                               .dirs = &d->dirs,
                                                               .space = &d->space,
                                                               .engine = d->engine});
    d->sums = gh_sums_open(d->loop, d->ledger, &d->dirs);
    d->intake = gh_intake_open(&intake);
    d->sweep = gh_sweep_open(&(struct gh_sweep_parts){.loop = d->loop,
                                                      .ledger = d->ledger,
                                                      .settings = &d->settings,
                                                      .dirs = &d->dirs,
                                                      .notes = &d->notes,
                                                      .intake = d->intake,
                                                      .clock = &d->clock});
    d->questions = gh_questions_open(&(struct gh_questions_parts){.loop = d->loop,
                                                                  .ledger = d->ledger,
                                                                  .settings = &d->settings,
                                                                  .dirs = &d->dirs,
                                                                  .trusted = clock_is_trusted,
                                                                  .trusted_arg = d});
    d->events = gh_events_open(&(struct gh_events_parts){.loop = d->loop,
                                                         .ledger = d->ledger,
                                                         .settings = &d->settings,
                                                         .dirs = &d->dirs,
                                                         .trusted = clock_is_trusted,
                                                         .trusted_arg = d});
    d->receipts = gh_receipts_open(d->loop, d->ledger, &d->settings, d->dirs.receipts);
    d->post = gh_post_open(&(struct gh_post_parts){.loop = d->loop,
                                                   .ledger = d->ledger,
                                                   .settings = &d->settings,
                                                   .trusted = clock_is_trusted,
                                                   .trusted_arg = d,
                                                   .coming = {gh_intake_coming, d->intake}});
    return open_control(d, err);
}

int gh_daemon_reload(struct gh_daemon *d, struct gh_problems *problems, struct gh_err *err)
{
    TRY(gh_settings_reload(&d->settings, problems, err));
    gh_log_init("ghatd", (enum gh_level)d->settings.conf.log_level);
    if (d->intake)
        gh_intake_rescan(d->intake);
    if (d->claims)
        gh_claims_wake(d->claims);
    if (d->questions)
        gh_questions_wake(d->questions);
    if (d->events)
        gh_events_wake(d->events);
    return 0;
}

/* ----------------------------------------------------------------------------------------- stop */

struct stop {
    struct gh_daemon *d;
    int64_t deadline;
};

static bool is_busy(const struct gh_daemon *d)
{
    return (d->intake && gh_intake_busy(d->intake)) || (d->claims && gh_claims_busy(d->claims)) ||
           (d->publisher && gh_publisher_busy(d->publisher)) ||
           (d->previews && gh_previews_busy(d->previews)) || (d->sums && gh_sums_busy(d->sums)) ||
           (d->projection && gh_projection_busy(d->projection));
}

static bool is_stopped(void *arg)
{
    struct stop *s = arg;
    return !is_busy(s->d) || gh_mono_ms() >= s->deadline;
}

static void on_deadline(struct gh_loop *loop, void *arg)
{
    (void)loop, (void)arg; /* wakes the loop, which then asks is_stopped() */
}

bool gh_daemon_stop(struct gh_daemon *d)
{
    struct stop s = {.d = d, .deadline = gh_mono_ms() + STOP_MS};
    if (d->intake)
        gh_intake_stop(d->intake);
    if (d->claims)
        gh_claims_stop(d->claims);
    if (d->previews)
        gh_previews_stop(d->previews);
    if (d->sums)
        gh_sums_stop(d->sums);
    if (d->sweep)
        gh_sweep_stop(d->sweep);
    if (d->questions)
        gh_questions_stop(d->questions);
    if (d->events)
        gh_events_stop(d->events);
    if (d->receipts)
        gh_receipts_stop(d->receipts);
    gh_post_close(&d->post);
    if (d->publisher)
        gh_publisher_stop(d->publisher);
    if (d->loop) {
        gh_loop_after(d->loop, STOP_MS, on_deadline, NULL);
        gh_loop_run_until(d->loop, is_stopped, &s);
        if (d->projection)
            gh_projection_flush(d->projection);
        gh_loop_run_until(d->loop, is_stopped, &s);
    }
    if (is_busy(d)) {
        gh_log(GH_LOG_WARNING, "stopped-hard", "after_ms=%d", STOP_MS);
        return false;
    }
    gh_control_close(&d->desk);
    gh_control_close(&d->control);
    gh_throttle_free(&d->throttle);
    gh_reporting_free(&d->reporting);
    gh_metrics_free(&d->metrics);
    gh_sweep_close(&d->sweep);
    gh_questions_close(&d->questions);
    gh_events_close(&d->events);
    gh_receipts_close(&d->receipts);
    gh_intake_close(&d->intake);
    gh_engine_close(&d->engine);
    gh_claims_close(&d->claims);
    gh_previews_close(&d->previews);
    gh_sums_close(&d->sums);
    gh_projection_close(&d->projection);
    gh_publisher_close(&d->publisher);
    gh_notes_close(&d->notes);
    gh_forecast_close(&d->forecast);
    gh_quiet_close(&d->quiet);
    gh_ledger_close(&d->ledger);
    gh_dirs_close(&d->dirs);
    gh_settings_free(&d->settings);
    return true;
}
