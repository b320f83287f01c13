/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One error: a class that decides policy, and one line that tells a person what is wrong and what to do.
 * Functions return 0 (or a count) on success and a negative class on failure; outputs stay untouched on failure.
 */
#ifndef GH_BASE_ERR_H
#define GH_BASE_ERR_H

#include "base/cleanup.h"

enum gh_class {
    GH_OK = 0,
    GH_INPUT,  /* the dropped file is at fault: quarantine */
    GH_AGAIN,  /* a passing condition (disk full, worker killed): retry with backoff */
    GH_LIMIT,  /* within the rules of its format, outside a limit of ours: refuse, naming the limit */
    GH_CONFIG, /* configuration or profile: refuse to start, or skip that profile */
    GH_SYSTEM, /* the machine (I/O error, no memory): stop taking work */
    GH_BUG,    /* ours */
    GH_SKIP,   /* this placement cannot be served from this input: not a failure */
    GH_USAGE,  /* the caller's words are off */
    GH_CLASSES
};

struct gh_err {
    enum gh_class cls;
    int code; /* errno where there is one, else 0 */
    char msg[400];
};

/** Set *err (may be NULL) and return -cls. */
int gh_fail(struct gh_err *err, enum gh_class cls, const char *fmt, ...) GH_PRINTF(3, 4);
/** The same, with ": <strerror(errno)>" appended; the class follows errno (ENOSPC: GH_AGAIN, …) if cls is GH_OK. */
int gh_fail_errno(struct gh_err *err, enum gh_class cls, const char *fmt, ...) GH_PRINTF(3, 4);
/** Put "<prefix>: " before err's message. Returns -err->cls, so that it can be returned. */
int gh_fail_prefix(struct gh_err *err, const char *fmt, ...) GH_PRINTF(2, 3);
/** Class of an errno value: GH_AGAIN for full disks and interruptions, else GH_SYSTEM. */
enum gh_class gh_class_of_errno(int code);
/** "input", "again", … for logs and JSON. */
const char *gh_class_name(enum gh_class cls);

/** Return from the calling function with the negative result of expr, if it is negative. */
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        int try_r_ = (expr);                                                                                           \
        if (try_r_ < 0)                                                                                                \
            return try_r_;                                                                                             \
    } while (0)

#endif
