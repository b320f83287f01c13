/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the shape of what is received: magic, sizes, number of descriptors, nothing truncated.
 * What it means is the caller's to check. */
#include "base/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

union fd_control {
    char buf[CMSG_SPACE(sizeof(int) * GH_WIRE_MAX_FDS)];
    struct cmsghdr align;
};

int gh_wire_pair(int ret_fds[2], struct gh_err *err)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a socket pair");
    memcpy(ret_fds, fds, sizeof(fds));
    return 0;
}

int gh_wire_send(int sock, uint16_t type, uint32_t seq, const void *body, size_t size,
                 const int *fds, size_t n_fds, struct gh_err *err)
{
    if (size > GH_WIRE_MAX || n_fds > GH_WIRE_MAX_FDS)
        return gh_fail(err, GH_BUG, "packet of %zu bytes and %zu descriptors is too large", size,
                       n_fds);
    struct gh_wire_head head = {.magic = GH_WIRE_MAGIC,
                                .type = type,
                                .fds = (uint16_t)n_fds,
                                .size = (uint32_t)size,
                                .seq = seq};
    struct iovec iov[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)body, size}};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = size ? 2 : 1};
    union fd_control control = {0};
    if (n_fds) {
        msg.msg_control = control.buf;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
    }
    ssize_t n;
    do
        n = sendmsg(sock, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return gh_fail_errno(err, errno == EAGAIN ? GH_AGAIN : GH_SYSTEM,
                             "cannot send to the other process");
    if ((size_t)n != sizeof(head) + size)
        return gh_fail(err, GH_SYSTEM, "packet sent in part");
    return 0;
}

static size_t take_fds(struct msghdr *msg, int *ret_fds)
{
    size_t got = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
            if (got < GH_WIRE_MAX_FDS)
                ret_fds[got++] = fd;
            else
                close(fd);
        }
    }
    return got;
}

int gh_wire_recv(int sock, struct gh_wire_head *ret_head, void *body, size_t max, int *ret_fds,
                 struct gh_err *err)
{
    struct gh_wire_head head;
    struct iovec iov[2] = {{&head, sizeof(head)}, {body, max}};
    union fd_control control;
    struct msghdr msg = {.msg_iov = iov,
                         .msg_iovlen = max ? 2 : 1,
                         .msg_control = control.buf,
                         .msg_controllen = sizeof(control.buf)};
    for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
        ret_fds[i] = -1;
    ssize_t n;
    do
        n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return gh_fail_errno(err, GH_AGAIN, "no packet");
    if (n < 0 && errno == ECONNRESET)
        return 0;
    if (n < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot receive from the other process");
    if (n == 0)
        return 0;
    size_t got = take_fds(&msg, ret_fds);
    bool ok = !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && (size_t)n >= sizeof(head) &&
              head.magic == GH_WIRE_MAGIC && head.size == (size_t)n - sizeof(head) &&
              head.fds == got;
    if (!ok) {
        for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
            gh_close_fd(&ret_fds[i]);
        return gh_fail(err, GH_INPUT, "malformed packet of %zd bytes", n);
    }
    *ret_head = head;
    return 1;
}
