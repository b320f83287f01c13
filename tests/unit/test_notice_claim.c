/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices on their way: whom they reach, what waits together in one letter, what is dropped because
 * it is not true any more, leases, other tries, and what the clock finds. */
#include "tests/unit/notice_claims.h"

#include "daemon/control/control.h"
#include "daemon/upkeep/clock_trust.h"

#include "base/log.h"

#include <jansson.h>

/* ---------------------------------------------------------------------------------------- tests */

static void what_waits_for_one_person_is_one_letter(void **state)
{
    struct fix *f = *state;
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    add_user(f, "agency", GH_AGENCY, "agency@example.org");
    for (int i = 0; i < 3; i++)
        staged(f, "a.jpg");
    sql(f, "UPDATE notice SET not_before_ms = 1796040000000");
    assert_int_equal(claimed(f, NOON - 1), 0);
    assert_int_equal(claimed(f, NOON), 1);
    assert_string_equal(got.to, "rina@example.org");
    assert_string_equal(got.subject, "3 items wait for your decision.");
    assert_non_null(strstr(got.text, "https://desk.example.org/q\n"));
    assert_null(strstr(got.text, "a.jpg"));
    assert_int_equal(ended(f, GH_LETTER_ARRIVED, NOON), 0);
    assert_int_equal(claimed(f, NOON + HOUR), 0);
}

static void a_decision_tells_officer_and_agency(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    int64_t a = staged(f, "a.jpg"), b = staged(f, "b.jpg");
    add_user(f, "agency", GH_AGENCY, "agency@example.org");
    assert_int_equal(decide(f, GH_REJECT, a, NULL, "Too\x1b[2J dark", &e), 0);
    sql(f, "UPDATE notice SET not_before_ms = 1796040000000");
    assert_int_equal(mailed(f, NOON), 1);
    assert_string_equal(got.to, "nodal@example.org");
    assert_non_null(strstr(got.subject, "Item 1 (Roads) was rejected: Too"));
    assert_null(strchr(got.subject, 0x1b));
    assert_int_equal(decide(f, GH_APPROVE, b, NULL, NULL, &e), 0);
    publish(f, b);
    sql(f, "UPDATE notice SET not_before_ms = 1796040000000");
    assert_int_equal(mailed(f, NOON), 1); /* the officer's is for the digest */
    assert_string_equal(got.to, "agency@example.org");
    assert_string_equal(got.subject, "1 item is approved and out.");
    assert_int_equal(mailed(f, NOON + 8 * HOUR), 1);
    assert_true(got.digest);
    assert_int_equal(decide(f, GH_WITHDRAW, b, NULL, "wrong", &e), 0);
    sql(f, "UPDATE notice SET not_before_ms = 1796040000000 WHERE kind = 'withdrawn'");
    assert_int_equal(mailed(f, NOON + 11 * HOUR), 2); /* at night, too */
    assert_non_null(strstr(got.text, "is withdrawn"));
}

static void what_is_not_true_any_more_is_dropped(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    struct gh_letter_counts n;
    int64_t id = staged(f, "a.jpg");
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    assert_int_equal(decide(f, GH_REJECT, id, NULL, "no", &e), 0);
    sql(f, "UPDATE notice SET not_before_ms = 1796040000000; UPDATE notice SET state = 'dropped'"
           " WHERE kind = 'rejected'");
    assert_int_equal(claimed(f, NOON), 0);
    OK(gh_ledger_letter_counts(f->l, &n, err));
    assert_int_equal(n.letters[GH_LETTER_DROPPED], 1);
}

static void each_person_has_switches_and_each_address_one_letter(void **state)
{
    struct fix *f = *state;
    struct gh_user u;
    add_user(f, "anjali", GH_OFFICER, "NODAL@example.org");
    OK(gh_ledger_user(f->l, "anjali", NOON, &u, err));
    GH_COPY(u.departments, ",roads,");
    OK(gh_ledger_user_set(f->l, NULL, &u, err));
    tell(f, "answer", "question:1", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1); /* the card has the same address */
    u.mute = GH_MUTE_QUESTIONS;
    OK(gh_ledger_user_reach(f->l, NULL, &u, err));
    tell(f, "answer", "question:2", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 0);
    tell(f, "withdrawn", "item:2", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1); /* that cannot be switched off */
    u.mute = 0;
    u.digest = true;
    OK(gh_ledger_user_reach(f->l, NULL, &u, err));
    tell(f, "answer", "question:3", 1, "officer:roads", "mail", NOON);
    tell(f, "note", "question:4", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 0);
    assert_int_equal(mailed(f, NOON + 8 * HOUR), 1);
    assert_string_equal(got.subject, "Ghat: the day's news");
    OK(gh_ledger_user_lock(f->l, NULL, "anjali", true, err));
    water.officer.email = (char *)"a@b\r\nBcc: x@y"; /* what no card should hold */
    tell(f, "answer", "question:5", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON + 8 * HOUR), 0);
}

