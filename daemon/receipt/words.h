/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a receipt says: a tiny file that the agency drops, whose name tells which item and placement
 * it is about, and whose text may be the link of the post. Pure functions over people's own words.
 */
#ifndef GH_DAEMON_RECEIPT_WORDS_H
#define GH_DAEMON_RECEIPT_WORDS_H

#include "base/err.h"
#include "daemon/ledger/item.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_RECEIPT_BYTES 8192 /* of a receipt */
#define GH_RECEIPT_NAME 256   /* bytes of its name with a NUL */

/* One way to read a name: "water-12-press.photo.txt" is item 12 of water, the rest
 * "press.photo". */
struct gh_receipt {
    char department[64];
    int64_t id;
    char rest[GH_RECEIPT_NAME]; /* "": the item as a whole */
};

/**
 * The nth way, from 0, to read a name; false: there are no more. Departments have digits and
 * hyphens in their names, too, so there may be several: who asks the ledger knows which is meant.
 */
bool gh_receipt_read_name(const char *name, unsigned nth, struct gh_receipt *ret);
/** The placement that the rest begins with, of those of the item, the longest one: "press.photo" of
 * "press.photo-02-0a1b2c3d.jpg"; NULL: none. Borrowed from item. */
const char *gh_receipt_placement(const struct gh_item *item, const char *rest);
/**
 * The link in a receipt's text; *ret is the caller's, NULL where the text is empty. GH_INPUT: it is
 * no text, or says something else, or several links; the messages are for people.
 */
GH_MUST_USE int gh_receipt_read_link(const char *bytes, size_t n, char **ret, struct gh_err *err);

#endif
