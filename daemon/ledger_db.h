/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the ledger: statements, transactions, the audit chain. Only daemon/ledger*.c include this. Statements are
 * cached by the address of their SQL literal and given back by GH_AUTO(gh_stmt_done).
 */
#ifndef GH_DAEMON_LEDGER_DB_H
#define GH_DAEMON_LEDGER_DB_H

#include "base/str.h"
#include "daemon/ledger.h"

#include <sqlite3.h>

struct gh_stmt {
    sqlite3_stmt *st;
    bool own; /* not from the cache: finalise */
};
void gh_stmt_done(struct gh_stmt *s);

#define GH_LEDGER_STMTS 256
struct gh_ledger {
    sqlite3 *db;
    bool read_only;
    unsigned depth; /* of gh_ledger_begin */
    bool open;      /* a transaction is open */
    bool lost;      /* SQLite gave the open batch up by itself (disk full, I/O error): nothing of it may be committed */
    int64_t seq;    /* of the last audit row */
    char head[GH_SHA_HEX]; /* its hash */
    int64_t outer_seq;     /* as they were before the outermost begin */
    char outer_head[GH_SHA_HEX];
    int64_t *touched;
    size_t n_touched, cap_touched, outer_touched;
    bool telling; /* inside the touched hook */
    gh_touched_fn *fn;
    void *arg;
    struct {
        const char *sql;
        sqlite3_stmt *st;
    } cache[GH_LEDGER_STMTS];
};

/** Fail with the class of SQLite's last result. */
int gh_db_fail(struct gh_ledger *l, const char *doing, struct gh_err *err);
/**
 * Prepare and bind. types, one letter an argument: i int64_t · t const char * (NULL: NULL) · b const void *, size_t.
 * The SQL is a literal.
 */
GH_MUST_USE int gh_db_query(struct gh_ledger *l, struct gh_stmt *ret, struct gh_err *err, const char *sql,
                            const char *types, ...);
/** 1 for a row, 0 at the end. */
GH_MUST_USE int gh_db_step(struct gh_ledger *l, struct gh_stmt *s, struct gh_err *err);
/** Run to the end; returns the number of rows changed. */
GH_MUST_USE int gh_db_run(struct gh_ledger *l, struct gh_err *err, const char *sql, const char *types, ...);
/** One integer; returns 1 if there was a row, else 0 (ret untouched). */
GH_MUST_USE int gh_db_int(struct gh_ledger *l, int64_t *ret, struct gh_err *err, const char *sql, const char *types,
                          ...);
const char *gh_col_text(struct gh_stmt *s, int col); /* never NULL */
char *gh_col_dup(struct gh_stmt *s, int col);        /* NULL for NULL */

/* One mutator: undone when it goes out of scope uncommitted. */
struct gh_tx {
    struct gh_ledger *l;
    int64_t seq;
    char head[GH_SHA_HEX];
    size_t n_touched;
};
GH_MUST_USE int gh_tx_open(struct gh_ledger *l, struct gh_tx *ret, struct gh_err *err);
GH_MUST_USE int gh_tx_commit(struct gh_tx *tx, struct gh_err *err);
void gh_tx_undo(struct gh_tx *tx);
#define GH_TX(l, err)                                                                                                  \
    GH_AUTO(gh_tx_undo) struct gh_tx tx = {0};                                                                         \
    TRY(gh_tx_open(l, &tx, err))

/** As it is, unchecked, durable under a new name. */
GH_MUST_USE int gh_ledger_copy(struct gh_ledger *l, const char *path, struct gh_err *err);

int64_t gh_who_now(const struct gh_who *who);
const char *gh_who_actor(const struct gh_who *who);
/** Append an audit row; kind and id make the subject ("file:12"). submission is also remembered as touched. */
GH_MUST_USE int gh_audit(struct gh_ledger *l, const struct gh_who *who, int64_t submission, const char *kind,
                         int64_t id, const char *action, struct gh_err *err, const char *fmt, ...) GH_PRINTF(8, 9);
/** Hash of one audit row. */
void gh_audit_hash(const struct gh_audit_row *row, char ret_hex[GH_SHA_HEX]);

/* Shared by the mutators. */
/** One rendition from one state to another, refused unless it is in the table and the row is in `from`. extra:
 * assignments, literal. */
GH_MUST_USE int gh_ren_step(struct gh_ledger *l, int64_t rendition, enum gh_ren_state from, enum gh_ren_state to,
                            const char *reason, struct gh_err *err);
/** One submission likewise, with its time stamps and an audit row. reason NULL: kept. */
GH_MUST_USE int gh_sub_step(struct gh_ledger *l, const struct gh_who *who, int64_t submission, enum gh_sub_state from,
                            enum gh_sub_state to, const char *reason, struct gh_err *err);
/** Derive the submission's state from what is below it and step there. */
GH_MUST_USE int gh_sub_advance(struct gh_ledger *l, const struct gh_who *who, int64_t submission, struct gh_err *err);
GH_MUST_USE int gh_sub_state(struct gh_ledger *l, int64_t submission, enum gh_sub_state *ret, struct gh_err *err);
/** All renditions of a file (0: of the submission) in `from` to `to`; returns how many. */
GH_MUST_USE int gh_ren_step_all(struct gh_ledger *l, int64_t submission, int64_t file, enum gh_ren_state from,
                                enum gh_ren_state to, const char *reason, struct gh_err *err);

#endif
