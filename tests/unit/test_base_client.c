/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/client.h"
#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#define TIMEOUT_MS 20000
#define SHORT_MS 150

/* A ghatd for one connection, in a thread: reads a line, answers in pieces of at most piece bytes,
 * and keeps the connection open until the other end closes it. */
struct server {
    struct test_dir dir;
    char path[80];
    pthread_t thread;
    int listener;
    const char *reply; /* NULL: it never says anything */
    size_t piece;
    int fds[2], n_fds;
    bool hang_up; /* at once, without reading */
    struct gh_str request;
};

static void send_piece(int sock, const char *bytes, size_t n, const int *fds, int n_fds)
{
    union {
        char bytes[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {(void *)(uintptr_t)bytes, n};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (n_fds) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n_fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n_fds);
        memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)n_fds);
    }
    (void)!sendmsg(sock, &msg, MSG_NOSIGNAL);
}

static void *serve(void *arg)
{
    struct server *s = arg;
    char bytes[4096];
    GH_AUTO_FD sock = accept(s->listener, NULL, NULL);
    if (sock < 0 || s->hang_up)
        return NULL;
    while (!s->request.len || s->request.data[s->request.len - 1] != '\n') {
        ssize_t n = recv(sock, bytes, sizeof(bytes), 0);
        if (n <= 0)
            return NULL;
        gh_str_add(&s->request, bytes, (size_t)n);
    }
    for (size_t at = 0, n = s->reply ? strlen(s->reply) : 0; at < n; at += s->piece)
        send_piece(sock, s->reply + at, GH_MIN(s->piece, n - at), s->fds, at ? 0 : s->n_fds);
    while (recv(sock, bytes, sizeof(bytes), 0) > 0)
        ;
    return NULL;
}

static void server_start(struct server *s)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    s->dir = test_dir_new();
    snprintf(s->path, sizeof(s->path), "%s/control", s->dir.path);
    GH_COPY(addr.sun_path, s->path);
    s->piece = s->piece ? s->piece : 4096;
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_join(struct server *s)
{
    assert_int_equal(pthread_join(s->thread, NULL), 0);
}

static void server_free(struct server *s)
{
    gh_close_fd(&s->listener);
    gh_str_free(&s->request);
    test_dir_free(&s->dir);
}

static void server_end(struct server *s)
{
    server_join(s);
    server_free(s);
}

static json_t *status(void)
{
    return json_pack("{s:s}", "request", "status");
}

static void one_line_each_way(void **state)
{
    (void)state;
    struct server s = {.reply = "{\"ok\": true, \"version\": \"0.1.0\"}\n", .piece = 3};
    struct gh_err err;
    json_t *reply = NULL;
    int fd = 7;
    server_start(&s);
    OK(gh_client_ask(s.path, status(), TIMEOUT_MS, &reply, &fd, &err));
    assert_string_equal(gh_j_text(reply, "version"), "0.1.0");
    assert_int_equal(fd, -1);
    json_decref(reply);
    server_join(&s);
    assert_string_equal(gh_str_text(&s.request), "{\"request\":\"status\"}\n");
    server_free(&s);
}

