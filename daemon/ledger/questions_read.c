/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions read whole, with rounds and messages; lists and counts of them, which read no more than
 * they show; the notices there are. */
#include "daemon/ledger/db.h"
#include "daemon/ledger/question_int.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void gh_question_free(struct gh_question *q)
{
    for (size_t i = 0; i < q->n_rounds; i++) {
        free(q->rounds[i].calendar);
        free(q->rounds[i].explained);
        free(q->rounds[i].extended_why);
    }
    for (size_t i = 0; i < q->n_messages; i++) {
        free(q->messages[i].author);
        free(q->messages[i].text);
    }
    free(q->rounds);
    free(q->messages);
    free(q->asked_by);
    free(q->text);
    *q = (struct gh_question){0};
}

const struct gh_question_round *gh_question_now(const struct gh_question *q)
{
    return &q->rounds[q->n_rounds - 1];
}

int gh_no_question(int64_t id, struct gh_err *err)
{
    return gh_fail_code(err, GH_USAGE, ENOENT, "there is no question %" PRId64, id);
}

/* A question, and one of its rounds; take_head and take_round know the order. */
#define HEAD                                                                                       \
    "q.id, q.department, q.submission, q.event, q.asked_by, q.asked_as, q.asked_ms, q.text,"       \
    " q.state, q.round, q.urgent, q.holds, q.answered_ms, q.closed_ms"
#define HEAD_COLUMNS 14
#define ROUND                                                                                      \
    "r.round, r.began_ms, r.calendar, r.explained, r.remind_ms, r.due_ms, r.extended_ms,"          \
    " r.extended_why, r.ended_ms, r.counted_ms"

static void take_head(struct gh_stmt *s, struct gh_question *q)
{
    *q = (struct gh_question){
        .id = gh_col_i64(s, 0),
        .submission = gh_col_i64(s, 2),
        .event = gh_col_i64(s, 3),
        .asked_by = gh_col_dup(s, 4),
        .asked_as = (unsigned)gh_col_i64(s, 5),
        .asked_ms = gh_col_i64(s, 6),
        .text = gh_col_dup(s, 7),
        .round = (unsigned)gh_col_i64(s, 9),
        .urgent = gh_col_i64(s, 10) != 0,
        .holds = gh_col_i64(s, 11) != 0,
        .answered_ms = gh_col_i64(s, 12),
        .closed_ms = gh_col_i64(s, 13),
    };
    GH_COPY(q->department, gh_col_text(s, 1));
    gh_question_state_parse(gh_col_text(s, 8), &q->state);
}

static void take_round(struct gh_stmt *s, int at, struct gh_question *q)
{
    q->rounds = gh_realloc(q->rounds, (q->n_rounds + 1) * sizeof(*q->rounds));
    q->rounds[q->n_rounds++] = (struct gh_question_round){
        .round = (unsigned)gh_col_i64(s, at),
        .began_ms = gh_col_i64(s, at + 1),
        .calendar = gh_col_dup(s, at + 2),
        .explained = gh_col_dup(s, at + 3),
        .remind_ms = gh_col_i64(s, at + 4),
        .due_ms = gh_col_i64(s, at + 5),
        .extended_ms = gh_col_i64(s, at + 6),
        .extended_why = gh_col_dup(s, at + 7),
        .ended_ms = gh_col_i64(s, at + 8),
        .counted_ms = gh_col_i64(s, at + 9),
    };
}

static int read_head(struct gh_ledger *l, int64_t id, struct gh_question *q, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT " HEAD " FROM question q WHERE q.id = ?", "i", id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_no_question(id, err);
    take_head(&s, q);
    return 0;
}

static int read_rounds(struct gh_ledger *l, struct gh_question *q, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT " ROUND " FROM question_round r WHERE r.question = ? ORDER BY r.round",
                    "i", q->id));
    while ((r = gh_db_step(&s, err)) > 0)
        take_round(&s, 0, q);
    if (r == 0 && !q->n_rounds)
        return gh_fail(err, GH_BUG, "question %" PRId64 " has no round", q->id);
    return r;
}

static int read_messages(struct gh_ledger *l, struct gh_question *q, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT id, round, at_ms, author, kind, text, via, submission FROM message"
                    " WHERE question = ? ORDER BY id",
                    "i", q->id));
    while ((r = gh_db_step(&s, err)) > 0) {
        q->messages = gh_realloc(q->messages, (q->n_messages + 1) * sizeof(*q->messages));
        struct gh_question_message *m = &q->messages[q->n_messages++];
        *m = (struct gh_question_message){.id = gh_col_i64(&s, 0),
                                          .round = (unsigned)gh_col_i64(&s, 1),
                                          .at_ms = gh_col_i64(&s, 2),
                                          .author = gh_col_dup(&s, 3),
                                          .text = gh_col_dup(&s, 5),
                                          .via = gh_question_via_of(gh_col_text(&s, 6)),
                                          .submission = gh_col_i64(&s, 7)};
        gh_question_act_parse(gh_col_text(&s, 4), &m->kind);
    }
    return r;
}

int gh_ledger_question(struct gh_ledger *l, int64_t id, struct gh_question *ret, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    TRY(read_head(l, id, &q, err));
    TRY(read_rounds(l, &q, err));
    TRY(read_messages(l, &q, err));
    *ret = q;
    q = (struct gh_question){0};
    return 0;
}

/* ---------------------------------------------------------------------------------------- lists */

void gh_question_list_free(struct gh_question_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        gh_question_free(&list->list[i]);
    free(list->list);
    *list = (struct gh_question_list){0};
}

struct gh_question_place gh_question_place_of(const struct gh_question *q)
{
    return (struct gh_question_place){
        .over = q->state != GH_QUESTION_OPEN, .due_ms = gh_question_now(q)->due_ms, .id = q->id};
}

