/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work on files: claim with lease, attempt and fencing token; what the attempt found, planned,
 * made; how it ended. An attempt is counted and committed before the first byte is parsed, and
 * every report names the token of its claim: a report that comes after the lease was taken away
 * (recall, recovery) changes nothing and fails with GH_AGAIN, code ESTALE.
 */
#include "daemon/ledger/db.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* --------------------------------------------------------------------------------------- claims */

void gh_claim_free(struct gh_claim *claim)
{
    free(claim->wanted);
    *claim = (struct gh_claim){0};
}

/* The first due file of a department with this urgency. */
#define FIRST(urgent)                                                                              \
    "(SELECT x.id FROM file x WHERE x.work = 'due' AND x.urgent = " urgent                         \
    " AND x.guess = ?1 AND x.department = d.slug"                                                  \
    " AND (x.not_before_ms <= ?2 OR x.not_before_ms > ?3) ORDER BY x.id LIMIT 1)"

/*
 * The next file of one kind: what the authority calls urgent, before all else; then departments in
 * turn, the one served longest ago. What a department itself calls urgent (a name with "!") goes
 * before its other files, and before departments that were served no longer ago: never before a
 * second file of its own while another department waits. Returns 1 or 0.
 */
static int pick(struct gh_ledger *l, int64_t now, bool authority, int64_t guess, int64_t *ret,
                struct gh_err *err)
{
    static const char *const sql[] = {
        "SELECT f.id FROM department d JOIN file f ON f.id = coalesce(" FIRST("1") ", " FIRST(
            "0") ") ORDER BY d.served, f.urgent DESC, d.slug LIMIT 1",
        "SELECT f.id FROM department d JOIN file f ON f.id = " FIRST(
            "2") " ORDER BY d.served, d.slug LIMIT 1",
    };
    return gh_db_int(l, ret, err, sql[authority], "iii", guess, now, now + GH_LEDGER_WAIT_MAX_MS);
}

/* Returns 1 and the file, or 0. */
static int next_file(struct gh_ledger *l, int64_t now, unsigned media, int64_t *ret,
                     struct gh_err *err)
{
    for (int authority = 1; authority >= 0; authority--) {
        int r = 0;
        if (media & (1u << GH_PHOTO | 1u << GH_MEDIA_NONE))
            r = pick(l, now, authority, GH_PHOTO, ret, err);
        if (r == 0 && (media & 1u << GH_VIDEO))
            r = pick(l, now, authority, GH_VIDEO, ret, err);
        if (r != 0)
            return r;
    }
    return 0;
}

static int load_claim(struct gh_ledger *l, int64_t file, struct gh_claim *claim, struct gh_err *err)
{
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        "SELECT submission, sha256, department, size, guess, urgent, attempts"
                        " FROM file WHERE id = ?",
                        "i", file));
        TRY(gh_db_step(&s, err));
        claim->file = file;
        claim->submission = gh_col_i64(&s, 0);
        GH_COPY(claim->sha256, gh_col_text(&s, 1));
        GH_COPY(claim->department, gh_col_text(&s, 2));
        claim->size = (uint64_t)gh_col_i64(&s, 3);
        claim->guess = (enum gh_media)gh_col_i64(&s, 4);
        claim->urgent = gh_col_i64(&s, 5) == GH_URGENT_AUTHORITY;
        claim->attempt = (unsigned)gh_col_i64(&s, 6);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT placement FROM rendition WHERE file = ? AND state = 'running'"
                    " ORDER BY placement",
                    "i", file));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        claim->wanted = gh_realloc(claim->wanted, (claim->n_wanted + 1) * sizeof(*claim->wanted));
        GH_COPY(claim->wanted[claim->n_wanted++], gh_col_text(&s, 0));
    }
    return r;
}

static int64_t lease_end(const struct gh_who *who, int64_t lease_ms)
{
    return lease_ms > 0 ? gh_who_now(who) + GH_MIN(lease_ms, GH_LEDGER_WAIT_MAX_MS) : 0;
}

