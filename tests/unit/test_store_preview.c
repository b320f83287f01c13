/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long previews are kept when there are too many of them. */
#include "tests/unit/test.h"

#include "daemon/store/preview.h"

#define DAY (24ll * 3600 * 1000)

static void too_many_are_kept_ever_shorter(void **state)
{
    (void)state;
    int64_t keep = INT64_MAX;
    assert_true(gh_preview_keep_ms(0, 0, keep) == INT64_MAX);
    keep = gh_preview_keep_ms(GH_PREVIEW_FILES_MAX + 1, 0, keep);
    assert_true(keep == 30 * DAY);
    keep = gh_preview_keep_ms(1, GH_PREVIEW_BYTES_MAX + 1, keep);
    assert_true(keep == 15 * DAY);
    /* within both limits, but not by far: as before */
    assert_true(gh_preview_keep_ms(GH_PREVIEW_FILES_MAX, GH_PREVIEW_BYTES_MAX, keep) == keep);
    for (int i = 0; i < 40; i++)
        keep = gh_preview_keep_ms(UINT32_MAX, UINT64_MAX, keep);
    assert_true(keep == 0);
    assert_true(gh_preview_keep_ms(10, 10, keep) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(too_many_are_kept_ever_shorter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
