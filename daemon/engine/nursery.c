/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts, hears and restarts the nursery. Its end is the end of its socket; the process is then
 * killed (if need be) and reaped. The first start is waited for, so that a worker that cannot run
 * makes gh_nursery_open fail. Classes: GH_CONFIG (it does not run here), GH_SYSTEM.
 */
#include "daemon/engine/nursery.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "daemon/engine/spawn_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define START_MS 30000 /* a loaded machine with a sanitizer build needs ten */
#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS 30000
#define PROVEN_MS 10000 /* after being up so long, the next pause is a short one again */
#define GRACE_MS 300    /* between losing its socket and being killed */
#define WORDS 200

struct gh_nursery {
    struct gh_loop *loop;
    char *worker;
    bool seccomp_only, up;
    const struct gh_nursery_ops *ops;
    void *arg;
    int sock;
    /* read end of its standard error: what libraries print when they are loaded is not for users */
    int said;
    pid_t pid;
    struct gh_up info;
    uint64_t timer; /* next start, or the deadline of a start */
    int64_t up_since, pause_ms;
    unsigned tries;
};

static void start_again(struct gh_loop *loop, void *arg);

/* -------------------------------------------------------------------------------------- its end */

/* Append the last line that it wrote to standard error. Takes the descriptor. */
static void add_last_line(int *said, char words[WORDS])
{
    GH_AUTO_STR all = {0};
    char block[1024];
    ssize_t got;
    while (*said >= 0 && (got = read(*said, block, sizeof(block))) > 0)
        gh_str_add(&all, block, (size_t)got);
    gh_close_fd(said);
    while (all.len && all.data[all.len - 1] == '\n')
        all.data[--all.len] = 0;
    const char *text = gh_str_text(&all), *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    if (*line)
        gh_format(words + strlen(words), WORDS - strlen(words), "; it said: %s", line);
}

static void stop_nursery(struct gh_nursery *n, char ret_words[WORDS])
{
    int status = 0;
    gh_loop_cancel(n->loop, &n->timer);
    if (n->sock >= 0)
        gh_loop_unwatch(n->loop, n->sock);
    gh_close_fd(&n->sock);
    gh_copy(ret_words, WORDS, "it could not be started");
    if (n->pid > 0) {
        /* A nursery that ends by itself closes its socket in doing so; one that goes on without it
         * is killed. */
        GH_AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, n->pid, 0);
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        if (pidfd < 0 || poll(&p, 1, GRACE_MS) <= 0)
            kill(n->pid, SIGKILL);
        while (waitpid(n->pid, &status, 0) < 0 && errno == EINTR)
            ;
        gh_describe_status(status, ret_words, WORDS);
    }
    add_last_line(&n->said, ret_words);
    n->pid = 0;
    n->up = false;
}

static void nursery_lost(struct gh_nursery *n, const char *reason)
{
    char words[WORDS], why[WORDS * 2];
    bool was_up = n->up;
    if (was_up && gh_mono_ms() - n->up_since >= PROVEN_MS)
        n->pause_ms = 0;
    n->tries = was_up ? 0 : n->tries + 1;
    stop_nursery(n, words);
    GH_FORMAT(why, "%s%s%s", reason ? reason : "", reason ? "; " : "", words);
    n->pause_ms = n->pause_ms ? GH_MIN(n->pause_ms * 2, PAUSE_MOST_MS) : PAUSE_FIRST_MS;
    n->timer = gh_loop_after(n->loop, n->pause_ms, start_again, n);
    n->ops->down(n->arg, why, n->tries);
}

/* ------------------------------------------------------------------------------------ its words */

static int note_up(struct gh_nursery *n, const struct gh_up *up, struct gh_err *err)
{
    if (strnlen(up->msg, sizeof(up->msg)) == sizeof(up->msg))
        return gh_fail(err, GH_BUG, "the worker's greeting is malformed");
    if (up->msg[0])
        return gh_fail(err, GH_CONFIG, "the worker cannot start: %s", up->msg);
    n->info = *up;
    n->up = true;
    n->up_since = gh_mono_ms();
    gh_loop_cancel(n->loop, &n->timer);
    return 0;
}

union body {
    struct gh_up up;
    struct gh_forked forked;
    struct gh_exited exited;
};

