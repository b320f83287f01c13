/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on the disk: taking and making pause before it is full, say so, and go on by themselves. Decisions never wait for it. */
#ifndef GH_DAEMON_SPACE_H
#define GH_DAEMON_SPACE_H

#include "daemon/daemon.h"

/**
 * Is there room for need bytes beside the reserve? Sets or clears d->paused and logs when that changes.
 */
bool gh_space_enough(struct gh_daemon *d, uint64_t need);
/** A write failed for lack of room: paused until gh_space_enough finds some. */
void gh_space_full(struct gh_daemon *d);

#define GH_SPACE_RETRY_MS 5000

#endif
