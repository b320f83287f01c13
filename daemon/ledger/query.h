/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading: one submission whole, lists, what waits, what is referred to. */
#ifndef GH_DAEMON_LEDGER_QUERY_H
#define GH_DAEMON_LEDGER_QUERY_H

#include "base/err.h"
#include "base/media.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Everything about one submission. GH_USAGE when there is none. */
GH_MUST_USE int gh_ledger_get(struct gh_ledger *l, int64_t id, struct gh_item *ret,
                              struct gh_err *err);
/** How many items were read whole since the ledger was opened: what reading costs. */
uint64_t gh_ledger_items_read(const struct gh_ledger *l);

struct gh_list_filter {
    const char *department; /* NULL: all */
    const char *state;      /* a submission's or a rendition's state by name; NULL: all */
    int64_t after;          /* ids greater than this */
    int64_t before;         /* ids less than this; 0: no limit */
    unsigned limit;         /* 0: no limit */
    bool newest;            /* from the newest down */
    /* only what an overview needs: names, hashes of originals, states, times of the submission,
     * reasons; no captions of placements, no decisions */
    bool brief;
    /* only those of these departments (",roads,water,", NULL: none), and (out) of any department
     * those of which something is out */
    bool limited, out;
    const char *departments;
};
/**
 * Submissions in order of id; fn returns false to stop. item is borrowed. A brief list is one
 * reading of one moment: fn must not write to the ledger.
 */
typedef bool gh_item_fn(const struct gh_item *item, void *arg);
GH_MUST_USE int gh_ledger_list(struct gh_ledger *l, const struct gh_list_filter *filter,
                               gh_item_fn *fn, void *arg, struct gh_err *err);

/** Media files that wait for work, sorted by urgency, kind, department, then in order of their
 * turn. due is borrowed.
 */
struct gh_due {
    int64_t submission, not_before_ms;
    const char *department;
    uint64_t bytes;
    enum gh_media guess;
    bool urgent;
};
typedef bool gh_due_fn(const struct gh_due *due, void *arg);
GH_MUST_USE int gh_ledger_each_due(struct gh_ledger *l, gh_due_fn *fn, void *arg,
                                   struct gh_err *err);

/** Files whose source is still PRESENT (an interrupted intake), for the start-up pass. file is
 * borrowed. */
typedef bool gh_present_fn(const struct gh_submission *sub, const struct gh_file *file, void *arg);
GH_MUST_USE int gh_ledger_each_present(struct gh_ledger *l, gh_present_fn *fn, void *arg,
                                       struct gh_err *err);
/** Ids of submissions whose outbox folder lags behind their decisions, or that have an approval
 * pending. *ret is the caller's to
 * free. */
GH_MUST_USE int gh_ledger_unpublished(struct gh_ledger *l, int64_t **ret, size_t *ret_n,
                                      struct gh_err *err);
/* What people may look at of a submission: an original, or an output that is made. */
struct gh_shown {
    bool original;
    char sha256[GH_SHA_HEX];
    char path[200]; /* of an output, below staging/ */
};
/** Each original that could be read, and each output that is staged or held, once for equal bytes;
 * fn returns false to stop. */
typedef bool gh_shown_fn(const struct gh_shown *shown, void *arg);
GH_MUST_USE int gh_ledger_shown(struct gh_ledger *l, int64_t submission, gh_shown_fn *fn, void *arg,
                                struct gh_err *err);
/** Where a submission stands: its state, and since when it waits for a decision (wall clock, ms; 0:
 * it never did). GH_USAGE, code ENOENT: there is none. */
GH_MUST_USE int gh_ledger_standing(struct gh_ledger *l, int64_t id, enum gh_sub_state *ret,
                                   int64_t *ret_staged_ms, struct gh_err *err);
/** Are there files with these bytes, outputs in staging/ or originals? Returns 1 or 0. */
GH_MUST_USE int gh_ledger_has_bytes(struct gh_ledger *l, const char *sha256, struct gh_err *err);
/** Is a spool blob referred to? Returns 1 or 0. */
GH_MUST_USE int gh_ledger_has_blob(struct gh_ledger *l, const char *sha256, struct gh_err *err);

#endif
