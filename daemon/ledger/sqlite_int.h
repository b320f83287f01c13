/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between sqlite.c and backup.c, the two files that know the engine. */
#ifndef GH_DAEMON_LEDGER_SQLITE_INT_H
#define GH_DAEMON_LEDGER_SQLITE_INT_H

#include "daemon/ledger/db.h"

#include <sqlite3.h>

/** The connection below a ledger; borrowed. */
sqlite3 *gh_sqlite_raw(const struct gh_ledger *l);
/** What the last result of a connection was; NULL: there was no memory for one. */
enum gh_fault gh_sqlite_fault(sqlite3 *raw);
const char *gh_sqlite_said(sqlite3 *raw);

#endif
