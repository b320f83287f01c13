/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include <string.h>

static void utf8_is_judged_by_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        bool valid;
    } cases[] = {
        {"plain", 5, true},
        {"উদ্বোধন", 21, true},
        {"\xf0\x9f\x98\x80", 4, true},
        {"\xc0\xaf", 2, false}, /* over-long slash */
        {"\xe0\x80\xaf", 3, false},
        {"\xed\xa0\x80", 3, false},     /* surrogate */
        {"\xf4\x90\x80\x80", 4, false}, /* beyond U+10FFFF */
        {"\xe0\xa6", 2, false},         /* cut */
        {"\x80", 1, false},
        {"\xff", 1, false},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++)
        assert_int_equal(gh_utf8_valid(cases[i].text, cases[i].n), cases[i].valid);
}

static void copies_cut_on_a_character(void **state)
{
    (void)state;
    char small[6];
    assert_false(GH_COPY(small, "কখ")); /* 3 + 3 bytes and a NUL do not fit in 6 */
    assert_string_equal(small, "ক");
    assert_int_equal(small[5], 0);
    assert_true(GH_COPY(small, "12345"));
}

/* Characters of one to four bytes, cut at every offset: what is kept is the longest run of whole
 * ones. */
static void a_cut_leaves_whole_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t kept[14]; /* by the bytes there is room for */
    } rows[] = {
        {"abc", {0, 1, 2, 3, 3}},
        {"aé", {0, 1, 1, 3, 3}},
        {"éa", {0, 0, 2, 3, 3}},
        {"ঘa", {0, 0, 0, 3, 4, 4}},
        {"ঘাট", {0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9}},
        {"😀ঘ", {0, 0, 0, 0, 4, 4, 4, 7, 7}},
        {"aéঘ😀", {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10}},
        {"", {0, 0}},
        /* what is malformed from the start is neither mended nor lost */
        {"\xff\xff\xff", {0, 0, 1, 3, 3}},
        {"\x80\x80\x80\x80\x80", {0, 1, 2, 3, 4, 5, 5}},
        {"ab\xe0", {0, 1, 2, 3, 3}},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++)
        for (size_t max = 0; max <= strlen(rows[i].text) + 1; max++) {
            char copied[16], formatted[16];
            size_t want = rows[i].kept[max];
            assert_int_equal(gh_utf8_cut(rows[i].text, max), want);
            assert_int_equal(gh_copy(copied, max + 1, rows[i].text), want == strlen(rows[i].text));
            assert_int_equal(strlen(copied), want);
            assert_int_equal(gh_format(formatted, max + 1, "%s", rows[i].text), want);
            assert_string_equal(formatted, copied);
        }
}

static void shown_names_are_one_line(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    const char name[] = "a\nb\x1b[31m\xff\xe2\x80\xae.jpg";
    gh_str_display(&s, name, sizeof(name) - 1);
    assert_string_equal(gh_str_text(&s), "a<U+000A>b<U+001B>[31m\xef\xbf\xbd<U+202E>.jpg");
}

static void durations_and_sizes(void **state)
{
    (void)state;
    uint64_t v = 0;
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"3s", 3000},      {"500ms", 500}, {"2m", 120000}, {"4h", 14400000},
                {"7d", 604800000}, {"30", 30000},  {"1.5s", 1500}};
    for (size_t i = 0; i < GH_LEN(good); i++) {
        assert_true(gh_parse_duration(good[i].text, &v));
        assert_int_equal(v, good[i].ms);
    }
    assert_false(gh_parse_duration("3 parsecs", &v));
    assert_false(gh_parse_duration("-3s", &v));
    assert_false(gh_parse_duration("", &v));
    assert_true(gh_parse_size("250M", &v));
    assert_int_equal(v, 250000000);
    assert_true(gh_parse_size("64Ki", &v));
    assert_int_equal(v, 65536);
    assert_false(gh_parse_size("99999999999999999999G", &v));
    assert_true(gh_parse_u64("17", 20, &v));
    assert_false(gh_parse_u64("21", 20, &v));
    assert_false(gh_parse_u64("0x10", 20, &v));
    assert_false(gh_parse_u64(" 1", 20, &v));
}

static void strings_grow(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    assert_string_equal(gh_str_text(&s), "");
    for (int i = 0; i < 1000; i++)
        gh_str_printf(&s, "%d,", i);
    assert_int_equal(s.len, strlen(s.data));
    assert_true(gh_starts(s.data, "0,1,2,"));
    assert_true(gh_ends(s.data, "999,"));
}

static void strip_takes_both_ends(void **state)
{
    (void)state;
    char text[] = " \t two words \r\n";
    assert_string_equal(gh_strip(text), "two words");
    char blank[] = "   ";
    assert_string_equal(gh_strip(blank), "");
}

static void slugs_are_plain_ascii(void **state)
{
    (void)state;
    static const struct {
        const char *name, *slug;
    } cases[] = {
        {"Water Supply", "water-supply"},
        {"জল সরবরাহ", "jal-sarabarah"},
        {"উদ্বোধন", "udbodhan"},
        {"স্বাস্থ্য", "sbasthy"},
        {"जल विभाग", "jal-vibhag"},
        {"IMG_1 (2).JPG", "img-1-2-jpg"},
        {"../../etc", "etc"},
        {"   ", "item"},
        {"\xff\xfe", "item"},
    };
    char slug[40];
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        gh_slug(cases[i].name, slug, sizeof(slug));
        assert_string_equal(slug, cases[i].slug);
    }
    gh_slug("aaaa bbbb", slug, 6); /* cut before a dash, never ending in one */
    assert_string_equal(slug, "aaaa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_judged_by_the_standard),
        cmocka_unit_test(copies_cut_on_a_character),
        cmocka_unit_test(a_cut_leaves_whole_characters),
        cmocka_unit_test(shown_names_are_one_line),
        cmocka_unit_test(durations_and_sizes),
        cmocka_unit_test(strings_grow),
        cmocka_unit_test(strip_takes_both_ends),
        cmocka_unit_test(slugs_are_plain_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
