/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's side of the conversation in base/job.h. A worker is listed until the nursery says it has exited; its
 * owner hears of the end once, through gone(), which may be earlier (when it is killed). Callbacks may drop the worker
 * they concern.
 */
#include "daemon/worker_int.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "daemon/overlays.h"
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define START_MS 20000 /* from request to READY; a machine that needs longer is in trouble */
#define TICK_MS 1000
#define SOCKET_BYTES (1 << 20) /* room for the recipes of one job, unread */
#define LAST_WORDS 160
#define DEVICE_NICE 10 /* as videos */

/* ------------------------------------------------------------------------------------------------ ends */

static void kill_now(struct gh_worker *w)
{
    if (w->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0);
    else
        w->doomed = true;
}

void gh_worker_deaf(struct gh_worker *w)
{
    if (w->sock >= 0)
        gh_loop_unwatch(w->crew->loop, w->sock);
    gh_close_fd(&w->sock);
}

static void tell_gone(struct gh_worker *w, enum gh_job_end end, const struct gh_err *err)
{
    const struct gh_worker_ops *ops = w->ops;
    w->ops = NULL;
    w->phase = LEAVING;
    w->deadline_ms = gh_mono_ms() + GH_WORKER_LEAVE_MS;
    if (ops)
        ops->gone(w->arg, end, err);
}

void gh_worker_put_down(struct gh_worker *w, enum gh_job_end end, const struct gh_err *err)
{
    gh_worker_deaf(w);
    kill_now(w);
    tell_gone(w, end, err);
}

static void worker_free(struct gh_worker *w)
{
    gh_worker_deaf(w);
    gh_close_fd(&w->log);
    gh_close_fd(&w->pidfd);
    free(w);
}

