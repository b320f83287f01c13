/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's side of the conversation in base/contract.h. A child is listed until the nursery
 * says that it has exited; its owner hears of the end once, through gone(), which may be earlier
 * (when it is killed). Callbacks may drop the child they concern.
 */
#include "daemon/engine/child_hear_int.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "daemon/engine/overlays.h"
#include "daemon/engine/spawn_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define START_MS 20000 /* from the request to READY */
#define TICK_MS 1000
#define SOCKET_BYTES (1 << 20) /* holds all recipes of one job before the child reads them */
#define LAST_WORDS 160         /* bytes of its standard error that a message quotes */
#define DEVICE_NICE 10         /* that of videos */

/* ----------------------------------------------------------------------------------------- ends */

static void kill_now(struct gh_child *c)
{
    if (c->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, c->pidfd, SIGKILL, NULL, 0);
    else
        c->kill_wanted = true;
}

void gh_child_hang_up(struct gh_child *c)
{
    if (c->sock >= 0)
        gh_loop_unwatch(c->children->loop, c->sock);
    gh_close_fd(&c->sock);
}

static void tell_gone(struct gh_child *c, enum gh_job_end end, const struct gh_err *err)
{
    const struct gh_child_ops *ops = c->ops;
    c->ops = NULL;
    c->phase = LEAVING;
    c->deadline_ms = gh_mono_ms() + GH_CHILD_LEAVE_MS;
    if (ops)
        ops->gone(c->arg, end, err);
}

void gh_child_kill(struct gh_child *c, enum gh_job_end end, const struct gh_err *err)
{
    gh_child_hang_up(c);
    kill_now(c);
    tell_gone(c, end, err);
}

static void child_free(struct gh_child *c)
{
    gh_child_hang_up(c);
    gh_close_fd(&c->log);
    gh_close_fd(&c->pidfd);
    free(c);
}

