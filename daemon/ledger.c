/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger's engine room: opening and refusing, transactions that nest, the touched hook. SQLite in WAL mode with
 * synchronous=FULL: a commit that returned survives power loss. A new ledger is made complete under another name and
 * renamed, so an empty or half-made file under the real name is always damage, never "new".
 */
#include "daemon/ledger_db.h"
#include "daemon/ledger_schema.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int exec(struct gh_ledger *l, const char *sql, struct gh_err *err)
{
    if (sqlite3_exec(l->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return gh_db_fail(l, sql, err);
    return 0;
}

/* The settings every connection gets. */
static int configure(struct gh_ledger *l, struct gh_err *err)
{
    sqlite3_extended_result_codes(l->db, 1);
    sqlite3_busy_timeout(l->db, 5000);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    TRY(exec(l, "PRAGMA trusted_schema=OFF", err));
    TRY(exec(l, "PRAGMA foreign_keys=ON", err));
    return exec(l, "PRAGMA cache_size=-8192", err);
}

static int go_durable(struct gh_ledger *l, struct gh_err *err)
{
    TRY(exec(l, "PRAGMA journal_mode=WAL", err));
    TRY(exec(l, "PRAGMA synchronous=FULL", err));
    return exec(l, "PRAGMA wal_autocheckpoint=2000", err);
}

static int create(const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *fresh = gh_asprintf("%s.new", path);
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = gh_alloc(sizeof(*l));
    unlink(fresh); /* left over from a crash while creating: it never was the ledger */
    if (sqlite3_open_v2(fresh, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return gh_fail(err, GH_SYSTEM, "cannot create the ledger %s: %s (does the directory exist, and is it mine?)",
                       path, l->db ? sqlite3_errmsg(l->db) : "no memory");
    if (chmod(fresh, 0640) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", fresh);
    GH_AUTO_FREE char *pragmas =
        gh_asprintf("PRAGMA synchronous=EXTRA; BEGIN; PRAGMA application_id=%d; PRAGMA user_version=%d; %s COMMIT",
                    GH_LEDGER_APPLICATION, GH_LEDGER_VERSION, gh_ledger_schema);
    TRY(exec(l, pragmas, err));
    gh_ledger_close(&l);

    GH_AUTO_FREE char *dir = gh_strdup(path);
    char *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir ? 1 : 0] = '\0';
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(AT_FDCWD, slash ? dir : ".", &fd, err));
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot create the ledger %s", path);
    return gh_sync(fd, err);
}

static int not_ours(const char *path, struct gh_err *err)
{
    return gh_fail(
        err, GH_CONFIG,
        "%s is not a Ghat ledger, or it is damaged; restore a backup, Ghat never makes a new one in its place", path);
}

/* An older ledger becomes one of ours, in one transaction; a copy of what it was stays beside it. */
static int migrate(struct gh_ledger *l, const char *path, int64_t version, struct gh_err *err)
{
    GH_AUTO_FREE char *kept = gh_asprintf("%s.version-%lld", path, (long long)version);
    if (access(kept, F_OK) < 0)
        TRY(gh_ledger_copy(l, kept, err));
    TRY(go_durable(l, err));
    TRY(exec(l, "BEGIN IMMEDIATE", err));
    int r = 0;
    for (int64_t v = version; r == 0 && v < GH_LEDGER_VERSION; v++)
        r = exec(l, gh_ledger_migrations[v - 1], err);
    GH_AUTO_FREE char *set = gh_asprintf("PRAGMA user_version=%d", GH_LEDGER_VERSION);
    if (r == 0)
        r = exec(l, set, err);
    if (r == 0)
        r = exec(l, "COMMIT", err);
    if (r < 0) {
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
        return gh_fail_prefix(err, "the ledger %s cannot be brought from version %lld to %d", path, (long long)version,
                              GH_LEDGER_VERSION);
    }
    gh_log(GH_LOG_NOTICE, "ledger-migrated", "from=%lld to=%d copy=%s", (long long)version, GH_LEDGER_VERSION,
           gh_log_quote(kept));
    return 0;
}

static int check_whole(struct gh_ledger *l, const char *path, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    struct gh_err why = {0};
    int r = gh_db_query(l, &s, &why, "PRAGMA quick_check(1)", "");
    if (r == 0)
        r = gh_db_step(l, &s, &why);
    if (r <= 0 || strcmp(gh_col_text(&s, 0), "ok") != 0)
        return gh_fail(err, GH_CONFIG, "the ledger %s is damaged: %s; restore a backup (ghat doctor explains)", path,
                       r > 0 ? gh_col_text(&s, 0) : why.msg);
    return 0;
}

/* Is it ours, undamaged, of our version or one that can be brought to it? */
static int check(struct gh_ledger *l, const char *path, struct gh_err *err)
{
    int64_t application = 0, version = 0;
    if (gh_db_int(l, &application, err, "PRAGMA application_id", "") < 0 ||
        gh_db_int(l, &version, err, "PRAGMA user_version", "") < 0)
        return gh_fail(err, GH_CONFIG,
                       "the ledger %s is damaged (%s); restore a backup, Ghat never makes a new one in its place", path,
                       sqlite3_errmsg(l->db));
    if (application != GH_LEDGER_APPLICATION)
        return not_ours(path, err);
    if (version < 1 || version > GH_LEDGER_VERSION)
        return gh_fail(err, GH_CONFIG, "the ledger %s has version %lld, this Ghat reads version %d; %s", path,
                       (long long)version, GH_LEDGER_VERSION,
                       version > GH_LEDGER_VERSION ? "install the newer Ghat again" : "no migration is known");
    TRY(check_whole(l, path, err));
    if (version < GH_LEDGER_VERSION && l->read_only)
        return gh_fail(err, GH_CONFIG, "the ledger %s has version %lld: start ghatd, it brings it to version %d", path,
                       (long long)version, GH_LEDGER_VERSION);
    return version < GH_LEDGER_VERSION ? migrate(l, path, version, err) : 0;
}

static int load_head(struct gh_ledger *l, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", ""));
    int r = gh_db_step(l, &s, err);
    TRY(r);
    l->seq = r ? sqlite3_column_int64(s.st, 0) : 0;
    GH_COPY(l->head, r ? gh_col_text(&s, 1) : "");
    return 0;
}

static int open_as(const char *path, bool read_only, struct gh_ledger **ret, struct gh_err *err)
{
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = gh_alloc(sizeof(*l));
    l->read_only = read_only;
    struct stat st;
    bool missing = stat(path, &st) < 0 && errno == ENOENT;
    if (missing && read_only)
        return gh_fail(err, GH_CONFIG, "there is no ledger %s", path);
    if (missing) {
        GH_AUTO_FREE char *wal = gh_asprintf("%s-wal", path);
        if (access(wal, F_OK) == 0)
            return gh_fail(err, GH_CONFIG, "the ledger %s is gone but its %s-wal is there; restore a backup", path,
                           path);
        TRY(create(path, err));
    } else if (st.st_size == 0) { /* SQLite would take it for new */
        return not_ours(path, err);
    }
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    if (sqlite3_open_v2(path, &l->db, flags, NULL) != SQLITE_OK)
        return gh_fail(err, GH_CONFIG, "cannot open the ledger %s: %s", path,
                       l->db ? sqlite3_errmsg(l->db) : "no memory");
    int r = configure(l, err);
    if (r < 0 && (sqlite3_errcode(l->db) == SQLITE_NOTADB || sqlite3_errcode(l->db) == SQLITE_CORRUPT))
        return not_ours(path, err);
    TRY(r);
    TRY(check(l, path, err));
    if (!read_only)
        TRY(go_durable(l, err));
    TRY(load_head(l, err));
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
    for (size_t i = 0; i < GH_LEN(l->cache); i++)
        sqlite3_finalize(l->cache[i].st);
    sqlite3_close_v2(l->db);
    free(l->touched);
    free(l);
    *pl = NULL;
}

/* ---------------------------------------------------------------------------------------- transactions */

void gh_ledger_on_touched(struct gh_ledger *l, gh_touched_fn *fn, void *arg)
{
    l->fn = fn;
    l->arg = arg;
}

/* Tell after the commit; whatever fn touches itself waits for the next round. */
static void tell(struct gh_ledger *l)
{
    if (l->telling)
        return;
    l->telling = true;
    while (l->n_touched > 0) {
        GH_AUTO_FREE int64_t *ids = gh_steal(&l->touched);
        size_t n = l->n_touched;
        l->n_touched = l->cap_touched = 0;
        for (size_t i = 0; i < n && l->fn; i++)
            l->fn(l, ids[i], l->arg);
    }
    l->telling = false;
}

static void roll_back(struct gh_ledger *l)
{
    sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    l->open = l->lost = false;
    l->seq = l->outer_seq;
    GH_COPY(l->head, l->outer_head);
    l->n_touched = l->outer_touched;
}

static int begin(struct gh_ledger *l, struct gh_err *err)
{
    if (l->read_only)
        return gh_fail(err, GH_BUG, "the ledger is open for reading only");
    TRY(exec(l, "BEGIN IMMEDIATE", err));
    l->open = true;
    l->outer_seq = l->seq;
    GH_COPY(l->outer_head, l->head);
    l->outer_touched = l->n_touched;
    return 0;
}

static int commit(struct gh_ledger *l, struct gh_err *err)
{
    int r =
        l->lost ? gh_fail(err, GH_AGAIN, "the ledger could not keep the batch (disk full?)") : exec(l, "COMMIT", err);
    if (r < 0) {
        roll_back(l);
        return r;
    }
    l->open = false;
    return 0;
}

int gh_ledger_begin(struct gh_ledger *l, struct gh_err *err)
{
    if (l->depth == 0)
        TRY(begin(l, err));
    l->depth++;
    return 0;
}

int gh_ledger_commit(struct gh_ledger *l, struct gh_err *err)
{
    if (l->depth == 0)
        return gh_fail(err, GH_BUG, "ledger commit without begin");
    if (--l->depth > 0)
        return 0;
    TRY(commit(l, err));
    tell(l);
    return 0;
}

void gh_ledger_rollback(struct gh_ledger *l)
{
    l->depth = 0;
    if (l->open)
        roll_back(l);
}

int gh_tx_open(struct gh_ledger *l, struct gh_tx *ret, struct gh_err *err)
{
    if (l->depth == 0)
        TRY(begin(l, err));
    else if (l->lost)
        return gh_fail(err, GH_AGAIN, "the ledger could not keep the batch (disk full?)");
    else
        TRY(exec(l, "SAVEPOINT step", err));
    ret->l = l;
    ret->seq = l->seq;
    GH_COPY(ret->head, l->head);
    ret->n_touched = l->n_touched;
    return 0;
}

int gh_tx_commit(struct gh_tx *tx, struct gh_err *err)
{
    struct gh_ledger *l = tx->l;
    if (l->depth > 0) {
        TRY(exec(l, "RELEASE step", err));
        tx->l = NULL;
        return 0;
    }
    tx->l = NULL;
    TRY(commit(l, err));
    tell(l);
    return 0;
}

void gh_tx_undo(struct gh_tx *tx)
{
    struct gh_ledger *l = tx->l;
    if (!l)
        return;
    tx->l = NULL;
    if (l->depth == 0) {
        roll_back(l);
        return;
    }
    l->lost = sqlite3_get_autocommit(l->db) != 0;
    sqlite3_exec(l->db, "ROLLBACK TO step; RELEASE step", NULL, NULL, NULL);
    l->seq = tx->seq;
    GH_COPY(l->head, tx->head);
    l->n_touched = tx->n_touched;
}

/* ---------------------------------------------------------------------------------------- small things */

int64_t gh_who_now(const struct gh_who *who)
{
    return who && who->now_ms ? who->now_ms : gh_now_ms();
}

const char *gh_who_actor(const struct gh_who *who)
{
    return who && who->actor ? who->actor : "ghatd";
}
