/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program ghat-post: its options, what it reads before the walls, the walls, a thread for each
 * way out. */
#include "post/carry.h"
#include "post/walls.h"

#include "base/log.h"

#include <curl/curl.h>
#include <getopt.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#define EXIT_USAGE 2
#define EXIT_CONF 2 /* the unit does not try again */
#define EXIT_OFF 3  /* nothing to do, which is no failure to the unit */
#define FILES_S 5   /* between two looks at the files that are read */

static const char usage[] = "Usage: ghat-post [-c FILE] [-s SOCKET] [--selftest] [--seccomp-only]\n"
                            "Sends the notices that ghatd has ready, as [post] of ghat.conf says.\n"
                            "  -c FILE         ghat.conf\n"
                            "  -s SOCKET       where ghatd listens, instead of [paths] control\n"
                            "  --selftest      try the walls, and end\n"
                            "  --seccomp-only  accept a kernel without Landlock\n"
                            "  --version\n";

struct options {
    const char *conf, *socket;
    bool selftest, seccomp_only;
};

static int parse_options(int argc, char **argv, struct options *o)
{
    enum { SELFTEST = 256, SECCOMP_ONLY, VERSION, HELP };
    static const struct option longs[] = {{"selftest", no_argument, NULL, SELFTEST},
                                          {"seccomp-only", no_argument, NULL, SECCOMP_ONLY},
                                          {"version", no_argument, NULL, VERSION},
                                          {"help", no_argument, NULL, HELP},
                                          {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "c:s:h", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            o->conf = optarg;
            break;
        case 's':
            o->socket = optarg;
            break;
        case SELFTEST:
            o->selftest = true;
            break;
        case SECCOMP_ONLY:
            o->seccomp_only = true;
            break;
        case VERSION:
            puts("ghat-post " GH_VERSION);
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

/* Libraries read their files and load their parts while they may. */
static void warm_up(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    tzset();
    if (getaddrinfo("localhost", "25", &hints, &found) == 0)
        freeaddrinfo(found);
}

static void set_limits(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/* Until a signal comes, or something that it reads was replaced. */
static void wait_for_end(const struct gh_post_file *files, size_t n)
{
    const struct timespec some = {.tv_sec = FILES_S};
    const char *replaced = NULL;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    while (!replaced && sigtimedwait(&ends, NULL, &some) < 0)
        replaced = gh_post_files_replaced(files, n);
    if (replaced)
        gh_log(GH_LOG_NOTICE, "replaced", "file=%s ending=yes", gh_log_quote(replaced));
}

static int start_thread(struct gh_carrier *c, pthread_t *ret, struct gh_err *err)
{
    return pthread_create(ret, NULL, gh_carrier_run, c) == 0
               ? 0
               : gh_fail(err, GH_SYSTEM, "cannot make a thread");
}

static int run(const struct options *o, const struct gh_conf *conf, struct gh_err *err)
{
    static atomic_bool ending;
    GH_AUTO(gh_post_settings_free) struct gh_post_settings s = {0};
    sigset_t ends;
    TRY(gh_post_settings_load(conf, o->socket, &s, err));
    struct gh_post_file files[GH_POST_FILES];
    struct gh_carrier carriers[2];
    pthread_t threads[2];
    size_t n = 0, started = 0;
    int r = 0;
    if (conf->smtp)
        carriers[n++] = (struct gh_carrier){.channel = "mail", .send = gh_send_mail};
    if (conf->webhook)
        carriers[n++] = (struct gh_carrier){.channel = "hook", .send = gh_send_hook};
    set_limits();
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    for (size_t i = 0; i < n; i++) {
        carriers[i].settings = &s;
        carriers[i].ending = &ending;
        carriers[i].sender = gh_sender_new(&s, &ending);
    }
    size_t n_files = gh_post_files_note(conf->ca, files);
    TRY(gh_post_walls_enter(conf->ca, o->seccomp_only, err));
    TRY(gh_post_walls_selftest(o->seccomp_only, err));
    gh_log(GH_LOG_INFO, "ready", "version=%s ways=%zu signed=%s", GH_VERSION, n,
           s.key ? "yes" : "no");
    while (r == 0 && started < n)
        if ((r = start_thread(&carriers[started], &threads[started], err)) == 0)
            started++;
    if (r == 0)
        wait_for_end(files, n_files);
    ending = true;
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < n; i++)
        gh_sender_free(&carriers[i].sender);
    return r;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    struct gh_err err = {0};
    struct gh_conf conf = {0};
    gh_log_init("ghat-post", GH_LOG_INFO);
    if (parse_options(argc, argv, &o) < 0) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (gh_conf_load(o.conf, &conf, NULL, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "ended", &err, "version=%s", GH_VERSION);
        return EXIT_CONF;
    }
    if (!o.selftest && !conf.smtp && !conf.webhook) {
        gh_log(GH_LOG_NOTICE, "off",
               "advice=\"[post] of ghat.conf names neither smtp nor webhook\"");
        gh_conf_free(&conf);
        return EXIT_OFF;
    }
    /* Without TZ the C library looks for the machine's zone anew at each time it works out. */
    if (conf.timezone)
        setenv("TZ", conf.timezone, 1);
    else
        setenv("TZ", ":/etc/localtime", 0);
    warm_up();
    int r = 0;
    if (o.selftest) {
        r = gh_post_walls_enter(conf.ca, o.seccomp_only, &err);
        if (r == 0)
            r = gh_post_walls_selftest(o.seccomp_only, &err);
        if (r == 0)
            puts("held");
    } else {
        r = run(&o, &conf, &err);
    }
    if (r < 0)
        gh_log_err(GH_LOG_ERROR, "ended", &err, "version=%s", GH_VERSION);
    gh_conf_free(&conf);
    return r == 0 ? 0 : err.cls == GH_CONFIG ? EXIT_CONF : 1;
}
