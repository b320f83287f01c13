/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Aligned tables and command-line options, as every command uses them. */
#include "ctl/client.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

void gh_table_row(struct gh_table *t, size_t columns, const char *const *cells)
{
    if (t->n == 0)
        t->columns = columns;
    char **row = gh_alloc(t->columns * sizeof(*row));
    for (size_t i = 0; i < t->columns; i++) {
        struct gh_str shown = {0};
        const char *text = i < columns && cells[i] ? cells[i] : "";
        gh_str_display(&shown, text, strlen(text));
        row[i] = shown.data ? shown.data : gh_strdup("");
    }
    t->rows = gh_realloc(t->rows, (t->n + 1) * sizeof(*t->rows));
    t->rows[t->n++] = row;
}

static int width(const char *text)
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
            widths[k] = GH_MAX(widths[k], width(t->rows[i][k]));
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->columns; k++) {
            bool last = k + 1 == t->columns;
            printf("%s%*s", t->rows[i][k], last ? 0 : widths[k] - width(t->rows[i][k]) + 2, "");
        }
        putchar('\n');
    }
    free(widths);
}

/* Takes argv[*i] (and its value). Returns false when it is no option of the table. */
static int take(const char *command, int argc, char **argv, int *i, const struct gh_opt *opts, size_t n)
{
    const char *arg = argv[*i], *equals = gh_starts(arg, "--") ? strchr(arg, '=') : NULL;
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (size_t k = 0; k < n; k++) {
        const struct gh_opt *o = &opts[k];
        bool is = (strlen(o->name) == len && !strncmp(o->name, arg, len)) ||
                  (o->alias && strlen(o->alias) == len && !strncmp(o->alias, arg, len));
        if (!is)
            continue;
        if (o->flag) {
            if (equals)
                return gh_ctl_usage(command, "%.*s takes no value", (int)len, arg), -1;
            *o->flag = true;
        } else if (equals) {
            *o->value = equals + 1;
        } else if (*i + 1 < argc) {
            *o->value = argv[++*i];
        } else {
            return gh_ctl_usage(command, "%s needs a value", arg), -1;
        }
        return 0;
    }
    return gh_ctl_usage(command, "there is no option %s", arg), -1;
}

int gh_options(const char *command, int argc, char **argv, const struct gh_opt *opts, size_t n, const char **ret_args)
{
    int args = 0;
    bool more = true;
    for (int i = 1; i < argc; i++) {
        if (more && !strcmp(argv[i], "--")) {
            more = false;
        } else if (more && argv[i][0] == '-' && argv[i][1]) {
            if (take(command, argc, argv, &i, opts, n) < 0)
                return -1;
        } else {
            ret_args[args++] = argv[i];
        }
    }
    return args;
}
