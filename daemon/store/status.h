/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text files in a department's Status/ folder. The drop folder belongs to officers: nothing in it
 * is trusted, links are not followed, and a file of ours replaces whatever has its name.
 */
#ifndef GH_DAEMON_STORE_STATUS_H
#define GH_DAEMON_STORE_STATUS_H

#include "base/err.h"
#include "base/names.h"

/** Write dir/Status/name unless it has this text already; dir is the department's folder. Not
 * synced: what a power cut loses is written again from the ledger. */
GH_MUST_USE int gh_status_put(int dir, const char *name, const char *text, size_t len,
                              struct gh_err *err);
/** Remove the temporary files that a killed ghatd left in dir/Status. */
void gh_status_sweep(int dir);

#endif
