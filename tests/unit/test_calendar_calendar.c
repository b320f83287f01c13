/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counted hours: the worked rows of the design, days on which the clocks change, calendars as
 * people write them, and a judge that counts in its own way. */
#include "tests/unit/test.h"

#include "base/words.h"
#include "daemon/calendar/calendar.h"
#include "daemon/question/times.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define HOUR ((int64_t)3600 * 1000)
#define MINUTE ((int64_t)60 * 1000)

static void zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

/* "2026-12-01 10:15" on the clocks of the zone, as milliseconds. */
static int64_t at(const char *text)
{
    struct tm tm = {.tm_isdst = -1};
    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                            &tm.tm_hour, &tm.tm_min),
                     5);
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (int64_t)mktime(&tm) * 1000;
}

static void same_time(int64_t is, const char *should)
{
    char text[32];
    time_t t = (time_t)(is / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
    assert_string_equal(text, should);
}

static struct gh_calendar calendar(const char *text)
{
    struct gh_calendar c = {0};
    struct gh_err err = {0};
    OK(gh_calendar_parse(text, &c, &err));
    return c;
}
#define CALENDAR GH_AUTO(gh_calendar_free) struct gh_calendar

#define DUTY "daily 08:00-22:00"
#define OFFICE "mon-fri 10:00-17:30; closed 2026-12-25"
#define LUNCH "mon-fri 10:00-13:30 14:00-17:30, sat 10:00-14:00"

static const struct row {
    const char *calendar, *asked, *remind, *due, *longer_remind, *longer_due;
} rows[] = {
    {DUTY, "2026-12-01 10:15", "2026-12-01 12:15", "2026-12-01 14:15", "2026-12-01 20:15",
     "2026-12-02 08:15"},
    {DUTY, "2026-12-01 18:00", "2026-12-01 20:00", "2026-12-01 22:00", "2026-12-02 14:00",
     "2026-12-02 16:00"},
    {DUTY, "2026-12-01 19:30", "2026-12-01 21:30", "2026-12-02 09:30", "2026-12-02 15:30",
     "2026-12-02 17:30"},
    {DUTY, "2026-12-01 21:00", "2026-12-02 09:00", "2026-12-02 11:00", "2026-12-02 17:00",
     "2026-12-02 19:00"},
    {DUTY, "2026-12-01 23:40", "2026-12-02 10:00", "2026-12-02 12:00", "2026-12-02 18:00",
     "2026-12-02 20:00"},
    {DUTY, "2026-12-02 03:00", "2026-12-02 10:00", "2026-12-02 12:00", "2026-12-02 18:00",
     "2026-12-02 20:00"},
    {OFFICE, "2026-12-23 16:00", "2026-12-24 10:30", "2026-12-24 12:30", "2026-12-28 11:00",
     "2026-12-28 13:00"},
    {OFFICE, "2026-12-24 13:30", "2026-12-24 15:30", "2026-12-24 17:30", "2026-12-28 16:00",
     "2026-12-29 10:30"},
    {OFFICE, "2026-12-24 16:00", "2026-12-28 10:30", "2026-12-28 12:30", "2026-12-29 11:00",
     "2026-12-29 13:00"},
    {OFFICE, "2026-12-26 12:00", "2026-12-28 12:00", "2026-12-28 14:00", "2026-12-29 12:30",
     "2026-12-29 14:30"},
    {LUNCH, "2026-12-04 12:00", "2026-12-04 14:30", "2026-12-04 16:30", "2026-12-07 11:00",
     "2026-12-07 13:00"},
    {LUNCH, "2026-12-05 13:00", "2026-12-07 11:00", "2026-12-07 13:00", "2026-12-08 12:00",
     "2026-12-08 14:30"},
    {GH_CALENDAR_ALWAYS, "2026-12-01 23:40", "2026-12-02 01:40", "2026-12-02 03:40",
     "2026-12-02 09:40", "2026-12-02 11:40"},
};

static void test_the_worked_rows(void **state)
{
    (void)state;
    zone("Asia/Kolkata");
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        CALENDAR c = calendar(rows[i].calendar);
        struct gh_question_times t;
        struct gh_err err = {0};
        OK(gh_question_times(&c, at(rows[i].asked), false, false, &t, &err));
        same_time(t.remind_ms, rows[i].remind);
        same_time(t.due_ms, rows[i].due);
        assert_int_equal(gh_calendar_counted(&c, at(rows[i].asked), t.due_ms), 4 * HOUR);
        OK(gh_question_times(&c, at(rows[i].asked), true, false, &t, &err));
        same_time(t.remind_ms, rows[i].longer_remind);
        same_time(t.due_ms, rows[i].longer_due);
    }
}

