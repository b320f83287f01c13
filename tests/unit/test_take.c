/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying out and moving away: the happy way, and everything that can happen to a file in between. */
#include "tests/unit/test.h"

#include "daemon/scan.h"
#include "daemon/take.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* sha256sum's word for "hello" */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct place {
    struct test_dir dir;
    int drop, spool, taken;
    struct gh_take take;
};

static struct place place_new(void)
{
    struct gh_err err = {0};
    struct place p = {.dir = test_dir_new(), .drop = -1, .spool = -1, .taken = -1};
    static const char *const names[] = {"drop", "spool", "taken"};
    int *fds[] = {&p.drop, &p.spool, &p.taken};
    for (int i = 0; i < 3; i++) {
        OK(gh_mkdirs(p.dir.fd, names[i], 0755, &err));
        OK(gh_open_dir(p.dir.fd, names[i], fds[i], &err));
    }
    p.take = (struct gh_take){.drop = p.drop, .spool = p.spool, .taken = p.taken, .max_bytes = 1000000};
    return p;
}

static void place_free(struct place *p)
{
    gh_take_free(&p->take);
    gh_close_fd(&p->drop);
    gh_close_fd(&p->spool);
    gh_close_fd(&p->taken);
    test_dir_free(&p->dir);
}
#define PLACE __attribute__((cleanup(place_free))) struct place

