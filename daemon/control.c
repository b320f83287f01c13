/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket's plumbing: connections, their buffers and deadlines, roles from credentials. Everything is
 * non-blocking and bounded: so many connections, so many bytes of a request, so long for each of its halves. What a
 * request means is in control_requests.c.
 */
#include "daemon/control.h"

#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define ACCEPT_AT_ONCE 8 /* connections in a turn of the loop */
#define IDLE_MS 120000   /* between requests */
#define REQUEST_MS 10000 /* from the first byte of a request to its end */
#define REPLY_MS 30000   /* for the peer to take its reply */

struct conn {
    struct conn *next, **link; /* link: what points at this one */
    struct gh_control *c;
    int fd;
    enum gh_control_role role;
    uid_t uid;
    char *in; /* GH_CONTROL_REQUEST_MAX + 1 bytes */
    size_t n_in;
    char *out;
    size_t n_out, sent;
    int pass;  /* descriptor to go with the first byte of out, -1 none */
    bool last; /* close when out is sent */
    uint64_t timer;
    uint64_t turn;    /* more requests lie in its buffer: their turn comes with the loop's */
    int64_t heard_ms; /* when it last said something, or came */
};

struct gh_control {
    struct gh_daemon *d;
    int fd, dir; /* dir: where the socket lies, to take it away */
    char name[108];
    struct conn *conns;
    unsigned n;
};

/* ---------------------------------------------------------------------------------------- who is it? */

static bool in_group(int fd, gid_t primary, const char *name)
{
    struct group *g = name ? getgrnam(name) : NULL;
    gid_t groups[256];
    socklen_t len = sizeof(groups);
    if (!g)
        return false;
    if (g->gr_gid == primary)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
        return false;
    for (size_t i = 0; i < len / sizeof(*groups); i++)
        if (groups[i] == g->gr_gid)
            return true;
    return false;
}

static enum gh_control_role role_of(const struct gh_conf *conf, int fd, uid_t *ret_uid)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return GH_ROLE_NOBODY;
    *ret_uid = cred.uid;
    if (cred.uid == 0 || cred.uid == geteuid() || in_group(fd, cred.gid, conf->admin_group))
        return GH_ROLE_ADMIN;
    struct passwd *desk = conf->desk_user ? getpwnam(conf->desk_user) : NULL;
    if ((desk && desk->pw_uid == cred.uid) || in_group(fd, cred.gid, conf->desk_group))
        return GH_ROLE_DESK;
    return GH_ROLE_NOBODY;
}

/* ---------------------------------------------------------------------------------------- one connection */

static void drop_conn(struct conn *k)
{
    gh_loop_cancel(k->c->d->loop, &k->timer);
    gh_loop_cancel(k->c->d->loop, &k->turn);
    gh_loop_unwatch(k->c->d->loop, k->fd);
    gh_close_fd(&k->fd);
    gh_close_fd(&k->pass);
    *k->link = k->next;
    if (k->next)
        k->next->link = k->link;
    k->c->n--;
    free(k->in);
    free(k->out);
    free(k);
}

static void too_late(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    k->timer = 0;
    drop_conn(k);
}

static void deadline(struct conn *k, int64_t ms)
{
    gh_loop_cancel(k->c->d->loop, &k->timer);
    k->timer = gh_loop_after(k->c->d->loop, ms, too_late, k);
}

/* Bytes, and a descriptor with the first of them. */
static ssize_t send_some(struct conn *k)
{
    struct iovec iov = {.iov_base = k->out + k->sent, .iov_len = k->n_out - k->sent};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (k->pass >= 0) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &k->pass, sizeof(int));
    }
    ssize_t n = sendmsg(k->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
        gh_close_fd(&k->pass);
    return n;
}

