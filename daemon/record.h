/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a copied unit means to the ledger: submission, late addition, duplicate, caption, recall. Inside the caller's
 * transaction. */
#ifndef GH_DAEMON_RECORD_H
#define GH_DAEMON_RECORD_H

#include "daemon/intake_priv.h"

/** Record unit, give its files their ledger numbers (take.files[].file) and set unit->submission. */
GH_MUST_USE int gh_record_unit(struct gh_daemon *d, struct gh_unit *unit, struct gh_err *err);

#endif
