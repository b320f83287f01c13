/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See client.h: the socket's side of the ghat command. */
#include "ctl/client.h"

#include "base/config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define ANSWER_S 60
#define ANSWER_MAX (256u << 20)

static int dial(struct gh_ctl *ctl, int *ret_fd, char **ret_path, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = ANSWER_S};
    if (!gh_copy(addr.sun_path, sizeof(addr.sun_path), conf.control))
        return gh_fail(err, GH_CONFIG, "the path of the control socket is too long: %s", conf.control);
    GH_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        const char *what = errno == EACCES ? "you may not control it; be a member of its admin group or use sudo"
                           : errno == ENOENT || errno == ECONNREFUSED
                               ? "ghatd is not running (start it: systemctl start ghatd, or make run), or it uses "
                                 "another configuration (-c)"
                               : strerror(errno);
        return gh_fail(err, GH_SYSTEM, "cannot reach ghatd at %s: %s", conf.control, what);
    }
    *ret_fd = gh_steal_fd(&fd);
    *ret_path = gh_strdup(conf.control);
    return 0;
}

/* Receive up to the end of the line; a descriptor comes with the first bytes. */
static int receive(int sock, struct gh_str *line, int *ret_fd, struct gh_err *err)
{
    for (;;) {
        char bytes[65536];
        union {
            char bytes[CMSG_SPACE(sizeof(int))];
            struct cmsghdr align;
        } control;
        struct iovec iov = {.iov_base = bytes, .iov_len = sizeof(bytes)};
        struct msghdr msg = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
        ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_SYSTEM, "ghatd does not answer");
        if (n == 0)
            return gh_fail(err, GH_SYSTEM, "ghatd closed the connection without an answer (see its journal)");
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
            if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
                gh_close_fd(ret_fd);
                memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
            }
        gh_str_add(line, bytes, (size_t)n);
        if (line->data[line->len - 1] == '\n')
            return 0;
        if (line->len > ANSWER_MAX)
            return gh_fail(err, GH_SYSTEM, "the answer is too long");
    }
}

/* The class ghatd names, so that exit codes follow it. */
static enum gh_class class_of(const char *name)
{
    for (unsigned c = GH_INPUT; c < GH_CLASSES; c++)
        if (gh_streq(gh_class_name((enum gh_class)c), name))
            return (enum gh_class)c;
    return GH_SYSTEM;
}

static int talk(int sock, const json_t *request, json_t **ret, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_STR line = {0};
    GH_AUTO_FREE char *text = json_dumps(request, JSON_COMPACT);
    json_error_t why;
    if (!text)
        return gh_fail(err, GH_USAGE, "the arguments are not UTF-8 text");
    gh_str_puts(&line, text);
    gh_str_puts(&line, "\n");
    for (size_t sent = 0; sent < line.len;) {
        ssize_t n = send(sock, line.data + sent, line.len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break; /* refused at the door: the reason can still be read */
        sent += (size_t)n;
    }
    line.len = 0;
    TRY(receive(sock, &line, ret_fd, err));
    json_t *answer = json_loadb(line.data, line.len, 0, &why);
    if (!json_is_object(answer)) {
        json_decref(answer);
        return gh_fail(err, GH_SYSTEM, "ghatd's answer makes no sense: %s", why.text);
    }
    *ret = answer;
    return 0;
}

int gh_ask(struct gh_ctl *ctl, json_t *request, json_t **ret, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD sock = -1;
    GH_AUTO_FD passed = -1;
    GH_AUTO_FREE char *path = NULL;
    json_t *answer = NULL;
    int r = request ? dial(ctl, &sock, &path, err) : gh_fail(err, GH_USAGE, "the arguments are not UTF-8 text");
    if (r == 0)
        r = talk(sock, request, &answer, &passed, err);
    json_decref(request);
    TRY(r);
    if (!json_is_true(json_object_get(answer, "ok"))) {
        r = gh_fail(err, class_of(gh_j_text(answer, "class")), "%s", gh_j_text(answer, "error"));
        json_decref(answer);
        return r;
    }
    if (ret_fd)
        *ret_fd = gh_steal_fd(&passed);
    *ret = answer;
    return 0;
}

const char *gh_j_text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

int64_t gh_j_int(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

const char *gh_j_when(const json_t *o, const char *name, char ret[20])
{
    const char *iso = gh_j_text(o, name);
    if (strlen(iso) < 16) {
        strcpy(ret, "-");
        return ret;
    }
    memcpy(ret, iso, 16);
    ret[10] = ' ';
    ret[16] = '\0';
    return ret;
}

void gh_print_json(const json_t *o)
{
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
}

json_t *gh_split(const char *list)
{
    json_t *a = json_array();
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        if (n)
            json_array_append_new(a, json_stringn(s, n));
        s += n + (s[n] == ',');
    }
    if (json_array_size(a) == 0) {
        json_decref(a);
        return NULL;
    }
    return a;
}

int64_t gh_parse_id(const char *text)
{
    uint64_t id;
    return gh_parse_u64(text, INT64_MAX, &id) ? (int64_t)id : 0;
}
