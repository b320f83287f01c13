/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calendars as people write them, and as the ledger keeps them. The clauses are a small grammar;
 * each part of it is a function that takes the words it knows off the text. */
#include "daemon/calendar/calendar_int.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define RANGE_DAYS 366 /* of one range of dates */

static const char *const days[7] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

void gh_calendar_free(struct gh_calendar *c)
{
    free(c->special);
    *c = (struct gh_calendar){0};
}

/* --------------------------------------------------------------------------------------- lookup */

/* Special days are kept in order. Where day is, or would stand. */
static size_t place_of(const struct gh_calendar *c, int64_t day)
{
    size_t low = 0, high = c->n_special;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->special[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct gh_hours *gh_hours_of(const struct gh_calendar *c, int64_t day)
{
    size_t at = place_of(c, day);
    return at < c->n_special && c->special[at].day == day ? &c->special[at].hours
                                                          : &c->week[gh_weekday_of(day)];
}

static int set_special(struct gh_calendar *c, int64_t day, const struct gh_hours *hours,
                       struct gh_err *err)
{
    size_t at = place_of(c, day);
    if (at == c->n_special || c->special[at].day != day) {
        if (c->n_special == GH_CALENDAR_SPECIAL)
            return gh_fail(err, GH_CONFIG, "more than %d days that are closed or open",
                           GH_CALENDAR_SPECIAL);
        c->special = gh_realloc(c->special, (c->n_special + 1) * sizeof(*c->special));
        memmove(c->special + at + 1, c->special + at, (c->n_special - at) * sizeof(*c->special));
        c->n_special++;
    }
    c->special[at] = (struct gh_special){.day = day, .hours = *hours};
    return 0;
}

/* ---------------------------------------------------------------------------------------- words */

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t')
        (*at)++;
}

/* Exactly n digits, at most max. */
static bool take_number(const char **at, int n, int max, int *ret)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + c - '0';
    }
    if (v > max)
        return false;
    *at += n;
    *ret = v;
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool take_word(const char **at, const char *word)
{
    size_t n = strlen(word);
    if (strncasecmp(*at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

/* "10:00" or "9:30". */
static bool take_minute(const char **at, unsigned *ret)
{
    int h, m;
    if (!take_number(at, 2, 24, &h) && !take_number(at, 1, 9, &h))
        return false;
    if (!take_char(at, ':') || !take_number(at, 2, 59, &m) || h * 60 + m > GH_DAY_MINUTES)
        return false;
    *ret = (unsigned)(h * 60 + m);
    return true;
}

static int not_read(const char *what, const char *at, struct gh_err *err)
{
    return gh_fail(err, GH_CONFIG, "%s expected at \"%.*s\"", what, (int)gh_utf8_cut(at, 40), at);
}

/* Any number of "10:00-13:30". */
static int take_hours(const char **at, struct gh_hours *ret, struct gh_err *err)
{
    *ret = (struct gh_hours){0};
    for (skip_blanks(at); **at >= '0' && **at <= '9'; skip_blanks(at)) {
        struct gh_span s;
        const char *from = *at;
        if (!take_minute(at, &s.open) || !take_char(at, '-') || !take_minute(at, &s.close))
            return not_read("hours like 10:00-17:30", from, err);
        if (s.close <= s.open)
            return gh_fail(err, GH_CONFIG,
                           "\"%.11s\" ends before it begins (hours over midnight are two spans: "
                           "22:00-24:00 on one day, 00:00-06:00 on the next)",
                           from);
        if (ret->n == GH_CALENDAR_SPANS)
            return gh_fail(err, GH_CONFIG, "more than %d spans in a day", GH_CALENDAR_SPANS);
        if (ret->n && s.open < ret->span[ret->n - 1].close)
            return gh_fail(err, GH_CONFIG, "\"%.11s\" begins before the span before it ends", from);
        ret->span[ret->n++] = s;
    }
    return 0;
}

static bool take_weekday(const char **at, unsigned *ret)
{
    for (unsigned i = 0; i < 7; i++)
        if (take_word(at, days[i])) {
            *ret = i;
            return true;
        }
    return false;
}

/* "daily", "sat", "mon-fri"; the last may be before the first. */
static int take_weekdays(const char **at, unsigned *ret_first, unsigned *ret_n, struct gh_err *err)
{
    unsigned last;
    skip_blanks(at);
    if (take_word(at, "daily")) {
        *ret_first = 0;
        *ret_n = 7;
        return 0;
    }
    if (!take_weekday(at, ret_first))
        return not_read("daily, or a day like mon, or mon-fri", *at, err);
    last = *ret_first;
    if (take_char(at, '-') && !take_weekday(at, &last))
        return not_read("a day like fri", *at, err);
    *ret_n = (last + 7 - *ret_first) % 7 + 1;
    return 0;
}

static int take_date(const char **at, int64_t *ret, struct gh_err *err)
{
    int y, m, d, back_y, back_m, back_d;
    const char *from = *at;
    if (!take_number(at, 4, 9999, &y) || !take_char(at, '-') || !take_number(at, 2, 12, &m) ||
        !take_char(at, '-') || !take_number(at, 2, 31, &d))
        return not_read("a date like 2026-12-25", from, err);
    *ret = gh_day_of_date(y, m, d);
    gh_date_of_day(*ret, &back_y, &back_m, &back_d);
    if (back_y != y || back_m != m || back_d != d)
        return gh_fail(err, GH_CONFIG, "there is no day %.10s", from);
    return 0;
}

/* "2026-12-25" or "2026-10-18 to 2026-10-22". */
static int take_dates(const char **at, int64_t *ret_first, int64_t *ret_last, struct gh_err *err)
{
    skip_blanks(at);
    TRY(take_date(at, ret_first, err));
    *ret_last = *ret_first;
    skip_blanks(at);
    if (!take_word(at, "to "))
        return 0;
    skip_blanks(at);
    TRY(take_date(at, ret_last, err));
    if (*ret_last < *ret_first || *ret_last - *ret_first > RANGE_DAYS)
        return gh_fail(err, GH_CONFIG, "a range of dates must go forward, at most %d days",
                       RANGE_DAYS);
    return 0;
}

/* -------------------------------------------------------------------------------------- clauses */

static int take_special(struct gh_calendar *c, const char **at, bool open, struct gh_err *err)
{
    do {
        int64_t first, last;
        struct gh_hours hours = {0};
        TRY(take_dates(at, &first, &last, err));
        if (open)
            TRY(take_hours(at, &hours, err));
        for (int64_t day = first; day <= last; day++)
            TRY(set_special(c, day, open && !hours.n ? &c->week[gh_weekday_of(day)] : &hours, err));
        skip_blanks(at);
    } while (take_char(at, ','));
    return 0;
}

static int take_week(struct gh_calendar *c, const char **at, struct gh_err *err)
{
    do {
        unsigned first = 0, n = 0;
        struct gh_hours hours;
        TRY(take_weekdays(at, &first, &n, err));
        TRY(take_hours(at, &hours, err));
        if (!hours.n)
            return not_read("hours like 10:00-17:30", *at, err);
        for (unsigned i = 0; i < n; i++)
            c->week[(first + i) % 7] = hours;
        skip_blanks(at);
    } while (take_char(at, ','));
    return 0;
}

int gh_calendar_close_day(struct gh_calendar *c, int64_t day, struct gh_err *err)
{
    return set_special(c, day, &(struct gh_hours){0}, err);
}

static int take_list(struct gh_calendar *c, const char *dates, bool open, struct gh_err *err)
{
    TRY(take_special(c, &dates, open, err));
    return *dates ? not_read("a comma or the end", dates, err) : 0;
}

int gh_calendar_close(struct gh_calendar *c, const char *dates, struct gh_err *err)
{
    return take_list(c, dates, false, err);
}

int gh_calendar_open(struct gh_calendar *c, const char *dates, struct gh_err *err)
{
    return take_list(c, dates, true, err);
}

int gh_calendar_parse(const char *text, struct gh_calendar *ret, struct gh_err *err)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    const char *at = text;
    TRY(take_week(&c, &at, err));
    while (take_char(&at, ';')) {
        skip_blanks(&at);
        bool open = take_word(&at, "open ");
        if (!open && !take_word(&at, "closed "))
            return not_read("closed or open, and a date", at, err);
        TRY(take_special(&c, &at, open, err));
    }
    if (*at)
        return not_read("a comma, a semicolon or the end", at, err);
    *ret = c;
    c = (struct gh_calendar){0};
    return 0;
}

/* ------------------------------------------------------------------------------------- printing */

static void print_hours(const struct gh_hours *h, struct gh_str *out)
{
    for (unsigned i = 0; i < h->n; i++)
        gh_str_printf(out, " %02u:%02u-%02u:%02u", h->span[i].open / 60, h->span[i].open % 60,
                      h->span[i].close / 60, h->span[i].close % 60);
}

static bool same_hours(const struct gh_hours *a, const struct gh_hours *b)
{
    for (unsigned i = 0; i < a->n && a->n == b->n; i++)
        if (a->span[i].open != b->span[i].open || a->span[i].close != b->span[i].close)
            return false;
    return a->n == b->n;
}

static void print_week(const struct gh_calendar *c, struct gh_str *out)
{
    bool all = true, first = true;
    for (unsigned i = 1; i < 7; i++)
        all = all && same_hours(&c->week[0], &c->week[i]);
    if (all) {
        gh_str_puts(out, "daily");
        print_hours(&c->week[0], out);
        return;
    }
    for (unsigned i = 0; i < 7;) { /* a week that begins on Monday */
        unsigned day = (i + 1) % 7, n = 1;
        while (i + n < 7 && same_hours(&c->week[day], &c->week[(i + n + 1) % 7]))
            n++;
        i += n;
        if (!c->week[day].n)
            continue;
        gh_str_printf(out, "%s%s", first ? "" : ", ", days[day]);
        if (n > 1)
            gh_str_printf(out, "-%s", days[(day + n - 1) % 7]);
        print_hours(&c->week[day], out);
        first = false;
    }
}

void gh_calendar_text(const struct gh_calendar *c, int64_t from_ms, unsigned within,
                      struct gh_str *out)
{
    int64_t from = gh_day_of(from_ms);
    print_week(c, out);
    for (size_t i = place_of(c, from); i < c->n_special && c->special[i].day <= from + within;
         i++) {
        int y, m, d;
        gh_date_of_day(c->special[i].day, &y, &m, &d);
        gh_str_printf(out, "; %s %04d-%02d-%02d", c->special[i].hours.n ? "open" : "closed", y, m,
                      d);
        print_hours(&c->special[i].hours, out);
    }
}
