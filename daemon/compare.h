/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging an output by what it was made of: does it show and sound like its source? Both were looked at by different
 * children (base/look.h); nothing of either is decoded here. Never refuses for what encoding, scaling, mapping of tone,
 * bars, a mark in a corner or a change of loudness do to a video.
 */
#ifndef GH_DAEMON_COMPARE_H
#define GH_DAEMON_COMPARE_H

#include "base/look.h"
#include "daemon/planner.h"

#define GH_COMPARISONS 8

/* What there is to compare. */
struct gh_compared {
    const struct gh_look *source; /* of the part that the output was made of; NULL: not told */
    const struct gh_look *output;
    const struct gh_probe *source_probe, *output_probe;
    const struct gh_recipe *recipe;
};
/** ret_checks gets a line for each comparison that could be made, *ret_n their number. Returns how many failed. */
int gh_compare(const struct gh_compared *c, struct gh_check ret_checks[GH_COMPARISONS], size_t *ret_n);

#endif
