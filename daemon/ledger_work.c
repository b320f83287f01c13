/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work on files: claim with lease, attempt and fencing token; what the attempt found, planned, made; how it ended. An
 * attempt is counted and committed before the first byte is parsed, and every report names the token of its claim: a
 * report that comes after the lease was taken away (recall, recovery) changes nothing and fails with GH_AGAIN, code
 * ESTALE.
 */
#include "daemon/ledger_db.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------- claims */

void gh_claim_free(struct gh_claim *claim)
{
    free(claim->wanted);
    *claim = (struct gh_claim){0};
}

/* The first due file of one kind, of the department served longest ago. Returns 1 or 0. */
static int pick(struct gh_ledger *l, int64_t now, int64_t urgent, int64_t guess, int64_t *ret, struct gh_err *err)
{
    return gh_db_int(l, ret, err,
                     "SELECT f.id FROM department d JOIN file f ON f.id = (SELECT x.id FROM file x WHERE x.work = "
                     "'due' AND x.urgent = ?1"
                     " AND x.guess = ?2 AND x.department = d.slug AND (x.not_before_ms <= ?3 OR x.not_before_ms > ?4)"
                     " ORDER BY x.id LIMIT 1)"
                     " ORDER BY d.served, d.slug LIMIT 1",
                     "iiii", urgent, guess, now, now + GH_LEDGER_WAIT_MAX_MS);
}

/* Returns 1 and the file, or 0. */
static int next_file(struct gh_ledger *l, int64_t now, unsigned media, int64_t *ret, struct gh_err *err)
{
    for (int64_t urgent = 1; urgent >= 0; urgent--) {
        int r = 0;
        if (media & (1u << GH_PHOTO | 1u << GH_MEDIA_NONE))
            r = pick(l, now, urgent, GH_PHOTO, ret, err);
        if (r == 0 && (media & 1u << GH_VIDEO))
            r = pick(l, now, urgent, GH_VIDEO, ret, err);
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
                        "SELECT submission, sha256, department, size, guess, urgent, attempts FROM file WHERE id = ?",
                        "i", file));
        TRY(gh_db_step(l, &s, err));
        claim->file = file;
        claim->submission = sqlite3_column_int64(s.st, 0);
        GH_COPY(claim->sha256, gh_col_text(&s, 1));
        GH_COPY(claim->department, gh_col_text(&s, 2));
        claim->size = (uint64_t)sqlite3_column_int64(s.st, 3);
        claim->guess = (enum gh_media)sqlite3_column_int(s.st, 4);
        claim->urgent = sqlite3_column_int(s.st, 5) != 0;
        claim->attempt = (unsigned)sqlite3_column_int(s.st, 6);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT placement FROM rendition WHERE file = ? AND state = 'running' ORDER BY placement",
                    "i", file));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        claim->wanted = gh_realloc(claim->wanted, (claim->n_wanted + 1) * sizeof(*claim->wanted));
        GH_COPY(claim->wanted[claim->n_wanted++], gh_col_text(&s, 0));
    }
    return r;
}

/* Whose lease ran out is due again; only claims that asked for a lease have one. */
static int expire(struct gh_ledger *l, const struct gh_who *who, struct gh_err *err)
{
    int64_t file, token, now = gh_who_now(who);
    int r;
    while ((r = gh_db_int(l, &file, err,
                          "SELECT id FROM file WHERE work = 'running' AND lease_ms > 0 AND lease_ms <= ? LIMIT 1", "i",
                          now)) > 0) {
        TRY(gh_db_int(l, &token, err, "SELECT token FROM file WHERE id = ?", "i", file));
        TRY(gh_ledger_attempt_end(l, who, file, (uint64_t)token, GH_ATTEMPT_INTERRUPTED, "its lease ran out", 0, NULL,
                                  err));
    }
    return r;
}

