/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine against children that lie, die, hang or are killed, and the rules of the nursery. */
#include "tests/unit/engine_fixture.h"

#include <sys/resource.h>

/* ----------------------------------------------------------------------------- hostile children */

static const struct {
    const char *script;
    enum gh_job_end end;
    const char *words;
} deeds[] = {
    {"photo 9 9\nprobe segv\n", GH_END_CRASHED, "SIGSEGV"},
    {"photo 9 9\nrender abort\n", GH_END_CRASHED, "SIGABRT"},
    {"photo 9 9\nrender words\n", GH_END_CRASHED,
     "last words: the decoder is unhappy <U+001B>[31mred"},
    {"photo 9 9\nresult exit 0\n", GH_END_CRASHED, "exit status 0"},
    {"photo 9 9\nrender exit 7\n", GH_END_CRASHED, "exit status 7"},
    {"photo 9 9\nlast segv\n", GH_END_CRASHED, "SIGSEGV"},
    {"photo 9 9\nprobe say-ready\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-done\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-result\n", GH_END_CRASHED, "broke protocol"},
    /* two answers to one question */
    {"photo 9 9\nprobe say-probe\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-text\n", GH_END_CRASHED, "a text instead of a probe"},
    {"photo 9 9\nrender say-text\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-probe-bad\n", GH_END_CRASHED, "impossible orientation"},
    /* nobody asked for one */
    {"photo 9 9\nprobe say-look\n", GH_END_CRASHED, "a look out of turn"},
    {"photo 9 9\nrender say-look-bad\n", GH_END_CRASHED, "impossible look"},
    {"video 9 9 1000\nlast say-look\n", GH_END_CRASHED, "a look out of turn"},
    {"photo 9 9\nprobe say-fd\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-progress-bad\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-failed-bad\n", GH_END_CRASHED, "impossible refusal"},
    {"photo 9 9\nprobe say-system\n", GH_END_CRASHED, "stop everything"},
    {"photo 9 9\nprobe say-short\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-much\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-noise\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-fork\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nrender say-probe\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nrender say-done\n", GH_END_CRASHED, "done before all results"},
    {"photo 9 9\nrender say-result-99\n", GH_END_CRASHED, "impossible result"},
    {"photo 9 9\nrender say-result-bad\n", GH_END_CRASHED, "impossible result"},
    {"photo 9 9\nrender flood 100000\n", GH_END_CRASHED, "a flood of packets"},
    {"photo 9 9\nlast say-result\n", GH_END_CRASHED, "a result twice"},
    {"photo 9 9\npoison\n", GH_END_CRASHED,
     "while checking an output: the worker died: killed by SIGSEGV"},
};

static void hostile_children_cost_one_job(void **state)
{
    (void)state;
    FIXTURE f = setup();
    for (size_t i = 0; i < GH_LEN(deeds); i++)
        submit(f, deeds[i].script);
    struct seen *good = submit(f, "photo 640 480\n");
    run(f);
    for (size_t i = 0; i < GH_LEN(deeds); i++) {
        if (f->seen[i].end != deeds[i].end)
            print_message("deed: %s\n", deeds[i].script);
        /* A sanitizer build keeps its standard error, for its reports. */
        bool no_words = !nursery_info(f)->confined && strstr(deeds[i].words, "last words");
        expect(&f->seen[i], deeds[i].end, no_words ? "SIGABRT" : deeds[i].words);
        assert_int_equal(f->seen[i].good, 0);
    }
    expect(good, GH_END_DONE, "");
    assert_true(gh_engine_healthy(f->engine));
}

static void forbidden_calls_are_death_by_sigsys(void **state)
{
    (void)state;
    FIXTURE f = setup();
    if (!nursery_info(f)->confined) {
        print_message("not confined: a sanitizer build\n");
        return;
    }
    struct seen *socket_call = submit(f, "photo 9 9\nrender socket\n"),
                *fork_call = submit(f, "photo 9 9\nprobe fork\n");
    run(f);
    expect(socket_call, GH_END_CRASHED, "killed by SIGSYS: a system call the sandbox forbids");
    expect(fork_call, GH_END_CRASHED, "killed by SIGSYS");
}

