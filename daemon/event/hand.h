/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Times of day as people write them, in any of the languages: "11:00", "11 am to 2", "দুপুর ২টা
 * থেকে ৬টা", "साढ़े 10 बजे". What may be of the morning as well as of the evening is refused, with
 * words that say how it is written: a time misread is worse. Texts are folded, with digits of
 * ASCII. Pure. Class: GH_LIMIT.
 */
#ifndef GH_DAEMON_EVENT_HAND_H
#define GH_DAEMON_EVENT_HAND_H

#include "base/err.h"

#include <stdbool.h>

#define GH_DAY_MINUTES 1440u

/* A time of day as it is written: with a part of the day, its hour is one of twelve. */
struct gh_hand {
    int hour, minute, part;
    bool strange; /* a word is beside it that is not understood */
    bool exact;   /* of twenty-four hours, as "05:00" is */
    int minutes;  /* of the day, once that follows from the other one of a span; -1: it does not */
};

/** Where the second time of "11:00-13:00" begins, which is cut off there; NULL: there is one only.
 */
char *gh_hand_second(char *text);
/** The one time of day that is in the text. */
GH_MUST_USE int gh_hand_read(const char *text, struct gh_hand *ret, struct gh_err *err);
/** May it be one of the evening, though nothing says so, or a word does that nobody knows? */
bool gh_hand_is_unclear(const struct gh_hand *h);
int gh_hand_refuse_unclear(struct gh_err *err);
/** Minutes since midnight, up to that of the next day: "12 at night" is the one that comes. */
unsigned gh_hand_minute(const struct gh_hand *h);
/** A part of the day that is said once is that of both: the other time is the nearest one after, or
 * before. Returns whether it was shared. */
bool gh_hand_share(struct gh_hand *from, struct gh_hand *until);
/** From when until when, of one that lasts less than a day; at night *ret_until is less. */
GH_MUST_USE int gh_hand_span(struct gh_hand *from, struct gh_hand *until, unsigned *ret_from,
                             unsigned *ret_until, struct gh_err *err);

#endif
