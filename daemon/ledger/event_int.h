/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger's files about events share: the rules of what is done, and of who is told. */
#ifndef GH_DAEMON_LEDGER_EVENT_INT_H
#define GH_DAEMON_LEDGER_EVENT_INT_H

#include "daemon/ledger/event.h"
#include "daemon/ledger/question_int.h"

/** Does the rule begin at this state, whoever acts? */
bool gh_event_fits(enum gh_event_act act, enum gh_event_state from, bool begun);
/** Write the notices that nothing came of each event expected before then: told once, they are not
 * told again. */
GH_MUST_USE int gh_event_tell_late(struct gh_ledger *l, const struct gh_who *who, int64_t before_ms,
                                   struct gh_err *err);
extern const struct gh_notice_rule gh_event_notice_rules[]; /* ends with a NULL kind */

#endif
