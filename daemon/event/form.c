/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of words: what a line is about, months, parts of the day. Words are compared folded (NFC,
 * without case), so that every way to type them is one. */
#include "daemon/event/form.h"

#include "daemon/event/hand.h"
#include "daemon/event/tokens.h"

#include "daemon/calendar/calendar.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>
#include <time.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define FAR_MS (2 * 366 * DAY_MS) /* what is announced for later was misread */
#define LONG_MS (31 * DAY_MS)
#define USUAL_MS ((int64_t)2 * 3600 * 1000) /* of an event whose end is not said */

/* -------------------------------------------------------------------------------------- its words
 */

static const struct {
    const char *word;
    size_t at; /* of a field of the form */
} keys[] = {
#define KEY(field, word)                                                                           \
    {                                                                                              \
        word, offsetof(struct gh_event_form, field)                                                \
    }
    KEY(title, "event"),
    KEY(title, "title"),
    KEY(title, "name of the event"),
    KEY(title, "programme"),
    KEY(title, "program"),
    KEY(title, "অনুষ্ঠান"),
    KEY(title, "অনুষ্ঠানের নাম"),
    KEY(title, "কর্মসূচি"),
    KEY(title, "कार्यक्रम"),
    KEY(title, "कार्यक्रम का नाम"),
    KEY(title, "आयोजन"),
    KEY(date, "date"),
    KEY(date, "day"),
    KEY(date, "তারিখ"),
    KEY(date, "দিন"),
    KEY(date, "तारीख"),
    KEY(date, "दिनांक"),
    KEY(date, "तिथि"),
    KEY(time, "time"),
    KEY(time, "from"),
    KEY(time, "begins"),
    KEY(time, "starts"),
    KEY(time, "সময়"),
    KEY(time, "শুরু"),
    KEY(time, "समय"),
    KEY(time, "शुरू"),
    KEY(until, "until"),
    KEY(until, "till"),
    KEY(until, "ends"),
    KEY(until, "end"),
    KEY(until, "শেষ"),
    KEY(until, "পর্যন্ত"),
    KEY(until, "समाप्त"),
    KEY(until, "समाप्ति"),
    KEY(until, "तक"),
    KEY(place, "place"),
    KEY(place, "venue"),
    KEY(place, "where"),
    KEY(place, "স্থান"),
    KEY(place, "জায়গা"),
    KEY(place, "स्थान"),
    KEY(place, "जगह"),
    KEY(ward, "ward"),
    KEY(ward, "ওয়ার্ড"),
    KEY(ward, "वार्ड"),
    KEY(material, "expected"),
    KEY(material, "material"),
    KEY(material, "needed"),
    KEY(material, "প্রয়োজনীয়"),
    KEY(material, "প্রয়োজন"),
    KEY(material, "प्रत्याशित"),
    KEY(material, "अपेक्षित"),
    KEY(material, "आवश्यक"),
    KEY(number, "number"),
    KEY(number, "event number"),
    KEY(number, "নম্বর"),
    KEY(number, "অনুষ্ঠানের নম্বর"),
    KEY(number, "संख्या"),
    KEY(number, "क्रमांक"),
    KEY(number, "कार्यक्रम संख्या"),
    KEY(cancel, "cancelled"),
    KEY(cancel, "canceled"),
    KEY(cancel, "cancel"),
    KEY(cancel, "বাতিল"),
    KEY(cancel, "रद्द"),
#undef KEY
};

static const struct {
    const char *word;
    int month;
} months[] = {
    {"january", 1},   {"february", 2},  {"march", 3},   {"april", 4},     {"may", 5},
    {"june", 6},      {"july", 7},      {"august", 8},  {"september", 9}, {"october", 10},
    {"november", 11}, {"december", 12}, {"জানুয়ারি", 1}, {"জানুয়ারী", 1},   {"ফেব্রুয়ারি", 2},
    {"ফেব্রুয়ারী", 2},  {"মার্চ", 3},      {"এপ্রিল", 4},   {"মে", 5},        {"জুন", 6},
    {"জুলাই", 7},      {"আগস্ট", 8},      {"আগষ্ট", 8},    {"অগস্ট", 8},      {"অগাস্ট", 8},
    {"সেপ্টেম্বর", 9},  {"অক্টোবর", 10},   {"নভেম্বর", 11}, {"ডিসেম্বর", 12},  {"जनवरी", 1},
    {"फरवरी", 2},     {"फ़रवरी", 2},     {"मार्च", 3},    {"अप्रैल", 4},      {"मई", 5},
    {"जून", 6},        {"जुलाई", 7},      {"अगस्त", 8},    {"सितंबर", 9},     {"सितम्बर", 9},
    {"अक्टूबर", 10},    {"अक्तूबर", 10},    {"नवंबर", 11},   {"नवम्बर", 11},    {"दिसंबर", 12},
    {"दिसम्बर", 12},
};
#define SHORT_MONTH 3 /* letters of the shortest abbreviation */

