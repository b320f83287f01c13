/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of words: parts of the day, halves and quarters, what stands between two times, and
 * between an hour and its minutes. A time that nothing tells apart from the same one twelve hours
 * later is told by the other end of its span, which is less than half a day away. */
#include "daemon/event/hand.h"

#include "daemon/event/tokens.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define HALF_DAY 720

enum part { PART_NONE, PART_AM, PART_PM, PART_NOON, PART_NIGHT };
static const struct {
    const char *word;
    enum part part;
} parts[] = {
    {"am", PART_AM},          {"a m", PART_AM},      {"pm", PART_PM},       {"p m", PART_PM},
    {"noon", PART_NOON},      {"midday", PART_NOON}, {"morning", PART_AM},  {"forenoon", PART_AM},
    {"afternoon", PART_PM},   {"evening", PART_PM},  {"night", PART_NIGHT}, {"tonight", PART_NIGHT},
    {"midnight", PART_NIGHT}, {"ভোর", PART_AM},      {"সকাল", PART_AM},     {"প্রাতঃ", PART_AM},
    {"প্রাতে", PART_AM},       {"পূর্বাহ্ন", PART_AM},   {"দুপুর", PART_NOON},    {"মধ্যাহ্ন", PART_NOON},
    {"দ্বিপ্রহর", PART_NOON},   {"বিকেল", PART_PM},    {"বিকাল", PART_PM},    {"অপরাহ্ন", PART_PM},
    {"সন্ধ্যা", PART_PM},       {"সন্ধ্যে", PART_PM},    {"সন্ধে", PART_PM},     {"সন্ধা", PART_PM},
    {"সায়াহ্ন", PART_PM},      {"রাত", PART_NIGHT},   {"রাত্রি", PART_NIGHT}, {"রাত্রে", PART_NIGHT},
    {"মধ্যরাত", PART_NIGHT},   {"सुबह", PART_AM},      {"सवेरे", PART_AM},      {"भोर", PART_AM},
    {"तड़के", PART_AM},         {"प्रातः", PART_AM},    {"प्रात", PART_AM},     {"प्रातःकाल", PART_AM},
    {"पूर्वाह्न", PART_AM},      {"दोपहर", PART_NOON},  {"मध्याह्न", PART_NOON}, {"अपराह्न", PART_PM},
    {"शाम", PART_PM},         {"सायं", PART_PM},      {"सांय", PART_PM},      {"साय", PART_PM},
    {"सायंकाल", PART_PM},      {"सांयकाल", PART_PM},   {"संध्या", PART_PM},     {"सन्ध्या", PART_PM},
    {"रात", PART_NIGHT},      {"रात्रि", PART_NIGHT}, {"दिन में", PART_NOON},  {"दिन के", PART_NOON},
    {"বেলা", PART_NOON}, /* behind all that say
more */
};

/* Halves and quarters of the hour beside them: "সাড়ে ১০টা" is 10:30, "পৌনে ৫টা" 4:45. */
static const struct {
    const char *word;
    int minutes;
} quarters[] = {
    {"সাড়ে", 30},      {"সোয়া", 15},         {"সওয়া", 15},        {"পৌনে", -15},
    {"साढ़े", 30},       {"साढे", 30},          {"सवा", 15},         {"पौने", -15},
    {"half past", 30}, {"quarter past", 15}, {"quarter to", -15},
};

/* What says nothing of the half of the day. */
static const char *const idle[] = {
    "at",      "from",  "to",   "till",   "until",   "in",   "the",   "of",      "on",   "sharp",
    "h",       "hr",    "hrs",  "hour",   "hours",   "o",    "clock", "oclock",  "ist",  "onward",
    "onwards", "min",   "mins", "minute", "minutes", "half", "past",  "quarter", "time", "about",
    "approx",  "নাগাদ", "প্রায়", "लगभग",   "करीब",    "টা",   "টায়",   "টে",      "টি",   "টাতে",
    "বেজে",    "ঘটিকা", "ঠিক",  "মিনিট",  "মিঃ",     "মি",   "থেকে",  "হইতে",    "হতে",  "পর্যন্ত",
    "সময়",     "বাজে",  "बजे",   "बजकर",   "बज",      "कर",   "बजके",   "से",       "तक",   "मिनट",
    "मि",      "पर",    "को",   "ठीक",    "समय",     "के",    "में",     "घंटे",
};

static const char *const ranges[] = {"to",  "until", "till", "থেকে", "হইতে",
                                     "হতে", "से",     "-",    "–",    "—"};

