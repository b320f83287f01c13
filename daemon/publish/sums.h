/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32 of outputs that were staged before it was kept: computed in a pool thread, one file after
 * the other, once a list of downloads wants them. The bytes are hashed in the same reading: what is
 * not what was approved is lost to the list. Runs in the loop's thread and never waits there.
 */
#ifndef GH_DAEMON_PUBLISH_SUMS_H
#define GH_DAEMON_PUBLISH_SUMS_H

#include "daemon/ledger/ledger.h"
#include "daemon/loop/loop.h"
#include "daemon/store/dirs.h"

struct gh_sums;

/** All of it is borrowed until gh_sums_close. */
struct gh_sums *gh_sums_open(struct gh_loop *loop, struct gh_ledger *ledger,
                             const struct gh_dirs *dirs);
/** Some list wants sums: begin, unless it has begun. */
void gh_sums_wake(struct gh_sums *s);
/** Begin nothing more; run the loop until it is not busy, then close. */
void gh_sums_stop(struct gh_sums *s);
bool gh_sums_busy(const struct gh_sums *s);
void gh_sums_close(struct gh_sums **s);

#endif