static const char *const whole_day[] = {"all day", "whole day", "সারাদিন", "সারা দিন",
                                        "পুরো দিন", "पूरे दिन",    "पूरा दिन", "दिन भर"};
static const char *const yes[] = {"yes", "y",  "true", "হ্যাঁ", "হাঁ",
                                  "हाँ",  "हां", "জি",   "वाह", "cancelled"};
static bool has_word(const char *folded, const char *word)
{
    GH_AUTO_FREE char *w = gh_text_fold(word, strlen(word));
    return strstr(folded, w) != NULL;
}

static bool begins_with(const char *folded, const char *word)
{
    GH_AUTO_FREE char *w = gh_text_fold(word, strlen(word));
    return gh_starts(folded, w);
}

/* Folded, with the digits of every script as those of ASCII. The caller's. */
static char *plain(const char *text)
{
    char *s = gh_text_fold(text, strlen(text)), *to = s;
    for (const char *c = s; *c; c++) {
        const unsigned char *p = (const unsigned char *)c;
        unsigned zero = p[0] != 0xe0 ? 0 : p[1] == 0xa7 || p[1] == 0xa5 ? 0xa6u : 0;
        if (zero && p[2] >= zero && p[2] <= zero + 9) {
            *to++ = (char)('0' + (p[2] - zero));
            c += 2;
        } else {
            *to++ = *c;
        }
    }
    *to = 0;
    return s;
}

static bool is_said(const char *text)
{
    return text && text[strspn(text, " \t")];
}

/* Up to four numbers of a text, in order; between (may be NULL): what stands behind the first. */
static int numbers_of(const char *text, int ret[4], char ret_between[2])
{
    int n = 0;
    for (const char *c = text; *c && n < 4;) {
        if (*c < '0' || *c > '9') {
            c++;
            continue;
        }
        int value = 0, digits = 0;
        for (; *c >= '0' && *c <= '9'; c++, digits++)
            value = digits < 6 ? value * 10 + (*c - '0') : 999999;
        ret[n++] = value;
        if (n < 3)
            ret_between[n - 1] = *c;
    }
    return n;
}

int64_t gh_event_number(const char *text)
{
    int n[4];
    char between[2];
    GH_AUTO_FREE char *p = is_said(text) ? plain(text) : NULL;
    return p && numbers_of(p, n, between) == 1 && n[0] < 999999 ? n[0] : 0;
}

bool gh_event_yes(const char *text)
{
    GH_AUTO_FREE char *p = is_said(text) ? plain(text) : NULL;
    for (size_t i = 0; i < GH_LEN(yes) && p; i++)
        if (begins_with(p, yes[i]))
            return true;
    return false;
}

/* --------------------------------------------------------------------------------- dates and times
 */

static bool is_date(int y, int m, int d)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return y >= 2000 && y < 2200 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] &&
           (m != 2 || d < 29 || leap);
}

/* Letters of a token of UTF-8, signs of vowels among them. */
static size_t letters_of(const char *token, size_t n)
{
    size_t letters = 0;
    for (size_t i = 0; i < n; i++)
        letters += ((unsigned char)token[i] & 0xc0) != 0x80;
    return letters;
}

/* Is the token the month, with an ending or cut short: "জানু", "sept"? */
static bool is_month(const char *token, size_t n, const char *word)
{
    GH_AUTO_FREE char *w = gh_text_fold(word, strlen(word));
    return gh_token_is(token, n, word) ||
           (letters_of(token, n) >= SHORT_MONTH && n < strlen(w) && !memcmp(w, token, n));
}

/* The month that a text names; 0: none; -1: two of them. */
static int month_of(const char *text)
{
    GH_AUTO_FREE char *tokens = gh_tokens_of(text);
    int month = 0;
    size_t at = 0, n;
    for (const char *t; (t = gh_tokens_next(tokens, &at, &n));)
        for (size_t i = 0; i < GH_LEN(months); i++) {
            if (!is_month(t, n, months[i].word))
                continue;
            if (month && month != months[i].month)
                return -1;
            month = months[i].month;
        }
    return month;
}

static int read_date(const char *text, int64_t *ret_day, struct gh_err *err)
{
    GH_AUTO_FREE char *p = plain(text);
    int n[4] = {0}, named = 0;
    char between[2] = "";
    int count = numbers_of(p, n, between), y, m, d;
    named = month_of(p);
    if (named < 0)
        count = 0;
    bool ours = count == 3 && n[0] > 31; /* 2026-12-04 */
    y = named ? n[1] : ours ? n[0] : n[2];
    m = named ? named : n[1];
    d = ours ? n[2] : n[0];
    if (y < 100)
        y += 2000;
    if (count != (named ? 2 : 3) || !is_date(y, m, d))
        return gh_fail(err, GH_LIMIT,
                       "the date cannot be read: write day/month/year, like 04/12/2026");
    *ret_day = gh_day_of_date(y, m, d);
    return 0;
}

