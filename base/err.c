/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages are built aside before *err is written, because arguments may point into it. */
#include "base/err.h"

#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

GH_PRINTF(4, 0)
static void set_error(struct gh_err *err, enum gh_class cls, int code, const char *fmt, va_list ap)
{
    if (!err)
        return;
    char text[sizeof(err->msg)];
    size_t used = gh_vformat(text, sizeof(text), fmt, ap);
    err->cls = cls;
    err->code = code;
    if (code)
        gh_format(text + used, sizeof(text) - used, ": %s", strerror(code));
    GH_COPY(err->msg, text);
}

/* What passes by itself: a full disk, an interruption, a stale handle of a network share. */
static enum gh_class class_of_errno(int code)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EAGAIN:
    case EINTR:
    case EBUSY:
    case ESTALE:
        return GH_AGAIN;
    default:
        return GH_SYSTEM;
    }
}

int gh_fail(struct gh_err *err, enum gh_class cls, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_error(err, cls, 0, fmt, ap);
    va_end(ap);
    return -(int)cls;
}

int gh_fail_code(struct gh_err *err, enum gh_class cls, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_error(err, cls, 0, fmt, ap);
    va_end(ap);
    if (err)
        err->code = code;
    return -(int)cls;
}

int gh_fail_errno(struct gh_err *err, enum gh_class cls, const char *fmt, ...)
{
    int code = errno;
    if (cls == GH_OK)
        cls = class_of_errno(code);
    va_list ap;
    va_start(ap, fmt);
    set_error(err, cls, code, fmt, ap);
    va_end(ap);
    return -(int)cls;
}

int gh_fail_prefix(struct gh_err *err, const char *fmt, ...)
{
    if (!err)
        return -GH_BUG;
    char text[sizeof(err->msg)];
    va_list ap;
    va_start(ap, fmt);
    size_t used = gh_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    gh_format(text + used, sizeof(text) - used, ": %s", err->msg);
    GH_COPY(err->msg, text);
    return -(int)err->cls;
}

const char *gh_class_name(enum gh_class cls)
{
    static const char *const names[GH_CLASSES] = {
        [GH_OK] = "ok",       [GH_INPUT] = "input",   [GH_AGAIN] = "again",
        [GH_LIMIT] = "limit", [GH_CONFIG] = "config", [GH_SYSTEM] = "system",
        [GH_BUG] = "bug",     [GH_SKIP] = "skip",     [GH_USAGE] = "usage",
    };
    return (unsigned)cls < GH_CLASSES ? names[cls] : "unknown";
}