static int claim_file(struct gh_ledger *l, const struct gh_who *who, int64_t file, int64_t lease_ms,
                      struct gh_claim *ret, struct gh_err *err)
{
    GH_AUTO(gh_claim_free)
    /* the number of its audit row: never used twice */
    struct gh_claim claim = {.token = (uint64_t)l->seq + 1};
    int n = gh_db_run(l, err,
                      "UPDATE file SET work = 'running', attempts = attempts + 1, token = ?,"
                      " lease_ms = ? WHERE id = ? AND work = 'due'",
                      "iii", (int64_t)claim.token, lease_end(who, lease_ms), file);
    TRY(n);
    if (n != 1)
        return gh_fail(err, GH_BUG, "file %" PRId64 " is not due any more", file);
    TRY(gh_ren_step_all(l, 0, file, GH_REN_DUE, GH_REN_RUNNING, NULL, err));
    TRY(load_claim(l, file, &claim, err));
    TRY(gh_audit(l, who, claim.submission, "file", file, "claim", err, "attempt %u",
                 claim.attempt));
    TRY(gh_db_run(l, err, "UPDATE department SET served = ? WHERE slug = ?", "it",
                  (int64_t)claim.token, claim.department));
    TRY(gh_sub_advance(l, who, claim.submission, err));
    *ret = claim;
    claim = (struct gh_claim){0};
    return 0;
}

int gh_ledger_claim(struct gh_ledger *l, const struct gh_who *who, unsigned media, int64_t lease_ms,
                    struct gh_claim *ret, int64_t *ret_next_ms, struct gh_err *err)
{
    int64_t file;
    TRY(gh_ledger_recover_lapsed(l, who, NULL, err));
    int r = next_file(l, gh_who_now(who), media, &file, err);
    TRY(r);
    if (!r) {
        int64_t next = 0;
        bool photos = media & (1u << GH_PHOTO | 1u << GH_MEDIA_NONE);
        TRY(gh_db_int(l, &next, err,
                      "SELECT coalesce(min(not_before_ms), 0) FROM file WHERE work = 'due'"
                      " AND guess IN (?, ?)",
                      "ii", (int64_t)(photos ? GH_PHOTO : GH_MEDIA_NONE),
                      (int64_t)(media & 1u << GH_VIDEO ? GH_VIDEO : GH_MEDIA_NONE)));
        if (ret_next_ms)
            *ret_next_ms = next;
        return 0;
    }
    GH_AUTO(gh_claim_free) struct gh_claim claim = {0};
    GH_TX(l, err);
    TRY(claim_file(l, who, file, lease_ms, &claim, err));
    TRY(gh_tx_commit(&tx, err));
    *ret = claim;
    claim = (struct gh_claim){0};
    return 1;
}

/* The report's lease must stand. ret_submission may be NULL. */
static int fence(struct gh_ledger *l, int64_t file, uint64_t token, int64_t *ret_submission,
                 struct gh_err *err)
{
    int64_t submission;
    int r = gh_db_int(l, &submission, err,
                      "SELECT submission FROM file WHERE id = ? AND token = ? AND work = 'running'",
                      "ii", file, (int64_t)token);
    TRY(r);
    if (!r)
        return gh_fail_code(err, GH_AGAIN, ESTALE,
                            "file %" PRId64 ": the attempt was taken away in the meantime", file);
    if (ret_submission)
        *ret_submission = submission;
    return 0;
}

/* -------------------------------------------------------------------------------------- reports */

