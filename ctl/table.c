/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells are kept in the form they are shown in; widths are known when the last row is in. */
#include "ctl/table.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#define GAP 2 /* blanks between columns */

void gh_table_row(struct gh_table *t, size_t n, const char *const *cells)
{
    if (t->n == 0)
        t->columns = n;
    char **row = gh_alloc(t->columns * sizeof(*row));
    for (size_t i = 0; i < t->columns; i++) {
        struct gh_str shown = {0};
        const char *text = i < n && cells[i] ? cells[i] : "";
        gh_str_display(&shown, text, strlen(text));
        row[i] = shown.data ? shown.data : gh_strdup("");
    }
    t->rows = gh_realloc(t->rows, (t->n + 1) * sizeof(*t->rows));
    t->rows[t->n++] = row;
}

int gh_table_width(const char *text)
{
    int w = 0;
    for (const char *s = text; *s;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
        w += n > 0 ? utf8proc_charwidth(c) : 1;
        s += n > 0 ? n : 1;
    }
    return w;
}

void gh_table_free(struct gh_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->columns; k++)
            free(t->rows[i][k]);
        free(t->rows[i]);
    }
    free(t->rows);
    *t = (struct gh_table){0};
}

void gh_table_print(const struct gh_table *t)
{
    int *widths = gh_alloc((t->columns + 1) * sizeof(*widths));
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->columns; k++)
            widths[k] = GH_MAX(widths[k], gh_table_width(t->rows[i][k]));
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->columns; k++) {
            bool last = k + 1 == t->columns;
            printf("%s%*s", t->rows[i][k],
                   last ? 0 : widths[k] - gh_table_width(t->rows[i][k]) + GAP, "");
        }
        putchar('\n');
    }
    free(widths);
}
