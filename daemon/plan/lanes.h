/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Into how many pieces a video is cut that are encoded at the same time: where there are cores to
 * do so, and memory. */
#ifndef GH_DAEMON_PLAN_LANES_H
#define GH_DAEMON_PLAN_LANES_H

#include "base/contract.h"
#include "daemon/plan/plan.h"

struct gh_lanes_conf {
    unsigned lanes;   /* asked for; 0: as many as save time */
    unsigned threads; /* cores */
    uint64_t memory;  /* address space of a child above the nursery's; 0: any */
};

/** How many lanes: 1 … GH_JOB_SHELVES + 1. */
unsigned gh_lanes_of(const struct gh_plan *plan, const struct gh_probe *probe,
                     const struct gh_lanes_conf *conf);

#endif
