/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger's tables, in the engine's dialect (STRICT, WITHOUT ROWID, AUTOINCREMENT). Times are
 * milliseconds of the wall clock, 0: it never happened. A change here raises GH_LEDGER_VERSION,
 * which is written in the file, and brings a migration.
 */
#ifndef GH_DAEMON_LEDGER_SCHEMA_H
#define GH_DAEMON_LEDGER_SCHEMA_H

#define GH_LEDGER_VERSION 15
#define GH_LEDGER_APPLICATION 0x47484154 /* "GHAT": whose file it is */

/* What version 3 brought. caption: of one placement, where the common one does not do. decided:
 * what an approval covered, with the bytes and the words that were seen. seen: what was shown, by
 * the handle under which it may be decided. */
#define GH_LEDGER_SETS                                                                             \
    "CREATE TABLE caption("                                                                        \
    " submission INTEGER NOT NULL REFERENCES submission(id), placement TEXT NOT NULL,"             \
    " text TEXT NOT NULL, PRIMARY KEY(submission, placement)) STRICT, WITHOUT ROWID;"              \
    "CREATE TABLE decided("                                                                        \
    " decision INTEGER NOT NULL REFERENCES decision(id), rendition INTEGER NOT NULL,"              \
    " sha256 TEXT NOT NULL, caption TEXT NOT NULL, alt TEXT NOT NULL,"                             \
    " PRIMARY KEY(decision, rendition)) STRICT, WITHOUT ROWID;"                                    \
    "CREATE INDEX decided_rendition ON decided(rendition);"                                        \
    "CREATE TABLE seen("                                                                           \
    " id INTEGER PRIMARY KEY, submission INTEGER NOT NULL REFERENCES submission(id),"              \
    " handle TEXT NOT NULL, time_ms INTEGER NOT NULL, set_hash TEXT NOT NULL,"                     \
    " members TEXT NOT NULL, UNIQUE(submission, handle)) STRICT;"                                  \
    "CREATE TRIGGER decided_kept BEFORE DELETE ON decided"                                         \
    " BEGIN SELECT RAISE(ABORT, 'decisions are never purged'); END;"                               \
    "CREATE TRIGGER decided_fixed BEFORE UPDATE ON decided"                                        \
    " BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;"                              \
    "CREATE TRIGGER seen_fixed BEFORE UPDATE ON seen"                                              \
    " BEGIN SELECT RAISE(ABORT, 'what was shown is never changed'); END;"

/* One output: of a file, for a placement, part of parts. publishing_ms: when it began to leave. */
#define GH_LEDGER_RENDITION                                                                        \
    "CREATE TABLE rendition("                                                                      \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, submission INTEGER NOT NULL REFERENCES "               \
    "submission(id),"                                                                              \
    " file INTEGER NOT NULL REFERENCES file(id), placement TEXT NOT NULL,"                         \
    " part INTEGER NOT NULL CHECK(part >= 1), parts INTEGER NOT NULL,"                             \
    " state TEXT NOT NULL CHECK(state IN "                                                         \
    "('due','running','staged','held','approved','publishing','published','collected','rejected'," \
    "'withdrawn','skipped','failed')),"                                                            \
    " how TEXT NOT NULL DEFAULT '', profile TEXT NOT NULL DEFAULT '',"                             \
    " recipe TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT '',"                           \
    " bytes INTEGER NOT NULL DEFAULT 0, w INTEGER NOT NULL DEFAULT 0, h INTEGER NOT NULL DEFAULT " \
    "0,"                                                                                           \
    " removed INTEGER NOT NULL DEFAULT 0, duration_us INTEGER NOT NULL DEFAULT 0, checks TEXT,"    \
    " reason TEXT, note TEXT, stage TEXT, decided_by TEXT, staged_ms INTEGER NOT NULL DEFAULT 0,"  \
    " approved_ms INTEGER NOT NULL DEFAULT 0, published_ms INTEGER NOT NULL DEFAULT 0,"            \
    " collected_ms INTEGER NOT NULL DEFAULT 0, decided_ms INTEGER NOT NULL DEFAULT 0,"             \
    " publishing_ms INTEGER NOT NULL DEFAULT 0, UNIQUE(file, placement, part)) STRICT;"
#define GH_LEDGER_RENDITION_INDEXES                                                                \
    "CREATE INDEX rendition_submission ON rendition(submission, placement, file, part);"           \
    "CREATE INDEX rendition_recipe ON rendition(recipe) WHERE recipe <> '';"                       \
    "CREATE INDEX rendition_state ON rendition(state);"

