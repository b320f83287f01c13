/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket: roles, every request of the table, hostile and slow peers, descriptors handed over. */
#include "tests/unit/test.h"

#include "daemon/control.h"

#include "daemon/daemon.h"
#include "daemon/intake.h"

#include "base/clock.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

/* The rest of ghatd is not here: these stand in where its own are not linked. */
__attribute__((weak)) const struct gh_department *gh_daemon_department(const struct gh_daemon *d, const char *slug)
{
    return gh_departments_find(&d->departments, slug);
}

__attribute__((weak)) int gh_daemon_reload(struct gh_daemon *d, struct gh_problems *problems, struct gh_err *err)
{
    (void)d;
    (void)problems;
    return gh_fail(err, GH_CONFIG, "no reload here");
}

static struct gh_err err;

struct fix {
    char dir[64];
    struct gh_daemon d;
    struct gh_profiles profiles;
    int64_t id;
    pid_t server;
};

/* A ledger with one staged submission. */
static void fill(struct fix *f)
{
    struct gh_new_file file = {.name = "a.jpg", .name_len = 5, .size = 8, .role = GH_ROLE_MEDIA, .guess = GH_PHOTO};
    gh_hash_mem("original", 8, file.sha256);
    struct gh_new_sub sub = {.department = "roads",
                             .name = "a.jpg",
                             .name_len = 5,
                             .state = GH_SUB_RECEIVED,
                             .caption = "words",
                             .dropped_ms = 5,
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->d.ledger, NULL, &sub, &f->id, NULL, &err));
    struct gh_claim c;
    struct gh_err e;
    char hex[GH_SHA_HEX];
    gh_hash_mem("pixels", 6, hex);
    assert_int_equal(gh_ledger_claim(f->d.ledger, NULL, 7, 0, &c, NULL, &e), 1);
    struct gh_plan_row row = {.placement = "fb.photo", .part = 1, .parts = 1, .recipe = "r", .profile = "p"};
    struct gh_staged out = {
        .placement = "fb.photo", .part = 1, .sha256 = hex, .bytes = 6, .checks_json = "[]", .stage = "out.jpg"};
    OK(gh_ledger_plan(f->d.ledger, NULL, c.file, c.token, &row, 1, &err));
    OK(gh_ledger_staged(f->d.ledger, NULL, c.file, c.token, &out, &err));
    OK(gh_ledger_attempt_end(f->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, &err));
    OK(gh_write_file(f->d.dirs.staging, "out.jpg", "pixels", 6, 0640, &err));
}

static int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/ghat-control-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(chmod(f->dir, 0755), 0);
    gh_conf_default(&f->d.conf);
    free(f->d.conf.control);
    f->d.conf.control = gh_asprintf("%s/control.sock", f->dir);
    memset(&f->d.dirs, 0xff, sizeof(f->d.dirs)); /* all -1 */
    OK(gh_open_dir(AT_FDCWD, f->dir, &f->d.dirs.staging, &err));
    f->d.profiles = &f->profiles;
    f->d.started_ms = gh_now_ms();
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
    OK(gh_ledger_open(path, &f->d.ledger, &err));
    fill(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    if (f->server) {
        kill(f->server, SIGKILL);
        waitpid(f->server, NULL, 0);
    }
    gh_ledger_close(&f->d.ledger);
    gh_close_fd(&f->d.dirs.staging);
    gh_conf_free(&f->d.conf);
    int r = gh_remove_tree(AT_FDCWD, f->dir, &err);
    free(f);
    return r;
}

/* A server of its own process, as ghatd is; it ends with us. */
static void serve(struct fix *f)
{
    gh_ledger_close(&f->d.ledger);
    f->server = fork();
    if (f->server == 0) {
        struct gh_err e;
        GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (gh_ledger_open(path, &f->d.ledger, &e) < 0 || gh_loop_new(&f->d.loop, &e) < 0 ||
            gh_control_open(&f->d, &f->d.control, &e) < 0)
            _exit(3);
        _exit(gh_loop_run(f->d.loop));
    }
}

static int dial(struct fix *f)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    GH_COPY(addr.sun_path, f->d.conf.control);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < 3000; i++) { /* it starts beside us */
        if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
            return fd;
        struct timespec ts = {.tv_nsec = 10000000};
        nanosleep(&ts, NULL);
    }
    fail_msg("no server");
    return -1;
}

