/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two slow threads, while whose work connections are suspended. One hashes passwords, one after
 * another, as each costs a tenth of a second and 64 MB. Strangers who want in, and people who are
 * in and prove once more who they are, wait in queues of their own, served in turn; of strangers
 * only a few are taken from one address. So a flood of logins costs nobody who is in anything, and
 * one address keeps no other one out. The other thread waits for what ghatd takes long to answer:
 * of one person only a few requests. */
#include "desk/desk.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <string.h>

#define STRANGERS_MAX 32
#define STRANGERS_OF_ADDRESS 8
#define PEOPLE_MAX 16
#define ASKING_MAX 16
#define ASKING_OF_PERSON 3

struct queue {
    struct gh_req *first, **last;
    unsigned n, max;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue strangers = {NULL, &strangers.first, 0, STRANGERS_MAX};
static struct queue people = {NULL, &people.first, 0, PEOPLE_MAX};
static struct queue asking = {NULL, &asking.first, 0, ASKING_MAX};
static bool stopping;

/* A thread, and whom it serves in turn; both queues may be the same. */
static struct server {
    pthread_cond_t changed;
    struct queue *next, *other;
    pthread_t thread;
} servers[] = {{PTHREAD_COND_INITIALIZER, &people, &strangers, 0},
               {PTHREAD_COND_INITIALIZER, &asking, &asking, 0}};

static void run(struct gh_req *q)
{
    struct MHD_Connection *conn = q->conn;
    q->later_r = q->later(q, &q->later_err);
    q->later_done = true;
    MHD_resume_connection(conn); /* from here on q belongs to the server's thread again */
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
        pthread_mutex_unlock(&lock);
        run(q);
        pthread_mutex_lock(&lock);
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

static bool person_is_full(const struct queue *queue, const char *session)
{
    unsigned n = 0;
    for (const struct gh_req *q = queue->first; q; q = q->next)
        n += gh_streq(q->session, session);
    return n >= ASKING_OF_PERSON;
}

bool gh_later_push(struct gh_req *q)
{
    struct queue *queue = q->later_asks ? &asking : q->user ? &people : &strangers;
    gh_req_address(q, q->address);
    pthread_mutex_lock(&lock);
    bool taken = queue->n < queue->max && !stopping &&
                 (queue != &strangers || !address_is_full(queue, q->address)) &&
                 (queue != &asking || !person_is_full(queue, q->session));
    if (taken) {
        q->next = NULL;
        *queue->last = q;
        queue->last = &q->next;
        queue->n++;
        pthread_cond_signal(&servers[q->later_asks].changed);
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

int gh_later_start(struct gh_err *err)
{
    for (size_t i = 0; i < GH_LEN(servers); i++) {
        errno = pthread_create(&servers[i].thread, NULL, later_main, &servers[i]);
        if (errno)
            return gh_fail_errno(err, GH_SYSTEM, "cannot start a thread");
    }
    return 0;
}

void gh_later_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = true;
    for (size_t i = 0; i < GH_LEN(servers); i++)
        pthread_cond_signal(&servers[i].changed);
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < GH_LEN(servers); i++)
        pthread_join(servers[i].thread, NULL);
}
