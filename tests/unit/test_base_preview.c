/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which previews there are, what their files are called, and how long those are kept. */
#include "tests/unit/test.h"

#include "base/preview.h"
#include "base/str.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void requests_name_previews(void **state)
{
    (void)state;
    enum gh_preview p;
    static const struct {
        int64_t edge, still;
        int is; /* -1: there is none */
    } rows[] = {
        {360, 0, GH_PREVIEW_CARD},
        {1600, 0, GH_PREVIEW_SCREEN},
        {160, 1, GH_PREVIEW_STILL},
        {160, 6, GH_PREVIEW_STILL + 5},
        {160, 0, -1},
        {160, 7, -1},
        {360, 1, -1},
        {1600, -1, -1},
        {0, 0, -1},
        {INT64_MAX, INT64_MAX, -1},
        {160, (int64_t)1 << 32 | 1, -1},
        {((int64_t)1 << 32) + 360, 0, -1},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        bool is = gh_preview_parse(rows[i].edge, rows[i].still, &p);
        assert_int_equal(is, rows[i].is >= 0);
        if (is)
            assert_int_equal(p, rows[i].is);
    }
}

static void names_hold_the_hash_and_nothing_else_is_one(void **state)
{
    (void)state;
    char name[GH_PREVIEW_NAME], sha[GH_SHA_HEX], before[GH_PREVIEWS][GH_PREVIEW_NAME];
    for (unsigned p = 0; p < GH_PREVIEWS; p++) {
        gh_preview_name(SHA, (enum gh_preview)p, before[p]);
        for (unsigned other = 0; other < p; other++)
            assert_string_not_equal(before[p], before[other]);
        assert_true(gh_preview_name_sha(before[p], sha));
        assert_string_equal(sha, SHA);
    }
    gh_preview_name(SHA, GH_PREVIEW_STILL, name);
    assert_string_equal(name, SHA "-160-1.jpg");
    static const char *const none[] = {"",
                                       "x",
                                       SHA,
                                       SHA ".jpg",
                                       SHA "-361.jpg",
                                       SHA "-360.jpg.new",
                                       SHA "0-360.jpg",
                                       "../" SHA "-360.jpg",
                                       SHA "-160-7.jpg",
                                       SHA "-160.jpg"};
    for (size_t i = 0; i < GH_LEN(none); i++)
        assert_false(gh_preview_name_sha(none[i], sha));
}

static void stills_are_spread_over_the_video(void **state)
{
    (void)state;
    int64_t last = 0;
    for (unsigned p = GH_PREVIEW_STILL; p < GH_PREVIEWS; p++) {
        int64_t at = gh_preview_moment_us((enum gh_preview)p, 60000000);
        assert_in_range(at - last, 5000000, 10000000);
        last = at;
        assert_int_equal(gh_preview_moment_us((enum gh_preview)p, 0), 0);
    }
    assert_int_equal(last, 55000000);
    assert_int_equal(gh_preview_moment_us(GH_PREVIEW_SCREEN, 60000000), 0);
    assert_true(gh_preview_moment_us(GH_PREVIEWS - 1, INT64_MAX / 2) > 0);
}

static void a_set_is_counted_in_order(void **state)
{
    (void)state;
    unsigned set = 1u << GH_PREVIEW_SCREEN | 1u << (GH_PREVIEW_STILL + 2);
    assert_int_equal(gh_preview_nth(set, 0), GH_PREVIEW_SCREEN);
    assert_int_equal(gh_preview_nth(set, 1), GH_PREVIEW_STILL + 2);
    assert_int_equal(gh_preview_nth(set, 2), GH_PREVIEWS);
    assert_int_equal(gh_preview_nth(set, UINT32_MAX), GH_PREVIEWS);
    assert_int_equal(gh_preview_nth(GH_PREVIEW_SET_STILLS, 5), GH_PREVIEWS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_name_previews),
        cmocka_unit_test(names_hold_the_hash_and_nothing_else_is_one),
        cmocka_unit_test(stills_are_spread_over_the_video),
        cmocka_unit_test(a_set_is_counted_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
