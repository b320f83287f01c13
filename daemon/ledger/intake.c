/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in: submissions, their files, captions; whether the same bytes came before; and what
 * puts an end to one before a decision (quarantine, recall by its department). Originals are in the
 * spool, durable, before they are named here.
 */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <string.h>

static const char *const kinds[] = {[GH_KIND_FILE] = "file", [GH_KIND_FOLDER] = "folder"};
static const char *const roles[] = {[GH_FILE_MEDIA] = "media", [GH_FILE_CAPTION] = "caption"};

static int insert_file(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                       const char *department, int64_t urgent, const struct gh_new_file *f,
                       bool due, int64_t revision, int64_t *ret_id, struct gh_err *err)
{
    bool have = f->sha256[0] != '\0';
    if (have)
        TRY(gh_db_run(
            l, err, "INSERT INTO blob(sha256, size, added_ms) VALUES(?,?,?) ON CONFLICT DO NOTHING",
            "tii", f->sha256, (int64_t)f->size, gh_who_now(who)));
    const char *work = f->role != GH_FILE_MEDIA ? "none" : !have ? "bad" : due ? "due" : "none";
    TRY(gh_db_run(l, err,
                  "INSERT INTO file(submission, department, urgent, name, sha256, size, mtime_ms,"
                  " dev, ino, role, source, guess, work, revision)"
                  " VALUES(?,?,?,?,?,?,?,?,?,?,'present',?,?,?)",
                  "itibtiiiititi", submission, department, urgent, f->name, f->name_len,
                  have ? f->sha256 : NULL, (int64_t)f->size, f->mtime_ms, (int64_t)f->dev,
                  (int64_t)f->ino, roles[f->role],
                  (int64_t)(f->guess == GH_VIDEO ? GH_VIDEO : GH_PHOTO), work, revision));
    *ret_id = gh_last_id(l);
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, f->name, f->name_len);
    return gh_audit(l, who, submission, "file", *ret_id, "file", err,
                    "%s %s %" PRIu64 " bytes, sha256 %s", roles[f->role], gh_str_text(&shown),
                    f->size, have ? f->sha256 : "unknown");
}

int gh_ledger_add(struct gh_ledger *l, const struct gh_who *who, const struct gh_new_sub *sub,
                  int64_t *ret_id, int64_t *ret_file_ids, struct gh_err *err)
{
    if (sub->state != GH_SUB_RECEIVED && sub->state != GH_SUB_QUARANTINED &&
        sub->state != GH_SUB_DUPLICATE &&
        !(sub->state == GH_SUB_DELIVERED && (sub->question || sub->events)))
        return gh_fail(err, GH_BUG, "a submission cannot begin as %s",
                       gh_sub_state_name(sub->state));
    int64_t now = gh_who_now(who), id;
    const char *caption = sub->caption && *sub->caption ? sub->caption : NULL;
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "INSERT INTO department(slug) VALUES(?) ON CONFLICT DO NOTHING", "t",
                  sub->department));
    TRY(gh_db_run(l, err,
                  "INSERT INTO submission(department, name, kind, state, caption, caption_ms,"
                  " dropped_ms, received_ms, reason, duplicate_of, urgent, question,"
                  " sender)"
                  " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  "tbtttiiitniit", sub->department, sub->name, sub->name_len, kinds[sub->kind],
                  gh_sub_state_name(sub->state), caption, caption ? now : (int64_t)0,
                  sub->dropped_ms, now, sub->reason, sub->duplicate_of, (int64_t)sub->urgent,
                  sub->question, sub->sender));
    id = gh_last_id(l);
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, sub->name, sub->name_len);
    TRY(gh_audit(l, who, id, "submission", id, gh_sub_state_name(sub->state), err,
                 "%s from %s: %s%s%s", kinds[sub->kind], sub->department, gh_str_text(&shown),
                 sub->reason ? ": " : "", sub->reason ? sub->reason : ""));
    for (size_t i = 0; i < sub->n_files; i++) {
        int64_t file;
        TRY(insert_file(l, who, id, sub->department, sub->urgent, &sub->files[i],
                        sub->state == GH_SUB_RECEIVED, 1, &file, err));
        if (ret_file_ids)
            ret_file_ids[i] = file;
    }
    TRY(gh_tx_commit(&tx, err));
    *ret_id = id;
    return 0;
}

