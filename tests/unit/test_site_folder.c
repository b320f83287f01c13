/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * By what a department's folder is known on file systems that number their inodes anew, know no
 * modes and no files without a name. Played: this program has functions of its own in the place of
 * libc's, which say so of every file system.
 */
#include "tests/unit/ledger_fix.h"

#include "base/file.h"
#include "daemon/site/folder.h"
#include "daemon/store/dirs.h"
#include "daemon/store/status.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool fat;        /* every file system is FAT */
static bool full;       /* nothing is made in it */
static unsigned mount_; /* which mount it is: numbers are others */
static int unreadable;  /* what the file says when it is opened; 0: it is opened */

int fstatfs(int fd, struct statfs *ret);
int fstatfs(int fd, struct statfs *ret)
{
    long r = syscall(SYS_fstatfs, fd, ret);
    if (r == 0 && fat)
        ret->f_type = MSDOS_SUPER_MAGIC;
    return (int)r;
}

int statx(int dir, const char *path, int flags, unsigned mask, struct statx *ret)
{
    long r = syscall(SYS_statx, dir, path, flags, mask, ret);
    if (r == 0)
        ret->stx_ino += mount_ * 1000003;
    return (int)r;
}

int fchmod(int fd, mode_t mode)
{
    if (!fat)
        return (int)syscall(SYS_fchmod, fd, mode);
    errno = EPERM;
    return -1;
}

int openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    errno = 0;
    if (fat && (flags & O_TMPFILE) == O_TMPFILE)
        errno = EOPNOTSUPP;
    else if (full && flags & O_CREAT)
        errno = EROFS;
    else if (unreadable && !(flags & O_CREAT) && !strcmp(path, GH_FOLDER_TOKEN))
        errno = unreadable;
    return errno ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

/* ------------------------------------------------------------------------------------ a drop
 * folder
 */

struct drop {
    struct fix *f;
    int fd;
};

static void open_drop(struct drop *d, struct fix *f)
{
    fat = true;
    full = false;
    mount_ = 0;
    unreadable = 0;
    *d = (struct drop){.f = f, .fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    assert_true(d->fd >= 0);
    assert_int_equal(mkdirat(d->fd, "Water", 0770), 0);
    assert_int_equal(mkdirat(d->fd, "Roads", 0770), 0);
}

static bool has_token(int fd)
{
    struct stat st;
    return fstatat(fd, GH_FOLDER_TOKEN, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* As intake does. The code of the error; 0: it is known. */
static int sight(const struct drop *d, const char *folder, bool held, bool *ret_unmarked)
{
    struct gh_err why = {0};
    struct gh_folder_found found;
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d->fd, folder, &fd, err));
    int r = gh_folder_known(d->f->l, folder, fd, held, &found, &why);
    if (ret_unmarked)
        *ret_unmarked = found.unmarked.msg[0] != '\0';
    if (r >= 0) /* the program knows where the file is */
        assert_int_equal(found.by_file, fat && has_token(fd));
    return r < 0 ? why.code : 0;
}

/* Whose failure it is: the ledger's, or the folder's, and never that it is another one. */
static void says(const struct drop *d, const char *folder, bool held, bool ledger)
{
    struct gh_err why = {0};
    struct gh_folder_found found;
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d->fd, folder, &fd, err));
    assert_true(gh_folder_known(d->f->l, folder, fd, held, &found, &why) < 0);
    assert_int_equal(found.ledger, ledger);
    assert_false(gh_folder_is_other(&why));
}

/* As whoever writes a note does. */
static int look(const struct drop *d, const char *folder)
{
    struct gh_err err = {0};
    GH_AUTO_FD fd = -1;
    return gh_folder_open(d->f->l, d->fd, folder, &fd, &err) < 0 ? err.code : 0;
}

static int confirm(const struct drop *d, const char *folder)
{
    struct gh_err why = {0};
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d->fd, folder, &fd, err));
    return gh_folder_confirm(d->f->l, NULL, folder, fd, &why) < 0 ? why.code : 0;
}

static char *token(const struct drop *d, const char *folder)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, GH_FOLDER_TOKEN);
    char *text = NULL;
    size_t n;
    return gh_read_file(d->fd, path, 100, &text, &n, &(struct gh_err){0}) < 0 ? NULL : text;
}

static void put_token(const struct drop *d, const char *folder, const char *text)
{
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d->fd, folder, &fd, err));
    OK(gh_write_file(fd, GH_FOLDER_TOKEN, text, strlen(text), 0, err));
}

static void remove_token(const struct drop *d, const char *folder)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, GH_FOLDER_TOKEN);
    assert_int_equal(unlinkat(d->fd, path, 0), 0);
}

/* ---------------------------------------------------------------------------------------- the
 * tests
 */

static void a_folder_without_modes_gets_its_file_and_its_notes(void **state)
{
    struct drop d;
    bool unmarked;
    open_drop(&d, *state);
    assert_int_equal(sight(&d, "Water", false, &unmarked), 0);
    assert_false(unmarked);
    GH_AUTO_FREE char *text = token(&d, "Water");
    assert_non_null(text);
    mount_ = 1;
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(d.fd, "Water", &fd, err));
    OK(gh_status_put(fd, "a.jpg.txt", "one", 3, err));
    OK(gh_status_put(fd, "a.jpg.txt", "two", 3, err));
    GH_AUTO_FREE char *note = NULL;
    size_t n;
    OK(gh_read_file(fd, GH_STATUS_DIR "/a.jpg.txt", 100, &note, &n, err));
    assert_string_equal(note, "two");
}

