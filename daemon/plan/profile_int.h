/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of the profile reader: which line said what, and the check that follows
 * parsing. */
#ifndef GH_DAEMON_PLAN_PROFILE_INT_H
#define GH_DAEMON_PLAN_PROFILE_INT_H

#include "base/ini.h"
#include "daemon/plan/profile.h"

/* Where things were said, for messages; 0 = not said. */
struct gh_profile_lines {
    unsigned of_key[80]; /* by row of the key table */
    unsigned filter[GH_FILTER_CHAIN];
    unsigned last;
};

/** Line of a key that was given, else the file's last line. */
unsigned gh_profile_line(const struct gh_profile_lines *lines, const char *section,
                         const char *key);
/** Add what is missing or contradicts itself to problems. */
void gh_profile_check(const struct gh_profile *p, const struct gh_profile_lines *lines,
                      struct gh_problems *problems);

#endif
