/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop: one thread, epoll, timers, signals; and a small pool of threads for work that
 * blocks on disk (copying, hashing, fsync). Callbacks run in the loop's thread.
 */
#ifndef GH_DAEMON_LOOP_LOOP_H
#define GH_DAEMON_LOOP_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct gh_loop;
GH_MUST_USE int gh_loop_new(struct gh_loop **ret, struct gh_err *err);
void gh_loop_free(struct gh_loop **loop);
/** Run until gh_loop_quit; returns its argument. */
int gh_loop_run(struct gh_loop *loop);
/** Run until done() is true (asked after each round of events) or gh_loop_quit; returns 0, or the
 * argument of gh_loop_quit. */
int gh_loop_run_until(struct gh_loop *loop, bool (*done)(void *arg), void *arg);
void gh_loop_quit(struct gh_loop *loop, int status);

/** Watch fd (borrowed) for EPOLLIN/EPOLLOUT in events. One watch a descriptor; gh_loop_unwatch
 * before closing it. */
typedef void gh_fd_fn(struct gh_loop *loop, int fd, uint32_t events, void *arg);
GH_MUST_USE int gh_loop_watch(struct gh_loop *loop, int fd, uint32_t events, gh_fd_fn *fn,
                              void *arg, struct gh_err *err);
GH_MUST_USE int gh_loop_rewatch(struct gh_loop *loop, int fd, uint32_t events, struct gh_err *err);
void gh_loop_unwatch(struct gh_loop *loop, int fd);

/** Call fn once after ms milliseconds (monotonic). Returns a number > 0 for gh_loop_cancel. */
typedef void gh_timer_fn(struct gh_loop *loop, void *arg);
uint64_t gh_loop_after(struct gh_loop *loop, int64_t ms, gh_timer_fn *fn, void *arg);
void gh_loop_cancel(struct gh_loop *loop, uint64_t *timer); /* 0 is fine; *timer becomes 0 */

/** Deliver signo to fn; it becomes blocked in this thread and those it makes, so call this before
 * the first gh_loop_submit. */
typedef void gh_signal_fn(struct gh_loop *loop, int signo, void *arg);
GH_MUST_USE int gh_loop_signal(struct gh_loop *loop, int signo, gh_signal_fn *fn, void *arg,
                               struct gh_err *err);

/** Run work(arg) in a pool thread, then done(loop, arg) in the loop's thread. Threads are started
 * on first use. */
typedef void gh_pool_fn(void *arg);
typedef void gh_done_fn(struct gh_loop *loop, void *arg);
void gh_loop_submit(struct gh_loop *loop, gh_pool_fn *work, gh_done_fn *done, void *arg);
/** For how many milliseconds the pool thread that is worst off has shown no sign of life
 * (base/alive.h) in the middle of its work; 0 when none has work. */
int64_t gh_loop_stalled_ms(const struct gh_loop *loop);

#endif
