/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inventory of a dropped folder: what is there, what is refused, bounds, and that nothing is
 * followed or opened. */
#include "tests/unit/test.h"

#include "daemon/intake/inventory.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

static void put(const struct test_dir *d, const char *path, const char *text)
{
    GH_AUTO_FD fd = openat(d->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* All steps, each as short as can be. */
static int inventory(int dirfd, const char *name, const struct gh_inventory_opts *opts,
                     struct gh_found_list *ret, struct gh_print *ret_print, struct gh_err *err)
{
    GH_AUTO(gh_inventory_free) struct gh_inventory *w = NULL;
    int r;
    TRY(gh_inventory_begin(dirfd, name, opts, &w, err));
    while ((r = gh_inventory_step(w, 0, err)) > 0)
        ;
    if (r == 0)
        gh_inventory_end(&w, ret, ret_print);
    return r;
}

static void scan(const struct test_dir *d, const struct gh_inventory_opts *opts,
                 struct gh_found_list *ret, struct gh_print *print)
{
    struct gh_err err = {0};
    OK(inventory(d->fd, "in", opts, ret, print, &err));
}

static const struct gh_inventory_opts wide = {.depth = 4, .max_files = 100};

static void test_what_is_there(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    GH_AUTO(gh_found_free) struct gh_found_list list = {0};
    struct gh_print print;
    struct gh_err err = {0};
    OK(gh_mkdirs(d.fd, "in/day 1/noon", 0755, &err));
    put(&d, "in/b.jpg", "bb");
    put(&d, "in/a\nb.jpg", "a");
    put(&d, "in/.DS_Store", "x");
    put(&d, "in/day 1/noon/\xff.jpg", "ccc");
    put(&d, "in/day 1/x.tmp", "x");
    scan(&d, &wide, &list, &print);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.list[0].path, "a\nb.jpg");
    assert_string_equal(list.list[1].path, "b.jpg");
    assert_string_equal(list.list[2].path, "day 1/noon/\xff.jpg");
    assert_int_equal(list.list[2].print.size, 3);
    assert_int_equal(list.junk, 2);
    assert_int_equal(list.folders, 2);
    assert_int_equal(print.kind, GH_SEEN_FOLDER);
    assert_false(list.too_many);
}

static void test_refusals(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    GH_AUTO(gh_found_free) struct gh_found_list list = {0};
    struct gh_print print;
    struct gh_err err = {0};
    OK(gh_mkdirs(d.fd, "in/1/2/3", 0755, &err));
    put(&d, "secret", "s");
    put(&d, "in/1/2/3/deep.jpg", "x");
    put(&d, "in/plain.jpg", "x");
    assert_int_equal(symlinkat("../secret", d.fd, "in/a-link.jpg"), 0);
    assert_int_equal(symlinkat("..", d.fd, "in/b-dirlink"), 0);
    assert_int_equal(symlinkat("c-loop", d.fd, "in/c-loop"), 0);
    assert_int_equal(mkfifoat(d.fd, "in/d-fifo.jpg", 0644), 0);
    assert_int_equal(linkat(d.fd, "secret", d.fd, "in/e-hard.jpg", 0), 0);
    struct gh_inventory_opts opts = {.depth = 2, .max_files = 100};
    scan(&d, &opts, &list, &print);
    unsigned refused = 0;
    for (size_t i = 0; i < list.n; i++) {
        bool plain = gh_streq(list.list[i].path, "plain.jpg");
        if (plain != !list.list[i].refused)
            fail_msg("%s: %s", list.list[i].path,
                     list.list[i].refused ? list.list[i].refused : "taken");
        refused += list.list[i].refused != NULL;
    }
    assert_int_equal(refused, 6); /* the five and in/1/2/3, which is too deep */
}

static void test_digest_changes(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    struct gh_print before, after;
    struct gh_err err = {0};
    OK(gh_mkdirs(d.fd, "in/sub", 0755, &err));
    put(&d, "in/sub/a.jpg", "a");
    struct gh_found_list list = {0};
    scan(&d, &wide, &list, &before);
    gh_found_free(&list);
    scan(&d, &wide, &list, &after);
    gh_found_free(&list);
    assert_memory_equal(&before, &after, sizeof(before));
    static const char *const deeds[] = {"in/sub/b.jpg", "in/sub/a.jpg"};
    for (size_t i = 0; i < GH_LEN(deeds); i++) {
        put(&d, deeds[i], "more");
        scan(&d, &wide, &list, &after);
        gh_found_free(&list);
        assert_memory_not_equal(&before, &after, sizeof(before));
        before = after;
    }
    assert_int_equal(renameat(d.fd, "in/sub/a.jpg", d.fd, "in/sub/c.jpg"), 0);
    scan(&d, &wide, &list, &after);
    gh_found_free(&list);
    assert_memory_not_equal(&before, &after, sizeof(before));
    before = after;
    struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 5}};
    assert_int_equal(utimensat(d.fd, "in/sub/c.jpg", times, 0), 0);
    scan(&d, &wide, &list, &after);
    gh_found_free(&list);
    assert_memory_not_equal(&before, &after, sizeof(before));
}

static void count_dir(int fd, void *arg)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    ++*(int *)arg;
}

static void test_bounds(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    GH_AUTO(gh_found_free) struct gh_found_list list = {0};
    struct gh_print print;
    struct gh_err err = {0};
    int dirs = 0;
    OK(gh_mkdirs(d.fd, "in/s", 0755, &err));
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof(name), "in/s/%d.jpg", i);
        put(&d, name, "x");
    }
    struct gh_inventory_opts opts = {
        .depth = 4, .max_files = 10, .on_dir = count_dir, .arg = &dirs};
    scan(&d, &opts, &list, &print);
    assert_true(list.too_many);
    assert_int_equal(list.n, 10);
    assert_int_equal(dirs, 2);
}

static void test_gone(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    struct gh_found_list list = {0};
    struct gh_print print;
    struct gh_err err = {0};
    FAILS(GH_AGAIN, inventory(d.fd, "in", &wide, &list, &print, &err));
    put(&d, "file", "x");
    FAILS(GH_AGAIN, inventory(d.fd, "file", &wide, &list, &print, &err));
    assert_int_equal(symlinkat("/etc", d.fd, "link"), 0);
    FAILS(GH_AGAIN, inventory(d.fd, "link", &wide, &list, &print, &err));
    assert_int_equal(gh_inventory_stat(d.fd, "nothing", &print, &err), 0);
    assert_int_equal(gh_inventory_stat(d.fd, "link", &print, &err), 1);
    assert_non_null(gh_inventory_refusal(&print));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_there),  cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_digest_changes), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
