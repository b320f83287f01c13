/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as texts for spreadsheets (RFC 4180). A cell that such a program would take for a formula
 * is made a text, whoever wrote it. */
#ifndef GH_BASE_CSV_H
#define GH_BASE_CSV_H

#include "base/str.h"

#include <jansson.h>

/** Append a cell, with a comma before it unless the line begins with it. text: NULL is empty. */
void gh_csv_cell(struct gh_str *out, const char *text);
/** A cell with a whole number. */
void gh_csv_number(struct gh_str *out, int64_t n);
/** End the line. */
void gh_csv_end(struct gh_str *out);

/** The answer to the request report as a table: a line for each department, those that sent nothing
 * among them, with all its figures; spans: one for each of its days or weeks, with what is counted.
 * Times are seconds. */
void gh_csv_report(struct gh_str *out, const json_t *answer, bool spans);

#endif
