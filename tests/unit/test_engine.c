/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine with a worker whose pipeline does what the input tells it (tests/sandbox/stub_pipeline.c): sandbox, nursery, protocol
 * and supervision are real. Planner and verifier are stand-ins, so that a plan of any shape can be asked for.
 */
#include "tests/unit/test.h"

#include "base/clock.h"
#include "daemon/engine.h"
#include "daemon/nursery.h"

#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_JOBS 300

/* ------------------------------------------------------------------------------------------------ stand-ins */

static unsigned plan_encodes = 2;
static bool plan_full, verify_fails;
static const struct gh_profile profile = {.name = "test.photo"};

int gh_plan_make(const struct gh_probe *probe, const struct gh_profiles *profiles, const struct gh_plan_opts *opts,
                 struct gh_plan *ret, struct gh_err *err)
{
    (void)profiles, (void)opts;
    if (probe->w == 666)
        return gh_fail(err, GH_SKIP, "nothing can be made of it");
    memset(ret, 0, sizeof *ret);
    ret->n_encodes = ret->n_places = plan_encodes;
    for (uint32_t i = 0; i < plan_encodes; i++) {
        struct gh_recipe *r = &ret->encodes[i];
        r->media = probe->media;
        r->pic.canvas_w = 100 + i;
        r->pic.canvas_h = 50;
        if (i < GH_PLAN_MAX_PLACES)
            ret->places[i] = (struct gh_place){.profile = &profile, .parts = 1, .encode = {i}};
    }
    ret->n_places = GH_MIN(plan_encodes, GH_PLAN_MAX_PLACES);
    ret->need_full_probe = plan_full;
    return 0;
}

int gh_verify(const struct gh_probe *out, const struct gh_profile *prof, const struct gh_recipe *recipe,
              struct gh_check ret_checks[GH_CHECKS], size_t *ret_n)
{
    (void)prof;
    bool pass = !verify_fails && out->w == recipe->pic.canvas_w;
    ret_checks[0] = (struct gh_check){.limit = "size", .pass = pass, .text = "100 > 10"};
    *ret_n = 1;
    return !pass;
}

/* ------------------------------------------------------------------------------------------------ a fixture */

static char worker[PATH_MAX];
static const struct gh_profiles no_profiles;

struct seen {
    int ready, probed, planned, progress, outputs, good, ended, number;
    enum gh_job_end end;
    enum gh_media media;
    struct gh_err err, output_err;
    int64_t ready_us, ended_ms;
    char sha[GH_SHA_HEX];
    bool drop_plan, cancel_at_plan;
};

struct fixture {
    struct gh_loop *loop;
    struct gh_engine *engine;
    struct test_dir dir;
    struct seen seen[MAX_JOBS];
    struct gh_job *jobs[MAX_JOBS];
    int n;
};

static int order; /* of ends */

static void on_ready(struct gh_job *job, int64_t us, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->ready++;
    s->ready_us = us;
}
static void on_probe(struct gh_job *job, const struct gh_probe *probe, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->probed++;
    s->media = (enum gh_media)probe->media;
}
static bool on_plan(struct gh_job *job, const struct gh_plan *plan, void *arg)
{
    struct seen *s = arg;
    s->planned++;
    assert_int_equal(plan->n_encodes, plan_encodes);
    if (s->cancel_at_plan)
        gh_job_cancel(job);
    return !s->drop_plan;
}
static void on_progress(struct gh_job *job, unsigned permille, void *arg)
{
    (void)job;
    assert_true(permille <= 1000);
    ((struct seen *)arg)->progress++;
}
static void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *out, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->outputs++;
    if (out->fd < 0) {
        s->output_err = out->err;
        assert_int_not_equal(out->err.cls, GH_OK);
        return;
    }
    char sha[GH_SHA_HEX];
    struct gh_err err;
    uint64_t bytes = 0;
    OK(gh_hash_fd(out->fd, sha, &bytes, &err));
    assert_string_equal(sha, out->sha256);
    assert_int_equal(bytes, out->bytes);
    assert_int_equal(out->probe.w, plan->encodes[out->encode].pic.canvas_w);
    assert_int_equal(out->probe.checked, GH_PROBE_PACKETS);
    GH_COPY(s->sha, sha);
    s->good++;
}
static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->ended++;
    s->number = ++order;
    s->end = end;
    s->err = *err;
    s->ended_ms = gh_mono_ms();
}
static const struct gh_job_ops ops = {.on_ready = on_ready, .on_probe = on_probe, .on_plan = on_plan,
                                      .on_progress = on_progress, .on_output = on_output, .on_end = on_end};

