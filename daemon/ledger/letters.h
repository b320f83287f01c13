/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notices on their way to people. A notice names a role ("officer:roads"); it is spread over
 * letters, one for each address, which collect what is to be told until somebody claims them. A
 * claimed letter is under a lease: whoever claimed it says what became of it, or another may claim
 * it when the lease is over. None of it is audited: it tells of what is.
 */
#ifndef GH_DAEMON_LEDGER_LETTERS_H
#define GH_DAEMON_LEDGER_LETTERS_H

#include "daemon/ledger/question.h"

#include "base/hash.h"

#define GH_LETTERS_WAITING 10000 /* of a channel; until some went out, its notices wait */
#define GH_LETTER_LINES 1000     /* notices in one */
#define GH_NOTICE_ADDRESSES 100  /* that one goes to */
#define GH_LETTER_TRIES 6        /* then it has failed */
#define GH_NOTICE_STALE_MS ((int64_t)24 * 3600 * 1000) /* older ones tell nobody anything */

/* Where a notice goes to. Borrowed. */
struct gh_letter_to {
    const char *channel;   /* "mail" or "hook" */
    const char *address;   /* of mail, or a phone number; "" for all that a hook tells */
    const char *language;  /* of its words */
    int64_t not_before_ms; /* wall clock */
    bool digest;           /* a letter of its own, with all that waited for it */
};
/** Say where the notice goes: at most max; returns how many. 0: nobody is told. */
typedef size_t gh_letter_to_fn(const struct gh_notice *notice, void *arg, struct gh_letter_to *ret,
                               size_t max);
/** Spread up to 200 notices that are due, over some 400 letters, and forget those that are stale,
 * and up to 1000 letters of any channel that are. Returns how many notices; those of a channel for
 * which too many letters wait are not among them. */
GH_MUST_USE int gh_ledger_spread(struct gh_ledger *l, int64_t now_ms, gh_letter_to_fn *fn,
                                 void *arg, struct gh_err *err);

enum gh_letter_state {
    GH_LETTER_WAITING,
    GH_LETTER_SENDING,
    GH_LETTER_SENT,
    GH_LETTER_FAILED,
    GH_LETTER_DROPPED, /* nothing in it was true any more */
    GH_LETTER_STATES,
};
const char *gh_letter_state_name(enum gh_letter_state s);

struct gh_letter {
    int64_t id, made_ms, not_before_ms, ended_ms, lease_ms;
    enum gh_letter_state state;
    char channel[8], address[128], language[9];
    char hash[GH_SHA_HEX]; /* of its notices as it was first sent; "" before */
    bool digest;
    unsigned tries; /* begun; also what a claim is known by */
    char error[240];
};
typedef bool gh_letter_fn(const struct gh_letter *letter, void *arg);
#define GH_LETTER_PUT_OFF_MS ((int64_t)10 * 60 * 1000)
#define GH_LETTER_PUT_OFF 2
/* 1: it is claimed; 0: it has nothing to say, and is dropped; GH_LETTER_PUT_OFF: nobody can say now
 * whether it has, it waits GH_LETTER_PUT_OFF_MS; negative: an error. */
typedef int gh_letter_claim_fn(const struct gh_letter *letter, void *arg, struct gh_err *err);
/** Claim up to max letters of a channel that are due, for lease_ms; at most 64 are looked at, and
 * none after some 400 notices in them. fn is
 * told of each; when it fails none of them is claimed. Returns 1: more may be due, or 0. */
GH_MUST_USE int gh_ledger_claim_letters(struct gh_ledger *l, const char *channel, int64_t now_ms,
                                        int64_t lease_ms, unsigned max, gh_letter_claim_fn *fn,
                                        void *arg, struct gh_err *err);
/** What is in a letter, in order. */
GH_MUST_USE int gh_ledger_letter_lines(struct gh_ledger *l, int64_t letter, gh_notice_fn *fn,
                                       void *arg, struct gh_err *err);
/** Of a letter that is being claimed: move notices of it to one of their own, to the same address,
 * that waits GH_LETTER_PUT_OFF_MS. */
GH_MUST_USE int gh_ledger_put_off(struct gh_ledger *l, int64_t letter, const int64_t *notices,
                                  size_t n, int64_t now_ms, struct gh_err *err);
/** Is what the notice says still so? Returns 1 or 0. */
GH_MUST_USE int gh_ledger_notice_holds(struct gh_ledger *l, const struct gh_notice *notice,
                                       int64_t now_ms, struct gh_err *err);

