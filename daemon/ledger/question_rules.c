/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions, as tables: their states, who may do what, and who is told. Pure. */
#include "daemon/ledger/question_int.h"

#include "base/str.h"

#include <string.h>

static const char *const states[GH_QUESTION_STATES] = {
    [GH_QUESTION_OPEN] = "open",
    [GH_QUESTION_ANSWERED] = "answered",
    [GH_QUESTION_CLOSED] = "closed",
    [GH_QUESTION_WITHDRAWN] = "withdrawn",
};

#define S(id) (1u << GH_QUESTION_##id)
#define ASKER 32u /* whoever asked, in the role in which it was asked */

static const struct rule {
    const char *name;
    unsigned from; /* states */
    enum gh_question_state to;
    unsigned roles;
} rules[GH_QUESTION_ACTS] = {
    [GH_QUESTION_ASK] = {"ask", 0, GH_QUESTION_OPEN, GH_BY_AGENCY | GH_BY_APPROVER},
    [GH_QUESTION_ANSWER] = {"answer", S(OPEN), GH_QUESTION_ANSWERED,
                            GH_BY_DEPARTMENT | GH_BY_APPROVER},
    [GH_QUESTION_NOTE] = {"note", S(ANSWERED), GH_QUESTION_ANSWERED,
                          GH_BY_DEPARTMENT | GH_BY_APPROVER},
    [GH_QUESTION_EXTEND] = {"extend", S(OPEN), GH_QUESTION_OPEN, GH_BY_DEPARTMENT | GH_BY_ADMIN},
    [GH_QUESTION_REOPEN] = {"reopen", S(ANSWERED), GH_QUESTION_OPEN, ASKER},
    [GH_QUESTION_CLOSE] = {"close", S(ANSWERED), GH_QUESTION_CLOSED, ASKER | GH_BY_GHATD},
    [GH_QUESTION_WITHDRAW] = {"withdraw", S(OPEN) | S(ANSWERED), GH_QUESTION_WITHDRAWN,
                              ASKER | GH_BY_APPROVER},
    [GH_QUESTION_RECOMPUTE] = {"recompute", S(OPEN), GH_QUESTION_OPEN, GH_BY_ADMIN},
};

const char *gh_question_state_name(enum gh_question_state s)
{
    return (unsigned)s < GH_QUESTION_STATES ? states[s] : "?";
}

bool gh_question_state_parse(const char *name, enum gh_question_state *ret)
{
    for (unsigned i = 0; i < GH_QUESTION_STATES; i++)
        if (gh_streq(states[i], name)) {
            *ret = (enum gh_question_state)i;
            return true;
        }
    return false;
}

const char *gh_question_act_name(enum gh_question_act a)
{
    return (unsigned)a < GH_QUESTION_ACTS ? rules[a].name : "?";
}

bool gh_question_act_parse(const char *name, enum gh_question_act *ret)
{
    for (unsigned i = 0; i < GH_QUESTION_ACTS; i++)
        if (gh_streq(rules[i].name, name)) {
            *ret = (enum gh_question_act)i;
            return true;
        }
    return false;
}

bool gh_question_fits(enum gh_question_act act, enum gh_question_state from)
{
    return rules[act].from >> from & 1u;
}

bool gh_question_may(enum gh_question_act act, enum gh_question_state from, unsigned roles,
                     unsigned asked_as, enum gh_question_state *ret_to)
{
    const struct rule *rule = &rules[act];
    unsigned may = rule->roles & ~ASKER;
    if (rule->roles & ASKER)
        may |= asked_as;
    if (ret_to)
        *ret_to = rule->to;
    return (act == GH_QUESTION_ASK || gh_question_fits(act, from)) && (roles & may);
}

/* Where name stands; the last place for one that no row has. */
static unsigned index_of(const char *const *names, unsigned n, const char *name)
{
    unsigned i = 0;
    while (i + 1 < n && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* ---------------------------------------------------------------------------------------- vias */

static const char *const vias[] = {
    [GH_VIA_DESK] = "desk",
    [GH_VIA_COMMAND] = "command",
    [GH_VIA_FILE] = "file",
    [GH_VIA_GHATD] = "ghatd",
};

const char *gh_question_via_name(enum gh_question_via via)
{
    return (unsigned)via < GH_LEN(vias) ? vias[via] : "?";
}

enum gh_question_via gh_question_via_of(const char *name)
{
    return (enum gh_question_via)index_of(vias, GH_LEN(vias), name);
}

/* --------------------------------------------------------------------------------------- alarms */

static const char *const alarms[] = {
    [GH_ALARM_REMIND] = "remind", [GH_ALARM_DUE] = "due",     [GH_ALARM_ESCALATE] = "escalate",
    [GH_ALARM_AGAIN] = "again",   [GH_ALARM_CLOSE] = "close",
};

const char *gh_alarm_name(enum gh_alarm kind)
{
    return (unsigned)kind < GH_LEN(alarms) ? alarms[kind] : "?";
}

enum gh_alarm gh_alarm_of(const char *name)
{
    return (enum gh_alarm)index_of(alarms, GH_LEN(alarms), name);
}

/* -------------------------------------------------------------------------------------- notices */

/*
 * Who is told of what, and how: "officer", "deputy" and "superior" are those of the department's
 * card, "asker" is the role that asked. held: it may wait for the end of the night; what is asked
 * and what falls due comes in duty hours anyway.
 */
const struct gh_notice_rule gh_notice_rules[] = {
    {"asked", "officer", "mail", false},
    {"asked", "officer", "hook", false},
    {"asked", "deputy", "mail", false},
    {"asked", "approver", "digest", false},
    {"remind", "officer", "mail", false},
    {"remind", "officer", "hook", false},
    {"remind", "deputy", "mail", false},
    {"due", "officer", "mail", false},
    {"due", "officer", "hook", false},
    {"due", "agency", "mail", false},
    {"due", "approver", "digest", false},
    {"escalate", "deputy", "mail", false},
    {"escalate", "superior", "mail", false},
    {"again", "officer", "mail", false},
    {"again", "deputy", "mail", false},
    {"again", "superior", "mail", false},
    {"again", "approver", "digest", false},
    {"answer", "asker", "mail", true},
    {"answer", "agency", "mail", true},
    {"answer", "agency", "hook", true},
    {"note", "asker", "mail", true},
    {"note", "agency", "mail", true},
    {"extend", "asker", "mail", true},
    {"extend", "agency", "mail", true},
    {"extend", "agency", "hook", true},
    {"withdraw", "officer", "mail", true},
    {NULL, NULL, NULL, false},
};
