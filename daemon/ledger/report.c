/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each statement walks an index that has all it asks for, in the order of time, and is read once:
 * counts, days and durations are made from its rows. The time of a report is read piece by piece,
 * all statements of a piece at once, so that what one of them counts another one may take off; how
 * long a piece is follows from how long the last one took, and from how much there is in it.
 */
#include "daemon/ledger/report_int.h"

#include "daemon/ledger/db.h"

#include "base/clock.h"

#include <string.h>

#define OTHER (GH_REPORT_REASONS - 1)
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define PIECE_ROWS 200  /* of an index, in a piece of the time of a report … */
#define PIECE_MS DAY_MS /* … that is so long, to begin with … */
#define PIECE_MIN_MS ((int64_t)600 * 1000)
#define PIECE_MAX_MS (64 * DAY_MS)
#define READ_US 2000 /* … and how long it should take to read */

/* Submissions that were rejected, found by their number: open addressing. */
struct said_set {
    struct {
        int64_t submission; /* 0: a free place */
        uint64_t reasons;
    } * list;
    size_t n, room;
};

struct gh_report_work {
    struct gh_report_ask ask; /* days and departments are copies */
    int64_t *days;
    char *departments;
    int64_t at_ms, until_ms, to_ms; /* the piece at hand; the end of all */
    int64_t piece_ms, since_ms;
    bool clipped;     /* to the time of which there is anything */
    size_t done_rows; /* whose medians are found, in the end; GH_TOOKS each */
    struct said_set said;
    struct gh_report_rows rows;
};

/* ---------------------------------------------------------------------------------- submissions */

/* Columns: department, when, since when (0: not known), and of what was dropped its state. ?3: is
 * what can still be undone left out? */
static const struct {
    const char *sql, *values;
    size_t figure;
    enum gh_took_kind took; /* GH_TOOKS: none */
    bool less;
} steps[] = {
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " ORDER BY dropped_ms",
     "ii", GH_FIGURE(dropped), GH_TOOKS, false},
    /* answers and announcements are words for Ghat: they were delivered when they were taken */
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'delivered' AND delivered_ms = 0 ORDER BY dropped_ms",
     "ii", GH_FIGURE(dropped), GH_TOOKS, true},
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'duplicate' ORDER BY dropped_ms",
     "ii", GH_FIGURE(duplicates), GH_TOOKS, false},
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'quarantined' ORDER BY dropped_ms",
     "ii", GH_FIGURE(refused), GH_TOOKS, false},
    {"SELECT department, staged_ms, dropped_ms FROM submission WHERE staged_ms >= ?1"
     " AND staged_ms < ?2 ORDER BY staged_ms",
     "ii", GH_FIGURE(staged), GH_TOOK_STAGED, false},
    {"SELECT s.department, s.approved_ms, s.staged_ms FROM submission s WHERE s.approved_ms >= ?1"
     " AND s.approved_ms < ?2 AND s.approved_ms > 0 AND (?3 = 0 OR NOT EXISTS (SELECT 1"
     " FROM pending p WHERE p.submission = s.id) OR EXISTS (SELECT 1 FROM decision d"
     " WHERE d.submission = s.id AND d.verdict = 'approve' AND NOT EXISTS (SELECT 1 FROM pending p"
     " WHERE p.decision = d.id) AND NOT EXISTS (SELECT 1 FROM voided v WHERE v.decision = d.id)))"
     " ORDER BY s.approved_ms",
     "iii", GH_FIGURE(approved), GH_TOOK_APPROVED, false},
    {"SELECT department, delivered_ms, approved_ms FROM submission WHERE delivered_ms >= ?1"
     " AND delivered_ms < ?2 AND delivered_ms > 0 ORDER BY delivered_ms",
     "ii", GH_FIGURE(collected), GH_TOOK_COLLECTED, false},
    {"SELECT department, posted_ms, approved_ms FROM submission WHERE posted_ms >= ?1"
     " AND posted_ms < ?2 AND posted_ms > 0 ORDER BY posted_ms",
     "ii", GH_FIGURE(posted), GH_TOOK_POSTED, false},
    {"SELECT s.department, d.time_ms, 0 FROM delivery d JOIN submission s ON s.id = d.submission"
     " WHERE d.said = 'posted' AND d.time_ms >= ?1 AND d.time_ms < ?2 ORDER BY d.time_ms",
     "ii", GH_FIGURE(links), GH_TOOKS, false},
};

