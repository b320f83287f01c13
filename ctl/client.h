/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talking to ghatd over its control socket, and printing what it says. */
#ifndef GH_CTL_CLIENT_H
#define GH_CTL_CLIENT_H

#include "base/str.h"
#include "ctl/ctl.h"

#include <jansson.h>

/**
 * One request, one answer (new reference). Takes the reference of request. Fails with ghatd's own class and message
 * when it refuses, and with GH_SYSTEM and what to do when nobody answers. ret_fd (may be NULL): a descriptor that came
 * with it, or -1.
 */
GH_MUST_USE int gh_ask(struct gh_ctl *ctl, json_t *request, json_t **ret, int *ret_fd, struct gh_err *err);

/** A field as text, "" when it is missing or null. Borrowed. */
const char *gh_j_text(const json_t *o, const char *name);
int64_t gh_j_int(const json_t *o, const char *name);
/** "2026-11-23 14:05" of an ISO time, "-" for null. ret holds 20 bytes. */
const char *gh_j_when(const json_t *o, const char *name, char ret[20]);
/** "about 5 min" from the "left_seconds" of o; nothing when there is no telling. */
void gh_str_left(struct gh_str *out, const json_t *o);
/** Files in work ("running" of status and show), a line each; nothing when there are none. */
void gh_print_running(const json_t *list);
/** One compact JSON object a line on stdout. */
void gh_print_json(const json_t *o);

/* Aligned columns, by the width of characters on a terminal (Bengali too). */
struct gh_table {
    char ***rows;
    size_t n, columns;
};
/** Append a row of texts; the first row is the head. columns is that of the first row. */
void gh_table_row(struct gh_table *t, size_t columns, const char *const *cells);
/** Control characters are made visible; the last column is not padded. */
void gh_table_print(const struct gh_table *t);
/** The cleanup of every table: GH_AUTO(gh_table_free) struct gh_table t = {0}; */
void gh_table_free(struct gh_table *t);

/** Split "a,b,c" into a JSON array (new reference); NULL when there is nothing in it. */
json_t *gh_split(const char *list);
/** A submission number from the command line, or 0. */
int64_t gh_parse_id(const char *text);

/* Options of a command: "-p", "--reason" … with or without a value. */
struct gh_opt {
    const char *name, *alias; /* alias may be NULL */
    const char **value;       /* takes a value; or */
    bool *flag;
};
/**
 * Take the options out of argv, in any order with the other arguments ("--" ends them). Returns the number of arguments
 * left in ret_args (argc entries suffice), or -1 after having complained.
 */
GH_MUST_USE int gh_options(const char *command, int argc, char **argv, const struct gh_opt *opts, size_t n,
                           const char **ret_args);

#endif
