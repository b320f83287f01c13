/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements: prepare once, bind by letter, step, give back. What SQLite reports becomes an error class here and
 * nowhere else. */
#include "daemon/ledger_db.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int gh_db_fail(struct gh_ledger *l, const char *doing, struct gh_err *err)
{
    static const struct {
        int code;
        enum gh_class cls;
        const char *say;
    } map[] = {
        {SQLITE_FULL, GH_AGAIN, "the disk of the ledger is full"},
        {SQLITE_BUSY, GH_AGAIN, "the ledger is busy (another program has it open)"},
        {SQLITE_LOCKED, GH_AGAIN, "the ledger is busy"},
        {SQLITE_CORRUPT, GH_CONFIG, "the ledger is damaged; restore a backup"},
        {SQLITE_NOTADB, GH_CONFIG, "the ledger is damaged; restore a backup"},
        {SQLITE_CANTOPEN, GH_SYSTEM, "the ledger cannot be opened"},
        {SQLITE_READONLY, GH_SYSTEM, "the ledger cannot be written"},
        {SQLITE_IOERR, GH_SYSTEM, "reading or writing the ledger failed"},
        {SQLITE_NOMEM, GH_SYSTEM, "out of memory in the ledger"},
    };
    int code = sqlite3_extended_errcode(l->db);
    for (size_t i = 0; i < GH_LEN(map); i++)
        if (map[i].code == (code & 0xff)) {
            int r = gh_fail(err, map[i].cls, "%s (%s)", map[i].say, sqlite3_errmsg(l->db));
            if (err && map[i].code == SQLITE_FULL)
                err->code = ENOSPC;
            return r;
        }
    return gh_fail(err, GH_BUG, "ledger: %s: %.60s", sqlite3_errmsg(l->db), doing);
}

static size_t slot_of(const struct gh_ledger *l, const char *sql)
{
    size_t i = ((uintptr_t)sql >> 3) * 2654435761u % GH_LEN(l->cache);
    for (size_t probes = 0; probes < GH_LEN(l->cache) && l->cache[i].sql && l->cache[i].sql != sql; probes++)
        i = (i + 1) % GH_LEN(l->cache);
    return i;
}

static int prepare(struct gh_ledger *l, struct gh_stmt *ret, const char *sql, struct gh_err *err)
{
    size_t i = slot_of(l, sql);
    if (l->cache[i].sql == sql && !sqlite3_stmt_busy(l->cache[i].st)) {
        *ret = (struct gh_stmt){.st = l->cache[i].st};
        return 0;
    }
    bool cache = !l->cache[i].sql;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(l->db, sql, -1, cache ? SQLITE_PREPARE_PERSISTENT : 0, &st, NULL) != SQLITE_OK)
        return gh_db_fail(l, sql, err);
    if (cache) {
        l->cache[i].sql = sql;
        l->cache[i].st = st;
    }
    *ret = (struct gh_stmt){.st = st, .own = !cache};
    return 0;
}

static int bind(struct gh_ledger *l, sqlite3_stmt *st, const char *sql, const char *types, va_list ap,
                struct gh_err *err)
{
    int at = 0, r = SQLITE_OK;
    for (const char *t = types; *t && r == SQLITE_OK; t++) {
        at++;
        if (*t == 'i') {
            r = sqlite3_bind_int64(st, at, va_arg(ap, int64_t));
        } else if (*t == 't') {
            r = sqlite3_bind_text(st, at, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
        } else {
            const void *bytes = va_arg(ap, const void *);
            size_t n = va_arg(ap, size_t);
            r = n ? sqlite3_bind_blob64(st, at, bytes, n, SQLITE_TRANSIENT) : sqlite3_bind_zeroblob(st, at, 0);
        }
    }
    if (r != SQLITE_OK)
        return gh_db_fail(l, sql, err);
    if (at != sqlite3_bind_parameter_count(st))
        return gh_fail(err, GH_BUG, "ledger: %d values for %.60s", at, sql);
    return 0;
}

void gh_stmt_done(struct gh_stmt *s)
{
    if (s->st && s->own)
        sqlite3_finalize(s->st);
    else if (s->st) {
        sqlite3_reset(s->st);
        sqlite3_clear_bindings(s->st);
    }
    *s = (struct gh_stmt){0};
}

static int query(struct gh_ledger *l, struct gh_stmt *ret, const char *sql, const char *types, va_list ap,
                 struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(prepare(l, &s, sql, err));
    TRY(bind(l, s.st, sql, types, ap, err));
    *ret = s;
    s = (struct gh_stmt){0};
    return 0;
}

int gh_db_query(struct gh_ledger *l, struct gh_stmt *ret, struct gh_err *err, const char *sql, const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    int r = query(l, ret, sql, types, ap, err);
    va_end(ap);
    return r;
}

int gh_db_step(struct gh_ledger *l, struct gh_stmt *s, struct gh_err *err)
{
    int r = sqlite3_step(s->st);
    if (r == SQLITE_ROW)
        return 1;
    if (r == SQLITE_DONE)
        return 0;
    return gh_db_fail(l, sqlite3_sql(s->st), err);
}

int gh_db_run(struct gh_ledger *l, struct gh_err *err, const char *sql, const char *types, ...)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    va_list ap;
    va_start(ap, types);
    int r = query(l, &s, sql, types, ap, err);
    va_end(ap);
    TRY(r);
    while ((r = gh_db_step(l, &s, err)) > 0) {
    }
    TRY(r);
    return sqlite3_changes(l->db);
}

int gh_db_int(struct gh_ledger *l, int64_t *ret, struct gh_err *err, const char *sql, const char *types, ...)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    va_list ap;
    va_start(ap, types);
    int r = query(l, &s, sql, types, ap, err);
    va_end(ap);
    TRY(r);
    r = gh_db_step(l, &s, err);
    if (r > 0)
        *ret = sqlite3_column_int64(s.st, 0);
    return r;
}

const char *gh_col_text(struct gh_stmt *s, int col)
{
    const char *text = (const char *)sqlite3_column_text(s->st, col);
    return text ? text : "";
}

char *gh_col_dup(struct gh_stmt *s, int col)
{
    const char *text = (const char *)sqlite3_column_text(s->st, col);
    return text ? gh_strdup(text) : NULL;
}
