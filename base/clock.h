/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times: wall clock in milliseconds since 1970 UTC for people, monotonic milliseconds for waiting. */
#ifndef GH_BASE_CLOCK_H
#define GH_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t gh_timespec_ns(struct timespec t);
int64_t gh_now_ms(void); /* CLOCK_REALTIME */
/** For tests: let the wall clock (not the monotonic one) jump to so many milliseconds off the real one. */
void gh_clock_shift(int64_t ms);
int64_t gh_mono_ms(void); /* CLOCK_MONOTONIC */
int64_t gh_mono_us(void);
/** "2026-11-23T14:05:09+05:30" in local time; "" for 0. ret holds at least 32 bytes. */
void gh_time_iso(int64_t ms, char *ret, size_t size);
/** "2026-11-23" in local time. */
void gh_time_day(int64_t ms, char *ret, size_t size);

#endif
