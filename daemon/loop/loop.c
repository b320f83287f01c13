/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * epoll, timers (timers.c), signals by signalfd, and the pool's wakeups by eventfd. Watches live in
 * a table by descriptor; each event carries the number of uses of its entry, so that an event
 * fetched for a closed and reused descriptor is dropped.
 */
#include "daemon/loop/loop.h"

#include "base/clock.h"
#include "base/str.h"
#include "daemon/loop/pool_int.h"
#include "daemon/loop/timers_int.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#define EVENTS_AT_ONCE 64
#define SIGNALS 65 /* numbers of signals, and 0 */

struct watch {
    gh_fd_fn *fn; /* NULL: not watched */
    void *arg;
    uint32_t uses;
};

struct gh_loop {
    int epoll, event_fd, signal_fd;
    struct watch *watches; /* by descriptor */
    size_t n_watches;
    struct gh_timers timers;
    struct gh_pool *pool;
    sigset_t signals;
    struct {
        gh_signal_fn *fn;
        void *arg;
    } on_signal[SIGNALS];
    bool quit;
    int status;
};

static void pool_event(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)events, (void)arg;
    eventfd_t n;
    eventfd_read(fd, &n);
    gh_pool_deliver(loop->pool, loop);
}

int gh_loop_new(struct gh_loop **ret, struct gh_err *err)
{
    GH_AUTO(gh_loop_free) struct gh_loop *loop = gh_alloc(sizeof(*loop));
    loop->signal_fd = -1;
    sigemptyset(&loop->signals);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll < 0 || loop->event_fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make an event loop");
    loop->pool = gh_pool_new(loop->event_fd);
    TRY(gh_loop_watch(loop, loop->event_fd, EPOLLIN, pool_event, NULL, err));
    *ret = gh_steal(&loop);
    return 0;
}

void gh_loop_free(struct gh_loop **p)
{
    struct gh_loop *loop = *p;
    if (!loop)
        return;
    gh_pool_free(&loop->pool, loop);
    gh_close_fd(&loop->signal_fd);
    gh_close_fd(&loop->event_fd);
    gh_close_fd(&loop->epoll);
    gh_timers_free(&loop->timers);
    free(loop->watches);
    free(loop);
    *p = NULL;
}

/* -------------------------------------------------------------------------------------- running */

static void dispatch(struct gh_loop *loop, const struct epoll_event *event)
{
    size_t fd = (uint32_t)event->data.u64;
    assert(fd < loop->n_watches);
    struct watch w = loop->watches[fd];
    if (w.fn && w.uses == event->data.u64 >> 32)
        w.fn(loop, (int)fd, event->events, w.arg);
}

int gh_loop_run_until(struct gh_loop *loop, bool (*done)(void *arg), void *arg)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    loop->quit = false;
    while (!loop->quit && !(done && done(arg))) {
        int n = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE,
                           gh_timers_wait(&loop->timers, gh_mono_ms()));
        assert(n >= 0 || errno == EINTR);
        for (int i = 0; i < n && !loop->quit; i++)
            dispatch(loop, &events[i]);
        if (!loop->quit)
            gh_timers_run(&loop->timers, gh_mono_ms(), loop);
    }
    return loop->quit ? loop->status : 0;
}

int gh_loop_run(struct gh_loop *loop)
{
    return gh_loop_run_until(loop, NULL, NULL);
}

void gh_loop_quit(struct gh_loop *loop, int status)
{
    loop->quit = true;
    loop->status = status;
}

/* -------------------------------------------------------------------------------------- watches */

static int change_watch(struct gh_loop *loop, int op, int fd, uint32_t events, struct gh_err *err)
{
    struct epoll_event event = {.events = events,
                                .data.u64 = (uint64_t)loop->watches[fd].uses << 32 | (uint32_t)fd};
    if (epoll_ctl(loop->epoll, op, fd, &event) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot watch descriptor %d", fd);
    return 0;
}

int gh_loop_watch(struct gh_loop *loop, int fd, uint32_t events, gh_fd_fn *fn, void *arg,
                  struct gh_err *err)
{
    assert(fd >= 0);
    if ((size_t)fd >= loop->n_watches) {
        size_t n = GH_MAX((size_t)fd + 1, loop->n_watches * 2);
        loop->watches = gh_realloc(loop->watches, n * sizeof(*loop->watches));
        memset(loop->watches + loop->n_watches, 0, (n - loop->n_watches) * sizeof(*loop->watches));
        loop->n_watches = n;
    }
    struct watch *w = &loop->watches[fd];
    assert(!w->fn);
    w->uses++;
    TRY(change_watch(loop, EPOLL_CTL_ADD, fd, events, err));
    w->fn = fn;
    w->arg = arg;
    return 0;
}

int gh_loop_rewatch(struct gh_loop *loop, int fd, uint32_t events, struct gh_err *err)
{
    assert((size_t)fd < loop->n_watches && loop->watches[fd].fn);
    return change_watch(loop, EPOLL_CTL_MOD, fd, events, err);
}

void gh_loop_unwatch(struct gh_loop *loop, int fd)
{
    if (fd < 0 || (size_t)fd >= loop->n_watches || !loop->watches[fd].fn)
        return;
    loop->watches[fd].fn = NULL;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* ------------------------------------------------------------------------ timers, signals, pool */

uint64_t gh_loop_after(struct gh_loop *loop, int64_t ms, gh_timer_fn *fn, void *arg)
{
    /* One more, since the clock is cut to milliseconds, and a timer may be late but never early. */
    return gh_timers_add(&loop->timers, gh_mono_ms() + (ms > 0 ? ms + 1 : 0), fn, arg);
}

void gh_loop_cancel(struct gh_loop *loop, uint64_t *timer)
{
    gh_timers_cancel(&loop->timers, *timer);
    *timer = 0;
}

static void signal_event(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)events, (void)arg;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo < SIGNALS && loop->on_signal[info.ssi_signo].fn)
            loop->on_signal[info.ssi_signo].fn(loop, (int)info.ssi_signo,
                                               loop->on_signal[info.ssi_signo].arg);
}

int gh_loop_signal(struct gh_loop *loop, int signo, gh_signal_fn *fn, void *arg, struct gh_err *err)
{
    assert(signo > 0 && signo < SIGNALS);
    sigaddset(&loop->signals, signo);
    pthread_sigmask(SIG_BLOCK, &loop->signals, NULL);
    int fd = signalfd(loop->signal_fd, &loop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot receive signals");
    loop->on_signal[signo].fn = fn;
    loop->on_signal[signo].arg = arg;
    if (loop->signal_fd >= 0)
        return 0;
    loop->signal_fd = fd;
    return gh_loop_watch(loop, fd, EPOLLIN, signal_event, NULL, err);
}

void gh_loop_submit(struct gh_loop *loop, gh_pool_fn *work, gh_done_fn *done, void *arg)
{
    gh_pool_submit(loop->pool, work, done, arg);
}

int64_t gh_loop_stalled_ms(const struct gh_loop *loop)
{
    return gh_pool_stalled_ms(loop->pool);
}