static void set_officer(struct fix *f, const char *department, const char *phone)
{
    struct gh_user u;
    OK(gh_ledger_user(f->l, "anjali", NOON, &u, err));
    GH_COPY(u.departments, department);
    GH_COPY(u.phone, phone);
    OK(gh_ledger_user_set(f->l, NULL, &u, err));
    OK(gh_ledger_user_reach(f->l, NULL, &u, err));
}

/* Only an officer of the department that can be reached has the card passed over. */
static void the_card_is_told_unless_its_officer_is(void **state)
{
    struct fix *f = *state;
    add_user(f, "anjali", GH_OFFICER, "nodal@example.org");
    set_officer(f, ",water,", "");
    tell(f, "answer", "question:1", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1);
    set_officer(f, ",roads,", "");
    OK(gh_ledger_user_lock(f->l, NULL, "anjali", true, err));
    tell(f, "answer", "question:2", 1, "officer:roads", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1);
    OK(gh_ledger_user_lock(f->l, NULL, "anjali", false, err));
    settings.conf.webhook = gh_strdup("https://example.org");
    settings.conf.webhook_body = gh_strdup("body");
    water.officer.mobile = (char *)"+91 33 2222 1111";
    tell(f, "answer", "question:3", 1, "officer:roads", "hook", NOON); /* she has no phone */
    assert_int_equal(claimed_by(f, "hook", NOON), 1);
    assert_string_equal(got.to, "+91 33 2222 1111");
    set_officer(f, ",roads,", "+913322221111");
    tell(f, "answer", "question:4", 1, "officer:roads", "hook", NOON);
    assert_int_equal(claimed_by(f, "hook", NOON), 1); /* once */
    assert_string_equal(got.to, "+913322221111");
}

static void who_is_not_meant_any_more_is_told_nothing(void **state)
{
    struct fix *f = *state;
    struct gh_user u;
    water.officer.email = NULL;
    add_user(f, "anjali", GH_OFFICER, "anjali@example.org");
    set_officer(f, ",roads,", "");
    OK(gh_ledger_user(f->l, "anjali", NOON, &u, err));
    for (int i = 0; i < 4; i++) {
        char subject[32];
        GH_FORMAT(subject, "question:%d", i + 1);
        tell(f, "answer", subject, 1, "officer:roads", "mail", NOON);
        assert_int_equal(claimed(f, NOON), 1);
        assert_int_equal(ended(f, GH_LETTER_AGAIN, NOON), 0); /* the next hour */
        if (i == 1)
            set_officer(f, ",water,", "");
        if (i == 2) {
            u.mute = GH_MUTE_QUESTIONS;
            OK(gh_ledger_user_reach(f->l, NULL, &u, err));
        }
        if (i == 3)
            OK(gh_ledger_user_lock(f->l, NULL, "anjali", true, err));
        assert_int_equal(mailed(f, NOON + HOUR), i == 0);
        u.mute = 0;
        OK(gh_ledger_user_set(f->l, NULL, &u, err));
    }
}