/* One line; ret_fd may be NULL. NULL at the end of the stream. */
static json_t *hear(int sock, int *ret_fd)
{
    GH_AUTO_STR line = {0};
    while (!line.len || line.data[line.len - 1] != '\n') {
        char byte, control[CMSG_SPACE(sizeof(int))]; /* one at a time: what follows is the next answer */
        struct iovec iov = {&byte, 1};
        struct msghdr msg = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
        ssize_t n = recvmsg(sock, &msg, 0);
        if (n <= 0)
            return NULL;
        if (CMSG_FIRSTHDR(&msg) && ret_fd)
            memcpy(ret_fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
        gh_str_add(&line, &byte, (size_t)n);
    }
    return json_loadb(line.data, line.len, 0, NULL);
}

static void tell(int sock, const char *text)
{
    assert_int_equal(send(sock, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static bool ok(json_t *answer)
{
    assert_non_null(answer);
    bool yes = json_is_true(json_object_get(answer, "ok"));
    if (!yes) { /* a refusal says why and of which class */
        assert_true(json_string_length(json_object_get(answer, "error")) > 0);
        assert_true(json_string_length(json_object_get(answer, "class")) > 0);
    }
    json_decref(answer);
    return yes;
}

static json_t *ask_as(struct fix *f, enum gh_control_role role, const char *line)
{
    int fd = -1;
    json_t *answer = gh_control_answer(&f->d, role, 1234, line, strlen(line), &fd);
    gh_close_fd(&fd);
    return answer;
}

#define ASK(line) ok(ask_as(f, GH_ROLE_DESK, line))

static void every_request_answers_and_roles_hold(void **state)
{
    struct fix *f = *state;
    for (const struct gh_request *r = gh_requests; r->name; r++) {
        GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"%s\"}", r->name);
        assert_false(ok(ask_as(f, GH_ROLE_NOBODY, line)));
        if (r->role == GH_ROLE_ADMIN)
            assert_false(ok(ask_as(f, GH_ROLE_DESK, line)));
        json_t *answer = ask_as(f, GH_ROLE_ADMIN, line); /* without arguments: an answer or a refusal, never a crash */
        assert_non_null(json_object_get(answer, "ok"));
        json_decref(answer);
    }
}

static void hostile_requests_are_refused(void **state)
{
    struct fix *f = *state;
    static const char *const lines[] = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "\"list\"",
        "{\"request\":7}",
        "{\"request\":\"nonsense\"}",
        "{\"request\":\"show\"}",
        "{\"request\":\"show\",\"id\":\"1\"}",
        "{\"request\":\"show\",\"id\":-1}",
        "{\"request\":\"show\",\"id\":99}",
        "{\"request\":\"show\",\"id\":1.5}",
        "{\"request\":\"show\",\"id\":99999999999999999999}",
        "{\"request\":\"log\",\"id\":0}",
        "{\"request\":\"show\",\"id\":1,\"id\":2}",
        "{\"request\":\"list\",\"state\":\"nonsense\"}",
        "{\"request\":\"list\",\"state\":[]}",
        "{\"request\":\"approve\",\"id\":1}",
        "{\"request\":\"approve\",\"id\":1,\"set_hash\":\"00\"}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":[]}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":[1]}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":\"fb.photo\"}",
        "{\"request\":\"hold\",\"id\":1,\"placements\":[\"none\"]}",
        "{\"request\":\"reject\",\"id\":1}",
        "{\"request\":\"reject\",\"id\":1,\"reason\":\"\"}",
        "{\"request\":\"withdraw\",\"id\":1,\"reason\":\"x\"}",
        "{\"request\":\"caption\",\"id\":1}",
        "{\"request\":\"caption\",\"id\":1,\"caption\":5}",
        "{\"request\":\"urgent\",\"id\":1,\"urgent\":1}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":7}",
        "{\"request\":\"caption\",\"id\":1,\"caption\":\"a\\u0000b\"}",
        "{\"request\":\"show\",\"id\":1,\"as\":7}",
        "{\"request\":\"\xff\"}",
        "{\"request\":\"%s%n\"}",
    };
    for (size_t i = 0; i < GH_LEN(lines); i++)
        if (ASK(lines[i]))
            fail_msg("taken: %s", lines[i]);
    /* deep nesting and raw bytes */
    GH_AUTO_STR deep = {0};
    for (int i = 0; i < 30000; i++)
        gh_str_puts(&deep, "[");
    assert_false(ASK(deep.data));
    struct gh_item item;
    OK(gh_ledger_get(f->d.ledger, f->id, &item, &err));
    assert_int_equal(item.renditions[0].state, GH_REN_STAGED); /* nothing of it did anything */
    assert_string_equal(item.sub.caption, "words");
    gh_item_free(&item);
}

static void a_decision_is_made_by_name(void **state)
{
    struct fix *f = *state;
    json_t *seen = ask_as(f, GH_ROLE_DESK, "{\"request\":\"show\",\"id\":1}");
    GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"approve\",\"id\":1,\"as\":\"রিনা\\n\",\"set_hash\":\"%s\"}",
                                          json_string_value(json_object_get(seen, "set_hash")));
    json_decref(seen);
    assert_true(ASK(line));
    assert_true(ASK(line)); /* again: a lost answer */
    json_t *log = ask_as(f, GH_ROLE_DESK, "{\"request\":\"log\",\"id\":1}"), *row;
    size_t i, found = 0;
    json_array_foreach (json_object_get(log, "rows"), i, row)
        if (gh_streq(json_string_value(json_object_get(row, "action")), "approve")) {
            const char *actor = json_string_value(json_object_get(row, "actor"));
            assert_non_null(strstr(actor, "রিনা"));
            assert_non_null(strstr(actor, "(uid:1234)"));
            assert_null(strchr(actor, '\n'));
            found++;
        }
    assert_int_equal(found, 1);
    json_decref(log);
}

