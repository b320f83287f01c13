/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that several commands print: JSON, times, what is being worked on. */
#ifndef GH_CTL_PRINT_H
#define GH_CTL_PRINT_H

#include "base/json.h"
#include "base/str.h"

#include <stdio.h>

#define GH_WHEN 20 /* bytes of a time as gh_j_when writes it */

/** One compact JSON object a line on stdout. */
void gh_print_json(const json_t *o);
/*
 * What people read on a terminal goes through these, whoever wrote it: officers and approvers
 * choose names, captions and reasons, and none of them may clear the screen or look like another
 * line.
 */
/** One line on out, in the form of gh_str_display. */
void gh_print_line(FILE *out, const char *fmt, ...) GH_PRINTF(2, 3);
/** A title in a column of its own and a text beside it. A text of several lines (gh_text_clean)
 * stays in its column, and so does a long one on a terminal. Nothing for an empty one. */
void gh_print_field(const char *title, const char *fmt, ...) GH_PRINTF(2, 3);
/** "2026-11-23 14:05" of a field that is an ISO time, "-" when there is none. Returns ret. */
const char *gh_j_when(const json_t *o, const char *name, char ret[GH_WHEN]);
/** The same, without the day when that is today. */
const char *gh_j_soon(const json_t *o, const char *name, char ret[GH_WHEN]);
/** What is said of an item as a whole: its embargo, what it replaces or is replaced by, the order
 * of its files; a line each, nothing for what nobody said. */
void gh_print_whole(const json_t *item);
/** Officer, deputy and superior of a department, a line each who has a name or a number. */
void gh_print_contacts(const json_t *contacts);
/** Seconds in the unit a person would use: s below two minutes, min below two hours, else h. */
double gh_in_unit(double seconds, const char **ret_unit);
/** "about 5 min" from the "left_seconds" of o; nothing when there is no telling. Appends. */
void gh_str_left(struct gh_str *out, const json_t *o);
/** Files being worked on ("running" of status and show), a line each; nothing when there are none.
 */
void gh_print_running(const json_t *list);

#endif
