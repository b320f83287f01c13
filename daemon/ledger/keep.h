/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: whose files were kept long enough, and the record that they go. */
#ifndef GH_DAEMON_LEDGER_KEEP_H
#define GH_DAEMON_LEDGER_KEEP_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files of a submission that are kept for a time ([retention]); bits of gh_submission.retired. */
enum gh_kept {
    GH_KEPT_ORIGINALS = 1,
    GH_KEPT_STAGING = 2,
    GH_KEPT_OUTBOX = 4,
    GH_KEPT_QUARANTINE = 8
};
const char *gh_kept_name(enum gh_kept what);
/* How the reason begins for which a file is refused that is of no kind that is taken. */
#define GH_REASON_UNSUPPORTED "unsupported "
/**
 * Submissions whose files of that sort may go: nothing of them is undecided, in work, unpublished
 * or (outbox) still to be collected, and nothing happened to them since before_ms. unsupported:
 * only those of which every photo and video was refused as unsupported. Of all submissions that
 * there ever were only the next few, in order of id, are looked at: those after *after (0: from the
 * first), which becomes the last of them, or 0 where no more follow. Returns how many ids there
 * are, which may be none while more follow.
 */
GH_MUST_USE int gh_ledger_retirable(struct gh_ledger *l, enum gh_kept what, bool unsupported,
                                    int64_t before_ms, int64_t *after, int64_t *ret_ids, size_t max,
                                    struct gh_err *err);
/** These files are about to be deleted: marked and audited, and half-way until gh_ledger_retired.
 */
GH_MUST_USE int gh_ledger_retire(struct gh_ledger *l, const struct gh_who *who, enum gh_kept what,
                                 const int64_t *ids, size_t n, int64_t kept_ms, struct gh_err *err);
/** All that gh_ledger_retire announced is deleted. */
GH_MUST_USE int gh_ledger_retired(struct gh_ledger *l, struct gh_err *err);
/** What was announced and not finished (ghatd died): returns how many ids. */
GH_MUST_USE int gh_ledger_retiring(struct gh_ledger *l, enum gh_kept *ret_what, int64_t *ret_ids,
                                   size_t max, struct gh_err *err);

#endif
