/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audit: every change leaves a row that carries the hash of the row before it, so that nothing
 * can be changed or taken out of the middle unseen. Rows are framed by length before hashing: no
 * two different rows hash the same bytes.
 */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static void audit_hash(const struct gh_audit_row *row, char ret_hex[GH_SHA_HEX])
{
    GH_AUTO_STR s = {0};
    const char *texts[] = {row->actor, row->subject, row->action, row->detail, row->prev};
    gh_str_printf(&s, "ghat-audit-1\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n", row->seq,
                  row->time_ms, row->submission);
    for (size_t i = 0; i < GH_LEN(texts); i++)
        gh_str_printf(&s, "%zu:%s\n", strlen(texts[i]), texts[i]);
    gh_hash_mem(gh_str_text(&s), s.len, ret_hex);
}

int gh_audit_silent(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                    const char *kind, int64_t id, const char *action, const char *detail,
                    struct gh_err *err)
{
    GH_AUTO_FREE char *subject = id ? gh_asprintf("%s:%" PRId64, kind, id) : gh_strdup(kind);
    struct gh_audit_row row = {
        .seq = l->seq + 1,
        .time_ms = gh_who_now(who),
        .submission = submission,
        .actor = gh_who_actor(who),
        .subject = subject,
        .action = action,
        .detail = detail,
        .prev = l->head,
    };
    char hash[GH_SHA_HEX];
    audit_hash(&row, hash);
    TRY(gh_db_run(
        l, err,
        "INSERT INTO audit(seq, time_ms, submission, actor, subject, action, detail, prev, hash)"
        " VALUES(?,?,?,?,?,?,?,?,?)",
        "iiitttttt", row.seq, row.time_ms, submission, row.actor, row.subject, row.action,
        row.detail, row.prev, hash));
    l->seq = row.seq;
    GH_COPY(l->head, hash);
    return 0;
}

int gh_audit(struct gh_ledger *l, const struct gh_who *who, int64_t submission, const char *kind,
             int64_t id, const char *action, struct gh_err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *detail = NULL;
    if (vasprintf(&detail, fmt, ap) < 0)
        abort();
    va_end(ap);
    TRY(gh_audit_silent(l, who, submission, kind, id, action, detail, err));
    if (submission)
        gh_tx_touch(l, submission);
    if (!strcmp(kind, GH_AUDIT_QUESTION))
        gh_tx_touch(l, -id);
    if (!strcmp(kind, GH_AUDIT_EVENT))
        gh_tx_touch(l, gh_touch_event(id));
    return 0;
}

int gh_ledger_note(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                   const char *action, const char *detail, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_audit(l, who, submission, submission ? "submission" : "ghat", submission, action, err,
                 "%s", detail ? detail : ""));
    return gh_tx_commit(&tx, err);
}

static void read_row(struct gh_stmt *s, struct gh_audit_row *ret)
{
    *ret = (struct gh_audit_row){
        .seq = gh_col_i64(s, 0),
        .time_ms = gh_col_i64(s, 1),
        .submission = gh_col_i64(s, 2),
        .actor = gh_col_text(s, 3),
        .subject = gh_col_text(s, 4),
        .action = gh_col_text(s, 5),
        .detail = gh_col_text(s, 6),
        .prev = gh_col_text(s, 7),
        .hash = gh_col_text(s, 8),
    };
}

/* One more than is wanted is asked for: it tells that there are more. */
static int64_t one_more(unsigned limit)
{
    return limit ? (int64_t)limit + 1 : INT64_MAX;
}

static int each_row(struct gh_stmt *s, unsigned limit, gh_audit_fn *fn, void *arg,
                    struct gh_err *err)
{
    int r;
    unsigned n = 0;
    struct gh_audit_row row;
    while ((r = gh_db_step(s, err)) > 0) {
        if (limit && n++ == limit)
            return 1;
        read_row(s, &row);
        if (!fn(&row, arg))
            return 0;
    }
    return r;
}

#define ROWS                                                                                       \
    "SELECT seq, time_ms, submission, actor, subject, action, detail, prev, hash FROM audit"

int gh_ledger_log(struct gh_ledger *l, int64_t submission, int64_t after, unsigned limit,
                  gh_audit_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    if (submission)
        TRY(gh_db_query(l, &s, err, ROWS " WHERE submission = ? AND seq > ? ORDER BY seq LIMIT ?",
                        "iii", submission, after, one_more(limit)));
    else
        TRY(gh_db_query(l, &s, err, ROWS " WHERE seq > ? ORDER BY seq LIMIT ?", "ii", after,
                        one_more(limit)));
    return each_row(&s, limit, fn, arg, err);
}

