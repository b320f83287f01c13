/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a copied unit means to the ledger: a submission, files or a caption that come late, a
 * duplicate, or a recall. Inside the caller's transaction. Class: the ledger's, or GH_AGAIN when a
 * copy vanished from the spool. */
#ifndef GH_DAEMON_INTAKE_RECORD_H
#define GH_DAEMON_INTAKE_RECORD_H

#include "daemon/intake/intake_int.h"

/** Record a unit whose files were copied. Sets file and submission of each of unit->copy.files,
 * file 0 for those that got no row, and unit->submission. */
GH_MUST_USE int gh_record_unit(struct gh_unit *unit, struct gh_err *err);

/** After the commit: log what the unit became. */
void gh_record_log(struct gh_unit *unit);
/** Forget what would have been logged. */
void gh_record_forget(struct gh_unit *unit);

#endif
