/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices that a department sent nothing: when they are written, and what becomes of them while
 * something is coming. */
#include "tests/unit/notice_claims.h"

static unsigned n_nothing(struct fix *f)
{
    return counted(f, "SELECT count(*) FROM notice WHERE kind = 'nothing'");
}

static bool is_roads(void *arg, const char *slug)
{
    (void)arg;
    return gh_streq(slug, "roads");
}
#define COMING ((struct gh_post_coming){is_roads, NULL})

/* By its officer at once, by others with the day's digest; only where silence is news. */
static void a_silent_day_is_told_while_it_is_silent(void **state)
{
    struct fix *f = *state;
    const int64_t at = NOON + 29 * HOUR; /* Tuesday, 17:00 */
    (void)staged(f, "a.jpg");
    add_user(f, "rina", GH_APPROVER, "rina@example.org");
    water.superior.email = (char *)"chief@example.org";
    settings.conf.undecided_ms = 0;
    sql(f, "UPDATE notice SET state = 'dropped';"
           " UPDATE submission SET dropped_ms = 1796040000000");
    OK(gh_post_look(f->l, &settings, NOBODY, at, err));
    assert_int_equal(n_nothing(f), 0); /* nobody is on duty */
    OK(gh_calendar_parse("mon-fri 10:00-17:00", &water.calendar, err));
    OK(gh_post_look(f->l, &settings, NOBODY, at - 1, err));
    OK(gh_post_look(f->l, &settings, NOBODY, at + HOUR, err)); /* it was down: too late */
    assert_int_equal(n_nothing(f), 0);
    OK(gh_post_look(f->l, &settings, COMING, at, err));
    OK(gh_post_look(f->l, &settings, COMING, at + 54 * MINUTE, err));
    assert_int_equal(n_nothing(f), 0); /* something is being copied there */
    OK(gh_post_look(f->l, &settings, NOBODY, at, err));
    OK(gh_post_look(f->l, &settings, NOBODY, at + MINUTE, err)); /* told once */
    assert_int_equal(n_nothing(f), 3);
    assert_int_equal(mailed(f, at), 1);
    assert_string_equal(got.to, "nodal@example.org");
    assert_string_equal(got.subject, "Roads has sent nothing (today).");
    assert_non_null(strstr(got.text, "https://desk.example.org/report\n"));
    assert_int_equal(mailed(f, at + 3 * HOUR), 2); /* of superior and approver, at 20:00 */
    assert_true(got.digest);
    /* what came meanwhile makes it untrue, but for an answer, which is words for Ghat */
    sql(f, "INSERT INTO submission(department, name, kind, state, dropped_ms)"
           " VALUES('roads', x'61', 'file', 'delivered', 1796212800000)");
    OK(gh_post_look(f->l, &settings, NOBODY, at + 24 * HOUR, err));
    assert_int_equal(n_nothing(f), 6);
    sql(f, "UPDATE submission SET dropped_ms = 1796216400000 WHERE state <> 'delivered'");
    assert_int_equal(mailed(f, at + 24 * HOUR), 0);
    assert_int_equal(mailed(f, at + 27 * HOUR), 0);
    /* nor is it said while something is coming, though it was to be told */
    sql(f, "UPDATE submission SET dropped_ms = 1796040000000 WHERE state <> 'delivered'");
    OK(gh_post_look(f->l, &settings, COMING, at + 48 * HOUR, err));
    assert_int_equal(n_nothing(f), 6);
    OK(gh_post_look(f->l, &settings, COMING, at + 49 * HOUR - MINUTE, err)); /* the last time */
    assert_int_equal(n_nothing(f), 9);
    OK(gh_post_claim(f->l, &settings, COMING, "mail", at + 49 * HOUR, 8, keep_letter, NULL, err));
    assert_int_equal(mailed(f, at + 49 * HOUR), 0);
    assert_int_equal(mailed(f, at + 49 * HOUR + 10 * MINUTE), 1); /* it came to nothing */
    assert_string_equal(got.to, "nodal@example.org");
    /* of a letter with more in it that alone is put off */
    sql(f, "INSERT INTO notice(kind, subject, revision, recipient, channel, state, made_ms,"
           " not_before_ms) SELECT kind, 'nothing:zoo', revision, recipient, channel, 'new',"
           " made_ms, not_before_ms FROM notice WHERE recipient = 'role:approver'"
           " ORDER BY id DESC LIMIT 1");
    got.n = 0;
    OK(gh_post_claim(f->l, &settings, COMING, "mail", at + 51 * HOUR, 8, keep_letter, NULL, err));
    assert_int_equal(got.n, 1);
    assert_string_equal(got.to, "rina@example.org");
    assert_null(strstr(got.text, "Roads"));
    assert_int_equal(mailed(f, at + 51 * HOUR), 0);
    assert_int_equal(mailed(f, at + 51 * HOUR + 10 * MINUTE), 2);
    /* a week later it is no news, on Saturday nobody waits for it, and it can be switched off */
    sql(f, "DELETE FROM notice; UPDATE submission SET dropped_ms = 1796040000000,"
           " posted_ms = 1796470000000 WHERE state <> 'delivered'");
    OK(gh_post_look(f->l, &settings, NOBODY, at + 7 * 24 * HOUR, err));
    OK(gh_post_look(f->l, &settings, NOBODY, at + 4 * 24 * HOUR, err));
    free(settings.conf.silent);
    settings.conf.silent = gh_strdup("never");
    OK(gh_post_look(f->l, &settings, NOBODY, at, err));
    assert_int_equal(n_nothing(f), 0);
    gh_calendar_free(&water.calendar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_silent_day_is_told_while_it_is_silent, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
