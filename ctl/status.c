/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat status: one screen of how ghatd is doing, once or again and again. */
#include "ctl/status.h"

#include "base/clock.h"
#include "ctl/print.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GB 1e9
#define WATCH_S 2 /* seconds between two looks */

static void print_counts(const char *title, const json_t *o)
{
    const char *key;
    json_t *value;
    GH_AUTO_STR line = {0};
    json_object_foreach ((json_t *)o, key, value) {
        if (json_integer_value(value) == 0)
            continue;
        gh_str_printf(&line, "%s%" JSON_INTEGER_FORMAT " %s", line.len ? ", " : "",
                      json_integer_value(value), key);
    }
    gh_print_field(title, "%s", line.len ? line.data : "none");
}

static void add_median(struct gh_str *line, const char *title, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_number(v))
        return;
    const char *unit;
    double shown = gh_in_unit(json_number_value(v), &unit);
    gh_str_printf(line, "%s%s %.*f %s", line->len ? ", " : "", title, gh_streq(unit, "min") ? 0 : 1,
                  shown, unit);
}

static void print_intake(const json_t *in)
{
    if (!in)
        return;
    gh_print_field("intake",
                   "%" PRId64 " departments (%" PRId64 " offline), %" PRId64
                   " waiting to settle, %" PRId64 " being taken, %" PRId64 " left alone%s",
                   gh_j_int(in, "departments"), gh_j_int(in, "offline"), gh_j_int(in, "waiting"),
                   gh_j_int(in, "taking"), gh_j_int(in, "parked"),
                   json_is_true(json_object_get(in, "offline_all")) ? "; the drop folder is OFFLINE"
                                                                    : "");
}

/* Quiet times: the usual one, and those of departments that differ, by their card or as learnt. */
static void print_quiet(const json_t *in)
{
    const char *slug;
    json_t *value;
    GH_AUTO_STR line = {0};
    double usual = json_number_value(json_object_get(in, "quiet_default"));
    if (usual <= 0)
        return;
    gh_str_printf(&line, "%.3g s", usual);
    json_object_foreach (json_object_get(in, "quiet_seconds"), slug, value) {
        double s = json_number_value(value);
        if (s < usual || s > usual)
            gh_str_printf(&line, ", %s %.3g s", slug, s);
    }
    gh_print_field("quiet", "%s", gh_str_text(&line));
}

/* What waits for its turn, and for how long. */
static void print_queue(const json_t *o)
{
    GH_AUTO_STR left = {0};
    if (gh_j_int(o, "photos") + gh_j_int(o, "videos") == 0)
        return;
    gh_str_left(&left, o);
    gh_print_field("waiting", "%" PRId64 " photos, %" PRId64 " videos%s%s", gh_j_int(o, "photos"),
                   gh_j_int(o, "videos"), left.len ? ": " : "", gh_str_text(&left));
}

/* Nothing is printed of libx264, which is the usual one. */
static void print_encoder(const json_t *e)
{
    const char *asked = gh_j_text(e, "asked");
    char when[GH_WHEN];
    if (!e || !strcmp(asked, "software"))
        return;
    gh_print_field("encoder", "%s, %" PRId64 " encodes by it, %" PRId64 " in software instead%s",
                   asked, gh_j_int(e, "made"), gh_j_int(e, "fell_back"),
                   json_is_true(json_object_get(e, "given_up")) ? "; GIVEN UP until a restart"
                                                                : "");
    if (*gh_j_text(e, "why"))
        gh_print_field("", "the last at %s: %s", gh_j_when(e, "last", when), gh_j_text(e, "why"));
}

/* Folders of departments that are other ones than before, which may be somebody's work; and those
 * of which nobody knows. */
static void print_unconfirmed(const json_t *in)
{
    size_t i;
    json_t *o;
    json_array_foreach (json_object_get(in, "unconfirmed"), i, o)
        gh_print_field("ALARM",
                       "%s takes nothing: %s. Look at its folder %s; if it is right: "
                       "ghat department confirm %s",
                       gh_j_text(o, "department"), gh_j_text(o, "reason"), gh_j_text(o, "folder"),
                       gh_j_text(o, "department"));
    json_array_foreach (json_object_get(in, "unreadable"), i, o)
        gh_print_field("ALARM", "%s: its folder %s cannot be looked at: %s",
                       gh_j_text(o, "department"), gh_j_text(o, "folder"), gh_j_text(o, "reason"));
}

/* Folders that have to be confirmed after the next mount, and those that will not for as long as
 * nobody deletes a file. */
static void print_marks(const json_t *in)
{
    size_t i;
    json_t *o;
    GH_AUTO_STR line = {0};
    json_array_foreach (json_object_get(in, "unmarked"), i, o)
        gh_print_field("UNMARKED",
                       "%s has to be confirmed after each mount, since %s has no .ghat-folder: %s",
                       gh_j_text(o, "department"), gh_j_text(o, "folder"), gh_j_text(o, "reason"));
    json_array_foreach (json_object_get(in, "by_file"), i, o)
        gh_str_printf(&line, "%s%s", i ? ", " : "", json_string_value(o));
    if (line.len)
        gh_print_field("by file", "do not delete .ghat-folder (man ghatd) in the folders of %s",
                       gh_str_text(&line));
}

