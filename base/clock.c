/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readings of the clocks, and times as people and JSON have them. Owns nothing. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static int64_t now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t gh_timespec_ns(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t gh_now_ms(void)
{
    return now_us(CLOCK_REALTIME) / 1000;
}

int64_t gh_mono_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t gh_mono_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

void gh_time_iso(int64_t ms, char *ret, size_t size)
{
    ret[0] = 0;
    if (ms <= 0)
        return;
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    char zone[8] = "", day[32] = "";
    if (!localtime_r(&s, &tm))
        return;
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof(zone), "%z", &tm); /* +0530 */
    snprintf(ret, size, "%s%.3s:%s", day, zone, strlen(zone) == 5 ? zone + 3 : "00");
}

void gh_time_day(int64_t ms, char *ret, size_t size)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    ret[0] = 0;
    if (localtime_r(&s, &tm))
        strftime(ret, size, "%Y-%m-%d", &tm);
}

/* The moment of a broken-down local time; false when no calendar has that day. */
static bool moment_of(struct tm tm, int64_t *ret_ms)
{
    int day = tm.tm_mday;
    tm.tm_isdst = -1;
    time_t t = mktime(&tm);
    if (t == (time_t)-1 || tm.tm_mday != day)
        return false;
    *ret_ms = (int64_t)t * 1000;
    return true;
}

static bool next_time_of_day(struct tm want, int64_t now_ms, int64_t *ret_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    if (!localtime_r(&now, &tm))
        return false;
    tm.tm_hour = want.tm_hour;
    tm.tm_min = want.tm_min;
    tm.tm_sec = 0;
    int64_t at;
    if (!moment_of(tm, &at))
        return false;
    if (at <= now_ms) {
        tm.tm_mday++;
        tm.tm_isdst = -1;
        at = (int64_t)mktime(&tm) * 1000;
    }
    *ret_ms = at;
    return true;
}

bool gh_time_parse(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    static const char *const days[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
                                       "%Y-%m-%dT%H:%M"};
    struct tm tm = {0};
    const char *end = strptime(text, "%H:%M", &tm);
    if (end && !*end)
        return next_time_of_day(tm, now_ms, ret_ms);
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        tm = (struct tm){0};
        end = strptime(text, days[i], &tm);
        if (end && !*end)
            return moment_of(tm, ret_ms);
    }
    tm = (struct tm){0};
    end = strptime(text, "%Y-%m-%dT%H:%M:%S%z", &tm);
    if (!end || *end)
        return false;
    long offset = tm.tm_gmtoff;
    int day = tm.tm_mday;
    time_t t = timegm(&tm);
    if (t == (time_t)-1 || tm.tm_mday != day)
        return false;
    *ret_ms = ((int64_t)t - offset) * 1000;
    return true;
}
