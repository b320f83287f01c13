/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a placement as a whole, when several files or parts are made for it. Pure. */
#include "daemon/ledger/ledger.h"

#include "base/str.h"

#include <string.h>

enum gh_ren_state gh_ren_most_urgent(unsigned states)
{
    static const enum gh_ren_state order[] = {GH_REN_STAGED,    GH_REN_HELD,      GH_REN_RUNNING,
                                              GH_REN_DUE,       GH_REN_APPROVED,  GH_REN_PUBLISHING,
                                              GH_REN_PUBLISHED, GH_REN_COLLECTED, GH_REN_REJECTED,
                                              GH_REN_WITHDRAWN, GH_REN_FAILED,    GH_REN_SKIPPED};
    for (size_t i = 0; i < GH_LEN(order); i++)
        if (states >> order[i] & 1u)
            return order[i];
    return GH_REN_SKIPPED;
}

enum gh_ren_state gh_placement_state(const struct gh_item *item, const char *placement)
{
    unsigned seen = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (!strcmp(item->renditions[i].placement, placement))
            seen |= 1u << item->renditions[i].state;
    return gh_ren_most_urgent(seen);
}