static void print_status(const json_t *a)
{
    const json_t *engine = json_object_get(a, "engine"), *disk = json_object_get(a, "disk"),
                 *times = json_object_get(a, "median_seconds");
    GH_AUTO_STR median = {0};
    char when[GH_WHEN];
    gh_print_field("ghatd", "%s, up since %s", gh_j_text(a, "version"),
                   gh_j_when(a, "started", when));
    gh_print_field("PAUSED", "%s", gh_j_text(a, "paused"));
    const json_t *frozen = json_object_get(a, "frozen");
    if (json_is_object(frozen))
        gh_print_field("FROZEN", "since %s by %s: %s", gh_j_when(frozen, "since", when),
                       gh_j_text(frozen, "by"), gh_j_text(frozen, "reason"));
    gh_print_field("CLOCK", "%s", gh_j_text(a, "clock"));
    print_unconfirmed(json_object_get(a, "intake"));
    print_marks(json_object_get(a, "intake"));
    gh_print_field("no inotify", "%s", gh_j_text(a, "scanning"));
    json_t *refused;
    size_t i;
    json_array_foreach (json_object_get(a, "platform_refused"), i, refused)
        gh_print_field("REFUSED", "%" PRId64 " by the platform of %s: %s", gh_j_int(refused, "id"),
                       gh_j_text(refused, "placement"), gh_j_text(refused, "text"));
    print_counts("submissions", json_object_get(a, "submissions"));
    print_counts("renditions", json_object_get(a, "renditions"));
    print_counts("files", json_object_get(a, "files"));
    print_counts("today", json_object_get(a, "today"));
    print_intake(json_object_get(a, "intake"));
    print_quiet(json_object_get(a, "intake"));
    gh_print_field("workers", "%s, %" PRId64 " jobs running, %" PRId64 " waiting",
                   json_is_true(json_object_get(engine, "healthy")) ? "healthy" : "NOT RUNNING",
                   gh_j_int(engine, "running"), gh_j_int(engine, "waiting"));
    print_encoder(json_object_get(a, "encoder"));
    gh_print_running(json_object_get(a, "running"));
    print_queue(json_object_get(a, "queue"));
    add_median(&median, "drop to staged", times, "drop_to_staged");
    add_median(&median, "to approved", times, "staged_to_approved");
    add_median(&median, "to collected", times, "approved_to_collected");
    gh_print_field("median", "%s", gh_str_text(&median));
    if (disk && !json_is_null(disk))
        gh_print_field("disk", "%.1f GB free of %.1f GB", (double)gh_j_int(disk, "free") / GB,
                       (double)gh_j_int(disk, "size") / GB);
}

/* ---------------------------------------------------------------------------------- --watch */

static volatile sig_atomic_t stopped;

static void on_signal(int signo)
{
    (void)signo;
    stopped = 1;
}

/* Again and again on a screen of its own, until a signal. What was on the terminal comes back. */
static int watch(struct gh_ctl *ctl)
{
    const struct timespec pause = {.tv_sec = WATCH_S};
    const struct sigaction end = {.sa_handler = on_signal};
    char now[GH_TIME_ISO];
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    fputs("\033[?1049h\033[?25l", stdout);
    while (!stopped) {
        struct gh_err err = {0};
        json_t *answer = NULL;
        int r = gh_ask(ctl, json_pack("{s:s}", "request", "status"), &answer, &err);
        gh_time_iso(gh_now_ms(), now, sizeof(now));
        printf("\033[H\033[JGhat   %.19s   every %d s; Ctrl-C ends\n\n", now, WATCH_S);
        if (r < 0)
            gh_print_line(stdout, "%s", err.msg);
        else
            print_status(answer);
        json_decref(answer);
        fflush(stdout);
        if (!stopped)
            nanosleep(&pause, NULL);
    }
    fputs("\033[?25h\033[?1049l", stdout);
    return GH_EXIT_OK;
}

int gh_cmd_status(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false, check = false, again = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--check", NULL, NULL, &check},
                                  {"--watch", NULL, NULL, &again}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (json + check + again > 1)
        return gh_ctl_usage(argv[0], "--json, --check and --watch are for one at a time");
    if (again && !isatty(STDOUT_FILENO))
        return gh_ctl_usage(argv[0], "--watch needs a terminal");
    if (again)
        return watch(ctl);
    int r = gh_ask(ctl, json_pack("{s:s}", "request", "status"), &answer, &err);
    int code = GH_EXIT_OK;
    if (check)
        code = gh_status_check(answer, &err);
    else if (r < 0)
        code = gh_ctl_fail(argv[0], &err);
    else
        json ? gh_print_json(answer) : print_status(answer);
    json_decref(answer);
    return code;
}
