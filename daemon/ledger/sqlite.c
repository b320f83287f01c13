/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine: SQLite in WAL mode. Statements are prepared once, bound by letter, stepped, given
 * back; what SQLite reports becomes an enum gh_fault here, and tx.c says what that means. Only this
 * file and backup.c include sqlite3.h or call it.
 */
#include "daemon/ledger/sqlite_int.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define STATEMENTS 256        /* kept prepared */
#define CHECKPOINT_PAGES 2000 /* of the write-ahead log, until they are copied into the file */

struct gh_prepared {
    const char *sql; /* the literal; NULL: an empty slot of the cache */
    sqlite3_stmt *st;
    bool own; /* not of the cache: freed when it is given back */
};

struct gh_db {
    sqlite3 *raw;
    int64_t waiting_since_ms; /* for somebody else's lock */
    struct gh_prepared cache[STATEMENTS];
};

/* --------------------------------------------------------------------------------------- faults */

/* SQLITE_FULL is ENOSPC of a write; of everything else that makes a file grow, and of a quota, it
 * is called an I/O error, and only the errno tells. */
static bool no_room(sqlite3 *raw, int code)
{
    static const int asked[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
    int os = sqlite3_system_errno(raw);
    if (code != SQLITE_IOERR_WRITE && code != SQLITE_IOERR_FSYNC && code != SQLITE_IOERR_TRUNCATE &&
        code != SQLITE_IOERR_SHMSIZE && code != SQLITE_IOERR_SHMMAP)
        return false;
    for (size_t i = 0; i < GH_LEN(asked) && os != ENOSPC && os != EDQUOT; i++) {
        sqlite3_file *file = NULL;
        if (sqlite3_file_control(raw, "main", asked[i], &file) == SQLITE_OK && file &&
            file->pMethods)
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &os);
    }
    return os == ENOSPC || os == EDQUOT;
}

enum gh_fault gh_sqlite_fault(sqlite3 *raw)
{
    static const struct {
        int code;
        enum gh_fault fault;
    } map[] = {
        {SQLITE_BUSY, GH_FAULT_BUSY},       {SQLITE_LOCKED, GH_FAULT_BUSY},
        {SQLITE_PROTOCOL, GH_FAULT_BUSY},   {SQLITE_FULL, GH_FAULT_FULL},
        {SQLITE_IOERR, GH_FAULT_IO},        {SQLITE_CORRUPT, GH_FAULT_DAMAGED},
        {SQLITE_NOTADB, GH_FAULT_DAMAGED},  {SQLITE_FORMAT, GH_FAULT_DAMAGED},
        {SQLITE_CANTOPEN, GH_FAULT_ACCESS}, {SQLITE_READONLY, GH_FAULT_ACCESS},
        {SQLITE_PERM, GH_FAULT_ACCESS},     {SQLITE_NOMEM, GH_FAULT_MEMORY},
    };
    int code = raw ? sqlite3_extended_errcode(raw) : SQLITE_NOMEM, kind = code & 0xff;
    if (code == SQLITE_IOERR_NOMEM)
        return GH_FAULT_MEMORY;
    if (kind == SQLITE_IOERR && no_room(raw, code))
        return GH_FAULT_FULL;
    for (size_t i = 0; i < GH_LEN(map); i++)
        if (map[i].code == kind)
            return map[i].fault;
    return GH_FAULT_OURS;
}

const char *gh_sqlite_said(sqlite3 *raw)
{
    return raw ? sqlite3_errmsg(raw) : "no memory";
}

static int fail_last(struct gh_ledger *l, const char *doing, struct gh_err *err)
{
    sqlite3 *raw = l->db->raw;
    return gh_tx_fault(l, gh_sqlite_fault(raw), gh_sqlite_said(raw), doing, err);
}

/* Somebody else has the lock: wait, longer each time, at most lock_wait_ms in all. */
static int on_busy(void *arg, int tries)
{
    struct gh_ledger *l = arg;
    int64_t now = gh_mono_ms(), pause = GH_MIN((int64_t)1 << GH_MIN(tries, 6), (int64_t)50);
    if (tries == 0)
        l->db->waiting_since_ms = now;
    int64_t left = l->db->waiting_since_ms + l->lock_wait_ms - now;
    if (left <= 0)
        return 0;
    pause = GH_MIN(pause, left);
    nanosleep(&(struct timespec){.tv_nsec = (long)pause * 1000000}, NULL);
    return 1;
}

