/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat show and ghat log: all about one submission. */
#include "ctl/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void field(const char *title, const char *text)
{
    GH_AUTO_STR shown = {0};
    if (!*text)
        return;
    gh_str_display(&shown, text, strlen(text));
    printf("%-12s%s\n", title, gh_str_text(&shown));
}

static void join(const json_t *list, struct gh_str *out)
{
    size_t i;
    json_t *v;
    json_array_foreach ((json_t *)list, i, v)
        gh_str_printf(out, "%s%s", i ? ", " : "", json_string_value(v) ? json_string_value(v) : "");
}

static void times(const json_t *t)
{
    static const char *const names[] = {"dropped", "received", "staged", "approved", "collected"};
    char when[20];
    printf("%-12s", "times");
    for (size_t i = 0; i < GH_LEN(names); i++)
        printf("%s%s %s", i ? " · " : "", names[i], gh_j_when(t, names[i], when));
    printf("\n");
}

static void files(const json_t *list)
{
    size_t i;
    json_t *f;
    json_array_foreach ((json_t *)list, i, f) {
        GH_AUTO_STR line = {0};
        GH_AUTO_STR found = {0};
        join(json_object_get(f, "found"), &found);
        gh_str_printf(&line, "%s (%s, %" PRId64 " bytes, %s)", gh_j_text(f, "name"),
                      !strcmp(gh_j_text(f, "role"), "caption") ? "caption" : gh_j_text(f, "media"),
                      gh_j_int(f, "bytes"), gh_j_text(f, "work"));
        field(i ? "" : "files", gh_str_text(&line));
        if (*gh_j_text(f, "reason"))
            field("", gh_j_text(f, "reason"));
        if (found.len) {
            line.len = 0;
            gh_str_printf(&line, "carries: %s", gh_str_text(&found));
            field("", gh_str_text(&line));
        }
    }
}

static void renditions(const json_t *list)
{
    static const char *const head[] = {"PLACEMENT", "STATE", "SIZE", "BYTES", "HOW", "REMOVED, OR WHY NOT"};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    size_t i;
    json_t *r;
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach ((json_t *)list, i, r) {
        GH_AUTO_STR place = {0};
        GH_AUTO_STR size = {0};
        GH_AUTO_STR bytes = {0};
        GH_AUTO_STR what = {0};
        gh_str_puts(&place, gh_j_text(r, "placement"));
        if (gh_j_int(r, "parts") > 1)
            gh_str_printf(&place, " %" PRId64 "of%" PRId64, gh_j_int(r, "part"), gh_j_int(r, "parts"));
        if (gh_j_int(r, "width")) {
            gh_str_printf(&size, "%" PRId64 "x%" PRId64, gh_j_int(r, "width"), gh_j_int(r, "height"));
            if (json_is_number(json_object_get(r, "duration")))
                gh_str_printf(&size, " %.1f s", json_number_value(json_object_get(r, "duration")));
            gh_str_printf(&bytes, "%" PRId64, gh_j_int(r, "bytes"));
        }
        if (*gh_j_text(r, "reason"))
            gh_str_puts(&what, gh_j_text(r, "reason"));
        else
            join(json_object_get(r, "removed"), &what);
        if (*gh_j_text(r, "note"))
            gh_str_printf(&what, "%s%s", what.len ? "; " : "", gh_j_text(r, "note"));
        const char *cells[] = {gh_str_text(&place), gh_j_text(r, "state"), gh_str_text(&size),
                               gh_str_text(&bytes), gh_j_text(r, "how"),   gh_str_text(&what)};
        gh_table_row(&t, GH_LEN(cells), cells);
    }
    if (t.n > 1)
        printf("\n");
    if (t.n > 1)
        gh_table_print(&t);
}