static void a_file_that_is_removed_comes_back_while_the_folder_is_held(void **state)
{
    struct drop d;
    open_drop(&d, *state);
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
    GH_AUTO_FREE char *before = token(&d, "Water");
    remove_token(&d, "Water");
    assert_int_equal(look(&d, "Water"), ESTALE);
    full = true; /* it cannot be written now: no other folder for that */
    assert_int_equal(sight(&d, "Water", true, NULL), EROFS);
    full = false;
    assert_int_equal(sight(&d, "Water", true, NULL), 0);
    GH_AUTO_FREE char *after = token(&d, "Water");
    assert_string_equal(before, after);
    assert_int_equal(look(&d, "Water"), 0);
    put_token(&d, "Water", "cut");
    assert_int_equal(sight(&d, "Water", true, NULL), 0);
    assert_int_equal(look(&d, "Water"), 0);
    remove_token(&d, "Water"); /* nobody held it meanwhile */
    mount_ = 1;
    assert_int_equal(sight(&d, "Water", false, NULL), ESTALE);
    assert_null(token(&d, "Water"));
    /* held, but with another department's: the folders may have been swapped where it cannot be
     * seen */
    mount_ = 0;
    assert_int_equal(sight(&d, "Water", true, NULL), 0);
    assert_int_equal(sight(&d, "Roads", false, NULL), 0);
    GH_AUTO_FREE char *roads = token(&d, "Roads");
    put_token(&d, "Water", roads);
    assert_int_equal(sight(&d, "Water", true, NULL), ESTALE);
}

static void a_file_that_cannot_be_read_now_makes_no_other_folder(void **state)
{
    static const int codes[] = {EIO, ESTALE, ENOTCONN, ETIMEDOUT, EMFILE, ENFILE, ENOMEM};
    struct drop d;
    open_drop(&d, *state);
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
    GH_AUTO_FREE char *before = token(&d, "Water");
    for (size_t i = 0; i < GH_LEN(codes); i++) {
        mount_++;
        unreadable = codes[i];
        assert_int_equal(sight(&d, "Water", false, NULL), codes[i]);
        assert_int_equal(sight(&d, "Water", true, NULL), codes[i]);
        says(&d, "Water", false, false);
        says(&d, "Water", true, false);
        assert_int_equal(look(&d, "Water"), codes[i]);
        assert_int_equal(confirm(&d, "Water"), codes[i]);
        unreadable = 0;
        assert_int_equal(sight(&d, "Water", false, NULL), 0);
    }
    GH_AUTO_FREE char *after = token(&d, "Water");
    assert_string_equal(before, after);
}

static void what_the_ledger_does_not_answer_is_no_fault_of_the_folder(void **state)
{
    struct drop d;
    sqlite3 *db;
    open_drop(&d, *state);
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
    remove_token(&d, "Water");
    assert_int_equal(sqlite3_open(d.f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "ALTER TABLE meta RENAME TO away", NULL, NULL, NULL),
                     SQLITE_OK);
    says(&d, "Water", false, true);
    says(&d, "Water", true, true);
    assert_int_equal(sqlite3_exec(db, "ALTER TABLE away RENAME TO meta", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    full = true;
    says(&d, "Water", true, false);
}

static void two_folders_with_one_file_can_both_be_confirmed(void **state)
{
    struct drop d;
    open_drop(&d, *state);
    assert_int_equal(sight(&d, "Roads", false, NULL), 0);
    GH_AUTO_FREE char *roads = token(&d, "Roads");
    put_token(&d, "Water", roads); /* cp -a, an imaged stick */
    assert_int_equal(sight(&d, "Water", false, NULL), ESTALE);
    full = true; /* it would be taken for the other one's for ever */
    assert_int_equal(confirm(&d, "Water"), EROFS);
    full = false;
    assert_int_equal(confirm(&d, "Water"), 0);
    for (mount_ = 0; mount_ < 3; mount_++) {
        assert_int_equal(sight(&d, "Water", false, NULL), 0);
        assert_int_equal(sight(&d, "Roads", false, NULL), 0);
    }
    GH_AUTO_FREE char *still = token(&d, "Roads");
    assert_string_equal(roads, still);
    assert_int_equal(confirm(&d, "Roads"), 0);
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
}

static void a_folder_that_can_have_no_file_keeps_its_number_and_says_so(void **state)
{
    struct drop d;
    bool unmarked;
    open_drop(&d, *state);
    full = true;
    assert_int_equal(sight(&d, "Water", false, &unmarked), 0);
    assert_true(unmarked);
    assert_int_equal(look(&d, "Water"), 0);
    assert_int_equal(sight(&d, "Water", true, &unmarked), 0);
    assert_true(unmarked);
    full = false;
    assert_int_equal(look(&d, "Water"), 0);
    assert_null(token(&d, "Water")); /* looking writes nothing */
    assert_int_equal(sight(&d, "Water", true, &unmarked), 0);
    assert_false(unmarked);
    mount_ = 1;
    assert_int_equal(sight(&d, "Water", false, NULL), 0);
    fat = false; /* where numbers last there is no file */
    assert_int_equal(sight(&d, "Roads", false, &unmarked), 0);
    assert_false(unmarked);
    assert_null(token(&d, "Roads"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_folder_without_modes_gets_its_file_and_its_notes),
        T(a_file_that_is_removed_comes_back_while_the_folder_is_held),
        T(a_file_that_cannot_be_read_now_makes_no_other_folder),
        T(what_the_ledger_does_not_answer_is_no_fault_of_the_folder),
        T(two_folders_with_one_file_can_both_be_confirmed),
        T(a_folder_that_can_have_no_file_keeps_its_number_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
