/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue: which submissions wait for a decision, searched, counted, in the order of their turn.
 */
#ifndef GH_DAEMON_LEDGER_WAITING_H
#define GH_DAEMON_LEDGER_WAITING_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_waiting_filter {
    /* of a rendition; the urgent come first, then what an answer returned, then the oldest. NULL:
     * everything, the newest first */
    const char *state;
    const char *department; /* NULL: all */
    const char *text;       /* in the caption or the name, or the number; NULL: any */
    int64_t from_ms, to_ms; /* dropped from then to before then; to 0: no limit */
    int64_t after;          /* those that come after this one in the order; 0: from the first on */
    /* as in gh_list_filter */
    bool limited, out;
    const char *departments;
};
/** Their numbers, in order: at most max, which ret_ids holds. Returns how many. */
GH_MUST_USE int gh_ledger_waiting(struct gh_ledger *l, const struct gh_waiting_filter *filter,
                                  int64_t *ret_ids, size_t max, struct gh_err *err);
/** How many each department has of them, and when the oldest was dropped; after counts for nothing.
 */
typedef bool gh_waiting_fn(const char *department, uint64_t n, int64_t oldest_ms, void *arg);
GH_MUST_USE int gh_ledger_waiting_each(struct gh_ledger *l, const struct gh_waiting_filter *filter,
                                       gh_waiting_fn *fn, void *arg, struct gh_err *err);

#endif
