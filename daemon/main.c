/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghatd: starts its parts in order (lock, ledger, folders, profiles, worker, recovery, intake, control socket), tells
 * systemd, runs the loop, and stops them backwards in less than five seconds. Refuses to start, in one line, when
 * anything is not as it must be.
 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/control.h"
#include "daemon/forecast.h"
#include "daemon/intake.h"
#include "daemon/nursery.h"
#include "daemon/outbox.h"
#include "daemon/reload.h"
#include "daemon/stage.h"
#include "daemon/sweep.h"
#include "daemon/work.h"

#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#define STOP_MS 4000 /* for what runs to end; then the next start cleans up */
#define HEARTBEAT_MS 20000
#define EXIT_CONFIG 2 /* the unit does not restart on it: a person must help */

struct options {
    const char *conf;
    bool check;
};

/* ------------------------------------------------------------------------------------------- words to systemd */

static void notify_status(struct gh_daemon *d)
{
    struct gh_intake_stats in = {0};
    struct gh_work_stats work = {0};
    gh_intake_stats(d->intake, &in);
    gh_work_stats(d->workshop, &work);
    if (d->paused[0])
        sd_notifyf(0, "STATUS=Paused: %s", d->paused);
    else
        sd_notifyf(0, "STATUS=%zu departments, %zu arriving, %u photos and %u videos in work%s%s",
                   in.departments - in.offline, in.waiting + in.taking, work.photos, work.videos,
                   d->scanning[0] ? "; scanning: " : "", d->scanning);
}

static int64_t heartbeat_ms(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 && us / 2000 < HEARTBEAT_MS ? (int64_t)us / 2000 : HEARTBEAT_MS;
}

static void on_heartbeat(struct gh_loop *loop, void *arg)
{
    struct gh_daemon *d = arg;
    notify_status(d);
    sd_notify(0, "WATCHDOG=1");
    gh_loop_after(loop, heartbeat_ms(), on_heartbeat, d);
}

/* ------------------------------------------------------------------------------------------- signals, hooks */

static void on_stop(struct gh_loop *loop, int signo, void *arg)
{
    struct gh_daemon *d = arg;
    gh_log(GH_LOG_NOTICE, "stopping", "signal=%s", sigabbrev_np(signo));
    d->stopping = true;
    gh_loop_quit(loop, 0);
}

static void on_reload(struct gh_loop *loop, int signo, void *arg)
{
    (void)loop, (void)signo;
    struct gh_daemon *d = arg;
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    struct gh_err err = {0};
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, gh_mono_us());
    if (gh_daemon_reload(d, &problems, &err) < 0) {
        for (size_t i = 0; i < problems.n; i++)
            gh_log(GH_LOG_ERROR, "config", "error=%s", gh_log_quote(problems.list[i]));
        gh_log_err(GH_LOG_ERROR, "not-reloaded", &err, "kept=old");
    } else {
        gh_log(GH_LOG_NOTICE, "reloaded", "departments=%zu profiles=%zu", d->departments.n, d->profiles->n);
    }
    sd_notify(0, "READY=1");
}

static void on_touched(struct gh_ledger *l, int64_t submission, void *arg)
{
    (void)l;
    gh_projection_touch(arg, submission);
}

/* ------------------------------------------------------------------------------------------- start */

static int start_worker(struct gh_daemon *d, struct gh_err *err)
{
#ifdef __SANITIZE_ADDRESS__ /* such a worker's run time needs what the sandbox forbids */
    bool confined = false;
#else
    bool confined = true;
#endif
    GH_AUTO_STR said = {0};
    if (confined && gh_worker_selftest(d->conf.worker, d->conf.seccomp_only, &said, err) < 0) {
        if (said.len)
            gh_log(GH_LOG_ERROR, "selftest", "said=%s", gh_log_quote(said.data));
        return gh_fail_prefix(err, "the sandbox of %s does not hold here", d->conf.worker);
    }
    struct gh_engine_conf conf = {
        .worker = d->conf.worker,
        .jobs = d->conf.workers,
        .video_jobs = d->conf.video_workers,
        .lanes = d->conf.lanes,
        .keep_us = (int64_t)d->conf.keep_ms * 1000,
        .limits = d->conf.limits,
        .seccomp_only = d->conf.seccomp_only,
        .encoder = d->conf.encoder,
        .device = d->conf.encoder_device,
    };
    return gh_engine_open(d->loop, &conf, &d->engine, err);
}

static bool take_up(const struct gh_item *item, void *arg)
{
    struct gh_daemon *d = arg;
    gh_stage_recover(d->dirs.staging, item->sub.id);
    gh_projection_touch(d, item->sub.id);
    return true;
}

/* What a crash left half done. */
static int recover(struct gh_daemon *d, struct gh_err *err)
{
    unsigned interrupted = 0;
    static const char *const unfinished[] = {"quarantined", "rendering"};
    TRY(gh_ledger_recover(d->ledger, NULL, &interrupted, err));
    if (interrupted)
        gh_log(GH_LOG_NOTICE, "recovered", "interrupted=%u", interrupted);
    TRY(gh_intake_resume(d, err));
    gh_outbox_recover(d);
    gh_projection_recover(d);
    for (size_t i = 0; i < GH_LEN(unfinished); i++) {
        struct gh_list_filter filter = {.state = unfinished[i]};
        TRY(gh_ledger_list(d->ledger, &filter, take_up, d, err));
    }
    return 0;
}