/* Between an hour and its minutes: signs, and words, behind which is nothing but "minutes". */
static const char *const signs[] = {":", ".", "h"};
static const char *const joints[] = {"টা", "টা বেজে", "টে", "बजकर", "बज कर", "बजके", "बजे"};
static const char *const behind_minutes[] = {"", "মিনিট", "মিনিটে", "মিঃ", "मिनट", "मिनट पर"};

/* Is the text, without the blanks around it, one of the list? */
static bool is_one_of(const char *text, size_t n, const char *const *list, size_t n_list)
{
    GH_AUTO_FREE char *copy = gh_strndup(text, n);
    const char *bare = gh_strip(copy);
    for (size_t i = 0; i < n_list; i++) {
        GH_AUTO_FREE char *w = gh_text_fold(list[i], strlen(list[i]));
        if (gh_streq(w, bare))
            return true;
    }
    return false;
}

/* What the tokens say; -1: that it is of the morning, and of the evening. */
static int part_of(const char *tokens)
{
    bool said[PART_NIGHT + 1] = {false};
    enum part first = PART_NONE;
    for (size_t i = 0; i < GH_LEN(parts); i++)
        if (gh_tokens_have(tokens, parts[i].word)) {
            first = first ? first : parts[i].part;
            said[parts[i].part] = true;
        }
    return said[PART_AM] && said[PART_PM] ? -1 : (int)first;
}

static int quarter_of(const char *tokens)
{
    for (size_t i = 0; i < GH_LEN(quarters); i++)
        if (gh_tokens_have(tokens, quarters[i].word))
            return quarters[i].minutes;
    return 0;
}

static bool is_known(const char *token, size_t n)
{
    for (size_t i = 0; i < GH_LEN(parts); i++)
        if (gh_token_is(token, n, parts[i].word))
            return true;
    for (size_t i = 0; i < GH_LEN(quarters); i++)
        if (gh_token_is(token, n, quarters[i].word))
            return true;
    for (size_t i = 0; i < GH_LEN(idle); i++)
        if (gh_token_is(token, n, idle[i]))
            return true;
    return *token >= '0' && *token <= '9';
}

/* Is there a word that may say of which half of the day it is, for all that is known here? */
static bool has_strange(const char *tokens)
{
    size_t at = 0, n;
    for (const char *t; (t = gh_tokens_next(tokens, &at, &n));)
        if (!is_known(t, n))
            return true;
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* A word of a range as a whole: behind "টা" there may be no blank. */
static bool is_apart(const char *text, const char *at, const char *word)
{
    if (!is_letter(*word) || gh_starts(word, "\xe2\x80"))
        return true;
    return !is_letter(at[strlen(word)]) &&
           ((unsigned char)*word >= 0x80 || at == text || !is_letter(at[-1]));
}

/* Between two times, with a number before it and behind it: "quarter to 5" has none before. */
static char *range_in(char *text, const char *word)
{
    for (char *at = text; (at = strstr(at, word)); at += strlen(word))
        if (is_apart(text, at, word) && at[strcspn(at, "0123456789")] &&
            strcspn(text, "0123456789") < (size_t)(at - text))
            return at;
    return NULL;
}

char *gh_hand_second(char *p)
{
    for (size_t i = 0; i < GH_LEN(ranges); i++) {
        GH_AUTO_FREE char *w = gh_text_fold(ranges[i], strlen(ranges[i]));
        char *at = range_in(p, w);
        if (!at)
            continue;
        *at = 0;
        return at + strlen(w);
    }
    return NULL;
}

static int no_time(struct gh_err *err)
{
    return gh_fail(err, GH_LIMIT,
                   "the time cannot be read: write it like 11:00 or 17:30, or 11 am to 2 pm");
}

int gh_hand_refuse_unclear(struct gh_err *err)
{
    return gh_fail(err, GH_LIMIT,
                   "the time may be of the morning or of the evening: write it like 17:00, or 5 "
                   "pm");
}

/* A number of at most two digits; -1: it is none. *text goes behind it. */
static int number_of(const char **text)
{
    int value = 0, digits = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++, digits++)
        value = digits < 2 ? value * 10 + (**text - '0') : 1000;
    return digits ? value : -1;
}

