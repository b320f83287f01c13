/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's threads for work that blocks on disk. For loop.c. */
#ifndef GH_DAEMON_LOOP_POOL_INT_H
#define GH_DAEMON_LOOP_POOL_INT_H

#include "daemon/loop/loop.h"

struct gh_pool;

/** Threads are started with the first work. event_fd (an eventfd, borrowed) is written whenever
 * something was done. */
struct gh_pool *gh_pool_new(int event_fd);
/** Wait until all work is done, join the threads, and deliver what was not delivered yet. */
void gh_pool_free(struct gh_pool **pool, struct gh_loop *loop);
void gh_pool_submit(struct gh_pool *pool, gh_pool_fn *work, gh_done_fn *done, void *arg);
/** Call done() of all finished work, in the order it finished. */
void gh_pool_deliver(struct gh_pool *pool, struct gh_loop *loop);
/** See gh_loop_stalled_ms. */
int64_t gh_pool_stalled_ms(const struct gh_pool *pool);

#endif
