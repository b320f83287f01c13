/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger as a whole: made, opened, closed; transactions; who is told of commits and of
 * failures; a copy of it.
 */
#ifndef GH_DAEMON_LEDGER_OPEN_H
#define GH_DAEMON_LEDGER_OPEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_ledger;

/* Who does it, and when. NULL wherever one is taken: "ghatd", now. */
struct gh_who {
    const char *actor; /* "ghatd", "uid:1000", "desk:rina", … */
    int64_t now_ms;    /* wall clock; 0 = now */
};

/** Is there a ledger, or was there one: the file, a log of it, or the mark that is left beside it.
 */
bool gh_ledger_known(const char *path);
/** Make a new one, empty; its numbers begin after `after`. GH_CONFIG when a file of its name, or
 * the log of an older one, is there. */
GH_MUST_USE int gh_ledger_create(const char *path, int64_t after, struct gh_err *err);
/**
 * Open. Refuses (GH_CONFIG) one that is not there, is damaged, or of another version; never makes
 * one. Looks at the newest rows of each table and the end of the audit chain, in a time that does
 * not grow with the ledger; gh_ledger_check looks at everything.
 */
GH_MUST_USE int gh_ledger_open(const char *path, struct gh_ledger **ret, struct gh_err *err);
/** Read only, for `ghat verify` while ghatd runs or not. Mutators fail. */
GH_MUST_USE int gh_ledger_open_ro(const char *path, struct gh_ledger **ret, struct gh_err *err);
/* What opening looked at. */
struct gh_ledger_checked {
    unsigned newest;    /* rows of each table, at most */
    int64_t audit_rows; /* of the end of the chain; 0 when read only */
    int64_t ms;
    char broken[200]; /* where the chain breaks; "" when it holds */
};
const struct gh_ledger_checked *gh_ledger_checked(const struct gh_ledger *l);
void gh_ledger_close(struct gh_ledger **l);
/** Every page of the file, in a time that grows with it. GH_LIMIT naming the first damage. The
 * audit chain is gh_ledger_verify_chain's. */
GH_MUST_USE int gh_ledger_check(struct gh_ledger *l, struct gh_err *err);

/** Group commit; nests. A mutator that fails inside undoes only itself. */
GH_MUST_USE int gh_ledger_begin(struct gh_ledger *l, struct gh_err *err);
GH_MUST_USE int gh_ledger_commit(struct gh_ledger *l, struct gh_err *err);
void gh_ledger_rollback(struct gh_ledger *l); /* everything since the outermost begin */
/** The end of a begin: commits, unless r is a failure; then, everything is rolled back. Returns r
 * where it is one, else what the commit returned. */
GH_MUST_USE int gh_ledger_end(struct gh_ledger *l, int r, struct gh_err *err);

/**
 * Called after each commit, once for every submission it touched: rewrite its note, publish it,
 * look for work. fn may call the ledger (touches made there are reported in a further round).
 */
typedef void gh_touched_fn(struct gh_ledger *l, int64_t submission, void *arg);
void gh_ledger_on_touched(struct gh_ledger *l, gh_touched_fn *fn, void *arg);

/**
 * Called once, when reading or writing failed for good (GH_SYSTEM: the disk failed, the file is
 * damaged), from whatever call found it: end, so that the next start reads the file anew. From then
 * on every call fails with *err. fn must not call the ledger.
 */
typedef void gh_failed_fn(struct gh_ledger *l, const struct gh_err *err, void *arg);
void gh_ledger_on_failed(struct gh_ledger *l, gh_failed_fn *fn, void *arg);
/**
 * Called when a commit finds the disk full: make room and return true, and the commit is tried
 * once more, which its caller does not notice; false, and it gets GH_AGAIN, code ENOSPC. fn must
 * not call the ledger.
 */
typedef bool gh_full_fn(struct gh_ledger *l, void *arg);
void gh_ledger_on_full(struct gh_ledger *l, gh_full_fn *fn, void *arg);
/** Why the ledger takes nothing now (busy, full, failed), for people; "" when it does. Until the
 * next call. */
const char *gh_ledger_pause(struct gh_ledger *l);

/** On start, once: running → due as interrupted, whatever its lease. ret_n (may be NULL): how many
 * files. */
GH_MUST_USE int gh_ledger_recover(struct gh_ledger *l, const struct gh_who *who, unsigned *ret_n,
                                  struct gh_err *err);

/**
 * A consistent copy while running, checked and durable; path must not exist (GH_USAGE). ret_rows
 * (may be NULL): of its audit. A ledger restored from it leaves out the next 100000 numbers, so
 * that none is given twice.
 */
GH_MUST_USE int gh_ledger_backup(struct gh_ledger *l, const char *path, int64_t *ret_rows,
                                 struct gh_err *err);

/** The version of the engine below. Borrowed. */
const char *gh_ledger_library(void);

#endif
