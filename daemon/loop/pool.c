/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A few threads that take work from one queue. They share nothing with the loop but two lists under
 * one lock; all signals are blocked in them. Work is never dropped: what was submitted runs, and
 * its done() is called once.
 */
#include "daemon/loop/pool_int.h"

#include "base/alive.h"
#include "base/clock.h"
#include "base/str.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

/* Copying and syncing wait for the disk, so more threads than the machine has cores are of use. */
#define POOL_THREADS 4

struct work {
    struct work *next;
    gh_pool_fn *work;
    gh_done_fn *done;
    void *arg;
};

struct queue {
    struct work *first, **end;
};

struct gh_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct queue todo, finished;
    pthread_t threads[POOL_THREADS];
    _Atomic int64_t alive[POOL_THREADS]; /* when each got on with its work, ms; 0: it has none */
    unsigned n_threads, idle;            /* idle: of these, those that wait for work */
    unsigned n_started;                  /* threads that have chosen their place in alive[] */
    unsigned waiting;                    /* work in todo */
    bool closing;
    int event_fd;
};

static void queue_init(struct queue *q)
{
    *q = (struct queue){.end = &q->first};
}

static void queue_put(struct queue *q, struct work *w)
{
    w->next = NULL;
    *q->end = w;
    q->end = &w->next;
}

static struct work *queue_take(struct queue *q)
{
    struct work *w = q->first;
    if (w) {
        q->first = w->next;
        if (!q->first)
            q->end = &q->first;
    }
    return w;
}

static void *pool_thread(void *arg)
{
    struct gh_pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    _Atomic int64_t *alive = &pool->alive[pool->n_started++];
    gh_alive_in(alive);
    for (;;) {
        struct work *w = queue_take(&pool->todo);
        if (!w && pool->closing)
            break;
        if (!w) {
            pool->idle++;
            pthread_cond_wait(&pool->wake, &pool->lock);
            pool->idle--;
            continue;
        }
        pool->waiting--;
        pthread_mutex_unlock(&pool->lock);
        gh_alive();
        w->work(w->arg);
        atomic_store(alive, 0);
        pthread_mutex_lock(&pool->lock);
        queue_put(&pool->finished, w);
        eventfd_write(pool->event_fd, 1);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct gh_pool *gh_pool_new(int event_fd)
{
    struct gh_pool *pool = gh_alloc(sizeof(*pool));
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    queue_init(&pool->todo);
    queue_init(&pool->finished);
    pool->event_fd = event_fd;
    return pool;
}

void gh_pool_free(struct gh_pool **p, struct gh_loop *loop)
{
    struct gh_pool *pool = *p;
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    gh_pool_deliver(pool, loop);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
    *p = NULL;
}

/* Threads inherit the signal mask of their creator; signals are for the loop alone. */
static bool start_thread(struct gh_pool *pool)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool ok = pthread_create(&pool->threads[pool->n_threads], NULL, pool_thread, pool) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pool->n_threads += ok;
    return ok;
}

void gh_pool_submit(struct gh_pool *pool, gh_pool_fn *work, gh_done_fn *done, void *arg)
{
    struct work *w = gh_alloc(sizeof(*w));
    *w = (struct work){.work = work, .done = done, .arg = arg};
    pthread_mutex_lock(&pool->lock);
    bool run_here = false;
    if (pool->waiting >= pool->idle && pool->n_threads < POOL_THREADS)
        run_here = !start_thread(pool) && !pool->n_threads;
    if (!run_here) {
        queue_put(&pool->todo, w);
        pool->waiting++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!run_here)
        return;
    /* There is no thread, and none can be started: the loop does the work itself. */
    w->work(w->arg);
    pthread_mutex_lock(&pool->lock);
    queue_put(&pool->finished, w);
    pthread_mutex_unlock(&pool->lock);
    eventfd_write(pool->event_fd, 1);
}

void gh_pool_deliver(struct gh_pool *pool, struct gh_loop *loop)
{
    for (;;) {
        pthread_mutex_lock(&pool->lock);
        struct work *w = queue_take(&pool->finished);
        pthread_mutex_unlock(&pool->lock);
        if (!w)
            return;
        if (w->done)
            w->done(loop, w->arg);
        free(w);
    }
}

int64_t gh_pool_stalled_ms(const struct gh_pool *pool)
{
    int64_t now = gh_mono_ms(), longest = 0;
    for (size_t i = 0; i < POOL_THREADS; i++) {
        int64_t alive = atomic_load(&pool->alive[i]);
        if (alive)
            longest = GH_MAX(longest, now - alive);
    }
    return longest;
}
