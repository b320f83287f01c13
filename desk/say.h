/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What codes of ghatd's replies mean in words: states, refusals, roles, kinds of metadata. One
 * table, by kind and code; what is not in it is shown as it is.
 */
#ifndef GH_DESK_SAY_H
#define GH_DESK_SAY_H

#include "base/words.h"

/** The word for a code of that kind. Borrowed: lives as long as the process, or as code. */
const char *gh_say(const struct gh_words *w, const char *kind, const char *code);
/** Append the hours of a calendar, as ghatd writes them ("mon-fri 10:00-18:00; closed 2026-12-25"),
 * each word and digit in the language. */
void gh_say_hours(struct gh_str *out, const struct gh_words *w, const char *hours);

#endif
