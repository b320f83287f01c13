/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Absolute deadlines. libmicrohttpd's own timeout starts again with every byte, so a client that
 * sends one a second would keep its connection for ever. One thread looks once a second and shuts
 * down the connections whose time is over; the server then sees their end and cleans up. */
#include "desk/server.h"

#include "base/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct gh_conn {
    struct gh_conn *next, **link;
    int fd;
    int64_t deadline_ms;
    struct in6_addr from; /* all zero: of a socket without addresses */
};

/* An IPv4 address as IPv6 has it. */
static struct in6_addr address_of(const struct sockaddr *a)
{
    struct in6_addr from = {0};
    if (a && a->sa_family == AF_INET6) {
        from = ((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    } else if (a && a->sa_family == AF_INET) {
        from.s6_addr[10] = from.s6_addr[11] = 0xff;
        memcpy(from.s6_addr + 12, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
    }
    return from;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stopped;
static struct gh_conn *conns;
static pthread_t thread;
static bool stopping;

unsigned gh_guard_count(const struct sockaddr *from)
{
    unsigned n = 0;
    const struct in6_addr a = address_of(from);
    if (IN6_IS_ADDR_UNSPECIFIED(&a))
        return 0;
    pthread_mutex_lock(&lock);
    for (const struct gh_conn *c = conns; c; c = c->next)
        n += IN6_ARE_ADDR_EQUAL(&c->from, &a);
    pthread_mutex_unlock(&lock);
    return n;
}

struct gh_conn *gh_guard_add(int fd, const struct sockaddr *from)
{
    struct gh_conn *c = gh_alloc(sizeof(*c));
    pthread_mutex_lock(&lock);
    *c = (struct gh_conn){.next = conns,
                          .link = &conns,
                          .fd = fd,
                          .deadline_ms = INT64_MAX,
                          .from = address_of(from)};
    if (conns)
        conns->link = &c->next;
    conns = c;
    pthread_mutex_unlock(&lock);
    return c;
}

/* The server calls it before it closes the descriptor, so that no other one is shut down. */
void gh_guard_remove(struct gh_conn *c)
{
    pthread_mutex_lock(&lock);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    pthread_mutex_unlock(&lock);
    free(c);
}

void gh_guard_set(struct gh_conn *c, int64_t ms)
{
    pthread_mutex_lock(&lock);
    c->deadline_ms = gh_mono_ms() + ms;
    pthread_mutex_unlock(&lock);
}

static void *guard_main(void *arg)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    pthread_mutex_lock(&lock);
    while (!stopping) {
        int64_t now = gh_mono_ms();
        for (struct gh_conn *c = conns; c; c = c->next)
            if (c->deadline_ms <= now)
                shutdown(c->fd, SHUT_RDWR);
        t.tv_sec++;
        pthread_cond_timedwait(&stopped, &lock, &t);
    }
    pthread_mutex_unlock(&lock);
    return arg;
}

int gh_guard_start(struct gh_err *err)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&stopped, &attr);
    pthread_condattr_destroy(&attr);
    stopping = false;
    errno = pthread_create(&thread, NULL, guard_main, NULL);
    return errno ? gh_fail_errno(err, GH_SYSTEM, "cannot start a thread") : 0;
}

void gh_guard_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_signal(&stopped);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
}
