/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints: every way a file can come, renamed and vanished directories, and that a name is given back
 * as it was given. */
#include "tests/unit/test.h"

#include "daemon/loop/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct heard {
    struct gh_str log; /* "ref:name " for each hint, name - for the directory itself */
};

static void on_hint(void *arg, const void *ref, size_t ref_len, const char *name,
                    enum gh_watch_what what)
{
    struct heard *h = arg;
    static const char *const words[] = {
        [GH_WATCH_CHANGED] = "", [GH_WATCH_CLOSED] = "(closed)", [GH_WATCH_ARRIVED] = "(arrived)"};
    gh_str_printf(&h->log, "%.*s:%s%s ", (int)ref_len, ref ? (const char *)ref : "lost",
                  name ? name : "-", words[what]);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void over(struct gh_loop *loop, void *arg)
{
    (void)arg;
    gh_loop_quit(loop, 0);
}

/* What was heard until now. */
static const char *listen(struct gh_loop *loop, struct heard *h)
{
    gh_loop_after(loop, 30, over, NULL);
    gh_loop_run_until(loop, never, NULL);
    return gh_str_text(&h->log);
}

static void hears(struct gh_loop *loop, struct heard *h, const char *what)
{
    const char *log = listen(loop, h);
    if (!strstr(log, what))
        fail_msg("not heard: %s in: %s", what, log);
    gh_str_free(&h->log);
}

static void test_hints(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    TEST_DIR other = test_dir_new();
    struct gh_err err = {0};
    struct heard h = {0};
    GH_AUTO(gh_loop_free) struct gh_loop *loop = NULL;
    GH_AUTO(gh_watch_close) struct gh_watch *w = NULL;
    OK(gh_loop_new(&loop, &err));
    OK(gh_watch_open(loop, on_hint, &h, &w, &err));
    OK(gh_watch_add(w, d.fd, "Dwater", 6, NULL, &err));
    GH_AUTO_FD fd = openat(d.fd, "a.jpg", O_WRONLY | O_CREAT, 0644);
    hears(loop, &h, "Dwater:a.jpg");
    assert_int_equal(write(fd, "x", 1), 1);
    assert_string_equal(listen(loop, &h), ""); /* each write is no hint: only its end */
    gh_close_fd(&fd);
    hears(loop, &h, "Dwater:a.jpg(closed) ");
    fd = openat(d.fd, "a.jpg", O_RDONLY); /* a reader says nothing */
    gh_close_fd(&fd);
    assert_string_equal(listen(loop, &h), "");
    OK(gh_write_file(other.fd, "b.jpg", "x", 1, 0644, &err));
    assert_int_equal(renameat(other.fd, "b.jpg", d.fd, "b\n.jpg"), 0);
    hears(loop, &h, "Dwater:b\n.jpg(arrived) ");
    assert_int_equal(linkat(d.fd, "b\n.jpg", d.fd, "c.jpg", 0), 0); /* as WinSCP does */
    hears(loop, &h, "Dwater:c.jpg ");
    assert_int_equal(unlinkat(d.fd, "b\n.jpg", 0), 0);
    hears(loop, &h, "Dwater:b\n.jpg");
    assert_int_equal(mkdirat(d.fd, "sub", 0755), 0);
    hears(loop, &h, "Dwater:sub");
    gh_str_free(&h.log);
}

static void test_directories_go(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    struct gh_err err = {0};
    struct heard h = {0};
    GH_AUTO(gh_loop_free) struct gh_loop *loop = NULL;
    GH_AUTO(gh_watch_close) struct gh_watch *w = NULL;
    OK(gh_loop_new(&loop, &err));
    OK(gh_watch_open(loop, on_hint, &h, &w, &err));
    static const char *const names[] = {"one", "two"};
    for (size_t i = 0; i < GH_LEN(names); i++) {
        GH_AUTO_FD fd = -1;
        assert_int_equal(mkdirat(d.fd, names[i], 0755), 0);
        OK(gh_open_dir(d.fd, names[i], &fd, &err));
        OK(gh_watch_add(w, fd, names[i], 3, NULL, &err));
        OK(gh_watch_add(w, fd, names[i], 3, NULL, &err)); /* again: still one watch */
    }
    assert_int_equal(gh_watch_count(w), 2);
    assert_int_equal(unlinkat(d.fd, "one", AT_REMOVEDIR), 0);
    hears(loop, &h, "one:-");
    assert_int_equal(gh_watch_count(w), 1);
    assert_int_equal(renameat(d.fd, "two", d.fd, "three"), 0);
    hears(loop, &h, "two:-");
    assert_int_equal(gh_watch_count(w), 0); /* found under its new name by a scan */
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d.fd, "three", &fd, &err));
    OK(gh_watch_add(w, fd, "three", 5, NULL, &err));
    OK(gh_write_file(fd, "x", "x", 1, 0644, &err));
    hears(loop, &h, "three:x");
    gh_str_free(&h.log);
}

static void test_blind(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    assert_null(gh_watch_blind(d.fd)); /* wherever tests run is a local file system */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hints),
                                       cmocka_unit_test(test_directories_go),
                                       cmocka_unit_test(test_blind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
