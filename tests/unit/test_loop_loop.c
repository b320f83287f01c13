/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop, its timers and its pool, against real descriptors and the real clock. */
#include "daemon/loop/loop.h"

#include "base/alive.h"
#include "base/clock.h"
#include "daemon/loop/timers_int.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>

#include <cmocka.h>

static struct gh_loop *new_loop(void)
{
    struct gh_loop *loop = NULL;
    struct gh_err err = {0};
    assert_int_equal(gh_loop_new(&loop, &err), 0);
    return loop;
}

/* Callbacks take a plain pointer. */
#define TEXT(literal) ((void *)(uintptr_t)(literal))

static char trace[256];

static void mark(const char *text)
{
    strncat(trace, text, sizeof(trace) - strlen(trace) - 1);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    (void)loop;
    mark(arg);
}

static void on_last(struct gh_loop *loop, void *arg)
{
    mark(arg);
    gh_loop_quit(loop, 7);
}

static void timers_fire_in_order_of_time(void **state)
{
    (void)state;
    GH_AUTO(gh_loop_free) struct gh_loop *loop = new_loop();
    trace[0] = 0;
    int64_t start = gh_mono_us();
    gh_loop_after(loop, 30, on_last, TEXT("d"));
    gh_loop_after(loop, 10, on_timer, TEXT("b"));
    gh_loop_after(loop, 0, on_timer, TEXT("a"));
    uint64_t dropped = gh_loop_after(loop, 15, on_timer, TEXT("x"));
    gh_loop_after(loop, 20, on_timer, TEXT("c"));
    gh_loop_cancel(loop, &dropped);
    assert_int_equal(dropped, 0);
    gh_loop_cancel(loop, &dropped);
    assert_int_equal(gh_loop_run(loop), 7);
    assert_string_equal(trace, "abcd");
    assert_true(gh_mono_us() - start >= 30000);
}

static int order_seen[4000], n_seen;
static int due_of[4000];

static void on_due(struct gh_loop *loop, void *arg)
{
    (void)loop;
    order_seen[n_seen++] = (int)(intptr_t)arg;
}

/* Many timers, half of them cancelled: the others come by time, equal ones in the order they were
 * armed. */
static void many_timers_keep_their_order(void **state)
{
    (void)state;
    struct gh_timers t = {0};
    static uint64_t ids[4000];
    unsigned seed = 1;
    for (int i = 0; i < 4000; i++) {
        seed = seed * 1103515245 + 12345;
        due_of[i] = (int)(seed >> 16 & 255);
        ids[i] = gh_timers_add(&t, due_of[i], on_due, (void *)(intptr_t)i);
    }
    for (int i = 0; i < 4000; i += 2) {
        gh_timers_cancel(&t, ids[i]);
        gh_timers_cancel(&t, ids[i]);
    }
    n_seen = 0;
    gh_timers_run(&t, 127, NULL);
    int first = n_seen;
    assert_int_equal(gh_timers_wait(&t, 127), 1);
    gh_timers_run(&t, 1000, NULL);
    assert_int_equal(n_seen, 2000);
    for (int i = 0; i < n_seen; i++) {
        assert_int_equal(order_seen[i] % 2, 1);
        assert_true(i < first ? due_of[order_seen[i]] <= 127 : due_of[order_seen[i]] > 127);
        if (i && due_of[order_seen[i]] == due_of[order_seen[i - 1]])
            assert_true(order_seen[i] > order_seen[i - 1]);
        else if (i)
            assert_true(due_of[order_seen[i]] > due_of[order_seen[i - 1]]);
    }
    assert_int_equal(gh_timers_wait(&t, 0), -1);
    uint64_t reused = gh_timers_add(&t, 1, on_due, NULL);
    assert_int_not_equal(reused, ids[order_seen[n_seen - 1]]);
    for (int i = 0; i < 4000; i++)
        gh_timers_cancel(&t, ids[i]);
    assert_int_equal(gh_timers_wait(&t, 0), 1);
    gh_timers_free(&t);
}

static int rearmed;

static void on_rearm(struct gh_loop *loop, void *arg)
{
    if (++rearmed == 3)
        assert_int_equal(write(*(int *)arg, "z", 1), 1);
    gh_loop_after(loop, 0, on_rearm, arg);
}

static void on_pipe(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    char c;
    assert_true(events & EPOLLIN);
    assert_int_equal(read(fd, &c, 1), 1);
    gh_loop_unwatch(loop, fd);
    *(char *)arg = c;
    gh_loop_quit(loop, 0);
}

/* A timer of 0 ms that arms itself again must not keep descriptors from being served. */
static void a_busy_timer_starves_nobody(void **state)
{
    (void)state;
    GH_AUTO(gh_loop_free) struct gh_loop *loop = new_loop();
    struct gh_err err;
    int p[2];
    char got = 0;
    assert_int_equal(pipe(p), 0);
    assert_int_equal(gh_loop_watch(loop, p[0], EPOLLIN, on_pipe, &got, &err), 0);
    gh_loop_after(loop, 0, on_rearm, &p[1]);
    gh_loop_run(loop);
    assert_int_equal(got, 'z');
    assert_true(rearmed >= 3);
    close(p[0]);
    close(p[1]);
}

struct pair {
    int a[2], b[2];
    int calls;
};

static void on_other(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)loop, (void)fd, (void)events, (void)arg;
    fail_msg("an event of a closed descriptor was delivered to its successor");
}

