/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghatd put together: two of them in one process, each on a tree of its own, share nothing. */
#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"

#include <inttypes.h>
#include <string.h>

#define PATIENCE_MS 60000

struct site {
    struct test_dir dir;
    struct gh_loop *loop;
    struct gh_daemon daemon;
    int64_t until;
};

static void on_tick(struct gh_loop *loop, void *arg)
{
    (void)loop, (void)arg;
}

static bool passed(void *arg)
{
    return gh_mono_ms() >= ((struct site *)arg)->until;
}

static void run_for(struct site *s, int64_t ms)
{
    s->until = gh_mono_ms() + ms;
    gh_loop_after(s->loop, ms, on_tick, NULL);
    gh_loop_run_until(s->loop, passed, s);
}

/* A tree whose one department has the same name everywhere, and profiles of its own. */
static void open_site(struct site *s, const char *worker)
{
    struct gh_err err = {0};
    struct gh_settings settings = {0};
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    s->dir = test_dir_new();
    OK(gh_mkdirs(s->dir.fd, "drop/Water", 0755, &err));
    OK(gh_mkdirs(s->dir.fd, "state", 0755, &err));
    GH_AUTO_FREE char *conf = gh_asprintf("%s/ghat.conf", s->dir.path);
    GH_AUTO_FREE char *profiles = realpath("profiles", NULL);
    GH_AUTO_FREE char *text = gh_asprintf(
        "[paths]\nroot=%s\nstate=%s/state\ncontrol=%s/c.sock\nworker=%s\n"
        "profiles=%s\n"
        "[intake]\nquiet=100ms\nscan=500ms\nreserve=0\n[workers]\ncount=1\nsandbox=%s\n",
        s->dir.path, s->dir.path, s->dir.path, worker, profiles,
        test_without_landlock() ? "seccomp-only" : "full");
    OK(gh_write_file(s->dir.fd, "ghat.conf", text, strlen(text), 0644, &err));
    if (gh_settings_load(conf, NULL, &settings, &problems, &err) < 0)
        fail_msg("%s", problems.n ? problems.list[0] : err.msg);
    OK(gh_loop_new(&s->loop, &err));
    OK(gh_daemon_start(&s->daemon, s->loop, &settings, &err));
}

static void close_site(struct site *s)
{
    assert_true(gh_daemon_stop(&s->daemon));
    gh_loop_free(&s->loop);
    test_dir_free(&s->dir);
}

static void drop_photo(struct site *s, const char *name, const char *comment)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *bytes = NULL;
    GH_AUTO_FREE char *path = gh_asprintf("drop/Water/%s", name);
    size_t n;
    OK(gh_read_file(AT_FDCWD, "tests/fuzz/corpus/fuzz_photo/exif.jpg", 1 << 20, &bytes, &n, &err));
    size_t extra = strlen(comment);
    bytes = gh_realloc(bytes, n + extra);
    memcpy(bytes + n, comment, extra); /* bytes after the end: another file, the same picture */
    OK(gh_write_file(s->dir.fd, path, bytes, n + extra, 0644, &err));
}

static size_t count_in(struct site *s, enum gh_sub_state state)
{
    struct gh_err err = {0};
    struct gh_counts counts = {0};
    OK(gh_ledger_counts(s->daemon.ledger, &counts, &err));
    return counts.submissions[state];
}

static void two_in_one_process_share_nothing(void **state)
{
    (void)state;
    const char *build = getenv("B");
    GH_AUTO_FREE char *worker = gh_asprintf("%s/ghat-worker", build ? build : "build/gcc");
    struct site a = {0}, b = {0};
    struct gh_err err = {0};
    gh_log_init("test", GH_LOG_ERROR);
    open_site(&a, worker);
    open_site(&b, worker);
    drop_photo(&a, "one.jpg", "a");
    drop_photo(&b, "one.jpg", "b");
    drop_photo(&b, "two.jpg", "c");
    for (int64_t until = gh_mono_ms() + PATIENCE_MS;
         gh_mono_ms() < until &&
         (count_in(&a, GH_SUB_STAGED) + count_in(&a, GH_SUB_QUARANTINED) < 1 ||
          count_in(&b, GH_SUB_STAGED) + count_in(&b, GH_SUB_QUARANTINED) < 2);) {
        run_for(&a, 20);
        run_for(&b, 20);
    }
    assert_int_equal(count_in(&a, GH_SUB_STAGED), 1);
    assert_int_equal(count_in(&b, GH_SUB_STAGED), 2);

    /* One reloads, the other goes on with what it has; one ends, the other stays. */
    const struct gh_profiles *before = &b.daemon.settings.sets->profiles;
    OK(gh_daemon_reload(&a.daemon, NULL, &err));
    assert_ptr_equal(&b.daemon.settings.sets->profiles, before);
    close_site(&a);
    drop_photo(&b, "three.jpg", "d");
    for (int64_t until = gh_mono_ms() + PATIENCE_MS;
         gh_mono_ms() < until && count_in(&b, GH_SUB_STAGED) < 3;)
        run_for(&b, 20);
    assert_int_equal(count_in(&b, GH_SUB_STAGED), 3);
    close_site(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_in_one_process_share_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