static void print(const json_t *answer)
{
    const json_t *o = json_object_get(answer, "item");
    printf("%-12s%" PRId64 "%s\n", "submission", gh_j_int(o, "id"),
           json_is_true(json_object_get(o, "urgent")) ? " (urgent)" : "");
    field("name", gh_j_text(o, "name"));
    field("department", gh_j_text(o, "department"));
    field("state", gh_j_text(o, "state"));
    field("reason", gh_j_text(o, "reason"));
    if (gh_j_int(o, "duplicate_of"))
        printf("%-12sof %" PRId64 "\n", "duplicate", gh_j_int(o, "duplicate_of"));
    times(json_object_get(o, "times"));
    field("approved by", gh_j_text(o, "approved_by"));
    field("outbox", gh_j_text(o, "outbox"));
    if (*gh_j_text(o, "caption"))
        printf("%-12s%s\n", "caption", gh_j_text(o, "caption"));
    if (*gh_j_text(o, "approved_by") && strcmp(gh_j_text(o, "caption"), gh_j_text(o, "approved_caption")) != 0)
        printf("%-12s%s\n", "approved as", gh_j_text(o, "approved_caption"));
    files(json_object_get(o, "files"));
    gh_print_running(json_object_get(o, "running"));
    renditions(json_object_get(o, "renditions"));
}

/* ID [--json]; returns the exit code, or -1 with id and json set. */
static int arguments(int argc, char **argv, int64_t *ret_id, bool *ret_json)
{
    const struct gh_opt opts[] = {{"--json", NULL, NULL, ret_json}};
    const char *args[64];
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n != 1 || (*ret_id = gh_parse_id(args[0])) == 0)
        return gh_ctl_usage(argv[0], "name one submission by its number");
    return -1;
}

int gh_cmd_show(struct gh_ctl *ctl, int argc, char **argv)
{
    int64_t id;
    bool json = false;
    struct gh_err err = {0};
    json_t *answer = NULL;
    int r = arguments(argc, argv, &id, &json);
    if (r >= 0)
        return r;
    if (gh_ask(ctl, json_pack("{s:s, s:I}", "request", "show", "id", (json_int_t)id), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (json) { /* the item, with what an approval of all of it must name */
        json_t *item = json_object_get(answer, "item");
        json_object_set(item, "set_hash", json_object_get(answer, "set_hash"));
        gh_print_json(item);
    } else {
        print(answer);
    }
    json_decref(answer);
    return GH_EXIT_OK;
}

/* Hashes cut to what people compare; programs get all of it (--json). */
static void shorten(const char *text, struct gh_str *out)
{
    while (*text) {
        size_t n = strspn(text, "0123456789abcdef");
        if (n == 64)
            gh_str_printf(out, "%.12s…", text);
        else
            gh_str_add(out, text, n);
        text += n;
        n = strcspn(text, "0123456789abcdef");
        gh_str_add(out, text, n);
        text += n;
    }
}

int gh_cmd_log(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"TIME", "WHO", "WHAT", "DID", "DETAIL"};
    int64_t id;
    bool json = false;
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *row;
    size_t i;
    int r = arguments(argc, argv, &id, &json);
    if (r >= 0)
        return r;
    if (gh_ask(ctl, json_pack("{s:s, s:I}", "request", "log", "id", (json_int_t)id), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "rows"), i, row) {
        if (json) {
            gh_print_json(row);
            continue;
        }
        char when[32];
        gh_copy(when, 20, gh_j_text(row, "time"));
        if (strlen(when) > 10)
            when[10] = ' ';
        GH_AUTO_STR detail = {0};
        shorten(gh_j_text(row, "detail"), &detail);
        const char *cells[] = {when, gh_j_text(row, "actor"), gh_j_text(row, "subject"), gh_j_text(row, "action"),
                               gh_str_text(&detail)};
        gh_table_row(&t, GH_LEN(cells), cells);
    }
    if (!json)
        gh_table_print(&t);
    json_decref(answer);
    return GH_EXIT_OK;
}