static struct gh_engine_conf conf(void)
{
    return (struct gh_engine_conf){.worker = worker, .jobs = 2, .video_jobs = 1, .limits = gh_limits_default()};
}

static struct fixture *setup_with(const struct gh_engine_conf *c)
{
    struct fixture *f = gh_alloc(sizeof *f);
    struct gh_err err;
    f->dir = test_dir_new();
    plan_encodes = 2;
    plan_full = verify_fails = false;
    order = 0;
    OK(gh_loop_new(&f->loop, &err));
    OK(gh_engine_open(f->loop, c, &f->engine, &err));
    return f;
}

static struct fixture *setup(void)
{
    struct gh_engine_conf c = conf();
    return setup_with(&c);
}

static void teardown(struct fixture **f)
{
    gh_engine_close(&(*f)->engine);
    gh_loop_free(&(*f)->loop);
    test_dir_free(&(*f)->dir);
    free(*f);
}
#define FIXTURE __attribute__((cleanup(teardown))) struct fixture *

static struct seen *submit_as(struct fixture *f, const char *script, enum gh_job_goal goal, bool urgent)
{
    struct gh_err err;
    int fd = -1;
    OK(gh_tmpfile(f->dir.fd, &fd, &err));
    OK(gh_write_all(fd, script, strlen(script), &err));
    const struct gh_job_req req = {
        .in_fd = fd, .out_dir = f->dir.fd, .goal = goal, .profiles = &no_profiles, .urgent = urgent};
    struct seen *s = &f->seen[f->n];
    OK(gh_engine_submit(f->engine, &req, &ops, s, &f->jobs[f->n], &err));
    f->n++;
    return s;
}

static struct seen *submit(struct fixture *f, const char *script)
{
    return submit_as(f, script, GH_GOAL_RENDER, false);
}

static bool all_ended(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < f->n; i++)
        if (!f->seen[i].ended)
            return false;
    return true;
}

static void too_long(struct gh_loop *loop, void *arg)
{
    (void)arg;
    gh_loop_quit(loop, 99);
}

static void run(struct fixture *f)
{
    uint64_t timer = gh_loop_after(f->loop, 60000, too_long, NULL);
    assert_int_equal(gh_loop_run_until(f->loop, all_ended, f), 0);
    gh_loop_cancel(f->loop, &timer);
    for (int i = 0; i < f->n; i++)
        assert_int_equal(f->seen[i].ended, 1);
    assert_int_equal(gh_engine_running(f->engine), 0);
    assert_int_equal(gh_engine_waiting(f->engine), 0);
}

static void expect(const struct seen *s, enum gh_job_end end, const char *words)
{
    if (s->end != end || !strstr(s->err.msg, words))
        fail_msg("end %d \"%s\", expected %d with \"%s\"", s->end, s->err.msg, end, words);
}

/* ------------------------------------------------------------------------------------------------ ordinary work */

static void a_photo_becomes_checked_outputs(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *s = submit(f, "photo 640 480\n");
    run(f);
    expect(s, GH_END_DONE, "");
    assert_int_equal(s->ready + s->probed + s->planned, 3);
    assert_int_equal(s->good, 2);
    assert_int_equal(s->media, GH_PHOTO);
}

static void goals_end_where_they_say(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *probe = submit_as(f, "photo 640 480\n", GH_GOAL_PROBE, false);
    struct seen *plan = submit_as(f, "video 640 480 1000\n", GH_GOAL_PLAN, false);
    struct seen *dropped = submit(f, "photo 640 480\n");
    dropped->drop_plan = true;
    struct seen *cancelled = submit(f, "photo 640 480\n");
    cancelled->cancel_at_plan = true;
    run(f);
    expect(probe, GH_END_DONE, "");
    assert_int_equal(probe->probed * 10 + probe->planned, 10);
    expect(plan, GH_END_DONE, "");
    assert_int_equal(plan->planned * 10 + plan->outputs, 10);
    expect(dropped, GH_END_DONE, "");
    assert_int_equal(dropped->outputs, 0);
    expect(cancelled, GH_END_CANCELLED, "cancelled");
    assert_int_equal(cancelled->outputs, 0);
}

