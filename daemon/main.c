/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghatd, the program: reads its command line and its settings, starts the daemon (daemon.h), tells
 * systemd its status and runs the loop until a signal ends it. When it cannot start, it says why in
 * a line for each problem.
 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#define HEARTBEAT_MS 20000
/* A thread of the pool that got on with nothing for so long hangs: no disk takes as long to sync
 * what one file may hold. */
#define STALLED_MS (10 * 60 * 1000)
#define EXIT_CONFIG 2 /* the unit does not restart after it: a person must help */
#define EXIT_USAGE 2

struct options {
    const char *conf;
    bool check, new_ledger;
};

/* --------------------------------------------------------------------------- status for systemd */

static void notify_status(struct gh_daemon *d)
{
    struct gh_intake_stats in = {0};
    struct gh_claims_stats work = {0};
    gh_intake_stats(d->intake, &in);
    gh_claims_stats(d->claims, &work);
    if (d->space.paused[0])
        sd_notifyf(0, "STATUS=Paused: %s", d->space.paused);
    else
        sd_notifyf(0, "STATUS=%zu departments, %zu arriving, %u photos and %u videos in work%s%s",
                   in.departments - in.offline, in.waiting + in.taking, work.photos, work.videos,
                   *in.scanning ? "; scanning: " : "", in.scanning);
}

static int64_t heartbeat_ms(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 && us / 2000 < HEARTBEAT_MS ? (int64_t)us / 2000
                                                                       : HEARTBEAT_MS;
}

static void on_heartbeat(struct gh_loop *loop, void *arg)
{
    struct gh_daemon *d = arg;
    int64_t stalled = gh_loop_stalled_ms(loop);
    notify_status(d);
    if (stalled < STALLED_MS)
        sd_notify(0, "WATCHDOG=1");
    else
        gh_log(GH_LOG_ERROR, "stalled", "seconds=%" PRId64 " advice=%s", stalled / 1000,
               gh_log_quote("a thread waits for a disk; the watchdog will start ghatd anew"));
    gh_loop_after(loop, heartbeat_ms(), on_heartbeat, d);
}

/* -------------------------------------------------------------------------------------- signals */

static void on_stop(struct gh_loop *loop, int signo, void *arg)
{
    (void)arg;
    gh_log(GH_LOG_NOTICE, "stopping", "signal=%s", sigabbrev_np(signo));
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
        gh_log(GH_LOG_NOTICE, "reloaded", "departments=%zu profiles=%zu", d->settings.departments.n,
               d->settings.sets->profiles.n);
    }
    sd_notify(0, "READY=1");
}

/* --------------------------------------------------------------------------------- command line */

static int usage(void)
{
    fprintf(stderr, "usage: ghatd [-c FILE] [--check | --new-ledger] [--version]\n");
    return EXIT_USAGE;
}

