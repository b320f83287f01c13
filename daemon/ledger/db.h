/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the ledger: the engine below (sqlite.c), transactions and the policy for failure (tx.c),
 * the audit, and the steps that the mutators share. Only daemon/ledger/ includes this, and nothing
 * here shows which engine it is. Statements are cached by the address of their literal and given
 * back by GH_AUTO(gh_stmt_done).
 */
#ifndef GH_DAEMON_LEDGER_DB_H
#define GH_DAEMON_LEDGER_DB_H

#include "base/str.h"
#include "daemon/ledger/ledger.h"

/* Of a submission, and of its files: 0, 1 by the name its department gave it, or the authority's.
 */
#define GH_URGENT_AUTHORITY 2

/* ------------------------------------------------------------------------------------- sqlite.c */

struct gh_db;       /* one connection */
struct gh_prepared; /* one statement of it */

struct gh_stmt {
    struct gh_ledger *l;
    struct gh_prepared *prepared;
};
void gh_stmt_done(struct gh_stmt *s);

/* What may go wrong below, in no engine's words. tx.c says what each of them means. */
enum gh_fault {
    GH_FAULT_BUSY,    /* another program holds a lock */
    GH_FAULT_FULL,    /* no room on the disk, or none left of a quota */
    GH_FAULT_IO,      /* the disk failed */
    GH_FAULT_DAMAGED, /* what was read cannot be what was written */
    GH_FAULT_ACCESS,  /* files that cannot be opened or written */
    GH_FAULT_MEMORY,
    GH_FAULT_OURS, /* a statement that is wrong, or breaks a rule of the schema */
};

enum gh_db_mode { GH_DB_CREATE, GH_DB_WRITE, GH_DB_READ };

/**
 * Connect l->db to the file of path, with the settings that every connection has. The engine opens
 * lazily: that the file is no ledger may show itself here or at the first statement.
 */
GH_MUST_USE int gh_db_open(struct gh_ledger *l, const char *path, enum gh_db_mode mode,
                           struct gh_err *err);
void gh_db_close(struct gh_db **db);
/** From here on a commit that returned survives a loss of power. */
GH_MUST_USE int gh_db_make_durable(struct gh_ledger *l, struct gh_err *err);
/** The numbers in the file that say whose it is, and which version of the schema it has. */
GH_MUST_USE int gh_db_identity(struct gh_ledger *l, int64_t *ret_application, int64_t *ret_version,
                               struct gh_err *err);
/** The schema of a new file, durably, with its identity. */
GH_MUST_USE int gh_db_define(struct gh_ledger *l, const char *schema, int application, int version,
                             struct gh_err *err);
GH_MUST_USE int gh_db_set_version(struct gh_ledger *l, int version, struct gh_err *err);
/** The engine's own check of every page; what it says is "ok" or the first damage (at most size
 * bytes). Takes time in proportion to the size of the file. */
GH_MUST_USE int gh_db_check_pages(struct gh_ledger *l, char *ret_said, size_t size,
                                  struct gh_err *err);
/** Numbers up to n are never given to a submission, file or rendition. */
GH_MUST_USE int gh_db_skip_numbers(struct gh_ledger *l, int64_t n, struct gh_err *err);
/** The highest number that the table of that name has given to a row; 0 none. */
GH_MUST_USE int gh_db_numbers_given(struct gh_ledger *l, const char *table, int64_t *ret,
                                    struct gh_err *err);
/** It gives none up to n again. */
GH_MUST_USE int gh_db_skip_numbers_of(struct gh_ledger *l, const char *table, int64_t n,
                                      struct gh_err *err);
/** Statements without values, one after the other. */
GH_MUST_USE int gh_db_exec(struct gh_ledger *l, const char *sql, struct gh_err *err);
/** Begin a reading of one moment; gh_db_undo ends it. */
GH_MUST_USE int gh_db_begin_reading(struct gh_ledger *l, struct gh_err *err);
/** Begin a transaction that may write: nobody else may from here on. */
GH_MUST_USE int gh_db_begin(struct gh_ledger *l, struct gh_err *err);
/** Undo the transaction, or, with a name, what was done since that savepoint. Cannot fail: when
 * the engine gave the transaction up by itself there is nothing left to undo. */
