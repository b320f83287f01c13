/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/media.h"

static void every_kind_of_metadata_has_a_name(void **state)
{
    (void)state;
    for (unsigned b = 0; b < GH_META_BITS; b++) {
        assert_non_null(gh_meta_name(b));
        assert_non_null(gh_meta_title(b));
        for (unsigned c = 0; c < b; c++)
            assert_string_not_equal(gh_meta_name(b), gh_meta_name(c));
    }
    assert_null(gh_meta_name(GH_META_BITS));
}

static void what_was_removed_reads_as_a_list(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    gh_meta_describe(GH_META(GPS) | GH_META(MAKERNOTE), &s);
    assert_string_equal(gh_str_text(&s), "GPS position, maker note");
    s.len = 0;
    gh_meta_describe(0, &s);
    assert_string_equal(gh_str_text(&s), "nothing");
}

static void no_policy_for_the_outbox_lets_location_out(void **state)
{
    (void)state;
    const uint32_t never = GH_META(GPS) | GH_META(SERIAL) | GH_META(OWNER) | GH_META(FACES) |
                           GH_META(MAKERNOTE) | GH_META(THUMBNAIL) | GH_META(COMMENT) |
                           GH_META(TRAILER) | GH_META(UDTA) | GH_META(DATA_TRACK);
    assert_int_equal(gh_policy_allows(GH_POLICY_STRIP), 0);
    assert_int_equal(gh_policy_allows(GH_POLICY_CREDIT) & never, 0);
    assert_int_equal(gh_policy_allows(GH_POLICY_KEEP) & never, 0);
    assert_int_equal(gh_policy_allows((enum gh_policy)77), 0);
}

static void policies_are_known_by_name(void **state)
{
    (void)state;
    for (unsigned p = 0; p < GH_POLICIES; p++) {
        enum gh_policy back;
        assert_true(gh_policy_parse(gh_policy_name((enum gh_policy)p), &back));
        assert_int_equal(back, p);
    }
    enum gh_policy untouched = GH_POLICY_KEEP;
    assert_false(gh_policy_parse("everything", &untouched));
    assert_int_equal(untouched, GH_POLICY_KEEP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_metadata_has_a_name),
        cmocka_unit_test(what_was_removed_reads_as_a_list),
        cmocka_unit_test(no_policy_for_the_outbox_lets_location_out),
        cmocka_unit_test(policies_are_known_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
