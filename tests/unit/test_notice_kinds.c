/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a notice is sent: at once, at the end of the night, or with the day's digest. */
#include "daemon/notice/kinds.h"

#include "base/str.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* Of Tuesday, 1 December 2026, in Kolkata. */
static int64_t at(int day, int hour, int minute)
{
    struct tm tm = {.tm_year = 126,
                    .tm_mon = 11,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_isdst = -1};
    return (int64_t)mktime(&tm) * 1000;
}

static void each_kind_has_its_time(void **state)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar hours = {0};
    static const struct {
        const char *kind;
        int hour, minute;
        bool urgent, digest;
        int day_then, hour_then, minute_then;
        bool in_digest;
    } rows[] = {
        {"waits", 12, 0, false, false, 1, 12, 0, false},
        {"waits", 23, 40, false, false, 2, 8, 0, false},
        {"waits", 23, 40, true, false, 1, 23, 40, false},
        {"waits", 3, 0, false, false, 1, 8, 0, false},
        {"waits", 12, 0, false, true, 1, 20, 0, true},
        {"waits", 20, 0, false, true, 2, 20, 0, true},
        {"waits", 12, 0, true, true, 1, 12, 0, false}, /* what is urgent is in no digest */
        {"withdrawn", 3, 0, false, true, 1, 3, 0, false},
        {"again-2", 23, 0, false, true, 1, 23, 0, false},
        {"due", 22, 0, false, false, 1, 22, 0, false},
        {"answer", 22, 0, false, false, 2, 8, 0, false},
        {"event-miss", 7, 59, false, false, 1, 8, 0, false},
    };
    (void)state;
    assert_int_equal(gh_calendar_parse("daily 08:00-22:00", &hours, NULL), 0);
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct gh_post_clock clock = {&hours, 20 * 60, at(1, rows[i].hour, rows[i].minute)};
        bool digest;
        int64_t then = gh_post_when(gh_post_kind_of(rows[i].kind), &clock, rows[i].urgent, false,
                                    rows[i].digest, &digest);
        if (then != at(rows[i].day_then, rows[i].hour_then, rows[i].minute_then) ||
            digest != rows[i].in_digest)
            fail_msg("row %zu (%s): in %" PRId64 " min, digest %d", i, rows[i].kind,
                     (then - clock.now_ms) / 60000, digest);
    }
}

static void what_is_written_for_the_digest_goes_there(void **state)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar hours = {0};
    const struct gh_post_clock clock = {&hours, 20 * 60, at(1, 3, 0)};
    (void)state;
    for (int urgent = 0; urgent < 2; urgent++) {
        bool digest = false;
        int64_t then =
            gh_post_when(gh_post_kind_of("again-2"), &clock, urgent, true, false, &digest);
        assert_true(digest);
        assert_int_equal(then, at(1, 20, 0));
    }
}

static void what_matters_cannot_be_switched_off(void **state)
{
    (void)state;
    static const char *const always[] = {"withdrawn", "due",         "again-1",
                                         "escalate",  "undecided-2", "decisions"};
    for (size_t i = 0; i < GH_LEN(always); i++)
        assert_int_equal(gh_post_kind_of(always[i])->mute, 0);
    assert_int_equal(gh_post_kind_of("withdraw")->mute, GH_MUTE_QUESTIONS);
    assert_int_equal(gh_post_kind_of("event-change")->mute, GH_MUTE_EVENTS);
}

static int zone(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_kind_has_its_time),
                                       cmocka_unit_test(what_is_written_for_the_digest_goes_there),
                                       cmocka_unit_test(what_matters_cannot_be_switched_off)};
    return cmocka_run_group_tests(tests, zone, NULL);
}
