/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of answers that more than one command prints. Owns nothing. */
#include "ctl/print.h"

#include "ctl/wrap.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* characters of "2026-11-23" and of "2026-11-23T14:05" */
#define DAY 10
#define DAY_AND_MINUTE 16

void gh_print_json(const json_t *o)
{
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
}

void gh_print_line(FILE *out, const char *fmt, ...)
{
    GH_AUTO_STR shown = {0};
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *text = gh_vasprintf(fmt, ap);
    va_end(ap);
    gh_str_display(&shown, text, strlen(text));
    fprintf(out, "%s\n", gh_str_text(&shown));
}

void gh_print_field(const char *title, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *text = gh_vasprintf(fmt, ap);
    va_end(ap);
    size_t n = strlen(text);
    while (n && text[n - 1] == '\n')
        n--;
    for (char *line = text; line < text + n;) {
        GH_AUTO_STR shown = {0};
        char *end = memchr(line, '\n', (size_t)(text + n - line));
        end = end ? end : text + n;
        for (char *tab = line; (tab = memchr(tab, '\t', (size_t)(end - tab)));)
            *tab = ' ';
        gh_str_display(&shown, line, (size_t)(end - line));
        GH_AUTO_FREE char *head = gh_asprintf("%-12s", line == text ? title : "");
        gh_print_wrapped(head, gh_str_text(&shown));
        line = end + 1;
    }
}

const char *gh_j_when(const json_t *o, const char *name, char ret[GH_WHEN])
{
    const char *iso = gh_j_text(o, name);
    gh_copy(ret, DAY_AND_MINUTE + 1, strlen(iso) < DAY_AND_MINUTE ? "-" : iso);
    if (strlen(ret) > DAY)
        ret[DAY] = ' '; /* where ISO 8601 has a T */
    return ret;
}

const char *gh_j_soon(const json_t *o, const char *name, char ret[GH_WHEN])
{
    char today[DAY + 1];
    gh_time_day(gh_now_ms(), today, sizeof(today));
    gh_j_when(o, name, ret);
    return gh_starts(ret, today) ? ret + DAY + 1 : ret;
}

void gh_print_whole(const json_t *item)
{
    char when[GH_WHEN];
    size_t i;
    json_t *f;
    GH_AUTO_STR order = {0};
    if (*gh_j_text(item, "embargo"))
        gh_print_field("embargo", "nothing of it goes out before %s",
                       gh_j_when(item, "embargo", when));
    if (gh_j_int(item, "replaces"))
        gh_print_field("replaces", "submission %" PRId64 ", which is withdrawn when this goes out",
                       gh_j_int(item, "replaces"));
    if (gh_j_int(item, "replaced_by"))
        gh_print_field("replaced", "by submission %" PRId64, gh_j_int(item, "replaced_by"));
    for (int64_t place = 1, n = 1; n; place++) {
        n = 0;
        json_array_foreach (json_object_get(item, "files"), i, f)
            if (gh_j_int(f, "place") == place) {
                n = gh_j_int(f, "number");
                gh_str_printf(&order, "%s%" PRId64, order.len ? ", " : "", n);
            }
    }
    if (order.len)
        gh_print_field("order", "file %s", order.data);
}

double gh_in_unit(double seconds, const char **ret_unit)
{
    bool minutes = seconds >= 2 * 60, hours = seconds >= 2 * 3600;
    *ret_unit = hours ? "h" : minutes ? "min" : "s";
    return hours ? seconds / 3600 : minutes ? seconds / 60 : seconds;
}

void gh_str_left(struct gh_str *out, const json_t *o)
{
    const json_t *left = json_object_get(o, "left_seconds");
    const char *unit;
    if (!json_is_number(left))
        return;
    double shown = gh_in_unit(json_number_value(left), &unit);
    gh_str_printf(out, "about %.0f %s", shown, unit);
}

void gh_print_running(const json_t *list)
{
    size_t i;
    json_t *o;
    json_array_foreach ((json_t *)list, i, o) {
        GH_AUTO_STR line = {0};
        GH_AUTO_STR left = {0};
        gh_str_printf(&line, "%" PRId64 " %s", gh_j_int(o, "id"), gh_j_text(o, "name"));
        gh_str_printf(&line, ": %.0f %%", json_number_value(json_object_get(o, "progress")) * 100);
        gh_str_left(&left, o);
        if (left.len)
            gh_str_printf(&line, ", %s left", gh_str_text(&left));
        gh_print_field(i ? "" : "in work", "%s", gh_str_text(&line));
    }
}

void gh_print_contacts(const json_t *contacts)
{
    static const char *const who[] = {"officer", "deputy", "superior"};
    for (size_t i = 0; i < GH_LEN(who); i++) {
        const json_t *p = json_object_get(contacts, who[i]);
        if (*gh_j_text(p, "name") || *gh_j_text(p, "mobile"))
            gh_print_field(who[i], "%s · %s · %s", gh_j_text(p, "name"), gh_j_text(p, "mobile"),
                           gh_j_text(p, "email"));
    }
}