static int claim_file(struct gh_ledger *l, const struct gh_who *who, int64_t file, int64_t lease_ms,
                      struct gh_claim *ret, struct gh_err *err)
{
    GH_AUTO(gh_claim_free)
    struct gh_claim claim = {.token = (uint64_t)l->seq + 1}; /* the number of its audit row: never used twice */
    int n = gh_db_run(l, err,
                      "UPDATE file SET work = 'running', attempts = attempts + 1, token = ?, lease_ms = ? WHERE id = ? "
                      "AND work = 'due'",
                      "iii", (int64_t)claim.token, lease_ms > 0 ? gh_who_now(who) + lease_ms : (int64_t)0, file);
    TRY(n);
    if (n != 1)
        return gh_fail(err, GH_BUG, "file %" PRId64 " is not due any more", file);
    TRY(gh_ren_step_all(l, 0, file, GH_REN_DUE, GH_REN_RUNNING, NULL, err));
    TRY(load_claim(l, file, &claim, err));
    TRY(gh_audit(l, who, claim.submission, "file", file, "claim", err, "attempt %u", claim.attempt));
    TRY(gh_db_run(l, err, "UPDATE department SET served = ? WHERE slug = ?", "it", (int64_t)claim.token,
                  claim.department));
    TRY(gh_sub_advance(l, who, claim.submission, err));
    *ret = claim;
    claim = (struct gh_claim){0};
    return 0;
}

int gh_ledger_claim(struct gh_ledger *l, const struct gh_who *who, unsigned media, int64_t lease_ms,
                    struct gh_claim *ret, int64_t *ret_next_ms, struct gh_err *err)
{
    int64_t file;
    TRY(expire(l, who, err));
    int r = next_file(l, gh_who_now(who), media, &file, err);
    TRY(r);
    if (!r) {
        int64_t next = 0;
        TRY(gh_db_int(l, &next, err,
                      "SELECT coalesce(min(not_before_ms), 0) FROM file WHERE work = 'due' AND (?1 >> guess) & 1", "i",
                      (int64_t)(media | (media & 1u << GH_MEDIA_NONE ? 1u << GH_PHOTO : 0))));
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
static int fence(struct gh_ledger *l, int64_t file, uint64_t token, int64_t *ret_submission, struct gh_err *err)
{
    int64_t submission;
    int r =
        gh_db_int(l, &submission, err, "SELECT submission FROM file WHERE id = ? AND token = ? AND work = 'running'",
                  "ii", file, (int64_t)token);
    TRY(r);
    if (!r) {
        int cls = gh_fail(err, GH_AGAIN, "file %" PRId64 ": the attempt was taken away in the meantime", file);
        if (err)
            err->code = ESTALE;
        return cls;
    }
    if (ret_submission)
        *ret_submission = submission;
    return 0;
}

/* ---------------------------------------------------------------------------------------- reports */

int gh_ledger_probed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token, enum gh_media media,
                     const char *probe_json, uint32_t found, struct gh_err *err)
{
    int64_t submission;
    GH_TX(l, err);
    TRY(fence(l, file, token, &submission, err));
    TRY(gh_db_run(l, err, "UPDATE file SET probe = ?, media = ?, guess = ?, found = ? WHERE id = ?", "tiiii",
                  probe_json, (int64_t)media, (int64_t)media, (int64_t)found, file));
    TRY(gh_audit(l, who, submission, "file", file, "probed", err, "%s", media == GH_VIDEO ? "video" : "photo"));
    return gh_tx_commit(&tx, err);
}

/* The rendition of this placement and part. Returns 1 or 0. */
static int find_rendition(struct gh_ledger *l, int64_t file, const char *placement, unsigned part, int64_t *ret_id,
                          enum gh_ren_state *ret_state, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT id, state FROM rendition WHERE file = ? AND placement = ? AND part = ?", "iti",
                    file, placement, (int64_t)part));
    int r = gh_db_step(l, &s, err);
    if (r <= 0)
        return r;
    *ret_id = sqlite3_column_int64(s.st, 0);
    if (!gh_ren_state_parse(gh_col_text(&s, 1), ret_state))
        return gh_fail(err, GH_CONFIG, "rendition %" PRId64 " has an unknown state in the ledger", *ret_id);
    return 1;
}

