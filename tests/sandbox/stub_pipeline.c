/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pipeline for tests of the worker and the engine: the input is a text that says what it is and
 * how its child shall misbehave, so that every fault can be had at every step. First line "photo W
 * H" or "video W H MS"; then lines "PHASE DEED [ARG]" with PHASE one of probe full render result
 * last. Outputs are texts of the same kind, so that they can be checked.
 */
#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/child/media.h"
#include "pipeline/photo/overlay.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#define SOCK 3

int gh_overlay_make_logo(bool seccomp_only)
{
    (void)seccomp_only;
    return 1;
}

int gh_overlay_make_label(void)
{
    return 1;
}

int gh_photo_warm(struct gh_err *err)
{
    (void)err;
    return 0;
}

int gh_video_warm(struct gh_err *err)
{
    (void)err;
    return 0;
}

struct script {
    char media[8], text[2048];
    unsigned w, h, ms;
};

static void wait_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

static void *idle(void *arg)
{
    wait_ms(3600 * 1000);
    return arg;
}

static void send_raw(uint16_t type, uint32_t seq, const void *body, size_t size, int fd)
{
    struct gh_err err;
    if (gh_wire_send(SOCK, type, seq, body, size, &fd, fd >= 0, &err) < 0)
        _exit(0);
}

static void deed(const struct gh_ctx *ctx, const char *what, long arg)
{
    static char text[70000];
    struct gh_result result = {.index = 0, .cls = GH_OK, .w = 1, .h = 1, .bytes = 1};
    struct gh_probe probe = {.media = GH_PHOTO,
                             .format = "stub",
                             .w = 1,
                             .h = 1,
                             .stored_w = 1,
                             .stored_h = 1,
                             .orient = 1};
    if (gh_streq(what, "segv"))
        raise(SIGSEGV);
    else if (gh_streq(what, "abort"))
        abort();
    else if (gh_streq(what, "words")) {
        if (dprintf(2, "the decoder is unhappy\n\033[31mred") < 0)
            _exit(9);
        abort();
    } else if (gh_streq(what, "socket"))
        syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
    else if (gh_streq(what, "fork"))
        syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    else if (gh_streq(what, "exit"))
        _exit((int)arg);
    else if (gh_streq(what, "hang"))
        wait_ms(3600 * 1000);
    else if (gh_streq(what, "wait"))
        wait_ms(arg);
    else if (gh_streq(what, "beat"))
        for (long i = 0; i < arg; i += 50) {
            wait_ms(50);
            ctx->progress(ctx->arg, (unsigned)(i * 1000 / arg));
        }
    else if (gh_streq(what, "spin"))
        for (;;)
            ctx->progress(ctx->arg, 1);
    else if (gh_streq(what, "stop"))
        syscall(SYS_tgkill, getpid(), getpid(), SIGSTOP);
    else if (gh_streq(what, "grow")) {
        for (long i = 0; i < arg; i++) {
            char *p = malloc(1 << 20);
            if (!p)
                abort();
            *p = 1;
            ctx->progress(ctx->arg, 1);
        }
    } else if (gh_streq(what, "threads")) {
        pthread_t thread;
        for (long i = 0; i < arg; i++)
            if (pthread_create(&thread, NULL, idle, NULL) != 0)
                _exit(6);
    } else if (gh_streq(what, "big")) {
        /* The first output is the first descriptor after those it starts with. */
        if (ftruncate(SOCK + 1, arg << 20) < 0)
            _exit(8);
    } else if (gh_streq(what, "flood")) {
        for (long i = 0; i < arg; i++)
            send_raw(GH_JOB_PROGRESS, 0, &(struct gh_progress){1}, sizeof(struct gh_progress), -1);
    } else if (gh_streq(what, "say-ready"))
        send_raw(GH_JOB_READY, 0, NULL, 0, -1);
    else if (gh_streq(what, "say-done"))
        send_raw(GH_JOB_DONE, 0, NULL, 0, -1);
    else if (gh_streq(what, "say-result"))
        send_raw(GH_JOB_RESULT, 0, &result, sizeof(result), -1);
    else if (gh_streq(what, "say-result-99")) {
        result.index = 99;
        send_raw(GH_JOB_RESULT, 99, &result, sizeof(result), -1);
    } else if (gh_streq(what, "say-result-bad")) {
        memset(result.msg, 'x', sizeof(result.msg));
        send_raw(GH_JOB_RESULT, 0, &result, sizeof(result), -1);
    } else if (gh_streq(what, "say-look") || gh_streq(what, "say-look-bad")) {
        static struct gh_fingerprint look;
        gh_fingerprint_init(&look, 0);
        look.pictures.n = gh_streq(what, "say-look-bad") ? 1000 : 0;
        send_raw(GH_JOB_FINGERPRINT, 0, &look, sizeof(look), -1);
    } else if (gh_streq(what, "say-text")) {
        static struct gh_text said = {.text = "a text"};
        send_raw(GH_JOB_TEXT, 0, &said, sizeof(said), -1);
    } else if (gh_streq(what, "say-probe"))
        send_raw(GH_JOB_PROBED, 0, &probe, sizeof(probe), -1);
    else if (gh_streq(what, "say-probe-bad")) {
        probe.orient = 9;
        send_raw(GH_JOB_PROBED, 0, &probe, sizeof(probe), -1);
    } else if (gh_streq(what, "say-fd"))
        send_raw(GH_JOB_PROGRESS, 0, &(struct gh_progress){1}, sizeof(struct gh_progress), SOCK);
    else if (gh_streq(what, "say-progress-bad"))
        send_raw(GH_JOB_PROGRESS, 0, &(struct gh_progress){1001}, sizeof(struct gh_progress), -1);
    else if (gh_streq(what, "say-failed-bad")) {
        struct gh_failed failed = {.cls = GH_INPUT, .msg = "\033[31m"};
        send_raw(GH_JOB_FAILED, 0, &failed, sizeof(failed), -1);
    } else if (gh_streq(what, "say-system")) {
        struct gh_failed failed = {.cls = GH_SYSTEM, .msg = "stop everything"};
        send_raw(GH_JOB_FAILED, 0, &failed, sizeof(failed), -1);
    } else if (gh_streq(what, "say-short"))
        send_raw(GH_JOB_PROBED, 0, &probe, sizeof(probe) - 1, -1);
    else if (gh_streq(what, "say-much"))
        send_raw(GH_JOB_PROBED, 0, text, GH_WIRE_MAX, -1);
    else if (gh_streq(what, "say-noise")) {
        if (write(SOCK, text, 100) < 0)
            _exit(0);
    } else if (gh_streq(what, "say-fork"))
        send_raw(GH_JOB_FORK, 0, &(struct gh_fork){.job = 1}, sizeof(struct gh_fork), -1);
}

