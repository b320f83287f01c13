/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-worker --try-encoder=NAME:DEVICE: does this hardware encoder work here? A few grey pictures
 * go the way those of a job go, to a process in the same sandbox.
 */
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/encode/device.h"
#include "pipeline/walls/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { WIDTH = 640, HEIGHT = 360, PICTURES = 12, GREY = 128 };
enum { WORKS, DOES_NOT_WORK, NO_SUCH_ENCODER }; /* exit statuses */

static _Noreturn void become_device(const struct gh_sandbox *sandbox, const struct gh_fork *fork,
                                    int sock)
{
    struct gh_err err;
    if (gh_sandbox_enter_device(sandbox, fork, sock, -1, &err) < 0)
        _exit(GH_JOB_EXIT_UNSAFE);
    gh_device_run(fork->encoder, fork->device, GH_CHILD_SOCK);
}

static int encode_grey(struct gh_remote *r, AVFrame *frame, AVPacket *pkt, unsigned *ret_packets,
                       struct gh_err *err)
{
    const struct gh_enc_spec spec = {.w = WIDTH,
                                     .h = HEIGHT,
                                     .fps = {30, 1},
                                     .gop = 60,
                                     .threads = 1,
                                     .profile = "main",
                                     .crf = 23};
    int n;
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = WIDTH;
    frame->height = HEIGHT;
    if (av_frame_get_buffer(frame, 0) < 0)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    for (int i = 0; i < 3; i++)
        memset(frame->data[i], GREY, (size_t)frame->linesize[i] * (HEIGHT >> !!i));
    TRY(gh_remote_open(r, &spec, err));
    for (int64_t i = 0; i <= PICTURES; i++) {
        frame->pts = i;
        TRY(gh_remote_send(r, i < PICTURES ? frame : NULL, err));
        while ((n = gh_remote_receive(r, pkt, err)) > 0) {
            av_packet_unref(pkt);
            ++*ret_packets;
        }
        TRY(n);
    }
    return 0;
}

static int try_encoder(uint32_t encoder, const char *device, unsigned *ret_packets,
                       struct gh_err *err)
{
    GH_AUTO(gh_sandbox_free) struct gh_sandbox sandbox = {.ruleset = -1};
    struct gh_fork req = {.encoder = encoder};
    int pair[2], memory;
    GH_COPY(req.device, device);
    TRY(gh_sandbox_prepare(true, &sandbox, err));
    TRY(gh_wire_pair(pair, err));
    TRY(gh_device_memory(WIDTH, HEIGHT, &memory, err));
    pid_t pid = (fork)();
    if (pid < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot fork");
    if (pid == 0)
        become_device(&sandbox, &req, pair[1]);
    gh_close_fd(&pair[1]);
    GH_AUTO(gh_remote_free) struct gh_remote *r = gh_remote_new(encoder, pair[0], memory);
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    GH_AUTO(av_packet_free) AVPacket *pkt = av_packet_alloc();
    if (!frame || !pkt)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    return encode_grey(r, frame, pkt, ret_packets, err);
}

int gh_device_try(const char *name)
{
    char encoder[32];
    uint32_t number;
    unsigned packets = 0;
    struct gh_err err = {0};
    const char *device = name + strcspn(name, ":");
    snprintf(encoder, sizeof(encoder), "%.*s", (int)(device - name), name);
    device += *device == ':';
    if (!gh_encoder_find(encoder, &number) || number == GH_ENCODER_SOFTWARE) {
        printf("%s is no hardware encoder\n", encoder);
        return NO_SUCH_ENCODER;
    }
    if (try_encoder(number, device, &packets, &err) < 0) {
        printf("%s\n", err.msg);
        return DOES_NOT_WORK;
    }
    printf("the encoder %s made %u packets of %d pictures\n", encoder, packets, PICTURES);
    return WORKS;
}
