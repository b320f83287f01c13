/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as a table: which figure stands in which column. */
#include "base/csv.h"

#include "base/json.h"

#include <string.h>

static const char *const counted[] = {"dropped",  "duplicates", "refused", "staged", "approved",
                                      "rejected", "collected",  "posted",  "links"};
static const char *const times[] = {"drop_to_staged", "staged_to_approved", "approved_to_collected",
                                    "approved_to_posted"};
static const char *const questions[] = {"asked",  "in_time", "extended",
                                        "missed", "open",    "withdrawn"};
static const char *const answers[] = {"answered", "answered_wall"};
static const char *const events[] = {"announced", "covered", "missed", "cancelled", "coming"};
static const char *const days[] = {"days_without", "days_on_duty"};

static void name_cells(struct gh_str *out, const char *before, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        GH_AUTO_FREE char *name = gh_asprintf("%s%s", before, names[i]);
        gh_csv_cell(out, name);
    }
}

static void name_times(struct gh_str *out, const char *before, const char *const *names, size_t n)
{
    for (size_t i = 0; i < 2 * n; i++) {
        GH_AUTO_FREE char *name =
            gh_asprintf("%s%s_%s_seconds", before, names[i / 2], i % 2 ? "max" : "median");
        gh_csv_cell(out, name);
    }
}

/* What was not counted is an empty cell. */
static void number_cells(struct gh_str *out, const json_t *o, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_object_get(o, names[i]);
        if (json_is_integer(v))
            gh_csv_number(out, json_integer_value(v));
        else
            gh_csv_cell(out, NULL);
    }
}

static void time_cells(struct gh_str *out, const json_t *o, const char *const *names, size_t n)
{
    static const char *const fields[] = {"median_seconds", "max_seconds"};
    for (size_t i = 0; i < 2 * n; i++) {
        const json_t *v = json_object_get(json_object_get(o, names[i / 2]), fields[i % 2]);
        GH_AUTO_FREE char *text =
            json_is_number(v) ? gh_asprintf("%.3f", json_number_value(v)) : NULL;
        gh_csv_cell(out, text);
    }
}

static void reason_cell(struct gh_str *out, const json_t *list)
{
    GH_AUTO_STR text = {0};
    const json_t *o;
    size_t i;
    json_array_foreach (list, i, o) {
        const char *value = gh_j_text(o, "value");
        gh_str_printf(&text, "%s%s: %d", i ? "; " : "", *value ? value : gh_j_text(o, "reason"),
                      (int)gh_j_int(o, "n"));
    }
    gh_csv_cell(out, gh_str_text(&text));
}

static void head(struct gh_str *out, bool spans)
{
    static const char *const whose[] = {"department", "title"};
    gh_csv_cell(out, "from");
    if (!spans)
        gh_csv_cell(out, "to");
    name_cells(out, "", whose, GH_LEN(whose));
    name_cells(out, "", counted, GH_LEN(counted));
    if (!spans) {
        name_times(out, "", times, GH_LEN(times));
        name_cells(out, "questions_", questions, GH_LEN(questions));
        name_times(out, "questions_", answers, GH_LEN(answers));
        name_cells(out, "events_", events, GH_LEN(events));
        name_cells(out, "", days, GH_LEN(days));
        gh_csv_cell(out, "rejected_for");
    }
    gh_csv_end(out);
}

static void whole_line(struct gh_str *out, const json_t *answer, const json_t *row)
{
    const json_t *asked = json_object_get(row, "questions");
    gh_csv_cell(out, gh_j_text(answer, "day"));
    gh_csv_cell(out, gh_j_text(answer, "last_day"));
    gh_csv_cell(out, gh_j_text(row, "department"));
    gh_csv_cell(out, gh_j_text(row, "title"));
    number_cells(out, row, counted, GH_LEN(counted));
    time_cells(out, row, times, GH_LEN(times));
    number_cells(out, asked, questions, GH_LEN(questions));
    time_cells(out, asked, answers, GH_LEN(answers));
    number_cells(out, json_object_get(row, "events"), events, GH_LEN(events));
    number_cells(out, row, days, GH_LEN(days));
    reason_cell(out, json_object_get(row, "reasons"));
    gh_csv_end(out);
}

static void span_lines(struct gh_str *out, const json_t *answer, const json_t *row)
{
    const json_t *series = json_object_get(row, "series"), *begin;
    size_t i;
    json_array_foreach (json_object_get(answer, "spans"), i, begin) {
        gh_csv_cell(out, json_string_value(begin));
        gh_csv_cell(out, gh_j_text(row, "department"));
        gh_csv_cell(out, gh_j_text(row, "title"));
        for (size_t k = 0; k < GH_LEN(counted); k++)
            gh_csv_number(
                out, json_integer_value(json_array_get(json_object_get(series, counted[k]), i)));
        gh_csv_end(out);
    }
}

/* A row for whoever sent nothing and has none. */
static json_t *row_of_silent(const json_t *answer, size_t i)
{
    json_t *o = json_copy(json_array_get(json_object_get(answer, "silent_rows"), i));
    for (size_t k = 0; k < GH_LEN(counted); k++)
        json_object_set_new(o, counted[k], json_integer(0));
    return o;
}

void gh_csv_report(struct gh_str *out, const json_t *answer, bool spans)
{
    const json_t *rows = json_object_get(answer, "departments"), *row, *slug;
    size_t i;
    head(out, spans);
    json_array_foreach (rows, i, row)
        spans ? span_lines(out, answer, row) : whole_line(out, answer, row);
    json_array_foreach (json_object_get(answer, "silent"), i, slug) {
        bool has_row = false;
        const json_t *other;
        size_t k;
        json_array_foreach (rows, k, other)
            has_row |= !strcmp(gh_j_text(other, "department"), json_string_value(slug));
        if (has_row)
            continue;
        json_t *silent = row_of_silent(answer, i);
        spans ? span_lines(out, answer, silent) : whole_line(out, answer, silent);
        json_decref(silent);
    }
}
