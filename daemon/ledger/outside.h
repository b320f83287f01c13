/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the outside has seen of outputs and decisions: of an item that is read in C, of lists in
 * SQL. Both forms stand side by side here, and nowhere else, so that they stay alike. The outside
 * are the agency, and whoever sent something: no decision is told to them while it can be undone,
 * or waits for the end of an embargo or a freeze.
 */
#ifndef GH_DAEMON_LEDGER_OUTSIDE_H
#define GH_DAEMON_LEDGER_OUTSIDE_H

#include "daemon/ledger/item.h"

/** Was it in the outbox before it was withdrawn? */
bool gh_is_gone(const struct gh_rendition *r);
#define GH_SQL_IS_GONE(r) "(" r ".state = 'withdrawn' AND " r ".published_ms > 0)"

/** Is it in the outbox, or was it? */
bool gh_is_out(const struct gh_rendition *r);
#define GH_SQL_IS_OUT(r) "(" r ".state IN ('published','collected') OR " GH_SQL_IS_GONE(r) ")"

/** Its state as the outside knows it: what is only decided inside is staged. */
enum gh_ren_state gh_state_outside(const struct gh_rendition *r);
#define GH_SQL_IS_INSIDE(r)                                                                        \
    "(" r ".state = 'approved' OR (" r ".state IN ('held','rejected') AND EXISTS"                  \
    " (SELECT 1 FROM pending wait JOIN decision turn ON turn.id = wait.decision"                   \
    " JOIN decided what ON what.decision = wait.decision WHERE wait.submission = " r               \
    ".submission AND what.rendition = " r ".id AND what.sha256 = " r ".sha256"                     \
    " AND turn.verdict = CASE " r ".state WHEN 'held' THEN 'hold' ELSE 'reject' END)))"

/** Take out of the item, as gh_ledger_get() read it, every decision that the outside has not seen.
 */
void gh_hide_inside(struct gh_item *item);

/* The conditions of a query that is limited to what somebody may see: ?7 is it limited at all, ?8
 * the departments (",roads,water,") whose items are seen whole but for such decisions, ?9 is what
 * is out seen of any department. */
#define GH_SQL_OWN(s) "?7 = 0 OR CAST(?8 AS TEXT) LIKE '%,' || " s ".department || ',%'"
#define GH_SQL_MAY_SEE(s)                                                                          \
    "(" GH_SQL_OWN(s) " OR (?9 <> 0 AND EXISTS (SELECT 1 FROM rendition seen"                      \
                      " WHERE seen.submission = " s ".id AND " GH_SQL_IS_OUT("seen") ")))"
/* Is it, as seen, in the state of parameter p? */
#define GH_SQL_SEEN_IN(r, p)                                                                       \
    "((" r ".state = " p                                                                           \
    " AND (?7 = 0 OR NOT " GH_SQL_IS_INSIDE(r) "))"                                                \
                                               " OR (?7 <> 0 AND " p                               \
                                               " = 'staged' AND " GH_SQL_IS_INSIDE(r) "))"
/* The state of a submission as seen: with an output that is decided inside only it is staged. */
#define GH_SQL_SUB_SEEN(s)                                                                         \
    "CASE WHEN ?7 <> 0 AND " s ".state IN ('decided','delivered') AND EXISTS (SELECT 1"            \
    " FROM rendition kept WHERE kept.submission = " s                                              \
    ".id AND " GH_SQL_IS_INSIDE("kept") ")"                                                        \
                                        " THEN 'staged' ELSE " s ".state END"

#endif
