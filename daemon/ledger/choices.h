/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that survive, and what people chose for one submission. */
#ifndef GH_DAEMON_LEDGER_CHOICES_H
#define GH_DAEMON_LEDGER_CHOICES_H

#include "base/err.h"
#include "base/media.h"
#include "daemon/ledger/decide.h"
#include "daemon/ledger/open.h"

#include <stdint.h>

/** Keep settings that must survive (adaptive quiet times, …): a small key → text table. */
GH_MUST_USE int gh_ledger_setting(struct gh_ledger *l, const char *key, char **ret,
                                  struct gh_err *err); /* *ret NULL when absent */
GH_MUST_USE int gh_ledger_set_setting(struct gh_ledger *l, const char *key, const char *value,
                                      struct gh_err *err);
/** The moment of a submission's videos that somebody chose for their thumbnails, microseconds; -1:
 * nobody did. */
GH_MUST_USE int gh_ledger_thumb(struct gh_ledger *l, int64_t submission, int64_t *ret_us,
                                struct gh_err *err);
/** The point of a submission's pictures that somebody chose for crops to keep. */
GH_MUST_USE int gh_ledger_focal(struct gh_ledger *l, int64_t submission, struct gh_focal *ret,
                                struct gh_err *err);
/** What the officer wrote after "For:", words with commas; NULL: nothing. *ret is the caller's. */
GH_MUST_USE int gh_ledger_asked(struct gh_ledger *l, int64_t submission, char **ret,
                                struct gh_err *err);
/** Keep it, with a record. It counts for files that are planned from now on. */
GH_MUST_USE int gh_ledger_ask_for(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                  const char *words, struct gh_err *err);
/**
 * Choose (us -1, focal->has false: nobody chooses any more), and have the placements of `again`,
 * a GH_RERENDER, made again, in one transaction: GH_USAGE when there is no such submission,
 * GH_LIMIT when it names no placement or one cannot be made again, and then nothing is kept.
 * again->reason says for people what was chosen.
 */
GH_MUST_USE int gh_ledger_choose_thumb(struct gh_ledger *l, const struct gh_who *who, int64_t us,
                                       const struct gh_decision_req *again, unsigned *ret_changed,
                                       struct gh_err *err);
GH_MUST_USE int gh_ledger_choose_focal(struct gh_ledger *l, const struct gh_who *who,
                                       const struct gh_focal *focal,
                                       const struct gh_decision_req *again, unsigned *ret_changed,
                                       struct gh_err *err);

#endif
