/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat list: the newest submissions as a table, or all as one JSON object a line. They are asked
 * for in pages, so that a long list needs little memory on either side. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TABLE_ROWS 100 /* of a table, unless --limit or --all says otherwise */
#define PAGE 500       /* submissions of one request, as many as ghatd gives */
#define STATES_MAX 48  /* different ones of one submission */

/* "5 staged, 1 skipped": how many placements are in which state. */
static void count_states(const json_t *placements, struct gh_str *out)
{
    const char *seen[STATES_MAX];
    size_t counts[STATES_MAX], n = 0;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)placements, key, value) {
        size_t i = 0;
        while (i < n && strcmp(seen[i], json_string_value(value)) != 0)
            i++;
        if (i == GH_LEN(seen))
            break;
        if (i == n) {
            seen[n] = json_string_value(value);
            counts[n++] = 0;
        }
        counts[i]++;
    }
    for (size_t i = 0; i < n; i++)
        gh_str_printf(out, "%s%zu %s", i ? ", " : "", counts[i], seen[i]);
}

static void add_row(struct gh_table *t, const json_t *item)
{
    GH_AUTO_STR what = {0};
    GH_AUTO_STR left = {0};
    char id[24], when[GH_WHEN];
    snprintf(id, sizeof(id), "%" PRId64, gh_j_int(item, "id"));
    if (*gh_j_text(item, "reason"))
        gh_str_puts(&what, gh_j_text(item, "reason"));
    else if (gh_j_int(item, "duplicate_of"))
        gh_str_printf(&what, "of %" PRId64, gh_j_int(item, "duplicate_of"));
    else
        count_states(json_object_get(item, "placements"), &what);
    gh_str_left(&left, item);
    if (left.len)
        gh_str_printf(&what, "%s%s", what.len ? ", " : "", gh_str_text(&left));
    const char *cells[] = {id,
                           gh_j_text(item, "state"),
                           gh_j_text(item, "department"),
                           gh_j_when(item, "dropped", when),
                           gh_j_text(item, "name"),
                           gh_str_text(&what)};
    gh_table_row(t, GH_LEN(cells), cells);
}

struct listing {
    const char *state, *department;
    int64_t edge, left; /* the id to go on from; how many more are wanted */
    bool newest;        /* from the newest backwards, else from the oldest on */
    bool json, more;    /* more: there are submissions beyond edge */
    json_t *rows;       /* what is printed at the end */
};

/* One page: printed at once as JSON, kept for a table. */
static int ask_page(struct gh_ctl *ctl, struct listing *l, struct gh_err *err)
{
    json_t *answer = NULL, *item;
    size_t i;
    json_t *ask = json_pack("{s:s, s:s?, s:s?, s:I, s:b}", "request", "list", "state", l->state,
                            "department", l->department, "limit",
                            (json_int_t)GH_MIN(l->left, (int64_t)PAGE), "newest", l->newest);
    if (ask && l->edge)
        json_object_set_new(ask, l->newest ? "before" : "after", json_integer(l->edge));
    TRY(gh_ask(ctl, ask, &answer, err));
    json_array_foreach (json_object_get(answer, "items"), i, item) {
        if (l->json && !l->newest)
            gh_print_json(item);
        else
            json_array_append(l->rows, item);
        l->edge = gh_j_int(item, "id");
        l->left--;
    }
    l->more = json_is_true(json_object_get(answer, "more"));
    json_decref(answer);
    return 0;
}

/* What was kept, the oldest first, so that the newest is the last line on the screen. */
static void print_rows(struct listing *l)
{
    static const char *const head[] = {"ID",      "STATE", "DEPARTMENT",
                                       "DROPPED", "NAME",  "PLACEMENTS"};
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    size_t n = json_array_size(l->rows);
    if (!l->json)
        gh_table_row(&table, GH_LEN(head), head);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(l->rows, l->newest ? n - 1 - i : i);
        l->json ? gh_print_json(item) : add_row(&table, item);
    }
    if (l->json)
        return;
    if (n == 0) {
        fprintf(stderr, "nothing there%s\n",
                l->state || l->department || l->edge ? " (with these options)" : "");
        return;
    }
    gh_table_print(&table);
    if (l->more) {
        fflush(stdout);
        fprintf(stderr, "the newest %zu; --before %" PRId64 " shows those before, --all all\n", n,
                l->edge);
    }
}

int gh_cmd_list(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *limit = NULL, *before = NULL;
    bool all = false;
    struct listing l = {.left = INT64_MAX, .more = true};
    const struct gh_opt opts[] = {
        {"--state", "-s", &l.state, NULL}, {"--department", "-d", &l.department, NULL},
        {"--limit", "-n", &limit, NULL},   {"--before", NULL, &before, NULL},
        {"--all", NULL, NULL, &all},       {"--json", NULL, NULL, &l.json}};
    struct gh_err err = {0};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s is not understood; use --state or --department", argv[1]);
    if ((limit && !(l.left = gh_parse_id(limit))) || (before && !(l.edge = gh_parse_id(before))))
        return gh_ctl_usage(argv[0], "--limit and --before take a number above 0");
    if (limit && all)
        return gh_ctl_usage(argv[0], "--limit or --all, not both");
    l.newest = limit || before || (!l.json && !all);
    if (!limit && !all && l.newest)
        l.left = TABLE_ROWS;
    l.rows = json_array();
    int r = 0;
    while (r == 0 && l.more && l.left > 0 && !ferror(stdout))
        r = ask_page(ctl, &l, &err);
    if (r == 0)
        print_rows(&l);
    json_decref(l.rows);
    return r < 0 ? gh_ctl_fail(argv[0], &err) : GH_EXIT_OK;
}
