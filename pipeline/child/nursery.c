/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load every library, then loop: a FORK request becomes a child, a dead child becomes EXITED. Kept
 * here are the rules of docs/ARCHITECTURE.md, "The nursery": no pixel is evaluated, and threads are
 * counted before every fork, since a child that was forked from several would hang. A nursery that
 * finds a second thread aborts, and its parent starts a new one.
 */
#include "pipeline/child/nursery.h"

#include "base/str.h"
#include "base/wire.h"
#include "pipeline/child/child.h"
#include "pipeline/encode/device.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"
#include "pipeline/walls/sandbox.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct kid {
    pid_t pid;
    uint32_t job, owner; /* owner: the job it owns a device for; 0: it is no such process */
};

struct nursery {
    int sock, signals;
    struct gh_sandbox sandbox;
    struct kid *kids;
    size_t n_kids, cap;
};

/* ------------------------------------------------------------------------------ quiet libraries */

static void write_log(const char *text, size_t n)
{
    /* The pipe may be full: a lost line is better than a child that waits. */
    if (write(STDERR_FILENO, text, n) < 0)
        return;
}

/* GLib's own writer asks the socket for its peer's name, which the filter answers with an error on
 * every line. */
static GLogWriterOutput log_glib(GLogLevelFlags level, const GLogField *fields, gsize n,
                                 gpointer arg)
{
    (void)arg;
    if (!(level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)))
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < n; i++)
        if (gh_streq(fields[i].key, "MESSAGE")) {
            const char *text = fields[i].value;
            write_log(text, fields[i].length < 0 ? strlen(text) : (size_t)fields[i].length);
            write_log("\n", 1);
        }
    return G_LOG_WRITER_HANDLED;
}

/* ---------------------------------------------------------------------------------------- start */

static int load_libraries(struct nursery *n, bool seccomp_only, struct gh_err *err)
{
    g_log_set_writer_func(log_glib, NULL, NULL);
    TRY(gh_photo_warm(err));
    TRY(gh_video_warm(err));
    TRY(gh_sandbox_prepare(seccomp_only, &n->sandbox, err));
    int threads = gh_count_threads();
    if (threads != 1)
        return gh_fail(err, GH_BUG,
                       "the nursery has %d threads after warming up: its children would hang",
                       threads);
    return 0;
}

