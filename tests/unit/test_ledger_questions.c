/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions in the ledger: who may do what, in random sequences against a small reference; alarms,
 * each once and in order; what is held for a question; what is said twice. */
#include "tests/unit/ledger_fix.h"

#include "daemon/ledger/ledger.h"

#define HOUR ((int64_t)3600 * 1000)
#define MINUTE ((int64_t)60 * 1000)
#define START ((int64_t)1796000000000)

static struct gh_question_by by(unsigned roles, int64_t now)
{
    return (struct gh_question_by){.who = {.actor = "test", .now_ms = now},
                                   .roles = roles,
                                   .via = GH_VIA_COMMAND,
                                   .card = GH_CARD_DEPUTY | GH_CARD_SUPERIOR,
                                   .held_ms = now + HOUR};
}

static struct gh_question_times times_from(int64_t began, int64_t hours)
{
    struct gh_question_times t = {.remind_ms = began + (hours - 2) * HOUR,
                                  .due_ms = began + hours * HOUR};
    for (int i = 0; i < GH_QUESTION_OVERDUE; i++)
        t.again_ms[i] = t.due_ms + (i + 1) * 2 * HOUR;
    return t;
}

static struct gh_question_ask asking(const char *text, int64_t now)
{
    return (struct gh_question_ask){.department = "roads",
                                    .text = text,
                                    .calendar = "daily 00:00-24:00",
                                    .explained = "why",
                                    .times = times_from(now, 4)};
}

static int64_t ask(struct fix *f, const char *text, unsigned roles, int64_t now)
{
    const struct gh_question_by who = by(roles, now);
    const struct gh_question_ask a = asking(text, now);
    int64_t id = 0;
    OK(gh_ledger_ask(f->l, &who, &a, &id, err));
    return id;
}

static int answer(struct fix *f, unsigned roles, int64_t id, const char *text, int64_t now,
                  struct gh_err *err)
{
    const struct gh_question_by who = by(roles, now);
    const struct gh_question_answer a = {.question = id,
                                         .text = text,
                                         .at_ms = now,
                                         .counted_ms = HOUR,
                                         .close_ms = now + 24 * HOUR};
    return gh_ledger_answer(f->l, &who, &a, err);
}

static int64_t count(struct fix *f, const char *sql)
{
    sqlite3 *raw;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(f->path, &raw, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(raw);
    return n;
}

static enum gh_question_state state_of(struct fix *f, int64_t id)
{
    struct gh_question q = {0};
    OK(gh_ledger_question(f->l, id, &q, err));
    enum gh_question_state s = q.state;
    gh_question_free(&q);
    return s;
}

/* Let all alarms go off that are due by then. Returns how many. */
static unsigned ring(struct fix *f, int64_t now)
{
    struct gh_alarm_row a = {0};
    const struct gh_question_by ghatd = by(GH_BY_GHATD, now);
    struct gh_err e = {0};
    unsigned n = 0;
    int64_t last = 0;
    while (gh_ledger_next_alarm(f->l, &a, &e) == 1 && a.at_ms <= now) {
        assert_true(a.at_ms >= last); /* in order */
        last = a.at_ms;
        OK(gh_ledger_fire(f->l, &ghatd, &a, err));
        n++;
    }
    return n;
}

/* ---------------------------------------------------------------------------------------- acts */

static void a_question_is_asked_answered_and_closes_by_itself(void **state)
{
    struct fix *f = *state;
    struct gh_question q = {0};
    int64_t id = ask(f, "When does the road open?", GH_BY_AGENCY, START);
    assert_int_equal(ring(f, START + HOUR), 0);
    assert_int_equal(ring(f, START + 2 * HOUR), 1);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "On Monday.", START + 3 * HOUR, NULL), 0);
    assert_int_equal(ring(f, START + 20 * HOUR), 0); /* it is not due any more */
    OK(gh_ledger_question(f->l, id, &q, err));
    assert_int_equal(q.state, GH_QUESTION_ANSWERED);
    assert_int_equal(q.n_messages, 2);
    assert_string_equal(q.messages[1].text, "On Monday.");
    assert_int_equal(gh_question_now(&q)->ended_ms, START + 3 * HOUR);
    assert_int_equal(gh_question_now(&q)->counted_ms, HOUR);
    gh_question_free(&q);
    assert_int_equal(ring(f, START + 27 * HOUR), 1);
    assert_int_equal(state_of(f, id), GH_QUESTION_CLOSED);
    chain_holds(f);
}