static void test_twelve_hours_by_the_wall(void **state)
{
    static const struct {
        const char *calendar, *asked, *due;
    } cases[] = {
        {DUTY, "2026-12-01 10:00", "2026-12-01 22:00"}, /* ends just at closing */
        {DUTY, "2026-12-01 10:15", "2026-12-02 08:00"}, /* at night: the next opening */
        {DUTY, "2026-12-01 22:00", "2026-12-02 12:00"}, /* not before the first due time */
        {DUTY, "2026-12-01 08:30", "2026-12-01 20:30"},
        {OFFICE, "2026-12-24 16:00", "2026-12-28 12:30"},
    };
    (void)state;
    zone("Asia/Kolkata");
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        CALENDAR c = calendar(cases[i].calendar);
        struct gh_question_times t;
        struct gh_err err = {0};
        OK(gh_question_times(&c, at(cases[i].asked), true, true, &t, &err));
        same_time(t.due_ms, cases[i].due);
        assert_true(t.remind_ms <= t.due_ms);
    }
}

static void test_overdue_is_told_in_open_hours(void **state)
{
    (void)state;
    zone("Asia/Kolkata");
    CALENDAR c = calendar(DUTY);
    struct gh_question_times t;
    struct gh_err err = {0};
    OK(gh_question_times(&c, at("2026-12-01 15:30"), false, false, &t, &err));
    same_time(t.due_ms, "2026-12-01 19:30");
    same_time(t.again_ms[0], "2026-12-01 21:30");
    same_time(t.again_ms[1], "2026-12-02 09:30");
    same_time(t.again_ms[2], "2026-12-02 11:30");
}

/* Berlin, 29 March 2026: 02:00 becomes 03:00; 25 October: 03:00 becomes 02:00. Beirut's clocks leap
 * over midnight. */
static void test_clocks_that_change(void **state)
{
    static const struct {
        const char *zone, *calendar, *asked, *due;
        int64_t counted;
    } cases[] = {
        {"Europe/Berlin", DUTY, "2026-03-28 21:00", "2026-03-29 11:00", 4 * HOUR},
        {"Europe/Berlin", GH_CALENDAR_ALWAYS, "2026-03-28 23:40", "2026-03-29 04:40", 4 * HOUR},
        {"Europe/Berlin", GH_CALENDAR_ALWAYS, "2026-10-24 23:40", "2026-10-25 02:40", 4 * HOUR},
        {"Europe/Berlin", GH_CALENDAR_ALWAYS, "2026-10-24 23:40", "2026-10-25 03:40", 5 * HOUR},
        {"Europe/Berlin", GH_CALENDAR_ALWAYS, "2026-10-25 00:00", "2026-10-26 00:00", 25 * HOUR},
        {"Europe/Berlin", GH_CALENDAR_ALWAYS, "2026-03-29 00:00", "2026-03-30 00:00", 23 * HOUR},
        /* opens at a time that no clock shows */
        {"Europe/Berlin", "daily 02:30-06:00", "2026-03-29 01:00", "2026-03-29 04:00", HOUR},
        {"Asia/Beirut", GH_CALENDAR_ALWAYS, "2026-03-28 23:30", "2026-03-29 01:30", HOUR},
    };
    (void)state;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        zone(cases[i].zone);
        CALENDAR c = calendar(cases[i].calendar);
        struct gh_err err = {0};
        int64_t due = 0, from = at(cases[i].asked);
        OK(gh_calendar_add(&c, from, cases[i].counted, &due, &err));
        same_time(due, cases[i].due);
        assert_int_equal(gh_calendar_counted(&c, from, due), cases[i].counted);
    }
}

static void test_what_is_added_is_what_is_counted(void **state)
{
    static const char *const zones[] = {"Asia/Kolkata", "Europe/Berlin", "America/New_York",
                                        "Australia/Lord_Howe", "Asia/Beirut"};
    static const char *const texts[] = {DUTY, OFFICE, LUNCH, GH_CALENDAR_ALWAYS,
                                        "sun 00:00-03:00, wed 01:30-02:30 23:00-24:00"};
    (void)state;
    srandom(26);
    for (int i = 0; i < 4000; i++) {
        zone(zones[random() % 5]);
        CALENDAR c = calendar(texts[random() % 5]);
        struct gh_err err = {0};
        int64_t from =
                    at("2026-01-01 00:00") + random() % (365 * 24 * 60) * MINUTE + random() % 60000,
                counted = random() % (48 * 60) * MINUTE + 1, due = 0;
        OK(gh_calendar_add(&c, from, counted, &due, &err));
        assert_int_equal(gh_calendar_counted(&c, from, due), counted);
        assert_true(gh_calendar_counted(&c, from, due - 1) == counted - 1);
    }
}

