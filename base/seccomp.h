/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System call filters as tables, for every program of Ghat that locks itself in. What a program may
 * call is its own table; how a table becomes a filter is here. Only what calls it links libseccomp.
 * Class: GH_SYSTEM.
 */
#ifndef GH_BASE_SECCOMP_H
#define GH_BASE_SECCOMP_H

#include "base/err.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call that fails with an error, because libraries try it and live without. */
struct gh_seccomp_refusal {
    int call, error;
};

/* A call that one of its arguments decides about. */
struct gh_seccomp_rule {
    uint32_t action; /* SCMP_ACT_… */
    int call;
    struct scmp_arg_cmp arg;
};

/* Actions are SCMP_ACT_…; the tables are borrowed. */
struct gh_seccomp_policy {
    uint32_t otherwise; /* of a call that nothing names */
    uint32_t named;     /* of those in calls */
    const int *calls;
    size_t n_calls;
    const struct gh_seccomp_refusal *refused;
    size_t n_refused;
    const struct gh_seccomp_rule *rules;
    size_t n_rules;
    /* no executable memory, threads but no processes, signals to itself alone, and of prctl its
     * name: what all that listens or connects is held to */
    bool itself_alone;
};

/** The policy's filter, which nothing has entered yet; a process of another architecture is killed
 * by it. *ret_filter is the caller's, to be released by gh_seccomp_release. */
GH_MUST_USE int gh_seccomp_build(const struct gh_seccomp_policy *policy,
                                 scmp_filter_ctx *ret_filter, struct gh_err *err);
/** Enter the policy's filter: the calling thread, and what it starts, keep it for good. It must
 * have no_new_privs. */
GH_MUST_USE int gh_seccomp_load(const struct gh_seccomp_policy *policy, struct gh_err *err);
/** For GH_AUTO; NULL is accepted. */
void gh_seccomp_release(scmp_filter_ctx *filter);

#endif