static void a_letter_is_one_persons_until_its_lease_is_over(void **state)
{
    struct fix *f = *state;
    char hash[GH_SHA_HEX];
    tell(f, "withdrawn", "item:1", 1, "officer:roads", "mail", NOON);
    assert_int_equal(claimed(f, NOON), 1);
    GH_COPY(hash, got.hash);
    int64_t id = got.id;
    assert_int_equal(claimed(f, NOON + GH_POST_LEASE_MS - 1), 0);
    assert_int_equal(claimed(f, NOON + GH_POST_LEASE_MS), 1);
    assert_int_equal(got.id, id);
    assert_string_equal(got.hash, hash); /* whoever has it already knows it by that */
    assert_int_equal(gh_ledger_end_letter(f->l, id, 1, GH_LETTER_AGAIN, NULL, NOON, NULL),
                     -GH_LIMIT); /* the first claim is over */
    assert_int_equal(ended(f, GH_LETTER_ARRIVED, NOON + HOUR), 0);
    assert_int_equal(ended(f, GH_LETTER_ARRIVED, NOON + HOUR), 0); /* said twice */
    assert_int_equal(ended(f, GH_LETTER_AGAIN, NOON + HOUR), -GH_LIMIT);
    assert_int_equal(claimed(f, NOON + 2 * HOUR), 0);
}

static void a_letter_is_tried_six_times(void **state)
{
    static const int64_t minutes[] = {1, 5, 30, 120, 360};
    struct fix *f = *state;
    int64_t now = NOON;
    tell(f, "withdrawn", "item:1", 1, "officer:roads", "mail", NOON);
    for (size_t i = 0; i < GH_LEN(minutes); i++) {
        assert_int_equal(claimed(f, now), 1);
        assert_int_equal(ended(f, GH_LETTER_AGAIN, now), 0);
        assert_int_equal(claimed(f, now + minutes[i] * MINUTE - 1), 0);
        now += minutes[i] * MINUTE;
    }
    assert_int_equal(claimed(f, now), 1);
    assert_int_equal(ended(f, GH_LETTER_AGAIN, now), 0);
    assert_int_equal(claimed(f, now + 12 * HOUR), 0);
    const struct gh_who who = {.now_ms = now + HOUR};
    assert_int_equal(gh_ledger_retry_letters(f->l, &who, got.id ? got.id : 1, NULL), 1);
    assert_int_equal(claimed(f, now + HOUR), 1);
    assert_int_equal(ended(f, GH_LETTER_REFUSED, now), 0);
    assert_int_equal(claimed(f, now + 12 * HOUR), 0);
}

static void what_is_stale_or_too_much_is_not_sent(void **state)
{
    struct fix *f = *state;
    tell(f, "withdrawn", "item:1", 1, "officer:roads", "mail", NOON);
    assert_int_equal(claimed(f, NOON + GH_NOTICE_STALE_MS + 1), 0);
    sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
           " INSERT INTO letter(channel, address, language, digest, state, made_ms, not_before_ms)"
           " SELECT 'mail', 'x' || i || '@y', 'en', 0, 'waiting', 1, 9e15 FROM n");
    tell(f, "withdrawn", "item:2", 1, "officer:roads", "mail", NOON);
    assert_int_equal(claimed(f, NOON), 0);
    sql(f, "DELETE FROM letter WHERE address = 'x1@y'");
    assert_int_equal(claimed(f, NOON), 1);
}

static void a_way_that_nobody_serves_stops_no_other(void **state)
{
    struct fix *f = *state;
    struct gh_letter_counts n;
    sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
           " INSERT INTO letter(channel, address, language, digest, state, made_ms, not_before_ms)"
           " SELECT 'hook', '', 'en', 0, 'waiting', 1, 1796040000000 FROM n");
    settings.conf.webhook = gh_strdup("https://example.org");
    tell(f, "withdrawn", "item:2", 1, "officer:roads", "hook", NOON);
    tell(f, "withdrawn", "item:2", 1, "officer:roads", "mail", NOON);
    assert_int_equal(claimed(f, NOON), 1);
    OK(gh_ledger_letter_counts(f->l, &n, err));
    assert_int_equal(n.notices, 1);
    for (int i = 0; i < 20; i++)
        assert_int_equal(claimed(f, NOON + GH_NOTICE_STALE_MS + 1), 0);
    OK(gh_ledger_letter_counts(f->l, &n, err));
    assert_int_equal(n.letters[GH_LETTER_WAITING], 0);
    assert_int_equal(n.notices, 0);
}

