/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat approve, hold, release, reject, withdraw, collected, retry, rerender: one decision on one or several
 * submissions; also ghat caption and ghat urgent. An approval first reads what is there now and names its hash: what
 * changes in between is not approved.
 */
#include "ctl/client.h"

#include "base/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct words {
    const char *placements, *reason, *as;
    bool json;
};

static json_t *request(const char *verb, int64_t id, const struct words *w)
{
    json_t *o =
        json_pack("{s:s, s:I, s:s?, s:s?}", "request", verb, "id", (json_int_t)id, "reason", w->reason, "as", w->as);
    if (o && w->placements)
        json_object_set_new(o, "placements", gh_split(w->placements));
    return o;
}

static int decide(struct gh_ctl *ctl, const char *verb, int64_t id, const struct words *w, json_t **ret,
                  struct gh_err *err)
{
    json_t *ask = request(verb, id, w);
    if (!strcmp(verb, "approve")) {
        json_t *seen = NULL;
        int r = gh_ask(ctl, request("show", id, &(struct words){.placements = w->placements}), &seen, NULL, err);
        if (r < 0) {
            json_decref(ask);
            return r;
        }
        json_object_set(ask, "set_hash", json_object_get(seen, "set_hash"));
        json_decref(seen);
    }
    return gh_ask(ctl, ask, ret, NULL, err);
}

static void say(const char *verb, int64_t id, const json_t *answer, bool json)
{
    if (json) {
        gh_print_json(answer);
        return;
    }
    int64_t changed = gh_j_int(answer, "changed");
    if (changed)
        printf("%" PRId64 ": %s, %" PRId64 " %s; now %s\n", id, verb, changed, changed == 1 ? "file" : "files",
               gh_j_text(answer, "state"));
    else
        printf("%" PRId64 ": nothing changed, it was so already; %s\n", id, gh_j_text(answer, "state"));
}

int gh_cmd_decide(struct gh_ctl *ctl, int argc, char **argv)
{
    struct words w = {0};
    const struct gh_opt opts[] = {{"--placements", "-p", &w.placements, NULL},
                                  {"--reason", "-r", &w.reason, NULL},
                                  {"--as", NULL, &w.as, NULL},
                                  {"--json", NULL, NULL, &w.json}};
    const char **args = gh_alloc((size_t)argc * sizeof(*args));
    const char *verb = argv[0];
    bool must = !strcmp(verb, "reject") || !strcmp(verb, "withdraw");
    int n = gh_options(verb, argc, argv, opts, GH_LEN(opts), args), result = GH_EXIT_OK;
    json_t *names = w.placements ? gh_split(w.placements) : NULL;
    if (n < 0)
        result = GH_EXIT_USAGE;
    else if (n == 0)
        result = gh_ctl_usage(verb, "name a submission by its number");
    else if (must && (!w.reason || !*w.reason))
        result = gh_ctl_usage(verb, "--reason is missing: the department and the agency will read it");
    else if (w.placements && !names)
        result = gh_ctl_usage(verb, "-p names no placement");
    json_decref(names);
    for (int i = 0; i < n && result != GH_EXIT_USAGE; i++) {
        struct gh_err err = {0};
        json_t *answer = NULL;
        int64_t id = gh_parse_id(args[i]);
        if (!id) {
            result = gh_ctl_usage(verb, "%s is not the number of a submission", args[i]);
        } else if (decide(ctl, verb, id, &w, &answer, &err) < 0) {
            result = gh_ctl_fail(verb, &err) == GH_EXIT_USAGE && n == 1 ? GH_EXIT_USAGE : GH_EXIT_FAILED;
        } else {
            say(verb, id, answer, w.json);
            json_decref(answer);
        }
    }
    free(args);
    return result;
}

static int read_caption(const char *file, char **ret, struct gh_err *err)
{
    size_t n;
    if (!strcmp(file, "-"))
        TRY(gh_read_fd(STDIN_FILENO, 32768, ret, &n, err));
    else
        TRY(gh_read_file(AT_FDCWD, file, 32768, ret, &n, err));
    while (n > 0 && ((*ret)[n - 1] == '\n' || (*ret)[n - 1] == '\r'))
        (*ret)[--n] = '\0';
    return 0;
}

int gh_cmd_caption(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *file = NULL, *as = NULL, *args[64];
    bool json = false;
    const struct gh_opt opts[] = {
        {"--file", "-f", &file, NULL}, {"--as", NULL, &as, NULL}, {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    GH_AUTO_FREE char *text = NULL;
    json_t *answer = NULL;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n > 0 ? gh_parse_id(args[0]) : 0;
    if (!id || n > 2 || (n == 2 && file))
        return gh_ctl_usage(argv[0], "name one submission by its number, and the caption once");
    if (file && read_caption(file, &text, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    const char *caption = text ? text : n == 2 ? args[1] : NULL;
    json_t *ask = caption ? json_pack("{s:s, s:I, s:s, s:s?}", "request", "caption", "id", (json_int_t)id, "caption",
                                      caption, "as", as)
                          : json_pack("{s:s, s:I}", "request", "show", "id", (json_int_t)id);
    if (gh_ask(ctl, ask, &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (json)
        gh_print_json(answer);
    else if (caption)
        printf("%" PRId64 ": new caption; what was approved before keeps its own until approved again\n", id);
    else
        printf("%s\n", gh_j_text(json_object_get(answer, "item"), "caption"));
    json_decref(answer);
    return GH_EXIT_OK;
}

int gh_cmd_urgent(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *as = NULL, *args[64];
    bool json = false, off = false;
    const struct gh_opt opts[] = {
        {"--off", NULL, NULL, &off}, {"--as", NULL, &as, NULL}, {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == 1 ? gh_parse_id(args[0]) : 0;
    if (!id)
        return gh_ctl_usage(argv[0], "name one submission by its number");
    json_t *ask =
        json_pack("{s:s, s:I, s:b, s:s?}", "request", "urgent", "id", (json_int_t)id, "urgent", !off, "as", as);
    if (gh_ask(ctl, ask, &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (json)
        gh_print_json(answer);
    else
        printf("%" PRId64 ": %s; %s\n", id, off ? "not urgent" : "urgent", gh_j_text(answer, "state"));
    json_decref(answer);
    return GH_EXIT_OK;
}
