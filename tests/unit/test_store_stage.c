/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "daemon/store/stage.h"

#include <unistd.h>

/* Link a file at path, as an attempt leaves it that is killed between the link under a temporary
 * name and the rename. */
static void put_file(int dir, const char *path)
{
    struct gh_err err;
    GH_AUTO_FD fd = -1;
    OK(gh_stage_dirs(dir, "7/x.photo", 0750, &err));
    OK(gh_stage_dirs(dir, "8/x.photo", 0750, &err));
    OK(gh_tmpfile(dir, &fd, &err));
    OK(gh_link_fd(fd, dir, path, &err));
}

static void what_a_killed_attempt_left_is_removed(void **state)
{
    (void)state;
    TEST_DIR dir = test_dir_new();
    put_file(dir.fd, "7/x.photo/.tmp-00000000000000aa");
    put_file(dir.fd, "7/x.photo/one.jpg");
    put_file(dir.fd, "8/x.photo/.tmp-00000000000000bb");
    gh_stage_recover(dir.fd, 7);
    gh_stage_recover(dir.fd, 9); /* has no folder yet */
    assert_int_equal(faccessat(dir.fd, "7/x.photo/.tmp-00000000000000aa", F_OK, 0), -1);
    assert_int_equal(faccessat(dir.fd, "7/x.photo/one.jpg", F_OK, 0), 0);
    /* another submission's */
    assert_int_equal(faccessat(dir.fd, "8/x.photo/.tmp-00000000000000bb", F_OK, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_killed_attempt_left_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
