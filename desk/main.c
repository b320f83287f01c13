/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program ghat-desk: its options, what it reads before the walls, the walls, the server. */
#include "desk/assets.h"
#include "desk/notify.h"
#include "desk/server.h"
#include "desk/sockets.h"
#include "desk/times.h"
#include "desk/walls.h"

#include "base/config.h"
#include "base/log.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define EXIT_USAGE 2
#define TELL_MS 15000 /* how long pages took is told so often, while any are asked for */

static const char usage[] =
    "Usage: ghat-desk [-c FILE] [-s SOCKET] [-a ADDRESS] [-l LANGUAGE] [--seccomp-only]\n"
    "Serves the desk on the sockets it was handed (LISTEN_FDS, as systemd hands them over): one\n"
    "for HTTP, one named https in LISTEN_FDNAMES, or both.\n"
    "  -c FILE         ghat.conf, for [desk] socket and url\n"
    "  -s SOCKET       where ghatd listens for the desk\n"
    "  -a ADDRESS      how people reach it, instead of [desk] url: https://desk.example.org;\n"
    "                  given twice, either will do\n"
    "  -l LANGUAGE     of pages for those who have chosen none\n"
    "  --insecure      cookies also over plain http to another machine; for trials\n"
    "  --seccomp-only  accept a kernel without Landlock\n"
    "  --version\n";

struct options {
    const char *conf, *socket, *address, *second, *language;
    bool insecure, seccomp_only;
};

static int parse_options(int argc, char **argv, struct options *o)
{
    enum { INSECURE = 256, SECCOMP_ONLY, VERSION, HELP };
    static const struct option longs[] = {{"insecure", no_argument, NULL, INSECURE},
                                          {"seccomp-only", no_argument, NULL, SECCOMP_ONLY},
                                          {"version", no_argument, NULL, VERSION},
                                          {"help", no_argument, NULL, HELP},
                                          {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "c:s:a:l:h", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->conf = optarg;
            break;
        case 's':
            o->socket = optarg;
            break;
        case 'a':
            *(o->address ? &o->second : &o->address) = optarg;
            break;
        case 'l':
            o->language = optarg;
            break;
        case INSECURE:
            o->insecure = true;
            break;
        case SECCOMP_ONLY:
            o->seccomp_only = true;
            break;
        case VERSION:
            puts("ghat-desk " GH_VERSION);
            exit(0);
        case HELP:
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            return -1;
        }
    }
    return optind == argc ? 0 : -1;
}

/* Memory that nobody can read out, no core, and enough descriptors for all connections. */
static void set_limits(void)
{
    struct rlimit files, none = {0, 0};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = GH_MIN(files.rlim_max, (rlim_t)8192);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    setrlimit(RLIMIT_CORE, &none);
}

/* Until a signal ends it. systemd is told that all is well only when the server, asked like by
 * anybody else, answered. */
static void serve(const struct gh_desk *desk, struct gh_server *server, int notify,
                  const sigset_t *ends)
{
    struct gh_err err = {0};
    int64_t watchdog = gh_notify_watchdog_ms();
    int64_t ms = watchdog ? GH_MIN(watchdog, (int64_t)TELL_MS) : TELL_MS;
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    gh_notify(notify, "READY=1");
    while (sigtimedwait(ends, NULL, &pause) < 0) {
        if (watchdog && gh_server_alive(server, &err) == 0)
            gh_notify(notify, "WATCHDOG=1");
        else if (watchdog)
            gh_log_err(GH_LOG_ERROR, "stuck", &err, "advice=restart");
        gh_times_tell(desk);
    }
    gh_notify(notify, "STOPPING=1");
}

static int run(const struct options *o, const struct gh_conf *conf, struct gh_err *err)
{
    struct gh_desk desk = {.socket = o->socket,
                           .origin = o->address ? o->address : conf->desk_url,
                           .second = o->second,
                           .language = o->language ? o->language : "bn",
                           .secure = !o->insecure};
    struct gh_server *server = NULL;
    sigset_t ends;
    struct gh_listeners listeners;
    GH_AUTO(gh_tls_free) struct gh_tls tls = {0};
    GH_AUTO_FD notify = gh_notify_open();
    TRY(gh_sockets_inherited(&listeners, err));
    if (listeners.https >= 0)
        TRY(gh_tls_load(conf, &tls, err));
    TRY(gh_assets_load(&desk, err));
    if (sodium_init() < 0)
        return gh_fail(err, GH_SYSTEM, "libsodium does not start");
    tzset();
    set_limits();
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    TRY(gh_walls_enter(o->seccomp_only, err));
    TRY(gh_server_start(&desk, &listeners, &tls, &server, err));
    int r = gh_server_selftest(server, err);
    if (r == 0) {
        gh_log(GH_LOG_INFO, "ready", "version=%s", GH_VERSION);
        serve(&desk, server, notify, &ends);
    }
    gh_server_stop(&server);
    gh_assets_free(&desk);
    return r;
}

/* In place of the defaults. */
static int load_conf(const char *path, struct gh_conf *conf, struct gh_err *err)
{
    struct gh_conf read;
    TRY(gh_conf_load(path, &read, NULL, err));
    gh_conf_free(conf);
    *conf = read;
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct gh_err err = {0};
    struct gh_conf conf;
    gh_log_init("ghat-desk", GH_LOG_INFO);
    if (parse_options(argc, argv, &o) < 0) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    gh_conf_default(&conf);
    int r = o.conf ? load_conf(o.conf, &conf, &err) : 0;
    /* Without TZ the C library looks for the machine's zone anew at each time it works out. */
    if (conf.timezone)
        setenv("TZ", conf.timezone, 1);
    else
        setenv("TZ", ":/etc/localtime", 0);
    if (!o.socket)
        o.socket = conf.desk_socket;
    if (r == 0)
        r = run(&o, &conf, &err);
    if (r < 0)
        gh_log_err(GH_LOG_ERROR, "ended", &err, "version=%s", GH_VERSION);
    gh_conf_free(&conf);
    return r < 0 ? 1 : 0;
}