static int plan_row(struct gh_ledger *l, int64_t submission, int64_t file, const struct gh_plan_row *row,
                    struct gh_err *err)
{
    int64_t id;
    enum gh_ren_state state;
    unsigned part = row->part ? row->part : 1;
    int r = find_rendition(l, file, row->placement, part, &id, &state, err);
    TRY(r);
    /* what could not be served by an older plan, and can be now, is a new rendition; nobody has seen the old one */
    if (r && state == GH_REN_SKIPPED && !row->skipped) {
        TRY(gh_db_run(l, err, "DELETE FROM rendition WHERE id = ? AND state = 'skipped'", "i", id));
        r = 0;
    }
    if (!r) {
        TRY(gh_db_run(
            l, err, "INSERT INTO rendition(submission, file, placement, part, parts, state) VALUES(?,?,?,?,?,'due')",
            "iitii", submission, file, row->placement, (int64_t)part, (int64_t)(row->parts ? row->parts : 1)));
        id = sqlite3_last_insert_rowid(l->db);
        state = GH_REN_DUE;
        if (!row->skipped) {
            TRY(gh_ren_step(l, id, GH_REN_DUE, GH_REN_RUNNING, NULL, err));
            state = GH_REN_RUNNING;
        }
    }
    if (state != GH_REN_DUE && state != GH_REN_RUNNING)
        return 0; /* made, decided or failed before: it stands */
    TRY(gh_db_run(l, err, "UPDATE rendition SET parts = ?, how = ?, profile = ?, recipe = ?, note = NULL WHERE id = ?",
                  "ittti", (int64_t)(row->parts ? row->parts : 1), row->how ? row->how : "",
                  row->profile ? row->profile : "", row->recipe ? row->recipe : "", id));
    if (!row->skipped)
        return 0;
    if (state == GH_REN_RUNNING)
        TRY(gh_ren_step(l, id, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    return gh_ren_step(l, id, GH_REN_DUE, GH_REN_SKIPPED, row->why, err);
}

/* Running rows that the plan does not name: the profile went away, or fewer parts are needed. */
static int drop_unplanned(struct gh_ledger *l, int64_t file, const struct gh_plan_row *rows, size_t n,
                          struct gh_err *err)
{
    GH_AUTO_FREE int64_t *gone = NULL;
    size_t n_gone = 0;
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, "SELECT id, placement, part FROM rendition WHERE file = ? AND state = 'running'",
                        "i", file));
        while ((r = gh_db_step(l, &s, err)) > 0) {
            bool named = false;
            for (size_t i = 0; i < n && !named; i++)
                named = !strcmp(rows[i].placement, gh_col_text(&s, 1)) &&
                        GH_MAX(rows[i].part, 1u) == (unsigned)sqlite3_column_int(s.st, 2);
            if (named)
                continue;
            gone = gh_realloc(gone, (n_gone + 1) * sizeof(*gone));
            gone[n_gone++] = sqlite3_column_int64(s.st, 0);
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
    TRY(gh_db_run(l, err, "UPDATE submission SET retired = retired & ~2 WHERE id = ? AND retired & 2", "i",
                  submission)); /* its folder in staging/ is filled again */
    TRY(gh_audit(l, who, submission, "file", file, "plan", err, "%s", gh_str_text(&said)));
    return gh_tx_commit(&tx, err);
}

/* The rendition this attempt is making, or why not. */
static int running(struct gh_ledger *l, int64_t file, uint64_t token, const char *placement, unsigned part,
                   int64_t *ret_submission, int64_t *ret_id, struct gh_err *err)
{
    enum gh_ren_state state;
    TRY(fence(l, file, token, ret_submission, err));
    int r = find_rendition(l, file, placement, part ? part : 1, ret_id, &state, err);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_LIMIT, "file %" PRId64 " has no planned rendition %s part %u", file, placement, part);
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
    TRY(gh_db_run(
        l, err,
        "UPDATE rendition SET sha256 = ?, bytes = ?, w = ?, h = ?, duration_us = ?, removed = ?, checks = ?, stage = ?,"
        " note = ?, staged_ms = ?, decided_ms = 0, decided_by = NULL WHERE id = ?",
        "tiiii"
        "ittti"
        "i",
        out->sha256, (int64_t)out->bytes, (int64_t)out->w, (int64_t)out->h, out->duration_us, (int64_t)out->removed,
        out->checks_json, out->stage, out->note, gh_who_now(who), id));
    TRY(gh_audit(l, who, submission, "rendition", id, "staged", err, "%s part %u: %ux%u, %" PRIu64 " bytes, sha256 %s",
                 out->placement, out->part ? out->part : 1, out->w, out->h, out->bytes, out->sha256));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_failed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token, const char *placement,
                     unsigned part, const char *reason, const char *checks_json, struct gh_err *err)
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

