/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures: counts and medians, what was made with which profile. */
#ifndef GH_DAEMON_LEDGER_STATS_H
#define GH_DAEMON_LEDGER_STATS_H

#include "base/err.h"
#include "daemon/ledger/open.h"
#include "daemon/ledger/states.h"

#include <stdint.h>

/* Outputs that wait or are out (staged, held, approved, published), by the text of the profile they
 * were made with. */
struct gh_made_row {
    const char *placement, *profile; /* digest */
    uint64_t n;
    int64_t submission; /* in the second call only */
    enum gh_ren_state state;
};
typedef bool gh_made_fn(const struct gh_made_row *made, void *arg);
/** One call of fn for each placement and digest there is. */
GH_MUST_USE int gh_ledger_made(struct gh_ledger *l, gh_made_fn *fn, void *arg, struct gh_err *err);
/** One call of fn for each output of that placement and digest. */
GH_MUST_USE int gh_ledger_made_with(struct gh_ledger *l, const char *placement, const char *profile,
                                    gh_made_fn *fn, void *arg, struct gh_err *err);

struct gh_today { /* submissions */
    uint64_t decided, staged, collected;
};
struct gh_counts {
    uint64_t submissions[GH_SUB_STATES_N];
    uint64_t renditions[GH_REN_STATES_N];
    uint64_t files_due, files_running, files_bad;
    /* medians of the last 200, -1 none */
    int64_t drop_to_staged_ms, staged_to_approved_ms, approved_to_collected_ms;
};
/** Bytes of a department's originals that nobody has decided about yet. */
GH_MUST_USE int gh_ledger_open_bytes(struct gh_ledger *l, const char *department,
                                     uint64_t *ret_bytes, struct gh_err *err);
/** By state: takes time in proportion to all that ever was. */
GH_MUST_USE int gh_ledger_counts(struct gh_ledger *l, struct gh_counts *ret, struct gh_err *err);
/** What happened since that midnight, and takes no longer than that. */
GH_MUST_USE int gh_ledger_today(struct gh_ledger *l, int64_t midnight_ms, struct gh_today *ret,
                                struct gh_err *err);

/* From where to where submissions pass. */
enum gh_pass { GH_PASS_STAGED, GH_PASS_APPROVED, GH_PASS_COLLECTED, GH_PASSES };
typedef void gh_passed_fn(enum gh_pass pass, int64_t ms, void *arg);
/** One call for each pass after from_ms, to to_ms at the latest (wall clock), of submissions that
 * audit rows after seq are about; of the newest 20000 rows if there are more. */
GH_MUST_USE int gh_ledger_passed(struct gh_ledger *l, int64_t seq, int64_t from_ms, int64_t to_ms,
                                 gh_passed_fn *fn, void *arg, struct gh_err *err);

/* Where submissions wait: to be made, to be decided, to be collected. */
enum gh_stage { GH_STAGE_MAKING, GH_STAGE_DECIDING, GH_STAGE_COLLECTING, GH_STAGES };
/** Since when the oldest waits in each, wall clock; 0: none does. */
GH_MUST_USE int gh_ledger_oldest(struct gh_ledger *l, int64_t ret[GH_STAGES], struct gh_err *err);

struct gh_question_figures {
    uint64_t open, late, answered; /* late ones are open, too; answered: not closed yet */
    uint64_t in_time, too_late;    /* answers, of all times */
};
GH_MUST_USE int gh_ledger_question_figures(struct gh_ledger *l, int64_t now_ms,
                                           struct gh_question_figures *ret, struct gh_err *err);

#endif
