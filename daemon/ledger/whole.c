/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order and correction. A correction takes effect in the commit with which its approval goes out,
 * so that it can be undone as long as the approval can. */
#include "daemon/ledger/db.h"

#include <inttypes.h>

/* Approved or out: then it stands as it was seen. */
static int check_open(struct gh_ledger *l, int64_t submission, const char *doing,
                      struct gh_err *err)
{
    int64_t n = 0;
    TRY(gh_gates_inside(l, submission, doing, err));
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM rendition WHERE submission = ? AND state = 'approved'", "i",
                  submission));
    if (n)
        return gh_fail(err, GH_LIMIT,
                       "%s submission %" PRId64 " cannot change: it is approved (ghat undo %" PRId64
                       " takes that back while it is not out)",
                       doing, submission, submission);
    return 0;
}

/* ---------------------------------------------------------------------------------------- order */

static int place_file(struct gh_ledger *l, const struct gh_item *item, unsigned number,
                      unsigned place, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_files; i++) {
        int64_t file = item->files[i].id;
        if (gh_file_number(item, file) != number)
            continue;
        int n = gh_db_run(l, err, "UPDATE file SET place = ? WHERE id = ? AND place = 0", "ii",
                          (int64_t)place, file);
        TRY(n);
        return n ? 0 : gh_fail(err, GH_LIMIT, "file %u is named twice", number);
    }
    return gh_fail(err, GH_LIMIT,
                   "submission %" PRId64 " has no file %u (ghat show %" PRId64 " counts them)",
                   item->sub.id, number, item->sub.id);
}

int gh_ledger_order(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                    const unsigned *numbers, size_t n, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO_STR said = {0};
    GH_TX(l, err);
    TRY(check_open(l, submission, "the order of", err));
    TRY(gh_ledger_get(l, submission, &item, err));
    TRY(gh_db_run(l, err, "UPDATE file SET place = 0 WHERE submission = ?", "i", submission));
    for (size_t i = 0; i < n; i++) {
        TRY(place_file(l, &item, numbers[i], (unsigned)i + 1, err));
        gh_str_printf(&said, "%s%u", i ? "," : "", numbers[i]);
    }
    TRY(gh_audit(l, who, submission, "submission", submission, "order", err, "%s",
                 n ? gh_str_text(&said) : "of their numbers"));
    return gh_tx_commit(&tx, err);
}

/* ----------------------------------------------------------------------------------- correction */

static int check_old(struct gh_ledger *l, int64_t submission, int64_t old, struct gh_err *err)
{
    int64_t by = 0, out = 0;
    enum gh_sub_state state;
    if (old == submission)
        return gh_fail(err, GH_LIMIT, "a submission cannot replace itself");
    TRY(gh_sub_state(l, old, &state, err));
    TRY(gh_db_int(l, &by, err, "SELECT replaced_by FROM submission WHERE id = ?", "i", old));
    if (by)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " was replaced by %" PRId64 " already",
                       old, by);
    TRY(gh_db_int(l, &out, err,
                  "SELECT count(*) FROM rendition WHERE submission = ? AND publishing_ms > 0", "i",
                  old));
    if (!out)
        return gh_fail(err, GH_LIMIT,
                       "nothing of submission %" PRId64
                       " went out: there is nothing to correct (ghat reject %" PRId64 " does)",
                       old, old);
    return 0;
}

int gh_ledger_replaces(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                       int64_t old, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(check_open(l, submission, "what is replaced by", err));
    if (old)
        TRY(check_old(l, submission, old, err));
    TRY(gh_db_run(l, err, "UPDATE submission SET replaces = ? WHERE id = ?", "ii", old,
                  submission));
    TRY(gh_audit(l, who, submission, "submission", submission, "replaces", err, "%" PRId64, old));
    return gh_tx_commit(&tx, err);
}

int gh_replace_old(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                   int64_t decision, struct gh_err *err)
{
    int64_t old = 0, n = 0;
    TRY(gh_db_int(l, &old, err,
                  "SELECT s.replaces FROM submission s JOIN submission o ON o.id = s.replaces"
                  " WHERE s.id = ? AND o.replaced_by = 0 AND (o.retired & ?) = 0",
                  "ii", submission, (int64_t)GH_KEPT_OUTBOX));
    if (!old)
        return 0;
    GH_AUTO_FREE char *reason = gh_asprintf("replaced by submission %" PRId64, submission);
    struct gh_decision_req req = {.verdict = GH_WITHDRAW, .submission = old, .reason = reason};
    TRY(gh_db_run(l, err, "UPDATE submission SET replaced_by = ? WHERE id = ?", "ii", submission,
                  old));
    TRY(gh_audit(l, who, old, "submission", old, "replaced", err,
                 "by submission %" PRId64 ", decision %" PRId64, submission, decision));
    /* its folder says who replaces it, even where all of it was withdrawn before */
    TRY(gh_db_run(l, err, "UPDATE submission SET manifest = manifest + 1 WHERE id = ?", "i", old));
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM rendition WHERE submission = ? AND state IN"
                  " ('approved','publishing','published','collected')",
                  "i", old));
    return n ? gh_ledger_decide(l, who, &req, NULL, err) : 0;
}
