/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in ghatd's folders when it has no ledger: whether a new one may be made, and which
 * numbers were given before. */
#ifndef GH_DAEMON_STORE_REMAINS_H
#define GH_DAEMON_STORE_REMAINS_H

#include "daemon/store/dirs.h"

#include <stdbool.h>
#include <stdint.h>

/** Does the spool, the archive, staging or the outbox hold anything? *ret_where: its path, conf's.
 */
bool gh_remains_any(const struct gh_dirs *dirs, const struct gh_conf *conf, const char **ret_where);
/** The highest number of a submission in the names of folders below staging, quarantine, archive
 * and outbox; 0 when there is none. */
int64_t gh_remains_highest(const struct gh_dirs *dirs);

#endif
