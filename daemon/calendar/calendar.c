/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting through the spans of a calendar, from one day to the next. Owns nothing. */
#include "daemon/calendar/calendar_int.h"

#include "base/speak.h"
#include "base/str.h"

#include <time.h>

#define DAYS_MAX 400 /* looked at from a start on */

/* Goes through open spans in order: each is from, to before to. */
struct walk {
    const struct gh_calendar *c;
    int64_t day, last_day, at; /* nothing before at is given */
    unsigned next;             /* span of day */
    int64_t from, to;
};

static struct walk walk_from(const struct gh_calendar *c, int64_t start_ms)
{
    int64_t day = gh_day_of(start_ms);
    return (struct walk){.c = c, .day = day, .last_day = day + DAYS_MAX, .at = start_ms};
}

static bool walk_next(struct walk *w)
{
    while (w->day <= w->last_day) {
        const struct gh_hours *h = gh_hours_of(w->c, w->day);
        if (w->next == h->n) {
            w->day++;
            w->next = 0;
            continue;
        }
        const struct gh_span *s = &h->span[w->next++];
        int64_t open = gh_moment_of(w->day, s->open, false);
        w->to = gh_moment_of(w->day, s->close, true);
        w->from = GH_MAX(open, w->at);
        if (w->from >= w->to)
            continue;
        w->at = w->to;
        return true;
    }
    return false;
}

static int never_open(struct gh_err *err)
{
    return gh_fail(err, GH_LIMIT, "the calendar is not open long enough within %d days", DAYS_MAX);
}

int gh_calendar_add(const struct gh_calendar *c, int64_t start_ms, int64_t counted_ms,
                    int64_t *ret_ms, struct gh_err *err)
{
    struct walk w = walk_from(c, start_ms);
    if (counted_ms <= 0) {
        *ret_ms = start_ms;
        return 0;
    }
    while (walk_next(&w)) {
        if (counted_ms <= w.to - w.from) {
            *ret_ms = w.from + counted_ms;
            return 0;
        }
        counted_ms -= w.to - w.from;
    }
    return never_open(err);
}

int gh_calendar_opening(const struct gh_calendar *c, int64_t start_ms, int64_t *ret_ms,
                        struct gh_err *err)
{
    struct walk w = walk_from(c, start_ms);
    if (!walk_next(&w))
        return never_open(err);
    *ret_ms = w.from;
    return 0;
}

int64_t gh_calendar_counted(const struct gh_calendar *c, int64_t from_ms, int64_t to_ms)
{
    struct walk w = walk_from(c, from_ms);
    int64_t sum = 0;
    w.last_day = gh_day_of(to_ms);
    while (from_ms < to_ms && walk_next(&w) && w.from < to_ms)
        sum += GH_MIN(w.to, to_ms) - w.from;
    return sum;
}

/* ---------------------------------------------------------------------------------- explanation */

const char *gh_weekday_word(const struct gh_words *words, unsigned weekday)
{
    static const char *const days[7] = {
        GH_WC("short weekday", "Sun"), GH_WC("short weekday", "Mon"), GH_WC("short weekday", "Tue"),
        GH_WC("short weekday", "Wed"), GH_WC("short weekday", "Thu"), GH_WC("short weekday", "Fri"),
        GH_WC("short weekday", "Sat")};
    return gh_word(words, "short weekday", days[weekday % 7]);
}

static char *time_words(const struct gh_words *words, int64_t ms, bool with_day)
{
    GH_AUTO_STR s = {0};
    char text[16];
    time_t t = (time_t)(ms / 1000);
    struct tm tm = {0};
    localtime_r(&t, &tm);
    if (with_day)
        gh_str_printf(&s, "%s ", gh_weekday_word(words, (unsigned)tm.tm_wday));
    gh_format(text, sizeof(text), "%02d:%02d", tm.tm_hour, tm.tm_min);
    gh_speak_text(&s, words, text);
    return gh_strdup(s.data);
}

/* "1 h 30 min". */
static char *length_words(const struct gh_words *words, int64_t ms)
{
    GH_AUTO_STR s = {0};
    int64_t minutes = (ms + 30000) / 60000;
    if (minutes / 60) {
        GH_AUTO_STR n = {0};
        gh_speak(&n, words, GH_SPEAK_NUMBER, minutes / 60, 0);
        GH_FILL(&s, gh_word(words, "short span", "%s h"), gh_str_text(&n));
    }
    if (minutes % 60 || !minutes) {
        GH_AUTO_STR n = {0};
        gh_speak(&n, words, GH_SPEAK_NUMBER, minutes % 60, 0);
        gh_str_puts(&s, s.len ? " " : "");
        GH_FILL(&s, gh_word(words, "short span", "%s min"), gh_str_text(&n));
    }
    return gh_strdup(gh_str_text(&s));
}

static void explain_span(const struct gh_words *words, int64_t from, int64_t to, struct gh_str *out)
{
    GH_AUTO_FREE char *a = time_words(words, from, true);
    GH_AUTO_FREE char *b = time_words(words, to, gh_day_of(to - 1) != gh_day_of(from));
    GH_AUTO_FREE char *n = length_words(words, to - from);
    gh_str_puts(out, " · ");
    GH_FILL(out, gh_word(words, "clock", "%1$s–%2$s counts %3$s"), a, b, n);
}

void gh_calendar_explain(const struct gh_calendar *c, int64_t start_ms, int64_t end_ms,
                         const struct gh_words *words, struct gh_str *out)
{
    struct walk w = walk_from(c, start_ms);
    int64_t at = start_ms, from = 0;
    GH_AUTO_FREE char *asked = time_words(words, start_ms, true);
    GH_AUTO_FREE char *due = time_words(words, end_ms, true);
    GH_FILL(out, gh_word(words, "clock", "asked %s"), asked);
    while (at < end_ms && walk_next(&w)) {
        if (w.from > at) {
            if (from)
                explain_span(words, from, at, out);
            GH_AUTO_FREE char *until = time_words(words, w.from, true);
            gh_str_puts(out, " · ");
            GH_FILL(out, gh_word(words, "clock", "closed until %s"), until);
            from = w.from;
        } else if (!from) {
            from = w.from;
        }
        at = GH_MIN(w.to, end_ms);
    }
    if (from)
        explain_span(words, from, at, out);
    gh_str_puts(out, " · ");
    GH_FILL(out, gh_word(words, "clock", "due %s"), due);
}
