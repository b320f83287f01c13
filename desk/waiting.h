/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for a person in questions, for the page that opens first: how many there are to
 * answer, how many of them late, and how many answers came. */
#ifndef GH_DESK_WAITING_H
#define GH_DESK_WAITING_H

#include "desk/desk.h"

/** Set "asking" of data: counts of ghatd's, one request whatever there is; null when nothing waits,
 * or ghatd does not say. Never fails: the page is about something else. */
void gh_waiting_add(struct gh_req *q, json_t *data);

#endif
