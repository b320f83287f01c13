/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intake: from a name in a department's folder to a submission in the ledger. Hints and scans make looks, looks make
 * things settle, settled things are copied out, committed, and moved away. The scan is the truth; everything here may
 * be forgotten at any time.
 */
#ifndef GH_DAEMON_INTAKE_H
#define GH_DAEMON_INTAKE_H

#include "daemon/daemon.h"

struct gh_intake;

/** Finish what an earlier life left between the ledger and the drop folder (sources PRESENT). Before gh_intake_open. */
GH_MUST_USE int gh_intake_resume(struct gh_daemon *d, struct gh_err *err);
/** Watch and scan drop/; the first full scan starts at once. */
GH_MUST_USE int gh_intake_open(struct gh_daemon *d, struct gh_intake **ret, struct gh_err *err);
/**
 * Take nothing more; what is being copied is dropped and found again by the next start. Run the loop until it is not
 * busy any more, then close.
 */
void gh_intake_stop(struct gh_intake *in);
bool gh_intake_busy(const struct gh_intake *in);
void gh_intake_close(struct gh_intake **in);
/** Look at everything now (configuration was read again, a recall, a person asks). */
void gh_intake_rescan(struct gh_intake *in);

struct gh_intake_stats {
    size_t departments, offline; /* folders below drop/; those that vanished */
    size_t waiting;              /* things not yet settled */
    size_t taking;               /* being copied or committed */
    size_t parked;               /* refused or empty, left where they are */
    size_t ignored;              /* junk in departments' folders, as listed last */
    size_t watches;
    bool offline_all;   /* drop/ itself is not there, or lacks its mount marker */
    int64_t scanned_ms; /* end of the last full scan, wall clock */
};
void gh_intake_stats(const struct gh_intake *in, struct gh_intake_stats *ret);
/** A file of this department was taken before its writer was done: its quiet time grows. */
void gh_intake_too_early(struct gh_intake *in, const char *slug);
/** Quiet time of a department now, with what was learnt, in milliseconds. */
int64_t gh_intake_quiet(const struct gh_intake *in, const char *slug);

#endif
