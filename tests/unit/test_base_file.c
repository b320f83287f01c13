/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static void put(int dirfd, const char *name, const char *text)
{
    struct gh_err err;
    OK(gh_write_file(dirfd, name, text, strlen(text), 0640, &err));
}

static void assert_holds(int dirfd, const char *name, const char *text)
{
    struct gh_err err;
    GH_AUTO_FREE char *got = NULL;
    size_t n;
    OK(gh_read_file(dirfd, name, 1000, &got, &n, &err));
    assert_string_equal(got, text);
}

static void folders_get_their_mode_whatever_the_umask(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    mode_t old = umask(077);
    OK(gh_mkdirs(dir.fd, "a/b/c", 02770, &err));
    OK(gh_mkdirs(dir.fd, "a/b/c", 02770, &err));
    umask(old);
    struct stat st;
    assert_int_equal(fstatat(dir.fd, "a/b/c", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 02770);
    put(dir.fd, "file", "x");
    FAILS(GH_SYSTEM, gh_mkdirs(dir.fd, "file/x", 0700, &err));
}

static void a_written_file_replaces_the_old_one(void **state)
{
    (void)state;
    TEST_DIR dir = test_dir_new();
    put(dir.fd, "note", "one");
    put(dir.fd, "note", "two");
    assert_holds(dir.fd, "note", "two");
}

static void links_are_never_followed(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    OK(gh_mkdirs(dir.fd, "in/sub", 0700, &err));
    put(dir.fd, "secret", "x");
    assert_int_equal(symlinkat("../secret", dir.fd, "in/link"), 0);
    assert_int_equal(symlinkat("/proc/self/fd/0", dir.fd, "in/magic"), 0);
    assert_int_equal(symlinkat("..", dir.fd, "in/sub/up"), 0);
    GH_AUTO_FD in = -1;
    OK(gh_open_dir(dir.fd, "in", &in, &err));
    int fd = -1;
    FAILS(GH_SYSTEM, gh_open_beneath(in, "link", O_RDONLY, &fd, &err));
    assert_int_equal(err.code, ELOOP);
    FAILS(GH_SYSTEM, gh_open_beneath(in, "magic", O_RDONLY, &fd, &err));
    FAILS(GH_SYSTEM, gh_open_beneath(in, "sub/up/sub", O_RDONLY, &fd, &err));
    FAILS(GH_SYSTEM, gh_open_beneath(in, "../secret", O_RDONLY, &fd, &err));
    FAILS(GH_SYSTEM, gh_open_beneath(in, "/etc/passwd", O_RDONLY, &fd, &err));
    assert_int_equal(fd, -1);
    char *text = NULL;
    size_t n;
    FAILS(GH_SYSTEM, gh_read_file(in, "link", 100, &text, &n, &err));
    assert_null(text);
}

static void a_fifo_does_not_block(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    assert_int_equal(mkfifoat(dir.fd, "pipe", 0600), 0);
    char *text = NULL;
    size_t n;
    FAILS(GH_INPUT, gh_read_file(dir.fd, "pipe", 100, &text, &n, &err));
    GH_AUTO_FD fd = -1;
    /* opens at once; the caller looks at its type */
    OK(gh_open_beneath(dir.fd, "pipe", O_RDONLY, &fd, &err));
}

static void unnamed_files_get_names_once(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    GH_AUTO_FD fd = -1;
    OK(gh_tmpfile(dir.fd, &fd, &err));
    OK(gh_write_all(fd, "new", 3, &err));
    OK(gh_sync(fd, &err));
    OK(gh_link_fd(fd, dir.fd, "name", &err));
    FAILS(GH_SYSTEM, gh_link_fd(fd, dir.fd, "name", &err));
    assert_int_equal(err.code, EEXIST);
    put(dir.fd, "other", "old");
    OK(gh_link_fd_replace(fd, dir.fd, "other", &err));
    assert_holds(dir.fd, "other", "new");
    OK(gh_sync(dir.fd, &err));
}

static void reading_has_a_limit(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    put(dir.fd, "ten", "0123456789");
    char *text = NULL;
    size_t n = 0;
    FAILS(GH_LIMIT, gh_read_file(dir.fd, "ten", 9, &text, &n, &err));
    assert_null(text);
    OK(gh_read_file(dir.fd, "ten", 10, &text, &n, &err));
    assert_int_equal(n, 10);
    free(text);
}

static void copies_are_whole(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    enum { N = 3 * 1024 * 1024 + 17 };
    GH_AUTO_FREE char *bytes = malloc(N);
    for (int i = 0; i < N; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    OK(gh_write_file(dir.fd, "src", bytes, N, 0600, &err));
    GH_AUTO_FD src = openat(dir.fd, "src", O_RDONLY | O_CLOEXEC);
    GH_AUTO_FD dst = -1;
    OK(gh_tmpfile(dir.fd, &dst, &err));
    uint64_t copied = 0;
    OK(gh_copy_fd(src, dst, &copied, &err));
    assert_int_equal(copied, N);
    GH_AUTO_FREE char *back = malloc(N);
    assert_int_equal(pread(dst, back, N, 0), N);
    assert_memory_equal(bytes, back, N);
}

static void trees_are_removed_without_following_links(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    OK(gh_mkdirs(dir.fd, "keep", 0700, &err));
    put(dir.fd, "keep/file", "x");
    OK(gh_mkdirs(dir.fd, "tree/a/b", 0700, &err));
    assert_int_equal(symlinkat("../keep", dir.fd, "tree/link"), 0);
    OK(gh_remove_tree(dir.fd, "tree", &err));
    OK(gh_remove_tree(dir.fd, "tree", &err)); /* gone already: fine */
    assert_int_equal(faccessat(dir.fd, "keep/file", F_OK, 0), 0);
    assert_int_not_equal(faccessat(dir.fd, "tree", F_OK, 0), 0);
}

static void a_full_disk_is_worth_another_try(void **state)
{
    (void)state;
    struct gh_err err;
    GH_AUTO_FD full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    FAILS(GH_AGAIN, gh_write_all(full, "x", 1, &err));
    assert_int_equal(err.code, ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_get_their_mode_whatever_the_umask),
        cmocka_unit_test(a_written_file_replaces_the_old_one),
        cmocka_unit_test(links_are_never_followed),
        cmocka_unit_test(a_fifo_does_not_block),
        cmocka_unit_test(unnamed_files_get_names_once),
        cmocka_unit_test(reading_has_a_limit),
        cmocka_unit_test(copies_are_whole),
        cmocka_unit_test(trees_are_removed_without_following_links),
        cmocka_unit_test(a_full_disk_is_worth_another_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
