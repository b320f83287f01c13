/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libmicrohttpd: four threads that wait by epoll, the bytes of a request gathered within limits,
 * and the page made when it is whole. Nothing of libmicrohttpd's parsing of arguments, cookies or
 * forms is used. */
#include "desk/server.h"

#include "desk/live.h"
#include "desk/times.h"
#include "desk/walls.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS 4
#define CONNECTIONS 2048
#define PER_ADDRESS 64          /* over http: a proxy in front counts by itself */
#define PER_ADDRESS_SECURE 512  /* over both: an office sits behind one address, some a browser */
#define HEADER_BYTES (32 << 10) /* memory of one connection */
#define IDLE_S 30
#define REQUEST_MS 15000    /* for a request to be there whole, once it began */
#define PAGE_MS 60000       /* for a page to be taken */
#define DOWNLOAD_MS 600000  /* for a file to be taken, or … */
#define DOWNLOAD_BYTES_MS 8 /* … as long as that many bytes a millisecond need */
#define SELFTEST_MS 10000

_Static_assert(GH_LATER_MS < PAGE_MS, "a slow page is there before its connection is shut");

struct gh_server {
    struct MHD_Daemon *mhd;    /* of http, which it asks itself as well */
    struct MHD_Daemon *secure; /* of https, NULL: none */
    const struct gh_desk *desk;
    atomic_int selftest; /* the server's end of a connection to itself, -1: none */
    atomic_bool tests_walls;
};

/* ------------------------------------------------------------------------------------ connections
 */

/* Each of the two servers counts for itself; what one address has is counted here, over both. */
static enum MHD_Result on_accept(void *cls, const struct sockaddr *from, socklen_t n)
{
    (void)cls, (void)n;
    return gh_guard_count(from) < PER_ADDRESS_SECURE ? MHD_YES : MHD_NO;
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *fd =
            MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
        const union MHD_ConnectionInfo *from =
            MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        struct gh_conn *c = gh_guard_add(fd->connect_fd, from ? from->client_addr : NULL);
        gh_guard_set(c, REQUEST_MS);
        *context = c;
    } else if (*context) {
        gh_guard_remove(*context);
        *context = NULL;
    }
}

static void set_deadline(struct MHD_Connection *conn, int64_t ms)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    gh_guard_set(info->socket_context, ms);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **request,
                         enum MHD_RequestTerminationCode code)
{
    struct gh_req *q = *request;
    (void)cls, (void)code;
    if (q)
        gh_later_sent(q);
    gh_req_free(&q);
    *request = NULL;
    set_deadline(conn, IDLE_S * 1000 + REQUEST_MS); /* for the next one to begin */
}

/* --------------------------------------------------------------------------------------- requests
 */

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
    const struct gh_server *s = cls;
    struct gh_req *q = gh_req_new(s->desk, uri);
    q->conn = conn;
    set_deadline(conn, REQUEST_MS);
    return q;
}

/* Addresses stay as they were sent. */
static size_t keep_as_is(void *cls, struct MHD_Connection *conn, char *text)
{
    (void)cls, (void)conn;
    return strlen(text);
}

static int send_reply(struct gh_req *q)
{
    int64_t ms = PAGE_MS;
    if (q->reply.fd >= 0 || q->reply.bundle)
        ms = GH_MAX((int64_t)(q->reply.size / DOWNLOAD_BYTES_MS), (int64_t)DOWNLOAD_MS);
    if (q->reply.stream)
        ms = GH_LIVE_MS + PAGE_MS;
    set_deadline(q->conn, ms);
    return gh_reply_send(q);
}

static int refuse(struct gh_req *q, unsigned status)
{
    gh_page_error(q, status);
    return send_reply(q);
}

/* The headers are there. What cannot become a request of ours ends here, before its body. */
static int on_headers(struct gh_req *q, const char *method)
{
    const char *type = gh_header(q, "Content-Type"), *length = gh_header(q, "Content-Length");
    uint64_t n = 0;
    q->heard = true;
    if (!strcmp(method, "POST"))
        q->method = GH_POST;
    else if (strcmp(method, "GET") && strcmp(method, "HEAD"))
        return refuse(q, 405);
    if (gh_header(q, "Transfer-Encoding") || (length && !gh_parse_u64(length, UINT64_MAX, &n)))
        return refuse(q, 400);
    if (n > (q->method == GH_POST ? GH_FORM_BYTES : 0))
        return refuse(q, 413);
    if (n && (!type || strncmp(type, "application/x-www-form-urlencoded", 33)))
        return refuse(q, 415);
    return MHD_YES;
}

