/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates and lengths out of times. */
#include "tests/unit/test.h"

#include "pipeline/video/times.h"

#include <math.h>

#define MS ((AVRational){1, 1000})
#define PICTURES 400

static double moving(const int64_t *pts, size_t n, AVRational tb)
{
    struct gh_rational r = gh_times_moving(pts, n, tb);
    return r.den ? (double)r.num / r.den : 0;
}

static void pauses_do_not_slow_the_rate(void **state)
{
    (void)state;
    int64_t pts[PICTURES];
    for (int i = 0; i < PICTURES; i++) /* a pause of ten seconds after every fourth picture */
        pts[i] = i * 3000 + i / 4 * 900000;
    assert_true(fabs(moving(pts, PICTURES, (AVRational){1, 90000}) - 30) < 0.001);
}

static void rounded_times_keep_the_rate(void **state)
{
    (void)state;
    int64_t pts[PICTURES];
    for (int i = 0; i < PICTURES; i++) /* milliseconds, as in Matroska */
        pts[i] = (int64_t)(i * 1000 / 59.94 + 0.5);
    assert_true(fabs(moving(pts, PICTURES, MS) - 59.94) < 0.2);
}

static void bursts_and_repeated_times_are_no_rate(void **state)
{
    (void)state;
    int64_t pts[PICTURES];
    for (int i = 0; i < PICTURES; i++) /* each in two packets, one of them a millisecond late */
        pts[i] = i / 2 * 40 + i % 2;
    assert_true(fabs(moving(pts, PICTURES, MS) - 1000 / 39.0) < 0.01);
    const int64_t same[] = {5, 5, 5};
    assert_int_equal(gh_times_moving(same, GH_LEN(same), MS).den, 0);
    assert_int_equal(gh_times_moving(same, 0, MS).den, 0);
}

static void a_film_is_as_long_as_what_is_seen_and_heard(void **state)
{
    (void)state;
    const struct {
        struct gh_span picture, sound;
        int64_t length, lead;
    } cases[] = {
        {{0, 6000000}, {0, 6020000}, 6000000, 0},             /* a packet longer */
        {{0, 6000000}, {0, 8000000}, 8000000, 0},             /* the last picture stays */
        {{2000000, 8000000}, {0, 8000000}, 8000000, 2000000}, /* the first one does */
        {{50000, 6050000}, {0, 6000000}, 6000000, 0},         /* priming */
        {{0, 6000000}, {0, 90000000000}, 6000000, 0},         /* a broken clock */
        {{0, 6000000}, {3000000, 3000000}, 6000000, 0},       /* no sound at all */
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_probe p = {0};
        gh_times_film(&p, &cases[i].picture, &cases[i].sound);
        assert_int_equal(p.duration_us, cases[i].length);
        assert_int_equal(p.lead_us, cases[i].lead);
        assert_int_equal(p.picture_us, 6000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_do_not_slow_the_rate),
        cmocka_unit_test(rounded_times_keep_the_rate),
        cmocka_unit_test(bursts_and_repeated_times_are_no_rate),
        cmocka_unit_test(a_film_is_as_long_as_what_is_seen_and_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
