/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's tables. GH_LEDGER_VERSION is SQLite's user_version; a change here raises it and brings a migration. */
#ifndef GH_DAEMON_LEDGER_SCHEMA_H
#define GH_DAEMON_LEDGER_SCHEMA_H

#define GH_LEDGER_VERSION 2
#define GH_LEDGER_APPLICATION 0x47484154 /* "GHAT", SQLite's application_id */

static const char gh_ledger_schema[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE blob(sha256 TEXT PRIMARY KEY CHECK(length(sha256) = 64), size INTEGER NOT NULL CHECK(size >= 0),"
    " added_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* served: when its last file was claimed, for taking turns */
    "CREATE TABLE department(slug TEXT PRIMARY KEY, served INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE TABLE submission(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " department TEXT NOT NULL REFERENCES department(slug),"
    " name BLOB NOT NULL, kind TEXT NOT NULL CHECK(kind IN ('file','folder')),"
    " state TEXT NOT NULL CHECK(state IN "
    "('arriving','received','rendering','staged','decided','delivered','quarantined','duplicate')),"
    " caption TEXT, approved_caption TEXT, caption_ms INTEGER NOT NULL DEFAULT 0,"
    " dropped_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL DEFAULT 0, staged_ms INTEGER NOT NULL DEFAULT 0,"
    " approved_ms INTEGER NOT NULL DEFAULT 0, decided_ms INTEGER NOT NULL DEFAULT 0, delivered_ms INTEGER NOT NULL "
    "DEFAULT 0,"
    " reason TEXT, duplicate_of INTEGER REFERENCES submission(id), urgent INTEGER NOT NULL DEFAULT 0,"
    " revision INTEGER NOT NULL DEFAULT 1, approved_revision INTEGER NOT NULL DEFAULT 0,"
    " manifest INTEGER NOT NULL DEFAULT 0, manifest_done INTEGER NOT NULL DEFAULT 0,"
    " outbox_day TEXT NOT NULL DEFAULT '', approved_by TEXT,"
    " retired INTEGER NOT NULL DEFAULT 0) STRICT;" /* enum gh_kept: files that were deleted after their time */
    "CREATE INDEX submission_name ON submission(department, name);"
    "CREATE INDEX submission_state ON submission(state);"
    "CREATE INDEX submission_staged ON submission(staged_ms);"
    "CREATE INDEX submission_lag ON submission(id) WHERE manifest <> manifest_done;"
    "CREATE TABLE file(id INTEGER PRIMARY KEY AUTOINCREMENT, submission INTEGER NOT NULL REFERENCES submission(id),"
    " department TEXT NOT NULL REFERENCES department(slug), urgent INTEGER NOT NULL DEFAULT 0," /* copies, for the order
                                                                                                   of work */
    " name BLOB NOT NULL, sha256 TEXT REFERENCES blob(sha256), size INTEGER NOT NULL, mtime_ms INTEGER NOT NULL,"
    " dev INTEGER NOT NULL, ino INTEGER NOT NULL, role TEXT NOT NULL CHECK(role IN ('media','caption')),"
    " source TEXT NOT NULL CHECK(source IN ('present','taken')), taken_name TEXT,"
    " guess INTEGER NOT NULL CHECK(guess IN (1,2)), media INTEGER NOT NULL DEFAULT 0,"
    " work TEXT NOT NULL CHECK(work IN ('none','due','running','done','bad')),"
    " probe TEXT, reason TEXT, found INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, strikes INTEGER NOT NULL DEFAULT 0, interrupted INTEGER NOT NULL DEFAULT 0,"
    " token INTEGER NOT NULL DEFAULT 0, lease_ms INTEGER NOT NULL DEFAULT 0, not_before_ms INTEGER NOT NULL DEFAULT 0,"
    " revision INTEGER NOT NULL DEFAULT 1) STRICT;"
    "CREATE INDEX file_submission ON file(submission);"
    "CREATE INDEX file_bytes ON file(sha256, department);"
    "CREATE INDEX file_due ON file(urgent, guess, department, id) WHERE work = 'due';"
    "CREATE INDEX file_running ON file(id) WHERE work = 'running';"
    "CREATE INDEX file_present ON file(id) WHERE source = 'present';"
    "CREATE INDEX file_bad ON file(id) WHERE work = 'bad';"
    "CREATE TABLE rendition(id INTEGER PRIMARY KEY AUTOINCREMENT, submission INTEGER NOT NULL REFERENCES "
    "submission(id),"
    " file INTEGER NOT NULL REFERENCES file(id), placement TEXT NOT NULL, part INTEGER NOT NULL CHECK(part >= 1),"
    " parts INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK(state IN "
    "('due','running','staged','held','approved','published','collected','rejected',"
    "'withdrawn','skipped','failed')),"
    " how TEXT NOT NULL DEFAULT '', profile TEXT NOT NULL DEFAULT '', recipe TEXT NOT NULL DEFAULT '', sha256 TEXT NOT "
    "NULL DEFAULT '',"
    " bytes INTEGER NOT NULL DEFAULT 0, w INTEGER NOT NULL DEFAULT 0, h INTEGER NOT NULL DEFAULT 0,"
    " removed INTEGER NOT NULL DEFAULT 0, duration_us INTEGER NOT NULL DEFAULT 0,"
    " checks TEXT, reason TEXT, note TEXT, stage TEXT, decided_by TEXT,"
    " staged_ms INTEGER NOT NULL DEFAULT 0, approved_ms INTEGER NOT NULL DEFAULT 0, published_ms INTEGER NOT NULL "
    "DEFAULT 0,"
    " collected_ms INTEGER NOT NULL DEFAULT 0, decided_ms INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE(file, placement, part)) STRICT;"
    "CREATE INDEX rendition_submission ON rendition(submission, placement, file, part);"
    "CREATE INDEX rendition_recipe ON rendition(recipe) WHERE recipe <> '';"
    "CREATE INDEX rendition_state ON rendition(state);"
    "CREATE TABLE decision(id INTEGER PRIMARY KEY, submission INTEGER NOT NULL REFERENCES submission(id),"
    " time_ms INTEGER NOT NULL, actor TEXT NOT NULL, verdict TEXT NOT NULL, outputs TEXT NOT NULL, set_hash TEXT, "
    "reason TEXT,"
    " caption TEXT) STRICT;"
    "CREATE INDEX decision_submission ON decision(submission);"
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, submission INTEGER NOT NULL, actor TEXT NOT "
    "NULL,"
    " subject TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) "
    "STRICT;"
    "CREATE INDEX audit_submission ON audit(submission, seq);"
    /* what is written stays written */
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never purged'); END;"
    "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;"
    "CREATE TRIGGER decision_kept BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are never purged'); "
    "END;"
    "CREATE TRIGGER decision_fixed BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); "
    "END;";

/* What makes of a ledger of version i + 1 one of version i + 2. */
static const char *const gh_ledger_migrations[GH_LEDGER_VERSION - 1] = {
    "ALTER TABLE submission ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;",
};

#endif
