/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people write of an event, in three languages and scripts of digits: what is understood, and
 * what is refused, in words. */
#include "tests/unit/test.h"

#include "daemon/calendar/calendar.h"
#include "daemon/event/form.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE ((int64_t)60 * 1000)
#define DAY (24 * 60 * MINUTE)

static int64_t now_ms(void)
{
    return gh_moment_of(gh_day_of_date(2026, 12, 1), 9 * 60, false);
}

static const struct {
    const char *date, *time, *until;
    int d, from, to; /* of December 2026; minutes since midnight, to may be of the next day */
} understood[] = {
    {"04/12/2026", "11:00", NULL, 4, 660, 780},
    {"4.12.26", "11.30-13.00", NULL, 4, 690, 780},
    {"2026-12-04", "17:30", "19:00", 4, 1050, 1140},
    {"০৪/১২/২০২৬", "১১:০০", "", 4, 660, 780},
    {"৪ ডিসেম্বর ২০২৬", "সকাল ১১টা থেকে দুপুর ১টা", NULL, 4, 660, 780},
    {"४ दिसंबर २०२६", "शाम ५ बजे", "शाम ७ बजे", 4, 1020, 1140},
    {"Friday 4 December 2026", "5 pm to 7 pm", NULL, 4, 1020, 1140},
    {"04/12/2026", "সন্ধ্যা ৬:৩০", "রাত ৯টা", 4, 1110, 1260},
    {"04/12/2026", "রাত ১২টা", NULL, 4, 1440, 1560},
    {"04/12/2026", "22:00", "01:00", 4, 1320, 1500},
    {"04/12/2026", "All day", NULL, 4, 0, 1440},
    {"০৪-১২-২০২৬", "সারাদিন", NULL, 4, 0, 1440},
    {"04/12/2026", "12 am", "noon 12", 4, 0, 720},
    {"04/12/2026", "বিকেল ৩টা থেকে ৫টা", NULL, 4, 900, 1020},
    {"04/12/2026", "2 to 4 pm", NULL, 4, 840, 960},
    {"04/12/2026", "02:00-04:00", "", 4, 120, 240},
    {"04/12/2026", "रात 10 बजे", "2 बजे", 4, 1320, 1560},
    {"04/12/2026", "15:00 to 5 pm", NULL, 4, 900, 1020},
    {"04/12/2026", "9 pm", "00:30", 4, 1260, 1470},
    {"04/12/2026", "সকাল ১০টা থেকে ১৩:০০", NULL, 4, 600, 780},
    /* a part of the day that is said once, and twelve o'clock */
    {"04/12/2026", "সকাল ১০টা থেকে ১২টা", NULL, 4, 600, 720},
    {"04/12/2026", "সকাল ১০টা", "১২টা", 4, 600, 720},
    {"04/12/2026", "সকাল ১০:৩০ হইতে ১২:৩০", NULL, 4, 630, 750},
    {"04/12/2026", "सुबह 10 बजे से 12 बजे", NULL, 4, 600, 720},
    {"04/12/2026", "सुबह १० बजे से १२ बजे तक", NULL, 4, 600, 720},
    {"04/12/2026", "10 am to 12", NULL, 4, 600, 720},
    {"04/12/2026", "10.30 a.m. - 12.30", NULL, 4, 630, 750},
    {"04/12/2026", "12 am to 12", NULL, 4, 0, 720},
    {"04/12/2026", "6 pm to 12", NULL, 4, 1080, 1440},
    {"04/12/2026", "সন্ধ্যা ৬টা থেকে ১২টা", NULL, 4, 1080, 1440},
    {"04/12/2026", "शाम 6 बजे से 12:30", NULL, 4, 1080, 1470},
    {"04/12/2026", "রাত ৮টা থেকে ১২টা", NULL, 4, 1200, 1440},
    {"04/12/2026", "12 to 2 pm", NULL, 4, 720, 840},
    {"04/12/2026", "12 to 2 am", NULL, 4, 0, 120},
    {"04/12/2026", "দুপুর ১২টা থেকে ৩টা", NULL, 4, 720, 900},
    {"04/12/2026", "10 to 12 noon", NULL, 4, 600, 720},
    {"04/12/2026", "বেলা ১১টা থেকে ১টা", NULL, 4, 660, 780},
    {"04/12/2026", "সকালবেলা ১০টা থেকে বেলা ১২টা", NULL, 4, 600, 720},
    {"04/12/2026", "7 in the evening", "10", 4, 1140, 1320},
    /* the other end is the nearest one: what lasts longer than half a day is said otherwise */
    {"04/12/2026", "দুপুর ২টা থেকে ৬টা", NULL, 4, 840, 1080},
    {"04/12/2026", "দুপুর 2টা থেকে 6টা", NULL, 4, 840, 1080},
    {"04/12/2026", "দুপুর ২টা", "৬টা", 4, 840, 1080},
    {"04/12/2026", "দুপুর ২টা থেকে বিকেল ৪টে", NULL, 4, 840, 960},
    {"04/12/2026", "দুপুর ২:৩০ – ৬:০০", NULL, 4, 870, 1080},
    {"04/12/2026", "সকাল ১১টা থেকে ২টা", NULL, 4, 660, 840},
    {"04/12/2026", "সকাল ১১টা থেকে দুপুর ২টা পর্যন্ত", NULL, 4, 660, 840},
    {"04/12/2026", "সকাল ১০টা থেকে ৫টা", NULL, 4, 600, 1020},
    {"04/12/2026", "১১টা থেকে দুপুর ২টা", NULL, 4, 660, 840},
    {"04/12/2026", "বেলা ২টা থেকে সন্ধ্যা ৬টা", NULL, 4, 840, 1080},
    {"04/12/2026", "রাত ১০টা থেকে ভোর ৪টা", NULL, 4, 1320, 1680},
    {"04/12/2026", "রাত ১২টা থেকে ২টা", NULL, 4, 1440, 1560},
    {"04/12/2026", "11 am to 2 pm", NULL, 4, 660, 840},
    {"04/12/2026", "11 am to 2", NULL, 4, 660, 840},
    {"04/12/2026", "11 AM - 2", NULL, 4, 660, 840},
    {"04/12/2026", "11–2 pm", NULL, 4, 660, 840},
    {"04/12/2026", "11-2pm", NULL, 4, 660, 840},
    {"04/12/2026", "11—2 p.m.", NULL, 4, 660, 840},
    {"04/12/2026", "১১–২ pm", NULL, 4, 660, 840},
    {"04/12/2026", "11.30 to 1.15 pm", NULL, 4, 690, 795},
    {"04/12/2026", "10 to 2 pm", NULL, 4, 600, 840},
    {"04/12/2026", "11 to 1 am", NULL, 4, 1380, 1500},
    {"04/12/2026", "9 to 12 am", NULL, 4, 1260, 1440},
    {"04/12/2026", "15:00 to 5", NULL, 4, 900, 1020},
    {"04/12/2026", "22:00-5", NULL, 4, 1320, 1740},
    {"04/12/2026", "from 11 am till 2 pm", NULL, 4, 660, 840},
    {"04/12/2026", "3 in the afternoon to 5", NULL, 4, 900, 1020},
    {"04/12/2026", "दोपहर 2 बजे से 6 बजे", NULL, 4, 840, 1080},
    {"04/12/2026", "दोपहर २ बजे से ६ बजे तक", NULL, 4, 840, 1080},
    {"04/12/2026", "सुबह ११ बजे से दोपहर २ बजे", NULL, 4, 660, 840},
    {"04/12/2026", "सुबह 11 बजे से 2 बजे", NULL, 4, 660, 840},
    {"04/12/2026", "११ से दोपहर २ बजे", NULL, 4, 660, 840},
    {"04/12/2026", "11-2 दोपहर", NULL, 4, 660, 840},
    {"04/12/2026", "शाम ५:३० – ७:००", NULL, 4, 1050, 1140},
    /* halves, quarters, minutes in words */
    {"04/12/2026", "সকাল সাড়ে ১০টা", NULL, 4, 630, 750},
    {"04/12/2026", "সাড়ে ১০টা থেকে দুপুর সাড়ে ১২টা", NULL, 4, 630, 750},
    {"04/12/2026", "বিকেল পৌনে ৫টা থেকে সওয়া ৬টা", NULL, 4, 1005, 1095},
    {"04/12/2026", "সকাল ১০টা ৩০ মিনিট", NULL, 4, 630, 750},
    {"04/12/2026", "সকাল ১০টা ৩০ থেকে ১২টা ১৫", NULL, 4, 630, 735},
    {"04/12/2026", "दोपहर पौने १ बजे", NULL, 4, 765, 885},
    {"04/12/2026", "सुबह साढ़े 10 बजे से सवा 12 बजे", NULL, 4, 630, 735},
    {"04/12/2026", "सुबह १० बजकर ३० मिनट", NULL, 4, 630, 750},
    {"04/12/2026", "half past 10", NULL, 4, 630, 750},
    {"04/12/2026", "quarter to 5 - 7 pm", NULL, 4, 1005, 1140},
    {"04/12/2026", "half-past 10", NULL, 4, 630, 750},
    /* words are whole ones, and a word beside the time is none of its parts */
    {"04/12/2026", "7 pm, programme", NULL, 4, 1140, 1260},
    {"04/12/2026", "5 pm drama", NULL, 4, 1020, 1140},
    {"04/12/2026", "6 pm same day", NULL, 4, 1080, 1200},
    {"04/12/2026", "4 pm exam", NULL, 4, 960, 1080},
    {"04/12/2026", "8 p.m", NULL, 4, 1200, 1320},
    {"04/12/2026", "8 P.M", NULL, 4, 1200, 1320},
    {"04/12/2026", "8 p. m. sharp", NULL, 4, 1200, 1320},
    {"04/12/2026", "8PM", NULL, 4, 1200, 1320},
    {"04/12/2026", "9.30 A.M", NULL, 4, 570, 690},
    {"04/12/2026", "6 in the afternoon", NULL, 4, 1080, 1200},
    {"04/12/2026", "12 midnight", NULL, 4, 1440, 1560},
    {"04/12/2026", "সন্ধ্যে ৮টা", NULL, 4, 1200, 1320},
    {"04/12/2026", "সন্ধ্যায় ৮টায়", NULL, 4, 1200, 1320},
    {"04/12/2026", "বিকেলের দিকে ৪টে", NULL, 4, 960, 1080},
    {"04/12/2026", "রাত্রি ৯টা", NULL, 4, 1260, 1380},
    {"04/12/2026", "রাতে ৯টায়", NULL, 4, 1260, 1380},
    {"04/12/2026", "संध्या 8 बजे", NULL, 4, 1200, 1320},
    {"04/12/2026", "सन्ध्या 8 बजे", NULL, 4, 1200, 1320},
    {"04/12/2026", "सांय 8 बजे", NULL, 4, 1200, 1320},
    {"04/12/2026", "सायंकाल 8 बजे", NULL, 4, 1200, 1320},
    {"04/12/2026", "प्रात: 9 बजे", NULL, 4, 540, 660},
    {"04/12/2026", "at 11 o'clock", NULL, 4, 660, 780},
    {"04/12/2026", "दिन में 11 बजे", NULL, 4, 660, 780},
    {"04/12/2026", "दिन के 2 बजे", NULL, 4, 840, 960},
    {"04/12/2026", "১০টা নাগাদ", NULL, 4, 600, 720},
    {"04/12/2026", "लगभग 10 बजे", NULL, 4, 600, 720},
    {"04/12/2026", "11:00 hrs onwards", NULL, 4, 660, 780},
    {"04/12/2026", "ঠিক ১১টায়", NULL, 4, 660, 780},
    {"04/12/2026", "ठीक 11 बजे", NULL, 4, 660, 780},
    {"04/12/2026", "17:30 programme", NULL, 4, 1050, 1170},
    {"04/12/2026", "5 pm tour to 7 pm", NULL, 4, 1020, 1140},
    {"4 December 2026 (Mayor's day)", "11:00", NULL, 4, 660, 780},
    {"4 Dec. 2026, summary", "11:00", NULL, 4, 660, 780},
    {"৪ ডিসেম্বর ২০২৬, মেলা", "11:00", NULL, 4, 660, 780},
};

