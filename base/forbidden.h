/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What no program that listens or connects may do once it has locked itself in, as acts to try: a
 * self-test of its own walls. Each program adds what is forbidden to it alone.
 */
#ifndef GH_BASE_FORBIDDEN_H
#define GH_BASE_FORBIDDEN_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GH_CONFINED 0 /* a sanitizer cannot be locked in */
#else
#define GH_CONFINED 1
#endif

struct gh_forbidden {
    const char *what;  /* "fork": it could … */
    long (*act)(void); /* negative, with errno: it is prevented */
    bool by_landlock;  /* … and by Landlock alone where openat is allowed */
};

extern const struct gh_forbidden gh_forbidden[];
extern const size_t gh_forbidden_n;

/** The first act of n that is possible; NULL: none is. without_landlock: those that only Landlock
 * prevents are not tried. */
const char *gh_forbidden_possible(const struct gh_forbidden *acts, size_t n, bool without_landlock);

#endif
