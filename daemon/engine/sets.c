/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles and overlays with a count of their references. */
#include "daemon/engine/sets.h"

#include "base/str.h"

struct gh_sets *gh_sets_new(void)
{
    struct gh_sets *sets = gh_alloc(sizeof(*sets));
    sets->refs = 1;
    return sets;
}

struct gh_sets *gh_sets_ref(struct gh_sets *sets)
{
    if (sets)
        sets->refs++;
    return sets;
}

void gh_sets_unref(struct gh_sets **p)
{
    struct gh_sets *sets = *p;
    *p = NULL;
    if (!sets || --sets->refs)
        return;
    gh_profiles_free(&sets->profiles);
    gh_overlays_free(&sets->overlays);
    free(sets);
}
