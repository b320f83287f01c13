/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an AVERROR to a struct gh_err. A file of its own, so that what needs only this links no
 * demuxer. */
#include "pipeline/input/in.h"

#include <libavutil/error.h>
#include <stdarg.h>
#include <stdio.h>

int gh_fail_av(struct gh_err *err, enum gh_class cls, int code, const char *fmt, ...)
{
    char what[200], why[AV_ERROR_MAX_STRING_SIZE] = "";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    av_strerror(code, why, sizeof(why));
    return gh_fail(err, code == AVERROR(ENOMEM) ? GH_SYSTEM : cls, "%s: %s", what, why);
}
