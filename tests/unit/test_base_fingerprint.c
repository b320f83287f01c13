/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingerprints keep their size whatever the length of a video, and two of the same pictures can be
 * compared. */
#include "tests/unit/test.h"

#include "base/fingerprint.h"

#include <math.h>

static struct gh_err err;

static struct gh_signature glance(int64_t at_us)
{
    return (struct gh_signature){.at_us = at_us, .luma = {(uint8_t)(at_us / 1000000 % 251)}};
}

static void one_picture_a_step_the_first(void **state)
{
    (void)state;
    struct gh_fingerprint l;
    gh_fingerprint_init(&l, 0);
    for (int i = 0; i < 40; i++) {
        struct gh_signature g = glance(i * 250000);
        assert_int_equal(gh_signatures_want(&l.pictures, g.at_us), i % 4 == 0);
        gh_signatures_add(&l.pictures, &g);
    }
    assert_int_equal(l.pictures.n, 10);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(l.pictures.list[i].at_us, i * 1000000);
    OK(gh_fingerprint_check(&l, &err));
}

static void hours_fit_and_order_is_no_matter(void **state)
{
    (void)state;
    struct gh_fingerprint forward, backward, early;
    gh_fingerprint_init(&forward, 0);
    gh_fingerprint_init(&backward, 0);
    gh_fingerprint_init(&early,
                        20000000); /* begun with longer steps, as when the length is known */
    enum { SECONDS = 3 * 3600 };
    for (int i = 0; i < SECONDS; i++) {
        struct gh_signature a = glance(i * 1000000ll + i % 7 * 100000),
                            b = glance((SECONDS - 1 - i) * 1000000ll +
                                       (SECONDS - 1 - i) % 7 * 100000);
        gh_signatures_add(&forward.pictures, &a);
        gh_signatures_add(&backward.pictures, &b);
        gh_signatures_add(&early.pictures, &a);
        gh_levels_add(&forward.sound, i * 1000000ll, i < SECONDS / 2 ? 10 : 0, 1000);
    }
    OK(gh_fingerprint_check(&forward, &err));
    OK(gh_fingerprint_check(&early, &err));
    assert_true(forward.pictures.n > GH_FINGERPRINT_SIGNATURES / 4 &&
                forward.pictures.n <= GH_FINGERPRINT_SIGNATURES);
    assert_int_equal(forward.pictures.n, backward.pictures.n);
    assert_memory_equal(forward.pictures.list, backward.pictures.list,
                        forward.pictures.n * sizeof(forward.pictures.list[0]));
    assert_true(forward.sound.n <= GH_FINGERPRINT_LEVELS);
    assert_true(fabs(gh_levels_power(&forward.sound, 0, 1000000000) - 0.01) < 1e-6);
    assert_true(gh_levels_power(&forward.sound, 9000000000, 10000000000) == 0);
    assert_true(gh_levels_power(&forward.sound, 20000000000, 30000000000) < 0);
}

static void lies_are_refused(void **state)
{
    (void)state;
    struct gh_fingerprint good, l;
    gh_fingerprint_init(&good, 0);
    struct gh_signature a = glance(0), b = glance(2000000);
    gh_signatures_add(&good.pictures, &a);
    gh_signatures_add(&good.pictures, &b);
    gh_levels_add(&good.sound, 0, 1, 1);
    OK(gh_fingerprint_check(&good, &err));
    l = good, l.pictures.n = GH_FINGERPRINT_SIGNATURES + 1;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.sound.n = GH_FINGERPRINT_LEVELS + 1;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.pictures.step_us = 0;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.sound.step_us = -1;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.pictures.list[1].at_us = 0;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.pictures.list[0].at_us = -5;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.sound.list[0].sum = NAN;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
    l = good, l.sound.list[0].sum = INFINITY;
    FAILS(GH_INPUT, gh_fingerprint_check(&l, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_picture_a_step_the_first),
        cmocka_unit_test(hours_fit_and_order_is_no_matter),
        cmocka_unit_test(lies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
