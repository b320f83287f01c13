/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logo and label of one picture: the profile's chain says where they go, or else the department's
 * own filters; which ones they are comes from the department, or by name from the profile.
 * GH_CONFIG: a logo that is not loaded.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

void gh_plan_overlay_ids(const struct gh_plan_opts *opts, struct gh_pic *pic)
{
    GH_COPY(pic->watermark.id, opts->logo);
    GH_COPY(pic->label.id, opts->label);
}

/* A name becomes an id; without a corner nothing is painted. */
static int resolve_overlay(const struct gh_plan_opts *opts, struct gh_overlay *overlay,
                           struct gh_err *err)
{
    if (!overlay->corner) {
        *overlay = (struct gh_overlay){.id = ""};
        return 0;
    }
    if (gh_streq(overlay->id, opts->logo) || gh_streq(overlay->id, opts->label))
        return 0;
    const char *id = opts->logos ? gh_overlay_names_find(opts->logos, overlay->id) : NULL;
    if (!id)
        return gh_fail(err, GH_CONFIG, "the logo %s is not loaded", overlay->id);
    GH_COPY(overlay->id, id);
    return 0;
}

int gh_plan_overlays(const struct gh_planning *pl, const struct gh_profile *profile,
                     struct gh_pic *pic, struct gh_err *err)
{
    for (size_t i = 0; i < pl->opts->n_extra; i++) {
        const struct gh_filter_use *use = &pl->opts->extra[i];
        if ((use->filter->media & 1u << profile->media) &&
            !gh_profile_filter(profile, use->filter->name))
            TRY(use->filter->apply(pic, use, pl->probe, err));
    }
    TRY(resolve_overlay(pl->opts, &pic->watermark, err));
    return resolve_overlay(pl->opts, &pic->label, err);
}
