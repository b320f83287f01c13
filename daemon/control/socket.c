/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections of the control sockets, the command's and the desk's: their buffers and deadlines.
 * Nothing blocks, and the number of connections, the bytes of a request and the time for a request
 * and for a reply are limited. What a request means is in the other files; one that would take long
 * is carried out in turns, and stays in the buffer until it is answered.
 */
#include "daemon/control/control.h"

#include "daemon/control/peer.h"

#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"

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

#define ACCEPT_AT_ONCE 8 /* connections in one turn of the loop */
#define BACKLOG 64       /* connections that wait to be accepted */
#define IDLE_MS 120000   /* between requests */
#define REQUEST_MS 10000 /* from the first byte of a request to its end */
#define LATER_MS 120000  /* for a reply that is made in several turns */
#define REPLY_MS 30000   /* for the peer to take its reply */

struct conn {
    struct conn *next, **link; /* link: what points at this one */
    struct gh_control *c;
    int fd;
    struct gh_peer peer;
    char *in; /* GH_CONTROL_REQUEST_MAX + 1 bytes */
    size_t n_in;
    char *out;
    size_t n_out, sent;
    int pass;              /* a descriptor that goes with the first byte of out, -1: none */
    bool last;             /* close when out is sent */
    uint64_t timer;        /* the deadline */
    uint64_t turn;         /* timer for the next request in the buffer, 0: it has none */
    struct gh_later later; /* of the first one, as far as it was carried out */
    int64_t heard_ms;      /* when it was accepted, or last sent something */
};

