/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts: tiny files that the agency drops into a folder beside the outbox, where it has no desk.
 * Each says that something was collected, or under which link it is posted, as the desk and the
 * command do; whoever comes first counts, once. What cannot be counted is told in words in a text
 * there, and blocks nothing. Runs in the loop's thread, a few files at a time.
 */
#ifndef GH_DAEMON_RECEIPT_RECEIPT_H
#define GH_DAEMON_RECEIPT_RECEIPT_H

#include "daemon/ledger/ledger.h"
#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"

struct gh_receipts;

/** dir: the folder, borrowed; -1: there is none, and nothing is done. All of it is borrowed until
 * gh_receipts_close. */
struct gh_receipts *gh_receipts_open(struct gh_loop *loop, struct gh_ledger *ledger,
                                     const struct gh_settings *settings, int dir);
/** Nothing is looked at any more. */
void gh_receipts_stop(struct gh_receipts *r);
void gh_receipts_close(struct gh_receipts **r);

/** What a receipt of that name and text says is kept in the ledger. *ret_changed: false where that
 * was known. GH_INPUT, GH_LIMIT, GH_USAGE: it cannot be, and why, in words for people. */
GH_MUST_USE int gh_receipt_count(struct gh_ledger *l, const struct gh_who *who, const char *name,
                                 const char *bytes, size_t n, bool *ret_changed,
                                 struct gh_err *err);

#endif
