/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copy jobs and moving away: that they work, and all that can happen to a file in between. */
#include "tests/unit/test.h"

#include "daemon/intake/copy.h"
#include "daemon/intake/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* sha256sum's word for "hello" */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct place {
    struct test_dir dir;
    int drop, spool, taken;
    struct gh_copy_job job;
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
    p.job = (struct gh_copy_job){
        .drop = p.drop, .spool = p.spool, .taken = p.taken, .max_bytes = 1000000};
    return p;
}

static void place_free(struct place *p)
{
    gh_copy_free(&p->job);
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

/* Add a file to the job, as it was observed when it had settled. */
static struct gh_copy_file *add(struct place *p, const char *name)
{
    struct gh_err err = {0};
    struct gh_copy_job *t = &p->job;
    t->files = gh_realloc(t->files, (t->n + 1) * sizeof(*t->files));
    struct gh_copy_file *f = &t->files[t->n++];
    *f = (struct gh_copy_file){.path = gh_strdup(name)};
    OK(gh_inventory_stat(p->drop, name, &f->print, &err));
    return f;
}

static bool exists(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* In the place of libc's: what an officer does between two calls, and folders on two file systems.
 */
static void (*before_rename)(void), (*after_rename)(void), (*before_unlink)(void);
static bool two_file_systems;
static struct place *acting;

static void act(void (**deed)(void))
{
    void (*now)(void) = *deed;
    *deed = NULL;
    if (now)
        now();
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    bool away = acting && to_dir == acting->taken;
    if (away)
        act(&before_rename);
    if (away && two_file_systems) {
        errno = EXDEV;
        return -1;
    }
    int r = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
    if (away)
        act(&after_rename);
    return r;
}

int unlinkat(int dir, const char *name, int flags)
{
    act(&before_unlink);
    return (int)syscall(SYS_unlinkat, dir, name, flags);
}

static void assert_reads(struct place *p, const char *name, const char *want)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *bytes = NULL;
    size_t n;
    OK(gh_read_file(p->drop, name, 1000, &bytes, &n, &err));
    assert_string_equal(bytes, want);
}

static unsigned names_in(int dirfd)
{
    DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
    unsigned n = 0;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(dir);
    return n;
}

static struct gh_copy_file *take(struct place *p, const char *name)
{
    put(p, name, "hello");
    struct gh_copy_file *f = add(p, name);
    gh_copy_files(&p->job);
    assert_int_equal(f->how, GH_COPY_COPIED);
    f->submission = 5;
    f->file = 17;
    acting = p;
    gh_taken_move(&p->job);
    acting = NULL;
    return f;
}

static void replace_it(void)
{
    put(acting, "new", "another photo");
    assert_int_equal(renameat(acting->drop, "new", acting->drop, "a.jpg"), 0);
}

static int late_writer = -1;

static void write_late(void)
{
    assert_int_equal(pwrite(late_writer, "late ", 5, 5), 5);
}

/* Where .taken/ is on another file system, the file is removed: but never another one, and never
 * what was written to it meanwhile. */
static void test_nothing_is_lost_between_look_and_unlink(void **state)
{
    (void)state;
    two_file_systems = true;
    {
        PLACE p = place_new();
        struct gh_copy_file *f = take(&p, "a.jpg");
        assert_int_equal(f->how, GH_COPY_MOVED);
        assert_string_equal(f->taken, "");
        assert_int_equal(names_in(p.drop), 0);
    }
    {
        PLACE p = place_new();
        before_rename = replace_it;
        assert_int_equal(take(&p, "a.jpg")->how, GH_COPY_CHANGED);
        assert_reads(&p, "a.jpg", "another photo");
        assert_int_equal(names_in(p.drop), 1);
    }
    {
        PLACE p = place_new();
        put(&p, "a.jpg", "hello");
        late_writer = openat(p.drop, "a.jpg", O_WRONLY);
        p.job.no_lease = true;
        before_unlink = write_late;
        struct gh_copy_file *f = take(&p, "a.jpg");
        before_unlink = NULL;
        assert_int_equal(f->how, GH_COPY_CHANGED);
        assert_reads(&p, "a.jpg", "hellolate ");
        assert_int_equal(names_in(p.drop), 1);
        close(late_writer);
    }
    {
        PLACE p = place_new(); /* killed after it was hidden */
        struct gh_copy_file *f = take(&p, "a.jpg");
        put(&p, ".ghat-5-17-0badcafe", "hello");
        gh_taken_unhide(&p.job, f);
        assert_reads(&p, "a.jpg", "hello");
        assert_int_equal(names_in(p.drop), 1);
    }
    two_file_systems = false;
}

static char longest[256];

static void change_and_occupy(void)
{
    DIR *dir = fdopendir(openat(acting->taken, ".", O_RDONLY | O_DIRECTORY));
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.') {
            GH_AUTO_FD fd = openat(acting->taken, e->d_name, O_WRONLY | O_APPEND);
            assert_int_equal(write(fd, "!", 1), 1);
        }
    closedir(dir);
    put(acting, longest, "the next");
}

