/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening a ledger: refusing what is not one, or is damaged, or of another version; migrating older
 * ones. A new ledger is made only when it is asked for, complete under another name and then
 * renamed, so an empty or half-made file under the real name is always damage, never "new". A mark
 * beside it says that there is one. Whatever is wrong with the file is GH_CONFIG: a person must
 * help. GH_SYSTEM and GH_AGAIN are the disk's and may pass.
 */
#include "daemon/ledger/db.h"
#include "daemon/ledger/schema.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* What is looked at when a ledger is opened: rows of each table, rows of the audit chain. */
#define NEWEST 100
#define CHAIN_END 1000
#define SECRET_MODE 0600 /* it holds people's second factors */

/* ------------------------------------------------------------------ what lies beside the ledger */

/* "state/ledger.db": "state/ledger.<what>". */
static char *beside(const char *path, const char *what)
{
    size_t n = strlen(path);
    if (n > 3 && !strcmp(path + n - 3, ".db"))
        n -= 3;
    return gh_asprintf("%.*s.%s", (int)n, path, what);
}

static int open_folder_of(const char *path, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FREE char *dir = gh_strdup(path);
    char *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    return gh_open_dir(AT_FDCWD, slash ? dir : ".", ret_fd, err);
}

static int sync_folder_of(const char *path, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    TRY(open_folder_of(path, &fd, err));
    return gh_sync(fd, err);
}

/* The mark that there is a ledger here: should it be gone one day, none is made in its place. */
static int mark_made(const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *mark = beside(path, "made");
    static const char text[] =
        "There is a ledger of Ghat here. Should ledger.db be gone: restore a backup, see "
        "ghatd(8).\n"
        "As long as this file is here ghatd makes no new ledger by itself.\n";
    if (access(mark, F_OK) == 0)
        return 0;
    GH_AUTO_FD fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
        return gh_fail_errno(err, GH_OK, "%s", mark);
    TRY(gh_sync(fd, err));
    return sync_folder_of(path, err);
}

bool gh_ledger_known(const char *path)
{
    GH_AUTO_FREE char *mark = beside(path, "made"), *log = gh_asprintf("%s-wal", path);
    return access(path, F_OK) == 0 || access(mark, F_OK) == 0 || access(log, F_OK) == 0;
}

/* Which file was found damaged, and what was said: read by the next start, and by people. */
void gh_open_mark_damaged(const struct gh_ledger *l, const char *said)
{
    struct stat st;
    struct gh_err err;
    GH_AUTO_FD dir = -1;
    if (!l->path || stat(l->path, &st) < 0 || open_folder_of(l->path, &dir, &err) < 0)
        return;
    GH_AUTO_FREE char *mark = beside(l->path, "damaged");
    GH_AUTO_FREE char *text = gh_asprintf("%ju %s\n", (uintmax_t)st.st_ino, said);
    const char *slash = strrchr(mark, '/');
    (void)!gh_write_file(dir, slash ? slash + 1 : mark, text, strlen(text), 0640, &err);
}

/* A damaged page that nothing reads at the start would end ghatd over and over. A file put in its
 * place has another number. */
static int check_mark(const char *path, const struct stat *st, struct gh_err *err)
{
    GH_AUTO_FREE char *mark = beside(path, "damaged"), *text = NULL;
    struct gh_err why;
    size_t n;
    if (gh_read_file(AT_FDCWD, mark, 4096, &text, &n, &why) < 0)
        return 0;
    char *said;
    if (strtoumax(text, &said, 10) != (uintmax_t)st->st_ino) {
        unlink(mark);
        return 0;
    }
    said[strcspn(said, "\n")] = '\0';
    return gh_fail(
        err, GH_CONFIG,
        "the ledger %s was found damaged while it was in use (%s); restore a backup, or, "
        "when ghat verify finds it in order, remove %s",
        path, *said ? said + 1 : "", mark);
}

/* --------------------------------------------------------------------------------- a new ledger */

