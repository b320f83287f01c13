/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/speak.h"

#include <string.h>
#include <time.h>

#define S 1000ll
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)
/* Saturday 28 November 2026, 14:05 in Kolkata */
#define NOW 1795854900000ll

static void said(enum gh_speak as, int64_t value, int64_t now_ms, const char *en, const char *bn,
                 const char *hi)
{
    const char *const want[] = {en, bn, hi}, *const languages[] = {"en", "bn", "hi"};
    for (size_t i = 0; i < GH_LEN(want); i++) {
        GH_AUTO_STR s = {0};
        gh_speak(&s, gh_words_of(languages[i]), as, value, now_ms);
        assert_string_equal(gh_str_text(&s), want[i]);
    }
}

static void numbers_are_grouped_by_lakh_and_crore(void **state)
{
    (void)state;
    said(GH_SPEAK_NUMBER, 0, 0, "0", "০", "0");
    said(GH_SPEAK_NUMBER, 999, 0, "999", "৯৯৯", "999");
    said(GH_SPEAK_NUMBER, 1000, 0, "1,000", "১,০০০", "1,000");
    said(GH_SPEAK_NUMBER, 99999, 0, "99,999", "৯৯,৯৯৯", "99,999");
    said(GH_SPEAK_NUMBER, 123456, 0, "1,23,456", "১,২৩,৪৫৬", "1,23,456");
    said(GH_SPEAK_NUMBER, 1234567, 0, "12,34,567", "১২,৩৪,৫৬৭", "12,34,567");
    said(GH_SPEAK_NUMBER, 12345678, 0, "1,23,45,678", "১,২৩,৪৫,৬৭৮", "1,23,45,678");
    said(GH_SPEAK_NUMBER, -1234567, 0, "-12,34,567", "-১২,৩৪,৫৬৭", "-12,34,567");
    said(GH_SPEAK_NUMBER, INT64_MIN, 0, "-92,23,37,20,36,85,47,75,808",
         "-৯২,২৩,৩৭,২০,৩৬,৮৫,৪৭,৭৫,৮০৮", "-92,23,37,20,36,85,47,75,808");
}

static void sizes_are_told_in_thousands(void **state)
{
    (void)state;
    said(GH_SPEAK_BYTES, 0, 0, "0 bytes", "০ বাইট", "0 बाइट");
    said(GH_SPEAK_BYTES, 1, 0, "1 byte", "১ বাইট", "1 बाइट");
    said(GH_SPEAK_BYTES, 999, 0, "999 bytes", "৯৯৯ বাইট", "999 बाइट");
    said(GH_SPEAK_BYTES, 1000, 0, "1.0 KB", "১.০ কেবি", "1.0 केबी");
    said(GH_SPEAK_BYTES, 9949, 0, "9.9 KB", "৯.৯ কেবি", "9.9 केबी");
    said(GH_SPEAK_BYTES, 9950, 0, "10 KB", "১০ কেবি", "10 केबी");
    said(GH_SPEAK_BYTES, 412345, 0, "412 KB", "৪১২ কেবি", "412 केबी");
    said(GH_SPEAK_BYTES, 999499, 0, "999 KB", "৯৯৯ কেবি", "999 केबी");
    said(GH_SPEAK_BYTES, 999500, 0, "1.0 MB", "১.০ এমবি", "1.0 एमबी");
    said(GH_SPEAK_BYTES, 4100000000, 0, "4.1 GB", "৪.১ জিবি", "4.1 जीबी");
    said(GH_SPEAK_BYTES, 5000000000000000, 0, "5000 TB", "৫০০০ টিবি", "5000 टीबी");
    said(GH_SPEAK_BYTES, INT64_MAX, 0, "9223372 TB", "৯২২৩৩৭২ টিবি", "9223372 टीबी");
    said(GH_SPEAK_BYTES, -5, 0, "0 bytes", "০ বাইট", "0 बाइट");
}

