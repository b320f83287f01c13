/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox under a ledger that was restored. */
#ifndef GH_DAEMON_PUBLISH_RESTORED_H
#define GH_DAEMON_PUBLISH_RESTORED_H

#include "daemon/ledger/ledger.h"
#include "daemon/store/dirs.h"

/**
 * Take everything out of the outbox that is not out as far as this ledger knows: it goes to
 * quarantine/unknown/, under the same path, and nothing there is replaced. Only while nobody
 * publishes. Repeating is fine. *ret_moved: files and folders. Class: of the ledger, else of the
 * failing call.
 */
GH_MUST_USE int gh_restored_clear_outbox(struct gh_ledger *l, const struct gh_dirs *dirs,
                                         unsigned *ret_moved, struct gh_err *err);

#endif