int gh_ledger_probed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                     enum gh_media media, const char *probe_json, uint32_t found,
                     struct gh_err *err)
{
    int64_t submission;
    GH_TX(l, err);
    TRY(fence(l, file, token, &submission, err));
    TRY(gh_db_run(l, err, "UPDATE file SET probe = ?, media = ?, guess = ?, found = ? WHERE id = ?",
                  "tiiii", probe_json, (int64_t)media, (int64_t)media, (int64_t)found, file));
    TRY(gh_audit(l, who, submission, "file", file, "probed", err, "%s",
                 media == GH_VIDEO ? "video" : "photo"));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_looked(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                     const struct gh_look *look, struct gh_err *err)
{
    (void)who;
    GH_TX(l, err);
    TRY(fence(l, file, token, NULL, err));
    if (look)
        TRY(gh_db_run(l, err, "UPDATE file SET look = ?, sharp = ? WHERE id = ?", "iii",
                      (int64_t)look->hash, (int64_t)look->sharp, file));
    else
        TRY(gh_db_run(l, err,
                      "UPDATE file SET (look, sharp) = (SELECT look, sharp FROM file o"
                      " WHERE o.sha256 = file.sha256 AND o.look IS NOT NULL LIMIT 1)"
                      " WHERE id = ?1 AND look IS NULL AND EXISTS (SELECT 1 FROM file o"
                      " WHERE o.sha256 = file.sha256 AND o.look IS NOT NULL)",
                      "i", file));
    return gh_tx_commit(&tx, err);
}

/* The rendition of this placement and part. Returns 1 or 0. */
static int find_rendition(struct gh_ledger *l, int64_t file, const char *placement, unsigned part,
                          int64_t *ret_id, enum gh_ren_state *ret_state, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT id, state FROM rendition WHERE file = ? AND placement = ? AND part = ?",
                    "iti", file, placement, (int64_t)part));
    int r = gh_db_step(&s, err);
    if (r <= 0)
        return r;
    *ret_id = gh_col_i64(&s, 0);
    if (!gh_ren_state_parse(gh_col_text(&s, 1), ret_state))
        return gh_fail(err, GH_CONFIG, "rendition %" PRId64 " has an unknown state in the ledger",
                       *ret_id);
    return 1;
}

static int plan_row(struct gh_ledger *l, int64_t submission, int64_t file,
                    const struct gh_plan_row *row, struct gh_err *err)
{
    int64_t id;
    enum gh_ren_state state;
    unsigned part = row->part ? row->part : 1;
    int r = find_rendition(l, file, row->placement, part, &id, &state, err);
    TRY(r);
    /* what could not be served by an older plan, and can be now, is a new rendition; nobody has
     * seen the old one */
    if (r && state == GH_REN_SKIPPED && !row->skipped) {
        TRY(gh_db_run(l, err, "DELETE FROM rendition WHERE id = ? AND state = 'skipped'", "i", id));
        r = 0;
    }
    if (!r) {
        TRY(gh_db_run(l, err,
                      "INSERT INTO rendition(submission, file, placement, part, parts, state)"
                      " VALUES(?,?,?,?,?,'due')",
                      "iitii", submission, file, row->placement, (int64_t)part,
                      (int64_t)(row->parts ? row->parts : 1)));
        id = gh_last_id(l);
        state = GH_REN_DUE;
        if (!row->skipped) {
            TRY(gh_ren_step(l, id, GH_REN_DUE, GH_REN_RUNNING, NULL, err));
            state = GH_REN_RUNNING;
        }
    }
    if (state != GH_REN_DUE && state != GH_REN_RUNNING)
        return 0; /* made, decided or failed before: it stands */
    TRY(gh_db_run(l, err,
                  "UPDATE rendition SET parts = ?, how = ?, profile = ?, recipe = ?, note = NULL"
                  " WHERE id = ?",
                  "ittti", (int64_t)(row->parts ? row->parts : 1), row->how ? row->how : "",
                  row->profile ? row->profile : "", row->recipe ? row->recipe : "", id));
    if (!row->skipped)
        return 0;
    if (state == GH_REN_RUNNING)
        TRY(gh_ren_step(l, id, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    return gh_ren_step(l, id, GH_REN_DUE, GH_REN_SKIPPED, row->why, err);
}

/* Running rows that the plan does not name: the profile went away, or fewer parts are needed. */
static int drop_unplanned(struct gh_ledger *l, int64_t file, const struct gh_plan_row *rows,
                          size_t n, struct gh_err *err)
{
    GH_AUTO_FREE int64_t *gone = NULL;
    size_t n_gone = 0;
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(
            l, &s, err,
            "SELECT id, placement, part FROM rendition WHERE file = ? AND state = 'running'", "i",
            file));
        while ((r = gh_db_step(&s, err)) > 0) {
            bool named = false;
            for (size_t i = 0; i < n && !named; i++)
                named = !strcmp(rows[i].placement, gh_col_text(&s, 1)) &&
                        GH_MAX(rows[i].part, 1u) == (unsigned)gh_col_i64(&s, 2);
            if (named)
                continue;
            gone = gh_realloc(gone, (n_gone + 1) * sizeof(*gone));
            gone[n_gone++] = gh_col_i64(&s, 0);
        }
        TRY(r);
    }
    for (size_t i = 0; i < n_gone; i++) {
        TRY(gh_ren_step(l, gone[i], GH_REN_RUNNING, GH_REN_DUE, NULL, err));
        TRY(gh_ren_step(l, gone[i], GH_REN_DUE, GH_REN_SKIPPED, "no longer planned", err));
    }
    return 0;
}

