/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The asking end of the control socket: a non-blocking stream, waited for until one deadline that
 * holds for connecting, sending and receiving together. Owns nothing between two calls. */
#include "base/client.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define REPLY_MAX (256u << 20) /* bytes: an upper bound for memory, far above any reply */

/* What ends a conversation early. */
struct limit {
    int64_t deadline_ms; /* monotonic */
    int stop_fd;         /* -1: none */
};

/* Wait until the socket is ready for these events. */
static int wait_for(int sock, short events, const struct limit *limit, struct gh_err *err)
{
    for (;;) {
        struct pollfd p[] = {{.fd = sock, .events = events},
                             {.fd = limit->stop_fd, .events = POLLIN}};
        int64_t left = limit->deadline_ms - gh_mono_ms();
        int r = left > 0 ? poll(p, GH_LEN(p), (int)GH_MIN(left, (int64_t)INT32_MAX)) : 0;
        if (r > 0 && p[0].revents)
            return 0;
        if (r > 0)
            return gh_fail(err, GH_AGAIN, "ghatd is not waited for any longer");
        if (left <= 0)
            return gh_fail(err, GH_AGAIN, "ghatd does not answer in time");
        if (r < 0 && errno != EINTR)
            return gh_fail_errno(err, GH_SYSTEM, "cannot wait for ghatd");
    }
}

/* A full queue of connections is EAGAIN at once for a non-blocking socket: no writability to wait
 * for, so a blocking connect() with the kernel's own timeout. */
static int dial(const char *path, int64_t deadline_ms, int *ret_sock, struct gh_err *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int64_t left = GH_MAX(deadline_ms - gh_mono_ms(), (int64_t)1);
    struct timeval limit = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    if (!gh_copy(addr.sun_path, sizeof(addr.sun_path), path))
        return gh_fail(err, GH_CONFIG, "the path of the control socket is too long: %s", path);
    GH_AUTO_FD sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a socket");
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
        return gh_fail_errno(err, errno == EAGAIN ? GH_AGAIN : GH_SYSTEM,
                             "cannot reach ghatd at %s", path);
    *ret_sock = gh_steal_fd(&sock);
    return 0;
}

/* A connection that is refused at once is closed before all is sent; its reason can still be read,
 * so an error of send() is none here. */
static int send_line(int sock, const char *line, size_t n, const struct limit *limit,
                     struct gh_err *err)
{
    while (n) {
        ssize_t sent = send(sock, line, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            TRY(wait_for(sock, POLLOUT, limit, err));
        } else if (sent < 0 && errno != EINTR) {
            return 0;
        } else if (sent > 0) {
            line += sent;
            n -= (size_t)sent;
        }
    }
    return 0;
}

/* Keep the last descriptor of a packet, close the others. */
static void take_fds(struct msghdr *msg, int *fd)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; CMSG_LEN(sizeof(int) * (i + 1)) <= c->cmsg_len; i++) {
            gh_close_fd(fd);
            memcpy(fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
        }
    }
}

/* Receive up to the end of the line. */
static int receive_line(int sock, const struct limit *limit, struct gh_str *line, int *fd,
                        struct gh_err *err)
{
    while (!line->len || line->data[line->len - 1] != '\n') {
        char bytes[65536];
        union {
            char bytes[CMSG_SPACE(sizeof(int))];
            struct cmsghdr align;
        } control;
        struct iovec iov = {.iov_base = bytes, .iov_len = sizeof(bytes)};
        struct msghdr msg = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
        TRY(wait_for(sock, POLLIN, limit, err));
        ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot receive from ghatd");
        if (n == 0)
            return gh_fail(err, GH_SYSTEM,
                           "ghatd closed the connection without an answer (see its journal)");
        take_fds(&msg, fd);
        gh_str_add(line, bytes, (size_t)n);
        if (line->len > REPLY_MAX)
            return gh_fail(err, GH_SYSTEM, "the answer is too long");
    }
    return 0;
}

/* The class a refusal names; one that is not known here is a fault of the machine, not of words. */
static enum gh_class class_of(const char *name)
{
    for (unsigned c = GH_INPUT; c < GH_CLASSES; c++)
        if (gh_streq(gh_class_name((enum gh_class)c), name))
            return (enum gh_class)c;
    return GH_SYSTEM;
}

int gh_client_refusal(const json_t *reply, struct gh_err *err)
{
    return gh_fail(err, class_of(gh_j_text(reply, "class")), "%s", gh_j_text(reply, "error"));
}

static int parse_reply(const struct gh_str *line, json_t **ret, struct gh_err *err)
{
    json_error_t why;
    json_t *reply = json_loadb(line->data, line->len, 0, &why);
    if (!json_is_object(reply)) {
        json_decref(reply);
        return gh_fail(err, GH_SYSTEM, "ghatd's answer makes no sense: %s", why.text);
    }
    *ret = reply;
    return 0;
}

/* text: one line, without its end. */
static int exchange(const char *socket_path, const char *text, const struct limit *limit,
                    json_t **ret, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD sock = -1;
    GH_AUTO_FD passed = -1;
    GH_AUTO_STR line = {0};
    gh_str_printf(&line, "%s\n", text);
    TRY(dial(socket_path, limit->deadline_ms, &sock, err));
    TRY(send_line(sock, line.data, line.len, limit, err));
    line.len = 0;
    TRY(receive_line(sock, limit, &line, &passed, err));
    TRY(parse_reply(&line, ret, err));
    if (ret_fd)
        *ret_fd = gh_steal_fd(&passed);
    return 0;
}

int gh_client_talk(const char *socket_path, json_t *request, int64_t timeout_ms, int stop_fd,
                   json_t **ret, int *ret_fd, struct gh_err *err)
{
    const struct limit limit = {gh_mono_ms() + timeout_ms, stop_fd};
    GH_AUTO_FREE char *text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (!text)
        return gh_fail(err, GH_USAGE, "the arguments are not UTF-8 text");
    return exchange(socket_path, text, &limit, ret, ret_fd, err);
}

int gh_client_ask(const char *socket_path, json_t *request, int64_t timeout_ms, json_t **ret,
                  int *ret_fd, struct gh_err *err)
{
    json_t *reply = NULL;
    GH_AUTO_FD fd = -1;
    TRY(gh_client_talk(socket_path, request, timeout_ms, -1, &reply, &fd, err));
    if (!json_is_true(json_object_get(reply, "ok"))) {
        int r = gh_client_refusal(reply, err);
        json_decref(reply);
        return r;
    }
    *ret = reply;
    if (ret_fd)
        *ret_fd = gh_steal_fd(&fd);
    return 0;
}