/* The minutes behind an hour. Returns false when what stands there is no such thing: "10 12". */
static bool read_minutes(const char *behind, int *ret)
{
    const char *at = behind + strcspn(behind, "0123456789");
    size_t n = (size_t)(at - behind);
    bool sign = is_one_of(behind, n, signs, GH_LEN(signs));
    if (!sign && !is_one_of(behind, n, joints, GH_LEN(joints)))
        return false;
    *ret = number_of(&at);
    return sign ? !at[strcspn(at, "0123456789")]
                : is_one_of(at, strlen(at), behind_minutes, GH_LEN(behind_minutes));
}

int gh_hand_read(const char *text, struct gh_hand *ret, struct gh_err *err)
{
    const char *at = text + strcspn(text, "0123456789");
    GH_AUTO_FREE char *tokens = gh_tokens_of(text);
    struct gh_hand h = {.part = part_of(tokens), .exact = *at == '0', .minutes = -1};
    int quarter = quarter_of(tokens);
    h.strange = has_strange(tokens);
    h.hour = number_of(&at);
    if (at[strcspn(at, "0123456789")] && (quarter || !read_minutes(at, &h.minute)))
        return no_time(err);
    if (h.part < 0 || (quarter && (h.hour < 1 || h.hour > 12)))
        return no_time(err);
    if (quarter) {
        h.hour = quarter < 0 ? (h.hour + 10) % 12 + 1 : h.hour;
        h.minute = (quarter + 60) % 60;
    }
    if (h.hour < 0 || h.hour > 24 || h.minute > 59 || (h.hour == 24 && (h.minute || h.part)) ||
        (h.part == PART_AM && h.hour > 12))
        return no_time(err);
    h.exact = h.exact || h.hour == 0 || h.hour > 12;
    *ret = h;
    return 0;
}

/* Does nothing say of which half of the day it is? */
static bool is_open(const struct gh_hand *h)
{
    return !h->part && !h->exact && h->minutes < 0;
}

bool gh_hand_is_unclear(const struct gh_hand *h)
{
    return is_open(h) && (h->hour <= 7 || h->strange);
}

unsigned gh_hand_minute(const struct gh_hand *h)
{
    int part = h->part, hour = h->hour;
    bool late =
        part == PART_PM || (part == PART_NOON && hour < 6) || (part == PART_NIGHT && hour >= 6);
    if (h->minutes >= 0)
        return (unsigned)h->minutes;
    if (late && hour < 12)
        hour += 12;
    if ((part == PART_AM || part == PART_NIGHT) && h->hour == 12)
        hour = part == PART_NIGHT ? 24 : 0;
    return (unsigned)(hour * 60 + h->minute);
}

/* The time that the hand shows, in the half day after that moment, or in the one before. */
static int nearest(const struct gh_hand *h, int minute, bool after)
{
    int shown = h->hour % 12 * 60 + h->minute;
    int span = ((after ? shown - minute : minute - shown) % HALF_DAY + HALF_DAY) % HALF_DAY;
    span = span ? span : HALF_DAY;
    int at = (after ? minute + span : minute - span + (int)GH_DAY_MINUTES) % (int)GH_DAY_MINUTES;
    return after && !at ? (int)GH_DAY_MINUTES : at; /* until midnight, from midnight */
}

bool gh_hand_share(struct gh_hand *from, struct gh_hand *until)
{
    if (is_open(from) && until->part) {
        from->minutes = nearest(from, (int)gh_hand_minute(until), false);
        return true;
    }
    if (!is_open(until) || !(from->part || from->hour > 12)) /* "15:00 to 5" */
        return false;
    until->minutes = nearest(until, (int)gh_hand_minute(from), true);
    return true;
}

int gh_hand_span(struct gh_hand *from, struct gh_hand *until, unsigned *ret_from,
                 unsigned *ret_until, struct gh_err *err)
{
    bool shared = gh_hand_share(from, until);
    *ret_from = gh_hand_minute(from);
    *ret_until = gh_hand_minute(until);
    if (*ret_from % GH_DAY_MINUTES == *ret_until % GH_DAY_MINUTES)
        return no_time(err);
    if (shared)
        return 0;
    bool back = *ret_until <= *ret_from;
    bool of_day = *ret_from >= 6 * 60 && until->hour < 12 && !until->part; /* "10 to 05:00" */
    if (gh_hand_is_unclear(from) ||
        (gh_hand_is_unclear(until) && (!from->exact || until->strange)) ||
        (back && (is_open(until) || (is_open(from) && of_day)))) /* "05:00 to 4:30" */
        return gh_hand_refuse_unclear(err);
    return 0;
}