static void an_overdue_question_is_told_and_escalated_once(void **state)
{
    struct fix *f = *state;
    ask(f, "Why?", GH_BY_AGENCY, START);
    /* ghatd did not run for a day: remind, due, escalate, three times again, each once */
    assert_int_equal(ring(f, START + 24 * HOUR), 6);
    assert_int_equal(ring(f, START + 48 * HOUR), 0);
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE kind = 'escalate'"
                              " AND recipient = 'superior:roads'"),
                     1);
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE kind LIKE 'again-%'"
                              " AND recipient = 'superior:roads'"),
                     3);
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE kind = 'asked'"
                              " AND recipient = 'officer:roads' AND channel = 'mail'"),
                     1);
    assert_int_equal(count(f, "SELECT count(*) FROM alarm WHERE fired_ms = 0"), 0);
}

static void more_time_is_given_once_before_it_is_due(void **state)
{
    struct fix *f = *state;
    int64_t id = ask(f, "Why?", GH_BY_APPROVER, START);
    const struct gh_question_times longer = times_from(START, 12);
    struct gh_question_by who = by(GH_BY_DEPARTMENT, START + HOUR);
    REFUSED(GH_LIMIT, gh_ledger_extend(f->l, &who, id, "", START + HOUR, &longer, "why", err));
    REFUSED(GH_LIMIT,
            gh_ledger_extend(f->l, &who, id, "late", START + 4 * HOUR + 1, &longer, "why", err));
    OK(gh_ledger_extend(f->l, &who, id, "the engineer is away", START + 4 * HOUR, &longer, "why",
                        err));
    REFUSED(GH_LIMIT,
            gh_ledger_extend(f->l, &who, id, "again", START + 4 * HOUR, &longer, "why", err));
    assert_int_equal(ring(f, START + 9 * HOUR), 0);
    assert_int_equal(ring(f, START + 12 * HOUR), 3); /* remind, due, escalate */
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE kind = 'extend'"
                              " AND recipient = 'role:approver'"),
                     1);
    assert_int_equal(
        count(f, "SELECT min(not_before_ms - made_ms) FROM notice WHERE kind = 'extend'"), HOUR);
}

static void it_is_asked_again_twice_at_most(void **state)
{
    struct fix *f = *state;
    int64_t id = ask(f, "Why?", GH_BY_AGENCY, START), now = START;
    for (int round = 1; round <= GH_QUESTION_ROUNDS; round++) {
        now += HOUR;
        assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "Because.", now, NULL), 0);
        const struct gh_question_by agency = by(GH_BY_AGENCY, now), other = by(GH_BY_APPROVER, now);
        const struct gh_question_ask again = asking("Which one?", now);
        REFUSED(GH_LIMIT, gh_ledger_ask_again(f->l, &other, id, &again, err));
        if (round < GH_QUESTION_ROUNDS)
            OK(gh_ledger_ask_again(f->l, &agency, id, &again, err));
        else
            REFUSED(GH_LIMIT, gh_ledger_ask_again(f->l, &agency, id, &again, err));
    }
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE kind = 'asked'"
                              " AND recipient = 'deputy:roads'"),
                     GH_QUESTION_ROUNDS);
}

static void what_is_said_twice_is_kept_once(void **state)
{
    struct fix *f = *state;
    struct gh_question q = {0};
    struct gh_err e = {0};
    int64_t id = ask(f, "Why?", GH_BY_AGENCY, START);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "Because.", START + HOUR, NULL), 0);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "Because.", START + HOUR, NULL), 2);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "And so.", START + HOUR, NULL), 1);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "And so.", START + HOUR, NULL), 2);
    OK(gh_ledger_question(f->l, id, &q, err));
    assert_int_equal(q.n_messages, 3);
    gh_question_free(&q);
    REFUSED(GH_LIMIT, answer(f, GH_BY_DEPARTMENT, id, "", START, err));
    REFUSED(GH_USAGE, answer(f, GH_BY_DEPARTMENT, id + 1, "x", START, err));
    struct gh_question_by other = by(GH_BY_DEPARTMENT, START);
    other.department = "water";
    const struct gh_question_answer a = {.question = id, .text = "Because."};
    assert_int_equal(gh_ledger_answer(f->l, &other, &a, &e), -GH_USAGE); /* it is not theirs */
}

