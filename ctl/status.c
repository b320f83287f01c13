/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat status: how ghatd is doing, at a glance. */
#include "ctl/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void counts(const char *title, const json_t *o)
{
    const char *key;
    json_t *value;
    bool any = false;
    printf("%-12s", title);
    json_object_foreach ((json_t *)o, key, value) {
        if (json_integer_value(value) == 0)
            continue;
        printf("%s%" JSON_INTEGER_FORMAT " %s", any ? ", " : "", json_integer_value(value), key);
        any = true;
    }
    printf("%s\n", any ? "" : "none");
}

static void median(const char *title, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_number(v))
        return;
    double s = json_number_value(v);
    if (s < 120)
        printf("%s %.1f s   ", title, s);
    else if (s < 7200)
        printf("%s %.0f min   ", title, s / 60);
    else
        printf("%s %.1f h   ", title, s / 3600);
}

static void intake(const json_t *in)
{
    if (!in)
        return;
    printf("%-12s%" PRId64 " departments (%" PRId64 " offline), %" PRId64 " waiting to settle, %" PRId64
           " being taken, %" PRId64 " left alone%s\n",
           "intake", gh_j_int(in, "departments"), gh_j_int(in, "offline"), gh_j_int(in, "waiting"),
           gh_j_int(in, "taking"), gh_j_int(in, "parked"),
           json_is_true(json_object_get(in, "offline_all")) ? "; the drop folder is OFFLINE" : "");
}

/* Quiet times: what holds for all, and the departments that are different (their card, or learnt). */
static void quiet(const json_t *in)
{
    const char *slug;
    json_t *value;
    double usual = json_number_value(json_object_get(in, "quiet_default"));
    if (usual <= 0)
        return;
    printf("%-12s%.3g s", "quiet", usual);
    json_object_foreach (json_object_get(in, "quiet_seconds"), slug, value) {
        double s = json_number_value(value);
        if (s < usual || s > usual)
            printf(", %s %.3g s", slug, s);
    }
    printf("\n");
}

/* What waits for its turn, and for how long. */
static void queue(const json_t *o)
{
    GH_AUTO_STR left = {0};
    if (gh_j_int(o, "photos") + gh_j_int(o, "videos") == 0)
        return;
    gh_str_left(&left, o);
    printf("%-12s%" PRId64 " photos, %" PRId64 " videos%s%s\n", "waiting", gh_j_int(o, "photos"), gh_j_int(o, "videos"),
           left.len ? ": " : "", gh_str_text(&left));
}

/* Nothing to say while the encoder is the usual one. */
static void encoder(const json_t *e)
{
    const char *asked = gh_j_text(e, "asked");
    char when[20];
    if (!e || !strcmp(asked, "software"))
        return;
    printf("%-12s%s, %" PRId64 " encodes by it, %" PRId64 " in software instead%s\n", "encoder", asked,
           gh_j_int(e, "made"), gh_j_int(e, "fell_back"),
           json_is_true(json_object_get(e, "given_up")) ? "; GIVEN UP until a restart" : "");
    if (*gh_j_text(e, "why"))
        printf("%-12sthe last at %s: %s\n", "", gh_j_when(e, "last", when), gh_j_text(e, "why"));
}

static void print(const json_t *a)
{
    const json_t *engine = json_object_get(a, "engine"), *disk = json_object_get(a, "disk"),
                 *times = json_object_get(a, "median_seconds");
    char when[20];
    printf("%-12s%s, up since %s\n", "ghatd", gh_j_text(a, "version"), gh_j_when(a, "started", when));
    if (*gh_j_text(a, "paused"))
        printf("%-12s%s\n", "PAUSED", gh_j_text(a, "paused"));
    if (*gh_j_text(a, "clock"))
        printf("%-12s%s\n", "CLOCK", gh_j_text(a, "clock"));
    if (*gh_j_text(a, "scanning"))
        printf("%-12s%s\n", "no inotify", gh_j_text(a, "scanning"));
    counts("submissions", json_object_get(a, "submissions"));
    counts("renditions", json_object_get(a, "renditions"));
    counts("files", json_object_get(a, "files"));
    counts("today", json_object_get(a, "today"));
    intake(json_object_get(a, "intake"));
    quiet(json_object_get(a, "intake"));
    printf("%-12s%s, %" PRId64 " jobs running, %" PRId64 " waiting\n", "workers",
           json_is_true(json_object_get(engine, "healthy")) ? "healthy" : "NOT RUNNING", gh_j_int(engine, "running"),
           gh_j_int(engine, "waiting"));
    encoder(json_object_get(a, "encoder"));
    gh_print_running(json_object_get(a, "running"));
    queue(json_object_get(a, "queue"));
    printf("%-12s", "median");
    median("drop to staged", times, "drop_to_staged");
    median("to approved", times, "staged_to_approved");
    median("to collected", times, "approved_to_collected");
    printf("\n");
    if (disk && !json_is_null(disk))
        printf("%-12s%.1f GB free of %.1f GB\n", "disk", (double)gh_j_int(disk, "free") / 1e9,
               (double)gh_j_int(disk, "size") / 1e9);
}

void gh_str_left(struct gh_str *out, const json_t *o)
{
    const json_t *left = json_object_get(o, "left_seconds");
    double s = json_number_value(left);
    if (json_is_number(left))
        gh_str_printf(out, "about %.0f %s",
                      s < 120    ? s
                      : s < 7200 ? s / 60
                                 : s / 3600,
                      s < 120    ? "s"
                      : s < 7200 ? "min"
                                 : "h");
}

void gh_print_running(const json_t *list)
{
    size_t i;
    json_t *o;
    json_array_foreach ((json_t *)list, i, o) {
        GH_AUTO_STR line = {0};
        GH_AUTO_STR left = {0};
        const char *name = gh_j_text(o, "name");
        gh_str_printf(&line, "%" PRId64 " ", gh_j_int(o, "id"));
        gh_str_display(&line, name, strlen(name));
        gh_str_printf(&line, ": %.0f %%", json_number_value(json_object_get(o, "progress")) * 100);
        gh_str_left(&left, o);
        if (left.len)
            gh_str_printf(&line, ", %s left", gh_str_text(&left));
        printf("%-12s%s\n", i ? "" : "in work", gh_str_text(&line));
    }
}

int gh_cmd_status(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    const char *args[1024];
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (gh_ask(ctl, json_pack("{s:s}", "request", "status"), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json ? gh_print_json(answer) : print(answer);
    json_decref(answer);
    return GH_EXIT_OK;
}
