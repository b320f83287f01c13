/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A wall clock that jumps: a test program that includes this has a clock_gettime() of its own in
 * the place of libc's, whose CLOCK_REALTIME is clock_shift_ms off the real one. The monotonic clock
 * does not jump, as on a real machine. To be included once a program.
 */
#ifndef GH_TESTS_UNIT_CLOCK_SHIFT_H
#define GH_TESTS_UNIT_CLOCK_SHIFT_H

#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_shift_ms;

int clock_gettime(clockid_t clock, struct timespec *t)
{
    long r = syscall(SYS_clock_gettime, clock, t);
    if (r == 0 && clock == CLOCK_REALTIME) {
        int64_t ns = t->tv_nsec + clock_shift_ms % 1000 * 1000000;
        t->tv_sec += clock_shift_ms / 1000 + (ns >= 1000000000) - (ns < 0);
        t->tv_nsec = ns + (ns < 0) * 1000000000 - (ns >= 1000000000) * 1000000000;
    }
    return (int)r;
}

#endif