static void refusals_keep_their_class(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *unknown = submit(f, "something else");
    struct seen *unplanned = submit(f, "photo 666 1\n");
    struct seen *damaged = submit(f, "photo 640 480\nrefuse-all\n");
    struct seen *one = submit(f, "photo 640 480\nrefuse-first\n");
    run(f);
    expect(unknown, GH_END_INPUT, "not a script");
    assert_int_equal(unknown->err.cls, GH_INPUT);
    expect(unplanned, GH_END_INPUT, "nothing can be made of it");
    assert_int_equal(unplanned->err.cls, GH_SKIP);
    expect(damaged, GH_END_INPUT, "damaged");
    expect(one, GH_END_DONE, "");
    assert_int_equal(one->outputs, 2);
    assert_int_equal(one->good, 1);
    assert_int_equal(one->output_err.cls, GH_LIMIT);
    assert_string_equal(one->output_err.msg, "too small a limit");
}

static void sixty_four_encodes_fit_in_one_job(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_encodes = GH_JOB_MAX_ENCODES;
    struct seen *s = submit(f, "photo 640 480\n");
    run(f);
    expect(s, GH_END_DONE, "");
    assert_int_equal(s->good, GH_JOB_MAX_ENCODES);
}

static void many_jobs_all_end(void **state)
{
    (void)state;
    FIXTURE f = setup();
    for (int i = 0; i < MAX_JOBS; i++)
        submit(f, i % 50 == 7 ? "photo 640 480\nrender segv\n" : i % 50 == 9 ? "video 64 48 100\n" : "photo 640 480\n");
    run(f);
    for (int i = 0; i < MAX_JOBS; i++)
        assert_int_equal(f->seen[i].end, i % 50 == 7 ? GH_END_CRASHED : GH_END_DONE);
}

/* ------------------------------------------------------------------------------------------------ hostile children */

static const struct {
    const char *script;
    enum gh_job_end end;
    const char *words;
} deeds[] = {
    {"photo 9 9\nprobe segv\n", GH_END_CRASHED, "SIGSEGV"},
    {"photo 9 9\nrender abort\n", GH_END_CRASHED, "SIGABRT"},
    {"photo 9 9\nrender words\n", GH_END_CRASHED, "last words: the decoder is unhappy <U+001B>[31mred"},
    {"photo 9 9\nresult exit 0\n", GH_END_CRASHED, "exit status 0"},
    {"photo 9 9\nrender exit 7\n", GH_END_CRASHED, "exit status 7"},
    {"photo 9 9\nlast segv\n", GH_END_CRASHED, "SIGSEGV"},
    {"photo 9 9\nprobe say-ready\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-done\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-result\n", GH_END_CRASHED, "broke protocol"},
    {"photo 9 9\nprobe say-probe\n", GH_END_CRASHED, "broke protocol"}, /* two answers to one question */
    {"photo 9 9\nprobe say-probe-bad\n", GH_END_CRASHED, "impossible orientation"},
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
    {"photo 9 9\nlast say-result\n", GH_END_CRASHED, "a result twice"},
    {"photo 9 9\npoison\n", GH_END_CRASHED, "while checking an output: the worker died: killed by SIGSEGV"},
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
        bool no_words = !gh_engine_info(f->engine)->confined && strstr(deeds[i].words, "last words");
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
    if (!gh_engine_info(f->engine)->confined) {
        print_message("not confined: a sanitizer build\n");
        return;
    }
    struct seen *socket_call = submit(f, "photo 9 9\nrender socket\n"), *fork_call = submit(f, "photo 9 9\nprobe fork\n");
    run(f);
    expect(socket_call, GH_END_CRASHED, "killed by SIGSYS: a system call the sandbox forbids");
    expect(fork_call, GH_END_CRASHED, "killed by SIGSYS");
}

