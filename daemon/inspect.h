/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The invariants, checked from outside: the audit chain holds, every file the ledger names is there with its hash, the
 * outbox is exactly what was approved, states follow from what lies below them, nothing lies about that nobody knows.
 * Reads only; with or without ghatd running. Used by `ghat verify --ledger` and after every fault test.
 */
#ifndef GH_DAEMON_INSPECT_H
#define GH_DAEMON_INSPECT_H

#include "base/config.h"
#include "daemon/ledger.h"

struct gh_inspection {
    int64_t audit_rows;
    uint64_t submissions, files, bytes; /* checked */
    uint64_t skipped; /* captions, and copies that later ones replaced, that need not be kept and are not */
    uint64_t problems;
};
/** Called for each problem; one line for people. */
typedef void gh_problem_fn(const char *line, void *arg);

struct gh_inspect_opts {
    int64_t now_ms;
    int64_t grace_ms; /* unknown files younger than this are somebody's work in progress; 0: 50 hours */
    bool idle;        /* ghatd is not running and has recovered: nothing may be half-way */
};
/** Returns 0 when it could look at all (however many problems), else why not. */
GH_MUST_USE int gh_inspect(struct gh_ledger *l, const struct gh_conf *conf, const struct gh_inspect_opts *opts,
                           gh_problem_fn *fn, void *arg, struct gh_inspection *ret, struct gh_err *err);

#endif
