/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests of the engine: a worker whose pipeline does what its input tells it
 * (tests/sandbox/stub_pipeline.c), while sandbox, nursery, protocol and supervision are real.
 * Planner and verifier are stand-ins, so that a plan of any shape can be asked for.
 */
#ifndef GH_TESTS_ENGINE_FIXTURE_H
#define GH_TESTS_ENGINE_FIXTURE_H

#include "tests/unit/test.h"

#include "base/clock.h"
#include "daemon/engine/child_hear_int.h"
#include "daemon/engine/engine_int.h"

#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_JOBS 300

/* ------------------------------------------------------------------------------------ stand-ins */

static unsigned plan_encodes = 2;
static uint64_t plan_bytes;
static bool plan_full, plan_combined, verify_fails;
static const struct gh_profile profile = {.name = "test.photo"};
static const struct gh_profile limited[] = {{.name = "roomy", .limits.bytes_max = 1000},
                                            {.name = "strict", .limits.bytes_max = 10}};
static uint64_t apart_asked; /* by the last plan */

int gh_plan_make(const struct gh_probe *probe, const struct gh_profiles *profiles,
                 const struct gh_plan_opts *opts, struct gh_plan *ret, struct gh_err *err)
{
    (void)profiles;
    if (probe->w == 666)
        return gh_fail(err, GH_SKIP, "nothing can be made of it");
    memset(ret, 0, sizeof(*ret));
    ret->n_encodes = ret->n_places = plan_encodes;
    for (uint32_t i = 0; i < plan_encodes; i++) {
        struct gh_recipe *r = &ret->encodes[i];
        r->media = probe->media;
        r->bytes_max = plan_bytes;
        r->pic.canvas_w = r->pic.src_w = r->pic.crop.w = 100 + i;
        r->pic.canvas_h = r->pic.src_h = r->pic.crop.h = 50;
        if (i < GH_PLAN_MAX_PLACES)
            ret->places[i] = (struct gh_place){.profile = &profile, .parts = 1, .encode = {i}};
    }
    ret->n_places = GH_MIN(plan_encodes, GH_PLAN_MAX_PLACES);
    ret->need_full_probe = plan_full;
    if (plan_combined) {
        /* both placements get the first encode, until one is set apart */
        ret->combined = opts->apart ? 0 : 1;
        ret->n_encodes = opts->apart ? plan_encodes : 1;
        for (uint32_t i = 0; i < ret->n_places; i++) {
            ret->places[i].profile = &limited[i];
            ret->places[i].encode[0] = opts->apart ? i : 0;
        }
        ret->encodes[0].bytes_max = opts->apart ? 1000 : 10;
        apart_asked = opts->apart;
    }
    return 0;
}

int gh_conform(const struct gh_probe *out, const struct gh_profile *prof,
               const struct gh_recipe *recipe, struct gh_finding ret_findings[GH_FINDINGS],
               size_t *ret_n)
{
    (void)prof;
    bool pass = !verify_fails && out->w == recipe->pic.canvas_w;
    ret_findings[0] = (struct gh_finding){.limit = "size", .pass = pass, .text = "100 > 10"};
    *ret_n = 1;
    return !pass;
}

/* ------------------------------------------------------------------------------------ a fixture */

static char worker[PATH_MAX];
static struct gh_sets no_sets = {.refs = 1};

struct seen {
    int ready, began, probed, planned, progress, outputs, good, ended, number;
    int hangs_planned; /* planned when its script hangs */
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

static int order, begun; /* of ends, and of beginnings */

static inline void on_ready(struct gh_job *job, int64_t us, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->ready++;
    s->began = s->began ? s->began : ++begun;
    s->ready_us = us;
}
static inline void on_probe(struct gh_job *job, const struct gh_probe *probe, void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->probed++;
    s->media = (enum gh_media)probe->media;
}
static inline bool on_plan(struct gh_job *job, const struct gh_plan *plan, void *arg)
{
    struct seen *s = arg;
    s->planned++;
    if (!plan_combined)
        assert_int_equal(plan->n_encodes, plan_encodes);
    if (s->cancel_at_plan)
        gh_job_cancel(job);
    return !s->drop_plan;
}
static inline void on_progress(struct gh_job *job, unsigned permille, void *arg)
{
    (void)job;
    assert_true(permille <= 1000);
    ((struct seen *)arg)->progress++;
}
static inline void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *out,
                             void *arg)
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
static inline void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err,
                          void *arg)
{
    (void)job;
    struct seen *s = arg;
    s->ended++;
    s->number = ++order;
    s->end = end;
    s->err = *err;
    s->ended_ms = gh_mono_ms();
}
static const struct gh_job_ops ops = {.on_ready = on_ready,
                                      .on_probe = on_probe,
                                      .on_plan = on_plan,
                                      .on_progress = on_progress,
                                      .on_output = on_output,
                                      .on_end = on_end};

