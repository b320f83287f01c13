/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A copy of the ledger while it is in use: SQLite's backup in one reading, made one plain file
 * without a write-ahead log and without anybody logged in, checked, durable, and only then given
 * its name. And the way back: such a copy in the place of a ledger that is gone, with a mark in it
 * that the next start of ghatd understands (restored.c).
 */
#include "daemon/ledger/restored.h"
#include "daemon/ledger/schema.h"
#include "daemon/ledger/sqlite_int.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Numbers given after the copy was made are on folders of the outbox and in people's notes. A
 * ledger restored from it goes on far behind them, so that no number ever means two submissions.
 */
#define NUMBERS_SKIPPED "100000"

static void close_raw(sqlite3 **db)
{
    sqlite3_close(*db);
}

/* The copy's disk is another one: it does not fail the ledger. */
static int fail_copy(sqlite3 *to, const char *doing, struct gh_err *err)
{
    enum gh_class cls = gh_sqlite_fault(to) == GH_FAULT_FULL ? GH_AGAIN : GH_SYSTEM;
    return gh_fail(err, cls, "%s: %s", doing, gh_sqlite_said(to));
}

static int copy_pages(struct gh_ledger *l, const char *path, bool skip, struct gh_err *err)
{
    unlink(path);
    GH_AUTO_FD made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0) /* never readable for others, not even half-way */
        return gh_fail_errno(err, GH_OK, "%s", path);
    GH_AUTO(close_raw) sqlite3 *to = NULL;
    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return fail_copy(to, path, err);
    sqlite3_busy_timeout(to, 5000);
    sqlite3_backup *b = sqlite3_backup_init(to, "main", gh_sqlite_raw(l), "main");
    if (!b)
        return fail_copy(to, "backup", err);
    int r;
    do
        r = sqlite3_backup_step(b, -1);
    while ((r == SQLITE_BUSY || r == SQLITE_LOCKED) && sqlite3_sleep(50) > 0);
    if (sqlite3_backup_finish(b) != SQLITE_OK || r != SQLITE_DONE)
        return fail_copy(to, "backup", err);
    if (sqlite3_exec(to, "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=DELETE", NULL, NULL,
                     NULL) != SQLITE_OK ||
        (skip && sqlite3_exec(to,
                              "UPDATE sqlite_sequence SET seq = seq + " NUMBERS_SKIPPED
                              "; DELETE FROM session; DELETE FROM invite;"
                              " DELETE FROM meta WHERE key = 'displays';"
                              /* what waited then was told since, or is over */
                              " UPDATE notice SET state = 'dropped' WHERE state = 'new';"
                              " UPDATE letter SET state = 'dropped'"
                              " WHERE state IN ('waiting','sending')",
                              NULL, NULL, NULL) != SQLITE_OK))
        return fail_copy(to, "backup", err);
    return 0;
}

/* Would ghatd take it? */
static int check_copy(const char *path, int64_t *ret_rows, struct gh_err *err)
{
    GH_AUTO(gh_ledger_close) struct gh_ledger *copy = NULL;
    TRY(gh_ledger_open_ro(path, &copy, err));
    TRY(gh_ledger_check(copy, err));
    return gh_ledger_verify_chain(copy, ret_rows, err);
}