/* A decoder may use many threads (libde265 makes a hundred for one picture); a bomb of them ends at
 * its own limit of memory. */
static void threads_are_bounded_by_memory(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *many = submit(f, "photo 9 9\nrender threads 100\n");
    bool confined = nursery_info(f)->confined;
    struct seen *bomb = confined ? submit(f, "photo 9 9\nrender threads 100000\n") : NULL;
    struct seen *good = submit(f, "photo 9 9\n");
    run(f);
    expect(many, GH_END_DONE, "");
    expect(good, GH_END_DONE, "");
    if (bomb)
        expect(bomb, GH_END_CRASHED, "exit status 6");
}

static void what_was_reported_must_be_what_is_there(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *bytes = submit(f, "photo 9 9\nlie-bytes\n"),
                *size = submit(f, "photo 9 9\nlie-size\n"),
                *crop = submit(f, "photo 9 9\nlie-crop\n");
    run(f);
    assert_int_equal(bytes->good + size->good + crop->good, 0);
    assert_non_null(strstr(crop->output_err.msg, "of a source of"));
    assert_non_null(strstr(bytes->output_err.msg, "were reported"));
    assert_non_null(strstr(size->output_err.msg, "was reported"));
    struct seen *black = submit(f, "video 9 9 1000\nturn-black\n");
    run(f);
    expect(black, GH_END_DONE, "");
    assert_int_equal(black->good, 0);
    assert_string_equal(
        black->output_err.msg,
        "the output is not like its source: black at 0.00 s, where the source is not");
    verify_fails = true;
    struct seen *limit = submit(f, "photo 9 9\n");
    run(f);
    expect(limit, GH_END_DONE, "");
    assert_int_equal(limit->good, 0);
    assert_string_equal(limit->output_err.msg,
                        "the output breaks a limit of test.photo: size 100 > 10");
}

static void no_output_fills_the_disk(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_bytes = 1000000;
    struct seen *big = submit(f, "photo 9 9\nrender big 80\n"),
                *within = submit(f, "photo 9 9\nrender big 50\nlast big 0\n");
    run(f);
    expect(big, GH_END_INPUT, "an output would be larger than");
    assert_int_equal(big->err.cls, GH_LIMIT);
    /* Cut to nothing after it was reported: the file is not what was said. */
    expect(within, GH_END_DONE, "");
    assert_int_equal(within->good, 1);
}

static void hanging_and_greedy_children_are_stopped(void **state)
{
    (void)state;
    struct gh_engine_conf c = conf();
    c.silence_ms = 600;
    c.limits.cpu_s = 1;
    c.limits.wall_s = 8;
    c.limits.memory_bytes = 1700000000;
    c.jobs = 8;
    FIXTURE f = setup_with(&c);
    bool confined = nursery_info(f)->confined;
    struct seen *hang = submit(f, "photo 9 9\nrender hang\n"),
                *stopped = submit(f, "photo 9 9\nprobe stop\n");
    struct seen *spin = submit(f, "photo 9 9\nrender spin\n"),
                *wall = submit(f, "photo 9 9\nrender beat 30000\n");
    struct seen *slow = submit(f, "photo 9 9\nrender beat 1500\n");
    struct seen *grow = confined ? submit(f, "photo 9 9\nrender grow 3000\n") : NULL;
    run(f);
    expect(hang, GH_END_CRASHED, "no progress");
    expect(stopped, GH_END_CRASHED, "no progress");
    expect(spin, GH_END_INPUT, "more than 1 seconds of computing");
    assert_int_equal(spin->err.cls, GH_LIMIT);
    expect(wall, GH_END_INPUT, "more than 8 seconds of time");
    assert_int_equal(wall->err.cls, GH_LIMIT);
    expect(slow, GH_END_DONE, "");
    assert_true(slow->progress >= 4 && slow->progress <= 8);
    if (grow)
        expect(grow, GH_END_CRASHED, "SIGABRT");
}

/* ---------------------------------------------------------------------------------- what /proc
 * says */

