/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions with a clock: what people do with them, with the times that follow from the calendar of
 * the department, and what the clock does by itself: alarms, and a file in the officer's folder for
 * each open question. The first part is for whoever carries out a request or finds a file; all of
 * it is a mutator of the ledger (classes as there). Loop's thread only.
 */
#ifndef GH_DAEMON_QUESTION_QUESTION_H
#define GH_DAEMON_QUESTION_QUESTION_H

#include "daemon/ledger/ledger.h"
#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"
#include "daemon/store/dirs.h"

struct gh_question_new {
    const char *department; /* slug; NULL: that of the submission */
    int64_t submission;     /* 0: none */
    int64_t event;          /* of the department; 0: none */
    const char *text;
    bool urgent; /* by the wall clock */
    bool hold;   /* hold the submission until the answer */
};

/* who and via of *by are the caller's to set, and roles; the rest follows from the settings. */
GH_MUST_USE int gh_question_ask(struct gh_ledger *l, const struct gh_settings *s,
                                const struct gh_question_by *by, const struct gh_question_new *new,
                                int64_t *ret_id, struct gh_err *err);
/** Would an answer be taken, or a request for more time (act)? Fails as that would, and changes
 * nothing. text: "" is none; files: something comes with it. */
GH_MUST_USE int gh_question_check(struct gh_ledger *l, const struct gh_settings *s,
                                  const struct gh_question_by *by, int64_t question,
                                  enum gh_question_act act, const char *text, bool files,
                                  int64_t at_ms, struct gh_err *err);
/** Returns as gh_ledger_answer. at_ms: when it was given, for a file when it was dropped; 0: now.
 */
GH_MUST_USE int gh_question_answer(struct gh_ledger *l, const struct gh_settings *s,
                                   const struct gh_question_by *by, int64_t question,
                                   const char *text, int64_t submission, int64_t at_ms,
                                   struct gh_err *err);
GH_MUST_USE int gh_question_extend(struct gh_ledger *l, const struct gh_settings *s,
                                   const struct gh_question_by *by, int64_t question,
                                   const char *why, int64_t at_ms, struct gh_err *err);
GH_MUST_USE int gh_question_reopen(struct gh_ledger *l, const struct gh_settings *s,
                                   const struct gh_question_by *by, int64_t question,
                                   const char *text, struct gh_err *err);
/** act: GH_QUESTION_CLOSE or GH_QUESTION_WITHDRAW. */
GH_MUST_USE int gh_question_end(struct gh_ledger *l, const struct gh_settings *s,
                                const struct gh_question_by *by, int64_t question,
                                enum gh_question_act act, const char *text, struct gh_err *err);
/** By the calendar that the department has today. */
GH_MUST_USE int gh_question_recompute(struct gh_ledger *l, const struct gh_settings *s,
                                      const struct gh_question_by *by, int64_t question,
                                      struct gh_err *err);

/* How a round stands at a moment. Milliseconds. */
struct gh_question_stand {
    int64_t used_ms;   /* counted, since it began */
    int64_t left_ms;   /* counted, until it is due; 0 when it is overdue or over */
    int64_t over_ms;   /* counted, since it was due */
    int64_t wall_ms;   /* by the clock on the wall, since it began */
    int64_t longer_ms; /* when it would be due with more time; 0: it had that, or is over */
    bool missed;       /* it is overdue, or was when it ended */
};
void gh_question_stands(const struct gh_question_round *round, const struct gh_settings *s,
                        int64_t now_ms, struct gh_question_stand *ret);

/* ------------------------------------------------------------------------------- by the clock */

struct gh_questions;
/* All of it is borrowed until gh_questions_close. */
struct gh_questions_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    bool (*trusted)(void *arg); /* is the clock to be believed? Asked before an alarm goes off. */
    void *trusted_arg;
};
/** Starts with what fell due while ghatd did not run, and with the files of all open questions. */
struct gh_questions *gh_questions_open(const struct gh_questions_parts *parts);
/** Something happened to a question: its file is written, its alarms are set. */
void gh_questions_touch(struct gh_questions *q, int64_t question);
/** The settings were read again. */
void gh_questions_wake(struct gh_questions *q);
/** No further alarm goes off. */
void gh_questions_stop(struct gh_questions *q);
void gh_questions_close(struct gh_questions **q);

#endif
