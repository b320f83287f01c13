/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: what may stand in an envelope and a header, and what would become more than one. */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void plain_ones_pass(void **state)
{
    static const char *const good[] = {"rina@example.org", "nodal.water+ghat@kmc.gov.in", "a@b",
                                       "o'hara_1@x-y.example"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        if (!gh_address_is_plain(good[i]))
            fail_msg("%s is refused", good[i]);
}

static void nothing_that_could_be_two_passes(void **state)
{
    static const char *const bad[] = {"",
                                      "a",
                                      "@b",
                                      "a@",
                                      "a@@b",
                                      "a@b@c",
                                      "a b@c",
                                      "a@b\r\nBcc: x@y",
                                      "a@b\nx",
                                      "a@b\t",
                                      "a@b ",
                                      " a@b",
                                      "a@b,c@d",
                                      "a@b;c@d",
                                      "<a@b>",
                                      "a@b>",
                                      "\"a b\"@c",
                                      "a(x)@b",
                                      "a@b..c",
                                      "a..b@c",
                                      ".a@b",
                                      "a.@b",
                                      "a@.b",
                                      "a@b.",
                                      "-a@b",
                                      "a@-b",
                                      "a@[127.0.0.1]",
                                      "\xe0\xa6\x95@b",
                                      "a@b\x7f",
                                      "a@b:c",
                                      "a\\b@c"};
    char longest[200];
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (gh_address_is_plain(bad[i]))
            fail_msg("%s passes", bad[i]);
    memset(longest, 'a', sizeof(longest));
    memcpy(longest + 100, "@example.org", 13);
    assert_true(gh_address_is_plain(longest));
    memset(longest + 100, 'a', 30);
    memcpy(longest + 130, "@example.org", 13);
    assert_false(gh_address_is_plain(longest));
    assert_false(gh_address_is_plain(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_ones_pass),
                                       cmocka_unit_test(nothing_that_could_be_two_passes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
