/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deleting what was kept long enough ([retention] of the configuration), a few submissions or
 * letters at a time: announced in the ledger first, then deleted, then recorded as done, so that a
 * crash between is finished later. The sweep calls it once an hour. An original in the spool is
 * deleted by the sweep when no submission needs it any more.
 */
#ifndef GH_DAEMON_UPKEEP_RETENTION_H
#define GH_DAEMON_UPKEEP_RETENTION_H

#include "daemon/upkeep/sweep.h"

/** Finish what an earlier ghatd had announced, before anything new is announced. Failures are
 * logged. */
void gh_retention_recover(const struct gh_sweep_parts *p);
/** Delete files of the next few submissions whose time is over at now_ms; none while the clock is
 * not trusted (clock_trust.h). Returns how many submissions lost files, or letters and notices are
 * forgotten: unless 0, there may be more. Failures are logged. */
unsigned gh_retention_step(const struct gh_sweep_parts *p, int64_t now_ms);

#endif
