/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two clocks: the wall clock, in milliseconds since 1970 UTC, is for what people read; the
 * monotonic one is for deadlines, because nobody can set it.
 */
#ifndef GH_BASE_CLOCK_H
#define GH_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/** Nanoseconds. */
int64_t gh_timespec_ns(struct timespec t);
/** The wall clock (CLOCK_REALTIME), milliseconds. */
int64_t gh_now_ms(void);
/** The monotonic clock (CLOCK_MONOTONIC), milliseconds and microseconds. */
int64_t gh_mono_ms(void);
int64_t gh_mono_us(void);

#define GH_TIME_ISO 32 /* bytes that hold a time as gh_time_iso writes it */
/** "2026-11-23T14:05:09+05:30" in local time; "" for 0. ret: GH_TIME_ISO bytes or more. */
void gh_time_iso(int64_t ms, char *ret, size_t size);
/**
 * A moment as people write it, local time: "2026-11-29 10:00", with seconds or a T if they like, or
 * an offset ("2026-11-29T10:00:00+05:30"), or "10:00", the next time that it is so after now_ms.
 * False when it is none; then *ret_ms is untouched.
 */
bool gh_time_parse(const char *text, int64_t now_ms, int64_t *ret_ms);
/** "2026-11-23" in local time; "" for a time that no calendar has. ret: 11 bytes or more. */
void gh_time_day(int64_t ms, char *ret, size_t size);

#endif
