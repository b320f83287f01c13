/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that go with what is published: the common caption, those of single placements, and
 * the alt texts of files. Each change is a revision; approvals keep the words that they were given
 * for. GH_LIMIT when the submission is a duplicate. */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <string.h>

static int check_own(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    enum gh_sub_state state;
    TRY(gh_sub_state(l, submission, &state, err));
    if (state == GH_SUB_DUPLICATE)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " is a duplicate; give the words to the first one",
                       submission);
    return 0;
}

/* By their hash: the audit is never purged, and need not keep what somebody took back. */
static int audit_words(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                       const char *kind, int64_t id, const char *action, const char *of,
                       const char *text, struct gh_err *err)
{
    char hash[GH_SHA_HEX];
    size_t n = text ? strlen(text) : 0;
    gh_hash_mem(text ? text : "", n, hash);
    return gh_audit(l, who, submission, kind, id, action, err, "%s%s%zu bytes, sha256 %s", of,
                    *of ? ": " : "", n, hash);
}

int gh_ledger_set_caption(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                          const char *caption, struct gh_err *err)
{
    if (caption && !*caption)
        caption = NULL;
    GH_TX(l, err);
    TRY(check_own(l, submission, err));
    int n = gh_db_run(l, err,
                      "UPDATE submission SET caption = ?1, caption_ms = ?2,"
                      " revision = revision + 1"
                      " WHERE id = ?3 AND coalesce(caption, '') <> coalesce(?1, '')",
                      "tii", caption, gh_who_now(who), submission);
    TRY(n);
    if (n)
        TRY(audit_words(l, who, submission, "submission", submission, "caption", "", caption, err));
    return gh_tx_commit(&tx, err);
}

static int revise(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                  struct gh_err *err)
{
    return gh_db_run(l, err,
                     "UPDATE submission SET caption_ms = ?, revision = revision + 1 WHERE id = ?",
                     "ii", gh_who_now(who), submission);
}

int gh_ledger_set_caption_of(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                             const char *placement, const char *caption, struct gh_err *err)
{
    int n;
    GH_TX(l, err);
    TRY(check_own(l, submission, err));
    if (caption && *caption)
        n = gh_db_run(l, err,
                      "INSERT INTO caption(submission, placement, text) VALUES(?,?,?)"
                      " ON CONFLICT(submission, placement) DO UPDATE SET text = excluded.text"
                      " WHERE caption.text <> excluded.text",
                      "itt", submission, placement, caption);
    else
        n = gh_db_run(l, err, "DELETE FROM caption WHERE submission = ? AND placement = ?", "it",
                      submission, placement);
    TRY(n);
    if (n) {
        TRY(revise(l, who, submission, err));
        TRY(audit_words(l, who, submission, "submission", submission, "caption", placement, caption,
                        err));
    }
    return gh_tx_commit(&tx, err);
}

int gh_ledger_set_alt(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                      unsigned number, const char *alt, struct gh_err *err)
{
    if (alt && !*alt)
        alt = NULL;
    int64_t file = 0;
    GH_TX(l, err);
    TRY(check_own(l, submission, err));
    int r = number == 0 ? 0
                        : gh_db_int(l, &file, err,
                                    "SELECT id FROM file WHERE submission = ? AND role = 'media'"
                                    " ORDER BY id LIMIT 1 OFFSET ?",
                                    "ii", submission, (int64_t)number - 1);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " has no file %u (ghat show %" PRId64 " counts them)",
                       submission, number, submission);
    int n = gh_db_run(l, err,
                      "UPDATE file SET alt = ?1 WHERE id = ?2"
                      " AND coalesce(alt, '') <> coalesce(?1, '')",
                      "ti", alt, file);
    TRY(n);
    if (n) {
        TRY(revise(l, who, submission, err));
        TRY(audit_words(l, who, submission, "file", file, "alt", "", alt, err));
    }
    return gh_tx_commit(&tx, err);
}