static int read_steps(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    for (size_t i = 0; i < GH_LEN(steps); i++) {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        int r;
        TRY(gh_db_query(l, &s, err, steps[i].sql, steps[i].values, w->at_ms, w->until_ms,
                        (int64_t)w->ask.outside));
        while ((r = gh_db_step(&s, err)) > 0) {
            struct gh_report_row *row = gh_report_row_of(&w->rows, gh_col_text(&s, 0));
            int64_t ms = gh_col_i64(&s, 1), since = gh_col_i64(&s, 2);
            if (!row)
                continue;
            gh_report_count(&w->rows, row, steps[i].figure, ms, steps[i].less);
            if (steps[i].took != GH_TOOKS && since > 0)
                gh_report_add_took(&w->rows, row, steps[i].took, ms - since);
        }
        TRY(r);
    }
    return 0;
}

/* Which reason a line is. */
static size_t reason_of(const struct gh_reasons *own, const char *line, size_t n)
{
    const struct gh_words *english = gh_words_of("en");
    struct gh_reason reason;
    for (size_t i = 0; i < OTHER && gh_reason_at(own, i, english, &reason); i++)
        if (strlen(reason.value) == n && !memcmp(reason.value, line, n))
            return i;
    return OTHER;
}

/* What was said of a submission so far, a bit a reason; 0: nothing. */
static uint64_t *said_of(struct said_set *set, int64_t submission)
{
    if (2 * set->n >= set->room) {
        struct said_set more = {.room = 2 * set->room + 64};
        more.list = gh_alloc(more.room * sizeof(*more.list));
        for (size_t i = 0; i < set->room; i++)
            if (set->list[i].submission)
                *said_of(&more, set->list[i].submission) = set->list[i].reasons;
        free(set->list);
        *set = more;
    }
    size_t at = (uint64_t)submission * 0x9e3779b97f4a7c15U % set->room;
    while (set->list[at].submission && set->list[at].submission != submission)
        at = (at + 1) % set->room;
    set->n += !set->list[at].submission;
    set->list[at].submission = submission;
    return &set->list[at].reasons;
}

/* Once for each submission, however often, and for however many placements, somebody said so. */
static int read_rejections(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT s.department, d.time_ms, d.submission, d.reason FROM decision d"
                    " JOIN submission s ON s.id = d.submission WHERE d.verdict = 'reject'"
                    " AND d.time_ms >= ?1 AND d.time_ms < ?2 AND NOT EXISTS (SELECT 1"
                    " FROM voided v WHERE v.decision = d.id) AND (?3 = 0 OR NOT EXISTS (SELECT 1"
                    " FROM pending p WHERE p.decision = d.id)) ORDER BY d.time_ms",
                    "iii", w->at_ms, w->until_ms, (int64_t)w->ask.outside));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_report_row *row = gh_report_row_of(&w->rows, gh_col_text(&s, 0));
        const char *line = gh_col_text(&s, 3);
        if (!row)
            continue;
        uint64_t *said = said_of(&w->said, gh_col_i64(&s, 2));
        if (!*said)
            gh_report_count(&w->rows, row, GH_FIGURE(rejected), gh_col_i64(&s, 1), false);
        do {
            size_t n = strcspn(line, "\n"), reason = reason_of(w->ask.reasons, line, n);
            if (!(*said >> reason & 1)) {
                row->r.reasons[reason]++;
                w->rows.all.r.reasons[reason]++;
            }
            *said |= (uint64_t)1 << reason;
            line += n + (line[n] == '\n');
        } while (*line);
    }
    return r;
}

/* --------------------------------------------------------------------------- questions, events */

static void add_question(struct gh_report_row *row, int64_t due, int64_t ended, int64_t now,
                         bool extended, bool withdrawn)
{
    row->r.questions.asked++;
    row->r.questions.extended += extended;
    if (withdrawn)
        row->r.questions.withdrawn++;
    else if (ended > due || (!ended && due < now))
        row->r.questions.missed++;
    else if (ended)
        row->r.questions.in_time++;
    else
        row->r.questions.open++;
}