/* 1: a packet was handled; 0: the end of the nursery; negative: it broke the protocol. */
static int hear_packet(struct gh_nursery *n, struct gh_err *err)
{
    struct gh_wire_head head;
    union body body;
    int fds[GH_WIRE_MAX_FDS];
    int r = gh_wire_recv(n->sock, &head, &body, sizeof(body), fds, err);
    if (r <= 0)
        return r;
    bool forked = head.type == GH_JOB_FORKED && head.size == sizeof(body.forked) && head.fds == 1;
    bool exited = head.type == GH_JOB_EXITED && head.size == sizeof(body.exited) && head.fds == 0;
    bool up = head.type == GH_JOB_UP && head.size == sizeof(body.up) && head.fds == 0;
    if (up && !n->up) {
        TRY(note_up(n, &body.up, err));
        n->ops->up(n->arg);
        return 1;
    }
    if (forked && n->up) {
        n->ops->forked(n->arg, &body.forked, gh_steal_fd(&fds[0]));
        return 1;
    }
    if (exited && n->up) {
        n->ops->exited(n->arg, &body.exited);
        return 1;
    }
    for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    return gh_fail(err, GH_BUG, "the nursery sent packet %d of %u bytes out of turn", head.type,
                   head.size);
}

static void on_socket(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)fd, (void)events;
    struct gh_nursery *n = arg;
    struct gh_err err = {0};
    int r = hear_packet(n, &err);
    if (r == 0)
        nursery_lost(n, NULL);
    else if (r < 0 && err.code != EAGAIN)
        nursery_lost(n, err.msg);
}

/* ------------------------------------------------------------------------------------ its start */