/* ---------------------------------------------------------------------------------------- the end of an attempt */

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
                                .count = "UPDATE file SET interrupted = interrupted + 1 WHERE id = ?",
                                .column = "SELECT interrupted FROM file WHERE id = ?",
                                .why = "work on it was interrupted twenty times; it is suspect",
                                .most = GH_LEDGER_INTERRUPTIONS},
    [GH_ATTEMPT_AGAIN] = {.name = "again"},
    [GH_ATTEMPT_INCOMPLETE] = {.name = "incomplete"},
};

static int give_up(struct gh_ledger *l, int64_t file, const char *reason, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_FAILED, reason, err));
    TRY(gh_db_run(l, err, "UPDATE file SET work = 'bad', token = 0, lease_ms = 0, reason = ? WHERE id = ?", "ti",
                  reason, file));
    return 0;
}

static int due_again(struct gh_ledger *l, int64_t file, int64_t not_before_ms, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    /* killed between its last report and its end: everything planned was made, there is nothing left to do */
    TRY(gh_db_run(
        l, err,
        "UPDATE file SET token = 0, lease_ms = 0, not_before_ms = ?2, work = CASE WHEN EXISTS(SELECT 1 FROM rendition"
        " WHERE file = ?1 AND state = 'due') OR NOT EXISTS(SELECT 1 FROM rendition WHERE file = ?1"
        " AND state NOT IN ('skipped','failed')) THEN 'due' ELSE 'done' END WHERE id = ?1",
        "ii", file, not_before_ms));
    return 0;
}

/* Every output was reported. Those asked for again while it ran (re-render, retry) make the file due once more. */
static int finished(struct gh_ledger *l, int64_t file, const char *reason, struct gh_err *err)
{
    TRY(gh_ren_step_all(l, 0, file, GH_REN_RUNNING, GH_REN_FAILED,
                        reason && *reason ? reason : "no output was reported", err));
    TRY(gh_db_run(
        l, err,
        "UPDATE file SET token = 0, lease_ms = 0, not_before_ms = 0, reason = NULL, work = CASE WHEN EXISTS(SELECT 1 "
        "FROM rendition"
        " WHERE file = ?1 AND state = 'due') THEN 'due' ELSE 'done' END WHERE id = ?1",
        "i", file));
    return 0;
}

int gh_ledger_attempt_end(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                          enum gh_attempt how, const char *reason, int64_t not_before_ms, bool *ret_bad,
                          struct gh_err *err)
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
    TRY(gh_audit(l, who, submission, "file", file, ends[how].name, err, "%s", reason ? reason : ""));
    if (bad)
        TRY(give_up(l, file, ends[how].why ? ends[how].why : reason && *reason ? reason : "it cannot be read", err));
    else if (how == GH_ATTEMPT_DONE)
        TRY(finished(l, file, reason, err));
    else
        TRY(due_again(l, file, not_before_ms, err));
    if (how == GH_ATTEMPT_INCOMPLETE)
        TRY(gh_db_run(l, err, "UPDATE file SET reason = ? WHERE id = ? AND work = 'due'", "ti", reason, file));
    TRY(gh_sub_advance(l, who, submission, err));
    TRY(gh_tx_commit(&tx, err));
    if (ret_bad)
        *ret_bad = bad;
    return 0;
}

int gh_ledger_recover(struct gh_ledger *l, const struct gh_who *who, unsigned *ret_n, struct gh_err *err)
{
    unsigned n = 0;
    int64_t file, token;
    int r;
    GH_TX(l, err);
    l->depth++; /* the steps below join this transaction */
    while ((r = gh_db_int(l, &file, err, "SELECT id FROM file WHERE work = 'running' LIMIT 1", "")) > 0) {
        r = gh_db_int(l, &token, err, "SELECT token FROM file WHERE id = ?", "i", file);
        if (r > 0)
            r = gh_ledger_attempt_end(l, who, file, (uint64_t)token, GH_ATTEMPT_INTERRUPTED,
                                      "found running at start-up", 0, NULL, err);
        if (r < 0)
            break;
        n++;
    }
    l->depth--;
    TRY(r);
    TRY(gh_tx_commit(&tx, err));
    if (ret_n)
        *ret_n = n;
    return 0;
}