static void act(const struct gh_ctx *ctx, const struct script *s, const char *phase)
{
    char text[sizeof(s->text)], *save = NULL;
    GH_COPY(text, s->text);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char at[16] = "", what[32] = "";
        long arg = 0;
        if (sscanf(line, "%15s %31s %ld", at, what, &arg) >= 2 && gh_streq(at, phase))
            deed(ctx, what, arg);
    }
}

/* One picture of a scale of greys, or a black one. */
static void put_look(struct gh_fingerprint *look, bool black)
{
    struct gh_signature g = {0};
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++)
        g.luma[i] = (uint8_t)(black ? 16 : 20 + 3 * i);
    gh_fingerprint_init(look, 0);
    gh_signatures_add(&look->pictures, &g);
}

static int read_script(int fd, struct script *ret, struct gh_err *err)
{
    ssize_t n = pread(fd, ret->text, sizeof(ret->text) - 1, 0);
    if (n <= 0 || sscanf(ret->text, "%7s %u %u %u", ret->media, &ret->w, &ret->h, &ret->ms) < 3)
        return gh_fail(err, GH_INPUT, "not a script");
    return 0;
}

int gh_probe_media(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    struct script s = {0};
    off_t size = lseek(fd, 0, SEEK_END);
    TRY(read_script(fd, &s, err));
    act(ctx, &s, depth == GH_PROBE_FULL ? "full" : "probe");
    struct gh_probe p = {.media = gh_streq(s.media, "video") ? GH_VIDEO : GH_PHOTO,
                         .bytes = (uint64_t)size,
                         .stored_w = s.w,
                         .stored_h = s.h,
                         .w = s.w,
                         .h = s.h,
                         .orient = 1,
                         .duration_us = s.ms * 1000ll,
                         .checked = depth};
    GH_COPY(p.format, "stub");
    if (ctx->seen)
        put_look(ctx->seen, strstr(s.text, "turned-black") != NULL);
    *ret = p;
    return 0;
}

static int render(const struct gh_ctx *ctx, int in_fd, const struct gh_recipe *recipes,
                  const int *out_fds, size_t n, struct gh_err *err)
{
    struct script s = {0};
    TRY(read_script(in_fd, &s, err));
    act(ctx, &s, "render");
    for (size_t i = 0; i < n; i++) {
        const struct gh_recipe *r = &recipes[i];
        struct gh_result result = {.index = (uint32_t)i,
                                   .cls = GH_OK,
                                   .w = r->pic.canvas_w,
                                   .h = r->pic.canvas_h,
                                   .crop = r->pic.crop};
        int wrote = dprintf(out_fds[i], "%s %u %u\n%s", r->media == GH_VIDEO ? "video" : "photo",
                            r->pic.canvas_w, r->pic.canvas_h,
                            strstr(s.text, "poison")       ? "probe segv\n"
                            : strstr(s.text, "turn-black") ? "turned-black\n"
                                                           : "");
        result.bytes = (uint64_t)wrote + (strstr(s.text, "lie-bytes") != NULL);
        result.w += strstr(s.text, "lie-size") != NULL;
        result.crop.x += strstr(s.text, "lie-crop") != NULL;
        if (strstr(s.text, "refuse-first") && i == 0) {
            result = (struct gh_result){.index = 0, .cls = GH_LIMIT};
            GH_COPY(result.msg, "too small a limit");
        }
        act(ctx, &s, "result");
        struct gh_fingerprint look;
        put_look(&look, false);
        if (r->media == GH_VIDEO && result.cls == GH_OK)
            ctx->fingerprint(ctx->arg, (uint32_t)i, &look);
        ctx->result(ctx->arg, &result);
    }
    act(ctx, &s, "last");
    return strstr(s.text, "refuse-all") ? gh_fail(err, GH_INPUT, "the picture is damaged") : 0;
}

int gh_photo_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    (void)probe;
    return render(ctx, in_fd, recipes, out_fds, n, err);
}

int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    struct script s = {0};
    TRY(read_script(in_fd, &s, err));
    TRY(render(ctx, in_fd, recipes, out_fds, n, err));
    bool unproven = probe->checked < GH_PROBE_FULL && strstr(s.text, "refuse-unproven");
    return unproven ? gh_fail(err, GH_INPUT, "it is not whole") : 0;
}
