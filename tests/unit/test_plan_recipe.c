/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipes as values: no byte of one may change unnoticed, or two different outputs would share a
 * file; and their names in the ledger stay what they are. */
#include "tests/unit/test.h"

#include "daemon/plan/plan_int.h"

#include <string.h>

static const char *const source =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#define SPAN(field)                                                                                \
    {                                                                                              \
        offsetof(struct gh_recipe, field), sizeof(((struct gh_recipe *)0)->field)                  \
    }
struct span {
    size_t at, size;
};

static bool within(const struct span *spans, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (at >= spans[i].at && at < spans[i].at + spans[i].size)
            return true;
    return false;
}

/* What follows the NUL of a text says nothing. */
static bool may_differ(size_t at)
{
    static const struct span texts[] = {SPAN(pic.watermark.id), SPAN(pic.label.id),
                                        SPAN(video.profile),    SPAN(video.preset),
                                        SPAN(artist),           SPAN(copyright)};
    static const struct span unused[] = {SPAN(pic.reserved)};
    for (size_t i = 0; i < GH_LEN(texts); i++)
        if (at == texts[i].at)
            return false;
    return within(texts, GH_LEN(texts), at) || within(unused, GH_LEN(unused), at);
}

static void every_byte_of_a_recipe_counts(void **state)
{
    (void)state;
    static const struct span pic = SPAN(pic);
    struct gh_recipe none, other;
    char hash[GH_SHA_HEX], changed[GH_SHA_HEX];
    memset(&none, 0, sizeof(none));
    gh_recipe_hash(source, &none, hash);
    for (size_t i = 0; i < sizeof(other); i++) {
        memset(&other, 0, sizeof(other));
        ((char *)&other)[i] = 'x';
        gh_recipe_hash(source, &other, changed);
        bool same = may_differ(i);
        if (gh_recipe_equal(&none, &other) != same || gh_streq(hash, changed) != same)
            fail_msg("byte %zu of a recipe is %s", i, same ? "noticed" : "not noticed");
        if (gh_pic_equal(&none.pic, &other.pic) != (same || !within(&pic, 1, i)))
            fail_msg("byte %zu of a recipe: its picture compares otherwise", i);
    }
}

static void the_name_of_a_recipe_is_for_ever(void **state)
{
    (void)state;
    struct gh_recipe r = {
        .media = GH_VIDEO,
        .bytes_max = 5000000000,
        .pic = {.crop.w = 1920, .fps = {30000, 1001}, .start_us = -1, .lufs10 = -140},
        .video.preset = "faster",
        .artist = "Ward 7",
    };
    char hash[GH_SHA_HEX];
    gh_recipe_hash(source, &r, hash);
    assert_string_equal(hash, "fbdbeacd6962597493c309114d906dd416c8a5384fce72e48750cbc70e6dfb24");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_recipe_counts),
        cmocka_unit_test(the_name_of_a_recipe_is_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
