/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frozen lists of downloads, and the CRC-32 of outputs. Nothing here is a decision, so nothing is
 * audited: that something was collected is said by a verdict. */
#include "daemon/ledger/db.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define IS_OUT "r.state IN ('published','collected')"

void gh_bundle_entry_free(struct gh_bundle_entry *e)
{
    free(e->name);
    free(e->path);
    free(e->text);
    *e = (struct gh_bundle_entry){0};
}

/* --------------------------------------------------------------------------------------- making */

static void etag_of(const struct gh_bundle_entry *list, size_t n, char ret[GH_SHA_HEX])
{
    GH_AUTO_STR text = {0};
    for (size_t i = 0; i < n; i++)
        gh_str_printf(&text, "%s\n%s\n%" PRId64 "\n", list[i].name, list[i].sha256,
                      list[i].time_ms);
    gh_hash_mem(gh_str_text(&text), text.len, ret);
}

static int drop_old(struct gh_ledger *l, int64_t person, int64_t now_ms, struct gh_err *err)
{
#define OLD                                                                                        \
    "SELECT id FROM bundle WHERE made_ms < ?1 OR (person = ?2 AND id NOT IN"                       \
    " (SELECT id FROM bundle WHERE person = ?2 ORDER BY id DESC LIMIT ?3))"
    TRY(gh_db_run(l, err, "DELETE FROM bundle_entry WHERE bundle IN (" OLD ")", "iii",
                  now_ms - GH_BUNDLE_KEEP_MS, person, (int64_t)GH_BUNDLE_PERSON));
    return gh_db_run(l, err, "DELETE FROM bundle WHERE id IN (" OLD ")", "iii",
                     now_ms - GH_BUNDLE_KEEP_MS, person, (int64_t)GH_BUNDLE_PERSON);
#undef OLD
}

static int add_entry(struct gh_ledger *l, int64_t id, size_t n, const struct gh_bundle_entry *e,
                     struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "INSERT INTO bundle_entry(bundle, n, submission, rendition, name, path, sha256,"
                  " bytes, time_ms, text, crc) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
                  " (SELECT crc FROM crc WHERE sha256 = ?7))",
                  "iiiitttiit", id, (int64_t)n, e->submission, e->rendition, e->name, e->path,
                  e->sha256, (int64_t)e->bytes, e->time_ms, e->text));
    if (!e->has_crc)
        return 0;
    return gh_db_run(l, err, "UPDATE bundle_entry SET crc = ? WHERE bundle = ? AND n = ?", "iii",
                     (int64_t)e->crc, id, (int64_t)n);
}

int gh_ledger_bundle_make(struct gh_ledger *l, const struct gh_who *who, int64_t person,
                          const char *what, bool more, const struct gh_bundle_entry *list, size_t n,
                          int64_t *ret, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    char etag[GH_SHA_HEX];
    etag_of(list, n, etag);
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "INSERT INTO bundle(person, made_ms, what, etag, more) VALUES(?,?,?,?,?)",
                  "iitti", person, once.now_ms, what, etag, (int64_t)more));
    int64_t id = gh_last_id(l);
    for (size_t i = 0; i < n; i++)
        TRY(add_entry(l, id, i, &list[i], err));
    TRY(drop_old(l, person, once.now_ms, err));
    TRY(gh_tx_commit(&tx, err));
    *ret = id;
    return 0;
}

/* -------------------------------------------------------------------------------------- reading */

#define BUNDLE                                                                                     \
    "SELECT b.id, b.person, b.made_ms, b.what, b.etag, b.more, count(e.n), total(e.bytes),"        \
    " total(e.crc IS NULL AND e.lost = 0), total(e.lost) FROM bundle b"                            \
    " LEFT JOIN bundle_entry e ON e.bundle = b.id WHERE b.person = ?1"

static void read_bundle(struct gh_stmt *s, struct gh_bundle *ret)
{
    *ret = (struct gh_bundle){.id = gh_col_i64(s, 0),
                              .person = gh_col_i64(s, 1),
                              .made_ms = gh_col_i64(s, 2),
                              .more = gh_col_i64(s, 5) != 0,
                              .n = (size_t)gh_col_i64(s, 6),
                              .bytes = (uint64_t)gh_col_i64(s, 7),
                              .unsummed = (size_t)gh_col_i64(s, 8),
                              .lost = (size_t)gh_col_i64(s, 9)};
    GH_COPY(ret->what, gh_col_text(s, 3));
    GH_COPY(ret->etag, gh_col_text(s, 4));
}

int gh_ledger_bundle(struct gh_ledger *l, int64_t id, int64_t person, struct gh_bundle *ret,
                     struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, BUNDLE " AND b.id = ?2 GROUP BY b.id", "ii", person, id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_fail_code(err, GH_USAGE, ENOENT, "there is no list %" PRId64, id);
    read_bundle(&s, ret);
    return 0;
}

int gh_ledger_bundles(struct gh_ledger *l, int64_t person, gh_bundle_fn *fn, void *arg,
                      struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err, BUNDLE " GROUP BY b.id ORDER BY b.id DESC", "i", person));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_bundle b;
        read_bundle(&s, &b);
        if (!fn(&b, arg))
            return 0;
    }
    return r;
}

