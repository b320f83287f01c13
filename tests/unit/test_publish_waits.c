/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting: no clock that is set, ahead or back, lets an embargo end early. */
#include "tests/unit/test.h"

#include "daemon/publish/waits.h"

#include "base/clock.h"

static void an_embargo_ends_by_both_clocks(void **state)
{
    (void)state;
    const struct gh_embargo_seen e = {1, 100000, 40000, 7000}; /* 60 s are left */
    static const struct {
        int64_t wall, mono, left;
    } rows[] = {
        {40000, 7000, 60000},   {70000, 37000, 30000}, {100000, 67000, 0},
        {100001, 67001, 0},     {100000, 7000, 60000}, /* set ahead */
        {9000000, 66000, 1000}, {10000, 67000, 90000}, /* set back */
        {99999, 900000, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(gh_embargo_left_ms(&e, rows[i].wall, rows[i].mono), rows[i].left);
}

static void embargoes_wait_for_a_clock_that_is_trusted(void **state)
{
    (void)state;
    struct gh_waits w = {0};
    int64_t now = gh_now_ms();
    assert_int_equal(gh_waits_embargo_left(&w, 1, 0, false), 0);      /* there is none */
    assert_int_equal(gh_waits_embargo_left(&w, 1, now - 1, true), 0); /* over */
    assert_true(gh_waits_embargo_left(&w, 1, now - 1, false) > 0);    /* who knows */
    assert_in_range(gh_waits_embargo_left(&w, 1, now + 50000, true), 40000, 50000);
    assert_in_range(gh_waits_next(&w), 40000, 50000);
    assert_in_range(gh_waits_embargo_left(&w, 1, now + 90000, true), 80000, 90000); /* changed */
    assert_int_equal(w.n_embargoes, 1);
    assert_true(gh_waits_embargo_left(&w, 1, now + 90000, false) > 0);
    assert_int_equal(w.n_embargoes, 0); /* to be seen anew by a right clock */
    /* first seen by a clock that was far behind: a person says that it is right now */
    (void)gh_waits_embargo_left(&w, 1, now + 5000, true);
    w.embargoes[0].wall_ms -= 3600000;
    assert_true(gh_waits_embargo_left(&w, 1, now + 5000, true) > 3000000);
    gh_waits_clock_is_right(&w);
    assert_true(gh_waits_embargo_left(&w, 1, now + 5000, true) <= 5000);
    gh_waits_free(&w);
}

static void undo_times_are_counted_once(void **state)
{
    (void)state;
    struct gh_waits w = {0};
    assert_int_equal(gh_waits_undo_left(&w, 7, 0), 0);
    assert_in_range(gh_waits_undo_left(&w, 8, 60000), 50000, 60000);
    assert_in_range(gh_waits_undo_left(&w, 8, 900000), 50000, 60000); /* it has begun */
    gh_waits_tidy(&w);
    assert_int_equal(w.n_undo, 1);
    gh_waits_forget(&w, 8);
    assert_int_equal(w.n_undo, 0);
    assert_true(gh_waits_next(&w) == INT64_MAX);
    gh_waits_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_embargo_ends_by_both_clocks),
        cmocka_unit_test(embargoes_wait_for_a_clock_that_is_trusted),
        cmocka_unit_test(undo_times_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