static size_t read_proc(pid_t pid, const char *what, char *ret, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);
    gh_close_fd(&fd);
    ret[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

/* The nursery is the only child of this process. */
static pid_t nursery_pid(void)
{
    char what[40], text[40];
    snprintf(what, sizeof(what), "task/%d/children", (int)getpid());
    read_proc(getpid(), what, text, sizeof(text));
    pid_t pid = (pid_t)atoi(text);
    assert_true(pid > 0);
    return pid;
}

/* -------------------------------------------------------------------------- deaths from outside */

static void kill_child(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct fixture *f = arg;
    pid_t pid = child_pid(f->jobs[0]);
    assert_true(pid > 0);
    kill(pid, SIGKILL);
}

static void a_killed_child_is_a_strike(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *s = submit(f, "photo 9 9\nrender hang\n");
    gh_loop_after(f->loop, 300, kill_child, f);
    run(f);
    expect(s, GH_END_CRASHED, "SIGKILL");
}

static void kill_nursery(struct gh_loop *loop, void *arg)
{
    (void)loop, (void)arg;
    kill(nursery_pid(), SIGKILL);
}

static bool healthy(void *arg)
{
    return gh_engine_healthy(((struct fixture *)arg)->engine);
}

static bool unhealthy(void *arg)
{
    return !healthy(arg);
}

static void a_killed_nursery_is_our_fault_and_comes_back(void **state)
{
    (void)state;
    FIXTURE f = setup();
    pid_t first = nursery_pid();
    struct seen *s = submit(f, "photo 9 9\nrender hang\n");
    gh_loop_after(f->loop, 300, kill_nursery, f);
    gh_loop_run_until(f->loop, unhealthy, f);
    struct seen *waiting = submit(f, "photo 9 9\n");
    run(f);
    expect(s, GH_END_OURS, "the nursery ended: killed by SIGKILL");
    expect(waiting, GH_END_DONE, "");
    assert_int_equal(waiting->good, 2);
    assert_int_not_equal(nursery_pid(), first);
}

/* -------------------------------------------------------------------------- the nursery's rules */

/* The number after name, in a file of the kind of /proc/PID/status or /proc/PID/limits. */
static unsigned long long proc_number(pid_t pid, const char *what, const char *name, int base)
{
    char text[8192];
    read_proc(pid, what, text, sizeof(text));
    const char *at = strstr(text, name);
    if (!at)
        fail_msg("no \"%s\" in /proc/%d/%s", name, (int)pid, what);
    return strtoull(at + strlen(name), NULL, base);
}

static void the_nursery_has_one_thread_and_a_clean_environment(void **state)
{
    (void)state;
    setenv("LANG", "bn_IN.UTF-8", 1);
    FIXTURE f = setup();
    (void)f;
    pid_t pid = nursery_pid();
    assert_int_equal(proc_number(pid, "status", "Threads:", 10), 1);
    assert_int_equal(proc_number(pid, "status", "NoNewPrivs:", 10), 1);
    char text[4096];
    size_t n = read_proc(pid, "environ", text, sizeof(text)), vars = 0;
    for (size_t i = 0; i < n; i += strlen(text + i) + 1) {
        const char *known = "MALLOC_ARENA_MAX=2 VIPS_NOVECTOR=1 LC_ALL=C.UTF-8 TZ=UTC "
                            "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";
        vars += strstr(known, text + i) != NULL;
        assert_true(strstr(known, text + i) || strstr(text + i, "SAN_OPTIONS="));
    }
    assert_int_equal(vars, 5);
}

/* Every job is where its script hangs: in the answer to a probe, or after a plan, whose limits it
 * has by then. */
static bool all_hang(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < f->n; i++)
        if (!f->seen[i].ready || f->seen[i].planned != f->seen[i].hangs_planned)
            return false;
    return true;
}

static void run_until_all_hang(struct fixture *f)
{
    uint64_t timer = gh_loop_after(f->loop, 60000, too_long, NULL);
    assert_int_equal(gh_loop_run_until(f->loop, all_hang, f), 0);
    gh_loop_cancel(f->loop, &timer);
}