static int suspend(struct gh_req *q)
{
    struct MHD_Connection *conn = q->conn;
    MHD_suspend_connection(conn);
    if (gh_later_push(q))
        return MHD_YES;
    q->later = NULL;
    q->later_done = true;
    q->away = true; /* too many wait: "one moment" */
    gh_page_failed(q, &(struct gh_err){.cls = GH_AGAIN});
    MHD_resume_connection(conn);
    return MHD_YES;
}

static bool is_selftest(const struct gh_server *s, struct gh_req *q)
{
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(q->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    return s->selftest >= 0 && fd->connect_fd == s->selftest;
}

static int on_whole(const struct gh_server *s, struct gh_req *q)
{
    set_deadline(q->conn, PAGE_MS); /* what is done for the page takes none of the client's time */
    if (is_selftest(s, q)) {
        q->reply.status = 200;
        q->reply.type = "text/plain";
        if (s->tests_walls)
            gh_walls_selftest(&q->reply.body);
        else
            gh_str_puts(&q->reply.body, "alive\n");
        return send_reply(q);
    }
    if (!q->came_us)
        q->came_us = gh_mono_us();
    if (!q->later_done || !q->reply.status)
        gh_route_serve(q);
    if (q->later && !q->later_done)
        return suspend(q);
    gh_times_add(q, gh_mono_us() - q->came_us);
    return send_reply(q);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *n_upload, void **request)
{
    struct gh_req *q = *request;
    (void)url, (void)version;
    if (!q)
        return MHD_NO;
    q->conn = conn;
    if (!q->heard)
        return (enum MHD_Result)on_headers(q, method);
    if (*n_upload == 0)
        return (enum MHD_Result)on_whole(cls, q);
    if (q->body.len + *n_upload > GH_FORM_BYTES)
        return MHD_NO;
    gh_str_add(&q->body, upload, *n_upload);
    *n_upload = 0;
    return MHD_YES;
}

/* ----------------------------------------------------------------------------------- the program
 */

static atomic_bool stopping;

#define LISTENER_GONE "Failed to remove listen FD from epoll set"

/* While it is told to take no more connections, libmicrohttpd (0.9.75) takes the listening socket
 * out of a thread's epoll set; the thread may have done that itself in the same moment, and the
 * second removal is a panic. There is nothing left to finish then. Any other panic is one. */
static void on_panic(void *cls, const char *file, unsigned line, const char *why)
{
    (void)cls;
    if (stopping && why && gh_starts(why, LISTENER_GONE)) {
        gh_log(GH_LOG_INFO, "stopped", "how=at-once where=%s:%u", file, line);
        _exit(0);
    }
    gh_log(GH_LOG_ERROR, "panic", "where=%s:%u why=%s", file, line, gh_log_quote(why));
    abort();
}

static void ignore_message(void *cls, const char *fmt, va_list ap)
{
    (void)cls, (void)fmt, (void)ap;
}

#define FLAGS                                                                                      \
    (MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG)

/* listener -1: of connections that are added to it only. tls NULL: none. */
static struct MHD_Daemon *start_daemon(struct gh_server *s, int listener, const struct gh_tls *tls)
{
    struct MHD_OptionItem more[5] = {{MHD_OPTION_END, 0, NULL}};
    size_t n = 0;
    if (listener >= 0)
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, listener, NULL};
    if (tls) {
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate};
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key};
        more[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)GH_TLS_PRIORITIES};
    }
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_start_daemon(
        FLAGS | (listener < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0) | (tls ? MHD_USE_TLS : 0), 0,
        on_accept, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, ignore_message, NULL,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)(tls ? PER_ADDRESS_SECURE : PER_ADDRESS), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEADER_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_URI_LOG_CALLBACK, on_uri, s,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_as_is, NULL, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