static void on_first(struct gh_loop *loop, int fd, uint32_t events, void *arg)
{
    (void)events;
    struct pair *pair = arg;
    struct gh_err err;
    int other = fd == pair->a[0] ? pair->b[0] : pair->a[0];
    pair->calls++;
    gh_loop_unwatch(loop, other);
    close(other);
    int fresh[2];
    assert_int_equal(pipe(fresh), 0); /* takes the closed number */
    assert_int_equal(fresh[0], other);
    assert_int_equal(gh_loop_watch(loop, fresh[0], EPOLLIN, on_other, NULL, &err), 0);
    gh_loop_unwatch(loop, fd);
    gh_loop_after(loop, 5, on_last, TEXT(""));
}

static void events_of_a_closed_descriptor_are_dropped(void **state)
{
    (void)state;
    GH_AUTO(gh_loop_free) struct gh_loop *loop = new_loop();
    struct gh_err err;
    struct pair pair = {0};
    assert_int_equal(pipe(pair.a) | pipe(pair.b), 0);
    assert_int_equal(write(pair.a[1], "1", 1) + write(pair.b[1], "2", 1), 2);
    assert_int_equal(gh_loop_watch(loop, pair.a[0], EPOLLIN, on_first, &pair, &err), 0);
    assert_int_equal(gh_loop_watch(loop, pair.b[0], EPOLLIN, on_first, &pair, &err), 0);
    gh_loop_run(loop);
    assert_int_equal(pair.calls, 1);
}

static void on_usr1(struct gh_loop *loop, int signo, void *arg)
{
    *(int *)arg = signo;
    gh_loop_quit(loop, 0);
}

static void signals_arrive_in_the_loop(void **state)
{
    (void)state;
    GH_AUTO(gh_loop_free) struct gh_loop *loop = new_loop();
    struct gh_err err;
    int got = 0;
    assert_int_equal(gh_loop_signal(loop, SIGUSR1, on_usr1, &got, &err), 0);
    assert_int_equal(gh_loop_signal(loop, SIGUSR2, on_usr1, &got, &err), 0);
    kill(getpid(), SIGUSR2);
    gh_loop_run(loop);
    assert_int_equal(got, SIGUSR2);
}

static atomic_int worked;
static int delivered;

static void work(void *arg)
{
    (void)arg;
    atomic_fetch_add(&worked, 1);
}

static void done(struct gh_loop *loop, void *arg)
{
    (void)loop, (void)arg;
    delivered++;
}

static bool all_delivered(void *arg)
{
    (void)arg;
    return delivered == 500;
}

static void pool_work_is_done_once_and_delivered(void **state)
{
    (void)state;
    GH_AUTO(gh_loop_free) struct gh_loop *loop = new_loop();
    worked = delivered = 0;
    for (int i = 0; i < 500; i++)
        gh_loop_submit(loop, work, done, NULL);
    gh_loop_run_until(loop, all_delivered, NULL);
    assert_int_equal(worked, 500);
    for (int i = 0; i < 50; i++)
        gh_loop_submit(loop, work, done, NULL);
    gh_loop_free(&loop);
    assert_int_equal(worked, 550);
    assert_int_equal(delivered, 550);
}

static atomic_int met;

static void meet(void *arg)
{
    (void)arg;
    atomic_fetch_add(&met, 1);
    for (int i = 0; i < 5000 && met < 3; i++)
        usleep(1000);
}

/* Three jobs that wait for each other: they only end when they run beside each other. */
static void pool_works_side_by_side(void **state)
{
    (void)state;
    struct gh_loop *loop = new_loop();
    int64_t start = gh_mono_ms();
    for (int i = 0; i < 3; i++)
        gh_loop_submit(loop, meet, NULL, NULL);
    gh_loop_free(&loop);
    assert_true(gh_mono_ms() - start < 4000);
}

static atomic_int may_end, beats;

static void work_on(void *arg)
{
    while (!atomic_load(&may_end)) {
        usleep(1000);
        if (arg) {
            gh_alive();
            atomic_fetch_add(&beats, 1);
        }
    }
}

static void let_end(struct gh_loop **loop)
{
    atomic_store(&may_end, 1);
    gh_loop_free(loop);
    atomic_store(&may_end, 0);
}

/* Work that gets on is not stalled, however long it takes; beside it, work that hangs is, and for
 * as long as it hangs. */
static void what_hangs_in_the_pool_is_told_from_long_work(void **state)
{
    (void)state;
    struct gh_loop *loop = new_loop();
    assert_int_equal(gh_loop_stalled_ms(loop), 0);
    gh_loop_submit(loop, work_on, NULL, TEXT("gets on"));
    int64_t start = gh_mono_ms(), longest = 0;
    while (atomic_load(&beats) < 200)
        longest = GH_MAX(longest, gh_loop_stalled_ms(loop));
    int64_t took = gh_mono_ms() - start;
    assert_true(took >= 200);
    assert_true(longest < took); /* a sign of life in between counted */
    gh_loop_submit(loop, work_on, NULL, NULL);
    start = gh_mono_ms();
    while (gh_loop_stalled_ms(loop) <= took && gh_mono_ms() - start < 60000)
        usleep(1000);
    assert_true(gh_loop_stalled_ms(loop) > took);
    let_end(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_of_time),
        cmocka_unit_test(many_timers_keep_their_order),
        cmocka_unit_test(a_busy_timer_starves_nobody),
        cmocka_unit_test(events_of_a_closed_descriptor_are_dropped),
        cmocka_unit_test(signals_arrive_in_the_loop),
        cmocka_unit_test(pool_work_is_done_once_and_delivered),
        cmocka_unit_test(pool_works_side_by_side),
        cmocka_unit_test(what_hangs_in_the_pool_is_told_from_long_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
