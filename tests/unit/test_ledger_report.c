/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a ledger that was written by hand, against figures that were worked out by hand. */
#include "tests/unit/ledger_fix.h"

#include "daemon/site/days.h"

#include <inttypes.h>
#include <stdlib.h>

#define DAY ((int64_t)86400000)
#define D0 (20000 * DAY) /* Friday, 4 October 2024 */
#define MINUTES(n) ((int64_t)(n)*60000)

/* D0 to D3 in the text stand for the beginnings of those days, @5 for five minutes. */
static void sql(struct fix *f, const char *text)
{
    GH_AUTO_STR s = {0};
    sqlite3 *db;
    char *why = NULL;
    for (const char *c = text; *c; c++) {
        if (*c == 'D' && c[1] >= '0' && c[1] <= '3')
            gh_str_printf(&s, "%" PRId64, D0 + (*++c - '0') * DAY);
        else if (*c == '@')
            gh_str_puts(&s, "60000 * ");
        else
            gh_str_add(&s, c, 1);
    }
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, gh_str_text(&s), NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", gh_str_text(&s), why);
    sqlite3_close(db);
}

static void write_ledger(struct fix *f)
{
    sql(f, "INSERT INTO submission(id, department, name, kind, state, dropped_ms, staged_ms,"
           " approved_ms, delivered_ms, posted_ms) VALUES"
           "(1,'roads',x'61','file','delivered',D0+@10,D0+@11,D0+@21,D1+@21,D1+@51),"
           "(2,'roads',x'61','file','decided',D0+@20,D0+@23,D1+@23,0,0),"
           "(3,'roads',x'61','file','decided',D0+@30,D0+@35,0,0,0),"
           "(4,'roads',x'61','file','quarantined',D1,0,0,0,0),"
           "(5,'roads',x'61','file','duplicate',D1+@1,0,0,0,0),"
           "(6,'roads',x'61','file','staged',D0-@5,D0+@5,0,0,0)," /* dropped the day before */
           "(7,'roads',x'61','file','received',D3,0,0,0,0),"      /* the day after */
           "(8,'water',x'61','file','decided',D2+@1,D2+@3,D2+@7,0,0),"
           "(9,'water',x'61','file','decided',D2+@2,D2+@4,0,0,0),"
           "(10,'roads',x'61','file','delivered',D1+@2,0,0,0,0)," /* answers, words for Ghat */
           "(11,'lights',x'61','file','delivered',D1+@2,0,0,0,0);"
           "INSERT INTO decision(id, submission, time_ms, actor, verdict, outputs, reason) VALUES"
           "(1,1,D0+@21,'a','approve','',NULL),(2,2,D1+@23,'a','approve','',NULL),"
           "(3,3,D0+@40,'a','reject','','Picture is not clear\nthe wrong bridge'),"
           "(4,3,D1+@40,'a','reject','','Picture is not clear'),"
           "(5,8,D2+@5,'a','reject','','Sensitive place')," /* undone */
           "(6,8,D2+@7,'a','approve','',NULL),"             /* can still be undone */
           "(7,9,D2+@8,'a','reject','','too dark'),"        /* the same */
           "(8,2,D1+@50,'a','hold','','Sensitive place');"
           /* of one item two links, of the same two days, and one more later: what was taken down,
              or refused, is none */
           "INSERT INTO delivery(submission, placement, said, time_ms, actor, text) VALUES"
           "(1,'fb.photo','posted',D1+@51,'a','https://"
           "a'),(1,'x.photo','posted',D1+@52,'a','https://b'),"
           "(2,'x.photo','posted',D2+@1,'a','https://c'),(2,'x.photo','removed',D2+@2,'a',''),"
           "(2,'x.photo','refused',D2+@3,'a','no'),(2,'x.photo','posted',D3,'a','https://d');"
           "INSERT INTO voided(decision, time_ms, actor) VALUES(5,D2+@6,'a');"
           "INSERT INTO pending(decision, submission, undo_ms) VALUES(6,8,1),(7,9,1);");
    sql(f,
        "INSERT INTO question(id, department, asked_by, asked_as, asked_ms, text, state, round,"
        " answered_ms) VALUES(1,'roads','a',1,D0,'t','closed',1,D0+@120),"
        "(2,'roads','a',1,D0,'t','open',2,0),(3,'roads','a',1,D1,'t','open',1,0),"
        "(4,'roads','a',1,D1,'t','withdrawn',1,0),(5,'roads','a',1,D3,'t','open',1,0);"
        "INSERT INTO question_round(question, round, began_ms, calendar, explained, remind_ms,"
        " due_ms, extended_ms, ended_ms, counted_ms) VALUES"
        "(1,1,D0,'c','e',1,D0+@240,0,D0+@120,@100),"        /* in time */
        "(2,1,D0+@1,'c','e',1,D0+@241,D0+@9,D0+@300,@290)," /* more time, and too late */
        "(2,2,D1,'c','e',1,D1+@240,0,0,0),"                 /* overdue */
        "(3,1,D1,'c','e',1,D3+@1,0,0,0),"                   /* not due yet */
        "(4,1,D1,'c','e',1,D1+@240,0,D1+@5,0),"             /* withdrawn */
        "(5,1,D3,'c','e',1,D3+@240,0,0,0);"
        "INSERT INTO event(department, sequence, title, starts_ms, ends_ms, all_day, place, ward,"
        " material, state, revision, folder, expect_ms, made_by, made_ms, changed_ms)"
        " SELECT d, 0, 't', s, s, 0, '', '', '', z, 1, '', s, 'a', s, s FROM (SELECT 'roads' AS d,"
        " D0 AS s, 'covered' AS z UNION ALL SELECT 'roads', D1, 'missed' UNION ALL"
        " SELECT 'roads', D1, 'cancelled' UNION ALL SELECT 'roads', D2, 'changed' UNION ALL"
        " SELECT 'roads', D3, 'announced' UNION ALL SELECT 'aaa', D2, 'announced')");
}

