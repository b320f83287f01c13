/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nursery with a warm-up that goes wrong in the ways that matter: it must say so and end, or
 * abort before it forks, since a child forked from two threads hangs for ever.
 */
#include "tests/unit/test.h"

#include "base/wire.h"
#include "pipeline/child/media.h"
#include "pipeline/child/nursery.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* -------------------------------------------------------------------------- a stand-in pipeline */

static enum { WELL, FAILS_TO_WARM, THREAD_AT_WARM, THREAD_LATER } behave;

static void *sleeper(void *arg)
{
    pause();
    return arg;
}

static void start_thread(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, sleeper, NULL) != 0)
        _exit(99);
}

static void on_signal(int signo)
{
    (void)signo;
    start_thread();
}

int gh_photo_warm(struct gh_err *err)
{
    if (behave == FAILS_TO_WARM)
        return gh_fail(err, GH_SYSTEM, "the codec library is too old");
    if (behave == THREAD_AT_WARM)
        start_thread();
    if (behave == THREAD_LATER)
        signal(SIGUSR1, on_signal);
    return 0;
}
int gh_video_warm(struct gh_err *err)
{
    (void)err;
    return 0;
}
int gh_probe_media(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    (void)ctx, (void)fd, (void)depth, (void)ret;
    return gh_fail(err, GH_INPUT, "unknown");
}
int gh_photo_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    (void)ctx, (void)in_fd, (void)probe, (void)recipes, (void)out_fds, (void)n;
    return gh_fail(err, GH_INPUT, "unknown");
}
int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    return gh_photo_render(ctx, in_fd, probe, recipes, out_fds, n, err);
}

/* ----------------------------------------------------------------------------------- its parent */

static int sock;

static pid_t start(int how)
{
    struct gh_err err;
    int pair[2];
    OK(gh_wire_pair(pair, &err));
    behave = how;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(pair[0]);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(98);
        _exit(gh_nursery_run(pair[1], test_without_landlock()));
    }
    close(pair[1]);
    sock = pair[0];
    return pid;
}

static int end_of(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    gh_close_fd(&sock);
    return status;
}

union body {
    struct gh_up up;
    struct gh_forked forked;
    struct gh_exited exited;
};

/* The next packet's type, 0 at the end; descriptors are closed. */
static int hear(int from, union body *body)
{
    struct gh_wire_head head;
    struct gh_err err;
    int fds[GH_WIRE_MAX_FDS];
    struct pollfd p = {.fd = from, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 20000), 1);
    int r = gh_wire_recv(from, &head, body, sizeof(*body), fds, &err);
    for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    return r > 0 ? head.type : 0;
}

static int ask_for_child(void)
{
    struct gh_err err;
    int pair[2];
    const struct gh_fork req = {.job = 7, .threads = 1, .limits = gh_limits_default()};
    OK(gh_wire_pair(pair, &err));
    OK(gh_wire_send(sock, GH_JOB_FORK, 0, &req, sizeof(req), &pair[1], 1, &err));
    close(pair[1]);
    return pair[0];
}

static void it_forks_reports_and_ends_with_its_parent(void **state)
{
    (void)state;
    union body body;
    pid_t pid = start(WELL);
    assert_int_equal(hear(sock, &body), GH_JOB_UP);
    assert_int_equal(body.up.msg[0], 0);
    assert_true(body.up.vm_bytes > 1000000);
    int child = ask_for_child();
    assert_int_equal(hear(child, &body), GH_JOB_READY);
    assert_int_equal(hear(sock, &body), GH_JOB_FORKED);
    assert_int_equal(body.forked.job, 7);
    pid_t kid = body.forked.pid;
    close(child);
    assert_int_equal(hear(sock, &body), GH_JOB_EXITED);
    assert_int_equal(body.exited.job, 7);
    assert_int_equal(body.exited.status, 0);
    assert_int_equal(kill(kid, 0), -1);
    gh_close_fd(&sock);
    int status = end_of(pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_failed_warm_up_is_told_in_words(void **state)
{
    (void)state;
    union body body;
    pid_t pid = start(FAILS_TO_WARM);
    assert_int_equal(hear(sock, &body), GH_JOB_UP);
    assert_string_equal(body.up.msg, "the codec library is too old");
    int status = end_of(pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void a_thread_after_warming_up_is_a_failed_start(void **state)
{
    (void)state;
    union body body;
    pid_t pid = start(THREAD_AT_WARM);
    assert_int_equal(hear(sock, &body), GH_JOB_UP);
    assert_non_null(strstr(body.up.msg, "2 threads"));
    int status = end_of(pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void a_thread_before_a_fork_aborts(void **state)
{
    (void)state;
    union body body;
    pid_t pid = start(THREAD_LATER);
    assert_int_equal(hear(sock, &body), GH_JOB_UP);
    kill(pid, SIGUSR1);
    int child = ask_for_child();
    assert_int_equal(hear(child, &body), 0);
    close(child);
    int status = end_of(pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void a_wrong_request_ends_it(void **state)
{
    (void)state;
    union body body;
    struct gh_err err;
    pid_t pid = start(WELL);
    assert_int_equal(hear(sock, &body), GH_JOB_UP);
    OK(gh_wire_send(sock, GH_JOB_PROBE, 0, NULL, 0, NULL, 0, &err));
    assert_int_equal(hear(sock, &body), 0);
    int status = end_of(pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_forks_reports_and_ends_with_its_parent),
        cmocka_unit_test(a_failed_warm_up_is_told_in_words),
        cmocka_unit_test(a_thread_after_warming_up_is_a_failed_start),
        cmocka_unit_test(a_thread_before_a_fork_aborts),
        cmocka_unit_test(a_wrong_request_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
