/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Holidays from an iCalendar file (RFC 5545): the days of all-day events that are not cancelled,
 * repeated ones within the next years. Times, zones, and all else in it are not looked at. In the
 * sandbox only.
 */
#ifndef GH_PIPELINE_DOCUMENT_HOLIDAYS_H
#define GH_PIPELINE_DOCUMENT_HOLIDAYS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_str;

#define GH_HOLIDAYS_BYTES (1u << 20) /* of a file */

/** Append the days, "2026-12-25\n" each, each once and in order, from a year before now_s to three
 * after it. GH_CONFIG: it is no such file, or one that cannot be meant: the message says why. */
GH_MUST_USE int gh_holidays_read(const char *bytes, size_t n, int64_t now_s, struct gh_str *out,
                                 struct gh_err *err);
/** Read descriptor 0 in a process that is locked in, write the days to descriptor 1, reasons to 2.
 * Returns the exit status. */
int gh_holidays_run(bool seccomp_only);

#endif
