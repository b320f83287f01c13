/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line an event: key=value pairs on standard error, with a priority such as "<3>" in front
 * where the journal reads it, else with time, program and level. Loops and main functions log; what
 * they call returns errors.
 */
#ifndef GH_BASE_LOG_H
#define GH_BASE_LOG_H

#include "base/err.h"

/* The priorities of syslog(3). */
enum gh_level {
    GH_LOG_ERROR = 3,
    GH_LOG_WARNING = 4,
    GH_LOG_NOTICE = 5,
    GH_LOG_INFO = 6,
    GH_LOG_DEBUG = 7
};

/** program: the name in each line, borrowed for good. level: the least urgent one that is printed.
 */
void gh_log_init(const char *program, enum gh_level level);
/**
 * gh_log(GH_LOG_INFO, "staged", "id=%d department=%s", …): the event's name, then preformatted
 * pairs. Values that may hold blanks or come from outside are made safe with gh_log_quote.
 */
void gh_log(enum gh_level level, const char *event, const char *fmt, ...) GH_PRINTF(3, 4);
/** Log an error: event … class=input error="…". */
void gh_log_err(enum gh_level level, const char *event, const struct gh_err *err, const char *fmt,
                ...) GH_PRINTF(4, 5);
#define GH_LOG_QUOTES 8
/** value in double quotes, escaped to one printable line. The result is valid until the same thread
 * has called GH_LOG_QUOTES times more. */
const char *gh_log_quote(const char *value);

#endif
