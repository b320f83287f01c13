/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is named in the photos that leave. */
#ifndef GH_DAEMON_PLAN_CREDIT_H
#define GH_DAEMON_PLAN_CREDIT_H

#include "base/config.h"

/** UTF-8, cut on a character; "" where the configuration names nobody. */
struct gh_credit {
    char artist[128]; /* "Corporation; Department": creators as EXIF lists them */
    char copyright[160];
};

/** department: its title, NULL for none; left out where nobody is named before it, or when it is
 * not UTF-8. */
void gh_credit_of(const struct gh_conf *conf, const char *department, struct gh_credit *ret);

#endif
