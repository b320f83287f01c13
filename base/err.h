/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One error: a class that decides policy, and one line that tells a person what is wrong and what
 * to do. Functions return 0 (or a count) on success and a negative class on failure; outputs stay
 * untouched on failure.
 */
#ifndef GH_BASE_ERR_H
#define GH_BASE_ERR_H

#include "base/cleanup.h"

enum gh_class {
    GH_OK = 0,
    GH_INPUT,  /* the dropped file is at fault: quarantine */
    GH_AGAIN,  /* a passing condition (disk full, worker killed): retry with backoff */
    GH_LIMIT,  /* valid, but outside a limit of Ghat: refuse, naming the limit */
    GH_CONFIG, /* configuration or profile: refuse to start, or skip that profile */
    GH_SYSTEM, /* the machine (I/O error, no memory): stop taking work */
    GH_BUG,    /* a fault of Ghat */
    GH_SKIP,   /* this placement cannot be made of this input: no failure */
    GH_USAGE,  /* the arguments are wrong */
    GH_CLASSES
};

struct gh_err {
    enum gh_class cls;
    int code; /* errno where there is one, else 0 */
    char msg[400];
};

/** Set *err (may be NULL) and return -cls. */
int gh_fail(struct gh_err *err, enum gh_class cls, const char *fmt, ...) GH_PRINTF(3, 4);
/** The same, with ": <strerror(errno)>" appended and errno in err->code. With cls GH_OK the class
 * follows errno: GH_AGAIN for full disks and interruptions, else GH_SYSTEM. */
int gh_fail_errno(struct gh_err *err, enum gh_class cls, const char *fmt, ...) GH_PRINTF(3, 4);
/** As gh_fail, with an errno in err->code that says what kind it is to whoever decides by it. */
int gh_fail_code(struct gh_err *err, enum gh_class cls, int code, const char *fmt, ...)
    GH_PRINTF(4, 5);
/** Put "<prefix>: " before err's message. Returns -err->cls, so that it can be returned. */
int gh_fail_prefix(struct gh_err *err, const char *fmt, ...) GH_PRINTF(2, 3);
/** "input", "again", … for logs and JSON. */
const char *gh_class_name(enum gh_class cls);

/** Return from the calling function with the negative result of expr, if it is negative. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        int try_r_ = (expr);                                                                       \
        if (try_r_ < 0)                                                                            \
            return try_r_;                                                                         \
    } while (0)

#endif