static void what_cannot_be_worded_is_not_lost(void **state)
{
    struct fix *f = *state;
    memset(&got, 0, sizeof(got));
    (void)staged(f, "a.jpg");
    sql(f, "UPDATE notice SET state = 'dropped'");
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    tell(f, "decisions", "day:0", NOON / 1000, "user:rina", "mail", NOON);
    sql(f, "ALTER TABLE decision RENAME COLUMN verdict TO away");
    REFUSED(GH_BUG,
            gh_post_claim(f->l, &settings, NOBODY, "mail", NOON, 8, keep_letter, NULL, err));
    sql(f, "ALTER TABLE decision RENAME COLUMN away TO verdict");
    assert_int_equal(claimed(f, NOON), 1);
}

static void a_claim_looks_at_so_many_and_says_that_more_are_due(void **state)
{
    struct fix *f = *state;
    sql(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70)"
           " INSERT INTO letter(channel, address, language, digest, state, made_ms, not_before_ms)"
           " SELECT 'mail', 'x' || i || '@y', 'en', 0, 'waiting', 1, 1796040000000 FROM n");
    for (int more = 1; more >= 0; more--) {
        struct gh_letter_counts n;
        OK(gh_ledger_letter_counts(f->l, &n, err));
        assert_int_equal(n.letters[GH_LETTER_WAITING], more ? 70 : 6);
        assert_int_equal(
            gh_post_claim(f->l, &settings, NOBODY, "mail", NOON, 8, keep_letter, NULL, NULL), more);
    }
}

static void a_backup_tells_nothing_twice(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FREE char *copy = gh_asprintf("%s/copy.db", f->dir);
    tell(f, "withdrawn", "item:1", 1, "officer:roads", "mail", NOON);
    assert_int_equal(claimed(f, NOON), 1);
    tell(f, "withdrawn", "item:2", 1, "officer:roads", "mail", NOON);
    OK(gh_ledger_backup(f->l, copy, NULL, err));
    gh_ledger_close(&f->l);
    OK(gh_ledger_open(copy, &f->l, err));
    assert_int_equal(claimed(f, NOON + HOUR), 0);
}

static void what_nobody_decides_goes_to_deputy_and_superior(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    (void)id;
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    add_user(f, "dev", GH_VIEWER, "dev@example.org");
    struct gh_user rina;
    OK(gh_ledger_user(f->l, "rina", NOON, &rina, err));
    OK(gh_ledger_user_deputy(f->l, NULL, rina.id, "dev", NOON + 100 * HOUR, err));
    water.superior.email = (char *)"chief@example.org";
    sql(f, "UPDATE notice SET state = 'dropped';"
           " UPDATE submission SET staged_ms = 1796040000000"); /* NOON */
    OK(gh_ledger_set_setting(f->l, GH_RESTORED_KEY, "frozen 1 2 whole", err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 4 * HOUR - 1, err));
    assert_int_equal(mailed(f, NOON + 4 * HOUR), 0); /* a backup was restored, and not thawed */
    sql(f, "DELETE FROM meta WHERE key = '" GH_RESTORED_KEY "'");
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 4 * HOUR - 1, err));
    assert_int_equal(mailed(f, NOON + 4 * HOUR), 1); /* it is Monday */
    assert_string_equal(got.subject, "Roads: the last seven days");
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 4 * HOUR, err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 4 * HOUR + MINUTE, err)); /* told once */
    assert_int_equal(mailed(f, NOON + 4 * HOUR + MINUTE), 2);
    assert_non_null(strstr(got.subject, "has waited for a decision since"));
    assert_int_equal(mailed(f, NOON + 7 * HOUR), 0);
    /* four more counted hours */
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 8 * HOUR, err));
    assert_int_equal(mailed(f, NOON + 8 * HOUR), 1);
    assert_string_equal(got.to, "chief@example.org");
}

