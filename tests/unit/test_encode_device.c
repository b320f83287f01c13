/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation with an encoder in another process: neither side believes the other. */
#include "pipeline/encode/device.h"

#include "base/str.h"
#include "base/wire.h"
#include "pipeline/encode/encoder_int.h"
#include "pipeline/walls/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/opt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { W = 320, H = 180 };

static const struct gh_enc_spec spec = {
    .w = W, .h = H, .fps = {30, 1}, .gop = 30, .threads = 1, .crf = 23};

static AVFrame *grey(int64_t pts)
{
    AVFrame *f = av_frame_alloc();
    assert_non_null(f);
    f->format = AV_PIX_FMT_YUV420P;
    f->width = W;
    f->height = H;
    assert_int_equal(av_frame_get_buffer(f, 0), 0);
    for (int i = 0; i < 3; i++)
        memset(f->data[i], 128, (size_t)f->linesize[i] * (H >> !!i));
    f->pts = pts;
    return f;
}

static void send_to(int sock, uint16_t type, const void *body, size_t size)
{
    struct gh_err err;
    assert_int_equal(gh_wire_send(sock, type, 0, body, size, NULL, 0, &err), 0);
}

/* --------------------------------------------------------------------------- a device that lies */

/* A client whose device has answered well so far, and has been sent one picture, of time stamp 5 in
 * slot 0. */
static struct gh_remote *one_picture_in(int *ret_device)
{
    struct gh_err err;
    int pair[2], memory;
    assert_int_equal(gh_wire_pair(pair, &err), 0);
    assert_int_equal(gh_device_memory(W, H, &memory, &err), 0);
    struct gh_remote *r = gh_remote_new(GH_ENCODER_LOOPBACK, pair[0], memory);
    send_to(pair[1], GH_DEVICE_READY, NULL, 0);
    send_to(pair[1], GH_DEVICE_OPENED, "sets", 4);
    assert_int_equal(gh_remote_open(r, &spec, &err), 0);
    AVFrame *f = grey(5);
    assert_int_equal(gh_remote_send(r, f, &err), 0);
    av_frame_free(&f);
    assert_null(gh_remote_lost(r));
    *ret_device = pair[1];
    return r;
}

