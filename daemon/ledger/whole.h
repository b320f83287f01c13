/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a submission as a whole before it goes out: the order of its files, and which one
 * it corrects. Both are part of what is seen and approved. */
#ifndef GH_DAEMON_LEDGER_WHOLE_H
#define GH_DAEMON_LEDGER_WHOLE_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stddef.h>
#include <stdint.h>

/**
 * The order in which its media files are shown: numbers as gh_file_number counts, each at most
 * once; those that are not named follow. n 0: that of their numbers again. GH_LIMIT when something
 * of it is approved or out, or a number is none of its files.
 */
GH_MUST_USE int gh_ledger_order(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                const unsigned *numbers, size_t n, struct gh_err *err);
/**
 * submission is a correction of old (0: of none any more): when its first approval goes out, all
 * of old is withdrawn in the same commit. GH_LIMIT when something of submission is approved or out,
 * or old never went out or is replaced already.
 */
GH_MUST_USE int gh_ledger_replaces(struct gh_ledger *l, const struct gh_who *who,
                                   int64_t submission, int64_t old, struct gh_err *err);

#endif
