/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comparing an output with what it was made of: does it show and sound like its source? Different
 * children took the fingerprints of both (base/fingerprint.h); nothing of either is decoded here.
 * What encoding, scaling, tone mapping, bars, a mark in a corner or a change of loudness do to a
 * video is never a difference.
 */
#ifndef GH_DAEMON_ENGINE_LIKENESS_H
#define GH_DAEMON_ENGINE_LIKENESS_H

#include "base/fingerprint.h"
#include "daemon/plan/plan.h"

#define GH_COMPARISONS 8 /* at most */

/* What there is to compare, all borrowed. */
struct gh_compared {
    /* of the part that the output was made of; NULL: not known, and nothing is compared */
    const struct gh_fingerprint *source;
    const struct gh_fingerprint *output;
    const struct gh_probe *source_probe, *output_probe;
    const struct gh_recipe *recipe;
};
/** ret_findings gets a line for each comparison that could be made, *ret_n their number. Returns
 * how many failed. */
int gh_compare(const struct gh_compared *c, struct gh_finding ret_findings[GH_COMPARISONS],
               size_t *ret_n);

#endif
