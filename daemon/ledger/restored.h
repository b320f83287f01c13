/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ledger that was written back from a backup. What happened since the backup was made is unknown
 * to it, so it starts frozen, with nobody logged in, and tells nobody what was told long ago. A
 * mark in it says how far that has come: NEW until ghatd has started, FROZEN until a person thaws
 * it, THAWED until the outbox is again what the ledger says of it.
 */
#ifndef GH_DAEMON_LEDGER_RESTORED_H
#define GH_DAEMON_LEDGER_RESTORED_H

#include "base/hash.h"
#include "daemon/ledger/open.h"

#define GH_RESTORED_KEY "restored" /* of the setting */

enum gh_restored_phase { GH_RESTORED_NEW, GH_RESTORED_FROZEN, GH_RESTORED_THAWED };
struct gh_restored {
    enum gh_restored_phase phase;
    int64_t made_ms, at_ms; /* wall clock: when the backup was made, and when it was restored */
    bool whole;             /* the files were written back with it, maybe on another disk */
};

/** The mark as a text; 80 bytes are enough. */
void gh_restored_text(const struct gh_restored *restored, char *ret, size_t size);
/** Returns 1 and the mark, or 0: the ledger was not restored, or that is over. */
GH_MUST_USE int gh_ledger_restored(struct gh_ledger *l, struct gh_restored *ret,
                                   struct gh_err *err);
/**
 * NEW becomes FROZEN, in one commit: all publication is frozen, sessions, invitations, screens and
 * calendars end, whatever notice waits is dropped, and reminders that fell due before it was
 * restored count as told. Departments' folders are met as for the first time where all was written
 * back.
 */
GH_MUST_USE int gh_ledger_restored_begin(struct gh_ledger *l, const struct gh_who *who,
                                         const struct gh_restored *restored, struct gh_err *err);
/** THAWED is over: the outbox folder of everything that is out, or was, is written once more. */
GH_MUST_USE int gh_ledger_restored_end(struct gh_ledger *l, const struct gh_who *who,
                                       struct gh_err *err);

/** Called with the open ledger before it has its name. */
typedef void gh_fresh_fn(int fd, void *arg);
/** Put a copy made by gh_ledger_backup in the place of a ledger that is not there, checked,
 * durable, with that mark. The copy may be of an older version. fresh may be NULL. */
GH_MUST_USE int gh_ledger_restore(const char *copy, const char *path,
                                  const struct gh_restored *restored, gh_fresh_fn *fresh, void *arg,
                                  struct gh_err *err);
/** Is this file a ledger of Ghat, of any version, and sound in every page? GH_LIMIT: it is not. */
GH_MUST_USE int gh_ledger_check_file(const char *path, struct gh_err *err);

/** A file that must be there by its hash. what: "original", "output". Borrowed; false ends it. */
typedef bool gh_named_fn(const char *sha256, int64_t submission, const char *what, void *arg);
/** Every file that the ledger stands on: originals that are kept, outputs that wait or are out. */
GH_MUST_USE int gh_ledger_named(struct gh_ledger *l, gh_named_fn *fn, void *arg,
                                struct gh_err *err);

#endif