static void spans_have_the_unit_a_person_would_use(void **state)
{
    (void)state;
    said(GH_SPEAK_SPAN, 400, 0, "0.4 s", "০.৪ সেকেন্ড", "0.4 सेकंड");
    said(GH_SPEAK_SPAN, 119 * S, 0, "119 s", "১১৯ সেকেন্ড", "119 सेकंड");
    said(GH_SPEAK_SPAN, 150 * S, 0, "2.5 min", "২.৫ মিনিট", "2.5 मिनट");
    said(GH_SPEAK_SPAN, 3 * H, 0, "3.0 h", "৩.০ ঘণ্টা", "3.0 घंटे");
    said(GH_SPEAK_DURATION, 0, 0, "0 seconds", "০ সেকেন্ড", "0 सेकंड");
    said(GH_SPEAK_DURATION, S, 0, "1 second", "১ সেকেন্ড", "1 सेकंड");
    said(GH_SPEAK_DURATION, 59 * S + 999, 0, "59 seconds", "৫৯ সেকেন্ড", "59 सेकंड");
    said(GH_SPEAK_DURATION, 26 * M + 59 * S, 0, "26 minutes", "২৬ মিনিট", "26 मिनट");
    said(GH_SPEAK_DURATION, H, 0, "1 hour", "১ ঘণ্টা", "1 घंटा");
    said(GH_SPEAK_DURATION, 2 * H + 5 * M, 0, "2 hours 5 minutes", "২ ঘণ্টা ৫ মিনিট", "2 घंटे 5 मिनट");
    said(GH_SPEAK_DURATION, D + H + 59 * M, 0, "1 day 1 hour", "১ দিন ১ ঘণ্টা", "1 दिन 1 घंटा");
    said(GH_SPEAK_DURATION, 400 * D, 0, "400 days", "৪০০ দিন", "400 दिन");
    said(GH_SPEAK_DURATION, -S, 0, "0 seconds", "০ সেকেন্ড", "0 सेकंड");
}

static void days_have_six_parts(void **state)
{
    (void)state;
    static const struct {
        int hour;
        const char *en, *bn, *hi;
    } rows[] = {
        {0, "00:07", "রাত ১২:০৭", "रात 12:07"},   {3, "03:07", "রাত ৩:০৭", "रात 3:07"},
        {4, "04:07", "ভোর ৪:০৭", "भोर 4:07"},     {6, "06:07", "সকাল ৬:০৭", "सुबह 6:07"},
        {11, "11:07", "সকাল ১১:০৭", "सुबह 11:07"}, {12, "12:07", "দুপুর ১২:০৭", "दोपहर 12:07"},
        {15, "15:07", "দুপুর ৩:০৭", "दोपहर 3:07"},  {16, "16:07", "বিকেল ৪:০৭", "शाम 4:07"},
        {18, "18:07", "সন্ধ্যা ৬:০৭", "शाम 6:07"},  {20, "20:07", "রাত ৮:০৭", "रात 8:07"},
        {23, "23:07", "রাত ১১:০৭", "रात 11:07"},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++)
        said(GH_SPEAK_TIME, NOW - 14 * H - 5 * M + rows[i].hour * H + 7 * M, 0, rows[i].en,
             rows[i].bn, rows[i].hi);
}

static void dates_are_written_out(void **state)
{
    (void)state;
    said(GH_SPEAK_DATE, NOW, 0, "28 November 2026", "২৮ নভেম্বর ২০২৬", "28 नवंबर 2026");
    said(GH_SPEAK_WEEKDAY, NOW + 6 * D, 0, "Friday, 4 December 2026", "শুক্রবার, ৪ ডিসেম্বর ২০২৬",
         "शुक्रवार, 4 दिसंबर 2026");
    said(GH_SPEAK_STAMP, NOW, 0, "28-11-2026 14:05", "২৮-১১-২০২৬ ১৪:০৫", "28-11-2026 14:05");
    said(GH_SPEAK_DATE, 0, 0, "", "", "");
    said(GH_SPEAK_STAMP, -5, 0, "", "", "");
    said(GH_SPEAK_DAY, INT64_MAX, NOW, "17 August 292278994", "১৭ আগস্ট ২৯২২৭৮৯৯৪",
         "17 अगस्त 292278994");
    /* every day of a leap year and the month it is in */
    for (int64_t t = 1703961000000; t < 1735583400000; t += D) { /* 31 December 2023, Kolkata */
        GH_AUTO_STR s = {0};
        char want[64];
        time_t at = (time_t)(t / 1000);
        struct tm tm;
        gh_speak(&s, gh_words_of("en"), GH_SPEAK_WEEKDAY, t, 0);
        strftime(want, sizeof(want), "%A, %-d %B %Y", localtime_r(&at, &tm));
        assert_string_equal(gh_str_text(&s), want);
    }
}

