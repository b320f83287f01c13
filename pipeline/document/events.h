/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events from an iCalendar file (RFC 5545), as a text for ghatd, a line each: what it says, or why
 * that cannot be taken. In the sandbox only.
 */
#ifndef GH_PIPELINE_DOCUMENT_EVENTS_H
#define GH_PIPELINE_DOCUMENT_EVENTS_H

#include "base/contract.h"

#include <stddef.h>

/** Is that an iCalendar file, by its first bytes? */
bool gh_is_calendar(const char *bytes, size_t n);
/**
 * A line an event, with tabs between: UID, sequence, what is said of it (announced, cancelled,
 * repeats, zone, times), begin, end, zone, title, place, material. Times are "U" and seconds since
 * 1970, "L" and "2026-12-04 11:00" in the zone that is named ("": no zone is), or "D" and a day.
 * GH_INPUT: it is no such file; GH_LIMIT: there is too much in it.
 */
GH_MUST_USE int gh_calendar_read(const char *bytes, size_t n, struct gh_text *ret,
                                 struct gh_err *err);

#endif