static int read_questions(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    /* what is withdrawn ends a round as well as an answer does, but does not answer */
    TRY(gh_db_query(l, &s, err,
                    "SELECT q.department, r.began_ms, r.due_ms, r.ended_ms, r.counted_ms,"
                    " r.extended_ms, CASE WHEN q.state = 'withdrawn' AND q.round = r.round"
                    " AND q.answered_ms = 0 THEN 1 ELSE 0 END FROM question_round r"
                    " JOIN question q ON q.id = r.question WHERE r.began_ms >= ?1"
                    " AND r.began_ms < ?2",
                    "ii", w->at_ms, w->until_ms));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_report_row *const both[] = {gh_report_row_of(&w->rows, gh_col_text(&s, 0)),
                                              &w->rows.all};
        int64_t began = gh_col_i64(&s, 1), ended = gh_col_i64(&s, 3);
        bool withdrawn = gh_col_i64(&s, 6) != 0;
        if (!both[0])
            continue;
        for (size_t i = 0; i < GH_LEN(both); i++)
            add_question(both[i], gh_col_i64(&s, 2), ended, w->ask.now_ms, gh_col_i64(&s, 5) > 0,
                         withdrawn);
        if (!ended || withdrawn)
            continue;
        gh_report_add_took(&w->rows, both[0], GH_TOOK_COUNTED, gh_col_i64(&s, 4));
        gh_report_add_took(&w->rows, both[0], GH_TOOK_WALL, ended - began);
    }
    return r;
}

static int read_events(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT department, state FROM event WHERE starts_ms >= ?1 AND starts_ms < ?2",
                    "ii", w->at_ms, w->until_ms));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_report_row *const both[] = {gh_report_row_of(&w->rows, gh_col_text(&s, 0)),
                                              &w->rows.all};
        const char *state = gh_col_text(&s, 1);
        for (size_t i = 0; both[0] && i < GH_LEN(both); i++) {
            both[i]->r.events.announced++;
            if (!strcmp(state, "covered"))
                both[i]->r.events.covered++;
            else if (!strcmp(state, "missed"))
                both[i]->r.events.missed++;
            else if (!strcmp(state, "cancelled"))
                both[i]->r.events.cancelled++;
            else
                both[i]->r.events.coming++;
        }
    }
    return r;
}

/* ------------------------------------------------------------------------------------ the whole */

/* Nobody missed anything before there was a ledger. */
static int read_first(struct gh_ledger *l, int64_t *ret, struct gh_err *err)
{
    return gh_db_int(l, ret, err,
                     "SELECT dropped_ms FROM submission WHERE dropped_ms > 0 ORDER BY dropped_ms"
                     " LIMIT 1",
                     "");
}

struct gh_report_work *gh_report_begin(const struct gh_report_ask *ask)
{
    struct gh_report_work *w = gh_alloc(sizeof(*w));
    *w = (struct gh_report_work){.ask = *ask, .piece_ms = PIECE_MS};
    w->days = gh_alloc((ask->n_days + 1) * sizeof(*w->days));
    memcpy(w->days, ask->days, (ask->n_days + 1) * sizeof(*w->days));
    w->ask.days = w->days;
    w->ask.departments = w->departments = ask->departments ? gh_strdup(ask->departments) : NULL;
    w->at_ms = GH_MAX(ask->days[0], (int64_t)1); /* 0: it never happened */
    w->to_ms = ask->days[ask->n_days];
    gh_report_rows_init(&w->rows, &w->ask);
    return w;
}

void gh_report_work_free(struct gh_report_work **pw)
{
    struct gh_report_work *w = *pw;
    if (!w)
        return;
    gh_report_rows_free(&w->rows);
    free(w->said.list);
    free(w->days);
    free(w->departments);
    free(w);
    *pw = NULL;
}

/* Of each index its ends: nothing of the report is before the first of them, or after the last. And
 * when there were so many rows, from a moment on: the range comes first, for SQLite takes the first
 * of two lower bounds and reads from there. */
