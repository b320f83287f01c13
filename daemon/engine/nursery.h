/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end of ghat-worker: starts the nursery, starts it again when it dies (with growing
 * pauses), asks it for children and hears of their end. Knows nothing of jobs.
 */
#ifndef GH_DAEMON_ENGINE_NURSERY_H
#define GH_DAEMON_ENGINE_NURSERY_H

#include "base/contract.h"
#include "daemon/loop/loop.h"

struct gh_nursery;

struct gh_nursery_ops {
    /** It can fork now: at the start, and after each restart. */
    void (*up)(void *arg);
    /** Every child asked for is gone with it. tries: starts that failed in a row, 0 when it had
     * been up. */
    void (*down)(void *arg, const char *why, unsigned tries);
    /** pidfd is the receiver's. */
    void (*forked)(void *arg, const struct gh_forked *forked, int pidfd);
    void (*exited)(void *arg, const struct gh_exited *exited);
};

/** Start the worker and wait until it is up, or fail with its own words. ops and arg live as long
 * as the nursery. */
GH_MUST_USE int gh_nursery_open(struct gh_loop *loop, const char *worker, bool seccomp_only,
                                const struct gh_nursery_ops *ops, void *arg,
                                struct gh_nursery **ret, struct gh_err *err);
void gh_nursery_close(struct gh_nursery **nursery);
/** Ask for a child; both descriptors stay the caller's. */
GH_MUST_USE int gh_nursery_fork(struct gh_nursery *nursery, const struct gh_fork *req, int sock,
                                int log_fd, struct gh_err *err);
bool gh_nursery_is_up(const struct gh_nursery *nursery);
/** What it said when it came up, borrowed. */
const struct gh_up *gh_nursery_info(const struct gh_nursery *nursery);

struct gh_str;
/** Run `worker --try-encoder=NAME:DEVICE`; device may be NULL. Its one line is appended to out.
 * GH_CONFIG when it does not encode. Blocks. */
GH_MUST_USE int gh_worker_try_encoder(const char *worker, const char *encoder, const char *device,
                                      struct gh_str *out, struct gh_err *err);
/** Run `worker --selftest`; its lines are appended to out. GH_CONFIG when the sandbox does not hold
 * here. Blocks. */
GH_MUST_USE int gh_worker_selftest(const char *worker, bool seccomp_only, struct gh_str *out,
                                   struct gh_err *err);

#endif