static void what_was_reported_must_be_what_is_there(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *bytes = submit(f, "photo 9 9\nlie-bytes\n"), *size = submit(f, "photo 9 9\nlie-size\n");
    run(f);
    assert_int_equal(bytes->good + size->good, 0);
    assert_non_null(strstr(bytes->output_err.msg, "were reported"));
    assert_non_null(strstr(size->output_err.msg, "was reported"));
    verify_fails = true;
    struct seen *limit = submit(f, "photo 9 9\n");
    run(f);
    expect(limit, GH_END_DONE, "");
    assert_int_equal(limit->good, 0);
    assert_string_equal(limit->output_err.msg, "the output breaks a limit of test.photo: size 100 > 10");
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
    bool confined = gh_engine_info(f->engine)->confined;
    struct seen *hang = submit(f, "photo 9 9\nrender hang\n"), *stopped = submit(f, "photo 9 9\nprobe stop\n");
    struct seen *spin = submit(f, "photo 9 9\nrender spin\n"), *wall = submit(f, "photo 9 9\nrender beat 30000\n");
    struct seen *slow = submit(f, "photo 9 9\nrender beat 1500\n");
    struct seen *grow = confined ? submit(f, "photo 9 9\nrender grow 3000\n") : NULL;
    run(f);
    expect(hang, GH_END_CRASHED, "no progress");
    expect(stopped, GH_END_CRASHED, "no progress");
    expect(spin, GH_END_INPUT, "more than 1 seconds of computing");
    assert_int_equal(spin->err.cls, GH_LIMIT);
    expect(wall, GH_END_CRASHED, "did not end in time");
    expect(slow, GH_END_DONE, "");
    assert_true(slow->progress >= 4 && slow->progress <= 8);
    if (grow)
        expect(grow, GH_END_CRASHED, "SIGABRT");
}

/* ------------------------------------------------------------------------------------------------ deaths from outside */

static void kill_child(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct fixture *f = arg;
    pid_t pid = gh_job_pid(f->jobs[0]);
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
    (void)loop;
    struct fixture *f = arg;
    kill(gh_engine_nursery_pid(f->engine), SIGKILL);
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
    pid_t first = gh_engine_nursery_pid(f->engine);
    struct seen *s = submit(f, "photo 9 9\nrender hang\n");
    gh_loop_after(f->loop, 300, kill_nursery, f);
    gh_loop_run_until(f->loop, unhealthy, f);
    struct seen *waiting = submit(f, "photo 9 9\n");
    run(f);
    expect(s, GH_END_OURS, "the nursery ended: killed by SIGKILL");
    expect(waiting, GH_END_DONE, "");
    assert_int_equal(waiting->good, 2);
    assert_int_not_equal(gh_engine_nursery_pid(f->engine), first);
}

static void closing_interrupts(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *a = submit(f, "photo 9 9\nrender hang\n"), *b = submit(f, "photo 9 9\nrender hang\n");
    struct seen *c = submit(f, "photo 9 9\nrender hang\n");
    uint64_t timer = gh_loop_after(f->loop, 300, too_long, NULL);
    gh_loop_run(f->loop);
    gh_loop_cancel(f->loop, &timer);
    gh_job_cancel(f->jobs[2]);
    gh_engine_close(&f->engine);
    expect(a, GH_END_CANCELLED, "interrupted");
    expect(b, GH_END_CANCELLED, "interrupted");
    expect(c, GH_END_CANCELLED, "cancelled");
    assert_int_equal(a->ended + b->ended + c->ended, 3);
}

static void a_worker_that_cannot_run_is_told_at_once(void **state)
{
    (void)state;
    struct gh_loop *loop = NULL;
    struct gh_engine *engine = NULL;
    struct gh_err err;
    struct gh_engine_conf c = conf();
    OK(gh_loop_new(&loop, &err));
    c.worker = "/nowhere/ghat-worker";
    FAILS(GH_CONFIG, gh_engine_open(loop, &c, &engine, &err));
    assert_non_null(strstr(err.msg, "No such file"));
    c.worker = "/bin/false";
    FAILS(GH_CONFIG, gh_engine_open(loop, &c, &engine, &err));
    assert_non_null(strstr(err.msg, "exit status 1"));
    assert_null(engine);
    gh_loop_free(&loop);
}

static void the_self_test_is_heard(void **state)
{
    (void)state;
    struct gh_err err;
    GH_AUTO_STR out = {0};
    OK(gh_worker_selftest(worker, false, &out, &err));
    assert_true(strstr(gh_str_text(&out), "sandbox: seccomp") || strstr(gh_str_text(&out), "WARNING"));
    FAILS(GH_CONFIG, gh_worker_selftest("/bin/false", false, &out, &err));
}