/* The same with the digits of a script, whose zero that is; the caller's. */
static char *in_digits(const char *text, const char *zero)
{
    GH_AUTO_STR s = {0};
    for (const char *c = text ? text : ""; *c; c++) {
        char digit[4] = {zero[0], zero[1], (char)(zero[2] + *c - '0'), 0};
        gh_str_puts(&s, *c >= '0' && *c <= '9' ? digit : (char[]){*c, 0});
    }
    return gh_strdup(gh_str_text(&s));
}

static void is_understood(size_t i, const char *date, const char *time, const char *until)
{
    const struct gh_event_form f = {.title = "Fair", .date = date, .time = time, .until = until};
    struct gh_event_said said;
    struct gh_err err = {0};
    if (gh_event_form_read(&f, now_ms(), &said, &err) < 0)
        fail_msg("%s %s: %s", date, time, err.msg);
    int64_t day = gh_moment_of(gh_day_of_date(2026, 12, understood[i].d), 0, false);
    if (said.starts_ms != day + understood[i].from * MINUTE ||
        said.ends_ms != day + understood[i].to * MINUTE)
        fail_msg("%s %s: from %d to %d", date, time, (int)((said.starts_ms - day) / MINUTE),
                 (int)((said.ends_ms - day) / MINUTE));
    assert_int_equal(said.all_day, understood[i].to - understood[i].from == 1440);
}

