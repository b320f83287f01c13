/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One write(2) a line, so that lines of several threads do not mix. The state of the file is the
 * process's: main() sets it before there are threads, and every room may log without being handed a
 * logger. */
#include "base/log.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

static const char *program_name = "ghat";
static enum gh_level max_level = GH_LOG_INFO;
static bool for_journal;

void gh_log_init(const char *program, enum gh_level level)
{
    program_name = program;
    max_level = level;
    for_journal = getenv("JOURNAL_STREAM") != NULL;
}

const char *gh_log_quote(const char *value)
{
    static _Thread_local struct gh_str ring[GH_LOG_QUOTES];
    static _Thread_local unsigned next;
    struct gh_str *s = &ring[next++ % GH_LEN(ring)];
    s->len = 0;
    gh_str_puts(s, "\"");
    struct gh_str shown = {0};
    gh_str_display(&shown, value, strlen(value));
    for (const char *c = gh_str_text(&shown); *c; c++) {
        if (*c == '"' || *c == '\\')
            gh_str_puts(s, "\\");
        gh_str_add(s, c, 1);
    }
    gh_str_free(&shown);
    gh_str_puts(s, "\"");
    return gh_str_text(s);
}

static void write_line(enum gh_level level, const char *event, const char *pairs,
                       const struct gh_err *err)
{
    static const char *const names[] = {
        [GH_LOG_ERROR] = "error", [GH_LOG_WARNING] = "warning", [GH_LOG_NOTICE] = "notice",
        [GH_LOG_INFO] = "info",   [GH_LOG_DEBUG] = "debug",
    };
    GH_AUTO_STR line = {0};
    if (for_journal) {
        gh_str_printf(&line, "<%d>", level);
    } else {
        char when[GH_TIME_ISO];
        gh_time_iso(gh_now_ms(), when, sizeof(when));
        gh_str_printf(&line, "%s %s %s ", when, program_name, names[level]);
    }
    gh_str_printf(&line, "event=%s%s%s", event, *pairs ? " " : "", pairs);
    if (err)
        gh_str_printf(&line, " class=%s error=%s", gh_class_name(err->cls), gh_log_quote(err->msg));
    gh_str_puts(&line, "\n");
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written; /* there is no place to report it */
}

GH_PRINTF(4, 0)
static void vlog(enum gh_level level, const char *event, const struct gh_err *err, const char *fmt,
                 va_list ap)
{
    if (level > max_level)
        return;
    char *pairs = NULL;
    if (vasprintf(&pairs, fmt, ap) < 0)
        abort();
    write_line(level, event, pairs, err);
    free(pairs);
}

void gh_log(enum gh_level level, const char *event, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vlog(level, event, NULL, fmt, ap);
    va_end(ap);
}

void gh_log_err(enum gh_level level, const char *event, const struct gh_err *err, const char *fmt,
                ...)
{
    va_list ap;
    va_start(ap, fmt);
    vlog(level, event, err, fmt, ap);
    va_end(ap);
}