/* Refuses, when the submission takes no further file. */
static int check_takes_files(struct gh_ledger *l, int64_t submission, struct gh_err *err)
{
    enum gh_sub_state state;
    int64_t retired = 0;
    TRY(gh_sub_state(l, submission, &state, err));
    if (state == GH_SUB_DUPLICATE || state == GH_SUB_QUARANTINED)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is %s and takes no further file",
                       submission, gh_sub_state_name(state));
    TRY(gh_db_int(l, &retired, err, "SELECT retired FROM submission WHERE id = ?", "i",
                  submission));
    if (retired & (GH_KEPT_ORIGINALS | GH_KEPT_OUTBOX))
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64 " is closed: its files were deleted after their time",
                       submission);
    return 0;
}

int gh_ledger_add_files(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                        const struct gh_new_file *files, size_t n, int64_t *ret_ids,
                        struct gh_err *err)
{
    GH_TX(l, err);
    TRY(check_takes_files(l, submission, err));
    TRY(gh_db_run(l, err, "UPDATE submission SET revision = revision + 1 WHERE id = ?", "i",
                  submission));
    GH_AUTO_FREE char *department = NULL;
    int64_t urgent, revision;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        "SELECT department, urgent, revision FROM submission WHERE id = ?", "i",
                        submission));
        TRY(gh_db_step(&s, err));
        department = gh_col_dup(&s, 0);
        urgent = gh_col_i64(&s, 1);
        revision = gh_col_i64(&s, 2);
    }
    for (size_t i = 0; i < n; i++)
        TRY(insert_file(l, who, submission, department, urgent, &files[i], true, revision,
                        &ret_ids[i], err));
    /* Once, after all of them: a caption alone would leave nothing to work on, and the submission
     * would be quarantined again before its photo is there. */
    TRY(gh_sub_advance(l, who, submission, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_source_taken(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                           const char *taken_name, struct gh_err *err)
{
    GH_TX(l, err);
    int64_t submission;
    int r = gh_db_int(l, &submission, err, "SELECT submission FROM file WHERE id = ?", "i", file);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_USAGE, "there is no file %" PRId64 " in the ledger", file);
    r = gh_db_run(
        l, err,
        "UPDATE file SET source = 'taken', taken_name = ? WHERE id = ? AND source = 'present'",
        "ti", taken_name, file);
    TRY(r);
    if (r)
        TRY(gh_audit_silent(l, who, submission, "file", file, "taken",
                            *taken_name ? taken_name : "(removed)", err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_source_touched(struct gh_ledger *l, int64_t file, int64_t mtime_ms,
                             struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "UPDATE file SET mtime_ms = ? WHERE id = ? AND source = 'taken'", "ii",
                  mtime_ms, file));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_set_urgent(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                         bool urgent, struct gh_err *err)
{
    GH_TX(l, err);
    enum gh_sub_state state;
    TRY(gh_sub_state(l, submission, &state, err));
    int64_t value = urgent ? GH_URGENT_AUTHORITY : 0;
    int n = gh_db_run(l, err, "UPDATE submission SET urgent = ?1 WHERE id = ?2 AND urgent <> ?1",
                      "ii", value, submission);
    TRY(n);
    if (n) {
        TRY(gh_db_run(l, err, "UPDATE file SET urgent = ? WHERE submission = ?", "ii", value,
                      submission));
        TRY(gh_audit(l, who, submission, "submission", submission, "urgent", err, "%s",
                     urgent ? "yes" : "no"));
    }
    return gh_tx_commit(&tx, err);
}

/* No file of it is worked on any more; what was planned and not made is skipped. A running attempt
 * loses its lease. */
static int stop_work(struct gh_ledger *l, int64_t submission, const char *reason,
                     struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE file SET work = 'bad', token = 0, reason = coalesce(reason, ?)"
                  " WHERE submission = ? AND role = 'media' AND work IN ('none','due','running')",
                  "ti", reason, submission));
    TRY(gh_ren_step_all(l, submission, 0, GH_REN_RUNNING, GH_REN_DUE, NULL, err));
    TRY(gh_ren_step_all(l, submission, 0, GH_REN_DUE, GH_REN_SKIPPED, reason, err));
    return 0;
}

/* -------------------------------------------------------------------------------- a better copy */

static const char recalled[] = "recalled by the department";

int gh_ledger_reopen(struct gh_ledger *l, const struct gh_who *who, const char *department,
                     const void *name, size_t name_len, const void *file_name, size_t file_name_len,
                     int64_t *ret_id, struct gh_err *err)
{
    int64_t id, file;
    enum gh_sub_state state;
    int r = gh_ledger_find_name(l, department, name, name_len, &id, err);
    if (r <= 0)
        return r;
    TRY(gh_sub_state(l, id, &state, err));
    if (state != GH_SUB_RECEIVED && state != GH_SUB_RENDERING && state != GH_SUB_QUARANTINED)
        return 0;
    /* damaged, empty, or (a video that ended early) such that no output of it would do; never what
     * was recalled */
    r = gh_db_int(
        l, &file, err,
        "SELECT f.id FROM file f JOIN submission s ON s.id = f.submission WHERE s.id = ?1"
        " AND (s.retired & ?4) = 0 AND f.role = 'media'"
        " AND f.name = ?2 AND coalesce(s.reason, '') <> ?3 AND coalesce(f.reason, '') <> ?3"
        " AND (f.work = 'bad' OR (f.work = 'due' AND f.reason IS NOT NULL)"
        " OR (f.work = 'done' AND s.state = 'quarantined'))"
        " AND NOT EXISTS(SELECT 1 FROM rendition r WHERE r.file = f.id"
        " AND r.state NOT IN ('due','skipped','failed')) ORDER BY f.id DESC LIMIT 1",
        "ibti", id, file_name, file_name_len, recalled,
        (int64_t)(GH_KEPT_ORIGINALS | GH_KEPT_OUTBOX));
    if (r <= 0)
        return r;
    GH_TX(l, err);
    TRY(gh_db_run(l, err,
                  "DELETE FROM rendition WHERE file = ? AND state IN ('due','skipped','failed')",
                  "i", file));
    TRY(gh_db_run(
        l, err,
        "UPDATE file SET work = 'none', reason = 'a later copy took its place' WHERE id = ?", "i",
        file));
    TRY(gh_audit(l, who, id, "file", file, "replaced", err, "a later copy took its place"));
    if (state == GH_SUB_QUARANTINED)
        TRY(gh_sub_step(l, who, id, state, GH_SUB_RECEIVED, NULL, err));
    TRY(gh_keep_again(l, id, GH_KEPT_QUARANTINE, err));
    TRY(gh_tx_commit(&tx, err));
    *ret_id = id;
    return state == GH_SUB_QUARANTINED ? 1 : 2;
}

int gh_ledger_cancel(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                     struct gh_err *err)
{
    const char *reason = recalled;
    GH_TX(l, err);
    enum gh_sub_state state;
    TRY(gh_sub_state(l, submission, &state, err));
    int64_t out = 0, open = 0;
    TRY(gh_db_int(l, &out, err,
                  "SELECT count(*) FROM rendition WHERE submission = ?"
                  " AND state IN ('approved','publishing','published','collected','withdrawn')",
                  "i", submission));
    if (out)
        return gh_fail(err, GH_LIMIT,
                       "submission %" PRId64
                       " is being decided, or is approved already; ask the approver",
                       submission);
    TRY(stop_work(l, submission, reason, err));
    TRY(gh_db_int(l, &open, err,
                  "SELECT count(*) FROM rendition WHERE submission = ?"
                  " AND state IN ('staged','held','rejected')",
                  "i", submission));
    TRY(gh_db_run(l, err,
                  "UPDATE rendition SET decided_ms = ?, decided_by = ? WHERE submission = ?"
                  " AND state IN ('staged','held')",
                  "iti", gh_who_now(who), gh_who_actor(who), submission));
    TRY(gh_ren_step_all(l, submission, 0, GH_REN_HELD, GH_REN_REJECTED, reason, err));
    TRY(gh_ren_step_all(l, submission, 0, GH_REN_STAGED, GH_REN_REJECTED, reason, err));
    /* nothing is approved: what could be undone are holds and rejections, which this ends */
    TRY(gh_db_run(l, err, "DELETE FROM pending WHERE submission = ?", "i", submission));
    TRY(gh_audit(l, who, submission, "submission", submission, "cancel", err, "%s", reason));
    if (open)
        TRY(gh_sub_advance(l, who, submission, err));
    else
        TRY(gh_sub_step(l, who, submission, state, GH_SUB_QUARANTINED, reason, err));
    return gh_tx_commit(&tx, err);
}

/* -------------------------------------------------------------------------- has it come before? */

/* ?3: the name, ?5: its folder, of no bytes: none */
#define SAME_NAME                                                                                  \
    "CASE WHEN length(CAST(?5 AS BLOB)) = 0 THEN s.kind = 'file' AND (f.name = ?3 OR s.name = ?3)" \
    " ELSE s.kind = 'folder' AND s.name = ?5 AND f.name = ?3 END"

int gh_ledger_find_bytes(struct gh_ledger *l, const char *department, const char *folder,
                         const char *sha256, const void *name, size_t name_len,
                         struct gh_match *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT s.id, f.id, s.state, f.source,"
        " CASE WHEN " SAME_NAME " THEN 1 ELSE 0 END, s.dropped_ms,"
        " CASE WHEN s.state = 'quarantined' OR (s.retired & ?4) <> 0"
        " OR (s.state IN ('decided','delivered') AND NOT EXISTS (SELECT 1 FROM rendition r"
        " WHERE r.submission = s.id"
        " AND r.state NOT IN ('rejected','withdrawn','skipped','failed'))) THEN 1 ELSE 0 END"
        " FROM file f JOIN submission s ON s.id = f.submission"
        " WHERE f.sha256 = ?2 AND f.department = ?1"
        " AND (s.state <> 'duplicate' OR f.source = 'present')"
        " ORDER BY CASE WHEN (" SAME_NAME ") AND f.source = 'present'"
        " THEN 0 ELSE 1 END, CASE WHEN s.state = 'duplicate' THEN 1 ELSE 0 END, s.id DESC, f.id"
        " LIMIT 1",
        "ttbib", department, sha256, name, name_len, (int64_t)GH_KEPT_ORIGINALS,
        folder ? folder : "", folder ? strlen(folder) : (size_t)0));
    int r = gh_db_step(&s, err);
    if (r <= 0)
        return r;
    *ret = (struct gh_match){
        .submission = gh_col_i64(&s, 0),
        .file = gh_col_i64(&s, 1),
        .source = !strcmp(gh_col_text(&s, 3), "taken") ? GH_SOURCE_TAKEN : GH_SOURCE_PRESENT,
        .same_name = gh_col_i64(&s, 4) != 0,
        .dropped_ms = gh_col_i64(&s, 5),
        .resendable = gh_col_i64(&s, 6) != 0,
    };
    if (!gh_sub_state_parse(gh_col_text(&s, 2), &ret->state))
        return gh_fail(err, GH_CONFIG, "submission %" PRId64 " has an unknown state in the ledger",
                       ret->submission);
    return 1;
}

