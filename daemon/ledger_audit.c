/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The audit: every change leaves a row that carries the hash of the row before it, so that nothing can be changed or
 * taken out of the middle unseen. Rows are framed by length before hashing: no two different rows hash the same bytes.
 */
#include "daemon/ledger_db.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

void gh_audit_hash(const struct gh_audit_row *row, char ret_hex[GH_SHA_HEX])
{
    GH_AUTO_STR s = {0};
    const char *texts[] = {row->actor, row->subject, row->action, row->detail, row->prev};
    gh_str_printf(&s, "ghat-audit-1\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n", row->seq, row->time_ms, row->submission);
    for (size_t i = 0; i < GH_LEN(texts); i++)
        gh_str_printf(&s, "%zu:%s\n", strlen(texts[i]), texts[i]);
    gh_hash_mem(gh_str_text(&s), s.len, ret_hex);
}

static void touch(struct gh_ledger *l, int64_t submission)
{
    for (size_t i = l->n_touched; i > 0; i--)
        if (l->touched[i - 1] == submission)
            return;
    if (l->n_touched == l->cap_touched) {
        l->cap_touched = l->cap_touched ? l->cap_touched * 2 : 16;
        l->touched = gh_realloc(l->touched, l->cap_touched * sizeof(*l->touched));
    }
    l->touched[l->n_touched++] = submission;
}

int gh_audit(struct gh_ledger *l, const struct gh_who *who, int64_t submission, const char *kind, int64_t id,
             const char *action, struct gh_err *err, const char *fmt, ...)
{
    GH_AUTO_FREE char *subject = id ? gh_asprintf("%s:%" PRId64, kind, id) : gh_strdup(kind);
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *detail = NULL;
    if (vasprintf(&detail, fmt, ap) < 0)
        abort();
    va_end(ap);
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
    gh_audit_hash(&row, hash);
    TRY(gh_db_run(l, err,
                  "INSERT INTO audit(seq, time_ms, submission, actor, subject, action, detail, prev, hash) "
                  "VALUES(?,?,?,?,?,?,?,?,?)",
                  "iiittttt"
                  "t",
                  row.seq, row.time_ms, submission, row.actor, row.subject, row.action, row.detail, row.prev, hash));
    l->seq = row.seq;
    GH_COPY(l->head, hash);
    if (submission)
        touch(l, submission);
    return 0;
}

int gh_ledger_note(struct gh_ledger *l, const struct gh_who *who, int64_t submission, const char *action,
                   const char *detail, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_audit(l, who, submission, submission ? "submission" : "ghat", submission, action, err, "%s",
                 detail ? detail : ""));
    return gh_tx_commit(&tx, err);
}

static void read_row(struct gh_stmt *s, struct gh_audit_row *ret)
{
    *ret = (struct gh_audit_row){
        .seq = sqlite3_column_int64(s->st, 0),
        .time_ms = sqlite3_column_int64(s->st, 1),
        .submission = sqlite3_column_int64(s->st, 2),
        .actor = gh_col_text(s, 3),
        .subject = gh_col_text(s, 4),
        .action = gh_col_text(s, 5),
        .detail = gh_col_text(s, 6),
        .prev = gh_col_text(s, 7),
        .hash = gh_col_text(s, 8),
    };
}

int gh_ledger_log(struct gh_ledger *l, int64_t submission, gh_audit_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    if (submission)
        TRY(gh_db_query(l, &s, err,
                        "SELECT seq, time_ms, submission, actor, subject, action, detail, prev, hash FROM audit"
                        " WHERE submission = ? ORDER BY seq",
                        "i", submission));
    else
        TRY(gh_db_query(
            l, &s, err,
            "SELECT seq, time_ms, submission, actor, subject, action, detail, prev, hash FROM audit ORDER BY seq", ""));
    int r;
    struct gh_audit_row row;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        read_row(&s, &row);
        if (!fn(&row, arg))
            return 0;
    }
    return r;
}

struct chain {
    int64_t rows, bad;
    char prev[GH_SHA_HEX];
};

static bool link_fits(const struct gh_audit_row *row, void *arg)
{
    struct chain *c = arg;
    char hash[GH_SHA_HEX];
    gh_audit_hash(row, hash);
    if (row->seq != c->rows + 1 || strcmp(row->prev, c->prev) != 0 || strcmp(row->hash, hash) != 0) {
        c->bad = row->seq;
        return false;
    }
    c->rows++;
    GH_COPY(c->prev, hash);
    return true;
}

int gh_ledger_verify_chain(struct gh_ledger *l, int64_t *ret_rows, struct gh_err *err)
{
    struct chain c = {0};
    TRY(gh_ledger_log(l, 0, link_fits, &c, err));
    if (c.bad)
        return gh_fail(err, GH_LIMIT,
                       "the audit chain breaks at row %" PRId64 ": it, or the row before it, was changed or removed",
                       c.bad);
    if (ret_rows)
        *ret_rows = c.rows;
    return 0;
}

int gh_ledger_last_event(struct gh_ledger *l, int64_t *ret_ms, struct gh_err *err)
{
    int64_t ms = 0;
    TRY(gh_db_int(l, &ms, err, "SELECT time_ms FROM audit ORDER BY seq DESC LIMIT 1", ""));
    *ret_ms = ms;
    return 0;
}
