/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of what changed lately: places, what is forgotten, and a start in between. */
#include "tests/unit/test.h"

#include "daemon/control/changes.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

static char *place_of(const struct gh_changes *c, uint64_t seq)
{
    return gh_asprintf("%s.%" PRIu64, c->boot, seq);
}

static size_t after(const struct gh_changes *c, uint64_t seq, int64_t *ret, size_t max, bool *all)
{
    GH_AUTO_FREE char *place = place_of(c, seq);
    return gh_changes_after(c, place, ret, max, all);
}

static void each_is_told_once_the_latest_last(void **state)
{
    (void)state;
    static struct gh_changes c;
    int64_t ids[8];
    bool all;
    gh_changes_init(&c);
    assert_int_equal(strlen(c.boot), 16);
    assert_int_equal(after(&c, 0, ids, 8, &all), 0);
    assert_false(all);
    gh_changes_add(&c, 12);
    gh_changes_add(&c, 13);
    gh_changes_add(&c, 12);
    assert_int_equal(after(&c, 0, ids, 8, &all), 2);
    assert_false(all);
    assert_int_equal(ids[0], 13);
    assert_int_equal(ids[1], 12);
    assert_int_equal(after(&c, 2, ids, 8, &all), 1);
    assert_int_equal(ids[0], 12);
    assert_int_equal(after(&c, 3, ids, 8, &all), 0);
    assert_false(all);
}

static void what_is_forgotten_is_said(void **state)
{
    (void)state;
    static struct gh_changes c, other;
    int64_t ids[8];
    bool all;
    gh_changes_init(&c);
    gh_changes_init(&other);
    assert_string_not_equal(c.boot, other.boot);
    for (int i = 1; i <= GH_CHANGES; i++)
        gh_changes_add(&c, i % 5 + 1);
    assert_int_equal(after(&c, 0, ids, 8, &all), 5); /* all of the ring, just */
    assert_false(all);
    gh_changes_add(&c, 1);
    after(&c, 0, ids, 8, &all);
    assert_true(all);
    assert_int_equal(after(&c, 1, ids, 8, &all), 5);
    assert_false(all);
    assert_int_equal(after(&c, 1, ids, 3, &all), 3); /* more than an answer holds */
    assert_true(all);
    after(&c, GH_CHANGES + 2, ids, 8, &all); /* not yet */
    assert_true(all);
    GH_AUTO_FREE char *foreign = place_of(&other, 1);
    const char *const places[] = {foreign, "", ".", "1", c.boot, "0000000000000000.-1", NULL};
    for (int i = 0; places[i]; i++) {
        assert_int_equal(gh_changes_after(&c, places[i], ids, 8, &all), 0);
        assert_true(all);
    }
    GH_AUTO_FREE char *odd = gh_asprintf("%s.5x", c.boot), *minus = gh_asprintf("%s.-1", c.boot);
    gh_changes_after(&c, odd, ids, 8, &all);
    assert_true(all);
    gh_changes_after(&c, minus, ids, 8, &all);
    assert_true(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_told_once_the_latest_last),
                                       cmocka_unit_test(what_is_forgotten_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