int gh_ledger_find_name(struct gh_ledger *l, const char *department, const void *name,
                        size_t name_len, int64_t *ret_id, struct gh_err *err)
{
    return gh_db_int(l, ret_id, err,
                     "SELECT id FROM submission WHERE department = ? AND name = ?"
                     " AND state <> 'duplicate' ORDER BY id DESC LIMIT 1",
                     "tb", department, name, name_len);
}

int gh_ledger_same_name(struct gh_ledger *l, const char *department, const void *name,
                        size_t name_len, int64_t *ret_ids, size_t max, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT id FROM submission WHERE department = ? AND name = ? ORDER BY id DESC LIMIT ?",
        "tbi", department, name, name_len, (int64_t)max));
    int n = 0, r;
    while ((r = gh_db_step(&s, err)) > 0 && (size_t)n < max)
        ret_ids[n++] = gh_col_i64(&s, 0);
    return r < 0 ? r : n;
}

int gh_ledger_has_blob(struct gh_ledger *l, const char *sha256, struct gh_err *err)
{
    int64_t one;
    return gh_db_int(l, &one, err,
                     "SELECT 1 FROM file f JOIN submission s ON s.id = f.submission"
                     " WHERE f.sha256 = ? AND (s.retired & ?) = 0 LIMIT 1",
                     "ti", sha256, (int64_t)GH_KEPT_ORIGINALS);
}