/* Of the seven days before Monday, with reasons, questions and days without anything. */
static void the_week_is_told_with_its_figures(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    const int64_t monday = NOON - 4 * HOUR;
    int64_t id = staged(f, "a.jpg");
    assert_int_equal(decide(f, GH_REJECT, id, NULL, "Sensitive place\ntoo dark", &e), 0);
    water.superior.email = (char *)"chief@example.org";
    OK(gh_calendar_parse("daily 08:00-22:00", &water.calendar, err));
    sql(f, "UPDATE notice SET state = 'dropped';" /* Wednesday, and the Sunday before the week */
           " UPDATE submission SET dropped_ms = 1796040000000 - 432000000, staged_ms = 1,"
           " state = 'decided'; INSERT INTO submission(department, name, kind, state, dropped_ms)"
           " VALUES('roads', x'61', 'file', 'received', 1796040000000 - 691200000);"
           " DROP TRIGGER decision_fixed;"
           " UPDATE decision SET time_ms = 1796040000000 - 432000000");
    OK(gh_post_look(f->l, &settings, NOBODY, monday, err));
    assert_int_equal(mailed(f, monday), 1);
    static const char *const lines[] = {"\n  dropped: 1\n  days without anything: 6\n",
                                        "\n  rejected: 1\n    Sensitive place: 1\n    other: 1\n",
                                        "\n  posted: 0\n\n"};
    for (size_t i = 0; i < GH_LEN(lines); i++)
        if (!strstr(got.text, lines[i]))
            fail_msg("the letter lacks %s: %s", lines[i], got.text);
    gh_calendar_free(&water.calendar);
}

static void a_thousand_that_were_told_hide_no_other(void **state)
{
    struct fix *f = *state;
    (void)staged(f, "a.jpg");
    sql(f, "DELETE FROM notice; UPDATE submission SET staged_ms = 1;" /* long ago */
           " WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1005)"
           " INSERT INTO submission(id, department, name, kind, state, dropped_ms, staged_ms)"
           " SELECT i, 'roads', x'61', 'file', 'staged', 1, 1796040000000 + i FROM n;"
           " INSERT INTO rendition(submission, file, placement, part, parts, state)"
           " SELECT id, 1, 'p', id, 1, 'staged' FROM submission WHERE id > 1");
    gh_log_init("test", GH_LOG_WARNING);
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 9 * HOUR, err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 9 * HOUR, err));
    for (int step = 0; step < 2; step++)
        assert_int_equal(counted(f, step ? "SELECT count(DISTINCT subject) FROM notice"
                                           " WHERE kind = 'undecided-2'"
                                         : "SELECT count(DISTINCT subject) FROM notice"
                                           " WHERE kind = 'undecided'"),
                         1004);
    gh_log_init("test", GH_LOG_INFO);
}

static void what_is_held_is_told_when_it_waits_again(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    int64_t id = staged(f, "a.jpg");
    sql(f, "DELETE FROM notice; UPDATE submission SET staged_ms = 1796040000000");
    assert_int_equal(decide(f, GH_HOLD, id, NULL, "later", &e), 0);
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 4 * HOUR, err));
    assert_int_equal(gh_ledger_told(f->l, "undecided", "item:1", NOON, NULL), 0);
    assert_int_equal(decide(f, GH_RELEASE, id, NULL, NULL, &e), 0);
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 5 * HOUR, err));
    assert_int_equal(gh_ledger_told(f->l, "undecided", "item:1", NOON, NULL), 1);
}

static void what_is_half_collected_is_told_once(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    int64_t id = staged(f, "a.jpg");
    add_user(f, "agency", GH_AGENCY, "agency@example.org");
    assert_int_equal(decide(f, GH_APPROVE, id, NULL, NULL, &e), 0);
    publish(f, id);
    sql(f, "DELETE FROM notice; UPDATE rendition SET published_ms = 1796040000000 + id * 60000");
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 5 * HOUR, err));
    sql(f, "DELETE FROM notice WHERE kind <> 'uncollected'"); /* the week */
    assert_int_equal(mailed(f, NOON + 5 * HOUR), 1);
    assert_int_equal(decide(f, GH_COLLECT, id, "fb.photo", NULL, &e), 0);
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 5 * HOUR + MINUTE, err));
    assert_int_equal(mailed(f, NOON + 5 * HOUR + MINUTE), 0);
    /* what goes out the next day, and nobody collects, is told then */
    sql(f, "UPDATE rendition SET published_ms = 1796126460000 WHERE placement = 'x.photo'");
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 29 * HOUR, err));
    sql(f, "DELETE FROM notice WHERE kind <> 'uncollected'");
    assert_int_equal(mailed(f, NOON + 29 * HOUR), 1);
    sql(f, "DELETE FROM notice");
    tell(f, "uncollected", "item:1", 1, "role:agency", "mail", NOON + 5 * HOUR);
    assert_int_equal(mailed(f, NOON + 5 * HOUR + MINUTE), 1);
    assert_int_equal(decide(f, GH_COLLECT, id, "x.photo", NULL, &e), 0);
    tell(f, "uncollected", "item:1", 2, "role:agency", "mail", NOON + 5 * HOUR);
    assert_int_equal(mailed(f, NOON + 5 * HOUR + MINUTE), 0);
    tell(f, "extend", "question:9", 1, "role:agency", "mail", NOON + 5 * HOUR); /* not open */
    assert_int_equal(mailed(f, NOON + 5 * HOUR + MINUTE), 0);
}