void gh_db_undo(struct gh_ledger *l, const char *savepoint);
/** Is a transaction open? The engine may have given it up by itself. */
bool gh_db_in_transaction(const struct gh_ledger *l);

/* Behind the name of a table: read it by this index, whatever the engine believes. It knows no
 * sizes (there is no ANALYZE), and takes any index whose first column is compared with =. Of two
 * lower bounds of one column it reads from the first: write the one that is a value before the one
 * that the index is limited by. */
#define GH_SQL_BY(index) " INDEXED BY " #index

/**
 * Prepare and bind. types, one letter an argument: i int64_t · n int64_t, 0 is NULL · t const char
 * * (NULL is NULL) · b const void *, size_t. The SQL is a literal.
 */
GH_MUST_USE int gh_db_query(struct gh_ledger *l, struct gh_stmt *ret, struct gh_err *err,
                            const char *sql, const char *types, ...);
/** 1 for a row, 0 at the end. */
GH_MUST_USE int gh_db_step(struct gh_stmt *s, struct gh_err *err);
/** Run to the end; returns the number of rows changed. */
GH_MUST_USE int gh_db_run(struct gh_ledger *l, struct gh_err *err, const char *sql,
                          const char *types, ...);
/** One integer; returns 1 if there was a row, else 0 (ret untouched). */
GH_MUST_USE int gh_db_int(struct gh_ledger *l, int64_t *ret, struct gh_err *err, const char *sql,
                          const char *types, ...);
/** A change in plain text with its values in it, as gh_tx_keep got it, once more. */
GH_MUST_USE int gh_db_repeat(struct gh_ledger *l, const char *sql, struct gh_err *err);
/** The number given to the row inserted last. */
int64_t gh_last_id(const struct gh_ledger *l);

/* Columns of the row stepped to, from 0. Texts and bytes live until the next step. */
int64_t gh_col_i64(struct gh_stmt *s, int col);      /* 0 for NULL */
const char *gh_col_text(struct gh_stmt *s, int col); /* never NULL */
char *gh_col_dup(struct gh_stmt *s, int col);        /* NULL for NULL */
/** A copy of a column of bytes, with a NUL behind it. */
char *gh_col_bytes(struct gh_stmt *s, int col, size_t *ret_len);

/** As it is, unchecked, durable under a new name. */
GH_MUST_USE int gh_ledger_copy(struct gh_ledger *l, const char *path, struct gh_err *err);

/* ------------------------------------------------------------------------------------- bundle.c */

/** Keep the CRC-32 of the bytes with that hash. */
GH_MUST_USE int gh_crc_keep(struct gh_ledger *l, const char *sha256, uint32_t crc,
                            struct gh_err *err);

/* ----------------------------------------------------------------------------------------- tx.c */

/* How long to wait for somebody else's lock, milliseconds: while opening; later, when everything
 * else in ghatd waits meanwhile; and when waiting was in vain before. */
#define GH_LOCK_WAIT_OPENING_MS 5000
#define GH_LOCK_WAIT_MS 500
#define GH_LOCK_WAIT_PAUSED_MS 20

/* A change of the open transaction, to be made again when its commit found the disk full. */
struct gh_change {
    char *sql; /* with its values */
    int rows;
};

struct gh_ledger {
    struct gh_db *db;
    char *path; /* NULL while it is being opened */
    bool read_only;
    struct gh_ledger_checked checked;
    unsigned level; /* transactions open within each other */
    /* The engine gave the open transaction up by itself: nothing of it may be committed. */
    bool lost;
    bool failed;          /* for good: nothing is read or written any more */
    struct gh_err why;    /* of lost, failed and pause */
    bool paused;          /* the last transaction failed, and may succeed later */
    int64_t lock_wait_ms; /* GH_LOCK_WAIT_… */

    uint64_t items_read;   /* whole items, since it was opened */
    int64_t seq;           /* of the last audit row */
    char head[GH_SHA_HEX]; /* its hash */
    int64_t outer_seq;     /* as they were before the outermost begin */
    char outer_head[GH_SHA_HEX];

