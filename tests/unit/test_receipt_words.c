/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "daemon/receipt/words.h"

#include <string.h>

static void names_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned nth;
        const char *department; /* NULL: there is no such way */
        int64_t id;
        const char *rest;
    } cases[] = {
        {"water-12.txt", 0, "water", 12, ""},
        {"water-12", 0, "water", 12, ""},
        {"water-12-fb.photo.txt", 0, "water", 12, "fb.photo"},
        {"Water-12 FB.photo.TXT", 0, "water", 12, "fb.photo"},
        {"water-12_fb.photo (2).txt", 0, "water", 12, "fb.photo"},
        {"water-12-fb.photo-02-0a1b2c3d.jpg.txt", 0, "water", 12, "fb.photo-02-0a1b2c3d.jpg"},
        {"ward-7-12-fb.photo.txt", 0, "ward", 7, "12-fb.photo"},
        {"ward-7-12-fb.photo.txt", 1, "ward-7", 12, "fb.photo"},
        {"ward-7-12-fb.photo.txt", 2, NULL, 0, ""},
        {"water-12x.txt", 0, NULL, 0, ""},
        {"-12.txt", 0, NULL, 0, ""},
        {"water.txt", 0, NULL, 0, ""},
        {"water-.txt", 0, NULL, 0, ""},
        {"", 0, NULL, 0, ""},
        {"water-9999999999999999.txt", 0, NULL, 0, ""},
        {"(", 0, NULL, 0, ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_receipt is = {0};
        bool found = gh_receipt_read_name(cases[i].name, cases[i].nth, &is);
        assert_int_equal(found, cases[i].department != NULL);
        if (!found)
            continue;
        assert_string_equal(is.department, cases[i].department);
        assert_int_equal(is.id, cases[i].id);
        assert_string_equal(is.rest, cases[i].rest);
    }
}

static void the_longest_placement_is_meant(void **state)
{
    (void)state;
    struct gh_rendition list[] = {
        {.placement = "fb"}, {.placement = "fb-photo"}, {.placement = "x"}};
    const struct gh_item item = {.renditions = list, .n_renditions = GH_LEN(list)};
    assert_string_equal(gh_receipt_placement(&item, "fb-photo-0a1b2c3d.jpg"), "fb-photo");
    assert_string_equal(gh_receipt_placement(&item, "fb-video"), "fb");
    assert_null(gh_receipt_placement(&item, "fbx"));
    assert_null(gh_receipt_placement(&item, "tg"));
}

static void a_text_is_one_link_or_nothing(void **state)
{
    (void)state;
    struct gh_err err = {0};
    static const struct {
        const char *text, *link; /* NULL: none */
        int cls;
    } cases[] = {
        {"", NULL, 0},
        {" \r\n\t\n", NULL, 0},
        {"https://example.org/p/1\r\n", "https://example.org/p/1", 0},
        {"\xef\xbb\xbf HTTP://example.org/p \n", "HTTP://example.org/p", 0},
        {"https://a.org\nhttps://a.org\n", "https://a.org", 0},
        {"https://a.org\nhttps://b.org\n", NULL, GH_INPUT},
        {"javascript:alert(1)", NULL, GH_INPUT},
        {"posted at noon", NULL, GH_INPUT},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_FREE char *link = NULL;
        int r = gh_receipt_read_link(cases[i].text, strlen(cases[i].text), &link, &err);
        assert_int_equal(-r, cases[i].cls);
        if (cases[i].link)
            assert_string_equal(link, cases[i].link);
        else
            assert_null(link);
    }
    char *link = NULL;
    FAILS(GH_INPUT, gh_receipt_read_link("a\0b", 3, &link, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_people_write_them),
        cmocka_unit_test(the_longest_placement_is_meant),
        cmocka_unit_test(a_text_is_one_link_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
