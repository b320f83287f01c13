/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static int open_fds(void)
{
    int n = 0;
    for (int fd = 3; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void packets_and_descriptors_arrive_whole(void **state)
{
    (void)state;
    struct gh_err err;
    int s[2];
    OK(gh_wire_pair(s, &err));
    GH_AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    OK(gh_wire_send(s[0], 7, 3, "hello", 5, &null, 1, &err));
    OK(gh_wire_send(s[0], 8, 0, NULL, 0, NULL, 0, &err));
    struct gh_wire_head head;
    char body[64] = "";
    int fds[GH_WIRE_MAX_FDS];
    assert_int_equal(gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err), 1);
    assert_int_equal(head.type, 7);
    assert_int_equal(head.seq, 3);
    assert_int_equal(head.size, 5);
    assert_memory_equal(body, "hello", 5);
    assert_true(fds[0] >= 0 && fds[1] == -1);
    assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    close(fds[0]);
    assert_int_equal(gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err), 1);
    assert_int_equal(head.size, 0);
    close(s[0]);
    assert_int_equal(gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err), 0);
    close(s[1]);
}

static void an_empty_socket_says_again(void **state)
{
    (void)state;
    struct gh_err err;
    int s[2];
    OK(gh_wire_pair(s, &err));
    fcntl(s[1], F_SETFL, O_NONBLOCK);
    struct gh_wire_head head;
    char body[8];
    int fds[GH_WIRE_MAX_FDS];
    FAILS(GH_AGAIN, gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err));
    assert_int_equal(err.code, EAGAIN);
    close(s[0]);
    close(s[1]);
}

/* Whatever the other side sends that is not a packet is refused and leaks no descriptor. */
static void malformed_packets_are_refused(void **state)
{
    (void)state;
    struct gh_err err;
    int s[2];
    OK(gh_wire_pair(s, &err));
    const struct gh_wire_head bad[] = {
        {.magic = 1, .size = 0},
        {.magic = GH_WIRE_MAGIC, .size = 4},           /* claims a body it has not */
        {.magic = GH_WIRE_MAGIC, .size = 0, .fds = 1}, /* claims a descriptor it has not */
    };
    struct gh_wire_head head;
    char body[8];
    int fds[GH_WIRE_MAX_FDS];
    for (size_t i = 0; i < GH_LEN(bad); i++) {
        assert_int_equal(send(s[0], &bad[i], sizeof(bad[i]), 0), sizeof(bad[i]));
        FAILS(GH_INPUT, gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err));
    }
    assert_int_equal(send(s[0], "x", 1, 0), 1);
    FAILS(GH_INPUT, gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err));
    GH_AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int before = open_fds();
    OK(gh_wire_send(s[0], 1, 0, "too long for it", 15, &null, 1, &err));
    FAILS(GH_INPUT, gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err));
    assert_int_equal(open_fds(), before);
    close(s[0]);
    close(s[1]);
}

static void oversized_packets_are_not_sent(void **state)
{
    (void)state;
    struct gh_err err;
    static char big[GH_WIRE_MAX + 1];
    FAILS(GH_BUG, gh_wire_send(-1, 1, 0, big, sizeof(big), NULL, 0, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_and_descriptors_arrive_whole),
        cmocka_unit_test(an_empty_socket_says_again),
        cmocka_unit_test(malformed_packets_are_refused),
        cmocka_unit_test(oversized_packets_are_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
