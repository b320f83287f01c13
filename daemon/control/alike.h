/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Photos of one scene in a submission: a burst, or the same moment taken twice. A help for people
 * who choose among thirty; nothing is dropped or decided by it. Pure. */
#ifndef GH_DAEMON_CONTROL_ALIKE_H
#define GH_DAEMON_CONTROL_ALIKE_H

#include "daemon/ledger/item.h"

typedef struct json_t json_t;

/** The groups of at least two, as lists of numbers of files (gh_file_number), the sharpest of each
 * first: [[4, 2, 3], [7, 9]]. In the order of the first file of each. New reference. */
json_t *gh_alike_json(const struct gh_item *item);

#endif
