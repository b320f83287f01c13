/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk counts is what ghatd reads; anything else leaves it as it was. */
#include "base/page_times.h"

#include "base/err.h"

#include "tests/unit/test.h"

#include <string.h>

static void what_is_counted_is_what_is_read(void **state)
{
    struct gh_page_times t = {0}, read = {0};
    (void)state;
    for (unsigned k = 0; k < GH_PAGE_KINDS; k += 2)
        for (unsigned i = 0; i < GH_PAGE_BOUNDS; i++)
            gh_page_times_add(&t, k, gh_page_bounds_ms[i] * INT64_C(1000) + (i % 2));
    gh_page_times_add(&t, GH_PAGE_OTHER, -5);
    assert_int_equal(t.of[GH_PAGE_OTHER].n[0], 2);              /* 5 ms and less than nothing */
    assert_int_equal(t.of[GH_PAGE_OTHER].n[GH_PAGE_BOUNDS], 1); /* more than the last bound */
    json_t *o = gh_page_times_json(&t);
    assert_int_equal(json_object_size(o), (GH_PAGE_KINDS + 1) / 2);
    assert_true(gh_page_times_parse(o, &read));
    assert_memory_equal(&read, &t, sizeof(t));
    json_decref(o);
}

static void what_is_none_changes_nothing(void **state)
{
    static const char *const odd[] = {
        "[]",
        "null",
        "{\"queue\":[]}",
        "{\"queue\":7}",
        "{\"nothing\":[0,0,0,0,0,0,0,0,0,0,0,0]}",
        "{\"queue\":[0,0,0,0,0,0,0,0,0,0,0]}",
        "{\"queue\":[0,0,0,0,0,0,0,0,0,0,0,0,0]}",
        "{\"queue\":[0,0,0,0,-1,0,0,0,0,0,0,0]}",
        "{\"queue\":[0,0,0,0,0.5,0,0,0,0,0,0,0]}",
        "{\"queue\":[0,0,0,0,\"1\",0,0,0,0,0,0,0]}",
    };
    (void)state;
    for (size_t i = 0; i < GH_LEN(odd); i++) {
        struct gh_page_times t, was;
        memset(&t, 7, sizeof(t));
        was = t;
        json_t *o = json_loads(odd[i], JSON_DECODE_ANY, NULL);
        assert_non_null(o);
        if (gh_page_times_parse(o, &t))
            fail_msg("taken: %s", odd[i]);
        assert_memory_equal(&t, &was, sizeof(t));
        json_decref(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_counted_is_what_is_read),
        cmocka_unit_test(what_is_none_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
