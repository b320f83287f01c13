/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The self-test of walls sees what is possible: here, where there are none. That walls hold, the
 * programs say when they start. */
#include "base/forbidden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void without_walls_an_act_is_possible(void **state)
{
    (void)state;
    if (!GH_CONFINED)
        skip();
    assert_true(gh_forbidden_n > 10);
    assert_string_equal(gh_forbidden_possible(gh_forbidden, 1, false), "open a file");
    assert_null(gh_forbidden_possible(gh_forbidden, 1, true)); /* Landlock's: not asked */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_walls_an_act_is_possible)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