static void dates_and_times_are_read_in_every_script(void **state)
{
    static const char *const zeros[] = {"০", "०"};
    (void)state;
    for (size_t i = 0; i < GH_LEN(understood); i++) {
        is_understood(i, understood[i].date, understood[i].time, understood[i].until);
        for (size_t k = 0; k < GH_LEN(zeros); k++) {
            GH_AUTO_FREE char *date = in_digits(understood[i].date, zeros[k]),
                              *time = in_digits(understood[i].time, zeros[k]),
                              *until = in_digits(understood[i].until, zeros[k]);
            is_understood(i, date, time, until);
        }
    }
}

static const struct {
    const char *title, *date, *time, *why;
} refused[] = {
    {"", "04/12/2026", "11:00", "no title"},
    {"Fair", NULL, "11:00", "no date"},
    {"Fair", "04/12/2026", " ", "no time"},
    {"Fair", "12/25/2026", "11:00", "day/month/year"},
    {"Fair", "31/11/2026", "11:00", "day/month/year"},
    {"Fair", "29/02/2027", "11:00", "day/month/year"},
    {"Fair", "tomorrow", "11:00", "day/month/year"},
    {"Fair", "04/12", "11:00", "day/month/year"},
    {"Fair", "04/12/2026 05/12/2026", "11:00", "day/month/year"},
    {"Fair", "999999999999/12/2026", "11:00", "day/month/year"},
    {"Fair", "04/12/2026", "25:00", "the time cannot be read"},
    {"Fair", "04/12/2026", "in the morning", "the time cannot be read"},
    {"Fair", "04/12/2026", "11:99", "the time cannot be read"},
    {"Fair", "04/12/2026", "17:00 am", "the time cannot be read"},
    {"Fair", "04/12/2026", "5 pm to 5 pm", "the time cannot be read"},
    {"Fair", "04/12/2026", "10 12", "the time cannot be read"},
    {"Fair", "04/12/2026", "১০টা ১২টা", "the time cannot be read"},
    {"Fair", "04/12/2026", "10 बजे 12 बजे", "the time cannot be read"},
    {"Fair", "04/12/2026", "11:00:30", "the time cannot be read"},
    {"Fair", "04/12/2026", "সাড়ে ১৪টা", "the time cannot be read"},
    {"Fair", "04/12/2026", "দেড়টা", "the time cannot be read"},
    /* morning or evening? */
    {"Fair", "04/12/2026", "10 to 5", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "10:00-05:00", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "10-9", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "2-4", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "11-2", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "১১টা থেকে ২টা", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "११ बजे से २ बजे", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "5:30", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "৬টা", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "7 बजे", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "07:00-5", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "05:00 to 4:30", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "05:00 to 5:00", "the time cannot be read"},
    /* a word that may say it, and nobody knows */
    {"Fair", "04/12/2026", "8 evning", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "शामियाना 8 बजे", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "8 programme", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "08:00 to 9 evning", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "12 xyz", "of the morning or of the evening"},
    {"Fair", "04/12/2026", "7 pm, morning dress", "the time cannot be read"},
    {"Fair", "4 May or December 2026", "11:00", "day/month/year"},
    {"Fair", "30/11/2026", "11:00", "over already"},
    {"Fair", "04/12/2036", "11:00", "two years"},
};

