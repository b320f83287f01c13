/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of ghat department: making one. */
#ifndef GH_CTL_DEPARTMENT_H
#define GH_CTL_DEPARTMENT_H

#include "ctl/ctl.h"

/* As the command line says; NULL where it does not, but for the name. Borrowed. */
struct gh_new_department {
    const char *name;  /* of its folder, in any script; or the slug of a card that is there */
    const char *group; /* of its officers, which exists; NULL: one is made */
    const char *title, *languages;
    const char *officer, *designation, *mobile, *email;
    bool json;
};

/** What may name its folder, and stand in the card. */
GH_MUST_USE int gh_department_check_name(const char *name, struct gh_err *err);
/** Make card, folder and group, and tell ghatd. Prints what was made, or complains; returns the
 * exit code. */
int gh_department_add(struct gh_ctl *ctl, const char *command,
                      const struct gh_new_department *want);

#endif
