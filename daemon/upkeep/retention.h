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
/* How far a round is; {0}: it begins. */
struct gh_retention {
    size_t sort;   /* of files that are kept for a time */
    int64_t after; /* submission */
    unsigned gone; /* how often a submission lost files of a sort; and letters and notices */
};
/** Look at the next few submissions or letters, and delete those whose time is over at now_ms; none
 * while the clock is not trusted (clock_trust.h). False: the round is over, or something failed,
 * which is logged: the next one begins anew. */
bool gh_retention_step(const struct gh_sweep_parts *p, struct gh_retention *round, int64_t now_ms);

#endif