/* ------------------------------------------------------------------------------------------------ order */

static void photos_pass_a_long_video(void **state)
{
    (void)state;
    struct gh_engine_conf c = conf();
    c.jobs = 1;
    FIXTURE f = setup_with(&c);
    plan_full = true;
    struct seen *video = submit(f, "video 9 9 1000\nrender beat 1500\n");
    struct seen *second = submit(f, "video 9 9 1000\nrender wait 10\n");
    struct seen *photos[6];
    plan_full = false;
    for (size_t i = 0; i < GH_LEN(photos); i++)
        photos[i] = submit(f, "photo 9 9\n");
    struct seen *urgent = submit_as(f, "photo 9 9\n", GH_GOAL_RENDER, true);
    run(f);
    for (size_t i = 0; i < GH_LEN(photos); i++) {
        expect(photos[i], GH_END_DONE, "");
        assert_true(photos[i]->number < video->number);
        assert_true(urgent->number < photos[i]->number);
    }
    assert_true(video->number < second->number);
    assert_int_equal(second->probed, 1);
    expect(second, GH_END_DONE, "");
}

static void a_full_probe_comes_before_the_plan_that_needs_it(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_full = true;
    struct seen *video = submit(f, "video 9 9 1000\n"), *crash = submit(f, "video 9 9 1000\nfull segv\n");
    run(f);
    expect(video, GH_END_DONE, "");
    assert_int_equal(video->planned, 1);
    assert_int_equal(video->good, 2);
    expect(crash, GH_END_CRASHED, "SIGSEGV");
    assert_int_equal(crash->planned, 0);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void a_job_starts_within_milliseconds(void **state)
{
    (void)state;
    FIXTURE f = setup();
    int64_t us[200];
    for (size_t i = 0; i < GH_LEN(us); i++) {
        f->n = 0;
        memset(f->seen, 0, sizeof f->seen[0]);
        struct seen *s = submit_as(f, "photo 9 9\n", GH_GOAL_PROBE, false);
        run(f);
        us[i] = s->ready_us;
    }
    qsort(us, GH_LEN(us), sizeof us[0], by_value);
    print_message("fork to ready: median %lld us, 95%% %lld us\n", (long long)us[100], (long long)us[190]);
    if (gh_engine_info(f->engine)->confined)
        assert_true(us[100] < 20000); /* the bar is 5 ms on a quiet machine; tests run on busy ones */
}

int main(int argc, char **argv)
{
    (void)argc;
    char self[PATH_MAX];
    const char *given = getenv("GHAT_TEST_STUB");
    gh_copy(self, sizeof self, argv[0]);
    snprintf(worker, sizeof worker, "%s%s", given ? given : dirname(self), given ? "" : "/ghat-worker-stub");
    if (access(worker, X_OK) < 0) {
        fprintf(stderr, "no stub worker at %s\n", worker);
        return 1;
    }
    /* For the worker: a fault shall look as it does without a sanitizer. */
    setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_becomes_checked_outputs),
        cmocka_unit_test(goals_end_where_they_say),
        cmocka_unit_test(refusals_keep_their_class),
        cmocka_unit_test(sixty_four_encodes_fit_in_one_job),
        cmocka_unit_test(many_jobs_all_end),
        cmocka_unit_test(hostile_children_cost_one_job),
        cmocka_unit_test(forbidden_calls_are_death_by_sigsys),
        cmocka_unit_test(what_was_reported_must_be_what_is_there),
        cmocka_unit_test(hanging_and_greedy_children_are_stopped),
        cmocka_unit_test(a_killed_child_is_a_strike),
        cmocka_unit_test(a_killed_nursery_is_our_fault_and_comes_back),
        cmocka_unit_test(closing_interrupts),
        cmocka_unit_test(a_worker_that_cannot_run_is_told_at_once),
        cmocka_unit_test(the_self_test_is_heard),
        cmocka_unit_test(photos_pass_a_long_video),
        cmocka_unit_test(a_full_probe_comes_before_the_plan_that_needs_it),
        cmocka_unit_test(a_job_starts_within_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
