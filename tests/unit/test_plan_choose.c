/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is chosen, by whom; words in any case; and what names nothing. */
#include "tests/unit/test.h"

#include "base/str.h"
#include "base/text.h"
#include "daemon/plan/choose.h"

#include <string.h>

#define PHOTOS (1u << GH_PHOTO)
#define VIDEOS (1u << GH_VIDEO)

static struct gh_profile list[] = {
    {.name = "a.photo", .words = "alpha, আলফা", .from = PHOTOS, .unasked = PHOTOS},
    {.name = "a.video", .words = "alpha,আলফা", .from = VIDEOS, .unasked = VIDEOS},
    {.name = "b.thumb", .words = "beta,Letter B", .from = PHOTOS | VIDEOS, .unasked = VIDEOS},
    {.name = "c.photo", .words = "", .from = PHOTOS},
};
static const struct gh_profiles set = {list, GH_LEN(list)};

static void rules_follow_each_other(void **state)
{
    (void)state;
    static const struct {
        struct gh_choosing conf, department;
        const char *asked;
        unsigned media[4];
        enum gh_chosen_by by[4];
    } cases[] = {
        {{0}, {0}, NULL, {PHOTOS, VIDEOS, VIDEOS, 0}, {0, 0, 0, 0}},
        {{.also = "C.PHOTO"}, {0}, NULL, {PHOTOS, VIDEOS, VIDEOS, PHOTOS}, {0, 0, 0, 1}},
        {{.make = "alpha"}, {0}, NULL, {PHOTOS, VIDEOS, 0, 0}, {0, 0, 1, 0}},
        {{.make = "all"}, {0}, NULL, {PHOTOS, VIDEOS, VIDEOS, 0}, {0, 0, 0, 0}},
        {{.make = "letter b"}, {0}, NULL, {0, 0, PHOTOS | VIDEOS, 0}, {1, 1, 1, 0}},
        {{.make = "beta"}, {.make = "all"}, NULL, {PHOTOS, VIDEOS, VIDEOS, 0}, {2, 2, 2, 0}},
        {{0}, {.leave = "আলফা , beta"}, NULL, {0, 0, 0, 0}, {2, 2, 2, 0}},
        {{0}, {.make = "c.photo"}, "Alpha", {PHOTOS, VIDEOS, 0, 0}, {3, 3, 2, 3}},
        {{0}, {0}, " beta,, c.photo ,", {0, 0, PHOTOS | VIDEOS, PHOTOS}, {3, 3, 3, 3}},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++)
        for (size_t k = 0; k < set.n; k++) {
            enum gh_chosen_by by;
            unsigned media =
                gh_choose_one(&list[k], &cases[i].conf, &cases[i].department, cases[i].asked, &by);
            if (media != cases[i].media[k] || by != cases[i].by[k])
                fail_msg("case %zu, %s: %u by %d", i, list[k].name, media, (int)by);
        }
    struct gh_chosen chosen;
    gh_choose(&set, &(struct gh_choosing){.leave = "a.photo"}, NULL, NULL, &chosen);
    assert_int_equal(chosen.n, 2);
    assert_string_equal(chosen.name[0], "a.video");
    assert_int_equal(chosen.media[1], VIDEOS);
}

static void words_that_name_nothing(void **state)
{
    (void)state;
    char word[64];
    assert_false(gh_choose_unknown(&set, "alpha, all,B.THUMB", word));
    assert_false(gh_choose_unknown(&set, "", word));
    assert_true(gh_choose_unknown(&set, "alpha, the people", word));
    assert_string_equal(word, "the people");
}

static bool is_short(const char *said, void *arg)
{
    return strlen(said) < *(size_t *)arg;
}

static void lines_of_captions(void **state)
{
    (void)state;
    char text[] = "Words\nFor: alpha, b\nFor: the people of ward 12\n জায়গা\nযেখানে ঃ আলফা\n"
                  "जहाँ: c\nForty: x\nfor : d";
    size_t most = 20;
    GH_AUTO_STR words = {0};
    gh_text_take_for(text, is_short, &most, &words);
    assert_string_equal(text, "Words\nFor: the people of ward 12\n জায়গা\nForty: x");
    assert_string_equal(gh_str_text(&words), "alpha, b,আলফা,c,d,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules_follow_each_other),
                                       cmocka_unit_test(words_that_name_nothing),
                                       cmocka_unit_test(lines_of_captions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
