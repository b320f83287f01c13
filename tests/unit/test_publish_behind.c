/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A department that is back: its submissions of meanwhile are touched again, so many in a turn. */
#include "tests/unit/ledger_fix.h"

#include "daemon/loop/loop.h"
#include "daemon/publish/behind.h"
#include "daemon/publish/notes.h"
#include "daemon/site/settings.h"

#define MANY 1200
#define SLICE_MOST 500

static struct gh_department roads = {
    .slug = "roads", .folder = (char *)"Roads", .title = (char *)"Roads"};
static struct gh_department *departments[] = {&roads};

static struct {
    struct fix *f;
    unsigned touched[2 * MANY + 2], in_turn, most_in_turn;
    bool busy;
} seen;

static void touch(void *arg, int64_t id)
{
    (void)arg;
    assert_in_range(id, 1, 2 * MANY + 1);
    seen.touched[id]++;
    seen.in_turn++;
    seen.most_in_turn = GH_MAX(seen.most_in_turn, seen.in_turn);
}

static bool is_idle(void *arg)
{
    (void)arg;
    seen.busy = !seen.busy && seen.in_turn; /* all of a turn are projected by the next but one */
    if (!seen.busy)
        seen.in_turn = 0;
    return !seen.busy;
}

static bool is_caught_up(void *arg)
{
    GH_AUTO_FREE char *text = NULL;
    int64_t *until = arg;
    OK(gh_ledger_setting(seen.f->l, "notes.behind:roads", &text, err));
    return !text || !*text || gh_mono_ms() > *until;
}

static void after_a_long_absence_it_is_touched_in_slices(void **state)
{
    struct fix *f = *state;
    struct gh_loop *loop = NULL;
    struct gh_settings settings = {.departments = {departments, 1}};
    struct gh_dirs dirs = {.drop = -1};
    int64_t until = gh_mono_ms() + 60000;
    seen.f = f;
    OK(gh_open_dir(AT_FDCWD, f->dir, &dirs.drop, err));
    OK(gh_mkdirs(dirs.drop, "Roads", 0755, err));
    int64_t old = drop(f, "roads", "old.jpg", 1, GH_MEDIA_NONE, NULL);
    int64_t seq = gh_ledger_seq(f->l);
    OK(gh_ledger_begin(f->l, err));
    for (unsigned i = 0; i < MANY; i++) {
        (void)drop(f, "roads", "a.jpg", 1, GH_MEDIA_NONE, NULL);
        (void)drop(f, "water", "a.jpg", 1, GH_MEDIA_NONE, NULL);
    }
    OK(gh_ledger_commit(f->l, err));
    const struct gh_notes notes = {.ledger = f->l, .settings = &settings, .dirs = &dirs};
    OK(gh_loop_new(&loop, err));
    struct gh_behind *b = gh_behind_open(
        &(struct gh_behind_parts){.loop = loop, .notes = &notes, .touch = touch, .idle = is_idle});
    gh_behind_missed(b, "roads", seq);
    (void)gh_loop_run_until(loop, is_caught_up, &until);
    assert_true(gh_mono_ms() < until);
    assert_int_equal(old, 1);
    assert_int_equal(seen.touched[old], 0);
    for (int64_t id = 2; id < 2 * MANY + 2; id++)
        assert_int_equal(seen.touched[id], id % 2 == 0);
    assert_in_range(seen.most_in_turn, 1, SLICE_MOST);
    gh_behind_close(&b);
    gh_loop_free(&loop);
    gh_close_fd(&dirs.drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(after_a_long_absence_it_is_touched_in_slices, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
