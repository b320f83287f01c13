/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The invariants, checked from outside: the audit chain holds, every file the ledger names is there
 * with its hash, the outbox is exactly what was approved, the state of a submission follows from
 * its files and renditions, and there is no file that the ledger does not know. Reads only, with or
 * without ghatd running. Used by `ghat verify --ledger` and after every fault test.
 */
#ifndef GH_DAEMON_VERIFY_INSPECT_H
#define GH_DAEMON_VERIFY_INSPECT_H

#include "base/config.h"
#include "daemon/ledger/ledger.h"

struct gh_inspection {
    int64_t audit_rows;
    uint64_t submissions, files, bytes; /* checked */
    uint64_t skipped; /* missing files that need not be kept: captions and replaced copies */
    uint64_t problems;
};
/** Called for each problem with one line for people, valid during the call only. */
typedef void gh_problem_fn(const char *line, void *arg);

struct gh_inspect_opts {
    int64_t now_ms; /* wall clock */
    /* an unknown file that is younger may belong to work in progress; 0: 50 hours */
    int64_t grace_ms;
    bool idle; /* ghatd is not running and has recovered: nothing may be half done */
};
/** Returns 0 when everything could be checked, whatever problems there are. fn may be called before
 * a failure, too. GH_SYSTEM: a tree or the ledger cannot be read. */
GH_MUST_USE int gh_inspect(struct gh_ledger *l, const struct gh_conf *conf,
                           const struct gh_inspect_opts *opts, gh_problem_fn *fn, void *arg,
                           struct gh_inspection *ret, struct gh_err *err);

#endif