static bool is_whole_day(const char *p)
{
    for (size_t i = 0; i < GH_LEN(whole_day); i++)
        if (has_word(p, whole_day[i]))
            return true;
    return false;
}

static unsigned minute_of(int64_t ms)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return (unsigned)(tm.tm_hour * 60 + tm.tm_min);
}

/* On which day after its first the event ends; 0: it is over before a day has passed, be it at
 * night. */
static int64_t days_more(const struct gh_event *e)
{
    return e && e->ends_ms - e->starts_ms > DAY_MS
               ? gh_day_of(e->ends_ms - 1) - gh_day_of(e->starts_ms)
               : 0;
}

static void minute_text(int64_t ms, char ret[16])
{
    unsigned minute = minute_of(ms);
    gh_format(ret, 16, "%02u:%02u", minute / 60, minute % 60);
}

/* Until when on the last of several days: what is as it was is of 24 hours. */
static int last_minute(const struct gh_event *e, const char *text, struct gh_hand *from,
                       struct gh_hand *until, unsigned *ret, struct gh_err *err)
{
    char was[16];
    minute_text(e->ends_ms, was);
    if (e->all_day || !gh_streq(text, was))
        gh_hand_share(from, until);
    *ret = gh_hand_minute(until);
    return gh_hand_is_unclear(until) ? gh_hand_refuse_unclear(err) : 0;
}

static int read_times(const struct gh_event_form *f, int64_t day, struct gh_event_said *ret,
                      struct gh_err *err)
{
    GH_AUTO_FREE char *p = plain(f->time);
    GH_AUTO_FREE char *q = is_said(f->until) ? plain(f->until) : NULL;
    int64_t days = days_more(f->kept); /* a change leaves it its days */
    struct gh_hand from, to;
    unsigned minute, until;
    if (is_whole_day(p)) {
        ret->all_day = true;
        ret->starts_ms = gh_moment_of(day, 0, false);
        ret->ends_ms = gh_moment_of(day + days, GH_DAY_MINUTES, false);
        return 0;
    }
    const char *end = gh_hand_second(p);
    TRY(gh_hand_read(p, &from, err));
    minute = gh_hand_minute(&from);
    ret->starts_ms = gh_moment_of(day, minute, false);
    ret->ends_ms = gh_moment_of(day + days, minute, false) + USUAL_MS;
    if (!end)
        end = q ? gh_strip(q) : NULL;
    if (!end)
        return gh_hand_is_unclear(&from) ? gh_hand_refuse_unclear(err) : 0;
    TRY(gh_hand_read(end, &to, err));
    if (days) {
        TRY(last_minute(f->kept, end, &from, &to, &until, err));
        minute = gh_hand_minute(&from); /* which may share the part of the day of its end */
        if (gh_hand_is_unclear(&from))
            return gh_hand_refuse_unclear(err);
    } else {
        TRY(gh_hand_span(&from, &to, &minute, &until, err));
    }
    ret->starts_ms = gh_moment_of(day, minute, false);
    /* over midnight, it ends on the next day */
    ret->ends_ms = gh_moment_of(day + (days ? days : until <= minute), until, false);
    return 0;
}

/* The times of the event, moved to begin on that day. */
static void keep_times(const struct gh_event *e, int64_t day, struct gh_event_said *ret)
{
    int64_t days = day - gh_day_of(e->starts_ms);
    ret->all_day = e->all_day;
    ret->starts_ms = e->starts_ms;
    ret->ends_ms = e->ends_ms;
    if (!days)
        return;
    ret->starts_ms = gh_moment_of(day, minute_of(e->starts_ms), false);
    ret->ends_ms = gh_moment_of(gh_day_of(e->ends_ms) + days, minute_of(e->ends_ms), false);
}

int gh_event_check_times(const struct gh_event_said *said, int64_t now_ms, struct gh_err *err)
{
    if (said->ends_ms < said->starts_ms)
        return gh_fail(err, GH_LIMIT, "the event ends before it begins");
    if (said->ends_ms <= now_ms)
        return gh_fail(err, GH_LIMIT, "the event is over already: is the date right?");
    if (said->starts_ms > now_ms + FAR_MS)
        return gh_fail(err, GH_LIMIT, "the event is more than two years away: is the date right?");
    if (said->ends_ms - said->starts_ms > LONG_MS)
        return gh_fail(err, GH_LIMIT, "an event lasts a month at most: is the date right?");
    return 0;
}