static const int64_t days[] = {D0, D0 + DAY, D0 + 2 * DAY, D0 + 3 * DAY};

static void report(struct fix *f, const char *departments, bool outside, struct gh_reports *ret)
{
    const struct gh_report_ask ask = {.days = days,
                                      .n_days = 3,
                                      .now_ms = D0 + 3 * DAY,
                                      .departments = departments,
                                      .outside = outside};
    OK(gh_ledger_report(f->l, &ask, ret, err));
}

static void took(struct gh_took t, int64_t median, int64_t max)
{
    assert_int_equal(t.median_ms, median < 0 ? -1 : MINUTES(median));
    assert_int_equal(t.max_ms, max < 0 ? -1 : MINUTES(max));
}

static void counts(const struct gh_day_figures *n, const char *figures)
{
    char text[128];
    GH_FORMAT(text, "%u %u %u %u %u %u %u %u %u", n->dropped, n->duplicates, n->refused, n->staged,
              n->approved, n->rejected, n->collected, n->posted, n->links);
    assert_string_equal(text, figures);
}

static void figures_are_those_of_the_hand(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    write_ledger(f);
    report(f, NULL, false, &all);
    assert_int_equal(all.n, 3);
    assert_string_equal(all.list[0].department, "aaa");
    assert_string_equal(all.list[1].department, "roads");
    assert_string_equal(all.list[2].department, "water");
    const struct gh_report *roads = &all.list[1], *water = &all.list[2];
    counts(&all.list[0].n, "0 0 0 0 0 0 0 0 0");
    counts(&roads->n, "5 1 1 4 2 1 1 1 3");
    counts(&roads->days[0], "3 0 0 4 1 1 0 0 0");
    counts(&roads->days[1], "2 1 1 0 1 0 1 1 2");
    counts(&roads->days[2], "0 0 0 0 0 0 0 0 1");
    counts(&water->n, "2 0 0 2 1 1 0 0 0");
    counts(&all.all.n, "7 1 1 6 3 2 1 1 3");
    counts(&all.all.days[2], "2 0 0 2 1 1 0 0 1");
    took(roads->to_staged, 5, 10);        /* 1 3 5 10 */
    took(roads->to_approved, 1440, 1440); /* 10 1440 */
    took(roads->to_collected, 1440, 1440);
    took(roads->to_posted, 1470, 1470);
    took(water->to_approved, 4, 4);
    took(water->to_posted, -1, -1);
    took(all.all.to_staged, 3, 10);         /* 1 2 2 3 5 10 */
    took(all.all.to_approved, 10, 1440);    /* 4 10 1440 */
    assert_int_equal(roads->reasons[0], 1); /* "Picture is not clear", of one item twice */
    assert_int_equal(roads->reasons[3], 0); /* held for it */
    assert_int_equal(roads->reasons[GH_REPORT_REASONS - 1], 1);
    assert_int_equal(water->reasons[3], 0); /* undone */
    assert_int_equal(water->reasons[GH_REPORT_REASONS - 1], 1);
}

