/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notices made ready for ghat-post: whom a role means today, when each of them is told, in which
 * words; and what the clock alone finds to be told. Nothing is sent from here. Loop's thread only;
 * classes as the ledger's.
 */
#ifndef GH_DAEMON_NOTICE_NOTICE_H
#define GH_DAEMON_NOTICE_NOTICE_H

#include "daemon/ledger/letters.h"
#include "daemon/ledger/people.h"
#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"

/* Whether something of a department is being taken in, by its slug: then it is not said that it
 * sent nothing. */
struct gh_post_coming {
    bool (*is)(void *arg, const char *slug); /* NULL: nothing is */
    void *arg;
};

#define GH_POST_LEASE_MS ((int64_t)15 * 60 * 1000)

/* A letter that somebody claimed, in words. Borrowed. */
struct gh_post_letter {
    const struct gh_letter *letter;
    const char *subject, *text;     /* one line without control characters; lines with \n */
    const struct gh_notice *notice; /* the first that is still true, for programs */
    const char *department;         /* its slug, "" none */
};
typedef void gh_post_letter_fn(const struct gh_post_letter *letter, void *arg);
/** Spread what is due, then claim up to max letters of "mail" or "hook". What is not true any more
 * is left out. Returns 0 when nothing more is due, or a positive number. */
GH_MUST_USE int gh_post_claim(struct gh_ledger *l, const struct gh_settings *s,
                              struct gh_post_coming coming, const char *channel, int64_t now_ms,
                              unsigned max, gh_post_letter_fn *fn, void *arg, struct gh_err *err);

/* ------------------------------------------------------------------------------- by the clock */

/* All of it is borrowed until gh_post_close. */
struct gh_post_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    bool (*trusted)(void *arg); /* is the clock to be believed? */
    void *trusted_arg;
    struct gh_post_coming coming;
};
struct gh_post;
/** Looks once a minute for what nobody decided or collected, and for the time of daily and weekly
 * lists; as long as [post] names a way out. */
struct gh_post *gh_post_open(const struct gh_post_parts *parts);
void gh_post_close(struct gh_post **p);
/** The look itself, at a moment. */
GH_MUST_USE int gh_post_look(struct gh_ledger *l, const struct gh_settings *s,
                             struct gh_post_coming coming, int64_t now_ms, struct gh_err *err);

#endif