struct gh_control {
    struct gh_control_parts p;
    bool desk; /* the desk's */
    int fd;
    char name[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* to be unlinked; "": not bound */
    struct conn *conns;
    unsigned n;
};

/* ------------------------------------------------------------------------------- one connection */

static void drop_conn(struct conn *k)
{
    gh_loop_cancel(k->c->p.loop, &k->timer);
    gh_loop_cancel(k->c->p.loop, &k->turn);
    gh_loop_unwatch(k->c->p.loop, k->fd);
    gh_close_fd(&k->fd);
    gh_close_fd(&k->pass);
    gh_later_free(&k->later);
    *k->link = k->next;
    if (k->next)
        k->next->link = k->link;
    k->c->n--;
    free(k->in);
    free(k->out);
    free(k);
}

static void on_deadline(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    k->timer = 0;
    drop_conn(k);
}

static void set_deadline(struct conn *k, int64_t ms)
{
    gh_loop_cancel(k->c->p.loop, &k->timer);
    k->timer = gh_loop_after(k->c->p.loop, ms, on_deadline, k);
}

/* Send some bytes, and the descriptor with the first of them. */
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

/* Send as much of the reply as the peer takes. Returns false when the connection is gone. */
static bool flush_reply(struct conn *k)
{
    while (k->sent < k->n_out) {
        ssize_t n = send_some(k);
        if (n > 0) {
            k->sent += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            struct gh_err err;
            if (gh_loop_rewatch(k->c->p.loop, k->fd, EPOLLOUT, &err) == 0)
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
    if (gh_loop_rewatch(k->c->p.loop, k->fd, EPOLLIN, &err) < 0) {
        drop_conn(k);
        return false;
    }
    set_deadline(k, k->n_in ? REQUEST_MS : IDLE_MS);
    return true;
}

static void begin_reply(struct conn *k, json_t *answer, int fd)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    if (!text)
        text = gh_strdup("{\"ok\":false,\"class\":\"bug\",\"error\":\"no text for the reply\"}");
    k->n_out = strlen(text) + 1;
    k->out = gh_realloc(text, k->n_out + 1);
    k->out[k->n_out - 1] = '\n';
    k->sent = 0;
    k->pass = fd;
    set_deadline(k, REPLY_MS);
}

static json_t *refusal_json(enum gh_class cls, const char *text)
{
    return json_pack("{s:b, s:s, s:s}", "ok", 0, "class", gh_class_name(cls), "error", text);
}

static void serve_request(struct conn *k);

static void on_turn(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    k->turn = 0;
    serve_request(k);
}

/* Let others go first: until its turn comes, nothing more is read from this connection. */
static void wait_turn(struct conn *k, int64_t ms)
{
    struct gh_err err;
    if (gh_loop_rewatch(k->c->p.loop, k->fd, 0, &err) < 0)
        drop_conn(k);
    else
        k->turn = gh_loop_after(k->c->p.loop, ms, on_turn, k);
}

/* Answer one whole line, if there is one. The next line waits until the reply is taken and every
 * other connection had a turn, so that a peer that sends a thousand requests at once delays only
 * itself. */
static void serve_request(struct conn *k)
{
    char *end = memchr(k->in, '\n', k->n_in);
    if (!end && k->n_in < GH_CONTROL_REQUEST_MAX)
        return;
    if (!end) {
        k->last = true;
        k->n_in = 0;
        begin_reply(k, refusal_json(GH_USAGE, "the request is longer than 64 KiB"), -1);
        (void)flush_reply(k);
        return;
    }
    int fd = -1;
    size_t len = (size_t)(end - k->in);
    bool begun = k->later.state != NULL;
    json_t *answer = gh_control_answer(&k->c->p, &k->peer, k->in, len, &k->later, &fd);
    if (!answer) {
        if (!begun)
            set_deadline(k, LATER_MS);
        wait_turn(k, k->later.wait_ms);
        return;
    }
    k->n_in -= len + 1;
    memmove(k->in, end + 1, k->n_in);
    begin_reply(k, answer, fd);
    if (flush_reply(k) && !k->out && memchr(k->in, '\n', k->n_in))
        wait_turn(k, 0);
}

static void on_conn(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop;
    struct conn *k = arg;
    if (k->out || k->turn) {
        if (events & (EPOLLERR | EPOLLHUP))
            drop_conn(k);
        else if (k->out && flush_reply(k) && !k->out)
            serve_request(k);
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
        set_deadline(k, REQUEST_MS); /* for the whole request: further bytes do not prolong it */
    serve_request(k);
}

/* --------------------------------------------------------------------------------- the listener */

/* Is there something in its socket that was not read yet? */
static bool is_speaking(const struct conn *k)
{
    int bytes = 0;
    return ioctl(k->fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* Close the connection that has been silent longest, so that idle ones keep nobody out. */
static void make_room(struct gh_control *c)
{
    struct conn *quiet = NULL;
    for (struct conn *k = c->conns; k; k = k->next)
        if (!k->out && !k->turn && (!quiet || k->heard_ms < quiet->heard_ms) && !is_speaking(k))
            quiet = k;
    if (quiet)
        drop_conn(quiet);
}

static struct conn *add_conn(struct gh_control *c, int fd, const struct gh_peer *peer)
{
    struct conn *k = gh_alloc(sizeof(*k));
    *k = (struct conn){.next = c->conns,
                       .link = &c->conns,
                       .c = c,
                       .fd = fd,
                       .pass = -1,
                       .in = gh_alloc(GH_CONTROL_REQUEST_MAX + 1),
                       .peer = *peer,
                       .heard_ms = gh_mono_ms()};
    if (k->next)
        k->next->link = &k->next;
    c->conns = k;
    c->n++;
    return k;
}

/* Takes ownership of fd. A peer that is refused is told why, and its connection ends. */
static void accept_conn(struct gh_control *c, int fd)
{
    struct gh_err err;
    struct gh_peer peer;
    gh_peer_of(&c->p.settings->conf, fd, &peer);
    peer.desk = c->desk;
    if (c->n >= GH_CONTROL_CONNECTIONS && peer.role != GH_ROLE_NOBODY)
        make_room(c);
    struct conn *k = add_conn(c, fd, &peer);
    if (gh_loop_watch(c->p.loop, fd, EPOLLIN, on_conn, k, &err) < 0) {
        drop_conn(k);
        return;
    }
    json_t *refusal = NULL;
    if (c->n > GH_CONTROL_CONNECTIONS)
        refusal = refusal_json(GH_AGAIN, "too many connections; try again");
    else if (peer.role == GH_ROLE_NOBODY)
        refusal = refusal_json(
            GH_USAGE, "you may not control ghat; be a member of its admin group or use sudo");
    if (!refusal) {
        set_deadline(k, IDLE_MS);
        return;
    }
    k->last = true;
    begin_reply(k, refusal, -1);
    (void)flush_reply(k);
}

static void on_listen(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)events;
    struct gh_control *c = arg;
    /* Not all at once: peers that are there are heard before new ones push them out. */
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (got < 0)
            return; /* EAGAIN, or a peer that is gone; the loop calls again */
        accept_conn(c, got);
    }
}

/* Does another ghatd answer there? A socket that nobody answers on was left by one that died. */
static bool is_answered(const struct sockaddr_un *addr)
{
    GH_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 &&
           (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN);
}

/*
 * Members of either group must be able to connect, and so must ghat-post. Credentials decide on the
 * role; the mode keeps others out only where there is one group, and ghatd may give the socket to
 * it.
 */
static int open_to_groups(const struct gh_conf *conf, bool for_desk, const char *path,
                          struct gh_err *err)
{
    const struct group *g = conf->admin_group && !for_desk ? getgrnam(conf->admin_group) : NULL;
    gid_t admin = g ? g->gr_gid : (gid_t)-1;
    g = conf->desk_group ? getgrnam(conf->desk_group) : NULL;
    gid_t desk = g ? g->gr_gid : (gid_t)-1, only = admin != (gid_t)-1 ? admin : desk;
    mode_t mode = 0600;
    bool post = !for_desk && conf->post_user && getpwnam(conf->post_user);
    if ((admin != (gid_t)-1 && desk != (gid_t)-1) || post)
        mode = 0666;
    else if (only != (gid_t)-1)
        mode = chown(path, (uid_t)-1, only) == 0 ? 0660 : for_desk ? 0600 : 0666;
    if (chmod(path, mode) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of the control socket %s", path);
    return 0;
}

static int listen_at(struct gh_control *c, const char *path, struct gh_err *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (!gh_copy(addr.sun_path, sizeof(addr.sun_path), path))
        return gh_fail(err, GH_CONFIG,
                       "the path of the control socket is too long (at most %zu bytes): %s",
                       sizeof(addr.sun_path) - 1, path);
    if (is_answered(&addr))
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
        return gh_fail_errno(err, GH_CONFIG,
                             "control socket %s (does its folder exist, and is it mine?)", path);
    TRY(open_to_groups(&c->p.settings->conf, c->desk, path, err));
    if (listen(c->fd, BACKLOG) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "control socket %s", path);
    GH_COPY(c->name, path);
    return 0;
}

static int open_at(const struct gh_control_parts *parts, bool desk, const char *path,
                   struct gh_control **ret, struct gh_err *err)
{
    GH_AUTO(gh_control_close) struct gh_control *c = gh_alloc(sizeof(*c));
    *c = (struct gh_control){.p = *parts, .desk = desk, .fd = -1};
    TRY(listen_at(c, path, err));
    TRY(gh_loop_watch(c->p.loop, c->fd, EPOLLIN, on_listen, c, err));
    *ret = gh_steal(&c);
    return 0;
}

int gh_control_open(const struct gh_control_parts *parts, struct gh_control **ret,
                    struct gh_err *err)
{
    return open_at(parts, false, parts->settings->conf.control, ret, err);
}

int gh_control_open_desk(const struct gh_control_parts *parts, struct gh_control **ret,
                         struct gh_err *err)
{
    return open_at(parts, true, parts->settings->conf.desk_socket, ret, err);
}

void gh_control_close(struct gh_control **pc)
{
    struct gh_control *c = *pc;
    if (!c)
        return;
    while (c->conns)
        drop_conn(c->conns);
    if (c->fd >= 0) {
        gh_loop_unwatch(c->p.loop, c->fd);
        gh_close_fd(&c->fd);
    }
    if (*c->name)
        unlink(c->name);
    free(c);
    *pc = NULL;
}
