/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each statement walks an index that has all it asks for, in the order of time, and is read once:
 * counts, days and durations are made from its rows. Medians are found without sorting.
 */
#include "daemon/ledger/report.h"

#include "daemon/ledger/db.h"

#include <string.h>

#define OTHER (GH_REPORT_REASONS - 1)

/* Durations of one kind, until their median is known. */
struct spans {
    int64_t *list;
    size_t n, room;
};
enum took { STAGED, APPROVED, COLLECTED, POSTED, COUNTED, WALL, TOOKS };
static const size_t took_at[TOOKS] = {
    [STAGED] = offsetof(struct gh_report, to_staged),
    [APPROVED] = offsetof(struct gh_report, to_approved),
    [COLLECTED] = offsetof(struct gh_report, to_collected),
    [POSTED] = offsetof(struct gh_report, to_posted),
    [COUNTED] = offsetof(struct gh_report, questions.counted),
    [WALL] = offsetof(struct gh_report, questions.wall),
};
struct row {
    struct gh_report r;
    struct spans took[TOOKS];
};

struct work {
    struct gh_ledger *l;
    const struct gh_report_ask *ask;
    int64_t from_ms, to_ms;
    struct row all, **rows; /* sorted */
    size_t n, last, day;    /* row and day that were found last */
};

/* ---------------------------------------------------------------------------------------- rows */

static void init_row(struct row *row, size_t n_days)
{
    *row = (struct row){.r = {.days = gh_alloc(n_days * sizeof(*row->r.days))}};
    for (size_t i = 0; i < TOOKS; i++)
        *(struct gh_took *)((char *)&row->r + took_at[i]) = (struct gh_took){-1, -1};
}

static void free_row(struct row *row)
{
    for (size_t i = 0; i < TOOKS; i++)
        free(row->took[i].list);
    free(row->r.days);
}

static bool is_asked(const struct work *w, const char *department)
{
    char mark[80];
    GH_FORMAT(mark, ",%s,", department);
    return !w->ask->departments || strstr(w->ask->departments, mark);
}

/* The row of a department, made where there is none yet; NULL: it is none of those asked for. */
static struct row *row_of(struct work *w, const char *department)
{
    size_t low = 0, high = w->n;
    if (w->last < w->n && !strcmp(w->rows[w->last]->r.department, department))
        return w->rows[w->last];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(w->rows[middle]->r.department, department) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    w->last = low;
    if (low < w->n && !strcmp(w->rows[low]->r.department, department))
        return w->rows[low];
    if (!is_asked(w, department))
        return NULL;
    w->rows = gh_realloc(w->rows, (w->n + 1) * sizeof(struct row *));
    memmove(w->rows + low + 1, w->rows + low, (w->n++ - low) * sizeof(struct row *));
    w->rows[low] = gh_alloc(sizeof(struct row));
    init_row(w->rows[low], w->ask->n_days);
    GH_COPY(w->rows[low]->r.department, department);
    return w->rows[low];
}

/* The day of a moment, which is within the span. */
static size_t day_of(struct work *w, int64_t ms)
{
    const int64_t *days = w->ask->days;
    if (ms < days[w->day])
        w->day = 0;
    while (w->day + 1 < w->ask->n_days && ms >= days[w->day + 1])
        w->day++;
    return w->day;
}

/* One more of a figure, or one less, of the department, of all, and of the day. */
static void count(struct work *w, struct row *row, size_t figure, int64_t ms, bool less)
{
    size_t day = day_of(w, ms);
    struct gh_day_figures *const all[] = {&row->r.n, &row->r.days[day], &w->all.r.n,
                                          &w->all.r.days[day]};
    for (size_t i = 0; i < GH_LEN(all); i++)
        *(uint32_t *)((char *)all[i] + figure) += less ? -1U : 1U;
}

static void add_span(struct spans *s, int64_t ms)
{
    if (s->n == s->room) {
        s->room = 2 * s->room + 16;
        s->list = gh_realloc(s->list, s->room * sizeof(*s->list));
    }
    s->list[s->n++] = ms;
}

static void add_took(struct work *w, struct row *row, enum took which, int64_t ms)
{
    add_span(&row->took[which], ms);
    add_span(&w->all.took[which], ms);
}

/* ------------------------------------------------------------------------------------- medians */

/* The element that would be at k, were the list sorted: what lies before it is not greater, and
 * what lies behind it not smaller. */
