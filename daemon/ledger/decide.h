/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decisions: about renditions, chosen among what was shown, kept with the bytes and the words that
 * were seen.
 */
#ifndef GH_DAEMON_LEDGER_DECIDE_H
#define GH_DAEMON_LEDGER_DECIDE_H

#include "base/err.h"
#include "base/hash.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gh_verdict {
    GH_APPROVE,  /* staged | held → approved. Needs set_hash. */
    GH_HOLD,     /* staged → held */
    GH_RELEASE,  /* held → staged */
    GH_REJECT,   /* staged | held → rejected. Needs reason. */
    GH_WITHDRAW, /* approved | publishing | published | collected → withdrawn. Needs reason. */
    GH_COLLECT,  /* published → collected */
    GH_RETRY,    /* failed → due; a quarantined submission → received */
    GH_RERENDER, /* staged | rejected | held → due */
    GH_VERDICTS
};
bool gh_verdict_parse(const char *name, enum gh_verdict *ret);

/*
 * The unit of a decision is a rendition. Those meant are chosen by placement and by file; with
 * `seen` they are chosen among what was shown under that handle, and must be as they were shown.
 */
struct gh_decision_req {
    enum gh_verdict verdict;
    int64_t submission;
    const char *const *placements; /* NULL or n 0: all */
    size_t n_placements;
    const unsigned *files; /* by gh_file_number; NULL or n 0: all */
    size_t n_files;
    const char *reason;
    /* An approval names what was seen, in one of three ways. */
    const char *seen;     /* a handle of gh_ledger_see */
    const char *set_hash; /* of gh_ledger_set_hash, for the same placements and files */
    bool whatever;        /* whatever is there now */
    /* How long an approval, a hold or a rejection stays inside, and can be undone; 0: a hold or a
     * rejection is told at once. */
    int64_t undo_ms;
};
/**
 * Decide; refuses (GH_LIMIT) when nothing is in a state for it, when what was seen is not what is
 * there now (the message says what changed), or a reason is missing. err->code is ESTALE where
 * something changed, ENOTSUP where the state does not allow it. Repeating a decision that stands is
 * fine: ret_changed (may be NULL) is then 0.
 */
GH_MUST_USE int gh_ledger_decide(struct gh_ledger *l, const struct gh_who *who,
                                 const struct gh_decision_req *req, unsigned *ret_changed,
                                 struct gh_err *err);
/** After ESTALE: what changed of what was shown, a text for people each, until fn returns false. */
GH_MUST_USE int gh_ledger_changes(struct gh_ledger *l, const struct gh_decision_req *req,
                                  bool (*fn)(const char *text, void *arg), void *arg,
                                  struct gh_err *err);
/* A decision as it is kept. */
struct gh_decision {
    int64_t id, submission;
    char set_hash[GH_SHA_HEX];  /* of what was decided */
    char kept_hash[GH_SHA_HEX]; /* of the outputs and words that are kept of it */
};
/** The decision of that number about the item, which is approved or out as it was approved. Returns
 * 1, or 0: there is none. */
GH_MUST_USE int gh_ledger_decision(struct gh_ledger *l, const struct gh_item *item, int64_t id,
                                   struct gh_decision *ret, struct gh_err *err);
#define GH_HANDLE 7 /* bytes of a handle: six hex digits and a NUL */
/**
 * The handle of what the item shows now: every rendition that is neither waiting nor skipped, by
 * file, placement and part, with its state, its bytes, the caption of its placement and the alt
 * text of its file. It is drawn at random; the same set has the same one, for as long as it is
 * among the last that were shown. Returns 1, or 0 when there is nothing to decide. Not audited.
 */
GH_MUST_USE int gh_ledger_see(struct gh_ledger *l, const struct gh_who *who,
                              const struct gh_item *item, char ret_handle[GH_HANDLE],
                              struct gh_err *err);
/**
 * The hash over what an approval of these placements would approve now, each with its file,
 * placement, part, bytes, caption and alt text: the staged ones (the held ones when they are named
 * or nothing is staged), and those whose words are not those they were approved with. Returns
 * their number, 0 none.
 */
GH_MUST_USE int gh_ledger_set_hash(struct gh_ledger *l, int64_t submission,
                                   const char *const *placements, size_t n,
                                   char ret_hex[GH_SHA_HEX], struct gh_err *err);

#endif