    struct gh_change *changes; /* of the open transaction */
    size_t n_changes, cap_changes;

    int64_t *touched; /* submissions; questions by their negative numbers; gh_touch_event */
    size_t n_touched, cap_touched, outer_touched;
    bool telling; /* inside the touched hook */

    gh_touched_fn *on_touched;
    void *touched_arg;
    gh_touched_fn *on_question;
    void *question_arg;
    gh_touched_fn *on_event;
    void *event_arg;
    gh_failed_fn *on_failed;
    void *failed_arg;
    gh_full_fn *on_full;
    void *full_arg;
};

/** Something went wrong below: class, message and consequences. said: the engine's words; doing:
 * the statement. Returns the negative class. */
int gh_tx_fault(struct gh_ledger *l, enum gh_fault fault, const char *said, const char *doing,
                struct gh_err *err);
/** Before every statement: refuses when the ledger failed, or the open transaction is lost. */
GH_MUST_USE int gh_tx_alive(const struct gh_ledger *l, struct gh_err *err);
/** A change was made inside a transaction; takes ownership of sql. */
void gh_tx_keep(struct gh_ledger *l, char *sql, int rows);
/** What a transaction keeps, for gh_ledger_close. */
void gh_tx_free(struct gh_ledger *l);

/* One mutator: undone when it goes out of scope uncommitted. They nest. */
struct gh_tx {
    struct gh_ledger *l;
    int64_t seq;
    char head[GH_SHA_HEX];
    size_t n_touched, n_changes;
};
GH_MUST_USE int gh_tx_open(struct gh_ledger *l, struct gh_tx *ret, struct gh_err *err);
GH_MUST_USE int gh_tx_commit(struct gh_tx *tx, struct gh_err *err);
void gh_tx_undo(struct gh_tx *tx);
#define GH_TX(l, err)                                                                              \
    GH_AUTO(gh_tx_undo) struct gh_tx tx = {0};                                                     \
    TRY(gh_tx_open(l, &tx, err))

/** To be told after the commit: a submission, a question by its negative number, or an event. */
void gh_tx_touch(struct gh_ledger *l, int64_t what);
#define GH_TOUCH_EVENTS (INT64_MIN / 2) /* below it are events */
static inline int64_t gh_touch_event(int64_t event)
{
    return GH_TOUCH_EVENTS - event;
}

int64_t gh_who_now(const struct gh_who *who);
/** The same, at one moment: for what writes several rows in one transaction. */
struct gh_who gh_who_at_once(const struct gh_who *who);
const char *gh_who_actor(const struct gh_who *who);

/* --------------------------------------------------------------------------------------- open.c */

/** Leave a mark: the next start refuses this file. */
void gh_open_mark_damaged(const struct gh_ledger *l, const char *said);

/* -------------------------------------------------------------------------------------- audit.c */

#define GH_AUDIT_QUESTION "question" /* the kind of rows about a question */
#define GH_AUDIT_EVENT "event"       /* … about an event */
/** Append an audit row; kind and id make the subject ("file:12"). The submission, and a question or
 * an event that it is about, are also remembered as touched. */
GH_MUST_USE int gh_audit(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                         const char *kind, int64_t id, const char *action, struct gh_err *err,
                         const char *fmt, ...) GH_PRINTF(8, 9);
/** The same of what no note, folder or page shows: nothing is remembered as touched. */
GH_MUST_USE int gh_audit_silent(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                const char *kind, int64_t id, const char *action,
                                const char *detail, struct gh_err *err);
/** Does the hash chain hold over its last n rows? GH_LIMIT naming the first that does not fit;
 * *ret_rows: how many there were. */
GH_MUST_USE int gh_audit_verify_end(struct gh_ledger *l, int64_t n, int64_t *ret_rows,
                                    struct gh_err *err);

/* --------------------------------------------------------------------------------------- step.c */

/** One rendition from one state to another, refused unless it is in the table and the row is in
 * `from`. reason NULL: none. */
GH_MUST_USE int gh_ren_step(struct gh_ledger *l, int64_t rendition, enum gh_ren_state from,
                            enum gh_ren_state to, const char *reason, struct gh_err *err);
