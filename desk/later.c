/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two slow threads, while whose work connections are suspended. One hashes passwords, one after
 * another, as each costs a tenth of a second and 64 MB. Strangers who want in, and people who are
 * in and prove once more who they are, wait in queues of their own, served in turn; of strangers
 * only a few are taken from one address. So a flood of logins costs nobody who is in anything, and
 * one address keeps no other one out. The other thread waits for what ghatd takes long to answer:
 * of one person only a few requests. Whoever waits too long, or when the desk stops, is told to
 * come again in a moment. */
#include "desk/desk.h"

#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#define STRANGERS_MAX 32
#define STRANGERS_OF_ADDRESS 8
#define PEOPLE_MAX 16
#define ASKING_MAX 16
#define ASKING_OF_PERSON 3
#define STOP_MS 2000 /* for those who waited to be told */

struct queue {
    struct gh_req *first, **last;
    unsigned n, max;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue strangers = {NULL, &strangers.first, 0, STRANGERS_MAX};
static struct queue people = {NULL, &people.first, 0, PEOPLE_MAX};
static struct queue asking = {NULL, &asking.first, 0, ASKING_MAX};
static unsigned unsent; /* requests that were given to a thread and not answered yet */
static pthread_cond_t sent;
static bool stopping;
static int stop_fd = -1;

/* A thread, and whom it serves in turn; both queues may be the same. */
static struct server {
    pthread_cond_t changed;
    struct queue *next, *other;
    const struct gh_req *now; /* whose work is being done; NULL: nobody's */
    pthread_t thread;
} servers[] = {{PTHREAD_COND_INITIALIZER, &people, &strangers, NULL, 0},
               {PTHREAD_COND_INITIALIZER, &asking, &asking, NULL, 0}};

static int64_t left_ms(const struct gh_req *q)
{
    return q->came_us / 1000 + GH_LATER_MS - gh_mono_ms();
}

int64_t gh_later_left_ms(const struct gh_req *q)
{
    return GH_MAX(left_ms(q), (int64_t)1);
}

int gh_later_stop_fd(void)
{
    return stop_fd;
}

/* The lock is held before and after, not meanwhile. */
static void run(struct server *s, struct gh_req *q)
{
    struct MHD_Connection *conn = q->conn;
    bool in_time = !stopping && left_ms(q) > 0;
    s->now = q;
    pthread_mutex_unlock(&lock);
    if (in_time) {
        q->later_r = q->later(q, &q->later_err);
    } else {
        q->away = true; /* "one moment" */
        q->later_r = gh_fail(&q->later_err, GH_AGAIN, "others were served before");
    }
    q->later_done = true;
    pthread_mutex_lock(&lock);
    s->now = NULL;
    pthread_mutex_unlock(&lock);
    MHD_resume_connection(conn); /* from here on q belongs to the server's thread again */
    pthread_mutex_lock(&lock);
}

static struct gh_req *take_first(struct queue *queue)
{
    struct gh_req *q = queue->first;
    if (!q)
        return NULL;
    queue->first = q->next;
    if (!queue->first)
        queue->last = &queue->first;
    queue->n--;
    return q;
}

static void *later_main(void *arg)
{
    struct server *s = arg;
    pthread_mutex_lock(&lock);
    while (s->next->first || s->other->first || !stopping) {
        struct gh_req *q = take_first(s->next);
        if (!q)
            q = take_first(s->other);
        if (!q) {
            pthread_cond_wait(&s->changed, &lock);
            continue;
        }
        struct queue *swap = s->next;
        s->next = s->other;
        s->other = swap;
        run(s, q);
    }
    pthread_mutex_unlock(&lock);
    return arg;
}

/* Where a proxy hides who asks, all have one address, and none is counted. */
static bool address_is_full(const struct queue *queue, const char *address)
{
    unsigned n = 0;
    if (gh_streq(address, GH_NO_ADDRESS))
        return false;
    for (const struct gh_req *q = queue->first; q; q = q->next)
        n += gh_streq(q->address, address);
    return n >= STRANGERS_OF_ADDRESS;
}

/* However many browsers that person has, and with what is being waited for. */
static bool person_is_full(const struct gh_req *one)
{
    const struct gh_req *now = servers[true].now;
    const char *name = gh_j_text(one->user, "name");
    unsigned n = now && gh_streq(gh_j_text(now->user, "name"), name);
    for (const struct gh_req *q = asking.first; q; q = q->next)
        n += gh_streq(gh_j_text(q->user, "name"), name);
    return n >= ASKING_OF_PERSON;
}

bool gh_later_push(struct gh_req *q)
{
    struct queue *queue = q->later_asks ? &asking : q->user ? &people : &strangers;
    gh_req_address(q, q->address);
    pthread_mutex_lock(&lock);
    bool taken = queue->n < queue->max && !stopping &&
                 (queue != &strangers || !address_is_full(queue, q->address)) &&
                 (queue != &asking || !person_is_full(q));
    if (taken) {
        unsent += !q->later_taken;
        q->later_taken = true;
        q->next = NULL;
        *queue->last = q;
        queue->last = &q->next;
        queue->n++;
        pthread_cond_signal(&servers[q->later_asks].changed);
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

void gh_later_sent(struct gh_req *q)
{
    if (!q->later_taken)
        return;
    q->later_taken = false;
    pthread_mutex_lock(&lock);
    if (--unsent == 0)
        pthread_cond_broadcast(&sent);
    pthread_mutex_unlock(&lock);
}

int gh_later_start(struct gh_err *err)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sent, &attr);
    pthread_condattr_destroy(&attr);
    stop_fd = eventfd(0, EFD_CLOEXEC);
    if (stop_fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make an eventfd");
    for (size_t i = 0; i < GH_LEN(servers); i++) {
        errno = pthread_create(&servers[i].thread, NULL, later_main, &servers[i]);
        if (errno)
            return gh_fail_errno(err, GH_SYSTEM, "cannot start a thread");
    }
    return 0;
}

void gh_later_stop(void)
{
    struct timespec t;
    pthread_mutex_lock(&lock);
    stopping = true;
    eventfd_write(stop_fd, 1);
    for (size_t i = 0; i < GH_LEN(servers); i++)
        pthread_cond_signal(&servers[i].changed);
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < GH_LEN(servers); i++)
        pthread_join(servers[i].thread, NULL);
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += STOP_MS / 1000;
    pthread_mutex_lock(&lock);
    while (unsent && pthread_cond_timedwait(&sent, &lock, &t) == 0)
        ;
    pthread_mutex_unlock(&lock);
}