static void unlist(struct gh_child *c)
{
    for (struct gh_child **at = &c->children->list; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    child_free(c);
}

/* The end of what the child wrote to its standard error, in one line. Its bytes are not trusted. */
static void add_last_words(struct gh_child *c, struct gh_str *out)
{
    char block[4096], tail[LAST_WORDS];
    size_t kept = 0;
    ssize_t n;
    while (c->log >= 0 && (n = read(c->log, block, sizeof(block))) > 0) {
        size_t take = GH_MIN((size_t)n, sizeof(tail)),
               drop = kept + take > sizeof(tail) ? kept + take - sizeof(tail) : 0;
        memmove(tail, tail + drop, kept - drop);
        memcpy(tail + kept - drop, block + (size_t)n - take, take);
        kept += take - drop;
    }
    while (kept && (tail[kept - 1] == '\n' || tail[kept - 1] == ' '))
        kept--;
    for (size_t i = 0; i < kept; i++)
        if (tail[i] == '\n')
            tail[i] = ' ';
    if (kept) {
        gh_str_puts(out, "; its last words: ");
        gh_str_display(out, tail, kept);
    }
}

/* ------------------------------------------------------------------------------------- watching */

static uint64_t resident_bytes(pid_t pid)
{
    char path[40], text[80] = "";
    uint64_t pages = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 ||
        sscanf(text, "%*s %" SCNu64, &pages) != 1)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void check_deadlines(struct gh_child *c, int64_t now)
{
    struct gh_err err;
    bool works = c->phase == PROBING || c->phase == RENDERING;
    if (works && now - c->heard_ms > c->children->conf.silence_ms) {
        gh_fail(&err, GH_INPUT, "no progress for %" PRId64 " seconds: the worker hangs",
                c->children->conf.silence_ms / 1000);
        gh_child_kill(c, GH_END_CRASHED, &err);
    } else if (works && c->deadline_ms && now > c->deadline_ms) {
        gh_fail(&err, GH_LIMIT, "it takes more than %" PRId64 " seconds of time",
                c->wall_ms / 1000);
        gh_child_kill(c, GH_END_INPUT, &err);
    } else if (c->deadline_ms && now > c->deadline_ms) {
        gh_fail(&err, c->phase == STARTING ? GH_AGAIN : GH_INPUT,
                c->phase == STARTING ? "the worker did not get ready"
                                     : "the worker did not end: it hangs");
        gh_child_kill(c, c->phase == STARTING ? GH_END_OURS : GH_END_CRASHED, &err);
    } else if (works && c->memory && resident_bytes(c->pid) > c->memory) {
        gh_fail(&err, GH_LIMIT, "it needs more than %" PRIu64 " MB of memory", c->memory / 1000000);
        gh_child_kill(c, GH_END_INPUT, &err);
    }
}

static void on_tick(struct gh_loop *loop, void *arg)
{
    struct gh_children *children = arg;
    int64_t now = gh_mono_ms();
    children->tick = 0;
    for (struct gh_child *c = children->list; c; c = c->next)
        check_deadlines(c, now);
    if (children->list && !children->tick)
        children->tick =
            gh_loop_after(loop, GH_MIN(TICK_MS, children->conf.silence_ms / 2), on_tick, children);
}

/* --------------------------------------------------------------------------------- all children */

struct gh_children *gh_children_new(struct gh_loop *loop, const struct gh_children_conf *conf)
{
    struct gh_children *children = gh_alloc(sizeof(*children));
    *children = (struct gh_children){.loop = loop, .conf = *conf};
    return children;
}

void gh_children_set_nursery(struct gh_children *children, struct gh_nursery *nursery)
{
    children->nursery = nursery;
}

void gh_children_software(struct gh_children *children)
{
    children->conf.encoder = GH_ENCODER_SOFTWARE;
}

void gh_children_free(struct gh_children **p)
{
    struct gh_children *children = *p;
    if (!children)
        return;
    gh_loop_cancel(children->loop, &children->tick);
    while (children->list) {
        struct gh_child *c = children->list;
        children->list = c->next;
        kill_now(c);
        child_free(c);
    }
    free(children);
    *p = NULL;
}

static struct gh_child *find_child(struct gh_children *children, uint32_t number)
{
    struct gh_child *c = children->list;
    while (c && c->number != number)
        c = c->next;
    return c;
}

void gh_children_forked(struct gh_children *children, const struct gh_forked *forked, int pidfd)
{
    GH_AUTO_FD fd = pidfd;
    struct gh_child *c = find_child(children, forked->job);
    if (!c || c->pidfd >= 0)
        return;
    c->pidfd = gh_steal_fd(&fd);
    c->pid = forked->pid;
    if (c->kill_wanted)
        kill_now(c);
    gh_child_hear_ready(c);
}

void gh_children_exited(struct gh_children *children, const struct gh_exited *exited)
{
    struct gh_child *c = find_child(children, exited->job);
    if (!c)
        return;
    /* Packets that it sent before its end may still be in the socket. */
    while (gh_child_hear(c))
        ;
    int status = exited->status;
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0 && c->phase == LEAVING;
    GH_AUTO_STR words = {0};
    char how[120];
    struct gh_err err = {0};
    enum gh_job_end end = GH_END_CRASHED;
    gh_describe_status(status, how, sizeof(how));
    add_last_words(c, &words);
    if (clean) {
        end = GH_END_DONE;
    } else if (c->phase == STARTING) {
        end = GH_END_OURS;
        gh_fail(&err, GH_AGAIN, "the worker died before it was ready: %s%s", how,
                gh_str_text(&words));
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        end = GH_END_INPUT;
        gh_fail(&err, GH_LIMIT, "it takes more than %" PRIu64 " seconds of computing", c->cpu_s);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) {
        end = GH_END_INPUT;
        gh_fail(&err, GH_LIMIT, "an output would be larger than %" PRIu64 " bytes", c->file_bytes);
    } else {
        gh_fail(&err, GH_INPUT, "the worker died: %s%s", how, gh_str_text(&words));
    }
    tell_gone(c, end, &err);
    unlist(c);
}

void gh_children_down(struct gh_children *children, const char *why)
{
    struct gh_err err;
    gh_fail(&err, GH_AGAIN, "the nursery ended: %s", why);
    for (struct gh_child *c = children->list; c; c = c->next)
        gh_child_kill(c, GH_END_OURS, &err);
    while (children->list)
        unlist(children->list);
}

/* ------------------------------------------------------------------------------------ one child */

static void on_socket(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)fd, (void)events;
    gh_child_hear(arg);
}

