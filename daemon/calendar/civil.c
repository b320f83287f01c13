/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Civil time: days and minutes as the clocks of the process's zone show them, as moments. */
#include "daemon/calendar/calendar_int.h"

#include "base/cleanup.h"

#include <time.h>

#define DAY_S 86400

/* Days before the month in a year that begins in March, so that a leap day comes last. */
int64_t gh_day_of_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * m + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void gh_date_of_day(int64_t day, int *ret_year, int *ret_month, int *ret_day)
{
    time_t t = (time_t)(day * DAY_S);
    struct tm tm = {0};
    gmtime_r(&t, &tm);
    *ret_year = tm.tm_year + 1900;
    *ret_month = tm.tm_mon + 1;
    *ret_day = tm.tm_mday;
}

unsigned gh_weekday_of(int64_t day)
{
    return (unsigned)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* Seconds by which the zone's clocks are ahead of UTC at a moment. */
static int64_t ahead_at(int64_t s)
{
    time_t t = (time_t)s;
    struct tm tm = {0};
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t gh_day_of(int64_t ms)
{
    int64_t s = floor_div(ms, 1000);
    return floor_div(s + ahead_at(s), DAY_S);
}

int64_t gh_moment_of(int64_t day, unsigned minute, bool last)
{
    int64_t shown = day * DAY_S + (int64_t)minute * 60;
    int64_t before = shown - ahead_at(shown - DAY_S), after = shown - ahead_at(shown + DAY_S);
    bool is_before = before + ahead_at(before) == shown,
         is_after = after + ahead_at(after) == shown;
    if (is_before && is_after)
        return (last ? GH_MAX(before, after) : GH_MIN(before, after)) * 1000;
    if (is_before || is_after)
        return (is_before ? before : after) * 1000;
    /* The clocks never show it: between the two they leap. */
    int64_t low = GH_MIN(before, after), high = GH_MAX(before, after), old = ahead_at(low);
    while (high - low > 1) {
        int64_t mid = low + (high - low) / 2;
        *(ahead_at(mid) == old ? &low : &high) = mid;
    }
    return high * 1000;
}
