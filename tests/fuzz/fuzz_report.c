/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker says: any bytes as a packet, as a probe, as a result. What passes the checks must
 * be in range. */
#include "base/contract.h"
#include "base/str.h"
#include "base/wire.h"

#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_packet(const uint8_t *data, size_t size)
{
    int s[2];
    struct gh_err err;
    if (gh_wire_pair(s, &err) < 0)
        return;
    struct gh_wire_head head;
    static char body[4096];
    int fds[GH_WIRE_MAX_FDS];
    if (size && send(s[0], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0 &&
        gh_wire_recv(s[1], &head, body, sizeof(body), fds, &err) > 0 && head.size > sizeof(body))
        __builtin_trap();
    close(s[0]);
    close(s[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_err err;
    struct gh_probe probe = {0};
    struct gh_result result = {0};
    memcpy(&probe, data, GH_MIN(size, sizeof(probe)));
    memcpy(&result, data, GH_MIN(size, sizeof(result)));
    if (gh_probe_check(&probe, &err) == 0 &&
        (strnlen(probe.icc, sizeof(probe.icc)) == sizeof(probe.icc) || probe.orient > 8))
        __builtin_trap();
    if (gh_result_check(&result, 8, &err) == 0 &&
        (result.index >= 8 || !gh_utf8_valid(result.msg, strlen(result.msg))))
        __builtin_trap();
    as_packet(data, size);
    return 0;
}
