/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which placements are made, when nobody names them on a command line: what the profiles say, then
 * the general settings, then the department's, then what the officer asked for. Pure.
 */
#ifndef GH_DAEMON_PLAN_CHOOSE_H
#define GH_DAEMON_PLAN_CHOOSE_H

#include "daemon/plan/plan.h"

/* One place where it can be said: words with commas, placements or platforms as people call them.
 * make replaces what was chosen before it ("all": what is made by default), also adds, leave takes
 * away. NULL: nothing is said. */
struct gh_choosing {
    const char *make, *also, *leave;
};

enum gh_chosen_by {
    GH_CHOSEN_BY_PROFILE,
    GH_CHOSEN_BY_CONF,
    GH_CHOSEN_BY_DEPARTMENT,
    GH_CHOSEN_BY_OFFICER
};

struct gh_chosen {
    const char *name[GH_PLAN_MAX_PLACES]; /* borrowed from the profiles */
    unsigned media[GH_PLAN_MAX_PLACES];   /* as in gh_plan_opts */
    size_t n;
};

/** Of which media the profile is made. asked: what the officer wrote; NULL: nothing. ret_by (may be
 * NULL): who said so last, of the media it takes. */
unsigned gh_choose_one(const struct gh_profile *profile, const struct gh_choosing *conf,
                       const struct gh_choosing *department, const char *asked,
                       enum gh_chosen_by *ret_by);
/** All that are made, of any medium. */
void gh_choose(const struct gh_profiles *profiles, const struct gh_choosing *conf,
               const struct gh_choosing *department, const char *asked, struct gh_chosen *ret);
/** The first word of the list that names nothing, in word; false: there is none. */
bool gh_choose_unknown(const struct gh_profiles *profiles, const char *list, char word[64]);

#endif
