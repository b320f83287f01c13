/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons for a rejection, as ghatd lists them in the reader's language: those that come with Ghat
 * and the site's own. */
#ifndef GH_DESK_REASONS_H
#define GH_DESK_REASONS_H

#include "desk/desk.h"

/** Ask for them, into q->reasons and q->tongue, for {{x|say:reason}} of pages: a list, each with
 * value (what the ledger keeps), label, todo and offered. */
GH_MUST_USE int gh_reasons_ask(struct gh_req *q, struct gh_err *err);
/** Append a reason of the ledger in the reader's words. */
void gh_reasons_say(struct gh_str *out, const struct gh_tongue *tongue, const char *reason);

#endif