/* Returns the exit code, or -1 to go on. */
static int parse_options(int argc, char **argv, struct options *ret)
{
    static const struct option longs[] = {
        {"conf", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"new-ledger", no_argument, NULL, 'n'}, {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},       {0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
        switch (c) {
        case 'c':
            ret->conf = optarg;
            break;
        case 'k':
            ret->check = true;
            break;
        case 'n':
            ret->new_ledger = true;
            break;
        case 'V':
            puts("ghatd " GH_VERSION);
            return 0;
        case 'h':
            puts("usage: ghatd [-c FILE] [--check | --new-ledger] [--version]\n\n"
                 "  -c FILE       configuration (default: $GHAT_CONF, else " GH_SYSCONFDIR
                 "/ghat/ghat.conf)\n"
                 "  --check       read configuration, departments and profiles, say all that is "
                 "wrong, and end\n"
                 "  --new-ledger  make a ledger that knows nothing, in place of one that is lost "
                 "for good, and end\n");
            return 0;
        default:
            return usage();
        }
    }
    return optind < argc ? usage() : -1;
}

/* The loop comes before anything else of the daemon, so that a signal during the start waits until
 * the loop runs. */
static int open_loop(struct gh_daemon *d, struct gh_loop **ret, struct gh_err *err)
{
    GH_AUTO(gh_loop_free) struct gh_loop *loop = NULL;
    TRY(gh_loop_new(&loop, err));
    TRY(gh_loop_signal(loop, SIGTERM, on_stop, d, err));
    TRY(gh_loop_signal(loop, SIGINT, on_stop, d, err));
    TRY(gh_loop_signal(loop, SIGHUP, on_reload, d, err));
    *ret = gh_steal(&loop);
    return 0;
}

/* Start, run, stop. Takes ownership of what *settings holds. Returns the exit code. */
static int run_daemon(struct gh_settings *settings)
{
    struct gh_daemon *d = gh_alloc(sizeof(*d));
    struct gh_loop *loop = NULL;
    struct gh_err err = {0};
    int code;
    d->dirs = (struct gh_dirs)GH_DIRS_CLOSED;
    if (open_loop(d, &loop, &err) < 0 || gh_daemon_start(d, loop, settings, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "cannot-start", &err, "version=" GH_VERSION);
        sd_notifyf(0, "STATUS=Cannot start: %s", err.msg);
        code = err.cls == GH_CONFIG ? EXIT_CONFIG : EXIT_FAILURE;
    } else {
        gh_log(GH_LOG_NOTICE, "ready", "version=" GH_VERSION " drop=%s profiles=%zu",
               gh_log_quote(d->settings.conf.drop), d->settings.sets->profiles.n);
        sd_notify(0, "READY=1");
        on_heartbeat(d->loop, d);
        code = gh_loop_run(d->loop);
        sd_notify(0, "STOPPING=1");
        err = (struct gh_err){0};
    }
    if (!gh_daemon_stop(d))
        return code; /* threads still use what would be freed */
    if (!err.cls)
        gh_log(GH_LOG_NOTICE, "stopped", "code=%d", code);
    gh_loop_free(&loop);
    free(d);
    return code;
}

/* Returns the exit code. */
static int make_ledger(const struct gh_settings *settings)
{
    struct gh_err err = {0};
    int64_t first = 0;
    if (gh_daemon_make_ledger(settings, &first, &err) < 0) {
        fprintf(stderr, "ghatd: %s\n", err.msg);
        return err.cls == GH_CONFIG ? EXIT_CONFIG : EXIT_FAILURE;
    }
    printf("%s: a new ledger, empty; its numbers begin at %" PRId64 "\n", settings->conf.state,
           first);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int code = parse_options(argc, argv, &options);
    if (code >= 0)
        return code;
    setlocale(LC_ALL, "C.UTF-8");
    umask(0002); /* modes are given explicitly */
    /* the worker must not inherit the capabilities of ghatd */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGIO, SIG_IGN); /* sent when a lease is broken while intake tests it */
    gh_log_init("ghatd", GH_LOG_INFO);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_settings_free) struct gh_settings settings = {0};
    struct gh_err err = {0};
    if (gh_settings_load(options.conf, NULL, &settings, &problems, &err) < 0) {
        for (size_t i = 0; i < problems.n; i++)
            fprintf(stderr, "ghatd: %s\n", problems.list[i]);
        return options.check ? EXIT_FAILURE : EXIT_CONFIG;
    }
    if (options.check) {
        printf("%s: ok, %zu departments, %zu profiles\n",
               settings.conf.file ? settings.conf.file : "built-in defaults",
               settings.departments.n, settings.sets->profiles.n);
        return 0;
    }
    if (settings.conf.timezone && setenv("TZ", settings.conf.timezone, 1) == 0)
        tzset(); /* the worker and its threads begin later */
    gh_log_init("ghatd", (enum gh_level)settings.conf.log_level);
    return options.new_ledger ? make_ledger(&settings) : run_daemon(&settings);
}