static void an_event_is_told_as_it_stands(void **state)
{
    struct fix *f = *state;
    (void)staged(f, "a.jpg"); /* and its department */
    sql(f, "UPDATE notice SET state = 'dropped'");
    add_user(f, "agency", GH_AGENCY, "agency@example.org");
    sql(f, "INSERT INTO event(id, department, sequence, title, starts_ms, ends_ms, all_day, place,"
           " ward, material, state, revision, folder, expect_ms, made_by, made_ms, changed_ms)"
           " VALUES(3, 'roads', 0, 'Opening', 1796126400000, 1796133600000, 0, '', '', '',"
           " 'announced', 1, 'f', 1796140000000, 'x', 1, 1)");
    tell(f, "event-announce", "event:3", 1, "role:agency", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1);
    assert_string_equal(got.subject, "Event 3 of Roads is announced; it begins tomorrow, 12:00.");
    assert_non_null(strstr(got.text, "https://desk.example.org/event/3\n"));
    assert_null(strstr(got.text, "Opening"));
    assert_int_equal(ended(f, GH_LETTER_ARRIVED, NOON), 0);
    tell(f, "event-change", "event:3", 2, "role:agency", "mail", NOON); /* it was changed again */
    sql(f, "UPDATE event SET state = 'changed', revision = 3");
    assert_int_equal(mailed(f, NOON), 0);
    tell(f, "event-miss", "event:3", 3, "role:agency", "mail", NOON); /* something came late */
    sql(f, "UPDATE event SET state = 'covered'");
    assert_int_equal(mailed(f, NOON), 0);
    sql(f, "UPDATE event SET state = 'changed', told_ms = 5, all_day = 1"); /* late */
    tell(f, "event-miss", "event:3", 4, "role:agency", "mail", NOON);
    assert_int_equal(mailed(f, NOON), 1);
    assert_string_equal(got.subject, "Nothing came of event 3 of Roads, which began tomorrow.");
    assert_int_equal(ended(f, GH_LETTER_ARRIVED, NOON), 0);
    tell(f, "event-cancel", "event:3", 4, "role:agency", "mail", NOON);
    sql(f, "UPDATE event SET state = 'cancelled'");
    assert_int_equal(mailed(f, NOON), 1);
    assert_non_null(strstr(got.subject, "is cancelled; it was to begin"));
}

/* Numbers, times and counts; links and addresses are the same for all. */
static void letters_have_the_digits_of_their_language(void **state)
{
    struct fix *f = *state;
    static const struct {
        const char *kind, *subject, *to;
        int64_t revision;
    } kinds[] = {
        {"waits", "item:1", "user:bn", 1},
        {"undecided", "item:1", "user:bn", 1},
        {"withdrawn", "item:1", "user:bn", 1},
        {"asked", "question:1", "user:bn", 1},
        {"due", "question:1", "user:bn", 1},
        {"answer", "question:1", "user:bn", 1},
        {"event-change", "event:31", "user:bn", 1},
        {"decisions", "day:0", "user:bn", NOON / 1000},
        {"week", "week:roads", "user:bn", NOON / 1000},
    };
    struct gh_user u = {.roles = GH_APPROVER, .name = "bn", .language = "bn", .email = "b@c.org"};
    (void)staged(f, "a.jpg");
    OK(gh_ledger_user_add(f->l, NULL, &u, err));
    sql(f, "INSERT INTO event(id, department, sequence, title, starts_ms, ends_ms, all_day, place,"
           " ward, material, state, revision, folder, expect_ms, made_by, made_ms, changed_ms)"
           " VALUES(31, 'roads', 0, 'Opening', 1796126400000, 1796133600000, 0, '', '', '',"
           " 'announced', 1, 'f', 1796140000000, 'x', 1, 1);"
           "INSERT INTO question(id, department, asked_by, asked_as, asked_ms, text, state, round)"
           " VALUES(1,'roads','a',1,1,'t','open',1);"
           "INSERT INTO question_round(question, round, began_ms, calendar, explained, remind_ms,"
           " due_ms) VALUES(1,1,1,'c','e',1,1796039000000);"
           "INSERT INTO decision(submission, verdict, outputs, actor, time_ms)"
           " VALUES(1, 'hold', '', 'user:bn (approver) by desk', 1796030000000)");
    for (size_t i = 0; i < GH_LEN(kinds); i++) {
        int64_t now = NOON + (int64_t)i * HOUR / 60;
        sql(f, "UPDATE notice SET state = 'dropped'");
        tell(f, kinds[i].kind, kinds[i].subject, kinds[i].revision, kinds[i].to, "mail", now);
        assert_int_equal(mailed(f, now), 1);
        GH_AUTO_FREE char *text = gh_asprintf("%s\n%s", got.subject, got.text);
        bool digits = false;
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
            if (strncmp(line, "https://", 8) && line[strcspn(line, "0123456789")])
                fail_msg("%s: %s", kinds[i].kind, line);
            digits |= strstr(line, "\xe0\xa7") != NULL; /* ০ to ৯ begin so */
        }
        assert_true(digits);
    }
}