static int start_nursery(struct gh_nursery *n, struct gh_err *err)
{
    int pair[2], said[2];
    TRY(gh_wire_pair(pair, err));
    GH_AUTO_FD theirs = pair[1];
    n->sock = pair[0];
    /* Nobody reads it before the end, and the worker must not wait when it is full. */
    if (pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a pipe");
    GH_AUTO_FD their_said = said[1];
    n->said = said[0];
    TRY(gh_spawn_worker(n->worker, "--nursery", n->seccomp_only ? "--seccomp-only" : NULL, theirs,
                        -1, -1, their_said, &n->pid, err));
    if (fcntl(n->sock, F_SETFL, O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up the nursery's socket");
    return gh_loop_watch(n->loop, n->sock, EPOLLIN, on_socket, n, err);
}

static void too_slow(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_nursery *n = arg;
    n->timer = 0;
    nursery_lost(n, "it did not come up in time");
}

static void start_again(struct gh_loop *loop, void *arg)
{
    struct gh_nursery *n = arg;
    struct gh_err err = {0};
    n->timer = 0;
    if (start_nursery(n, &err) < 0)
        nursery_lost(n, err.msg);
    else
        n->timer = gh_loop_after(loop, START_MS, too_slow, n);
}

/* Wait for the first GH_JOB_UP, before anything else runs in the loop. */
static int wait_until_up(struct gh_nursery *n, struct gh_err *err)
{
    struct gh_wire_head head;
    struct gh_up up;
    int fds[GH_WIRE_MAX_FDS];
    struct pollfd p = {.fd = n->sock, .events = POLLIN};
    int64_t deadline = gh_mono_ms() + START_MS;
    int r;
    do
        r = poll(&p, 1, (int)GH_MAX(deadline - gh_mono_ms(), 0));
    while (r < 0 && errno == EINTR);
    if (r <= 0)
        return gh_fail(err, GH_SYSTEM, "the worker %s did not come up within %d seconds", n->worker,
                       START_MS / 1000);
    r = gh_wire_recv(n->sock, &head, &up, sizeof(up), fds, err);
    if (r < 0)
        return r;
    if (r == 0) {
        char words[WORDS];
        stop_nursery(n, words);
        return gh_fail(err, GH_CONFIG, "the worker %s does not run: %s", n->worker, words);
    }
    if (head.type != GH_JOB_UP || head.size != sizeof(up) || head.fds)
        return gh_fail(err, GH_CONFIG, "%s is no ghat-worker of this version", n->worker);
    return note_up(n, &up, err);
}

int gh_nursery_open(struct gh_loop *loop, const char *worker, bool seccomp_only,
                    const struct gh_nursery_ops *ops, void *arg, struct gh_nursery **ret,
                    struct gh_err *err)
{
    GH_AUTO(gh_nursery_close) struct gh_nursery *n = gh_alloc(sizeof(*n));
    *n = (struct gh_nursery){.loop = loop,
                             .worker = gh_strdup(worker),
                             .seccomp_only = seccomp_only,
                             .ops = ops,
                             .arg = arg,
                             .sock = -1,
                             .said = -1};
    TRY(start_nursery(n, err));
    TRY(wait_until_up(n, err));
    *ret = gh_steal(&n);
    return 0;
}

void gh_nursery_close(struct gh_nursery **nursery)
{
    struct gh_nursery *n = *nursery;
    if (!n)
        return;
    char words[WORDS];
    stop_nursery(n, words);
    free(n->worker);
    free(n);
    *nursery = NULL;
}

int gh_nursery_fork(struct gh_nursery *n, const struct gh_fork *req, int sock, int log_fd,
                    struct gh_err *err)
{
    if (!n->up)
        return gh_fail(err, GH_AGAIN, "the nursery is down");
    const int fds[] = {sock, log_fd};
    return gh_wire_send(n->sock, GH_JOB_FORK, 0, req, sizeof(*req), fds, log_fd >= 0 ? 2 : 1, err);
}

bool gh_nursery_is_up(const struct gh_nursery *n)
{
    return n->up;
}

const struct gh_up *gh_nursery_info(const struct gh_nursery *n)
{
    return &n->info;
}

/* ------------------------------------------------------------------------------------ self-test */

/* Run the worker with these options. What it writes to its standard output is appended to out;
 * *ret_said: the read end of its standard error, *ret_status: its wait status. */
static int run_worker(const char *worker, const char *option, const char *option2,
                      struct gh_str *out, int *ret_said, int *ret_status, struct gh_err *err)
{
    int pipe_fds[2], said_fds[2], status = 0;
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a pipe");
    GH_AUTO_FD reader = pipe_fds[0];
    GH_AUTO_FD writer = pipe_fds[1];
    if (pipe2(said_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a pipe");
    GH_AUTO_FD said = said_fds[0];
    GH_AUTO_FD said_writer = said_fds[1];
    pid_t pid;
    TRY(gh_spawn_worker(worker, option, option2, -1, -1, writer, said_writer, &pid, err));
    gh_close_fd(&writer);
    char block[1024];
    ssize_t n;
    while ((n = read(reader, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR))
        gh_str_add(out, block, n > 0 ? (size_t)n : 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *ret_said = gh_steal_fd(&said);
    *ret_status = status;
    return 0;
}

int gh_worker_try_encoder(const char *worker, const char *encoder, const char *device,
                          struct gh_str *out, struct gh_err *err)
{
    GH_AUTO_FREE char *option = gh_asprintf("--try-encoder=%s:%s", encoder, device ? device : "");
    GH_AUTO_FD said = -1;
    int status = 0;
    TRY(run_worker(worker, option, NULL, out, &said, &status, err));
    while (out->len && out->data[out->len - 1] == '\n')
        out->data[--out->len] = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return gh_fail(err, GH_CONFIG, "%s", out->len ? out->data : "the worker gave no reason");
}

int gh_worker_selftest(const char *worker, bool seccomp_only, struct gh_str *out,
                       struct gh_err *err)
{
    GH_AUTO_FD said = -1;
    int status = 0;
    TRY(run_worker(worker, "--selftest", seccomp_only ? "--seccomp-only" : NULL, out, &said,
                   &status, err));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFSIGNALED(status) || WEXITSTATUS(status) == GH_JOB_EXIT_AGAIN)
        return gh_fail(
            err, GH_AGAIN,
            "the self-test of the sandbox was interrupted: a process was killed, or could "
            "not be started");
    const char *fail = strstr(gh_str_text(out), "FAIL  ");
    char words[WORDS] = "no self-test";
    if (fail)
        GH_FORMAT(words, "%.*s", (int)strcspn(fail + 6, "\n"), fail + 6);
    else
        add_last_line(&said, words);
    return gh_fail(err, GH_CONFIG,
                   "the sandbox does not hold on this machine: %s (see ghat doctor)", words);
}
