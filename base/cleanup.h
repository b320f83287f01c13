/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ownership in declarations: GH_AUTO(fn) runs fn(&var) when var goes out of scope, gh_steal() hands
 * a value out. Destructors take T **, accept NULL and half-built objects, and leave NULL behind.
 */
#ifndef GH_BASE_CLEANUP_H
#define GH_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GH_MUST_USE __attribute__((warn_unused_result))
#define GH_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define GH_AUTO(fn) __attribute__((cleanup(fn)))

/** Take the value out of *p, leaving NULL (or 0) there. */
#define gh_steal(p)                                                                                \
    ({                                                                                             \
        __typeof__(*(p)) gh_stolen_ = *(p);                                                        \
        *(p) = (__typeof__(*(p)))0;                                                                \
        gh_stolen_;                                                                                \
    })

/** Take a descriptor out of *fd, leaving -1 there. */
static inline int gh_steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

static inline void gh_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void gh_free_ptr(void *p)
{
    void **pp = p;
    free(*pp);
    *pp = NULL;
}

#define GH_AUTO_FD GH_AUTO(gh_close_fd) int
#define GH_AUTO_FREE GH_AUTO(gh_free_ptr)

#define GH_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define GH_MIN(a, b) ((a) < (b) ? (a) : (b))
#define GH_MAX(a, b) ((a) > (b) ? (a) : (b))
#define GH_CLAMP(v, lo, hi) GH_MAX(lo, GH_MIN(v, hi))

#endif
