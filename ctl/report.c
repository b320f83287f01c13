/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat report: counts and times of one day or several, department by department, and who sent
 * nothing, in a language. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/speak.h"

#include <stdio.h>
#include <string.h>

/* "median / longest", each in the unit a person would use. */
static void add_times(struct gh_str *out, const struct gh_words *w, const json_t *took)
{
    static const char *const fields[] = {"median_seconds", "max_seconds"};
    if (!json_is_object(took)) {
        gh_str_puts(out, "-");
        return;
    }
    for (size_t i = 0; i < GH_LEN(fields); i++) {
        double s = json_number_value(json_object_get(took, fields[i]));
        gh_str_puts(out, i ? " / " : "");
        gh_speak(out, w, GH_SPEAK_SPAN, (int64_t)(s * 1000), 0);
    }
}

struct column {
    const char *field;
    enum { COLUMN_TEXT, COLUMN_COUNT, COLUMN_TIMES } is;
    const char *head;
};
static const struct column columns[] = {
    {"department", COLUMN_TEXT, GH_WC("report", "DEPARTMENT")},
    {"dropped", COLUMN_COUNT, GH_WC("report", "DROPPED")},
    {"duplicates", COLUMN_COUNT, GH_WC("report", "DUPLICATE")},
    {"refused", COLUMN_COUNT, GH_WC("report", "REFUSED")},
    {"staged", COLUMN_COUNT, GH_WC("report", "STAGED")},
    {"approved", COLUMN_COUNT, GH_WC("report", "APPROVED")},
    {"rejected", COLUMN_COUNT, GH_WC("report", "REJECTED")},
    {"collected", COLUMN_COUNT, GH_WC("report", "COLLECTED")},
    {"posted", COLUMN_COUNT, GH_WC("report", "POSTED")},
    {"drop_to_staged", COLUMN_TIMES, GH_WC("report", "TO STAGED")},
    {"staged_to_approved", COLUMN_TIMES, GH_WC("report", "TO APPROVED")},
    {"approved_to_collected", COLUMN_TIMES, GH_WC("report", "TO COLLECTED")},
    {"approved_to_posted", COLUMN_TIMES, GH_WC("report", "TO POSTED")},
};

/* A row of the table; NULL: its head. */
static void add_row(struct gh_table *table, const struct gh_words *w, const json_t *row)
{
    struct gh_str texts[GH_LEN(columns)] = {{0}};
    const char *cells[GH_LEN(columns)];
    for (size_t i = 0; i < GH_LEN(columns); i++) {
        const struct column *c = &columns[i];
        if (!row)
            gh_str_puts(&texts[i], gh_word(w, "report", c->head));
        else if (c->is == COLUMN_TEXT)
            gh_str_puts(&texts[i], gh_j_text(row, c->field));
        else if (c->is == COLUMN_COUNT)
            gh_speak(&texts[i], w, GH_SPEAK_NUMBER, gh_j_int(row, c->field), 0);
        else
            add_times(&texts[i], w, json_object_get(row, c->field));
        cells[i] = gh_str_text(&texts[i]);
    }
    gh_table_row(table, GH_LEN(columns), cells);
    for (size_t i = 0; i < GH_LEN(columns); i++)
        gh_str_free(&texts[i]);
}

/* Days are written in the order in which they are typed. */
static void add_span(struct gh_str *out, const struct gh_words *w, const json_t *answer)
{
    GH_AUTO_STR first = {0}, last = {0};
    gh_speak_text(&first, w, gh_j_text(answer, "day"));
    gh_speak_text(&last, w, gh_j_text(answer, "last_day"));
    if (!strcmp(gh_str_text(&first), gh_str_text(&last)))
        gh_str_puts(out, gh_str_text(&first));
    else
        GH_FILL(out, gh_word(w, "report", "%s to %s"), gh_str_text(&first), gh_str_text(&last));
}

static void print_silent(const json_t *silent, const struct gh_words *w)
{
    GH_AUTO_STR names = {0}, line = {0};
    const json_t *name;
    size_t i;
    json_array_foreach (silent, i, name) {
        gh_str_puts(&names, i ? ", " : "");
        gh_str_puts(&names, json_string_value(name));
    }
    if (!json_array_size(silent))
        return;
    GH_FILL(&line, gh_word(w, "report", "Nothing came from: %s"), gh_str_text(&names));
    printf("%s\n", gh_str_text(&line));
}

static void print_report(const json_t *answer, const struct gh_words *w)
{
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    GH_AUTO_STR day = {0};
    GH_AUTO_STR head = {0};
    const json_t *row;
    size_t i;
    add_row(&table, w, NULL);
    json_array_foreach (json_object_get(answer, "departments"), i, row)
        add_row(&table, w, row);
    add_span(&day, w, answer);
    GH_FILL(&head,
            table.n == 1 ? gh_word(w, "report", "%s: nothing happened")
                         : gh_word(w, "report", "%s, times as median / longest"),
            gh_str_text(&day));
    printf("%s\n", gh_str_text(&head));
    if (table.n > 1)
        gh_table_print(&table);
    print_silent(json_object_get(answer, "silent"), w);
}

int gh_cmd_report(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *day = NULL, *from = NULL, *to = NULL, *language = "en";
    bool json = false;
    const struct gh_opt opts[] = {{"--day", "-d", &day, NULL},
                                  {"--from", NULL, &from, NULL},
                                  {"--to", NULL, &to, NULL},
                                  {"--language", "-l", &language, NULL},
                                  {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s is not understood; use --day, --from, --to, --language",
                            argv[1]);
    if (gh_ask(ctl,
               json_pack("{s:s, s:s?, s:s?, s:s?}", "request", "report", "day", day, "from", from,
                         "to", to),
               &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_object_del(answer, "ok");
    json ? gh_print_json(answer) : print_report(answer, gh_words_of(language));
    json_decref(answer);
    return GH_EXIT_OK;
}