static void put(struct place *p, const char *name, const char *text)
{
    GH_AUTO_FD fd = openat(p->drop, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* As settle has seen it. */
static struct gh_take_file *add(struct place *p, const char *name)
{
    struct gh_err err = {0};
    struct gh_take *t = &p->take;
    t->files = gh_realloc(t->files, (t->n + 1) * sizeof(*t->files));
    struct gh_take_file *f = &t->files[t->n++];
    *f = (struct gh_take_file){.path = gh_strdup(name)};
    OK(gh_scan_look(p->drop, name, &f->print, &err));
    return f;
}

static bool exists(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_way(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat st;
    put(&p, "a.jpg", "hello");
    struct gh_take_file *f = add(&p, "a.jpg");
    f->want_text = true;
    gh_take_copy(&p.take);
    assert_int_equal(f->how, GH_TAKE_COPIED);
    assert_string_equal(f->sha256, HELLO);
    assert_string_equal(f->text, "hello");
    assert_int_equal(fstatat(p.spool, HELLO, &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
    assert_true(exists(p.drop, "a.jpg")); /* nothing is removed before the ledger has it */
    f->submission = 5;
    f->file = 17;
    gh_take_away(&p.take);
    assert_int_equal(f->how, GH_TAKE_MOVED);
    assert_true(gh_starts(f->taken, "5-17-"));
    assert_false(exists(p.drop, "a.jpg"));
    assert_true(exists(p.taken, f->taken));
}

/* A draft made ahead becomes the spooled file itself, without a second copy; nothing has a name before. */
static void test_draft(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat draft, kept;
    put(&p, "a.txt", "hello");
    struct gh_take_file *f = add(&p, "a.txt");
    f->want_text = true;
    gh_take_draft(&p.take);
    assert_non_null(f->draft);
    assert_int_equal(f->how, GH_TAKE_NEW);
    assert_string_equal(f->draft->sha256, HELLO);
    assert_false(exists(p.spool, HELLO));
    assert_int_equal(fstat(f->draft->fd, &draft), 0);
    gh_take_copy(&p.take);
    assert_int_equal(f->how, GH_TAKE_COPIED);
    assert_null(f->draft);
    assert_string_equal(f->text, "hello");
    assert_int_equal(fstatat(p.spool, HELLO, &kept, 0), 0);
    assert_int_equal(kept.st_ino, draft.st_ino);
    assert_int_equal(kept.st_mode & 0777, 0400);
}

/* Other bytes of the same length, and the time of the change set back: the draft is not believed. */
static void test_draft_is_stale(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat st;
    put(&p, "a.jpg", "older");
    struct gh_take_file *f = add(&p, "a.jpg");
    gh_take_draft(&p.take);
    assert_non_null(f->draft);
    assert_int_equal(fstatat(p.drop, "a.jpg", &st, 0), 0);
    for (int64_t ctime = f->draft->ctime_ns; ctime == f->draft->ctime_ns;) { /* until the clock of inodes ticks */
        put(&p, "a.jpg", "hello");
        const struct timespec times[] = {st.st_atim, st.st_mtim};
        assert_int_equal(utimensat(p.drop, "a.jpg", times, 0), 0);
        struct stat now;
        assert_int_equal(fstatat(p.drop, "a.jpg", &now, 0), 0);
        ctime = (int64_t)now.st_ctim.tv_sec * 1000000000 + now.st_ctim.tv_nsec;
    }
    gh_take_copy(&p.take);
    assert_int_equal(f->how, GH_TAKE_COPIED);
    assert_string_equal(f->sha256, HELLO);
}

/* What cannot be taken now has no draft, and is judged when its time has come. */
static void test_no_draft(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "open.jpg", "hello");
    put(&p, "empty.jpg", "");
    put(&p, "large.jpg", "hello, this is large");
    p.take.max_bytes = 10;
    add(&p, "open.jpg");
    add(&p, "empty.jpg");
    add(&p, "large.jpg");
    GH_AUTO_FD writer = openat(p.drop, "open.jpg", O_WRONLY);
    assert_true(writer >= 0);
    gh_take_draft(&p.take);
    for (size_t i = 0; i < p.take.n; i++) {
        assert_null(p.take.files[i].draft);
        assert_int_equal(p.take.files[i].how, GH_TAKE_NEW);
    }
}

static void test_repeated(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "a.jpg", "hello");
    put(&p, "b.jpg", "hello");
    add(&p, "a.jpg");
    add(&p, "b.jpg");
    gh_take_copy(&p.take);
    assert_int_equal(p.take.files[0].how, GH_TAKE_COPIED);
    assert_int_equal(p.take.files[1].how, GH_TAKE_COPIED); /* stored once, that is fine */
    /* a damaged blob under the right name is replaced, not trusted */
    assert_int_equal(unlinkat(p.spool, HELLO, 0), 0);
    struct gh_err err = {0};
    OK(gh_write_file(p.spool, HELLO, "hellx", 5, 0400, &err));
    p.take.files[0].how = GH_TAKE_NEW;
    gh_take_copy(&p.take);
    assert_int_equal(p.take.files[0].how, GH_TAKE_COPIED);
    char *text;
    size_t len;
    OK(gh_read_file(p.spool, HELLO, 100, &text, &len, &err));
    assert_string_equal(text, "hello");
    free(text);
}

static void test_not_taken(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "grown.jpg", "hello");
    put(&p, "swapped.jpg", "hello");
    put(&p, "touched.jpg", "hello");
    put(&p, "linked.jpg", "hello");
    put(&p, "empty.jpg", "");
    put(&p, "large.jpg", "hello, this is large");
    put(&p, "gone.jpg", "hello");
    put(&p, "folder.jpg", "hello");
    static const struct {
        const char *name;
        enum gh_take_how how;
    } rows[] = {
        {"grown.jpg", GH_TAKE_BUSY},  {"swapped.jpg", GH_TAKE_BUSY}, {"touched.jpg", GH_TAKE_BUSY},
        {"linked.jpg", GH_TAKE_BUSY}, {"empty.jpg", GH_TAKE_EMPTY},  {"large.jpg", GH_TAKE_REFUSED},
        {"gone.jpg", GH_TAKE_GONE},   {"folder.jpg", GH_TAKE_BUSY},
    };
    p.take.max_bytes = 10;
    for (size_t i = 0; i < GH_LEN(rows); i++)
        add(&p, rows[i].name);
    put(&p, "grown.jpg", "hello, world");
    unlinkat(p.drop, "swapped.jpg", 0);
    assert_int_equal(symlinkat("grown.jpg", p.drop, "swapped.jpg"), 0);
    struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 5}};
    assert_int_equal(utimensat(p.drop, "touched.jpg", times, 0), 0);
    assert_int_equal(linkat(p.drop, "linked.jpg", p.spool, "elsewhere", 0), 0);
    unlinkat(p.drop, "gone.jpg", 0);
    unlinkat(p.drop, "folder.jpg", 0);
    assert_int_equal(mkdirat(p.drop, "folder.jpg", 0755), 0);
    for (size_t i = 0; i < GH_LEN(rows); i++) { /* one at a time: the first busy one ends a take */
        struct gh_take one = p.take;
        one.files = &p.take.files[i];
        one.n = 1;
        gh_take_copy(&one);
        if (one.files->how != rows[i].how)
            fail_msg("%s: %d, not %d (%s)", rows[i].name, one.files->how, rows[i].how, one.err.msg);
        assert_string_equal(one.files->sha256, "");
    }
    assert_false(exists(p.spool, HELLO));
}