/* Send what is there. Returns false when the connection is gone. */
static bool flush(struct conn *k)
{
    while (k->sent < k->n_out) {
        ssize_t n = send_some(k);
        if (n > 0) {
            k->sent += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            struct gh_err err;
            if (gh_loop_rewatch(k->c->d->loop, k->fd, EPOLLOUT, &err) == 0)
                return true;
            drop_conn(k);
            return false;
        } else {
            drop_conn(k);
            return false;
        }
    }
    gh_free_ptr(&k->out);
    k->n_out = k->sent = 0;
    if (k->last) {
        drop_conn(k);
        return false;
    }
    struct gh_err err;
    if (gh_loop_rewatch(k->c->d->loop, k->fd, EPOLLIN, &err) < 0) {
        drop_conn(k);
        return false;
    }
    deadline(k, k->n_in ? REQUEST_MS : IDLE_MS);
    return true;
}

static void reply(struct conn *k, json_t *answer, int fd)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    if (!text)
        abort();
    k->n_out = strlen(text) + 1;
    k->out = gh_realloc(text, k->n_out + 1);
    k->out[k->n_out - 1] = '\n';
    k->sent = 0;
    k->pass = fd;
    deadline(k, REPLY_MS);
}

static json_t *refusal(const char *cls, const char *text)
{
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "class", cls, "error", text);
}

static void serve(struct conn *k);

static void on_turn(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    k->turn = 0;
    serve(k);
}

/* Others first: until its turn comes nothing more is read from it. */
static void wait_turn(struct conn *k)
{
    struct gh_err err;
    if (gh_loop_rewatch(k->c->d->loop, k->fd, 0, &err) < 0)
        drop_conn(k);
    else
        k->turn = gh_loop_after(k->c->d->loop, 0, on_turn, k);
}

/* Answer one whole line, if there is one. The next waits until the reply is taken and everybody else had a turn, so
 * that a peer that sends a thousand requests at once waits for a thousand, and nobody else does. */
static void serve(struct conn *k)
{
    char *end = memchr(k->in, '\n', k->n_in);
    if (!end && k->n_in < GH_CONTROL_REQUEST_MAX)
        return;
    if (!end) {
        k->last = true;
        k->n_in = 0;
        reply(k, refusal("usage", "the request is longer than 64 KiB"), -1);
        (void)flush(k);
        return;
    }
    int fd = -1;
    size_t len = (size_t)(end - k->in);
    json_t *answer = gh_control_answer(k->c->d, k->role, k->uid, k->in, len, &fd);
    k->n_in -= len + 1;
    memmove(k->in, end + 1, k->n_in);
    reply(k, answer, fd);
    if (flush(k) && !k->out && memchr(k->in, '\n', k->n_in))
        wait_turn(k);
}

static void on_conn(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    if (k->out || k->turn) {
        if (events & (EPOLLERR | EPOLLHUP))
            drop_conn(k);
        else if (k->out && flush(k) && !k->out)
            serve(k);
        return;
    }
    bool fresh = k->n_in == 0;
    ssize_t n = recv(fd, k->in + k->n_in, GH_CONTROL_REQUEST_MAX - k->n_in, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop_conn(k);
        return;
    }
    k->n_in += (size_t)n;
    k->heard_ms = gh_mono_ms();
    if (fresh)
        deadline(k, REQUEST_MS); /* absolute: a byte now and then does not prolong it */
    serve(k);
}

/* ---------------------------------------------------------------------------------------- the listener */