static int prepare_process(struct nursery *n, struct gh_err *err)
{
    struct ucred parent = {0};
    socklen_t size = sizeof(parent);
    if (getsockopt(n->sock, SOL_SOCKET, SO_PEERCRED, &parent, &size) < 0)
        return gh_fail_errno(err, GH_USAGE,
                             "descriptor %d is no socket: ghat-worker is started by ghatd or ghat",
                             n->sock);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        chdir("/") < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up the nursery");
    TRY(gh_drop_capabilities(err));
    if (parent.pid && getppid() != parent.pid)
        return gh_fail(err, GH_SYSTEM, "the parent is gone");
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    n->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (n->signals < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot receive signals");
    return 0;
}

/* Get ready, and tell the parent whether that went well. */
static int start_up(struct nursery *n, bool seccomp_only)
{
    struct gh_err err = {0};
    struct gh_up up = {.confined = GH_CONFINED};
    int r = prepare_process(n, &err);
    if (r == 0)
        r = load_libraries(n, seccomp_only, &err);
    if (r < 0)
        GH_COPY(up.msg, err.msg);
    up.landlock_abi = n->sandbox.landlock_abi;
    up.vm_bytes = gh_vm_bytes();
    if (r < 0)
        fprintf(stderr, "ghat-worker: %s\n", err.msg);
    int sent = gh_wire_send(n->sock, GH_JOB_UP, 0, &up, sizeof(up), NULL, 0, &err);
    return r < 0 ? r : sent;
}

/* ------------------------------------------------------------------------------------- children */

/* 1 when it was sent, 0 when the parent is gone, which ends the nursery without an error. */
static int send_parent(const struct nursery *n, enum gh_job_type type, const void *body,
                       size_t size, const int *fd, struct gh_err *err)
{
    struct gh_err why = {0};
    if (gh_wire_send(n->sock, (uint16_t)type, 0, body, size, fd, fd != NULL, &why) == 0)
        return 1;
    if (why.code == EPIPE || why.code == ECONNRESET)
        return 0;
    *err = why;
    return -(int)why.cls;
}

static _Noreturn void become_child(struct nursery *n, const struct gh_fork *fork, int sock,
                                   int log_fd)
{
    struct gh_err err = {0};
    int r = fork->encoder ? gh_sandbox_enter_device(&n->sandbox, fork, sock, log_fd, &err)
                          : gh_sandbox_enter(&n->sandbox, fork, sock, log_fd, &err);
    if (r < 0) {
        /* Outside the sandbox there is no READY; the parent reads the reason from the log pipe. */
        int out = log_fd >= 0 ? log_fd : STDERR_FILENO;
        if (dprintf(out, "sandbox: %s\n", err.msg) < 0 && out != STDERR_FILENO)
            write_log(err.msg, strlen(err.msg));
        _exit(GH_JOB_EXIT_UNSAFE);
    }
    if (fork->encoder)
        gh_device_run(fork->encoder, fork->device, GH_CHILD_SOCK);
    gh_child_run(fork);
}

static int fork_child(struct nursery *n, const struct gh_fork *req, int sock, int log_fd,
                      struct gh_err *err)
{
    int threads = gh_count_threads();
    if (threads != 1) {
        fprintf(stderr, "ghat-worker: %d threads in the nursery before a fork\n", threads);
        abort();
    }
    pid_t pid = fork();
    if (pid == 0)
        become_child(n, req, sock, log_fd);
    struct gh_forked forked = {.job = req->job, .pid = pid};
    if (pid < 0) {
        /* Reported as a child that ended at once, which the parent knows how to handle. */
        struct gh_exited exited = {.job = req->job, .status = W_EXITCODE(GH_JOB_EXIT_NO_FORK, 0)};
        return send_parent(n, GH_JOB_EXITED, &exited, sizeof(exited), NULL, err);
    }
    if (n->n_kids == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 16;
        n->kids = gh_realloc(n->kids, n->cap * sizeof(*n->kids));
    }
    n->kids[n->n_kids++] =
        (struct kid){.pid = pid, .job = req->job, .owner = req->encoder ? req->owner : 0};
    GH_AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot open a descriptor of the child");
    return send_parent(n, GH_JOB_FORKED, &forked, sizeof(forked), &pidfd, err);
}

/* Devices of a job that has ended; a driver may hold them up, so they are killed. */
static void kill_devices_of(const struct nursery *n, uint32_t job)
{
    for (size_t i = 0; i < n->n_kids; i++)
        if (n->kids[i].owner == job)
            kill(n->kids[i].pid, SIGKILL);
}

/* 1 to go on, 0 when the parent is gone. */
static int reap_children(struct nursery *n, struct gh_err *err)
{
    struct signalfd_siginfo info;
    while (read(n->signals, &info, sizeof(info)) == sizeof(info))
        ;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0)
            return 1;
        size_t i = 0;
        while (i < n->n_kids && n->kids[i].pid != pid)
            i++;
        if (i == n->n_kids)
            continue;
        struct gh_exited exited = {.job = n->kids[i].job, .status = status};
        n->kids[i] = n->kids[--n->n_kids];
        kill_devices_of(n, exited.job);
        int r = send_parent(n, GH_JOB_EXITED, &exited, sizeof(exited), NULL, err);
        if (r <= 0)
            return r;
    }
}

/* 1 to go on, 0 when the parent is gone. */
static int serve_request(struct nursery *n, struct gh_err *err)
{
    struct gh_wire_head head;
    struct gh_fork req;
    int fds[GH_WIRE_MAX_FDS];
    int r = gh_wire_recv(n->sock, &head, &req, sizeof(req), fds, err);
    if (r <= 0)
        return r;
    if (head.type != GH_JOB_FORK || head.size != sizeof(req) || !req.job ||
        req.encoder >= GH_ENCODERS || fds[0] < 0)
        r = gh_fail(err, GH_BUG, "the parent sent packet %d of %u bytes to the nursery", head.type,
                    head.size);
    else
        r = fork_child(n, &req, fds[0], fds[1], err);
    for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    return r;
}

int gh_nursery_run(int sock, bool seccomp_only)
{
    struct nursery n = {.sock = sock, .signals = -1};
    struct gh_err err = {0};
    int r = start_up(&n, seccomp_only);
    if (r < 0)
        return 1;
    r = 1;
    while (r > 0) {
        struct pollfd fds[] = {{.fd = n.sock, .events = POLLIN},
                               {.fd = n.signals, .events = POLLIN}};
        if (poll(fds, GH_LEN(fds), -1) < 0 && errno != EINTR)
            r = gh_fail_errno(&err, GH_SYSTEM, "cannot wait");
        if (r > 0 && fds[1].revents)
            r = reap_children(&n, &err);
        if (r > 0 && fds[0].revents)
            r = serve_request(&n, &err);
    }
    for (size_t i = 0; i < n.n_kids; i++)
        kill(n.kids[i].pid, SIGKILL);
    free(n.kids);
    if (r < 0)
        fprintf(stderr, "ghat-worker: %s\n", err.msg);
    return r < 0;
}