/*
 * After each commit. SQLite's own checkpoint would say nothing of a file that cannot be written
 * while its log still can. The commit itself is durable whatever happens here.
 */
static int on_commit(void *arg, sqlite3 *raw, const char *name, int pages)
{
    struct gh_ledger *l = arg;
    if (pages < CHECKPOINT_PAGES ||
        sqlite3_wal_checkpoint_v2(raw, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) == SQLITE_OK)
        return SQLITE_OK;
    enum gh_fault fault = gh_sqlite_fault(raw);
    /* with a full disk or a busy file the log goes on growing until there is room, or time */
    if (fault != GH_FAULT_BUSY && fault != GH_FAULT_FULL)
        (void)!gh_tx_fault(l, fault, gh_sqlite_said(raw), "checkpoint", NULL);
    return SQLITE_OK;
}

/* -------------------------------------------------------------------------------------- opening */

sqlite3 *gh_sqlite_raw(const struct gh_ledger *l)
{
    return l->db->raw;
}

int gh_db_open(struct gh_ledger *l, const char *path, enum gh_db_mode mode, struct gh_err *err)
{
    static const int flags[] = {
        [GH_DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
        [GH_DB_WRITE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
        [GH_DB_READ] = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW,
    };
    l->db = gh_alloc(sizeof(*l->db));
    if (sqlite3_open_v2(path, &l->db->raw, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return fail_last(l, "open", err);
    sqlite3 *raw = l->db->raw;
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_handler(raw, on_busy, l);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    /* Nothing is written before the commit, and nothing beside the ledger: only a commit can find
     * the disk full. */
    return gh_db_exec(l,
                      "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA cache_size=-8192;"
                      "PRAGMA cache_spill=OFF; PRAGMA temp_store=MEMORY",
                      err);
}

void gh_db_close(struct gh_db **pdb)
{
    struct gh_db *db = *pdb;
    if (!db)
        return;
    for (size_t i = 0; i < GH_LEN(db->cache); i++)
        sqlite3_finalize(db->cache[i].st);
    sqlite3_close_v2(db->raw);
    free(db);
    *pdb = NULL;
}

int gh_db_make_durable(struct gh_ledger *l, struct gh_err *err)
{
    TRY(gh_db_exec(l, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", err));
    sqlite3_wal_hook(l->db->raw, on_commit, l);
    return 0;
}

int gh_db_identity(struct gh_ledger *l, int64_t *ret_application, int64_t *ret_version,
                   struct gh_err *err)
{
    int64_t application = 0, version = 0;
    TRY(gh_db_int(l, &application, err, "PRAGMA application_id", ""));
    TRY(gh_db_int(l, &version, err, "PRAGMA user_version", ""));
    *ret_application = application;
    *ret_version = version;
    return 0;
}

int gh_db_define(struct gh_ledger *l, const char *schema, int application, int version,
                 struct gh_err *err)
{
    GH_AUTO_FREE char *sql =
        gh_asprintf("PRAGMA synchronous=EXTRA; BEGIN; PRAGMA application_id=%d;"
                    "PRAGMA user_version=%d; %s COMMIT",
                    application, version, schema);
    return gh_db_exec(l, sql, err);
}

int gh_db_set_version(struct gh_ledger *l, int version, struct gh_err *err)
{
    GH_AUTO_FREE char *sql = gh_asprintf("PRAGMA user_version=%d", version);
    return gh_db_exec(l, sql, err);
}

int gh_db_check_pages(struct gh_ledger *l, char *ret_said, size_t size, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "PRAGMA integrity_check(1)", ""));
    TRY(gh_db_step(&s, err));
    snprintf(ret_said, size, "%s", gh_col_text(&s, 0));
    return 0;
}

int gh_db_skip_numbers(struct gh_ledger *l, int64_t n, struct gh_err *err)
{
    GH_AUTO_FREE char *sql =
        gh_asprintf("INSERT INTO sqlite_sequence(name, seq) VALUES('submission', %" PRId64 "),"
                    "('file', %" PRId64 "),('rendition', %" PRId64 ")",
                    n, n, n);
    return gh_db_exec(l, sql, err);
}

int gh_db_numbers_given(struct gh_ledger *l, const char *table, int64_t *ret, struct gh_err *err)
{
    *ret = 0;
    int r = gh_db_int(l, ret, err, "SELECT seq FROM sqlite_sequence WHERE name = ?", "t", table);
    return r < 0 ? r : 0;
}

int gh_db_skip_numbers_of(struct gh_ledger *l, const char *table, int64_t n, struct gh_err *err)
{
    int r = gh_db_run(l, err, "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = ?2", "it",
                      n, table);
    if (r == 0 && n > 0)
        r = gh_db_run(l, err, "INSERT INTO sqlite_sequence(name, seq) VALUES(?,?)", "ti", table, n);
    return r < 0 ? r : 0;
}

/* --------------------------------------------------------------------------------- transactions */

int gh_db_exec(struct gh_ledger *l, const char *sql, struct gh_err *err)
{
    TRY(gh_tx_alive(l, err));
    return sqlite3_exec(l->db->raw, sql, NULL, NULL, NULL) == SQLITE_OK ? 0
                                                                        : fail_last(l, sql, err);
}

int gh_db_begin_reading(struct gh_ledger *l, struct gh_err *err)
{
    return gh_db_exec(l, "BEGIN", err);
}

int gh_db_begin(struct gh_ledger *l, struct gh_err *err)
{
    return gh_db_exec(l, "BEGIN IMMEDIATE", err);
}

void gh_db_undo(struct gh_ledger *l, const char *savepoint)
{
    GH_AUTO_FREE char *sql = savepoint
                                 ? gh_asprintf("ROLLBACK TO %s; RELEASE %s", savepoint, savepoint)
                                 : gh_strdup("ROLLBACK");
    sqlite3_exec(l->db->raw, sql, NULL, NULL, NULL);
}

bool gh_db_in_transaction(const struct gh_ledger *l)
{
    return sqlite3_get_autocommit(l->db->raw) == 0;
}

/* ----------------------------------------------------------------------------------- statements */

static struct gh_prepared *slot_of(struct gh_db *db, const char *sql)
{
    size_t i = ((uintptr_t)sql >> 3) * 2654435761u % GH_LEN(db->cache);
    for (size_t probes = 0;
         probes < GH_LEN(db->cache) && db->cache[i].sql && db->cache[i].sql != sql; probes++)
        i = (i + 1) % GH_LEN(db->cache);
    return &db->cache[i];
}

/* From the cache, or one of its own while that one is in use. */
static int prepare(struct gh_ledger *l, struct gh_stmt *ret, const char *sql, struct gh_err *err)
{
    struct gh_prepared *slot = slot_of(l->db, sql);
    if (slot->sql == sql && !sqlite3_stmt_busy(slot->st)) {
        *ret = (struct gh_stmt){.l = l, .prepared = slot};
        return 0;
    }
    bool cache = !slot->sql;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(l->db->raw, sql, -1, cache ? SQLITE_PREPARE_PERSISTENT : 0, &st, NULL) !=
        SQLITE_OK)
        return fail_last(l, sql, err);
    if (!cache)
        slot = gh_alloc(sizeof(*slot));
    *slot = (struct gh_prepared){.sql = sql, .st = st, .own = !cache};
    *ret = (struct gh_stmt){.l = l, .prepared = slot};
    return 0;
}

static int bind_one(sqlite3_stmt *st, int at, char type, va_list *ap)
{
    if (type == 'i' || type == 'n') {
        int64_t value = va_arg(*ap, int64_t);
        return type == 'n' && !value ? sqlite3_bind_null(st, at)
                                     : sqlite3_bind_int64(st, at, value);
    }
    if (type == 't')
        return sqlite3_bind_text(st, at, va_arg(*ap, const char *), -1, SQLITE_TRANSIENT);
    const void *bytes = va_arg(*ap, const void *);
    size_t n = va_arg(*ap, size_t);
    return n ? sqlite3_bind_blob64(st, at, bytes, n, SQLITE_TRANSIENT)
             : sqlite3_bind_zeroblob(st, at, 0);
}

static int query(struct gh_ledger *l, struct gh_stmt *ret, const char *sql, const char *types,
                 va_list *ap, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_tx_alive(l, err));
    TRY(prepare(l, &s, sql, err));
    int at = 0;
    for (const char *t = types; *t; t++)
        if (bind_one(s.prepared->st, ++at, *t, ap) != SQLITE_OK)
            return fail_last(l, sql, err);
    if (at != sqlite3_bind_parameter_count(s.prepared->st))
        return gh_fail(err, GH_BUG, "ledger: %d values for %.60s", at, sql);
    *ret = s;
    s = (struct gh_stmt){0};
    return 0;
}

void gh_stmt_done(struct gh_stmt *s)
{
    struct gh_prepared *p = s->prepared;
    if (p && p->own) {
        sqlite3_finalize(p->st);
        free(p);
    } else if (p) {
        sqlite3_reset(p->st);
        sqlite3_clear_bindings(p->st);
    }
    *s = (struct gh_stmt){0};
}

int gh_db_query(struct gh_ledger *l, struct gh_stmt *ret, struct gh_err *err, const char *sql,
                const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    int r = query(l, ret, sql, types, &ap, err);
    va_end(ap);
    return r;
}

int gh_db_step(struct gh_stmt *s, struct gh_err *err)
{
    int r = sqlite3_step(s->prepared->st);
    if (r == SQLITE_ROW)
        return 1;
    return r == SQLITE_DONE ? 0 : fail_last(s->l, s->prepared->sql, err);
}

/* A change inside a transaction is kept with its values, in case it has to be made again. */
static void keep_change(struct gh_stmt *s, int rows)
{
    char *sql = sqlite3_expanded_sql(s->prepared->st);
    gh_tx_keep(s->l, gh_strdup(sql ? sql : ""), rows);
    sqlite3_free(sql);
}

int gh_db_run(struct gh_ledger *l, struct gh_err *err, const char *sql, const char *types, ...)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    va_list ap;
    va_start(ap, types);
    int r = query(l, &s, sql, types, &ap, err);
    va_end(ap);
    TRY(r);
    while ((r = gh_db_step(&s, err)) > 0) {
    }
    TRY(r);
    int rows = sqlite3_changes(l->db->raw);
    if (rows > 0 && l->level > 0)
        keep_change(&s, rows);
    return rows;
}

int gh_db_int(struct gh_ledger *l, int64_t *ret, struct gh_err *err, const char *sql,
              const char *types, ...)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    va_list ap;
    va_start(ap, types);
    int r = query(l, &s, sql, types, &ap, err);
    va_end(ap);
    TRY(r);
    r = gh_db_step(&s, err);
    if (r > 0)
        *ret = gh_col_i64(&s, 0);
    return r;
}