static int make_durable(const char *fresh, const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *folder = gh_strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    GH_AUTO_FD fd = open(fresh, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), dir = -1;
    if (fd < 0 || fchmod(fd, 0600) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", fresh);
    TRY(gh_sync(fd, err));
    TRY(gh_open_dir(AT_FDCWD, slash ? folder : ".", &dir, err));
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    return gh_sync(dir, err);
}

int gh_ledger_backup(struct gh_ledger *l, const char *path, int64_t *ret_rows, struct gh_err *err)
{
    if (access(path, F_OK) == 0)
        return gh_fail(err, GH_USAGE, "%s exists already; name a new file", path);
    GH_AUTO_FREE char *fresh = gh_asprintf("%s.new", path);
    int64_t rows = 0;
    int r = copy_pages(l, fresh, true, err);
    if (r == 0)
        r = check_copy(fresh, &rows, err);
    if (r == 0)
        r = make_durable(fresh, path, err);
    if (r < 0) {
        unlink(fresh);
        return gh_fail_prefix(err, "backup to %s", path);
    }
    if (ret_rows)
        *ret_rows = rows;
    return 0;
}

int gh_ledger_copy(struct gh_ledger *l, const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *fresh = gh_asprintf("%s.new", path);
    int r = copy_pages(l, fresh, false, err);
    if (r == 0)
        r = make_durable(fresh, path, err);
    if (r < 0)
        unlink(fresh);
    return r;
}

/* ------------------------------------------------------------------------------------- the way
 * back
 */

/* Closed by the caller, also on failure. An older version is as good as ours: nobody reads it here.
 */
static int open_raw(const char *path, int flags, sqlite3 **ret, struct gh_err *err)
{
    if (sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail_copy(*ret, path, err);
    sqlite3_busy_timeout(*ret, 5000);
    return 0;
}

static int first_text(sqlite3 *db, const char *sql, char *ret, size_t size, struct gh_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (r == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        gh_format(ret, size, "%s", (const char *)sqlite3_column_text(st, 0));
    else
        r = fail_copy(db, sql, err);
    sqlite3_finalize(st);
    return r < 0 ? r : 0;
}

int gh_ledger_check_file(const char *path, struct gh_err *err)
{
    GH_AUTO(close_raw) sqlite3 *db = NULL;
    char said[200] = "", whose[20] = "";
    TRY(open_raw(path, SQLITE_OPEN_READONLY, &db, err));
    TRY(first_text(db, "PRAGMA application_id", whose, sizeof(whose), err));
    if (strtoll(whose, NULL, 10) != GH_LEDGER_APPLICATION)
        return gh_fail(err, GH_LIMIT, "%s is not a ledger of Ghat", path);
    TRY(first_text(db, "PRAGMA integrity_check", said, sizeof(said), err));
    return !strcmp(said, "ok") ? 0 : gh_fail(err, GH_LIMIT, "%s is damaged: %s", path, said);
}

static int mark(const char *path, const char *text, struct gh_err *err)
{
    GH_AUTO(close_raw) sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    TRY(open_raw(path, SQLITE_OPEN_READWRITE, &db, err));
    if (sqlite3_exec(db, "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=DELETE", NULL, NULL,
                     NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "INSERT INTO meta(key, value) VALUES('" GH_RESTORED_KEY "',?)"
                           " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                           -1, &st, NULL) != SQLITE_OK)
        return fail_copy(db, path, err);
    sqlite3_bind_text(st, 1, text, -1, SQLITE_STATIC);
    int r = sqlite3_step(st) == SQLITE_DONE ? 0 : fail_copy(db, path, err);
    sqlite3_finalize(st);
    return r;
}

static int put_back(const char *copy, const char *fresh, const struct gh_restored *restored,
                    gh_fresh_fn *fn, void *arg, struct gh_err *err)
{
    char text[80];
    GH_AUTO_FD from = open(copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", copy);
    unlink(fresh);
    GH_AUTO_FD to = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (to < 0)
        return gh_fail_errno(err, GH_OK, "%s", fresh);
    TRY(gh_copy_fd(from, to, NULL, err));
    gh_restored_text(restored, text, sizeof(text));
    TRY(mark(fresh, text, err));
    if (fn)
        fn(to, arg);
    return gh_ledger_check_file(fresh, err);
}

int gh_ledger_restore(const char *copy, const char *path, const struct gh_restored *restored,
                      gh_fresh_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO_FREE char *fresh = gh_asprintf("%s.restoring", path);
    int r = put_back(copy, fresh, restored, fn, arg, err);
    if (r == 0)
        r = make_durable(fresh, path, err);
    if (r < 0) {
        unlink(fresh);
        return gh_fail_prefix(err, "ledger %s", path);
    }
    return 0;
}