static void what_cannot_be_meant_is_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_LEN(refused); i++) {
        const struct gh_event_form f = {
            .title = refused[i].title, .date = refused[i].date, .time = refused[i].time};
        struct gh_event_said said = {.title = "untouched"};
        struct gh_err err = {0};
        if (gh_event_form_read(&f, now_ms(), &said, &err) != -GH_LIMIT ||
            !strstr(err.msg, refused[i].why))
            fail_msg("%s %s: %s", refused[i].date, refused[i].time, err.msg);
        assert_string_equal(said.title, "untouched");
    }
}

static void lines_are_found_by_the_words_of_each_language(void **state)
{
    (void)state;
    struct gh_event_form f;
    char text[] = "Dear all,\nঅনুষ্ঠান: নতুন সেতুর উদ্বোধন\nতারিখ : ০৪/১২/২০২৬\nসময়ঃ ১১:০০\n"
                  "Place: Palta: north gate\nवार्ड: १२\nমন্তব্য: x\nDate: 05/12/2026\nUntil:\n"
                  "সংখ্যা\nনম্বর: ১২\nरद्द: हाँ\n";
    gh_event_form_of(text, &f);
    assert_string_equal(f.title, "নতুন সেতুর উদ্বোধন");
    assert_string_equal(f.date, "০৪/১২/২০২৬");
    assert_string_equal(f.time, "১১:০০");
    assert_string_equal(f.place, "Palta: north gate");
    assert_string_equal(f.ward, "१२");
    assert_null(f.until);
    assert_null(f.material);
    assert_int_equal(gh_event_number(f.number), 12);
    assert_true(gh_event_yes(f.cancel));
    assert_false(gh_event_yes("no"));
    assert_int_equal(gh_event_number("12/13"), 0);
    assert_int_equal(gh_event_number(NULL), 0);
}

