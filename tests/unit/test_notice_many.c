/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten thousand notices that are due: however many they are and whoever they are for, a claim does
 * little, so that nobody else waits for ghatd's thread. How long it takes is said, not judged. And
 * what was sent long ago is forgotten, but nothing else. */
#include "tests/unit/notice_fix.h"

#include "daemon/ledger/people.h"

#include <time.h>

#define MANY 10000
#define CLAIMS 10

static int64_t claimed_id; /* of the last letter */
static unsigned claimed_tries;

static void count_letter(const struct gh_post_letter *p, void *arg)
{
    claimed_id = p->letter->id;
    claimed_tries = p->letter->tries;
    ++*(unsigned *)arg;
}

static void begin_settings(void)
{
    gh_conf_default(&settings.conf);
    settings.conf.smtp = gh_strdup("smtp://localhost");
    settings.conf.webhook = gh_strdup("http://localhost");
}

static unsigned counted(struct fix *f, const char *sql_text)
{
    sqlite3 *db;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql_text, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    unsigned n = (unsigned)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static void add_user(struct fix *f, const char *name, unsigned roles, const char *email)
{
    struct gh_user u = {.roles = roles};
    GH_COPY(u.name, name);
    GH_COPY(u.language, "en");
    GH_COPY(u.email, email);
    OK(gh_ledger_user_add(f->l, NULL, &u, err));
}

/* So many notices of a kind, each about an item of its own, all due. */
static void tell_many(struct fix *f, const char *kind, const char *recipient, const char *channel)
{
    GH_AUTO_FREE char *text = gh_asprintf(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO notice(kind, subject, revision, recipient, channel, made_ms, not_before_ms)"
        " SELECT '%s', 'item:' || i, 1, '%s', '%s', 1796040000000, 1796040000000 FROM n",
        MANY, kind, recipient, channel);
    sql(f, text);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#define LINES "SELECT count(*) FROM letter_line"

/* Claim as ghat-post does, 4 at once; says how long a claim takes, and that it does little. */
static void drain(struct fix *f, const char *channel, const char *what)
{
    int64_t worst = 0, sum = 0;
    for (unsigned n = 0; n < CLAIMS; n++) {
        int64_t before = counted(f, LINES), begun = cpu_us();
        unsigned letters = 0;
        assert_true(gh_post_claim(f->l, &settings, NOBODY, channel, NOON, 4, count_letter, &letters,
                                  NULL) >= 0);
        int64_t took = cpu_us() - begun;
        assert_true(letters <= 4);
        assert_true(counted(f, LINES) - before < 400 + GH_NOTICE_ADDRESSES);
        worst = GH_MAX(worst, took);
        sum += took;
    }
    print_message("%s: %.1f ms a claim, %.1f ms the longest\n", what, (double)sum / 1000 / CLAIMS,
                  (double)worst / 1000);
    sql(f, "DELETE FROM letter_line; DELETE FROM letter; DELETE FROM notice");
}

static void ten_thousand_are_claimed_in_small_steps(void **state)
{
    struct fix *f = *state;
    begin_settings();
    for (int i = 0; i < 20; i++) {
        char name[16], mail[32];
        GH_FORMAT(name, "a%d", i);
        GH_FORMAT(mail, "a%d@example.org", i);
        add_user(f, name, GH_AGENCY, mail);
    }
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    tell_many(f, "withdrawn", "role:approver", "mail");
    drain(f, "mail", "for one");
    tell_many(f, "withdrawn", "role:agency", "mail");
    drain(f, "mail", "for twenty");
    tell_many(f, "withdrawn", "role:agency", "hook");
    drain(f, "hook", "for a program");
    tell_many(f, "waits", "role:approver", "mail");
    drain(f, "mail", "not true any more");
    gh_conf_free(&settings.conf);
}

/* ----------------------------------------------------------------------- what is over is forgotten
 */

static void tell(struct fix *f, int item, const char *recipient)
{
    char subject[32];
    GH_FORMAT(subject, "item:%d", item);
    OK(gh_ledger_tell(f->l,
                      &(struct gh_notice){.kind = "withdrawn",
                                          .subject = subject,
                                          .revision = 1,
                                          .recipient = recipient,
                                          .channel = "mail",
                                          .made_ms = NOON,
                                          .not_before_ms = NOON},
                      err));
}

static unsigned claimed(struct fix *f)
{
    unsigned n = 0;
    OK(gh_post_claim(f->l, &settings, NOBODY, "mail", NOON, 8, count_letter, &n, err));
    return n;
}

static void end_as(struct fix *f, enum gh_letter_end end)
{
    OK(gh_ledger_end_letter(f->l, claimed_id, claimed_tries, end, "why", NOON, err));
}

static void what_was_sent_long_ago_is_forgotten(void **state)
{
    struct fix *f = *state;
    int64_t since = 1;
    begin_settings();
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    tell(f, 1, "role:approver"); /* sent */
    OK(gh_ledger_letters_due(f->l, NOON - 1, &since, err));
    assert_int_equal(since, 0);
    OK(gh_ledger_letters_due(f->l, NOON + 5, &since, err));
    assert_int_equal(since, NOON);
    assert_int_equal(claimed(f), 1);
    end_as(f, GH_LETTER_ARRIVED);
    tell(f, 2, "role:approver"); /* refused */
    assert_int_equal(claimed(f), 1);
    end_as(f, GH_LETTER_REFUSED);
    tell(f, 3, "role:agency"); /* to nobody */
    tell(f, 4, "role:approver");
    assert_int_equal(claimed(f), 1); /* on its way */
    OK(gh_ledger_letters_due(f->l, NOON + GH_POST_LEASE_MS, &since, err));
    assert_int_equal(since, NOON + GH_POST_LEASE_MS);
    tell(f, 5, "role:approver"); /* waits */
    assert_int_equal(gh_ledger_forget_letters(f->l, NOON, 100, NULL), 0);
    assert_int_equal(gh_ledger_forget_letters(f->l, NOON + 1, 100, NULL), 3);
    assert_int_equal(gh_ledger_forget_letters(f->l, NOON + 1, 100, NULL), 0);
    assert_int_equal(counted(f, "SELECT group_concat(substr(subject, 6)) = '2,4,5' FROM notice"),
                     1);
    assert_int_equal(counted(f, "SELECT group_concat(state) = 'failed,sending' FROM letter"), 1);
    assert_int_equal(counted(f, "SELECT count(*) FROM letter_line"), 2);
    gh_conf_free(&settings.conf);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(ten_thousand_are_claimed_in_small_steps),
        EACH(what_was_sent_long_ago_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
