/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items as JSON: the short form of `list --json` and the long one of `show --json`. Field names are a contract with
 * scripts and the desk. */
#ifndef GH_DAEMON_ITEM_JSON_H
#define GH_DAEMON_ITEM_JSON_H

#include "daemon/ledger.h"

typedef struct json_t json_t;

/** id, department, name, files, state, dropped, placements {name: state}, … (new reference). */
json_t *gh_item_json_short(const struct gh_item *item);
/** That, and everything a person deciding must see (new reference). */
json_t *gh_item_json(const struct gh_item *item);
/** Any bytes as a JSON string: display form when they are not plain UTF-8 (new reference). */
json_t *gh_json_name(const void *bytes, size_t n);
/** "2026-11-23T14:05:09+05:30", or null for 0 (new reference). */
json_t *gh_json_time(int64_t ms);
/** ["GPS position", …] (new reference). */
json_t *gh_json_removed(uint32_t bits);
/** One state for a placement with several files or parts: the one that most needs a person. */
enum gh_ren_state gh_placement_state(const struct gh_item *item, const char *placement);

#endif
