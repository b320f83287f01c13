/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat report: counts and times of one day or several, department by department, what became of
 * questions and events, and who sent nothing; in a language, or for a spreadsheet. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/csv.h"
#include "base/reasons.h"
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
static const struct column items[] = {
    {"department", COLUMN_TEXT, GH_WC("report", "DEPARTMENT")},
    {"dropped", COLUMN_COUNT, GH_WC("report", "DROPPED")},
    {"duplicates", COLUMN_COUNT, GH_WC("report", "DUPLICATE")},
    {"refused", COLUMN_COUNT, GH_WC("report", "REFUSED")},
    {"staged", COLUMN_COUNT, GH_WC("report", "STAGED")},
    {"approved", COLUMN_COUNT, GH_WC("report", "APPROVED")},
    {"rejected", COLUMN_COUNT, GH_WC("report", "REJECTED")},
    {"collected", COLUMN_COUNT, GH_WC("report", "COLLECTED")},
    {"posted", COLUMN_COUNT, GH_WC("report", "POSTED")},
    {"links", COLUMN_COUNT, GH_WC("report", "LINKS")},
    {"drop_to_staged", COLUMN_TIMES, GH_WC("report", "TO STAGED")},
    {"staged_to_approved", COLUMN_TIMES, GH_WC("report", "TO APPROVED")},
    {"approved_to_collected", COLUMN_TIMES, GH_WC("report", "TO COLLECTED")},
    {"approved_to_posted", COLUMN_TIMES, GH_WC("report", "TO POSTED")},
};

static const struct column answers[] = {
    {"department", COLUMN_TEXT, GH_WC("report", "DEPARTMENT")},
    {"questions.asked", COLUMN_COUNT, GH_WC("report", "QUESTIONS")},
    {"questions.in_time", COLUMN_COUNT, GH_WC("report", "IN TIME")},
    {"questions.extended", COLUMN_COUNT, GH_WC("report", "MORE TIME")},
    {"questions.missed", COLUMN_COUNT, GH_WC("report", "TOO LATE")},
    {"questions.answered", COLUMN_TIMES, GH_WC("report", "TO ANSWER")},
    {"events.announced", COLUMN_COUNT, GH_WC("report", "EVENTS")},
    {"events.covered", COLUMN_COUNT, GH_WC("report", "COVERED")},
    {"events.missed", COLUMN_COUNT, GH_WC("report", "MISSED")},
    {"events.cancelled", COLUMN_COUNT, GH_WC("report", "CANCELLED")},
};
#define COLUMNS_MAX 16

/* A field, or one of an object in it ("events.covered"). Borrowed. */
static const json_t *field_of(const json_t *row, const char *path)
{
    char outer[24];
    const char *dot = strchr(path, '.');
    if (!dot)
        return json_object_get(row, path);
    gh_format(outer, sizeof(outer), "%.*s", (int)(dot - path), path);
    return json_object_get(json_object_get(row, outer), dot + 1);
}