static int64_t at(int d, unsigned minute)
{
    return gh_moment_of(gh_day_of_date(2026, 12, d), minute, false);
}

static void a_change_leaves_the_other_days_of_an_event(void **state)
{
    (void)state;
    static const struct {
        bool all_day; /* else from the 4th, 10:00, until the 6th, 17:00 */
        const char *date, *time, *until;
        int d, last; /* of December 2026; last: the day on which it ends */
        unsigned from, to;
    } changes[] = {
        {false, NULL, NULL, NULL, 4, 6, 600, 1020},
        {false, "2026-12-04", "10:00", "17:00", 4, 6, 600, 1020}, /* as the desk sends it */
        {false, "০৪/১২/২০২৬", " ১০:০০", "১৭:০০", 4, 6, 600, 1020},
        {false, "07/12/2026", NULL, NULL, 7, 9, 600, 1020},
        {false, NULL, "11:00", NULL, 4, 6, 660, 1020}, /* its last day ends as it did */
        {false, NULL, "6 pm", NULL, 4, 6, 1080, 1020},
        {false, NULL, "11:00", "", 4, 6, 660, 780},
        {false, NULL, NULL, "12:00", 4, 6, 600, 720},
        {false, NULL, NULL, "05:00", 4, 6, 600, 300},
        {false, NULL, "সকাল ১০টা থেকে ১২টা", NULL, 4, 6, 600, 720},
        {false, "2026-12-04", "11:00", "17:00", 4, 6, 660, 1020},
        {false, "07/12/2026", "11:00", "13:00", 7, 9, 660, 780},
        {false, NULL, "all day", NULL, 4, 7, 0, 0},
        {false, NULL, "5 to 9 pm", NULL, 4, 6, 1020, 1260}, /* a part that both share */
        {false, NULL, "8 to 12 noon", NULL, 4, 6, 480, 720},
        {false, NULL, "11", "9 pm", 4, 6, 660, 1260},
        {true, NULL, NULL, NULL, 4, 7, 0, 0},
        {true, "2026-12-04", "all day", "", 4, 7, 0, 0},
        {true, "11/12/2026", NULL, NULL, 11, 14, 0, 0},
        {true, NULL, "11:00", NULL, 4, 6, 660, 780},
        {true, NULL, "10 am to 5 pm", NULL, 4, 6, 600, 1020},
    };
    for (size_t i = 0; i < GH_LEN(changes); i++) {
        bool all_day = changes[i].all_day;
        const struct gh_event e = {.title = (char *)"Fair",
                                   .place = (char *)"Palta",
                                   .ward = (char *)"",
                                   .material = (char *)"",
                                   .all_day = all_day,
                                   .starts_ms = at(4, all_day ? 0 : 600),
                                   .ends_ms = all_day ? at(7, 0) : at(6, 1020)};
        struct gh_event_form f = {.title = "Big fair",
                                  .date = changes[i].date,
                                  .time = changes[i].time,
                                  .until = changes[i].until};
        struct gh_event_kept kept;
        struct gh_event_said said;
        struct gh_err err = {0};
        gh_event_form_keep(&f, &e, &kept);
        if (gh_event_form_read(&f, now_ms(), &said, &err) < 0)
            fail_msg("%zu: %s", i, err.msg);
        assert_string_equal(said.title, "Big fair");
        assert_string_equal(said.place, "Palta");
        if (said.starts_ms != at(changes[i].d, changes[i].from) ||
            said.ends_ms != at(changes[i].last, changes[i].to))
            fail_msg("%zu: other times", i);
        assert_int_equal(said.all_day, !changes[i].from);
    }
}