static void test_the_explanation(void **state)
{
    static const struct {
        const char *calendar, *asked, *say;
    } cases[] = {
        {DUTY, "2026-12-01 21:00",
         "asked Tue 21:00 · Tue 21:00–22:00 counts 1 h · closed until Wed 08:00 · Wed "
         "08:00–11:00 counts 3 h · due Wed 11:00"},
        {DUTY, "2026-12-01 10:15", "asked Tue 10:15 · Tue 10:15–14:15 counts 4 h · due Tue 14:15"},
        {LUNCH, "2026-12-04 12:00",
         "asked Fri 12:00 · Fri 12:00–13:30 counts 1 h 30 min · closed until Fri 14:00 · "
         "Fri 14:00–16:30 counts 2 h 30 min · due Fri 16:30"},
        {GH_CALENDAR_ALWAYS, "2026-12-01 23:40",
         "asked Tue 23:40 · Tue 23:40–Wed 03:40 counts 4 h · due Wed 03:40"},
    };
    (void)state;
    zone("Asia/Kolkata");
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        CALENDAR c = calendar(cases[i].calendar);
        GH_AUTO_STR s = {0};
        struct gh_err err = {0};
        int64_t due = 0;
        OK(gh_calendar_add(&c, at(cases[i].asked), 4 * HOUR, &due, &err));
        gh_calendar_explain(&c, at(cases[i].asked), due, gh_words_of("en"), &s);
        assert_string_equal(gh_str_text(&s), cases[i].say);
    }
}

static void test_calendars_are_read_and_written(void **state)
{
    static const struct {
        const char *text, *again;
    } cases[] = {
        {"daily 08:00-22:00", "daily 08:00-22:00"},
        {"Mon-Fri 9:30-13:30  14:00-17:30 , Sat 10:00-14:00",
         "mon-fri 09:30-13:30 14:00-17:30, sat 10:00-14:00"},
        {"sat-mon 10:00-12:00", "mon 10:00-12:00, sat-sun 10:00-12:00"},
        {"daily 10:00-12:00, sun 00:00-24:00", "mon-sat 10:00-12:00, sun 00:00-24:00"},
        {"mon-fri 10:00-12:00; closed 2026-12-24 to 2026-12-26, 2026-12-31; open 2026-12-26, "
         "2026-12-27 10:00-11:00",
         "mon-fri 10:00-12:00; closed 2026-12-24; closed 2026-12-25; closed 2026-12-26; open "
         "2026-12-27 10:00-11:00; closed 2026-12-31"},
    };
    static const char *const wrong[] = {
        "",
        "always",
        "daily",
        "mon- 10:00-12:00",
        "mon 10:00",
        "mon 12:00-10:00",
        "mon 22:00-06:00",
        "mon 10:00-12:00 11:00-13:00",
        "mon 10:00-25:00",
        "mon 10:60-12:00",
        "mon 10:00-12:00; closed",
        "mon 10:00-12:00; closed 2026-02-30",
        "mon 10:00-12:00; closed 2026-13-01",
        "mon 10:00-12:00; closed 2026-12-25 to 2026-12-24",
        "mon 10:00-12:00; closed 2026-12-25 to 2036-12-24",
        "mon 10:00-12:00; shut 2026-12-25",
        "mon 10:00-12:00 x",
        "mon 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00 11:00-12:00 13:00-14:00",
    };
    (void)state;
    zone("Asia/Kolkata");
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        CALENDAR c = calendar(cases[i].text);
        GH_AUTO_STR s = {0}, twice = {0};
        gh_calendar_text(&c, at("2026-12-01 00:00"), 60, &s);
        assert_string_equal(gh_str_text(&s), cases[i].again);
        CALENDAR back = calendar(gh_str_text(&s));
        gh_calendar_text(&back, at("2026-12-01 00:00"), 60, &twice);
        assert_string_equal(gh_str_text(&twice), gh_str_text(&s));
    }
    for (size_t i = 0; i < GH_LEN(wrong); i++) {
        CALENDAR c = {0};
        struct gh_err err = {0};
        FAILS(GH_CONFIG, gh_calendar_parse(wrong[i], &c, &err));
        assert_true(err.msg[0] != '\0');
    }
}