int gh_db_repeat(struct gh_ledger *l, const char *sql, struct gh_err *err)
{
    TRY(gh_db_exec(l, sql, err));
    return sqlite3_changes(l->db->raw);
}

int64_t gh_last_id(const struct gh_ledger *l)
{
    return sqlite3_last_insert_rowid(l->db->raw);
}

/* -------------------------------------------------------------------------------------- columns */

int64_t gh_col_i64(struct gh_stmt *s, int col)
{
    return sqlite3_column_int64(s->prepared->st, col);
}

const char *gh_col_text(struct gh_stmt *s, int col)
{
    const char *text = (const char *)sqlite3_column_text(s->prepared->st, col);
    return text ? text : "";
}

char *gh_col_dup(struct gh_stmt *s, int col)
{
    const char *text = (const char *)sqlite3_column_text(s->prepared->st, col);
    return text ? gh_strdup(text) : NULL;
}

char *gh_col_bytes(struct gh_stmt *s, int col, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(s->prepared->st, col);
    *ret_len = (size_t)sqlite3_column_bytes(s->prepared->st, col);
    char *copy = gh_alloc(*ret_len + 1);
    if (bytes && *ret_len)
        memcpy(copy, bytes, *ret_len);
    return copy;
}

const char *gh_ledger_library(void)
{
    return sqlite3_libversion();
}
