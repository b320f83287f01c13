/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May files be deleted by their age? A clock that is far ahead makes everything look old. What is
 * known is a time at which the clock was right (kept in the ledger), and how long this process has
 * run since. A jump ahead of more than a day beyond that is not believed: nothing is deleted for
 * its age until ghatd has run as long as the jump, or a person says that the clock is right.
 */
#ifndef GH_DAEMON_UPKEEP_CLOCK_TRUST_H
#define GH_DAEMON_UPKEEP_CLOCK_TRUST_H

#include "daemon/ledger/ledger.h"

/* When the clock was known to be right. */
struct gh_clock_base {
    int64_t wall_ms, mono_ms;
};
struct gh_clock_trust {
    struct gh_ledger *ledger; /* borrowed */
    struct gh_clock_base right;
    char doubt[200]; /* for people: why nothing is deleted for its age; "": the clock is trusted */
};

/** By how much the wall clock is ahead of where it can be; 0: it is to be believed. */
int64_t gh_clock_jump_ms(const struct gh_clock_base *base, int64_t wall_ms, int64_t mono_ms);

/** At start: reads what the ledger has kept, and writes nothing. */
void gh_clock_trust_open(struct gh_clock_trust *t, struct gh_ledger *ledger);
/** Judge the clock again: sets or clears doubt, logs when that changes, and keeps in the ledger a
 * time that is right. */
void gh_clock_trust_check(struct gh_clock_trust *t);
/** A person says that the clock is right: into the audit, and doubt is cleared. */
GH_MUST_USE int gh_clock_trust_confirm(struct gh_clock_trust *t, const struct gh_who *who,
                                       struct gh_err *err);

#endif