static void what_is_held_for_an_answer_comes_back(void **state)
{
    struct fix *f = *state;
    int64_t item = staged(f, "a.jpg"), id;
    const struct gh_question_by who = by(GH_BY_APPROVER, START);
    struct gh_question_ask a = asking("Who is the child?", START);
    a.submission = item;
    a.hold = true;
    OK(gh_ledger_ask(f->l, &who, &a, &id, err));
    assert_string_equal(ren_state(f, item, "fb.photo"), "held");
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "His parents agree.", START + HOUR, NULL), 0);
    assert_string_equal(ren_state(f, item, "fb.photo"), "staged");
    assert_int_equal(count(f, "SELECT returned_ms FROM submission"), START + HOUR);
    /* what somebody holds for another reason stays held */
    OK(gh_ledger_ask(f->l, &who, &a, &id, err));
    OK(decide(f, GH_RELEASE, item, NULL, NULL, err));
    OK(decide(f, GH_HOLD, item, NULL, NULL, err));
    const struct gh_question_by approver = by(GH_BY_APPROVER, START);
    OK(gh_ledger_end_question(f->l, &approver, id, GH_QUESTION_WITHDRAW, NULL, err));
    assert_string_equal(ren_state(f, item, "fb.photo"), "held");
    /* what cannot be held is not asked about either */
    int64_t waiting = drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL), before = id;
    a.submission = waiting;
    REFUSED(GH_LIMIT, gh_ledger_ask(f->l, &who, &a, &id, err));
    struct gh_question q;
    REFUSED(GH_USAGE, gh_ledger_question(f->l, before + 1, &q, err));
}

struct told {
    int64_t ids[8];
    size_t n;
};

static void on_question(struct gh_ledger *l, int64_t id, void *arg)
{
    (void)l;
    struct told *t = arg;
    t->ids[t->n++ % 8] = id;
}

static void the_hook_is_told_after_the_commit(void **state)
{
    struct fix *f = *state;
    struct told t = {0};
    gh_ledger_on_question(f->l, on_question, &t);
    OK(gh_ledger_begin(f->l, err));
    int64_t id = ask(f, "Why?", GH_BY_AGENCY, START);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, id, "Because.", START, NULL), 0);
    assert_int_equal(t.n, 0);
    OK(gh_ledger_commit(f->l, err));
    assert_int_equal(t.n, 1);
    assert_int_equal(t.ids[0], id);
}

static void assert_listed(struct fix *f, const struct gh_question_filter *filter, size_t n,
                          const int64_t *ids)
{
    struct gh_question_list list;
    OK(gh_ledger_questions(f->l, filter, &list, err));
    assert_int_equal(list.n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list.list[i].id, ids[i]);
        assert_int_equal(list.list[i].n_messages, 0);
        assert_int_equal(gh_question_now(&list.list[i])->round, list.list[i].round);
    }
    gh_question_list_free(&list);
}

static void lists_are_in_order_of_their_due_times(void **state)
{
    struct fix *f = *state;
    int64_t late = ask(f, "late", GH_BY_AGENCY, START + HOUR),
            soon = ask(f, "soon", GH_BY_AGENCY, START), done = ask(f, "done", GH_BY_AGENCY, START);
    assert_int_equal(answer(f, GH_BY_APPROVER, done, "x", START, NULL), 0);
    assert_listed(f, &(struct gh_question_filter){0}, 3, (int64_t[]){soon, late, done});
    assert_listed(f, &(struct gh_question_filter){.state = "open", .limit = 1}, 1,
                  (int64_t[]){soon});
    assert_listed(f, &(struct gh_question_filter){.state = "answered"}, 1, (int64_t[]){done});
    assert_listed(f, &(struct gh_question_filter){.department = "water"}, 0, NULL);
    assert_listed(f, &(struct gh_question_filter){.departments = ",roads,water,"}, 3,
                  (int64_t[]){soon, late, done});
    assert_listed(f, &(struct gh_question_filter){.departments = ",road,"}, 0, NULL);
    assert_listed(f, &(struct gh_question_filter){.departments = ""}, 0, NULL);
}

