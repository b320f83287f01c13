/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of units and names, and one function for each kind of value. Owns nothing. */
#include "base/speak.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

struct value {
    struct gh_str *out;
    const struct gh_words *words;
    int64_t value, now_ms;
};

/* --------------------------------------------------------------------------------------- numbers
 */

/* The k-th of the ten digits of a language. */
static void add_digit(struct gh_str *out, const char *digits, unsigned k)
{
    size_t len = 1;
    for (;; k--) {
        len = gh_utf8_char(digits, strlen(digits));
        if (k == 0 || len == 0)
            break;
        digits += len;
    }
    gh_str_add(out, digits, len);
}

void gh_speak_text(struct gh_str *out, const struct gh_words *w, const char *text)
{
    const char *digits = gh_word(w, "the ten digits", "0123456789");
    for (; *text; text++)
        if (*text >= '0' && *text <= '9')
            add_digit(out, digits, (unsigned)(*text - '0'));
        else
            gh_str_add(out, text, 1);
}

/* Groups of two digits, but of three at the end. */
static void speak_number(const struct value *v)
{
    char digits[24], text[48];
    size_t n = 0;
    GH_FORMAT(digits, "%" PRIu64, v->value < 0 ? 0 - (uint64_t)v->value : (uint64_t)v->value);
    if (v->value < 0)
        text[n++] = '-';
    for (size_t i = 0, left = strlen(digits); left; i++) {
        text[n++] = digits[i];
        left--;
        if (left == 3 || (left > 3 && left % 2 == 1))
            text[n++] = ',';
    }
    text[n] = 0;
    gh_speak_text(v->out, v->words, text);
}

