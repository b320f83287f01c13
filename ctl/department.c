/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat department list, show NAME: the departments that ghatd works with at the moment; confirm
 * NAME: the folder that it has now is its own. */
#include "ctl/department.h"

#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>

static void add_row(struct gh_table *t, const json_t *o)
{
    const json_t *officer = json_object_get(o, "nodal_officer");
    const char *cells[] = {gh_j_text(o, "slug"), gh_j_text(o, "folder"), gh_j_text(o, "title"),
                           gh_j_text(officer, "name"), gh_j_text(officer, "mobile")};
    gh_table_row(t, GH_LEN(cells), cells);
}

static void print_card(const json_t *o)
{
    static const char *const person_fields[] = {"name", "designation", "mobile", "email"};
    static const struct {
        const char *title, *field;
    } people[] = {{"officer", "nodal_officer"}, {"deputy", "deputy"}, {"superior", "superior"}};
    static const char *const fields[] = {"slug", "folder", "title", "languages", "policy", "conf"};
    for (size_t i = 0; i < GH_LEN(fields); i++)
        gh_print_field(fields[i], "%s", gh_j_text(o, fields[i]));
    if (json_is_number(json_object_get(o, "quiet_seconds")))
        gh_print_field("quiet", "%.1f s without a change before a file is taken",
                       json_number_value(json_object_get(o, "quiet_seconds")));
    gh_print_field("hours", "%s", gh_j_text(o, "hours"));
    if (*gh_j_text(o, "unconfirmed"))
        gh_print_field("ALARM", "it takes nothing: %s", gh_j_text(o, "unconfirmed"));
    if (*gh_j_text(o, "unreadable"))
        gh_print_field("ALARM", "its folder cannot be looked at: %s", gh_j_text(o, "unreadable"));
    if (*gh_j_text(o, "unmarked"))
        gh_print_field("UNMARKED",
                       "it has to be confirmed after each mount, since it has no .ghat-folder: %s",
                       gh_j_text(o, "unmarked"));
    if (json_is_true(json_object_get(o, "by_file")))
        gh_print_field("known by",
                       "its file .ghat-folder: do not delete it; mounted without it, it is offline "
                       "until ghat department confirm %s",
                       gh_j_text(o, "slug"));
    for (size_t k = 0; k < GH_LEN(people); k++) {
        const json_t *p = json_object_get(o, people[k].field);
        for (size_t i = 0; i < GH_LEN(person_fields); i++)
            if (k == 0 || *gh_j_text(p, person_fields[i]))
                gh_print_field(i ? "" : people[k].title, "%-12s %s", person_fields[i],
                               gh_j_text(p, person_fields[i]));
    }
}

static int confirm(struct gh_ctl *ctl, int n, char **argv)
{
    struct gh_err err = {0};
    for (int i = 2; i <= n; i++) {
        json_t *answer = NULL;
        if (gh_ask(ctl,
                   json_pack("{s:s, s:s}", "request", "department-confirm", "department", argv[i]),
                   &answer, &err) < 0)
            return gh_ctl_fail(argv[0], &err);
        json_decref(answer);
    }
    return GH_EXIT_OK;
}

int gh_cmd_department(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"SLUG", "FOLDER", "TITLE", "NODAL OFFICER", "MOBILE"};
    bool json = false;
    struct gh_new_department want = {0};
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--group", NULL, &want.group, NULL},
                                  {"--title", NULL, &want.title, NULL},
                                  {"--languages", NULL, &want.languages, NULL},
                                  {"--officer", NULL, &want.officer, NULL},
                                  {"--designation", NULL, &want.designation, NULL},
                                  {"--mobile", NULL, &want.mobile, NULL},
                                  {"--email", NULL, &want.email, NULL}};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *o;
    size_t i, shown = 0;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    bool list = n == 1 && !strcmp(argv[1], "list"), show = n == 2 && !strcmp(argv[1], "show");
    if (n >= 2 && !strcmp(argv[1], "confirm"))
        return confirm(ctl, n, argv);
    if (n == 2 && !strcmp(argv[1], "add")) {
        want.name = argv[2];
        want.json = json;
        return gh_department_add(ctl, argv[0], &want);
    }
    if (!list && !show)
        return gh_ctl_usage(argv[0], "say list; or show, add or confirm, and a department's name");
    if (gh_ask(ctl, json_pack("{s:s}", "request", "departments"), &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "departments"), i, o) {
        if (show && strcmp(gh_j_text(o, "slug"), argv[2]) != 0 &&
            strcmp(gh_j_text(o, "folder"), argv[2]) != 0 &&
            strcmp(gh_j_text(o, "title"), argv[2]) != 0)
            continue;
        shown++;
        if (json)
            gh_print_json(o);
        else if (show)
            print_card(o);
        else
            add_row(&t, o);
    }
    json_decref(answer);
    if (show && !shown) {
        gh_print_line(stderr,
                      "ghat %s: there is no department %s (ghat department list shows them)",
                      argv[0], argv[2]);
        return GH_EXIT_FAILED;
    }
    if (list && !json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}