static void unlist(struct gh_worker *w)
{
    for (struct gh_worker **at = &w->crew->list; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    worker_free(w);
}

/* The end of what it wrote to its standard error, in one line; the bytes are a stranger's. */
static void last_words(struct gh_worker *w, struct gh_str *out)
{
    char block[4096], tail[LAST_WORDS];
    size_t kept = 0;
    ssize_t n;
    while (w->log >= 0 && (n = read(w->log, block, sizeof block)) > 0) {
        size_t take = GH_MIN((size_t)n, sizeof tail), drop = kept + take > sizeof tail ? kept + take - sizeof tail : 0;
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

/* ------------------------------------------------------------------------------------------------ watching */

static uint64_t resident_bytes(pid_t pid)
{
    char path[40], text[80] = "";
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 || sscanf(text, "%*s %llu", &pages) != 1)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void watch_over(struct gh_worker *w, int64_t now)
{
    struct gh_err err;
    bool works = w->phase == PROBING || w->phase == RENDERING;
    if (works && now - w->heard_ms > w->crew->conf.silence_ms) {
        gh_fail(&err, GH_INPUT, "no progress for %lld seconds: the worker hangs",
                (long long)(w->crew->conf.silence_ms / 1000));
        gh_worker_put_down(w, GH_END_CRASHED, &err);
    } else if (works && w->deadline_ms && now > w->deadline_ms) {
        gh_fail(&err, GH_LIMIT, "it takes more than %lld seconds of time", (long long)(w->wall_ms / 1000));
        gh_worker_put_down(w, GH_END_INPUT, &err);
    } else if (w->deadline_ms && now > w->deadline_ms) {
        gh_fail(&err, w->phase == STARTING ? GH_AGAIN : GH_INPUT,
                w->phase == STARTING ? "the worker did not get ready" : "the worker did not end: it hangs");
        gh_worker_put_down(w, w->phase == STARTING ? GH_END_OURS : GH_END_CRASHED, &err);
    } else if (works && w->memory && resident_bytes(w->pid) > w->memory) {
        gh_fail(&err, GH_LIMIT, "it needs more than %llu MB of memory", (unsigned long long)(w->memory / 1000000));
        gh_worker_put_down(w, GH_END_INPUT, &err);
    }
}

static void on_tick(struct gh_loop *loop, void *arg)
{
    struct gh_crew *crew = arg;
    int64_t now = gh_mono_ms();
    crew->tick = 0;
    for (struct gh_worker *w = crew->list; w; w = w->next)
        watch_over(w, now);
    if (crew->list && !crew->tick)
        crew->tick = gh_loop_after(loop, GH_MIN(TICK_MS, crew->conf.silence_ms / 2), on_tick, crew);
}

/* ------------------------------------------------------------------------------------------------ the crew */

struct gh_crew *gh_crew_new(struct gh_loop *loop, const struct gh_crew_conf *conf)
{
    struct gh_crew *crew = gh_alloc(sizeof *crew);
    *crew = (struct gh_crew){.loop = loop, .conf = *conf};
    return crew;
}

void gh_crew_set_nursery(struct gh_crew *crew, struct gh_nursery *nursery)
{
    crew->nursery = nursery;
}

void gh_crew_software(struct gh_crew *crew)
{
    crew->conf.encoder = GH_ENCODER_SOFTWARE;
}

void gh_crew_free(struct gh_crew **c)
{
    struct gh_crew *crew = *c;
    if (!crew)
        return;
    gh_loop_cancel(crew->loop, &crew->tick);
    while (crew->list) {
        struct gh_worker *w = crew->list;
        crew->list = w->next;
        kill_now(w);
        worker_free(w);
    }
    free(crew);
    *c = NULL;
}

static struct gh_worker *find(struct gh_crew *crew, uint32_t number)
{
    struct gh_worker *w = crew->list;
    while (w && w->number != number)
        w = w->next;
    return w;
}

void gh_crew_forked(struct gh_crew *crew, const struct gh_forked *forked, int pidfd)
{
    GH_AUTO_FD fd = pidfd;
    struct gh_worker *w = find(crew, forked->job);
    if (!w || w->pidfd >= 0)
        return;
    w->pidfd = gh_steal_fd(&fd);
    w->pid = forked->pid;
    if (w->doomed)
        kill_now(w);
    gh_worker_hear_ready(w);
}

void gh_crew_exited(struct gh_crew *crew, const struct gh_exited *exited)
{
    struct gh_worker *w = find(crew, exited->job);
    if (!w)
        return;
    /* What it said before its end still lies in its socket. */
    while (gh_worker_hear(w))
        ;
    int status = exited->status;
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0 && w->phase == LEAVING;
    GH_AUTO_STR words = {0};
    char how[120];
    struct gh_err err = {0};
    enum gh_job_end end = GH_END_CRASHED;
    gh_describe_status(status, how, sizeof how);
    last_words(w, &words);
    if (clean) {
        end = GH_END_DONE;
    } else if (w->phase == STARTING) {
        end = GH_END_OURS;
        gh_fail(&err, GH_AGAIN, "the worker died before it was ready: %s%s", how, gh_str_text(&words));
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        end = GH_END_INPUT;
        gh_fail(&err, GH_LIMIT, "it takes more than %llu seconds of computing", (unsigned long long)w->cpu_s);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) {
        end = GH_END_INPUT;
        gh_fail(&err, GH_LIMIT, "an output would be larger than %llu bytes", (unsigned long long)w->file_bytes);
    } else {
        gh_fail(&err, GH_INPUT, "the worker died: %s%s", how, gh_str_text(&words));
    }
    tell_gone(w, end, &err);
    unlist(w);
}

void gh_crew_down(struct gh_crew *crew, const char *why)
{
    struct gh_err err;
    gh_fail(&err, GH_AGAIN, "the nursery ended: %s", why);
    for (struct gh_worker *w = crew->list; w; w = w->next)
        gh_worker_put_down(w, GH_END_OURS, &err);
    while (crew->list)
        unlist(crew->list);
}

/* ------------------------------------------------------------------------------------------------ one worker */

static void on_socket(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)fd, (void)events;
    gh_worker_hear(arg);
}

static int open_ends(struct gh_worker *w, int *ret_sock, int *ret_log, struct gh_err *err)
{
    int pair[2], log[2], size = SOCKET_BYTES;
    TRY(gh_wire_pair(pair, err));
    w->sock = pair[0];
    *ret_sock = pair[1];
    if (pipe2(log, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a pipe");
    w->log = log[0];
    *ret_log = log[1];
    setsockopt(w->sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (fcntl(w->sock, F_SETFL, O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up a job's socket");
    return gh_loop_watch(w->crew->loop, w->sock, EPOLLIN, on_socket, w, err);
}

static void free_worker(struct gh_worker **w)
{
    if (*w)
        worker_free(*w);
}

int gh_worker_start(struct gh_crew *crew, int nice, const struct gh_worker_ops *ops, void *arg, struct gh_worker **ret,
                    struct gh_err *err)
{
    GH_AUTO(free_worker) struct gh_worker *w = gh_alloc(sizeof *w);
    GH_AUTO_FD sock = -1;
    GH_AUTO_FD log = -1;
    int64_t now = gh_mono_ms();
    *w = (struct gh_worker){.crew = crew,
                            .ops = ops,
                            .arg = arg,
                            .number = ++crew->last_number,
                            .sock = -1,
                            .log = -1,
                            .pidfd = -1,
                            .asked_us = gh_mono_us(),
                            .heard_ms = now,
                            .cpu_s = crew->conf.limits.cpu_s ? GH_MIN(crew->conf.limits.cpu_s, GH_JOB_HEADER_CPU_S)
                                                             : GH_JOB_HEADER_CPU_S,
                            .deadline_ms = now + START_MS};
    const struct gh_fork req = {
        .job = w->number, .nice = nice, .threads = crew->conf.threads, .limits = crew->conf.limits};
    TRY(open_ends(w, &sock, &log, err));
    TRY(gh_nursery_fork(crew->nursery, &req, sock, log, err));
    if (!crew->tick)
        crew->tick = gh_loop_after(crew->loop, GH_MIN(TICK_MS, crew->conf.silence_ms / 2), on_tick, crew);
    w->next = crew->list;
    crew->list = w;
    *ret = gh_steal(&w);
    return 0;
}

void gh_worker_drop(struct gh_worker **worker)
{
    struct gh_worker *w = *worker;
    *worker = NULL;
    if (!w)
        return;
    w->ops = NULL;
    gh_worker_deaf(w);
    /* An idle one ends by itself when its socket closes; one at work would not notice. */
    if (w->phase != IDLE && w->phase != LEAVING)
        kill_now(w);
    w->phase = LEAVING;
    w->deadline_ms = gh_mono_ms() + GH_WORKER_LEAVE_MS;
}

void gh_worker_adopt(struct gh_worker *w, const struct gh_worker_ops *ops, void *arg)
{
    w->ops = ops;
    w->arg = arg;
}

bool gh_worker_is_ready(const struct gh_worker *w)
{
    return w->phase == IDLE;
}

pid_t gh_worker_pid(const struct gh_worker *w)
{
    return w->pid;
}

/* Soft limits move, hard ones stay; a process that is gone does not mind. */
static void move_limit(const struct gh_worker *w, enum __rlimit_resource what, rlim_t value)
{
    struct rlimit limit;
    if (prlimit(w->pid, what, NULL, &limit) < 0)
        return;
    limit.rlim_cur = GH_MIN(value, limit.rlim_max);
    prlimit(w->pid, what, &limit, NULL);
}

void gh_worker_limit(struct gh_worker *w, uint64_t memory, uint64_t cpu_s)
{
    const struct gh_up *up = gh_nursery_info(w->crew->nursery);
    uint64_t most = w->crew->conf.limits.memory_bytes;
    if (most && (!memory || memory > most))
        memory = most;
    w->memory = memory;
    w->cpu_s = cpu_s;
    if (up->confined)
        move_limit(w, RLIMIT_AS, memory ? up->vm_bytes + memory : RLIM_INFINITY);
    move_limit(w, RLIMIT_CPU, cpu_s);
}

void gh_worker_limit_file(struct gh_worker *w, uint64_t bytes)
{
    w->file_bytes = bytes;
    move_limit(w, RLIMIT_FSIZE, bytes);
}

void gh_worker_nice(struct gh_worker *w, int nice)
{
    /* Before its threads are made: they inherit it. A higher priority than it has is refused, which is well. */
    setpriority(PRIO_PROCESS, (id_t)w->pid, nice);
}

/* A worker that died meanwhile is no error here: how it died comes through gone(). */
static int send_to(struct gh_worker *w, enum gh_job_type type, uint32_t seq, const void *body, size_t size,
                   const int *fds, size_t n_fds, struct gh_err *err)
{
    struct gh_err why = {0};
    int r = gh_wire_send(w->sock, (uint16_t)type, seq, body, size, fds, n_fds, &why);
    if (r == 0 || why.code == EPIPE || why.code == ECONNRESET)
        return 0;
    return gh_fail(err, GH_AGAIN, "%s", why.msg);
}

static void begin(struct gh_worker *w, enum phase phase, int64_t wall_ms)
{
    int64_t now = gh_mono_ms();
    w->phase = phase;
    w->beats = 0;
    w->heard_ms = w->begun_ms = now;
    w->wall_ms = wall_ms;
    w->deadline_ms = now + wall_ms;
}

static int ask(struct gh_worker *w, int fd, const struct gh_probe_req *req, int64_t wall_ms, struct gh_err *err)
{
    if (w->phase != IDLE || w->sock < 0)
        return gh_fail(err, GH_AGAIN, "the worker is gone");
    TRY(send_to(w, GH_JOB_PROBE, 0, req, sizeof *req, &fd, 1, err));
    begin(w, PROBING, wall_ms ? wall_ms : w->crew->conf.header_ms);
    w->looks = req->look;
    return 0;
}

int gh_worker_probe(struct gh_worker *w, int fd, enum gh_probe_depth depth, int64_t wall_ms, struct gh_err *err)
{
    const struct gh_probe_req req = {.depth = depth, .want = GH_MEDIA_NONE};
    return ask(w, fd, &req, wall_ms, err);
}

int gh_worker_probe_output(struct gh_worker *w, int fd, const struct gh_rect *area, int64_t wall_ms, struct gh_err *err)
{
    const struct gh_probe_req req = {.depth = GH_PROBE_PACKETS, .want = GH_MEDIA_NONE, .look = 1, .area = *area};
    return ask(w, fd, &req, wall_ms, err);
}

/* The pixels of each logo and label the recipes name, once. */
static int send_overlays(struct gh_worker *w, const struct gh_recipe *recipes, uint32_t n, struct gh_err *err)
{
    const char *sent[GH_JOB_MAX_OVERLAYS];
    uint32_t n_sent = 0;
    for (uint32_t i = 0; i < 2 * n; i++) {
        const struct gh_overlay *o = i % 2 ? &recipes[i / 2].pic.label : &recipes[i / 2].pic.watermark;
        uint32_t known = 0;
        while (known < n_sent && !gh_streq(sent[known], o->id))
            known++;
        if (!o->corner || known < n_sent)
            continue;
        struct gh_overlay_req req = {.id = ""};
        int fd = gh_overlay_fd(o->id);
        if (fd < 0 || n_sent == GH_JOB_MAX_OVERLAYS)
            return gh_fail(err, GH_SYSTEM,
                           fd < 0 ? "the pixels of a logo or label are gone" : "too many different logos in one job");
        GH_COPY(req.id, o->id);
        TRY(send_to(w, GH_JOB_OVERLAY, n_sent, &req, sizeof req, &fd, 1, err));
        sent[n_sent++] = o->id;
    }
    return 0;
}

/* A process of its own for one encode of a video, at the other end of a socket of its child. */
static int send_device(struct gh_worker *w, uint32_t i, const struct gh_recipe *recipe, struct gh_err *err)
{
    struct gh_crew *crew = w->crew;
    const struct gh_pic *pic = &recipe->pic;
    if (crew->conf.encoder == GH_ENCODER_SOFTWARE || recipe->media != GH_VIDEO || recipe->how != GH_HOW_ENCODE ||
        pic->canvas_w > GH_DEVICE_EDGE_MAX || pic->canvas_h > GH_DEVICE_EDGE_MAX)
        return 0;
    int pair[2];
    TRY(gh_wire_pair(pair, err));
    GH_AUTO_FD theirs = pair[0];
    GH_AUTO_FD its = pair[1];
    GH_AUTO_FD memory = -1;
    TRY(gh_device_memory(pic->canvas_w, pic->canvas_h, &memory, err));
    struct gh_fork fork = {
        .job = ++crew->last_number, .owner = w->number, .nice = DEVICE_NICE, .encoder = crew->conf.encoder};
    GH_COPY(fork.device, crew->conf.device ? crew->conf.device : "");
    TRY(gh_nursery_fork(crew->nursery, &fork, its, -1, err));
    const struct gh_device_req req = {.encoder = crew->conf.encoder};
    const int fds[] = {theirs, memory};
    return send_to(w, GH_JOB_DEVICE, i, &req, sizeof req, fds, 2, err);
}

int gh_worker_render(struct gh_worker *w, int in_fd, const struct gh_probe *probe, const struct gh_recipe *recipes,
                     const int *out_fds, const int *journals, int (*shelves)[GH_JOB_SHELVES], uint32_t n,
                     int64_t wall_ms, struct gh_err *err)
{
    const struct gh_render_req req = {.encodes = n, .probe = *probe};
    if (w->phase != IDLE || w->sock < 0)
        return gh_fail(err, GH_AGAIN, "the worker is gone");
    TRY(send_overlays(w, recipes, n, err));
    for (uint32_t i = 0; i < n; i++) {
        const int fds[] = {out_fds[i], journals[i]};
        TRY(send_to(w, GH_JOB_ENCODE, i, &recipes[i], sizeof recipes[i], fds, journals[i] >= 0 ? 2 : 1, err));
        TRY(send_device(w, i, &recipes[i], err));
        for (int k = 0; k < GH_JOB_SHELVES && shelves[i][k] >= 0; k++)
            TRY(send_to(w, GH_JOB_SHELF, i, NULL, 0, &shelves[i][k], 1, err));
    }
    TRY(send_to(w, GH_JOB_RENDER, 0, &req, sizeof req, &in_fd, 1, err));
    w->encodes = w->looks = n;
    w->results = 0;
    begin(w, RENDERING, wall_ms);
    return 0;
}