static void a_child_is_walled_in_and_its_limits_follow_the_picture(void **state)
{
    (void)state;
    struct gh_engine_conf c = conf();
    c.jobs = 3;
    FIXTURE f = setup_with(&c);
    const struct gh_up *up = nursery_info(f);
    submit(f, "photo 1000 1000\nprobe hang\n");
    submit(f, "photo 10000 6000\nrender hang\n")->hangs_planned = 1;
    submit(f, "video 1920 1080 10000\nrender hang\n")->hangs_planned = 1;
    run_until_all_hang(f);
    unsigned long long as[3], cpu[3];
    for (int i = 0; i < 3; i++) {
        pid_t pid = child_pid(f->jobs[i]);
        assert_true(pid > 0);
        as[i] = proc_number(pid, "limits", "Max address space", 10);
        cpu[i] = proc_number(pid, "limits", "Max cpu time", 10);
        assert_int_equal(proc_number(pid, "limits", "Max open files", 10), 288);
        assert_int_equal(proc_number(pid, "limits", "Max core file size", 10), 0);
        assert_int_equal(proc_number(pid, "limits", "Max file size", 10), c.limits.output_bytes);
        assert_int_equal(proc_number(pid, "status", "NoNewPrivs:", 10), 1);
        assert_int_equal(proc_number(pid, "status", "CapPrm:", 16), 0);
        assert_int_equal(proc_number(pid, "status", "Seccomp:", 10), up->confined ? 2 : 0);
        assert_int_equal(proc_number(pid, "oom_score_adj", "", 10), 1000);
        char stat[1024];
        read_proc(pid, "stat", stat, sizeof(stat));
        int nice = -1;
        assert_int_equal(
            sscanf(strrchr(stat, ')') + 1,
                   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %d", &nice),
            1);
        assert_int_equal(nice, i == 2 ? 10 : getpriority(PRIO_PROCESS, 0));
    }
    if (up->confined) {
        assert_true(as[0] > up->vm_bytes + 1000000000 && as[0] < as[1]);
        assert_in_range(as[1], up->vm_bytes + 2460000000 - 4096, up->vm_bytes + 2460000000);
        assert_in_range(as[2], up->vm_bytes + c.limits.memory_bytes - 4096,
                        up->vm_bytes + c.limits.memory_bytes);
    }
    assert_int_equal(cpu[0], 30);
    assert_int_equal(cpu[1], c.limits.cpu_s);
    assert_true(cpu[2] > 600);
}

static bool gone(pid_t pid)
{
    char text[64];
    for (int i = 0; i < 200; i++) {
        /* A zombie waits for init, which is not ours to hurry. */
        if (!read_proc(pid, "stat", text, sizeof(text)) || strstr(text, ") Z"))
            return true;
        usleep(10000);
    }
    return false;
}

static void children_die_with_their_nursery(void **state)
{
    (void)state;
    FIXTURE f = setup();
    submit(f, "photo 9 9\nrender hang\n")->hangs_planned = 1;
    run_until_all_hang(f);
    pid_t pid = child_pid(f->jobs[0]);
    assert_true(pid > 0);
    kill(nursery_pid(), SIGKILL);
    assert_true(gone(pid));
}

int main(int argc, char **argv)
{
    (void)argc;
    if (!find_worker(argv[0]))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_children_cost_one_job),
        cmocka_unit_test(forbidden_calls_are_death_by_sigsys),
        cmocka_unit_test(threads_are_bounded_by_memory),
        cmocka_unit_test(what_was_reported_must_be_what_is_there),
        cmocka_unit_test(no_output_fills_the_disk),
        cmocka_unit_test(hanging_and_greedy_children_are_stopped),
        cmocka_unit_test(a_killed_child_is_a_strike),
        cmocka_unit_test(a_killed_nursery_is_our_fault_and_comes_back),
        cmocka_unit_test(the_nursery_has_one_thread_and_a_clean_environment),
        cmocka_unit_test(a_child_is_walled_in_and_its_limits_follow_the_picture),
        cmocka_unit_test(children_die_with_their_nursery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
