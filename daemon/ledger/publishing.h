/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a decision to the outside: pending, undone; publishing, published. */
#ifndef GH_DAEMON_LEDGER_PUBLISHING_H
#define GH_DAEMON_LEDGER_PUBLISHING_H

#include "base/err.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdint.h>

/**
 * A decision goes out: from here on it cannot be undone. Of an approval the renditions are
 * publishing now, committed before the first name of them appears in the outbox, and the submission
 * that this one replaces is withdrawn; of a hold or a rejection the officer may be told. GH_LIMIT
 * when it is not pending, while all publication is frozen, or before the embargo ends.
 */
GH_MUST_USE int gh_ledger_publishing(struct gh_ledger *l, const struct gh_who *who,
                                     int64_t submission, int64_t decision, struct gh_err *err);
/** All decisions of the submission that are pending are void, their renditions staged again.
 * GH_LIMIT when none is: the outside has seen them. ret_n: how many renditions; words that were
 * approved again count, too. */
GH_MUST_USE int gh_ledger_undo(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               unsigned *ret_n, struct gh_err *err);
/**
 * The outbox shows this state of the item durably (manifest last): its publishing renditions →
 * published, unless decided otherwise since it was read; what changed in between is still due for
 * publishing. shown->sub.manifest_sha256 is that of the manifest that was written.
 */
GH_MUST_USE int gh_ledger_published(struct gh_ledger *l, const struct gh_who *who,
                                    const struct gh_item *shown, struct gh_err *err);

#endif