static inline struct gh_engine_conf conf(void)
{
    return (struct gh_engine_conf){.worker = worker,
                                   .jobs = 2,
                                   .video_jobs = 1,
                                   .limits = gh_limits_default(),
                                   .seccomp_only = test_without_landlock()};
}

static inline struct fixture *setup_with(const struct gh_engine_conf *c)
{
    struct fixture *f = gh_alloc(sizeof(*f));
    struct gh_err err;
    f->dir = test_dir_new();
    plan_encodes = 2;
    plan_bytes = 0;
    plan_full = plan_combined = verify_fails = false;
    apart_asked = 0;
    order = begun = 0;
    OK(gh_loop_new(&f->loop, &err));
    OK(gh_engine_open(f->loop, c, &f->engine, &err));
    return f;
}

static inline struct fixture *setup(void)
{
    struct gh_engine_conf c = conf();
    return setup_with(&c);
}

static inline void teardown(struct fixture **f)
{
    gh_engine_close(&(*f)->engine);
    gh_loop_free(&(*f)->loop);
    test_dir_free(&(*f)->dir);
    free(*f);
}
#define FIXTURE __attribute__((cleanup(teardown))) struct fixture *

static inline struct seen *submit_as(struct fixture *f, const char *script, enum gh_job_goal goal,
                                     bool urgent)
{
    struct gh_err err;
    int fd = -1;
    OK(gh_tmpfile(f->dir.fd, &fd, &err));
    OK(gh_write_all(fd, script, strlen(script), &err));
    const struct gh_job_req req = {
        .in_fd = fd, .out_dir = f->dir.fd, .goal = goal, .sets = &no_sets, .urgent = urgent};
    struct seen *s = &f->seen[f->n];
    OK(gh_engine_submit(f->engine, &req, &ops, s, &f->jobs[f->n], &err));
    f->n++;
    return s;
}

static inline struct seen *submit(struct fixture *f, const char *script)
{
    return submit_as(f, script, GH_GOAL_RENDER, false);
}

static inline bool all_ended(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < f->n; i++)
        if (!f->seen[i].ended)
            return false;
    return true;
}

static inline void too_long(struct gh_loop *loop, void *arg)
{
    (void)arg;
    gh_loop_quit(loop, 99);
}

static inline void run(struct fixture *f)
{
    uint64_t timer = gh_loop_after(f->loop, 60000, too_long, NULL);
    assert_int_equal(gh_loop_run_until(f->loop, all_ended, f), 0);
    gh_loop_cancel(f->loop, &timer);
    for (int i = 0; i < f->n; i++)
        assert_int_equal(f->seen[i].ended, 1);
    assert_int_equal(gh_engine_running(f->engine), 0);
    assert_int_equal(gh_engine_waiting(f->engine), 0);
    assert_int_equal(no_sets.refs, 1); /* every job gave its reference back */
}

/* What the nursery said when it came up. */
static inline const struct gh_up *nursery_info(const struct fixture *f)
{
    return gh_nursery_info(f->engine->nursery);
}

/* The child that renders a job. */
static inline pid_t child_pid(const struct gh_job *job)
{
    return job->renderer ? job->renderer->pid : 0;
}

static inline void expect(const struct seen *s, enum gh_job_end end, const char *words)
{
    if (s->end != end || !strstr(s->err.msg, words))
        fail_msg("end %d \"%s\", expected %d with \"%s\"", s->end, s->err.msg, end, words);
}

/* Find the worker and prepare the environment; false when there is none. */
static inline bool find_worker(const char *argv0)
{
    char self[PATH_MAX];
    const char *given = getenv("GHAT_TEST_STUB");
    gh_copy(self, sizeof(self), argv0);
    snprintf(worker, sizeof(worker), "%s%s", given ? given : dirname(self),
             given ? "" : "/ghat-worker-stub");
    /* For the worker: a fault shall look as it does without a sanitizer. */
    setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0", 1);
    if (access(worker, X_OK) == 0)
        return true;
    fprintf(stderr, "no stub worker at %s\n", worker);
    return false;
}

#endif
