/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long waiting files still take: turns of departments, urgency, lanes, and paces that outliers
 * change little. */
#include "tests/unit/test.h"

#include "daemon/attempt/eta.h"

#include <inttypes.h>

#define MB 1000000

static void nothing_known_is_no_estimate(void **state)
{
    (void)state;
    const struct gh_pace none = {0}, photos = {.photo_ms = 100};
    const struct gh_eta_lane lane = {.slots = 2};
    struct gh_wait list[] = {{.media = GH_PHOTO}, {.media = GH_VIDEO, .bytes = 5 * MB}};
    gh_eta(&none, &lane, &lane, list, 2);
    assert_int_equal(list[0].left_ms, -1);
    assert_int_equal(list[1].left_ms, -1);
    gh_eta(&photos, &lane, &lane, list, 2);
    assert_int_equal(list[0].left_ms, 100);
    assert_int_equal(list[1].left_ms, -1);
    gh_eta(&photos, &lane, &lane, NULL, 0);
}

static void each_waits_for_what_is_claimed_before(void **state)
{
    (void)state;
    const struct gh_pace pace = {.photo_ms = 100, .video_ms = 1000};
    const struct gh_eta_lane photos = {.slots = 1, .busy_ms = 50},
                             videos = {.slots = 1, .busy_ms = 7000};
    /* as the ledger sorts them: urgency, kind, department, turn */
    struct {
        struct gh_wait w;
        int64_t want;
    } rows[] = {
        {{.media = GH_PHOTO, .department = 1}, 250}, /* after the urgent one */
        /* after both others' first */
        {{.media = GH_PHOTO, .department = 1}, 450},
        {{.media = GH_PHOTO, .department = 1}, 550}, /* the third turn */
        /* one of many: its turn comes at once */
        {{.media = GH_PHOTO, .department = 2}, 350},
        {{.media = GH_VIDEO, .department = 1, .bytes = 3 * MB}, 10000}, /* photos do not count */
        {{.media = GH_VIDEO, .department = 3, .bytes = 1000}, 11000},   /* counts as a megabyte */
        {{.media = GH_PHOTO, .department = 4, .urgent = true}, 150},
    };
    struct gh_wait list[GH_LEN(rows)];
    for (size_t i = 0; i < GH_LEN(rows); i++)
        list[i] = rows[i].w;
    gh_eta(&pace, &photos, &videos, list, GH_LEN(rows));
    for (size_t i = 0; i < GH_LEN(rows); i++)
        if (list[i].left_ms != rows[i].want)
            fail_msg("row %zu: %" PRId64 ", not %" PRId64, i, list[i].left_ms, rows[i].want);
}

static void more_slots_share_the_queue(void **state)
{
    (void)state;
    const struct gh_pace pace = {.photo_ms = 100};
    const struct gh_eta_lane photos = {.slots = 4}, none = {0};
    struct gh_wait list[9] = {0};
    for (size_t i = 0; i < GH_LEN(list); i++)
        list[i].media = GH_PHOTO;
    gh_eta(&pace, &photos, &none, list, GH_LEN(list));
    assert_int_equal(list[0].left_ms, 100);
    assert_int_equal(list[8].left_ms, 300); /* 800 before it by four, and its own */
}

static void one_that_may_not_begin_yet_waits_at_least_so_long(void **state)
{
    (void)state;
    const struct gh_pace pace = {.photo_ms = 100};
    const struct gh_eta_lane lane = {.slots = 1};
    struct gh_wait list[] = {{.media = GH_PHOTO, .not_before_ms = 15000}, {.media = GH_PHOTO}};
    gh_eta(&pace, &lane, &lane, list, 2);
    assert_int_equal(list[0].left_ms, 15100);
    assert_int_equal(list[1].left_ms, 200);
}

static void a_pace_follows_what_is_measured_and_no_outlier(void **state)
{
    (void)state;
    struct gh_pace pace = {0};
    gh_pace_learn(&pace, GH_PHOTO, 1, 200);
    assert_int_equal(pace.photo_ms, 200); /* the first is taken as it is */
    gh_pace_learn(&pace, GH_PHOTO, 1, 3600 * 1000);
    assert_in_range(pace.photo_ms, 201, 280);
    for (int i = 0; i < 100; i++)
        gh_pace_learn(&pace, GH_PHOTO, 1, 1000);
    assert_in_range(pace.photo_ms, 980, 1000);
    for (int i = 0; i < 200; i++)
        gh_pace_learn(&pace, GH_PHOTO, 1, 0);
    assert_in_range(pace.photo_ms, 1, 20); /* never 0 */
    gh_pace_learn(&pace, GH_VIDEO, 20 * MB, 60000);
    assert_int_equal(pace.video_ms, 3000);
    assert_int_equal(gh_pace_of(&pace, GH_VIDEO, 10 * MB), 30000);
    assert_int_equal(gh_pace_of(&pace, GH_VIDEO, 10), 3000);
    struct gh_pace slow = {0};
    gh_pace_learn(&slow, GH_VIDEO, 0, INT64_MAX / 2);
    assert_in_range(slow.video_ms, 1, 600 * 1000);
}

static void ten_thousand_cost_next_to_nothing(void **state)
{
    (void)state;
    enum { N = 10000 };
    const struct gh_pace pace = {.photo_ms = 100};
    const struct gh_eta_lane lane = {.slots = 2};
    GH_AUTO_FREE struct gh_wait *list = gh_alloc(N * sizeof(*list));
    for (size_t i = 0; i < N; i++)
        list[i] = (struct gh_wait){.media = GH_PHOTO, .department = (uint32_t)(i / (N / 40))};
    gh_eta(&pace, &lane, &lane, list, N);
    int64_t last = 0, first_turns = 0;
    for (size_t i = 0; i < N; i++) {
        last = GH_MAX(last, list[i].left_ms);
        first_turns += list[i].left_ms <= 40 * 100;
    }
    assert_int_equal(last, (N - 1) * 100 / 2 + 100);
    assert_in_range(first_turns, 40, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known_is_no_estimate),
        cmocka_unit_test(each_waits_for_what_is_claimed_before),
        cmocka_unit_test(more_slots_share_the_queue),
        cmocka_unit_test(one_that_may_not_begin_yet_waits_at_least_so_long),
        cmocka_unit_test(a_pace_follows_what_is_measured_and_no_outlier),
        cmocka_unit_test(ten_thousand_cost_next_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
