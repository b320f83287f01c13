/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipes of previews (base/preview.h). Pure. */
#ifndef GH_DAEMON_PLAN_PREVIEW_H
#define GH_DAEMON_PLAN_PREVIEW_H

#include "base/preview.h"
#include "daemon/plan/plan.h"

/**
 * A plan without placements: encode i is the preview gh_preview_nth(set, i). Of a photo there are
 * no stills, which are the last ones.
 */
void gh_plan_previews(const struct gh_probe *probe, unsigned set, struct gh_plan *ret);

#endif