int gh_ledger_bundle_entries(struct gh_ledger *l, int64_t id, size_t from, gh_bundle_entry_fn *fn,
                             void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission, rendition, name, path, text, sha256, bytes, time_ms, crc,"
                    " crc IS NOT NULL, lost FROM bundle_entry WHERE bundle = ? AND n >= ?"
                    " ORDER BY n",
                    "ii", id, (int64_t)from));
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_bundle_entry e = {.submission = gh_col_i64(&s, 0),
                                    .rendition = gh_col_i64(&s, 1),
                                    .name = gh_col_dup(&s, 2),
                                    .path = gh_col_dup(&s, 3),
                                    .text = gh_col_dup(&s, 4),
                                    .bytes = (uint64_t)gh_col_i64(&s, 6),
                                    .time_ms = gh_col_i64(&s, 7),
                                    .crc = (uint32_t)gh_col_i64(&s, 8),
                                    .has_crc = gh_col_i64(&s, 9) != 0,
                                    .lost = gh_col_i64(&s, 10) != 0};
        GH_COPY(e.sha256, gh_col_text(&s, 5));
        bool more = fn(&e, arg);
        gh_bundle_entry_free(&e);
        if (!more)
            return 0;
    }
    return r;
}

int gh_ledger_bundle_gone(struct gh_ledger *l, int64_t id, gh_bundle_gone_fn *fn, void *arg,
                          struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT r.submission, r.placement, CASE r.state WHEN 'withdrawn'"
                    " THEN coalesce(r.reason, '') ELSE '' END FROM bundle_entry e"
                    " JOIN rendition r ON r.id = e.rendition WHERE e.bundle = ?"
                    " AND (NOT (" IS_OUT ") OR (e.path <> '' AND r.sha256 <> e.sha256))",
                    "i", id));
    while ((r = gh_db_step(&s, err)) > 0)
        if (!fn(gh_col_i64(&s, 0), gh_col_text(&s, 1), gh_col_text(&s, 2), arg))
            return 0;
    return r;
}

/* ------------------------------------------------------------------------- what can be listed */

static int read_ids(struct gh_stmt *s, int64_t *ret, size_t max, struct gh_err *err)
{
    size_t n = 0;
    int r = 0;
    while (n < max && (r = gh_db_step(s, err)) > 0)
        ret[n++] = gh_col_i64(s, 0);
    return r < 0 ? r : (int)n;
}

int gh_ledger_out_on(struct gh_ledger *l, const char *day, int64_t *ret, size_t max,
                     struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT id FROM submission WHERE outbox_day = ? AND outbox_day <> '' AND EXISTS"
                    " (SELECT 1 FROM rendition r WHERE r.submission = submission.id AND " IS_OUT ")"
                    " ORDER BY id LIMIT ?",
                    "ti", day, (int64_t)max));
    return read_ids(&s, ret, max, err);
}

int gh_ledger_uncollected(struct gh_ledger *l, int64_t *ret, size_t max, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT submission FROM rendition WHERE state = 'published'"
                    " ORDER BY submission LIMIT ?",
                    "i", (int64_t)max));
    return read_ids(&s, ret, max, err);
}

int gh_ledger_uncollected_size(struct gh_ledger *l, size_t *ret_n, uint64_t *ret_bytes,
                               struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT count(*), coalesce(sum(bytes), 0) FROM rendition"
                    " WHERE state = 'published'",
                    ""));
    TRY(gh_db_step(&s, err));
    *ret_n = (size_t)gh_col_i64(&s, 0);
    *ret_bytes = (uint64_t)gh_col_i64(&s, 1);
    return 0;
}

/* ------------------------------------------------------------------------------------- CRC-32 */

int gh_crc_keep(struct gh_ledger *l, const char *sha256, uint32_t crc, struct gh_err *err)
{
    int n = gh_db_run(l, err, "INSERT INTO crc(sha256, crc) VALUES(?,?) ON CONFLICT DO NOTHING",
                      "ti", sha256, (int64_t)crc);
    return n < 0 ? n : 0;
}

int gh_ledger_crc_wanted(struct gh_ledger *l, char ret_sha256[GH_SHA_HEX], char **ret_path,
                         struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT sha256, path FROM bundle_entry WHERE crc IS NULL AND lost = 0 LIMIT 1",
                    ""));
    int r = gh_db_step(&s, err);
    if (r <= 0)
        return r;
    gh_copy(ret_sha256, GH_SHA_HEX, gh_col_text(&s, 0));
    *ret_path = gh_col_dup(&s, 1);
    return 1;
}

int gh_ledger_crc_found(struct gh_ledger *l, const char *sha256, const char *path,
                        const uint32_t *crc, struct gh_err *err)
{
    GH_TX(l, err);
    if (crc) {
        TRY(gh_crc_keep(l, sha256, *crc, err));
        TRY(gh_db_run(l, err,
                      "UPDATE bundle_entry SET crc = ? WHERE sha256 = ? AND crc IS NULL"
                      " AND lost = 0",
                      "it", (int64_t)*crc, sha256));
    } else {
        TRY(gh_db_run(l, err,
                      "UPDATE bundle_entry SET lost = 1 WHERE sha256 = ? AND path = ?"
                      " AND crc IS NULL AND lost = 0",
                      "tt", sha256, path));
    }
    return gh_tx_commit(&tx, err);
}
