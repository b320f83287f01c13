/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May the wall clock be trusted to delete by? A clock that is far ahead makes everything look old. What is known: a
 * time at which it was right (kept in the ledger), and how long this process has run since. A jump of more than a day
 * that it has not run through itself is not believed: nothing is deleted for its age until it has run as long as the
 * jump, or a person says that the clock is right.
 */
#ifndef GH_DAEMON_TRUST_H
#define GH_DAEMON_TRUST_H

#include "daemon/daemon.h"

/** How far the wall clock is ahead of where it can be; 0: no more than it may. */
int64_t gh_clock_jump_ms(const struct gh_clock_base *base, int64_t wall_ms, int64_t mono_ms);

/** At start: from the ledger. Writes nothing. */
void gh_trust_open(struct gh_daemon *d);
/** Look again; sets or clears d->clock, logs when that changes, keeps a time that is right. */
void gh_trust_check(struct gh_daemon *d);
/** A person says that the clock is right. */
GH_MUST_USE int gh_trust_confirm(struct gh_daemon *d, const struct gh_who *who, struct gh_err *err);

#endif