/* What was sent is forgotten after its time, and what it was about stays. */
static void what_is_forgotten_is_not_told_again(void **state)
{
    struct fix *f = *state;
    const struct gh_question_by ghatd = {
        .who = {.now_ms = NOON + 40 * 24 * HOUR}, .roles = GH_BY_GHATD, .via = GH_VIA_GHATD};
    int64_t later = NOON + 40 * 24 * HOUR;
    struct gh_alarm_row alarm;
    (void)staged(f, "a.jpg");
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    settings.conf.undecided_ms = (uint64_t)HOUR;
    sql(f, "INSERT INTO event(id, department, sequence, title, starts_ms, ends_ms, all_day, place,"
           " ward, material, state, revision, folder, expect_ms, miss_ms, made_by, made_ms,"
           " changed_ms) VALUES(3, 'roads', 0, 'Opening', 1, 2, 0, '', '', '', 'announced', 1,"
           " 'f', 3, 4, 'x', 1, 1);"
           "INSERT INTO question(id, department, asked_by, asked_as, asked_ms, text, state, round)"
           " VALUES(1,'roads','a',1,1,'t','open',1);"
           "INSERT INTO question_round(question, round, began_ms, calendar, explained, remind_ms,"
           " due_ms) VALUES(1,1,1,'c','e',1,2);"
           "INSERT INTO alarm(question, round, kind, at_ms) VALUES(1,1,'remind',1),(1,1,'due',2);"
           "UPDATE submission SET staged_ms = 1796040000000");
    while (gh_ledger_next_alarm(f->l, &alarm, NULL) == 1)
        OK(gh_ledger_fire(f->l, &ghatd, &alarm, err));
    OK(gh_ledger_event_due(f->l, &ghatd, 3, NULL, err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 9 * 24 * HOUR, err));
    unsigned told = counted(f, "SELECT count(*) FROM notice");
    assert_true(told > 6);
    sql(f, "UPDATE notice SET state = 'dropped', made_ms = 1");
    while (gh_ledger_forget_letters(f->l, later, 100, NULL) > 0)
        ;
    assert_int_equal(gh_ledger_next_alarm(f->l, &alarm, NULL), 0);
    OK(gh_ledger_event_due(f->l, &ghatd, 3, NULL, err));
    OK(gh_post_look(f->l, &settings, NOBODY, later, err));
    sql(f, "DELETE FROM notice WHERE kind = 'week'"); /* of this one */
    assert_int_equal(counted(f, "SELECT count(*) FROM notice"), 0);
    assert_int_equal(counted(f, "SELECT count(*) FROM question"), 1);
}

