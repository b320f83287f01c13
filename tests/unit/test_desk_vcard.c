/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/vcard.h"

#include <string.h>

static void numbers_as_they_are_dialled(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"+91 98300-12345", "919830012345"},
        {"0091 98300 12345", "919830012345"},
        {"98300 12345", "919830012345"},
        {"+44 (20) 7946.0018", "442079460018"},
        {"033 2286 1000", ""},
        {"2286 1000", ""},
        {"", ""},
        {"+", ""},
        {"+0983001234", ""},
        {"+91983001234512345", ""},
        {"+9198300123451234512345", ""},
        {"98300 12345 ext 2", ""},
        {"+91?text=hi", ""},
        {"9830012345/9830012346", ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char got[64];
        assert_int_equal(gh_vcard_dialled(cases[i][0], got, sizeof(got)), *cases[i][1] != 0);
        assert_string_equal(got, cases[i][1]);
    }
}

static void a_card_of_plain_words(void **state)
{
    (void)state;
    GH_AUTO_STR out = {0};
    gh_vcard_add(&out,
                 &(struct gh_vcard){"Anjali Sen", "Engineer", "Water", "+91 1", "a@b.org", ""});
    assert_string_equal(gh_str_text(&out),
                        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anjali Sen\r\nN:Anjali Sen;;;;\r\n"
                        "TITLE:Engineer\r\nORG:Water\r\nTEL;TYPE=CELL:+91 1\r\nEMAIL:a@b.org\r\n"
                        "END:VCARD\r\n");
    gh_vcard_add(&out, &(struct gh_vcard){"", "x", "x", "x", "x", "x"});
    assert_null(strstr(gh_str_text(&out), "x"));
}

/* Nobody's words make a line or a field of their own; no line is too long or cut within a letter.
 */
static void hostile_and_long_words(void **state)
{
    (void)state;
    GH_AUTO_STR out = {0};
    char name[400] = "";
    for (int i = 0; i < 40; i++)
        strcat(name, "\u09aa\u09cb;");
    gh_vcard_add(&out, &(struct gh_vcard){name, "a\r\nEND:VCARD\nBEGIN:VCARD", "x,y\\z",
                                          "1\x01\x7f", "", ""});
    const char *at = gh_str_text(&out);
    assert_non_null(strstr(at, "TITLE:a\\nEND:VCARD\\nBEGIN:VCARD\r\n"));
    assert_non_null(strstr(at, "ORG:x\\,y\\\\z\r\n"));
    assert_non_null(strstr(at, "TEL;TYPE=CELL:1\r\n"));
    unsigned lines = 0;
    while (*at) {
        size_t n = strcspn(at, "\r");
        assert_true(n <= 75);
        assert_true(gh_utf8_valid(at, n));
        assert_memory_equal(at + n, "\r\n", 2);
        at += n + 2;
        lines++;
    }
    assert_true(lines > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_they_are_dialled),
        cmocka_unit_test(a_card_of_plain_words),
        cmocka_unit_test(hostile_and_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
