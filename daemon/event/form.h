/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people write of an event, as texts: fields of a form, or lines of a file, in any of the
 * languages and with digits of each script. A date misread is worse than one refused: day, month,
 * year in this order, or a month by its name. Civil time is that of the process's zone. Class:
 * GH_LIMIT, with a sentence that says what is wrong and how it is written. Pure.
 */
#ifndef GH_DAEMON_EVENT_FORM_H
#define GH_DAEMON_EVENT_FORM_H

#include "daemon/ledger/ledger.h"

/* All texts are UTF-8; NULL or "": not said. */
struct gh_event_form {
    const char *title, *date, *time, *until, *place, *ward, *material;
    const char *number; /* of an event that is there, and is changed by this */
    const char *cancel; /* it is cancelled */
    /* set by gh_event_form_keep */
    const struct gh_event *kept; /* what is changed; NULL: it is new */
    bool same_hours; /* it begins and ends at the same time of day, as many days apart */
};

/** What is announced by that; texts are borrowed from the form. Refused when it is over already, or
 * too far away to be meant. */
GH_MUST_USE int gh_event_form_read(const struct gh_event_form *form, int64_t now_ms,
                                   struct gh_event_said *ret, struct gh_err *err);
/** The fields of a text with a line each, "Date: 04/12/2026"; lines that say nothing known are left
 * out. text is changed, and *ret borrows from it. */
void gh_event_form_of(char *text, struct gh_event_form *ret);
/* Texts for what a form does not say. */
struct gh_event_kept {
    char date[16], time[16], until[16];
};
/** What the form does not say (NULL) is as it is with the event: for a change. One of several days
 * stays so: with another date it is moved as a whole, other times are those of its first and its
 * last day. *form borrows from both. */
void gh_event_form_keep(struct gh_event_form *form, const struct gh_event *event,
                        struct gh_event_kept *kept);
/** What names the event of a form, in place of a calendar's UID: its day and title. The caller's.
 */
char *gh_event_form_uid(const struct gh_event_said *said);
bool gh_event_is_form_uid(const char *uid);
/** A whole number in digits of any script, above 0; 0: it is none. */
int64_t gh_event_number(const char *text);
/** Is yes, or nothing but the word itself, said? */
bool gh_event_yes(const char *text);
/** Refuse times that cannot be meant. */
GH_MUST_USE int gh_event_check_times(const struct gh_event_said *said, int64_t now_ms,
                                     struct gh_err *err);

#endif
