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

#endif
