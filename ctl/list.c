/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat list: submissions as a table, or one JSON object a line. Asks page by page. */
#include "ctl/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "5 staged, 1 skipped": how many placements are in which state. */
static void summary(const json_t *placements, struct gh_str *out)
{
    const char *seen[48];
    size_t counts[48], n = 0;
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

static void row(struct gh_table *t, const json_t *item)
{
    GH_AUTO_STR what = {0};
    char id[24], when[20];
    snprintf(id, sizeof(id), "%" PRId64, gh_j_int(item, "id"));
    if (*gh_j_text(item, "reason"))
        gh_str_puts(&what, gh_j_text(item, "reason"));
    else if (gh_j_int(item, "duplicate_of"))
        gh_str_printf(&what, "of %" PRId64, gh_j_int(item, "duplicate_of"));
    else
        summary(json_object_get(item, "placements"), &what);
    const char *cells[] = {id,
                           gh_j_text(item, "state"),
                           gh_j_text(item, "department"),
                           gh_j_when(item, "dropped", when),
                           gh_j_text(item, "name"),
                           gh_str_text(&what)};
    gh_table_row(t, GH_LEN(cells), cells);
}

int gh_cmd_list(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"ID", "STATE", "DEPARTMENT", "DROPPED", "NAME", "PLACEMENTS"};
    const char *state = NULL, *department = NULL, *args[64];
    bool json = false, more = true;
    const struct gh_opt opts[] = {
        {"--state", "-s", &state, NULL}, {"--department", "-d", &department, NULL}, {"--json", NULL, NULL, &json}};
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    struct gh_err err = {0};
    int64_t after = 0;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s is not understood; use --state or --department", args[0]);
    gh_table_row(&table, GH_LEN(head), head);
    while (more) {
        json_t *answer = NULL, *item;
        size_t i;
        json_t *ask = json_pack("{s:s, s:s?, s:s?}", "request", "list", "state", state, "department", department);
        if (ask && after)
            json_object_set_new(ask, "after", json_integer(after));
        if (gh_ask(ctl, ask, &answer, NULL, &err) < 0)
            return gh_ctl_fail(argv[0], &err);
        json_array_foreach (json_object_get(answer, "items"), i, item) {
            json ? gh_print_json(item) : row(&table, item);
            after = gh_j_int(item, "id");
        }
        more = json_is_true(json_object_get(answer, "more")) && !ferror(stdout);
        json_decref(answer);
    }
    if (json)
        return GH_EXIT_OK;
    if (table.n == 1)
        fprintf(stderr, "nothing there%s\n", state || department ? " (with these options)" : "");
    else
        gh_table_print(&table);
    return GH_EXIT_OK;
}