static void days_are_seen_from_today(void **state)
{
    (void)state;
    said(GH_SPEAK_DAY, NOW, NOW, "today", "আজ", "आज");
    said(GH_SPEAK_DAY, NOW - 14 * H, NOW, "today", "আজ", "आज");
    said(GH_SPEAK_DAY, NOW - 15 * H, NOW, "yesterday", "গতকাল", "बीते कल");
    said(GH_SPEAK_DAY, NOW + 10 * H, NOW, "tomorrow", "আগামীকাল", "आने वाले कल");
    said(GH_SPEAK_DAY, NOW - 3 * D, NOW, "25 November", "২৫ নভেম্বর", "25 नवंबर");
    said(GH_SPEAK_DAY, NOW + 34 * D, NOW, "1 January 2027", "১ জানুয়ারি ২০২৭", "1 जनवरी 2027");
    said(GH_SPEAK_WHEN, NOW + 20 * H, NOW, "tomorrow, 10:05", "আগামীকাল, সকাল ১০:০৫",
         "आने वाले कल, सुबह 10:05");
    said(GH_SPEAK_WHEN, 0, NOW, "", "", "");
    /* New Year's Eve and the day after are neighbours, in leap years, too */
    for (int64_t year = 0; year < 8; year++) {
        int64_t eve = 1704047400000 + (year * 365 + (year + 3) / 4) * D; /* 1 January, 00:00 */
        said(GH_SPEAK_DAY, eve - M, eve + M, "yesterday", "গতকাল", "बीते कल");
        said(GH_SPEAK_DAY, eve + M, eve - M, "tomorrow", "আগামীকাল", "आने वाले कल");
    }
}

static void what_was_and_what_comes(void **state)
{
    (void)state;
    said(GH_SPEAK_AGO, NOW, NOW, "just now", "এইমাত্র", "अभी-अभी");
    said(GH_SPEAK_AGO, NOW - 59 * S, NOW, "just now", "এইমাত্র", "अभी-अभी");
    said(GH_SPEAK_AGO, NOW + S, NOW, "in a moment", "এখনই", "अभी");
    said(GH_SPEAK_AGO, NOW - M, NOW, "1 minute ago", "১ মিনিট আগে", "1 मिनट पहले");
    said(GH_SPEAK_AGO, NOW - H, NOW, "1 hour ago", "১ ঘণ্টা আগে", "1 घंटे पहले");
    said(GH_SPEAK_AGO, NOW - 3 * H - 2 * M, NOW, "3 hours 2 minutes ago", "৩ ঘণ্টা ২ মিনিট আগে",
         "3 घंटे 2 मिनट पहले");
    said(GH_SPEAK_AGO, NOW - 9 * D - 3 * H, NOW, "9 days ago", "৯ দিন আগে", "9 दिन पहले");
    said(GH_SPEAK_AGO, NOW + 5 * M, NOW, "in 5 minutes", "৫ মিনিট পরে", "5 मिनट में");
    said(GH_SPEAK_AGO, 0, NOW, "", "", "");
}

static void digits_alone_change_in_a_text(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    gh_speak_text(&s, gh_words_of("bn"), "ক 0123456789 x");
    assert_string_equal(gh_str_text(&s), "ক ০১২৩৪৫৬৭৮৯ x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_grouped_by_lakh_and_crore),
        cmocka_unit_test(sizes_are_told_in_thousands),
        cmocka_unit_test(spans_have_the_unit_a_person_would_use),
        cmocka_unit_test(days_have_six_parts),
        cmocka_unit_test(dates_are_written_out),
        cmocka_unit_test(days_are_seen_from_today),
        cmocka_unit_test(what_was_and_what_comes),
        cmocka_unit_test(digits_alone_change_in_a_text),
    };
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