static int start(struct gh_daemon *d, struct gh_err *err)
{
    d->started_ms = gh_now_ms();
    TRY(gh_dirs_open(&d->conf, &d->departments, &d->dirs, err));
    TRY(gh_loop_new(&d->loop, err));
    TRY(gh_loop_signal(d->loop, SIGTERM, on_stop, d, err));
    TRY(gh_loop_signal(d->loop, SIGINT, on_stop, d, err));
    TRY(gh_loop_signal(d->loop, SIGHUP, on_reload, d, err));
    GH_AUTO_FREE char *ledger = gh_asprintf("%s/ledger.db", d->conf.state);
    TRY(gh_ledger_open(ledger, &d->ledger, err));
    gh_ledger_on_touched(d->ledger, on_touched, d);
    TRY(start_worker(d, err));
    TRY(recover(d, err));
    d->forecast = gh_forecast_open(d);
    TRY(gh_work_open(d, &d->workshop, err));
    TRY(gh_intake_open(d, &d->intake, err));
    d->sweep = gh_sweep_open(d);
    return gh_control_open(d, &d->control, err);
}

/* ------------------------------------------------------------------------------------------- stop */

struct stop {
    struct gh_daemon *d;
    int64_t deadline;
};

static bool still(const struct gh_daemon *d)
{
    return (d->intake && gh_intake_busy(d->intake)) || (d->workshop && gh_work_busy(d->workshop)) || gh_outbox_busy() ||
           gh_projection_busy();
}

static bool stopped(void *arg)
{
    struct stop *s = arg;
    return !still(s->d) || gh_mono_ms() >= s->deadline;
}

static void on_deadline(struct gh_loop *loop, void *arg)
{
    (void)loop, (void)arg; /* wakes the loop; stopped() looks at the clock */
}

/* Returns false when something did not end in time: then nothing is freed, the process just ends. */
static bool stop(struct gh_daemon *d)
{
    struct stop s = {.d = d, .deadline = gh_mono_ms() + STOP_MS};
    d->stopping = true;
    if (d->intake)
        gh_intake_stop(d->intake);
    if (d->workshop)
        gh_work_stop(d->workshop);
    if (d->loop) {
        gh_loop_after(d->loop, STOP_MS, on_deadline, NULL);
        gh_loop_run_until(d->loop, stopped, &s);
        if (d->ledger)
            gh_projection_flush(d);
        gh_loop_run_until(d->loop, stopped, &s);
    }
    if (still(d)) {
        gh_log(GH_LOG_WARNING, "stopped-hard", "after_ms=%d", STOP_MS);
        return false;
    }
    gh_control_close(&d->control);
    gh_intake_close(&d->intake);
    gh_sweep_close(&d->sweep);
    gh_engine_close(&d->engine);
    gh_work_close(&d->workshop);
    gh_forecast_close(&d->forecast);
    gh_ledger_close(&d->ledger);
    gh_loop_free(&d->loop);
    gh_dirs_close(&d->dirs);
    gh_daemon_drop_settings(d);
    return true;
}

/* ------------------------------------------------------------------------------------------- words of the caller */

static int usage(void)
{
    fprintf(stderr, "usage: ghatd [-c FILE] [--check] [--version]\n");
    return 2;
}

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct options *ret)
{
    static const struct option longs[] = {
        {"conf", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, 'k'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
        switch (c) {
        case 'c':
            ret->conf = optarg;
            break;
        case 'k':
            ret->check = true;
            break;
        case 'V':
            puts("ghatd " GH_VERSION);
            return 0;
        case 'h':
            puts("usage: ghatd [-c FILE] [--check] [--version]\n\n"
                 "  -c FILE    configuration (default: $GHAT_CONF, else " GH_SYSCONFDIR "/ghat/ghat.conf)\n"
                 "  --check    read configuration, departments and profiles, say all that is wrong, and end\n");
            return 0;
        default:
            return usage();
        }
    }
    return optind < argc ? usage() : -1;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int code = parse(argc, argv, &options);
    if (code >= 0)
        return code;
    setlocale(LC_ALL, "C.UTF-8");
    umask(0002);                                              /* modes are given explicitly */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* the worker shall not inherit what ghatd was given */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGIO, SIG_IGN); /* a lease that is broken while we test it */
    gh_log_init("ghatd", GH_LOG_INFO);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_settings_free) struct gh_settings settings = {0};
    struct gh_err err = {0};
    if (gh_settings_load(options.conf, &settings, &problems, &err) < 0) {
        for (size_t i = 0; i < problems.n; i++)
            fprintf(stderr, "ghatd: %s\n", problems.list[i]);
        return options.check ? 1 : EXIT_CONFIG;
    }
    if (options.check) {
        printf("%s: ok, %zu departments, %zu profiles\n", settings.conf.file ? settings.conf.file : "built-in defaults",
               settings.departments.n, settings.profiles->n);
        return 0;
    }
    gh_log_init("ghatd", (enum gh_level)settings.conf.log_level);
    struct gh_daemon *d = gh_alloc(sizeof(*d));
    d->dirs = (struct gh_dirs){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    gh_daemon_adopt(d, &settings);
    if (start(d, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "cannot-start", &err, "version=" GH_VERSION);
        sd_notifyf(0, "STATUS=Cannot start: %s", err.msg);
        if (stop(d))
            free(d);
        return err.cls == GH_CONFIG ? EXIT_CONFIG : 1;
    }
    gh_log(GH_LOG_NOTICE, "ready", "version=" GH_VERSION " drop=%s profiles=%zu", gh_log_quote(d->conf.drop),
           d->profiles->n);
    sd_notify(0, "READY=1");
    on_heartbeat(d->loop, d);
    code = gh_loop_run(d->loop);
    sd_notify(0, "STOPPING=1");
    if (stop(d)) {
        gh_log(GH_LOG_NOTICE, "stopped", "code=%d", code);
        free(d);
    }
    return code;
}
