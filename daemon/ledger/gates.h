/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds publication back: a freeze of everything, embargoes of single submissions. */
#ifndef GH_DAEMON_LEDGER_GATES_H
#define GH_DAEMON_LEDGER_GATES_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stdint.h>

/* Nothing goes out, whatever was approved, until a person ends it. */
struct gh_frozen {
    int64_t since_ms;
    char by[128], reason[256];
};
/** Returns 1 and who froze it and why, or 0. */
GH_MUST_USE int gh_ledger_frozen(struct gh_ledger *l, struct gh_frozen *ret, struct gh_err *err);
/** GH_LIMIT without a reason, or when it is frozen already. */
GH_MUST_USE int gh_ledger_freeze(struct gh_ledger *l, const struct gh_who *who, const char *reason,
                                 struct gh_err *err);
/** GH_LIMIT when it is not frozen. */
GH_MUST_USE int gh_ledger_thaw(struct gh_ledger *l, const struct gh_who *who, struct gh_err *err);
/**
 * Nothing of the submission goes out before until_ms (wall clock; 0: lifted), whatever is approved.
 * GH_LIMIT when something of it is out or was, or the time is over.
 */
GH_MUST_USE int gh_ledger_embargo(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                  int64_t until_ms, struct gh_err *err);

#endif