/* What version 4 brought. pending: approvals (since version 10 holds and rejections, too) that
 * nothing outside has seen, and for how long they can be undone. voided: those that were. */
#define GH_LEDGER_UNDO                                                                             \
    "CREATE TABLE pending("                                                                        \
    " decision INTEGER PRIMARY KEY REFERENCES decision(id),"                                       \
    " submission INTEGER NOT NULL REFERENCES submission(id), undo_ms INTEGER NOT NULL) STRICT;"    \
    "CREATE INDEX pending_submission ON pending(submission);"                                      \
    "CREATE TABLE voided("                                                                         \
    " decision INTEGER PRIMARY KEY REFERENCES decision(id), time_ms INTEGER NOT NULL,"             \
    " actor TEXT NOT NULL) STRICT;"                                                                \
    "CREATE TRIGGER voided_kept BEFORE DELETE ON voided"                                           \
    " BEGIN SELECT RAISE(ABORT, 'what is void stays void'); END;"                                  \
    "CREATE TRIGGER voided_fixed BEFORE UPDATE ON voided"                                          \
    " BEGIN SELECT RAISE(ABORT, 'what is void stays void'); END;"

/* What version 5 brought: which part of the upright original an output shows, and how large that
 * original is, in pixels; all 0: it was made before. */
#define GH_LEDGER_CROP                                                                             \
    "ALTER TABLE rendition ADD COLUMN crop_x INTEGER NOT NULL DEFAULT 0;"                          \
    "ALTER TABLE rendition ADD COLUMN crop_y INTEGER NOT NULL DEFAULT 0;"                          \
    "ALTER TABLE rendition ADD COLUMN crop_w INTEGER NOT NULL DEFAULT 0;"                          \
    "ALTER TABLE rendition ADD COLUMN crop_h INTEGER NOT NULL DEFAULT 0;"                          \
    "ALTER TABLE rendition ADD COLUMN src_w INTEGER NOT NULL DEFAULT 0;"                           \
    "ALTER TABLE rendition ADD COLUMN src_h INTEGER NOT NULL DEFAULT 0;"

/* What version 6 brought. question: what was asked of a department; asked_as: a set of enum
 * gh_question_role; holds: its submission is held until it is answered. question_round: the clock,
 * anew each time it is asked again. message: all that was said. alarm: what goes off when. notice:
 * who is to be told, for a program that sends mail. submission.question: its files came as an
 * answer; returned_ms: an answer put it back before those who decide. */
#define GH_LEDGER_QUESTIONS                                                                        \
    "ALTER TABLE submission ADD COLUMN question INTEGER NOT NULL DEFAULT 0;"                       \
    "ALTER TABLE submission ADD COLUMN returned_ms INTEGER NOT NULL DEFAULT 0;"                    \
    "CREATE TABLE question("                                                                       \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, department TEXT NOT NULL REFERENCES department(slug)," \
    " submission INTEGER REFERENCES submission(id), event INTEGER, asked_by TEXT NOT NULL,"        \
    " asked_as INTEGER NOT NULL, asked_ms INTEGER NOT NULL, text TEXT NOT NULL,"                   \
    " state TEXT NOT NULL CHECK(state IN ('open','answered','closed','withdrawn')),"               \
    " round INTEGER NOT NULL, urgent INTEGER NOT NULL DEFAULT 0,"                                  \
    " holds INTEGER NOT NULL DEFAULT 0, answered_ms INTEGER NOT NULL DEFAULT 0,"                   \
    " closed_ms INTEGER NOT NULL DEFAULT 0) STRICT;"                                               \
    "CREATE INDEX question_department ON question(department, state);"                             \
    "CREATE INDEX question_submission ON question(submission) WHERE submission IS NOT NULL;"       \
    "CREATE TABLE question_round("                                                                 \
    " question INTEGER NOT NULL REFERENCES question(id), round INTEGER NOT NULL,"                  \
    " began_ms INTEGER NOT NULL, calendar TEXT NOT NULL, explained TEXT NOT NULL,"                 \
    " remind_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"                                        \
    " extended_ms INTEGER NOT NULL DEFAULT 0, extended_why TEXT,"                                  \
    " ended_ms INTEGER NOT NULL DEFAULT 0, counted_ms INTEGER NOT NULL DEFAULT 0,"                 \
    " PRIMARY KEY(question, round)) STRICT, WITHOUT ROWID;"                                        \
    "CREATE TABLE message("                                                                        \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL REFERENCES question(id),"    \
    " round INTEGER NOT NULL, at_ms INTEGER NOT NULL, author TEXT NOT NULL, kind TEXT NOT NULL,"   \
    " text TEXT NOT NULL, via TEXT NOT NULL, submission INTEGER REFERENCES submission(id))"        \
    " STRICT;"                                                                                     \
    "CREATE INDEX message_question ON message(question);"                                          \
    "CREATE TABLE alarm("                                                                          \
    " question INTEGER NOT NULL REFERENCES question(id), round INTEGER NOT NULL,"                  \
    " kind TEXT NOT NULL, at_ms INTEGER NOT NULL, fired_ms INTEGER NOT NULL DEFAULT 0,"            \
    " PRIMARY KEY(question, round, kind, at_ms)) STRICT, WITHOUT ROWID;"                           \
    "CREATE INDEX alarm_next ON alarm(at_ms) WHERE fired_ms = 0;"                                  \
    "CREATE TABLE notice("                                                                         \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject TEXT NOT NULL,"            \
    " revision INTEGER NOT NULL, recipient TEXT NOT NULL, channel TEXT NOT NULL,"                  \
    " made_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL,"                                   \
    " UNIQUE(kind, subject, revision, recipient, channel)) STRICT;"                                \
    "CREATE INDEX notice_subject ON notice(subject);"                                              \
    "CREATE TRIGGER question_kept BEFORE DELETE ON question"                                       \
    " BEGIN SELECT RAISE(ABORT, 'questions are never purged'); END;"                               \
    "CREATE TRIGGER message_kept BEFORE DELETE ON message"                                         \
    " BEGIN SELECT RAISE(ABORT, 'what was said stays'); END;"                                      \
    "CREATE TRIGGER message_fixed BEFORE UPDATE ON message"                                        \
    " BEGIN SELECT RAISE(ABORT, 'what was said stays'); END;"