/* What a decision changed, and what its undo did, are rows of its actor in its very moment. */
int gh_ledger_log_outside(struct gh_ledger *l, int64_t submission, int64_t after, unsigned limit,
                          gh_audit_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    ROWS " WHERE submission = ?1 AND seq > ?2"
                         " AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.submission = ?1"
                         " AND d.time_ms = audit.time_ms AND d.actor = audit.actor"
                         " AND (d.id IN (SELECT decision FROM pending)"
                         " OR d.id IN (SELECT decision FROM voided)))"
                         " AND NOT EXISTS (SELECT 1 FROM decision d JOIN voided v"
                         " ON v.decision = d.id WHERE d.submission = ?1"
                         " AND v.time_ms = audit.time_ms AND v.actor = audit.actor)"
                         " ORDER BY seq LIMIT ?3",
                    "iii", submission, after, one_more(limit)));
    return each_row(&s, limit, fn, arg, err);
}

int64_t gh_ledger_seq(const struct gh_ledger *l)
{
    return l->seq;
}

const char *gh_ledger_head(const struct gh_ledger *l)
{
    return l->head;
}

int gh_ledger_holds(struct gh_ledger *l, int64_t seq, const char *hash, int64_t *ret_last,
                    struct gh_err *err)
{
    int64_t n = 0, last = 0;
    TRY(gh_db_int(l, &n, err, "SELECT count(*) FROM audit WHERE hash = ?1 AND (?2 = 0 OR seq = ?2)",
                  "ti", hash, seq));
    TRY(gh_db_int(l, &last, err, "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1", ""));
    *ret_last = last;
    return n > 0;
}

int gh_ledger_touched_since(struct gh_ledger *l, int64_t seq, bool (*fn)(int64_t id, void *arg),
                            void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    /* as sums, for in the order of its index the whole audit would be read */
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT submission + 0 AS touched FROM audit WHERE seq > ?"
                    " AND submission <> 0 ORDER BY touched",
                    "i", seq));
    int r;
    while ((r = gh_db_step(&s, err)) > 0)
        if (!fn(gh_col_i64(&s, 0), arg))
            return 0;
    return r;
}

int gh_ledger_touched_slice(struct gh_ledger *l, int64_t seq, const char *department, unsigned most,
                            int64_t *after, void (*fn)(int64_t id, void *arg), void *arg,
                            struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    unsigned n = 0;
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT s.id, s.department = ?2 AND EXISTS (SELECT 1 FROM audit a"
                    " WHERE a.submission = s.id AND a.seq > ?1) FROM submission s WHERE s.id > ?3"
                    " ORDER BY s.id LIMIT ?4",
                    "itii", seq, department, *after, (int64_t)most));
    while ((r = gh_db_step(&s, err)) > 0) {
        *after = gh_col_i64(&s, 0);
        n++;
        if (gh_col_i64(&s, 1))
            fn(*after, arg);
    }
    TRY(r);
    return n == most;
}

struct chain {
    int64_t rows, seq, bad; /* seq: of the row before */
    bool begun;             /* prev is known */
    char prev[GH_SHA_HEX];
};

static bool link_fits(const struct gh_audit_row *row, void *arg)
{
    struct chain *c = arg;
    char hash[GH_SHA_HEX];
    audit_hash(row, hash);
    if (row->seq != c->seq + 1 || (c->begun && strcmp(row->prev, c->prev) != 0) ||
        strcmp(row->hash, hash) != 0) {
        c->bad = row->seq;
        return false;
    }
    c->rows++;
    c->seq = row->seq;
    c->begun = true;
    GH_COPY(c->prev, hash);
    return true;
}

static int verify_after(struct gh_ledger *l, int64_t seq, int64_t *ret_rows, struct gh_err *err)
{
    struct chain c = {.seq = seq, .begun = seq == 0}; /* nothing comes before the first row */
    TRY(gh_ledger_log(l, 0, seq, 0, link_fits, &c, err));
    if (c.bad)
        return gh_fail(err, GH_LIMIT,
                       "the audit chain breaks at row %" PRId64
                       ": it, or the row before it, was changed or removed",
                       c.bad);
    if (ret_rows)
        *ret_rows = c.rows;
    return 0;
}

int gh_ledger_verify_chain(struct gh_ledger *l, int64_t *ret_rows, struct gh_err *err)
{
    return verify_after(l, 0, ret_rows, err);
}

int gh_audit_verify_end(struct gh_ledger *l, int64_t n, int64_t *ret_rows, struct gh_err *err)
{
    int64_t last = 0;
    TRY(gh_db_int(l, &last, err, "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1", ""));
    return verify_after(l, GH_MAX(last - n, (int64_t)0), ret_rows, err);
}

int gh_ledger_last_event(struct gh_ledger *l, int64_t *ret_ms, struct gh_err *err)
{
    int64_t ms = 0;
    TRY(gh_db_int(l, &ms, err, "SELECT time_ms FROM audit ORDER BY seq DESC LIMIT 1", ""));
    *ret_ms = ms;
    return 0;
}
