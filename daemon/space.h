/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on the disk: taking and making pause before it is full, say so, and go on by themselves. Decisions never wait
 * for it. */
#ifndef GH_DAEMON_SPACE_H
#define GH_DAEMON_SPACE_H

#include "daemon/daemon.h"

/** Is the reserve still free? Sets or clears d->paused, logs when that changes, and tells the departments in
 * Status/Ghat.txt. */
bool gh_space_enough(struct gh_daemon *d);
/** Would need bytes fit beside the reserve? */
bool gh_space_fits(const struct gh_daemon *d, uint64_t need);
/** A write failed for lack of room: paused until gh_space_enough finds the reserve free. */
void gh_space_full(struct gh_daemon *d);

/**
 * The ballast: a file beside the ledger that is of no use but to be removed when the disk is full, so that decisions
 * still commit. True: there was one, and it is gone now; it comes back when the disk has room again.
 */
bool gh_space_drop_ballast(struct gh_daemon *d);

#define GH_SPACE_RETRY_MS 5000

#endif