/* A name that leaves no room for a number is cut. */
static void test_changed_files_of_the_longest_names_come_back(void **state)
{
    (void)state;
    static const char *const exts[] = {".jpg", "", ".a-long-extension-that-is-none"};
    for (size_t i = 0; i < GH_LEN(exts); i++)
        for (size_t len = 248; len <= 255; len++) {
            PLACE p = place_new();
            memset(longest, 0, sizeof(longest));
            for (size_t k = 0; k + 3 + strlen(exts[i]) <= len; k += 3)
                memcpy(longest + k, "\xe0\xa6\x95", 3);
            strcat(longest, exts[i]);
            after_rename = change_and_occupy;
            assert_int_equal(take(&p, longest)->how, GH_COPY_CHANGED);
            assert_int_equal(names_in(p.taken), 0);
            assert_int_equal(names_in(p.drop), 2);
        }
}

static void test_copied_and_moved(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat st;
    put(&p, "a.jpg", "hello");
    struct gh_copy_file *f = add(&p, "a.jpg");
    f->want_text = true;
    gh_copy_files(&p.job);
    assert_int_equal(f->how, GH_COPY_COPIED);
    assert_string_equal(f->sha256, HELLO);
    assert_string_equal(f->text, "hello");
    assert_int_equal(fstatat(p.spool, HELLO, &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0400);
    assert_true(exists(p.drop, "a.jpg")); /* nothing is removed before the ledger has it */
    f->submission = 5;
    f->file = 17;
    gh_taken_move(&p.job);
    assert_int_equal(f->how, GH_COPY_MOVED);
    assert_true(gh_starts(f->taken, "5-17-"));
    assert_false(exists(p.drop, "a.jpg"));
    assert_true(exists(p.taken, f->taken));
}

/* A draft made ahead of time becomes the spooled file itself, without a second copy, and has no
 * name before that. */
static void test_draft(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat draft, kept;
    put(&p, "a.txt", "hello");
    struct gh_copy_file *f = add(&p, "a.txt");
    f->want_text = true;
    gh_copy_draft(&p.job);
    assert_non_null(f->draft);
    assert_int_equal(f->how, GH_COPY_NEW);
    assert_string_equal(f->draft->sha256, HELLO);
    assert_false(exists(p.spool, HELLO));
    assert_int_equal(fstat(f->draft->fd, &draft), 0);
    gh_copy_files(&p.job);
    assert_int_equal(f->how, GH_COPY_COPIED);
    assert_null(f->draft);
    assert_string_equal(f->text, "hello");
    assert_int_equal(fstatat(p.spool, HELLO, &kept, 0), 0);
    assert_int_equal(kept.st_ino, draft.st_ino);
    assert_int_equal(kept.st_mode & 0777, 0400);
}

/* Other bytes of the same length, and the mtime set back: the draft is not used. */
static void test_draft_is_stale(void **state)
{
    (void)state;
    PLACE p = place_new();
    struct stat st;
    put(&p, "a.jpg", "older");
    struct gh_copy_file *f = add(&p, "a.jpg");
    gh_copy_draft(&p.job);
    assert_non_null(f->draft);
    assert_int_equal(fstatat(p.drop, "a.jpg", &st, 0), 0);
    /* until the file system's clock has ticked */
    for (int64_t ctime = f->draft->ctime_ns; ctime == f->draft->ctime_ns;) {
        put(&p, "a.jpg", "hello");
        const struct timespec times[] = {st.st_atim, st.st_mtim};
        assert_int_equal(utimensat(p.drop, "a.jpg", times, 0), 0);
        struct stat now;
        assert_int_equal(fstatat(p.drop, "a.jpg", &now, 0), 0);
        ctime = (int64_t)now.st_ctim.tv_sec * 1000000000 + now.st_ctim.tv_nsec;
    }
    gh_copy_files(&p.job);
    assert_int_equal(f->how, GH_COPY_COPIED);
    assert_string_equal(f->sha256, HELLO);
}

/* A file that cannot be copied now gets no draft, and is judged when it has settled. */
static void test_no_draft(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "open.jpg", "hello");
    put(&p, "empty.jpg", "");
    put(&p, "large.jpg", "hello, this is large");
    p.job.max_bytes = 10;
    add(&p, "open.jpg");
    add(&p, "empty.jpg");
    add(&p, "large.jpg");
    GH_AUTO_FD writer = openat(p.drop, "open.jpg", O_WRONLY);
    assert_true(writer >= 0);
    gh_copy_draft(&p.job);
    for (size_t i = 0; i < p.job.n; i++) {
        assert_null(p.job.files[i].draft);
        assert_int_equal(p.job.files[i].how, GH_COPY_NEW);
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
    gh_copy_files(&p.job);
    assert_int_equal(p.job.files[0].how, GH_COPY_COPIED);
    assert_int_equal(p.job.files[1].how, GH_COPY_COPIED); /* equal bytes are stored once */
    /* a damaged blob under the right name is replaced, not trusted */
    assert_int_equal(unlinkat(p.spool, HELLO, 0), 0);
    struct gh_err err = {0};
    OK(gh_write_file(p.spool, HELLO, "hellx", 5, 0400, &err));
    p.job.files[0].how = GH_COPY_NEW;
    gh_copy_files(&p.job);
    assert_int_equal(p.job.files[0].how, GH_COPY_COPIED);
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
        enum gh_copy_how how;
    } rows[] = {
        {"grown.jpg", GH_COPY_BUSY},  {"swapped.jpg", GH_COPY_BUSY}, {"touched.jpg", GH_COPY_BUSY},
        {"linked.jpg", GH_COPY_BUSY}, {"empty.jpg", GH_COPY_EMPTY},  {"large.jpg", GH_COPY_REFUSED},
        {"gone.jpg", GH_COPY_GONE},   {"folder.jpg", GH_COPY_BUSY},
    };
    p.job.max_bytes = 10;
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
    for (size_t i = 0; i < GH_LEN(rows); i++) { /* one job each: the first busy file ends a job */
        struct gh_copy_job one = p.job;
        one.files = &p.job.files[i];
        one.n = 1;
        gh_copy_files(&one);
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
    struct gh_copy_file *f = add(&p, "a.jpg");
    GH_AUTO_FD writer = openat(p.drop, "a.jpg", O_WRONLY);
    gh_copy_files(&p.job);
    assert_int_equal(f->how, GH_COPY_BUSY);
    gh_close_fd(&writer);
    f->how = GH_COPY_NEW;
    gh_copy_files(&p.job);
    assert_int_equal(f->how, GH_COPY_COPIED);
}

static void test_cancelled(void **state)
{
    (void)state;
    PLACE p = place_new();
    GH_AUTO_FREE char *big = gh_alloc(3000001);
    memset(big, 'a', 3000000);
    put(&p, "a.mov", big);
    p.job.max_bytes = 10000000;
    bool cancel = true;
    p.job.cancel = &cancel;
    struct gh_copy_file *f = add(&p, "a.mov");
    gh_copy_files(&p.job);
    if (f->how != GH_COPY_COPIED) /* a file system that clones is done at once */
        assert_int_equal(f->how, GH_COPY_BUSY);
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
    gh_copy_files(&p.job);
    for (size_t i = 0; i < GH_LEN(names); i++)
        p.job.files[i].file = (int64_t)i + 1;
    put(&p, "b.jpg", "written to after it was copied");
    unlinkat(p.drop, "c.jpg", 0);
    p.job.files[3].file = 0; /* the ledger did not want it */
    gh_taken_move(&p.job);
    assert_int_equal(p.job.files[0].how, GH_COPY_MOVED);
    assert_int_equal(p.job.files[1].how, GH_COPY_CHANGED);
    assert_int_equal(p.job.files[2].how, GH_COPY_GONE);
    assert_int_equal(p.job.files[3].how, GH_COPY_COPIED);
    assert_true(exists(p.drop, "b.jpg"));
    assert_true(exists(p.drop, "d.jpg"));
    assert_false(exists(p.drop, "sub/a.jpg"));
}

static void test_full_disk(void **state)
{
    (void)state;
    PLACE p = place_new();
    put(&p, "a.jpg", "hello");
    struct gh_copy_file *f = add(&p, "a.jpg");
    p.job.spool = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* takes no file */
    gh_copy_files(&p.job);
    gh_close_fd(&p.job.spool);
    assert_int_equal(f->how, GH_COPY_FAILED);
    assert_true(p.job.err.cls == GH_SYSTEM || p.job.err.cls == GH_AGAIN);
    assert_true(exists(p.drop, "a.jpg"));
}

/* A move that could not be made durable is tried again, and the name in .taken/ is not lost, even
 * when something new has the old one. */
static void test_moved_and_not_synced(void **state)
{
    (void)state;
    static const bool dropped_again[] = {false, true};
    for (size_t i = 0; i < GH_LEN(dropped_again); i++) {
        PLACE p = place_new();
        put(&p, "a.jpg", "hello");
        struct gh_copy_file *f = add(&p, "a.jpg");
        gh_copy_files(&p.job);
        assert_int_equal(f->how, GH_COPY_COPIED);
        f->submission = f->file = 7;
        p.job.taken = openat(p.dir.fd, "taken", O_PATH | O_DIRECTORY | O_CLOEXEC);
        gh_taken_move(&p.job);
        gh_close_fd(&p.job.taken); /* it takes files, and cannot be synced */
        assert_int_equal(f->how, GH_COPY_FAILED);
        assert_false(exists(p.drop, "a.jpg"));
        if (dropped_again[i])
            put(&p, "a.jpg", "something new");
        p.job.taken = p.taken;
        gh_taken_move(&p.job);
        assert_int_equal(f->how, GH_COPY_MOVED);
        assert_true(f->taken[0] && exists(p.taken, f->taken));
        assert_int_equal(exists(p.drop, "a.jpg"), dropped_again[i]);
    }
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copied_and_moved),
        cmocka_unit_test(test_draft),
        cmocka_unit_test(test_draft_is_stale),
        cmocka_unit_test(test_no_draft),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_nothing_is_lost_between_look_and_unlink),
        cmocka_unit_test(test_changed_files_of_the_longest_names_come_back),
        cmocka_unit_test(test_not_taken),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_changed_before_away),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_moved_and_not_synced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