static void test_every_lie_ends_it(void **state)
{
    (void)state;
    static const struct gh_device_packet good = {.size = 4, .key = 1, .pts = 5, .dts = 5},
                                         big = {.size = GH_DEVICE_PACKET_MAX + 1,
                                                .key = 1,
                                                .pts = 5,
                                                .dts = 5},
                                         empty = {.size = 0, .key = 1, .pts = 5, .dts = 5},
                                         future = {.size = 4, .key = 1, .pts = 6, .dts = 5},
                                         late = {.size = 4, .key = 1, .pts = 5, .dts = 6},
                                         keys = {.size = 4, .key = 2, .pts = 5, .dts = 5},
                                         negative = {.size = 4, .key = 1, .pts = -1, .dts = -1},
                                         timeless = {
                                             .size = 4, .key = 1, .pts = 5, .dts = INT64_MIN};
    static const struct gh_device_picture other_slot = {.slot = 1, .pts = 5},
                                          no_slot = {.slot = 77, .pts = 5},
                                          other_time = {.slot = 0, .pts = 4};
    const struct {
        const char *what;
        uint16_t type;
        const void *body;
        size_t size;
        uint16_t then; /* sent before, well: a packet that waits for its bytes */
    } lies[] = {
        {"a packet too large", GH_DEVICE_PACKET, &big, sizeof(big), 0},
        {"a packet of nothing", GH_DEVICE_PACKET, &empty, sizeof(empty), 0},
        {"of a picture it was not sent", GH_DEVICE_PACKET, &future, sizeof(future), 0},
        {"decoded after it is shown", GH_DEVICE_PACKET, &late, sizeof(late), 0},
        {"a flag that is none", GH_DEVICE_PACKET, &keys, sizeof(keys), 0},
        {"before the start", GH_DEVICE_PACKET, &negative, sizeof(negative), 0},
        {"without a time", GH_DEVICE_PACKET, &timeless, sizeof(timeless), 0},
        {"half a head", GH_DEVICE_PACKET, &good, sizeof(good) / 2, 0},
        {"two packets at a time", GH_DEVICE_PACKET, &good, sizeof(good), GH_DEVICE_PACKET},
        {"more bytes than announced", GH_DEVICE_DATA, "12345", 5, GH_DEVICE_PACKET},
        {"bytes of no packet", GH_DEVICE_DATA, "1234", 4, 0},
        {"no bytes", GH_DEVICE_DATA, "", 0, GH_DEVICE_PACKET},
        {"a slot that is free", GH_DEVICE_TAKEN, &other_slot, sizeof(other_slot), 0},
        {"a slot there is not", GH_DEVICE_TAKEN, &no_slot, sizeof(no_slot), 0},
        {"another picture", GH_DEVICE_TAKEN, &other_time, sizeof(other_time), 0},
        {"an end nobody asked for", GH_DEVICE_FLUSHED, NULL, 0, 0},
        {"an answer to nothing", GH_DEVICE_OPENED, "sets", 4, 0},
        {"a type there is not", 4242, "x", 1, 0},
    };
    for (size_t i = 0; i < GH_LEN(lies); i++) {
        struct gh_err err = {0};
        int device;
        struct gh_remote *r = one_picture_in(&device);
        AVPacket *pkt = av_packet_alloc();
        if (lies[i].then)
            send_to(device, lies[i].then, &good, sizeof(good));
        send_to(device, lies[i].type, lies[i].body, lies[i].size);
        if (gh_remote_receive(r, pkt, &err) != -GH_AGAIN || !gh_remote_lost(r))
            fail_msg("%s was believed", lies[i].what);
        /* and stays so */
        assert_int_equal(gh_remote_receive(r, pkt, &err), -GH_AGAIN);
        assert_int_equal(gh_remote_hello(r, &err), -GH_AGAIN);
        av_packet_free(&pkt);
        gh_remote_free(&r);
        gh_close_fd(&device);
    }
}

static void test_a_good_packet_is_taken(void **state)
{
    (void)state;
    struct gh_err err = {0};
    int device;
    struct gh_remote *r = one_picture_in(&device);
    AVPacket *pkt = av_packet_alloc();
    const struct gh_device_packet head = {.size = 4, .key = 1, .pts = 5, .dts = 3};
    send_to(device, GH_DEVICE_PACKET, &head, sizeof(head));
    send_to(device, GH_DEVICE_DATA, "12", 2);
    assert_int_equal(gh_remote_receive(r, pkt, &err), 0);
    send_to(device, GH_DEVICE_DATA, "34", 2);
    assert_int_equal(gh_remote_receive(r, pkt, &err), 1);
    assert_int_equal(pkt->size, 4);
    assert_memory_equal(pkt->data, "1234", 4);
    assert_int_equal(pkt->pts, 5);
    assert_int_equal(pkt->dts, 3);
    assert_true(pkt->flags & AV_PKT_FLAG_KEY);
    av_packet_unref(pkt);
    assert_null(gh_remote_lost(r));
    /* A packet more than there were pictures. */
    const struct gh_device_packet again = {.size = 4, .key = 0, .pts = 5, .dts = 4};
    send_to(device, GH_DEVICE_PACKET, &again, sizeof(again));
    assert_int_equal(gh_remote_receive(r, pkt, &err), -GH_AGAIN);
    av_packet_free(&pkt);
    gh_remote_free(&r);
    gh_close_fd(&device);
}

