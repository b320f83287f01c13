/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/form.h"

#include "base/str.h"

#include <string.h>

static int parse(const char *text, struct gh_form *form)
{
    struct gh_err err;
    return gh_form_parse(text, strlen(text), form, &err);
}

static void fields_are_decoded_once(void **state)
{
    (void)state;
    struct gh_form f = {0};
    assert_int_equal(parse("a=1+2&b=%E0%A6%95%26&&c&d=x%0D%0Ay&a=second&e=%2541", &f), 0);
    assert_string_equal(gh_form_get(&f, "a"), "1 2");
    assert_string_equal(gh_form_get(&f, "b"), "ক&");
    assert_string_equal(gh_form_get(&f, "c"), "");
    assert_true(gh_form_has(&f, "c"));
    assert_string_equal(gh_form_get(&f, "d"), "x\ny");
    assert_string_equal(gh_form_get(&f, "e"), "%41");
    assert_string_equal(gh_form_get(&f, "missing"), "");
    assert_false(gh_form_has(&f, "missing"));
    gh_form_free(&f);
}

static void malformed_fields_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"a=%",     "a=%1",     "a=%zz",       "a=%00",
                                      "%00=a",   "a=%C0%80", "a=%ED%A0%80", "a=%F5%80%80%80",
                                      "a=%1B[m", "a=%7F",    "a=\xff",      "a=b&c=%E0%A6"};
    for (size_t i = 0; i < GH_LEN(bad); i++) {
        struct gh_form f = {0};
        assert_int_equal(parse(bad[i], &f), -GH_USAGE);
        assert_int_equal(f.n, 0);
    }
}

static void a_form_has_limits(void **state)
{
    (void)state;
    struct gh_form f = {0};
    struct gh_err err;
    GH_AUTO_STR many = {0};
    for (int i = 0; i <= GH_FORM_PAIRS; i++)
        gh_str_puts(&many, "a&");
    assert_int_equal(gh_form_parse(many.data, many.len, &f, &err), -GH_LIMIT);
    assert_int_equal(gh_form_parse(many.data, many.len - 2, &f, &err), 0);
    assert_int_equal(f.n, GH_FORM_PAIRS);
    gh_form_free(&f);
    while (many.len <= GH_FORM_BYTES)
        gh_str_puts(&many, "xxxxxxxxxxxxxxxx");
    assert_int_equal(gh_form_parse(many.data, many.len, &f, &err), -GH_LIMIT);
}

static void a_cookie_is_found_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *header, *value; /* NULL: none */
    } cases[] = {
        {"__Host-ghat=abc", "abc"},
        {"a=b; __Host-ghat=abc; c=d", "abc"},
        {"a=b;__Host-ghat=abc", "abc"},
        {"x__Host-ghat=abc", NULL},
        {"__Host-ghatx=abc", NULL},
        {"__Host-ghat", NULL},
        {"__Host-ghat=abc; __Host-ghat=def", NULL},
        {"__Host-ghat=too-long", NULL},
        {"a=__Host-ghat=abc", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char value[8];
        bool found = gh_cookie_find(cases[i].header, "__Host-ghat", value, sizeof(value));
        assert_int_equal(found, cases[i].value != NULL);
        if (found)
            assert_string_equal(value, cases[i].value);
    }
}

static void an_address_has_one_form(void **state)
{
    (void)state;
    static const char *const good[][3] = {{"/", "/", ""},
                                          {"/i/12", "/i/12", ""},
                                          {"/q?s=all&d=x%2F..", "/q", "s=all&d=x%2F.."},
                                          {"/s/0123/desk.css", "/s/0123/desk.css", ""}};
    static const char *const bad[] = {"",
                                      "i/12",
                                      "//",
                                      "/../x",
                                      "/i/..",
                                      "/i/.hidden",
                                      "/i//12",
                                      "/%2e%2e/x",
                                      "/i/12%00",
                                      "/..%5c..%5cx",
                                      "/i\\12",
                                      "/I/12",
                                      "/i/12 ",
                                      "/i/\x01",
                                      "/\xc0\xae",
                                      "http://x/i/12",
                                      "*",
                                      "/i/12#x",
                                      "/i;x",
                                      "/i/<x>",
                                      "/i/'\"",
                                      "/%c0%ae%c0%ae/",
                                      "/i/\xe0\xa6\x95"};
    char path[GH_PATH_BYTES], longest[70000];
    const char *query;
    for (size_t i = 0; i < GH_LEN(good); i++) {
        assert_true(gh_uri_split(good[i][0], path, &query));
        assert_string_equal(path, good[i][1]);
        assert_string_equal(query, good[i][2]);
    }
    for (size_t i = 0; i < GH_LEN(bad); i++)
        assert_false(gh_uri_split(bad[i], path, &query));
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[sizeof(longest) - 1] = 0;
    assert_false(gh_uri_split(longest, path, &query));
    longest[GH_PATH_BYTES - 1] = 0;
    assert_true(gh_uri_split(longest, path, &query));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded_once),
        cmocka_unit_test(malformed_fields_are_refused),
        cmocka_unit_test(a_form_has_limits),
        cmocka_unit_test(a_cookie_is_found_whole_or_not_at_all),
        cmocka_unit_test(an_address_has_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
