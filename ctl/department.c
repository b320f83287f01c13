/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat department list, show NAME: the departments as ghatd knows them. */
#include "ctl/client.h"

#include <stdio.h>
#include <string.h>

static void row(struct gh_table *t, const json_t *o)
{
    const json_t *officer = json_object_get(o, "nodal_officer");
    const char *cells[] = {gh_j_text(o, "slug"), gh_j_text(o, "folder"), gh_j_text(o, "title"),
                           gh_j_text(officer, "name"), gh_j_text(officer, "mobile")};
    gh_table_row(t, GH_LEN(cells), cells);
}

static void print(const json_t *o)
{
    static const char *const officer_fields[] = {"name", "designation", "mobile", "email"};
    static const char *const fields[] = {"slug", "folder", "title", "languages", "policy", "conf"};
    for (size_t i = 0; i < GH_LEN(fields); i++)
        if (*gh_j_text(o, fields[i]))
            printf("%-13s%s\n", fields[i], gh_j_text(o, fields[i]));
    if (json_is_number(json_object_get(o, "quiet_seconds")))
        printf("%-13s%.1f s without a change before a file is taken\n", "quiet",
               json_number_value(json_object_get(o, "quiet_seconds")));
    for (size_t i = 0; i < GH_LEN(officer_fields); i++)
        printf("%-13s%-12s %s\n", i ? "" : "nodal officer", officer_fields[i],
               gh_j_text(json_object_get(o, "nodal_officer"), officer_fields[i]));
}

int gh_cmd_department(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"SLUG", "FOLDER", "TITLE", "NODAL OFFICER", "MOBILE"};
    const char *args[64];
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *o;
    size_t i, shown = 0;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    bool list = n == 1 && !strcmp(args[0], "list"), show = n == 2 && !strcmp(args[0], "show");
    if (!list && !show)
        return gh_ctl_usage(argv[0], "say list, or show and a department's name");
    if (gh_ask(ctl, json_pack("{s:s}", "request", "departments"), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "departments"), i, o) {
        if (show && strcmp(gh_j_text(o, "slug"), args[1]) != 0 && strcmp(gh_j_text(o, "folder"), args[1]) != 0 &&
            strcmp(gh_j_text(o, "title"), args[1]) != 0)
            continue;
        shown++;
        if (json)
            gh_print_json(o);
        else if (show)
            print(o);
        else
            row(&t, o);
    }
    json_decref(answer);
    if (show && !shown) {
        fprintf(stderr, "ghat %s: there is no department %s (ghat department list shows them)\n", argv[0], args[1]);
        return GH_EXIT_FAILED;
    }
    if (list && !json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}
