/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one slow thread. A password costs a tenth of a second and 64 MB, so passwords are hashed one
 * after another here, while their connections are suspended. Strangers who want in, and people who
 * are in and prove once more who they are, wait in queues of their own, served in turn; of
 * strangers only a few are taken from one address. So a flood of logins costs nobody who is in
 * anything, and one address keeps no other one out. */
#include "desk/desk.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <string.h>

#define STRANGERS_MAX 32
#define STRANGERS_OF_ADDRESS 8
#define PEOPLE_MAX 16

struct queue {
    struct gh_req *first, **last;
    unsigned n, max;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct queue strangers = {NULL, &strangers.first, 0, STRANGERS_MAX};
static struct queue people = {NULL, &people.first, 0, PEOPLE_MAX};
static bool stopping;
static pthread_t thread;

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
    struct queue *next = &people, *other = &strangers;
    pthread_mutex_lock(&lock);
    while (people.first || strangers.first || !stopping) {
        struct gh_req *q = take_first(next);
        if (!q)
            q = take_first(other);
        if (!q) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        struct queue *swap = next;
        next = other;
        other = swap;
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

bool gh_later_push(struct gh_req *q)
{
    struct queue *queue = q->user ? &people : &strangers;
    gh_req_address(q, q->address);
    pthread_mutex_lock(&lock);
    bool taken = queue->n < queue->max && !stopping &&
                 (queue == &people || !address_is_full(queue, q->address));
    if (taken) {
        q->next = NULL;
        *queue->last = q;
        queue->last = &q->next;
        queue->n++;
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

int gh_later_start(struct gh_err *err)
{
    errno = pthread_create(&thread, NULL, later_main, NULL);
    return errno ? gh_fail_errno(err, GH_SYSTEM, "cannot start a thread") : 0;
}

void gh_later_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
}