/* value / unit in the pattern of the unit: below ten with one digit behind the point. */
static void add_scaled(const struct value *v, const char *pattern, uint64_t unit)
{
    GH_AUTO_STR number = {0};
    char text[32];
    uint64_t tenths = ((uint64_t)v->value + unit / 20) / (unit / 10);
    if (tenths < 100)
        GH_FORMAT(text, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
    else
        GH_FORMAT(text, "%" PRIu64, ((uint64_t)v->value + unit / 2) / unit);
    gh_speak_text(&number, v->words, text);
    GH_FILL(v->out, pattern, gh_str_text(&number));
}

static void speak_bytes(const struct value *v)
{
    static const char *const sizes[] = {GH_WC("size", "%s KB"), GH_WC("size", "%s MB"),
                                        GH_WC("size", "%s GB"), GH_WC("size", "%s TB")};
    struct value positive = *v;
    uint64_t unit = 1000;
    size_t i = 0;
    positive.value = GH_MAX(v->value, (int64_t)0);
    if (positive.value < 1000) {
        GH_AUTO_STR number = {0};
        const struct value bytes = {&number, v->words, positive.value, 0};
        speak_number(&bytes);
        GH_FILL(v->out,
                gh_word_n(v->words, "size", "%s byte", "%s bytes", (uint64_t)positive.value),
                gh_str_text(&number));
        return;
    }
    for (; i + 1 < GH_LEN(sizes) && (uint64_t)positive.value + unit / 2 >= 1000 * unit; i++)
        unit *= 1000;
    add_scaled(&positive, gh_word(v->words, "size", sizes[i]), unit);
}

/* ----------------------------------------------------------------------------------------- spans
 */

static void speak_span(const struct value *v)
{
    static const struct {
        int64_t from_ms, unit_ms;
        const char *pattern;
    } rows[] = {
        {2 * HOUR_MS, HOUR_MS, GH_WC("short span", "%s h")},
        {2 * MINUTE_MS, MINUTE_MS, GH_WC("short span", "%s min")},
        {0, SECOND_MS, GH_WC("short span", "%s s")},
    };
    struct value positive = *v;
    size_t i = 0;
    positive.value = GH_MAX(v->value, (int64_t)0);
    while (positive.value < rows[i].from_ms)
        i++;
    add_scaled(&positive, gh_word(v->words, "short span", rows[i].pattern),
               (uint64_t)rows[i].unit_ms);
}

struct unit {
    int64_t ms;
    const char *context, *one, *many;
};
static const struct unit units[] = {
    {DAY_MS, GH_WN("duration", "%s day", "%s days")},
    {HOUR_MS, GH_WN("duration", "%s hour", "%s hours")},
    {MINUTE_MS, GH_WN("duration", "%s minute", "%s minutes")},
    {SECOND_MS, GH_WN("duration", "%s second", "%s seconds")},
};
/* Many languages bend a noun before "ago" and after "in". */
static const struct unit bent_units[] = {
    {DAY_MS, GH_WN("before ago, after in", "%s day", "%s days")},
    {HOUR_MS, GH_WN("before ago, after in", "%s hour", "%s hours")},
    {MINUTE_MS, GH_WN("before ago, after in", "%s minute", "%s minutes")},
};

static void add_units(struct gh_str *out, const struct gh_words *w, const struct unit *unit,
                      int64_t n)
{
    GH_AUTO_STR number = {0};
    const struct value count = {&number, w, n, 0};
    speak_number(&count);
    GH_FILL(out, gh_word_n(w, unit->context, unit->one, unit->many, (uint64_t)n),
            gh_str_text(&number));
}

/* The largest unit that fits, and the next smaller one beside days and hours. */
static void add_duration(struct gh_str *out, const struct gh_words *w, const struct unit *table,
                         size_t n, int64_t ms)
{
    GH_AUTO_STR first = {0};
    GH_AUTO_STR second = {0};
    size_t i = 0;
    while (i + 1 < n && ms < table[i].ms)
        i++;
    int64_t rest = ms % table[i].ms;
    add_units(&first, w, &table[i], ms / table[i].ms);
    if (table[i].ms < HOUR_MS || rest < table[i + 1].ms) {
        gh_str_puts(out, gh_str_text(&first));
        return;
    }
    add_units(&second, w, &table[i + 1], rest / table[i + 1].ms);
    GH_FILL(out, gh_word(w, "hours and minutes, days and hours", "%1$s %2$s"), gh_str_text(&first),
            gh_str_text(&second));
}

static void speak_duration(const struct value *v)
{
    add_duration(v->out, v->words, units, GH_LEN(units), GH_MAX(v->value, (int64_t)0));
}

static void speak_ago(const struct value *v)
{
    GH_AUTO_STR span = {0};
    int64_t ms = v->now_ms - v->value;
    bool past = ms >= 0;
    ms = past ? ms : -ms;
    if (ms >= 2 * DAY_MS)
        ms -= ms % DAY_MS;
    if (v->value <= 0)
        return;
    if (ms < MINUTE_MS) {
        gh_str_puts(v->out, past ? gh_word(v->words, "less than a minute", "just now")
                                 : gh_word(v->words, "less than a minute", "in a moment"));
        return;
    }
    add_duration(&span, v->words, bent_units, GH_LEN(bent_units), ms);
    GH_FILL(v->out, past ? gh_word(v->words, "time", "%s ago") : gh_word(v->words, "time", "in %s"),
            gh_str_text(&span));
}

/* ------------------------------------------------------------------------------- days and hours */

static bool local(int64_t ms, struct tm *ret)
{
    time_t t = (time_t)(ms / 1000);
    return ms > 0 && localtime_r(&t, ret);
}

static const char *part_of_day(const struct gh_words *w, int hour)
{
    static const struct {
        int from;
        const char *name;
    } rows[] = {
        {20, GH_WC("part of the day", "night")},          {18, GH_WC("part of the day", "evening")},
        {16, GH_WC("part of the day", "late afternoon")}, {12, GH_WC("part of the day", "noon")},
        {6, GH_WC("part of the day", "morning")},         {4, GH_WC("part of the day", "dawn")},
        {0, GH_WC("part of the day", "night")},
    };
    size_t i = 0;
    while (hour < rows[i].from)
        i++;
    return gh_word(w, "part of the day", rows[i].name);
}

static void add_time(struct gh_str *out, const struct gh_words *w, const struct tm *tm)
{
    GH_AUTO_STR number = {0};
    char text[32];
    /* Translators choose: "12" makes it a part of the day and an hour of twelve. */
    bool parts = gh_streq(gh_word(w, "a clock of 24 hours, or of 12", "24"), "12");
    GH_FORMAT(text, parts ? "%d:%02d" : "%02d:%02d",
              parts ? (tm->tm_hour + 11) % 12 + 1 : tm->tm_hour, tm->tm_min);
    gh_speak_text(&number, w, text);
    if (parts)
        GH_FILL(out, gh_word(w, "part of the day, time", "%1$s %2$s"), part_of_day(w, tm->tm_hour),
                gh_str_text(&number));
    else
        gh_str_puts(out, gh_str_text(&number));
}

static void speak_time(const struct value *v)
{
    struct tm tm;
    if (local(v->value, &tm))
        add_time(v->out, v->words, &tm);
}

static void add_date(struct gh_str *out, const struct gh_words *w, const struct tm *tm,
                     bool with_year)
{
    static const char *const months[] = {
        GH_WC("month", "January"), GH_WC("month", "February"), GH_WC("month", "March"),
        GH_WC("month", "April"),   GH_WC("month", "May"),      GH_WC("month", "June"),
        GH_WC("month", "July"),    GH_WC("month", "August"),   GH_WC("month", "September"),
        GH_WC("month", "October"), GH_WC("month", "November"), GH_WC("month", "December"),
    };
    GH_AUTO_STR day = {0};
    GH_AUTO_STR year = {0};
    char text[24];
    const char *month = gh_word(w, "month", months[tm->tm_mon]);
    GH_FORMAT(text, "%d", tm->tm_mday);
    gh_speak_text(&day, w, text);
    GH_FORMAT(text, "%d", tm->tm_year + 1900);
    gh_speak_text(&year, w, text);
    if (with_year)
        GH_FILL(out, gh_word(w, "day, month, year", "%1$s %2$s %3$s"), gh_str_text(&day), month,
                gh_str_text(&year));
    else
        GH_FILL(out, gh_word(w, "day, month", "%1$s %2$s"), gh_str_text(&day), month);
}

static void speak_date(const struct value *v)
{
    struct tm tm;
    if (local(v->value, &tm))
        add_date(v->out, v->words, &tm, true);
}

static void speak_weekday(const struct value *v)
{
    static const char *const weekdays[] = {
        GH_WC("weekday", "Sunday"),    GH_WC("weekday", "Monday"),   GH_WC("weekday", "Tuesday"),
        GH_WC("weekday", "Wednesday"), GH_WC("weekday", "Thursday"), GH_WC("weekday", "Friday"),
        GH_WC("weekday", "Saturday"),
    };
    GH_AUTO_STR date = {0};
    struct tm tm;
    if (!local(v->value, &tm))
        return;
    add_date(&date, v->words, &tm, true);
    GH_FILL(v->out, gh_word(v->words, "weekday, date", "%1$s, %2$s"),
            gh_word(v->words, "weekday", weekdays[tm.tm_wday]), gh_str_text(&date));
}

static void speak_stamp(const struct value *v)
{
    char text[64];
    struct tm tm;
    if (!local(v->value, &tm))
        return;
    GH_FORMAT(text, "%02d-%02d-%04d %02d:%02d", tm.tm_mday, tm.tm_mon + 1, tm.tm_year + 1900,
              tm.tm_hour, tm.tm_min);
    gh_speak_text(v->out, v->words, text);
}

/* Days since some day: only differences count. */
static int64_t day_number(const struct tm *tm)
{
    int64_t before = tm->tm_year + 1899; /* years since the year 1 */
    return before * 365 + before / 4 - before / 100 + before / 400 + tm->tm_yday;
}

static void speak_day(const struct value *v)
{
    struct tm tm, now;
    if (!local(v->value, &tm) || !local(v->now_ms, &now))
        return;
    int64_t days = day_number(&tm) - day_number(&now);
    if (days < -1 || days > 1)
        add_date(v->out, v->words, &tm, tm.tm_year != now.tm_year);
    else
        gh_str_puts(v->out, days < 0   ? gh_word(v->words, "day", "yesterday")
                            : days > 0 ? gh_word(v->words, "day", "tomorrow")
                                       : gh_word(v->words, "day", "today"));
}

static void speak_when(const struct value *v)
{
    GH_AUTO_STR day = {0};
    GH_AUTO_STR time = {0};
    struct value part = *v;
    part.out = &day;
    speak_day(&part);
    part.out = &time;
    speak_time(&part);
    if (day.len)
        GH_FILL(v->out, gh_word(v->words, "day, time", "%1$s, %2$s"), gh_str_text(&day),
                gh_str_text(&time));
}

void gh_speak(struct gh_str *out, const struct gh_words *w, enum gh_speak as, int64_t value,
              int64_t now_ms)
{
    static void (*const forms[])(const struct value *) = {
        [GH_SPEAK_NUMBER] = speak_number,   [GH_SPEAK_BYTES] = speak_bytes,
        [GH_SPEAK_SPAN] = speak_span,       [GH_SPEAK_DURATION] = speak_duration,
        [GH_SPEAK_TIME] = speak_time,       [GH_SPEAK_DATE] = speak_date,
        [GH_SPEAK_WEEKDAY] = speak_weekday, [GH_SPEAK_STAMP] = speak_stamp,
        [GH_SPEAK_DAY] = speak_day,         [GH_SPEAK_WHEN] = speak_when,
        [GH_SPEAK_AGO] = speak_ago,
    };
    const struct value v = {out, w, value, now_ms};
    forms[as](&v);
}
