/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A department asks to withdraw what is out: urgent for who decides, until it is withdrawn or the
 * answer is that it stays. What was asked and answered is kept.
 */
#ifndef GH_DAEMON_LEDGER_PLEA_H
#define GH_DAEMON_LEDGER_PLEA_H

#include "base/err.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_PLEA_BYTES 2000 /* of what is asked, and of the answer */

struct gh_plea {
    int64_t submission, asked_ms, answered_ms; /* wall clock; answered_ms 0: not yet */
    char *by, *text, *answered_by, *answer;    /* "" while it is not answered */
};
void gh_plea_free(struct gh_plea *p);

/** The department asks; text says why. GH_LIMIT: without a reason, code EBUSY: it asked already, or
 * code ENOTSUP: nothing of the submission is out. */
GH_MUST_USE int gh_ledger_plead(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                const char *text, struct gh_err *err);
/** It stays; text says why. GH_LIMIT: without a reason, or (code ENOTSUP) nobody asked. */
GH_MUST_USE int gh_ledger_plea_answer(struct gh_ledger *l, const struct gh_who *who,
                                      int64_t submission, const char *text, struct gh_err *err);
/** Something was withdrawn for that reason: if all of it is, what was asked is met. In a
 * transaction of the caller's. */
GH_MUST_USE int gh_plea_met(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                            const char *reason, struct gh_err *err);
/** The last one about a submission; what is withdrawn since is not asked for any more. Returns 1
 * with *ret, the caller's to free, or 0: there is none. */
GH_MUST_USE int gh_ledger_plea(struct gh_ledger *l, int64_t submission, struct gh_plea *ret,
                               struct gh_err *err);
typedef bool gh_plea_fn(const struct gh_plea *p, void *arg);
/** Those that wait for an answer, the oldest first, at most max, until fn returns false. */
GH_MUST_USE int gh_ledger_pleas(struct gh_ledger *l, size_t max, gh_plea_fn *fn, void *arg,
                                struct gh_err *err);

#endif