/* Without quiescing it would shut the listening socket down, which is systemd's. */
static void stop_daemon(struct MHD_Daemon *mhd)
{
    if (!mhd)
        return;
    MHD_quiesce_daemon(mhd);
    MHD_stop_daemon(mhd);
}

int gh_server_start(const struct gh_desk *desk, const struct gh_listeners *listeners,
                    const struct gh_tls *tls, struct gh_server **ret, struct gh_err *err)
{
    struct gh_server *s = gh_alloc(sizeof(*s));
    *s = (struct gh_server){.desk = desk, .selftest = -1};
    TRY(gh_guard_start(err));
    TRY(gh_later_start(err));
    TRY(gh_live_start(desk, err));
    MHD_set_panic_func(on_panic, NULL);
    s->mhd = start_daemon(s, listeners->http, NULL);
    if (s->mhd && listeners->https >= 0)
        s->secure = start_daemon(s, listeners->https, tls);
    if (!s->mhd || (listeners->https >= 0 && !s->secure)) {
        stop_daemon(s->mhd);
        free(s);
        return gh_fail_errno(err, GH_SYSTEM, "cannot start the server");
    }
    *ret = s;
    return 0;
}

static int ask_plainly(int fd, const char *ask, struct gh_str *said, struct gh_err *err)
{
    char bytes[4096];
    ssize_t n = write(fd, ask, strlen(ask));
    while (n > 0 && (n = read(fd, bytes, sizeof(bytes))) > 0)
        gh_str_add(said, bytes, (size_t)n);
    return n < 0 ? gh_fail_errno(err, GH_SYSTEM, "the server does not answer itself") : 0;
}

/* Ask a thread of the server, over a connection that goes the way of all others. GH_AGAIN: all
 * places are taken. */
static int ask_itself(struct gh_server *s, struct MHD_Daemon *mhd, struct gh_str *said,
                      struct gh_err *err)
{
    static const char ask[] = "GET /selftest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const struct timeval limit = {.tv_sec = SELFTEST_MS / 1000};
    int pair[2];
    struct sockaddr from = {.sa_family = AF_UNIX};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a socket");
    GH_AUTO_FD mine = pair[0];
    setsockopt(mine, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    s->selftest = pair[1];
    int r;
    if (MHD_add_connection(mhd, pair[1], &from, sizeof(from)) != MHD_YES)
        r = gh_fail(err, GH_AGAIN, "the server takes no connection of its own");
    else if (mhd == s->secure)
        r = gh_tls_ask(mine, ask, said, err);
    else
        r = ask_plainly(mine, ask, said, err);
    s->selftest = -1;
    return r;
}

static const char *body_of(struct gh_str *said)
{
    const char *body = strstr(gh_str_text(said), "\r\n\r\n");
    return body ? body + 4 : "no answer";
}

int gh_server_selftest(struct gh_server *s, struct gh_err *err)
{
    GH_AUTO_STR said = {0};
    s->tests_walls = true;
    int r = ask_itself(s, s->mhd, &said, err);
    s->tests_walls = false;
    TRY(r);
    if (strcmp(body_of(&said), "held\n"))
        return gh_fail(err, GH_SYSTEM, "the walls do not hold: %s", body_of(&said));
    return 0;
}

static int is_alive(struct gh_server *s, struct MHD_Daemon *mhd, struct gh_err *err)
{
    GH_AUTO_STR said = {0};
    int r = ask_itself(s, mhd, &said, err);
    if (r < 0)
        return err->cls == GH_AGAIN ? 0 : r;
    return strcmp(body_of(&said), "alive\n") ? gh_fail(err, GH_SYSTEM, "no sign of life") : 0;
}

int gh_server_alive(struct gh_server *s, struct gh_err *err)
{
    TRY(is_alive(s, s->mhd, err));
    return s->secure ? is_alive(s, s->secure, err) : 0;
}

/* Nothing may be suspended when the server stops: libmicrohttpd would abort. */
void gh_server_stop(struct gh_server **ps)
{
    struct gh_server *s = *ps;
    if (!s)
        return;
    gh_later_stop();
    gh_live_stop();
    stopping = true;
    stop_daemon(s->secure);
    stop_daemon(s->mhd);
    gh_guard_stop();
    gh_free_ptr(ps);
}