int gh_ledger_plan(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                   const struct gh_plan_row *rows, size_t n, struct gh_err *err)
{
    int64_t submission;
    GH_TX(l, err);
    TRY(fence(l, file, token, &submission, err));
    GH_AUTO_STR said = {0};
    for (size_t i = 0; i < n; i++) {
        TRY(plan_row(l, submission, file, &rows[i], err));
        gh_str_printf(&said, "%s%s", i ? ", " : "", rows[i].placement);
        if (rows[i].parts > 1)
            gh_str_printf(&said, " %uof%u", rows[i].part, rows[i].parts);
        if (rows[i].skipped)
            gh_str_printf(&said, " skipped (%s)", rows[i].why ? rows[i].why : "");
        else if (rows[i].how && *rows[i].how)
            gh_str_printf(&said, " %s", rows[i].how);
    }
    TRY(drop_unplanned(l, file, rows, n, err));
    TRY(gh_keep_again(l, submission, GH_KEPT_STAGING, err));
    TRY(gh_audit(l, who, submission, "file", file, "plan", err, "%s", gh_str_text(&said)));
    return gh_tx_commit(&tx, err);
}

/* The rendition this attempt is making, or why not. */
static int running(struct gh_ledger *l, int64_t file, uint64_t token, const char *placement,
                   unsigned part, int64_t *ret_submission, int64_t *ret_id, struct gh_err *err)
{
    enum gh_ren_state state;
    TRY(fence(l, file, token, ret_submission, err));
    int r = find_rendition(l, file, placement, part ? part : 1, ret_id, &state, err);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_LIMIT, "file %" PRId64 " has no planned rendition %s part %u", file,
                       placement, part);
    if (state != GH_REN_RUNNING)
        return gh_fail(err, GH_LIMIT, "file %" PRId64 ": %s is %s, not running", file, placement,
                       gh_ren_state_name(state));
    return 0;
}

