/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people call departments and placements, whose short names stand in ghatd's replies. Those of
 * placements are kept for a minute, since cards would ask for them all the time.
 */
#ifndef GH_DESK_TITLES_H
#define GH_DESK_TITLES_H

#include "desk/desk.h"

/** Set "title" of each object in list (an array or NULL), for the short name in its field. kind:
 * "departments" or "profiles". Without an answer of ghatd nothing is set. */
void gh_titles_add(struct gh_req *q, const char *kind, const char *field, json_t *list);

#endif