/* The departments are named, so that the index of departments and states finds what is open,
 * however much there was in all the years. ?1: those that may be seen. */
#define SEEN                                                                                       \
    "q.department IN (SELECT slug FROM department WHERE CAST(?1 AS TEXT) IS NULL"                  \
    " OR CAST(?1 AS TEXT) LIKE '%,' || slug || ',%')"
#define LISTED                                                                                     \
    "SELECT " HEAD ", " ROUND " FROM question q JOIN question_round r ON r.question = q.id"        \
    " AND r.round = q.round WHERE " SEEN " AND (CAST(?2 AS TEXT) IS NULL OR q.department = ?2)"    \
    " AND (?3 = 0 OR q.submission = ?3)"

static int add_listed(struct gh_stmt *s, struct gh_question_list *list, struct gh_err *err)
{
    int r;
    while ((r = gh_db_step(s, err)) > 0) {
        list->list = gh_realloc(list->list, (list->n + 1) * sizeof(*list->list));
        struct gh_question *q = &list->list[list->n++];
        take_head(s, q);
        take_round(s, HEAD_COLUMNS, q);
    }
    return r;
}

static int list_open(struct gh_ledger *l, const struct gh_question_filter *f, int64_t limit,
                     struct gh_question_list *list, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    LISTED " AND q.state = 'open' AND (?4 = 0 OR (r.due_ms, q.id) > (?5, ?4))"
                           " ORDER BY r.due_ms, q.id LIMIT ?6",
                    "ttiiii", f->departments, f->department, f->submission, f->after.id,
                    f->after.due_ms, limit));
    return add_listed(&s, list, err);
}

static int list_over(struct gh_ledger *l, const struct gh_question_filter *f, int64_t limit,
                     struct gh_question_list *list, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    LISTED " AND q.state <> 'open' AND (CAST(?4 AS TEXT) IS NULL OR q.state = ?4)"
                           " AND (?5 = 0 OR q.id < ?5) ORDER BY q.id DESC LIMIT ?6",
                    "ttitii", f->departments, f->department, f->submission, f->state,
                    f->after.over ? f->after.id : 0, limit));
    return add_listed(&s, list, err);
}

int gh_ledger_questions(struct gh_ledger *l, const struct gh_question_filter *f,
                        struct gh_question_list *ret, struct gh_err *err)
{
    GH_AUTO(gh_question_list_free) struct gh_question_list list = {0};
    const char *open = gh_question_state_name(GH_QUESTION_OPEN);
    int64_t limit = f->limit ? (int64_t)f->limit : INT64_MAX;
    if ((!f->state || gh_streq(f->state, open)) && !f->after.over)
        TRY(list_open(l, f, limit, &list, err));
    if (!gh_streq(f->state ? f->state : "", open) && (int64_t)list.n < limit)
        TRY(list_over(l, f, limit - (int64_t)list.n, &list, err));
    *ret = list;
    list = (struct gh_question_list){0};
    return 0;
}

int gh_ledger_question_counts(struct gh_ledger *l, const char *departments, int64_t now_ms,
                              struct gh_question_counts *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt open = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt answered = {0};
    int r;
    *ret = (struct gh_question_counts){0};
    TRY(gh_db_query(l, &open, err,
                    "SELECT count(*), coalesce(sum(CASE WHEN r.due_ms < ?2 THEN 1 ELSE 0 END), 0),"
                    " coalesce(min(CASE WHEN r.due_ms >= ?2 THEN r.due_ms END), 0)"
                    " FROM question q JOIN question_round r ON r.question = q.id"
                    " AND r.round = q.round WHERE " SEEN " AND q.state = 'open'",
                    "ti", departments, now_ms));
    TRY(r = gh_db_step(&open, err));
    ret->open = gh_col_i64(&open, 0);
    ret->late = gh_col_i64(&open, 1);
    ret->next_due_ms = gh_col_i64(&open, 2);
    TRY(gh_db_query(l, &answered, err,
                    "SELECT q.asked_as, count(*) FROM question q WHERE " SEEN
                    " AND q.state = 'answered' GROUP BY q.asked_as",
                    "t", departments));
    while ((r = gh_db_step(&answered, err)) > 0) {
        int64_t asked_as = gh_col_i64(&answered, 0);
        if (asked_as >= 0 && asked_as < (int64_t)GH_LEN(ret->answered))
            ret->answered[asked_as] = gh_col_i64(&answered, 1);
    }
    return r;
}

/* -------------------------------------------------------------------------------------- notices */

int gh_notices_of(struct gh_ledger *l, const char *subject, gh_notice_fn *fn, void *arg,
                  struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT id, kind, subject, revision, recipient, channel, made_ms,"
                    " not_before_ms FROM notice WHERE subject = ? ORDER BY id",
                    "t", subject));
    while ((r = gh_db_step(&s, err)) > 0) {
        const struct gh_notice n = {.id = gh_col_i64(&s, 0),
                                    .kind = gh_col_text(&s, 1),
                                    .subject = gh_col_text(&s, 2),
                                    .revision = gh_col_i64(&s, 3),
                                    .recipient = gh_col_text(&s, 4),
                                    .channel = gh_col_text(&s, 5),
                                    .made_ms = gh_col_i64(&s, 6),
                                    .not_before_ms = gh_col_i64(&s, 7)};
        if (!fn(&n, arg))
            return 0;
    }
    return r;
}

int gh_ledger_notices(struct gh_ledger *l, int64_t question, gh_notice_fn *fn, void *arg,
                      struct gh_err *err)
{
    GH_AUTO_FREE char *subject = gh_asprintf("question:%" PRId64, question);
    return gh_notices_of(l, subject, fn, arg, err);
}
