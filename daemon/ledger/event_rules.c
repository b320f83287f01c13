/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, as tables: their states, who may do what, and who is told. Pure. */
#include "daemon/ledger/event_int.h"

#include "base/str.h"

static const char *const states[GH_EVENT_STATES] = {
    [GH_EVENT_ANNOUNCED] = "announced", [GH_EVENT_CHANGED] = "changed",
    [GH_EVENT_COVERED] = "covered",     [GH_EVENT_MISSED] = "missed",
    [GH_EVENT_CANCELLED] = "cancelled",
};

#define S(id) (1u << GH_EVENT_##id)
#define PEOPLE (GH_BY_DEPARTMENT | GH_BY_APPROVER | GH_BY_ADMIN)

static const struct rule {
    const char *name;
    unsigned from;  /* states */
    unsigned early; /* … and before it begins, these */
    enum gh_event_state to;
    unsigned roles;
} rules[GH_EVENT_ACTS] = {
    [GH_EVENT_ANNOUNCE] = {"announce", 0, 0, GH_EVENT_ANNOUNCED, PEOPLE},
    [GH_EVENT_CHANGE] = {"change", S(ANNOUNCED) | S(CHANGED) | S(MISSED) | S(CANCELLED), S(COVERED),
                         GH_EVENT_CHANGED, PEOPLE},
    [GH_EVENT_CANCEL] = {"cancel", S(ANNOUNCED) | S(CHANGED) | S(MISSED), S(COVERED),
                         GH_EVENT_CANCELLED, PEOPLE},
    [GH_EVENT_COVER] = {"cover", S(ANNOUNCED) | S(CHANGED) | S(MISSED), 0, GH_EVENT_COVERED,
                        GH_BY_GHATD},
    [GH_EVENT_MISS] = {"miss", S(ANNOUNCED) | S(CHANGED), 0, GH_EVENT_MISSED, GH_BY_GHATD},
};

const char *gh_event_state_name(enum gh_event_state s)
{
    return (unsigned)s < GH_EVENT_STATES ? states[s] : "?";
}

bool gh_event_state_parse(const char *name, enum gh_event_state *ret)
{
    for (unsigned i = 0; i < GH_EVENT_STATES; i++)
        if (gh_streq(states[i], name)) {
            *ret = (enum gh_event_state)i;
            return true;
        }
    return false;
}

const char *gh_event_act_name(enum gh_event_act a)
{
    return (unsigned)a < GH_EVENT_ACTS ? rules[a].name : "?";
}

bool gh_event_fits(enum gh_event_act act, enum gh_event_state from, bool begun)
{
    unsigned states_now = rules[act].from | (begun ? 0 : rules[act].early);
    return act == GH_EVENT_ANNOUNCE || states_now >> from & 1u;
}

bool gh_event_may(enum gh_event_act act, enum gh_event_state from, bool begun, unsigned roles,
                  enum gh_event_state *ret_to)
{
    if (ret_to)
        *ret_to = rules[act].to;
    return gh_event_fits(act, from, begun) && (roles & rules[act].roles);
}

/* What happens on the day itself is told at once; held: the rest may wait for the morning. */
const struct gh_notice_rule gh_event_notice_rules[] = {
    {"announce", "agency", "mail", true}, {"announce", "approver", "digest", true},
    {"change", "agency", "mail", true},   {"change", "approver", "digest", true},
    {"cancel", "agency", "mail", true},   {"cancel", "approver", "digest", true},
    {"miss", "officer", "mail", true},    {"miss", "agency", "mail", true},
    {"miss", "approver", "digest", true}, {NULL, NULL, NULL, false},
};