/* What it said lies in its socket and waits for us. */
static bool is_speaking(const struct conn *k)
{
    int bytes = 0;
    return ioctl(k->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* Room for one more: whoever has been silent longest goes, so that connections which only sit there keep nobody out. */
static void make_room(struct gh_control *c)
{
    struct conn *quiet = NULL;
    for (struct conn *k = c->conns; k; k = k->next)
        if (!k->out && !k->turn && (!quiet || k->heard_ms < quiet->heard_ms) && !is_speaking(k))
            quiet = k;
    if (quiet)
        drop_conn(quiet);
}

static void on_listen(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)events;
    struct gh_control *c = arg;
    struct gh_err err;
    /* Not all at once: who is there is heard before the next ones push them out. */
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (got < 0)
            return; /* EAGAIN, or a peer that is gone; the loop calls again */
        uid_t uid = (uid_t)-1;
        enum gh_control_role role = role_of(&c->d->conf, got, &uid);
        if (c->n >= GH_CONTROL_CONNECTIONS && role != GH_ROLE_NOBODY)
            make_room(c);
        struct conn *k = gh_alloc(sizeof(*k));
        *k = (struct conn){.c = c,
                           .fd = got,
                           .pass = -1,
                           .in = gh_alloc(GH_CONTROL_REQUEST_MAX + 1),
                           .uid = uid,
                           .role = role,
                           .heard_ms = gh_mono_ms()};
        k->next = c->conns;
        k->link = &c->conns;
        if (k->next)
            k->next->link = &k->next;
        c->conns = k;
        c->n++;
        if (gh_loop_watch(loop, got, EPOLLIN, on_conn, k, &err) < 0) {
            drop_conn(k);
            continue;
        }
        const char *no = c->n > GH_CONTROL_CONNECTIONS ? "too many connections; try again"
                         : k->role == GH_ROLE_NOBODY
                             ? "you may not control ghat; be a member of its admin group or use sudo"
                             : NULL;
        if (!no) {
            deadline(k, IDLE_MS);
            continue;
        }
        k->last = true;
        reply(k, refusal(k->role == GH_ROLE_NOBODY ? "usage" : "again", no), -1);
        (void)flush(k);
    }
}

/* A socket somebody answers on belongs to another ghatd. */
static bool alive(const struct sockaddr_un *addr)
{
    GH_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN);
}

/*
 * Whoever may be somebody must be able to connect; the role is decided by credentials, the mode only keeps strangers
 * out where one group is enough and ours to give.
 */
static int open_to_groups(const struct gh_conf *conf, const char *path, struct gh_err *err)
{
    const struct group *g = conf->admin_group ? getgrnam(conf->admin_group) : NULL;
    gid_t admin = g ? g->gr_gid : (gid_t)-1;
    g = conf->desk_group ? getgrnam(conf->desk_group) : NULL;
    gid_t desk = g ? g->gr_gid : (gid_t)-1, only = admin != (gid_t)-1 ? admin : desk;
    mode_t mode = 0600;
    if (admin != (gid_t)-1 && desk != (gid_t)-1)
        mode = 0666;
    else if (only != (gid_t)-1)
        mode = chown(path, (uid_t)-1, only) == 0 ? 0660 : 0666;
    if (chmod(path, mode) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of the control socket %s", path);
    return 0;
}

static int listen_at(struct gh_control *c, const char *path, struct gh_err *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (!gh_copy(addr.sun_path, sizeof(addr.sun_path), path))
        return gh_fail(err, GH_CONFIG, "the path of the control socket is too long (at most %zu bytes): %s",
                       sizeof(addr.sun_path) - 1, path);
    if (alive(&addr))
        return gh_fail(err, GH_CONFIG, "another ghatd answers on %s", path);
    if (unlink(path) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_CONFIG, "control socket %s", path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "control socket");
    mode_t old = umask(0177);
    int r = bind(c->fd, (struct sockaddr *)&addr, sizeof(addr));
    umask(old);
    if (r < 0)
        return gh_fail_errno(err, GH_CONFIG, "control socket %s (does its folder exist, and is it mine?)", path);
    TRY(open_to_groups(&c->d->conf, path, err));
    if (listen(c->fd, 64) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "control socket %s", path);
    GH_COPY(c->name, path);
    return 0;
}

int gh_control_open(struct gh_daemon *d, struct gh_control **ret, struct gh_err *err)
{
    GH_AUTO(gh_control_close) struct gh_control *c = gh_alloc(sizeof(*c));
    *c = (struct gh_control){.d = d, .fd = -1};
    TRY(listen_at(c, d->conf.control, err));
    TRY(gh_loop_watch(d->loop, c->fd, EPOLLIN, on_listen, c, err));
    *ret = gh_steal(&c);
    return 0;
}

void gh_control_close(struct gh_control **pc)
{
    struct gh_control *c = *pc;
    if (!c)
        return;
    while (c->conns)
        drop_conn(c->conns);
    if (c->fd >= 0) {
        gh_loop_unwatch(c->d->loop, c->fd);
        gh_close_fd(&c->fd);
    }
    if (*c->name)
        unlink(c->name);
    free(c);
    *pc = NULL;
}
