/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of photos of one scene: who is in which, and in which order. */
#include "tests/unit/test.h"

#include "daemon/control/alike.h"

#include "base/str.h"

#include <jansson.h>

#define BITS(n) ((1ull << (n)) - 1)

static void expect(struct gh_file *files, size_t n, const char *should)
{
    struct gh_item item = {.files = files, .n_files = n};
    for (size_t i = 0; i < n; i++)
        files[i].id = (int64_t)(100 + i);
    json_t *groups = gh_alike_json(&item);
    GH_AUTO_FREE char *is = json_dumps(groups, JSON_COMPACT);
    json_decref(groups);
    assert_string_equal(is, should);
}

#define LOOK(bits, sharpness)                                                                      \
    {                                                                                              \
        .look = {.hash = (bits), .sharp = (sharpness), .known = 1 }                                \
    }

static void the_sharpest_is_first(void **state)
{
    (void)state;
    struct gh_file files[] = {LOOK(0, 10), LOOK(~0ull, 5), LOOK(BITS(3), 30), LOOK(BITS(10), 20),
                              LOOK(~0ull << 2, 5)};
    expect(files, 5, "[[3,4,1],[2,5]]");
}

static void no_chain_leads_to_another_scene(void **state)
{
    (void)state;
    struct gh_file files[] = {LOOK(0, 3), LOOK(BITS(9), 2), LOOK(BITS(18), 1), LOOK(BITS(27), 4)};
    expect(files, 4, "[[1,2],[4,3]]");
}

static void what_is_not_known_is_in_no_group(void **state)
{
    (void)state;
    struct gh_file files[] = {LOOK(0, 1), {.id = 0}, {.id = 0}, LOOK(BITS(11), 1)};
    expect(files, 4, "[]");
    expect(files, 0, "[]");
    struct gh_file caption[] = {{.role = GH_FILE_CAPTION}, LOOK(0, 1), LOOK(1, 2)};
    expect(caption, 3, "[[2,1]]"); /* counted as people count them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sharpest_is_first),
                                       cmocka_unit_test(no_chain_leads_to_another_scene),
                                       cmocka_unit_test(what_is_not_known_is_in_no_group)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
