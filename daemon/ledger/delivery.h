/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of outputs with the agency: who posts a placement now, under which link it can be
 * read, what the platform said where it refused it, and that a withdrawal was read. What was said
 * stays. That an output is collected is a verdict of its own (GH_COLLECT).
 */
#ifndef GH_DAEMON_LEDGER_DELIVERY_H
#define GH_DAEMON_LEDGER_DELIVERY_H

#include "base/err.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_LINK_MAX 2000            /* bytes of a link to a post */
#define GH_TAKE_MS (30 * 60 * 1000) /* how long a placement is somebody's to post */

/** Is it collected, or may it be: out now? */
bool gh_delivery_is_out(const struct gh_rendition *r);
/** Is it the link of a post that was not taken down since? i: of item->deliveries. */
bool gh_delivery_stands(const struct gh_item *item, size_t i);
/** The last link under which the placement can be read, NULL: none, or it was taken down. Borrowed.
 */
const char *gh_delivery_link(const struct gh_item *item, const char *placement);
/** Who posts the placement at now_ms; NULL: nobody. Borrowed. */
const struct gh_take *gh_delivery_take(const struct gh_item *item, const char *placement,
                                       int64_t now_ms);
/**
 * The link of a post of that placement; what is still to be collected of it is collected by that.
 * GH_LIMIT: it is no link of http or https, it was given for another submission, or nothing of the
 * placement is out or was. The same link again is fine: *ret_changed is then 0.
 */
GH_MUST_USE int gh_ledger_posted(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                 const char *placement, const char *link, unsigned *ret_changed,
                                 struct gh_err *err);
/** The platform refused it: text says how. GH_LIMIT: nothing of the placement is out, or no text.
 */
GH_MUST_USE int gh_ledger_platform_refused(struct gh_ledger *l, const struct gh_who *who,
                                           int64_t submission, const char *placement,
                                           const char *text, struct gh_err *err);
/** The placement is the asker's to post for GH_TAKE_MS, counted anew each time. GH_LIMIT: it is
 * posted, or (code EBUSY) somebody else's. */
GH_MUST_USE int gh_ledger_take(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               const char *placement, struct gh_err *err);
/** It is no longer the asker's; fine where it was not. */
GH_MUST_USE int gh_ledger_take_back(struct gh_ledger *l, const struct gh_who *who,
                                    int64_t submission, const char *placement, struct gh_err *err);
#define GH_GONE_HANDLE_MAX 32
/** What there is to acknowledge of an item, for whoever is shown it: it is another one after each
 * withdrawal and each word of the agency. */
void gh_gone_handle(const struct gh_item *item, char ret[static GH_GONE_HANDLE_MAX]);
/**
 * The agency knows what was withdrawn. removed: and took down the posts of it, which must be said
 * where there are any (GH_LIMIT, code EBUSY). seen is the handle of what was shown, NULL: whatever
 * there is; where more was withdrawn or posted since, nothing is acknowledged (GH_LIMIT, code
 * ESTALE). *ret_changed: how many outputs nobody had known of.
 */
GH_MUST_USE int gh_ledger_acknowledge(struct gh_ledger *l, const struct gh_who *who,
                                      int64_t submission, bool removed, const char *seen,
                                      unsigned *ret_changed, struct gh_err *err);
/**
 * Submissions with something to collect, or collected since, with ids below before (0: any), from
 * the newest down, at most max; without those of gh_ledger_unread(). Returns how many.
 */
GH_MUST_USE int gh_ledger_outgoing(struct gh_ledger *l, int64_t since_ms, int64_t before,
                                   int64_t *ret, size_t max, struct gh_err *err);
/** Submissions of which something was withdrawn and nobody has acknowledged it, from the newest
 * down, at most max. Returns how many. */
GH_MUST_USE int gh_ledger_unread(struct gh_ledger *l, int64_t *ret, size_t max, struct gh_err *err);
/** The last word on a placement that is out is that the platform refused it: each, the latest
 * first, at most max, until fn returns false. row is borrowed. */
typedef bool gh_refused_fn(int64_t submission, const struct gh_delivery *row, void *arg);
GH_MUST_USE int gh_ledger_refusals(struct gh_ledger *l, size_t max, gh_refused_fn *fn, void *arg,
                                   struct gh_err *err);

#endif
