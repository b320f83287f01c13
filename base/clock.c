/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and how times are written. */
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

static int64_t shift_ms;

void gh_clock_shift(int64_t ms)
{
    shift_ms = ms;
}

int64_t gh_now_ms(void)
{
    return now_us(CLOCK_REALTIME) / 1000 + shift_ms;
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
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof zone, "%z", &tm); /* +0530 */
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
