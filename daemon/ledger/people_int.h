/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What users.c and sessions.c share. */
#ifndef GH_DAEMON_LEDGER_PEOPLE_INT_H
#define GH_DAEMON_LEDGER_PEOPLE_INT_H

#include "daemon/ledger/db.h"
#include "daemon/ledger/people.h"

/** By name, or, where that is NULL, by id. */
GH_MUST_USE int gh_user_read(struct gh_ledger *l, const char *name, int64_t id, int64_t now_ms,
                             struct gh_user *ret, struct gh_err *err);
/** GH_USAGE with code ENOENT. */
int gh_no_such(struct gh_err *err, const char *text);
/** An audit row about a person; detail may be "". */
GH_MUST_USE int gh_audit_user(struct gh_ledger *l, const struct gh_who *who, int64_t id,
                              const char *action, const char *name, const char *detail,
                              struct gh_err *err);

#endif
