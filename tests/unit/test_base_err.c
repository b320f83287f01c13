/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>

static void returns_the_negative_class(void **state)
{
    (void)state;
    struct gh_err err;
    assert_int_equal(gh_fail(&err, GH_LIMIT, "%d pixels", 7), -GH_LIMIT);
    assert_string_equal(err.msg, "7 pixels");
    assert_int_equal(gh_fail(NULL, GH_INPUT, "nobody listens"), -GH_INPUT);
}

static void errno_decides_the_class_when_asked(void **state)
{
    (void)state;
    struct gh_err err;
    errno = ENOSPC;
    assert_int_equal(gh_fail_errno(&err, GH_OK, "cannot write"), -GH_AGAIN);
    assert_int_equal(err.code, ENOSPC);
    assert_string_equal(err.msg, "cannot write: No space left on device");
    errno = EIO;
    assert_int_equal(gh_fail_errno(&err, GH_OK, "x"), -GH_SYSTEM);
    errno = EIO;
    assert_int_equal(gh_fail_errno(&err, GH_CONFIG, "x"), -GH_CONFIG);
}

static void a_prefix_keeps_class_and_message(void **state)
{
    (void)state;
    struct gh_err err;
    gh_fail(&err, GH_INPUT, "damaged");
    assert_int_equal(gh_fail_prefix(&err, "%s", "a.jpg"), -GH_INPUT);
    assert_string_equal(err.msg, "a.jpg: damaged");
}

static void long_messages_are_cut_not_overrun(void **state)
{
    (void)state;
    struct gh_err err;
    char text[1000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = 0;
    gh_fail(&err, GH_INPUT, "%s", text);
    assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
    gh_fail_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void long_messages_are_cut_on_a_character(void **state)
{
    (void)state;
    struct gh_err err;
    char text[1000] = "";
    for (size_t at = 0; at + 3 < sizeof(text); at += 3)
        memcpy(text + at, "ঘ", 4);
    for (int shift = 0; shift < 3; shift++) {
        gh_fail(&err, GH_INPUT, "%.*s%s", shift, "aa", text);
        assert_true(gh_utf8_valid(err.msg, strlen(err.msg)));
        assert_in_range(strlen(err.msg), sizeof(err.msg) - 3, sizeof(err.msg) - 1);
        gh_fail(&err, GH_INPUT, "%s", text);
        gh_fail_prefix(&err, "%.*s", shift, "aa");
        assert_true(gh_utf8_valid(err.msg, strlen(err.msg)));
        errno = EIO;
        gh_fail_errno(&err, GH_INPUT, "%.*s%s", shift, "aa", text);
        assert_true(gh_utf8_valid(err.msg, strlen(err.msg)));
    }
}

static void every_class_has_a_name(void **state)
{
    (void)state;
    for (int c = 0; c < GH_CLASSES; c++)
        assert_string_not_equal(gh_class_name((enum gh_class)c), "unknown");
    assert_string_equal(gh_class_name((enum gh_class)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_the_negative_class),
        cmocka_unit_test(errno_decides_the_class_when_asked),
        cmocka_unit_test(a_prefix_keeps_class_and_message),
        cmocka_unit_test(long_messages_are_cut_not_overrun),
        cmocka_unit_test(long_messages_are_cut_on_a_character),
        cmocka_unit_test(every_class_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
