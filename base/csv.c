/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells and lines of CSV. Spreadsheets run what begins with = + - @ or a tab; an apostrophe before
 * it makes it a text, and they do not show it. */
#include "base/csv.h"

#include <inttypes.h>
#include <string.h>

static bool is_first(const struct gh_str *out)
{
    return !out->len || out->data[out->len - 1] == '\n';
}

static void begin_cell(struct gh_str *out)
{
    gh_str_puts(out, is_first(out) ? "" : ",");
}

static bool is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r\n", *text);
}

void gh_csv_cell(struct gh_str *out, const char *text)
{
    const char *s = text ? text : "";
    bool guarded = is_formula(s), alone = !*s && is_first(out);
    bool quoted = guarded || alone || *s == ' ' || strpbrk(s, ",\"\r\n");
    begin_cell(out);
    gh_str_puts(out, quoted ? "\"" : "");
    gh_str_puts(out, guarded ? "'" : "");
    for (; *s; s++)
        gh_str_add(out, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    gh_str_puts(out, quoted ? "\"" : "");
}

void gh_csv_number(struct gh_str *out, int64_t n)
{
    begin_cell(out);
    gh_str_printf(out, "%" PRId64, n);
}

void gh_csv_end(struct gh_str *out)
{
    gh_str_puts(out, "\r\n");
}
