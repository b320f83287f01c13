/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands on the command line: options in any order, numbers, lists, moments. */
#ifndef GH_CTL_OPTIONS_H
#define GH_CTL_OPTIONS_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An option of a command: "-p", "--reason" … with or without a value. */
struct gh_opt {
    const char *name, *alias; /* alias may be NULL */
    const char **value; /* where its value goes, borrowed from argv; NULL: it takes none … */
    bool *flag;         /* … and this is set */
};

/**
 * Take the options out of argv, where they may stand in any order among the other arguments ("--"
 * ends them); argv[0] is the command's name. The n arguments that are left stand in argv[1] to
 * argv[n] afterwards. Returns n, or -1 after having complained.
 */
GH_MUST_USE int gh_options(int argc, char **argv, const struct gh_opt *opts, size_t n_opts);
/** The same for a command that takes one argument, a submission's number. Returns 0, or the
 * command's exit code after having complained. */
GH_MUST_USE int gh_options_id(int argc, char **argv, const struct gh_opt *opts, size_t n_opts,
                              int64_t *ret_id);

/** "a,b,c" as a JSON array (new reference); NULL when there is nothing in it. */
json_t *gh_split(const char *list);
/** "2,5" as a JSON array of numbers above 0 (new reference); NULL when one is none. */
json_t *gh_numbers(const char *list);
/** A submission's number; 0 when it is none. */
int64_t gh_parse_id(const char *text);
/** "12.5", "1:02.5", "1:00:00" → seconds; false when it is no moment. */
bool gh_parse_moment(const char *text, double *ret_s);

#endif
