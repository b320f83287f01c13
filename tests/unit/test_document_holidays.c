/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holiday files: what is taken of them, and those that lie. */
#include "tests/unit/test.h"

#include "pipeline/document/holidays.h"

#include <string.h>

#define NOW ((int64_t)1796000000) /* 29 November 2026 */
#define CAL(events) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" events "END:VCALENDAR\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:a\r\n" lines "END:VEVENT\r\n"
#define DAY(d) "DTSTART;VALUE=DATE:" d "\r\n"
#define UNTIL(d) "DTEND;VALUE=DATE:" d "\r\n"

static void test_days_of_all_day_events(void **state)
{
    static const struct {
        const char *text, *days;
    } cases[] = {
        {CAL(EVENT(DAY("20261225") "SUMMARY:Christmas\r\n")), "2026-12-25\n"},
        {CAL(EVENT(DAY("20261018") UNTIL("20261021"))), "2026-10-18\n2026-10-19\n2026-10-20\n"},
        {CAL(EVENT(DAY("20261225")) EVENT(DAY("20261225"))), "2026-12-25\n"},
        {CAL(EVENT(DAY("20261225") "STATUS:CANCELLED\r\n")), ""},
        {CAL(EVENT("DTSTART:20261225T100000Z\r\nDTEND:20261225T120000Z\r\n")), ""}, /* a meeting */
        {CAL(EVENT(DAY("20200126") "RRULE:FREQ=YEARLY\r\n")),
         "2026-01-26\n2027-01-26\n2028-01-26\n2029-01-26\n"},
        {CAL(EVENT(DAY("20261201") "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261202\r\n")),
         "2026-12-01\n2026-12-03\n"},
        {CAL(EVENT(DAY("20191225")) EVENT(DAY("20991225"))), ""},
        {CAL(EVENT(DAY("20261225"))) CAL(EVENT(DAY("20261226"))), "2026-12-25\n2026-12-26\n"},
        {CAL(EVENT(DAY("tomorrow")) EVENT(DAY("20261226"))), "2026-12-26\n"},
        {CAL(EVENT("SUMMARY:no date\r\n")), ""},
    };
    (void)state;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR out = {0};
        struct gh_err err = {0};
        OK(gh_holidays_read(cases[i].text, strlen(cases[i].text), NOW, &out, &err));
        assert_string_equal(gh_str_text(&out), cases[i].days);
    }
}

static void test_files_that_lie(void **state)
{
    static const char *const cases[] = {
        "",
        "a list of holidays",
        "BEGIN:VEVENT\r\n" DAY("20261225") "END:VEVENT\r\n",
        CAL(EVENT(DAY("20260101") UNTIL("20360101"))),      /* a holiday of ten years */
        CAL(EVENT(DAY("20200101") "RRULE:FREQ=DAILY\r\n")), /* every day */
        CAL(EVENT(DAY("20200103") "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE\r\n")),
        CAL(EVENT(DAY("20261001") UNTIL("20261101") "RRULE:FREQ=MONTHLY\r\n")),
    };
    (void)state;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR out = {0};
        struct gh_err err = {0};
        FAILS(GH_CONFIG, gh_holidays_read(cases[i], strlen(cases[i]), NOW, &out, &err));
    }
}

static void test_a_rule_that_means_nothing_ends(void **state)
{
    static const char *const rules[] = {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
                                        "FREQ=SECONDLY",
                                        "FREQ=NEVER",
                                        "FREQ=YEARLY;INTERVAL=0",
                                        "FREQ=YEARLY;BYSETPOS=400;BYDAY=MO",
                                        "COUNT=99999999999999",
                                        ""};
    (void)state;
    for (size_t i = 0; i < GH_LEN(rules); i++) {
        GH_AUTO_STR out = {0};
        struct gh_err err = {0};
        GH_AUTO_FREE char *text = gh_asprintf(
            CAL("BEGIN:VEVENT\r\n" DAY("20260126") "RRULE:%s\r\nEND:VEVENT\r\n"), rules[i]);
        (void)!gh_holidays_read(text, strlen(text), NOW, &out, &err);
        assert_true(out.len <= 11 * 1500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_of_all_day_events),
        cmocka_unit_test(test_files_that_lie),
        cmocka_unit_test(test_a_rule_that_means_nothing_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