static void a_descriptor_comes_with_the_reply(void **state)
{
    (void)state;
    struct server s = {.reply = "{\"ok\": true}\n", .piece = 4, .n_fds = 1};
    struct gh_err err;
    json_t *reply = NULL;
    int fd = -1;
    s.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server_start(&s);
    OK(gh_client_ask(s.path, status(), TIMEOUT_MS, &reply, &fd, &err));
    assert_true(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
    gh_close_fd(&fd);
    gh_close_fd(&s.fds[0]);
    json_decref(reply);
    server_end(&s);
}

static int open_fds(void)
{
    int n = 0;
    for (int fd = 3; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void descriptors_nobody_asked_for_are_closed(void **state)
{
    (void)state;
    struct server s = {.reply = "{\"ok\": true}\n", .n_fds = 2};
    struct gh_err err;
    json_t *reply = NULL;
    s.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    s.fds[1] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int before = open_fds();
    server_start(&s);
    OK(gh_client_ask(s.path, status(), TIMEOUT_MS, &reply, NULL, &err));
    json_decref(reply);
    server_end(&s);
    assert_int_equal(open_fds(), before);
    gh_close_fd(&s.fds[0]);
    gh_close_fd(&s.fds[1]);
}

static void fails_with(const char *text, enum gh_class cls, const char *message)
{
    struct server s = {.reply = text};
    struct gh_err err;
    json_t *reply = NULL;
    int fd = 7;
    server_start(&s);
    FAILS(cls, gh_client_ask(s.path, status(), TIMEOUT_MS, &reply, &fd, &err));
    assert_non_null(strstr(err.msg, message));
    assert_null(reply);
    assert_int_equal(fd, 7); /* untouched */
    server_end(&s);
}

static void a_refusal_keeps_its_class_and_words(void **state)
{
    (void)state;
    fails_with("{\"ok\": false, \"class\": \"limit\", \"error\": \"too much\"}\n", GH_LIMIT,
               "too much");
    fails_with("{\"ok\": false, \"class\": \"usage\", \"error\": \"not you\"}\n", GH_USAGE,
               "not you");
    fails_with("{\"ok\": false, \"class\": \"of tomorrow\", \"error\": \"no\"}\n", GH_SYSTEM, "no");
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    fails_with("[]\n", GH_SYSTEM, "makes no sense");
    fails_with("{\"ok\": \n", GH_SYSTEM, "makes no sense");
    fails_with("\n", GH_SYSTEM, "makes no sense");
}

static void silence_ends_at_the_deadline(void **state)
{
    (void)state;
    struct server s = {.reply = NULL};
    struct gh_err err;
    json_t *reply = NULL;
    server_start(&s);
    int64_t begun = gh_mono_ms();
    FAILS(GH_AGAIN, gh_client_ask(s.path, status(), SHORT_MS, &reply, NULL, &err));
    assert_true(gh_mono_ms() - begun >= SHORT_MS);
    server_end(&s);
}

static void who_is_told_to_stop_waits_no_longer(void **state)
{
    (void)state;
    struct server s = {.reply = NULL};
    struct gh_err err;
    json_t *reply = NULL;
    int fd = eventfd(1, EFD_CLOEXEC);
    server_start(&s);
    int64_t begun = gh_mono_ms();
    FAILS(GH_AGAIN, gh_client_talk(s.path, status(), TIMEOUT_MS, fd, &reply, NULL, &err));
    assert_true(gh_mono_ms() - begun < TIMEOUT_MS);
    server_end(&s);
    gh_close_fd(&fd);
}

static void half_a_reply_is_none(void **state)
{
    (void)state;
    struct server s = {.reply = "{\"ok\": true}"};
    struct gh_err err;
    json_t *reply = NULL;
    server_start(&s);
    FAILS(GH_AGAIN, gh_client_ask(s.path, status(), SHORT_MS, &reply, NULL, &err));
    server_end(&s);
}

static void a_connection_that_is_closed_says_so(void **state)
{
    (void)state;
    struct server s = {.hang_up = true};
    struct gh_err err;
    json_t *reply = NULL;
    server_start(&s);
    FAILS(GH_SYSTEM, gh_client_ask(s.path, status(), TIMEOUT_MS, &reply, NULL, &err));
    server_end(&s);
}

static void nobody_there_gives_the_errno(void **state)
{
    (void)state;
    TEST_DIR dir = test_dir_new();
    struct gh_err err;
    json_t *reply = NULL;
    char path[100], longest[300];
    snprintf(path, sizeof(path), "%s/control", dir.path);
    FAILS(GH_SYSTEM, gh_client_ask(path, status(), TIMEOUT_MS, &reply, NULL, &err));
    assert_int_equal(err.code, ENOENT);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = 0;
    FAILS(GH_CONFIG, gh_client_ask(longest, status(), TIMEOUT_MS, &reply, NULL, &err));
    FAILS(GH_USAGE, gh_client_ask(path, json_pack("{s:s}", "request", "\xff"), TIMEOUT_MS, &reply,
                                  NULL, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_each_way),
        cmocka_unit_test(a_descriptor_comes_with_the_reply),
        cmocka_unit_test(descriptors_nobody_asked_for_are_closed),
        cmocka_unit_test(a_refusal_keeps_its_class_and_words),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(silence_ends_at_the_deadline),
        cmocka_unit_test(who_is_told_to_stop_waits_no_longer),
        cmocka_unit_test(half_a_reply_is_none),
        cmocka_unit_test(a_connection_that_is_closed_says_so),
        cmocka_unit_test(nobody_there_gives_the_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