static void an_unclear_hour_of_an_event_of_several_days_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *time, *until;
    } changes[] = {{"5", "17:00"}, {"5", "21:00"}, {"8 evning", "17:00"}, {"10:00", "5"}};
    for (size_t i = 0; i < GH_LEN(changes); i++) {
        const struct gh_event e = {.title = (char *)"Fair",
                                   .place = (char *)"Palta",
                                   .ward = (char *)"",
                                   .material = (char *)"",
                                   .starts_ms = at(4, 600),
                                   .ends_ms = at(6, 1020)};
        struct gh_event_form f = {.time = changes[i].time, .until = changes[i].until};
        struct gh_event_kept kept;
        struct gh_event_said said;
        struct gh_err err = {0};
        gh_event_form_keep(&f, &e, &kept);
        if (gh_event_form_read(&f, now_ms(), &said, &err) != -GH_LIMIT ||
            !strstr(err.msg, "of the morning or of the evening"))
            fail_msg("%zu: %s", i, err.msg);
    }
}

int main(void)
{
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_and_times_are_read_in_every_script),
        cmocka_unit_test(what_cannot_be_meant_is_refused_in_words),
        cmocka_unit_test(a_change_leaves_the_other_days_of_an_event),
        cmocka_unit_test(an_unclear_hour_of_an_event_of_several_days_is_refused),
        cmocka_unit_test(lines_are_found_by_the_words_of_each_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
