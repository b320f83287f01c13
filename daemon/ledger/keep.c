/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retention in the ledger: which files' time is over, and the record that they go. The mark and the
 * audit row are committed before anything is deleted; what is half-way then is kept as one setting,
 * so that a crash in between is finished by the next start.
 */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HALF_WAY "retiring" /* "<what> <id> <id> …" */
#define DAY_MS (24 * 3600 * 1000)
#define SLICE 2000 /* submissions that one question looks at: about a millisecond */

const char *gh_kept_name(enum gh_kept what)
{
    switch (what) {
    case GH_KEPT_ORIGINALS:
        return "originals";
    case GH_KEPT_STAGING:
        return "staging";
    case GH_KEPT_OUTBOX:
        return "outbox";
    case GH_KEPT_QUARANTINE:
        return "quarantine";
    }
    return "?";
}

/* The clock is looked at in the cheap columns first; the audit knows the last that happened. */
#define OVER                                                                                       \
    "SELECT id FROM submission s WHERE id > ?1 AND id <= ?6 AND (retired & ?2) = 0 AND "           \
    "dropped_ms < ?3"                                                                              \
    " AND decided_ms < ?3 AND delivered_ms < ?3 AND manifest = manifest_done"                      \
    " AND NOT EXISTS (SELECT 1 FROM file f WHERE f.submission = s.id"                              \
    "  AND (f.source = 'present' OR f.work IN ('due','running')))"                                 \
    " AND NOT EXISTS (SELECT 1 FROM rendition r WHERE r.submission = s.id"                         \
    "  AND r.state IN ('due','running','staged','held','approved','publishing'))"                  \
    " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.submission = s.id)"                          \
    " AND (SELECT max(time_ms) FROM audit a WHERE a.submission = s.id"                             \
    "  AND a.action <> 'retired') < ?3"
/* ?5: those of which all was refused as unsupported */
#define OF_THAT_KIND                                                                               \
    " AND (?5 = 0 OR (state = 'quarantined'"                                                       \
    "  AND EXISTS (SELECT 1 FROM file f WHERE f.submission = s.id AND f.role = 'media')"           \
    "  AND NOT EXISTS (SELECT 1 FROM file f WHERE f.submission = s.id AND f.role = 'media' AND"    \
    "   (f.work <> 'bad' OR coalesce(f.reason, '') NOT LIKE '" GH_REASON_UNSUPPORTED "%'))))"
#define PAGE OF_THAT_KIND " ORDER BY id LIMIT ?4"

int gh_keep_again(struct gh_ledger *l, int64_t submission, enum gh_kept what, struct gh_err *err)
{
    int n = gh_db_run(l, err,
                      "UPDATE submission SET retired = retired - ?1"
                      " WHERE id = ?2 AND (retired & ?1) <> 0",
                      "ii", (int64_t)what, submission);
    return n < 0 ? n : 0;
}

int gh_ledger_retirable(struct gh_ledger *l, enum gh_kept what, bool unsupported, int64_t before_ms,
                        int64_t *after, int64_t *ret_ids, size_t max, struct gh_err *err)
{
    int64_t newest;
    TRY(gh_db_int(l, &newest, err, "SELECT coalesce(max(id), 0) FROM submission", ""));
    static const struct {
        enum gh_kept what;
        const char *sql;
    } rows[] = {
        {GH_KEPT_ORIGINALS,
         OVER " AND state IN ('decided','delivered','quarantined','duplicate')" PAGE},
        {GH_KEPT_STAGING, OVER " AND state IN ('decided','delivered')" PAGE},
        {GH_KEPT_OUTBOX, OVER
         " AND state IN ('decided','delivered') AND outbox_day <> '' AND NOT EXISTS (SELECT 1 FROM"
         " rendition r WHERE r.submission = s.id AND r.state = 'published')" PAGE},
        {GH_KEPT_QUARANTINE, OVER
         " AND state IN ('decided','delivered','quarantined') AND (state = 'quarantined'"
         " OR EXISTS (SELECT 1 FROM file f WHERE f.submission = s.id AND f.work = 'bad'))" PAGE},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        if (rows[i].what != what)
            continue;
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, rows[i].sql, "iiiiii", *after, (int64_t)what, before_ms,
                        (int64_t)max, (int64_t)unsupported, *after + SLICE));
        int n = 0, r;
        while ((r = gh_db_step(&s, err)) > 0)
            ret_ids[n++] = gh_col_i64(&s, 0);
        TRY(r);
        *after = (size_t)n == max ? ret_ids[n - 1] : *after + SLICE;
        if (*after >= newest)
            *after = 0;
        return n;
    }
    return gh_fail(err, GH_BUG, "no such sort of files");
}

int gh_ledger_retire(struct gh_ledger *l, const struct gh_who *who, enum gh_kept what,
                     const int64_t *ids, size_t n, int64_t kept_ms, struct gh_err *err)
{
    GH_AUTO_STR list = {0};
    GH_TX(l, err);
    gh_str_printf(&list, "%u", (unsigned)what);
    for (size_t i = 0; i < n; i++) {
        TRY(gh_db_run(l, err, "UPDATE submission SET retired = retired | ? WHERE id = ?", "ii",
                      (int64_t)what, ids[i]));
        TRY(gh_audit(l, who, ids[i], "submission", ids[i], "retired", err,
                     "%s, after %" PRId64 " days", gh_kept_name(what), kept_ms / DAY_MS));
        gh_str_printf(&list, " %" PRId64, ids[i]);
    }
    TRY(gh_db_run(l, err,
                  "INSERT INTO meta(key, value) VALUES(?,?) ON CONFLICT(key) DO UPDATE"
                  " SET value = excluded.value",
                  "tt", HALF_WAY, gh_str_text(&list)));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_retired(struct gh_ledger *l, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "DELETE FROM meta WHERE key = ?", "t", HALF_WAY));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_retiring(struct gh_ledger *l, enum gh_kept *ret_what, int64_t *ret_ids, size_t max,
                       struct gh_err *err)
{
    GH_AUTO_FREE char *list = NULL;
    TRY(gh_ledger_setting(l, HALF_WAY, &list, err));
    if (!list)
        return 0;
    char *at;
    int n = 0;
    *ret_what = (enum gh_kept)strtoul(list, &at, 10);
    while (*at && (size_t)n < max)
        ret_ids[n++] = strtoll(at, &at, 10);
    return n;
}