/* Whatever is answered while somebody turns the pages: each is shown once, and one that was shown
 * as open and is answered now once more, as that. */
static void pages_go_on_where_the_last_one_ended(void **state)
{
    struct fix *f = *state;
    int64_t ids[9], shown = 0;
    struct gh_question_filter filter = {.limit = 2};
    unsigned seen[16] = {0}, pages = 0;
    for (int i = 0; i < 9; i++)
        ids[i] = ask(f, "Why?", GH_BY_AGENCY, START + (i % 3) * HOUR);
    for (int i = 0; i < 3; i++)
        assert_int_equal(answer(f, GH_BY_APPROVER, ids[i], "x", START, NULL), 0);
    for (;;) {
        struct gh_question_list list;
        OK(gh_ledger_questions(f->l, &filter, &list, err));
        for (size_t i = 0; i < list.n; i++)
            seen[list.list[i].id]++;
        if (!list.n)
            break;
        filter.after = gh_question_place_of(&list.list[list.n - 1]);
        gh_question_list_free(&list);
        if (pages++ == 0) {
            shown = filter.after.id;
            assert_int_equal(answer(f, GH_BY_APPROVER, shown, "x", START, NULL), 0);
        }
    }
    for (int i = 0; i < 9; i++)
        assert_int_equal(seen[ids[i]], ids[i] == shown ? 2 : 1);
    assert_int_equal(pages, 5);
}

static void counts_are_those_of_the_lists(void **state)
{
    struct fix *f = *state;
    struct gh_question_counts n;
    OK(gh_ledger_question_counts(f->l, NULL, START, &n, err));
    assert_true(n.open == 0 && n.late == 0 && n.next_due_ms == 0);
    int64_t first = ask(f, "a", GH_BY_AGENCY, START);
    ask(f, "b", GH_BY_AGENCY, START + HOUR);
    ask(f, "c", GH_BY_APPROVER, START + 2 * HOUR);
    OK(gh_ledger_question_counts(f->l, NULL, START + 4 * HOUR, &n, err));
    assert_true(n.open == 3 && n.late == 0 && n.next_due_ms == START + 4 * HOUR);
    OK(gh_ledger_question_counts(f->l, NULL, START + 4 * HOUR + 1, &n, err));
    assert_true(n.open == 3 && n.late == 1 && n.next_due_ms == START + 5 * HOUR);
    assert_int_equal(answer(f, GH_BY_DEPARTMENT, first, "x", START + 5 * HOUR, NULL), 0);
    OK(gh_ledger_question_counts(f->l, ",roads,", START + 4 * HOUR + 1, &n, err));
    assert_true(n.open == 2 && n.late == 0);
    assert_true(n.answered[GH_BY_AGENCY] == 1 && n.answered[GH_BY_APPROVER] == 0);
    OK(gh_ledger_question_counts(f->l, ",water,", START, &n, err));
    assert_true(n.open == 0 && n.answered[GH_BY_AGENCY] == 0);
}