static void test_writer(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "a.jpg", "hello");
    struct gh_take_file *f = add(&p, "a.jpg");
    GH_AUTO_FD writer = openat(p.drop, "a.jpg", O_WRONLY);
    GH_AUTO_FD reader = openat(p.drop, "a.jpg", O_RDONLY);
    assert_true(gh_take_being_written(reader)); /* it is ours, so the lease test works */
    gh_take_copy(&p.take);
    assert_int_equal(f->how, GH_TAKE_BUSY);
    gh_close_fd(&writer);
    assert_false(gh_take_being_written(reader));
    f->how = GH_TAKE_NEW;
    gh_take_copy(&p.take);
    assert_int_equal(f->how, GH_TAKE_COPIED);
}

static void test_cancelled(void **state)
{
    (void)state;
    PLACE p = place_new();
    GH_AUTO_FREE char *big = gh_alloc(3000001);
    memset(big, 'a', 3000000);
    put(&p, "a.mov", big);
    p.take.max_bytes = 10000000;
    bool cancel = true;
    p.take.cancel = &cancel;
    struct gh_take_file *f = add(&p, "a.mov");
    gh_take_copy(&p.take);
    if (f->how != GH_TAKE_COPIED) /* a file system that clones has it at once */
        assert_int_equal(f->how, GH_TAKE_BUSY);
}

static void test_changed_before_away(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct gh_err err = {0};
    OK(gh_mkdirs(p.drop, "sub", 0755, &err));
    static const char *const names[] = {"sub/a.jpg", "b.jpg", "c.jpg", "d.jpg"};
    for (size_t i = 0; i < GH_LEN(names); i++) {
        char text[16];
        snprintf(text, sizeof(text), "hello%zu", i);
        put(&p, names[i], text);
        add(&p, names[i]);
    }
    gh_take_copy(&p.take);
    for (size_t i = 0; i < GH_LEN(names); i++)
        p.take.files[i].file = (int64_t)i + 1;
    put(&p, "b.jpg", "written to after it was copied");
    unlinkat(p.drop, "c.jpg", 0);
    p.take.files[3].file = 0; /* the ledger did not want it */
    gh_take_away(&p.take);
    assert_int_equal(p.take.files[0].how, GH_TAKE_MOVED);
    assert_int_equal(p.take.files[1].how, GH_TAKE_CHANGED);
    assert_int_equal(p.take.files[2].how, GH_TAKE_GONE);
    assert_int_equal(p.take.files[3].how, GH_TAKE_COPIED);
    assert_true(exists(p.drop, "b.jpg"));
    assert_true(exists(p.drop, "d.jpg"));
    assert_false(exists(p.drop, "sub/a.jpg"));
}

static void test_full_disk(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "a.jpg", "hello");
    struct gh_take_file *f = add(&p, "a.jpg");
    p.take.spool = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* takes no file */
    gh_take_copy(&p.take);
    gh_close_fd(&p.take.spool);
    assert_int_equal(f->how, GH_TAKE_FAILED);
    assert_true(p.take.err.cls == GH_SYSTEM || p.take.err.cls == GH_AGAIN);
    assert_true(exists(p.drop, "a.jpg"));
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_way),       cmocka_unit_test(test_draft),     cmocka_unit_test(test_draft_is_stale),
        cmocka_unit_test(test_no_draft),  cmocka_unit_test(test_repeated),  cmocka_unit_test(test_not_taken),
        cmocka_unit_test(test_writer),    cmocka_unit_test(test_cancelled), cmocka_unit_test(test_changed_before_away),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
