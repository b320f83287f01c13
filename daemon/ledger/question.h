/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions with a clock, in the ledger: what was asked of a department, what it answered, until
 * when, and who is to be told. When is computed by the caller (daemon/question/), once, and kept.
 * Every mutator is one transaction with its row in the audit and the notices it causes. Classes as
 * in ledger.h: GH_LIMIT a step that the table of rules does not have (the message is for people),
 * GH_USAGE no such question.
 */
#ifndef GH_DAEMON_LEDGER_QUESTION_H
#define GH_DAEMON_LEDGER_QUESTION_H

#include "daemon/ledger/open.h"

#define GH_QUESTION_TEXT 32768 /* bytes of a question, an answer, a reason */
#define GH_QUESTION_ROUNDS 3   /* it is reopened twice at most; then a person must call */
#define GH_QUESTION_OVERDUE 3  /* times that an overdue question is told again */

enum gh_question_state {
    GH_QUESTION_OPEN,
    GH_QUESTION_ANSWERED,
    GH_QUESTION_CLOSED,
    GH_QUESTION_WITHDRAWN,
    GH_QUESTION_STATES
};
const char *gh_question_state_name(enum gh_question_state s);
bool gh_question_state_parse(const char *name, enum gh_question_state *ret);

/* What is done with a question, and kept as a message of that name. */
enum gh_question_act {
    GH_QUESTION_ASK,
    GH_QUESTION_ANSWER,
    GH_QUESTION_NOTE, /* more for an answer that was given */
    GH_QUESTION_EXTEND,
    GH_QUESTION_REOPEN,
    GH_QUESTION_CLOSE,
    GH_QUESTION_WITHDRAW,
    GH_QUESTION_RECOMPUTE,
    GH_QUESTION_ACTS
};
const char *gh_question_act_name(enum gh_question_act a);

/* Who does it: a set, since a person may have several roles. */
enum gh_question_role {
    GH_BY_AGENCY = 1,
    GH_BY_APPROVER = 2,
    GH_BY_DEPARTMENT = 4, /* the one that was asked */
    GH_BY_ADMIN = 8,
    GH_BY_GHATD = 16,
    GH_BY_SHELL = 31, /* the command: whoever may control ghatd acts for all of them */
};
/* The rules, as data: may one in these roles do it with a question in that state, which one of
 * asked_as asked? *ret_to (may be NULL): the state that follows. */
bool gh_question_may(enum gh_question_act act, enum gh_question_state from, unsigned roles,
                     unsigned asked_as, enum gh_question_state *ret_to);

/* How a message came. */
enum gh_question_via { GH_VIA_DESK, GH_VIA_COMMAND, GH_VIA_FILE, GH_VIA_GHATD };
const char *gh_question_via_name(enum gh_question_via via);

struct gh_question_by {
    struct gh_who who;
    unsigned roles; /* enum gh_question_role */
    enum gh_question_via via;
    const char *department; /* the question must be this one's; NULL: any */
    unsigned card;          /* enum gh_question_card: who there is to be told */
    int64_t held_ms;        /* notices that can wait go out from then on */
};
/* Whom the department's card names beside its officer. */
enum gh_question_card { GH_CARD_DEPUTY = 1, GH_CARD_SUPERIOR = 2 };

/* The times of one round, milliseconds of the wall clock. */
struct gh_question_times {
    int64_t remind_ms, due_ms, again_ms[GH_QUESTION_OVERDUE];
};

struct gh_question_ask {
    const char *department; /* slug */
    int64_t submission;     /* what it is about; 0: nothing that was sent */
    int64_t event;          /* 0: none */
    const char *text;
    bool urgent;
    bool hold;            /* hold the submission until it is answered */
    const char *calendar; /* as gh_calendar_text writes it */
    const char *explained;
    struct gh_question_times times;
};
GH_MUST_USE int gh_ledger_ask(struct gh_ledger *l, const struct gh_question_by *by,
                              const struct gh_question_ask *ask, int64_t *ret_id,
                              struct gh_err *err);

struct gh_question_answer {
    int64_t question;
    const char *text;   /* "": what was sent with it is the answer */
    int64_t submission; /* the files that came with it, or the text itself; 0: none */
    int64_t at_ms;      /* when it was given: for a file, when it was dropped */
    int64_t counted_ms; /* of the round, until then */
    int64_t close_ms;   /* when it closes by itself */
};
/**
 * The department answers. Returns 0 for the answer of this round, and 1 for what was added to one
 * that was given before; 2: it says the same as before, nothing happens. What was held for the
 * question waits for its decision again.
 */
GH_MUST_USE int gh_ledger_answer(struct gh_ledger *l, const struct gh_question_by *by,
                                 const struct gh_question_answer *answer, struct gh_err *err);
/** Once a round, with a reason. times: those that hold from now on. at_ms: when it was asked for;
 * refused when that is after the due time. */
GH_MUST_USE int gh_ledger_extend(struct gh_ledger *l, const struct gh_question_by *by,
                                 int64_t question, const char *why, int64_t at_ms,
                                 const struct gh_question_times *times, const char *explained,
                                 struct gh_err *err);
/** Another round, with a clock of its own; what is not clear yet is its text. */
GH_MUST_USE int gh_ledger_ask_again(struct gh_ledger *l, const struct gh_question_by *by,
                                    int64_t question, const struct gh_question_ask *ask,
                                    struct gh_err *err);
