/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deleting what was kept long enough ([retention]), a few submissions at a time: announced in the ledger, deleted,
 * done. The sweep asks once an hour. Originals in the spool go with the sweep as soon as no submission needs them any
 * more.
 */
#ifndef GH_DAEMON_RETENTION_H
#define GH_DAEMON_RETENTION_H

#include "daemon/daemon.h"

/** Finish what was announced when ghatd died: before anything new is taken. Failures are logged. */
void gh_retention_recover(struct gh_daemon *d);
/** The next few whose time is over at now_ms; none while the clock is not trusted (trust.h). Returns how many
 * submissions lost files: until 0, there may be more. */
unsigned gh_retention_step(struct gh_daemon *d, int64_t now_ms);

#endif