static void the_socket_serves_one_after_another(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    tell(a, "{\"request\":\"status\"}\n{\"request\":\"list\"}\n{\"requ");
    assert_true(ok(hear(a, NULL)));
    json_t *list = hear(a, NULL);
    assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
    GH_AUTO_FD b = dial(f); /* the half request of a does not hold b up */
    tell(b, "{\"request\":\"show\",\"id\":1}\n");
    json_t *show = hear(b, NULL), *item = json_object_get(show, "item");
    assert_string_equal(json_string_value(json_object_get(item, "state")), "staged");
    GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"file\",\"id\":1,\"rendition\":%lld}\n",
                                          (long long)json_integer_value(json_object_get(
                                              json_array_get(json_object_get(item, "renditions"), 0), "rendition")));
    json_decref(show);
    tell(a, "est\":\"nonsense\"}\n");
    assert_false(ok(hear(a, NULL)));
    GH_AUTO_FD file = -1;
    tell(b, line);
    assert_true(ok(hear(b, &file)));
    char bytes[16] = "";
    assert_int_equal(read(file, bytes, sizeof(bytes)), 6);
    assert_string_equal(bytes, "pixels");
    assert_int_equal(fcntl(file, F_GETFL) & O_ACCMODE, O_RDONLY);
}

static void too_long_and_too_many_are_turned_away(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    GH_AUTO_FREE char *big = gh_alloc(GH_CONTROL_REQUEST_MAX + 100);
    memset(big, ' ', GH_CONTROL_REQUEST_MAX + 50);
    (void)!send(a, big, strlen(big), MSG_NOSIGNAL);
    json_t *no = hear(a, NULL);
    if (no) /* or the connection is reset before we can read it */
        assert_false(ok(no));
    assert_null(hear(a, NULL));
    int many[GH_CONTROL_CONNECTIONS + 8];
    unsigned refused = 0;
    for (size_t i = 0; i < GH_LEN(many); i++)
        many[i] = dial(f);
    for (size_t i = 0; i < GH_LEN(many); i++) {
        (void)!send(many[i], "{\"request\":\"help\"}\n", 19, MSG_NOSIGNAL);
        json_t *answer = hear(many[i], NULL);
        refused += answer ? !ok(answer) : 1;
    }
    assert_int_equal(refused, 8);
    for (size_t i = 0; i < GH_LEN(many); i++)
        close(many[i]);
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
}

static void a_peer_that_leaves_or_will_not_read_harms_nobody(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD lazy = dial(f);
    for (int i = 0; i < 20000; i++) /* never reads: at some point the server stops reading, too */
        if (send(lazy, "{\"request\":\"help\"}\n", 19, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
    for (int i = 0; i < 50; i++) {
        GH_AUTO_FD gone = dial(f);
        (void)!send(gone, "{\"request\":\"list\"}\n", i % 20, MSG_NOSIGNAL);
    }
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
    assert_int_equal(waitpid(f->server, NULL, WNOHANG), 0);
}

static void strangers_are_refused(void **state)
{
    struct fix *f = *state;
    if (geteuid() != 0)
        skip();
    serve(f);
    close(dial(f));                                      /* it is up */
    assert_int_equal(chmod(f->d.conf.control, 0666), 0); /* whatever the mode lets in, credentials decide */
    pid_t pid = fork();
    if (pid == 0) {
        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        int fd = dial(f);
        (void)!send(fd, "{\"request\":\"list\"}\n", 19, MSG_NOSIGNAL);
        json_t *answer = hear(fd, NULL);
        _exit(answer && json_is_false(json_object_get(answer, "ok")) && !json_object_get(answer, "items") ? 0 : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_second_ghatd_does_not_take_the_socket(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    struct gh_daemon other = f->d;
    struct gh_control *c = NULL;
    struct gh_err e = {0};
    OK(gh_loop_new(&other.loop, &err));
    assert_int_equal(gh_control_open(&other, &c, &e), -GH_CONFIG);
    gh_loop_free(&other.loop);
    tell(a, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(a, NULL)));
    /* one that died leaves its socket behind: that is taken over */
    kill(f->server, SIGKILL);
    waitpid(f->server, NULL, 0);
    serve(f);
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_request_answers_and_roles_hold),
        T(hostile_requests_are_refused),
        T(a_decision_is_made_by_name),
        T(the_socket_serves_one_after_another),
        T(too_long_and_too_many_are_turned_away),
        T(a_peer_that_leaves_or_will_not_read_harms_nobody),
        T(strangers_are_refused),
        T(a_second_ghatd_does_not_take_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
