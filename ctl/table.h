/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Aligned columns, by the width of characters on a terminal (Bengali too). */
#ifndef GH_CTL_TABLE_H
#define GH_CTL_TABLE_H

#include <stddef.h>

/* Zero-initialise: GH_AUTO(gh_table_free) struct gh_table t = {0}; */
struct gh_table {
    char ***rows; /* columns texts each, owned */
    size_t n, columns;
};
/** Append a row of n texts, which are copied; NULL is an empty one. The first row says how many
 * columns there are: later rows are cut or filled. Control characters become visible. */
void gh_table_row(struct gh_table *t, size_t n, const char *const *cells);
/** On stdout; the last column is not padded. */
void gh_table_print(const struct gh_table *t);
/** Columns of a terminal that text takes. */
int gh_table_width(const char *text);
void gh_table_free(struct gh_table *t);

#endif
