/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine at work: the way of a job, the order of jobs, starting and closing. */
#include "tests/unit/engine_fixture.h"

#include "base/preview.h"

#include <inttypes.h>

/* -------------------------------------------------------------------------------- ordinary work */

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
        submit(f, i % 50 == 7   ? "photo 640 480\nrender segv\n"
                  : i % 50 == 9 ? "video 64 48 100\n"
                                : "photo 640 480\n");
    run(f);
    for (int i = 0; i < MAX_JOBS; i++)
        assert_int_equal(f->seen[i].end, i % 50 == 7 ? GH_END_CRASHED : GH_END_DONE);
}

static void closing_interrupts(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct seen *a = submit(f, "photo 9 9\nrender hang\n"),
                *b = submit(f, "photo 9 9\nrender hang\n");
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
    OK(gh_worker_selftest(worker, test_without_landlock(), &out, &err));
    assert_true(strstr(gh_str_text(&out), "sandbox: seccomp") ||
                strstr(gh_str_text(&out), "WARNING"));
    FAILS(GH_CONFIG, gh_worker_selftest("/bin/false", false, &out, &err));
}

/* ---------------------------------------------------------------------------------------- order */

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
        assert_true(urgent->began < photos[i]->began);
    }
    assert_true(video->number < second->number);
    assert_int_equal(second->probed, 1);
    expect(second, GH_END_DONE, "");
}

static bool aside_ended(void *arg)
{
    struct fixture *f = arg;
    return f->seen[2].ended && f->seen[3].ended;
}

/* Previews: while every slot is taken they are made, and they take none. */
static void a_job_aside_takes_no_slot(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct gh_err err;
    plan_encodes = 1; /* what on_plan expects: one preview */
    submit(f, "photo 9 9\nrender hang\n");
    submit(f, "photo 9 9\nrender hang\n");
    for (int i = 0; i < 2; i++) {
        struct gh_job_req req = {.in_fd = -1,
                                 .out_dir = f->dir.fd,
                                 .goal = GH_GOAL_PREVIEW,
                                 .sets = &no_sets,
                                 .previews = 1u << GH_PREVIEW_SCREEN,
                                 .aside = true};
        const char *script = i ? "video 640 480 1000\n" : "photo 4000 3000\n";
        OK(gh_tmpfile(f->dir.fd, &req.in_fd, &err));
        OK(gh_write_all(req.in_fd, script, strlen(script), &err));
        OK(gh_engine_submit(f->engine, &req, &ops, &f->seen[f->n], &f->jobs[f->n], &err));
        f->n++;
    }
    struct seen *later = submit(f, "photo 640 480\n");
    assert_int_equal(gh_engine_running(f->engine), 2);
    assert_int_equal(gh_engine_waiting(f->engine), 1);
    uint64_t timer = gh_loop_after(f->loop, 30000, too_long, NULL);
    assert_int_equal(gh_loop_run_until(f->loop, aside_ended, f), 0);
    gh_loop_cancel(f->loop, &timer);
    expect(&f->seen[2], GH_END_DONE, "");
    expect(&f->seen[3], GH_END_DONE, "");
    assert_int_equal(f->seen[2].good + f->seen[3].good, 2);
    assert_int_equal(later->ended, 0);
    assert_int_equal(gh_engine_running(f->engine), 2);
    gh_job_cancel(f->jobs[0]);
    gh_job_cancel(f->jobs[1]);
    run(f);
    expect(later, GH_END_DONE, "");
}

static void a_plan_alone_waits_for_the_full_probe_it_needs(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_full = true;
    struct seen *plan = submit_as(f, "video 9 9 1000\n", GH_GOAL_PLAN, false),
                *crash = submit_as(f, "video 9 9 1000\nfull segv\n", GH_GOAL_PLAN, false);
    run(f);
    expect(plan, GH_END_DONE, "");
    assert_int_equal(plan->planned, 1);
    expect(crash, GH_END_CRASHED, "SIGSEGV");
    assert_int_equal(crash->planned, 0);
}