static const char *text_of(const char *text)
{
    return text ? text : "";
}

int gh_event_form_read(const struct gh_event_form *f, int64_t now_ms, struct gh_event_said *ret,
                       struct gh_err *err)
{
    struct gh_event_said said = {.title = text_of(f->title),
                                 .place = text_of(f->place),
                                 .ward = text_of(f->ward),
                                 .material = text_of(f->material)};
    int64_t day = 0;
    if (!is_said(f->title))
        return gh_fail(err, GH_LIMIT, "the event has no title: say what it is");
    if (!is_said(f->date))
        return gh_fail(err, GH_LIMIT, "the event has no date: write it like 04/12/2026");
    if (!is_said(f->time))
        return gh_fail(err, GH_LIMIT, "the event has no time: write it like 11:00, or: all day");
    TRY(read_date(f->date, &day, err));
    if (f->kept && f->same_hours)
        keep_times(f->kept, day, &said);
    else
        TRY(read_times(f, day, &said, err));
    TRY(gh_event_check_times(&said, now_ms, err));
    *ret = said;
    return 0;
}

#define FORM_UID "form:"

char *gh_event_form_uid(const struct gh_event_said *said)
{
    int y, m, d;
    gh_date_of_day(gh_day_of(said->starts_ms), &y, &m, &d);
    return gh_asprintf(FORM_UID "%04d-%02d-%02d %.*s", y, m, d,
                       (int)gh_utf8_cut(said->title, GH_EVENT_UID - 20), said->title);
}

bool gh_event_is_form_uid(const char *uid)
{
    return uid && gh_starts(uid, FORM_UID);
}

/* ----------------------------------------------------------------------------------- lines of text
 */

/* The colon of a line, in the forms in which it is typed; NULL: none. */
static char *colon_of(char *line, size_t *ret_len)
{
    static const char *const colons[] = {":", "\xef\xbc\x9a", "ঃ"};
    char *best = NULL;
    for (size_t i = 0; i < GH_LEN(colons); i++) {
        char *at = strstr(line, colons[i]);
        if (at && (!best || at < best)) {
            best = at;
            *ret_len = strlen(colons[i]);
        }
    }
    return best;
}

static void take_line(char *line, struct gh_event_form *ret)
{
    size_t len = 0;
    char *colon = colon_of(line, &len);
    if (!colon)
        return;
    *colon = 0;
    char *said = gh_strip(colon + len), *head = gh_strip(line);
    GH_AUTO_FREE char *key = gh_text_fold(head, strlen(head));
    for (size_t i = 0; i < GH_LEN(keys); i++) {
        GH_AUTO_FREE char *word = gh_text_fold(keys[i].word, strlen(keys[i].word));
        const char **field = (const char **)((char *)ret + keys[i].at);
        if (gh_streq(key, word) && !*field && *said)
            *field = said;
    }
}

void gh_event_form_of(char *text, struct gh_event_form *ret)
{
    *ret = (struct gh_event_form){0};
    for (char *line; (line = strsep(&text, "\n"));)
        take_line(line, ret);
}

/* Is what the form says of the time of day what the event has? */
static bool has_same_hours(const struct gh_event_form *form, const struct gh_event *event,
                           const struct gh_event_kept *kept)
{
    GH_AUTO_FREE char *time = plain(form->time ? form->time : kept->time);
    GH_AUTO_FREE char *until = plain(form->until ? form->until : kept->until);
    if (event->all_day)
        return !form->time || is_whole_day(time);
    return gh_streq(gh_strip(time), kept->time) && (form->until || !form->time) &&
           gh_streq(gh_strip(until), kept->until);
}

void gh_event_form_keep(struct gh_event_form *form, const struct gh_event *event,
                        struct gh_event_kept *kept)
{
    int y, m, d;
    gh_date_of_day(gh_day_of(event->starts_ms), &y, &m, &d);
    gh_format(kept->date, sizeof(kept->date), "%04d-%02d-%02d", y, m, d);
    minute_text(event->starts_ms, kept->time);
    minute_text(event->ends_ms, kept->until);
    form->kept = event;
    form->same_hours = has_same_hours(form, event, kept);
    const struct {
        const char **field, *text;
    } fields[] = {
        {&form->title, event->title},
        {&form->date, kept->date},
        /* an end that is not said belongs to the time that was, unless it is of another day */
        {&form->until, event->all_day || (form->time && !days_more(event)) ? "" : kept->until},
        {&form->time, event->all_day ? "all day" : kept->time},
        {&form->place, event->place},
        {&form->ward, event->ward},
        {&form->material, event->material},
    };
    for (size_t i = 0; i < GH_LEN(fields); i++)
        if (!*fields[i].field)
            *fields[i].field = fields[i].text;
}
