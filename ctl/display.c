/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat display, ghat feed: screens on a wall, calendars that follow the events. A link is printed
 * once; on a terminal its QR code stands below it. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/qr.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>

static bool is_feed(const char *command)
{
    return !strcmp(command, "feed");
}

static const char *list_of(const char *command)
{
    return is_feed(command) ? "feeds" : "displays";
}

static int list_displays(struct gh_ctl *ctl, const char *command, bool json)
{
    static const char *const head[] = {"NAME", "SINCE"};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    char when[GH_WHEN];
    json_t *answer = NULL, *o;
    size_t i;
    if (gh_ask(ctl, json_pack("{s:s}", "request", list_of(command)), &answer, &err) < 0)
        return gh_ctl_fail(command, &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, list_of(command)), i, o) {
        const char *cells[] = {gh_j_text(o, "name"), gh_j_when(o, "made", when)};
        if (json)
            gh_print_json(o);
        else
            gh_table_row(&t, GH_LEN(cells), cells);
    }
    json_decref(answer);
    if (!json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}

static void print_link(const char *command, const json_t *answer)
{
    gh_print_line(stdout, "%s %s here, until it is removed:", gh_j_text(answer, "name"),
                  is_feed(command) ? "follows the events" : "shows how much waits");
    gh_qr_print_link(answer, is_feed(command) ? "/events.ics?k=" : "/wall/");
}

int gh_cmd_display(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    json_t *answer = NULL;
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n == 1 && !strcmp(argv[1], "list"))
        return list_displays(ctl, argv[0], by.json);
    bool add = n == 2 && !strcmp(argv[1], "add");
    if (!add && (n != 2 || strcmp(argv[1], "remove") != 0))
        return gh_ctl_usage(argv[0], "say list, or add or remove and a name");
    GH_AUTO_FREE char *request = gh_asprintf("%s-%s", argv[0], argv[1]);
    int result = gh_change(
        ctl, argv[0], json_pack("{s:s, s:s}", "request", request, "name", argv[2]), &by, &answer);
    if (answer && add)
        print_link(argv[0], answer);
    else if (answer)
        gh_print_line(stdout, "%s: done", argv[2]);
    json_decref(answer);
    return result;
}