static int64_t select_nth(int64_t *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        int64_t pivot = v[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            int64_t other = v[i];
            v[i] = v[j];
            v[j] = other;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return v[k];
}

static void finish_row(struct row *row)
{
    for (size_t i = 0; i < TOOKS; i++) {
        struct spans *s = &row->took[i];
        struct gh_took *t = (struct gh_took *)((char *)&row->r + took_at[i]);
        for (size_t k = 0; k < s->n; k++)
            t->max_ms = k ? GH_MAX(t->max_ms, s->list[k]) : s->list[k];
        if (s->n)
            t->median_ms = select_nth(s->list, s->n, s->n / 2);
    }
}

/* ---------------------------------------------------------------------------------- submissions */

#define FIGURE(name) offsetof(struct gh_day_figures, name)

/* Columns: department, when, since when (0: not known), and of what was dropped its state. ?3: is
 * what can still be undone left out? */
static const struct {
    const char *sql, *values;
    size_t figure;
    enum took took; /* TOOKS: none */
    bool less;
} steps[] = {
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " ORDER BY dropped_ms",
     "ii", FIGURE(dropped), TOOKS, false},
    /* answers and announcements are words for Ghat: they were delivered when they were taken */
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'delivered' AND delivered_ms = 0 ORDER BY dropped_ms",
     "ii", FIGURE(dropped), TOOKS, true},
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'duplicate' ORDER BY dropped_ms",
     "ii", FIGURE(duplicates), TOOKS, false},
    {"SELECT department, dropped_ms, 0 FROM submission WHERE dropped_ms >= ?1 AND dropped_ms < ?2"
     " AND state = 'quarantined' ORDER BY dropped_ms",
     "ii", FIGURE(refused), TOOKS, false},
    {"SELECT department, staged_ms, dropped_ms FROM submission WHERE staged_ms >= ?1"
     " AND staged_ms < ?2 ORDER BY staged_ms",
     "ii", FIGURE(staged), STAGED, false},
    {"SELECT s.department, s.approved_ms, s.staged_ms FROM submission s WHERE s.approved_ms >= ?1"
     " AND s.approved_ms < ?2 AND s.approved_ms > 0 AND (?3 = 0 OR NOT EXISTS (SELECT 1"
     " FROM pending p WHERE p.submission = s.id) OR EXISTS (SELECT 1 FROM decision d"
     " WHERE d.submission = s.id AND d.verdict = 'approve' AND NOT EXISTS (SELECT 1 FROM pending p"
     " WHERE p.decision = d.id) AND NOT EXISTS (SELECT 1 FROM voided v WHERE v.decision = d.id)))"
     " ORDER BY s.approved_ms",
     "iii", FIGURE(approved), APPROVED, false},
    {"SELECT department, delivered_ms, approved_ms FROM submission WHERE delivered_ms >= ?1"
     " AND delivered_ms < ?2 AND delivered_ms > 0 ORDER BY delivered_ms",
     "ii", FIGURE(collected), COLLECTED, false},
    {"SELECT department, posted_ms, approved_ms FROM submission WHERE posted_ms >= ?1"
     " AND posted_ms < ?2 AND posted_ms > 0 ORDER BY posted_ms",
     "ii", FIGURE(posted), POSTED, false},
};