/* What version 7 brought: whether an output has these bytes, for the previews of it. */
#define GH_LEDGER_BYTES "CREATE INDEX rendition_bytes ON rendition(sha256) WHERE sha256 <> '';"

/* What version 8 brought. person: salt and proof_sha are "" until a password is set; totp_new waits
 * for its first code, totp_step is the step of the last one taken; deputy: who stands in until
 * then. session, invite: tokens by their SHA-256. */
#define GH_LEDGER_PEOPLE                                                                           \
    "ALTER TABLE submission ADD COLUMN sender TEXT;"                                               \
    "CREATE TABLE person("                                                                         \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL,"   \
    " language TEXT NOT NULL, phone TEXT NOT NULL, email TEXT NOT NULL,"                           \
    " scheme INTEGER NOT NULL DEFAULT 0, keys INTEGER NOT NULL DEFAULT 1,"                         \
    " made_ms INTEGER NOT NULL, locked_ms INTEGER NOT NULL DEFAULT 0,"                             \
    " salt TEXT NOT NULL DEFAULT '', proof_sha TEXT NOT NULL DEFAULT '',"                          \
    " ops INTEGER NOT NULL DEFAULT 0, mem_kib INTEGER NOT NULL DEFAULT 0,"                         \
    " totp TEXT NOT NULL DEFAULT '', totp_new TEXT NOT NULL DEFAULT '',"                           \
    " totp_step INTEGER NOT NULL DEFAULT 0, deputy INTEGER,"                                       \
    " deputy_until_ms INTEGER NOT NULL DEFAULT 0) STRICT;"                                         \
    "CREATE INDEX person_deputy ON person(deputy) WHERE deputy IS NOT NULL;"                       \
    "CREATE TABLE person_role("                                                                    \
    " person INTEGER NOT NULL REFERENCES person(id), role TEXT NOT NULL CHECK(role IN "            \
    "('approver','agency','officer','admin','viewer')), PRIMARY KEY(person, role))"                \
    " STRICT, WITHOUT ROWID;"                                                                      \
    "CREATE TABLE person_department("                                                              \
    " person INTEGER NOT NULL REFERENCES person(id), department TEXT NOT NULL,"                    \
    " PRIMARY KEY(person, department)) STRICT, WITHOUT ROWID;"                                     \
    "CREATE TABLE session("                                                                        \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL REFERENCES person(id),"        \
    " token_sha TEXT NOT NULL UNIQUE, made_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL,"         \
    " confirmed_ms INTEGER NOT NULL, trusted INTEGER NOT NULL, device TEXT NOT NULL,"              \
    " address TEXT NOT NULL) STRICT;"                                                              \
    "CREATE INDEX session_person ON session(person);"                                              \
    "CREATE TABLE invite("                                                                         \
    " token_sha TEXT PRIMARY KEY, person INTEGER NOT NULL UNIQUE REFERENCES person(id),"           \
    " expires_ms INTEGER NOT NULL, salt TEXT NOT NULL, totp TEXT NOT NULL)"                        \
    " STRICT, WITHOUT ROWID;"

/* What version 9 brought: the queue finds what waits without reading the renditions. */
#define GH_LEDGER_WAITING                                                                          \
    "DROP INDEX rendition_state;"                                                                  \
    "CREATE INDEX rendition_waiting ON rendition(state, submission);"

/* What version 10 brought. embargo_ms: nothing of the submission goes out before; replaces,
 * replaced_by: of a correction; manifest_sha256: of the text that shows manifest_done; place: of a
 * file, in the order that a person gave, 0 none. */
#define GH_LEDGER_WHOLE                                                                            \
    "ALTER TABLE submission ADD COLUMN embargo_ms INTEGER NOT NULL DEFAULT 0;"                     \
    "ALTER TABLE submission ADD COLUMN replaces INTEGER NOT NULL DEFAULT 0;"                       \
    "ALTER TABLE submission ADD COLUMN replaced_by INTEGER NOT NULL DEFAULT 0;"                    \
    "ALTER TABLE submission ADD COLUMN manifest_sha256 TEXT NOT NULL DEFAULT '';"                  \
    "ALTER TABLE file ADD COLUMN place INTEGER NOT NULL DEFAULT 0;"

/* What version 11 brought: what a photo looks like (struct gh_look); NULL: nobody looked. */
#define GH_LEDGER_LOOK                                                                             \
    "ALTER TABLE file ADD COLUMN look INTEGER;"                                                    \
    "ALTER TABLE file ADD COLUMN sharp INTEGER NOT NULL DEFAULT 0;"

/* What version 12 brought: what becomes of an output with the agency. collected_by: who has it;
 * gone_ms, gone_by: who knows that it was withdrawn. posted_ms: the first link to a post of the
 * submission. delivery: what the agency said of a placement (enum gh_said). take: who posts it now,
 * until when. What was withdrawn before that is not asked about. */
#define GH_LEDGER_DELIVERY                                                                         \
    "ALTER TABLE submission ADD COLUMN posted_ms INTEGER NOT NULL DEFAULT 0;"                      \
    "ALTER TABLE rendition ADD COLUMN collected_by TEXT;"                                          \
    "ALTER TABLE rendition ADD COLUMN gone_ms INTEGER NOT NULL DEFAULT 0;"                         \
    "ALTER TABLE rendition ADD COLUMN gone_by TEXT;"                                               \
    "CREATE TABLE delivery("                                                                       \
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                       \
    " submission INTEGER NOT NULL REFERENCES submission(id), placement TEXT NOT NULL,"             \
    " said TEXT NOT NULL CHECK(said IN ('posted','refused','removed')),"                           \
    " time_ms INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL) STRICT;"                  \
    "CREATE INDEX delivery_submission ON delivery(submission);"                                    \
    "CREATE INDEX delivery_link ON delivery(text) WHERE said = 'posted';"                          \
    "CREATE INDEX delivery_refused ON delivery(id) WHERE said = 'refused';"                        \
    "CREATE INDEX submission_posted ON submission(posted_ms) WHERE posted_ms > 0;"                 \
    "CREATE INDEX rendition_collected ON rendition(collected_ms) WHERE collected_ms > 0;"          \
    "CREATE INDEX rendition_gone ON rendition(submission) WHERE state = 'withdrawn'"               \
    " AND published_ms > 0 AND gone_ms = 0;"                                                       \
    "UPDATE rendition SET gone_ms = published_ms, gone_by = 'ghatd'"                               \
    " WHERE state = 'withdrawn' AND published_ms > 0;"                                             \
    "CREATE TABLE take("                                                                           \
    " submission INTEGER NOT NULL REFERENCES submission(id), placement TEXT NOT NULL,"             \
    " actor TEXT NOT NULL, until_ms INTEGER NOT NULL, PRIMARY KEY(submission, placement))"         \
    " STRICT, WITHOUT ROWID;"                                                                      \
    "CREATE TRIGGER delivery_kept BEFORE DELETE ON delivery"                                       \
    " BEGIN SELECT RAISE(ABORT, 'what the agency said stays'); END;"                               \
    "CREATE TRIGGER delivery_fixed BEFORE UPDATE ON delivery"                                      \
    " BEGIN SELECT RAISE(ABORT, 'what the agency said stays'); END;"

/* What version 13 brought. crc: the CRC-32 of bytes, by their SHA-256, for ZIP files. bundle: a
 * frozen list of what somebody downloads as one file; entries are counted from 0. path: below
 * outbox/, "" of a text, which stands in the row. lost: its bytes are not there any more. plea: a
 * department asks to withdraw what is out. */
#define GH_LEDGER_BUNDLES                                                                          \
    "CREATE TABLE crc("                                                                            \
    " sha256 TEXT PRIMARY KEY, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                       \
    "CREATE TABLE bundle("                                                                         \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL, made_ms INTEGER NOT NULL,"    \
    " what TEXT NOT NULL, etag TEXT NOT NULL, more INTEGER NOT NULL) STRICT;"                      \
    "CREATE INDEX bundle_person ON bundle(person);"                                                \
    "CREATE TABLE bundle_entry("                                                                   \
    " bundle INTEGER NOT NULL REFERENCES bundle(id), n INTEGER NOT NULL,"                          \
    " submission INTEGER NOT NULL, rendition INTEGER NOT NULL, name TEXT NOT NULL,"                \
    " path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, time_ms INTEGER NOT NULL," \
    " text TEXT, crc INTEGER, lost INTEGER NOT NULL DEFAULT 0,"                                    \
    " PRIMARY KEY(bundle, n)) STRICT, WITHOUT ROWID;"                                              \
    "CREATE INDEX bundle_entry_crc ON bundle_entry(sha256) WHERE crc IS NULL AND lost = 0;"        \
    "CREATE INDEX submission_day ON submission(outbox_day) WHERE outbox_day <> '';"                \
    "CREATE TABLE plea("                                                                           \
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"                                                       \
    " submission INTEGER NOT NULL REFERENCES submission(id), asked_ms INTEGER NOT NULL,"           \
    " actor TEXT NOT NULL, text TEXT NOT NULL, answered_ms INTEGER NOT NULL DEFAULT 0,"            \
    " answered_by TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '') STRICT;"              \
    "CREATE INDEX plea_submission ON plea(submission);"                                            \
    "CREATE INDEX plea_open ON plea(id) WHERE answered_ms = 0;"                                    \
    "CREATE TRIGGER plea_kept BEFORE DELETE ON plea"                                               \
    " BEGIN SELECT RAISE(ABORT, 'what was asked stays'); END;"

/* What version 13 brought. event: what a department announced; uid, sequence: of a calendar file;
 * expect_ms: until then something of it is expected. event_folder: the names of folders that it
 * has, or had; gone: looked for and removed. event_read: what a dropped file said of events, in its
 * order, for its note; error: why one was not taken. submission.event: what lay in such a folder.
 */
#define GH_LEDGER_EVENTS                                                                           \
    "ALTER TABLE submission ADD COLUMN event INTEGER NOT NULL DEFAULT 0;"                          \
    "CREATE INDEX submission_event ON submission(event) WHERE event > 0;"                          \
    "CREATE TABLE event("                                                                          \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, department TEXT NOT NULL REFERENCES department(slug)," \
    " uid TEXT, sequence INTEGER NOT NULL, title TEXT NOT NULL, starts_ms INTEGER NOT NULL,"       \
    " ends_ms INTEGER NOT NULL, all_day INTEGER NOT NULL, place TEXT NOT NULL,"                    \
    " ward TEXT NOT NULL, material TEXT NOT NULL, state TEXT NOT NULL CHECK(state IN "             \
    "('announced','changed','covered','missed','cancelled')), revision INTEGER NOT NULL,"          \
    " folder TEXT NOT NULL, expect_ms INTEGER NOT NULL, made_by TEXT NOT NULL,"                    \
    " made_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"                                      \
    " covered_ms INTEGER NOT NULL DEFAULT 0, reason TEXT) STRICT;"                                 \
    "CREATE UNIQUE INDEX event_uid ON event(department, uid) WHERE uid IS NOT NULL;"               \
    "CREATE INDEX event_starts ON event(starts_ms);"                                               \
    "CREATE INDEX event_ends ON event(ends_ms);"                                                   \
    "CREATE INDEX event_expected ON event(expect_ms) WHERE state IN ('announced','changed');"      \
    "CREATE TABLE event_folder("                                                                   \
    " department TEXT NOT NULL, name TEXT NOT NULL, event INTEGER NOT NULL REFERENCES event(id),"  \
    " gone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(department, name)) STRICT, WITHOUT ROWID;"      \
    "CREATE TABLE event_read("                                                                     \
    " submission INTEGER NOT NULL REFERENCES submission(id), line INTEGER NOT NULL,"               \
    " event INTEGER NOT NULL, act TEXT NOT NULL, title TEXT NOT NULL, starts_ms INTEGER NOT NULL," \
    " ends_ms INTEGER NOT NULL, all_day INTEGER NOT NULL, place TEXT NOT NULL,"                    \
    " ward TEXT NOT NULL, material TEXT NOT NULL, error TEXT NOT NULL,"                            \
    " PRIMARY KEY(submission, line)) STRICT, WITHOUT ROWID;"                                       \
    "CREATE TRIGGER event_kept BEFORE DELETE ON event"                                             \
    " BEGIN SELECT RAISE(ABORT, 'events are never purged'); END;"

