/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that stay, each with its row of the audit. That a plea is over because all was withdrawn is
 * seen from the renditions. */
#include "daemon/ledger/db.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define STILL_OUT                                                                                  \
    "EXISTS (SELECT 1 FROM rendition r WHERE r.submission = plea.submission"                       \
    " AND r.state IN ('approved','publishing','published','collected'))"
#define PLEA                                                                                       \
    "SELECT submission, asked_ms, answered_ms, actor, text, answered_by, answer FROM plea"         \
    " WHERE " STILL_OUT

void gh_plea_free(struct gh_plea *p)
{
    free(p->by);
    free(p->text);
    free(p->answered_by);
    free(p->answer);
    *p = (struct gh_plea){0};
}

static void read_plea(struct gh_stmt *s, struct gh_plea *ret)
{
    *ret = (struct gh_plea){.submission = gh_col_i64(s, 0),
                            .asked_ms = gh_col_i64(s, 1),
                            .answered_ms = gh_col_i64(s, 2),
                            .by = gh_strdup(gh_col_text(s, 3)),
                            .text = gh_strdup(gh_col_text(s, 4)),
                            .answered_by = gh_strdup(gh_col_text(s, 5)),
                            .answer = gh_strdup(gh_col_text(s, 6))};
}

static int check_text(const char *text, struct gh_err *err)
{
    if (!text || !*text)
        return gh_fail(err, GH_LIMIT, "say why: somebody will read it");
    if (strlen(text) > GH_PLEA_BYTES)
        return gh_fail(err, GH_LIMIT, "a reason has at most %d bytes", GH_PLEA_BYTES);
    return 0;
}

int gh_ledger_plead(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                    const char *text, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    int64_t out = 0, open = 0;
    TRY(check_text(text, err));
    GH_TX(l, err);
    TRY(gh_db_int(l, &out, err,
                  "SELECT count(*) FROM rendition WHERE submission = ?"
                  " AND state IN ('published','collected')",
                  "i", submission));
    if (!out)
        return gh_fail_code(err, GH_LIMIT, ENOTSUP,
                            "nothing of submission %" PRId64 " is out: take it back instead",
                            submission);
    TRY(gh_db_int(l, &open, err,
                  "SELECT count(*) FROM plea WHERE submission = ? AND answered_ms = 0", "i",
                  submission));
    if (open)
        return gh_fail_code(err, GH_LIMIT, EBUSY, "it was asked already, and is being looked at");
    TRY(gh_db_run(l, err, "INSERT INTO plea(submission, asked_ms, actor, text) VALUES(?,?,?,?)",
                  "iitt", submission, once.now_ms, gh_who_actor(who), text));
    TRY(gh_audit(l, &once, submission, "submission", submission, "ask-withdraw", err, "%s", text));
    return gh_tx_commit(&tx, err);
}

int gh_plea_met(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                const char *reason, struct gh_err *err)
{
    int n = gh_db_run(l, err,
                      "UPDATE plea SET answered_ms = ?, answered_by = ?, answer = ?"
                      " WHERE submission = ? AND answered_ms = 0 AND NOT " STILL_OUT,
                      "itti", gh_who_now(who), gh_who_actor(who), reason ? reason : "", submission);
    return n < 0 ? n : 0;
}

int gh_ledger_plea_answer(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                          const char *text, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    TRY(check_text(text, err));
    GH_TX(l, err);
    int n = gh_db_run(l, err,
                      "UPDATE plea SET answered_ms = ?, answered_by = ?, answer = ?"
                      " WHERE submission = ? AND answered_ms = 0",
                      "itti", once.now_ms, gh_who_actor(who), text, submission);
    TRY(n);
    if (!n)
        return gh_fail_code(err, GH_LIMIT, ENOTSUP, "nobody asks to withdraw submission %" PRId64,
                            submission);
    TRY(gh_audit(l, &once, submission, "submission", submission, "stays", err, "%s", text));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_plea(struct gh_ledger *l, int64_t submission, struct gh_plea *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, PLEA " AND submission = ? ORDER BY id DESC LIMIT 1", "i",
                    submission));
    int r = gh_db_step(&s, err);
    if (r > 0)
        read_plea(&s, ret);
    return r;
}

int gh_ledger_pleas(struct gh_ledger *l, size_t max, gh_plea_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err, PLEA " AND answered_ms = 0 ORDER BY id LIMIT ?", "i",
                    (int64_t)max));
    while ((r = gh_db_step(&s, err)) > 0) {
        GH_AUTO(gh_plea_free) struct gh_plea p = {0};
        read_plea(&s, &p);
        if (!fn(&p, arg))
            return 0;
    }
    return r;
}
