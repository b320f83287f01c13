/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger's files about questions share: names as the tables keep them, and the rules of
 * who is told. */
#ifndef GH_DAEMON_LEDGER_QUESTION_INT_H
#define GH_DAEMON_LEDGER_QUESTION_INT_H

#include "daemon/ledger/question.h"

/* The reason for which something is held; what was asked follows. */
#define GH_HELD_FOR "question %" PRId64 ": "

bool gh_question_act_parse(const char *name, enum gh_question_act *ret);
/** Does the rule begin at this state, whoever acts? */
bool gh_question_fits(enum gh_question_act act, enum gh_question_state from);
enum gh_question_via gh_question_via_of(const char *name);
enum gh_alarm gh_alarm_of(const char *name);

/** The notices about a subject ("question:12"), in order. */
GH_MUST_USE int gh_notices_of(struct gh_ledger *l, const char *subject, gh_notice_fn *fn, void *arg,
                              struct gh_err *err);

struct gh_notice_rule {
    const char *kind; /* of the act or the alarm */
    const char *who, *channel;
    bool held;
};
extern const struct gh_notice_rule gh_notice_rules[]; /* ends with a NULL kind */

#endif
