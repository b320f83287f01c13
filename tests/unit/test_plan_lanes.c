/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many lanes a video gets: by cores, length, memory, and never more than descriptors allow. */
#include "tests/unit/test.h"

#include "daemon/plan/lanes.h"

#include <string.h>

static struct gh_plan plan;
static struct gh_probe probe;

static void full_hd(uint32_t encodes, int64_t seconds)
{
    memset(&plan, 0, sizeof(plan));
    probe = (struct gh_probe){
        .media = GH_VIDEO, .stored_w = 1920, .stored_h = 1080, .duration_us = seconds * 1000000};
    plan.n_encodes = encodes + 1;
    plan.encodes[0] = (struct gh_recipe){.media = GH_PHOTO};
    for (uint32_t i = 1; i <= encodes; i++)
        plan.encodes[i] = (struct gh_recipe){
            .media = GH_VIDEO, .how = GH_HOW_ENCODE, .pic = {.canvas_w = 1920, .canvas_h = 1080}};
}

static unsigned lanes(unsigned asked, unsigned threads, uint64_t memory)
{
    const struct gh_lanes_conf conf = {.lanes = asked, .threads = threads, .memory = memory};
    return gh_lanes_of(&plan, &probe, &conf);
}

static void cores_that_one_video_cannot_use_are_used(void **state)
{
    (void)state;
    full_hd(3, 600);
    assert_int_equal(lanes(0, 1, 0), 1);
    assert_int_equal(lanes(0, 12, 0), 1);
    assert_int_equal(lanes(0, 24, 0), 2);
    assert_int_equal(lanes(0, 64, 0), 4);
    full_hd(1, 600);
    assert_int_equal(lanes(0, 8, 0), 2);
    full_hd(1, 50); /* no piece shorter than twenty seconds */
    assert_int_equal(lanes(0, 64, 0), 2);
    full_hd(1, 0);
    assert_int_equal(lanes(0, 64, 0), 1);
}

static void what_was_asked_for_is_done_where_it_can_be(void **state)
{
    (void)state;
    full_hd(3, 5);
    assert_int_equal(lanes(1, 64, 0), 1);
    assert_int_equal(lanes(3, 2, 0), 3);
    assert_int_equal(lanes(4, 2, 3000000000), 4);
    assert_int_equal(lanes(4, 2, 1600000000), 2);
    assert_int_equal(lanes(4, 2, 100000000), 1);
    full_hd(GH_JOB_MAX_ENCODES - 1, 5);
    assert_int_equal(lanes(4, 2, 0), 1);
    full_hd(0, 600);
    assert_int_equal(lanes(4, 64, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores_that_one_video_cannot_use_are_used),
        cmocka_unit_test(what_was_asked_for_is_done_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
