/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quiet times: how long a dropped thing must not change until it counts as complete. Configured, in
 * general or by a department's card, and learnt: a department whose files were taken in before
 * their writers were done gets a longer one, which shrinks again after many files without such a
 * mistake. Learnt, too: whether a department's files are always whole as soon as their writers have
 * closed them. What is learnt is kept in the ledger. Used by the loop's thread only; nothing here
 * fails.
 */
#ifndef GH_DAEMON_SITE_QUIET_H
#define GH_DAEMON_SITE_QUIET_H

#include "daemon/ledger/ledger.h"
#include "daemon/site/settings.h"

struct gh_quiet;

/** Both are borrowed until gh_quiet_close. */
struct gh_quiet *gh_quiet_open(const struct gh_settings *settings, struct gh_ledger *ledger);
void gh_quiet_close(struct gh_quiet **q);
/** The quiet time of a department now, in milliseconds. */
int64_t gh_quiet_ms(struct gh_quiet *q, const char *slug);
/**
 * A file of the department was taken in. early: it was written to after that. lesson_ms: the quiet
 * time that would have suited the pauses of its writer; 0: it says nothing.
 */
void gh_quiet_learn(struct gh_quiet *q, const char *slug, bool early, int64_t lesson_ms);

/* So many files in a row must have been whole when they were closed before that is relied upon;
 * each time it proves wrong twice as many, up to GH_QUIET_PROOFS_MAX. */
#define GH_QUIET_PROOFS 8
#define GH_QUIET_PROOFS_MAX 512
/** May a photo of the department be taken in as soon as it was closed? */
bool gh_quiet_at_once(struct gh_quiet *q, const char *slug);
/** A file of the department was closed, and its quiet time is over: had it not changed after the
 * close? The first that had ends what was learnt. */
void gh_quiet_whole(struct gh_quiet *q, const char *slug, bool whole);

#endif