/* What version 13 brought for notices. notice.state: new, spread over letters, or dropped, as what
 * was written before anybody could send it is. person: kinds that are switched off, a set of enum
 * gh_mute; digest: what can wait comes once a day. letter: what goes to one address, see letters.h;
 * error: why it did not arrive yet. */
#define GH_LEDGER_LETTERS                                                                          \
    "ALTER TABLE notice ADD COLUMN state TEXT NOT NULL DEFAULT 'new'"                              \
    " CHECK(state IN ('new','spread','dropped'));"                                                 \
    "UPDATE notice SET state = 'dropped';"                                                         \
    "CREATE INDEX notice_new ON notice(not_before_ms) WHERE state = 'new';"                        \
    "ALTER TABLE person ADD COLUMN mute INTEGER NOT NULL DEFAULT 0;"                               \
    "ALTER TABLE person ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;"                             \
    "CREATE TABLE letter("                                                                         \
    " id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, address TEXT NOT NULL,"         \
    " language TEXT NOT NULL, digest INTEGER NOT NULL, hash TEXT NOT NULL DEFAULT '',"             \
    " state TEXT NOT NULL CHECK(state IN ('waiting','sending','sent','failed','dropped')),"        \
    " made_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL,"                                   \
    " tries INTEGER NOT NULL DEFAULT 0, lease_ms INTEGER NOT NULL DEFAULT 0,"                      \
    " error TEXT NOT NULL DEFAULT '', ended_ms INTEGER NOT NULL DEFAULT 0) STRICT;"                \
    "CREATE INDEX letter_state ON letter(state, not_before_ms);"                                   \
    "CREATE INDEX letter_open ON letter(address) WHERE state = 'waiting';"                         \
    "CREATE TABLE letter_line("                                                                    \
    " letter INTEGER NOT NULL REFERENCES letter(id),"                                              \
    " notice INTEGER NOT NULL REFERENCES notice(id), PRIMARY KEY(letter, notice))"                 \
    " STRICT, WITHOUT ROWID;"                                                                      \
    "CREATE INDEX letter_line_notice ON letter_line(notice);"

