/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/range.h"

#include "base/str.h"

/* RFC 9110, 14.2, and what browsers send. */
static void one_span_of_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        uint64_t size;
        enum gh_range which;
        uint64_t from, n;
    } cases[] = {
        {NULL, 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=0-", 100, GH_RANGE_PART, 0, 100},
        {"bytes=0-0", 100, GH_RANGE_PART, 0, 1},
        {"bytes=0-1", 100, GH_RANGE_PART, 0, 2},
        {"bytes=99-", 100, GH_RANGE_PART, 99, 1},
        {"bytes=10-19", 100, GH_RANGE_PART, 10, 10},
        {"bytes=10-1000", 100, GH_RANGE_PART, 10, 90},
        {"bytes= 10-19 ", 100, GH_RANGE_PART, 10, 10},
        {"BYTES=10-19", 100, GH_RANGE_PART, 10, 10},
        {"bytes=-5", 100, GH_RANGE_PART, 95, 5},
        {"bytes=-500", 100, GH_RANGE_PART, 0, 100},
        {"bytes=-0", 100, GH_RANGE_BEYOND, 0, 0},
        {"bytes=100-", 100, GH_RANGE_BEYOND, 0, 0},
        {"bytes=0-", 0, GH_RANGE_BEYOND, 0, 0},
        {"bytes=-1", 0, GH_RANGE_BEYOND, 0, 0},
        {"bytes=18446744073709551616-", 100, GH_RANGE_BEYOND, 0, 0},
        {"bytes=0-99999999999999999999999", 100, GH_RANGE_PART, 0, 100},
        {"bytes=5-4", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=0-1,5-6", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=-", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=a-b", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=1-2x", 100, GH_RANGE_WHOLE, 0, 0},
        {"bytes=--1", 100, GH_RANGE_WHOLE, 0, 0},
        {"items=0-1", 100, GH_RANGE_WHOLE, 0, 0},
        {"", 100, GH_RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        uint64_t from = 0, n = 0;
        assert_int_equal(gh_range_parse(cases[i].range, cases[i].size, &from, &n), cases[i].which);
        assert_int_equal(from, cases[i].from);
        assert_int_equal(n, cases[i].n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_span_of_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
