/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger is the truth; Status/, outbox/ and quarantine/ are its projection. A commit names the
 * submissions it touched. A moment later each of them is read once, its note is written, its outbox
 * folder is brought up to date, and its bad files are put into quarantine/ with the reason.
 */
#ifndef GH_DAEMON_PUBLISH_PROJECTION_H
#define GH_DAEMON_PUBLISH_PROJECTION_H

#include "daemon/publish/notes.h"
#include "daemon/publish/publish.h"

struct gh_projection;
struct gh_claims;

/* What it uses; all of it is borrowed until gh_projection_close. */
struct gh_projection_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_dirs *dirs;
    struct gh_notes *notes;
    struct gh_publisher *publisher;
};

/** Also removes what a ghatd that was killed left half-written in quarantine/. */
struct gh_projection *gh_projection_open(const struct gh_projection_parts *parts);
/** At start: touch again what was touched after the position that was kept. */
GH_MUST_USE int gh_projection_resume(struct gh_projection *p, struct gh_err *err);
/** From now on, tell claims of each touched submission: an attempt whose claim was revoked is given
 * up, and new work is looked for. NULL: no longer. Borrowed. */
void gh_projection_follow(struct gh_projection *p, struct gh_claims *claims);
/** A commit touched this submission: it is projected soon. */
void gh_projection_touch(struct gh_projection *p, int64_t submission);
/** Project everything that was touched now. */
void gh_projection_flush(struct gh_projection *p);
/** Folders being written in the pool: run the loop until there is none before closing. */
unsigned gh_projection_busy(const struct gh_projection *p);
void gh_projection_close(struct gh_projection **p);

#endif
