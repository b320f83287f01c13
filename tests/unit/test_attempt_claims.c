/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time left of a render, from its pace, and what may be claimed. */
#include "tests/unit/test.h"

#include "daemon/attempt/claims.h"

static void time_left_follows_the_pace(void **state)
{
    (void)state;
    static const struct {
        unsigned first, permille;
        int64_t elapsed_ms, left_ms;
    } cases[] = {
        {0, 500, 60000, 60000},
        {0, 250, 10000, 30000},
        /* what was made before this attempt does not count */
        {400, 700, 30000, 30000},
        {0, 1000, 5000, 0},
        {0, 500, 100, -1},     /* too early */
        {0, 5, 60000, -1},     /* too little */
        {700, 700, 60000, -1}, /* nothing yet */
        {700, 300, 60000, -1}, /* a second pass */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(
            gh_progress_left_ms(cases[i].first, cases[i].permille, cases[i].elapsed_ms),
            cases[i].left_ms);
}

/* However many photos are due, a video need not wait for them, nor a photo for videos. */
static void photos_and_videos_never_wait_for_each_other(void **state)
{
    (void)state;
    enum { PHOTOS = 1u << GH_PHOTO | 1u << GH_MEDIA_NONE, VIDEOS = 1u << GH_VIDEO };
    static const struct {
        struct gh_claims_stats now;
        unsigned want;
    } rows[] = {
        {{.slots = 1, .video_slots = 1}, PHOTOS | VIDEOS},
        {{.photos = 1, .slots = 1, .video_slots = 1}, PHOTOS | VIDEOS},
        /* photos have what they need: only a video is claimed */
        {{.photos = 2, .slots = 1, .video_slots = 1}, VIDEOS},
        {{.photos = 2, .videos = 1, .slots = 1, .video_slots = 1}, 0},
        {{.videos = 1, .slots = 1, .video_slots = 1}, PHOTOS},
        {{.photos = 7, .videos = 1, .slots = 4, .video_slots = 2}, PHOTOS | VIDEOS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(gh_claims_wanted(&rows[i].now), rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_left_follows_the_pace),
        cmocka_unit_test(photos_and_videos_never_wait_for_each_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