/* A row of a table; NULL: its head. */
static void add_row(struct gh_table *table, const struct gh_words *w, const struct column *columns,
                    size_t n, const json_t *row)
{
    struct gh_str texts[COLUMNS_MAX] = {{0}};
    const char *cells[COLUMNS_MAX];
    for (size_t i = 0; i < n; i++) {
        const struct column *c = &columns[i];
        const json_t *v = row ? field_of(row, c->field) : NULL;
        if (!row)
            gh_str_puts(&texts[i], gh_word(w, "report", c->head));
        else if (c->is == COLUMN_TEXT)
            gh_str_puts(&texts[i], gh_j_text(row, c->field));
        else if (c->is == COLUMN_COUNT)
            gh_speak(&texts[i], w, GH_SPEAK_NUMBER, json_integer_value(v), 0);
        else
            add_times(&texts[i], w, v);
        cells[i] = gh_str_text(&texts[i]);
    }
    gh_table_row(table, n, cells);
    for (size_t i = 0; i < n; i++)
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

/* What a reason of the answer is called. */
static const char *label_of(const struct gh_words *w, const json_t *reason)
{
    struct gh_reason r;
    const char *key = gh_j_text(reason, "reason"), *value = gh_j_text(reason, "value");
    if (!*value)
        return gh_word(w, "report", GH_WC("report", "other"));
    for (size_t i = 0; gh_reason_at(NULL, i, w, &r); i++)
        if (!strcmp(r.key, key))
            return r.label;
    return value;
}

/* "roads, rejected: Picture is not clear 3, other 1" */
static void print_reasons(const json_t *row, const struct gh_words *w)
{
    GH_AUTO_STR list = {0}, line = {0};
    const json_t *reason;
    size_t i;
    json_array_foreach (json_object_get(row, "reasons"), i, reason) {
        const char *label = label_of(w, reason);
        gh_str_puts(&list, i ? ", " : "");
        gh_str_display(&list, label, strlen(label));
        gh_str_puts(&list, " ");
        gh_speak(&list, w, GH_SPEAK_NUMBER, gh_j_int(reason, "n"), 0);
    }
    if (!list.len)
        return;
    GH_FILL(&line, gh_word(w, "report", "%1$s, rejected: %2$s"), gh_j_text(row, "department"),
            gh_str_text(&list));
    printf("%s\n", gh_str_text(&line));
}

/* "roads: nothing on 3 of 7 days" */
static void print_days(const json_t *row, const struct gh_words *w)
{
    GH_AUTO_STR without = {0}, of = {0}, line = {0};
    if (gh_j_int(row, "days_without") == 0)
        return;
    gh_speak(&without, w, GH_SPEAK_NUMBER, gh_j_int(row, "days_without"), 0);
    gh_speak(&of, w, GH_SPEAK_NUMBER, gh_j_int(row, "days_on_duty"), 0);
    GH_FILL(&line, gh_word(w, "report", "%1$s: nothing on %2$s of %3$s days"),
            gh_j_text(row, "department"), gh_str_text(&without), gh_str_text(&of));
    printf("%s\n", gh_str_text(&line));
}

/* Those of whom something was asked, or who announced something. */
static void print_answers(const json_t *rows, const struct gh_words *w)
{
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    const json_t *row;
    size_t i;
    add_row(&table, w, answers, GH_LEN(answers), NULL);
    json_array_foreach (rows, i, row)
        if (gh_j_int(json_object_get(row, "questions"), "asked") ||
            gh_j_int(json_object_get(row, "events"), "announced"))
            add_row(&table, w, answers, GH_LEN(answers), row);
    if (table.n > 1)
        gh_table_print(&table);
}

static void print_report(const json_t *answer, const struct gh_words *w)
{
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    GH_AUTO_STR day = {0};
    GH_AUTO_STR head = {0};
    const json_t *rows = json_object_get(answer, "departments"), *row;
    size_t i;
    add_row(&table, w, items, GH_LEN(items), NULL);
    json_array_foreach (rows, i, row)
        add_row(&table, w, items, GH_LEN(items), row);
    add_span(&day, w, answer);
    GH_FILL(&head,
            table.n == 1 ? gh_word(w, "report", "%s: nothing happened")
                         : gh_word(w, "report", "%s, times as median / longest"),
            gh_str_text(&day));
    printf("%s\n", gh_str_text(&head));
    if (table.n > 1)
        gh_table_print(&table);
    print_answers(rows, w);
    json_array_foreach (rows, i, row) {
        print_reasons(row, w);
        print_days(row, w);
    }
    print_silent(json_object_get(answer, "silent"), w);
}

static void print_csv(const json_t *answer, bool spans)
{
    GH_AUTO_STR text = {0};
    gh_csv_report(&text, answer, spans);
    printf("%s", gh_str_text(&text));
}

int gh_cmd_report(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *day = NULL, *from = NULL, *to = NULL, *department = NULL, *by = NULL;
    const char *language = "en";
    bool json = false, csv = false;
    const struct gh_opt opts[] = {{"--day", "-d", &day, NULL},
                                  {"--from", NULL, &from, NULL},
                                  {"--to", NULL, &to, NULL},
                                  {"--department", NULL, &department, NULL},
                                  {"--by", NULL, &by, NULL},
                                  {"--csv", NULL, NULL, &csv},
                                  {"--language", "-l", &language, NULL},
                                  {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0],
                            "%s is not understood; use --day, --from, --to, --department, --by, "
                            "--language, --csv",
                            argv[1]);
    if (json && csv)
        return gh_ctl_usage(argv[0], "either --json or --csv");
    if (gh_ask(ctl,
               json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:s?}", "request", "report", "day", day,
                         "from", from, "to", to, "department", department, "by", by),
               &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_object_del(answer, "ok");
    if (json)
        gh_print_json(answer);
    else if (csv)
        print_csv(answer, by != NULL);
    else
        print_report(answer, gh_words_of(language));
    json_decref(answer);
    return GH_EXIT_OK;
}