static void questions_and_events_add_up(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    write_ledger(f);
    report(f, NULL, false, &all);
    const struct gh_report *r = &all.list[1];
    assert_int_equal(r->questions.asked, 5);
    assert_int_equal(r->questions.in_time, 1);
    assert_int_equal(r->questions.missed, 2);
    assert_int_equal(r->questions.open, 1);
    assert_int_equal(r->questions.withdrawn, 1);
    assert_int_equal(r->questions.extended, 1);
    took(r->questions.counted, 290, 290);
    took(r->questions.wall, 299, 299);
    assert_int_equal(r->events.announced, 4);
    assert_int_equal(r->events.covered, 1);
    assert_int_equal(r->events.missed, 1);
    assert_int_equal(r->events.cancelled, 1);
    assert_int_equal(r->events.coming, 1);
    assert_int_equal(all.all.events.announced, 5);
    assert_int_equal(all.all.questions.asked, 5);
}

static void a_department_is_told_of_itself_and_of_what_is_out(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports seen = {0};
    write_ledger(f);
    report(f, ",lights,water,", true, &seen);
    assert_int_equal(seen.n, 1);
    counts(&seen.all.n, "2 0 0 2 0 0 0 0 0");
    counts(&seen.list[0].n, "2 0 0 2 0 0 0 0 0");
    assert_int_equal(seen.all.questions.asked + seen.all.events.announced, 0);
    took(seen.all.to_approved, -1, -1);
    gh_reports_free(&seen);
    sql(f, "DELETE FROM pending");
    report(f, ",lights,water,", true, &seen);
    counts(&seen.all.n, "2 0 0 2 1 1 0 0 0");
    gh_reports_free(&seen);
    /* another approval that waits hides none that is out */
    sql(f, "INSERT INTO decision(id, submission, time_ms, actor, verdict, outputs) VALUES"
           "(9,1,D1,'a','approve',''); INSERT INTO pending VALUES(9,1,1)");
    report(f, ",roads,", true, &seen);
    counts(&seen.all.n, "5 1 1 4 2 1 1 1 3");
}

static void of_nothing_there_is_nothing(void **state)
{
    GH_AUTO(gh_reports_free) struct gh_reports none = {0};
    report(*state, NULL, false, &none);
    assert_int_equal(none.n, 0);
    counts(&none.all.n, "0 0 0 0 0 0 0 0 0");
    took(none.all.to_staged, -1, -1);
    took(none.all.questions.wall, -1, -1);
}

/* However short the steps are, and whoever writes between them: what is counted and taken off again
 * is so of one moment. */
