/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash table: against a plain array, through growth, removal and iteration. */
#include "tests/unit/test.h"

#include "base/map.h"

#include <string.h>

#define N 2000

static void test_random_steps(void **state)
{
    (void)state;
    static int values[N];
    bool in[N] = {false};
    size_t n = 0;
    struct gh_map m = {0};
    uint64_t x = 7;
    for (int step = 0; step < 60000; step++) {
        x = gh_hash64(x, &step, sizeof(step));
        int k = (int)(x % N);
        if (x >> 20 & 1) {
            assert_ptr_equal(gh_map_put(&m, &k, sizeof(k), &values[k]), in[k] ? &values[k] : NULL);
            n += !in[k];
            in[k] = true;
        } else {
            assert_ptr_equal(gh_map_remove(&m, &k, sizeof(k)), in[k] ? &values[k] : NULL);
            n -= in[k];
            in[k] = false;
        }
        assert_int_equal(m.n, n);
    }
    for (int k = 0; k < N; k++)
        assert_ptr_equal(gh_map_get(&m, &k, sizeof(k)), in[k] ? &values[k] : NULL);
    size_t at = 0, seen = 0;
    for (int *v; (v = gh_map_next(&m, &at)); seen++) {
        int k = (int)(v - values);
        assert_true(in[k]);
        gh_map_remove(&m, &k, sizeof(k));
    }
    assert_int_equal(seen, n);
    assert_int_equal(m.n, 0);
    gh_map_free(&m);
}

static void test_keys_are_bytes(void **state)
{
    (void)state;
    struct gh_map m = {0};
    int a, b, c;
    assert_null(gh_map_get(&m, "x", 1));
    gh_map_put(&m, "x\0y", 3, &a);
    gh_map_put(&m, "x\0z", 3, &b);
    gh_map_put(&m, "", 0, &c);
    assert_ptr_equal(gh_map_get(&m, "x\0y", 3), &a);
    assert_ptr_equal(gh_map_get(&m, "x\0z", 3), &b);
    assert_ptr_equal(gh_map_get(&m, "", 0), &c);
    assert_null(gh_map_get(&m, "x", 1));
    gh_map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_steps),
                                       cmocka_unit_test(test_keys_are_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