static void test_a_calendar_that_never_opens_is_told(void **state)
{
    (void)state;
    zone("Asia/Kolkata");
    CALENDAR c = calendar("mon 10:00-12:00; closed 2026-01-01 to 2026-12-31");
    struct gh_err err = {0};
    int64_t due = 0;
    OK(gh_calendar_close(&c, "2027-01-01 to 2027-12-31", &err));
    FAILS(GH_LIMIT, gh_calendar_add(&c, at("2026-02-01 00:00"), HOUR, &due, &err));
    FAILS(GH_LIMIT, gh_calendar_opening(&c, at("2026-02-01 00:00"), &due, &err));
    OK(gh_calendar_open(&c, "2026-12-27 10:00-11:00", &err));
    OK(gh_calendar_add(&c, at("2026-02-01 00:00"), HOUR, &due, &err));
    same_time(due, "2026-12-27 11:00");
}

/* ../shared/judge/clock.py, which counts civil time in Python, on random calendars and times. */
#define JUDGE "../shared/judge/clock.py"
static const char script[] =
    "import io, contextlib, random, runpy, sys\n"
    "from datetime import datetime as D, timedelta as T\n"
    "with contextlib.redirect_stdout(io.StringIO()): add = runpy.run_path('" JUDGE "')['add']\n"
    "random.seed(20); names = 'mon tue wed thu fri sat sun'.split()\n"
    "def spans():\n"
    "    cuts = sorted(random.sample(range(0, 97), 2 * random.randint(1, 3)))\n"
    "    return [(a // 4, a % 4 * 15, b // 4, b % 4 * 15) for a, b in zip(cuts[::2], cuts[1::2])]\n"
    "for k in range(2000):\n"
    "    hours = {d: spans() for d in random.sample(range(7), random.randint(2, 7))}\n"
    "    start = D(2026, 1, 1) + T(minutes=random.randrange(365 * 1440))\n"
    "    hol = {(start + T(days=random.randrange(20))).date() for _ in "
    "range(random.randrange(6))}\n"
    "    text = ', '.join(names[d] + ''.join(' %02d:%02d-%02d:%02d' % s for s in h)\n"
    "                     for d, h in hours.items()) + ''.join('; closed %s' % h for h in "
    "sorted(hol))\n"
    "    for j in range(50):\n"
    "        s = start + T(minutes=random.randrange(3000)); m = random.choice((120, 240, 600, 720, "
    "random.randrange(3000)))\n"
    "        print(s.strftime('%Y-%m-%d %H:%M'), m, add(s, m, hours, hol).strftime('%Y-%m-%d "
    "%H:%M'), text, sep='|')\n";

static void test_the_judge_agrees(void **state)
{
    char line[1024];
    size_t n = 0;
    (void)state;
    if (access(JUDGE, R_OK) != 0) {
        print_message("no " JUDGE "\n");
        skip();
    }
    zone("Asia/Kolkata");
    TEST_DIR dir = test_dir_new();
    GH_AUTO_FD fd = openat(dir.fd, "judge.py", O_WRONLY | O_CREAT, 0600);
    struct gh_err err = {0};
    OK(gh_write_all(fd, script, strlen(script), &err));
    GH_AUTO_FREE char *command = gh_asprintf("python3 %s/judge.py", dir.path);
    FILE *judge = popen(command, "r");
    assert_non_null(judge);
    GH_AUTO_FREE char *known = gh_strdup("");
    CALENDAR c = {0};
    while (fgets(line, sizeof(line), judge)) {
        char *at_ = line, *start = strsep(&at_, "|"), *minutes = strsep(&at_, "|"),
             *should = strsep(&at_, "|");
        int64_t due = 0;
        at_[strcspn(at_, "\n")] = '\0';
        if (strcmp(known, at_) != 0) {
            free(known);
            known = gh_strdup(at_);
            gh_calendar_free(&c);
            c = calendar(known);
        }
        OK(gh_calendar_add(&c, at(start), strtoll(minutes, NULL, 10) * MINUTE, &due, &err));
        same_time(due, should);
        n++;
    }
    assert_int_equal(pclose(judge), 0);
    assert_int_equal(n, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_worked_rows),
        cmocka_unit_test(test_twelve_hours_by_the_wall),
        cmocka_unit_test(test_overdue_is_told_in_open_hours),
        cmocka_unit_test(test_clocks_that_change),
        cmocka_unit_test(test_what_is_added_is_what_is_counted),
        cmocka_unit_test(test_the_explanation),
        cmocka_unit_test(test_calendars_are_read_and_written),
        cmocka_unit_test(test_a_calendar_that_never_opens_is_told),
        cmocka_unit_test(test_the_judge_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
