/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with each kind of notice: who may switch it off, and when it is sent. Pure. */
#ifndef GH_DAEMON_NOTICE_KINDS_H
#define GH_DAEMON_NOTICE_KINDS_H

#include "daemon/calendar/calendar.h"
#include "daemon/ledger/people.h"

struct gh_post_kind {
    const char *kind; /* as in the table of notices; "again" also stands for "again-2" */
    unsigned mute;    /* enum gh_mute, 0: nobody can switch it off */
    bool at_once;     /* at night, too */
};
/** Never NULL: what is not in the table belongs to events. */
const struct gh_post_kind *gh_post_kind_of(const char *kind);

/* What decides when a notice is sent, beside its kind. */
struct gh_post_clock {
    const struct gh_calendar *hours; /* when what can wait is sent */
    unsigned daily;                  /* of digests, minutes since midnight */
    int64_t now_ms;
};
/**
 * When a notice is due. urgent: its subject is; written: it was written for the digest; wanted: its
 * reader wants one, of what can wait. *ret_digest: it goes into that one.
 */
int64_t gh_post_when(const struct gh_post_kind *kind, const struct gh_post_clock *clock,
                     bool urgent, bool written, bool wanted, bool *ret_digest);
/** The next moment at which the clock shows that many minutes since midnight, local time, after
 * now_ms. */
int64_t gh_post_next_daily(int64_t now_ms, unsigned minute);

#endif