static void in_steps_it_is_the_same(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0}, steps = {0};
    const struct gh_report_ask ask = {.days = days, .n_days = 3, .now_ms = D0 + 3 * DAY};
    struct gh_report_work *w = gh_report_begin(&ask);
    unsigned turns = 0;
    write_ledger(f);
    report(f, NULL, false, &all);
    while (gh_report_go(w, f->l, 0, NULL) == 1) {
        sql(f, "INSERT INTO submission(department, name, kind, state, dropped_ms)"
               " VALUES('lights',x'61','file','delivered',D0+@1),"
               "('lights',x'61','file','delivered',D1+@1),"
               "('lights',x'61','file','delivered',D2+@1)");
        turns++;
    }
    gh_report_take(w, &steps);
    gh_report_work_free(&w);
    assert_true(turns > 20);
    assert_int_equal(steps.n, all.n);
    for (size_t i = 0; i <= all.n; i++) {
        const struct gh_report *a = i < all.n ? &all.list[i] : &all.all;
        const struct gh_report *b = i < all.n ? &steps.list[i] : &steps.all;
        assert_memory_equal(a->days, b->days, 3 * sizeof(*a->days));
        assert_memory_equal(a->reasons, b->reasons, sizeof(a->reasons));
        assert_memory_equal(&a->to_staged, &b->to_staged, 4 * sizeof(a->to_staged));
        assert_memory_equal(&a->questions, &b->questions, sizeof(a->questions));
        assert_memory_equal(&a->events, &b->events, sizeof(a->events));
    }
    w = gh_report_begin(&ask); /* and it can be given up */
    assert_int_equal(gh_report_go(w, f->l, 0, NULL), 1);
    gh_report_work_free(&w);
}

/* A day on which ten thousand came, behind years of which there is little, is not read in one go.
 */
static void a_busy_day_is_read_in_many_steps(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    const struct gh_report_ask ask = {.days = days, .n_days = 3, .now_ms = D0 + 3 * DAY};
    struct gh_report_work *w = gh_report_begin(&ask);
    unsigned turns = 0;
    sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
           " INSERT INTO submission(department, name, kind, state, dropped_ms)"
           " SELECT 'lights', x'61', 'file', 'received', D2 + 1000 * (i / 2) FROM n;"
           " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
           " INSERT INTO submission(department, name, kind, state, dropped_ms)" /* in a moment */
           " SELECT 'lights', x'61', 'file', 'received', D2 + 6000000 FROM n");
    while (gh_report_go(w, f->l, 0, NULL) == 1)
        turns++;
    gh_report_take(w, &all);
    gh_report_work_free(&w);
    assert_true(turns > 50);
    assert_int_equal(all.all.days[2].dropped, 10500);
}

/* However long the time is, of which there is little. */
static void of_ten_thousand_years_it_is_as_quick(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    const int64_t ever[] = {-200000 * 365 * DAY, INT64_MAX};
    const struct gh_report_ask ask = {.days = ever, .n_days = 1, .now_ms = D0 + 3 * DAY};
    write_ledger(f);
    for (int times = 0; times < 20; times++) {
        gh_reports_free(&all);
        OK(gh_ledger_report(f->l, &ask, &all, err));
    }
    assert_int_equal(all.all.n.dropped, 9);
    assert_int_equal(all.all.n.links, 4);
    assert_int_equal(all.all.events.announced, 6);
    assert_int_equal(all.all.questions.asked, 6);
}

/* Many rejections, of many submissions, in pieces of time. */
static void a_submission_is_rejected_once_however_often(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
           " INSERT INTO submission(id, department, name, kind, state, dropped_ms)"
           " SELECT i,'roads',x'61','file','decided',D0+@1 FROM n;"
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1800)"
           " INSERT INTO decision(id, submission, time_ms, actor, verdict, outputs, reason)"
           " SELECT i, (i - 1) % 900 + 1, D0 + @2 * i, 'a', 'reject', '', CASE WHEN i % 2"
           " THEN 'Picture is not clear' ELSE 'too dark' END FROM n");
    report(f, NULL, false, &all);
    assert_int_equal(all.all.n.rejected, 900);
    assert_int_equal(all.all.days[0].rejected, 719);
    assert_int_equal(all.all.reasons[0], 450);
    assert_int_equal(all.all.reasons[GH_REPORT_REASONS - 1], 450);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* However many there are, and however many are alike. */
static void medians_are_those_of_a_sorted_list(void **state)
{
    struct fix *f = *state;
    int64_t spans[200];
    srand(7);
    for (size_t n = 1; n <= GH_LEN(spans); n = n * 3 / 2 + 1) {
        GH_AUTO(gh_reports_free) struct gh_reports all = {0};
        GH_AUTO_STR rows = {0};
        gh_str_puts(&rows, "DELETE FROM submission; INSERT INTO submission(department, name, kind,"
                           " state, dropped_ms, staged_ms) VALUES");
        for (size_t i = 0; i < n; i++) {
            spans[i] = rand() % (n % 2 ? 1000000 : 7);
            gh_str_printf(&rows, "%s('roads',x'61','file','staged',D0,D0+%" PRId64 ")",
                          i ? "," : "", spans[i]);
        }
        sql(f, gh_str_text(&rows));
        report(f, NULL, false, &all);
        qsort(spans, n, sizeof(*spans), compare);
        assert_int_equal(all.all.to_staged.median_ms, spans[n / 2]);
        assert_int_equal(all.all.to_staged.max_ms, spans[n - 1]);
    }
}