int gh_ledger_staged(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                     const struct gh_staged *out, struct gh_err *err)
{
    int64_t submission, id;
    if (!out->sha256 || strlen(out->sha256) != 64 || !out->stage || !*out->stage)
        return gh_fail(err, GH_BUG, "a staged %s needs its hash and its place", out->placement);
    GH_TX(l, err);
    TRY(running(l, file, token, out->placement, out->part, &submission, &id, err));
    TRY(gh_ren_step(l, id, GH_REN_RUNNING, GH_REN_STAGED, NULL, err));
    TRY(gh_db_run(l, err,
                  "UPDATE rendition SET sha256 = ?, bytes = ?, w = ?, h = ?, duration_us = ?,"
                  " removed = ?, checks = ?, stage = ?, note = ?, staged_ms = ?, decided_ms = 0,"
                  " decided_by = NULL, crop_x = ?, crop_y = ?, crop_w = ?, crop_h = ?, src_w = ?,"
                  " src_h = ? WHERE id = ?",
                  "tiiiiitttiiiiiiii", out->sha256, (int64_t)out->bytes, (int64_t)out->w,
                  (int64_t)out->h, out->duration_us, (int64_t)out->removed, out->checks_json,
                  out->stage, out->note, gh_who_now(who), (int64_t)out->crop.x,
                  (int64_t)out->crop.y, (int64_t)out->crop.w, (int64_t)out->crop.h,
                  (int64_t)out->src_w, (int64_t)out->src_h, id));
    if (out->has_crc)
        TRY(gh_crc_keep(l, out->sha256, out->crc, err));
    TRY(gh_audit(l, who, submission, "rendition", id, "staged", err,
                 "%s part %u: %ux%u, %" PRIu64 " bytes, sha256 %s", out->placement,
                 out->part ? out->part : 1, out->w, out->h, out->bytes, out->sha256));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_failed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                     const char *placement, unsigned part, const char *reason,
                     const char *checks_json, struct gh_err *err)
{
    int64_t submission, id;
    GH_TX(l, err);
    TRY(running(l, file, token, placement, part, &submission, &id, err));
    TRY(gh_ren_step(l, id, GH_REN_RUNNING, GH_REN_FAILED, reason, err));
    TRY(gh_db_run(l, err, "UPDATE rendition SET checks = ? WHERE id = ?", "ti", checks_json, id));
    TRY(gh_audit(l, who, submission, "rendition", id, "failed", err, "%s: %s", placement, reason));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_skipped(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                      const char *placement, unsigned part, const char *reason, struct gh_err *err)
{
    int64_t submission, id;
    GH_TX(l, err);
    TRY(running(l, file, token, placement, part, &submission, &id, err));
    TRY(gh_ren_step(l, id, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    TRY(gh_ren_step(l, id, GH_REN_DUE, GH_REN_SKIPPED, reason, err));
    TRY(gh_audit(l, who, submission, "rendition", id, "skipped", err, "%s: %s", placement, reason));
    return gh_tx_commit(&tx, err);
}

/* ------------------------------------------------------------------------ the end of an attempt */

/* How each end is counted; at `most` of them the file is given up with `why`. */
static const struct {
    const char *name, *count, *column, *why;
    int64_t most;
} ends[] = {
    [GH_ATTEMPT_DONE] = {.name = "done"},
    [GH_ATTEMPT_REFUSED] = {.name = "refused"},
    [GH_ATTEMPT_CRASHED] = {.name = "crashed",
                            .count = "UPDATE file SET strikes = strikes + 1 WHERE id = ?",
                            .column = "SELECT strikes FROM file WHERE id = ?",
                            .why = "reading it broke the decoder twice; it is damaged or malicious",
                            .most = GH_LEDGER_STRIKES},
    [GH_ATTEMPT_INTERRUPTED] = {.name = "interrupted",
                                .count =
                                    "UPDATE file SET interrupted = interrupted + 1 WHERE id = ?",
                                .column = "SELECT interrupted FROM file WHERE id = ?",
                                .why = "work on it was interrupted twenty times; it is suspect",
                                .most = GH_LEDGER_INTERRUPTIONS},
    [GH_ATTEMPT_AGAIN] = {.name = "again"},
    [GH_ATTEMPT_INCOMPLETE] = {.name = "incomplete"},
};

static int give_up(struct gh_ledger *l, int64_t file, const char *reason, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_FAILED, reason, err));
    TRY(gh_db_run(l, err,
                  "UPDATE file SET work = 'bad', token = 0, lease_ms = 0, reason = ? WHERE id = ?",
                  "ti", reason, file));
    return 0;
}

static int due_again(struct gh_ledger *l, int64_t file, int64_t not_before_ms, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    /* killed between its last report and its end: everything planned was made, there is nothing
     * left to do */
    TRY(gh_db_run(
        l, err,
        "UPDATE file SET token = 0, lease_ms = 0, not_before_ms = ?2, work = CASE"
        " WHEN EXISTS(SELECT 1 FROM rendition WHERE file = ?1 AND state = 'due')"
        " OR NOT EXISTS(SELECT 1 FROM rendition WHERE file = ?1"
        " AND state NOT IN ('skipped','failed')) THEN 'due' ELSE 'done' END WHERE id = ?1",
        "ii", file, not_before_ms));
    return 0;
}

/* Every output was reported. Those asked for again while it ran (re-render, retry) make the file
 * due once more. */
static int finished(struct gh_ledger *l, int64_t file, const char *reason, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_FAILED,
                        reason && *reason ? reason : "no output was reported", err));
    TRY(gh_db_run(l, err,
                  "UPDATE file SET token = 0, lease_ms = 0, not_before_ms = 0, reason = NULL,"
                  " work = CASE WHEN EXISTS(SELECT 1 FROM rendition WHERE file = ?1"
                  " AND state = 'due') THEN 'due' ELSE 'done' END WHERE id = ?1",
                  "i", file));
    return 0;
}