int gh_ledger_create(const char *path, int64_t after, struct gh_err *err)
{
    GH_AUTO_FREE char *fresh = gh_asprintf("%s.new", path), *log = gh_asprintf("%s-wal", path);
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = gh_alloc(sizeof(*l));
    if (access(path, F_OK) == 0 || access(log, F_OK) == 0)
        return gh_fail(err, GH_CONFIG,
                       "%s is there: move it out of the way (and keep it) before a new ledger is "
                       "made",
                       access(path, F_OK) == 0 ? path : log);
    unlink(fresh); /* left over from a crash while creating: it never was the ledger */
    if (gh_db_open(l, fresh, GH_DB_CREATE, err) < 0)
        return gh_fail_prefix(err, "cannot create %s (does the directory exist, and is it mine?)",
                              path);
    if (chmod(fresh, SECRET_MODE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", fresh);
    TRY(gh_db_define(l, gh_ledger_schema, GH_LEDGER_APPLICATION, GH_LEDGER_VERSION, err));
    if (after > 0)
        TRY(gh_db_skip_numbers(l, after, err));
    gh_ledger_close(&l);
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot create the ledger %s", path);
    TRY(sync_folder_of(path, err));
    return mark_made(path, err);
}

/* ------------------------------------------------------------------------------ is it a ledger? */

static int not_ours(const char *path, struct gh_err *err)
{
    return gh_fail(err, GH_CONFIG,
                   "%s is not a Ghat ledger, or it is damaged; restore a backup, Ghat never makes "
                   "a new one in its place",
                   path);
}

/* An older ledger becomes one of ours, in one transaction; a copy of what it was stays beside it.
 */
static int migrate(struct gh_ledger *l, const char *path, int64_t version, struct gh_err *err)
{
    GH_AUTO_FREE char *kept = gh_asprintf("%s.version-%" PRId64, path, version);
    if (access(kept, F_OK) < 0)
        TRY(gh_ledger_copy(l, kept, err));
    TRY(gh_db_make_durable(l, err));
    TRY(gh_db_begin(l, err));
    int64_t given = 0; /* numbers of renditions: a table that is made anew goes on behind them */
    int r = gh_db_numbers_given(l, "rendition", &given, err);
    for (int64_t v = version; r == 0 && v < GH_LEDGER_VERSION; v++)
        r = gh_db_exec(l, gh_ledger_migrations[v - 1], err);
    if (r == 0)
        r = gh_db_skip_numbers_of(l, "rendition", given, err);
    if (r == 0)
        r = gh_db_set_version(l, GH_LEDGER_VERSION, err);
    if (r == 0)
        r = gh_db_exec(l, "COMMIT", err);
    if (r < 0) {
        gh_db_undo(l, NULL);
        return gh_fail_prefix(err, "the ledger %s cannot be brought from version %" PRId64 " to %d",
                              path, version, GH_LEDGER_VERSION);
    }
    gh_log(GH_LOG_NOTICE, "ledger-migrated", "from=%" PRId64 " to=%d copy=%s", version,
           GH_LEDGER_VERSION, gh_log_quote(kept));
    return 0;
}

/* The newest rows of every table, with all that is in them: what was written last is what a crash
 * or a full disk may have damaged. Every tree is entered from its root. */
static int check_newest(struct gh_ledger *l, struct gh_err *err)
{
    static const char *const newest[] = {
        "SELECT * FROM submission ORDER BY id DESC LIMIT ?",
        "SELECT * FROM file ORDER BY id DESC LIMIT ?",
        "SELECT * FROM rendition ORDER BY id DESC LIMIT ?",
        "SELECT * FROM decision ORDER BY id DESC LIMIT ?",
        "SELECT * FROM blob ORDER BY sha256 DESC LIMIT ?",
        "SELECT * FROM department ORDER BY slug DESC LIMIT ?",
        "SELECT * FROM meta ORDER BY key DESC LIMIT ?",
        "SELECT * FROM decided ORDER BY decision DESC LIMIT ?",
        "SELECT * FROM caption ORDER BY submission DESC LIMIT ?",
        "SELECT * FROM seen ORDER BY id DESC LIMIT ?",
        "SELECT * FROM pending ORDER BY decision DESC LIMIT ?",
        "SELECT * FROM voided ORDER BY decision DESC LIMIT ?",
        "SELECT * FROM question ORDER BY id DESC LIMIT ?",
        "SELECT * FROM question_round ORDER BY question DESC LIMIT ?",
        "SELECT * FROM message ORDER BY id DESC LIMIT ?",
        "SELECT * FROM alarm ORDER BY question DESC LIMIT ?",
        "SELECT * FROM notice ORDER BY id DESC LIMIT ?",
        "SELECT * FROM person ORDER BY id DESC LIMIT ?",
        "SELECT * FROM person_role ORDER BY person DESC LIMIT ?",
        "SELECT * FROM person_department ORDER BY person DESC LIMIT ?",
        "SELECT * FROM session ORDER BY id DESC LIMIT ?",
        "SELECT * FROM invite ORDER BY token_sha DESC LIMIT ?",
        "SELECT * FROM delivery ORDER BY id DESC LIMIT ?",
        "SELECT * FROM take ORDER BY submission DESC LIMIT ?",
        "SELECT * FROM event ORDER BY id DESC LIMIT ?",
        "SELECT * FROM event_folder ORDER BY department DESC LIMIT ?",
        "SELECT * FROM event_read ORDER BY submission DESC LIMIT ?",
        "SELECT * FROM letter ORDER BY id DESC LIMIT ?",
        "SELECT * FROM letter_line ORDER BY letter DESC LIMIT ?",
    };
    for (size_t i = 0; i < GH_LEN(newest); i++) {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        int r;
        TRY(gh_db_query(l, &s, err, newest[i], "i", (int64_t)NEWEST));
        while ((r = gh_db_step(&s, err)) > 0) {
        }
        TRY(r);
    }
    return 0;
}

/* Bounded: it takes as long for a ledger of ten years as for one of a day. A chain that somebody
 * broke is no reason to stop: nothing is lost by going on, and people are told. */
static int check_ends(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_err why = {0};
    int64_t began = gh_mono_ms();
    TRY(check_newest(l, err));
    l->checked.newest = NEWEST;
    if (!l->read_only && gh_audit_verify_end(l, CHAIN_END, &l->checked.audit_rows, &why) < 0) {
        if (why.cls != GH_LIMIT) {
            *err = why;
            return -(int)why.cls;
        }
        GH_COPY(l->checked.broken, why.msg);
    }
    l->checked.ms = gh_mono_ms() - began;
    return 0;
}

const struct gh_ledger_checked *gh_ledger_checked(const struct gh_ledger *l)
{
    return &l->checked;
}

int gh_ledger_check(struct gh_ledger *l, struct gh_err *err)
{
    char said[200] = "";
    struct gh_err why = {0};
    int r = gh_db_check_pages(l, said, sizeof(said), &why);
    if (r < 0 && why.code == EUCLEAN)
        return gh_fail(err, GH_LIMIT, "%s", why.msg);
    if (r < 0 && err)
        *err = why;
    TRY(r);
    return !strcmp(said, "ok") ? 0 : gh_fail(err, GH_LIMIT, "the ledger is damaged: %s", said);
}

/* Is it ours, undamaged, of our version or one that can be brought to it? */
static int check(struct gh_ledger *l, const char *path, struct gh_err *err)
{
    int64_t application = 0, version = 0;
    TRY(gh_db_identity(l, &application, &version, err));
    if (application != GH_LEDGER_APPLICATION)
        return not_ours(path, err);
    if (version < 1 || version > GH_LEDGER_VERSION)
        return gh_fail(
            err, GH_CONFIG, "the ledger %s has version %" PRId64 ", this Ghat reads version %d; %s",
            path, version, GH_LEDGER_VERSION,
            version > GH_LEDGER_VERSION ? "install the newer Ghat again" : "no migration is known");
    if (version < GH_LEDGER_VERSION && l->read_only)
        return gh_fail(err, GH_CONFIG,
                       "the ledger %s has version %" PRId64
                       ": start ghatd, it brings it to version %d",
                       path, version, GH_LEDGER_VERSION);
    if (version < GH_LEDGER_VERSION)
        TRY(migrate(l, path, version, err));
    return check_ends(l, err);
}

static int load_head(struct gh_ledger *l, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", ""));
    int r = gh_db_step(&s, err);
    TRY(r);
    l->seq = r ? gh_col_i64(&s, 0) : 0;
    GH_COPY(l->head, r ? gh_col_text(&s, 1) : "");
    return 0;
}

static int connect_to(struct gh_ledger *l, const char *path, struct gh_err *err)
{
    l->lock_wait_ms = GH_LOCK_WAIT_OPENING_MS;
    TRY(gh_db_open(l, path, l->read_only ? GH_DB_READ : GH_DB_WRITE, err));
    TRY(check(l, path, err));
    if (!l->read_only) {
        TRY(gh_db_make_durable(l, err));
        l->lock_wait_ms = GH_LOCK_WAIT_MS;
    }
    return load_head(l, err);
}

static int open_as(const char *path, bool read_only, struct gh_ledger **ret, struct gh_err *err)
{
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = gh_alloc(sizeof(*l));
    struct gh_err why = {0};
    struct stat st;
    l->read_only = read_only;
    if (stat(path, &st) < 0 && errno == ENOENT)
        return gh_fail(err, GH_CONFIG,
                       gh_ledger_known(path) ? "the ledger %s is gone; restore a backup"
                                             : "there is no ledger %s",
                       path);
    if (st.st_size == 0) /* the engine would take it for new */
        return not_ours(path, err);
    if (!read_only)
        TRY(check_mark(path, &st, err));
    if (!read_only && (st.st_mode & 077) && chmod(path, SECRET_MODE) < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s: is it mine?", path);
    int r = connect_to(l, path, &why);
    if (r == 0 && !read_only)
        r = mark_made(path, &why);
    if (r < 0 && why.code == EUCLEAN)
        return not_ours(path, err);
    if (r < 0 && why.code == EACCES)
        return gh_fail(err, GH_CONFIG, "%s: %s", path, why.msg);
    if (r < 0) {
        if (err)
            *err = why;
        return r;
    }
    l->path = gh_strdup(path);
    *ret = gh_steal(&l);
    return 0;
}

int gh_ledger_open(const char *path, struct gh_ledger **ret, struct gh_err *err)
{
    return open_as(path, false, ret, err);
}

int gh_ledger_open_ro(const char *path, struct gh_ledger **ret, struct gh_err *err)
{
    return open_as(path, true, ret, err);
}

void gh_ledger_close(struct gh_ledger **pl)
{
    struct gh_ledger *l = *pl;
    if (!l)
        return;
    gh_db_close(&l->db);
    gh_tx_free(l);
    free(l->path);
    free(l);
    *pl = NULL;
}