/* What version 14 brought: the report, and the counts of a day, read indexes only, each in the
 * order of its time. */
#define GH_LEDGER_REPORT                                                                           \
    "DROP INDEX submission_staged;"                                                                \
    "DROP INDEX submission_posted;"                                                                \
    "DROP INDEX submission_state;"                                                                 \
    "CREATE INDEX submission_dropped ON submission(dropped_ms, department);"                       \
    "CREATE INDEX submission_words ON submission(dropped_ms, department)"                          \
    " WHERE state = 'delivered' AND delivered_ms = 0;"                                             \
    "CREATE INDEX submission_state ON submission(state, dropped_ms, department);"                  \
    "CREATE INDEX submission_staged ON submission(staged_ms, department, dropped_ms);"             \
    "CREATE INDEX submission_approved ON submission(approved_ms, department, staged_ms)"           \
    " WHERE approved_ms > 0;"                                                                      \
    "CREATE INDEX submission_decided ON submission(decided_ms) WHERE decided_ms > 0;"              \
    "CREATE INDEX submission_delivered ON submission(delivered_ms, department, approved_ms)"       \
    " WHERE delivered_ms > 0;"                                                                     \
    "CREATE INDEX submission_posted ON submission(posted_ms, department, approved_ms)"             \
    " WHERE posted_ms > 0;"                                                                        \
    "CREATE INDEX decision_rejected ON decision(time_ms) WHERE verdict = 'reject';"                \
    "CREATE INDEX question_began ON question_round(began_ms);"

