/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat report: what one day brought, department by department. */
#include "ctl/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "median / longest" of seconds, in the unit a person would use. */
static void times(const json_t *row, const char *name, char ret[48])
{
    const json_t *t = json_object_get(row, name);
    const char *fields[] = {"median_seconds", "max_seconds"};
    size_t at = 0;
    if (!json_is_object(t)) {
        snprintf(ret, 48, "-");
        return;
    }
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        double s = json_number_value(json_object_get(t, fields[i]));
        const char *unit = s < 120 ? "s" : s < 7200 ? "min" : "h";
        double shown = s < 120 ? s : s < 7200 ? s / 60 : s / 3600;
        at += (size_t)snprintf(ret + at, 48 - at, "%s%.*f %s", i ? " / " : "", shown < 10, shown, unit);
    }
}

static void show(const json_t *answer)
{
    static const char *const head[] = {"DEPARTMENT", "DROPPED",   "DUPLICATE", "REFUSED",     "STAGED",      "APPROVED",
                                       "REJECTED",   "COLLECTED", "TO STAGED", "TO APPROVED", "TO COLLECTED"};
    static const char *const counts[] = {"dropped",  "duplicates", "refused",  "staged",
                                         "approved", "rejected",   "collected"};
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    const json_t *row;
    size_t i;
    gh_table_row(&table, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "departments"), i, row) {
        char number[GH_LEN(counts)][24], took[3][48];
        const char *cells[GH_LEN(head)] = {gh_j_text(row, "department")};
        for (size_t k = 0; k < GH_LEN(counts); k++) {
            snprintf(number[k], sizeof(number[k]), "%" PRId64, gh_j_int(row, counts[k]));
            cells[1 + k] = number[k];
        }
        times(row, "drop_to_staged", took[0]);
        times(row, "staged_to_approved", took[1]);
        times(row, "approved_to_collected", took[2]);
        for (size_t k = 0; k < GH_LEN(took); k++)
            cells[1 + GH_LEN(counts) + k] = took[k];
        gh_table_row(&table, GH_LEN(head), cells);
    }
    if (table.n == 1)
        printf("%s: nothing happened\n", gh_j_text(answer, "day"));
    else
        printf("%s, times as median / longest\n", gh_j_text(answer, "day"));
    if (table.n > 1)
        gh_table_print(&table);
}

int gh_cmd_report(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *day = NULL, *args[64];
    bool json = false;
    const struct gh_opt opts[] = {{"--day", "-d", &day, NULL}, {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s is not understood; use --day", args[0]);
    if (gh_ask(ctl, json_pack("{s:s, s:s?}", "request", "report", "day", day), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_object_del(answer, "ok");
    json ? gh_print_json(answer) : show(answer);
    json_decref(answer);
    return GH_EXIT_OK;
}