/* ------------------------------------------------------------------------------------------ days
 */

static void days_without_are_days_on_duty_that_are_over(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    GH_AUTO(gh_days_free) struct gh_days span = {0};
    GH_AUTO(gh_calendar_free) struct gh_calendar week = {0};
    struct gh_department d = {.slug = "roads"};
    unsigned of = 9;
    write_ledger(f);
    report(f, ",roads,", false, &all);
    struct gh_day_figures nothing[3] = {{0}};
    const struct gh_report silent = {.days = nothing}, *none = &silent;
    assert_int_equal(all.since_ms, D0 - MINUTES(5));
    gh_days_of(D0, D0 + 3 * DAY, 400, &span); /* Friday to Sunday */
    assert_int_equal(span.n, 3);
    assert_memory_equal(span.begin, days, sizeof(days));
    assert_int_equal(gh_days_without(&d, &span, &all, none, D0 + 9 * DAY, &of),
                     0); /* never on duty */
    assert_int_equal(of, 0);
    OK(gh_calendar_parse("daily 08:00-22:00", &week, err));
    d.calendar = week;
    assert_int_equal(gh_days_without(&d, &span, &all, &all.list[0], D0 + 3 * DAY, &of), 1);
    assert_int_equal(of, 3);
    assert_int_equal(gh_days_without(&d, &span, &all, &all.list[0], D0 + 3 * DAY - 1, &of), 0);
    assert_int_equal(of, 2); /* Sunday is not over */
    assert_int_equal(gh_days_without(&d, &span, &all, none, D0 + 3 * DAY, NULL), 3);
    all.since_ms = D0 + DAY; /* nobody had sent anything before */
    assert_int_equal(gh_days_without(&d, &span, &all, none, D0 + 3 * DAY, &of), 2);
    assert_int_equal(of, 2);
    all.since_ms = D0;
    gh_calendar_free(&week);
    OK(gh_calendar_parse("mon-fri 10:00-17:00", &week, err));
    d.calendar = week;
    assert_int_equal(gh_days_without(&d, &span, &all, none, D0 + 9 * DAY, &of), 1);
    assert_int_equal(of, 1);
    gh_days_free(&span);
    gh_days_of(D0, D0 + 3 * DAY, 2, &span); /* too many: one span */
    assert_int_equal(span.n, 1);
    assert_int_equal(span.begin[1], D0 + 3 * DAY);
}

/* A day may have 23 hours. */
static void days_are_those_of_the_zone(void **state)
{
    GH_AUTO(gh_days_free) struct gh_days span = {0};
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    int64_t first = gh_day_of_date(2026, 3, 28), from = gh_moment_of(first, 0, false);
    gh_days_of(from, gh_moment_of(first + 3, 0, false), 400, &span);
    setenv("TZ", "UTC", 1);
    tzset();
    assert_int_equal(span.n, 3);
    assert_int_equal(span.begin[2] - span.begin[1], DAY - MINUTES(60));
    assert_int_equal(span.begin[3] - span.begin[2], DAY);
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_are_those_of_the_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(questions_and_events_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_department_is_told_of_itself_and_of_what_is_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_nothing_there_is_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(of_ten_thousand_years_it_is_as_quick, setup, teardown),
        cmocka_unit_test_setup_teardown(in_steps_it_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_busy_day_is_read_in_many_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(a_submission_is_rejected_once_however_often, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(medians_are_those_of_a_sorted_list, setup, teardown),
        cmocka_unit_test_setup_teardown(days_without_are_days_on_duty_that_are_over, setup,
                                        teardown),
        cmocka_unit_test(days_are_those_of_the_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
