/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms of ghat status. */
#ifndef GH_CTL_STATUS_H
#define GH_CTL_STATUS_H

#include "ctl/client.h"

/** A line for monitoring. a: the answer of the request status, or NULL and err says why there is
 * none. Returns the exit code: 0 well, 1 a warning, 2 critical. */
int gh_status_check(const json_t *a, const struct gh_err *err);

#endif