/* However many there were in all the years: what waits is found by the index. */
static void what_waits_is_found_by_the_index(void **state)
{
    struct fix *f = *state;
    sqlite3 *raw;
    sqlite3_stmt *st;
    bool found = false;
    assert_int_equal(sqlite3_open_v2(f->path, &raw, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(raw,
                           "EXPLAIN QUERY PLAN SELECT count(*) FROM question q WHERE"
                           " q.department IN (SELECT slug FROM department WHERE"
                           " CAST(?1 AS TEXT) IS NULL OR instr(?1, ',' || slug || ',') > 0)"
                           " AND q.state = 'open'",
                           -1, &st, NULL),
        SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        found |= strstr((const char *)sqlite3_column_text(st, 3),
                        "INDEX question_department (department=? AND state=?)") != NULL;
    sqlite3_finalize(st);
    sqlite3_close(raw);
    assert_true(found);
}

/* --------------------------------------------------------------------------------------- a model
 */

/* What people may do, said again and otherwise: by state, the roles that may; A the asker. */
enum { G = GH_BY_AGENCY, P = GH_BY_APPROVER, D = GH_BY_DEPARTMENT, M = GH_BY_ADMIN, A = 64 };

struct model {
    enum gh_question_state state;
    unsigned round, asked_as, messages, extends;
    bool extended;
    int64_t due;
    int64_t alarms[8]; /* still to come */
    size_t n_alarms;
    unsigned rung;
};

static bool may(const struct model *m, enum gh_question_act act, unsigned roles)
{
    static const unsigned open[GH_QUESTION_ACTS] = {[GH_QUESTION_ANSWER] = D | P,
                                                    [GH_QUESTION_EXTEND] = D | M,
                                                    [GH_QUESTION_WITHDRAW] = A | P,
                                                    [GH_QUESTION_RECOMPUTE] = M};
    static const unsigned answered[GH_QUESTION_ACTS] = {[GH_QUESTION_ANSWER] = D | P,
                                                        [GH_QUESTION_REOPEN] = A,
                                                        [GH_QUESTION_CLOSE] = A | GH_BY_GHATD,
                                                        [GH_QUESTION_WITHDRAW] = A | P};
    unsigned who = m->state == GH_QUESTION_OPEN       ? open[act]
                   : m->state == GH_QUESTION_ANSWERED ? answered[act]
                                                      : 0;
    return roles & (who | (who & A ? m->asked_as : 0));
}

static void set_alarms(struct model *m, const struct gh_question_times *t)
{
    m->n_alarms = 0;
    m->due = t->due_ms;
    m->alarms[m->n_alarms++] = t->remind_ms;
    m->alarms[m->n_alarms++] = t->due_ms;
    m->alarms[m->n_alarms++] = t->due_ms; /* escalation */
    for (int i = 0; i < GH_QUESTION_OVERDUE; i++)
        m->alarms[m->n_alarms++] = t->again_ms[i];
}

static unsigned model_ring(struct model *m, int64_t now)
{
    unsigned n = 0, left = 0;
    for (size_t i = 0; i < m->n_alarms; i++) {
        if (m->alarms[i] > now)
            m->alarms[left++] = m->alarms[i];
        else
            n++;
    }
    m->n_alarms = left;
    if (n && m->state == GH_QUESTION_ANSWERED) { /* it closed by itself */
        m->state = GH_QUESTION_CLOSED;
        m->messages++;
    }
    return n;
}

static bool act_on_model(struct model *m, enum gh_question_act act, unsigned roles, int64_t now,
                         const struct gh_question_times *longer)
{
    const struct gh_question_times fresh = times_from(now, 4);
    if (!may(m, act, roles))
        return false;
    switch (act) {
    case GH_QUESTION_ANSWER:
        if (m->state == GH_QUESTION_OPEN) {
            m->state = GH_QUESTION_ANSWERED;
            m->n_alarms = 1;
            m->alarms[0] = now + 24 * HOUR;
        }
        break;
    case GH_QUESTION_EXTEND:
        if (m->extended || now > m->due)
            return false;
        m->extended = true;
        set_alarms(m, longer);
        break;
    case GH_QUESTION_REOPEN:
        if (m->round == GH_QUESTION_ROUNDS)
            return false;
        m->round++;
        m->extended = false;
        m->state = GH_QUESTION_OPEN;
        set_alarms(m, &fresh);
        break;
    case GH_QUESTION_RECOMPUTE:
        set_alarms(m, longer);
        break;
    default:
        m->state = act == GH_QUESTION_CLOSE ? GH_QUESTION_CLOSED : GH_QUESTION_WITHDRAWN;
        m->n_alarms = 0;
        break;
    }
    m->messages++;
    return true;
}

static int act_on_ledger(struct fix *f, int64_t id, enum gh_question_act act, unsigned roles,
                         int64_t now, const struct gh_question_times *longer, struct gh_err *err)
{
    const struct gh_question_by who = by(roles, now);
    const struct gh_question_ask again = asking("again", now);
    GH_AUTO_FREE char *text = gh_asprintf("%u", ++f->next); /* nobody says the same twice */
    switch (act) {
    case GH_QUESTION_ANSWER:
        return answer(f, roles, id, text, now, err);
    case GH_QUESTION_EXTEND:
        return gh_ledger_extend(f->l, &who, id, text, now, longer, "why", err);
    case GH_QUESTION_REOPEN:
        return gh_ledger_ask_again(f->l, &who, id, &again, err);
    case GH_QUESTION_RECOMPUTE:
        return gh_ledger_recompute(f->l, &who, id, "daily 00:00-24:00", longer, "why", err);
    default:
        return gh_ledger_end_question(f->l, &who, id, act, text, err);
    }
}

static void compare(struct fix *f, int64_t id, const struct model *m)
{
    struct gh_question q = {0};
    OK(gh_ledger_question(f->l, id, &q, err));
    assert_int_equal(q.state, m->state);
    assert_int_equal(q.round, m->round);
    assert_int_equal(q.n_rounds, m->round);
    assert_int_equal(q.n_messages, m->messages);
    assert_int_equal(gh_question_now(&q)->extended_ms > 0, m->extended);
    assert_int_equal(gh_question_now(&q)->due_ms, m->due);
    assert_int_equal(gh_question_now(&q)->ended_ms == 0, m->state == GH_QUESTION_OPEN);
    gh_question_free(&q);
}

static void random_sequences_follow_the_model(void **state)
{
    static const enum gh_question_act acts[] = {
        GH_QUESTION_ANSWER, GH_QUESTION_ANSWER, GH_QUESTION_EXTEND,   GH_QUESTION_REOPEN,
        GH_QUESTION_REOPEN, GH_QUESTION_CLOSE,  GH_QUESTION_WITHDRAW, GH_QUESTION_RECOMPUTE};
    struct fix *f = *state;
    unsigned done[GH_QUESTION_ACTS] = {0}, refused = 0, rung = 0;
    srandom(2026);
    for (int i = 0; i < 120; i++) {
        int64_t now = START + i * 1000 * HOUR;
        ring(f, now); /* of those before it */
        unsigned asker = random() % 2 ? GH_BY_AGENCY : GH_BY_APPROVER;
        int64_t id = ask(f, "Why?", asker, now);
        struct gh_question_times t = times_from(now, 4);
        struct model m = {.round = 1, .asked_as = asker, .messages = 1};
        set_alarms(&m, &t);
        for (int step = 0; step < 14; step++) {
            now += random() % 4 ? random() % 100 * MINUTE : random() % 2000 * MINUTE;
            unsigned n = model_ring(&m, now);
            assert_int_equal(ring(f, now), n);
            rung += n;
            compare(f, id, &m);
            enum gh_question_act act = acts[random() % GH_LEN(acts)];
            unsigned roles = random() % 8 ? 1u << random() % 5 : GH_BY_SHELL;
            const struct gh_question_times longer = times_from(now, 12);
            struct gh_err e = {0};
            bool should = act_on_model(&m, act, roles, now, &longer);
            int is = act_on_ledger(f, id, act, roles, now, &longer, &e);
            assert_int_equal(is >= 0, should);
            assert_true(should || (e.cls == GH_LIMIT && e.msg[0]));
            *(should ? &done[act] : &refused) += 1;
            compare(f, id, &m);
        }
    }
    assert_true(done[GH_QUESTION_ANSWER] > 50 && done[GH_QUESTION_EXTEND] > 5 &&
                done[GH_QUESTION_REOPEN] > 10 && done[GH_QUESTION_CLOSE] > 3 &&
                done[GH_QUESTION_WITHDRAW] > 10 && refused > 200 && rung > 100);
    assert_int_equal(count(f,
                           "SELECT count(*) FROM (SELECT kind FROM notice GROUP BY kind, subject,"
                           " revision, recipient, channel HAVING count(*) > 1)"),
                     0);
    chain_holds(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_question_is_asked_answered_and_closes_by_itself),
        T(an_overdue_question_is_told_and_escalated_once),
        T(more_time_is_given_once_before_it_is_due),
        T(it_is_asked_again_twice_at_most),
        T(what_is_said_twice_is_kept_once),
        T(what_is_held_for_an_answer_comes_back),
        T(the_hook_is_told_after_the_commit),
        T(lists_are_in_order_of_their_due_times),
        T(pages_go_on_where_the_last_one_ended),
        T(counts_are_those_of_the_lists),
        T(what_waits_is_found_by_the_index),
        T(random_sequences_follow_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
