/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A conversation: the input is cut into packets that a child sends while its parent probes, renders
 * and drops it. Whatever comes, the owner hears of one end at most, and only of results that are in
 * range.
 */
#include "base/wire.h"
#include "daemon/engine/child_hear_int.h"

#include "base/clock.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned ends, answers;

static void check(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static void on_ready(void *arg, int64_t us)
{
    (void)arg, (void)us;
}

static void on_fingerprint(void *arg, uint32_t index, const struct gh_fingerprint *look)
{
    (void)arg, (void)look;
    check(index < 3);
}

static void on_probed(void *arg, const struct gh_probe *probe)
{
    struct gh_err err;
    (void)arg;
    answers++;
    check(gh_probe_check(probe, &err) == 0);
}

static void on_refused(void *arg, const struct gh_err *err)
{
    (void)arg;
    answers++;
    check(err->cls != GH_OK && err->cls != GH_SYSTEM && err->cls != GH_CONFIG &&
          gh_utf8_valid(err->msg, strlen(err->msg)));
}

static void on_progress(void *arg, unsigned permille)
{
    (void)arg;
    check(permille <= 1000);
}

static void on_result(void *arg, const struct gh_result *result)
{
    struct gh_err err;
    (void)arg;
    check(gh_result_check(result, 3, &err) == 0 && result->cls != GH_SYSTEM);
}

static void on_done(void *arg)
{
    (void)arg;
    answers++;
}

static void on_gone(void *arg, enum gh_job_end end, const struct gh_err *err)
{
    (void)arg, (void)end;
    check(++ends == 1 && gh_utf8_valid(err->msg, strlen(err->msg)));
}

static const struct gh_child_ops ops = {.ready = on_ready,
                                        .fingerprint = on_fingerprint,
                                        .probed = on_probed,
                                        .refused = on_refused,
                                        .progress = on_progress,
                                        .result = on_result,
                                        .done = on_done,
                                        .gone = on_gone};

/* First byte: the phase; then packets, each after two bytes of length, sent as they are or, where
 * the top bit is set, with an honest head. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gh_loop *loop;
    struct gh_err err;
    int pair[2];
    if (!size || (!loop && gh_loop_new(&loop, &err) < 0) || gh_wire_pair(pair, &err) < 0)
        return 0;
    struct gh_children children = {.loop = loop, .conf = {.silence_ms = 60000, .header_ms = 60000}};
    struct gh_child w = {
        .children = &children, .ops = &ops, .sock = pair[0], .log = -1, .pidfd = -1, .encodes = 3};
    static const enum phase phases[] = {STARTING, IDLE, PROBING, RENDERING, LEAVING};
    w.phase = phases[data[0] % GH_LEN(phases)];
    w.heard_ms = w.begun_ms = gh_mono_ms();
    ends = answers = 0;
    check(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0);
    data++;
    size--;
    while (size > 2 && w.sock >= 0) {
        size_t n = GH_MIN((size_t)(data[0] | (data[1] & 0x7f) << 8), size - 2);
        if (data[1] & 0x80 && n >= 2)
            (void)!gh_wire_send(pair[1], data[2] % 16, data[3], data + 4, n - 2, NULL, 0, &err);
        else
            (void)!send(pair[1], data + 2, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (gh_child_hear(&w))
            ;
        data += n + 2;
        size -= n + 2;
    }
    check(answers <= 1 || w.phase == IDLE || w.phase == LEAVING);
    gh_child_hang_up(&w);
    gh_close_fd(&pair[1]);
    return 0;
}