static int read_steps(struct work *w, struct gh_err *err)
{
    for (size_t i = 0; i < GH_LEN(steps); i++) {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        int r;
        TRY(gh_db_query(w->l, &s, err, steps[i].sql, steps[i].values, w->from_ms, w->to_ms,
                        (int64_t)w->ask->outside));
        while ((r = gh_db_step(&s, err)) > 0) {
            struct row *row = row_of(w, gh_col_text(&s, 0));
            int64_t ms = gh_col_i64(&s, 1), since = gh_col_i64(&s, 2);
            if (!row)
                continue;
            count(w, row, steps[i].figure, ms, steps[i].less);
            if (steps[i].took != TOOKS && since > 0)
                add_took(w, row, steps[i].took, ms - since);
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

/* Once for each submission, however often, and for however many placements, somebody said so. */
static int read_rejections(struct work *w, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int64_t before = 0;
    uint64_t said = 0; /* of that submission, a bit a reason */
    int r;
    TRY(gh_db_query(w->l, &s, err,
                    "SELECT s.department, d.time_ms, d.submission, d.reason FROM decision d"
                    " JOIN submission s ON s.id = d.submission WHERE d.verdict = 'reject'"
                    " AND d.time_ms >= ?1 AND d.time_ms < ?2 AND NOT EXISTS (SELECT 1"
                    " FROM voided v WHERE v.decision = d.id) AND (?3 = 0 OR NOT EXISTS (SELECT 1"
                    " FROM pending p WHERE p.decision = d.id)) ORDER BY d.submission, d.id",
                    "iii", w->from_ms, w->to_ms, (int64_t)w->ask->outside));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct row *row = row_of(w, gh_col_text(&s, 0));
        int64_t submission = gh_col_i64(&s, 2);
        const char *line = gh_col_text(&s, 3);
        if (!row)
            continue;
        if (submission != before) {
            count(w, row, FIGURE(rejected), gh_col_i64(&s, 1), false);
            said = 0;
        }
        before = submission;
        do {
            size_t n = strcspn(line, "\n"), reason = reason_of(w->ask->reasons, line, n);
            if (!(said >> reason & 1)) {
                row->r.reasons[reason]++;
                w->all.r.reasons[reason]++;
            }
            said |= (uint64_t)1 << reason;
            line += n + (line[n] == '\n');
        } while (*line);
    }
    return r;
}

/* --------------------------------------------------------------------------- questions, events */

static void add_question(struct row *row, int64_t due, int64_t ended, int64_t now, bool extended,
                         bool withdrawn)
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

static int read_questions(struct work *w, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    /* what is withdrawn ends a round as well as an answer does, but does not answer */
    TRY(gh_db_query(w->l, &s, err,
                    "SELECT q.department, r.began_ms, r.due_ms, r.ended_ms, r.counted_ms,"
                    " r.extended_ms, CASE WHEN q.state = 'withdrawn' AND q.round = r.round"
                    " AND q.answered_ms = 0 THEN 1 ELSE 0 END FROM question_round r"
                    " JOIN question q ON q.id = r.question WHERE r.began_ms >= ?1"
                    " AND r.began_ms < ?2",
                    "ii", w->from_ms, w->to_ms));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct row *const both[] = {row_of(w, gh_col_text(&s, 0)), &w->all};
        int64_t began = gh_col_i64(&s, 1), ended = gh_col_i64(&s, 3);
        bool withdrawn = gh_col_i64(&s, 6) != 0;
        if (!both[0])
            continue;
        for (size_t i = 0; i < GH_LEN(both); i++)
            add_question(both[i], gh_col_i64(&s, 2), ended, w->ask->now_ms, gh_col_i64(&s, 5) > 0,
                         withdrawn);
        if (!ended || withdrawn)
            continue;
        add_took(w, both[0], COUNTED, gh_col_i64(&s, 4));
        add_took(w, both[0], WALL, ended - began);
    }
    return r;
}

static int read_events(struct work *w, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(w->l, &s, err,
                    "SELECT department, state FROM event WHERE starts_ms >= ?1 AND starts_ms < ?2",
                    "ii", w->from_ms, w->to_ms));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct row *const both[] = {row_of(w, gh_col_text(&s, 0)), &w->all};
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

static void hand_over(struct row *row, struct gh_report *ret)
{
    finish_row(row);
    *ret = row->r;
    row->r.days = NULL; /* it is the receiver's */
}

/* Nobody missed anything before there was a ledger. */
static int read_first(struct gh_ledger *l, int64_t *ret, struct gh_err *err)
{
    return gh_db_int(l, ret, err,
                     "SELECT dropped_ms FROM submission WHERE dropped_ms > 0 ORDER BY dropped_ms"
                     " LIMIT 1",
                     "");
}

/* Whoever sent words only. */
static bool is_nothing(const struct row *row)
{
    static const struct gh_day_figures none;
    return !memcmp(&row->r.n, &none, sizeof(none)) && !row->r.questions.asked &&
           !row->r.events.announced;
}

void gh_reports_free(struct gh_reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->list[i].days);
    free(r->all.days);
    free(r->list);
    *r = (struct gh_reports){0};
}

int gh_ledger_report(struct gh_ledger *l, const struct gh_report_ask *ask, struct gh_reports *ret,
                     struct gh_err *err)
{
    struct work w = {.l = l, .ask = ask, .to_ms = ask->days[ask->n_days]};
    w.from_ms = GH_MAX(ask->days[0], (int64_t)1); /* 0: it never happened */
    init_row(&w.all, ask->n_days);
    int r = read_steps(&w, err);
    if (r == 0)
        r = read_rejections(&w, err);
    if (r == 0)
        r = read_questions(&w, err);
    if (r == 0)
        r = read_events(&w, err);
    struct gh_reports all = {.n_days = ask->n_days};
    if (r == 0)
        r = read_first(l, &all.since_ms, err);
    all.list = gh_alloc(w.n * sizeof(*all.list) + 1);
    hand_over(&w.all, &all.all);
    free_row(&w.all);
    for (size_t i = 0; i < w.n; i++) {
        if (!is_nothing(w.rows[i]))
            hand_over(w.rows[i], &all.list[all.n++]);
        free_row(w.rows[i]);
        free(w.rows[i]);
    }
    free(w.rows);
    if (r < 0) {
        gh_reports_free(&all);
        return r;
    }
    *ret = all;
    return 0;
}