static void test_missing_pictures_and_deaths_are_told(void **state)
{
    (void)state;
    struct gh_err err = {0};
    int device;
    AVPacket *pkt = av_packet_alloc();
    struct gh_remote *r = one_picture_in(&device);
    assert_int_equal(gh_remote_send(r, NULL, &err), 0);
    send_to(device, GH_DEVICE_FLUSHED, NULL, 0);
    assert_int_equal(gh_remote_receive(r, pkt, &err), -GH_AGAIN);
    assert_string_equal(gh_remote_lost(r), "it ended with pictures missing");
    gh_remote_free(&r);
    gh_close_fd(&device);

    r = one_picture_in(&device);
    gh_close_fd(&device);
    assert_int_equal(gh_remote_receive(r, pkt, &err), -GH_AGAIN);
    assert_string_equal(gh_remote_lost(r), "its process died");
    gh_remote_free(&r);

    /* Its own words, made harmless. */
    r = one_picture_in(&device);
    send_to(device, GH_DEVICE_FAILED, "no \033[31m room\n", 14);
    assert_int_equal(gh_remote_receive(r, pkt, &err), -GH_AGAIN);
    assert_string_equal(gh_remote_lost(r), "no ?[31m room?");
    gh_remote_free(&r);
    gh_close_fd(&device);
    av_packet_free(&pkt);
}

static void test_what_no_device_is_asked_for(void **state)
{
    (void)state;
    struct gh_err err;
    const struct gh_enc_spec bad[] = {
        {.w = 4098, .h = H, .fps = {30, 1}, .gop = 30},
        {.w = 8, .h = H, .fps = {30, 1}, .gop = 30},
        {.w = 321, .h = H, .fps = {30, 1}, .gop = 30},
        {.w = W, .h = H, .fps = {30, 0}, .gop = 30},
        {.w = W, .h = H, .fps = {-1, 1}, .gop = 30},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 0},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 30, .bframes = 17},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 30, .crf = 52},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 30, .bit_rate = -1},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 30, .buffer = INT64_MAX},
        {.w = W, .h = H, .fps = {30, 1}, .gop = 30, .profile = "sixteenletters!!"},
    };
    assert_int_equal(gh_device_check_spec(&spec, &err), 0);
    for (size_t i = 0; i < GH_LEN(bad); i++)
        assert_int_equal(gh_device_check_spec(&bad[i], &err), -GH_LIMIT);
}

/* ---------------------------------------------------------------------------- a child that lies */

static pid_t start(uint32_t encoder, int *ret_sock)
{
    struct gh_err err;
    int pair[2];
    assert_int_equal(gh_wire_pair(pair, &err), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(pair[0]);
        gh_device_run(encoder, "", pair[1]);
    }
    close(pair[1]);
    *ret_sock = pair[0];
    return pid;
}

/* The type of its next word, 0 at its end. */
static unsigned hear(int sock)
{
    static uint8_t body[GH_WIRE_MAX];
    struct gh_wire_head head;
    struct gh_err err;
    int fds[GH_WIRE_MAX_FDS];
    int r = gh_wire_recv(sock, &head, body, sizeof(body), fds, &err);
    assert_true(r >= 0);
    return r ? head.type : 0;
}

static void hello(int sock)
{
    struct gh_err err;
    int memory;
    assert_int_equal(gh_device_memory(W, H, &memory, &err), 0);
    assert_int_equal(gh_wire_send(sock, GH_DEVICE_HELLO, 0, NULL, 0, &memory, 1, &err), 0);
    close(memory);
    assert_int_equal(hear(sock), GH_DEVICE_READY);
}

