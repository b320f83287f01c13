/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The HTTP server: libmicrohttpd on a socket that was handed over, threads that wait by epoll,
 * limits, and deadlines that more bytes do not prolong.
 */
#ifndef GH_DESK_SERVER_H
#define GH_DESK_SERVER_H

#include "desk/desk.h"
#include "desk/tls.h"

struct gh_server;
struct gh_conn; /* one connection, as the deadlines see it */

struct gh_listeners {
    int http, https; /* descriptors, -1: none */
};

/** Serve the listening sockets from now on; they stay the caller's. tls belongs to the one for
 * https, and may be freed after the start. The desk must outlive the server. */
GH_MUST_USE int gh_server_start(const struct gh_desk *desk, const struct gh_listeners *listeners,
                                const struct gh_tls *tls, struct gh_server **ret,
                                struct gh_err *err);
/** Ask the running server, over a connection of its own, to try the walls from the thread that
 * answers it. GH_SYSTEM: something forbidden was possible. */
GH_MUST_USE int gh_server_selftest(struct gh_server *s, struct gh_err *err);
/** Ask it for a sign of life in the same way, over https as well where it speaks that. GH_SYSTEM:
 * none came in ten seconds. A server whose
 * places are all taken is busy, not stuck. */
GH_MUST_USE int gh_server_alive(struct gh_server *s, struct gh_err *err);
/** Finish the replies on their way and free. */
void gh_server_stop(struct gh_server **s);

/* -- guard.c: deadlines of connections */
int gh_guard_start(struct gh_err *err);
void gh_guard_stop(void);
struct sockaddr;
/** A connection came; its next request must be there whole in time. from: NULL for a socket without
 * addresses. */
struct gh_conn *gh_guard_add(int fd, const struct sockaddr *from);
/** How many there are of that address, over all servers; 0 where there are no addresses. */
unsigned gh_guard_count(const struct sockaddr *from);
void gh_guard_remove(struct gh_conn *c);
/** From now on the connection is cut after so many milliseconds. */
void gh_guard_set(struct gh_conn *c, int64_t ms);

/* -- reply.c */
/** Queue q->reply on its connection. Returns what libmicrohttpd's handler returns. */
int gh_reply_send(struct gh_req *q);
/** The name of the session's cookie. */
const char *gh_cookie_name(const struct gh_desk *desk);
/** Give the browser this session for so long; "" ends it. */
void gh_reply_session(struct gh_req *q, const char *token, int64_t expires_ms);

#endif
