/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items as JSON: the short form in the reply of `list`, the long one in that of `show`. The names
 * of the fields are a contract with scripts and the desk. view: who sees only what is out sees
 * nothing of originals, and no file of which nothing is out. */
#ifndef GH_DAEMON_CONTROL_ITEM_H
#define GH_DAEMON_CONTROL_ITEM_H

#include "daemon/control/view.h"

typedef struct json_t json_t;

/** What a list shows: id, department, name, files, state, placements {name: state}, … (new
 * reference). */
json_t *gh_item_json_short(const struct gh_item *item, enum gh_view view);
/** The same, and everything that a person who decides must see (new reference). */
json_t *gh_item_json(const struct gh_item *item, enum gh_view view);
/** What the reason of a rendition means to people, in English, for gh_word() without a context;
 * null where a person gave it, or nothing plainer is known. New reference. */
json_t *gh_item_plain(const struct gh_rendition *r);

#endif
