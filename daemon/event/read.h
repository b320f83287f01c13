/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events that a dropped file announces: a text with a form, or the lines that a worker made of a
 * calendar file. What cannot be taken is told with the file, and keeps nothing else back. */
#ifndef GH_DAEMON_EVENT_READ_H
#define GH_DAEMON_EVENT_READ_H

#include "daemon/event/event.h"

/**
 * Do what the text says: announce, change, cancel. by: roles, via, and department. text is changed.
 * *ret is the caller's; its list has at least one entry. Fails as the ledger does, for what is no
 * fault of the file.
 */
GH_MUST_USE int gh_event_take_form(struct gh_ledger *l, const struct gh_settings *s,
                                   const struct gh_question_by *by, char *text,
                                   struct gh_event_reads *ret, struct gh_err *err);
/** The same with the lines of gh_calendar_read (pipeline/document/events.h), of which nothing is
 * believed. */
GH_MUST_USE int gh_event_take_calendar(struct gh_ledger *l, const struct gh_settings *s,
                                       const struct gh_question_by *by, char *text,
                                       struct gh_event_reads *ret, struct gh_err *err);
/** Was anything of it taken, or is it known already? */
bool gh_event_was_taken(const struct gh_event_reads *reads);
/** The file itself cannot be read: an entry that says so. */
void gh_event_refuse_file(struct gh_event_reads *ret, const char *why);

#endif
