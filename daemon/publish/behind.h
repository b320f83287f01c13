/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Departments whose notes were not written, because their folder was away, waited for a
 * confirmation, or could not be written to. The ledger keeps from which audit row on, so that a
 * restart forgets none; when the folder is there, what was touched since is projected again, ever
 * more rarely while that fails.
 */
#ifndef GH_DAEMON_PUBLISH_BEHIND_H
#define GH_DAEMON_PUBLISH_BEHIND_H

#include "daemon/publish/notes.h"

#include <stdbool.h>

struct gh_behind;
struct gh_loop;

struct gh_behind_parts {
    struct gh_loop *loop;
    const struct gh_notes *notes; /* its ledger, settings and folders */
    void (*touch)(void *arg, int64_t submission);
    bool (*idle)(void *arg); /* nothing that was touched waits any more */
    void *arg;
};

/** All is borrowed until gh_behind_close. It looks at once for what an earlier ghatd left. */
struct gh_behind *gh_behind_open(const struct gh_behind_parts *parts);
/** A note of that department was not written; the audit rows up to seq are projected for all. */
void gh_behind_missed(struct gh_behind *b, const char *department, int64_t seq);
void gh_behind_close(struct gh_behind **b);

#endif