/* What a notice is about, for its words. */
struct gh_notice_about {
    char department[64]; /* slug, "" none */
    int64_t at_ms;       /* when a question is due; since when an item waits or is out; 0 none */
    bool all_day;        /* at_ms is a day */
    bool urgent;         /* it need not wait for anything */
    char reason[240];    /* of a decision, "" none */
    int64_t question;    /* for which it is held; 0 none. What was asked is not in reason */
};
GH_MUST_USE int gh_ledger_notice_about(struct gh_ledger *l, const struct gh_notice *notice,
                                       struct gh_notice_about *ret, struct gh_err *err);

/* One decision of somebody. */
struct gh_decision_row {
    int64_t submission, time_ms;
    const char *verdict; /* "approve" */
};
typedef bool gh_decision_row_fn(const struct gh_decision_row *row, void *arg);
/** What was decided in the name of a user, whoever did it, in a span of time. In order. */
GH_MUST_USE int gh_ledger_decisions_of(struct gh_ledger *l, const char *user, int64_t from_ms,
                                       int64_t to_ms, gh_decision_row_fn *fn, void *arg,
                                       struct gh_err *err);

/* A submission with which nobody does anything. Borrowed. */
struct gh_idle {
    int64_t submission, since_ms;
    int64_t revision; /* of its notices: since_ms, or when the first of it went out */
    const char *department;
};
typedef int gh_idle_fn(struct gh_ledger *l, const struct gh_idle *idle, void *arg,
                       struct gh_err *err);
/** Of those that wait for a decision, or to be collected (kind "uncollected"), since before_ms or
 * up to 30 days earlier, and of which no notice of that kind was written with since_ms as its
 * revision: the 1000 that have waited longest. fn fails to end it. */
GH_MUST_USE int gh_ledger_idle(struct gh_ledger *l, const char *kind, int64_t before_ms,
                               gh_idle_fn *fn, void *arg, struct gh_err *err);

enum gh_letter_end { GH_LETTER_ARRIVED, GH_LETTER_AGAIN, GH_LETTER_REFUSED };
/** What became of claim `tries` of a letter. GH_LIMIT: it was claimed again meanwhile, or is over;
 * the same said twice is no error. why: of a failure, NULL none. */
GH_MUST_USE int gh_ledger_end_letter(struct gh_ledger *l, int64_t letter, unsigned tries,
                                     enum gh_letter_end end, const char *why, int64_t now_ms,
                                     struct gh_err *err);
/** When a letter is tried again after so many tries, milliseconds; -1: never. Pure. */
int64_t gh_letter_backoff(unsigned tries);

/** The newest first, of that state (GH_LETTER_STATES: waiting, on its way, or failed). */
GH_MUST_USE int gh_ledger_letters(struct gh_ledger *l, enum gh_letter_state state, size_t max,
                                  gh_letter_fn *fn, void *arg, struct gh_err *err);
struct gh_letter_counts {
    int64_t notices; /* not spread yet */
    int64_t letters[GH_LETTER_STATES];
    int64_t oldest_ms; /* when the oldest was due that waits; 0: none waits */
};
GH_MUST_USE int gh_ledger_letter_counts(struct gh_ledger *l, struct gh_letter_counts *ret,
                                        struct gh_err *err);
/** Since when the oldest notice or letter could have gone out that did not; 0: there is none. */
GH_MUST_USE int gh_ledger_letters_due(struct gh_ledger *l, int64_t now_ms, int64_t *ret_since_ms,
                                      struct gh_err *err);
/** Forget up to max letters that were sent or dropped before that, and up to max notices that are
 * in none any more. What waits, is on its way, or failed stays. Returns how many of both. */
GH_MUST_USE int gh_ledger_forget_letters(struct gh_ledger *l, int64_t before_ms, size_t max,
                                         struct gh_err *err);
/** A failed letter (0: all of them) is tried again from now on. Audited. Returns how many. */
GH_MUST_USE int gh_ledger_retry_letters(struct gh_ledger *l, const struct gh_who *who,
                                        int64_t letter, struct gh_err *err);

/** Write down that somebody is to be told, unless that is known: kind, subject, revision,
 * recipient and channel of *notice, and from when on; made_ms is now. */
GH_MUST_USE int gh_ledger_tell(struct gh_ledger *l, const struct gh_notice *notice,
                               struct gh_err *err);
/** Whether a notice of that kind, subject and revision was ever written. Returns 1 or 0. */
GH_MUST_USE int gh_ledger_told(struct gh_ledger *l, const char *kind, const char *subject,
                               int64_t revision, struct gh_err *err);

#endif
