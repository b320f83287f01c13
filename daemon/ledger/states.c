/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two transition tables, and the rule that derives a submission's state from what lies below
 * it. */
#include "daemon/ledger/states.h"

#include <string.h>

#define GH_X(id, name) name,
static const char *const sub_names[] = {GH_SUB_STATES(GH_X)};
static const char *const ren_names[] = {GH_REN_STATES(GH_X)};
#undef GH_X

#define S(id) (1u << GH_SUB_##id)
static const unsigned sub_next[GH_SUB_STATES_N] = {
    [GH_SUB_ARRIVING] = S(RECEIVED) | S(QUARANTINED) | S(DUPLICATE),
    [GH_SUB_RECEIVED] = S(RENDERING) | S(QUARANTINED),
    /* decided at once: all that could be made was decided while the last file was still in work */
    [GH_SUB_RENDERING] = S(STAGED) | S(DECIDED) | S(QUARANTINED),
    [GH_SUB_STAGED] = S(DECIDED) | S(RENDERING),
    [GH_SUB_DECIDED] = S(DELIVERED) | S(RENDERING),
    [GH_SUB_DELIVERED] = S(RENDERING),
    [GH_SUB_QUARANTINED] = S(RECEIVED),
    [GH_SUB_DUPLICATE] = 0,
};
#undef S

#define R(id) (1u << GH_REN_##id)
static const unsigned ren_next[GH_REN_STATES_N] = {
    [GH_REN_DUE] = R(RUNNING) | R(SKIPPED),
    [GH_REN_RUNNING] = R(STAGED) | R(DUE) | R(FAILED),
    [GH_REN_STAGED] = R(HELD) | R(APPROVED) | R(REJECTED) | R(DUE),
    [GH_REN_HELD] = R(STAGED) | R(APPROVED) | R(REJECTED) | R(DUE),
    [GH_REN_APPROVED] = R(PUBLISHING) | R(WITHDRAWN) | R(STAGED),
    [GH_REN_PUBLISHING] = R(PUBLISHED) | R(WITHDRAWN),
    [GH_REN_PUBLISHED] = R(COLLECTED) | R(WITHDRAWN),
    [GH_REN_COLLECTED] = R(WITHDRAWN),
    [GH_REN_REJECTED] = R(DUE) | R(STAGED),
    [GH_REN_WITHDRAWN] = 0,
    [GH_REN_SKIPPED] = 0,
    [GH_REN_FAILED] = R(DUE),
};
#undef R

const char *gh_sub_state_name(enum gh_sub_state s)
{
    return (unsigned)s < GH_SUB_STATES_N ? sub_names[s] : "?";
}

const char *gh_ren_state_name(enum gh_ren_state s)
{
    return (unsigned)s < GH_REN_STATES_N ? ren_names[s] : "?";
}

static bool find_name(const char *const *names, unsigned n, const char *name, unsigned *ret)
{
    for (unsigned i = 0; name && i < n; i++)
        if (!strcmp(names[i], name)) {
            *ret = i;
            return true;
        }
    return false;
}

bool gh_sub_state_parse(const char *name, enum gh_sub_state *ret)
{
    unsigned i;
    if (!find_name(sub_names, GH_SUB_STATES_N, name, &i))
        return false;
    *ret = (enum gh_sub_state)i;
    return true;
}

bool gh_ren_state_parse(const char *name, enum gh_ren_state *ret)
{
    unsigned i;
    if (!find_name(ren_names, GH_REN_STATES_N, name, &i))
        return false;
    *ret = (enum gh_ren_state)i;
    return true;
}

bool gh_sub_may(enum gh_sub_state from, enum gh_sub_state to)
{
    return (unsigned)from < GH_SUB_STATES_N && (unsigned)to < GH_SUB_STATES_N &&
           (sub_next[from] >> to & 1u);
}

bool gh_ren_may(enum gh_ren_state from, enum gh_ren_state to)
{
    return (unsigned)from < GH_REN_STATES_N && (unsigned)to < GH_REN_STATES_N &&
           (ren_next[from] >> to & 1u);
}

enum gh_sub_state gh_sub_derive(enum gh_sub_state now, const struct gh_tally *tally)
{
    const unsigned *r = tally->rendition;
    if (now == GH_SUB_ARRIVING || now == GH_SUB_QUARANTINED || now == GH_SUB_DUPLICATE)
        return now;
    if (tally->files_due + tally->files_running + r[GH_REN_DUE] + r[GH_REN_RUNNING] > 0)
        return now == GH_SUB_RECEIVED && tally->files_running + r[GH_REN_RUNNING] == 0
                   ? GH_SUB_RECEIVED
                   : GH_SUB_RENDERING;
    if (r[GH_REN_STAGED] + r[GH_REN_HELD] > 0)
        return GH_SUB_STAGED;
    if (r[GH_REN_APPROVED] + r[GH_REN_PUBLISHING] + r[GH_REN_PUBLISHED] > 0)
        return GH_SUB_DECIDED;
    if (r[GH_REN_COLLECTED] > 0)
        return GH_SUB_DELIVERED;
    if (r[GH_REN_REJECTED] + r[GH_REN_WITHDRAWN] > 0)
        return now == GH_SUB_DELIVERED ? GH_SUB_DELIVERED : GH_SUB_DECIDED;
    /* nothing is made of an answer in words: it was delivered when it was taken */
    return now == GH_SUB_DELIVERED && !r[GH_REN_SKIPPED] && !r[GH_REN_FAILED] ? GH_SUB_DELIVERED
                                                                              : GH_SUB_QUARANTINED;
}