static int open_ends(struct gh_child *c, int *ret_sock, int *ret_log, struct gh_err *err)
{
    int pair[2], log[2], size = SOCKET_BYTES;
    TRY(gh_wire_pair(pair, err));
    c->sock = pair[0];
    *ret_sock = pair[1];
    if (pipe2(log, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a pipe");
    c->log = log[0];
    *ret_log = log[1];
    setsockopt(c->sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    if (fcntl(c->sock, F_SETFL, O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up a job's socket");
    return gh_loop_watch(c->children->loop, c->sock, EPOLLIN, on_socket, c, err);
}

static void child_free_at(struct gh_child **c)
{
    if (*c)
        child_free(*c);
}

int gh_child_start(struct gh_children *children, int nice, const struct gh_child_ops *ops,
                   void *arg, struct gh_child **ret, struct gh_err *err)
{
    GH_AUTO(child_free_at) struct gh_child *c = gh_alloc(sizeof(*c));
    GH_AUTO_FD sock = -1;
    GH_AUTO_FD log = -1;
    int64_t now = gh_mono_ms();
    *c = (struct gh_child){.children = children,
                           .ops = ops,
                           .arg = arg,
                           .number = ++children->last_number,
                           .sock = -1,
                           .log = -1,
                           .pidfd = -1,
                           .asked_us = gh_mono_us(),
                           .heard_ms = now,
                           .cpu_s = children->conf.limits.cpu_s
                                        ? GH_MIN(children->conf.limits.cpu_s, GH_JOB_HEADER_CPU_S)
                                        : GH_JOB_HEADER_CPU_S,
                           .deadline_ms = now + START_MS};
    const struct gh_fork req = {.job = c->number,
                                .nice = nice,
                                .threads = children->conf.threads,
                                .limits = children->conf.limits};
    TRY(open_ends(c, &sock, &log, err));
    TRY(gh_nursery_fork(children->nursery, &req, sock, log, err));
    if (!children->tick)
        children->tick = gh_loop_after(
            children->loop, GH_MIN(TICK_MS, children->conf.silence_ms / 2), on_tick, children);
    c->next = children->list;
    children->list = c;
    *ret = gh_steal(&c);
    return 0;
}

void gh_child_drop(struct gh_child **child)
{
    struct gh_child *c = *child;
    *child = NULL;
    if (!c)
        return;
    c->ops = NULL;
    gh_child_hang_up(c);
    /* An idle one ends by itself when its socket closes; one at work would not notice. */
    if (c->phase != IDLE && c->phase != LEAVING)
        kill_now(c);
    c->phase = LEAVING;
    c->deadline_ms = gh_mono_ms() + GH_CHILD_LEAVE_MS;
}

void gh_child_adopt(struct gh_child *c, const struct gh_child_ops *ops, void *arg)
{
    c->ops = ops;
    c->arg = arg;
}

bool gh_child_is_ready(const struct gh_child *c)
{
    return c->phase == IDLE;
}

/* Only the soft limit is moved. A process that is gone is no error. */
static void move_limit(const struct gh_child *c, enum __rlimit_resource what, rlim_t value)
{
    struct rlimit limit;
    if (prlimit(c->pid, what, NULL, &limit) < 0)
        return;
    limit.rlim_cur = GH_MIN(value, limit.rlim_max);
    prlimit(c->pid, what, &limit, NULL);
}

void gh_child_limit(struct gh_child *c, uint64_t memory, uint64_t cpu_s)
{
    const struct gh_up *up = gh_nursery_info(c->children->nursery);
    uint64_t most = c->children->conf.limits.memory_bytes;
    if (most && (!memory || memory > most))
        memory = most;
    c->memory = memory;
    c->cpu_s = cpu_s;
    if (up->confined)
        move_limit(c, RLIMIT_AS, memory ? up->vm_bytes + memory : RLIM_INFINITY);
    move_limit(c, RLIMIT_CPU, cpu_s);
}

void gh_child_limit_file(struct gh_child *c, uint64_t bytes)
{
    c->file_bytes = bytes;
    move_limit(c, RLIMIT_FSIZE, bytes);
}

void gh_child_nice(struct gh_child *c, int nice)
{
    /* Before it has threads, which inherit the priority. The kernel refuses a higher one than it
     * has: then it keeps the one it has. */
    setpriority(PRIO_PROCESS, (id_t)c->pid, nice);
}

/* A child that died meanwhile is no error here: how it died comes through gone(). */
static int send_packet(struct gh_child *c, enum gh_job_type type, uint32_t seq, const void *body,
                       size_t size, const int *fds, size_t n_fds, struct gh_err *err)
{
    struct gh_err why = {0};
    int r = gh_wire_send(c->sock, (uint16_t)type, seq, body, size, fds, n_fds, &why);
    if (r == 0 || why.code == EPIPE || why.code == ECONNRESET)
        return 0;
    return gh_fail(err, GH_AGAIN, "%s", why.msg);
}

static void begin_phase(struct gh_child *c, enum phase phase, int64_t wall_ms)
{
    int64_t now = gh_mono_ms();
    c->phase = phase;
    c->beats = 0;
    c->heard_ms = c->begun_ms = now;
    c->wall_ms = wall_ms;
    c->deadline_ms = now + wall_ms;
}

static int ask_probe(struct gh_child *c, int fd, const struct gh_probe_req *req, int64_t wall_ms,
                     struct gh_err *err)
{
    if (c->phase != IDLE || c->sock < 0)
        return gh_fail(err, GH_AGAIN, "the worker is gone");
    TRY(send_packet(c, GH_JOB_PROBE, 0, req, sizeof(*req), &fd, 1, err));
    begin_phase(c, PROBING, wall_ms ? wall_ms : c->children->conf.header_ms);
    c->fingerprints = req->fingerprint;
    c->reads = false;
    return 0;
}

int gh_child_read(struct gh_child *c, int fd, struct gh_err *err)
{
    if (c->phase != IDLE || c->sock < 0)
        return gh_fail(err, GH_AGAIN, "the worker is gone");
    TRY(send_packet(c, GH_JOB_READ, 0, NULL, 0, &fd, 1, err));
    begin_phase(c, PROBING, c->children->conf.header_ms);
    c->fingerprints = 0;
    c->reads = true;
    return 0;
}

int gh_child_probe(struct gh_child *c, int fd, enum gh_probe_depth depth, int64_t wall_ms,
                   struct gh_err *err)
{
    const struct gh_probe_req req = {.depth = depth, .want = GH_MEDIA_NONE};
    return ask_probe(c, fd, &req, wall_ms, err);
}

int gh_child_probe_output(struct gh_child *c, int fd, const struct gh_rect *area, int64_t wall_ms,
                          struct gh_err *err)
{
    const struct gh_probe_req req = {
        .depth = GH_PROBE_PACKETS, .want = GH_MEDIA_NONE, .fingerprint = 1, .area = *area};
    return ask_probe(c, fd, &req, wall_ms, err);
}

/* The pixels of each logo and label the recipes name, once. */
static int send_overlays(struct gh_child *c, const struct gh_child_render *render,
                         struct gh_err *err)
{
    const char *sent[GH_JOB_MAX_OVERLAYS];
    uint32_t n_sent = 0;
    for (uint32_t i = 0; i < 2 * render->n; i++) { /* two for each recipe */
        const struct gh_pic *pic = &render->recipes[i / 2].pic;
        const struct gh_overlay *o = i % 2 ? &pic->label : &pic->watermark;
        uint32_t known = 0;
        while (known < n_sent && !gh_streq(sent[known], o->id))
            known++;
        if (!o->corner || known < n_sent)
            continue;
        struct gh_overlay_req req = {.id = ""};
        int fd = gh_overlays_fd(render->overlays, o->id);
        if (fd < 0 || n_sent == GH_JOB_MAX_OVERLAYS)
            return gh_fail(err, GH_SYSTEM,
                           fd < 0 ? "the pixels of a logo or label are gone"
                                  : "too many different logos in one job");
        GH_COPY(req.id, o->id);
        TRY(send_packet(c, GH_JOB_OVERLAY, n_sent, &req, sizeof(req), &fd, 1, err));
        sent[n_sent++] = o->id;
    }
    return 0;
}

/* Have the nursery fork the process that owns a device, for one encode of a video, and give the
 * child the other end of its socket. */
static int send_device(struct gh_child *c, uint32_t i, const struct gh_recipe *recipe,
                       struct gh_err *err)
{
    struct gh_children *children = c->children;
    const struct gh_pic *pic = &recipe->pic;
    if (children->conf.encoder == GH_ENCODER_SOFTWARE || recipe->media != GH_VIDEO ||
        recipe->how != GH_HOW_ENCODE || pic->canvas_w > GH_DEVICE_EDGE_MAX ||
        pic->canvas_h > GH_DEVICE_EDGE_MAX)
        return 0;
    int pair[2];
    TRY(gh_wire_pair(pair, err));
    GH_AUTO_FD theirs = pair[0];
    GH_AUTO_FD its = pair[1];
    GH_AUTO_FD memory = -1;
    TRY(gh_device_memory(pic->canvas_w, pic->canvas_h, &memory, err));
    struct gh_fork fork = {.job = ++children->last_number,
                           .owner = c->number,
                           .nice = DEVICE_NICE,
                           .encoder = children->conf.encoder};
    GH_COPY(fork.device, children->conf.device ? children->conf.device : "");
    TRY(gh_nursery_fork(children->nursery, &fork, its, -1, err));
    const struct gh_device_req req = {.encoder = children->conf.encoder};
    const int fds[] = {theirs, memory};
    return send_packet(c, GH_JOB_DEVICE, i, &req, sizeof(req), fds, 2, err);
}

static int send_encode(struct gh_child *c, const struct gh_child_render *render, uint32_t i,
                       struct gh_err *err)
{
    const struct gh_recipe *recipe = &render->recipes[i];
    const int fds[] = {render->out_fds[i], render->journals[i]}, *shelves = render->shelves[i];
    TRY(send_packet(c, GH_JOB_ENCODE, i, recipe, sizeof(*recipe), fds, fds[1] >= 0 ? 2 : 1, err));
    TRY(send_device(c, i, recipe, err));
    for (int k = 0; k < GH_JOB_SHELVES && shelves[k] >= 0; k++)
        TRY(send_packet(c, GH_JOB_SHELF, i, NULL, 0, &shelves[k], 1, err));
    return 0;
}

int gh_child_render(struct gh_child *c, const struct gh_child_render *render, struct gh_err *err)
{
    const struct gh_render_req req = {.encodes = render->n, .probe = *render->probe};
    if (c->phase != IDLE || c->sock < 0)
        return gh_fail(err, GH_AGAIN, "the worker is gone");
    TRY(send_overlays(c, render, err));
    for (uint32_t i = 0; i < render->n; i++)
        TRY(send_encode(c, render, i, err));
    TRY(send_packet(c, GH_JOB_RENDER, 0, &req, sizeof(req), &render->in_fd, 1, err));
    c->encodes = c->fingerprints = render->n;
    c->results = 0;
    begin_phase(c, RENDERING, render->wall_ms);
    return 0;
}