static void an_approver_hears_what_was_decided_in_his_name(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    add_user(f, "other", GH_APPROVER, "other@example.org");
    const struct gh_who who = {.actor = "user:rina (approver) by desk", .now_ms = NOON};
    struct gh_decision_req req = {.verdict = GH_REJECT, .submission = id, .reason = "no"};
    OK(gh_ledger_decide(f->l, &who, &req, NULL, err));
    sql(f, "UPDATE notice SET state = 'dropped'");
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 8 * HOUR - 1, err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 8 * HOUR, err));
    OK(gh_post_look(f->l, &settings, NOBODY, NOON + 9 * HOUR, err));
    assert_int_equal(claimed(f, NOON + 9 * HOUR), 1);
    assert_string_equal(got.to, "rina@example.org");
    assert_non_null(strstr(got.text, "12:00  1  rejected\n"));
}

static void a_long_list_says_how_many_more(void **state)
{
    struct fix *f = *state;
    (void)staged(f, "a.jpg");
    add_user(f, "r_y", GH_APPROVER, "r_y@example.org");
    sql(f, "DELETE FROM notice;"
           " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 207)"
           " INSERT INTO decision(submission, verdict, outputs, actor, time_ms)"
           " SELECT 1, 'hold', '', CASE WHEN i > 203 THEN 'user:roy (approver) by desk'"
           " WHEN i > 100 THEN 'uid:0 as \"r_y\"' ELSE 'user:r_y (approver) by desk' END,"
           " 1796030000000 + i FROM n");
    tell(f, "decisions", "day:0", NOON / 1000, "user:r_y", "mail", NOON);
    assert_int_equal(claimed(f, NOON), 1);
    assert_non_null(strstr(got.text, "\n  … +3\n"));
    assert_null(strstr(got.subject, "…"));
}

static size_t asked(const struct gh_control_parts *parts, const char *line)
{
    const struct gh_peer post = {.role = GH_ROLE_POST};
    int fd = -1;
    json_t *reply = gh_control_answer(parts, &post, line, strlen(line), NULL, &fd);
    size_t n = json_array_size(json_object_get(reply, "letters"));
    assert_true(json_is_true(json_object_get(reply, "ok")));
    json_decref(reply);
    return n;
}

/* By a clock that is ahead all that waits is out of date: it has to be there when that is over. */
static void by_a_doubted_clock_no_letter_is_given_out(void **state)
{
    static const char claim[] = "{\"request\":\"post-claim\",\"channel\":\"mail\"}";
    struct fix *f = *state;
    struct gh_clock_trust clock = {.ledger = f->l}; /* it was right in 1970 last */
    const struct gh_control_parts parts = {.ledger = f->l, .settings = &settings, .clock = &clock};
    tell(f, "withdrawn", "item:1", 1, "officer:roads", "mail", gh_now_ms());
    assert_int_equal(asked(&parts, claim), 0);
    clock.right = (struct gh_clock_base){gh_now_ms(), gh_mono_ms()};
    assert_int_equal(asked(&parts, claim), 1);
    clock.right = (struct gh_clock_base){0};
    asked(&parts, "{\"request\":\"post-done\",\"id\":1,\"tries\":1,\"result\":\"sent\"}");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(what_waits_for_one_person_is_one_letter),
        EACH(a_decision_tells_officer_and_agency),
        EACH(what_is_not_true_any_more_is_dropped),
        EACH(each_person_has_switches_and_each_address_one_letter),
        EACH(the_card_is_told_unless_its_officer_is),
        EACH(who_is_not_meant_any_more_is_told_nothing),
        EACH(letters_have_the_digits_of_their_language),
        EACH(what_is_forgotten_is_not_told_again),
        EACH(a_letter_is_one_persons_until_its_lease_is_over),
        EACH(a_letter_is_tried_six_times),
        EACH(what_is_stale_or_too_much_is_not_sent),
        EACH(a_way_that_nobody_serves_stops_no_other),
        EACH(what_cannot_be_worded_is_not_lost),
        EACH(a_claim_looks_at_so_many_and_says_that_more_are_due),
        EACH(a_backup_tells_nothing_twice),
        EACH(what_nobody_decides_goes_to_deputy_and_superior),
        EACH(the_week_is_told_with_its_figures),
        EACH(a_thousand_that_were_told_hide_no_other),
        EACH(what_is_held_is_told_when_it_waits_again),
        EACH(what_is_half_collected_is_told_once),
        EACH(an_event_is_told_as_it_stands),
        EACH(an_approver_hears_what_was_decided_in_his_name),
        EACH(by_a_doubted_clock_no_letter_is_given_out),
        EACH(a_long_list_says_how_many_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
