/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/backup/manifest.h"

#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static void end_objects(struct gh_objects *o)
{
    gh_objects_close(o);
}

static void put(int dirfd, const char *name, const char *text)
{
    struct gh_err err;
    OK(gh_write_file(dirfd, name, text, strlen(text), 0640, &err));
}

static bool is_there(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void a_folder_of_somebody_else_is_refused(void **state)
{
    (void)state;
    struct gh_err err = {0};
    TEST_DIR dir = test_dir_new();
    GH_AUTO(end_objects) struct gh_objects o = GH_OBJECTS_CLOSED;
    OK(gh_mkdirs(dir.fd, "theirs/backups/old", 0700, &err));
    OK(gh_mkdirs(dir.fd, "disk/lost+found", 0700, &err));
    GH_AUTO_FREE char *theirs = gh_asprintf("%s/theirs", dir.path);
    GH_AUTO_FREE char *disk = gh_asprintf("%s/disk", dir.path);
    FAILS(GH_USAGE, gh_objects_open(theirs, &o, &err));
    assert_non_null(strstr(err.msg, "empty"));
    assert_false(is_there(dir.fd, "theirs/lock"));
    assert_false(is_there(dir.fd, "theirs/ghat-backup"));
    put(dir.fd, "disk/lock", ""); /* of a run that was killed before it marked it */
    OK(gh_objects_open(disk, &o, &err));
    gh_objects_close(&o);
    put(dir.fd, "disk/notes.txt", "mine");
    OK(gh_objects_open(disk, &o, &err)); /* it is marked */
}

static void names_of_others_are_no_backups(void **state)
{
    (void)state;
    static const char *const theirs[] = {"photos",
                                         "2026",
                                         "2026-11-29",
                                         "2026-11-29T20.50.1x",
                                         "2026-11-29T20.50.13-2",
                                         "2026-11-29T20.50.13-020",
                                         "2026-11-29T20:50:13"};
    struct gh_err err = {0};
    TEST_DIR dir = test_dir_new();
    GH_AUTO(end_objects) struct gh_objects o = GH_OBJECTS_CLOSED;
    OK(gh_objects_open(dir.path, &o, &err));
    for (size_t i = 0; i < GH_LEN(theirs); i++)
        OK(gh_mkdirs(o.backups, theirs[i], 0700, &err));
    put(o.backups, "file", "x");
    put(o.backups, "2026-11-29T20.50.14", "a file is no folder");
    OK(gh_mkdirs(o.backups, "2026-11-29T20.50.13", 0700, &err));
    OK(gh_mkdirs(o.backups, "2026-11-29T20.50.13-02", 0700, &err));
    put(o.backups, "2026-11-29T20.50.13-02/manifest", "x");
    GH_AUTO(gh_backup_names_free) struct gh_backup_names half = {0}, whole = {0};
    OK(gh_backup_names(&o, false, &half, &err));
    assert_int_equal(half.n, 1);
    assert_string_equal(half.list[0], "2026-11-29T20.50.13");
    OK(gh_backup_names(&o, true, &whole, &err));
    assert_int_equal(whole.n, 1);
    assert_string_equal(whole.list[0], "2026-11-29T20.50.13-02");
}

static void what_cannot_be_looked_at_is_not_incomplete(void **state)
{
    (void)state;
    struct gh_err err = {0};
    TEST_DIR dir = test_dir_new();
    GH_AUTO(end_objects) struct gh_objects o = GH_OBJECTS_CLOSED;
    GH_AUTO(gh_backup_names_free) struct gh_backup_names half = {0}, whole = {0};
    GH_AUTO(gh_backup_free) struct gh_backup b = {0};
    OK(gh_objects_open(dir.path, &o, &err));
    OK(gh_mkdirs(o.backups, "2026-11-29T20.50.13", 0700, &err));
    assert_int_equal(symlinkat("manifest", o.backups, "2026-11-29T20.50.13/manifest"),
                     0); /* ELOOP */
    OK(gh_backup_names(&o, false, &half, &err));
    assert_int_equal(half.n, 0);
    OK(gh_backup_names(&o, true, &whole, &err));
    assert_int_equal(whole.n, 1);
    FAILS(GH_LIMIT, gh_backup_read(&o, whole.list[0], &b, &err));
}

static void a_file_that_cannot_be_read_is_not_the_fault_of_the_folder(void **state)
{
    (void)state;
    struct gh_err err = {0};
    char hash[GH_SHA_HEX];
    uint64_t size;
    bool fresh;
    TEST_DIR dir = test_dir_new();
    GH_AUTO(end_objects) struct gh_objects o = GH_OBJECTS_CLOSED;
    OK(gh_objects_open(dir.path, &o, &err));
    FAILS(GH_INPUT, gh_objects_put(&o, dir.fd, NULL, hash, &size, &fresh, &err)); /* EISDIR */
    assert_int_equal(err.code, EISDIR);
    assert_false(is_there(o.objects, ".new"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_of_somebody_else_is_refused),
        cmocka_unit_test(names_of_others_are_no_backups),
        cmocka_unit_test(what_cannot_be_looked_at_is_not_incomplete),
        cmocka_unit_test(a_file_that_cannot_be_read_is_not_the_fault_of_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
