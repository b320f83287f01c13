/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's threads for work that blocks on disk. Private to loop.c and pool.c. */
#ifndef GH_DAEMON_POOL_H
#define GH_DAEMON_POOL_H

#include "daemon/loop.h"

struct gh_pool;

/** No thread yet. event_fd (an eventfd, borrowed) is written whenever something was done. */
struct gh_pool *gh_pool_new(int event_fd);
/** Let the queue run dry, join the threads; what is done but not yet delivered is delivered. */
void gh_pool_free(struct gh_pool **pool, struct gh_loop *loop);
void gh_pool_submit(struct gh_pool *pool, gh_work_fn *work, gh_done_fn *done, void *arg);
/** Call done() of all finished work, in the order it finished. */
void gh_pool_deliver(struct gh_pool *pool, struct gh_loop *loop);

#endif