static void assert_it_left(pid_t pid, int sock)
{
    int status;
    assert_int_equal(hear(sock), GH_DEVICE_FAILED);
    assert_int_equal(hear(sock), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(sock);
}

static void test_a_device_leaves_when_its_child_lies(void **state)
{
    (void)state;
    struct gh_enc_spec huge = spec, larger = spec;
    huge.w = 100000;
    larger.w = 640; /* than the memory it was given */
    const struct gh_device_picture no_slot = {.slot = GH_DEVICE_SLOTS, .pts = 0},
                                   past = {.slot = 0, .pts = -1};
    const struct {
        bool greeted, opened;
        uint16_t type;
        const void *body;
        size_t size;
    } lies[] = {
        {false, false, GH_DEVICE_HELLO, NULL, 0}, /* no memory */
        {false, false, GH_DEVICE_OPEN, &spec, sizeof(spec)},
        {false, false, GH_DEVICE_FLUSH, NULL, 0},
        {true, false, GH_DEVICE_PICTURE, &past, sizeof(past)},
        {true, false, GH_DEVICE_OPEN, &spec, sizeof(spec) - 1},
        {true, false, GH_DEVICE_OPEN, &huge, sizeof(huge)},
        {true, false, GH_DEVICE_OPEN, &larger, sizeof(larger)},
        {true, true, GH_DEVICE_PICTURE, &no_slot, sizeof(no_slot)},
        {true, true, GH_DEVICE_PICTURE, &past, sizeof(past)},
        {true, true, GH_DEVICE_TAKEN, &no_slot, sizeof(no_slot)},
        {true, true, 4242, "x", 1},
    };
    for (size_t i = 0; i < GH_LEN(lies); i++) {
        int sock;
        pid_t pid = start(GH_ENCODER_LOOPBACK, &sock);
        if (lies[i].greeted)
            hello(sock);
        if (lies[i].opened) {
            send_to(sock, GH_DEVICE_OPEN, &spec, sizeof(spec));
            assert_int_equal(hear(sock), GH_DEVICE_OPENED);
        }
        send_to(sock, lies[i].type, lies[i].body, lies[i].size);
        assert_it_left(pid, sock);
    }
}

static void test_memory_that_can_shrink_is_refused(void **state)
{
    (void)state;
    struct gh_err err;
    for (int plain = 0; plain < 2; plain++) { /* of a plain file the kernel knows no seals */
        int sock, memory = plain ? open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
                                 : memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        pid_t pid = start(GH_ENCODER_LOOPBACK, &sock);
        assert_true(memory >= 0 && (plain || ftruncate(memory, 4 << 20) == 0));
        assert_int_equal(gh_wire_send(sock, GH_DEVICE_HELLO, 0, NULL, 0, &memory, 1, &err), 0);
        close(memory);
        assert_it_left(pid, sock);
    }
}

/* ------------------------------------------------------------------------------------ its walls */

static int try_all(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    const struct {
        const char *what;
        bool refused;
    } acts[] = {
        {"a socket", socket(AF_INET, SOCK_STREAM, 0) < 0},
        {"a local socket", socket(AF_UNIX, SOCK_STREAM, 0) < 0},
        {"a process", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0},
        {"a program", execv("/bin/true", argv) < 0},
        {"a signal", kill(getppid(), 0) < 0},
        {"a file of the machine's", open("/etc/passwd", O_RDONLY) < 0},
        {"a folder of everybody's", open("/tmp", O_RDONLY | O_DIRECTORY) < 0},
        {"a new file", open("/tmp/ghat-device-test", O_WRONLY | O_CREAT, 0600) < 0},
        {"another device", open("/dev/zero", O_RDONLY) < 0},
        {"a mode", chmod("/usr", 0755) < 0},
        {"tracing", ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0},
        {"a read of others", process_vm_readv(getppid(), NULL, 0, NULL, 0, 0) < 0},
    };
    int wrong = 0;
    for (size_t i = 0; i < GH_LEN(acts); i++)
        if (!acts[i].refused)
            wrong = (int)i + 1;
    /* What a driver needs. */
    if (open("/usr/lib", O_RDONLY | O_DIRECTORY) < 0 || open("/dev/full", O_RDWR) < 0)
        wrong = 100;
    return wrong;
}

static void test_a_device_reaches_its_file_and_no_other(void **state)
{
    (void)state;
    struct gh_err err;
    struct gh_sandbox sandbox;
    if (!GH_CONFINED)
        skip();
    if (gh_sandbox_prepare(false, &sandbox, &err) < 0)
        skip(); /* a kernel without Landlock */
    int pair[2], status;
    assert_int_equal(gh_wire_pair(pair, &err), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct gh_fork req = {.encoder = GH_ENCODER_LOOPBACK, .device = "/dev/full"};
        if (gh_sandbox_enter_device(&sandbox, &req, pair[1], -1, &err) < 0)
            _exit(101);
        _exit(try_all());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(pair[0]);
    close(pair[1]);
}

/* -------------------------------------------------------------------------- both, and the table */

static void test_pictures_become_packets_and_again(void **state)
{
    (void)state;
    struct gh_err err = {0};
    int sock, memory, status;
    pid_t pid = start(GH_ENCODER_LOOPBACK, &sock);
    assert_int_equal(gh_device_memory(W, H, &memory, &err), 0);
    struct gh_remote *r = gh_remote_new(GH_ENCODER_LOOPBACK, sock, memory);
    AVPacket *pkt = av_packet_alloc();
    for (int round = 0; round < 2; round++) {
        int packets = 0, n;
        assert_int_equal(gh_remote_open(r, &spec, &err), 0);
        for (int64_t i = 0; i <= 40; i++) {
            AVFrame *f = i < 40 ? grey(i) : NULL;
            assert_int_equal(gh_remote_send(r, f, &err), 0);
            av_frame_free(&f);
            while ((n = gh_remote_receive(r, pkt, &err)) > 0) {
                packets++;
                av_packet_unref(pkt);
            }
            assert_int_equal(n, 0);
        }
        assert_int_equal(packets, 40);
        gh_remote_close(r);
    }
    assert_null(gh_remote_lost(r));
    av_packet_free(&pkt);
    gh_remote_free(&r); /* closes the socket: it leaves */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_libavcodec_knows_what_the_table_names(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GH_ENCODERS; i++) {
        const struct gh_encoder_row *row = &gh_encoder_rows[i];
        const AVCodec *codec = avcodec_find_encoder_by_name(row->codec);
        if (!codec)
            fail_msg("FFmpeg has no %s", row->codec);
        AVCodecContext *c = avcodec_alloc_context3(codec);
        const char *names[] = {row->crf,    row->profile, row->preset,
                               row->params, row->level,   row->gpu};
        for (size_t k = 0; k < GH_LEN(names); k++)
            if (names[k] && !av_opt_find(c->priv_data, names[k], NULL, 0, 0))
                fail_msg("%s has no option %s", row->codec, names[k]);
        if (row->options && av_set_options_string(c->priv_data, row->options, "=", ":") < 0)
            fail_msg("%s does not take %s", row->codec, row->options);
        static const char *const profiles[] = {"baseline", "main", "high"};
        for (size_t k = 0; row->profile && k < GH_LEN(profiles); k++)
            if (av_opt_set(c->priv_data, row->profile, profiles[k], 0) < 0)
                fail_msg("%s has no profile %s", row->codec, profiles[k]);
        avcodec_free_context(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_lie_ends_it),
        cmocka_unit_test(test_a_good_packet_is_taken),
        cmocka_unit_test(test_missing_pictures_and_deaths_are_told),
        cmocka_unit_test(test_what_no_device_is_asked_for),
        cmocka_unit_test(test_a_device_leaves_when_its_child_lies),
        cmocka_unit_test(test_memory_that_can_shrink_is_refused),
        cmocka_unit_test(test_a_device_reaches_its_file_and_no_other),
        cmocka_unit_test(test_pictures_become_packets_and_again),
        cmocka_unit_test(test_libavcodec_knows_what_the_table_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
