/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/clock.h"

#include <inttypes.h>
#include <time.h>

static void times_are_written_in_the_local_zone(void **state)
{
    (void)state;
    setenv("TZ", "IST-5:30", 1); /* needs no zone files */
    tzset();
    char text[40], day[16];
    gh_time_iso(1795478709000, text, sizeof(text)); /* 2026-11-24 00:05:09 UTC */
    gh_time_day(1795478709000, day, sizeof(day));
    time_t s = 1795478709;
    struct tm utc;
    gmtime_r(&s, &utc);
    char expect[40];
    time_t ist = s + 19800;
    gmtime_r(&ist, &utc);
    strftime(expect, sizeof(expect), "%Y-%m-%dT%H:%M:%S+05:30", &utc);
    assert_string_equal(text, expect);
    strftime(expect, sizeof(expect), "%Y-%m-%d", &utc);
    assert_string_equal(day, expect);
    gh_time_iso(0, text, sizeof(text));
    assert_string_equal(text, "");
}

static void times_that_people_write_are_read(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    const int64_t now = 1795478709000; /* 2026-11-24 05:35:09 +05:30 */
    static const struct {
        const char *text;
        int64_t ms; /* 0: none */
    } rows[] = {
        {"2026-11-24 05:35:09", 1795478709000},
        {"2026-11-24T05:35:09", 1795478709000},
        {"2026-11-24 05:35", 1795478700000},
        {"2026-11-24T00:05:09+00:00", 1795478709000},
        {"2026-11-24T05:35:09+05:30", 1795478709000},
        {"05:36", 1795478760000},
        {"05:35", 1795478700000 + 86400000},
        {"05:00", 1795476600000 + 86400000},
        {"2026-02-30 10:00", 0},
        {"2026-13-01 10:00", 0},
        {"24:00", 0},
        {"10:60", 0},
        {"tomorrow", 0},
        {"2026-11-24", 0},
        {"2026-11-24 05:35 x", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int64_t ms = 0;
        bool is = gh_time_parse(rows[i].text, now, &ms);
        if (is != (rows[i].ms != 0) || ms != rows[i].ms)
            fail_msg("%s is %" PRId64, rows[i].text, ms);
    }
}

static void waiting_is_monotonic(void **state)
{
    (void)state;
    int64_t a = gh_mono_us();
    int64_t b = gh_mono_us();
    assert_true(b >= a);
    assert_in_range(gh_mono_ms(), a / 1000, a / 1000 + 60000);
    assert_true(gh_now_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_the_local_zone),
        cmocka_unit_test(times_that_people_write_are_read),
        cmocka_unit_test(waiting_is_monotonic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