/** GH_QUESTION_CLOSE or GH_QUESTION_WITHDRAW. text may be NULL. */
GH_MUST_USE int gh_ledger_end_question(struct gh_ledger *l, const struct gh_question_by *by,
                                       int64_t question, enum gh_question_act act, const char *text,
                                       struct gh_err *err);
/** The times of the running round, computed again by another calendar. */
GH_MUST_USE int gh_ledger_recompute(struct gh_ledger *l, const struct gh_question_by *by,
                                    int64_t question, const char *calendar,
                                    const struct gh_question_times *times, const char *explained,
                                    struct gh_err *err);

/* --------------------------------------------------------------------------------------- alarms */

enum gh_alarm { GH_ALARM_REMIND, GH_ALARM_DUE, GH_ALARM_ESCALATE, GH_ALARM_AGAIN, GH_ALARM_CLOSE };
const char *gh_alarm_name(enum gh_alarm kind);
struct gh_alarm_row {
    int64_t question, at_ms;
    unsigned round;
    enum gh_alarm kind;
    char department[64];
};
/** The next alarm, of all questions, that has not gone off: 1, or 0 when there is none. */
GH_MUST_USE int gh_ledger_next_alarm(struct gh_ledger *l, struct gh_alarm_row *ret,
                                     struct gh_err *err);
/** It goes off: the notices of it are written; GH_ALARM_CLOSE closes the question. One that went
 * off, or is over, does nothing. */
GH_MUST_USE int gh_ledger_fire(struct gh_ledger *l, const struct gh_question_by *by,
                               const struct gh_alarm_row *alarm, struct gh_err *err);

/* -------------------------------------------------------------------------------------- reading */

struct gh_question_round {
    unsigned round;
    int64_t began_ms;
    char *calendar, *explained;
    int64_t remind_ms, due_ms;
    int64_t extended_ms; /* 0: it was not */
    char *extended_why;
    int64_t ended_ms;   /* answered or withdrawn; 0: it runs */
    int64_t counted_ms; /* of calendar, until then */
};
struct gh_question_message {
    int64_t id, at_ms, submission;
    unsigned round;
    enum gh_question_act kind;
    enum gh_question_via via;
    char *author, *text;
};
struct gh_question {
    int64_t id, submission, event, asked_ms, answered_ms, closed_ms;
    char department[64];
    char *asked_by, *text;
    unsigned asked_as; /* enum gh_question_role */
    enum gh_question_state state;
    unsigned round;
    bool urgent, holds;
    struct gh_question_round *rounds; /* the last one is the running one */
    size_t n_rounds;
    struct gh_question_message *messages; /* in order */
    size_t n_messages;
};
void gh_question_free(struct gh_question *q);
/** The round that is running, or ran last. */
const struct gh_question_round *gh_question_now(const struct gh_question *q);
/** Refuse: there is no such question, or not for whoever asks. GH_USAGE, code ENOENT. */
GH_MUST_USE int gh_no_question(int64_t id, struct gh_err *err);
/** As gh_no_question when there is none. */
GH_MUST_USE int gh_ledger_question(struct gh_ledger *l, int64_t id, struct gh_question *ret,
                                   struct gh_err *err);

/* Where a list goes on: behind this question, as it stood then. id 0: it begins. */
struct gh_question_place {
    bool over;      /* it was not open */
    int64_t due_ms; /* of an open one */
    int64_t id;
};
struct gh_question_filter {
    const char *departments; /* of these only: ",roads,water,"; NULL: all */
    const char *department;  /* NULL: all */
    const char *state;       /* by name; NULL: all */
    int64_t submission;      /* 0: all */
    unsigned limit;          /* 0: no limit */
    struct gh_question_place after;
};
struct gh_question_list {
    struct gh_question *list;
    size_t n;
};
void gh_question_list_free(struct gh_question_list *list);
/** Open ones by their due time, then the others, the newest first, without what was said: each has
 * no messages, and of its rounds the last. *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_questions(struct gh_ledger *l, const struct gh_question_filter *filter,
                                    struct gh_question_list *ret, struct gh_err *err);
/** What filter->after is for those that come behind q. */
struct gh_question_place gh_question_place_of(const struct gh_question *q);

/* How many there are, without reading one of them. */
struct gh_question_counts {
    int64_t open, late;  /* late ones are open, too */
    int64_t next_due_ms; /* of those that are not late; 0: there is none */
    int64_t answered[(GH_BY_AGENCY | GH_BY_APPROVER) + 1]; /* not closed yet, by asked_as */
};
/** departments: as in the filter. now_ms: late is what was due before. */
GH_MUST_USE int gh_ledger_question_counts(struct gh_ledger *l, const char *departments,
                                          int64_t now_ms, struct gh_question_counts *ret,
                                          struct gh_err *err);

/* Whom ghatd wants told, for a program that sends mail. */
struct gh_notice {
    int64_t id, made_ms, not_before_ms;
    const char *kind, *subject;      /* "asked", "question:12" */
    const char *recipient, *channel; /* "officer:roads", "role:agency"; "mail", "hook", "digest" */
    int64_t revision;                /* the round, or the message */
};
typedef bool gh_notice_fn(const struct gh_notice *notice, void *arg);
/** Of one question, in order; fn returns false to stop. notice is borrowed. */
GH_MUST_USE int gh_ledger_notices(struct gh_ledger *l, int64_t question, gh_notice_fn *fn,
                                  void *arg, struct gh_err *err);

/** Called after each commit, once for every question it touched. */
void gh_ledger_on_question(struct gh_ledger *l, gh_touched_fn *fn, void *arg);

#endif
