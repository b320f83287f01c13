/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons by their short names. */
#ifndef GH_CTL_REASONS_H
#define GH_CTL_REASONS_H

#include "ctl/ctl.h"

/** The reasons of those keys, "a,b", as the ledger keeps them, then the text (NULL: none). Returns
 * GH_EXIT_OK and *ret, the caller's, or an exit code after having complained. */
int gh_reason_of(struct gh_ctl *ctl, const char *command, const char *keys, const char *text,
                 char **ret);

#endif