/* What version 15 brought. told_ms: when it was told that nothing had come until expect_ms; until
 * miss_ms, the end of the next day, something may come before the event is missed. Links to posts
 * are counted by the time at which they were given. */
#define GH_LEDGER_MISSED                                                                           \
    "ALTER TABLE event ADD COLUMN miss_ms INTEGER NOT NULL DEFAULT 0;"                             \
    "ALTER TABLE event ADD COLUMN told_ms INTEGER NOT NULL DEFAULT 0;"                             \
    "UPDATE event SET miss_ms = max(expect_ms, 1000 * CAST(strftime('%s',"                         \
    " max(ends_ms - 1, starts_ms) / 1000, 'unixepoch', 'localtime', 'start of day', '+2 days',"    \
    " 'utc') AS INTEGER)), told_ms = CASE state WHEN 'missed' THEN expect_ms ELSE 0 END;"          \
    "DROP INDEX event_expected;"                                                                   \
    "CREATE INDEX event_due ON event(CASE told_ms WHEN 0 THEN expect_ms ELSE miss_ms END)"         \
    " WHERE state IN ('announced','changed');"                                                     \
    "CREATE INDEX delivery_posted ON delivery(time_ms, submission) WHERE said = 'posted';"

static const char gh_ledger_schema[] =
    /* Settings, choices, what is half-way: keys and texts. */
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE blob("
    " sha256 TEXT PRIMARY KEY CHECK(length(sha256) = 64), size INTEGER NOT NULL CHECK(size >= 0),"
    " added_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* served: the number of the last claim of one of its files, for taking turns. */
    "CREATE TABLE department("
    " slug TEXT PRIMARY KEY, served INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    /* manifest counts decisions that change the outbox, manifest_done those it shows; retired: enum
     * gh_kept, what was deleted after its time; sender: who uploaded it, if somebody did. */
    "CREATE TABLE submission("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, department TEXT NOT NULL REFERENCES department(slug),"
    " name BLOB NOT NULL, kind TEXT NOT NULL CHECK(kind IN ('file','folder')),"
    " state TEXT NOT NULL CHECK(state IN "
    "('arriving','received','rendering','staged','decided','delivered','quarantined','duplicate')),"
    " caption TEXT, approved_caption TEXT, caption_ms INTEGER NOT NULL DEFAULT 0,"
    " dropped_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL DEFAULT 0,"
    " staged_ms INTEGER NOT NULL DEFAULT 0, approved_ms INTEGER NOT NULL DEFAULT 0,"
    " decided_ms INTEGER NOT NULL DEFAULT 0, delivered_ms INTEGER NOT NULL DEFAULT 0, reason TEXT,"
    " duplicate_of INTEGER REFERENCES submission(id), urgent INTEGER NOT NULL DEFAULT 0,"
    " revision INTEGER NOT NULL DEFAULT 1, approved_revision INTEGER NOT NULL DEFAULT 0,"
    " manifest INTEGER NOT NULL DEFAULT 0, manifest_done INTEGER NOT NULL DEFAULT 0,"
    " outbox_day TEXT NOT NULL DEFAULT '', approved_by TEXT,"
    " retired INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX submission_name ON submission(department, name);"
    "CREATE INDEX submission_state ON submission(state);"
    "CREATE INDEX submission_staged ON submission(staged_ms);"
    "CREATE INDEX submission_lag ON submission(id) WHERE manifest <> manifest_done;"
    /* department and urgent are copies, for the order of work. */
    "CREATE TABLE file("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, submission INTEGER NOT NULL REFERENCES submission(id),"
    " department TEXT NOT NULL REFERENCES department(slug), urgent INTEGER NOT NULL DEFAULT 0,"
    " name BLOB NOT NULL, sha256 TEXT REFERENCES blob(sha256), size INTEGER NOT NULL,"
    " mtime_ms INTEGER NOT NULL, dev INTEGER NOT NULL, ino INTEGER NOT NULL,"
    " role TEXT NOT NULL CHECK(role IN ('media','caption')),"
    " source TEXT NOT NULL CHECK(source IN ('present','taken')), taken_name TEXT,"
    " guess INTEGER NOT NULL CHECK(guess IN (1,2)), media INTEGER NOT NULL DEFAULT 0,"
    " work TEXT NOT NULL CHECK(work IN ('none','due','running','done','bad')), probe TEXT,"
    " reason TEXT, found INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"
    " strikes INTEGER NOT NULL DEFAULT 0, interrupted INTEGER NOT NULL DEFAULT 0,"
    " token INTEGER NOT NULL DEFAULT 0, lease_ms INTEGER NOT NULL DEFAULT 0,"
    " not_before_ms INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 1,"
    " alt TEXT) STRICT;"
    "CREATE INDEX file_submission ON file(submission);"
    "CREATE INDEX file_bytes ON file(sha256, department);"
    "CREATE INDEX file_due ON file(urgent, guess, department, id) WHERE work = 'due';"
    "CREATE INDEX file_running ON file(id) WHERE work = 'running';"
    "CREATE INDEX file_present ON file(id) WHERE source = 'present';"
    "CREATE INDEX file_bad ON file(id) WHERE work = 'bad';" GH_LEDGER_RENDITION
        GH_LEDGER_RENDITION_INDEXES "CREATE TABLE decision("
    " id INTEGER PRIMARY KEY, submission INTEGER NOT NULL REFERENCES submission(id),"
    " time_ms INTEGER NOT NULL, actor TEXT NOT NULL, verdict TEXT NOT NULL, outputs TEXT NOT NULL,"
    " set_hash TEXT, reason TEXT, caption TEXT) STRICT;"
    "CREATE INDEX decision_submission ON decision(submission);"
    "CREATE TABLE audit("
    " seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, submission INTEGER NOT NULL,"
    " actor TEXT NOT NULL, subject TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,"
    " prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_submission ON audit(submission, seq);"
    /* What is written stays written. */
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit is never purged'); END;"
    "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;"
    "CREATE TRIGGER decision_kept BEFORE DELETE ON decision"
    " BEGIN SELECT RAISE(ABORT, 'decisions are never purged'); END;"
    "CREATE TRIGGER decision_fixed BEFORE UPDATE ON decision"
    " BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;" GH_LEDGER_SETS GH_LEDGER_UNDO
        GH_LEDGER_CROP GH_LEDGER_QUESTIONS GH_LEDGER_BYTES GH_LEDGER_PEOPLE GH_LEDGER_WAITING
            GH_LEDGER_WHOLE GH_LEDGER_LOOK GH_LEDGER_DELIVERY GH_LEDGER_BUNDLES GH_LEDGER_EVENTS
                GH_LEDGER_LETTERS GH_LEDGER_REPORT GH_LEDGER_MISSED;

/* What makes of a ledger of version i + 1 one of version i + 2. */
static const char *const gh_ledger_migrations[GH_LEDGER_VERSION - 1] = {
    "ALTER TABLE submission ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE file ADD COLUMN alt TEXT;" GH_LEDGER_SETS
    /* the approvals there are, output by output; all under the one caption of their submission */
    "INSERT INTO decided(decision, rendition, sha256, caption, alt)"
    " SELECT d.id, r.id, r.sha256, coalesce(d.caption, ''), '' FROM decision d"
    " JOIN rendition r ON r.submission = d.submission WHERE d.verdict = 'approve'"
    " AND r.sha256 <> '' AND instr(char(10) || d.outputs || char(10),"
    " char(10) || r.placement || ' ' || r.sha256 || char(10)) > 0;",
    "ALTER TABLE rendition RENAME TO rendition_old;" GH_LEDGER_RENDITION
    /* what was approved was about to be published, and may be out already */
    "INSERT INTO rendition SELECT id, submission, file, placement, part, parts,"
    " CASE state WHEN 'approved' THEN 'publishing' ELSE state END, how, profile, recipe, sha256,"
    " bytes, w, h, removed, duration_us, checks, reason, note, stage, decided_by, staged_ms,"
    " approved_ms, published_ms, collected_ms, decided_ms, approved_ms FROM rendition_old;"
    "DROP TABLE rendition_old;" GH_LEDGER_RENDITION_INDEXES GH_LEDGER_UNDO,
    GH_LEDGER_CROP,
    GH_LEDGER_QUESTIONS,
    GH_LEDGER_BYTES,
    GH_LEDGER_PEOPLE,
    GH_LEDGER_WAITING,
    GH_LEDGER_WHOLE,
    GH_LEDGER_LOOK,
    GH_LEDGER_DELIVERY,
    GH_LEDGER_BUNDLES GH_LEDGER_EVENTS GH_LEDGER_LETTERS,
    GH_LEDGER_REPORT,
    GH_LEDGER_MISSED,
};

#endif