/** All renditions of a file (0: of the submission) in `from` to `to`; returns how many. */
GH_MUST_USE int gh_ren_step_all(struct gh_ledger *l, int64_t submission, int64_t file,
                                enum gh_ren_state from, enum gh_ren_state to, const char *reason,
                                struct gh_err *err);
/** One submission likewise, with its time stamps and an audit row. reason NULL: none. */
GH_MUST_USE int gh_sub_step(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                            enum gh_sub_state from, enum gh_sub_state to, const char *reason,
                            struct gh_err *err);
/** Derive the submission's state from what is below it and step there. */
GH_MUST_USE int gh_sub_advance(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               struct gh_err *err);
/** GH_USAGE when there is no such submission. */
GH_MUST_USE int gh_sub_state(struct gh_ledger *l, int64_t submission, enum gh_sub_state *ret,
                             struct gh_err *err);

/* --------------------------------------------------------------------------------------- seen.c */

/* What a set says of one rendition. sha256 "-": there is no output. */
struct gh_member {
    int64_t rendition;
    enum gh_ren_state state;
    char sha256[GH_SHA_HEX], caption[GH_SHA_HEX], alt[GH_SHA_HEX]; /* words by their hashes */
};
struct gh_set {
    struct gh_member *list;
    size_t n;
    char frame[GH_SHA_HEX]; /* gh_frame_of; "" in sets of older versions */
};
/** What it would say now. */
void gh_member_of(const struct gh_item *item, const struct gh_rendition *r, struct gh_member *ret);
/** The alt text of the file a rendition is of; "" none. */
const char *gh_alt_for(const struct gh_item *item, const struct gh_rendition *r);
/** The hash of what holds for the set as a whole: the order that a person gave, and what it
 * replaces. */
void gh_frame_of(const struct gh_item *item, char ret_hex[GH_SHA_HEX]);
/** The hash of the set of those whose index in item->renditions is in. */
void gh_set_hash_of(const struct gh_item *item, const bool *in, char ret_hex[GH_SHA_HEX]);
/** What was shown under a handle; GH_LIMIT when nothing was, or it is forgotten. */
GH_MUST_USE int gh_set_load(struct gh_ledger *l, int64_t submission, const char *handle,
                            struct gh_set *ret, struct gh_err *err);
const struct gh_member *gh_set_find(const struct gh_set *set, int64_t rendition);
void gh_set_free(struct gh_set *set);

/* ----------------------------------------------------------------------------------- publishing.c
 */

/** Holds and rejections that wait, and that no rendition stands in any more, wait no longer. */
GH_MUST_USE int gh_pending_tidy(struct gh_ledger *l, int64_t submission, struct gh_err *err);

/* -------------------------------------------------------------------------------------- gates.c */

/** May a decision of the submission go out now? GH_LIMIT while all is frozen and, for an approval,
 * before its embargo ends. */
GH_MUST_USE int gh_gates_open(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                              bool approval, struct gh_err *err);
/** GH_LIMIT when something of the submission is approved, out, or was out: then what is said of it
 * as a whole stands. doing: "the embargo of". */
GH_MUST_USE int gh_gates_inside(struct gh_ledger *l, int64_t submission, const char *doing,
                                struct gh_err *err);

/* --------------------------------------------------------------------------------------- whole.c
 */

/** The submission goes out by that decision, of that actor: the one that it replaces is withdrawn,
 * if that is still to be done. */
GH_MUST_USE int gh_replace_old(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               int64_t decision, struct gh_err *err);

/* --------------------------------------------------------------------------------------- tell.c */

/** Something happened to a submission ("waits", "published", …): the notices of it are written.
 * revision: which time it was. */
GH_MUST_USE int gh_tell_item(struct gh_ledger *l, const struct gh_who *who, const char *kind,
                             int64_t submission, int64_t revision, struct gh_err *err);

/* --------------------------------------------------------------------------------------- keep.c */

/** Files of that sort are there again: they are kept for their time once more. */
GH_MUST_USE int gh_keep_again(struct gh_ledger *l, int64_t submission, enum gh_kept what,
                              struct gh_err *err);

#endif
