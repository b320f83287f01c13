/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit: rows that are never changed, each with the hash of the one before. */
#ifndef GH_DAEMON_LEDGER_AUDIT_H
#define GH_DAEMON_LEDGER_AUDIT_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_audit_row {
    int64_t seq, time_ms, submission; /* submission 0: none */
    const char *actor, *subject, *action, *detail;
    const char *prev, *hash;
};
typedef bool gh_audit_fn(const struct gh_audit_row *row, void *arg);
/** Number of the newest audit row. */
int64_t gh_ledger_seq(const struct gh_ledger *l);
/** Its hash, 64 hex digits; "" before the first row. With its number it stands for all that was
 * recorded until then. */
const char *gh_ledger_head(const struct gh_ledger *l);
/**
 * Does the audit still hold a row of that hash, and is its number seq (0: any)? Returns 1; or 0 and
 * *ret_last, the number of the newest row.
 */
GH_MUST_USE int gh_ledger_holds(struct gh_ledger *l, int64_t seq, const char *hash,
                                int64_t *ret_last, struct gh_err *err);
/** Submissions that audit rows after seq are about, each once, in order, until fn returns false. */
GH_MUST_USE int gh_ledger_touched_since(struct gh_ledger *l, int64_t seq,
                                        bool (*fn)(int64_t id, void *arg), void *arg,
                                        struct gh_err *err);
/**
 * The same of one department, in slices: of the next `most` submissions of all departments with
 * numbers above *after. Sets *after to the last of them. Returns 1, or 0 when they were the last.
 */
GH_MUST_USE int gh_ledger_touched_slice(struct gh_ledger *l, int64_t seq, const char *department,
                                        unsigned most, int64_t *after,
                                        void (*fn)(int64_t id, void *arg), void *arg,
                                        struct gh_err *err);
/**
 * Audit rows of one submission (0: all) with numbers above after, in order, at most limit (0: all);
 * fn returns false to stop. row is borrowed; its texts are bytes, UTF-8 or not. Returns 1 when
 * there are more rows than the limit let through, else 0.
 */
GH_MUST_USE int gh_ledger_log(struct gh_ledger *l, int64_t submission, int64_t after,
                              unsigned limit, gh_audit_fn *fn, void *arg, struct gh_err *err);
/** The same of one submission, without the decisions that the outside has not seen, or never will
 * because they were undone. */
GH_MUST_USE int gh_ledger_log_outside(struct gh_ledger *l, int64_t submission, int64_t after,
                                      unsigned limit, gh_audit_fn *fn, void *arg,
                                      struct gh_err *err);
/** An audit row of its own: reloads, retention, start and stop. */
GH_MUST_USE int gh_ledger_note(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               const char *action, const char *detail, struct gh_err *err);
/** Time of the newest audit row, 0 when there is none. */
GH_MUST_USE int gh_ledger_last_event(struct gh_ledger *l, int64_t *ret_ms, struct gh_err *err);
/** Recompute the hash chain. GH_LIMIT naming the first row that does not fit. ret_rows may be NULL.
 */
GH_MUST_USE int gh_ledger_verify_chain(struct gh_ledger *l, int64_t *ret_rows, struct gh_err *err);

#endif