static void a_render_tells_whether_a_pass_was_right(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_full = true;
    struct seen *whole = submit(f, "video 9 9 1000\nfull segv\n"),
                *doubted = submit(f, "video 9 9 1000\nrefuse-unproven\n"),
                *told = submit(f, "video 9 9 1000\nrefuse-unproven refuse-first\n"),
                *refused = submit(f, "video 9 9 1000\nrefuse-all\n"),
                *crash = submit(f, "video 9 9 1000\nrefuse-unproven\nfull segv\n");
    run(f);
    expect(whole, GH_END_DONE, "");
    assert_int_equal(whole->planned, 1);
    assert_int_equal(whole->good, 2);
    /* decoded whole, planned again, rendered again; nothing of the first time is handed out */
    expect(doubted, GH_END_DONE, "");
    assert_int_equal(doubted->probed, 1);
    assert_int_equal(doubted->planned, 2);
    assert_int_equal(doubted->outputs, 2);
    assert_int_equal(doubted->good, 2);
    expect(told, GH_END_DONE, "");
    assert_int_equal(told->outputs, 2);
    assert_int_equal(told->good, 1);
    /* once */
    expect(refused, GH_END_INPUT, "damaged");
    assert_int_equal(refused->planned, 2);
    assert_int_equal(refused->outputs, 0);
    expect(crash, GH_END_CRASHED, "SIGSEGV");
    assert_int_equal(crash->planned, 1);
}

/* A file that two share outgrew the stricter limit: that one is set apart, and nothing of the first
 * render is handed out; what then fails is handed out as a failure of its own. */
static void a_limit_fails_its_own_placement_only(void **state)
{
    (void)state;
    FIXTURE f = setup();
    plan_combined = true;
    struct seen *one = submit(f, "video 9 9 1000\nrefuse-first\n");
    run(f);
    expect(one, GH_END_DONE, "");
    assert_int_equal(apart_asked, 1 << 1);
    assert_int_equal(one->planned, 2);
    assert_int_equal(one->probed, 1);
    assert_int_equal(one->outputs, 2);
    assert_int_equal(one->good, 1);
    assert_int_equal(one->output_err.cls, GH_LIMIT);
    /* a file that fits is made once */
    struct seen *fits = submit(f, "video 9 9 1000\n");
    run(f);
    assert_int_equal(fits->planned, 1);
    assert_int_equal(fits->good, 1);
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
        memset(f->seen, 0, sizeof(f->seen[0]));
        struct seen *s = submit_as(f, "photo 9 9\n", GH_GOAL_PROBE, false);
        run(f);
        us[i] = s->ready_us;
    }
    qsort(us, GH_LEN(us), sizeof(us[0]), by_value);
    print_message("fork to ready: median %" PRId64 " us, 95%% %" PRId64 " us\n", us[100], us[190]);
    if (nursery_info(f)->confined)
        /* the bar is 5 ms on a quiet machine; tests run on busy ones */
        assert_true(us[100] < 20000);
}

int main(int argc, char **argv)
{
    (void)argc;
    if (!find_worker(argv[0]))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_becomes_checked_outputs),
        cmocka_unit_test(goals_end_where_they_say),
        cmocka_unit_test(refusals_keep_their_class),
        cmocka_unit_test(sixty_four_encodes_fit_in_one_job),
        cmocka_unit_test(many_jobs_all_end),
        cmocka_unit_test(closing_interrupts),
        cmocka_unit_test(a_worker_that_cannot_run_is_told_at_once),
        cmocka_unit_test(the_self_test_is_heard),
        cmocka_unit_test(photos_pass_a_long_video),
        cmocka_unit_test(a_job_aside_takes_no_slot),
        cmocka_unit_test(a_plan_alone_waits_for_the_full_probe_it_needs),
        cmocka_unit_test(a_render_tells_whether_a_pass_was_right),
        cmocka_unit_test(a_limit_fails_its_own_placement_only),
        cmocka_unit_test(a_job_starts_within_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