static const struct {
    const char *first, *last, *nth;
} ends[] = {
#define OF(table, column, which)                                                                   \
    {                                                                                              \
        "SELECT min(" column ") FROM " table " WHERE " which,                                      \
            "SELECT max(" column ") FROM " table " WHERE " which,                                  \
            "SELECT " column " FROM " table " WHERE " column " >= ?1 AND " column                  \
            " < ?2 AND " which " ORDER BY " column " LIMIT 1 OFFSET ?3"                            \
    }
    OF("submission", "dropped_ms", "dropped_ms > 0"),
    OF("submission", "staged_ms", "staged_ms > 0"),
    OF("submission", "approved_ms", "approved_ms > 0"),
    OF("submission", "delivered_ms", "delivered_ms > 0"),
    OF("submission", "posted_ms", "posted_ms > 0"),
    OF("delivery", "time_ms", "said = 'posted'"),
    OF("decision", "time_ms", "verdict = 'reject'"),
    OF("question_round", "began_ms", "began_ms > 0"),
    OF("event", "starts_ms", "starts_ms > 0"),
#undef OF
};

static int clip(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    int64_t first = INT64_MAX, last = 0, t = 0;
    for (size_t i = 0; i < GH_LEN(ends); i++) {
        TRY(gh_db_int(l, &t, err, ends[i].first, ""));
        first = t > 0 ? GH_MIN(first, t) : first;
        TRY(gh_db_int(l, &t, err, ends[i].last, ""));
        last = GH_MAX(last, t);
    }
    w->at_ms = GH_MAX(w->at_ms, first);
    w->to_ms = GH_MIN(w->to_ms, last + 1);
    w->clipped = true;
    return 0;
}

/* A piece ends before more than PIECE_ROWS rows of an index, but all of one moment are in one. */
static int end_piece(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    w->until_ms = GH_MIN(w->at_ms + w->piece_ms, w->to_ms);
    for (size_t i = 0; i < GH_LEN(ends); i++) {
        int64_t t = 0;
        TRY(gh_db_int(l, &t, err, ends[i].nth, "iii", w->at_ms, w->until_ms, (int64_t)PIECE_ROWS));
        if (t)
            w->until_ms = GH_MAX(t, w->at_ms + 1);
    }
    return 0;
}

static int read_piece(struct gh_report_work *w, struct gh_ledger *l, struct gh_err *err)
{
    int64_t began = gh_mono_us();
    TRY(end_piece(w, l, err));
    TRY(read_steps(w, l, err));
    TRY(read_rejections(w, l, err));
    TRY(read_questions(w, l, err));
    TRY(read_events(w, l, err));
    int64_t took = gh_mono_us() - began;
    if (took > READ_US)
        w->piece_ms = GH_MAX(w->piece_ms / 2, PIECE_MIN_MS);
    else if (took < READ_US / 4)
        w->piece_ms = GH_MIN(w->piece_ms * 2, PIECE_MAX_MS);
    w->at_ms = w->until_ms;
    return 0;
}

/* One median more. Returns 0 when there is none left. */
static int find_one(struct gh_report_work *w)
{
    size_t row = w->done_rows / GH_TOOKS, which = w->done_rows % GH_TOOKS;
    if (row > w->rows.n)
        return 0;
    gh_report_finish_took(row < w->rows.n ? w->rows.rows[row] : &w->rows.all,
                          (enum gh_took_kind)which);
    w->done_rows++;
    return 1;
}

int gh_report_go(struct gh_report_work *w, struct gh_ledger *l, int64_t ms, struct gh_err *err)
{
    int64_t end = gh_mono_us() + ms * 1000;
    if (!w->clipped)
        TRY(clip(w, l, err));
    do {
        if (w->at_ms < w->to_ms)
            TRY(read_piece(w, l, err));
        else if (!find_one(w))
            return 0;
        else if (!w->since_ms)
            TRY(read_first(l, &w->since_ms, err));
    } while (ms < 0 || gh_mono_us() < end);
    return 1;
}

void gh_report_take(struct gh_report_work *w, struct gh_reports *ret)
{
    *ret = (struct gh_reports){.since_ms = w->since_ms};
    gh_report_hand_over(&w->rows, ret);
}

int gh_ledger_report(struct gh_ledger *l, const struct gh_report_ask *ask, struct gh_reports *ret,
                     struct gh_err *err)
{
    GH_AUTO(gh_report_work_free) struct gh_report_work *w = gh_report_begin(ask);
    TRY(gh_report_go(w, l, -1, err));
    gh_report_take(w, ret);
    return 0;
}