int gh_ledger_attempt_end(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                          uint64_t token, enum gh_attempt_end how, const char *reason,
                          int64_t not_before_ms, bool *ret_bad, struct gh_err *err)
{
    int64_t submission, count = 0;
    bool bad = how == GH_ATTEMPT_REFUSED;
    GH_TX(l, err);
    TRY(fence(l, file, token, &submission, err));
    if (ends[how].count) {
        TRY(gh_db_run(l, err, ends[how].count, "i", file));
        TRY(gh_db_int(l, &count, err, ends[how].column, "i", file));
        bad = count >= ends[how].most;
    }
    TRY(gh_audit(l, who, submission, "file", file, ends[how].name, err, "%s",
                 reason ? reason : ""));
    if (bad)
        TRY(give_up(l, file,
                    ends[how].why       ? ends[how].why
                    : reason && *reason ? reason
                                        : "it cannot be read",
                    err));
    else if (how == GH_ATTEMPT_DONE)
        TRY(finished(l, file, reason, err));
    else
        TRY(due_again(l, file, not_before_ms, err));
    if (how == GH_ATTEMPT_INCOMPLETE)
        TRY(gh_db_run(l, err, "UPDATE file SET reason = ? WHERE id = ? AND work = 'due'", "ti",
                      reason, file));
    TRY(gh_sub_advance(l, who, submission, err));
    TRY(gh_tx_commit(&tx, err));
    if (ret_bad)
        *ret_bad = bad;
    return 0;
}

int gh_ledger_renew(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                    int64_t lease_ms, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(fence(l, file, token, NULL, err));
    TRY(gh_db_run(l, err, "UPDATE file SET lease_ms = ? WHERE id = ?", "ii",
                  lease_end(who, lease_ms), file));
    return gh_tx_commit(&tx, err);
}

/* The attempt of a file in work was cut short. */
static int interrupted(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                       const char *reason, struct gh_err *err)
{
    int64_t token = 0;
    TRY(gh_db_int(l, &token, err, "SELECT token FROM file WHERE id = ?", "i", file));
    return gh_ledger_attempt_end(l, who, file, (uint64_t)token, GH_ATTEMPT_INTERRUPTED, reason, 0,
                                 NULL, err);
}

/* A lease that ends further off than any is given was given before the clock was set back. */
static int lapsed(struct gh_ledger *l, int64_t now, int64_t *ret_file, struct gh_err *err)
{
    return gh_db_int(l, ret_file, err,
                     "SELECT id FROM file WHERE work = 'running' AND lease_ms > 0"
                     " AND (lease_ms <= ? OR lease_ms > ?) ORDER BY id LIMIT 1",
                     "ii", now, now + GH_LEDGER_WAIT_MAX_MS);
}

int gh_ledger_recover_lapsed(struct gh_ledger *l, const struct gh_who *who, unsigned *ret_n,
                             struct gh_err *err)
{
    unsigned n = 0;
    int64_t file;
    int r = lapsed(l, gh_who_now(who), &file, err);
    if (r > 0) {
        GH_TX(l, err);
        for (; r > 0; r = lapsed(l, gh_who_now(who), &file, err), n++)
            TRY(interrupted(l, who, file, "its lease ran out", err));
        TRY(r);
        TRY(gh_tx_commit(&tx, err));
    }
    TRY(r);
    if (ret_n)
        *ret_n = n;
    return 0;
}

int gh_ledger_recover(struct gh_ledger *l, const struct gh_who *who, unsigned *ret_n,
                      struct gh_err *err)
{
    unsigned n = 0;
    int64_t file;
    int r;
    GH_TX(l, err);
    while ((r = gh_db_int(l, &file, err, "SELECT id FROM file WHERE work = 'running' LIMIT 1",
                          "")) > 0) {
        TRY(interrupted(l, who, file, "found running at start-up", err));
        n++;
    }
    TRY(r);
    TRY(gh_tx_commit(&tx, err));
    if (ret_n)
        *ret_n = n;
    return 0;
}
