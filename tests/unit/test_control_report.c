/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request report: who is told of what, of which days, and in which spans. */
#include "tests/unit/desk_fix.h"

#include "daemon/control/reporting.h"

#include <time.h>

static char names[][16] = {"Roads & paths", "Roads", "Water", "Zoo"};
static struct gh_department roads = {.slug = "roads", .folder = names[1], .title = names[0]};
static struct gh_department water = {.slug = "water", .folder = names[2], .title = names[2]};
static struct gh_department zoo = {.slug = "zoo", .folder = names[3], .title = names[3]};
static struct gh_department *departments[] = {&zoo, &roads, &water};

static int open_house(void **state)
{
    int r = setup(state);
    struct fix *f = *state;
    f->d.settings.departments = (struct gh_departments){departments, GH_LEN(departments)};
    return r;
}

static int close_house(void **state)
{
    struct fix *f = *state;
    f->d.settings.departments = (struct gh_departments){0};
    return teardown(state);
}

static json_t *report(struct fix *f, const char *token, const char *from, const char *to,
                      const char *department, const char *by)
{
    return ask(f, token,
               json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "request", "report", "from", from, "to",
                         to, "department", department, "by", by));
}

/* "2026-12-04", so many days from now. */
static const char *day(int from_now)
{
    static char room[4][16];
    static unsigned n;
    char *name = room[n++ % 4];
    time_t t = time(NULL);
    struct tm tm;
    localtime_r(&t, &tm);
    tm.tm_mday += from_now;
    tm.tm_hour = 12;
    tm.tm_isdst = -1;
    mktime(&tm);
    strftime(name, 16, "%Y-%m-%d", &tm);
    return name;
}

static void answers(json_t *answer, const char *format, const char *text)
{
    json_t *v = answer;
    GH_AUTO_FREE char *path = gh_strdup(format);
    for (char *part = strtok(path, "."); part && v; part = strtok(NULL, "."))
        v = json_is_array(v) ? json_array_get(v, strtoul(part, NULL, 10))
                             : json_object_get(v, part);
    GH_AUTO_FREE char *is = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!is || strcmp(is, text) != 0)
        fail_msg("%s: %s, not %s", format, is ? is : "missing", text);
}

static void an_officer_sees_the_own_department_as_the_outside(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], omar[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "omar", GH_OFFICER, ",roads,", omar);
    assert_true(ok(approve(f, rina, f->staged))); /* can still be undone */
    json_t *all = report(f, rina, NULL, NULL, NULL, NULL);
    json_t *own = report(f, omar, NULL, NULL, NULL, NULL);
    answers(all, "departments.0.department", "\"roads\"");
    answers(all, "departments.1.department", "\"water\"");
    answers(all, "departments.0.approved", "1");
    answers(all, "all.approved", "2");
    answers(all, "silent", "[\"roads\",\"water\",\"zoo\"]"); /* dropped in 1970 */
    answers(own, "departments.0.title", "\"Roads & paths\"");
    answers(own, "departments.0.staged", "1");
    answers(own, "all.staged", "1");
    answers(own, "all.approved", "0");
    answers(own, "silent_titles", "[\"Roads & paths\"]");
    GH_AUTO_FREE char *text = json_dumps(own, 0);
    assert_null(strstr(text, "ater"));
    json_decref(all);
    json_decref(own);
    refused(report(f, omar, NULL, NULL, "water", NULL), "gone");
    assert_true(ok(report(f, omar, NULL, NULL, "Roads", NULL)));
    all = report(f, rina, NULL, NULL, "Water", NULL);
    answers(all, "all.approved", "1");
    answers(all, "silent", "[\"water\"]");
    json_decref(all);
}

static void days_and_weeks_are_told_up_to_400(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    json_t *days = report(f, rina, day(-2), NULL, NULL, NULL);
    answers(days, "by", "\"day\"");
    answers(days, "all.series.staged", "[0,0,2]");
    json_decref(days);
    json_t *weeks = report(f, rina, "2026-01-01", "2026-01-12", NULL, "week");
    answers(weeks, "spans", "[\"2026-01-01\",\"2026-01-05\",\"2026-01-12\"]"); /* Thu, Mon, Mon */
    json_decref(weeks);
    weeks = report(f, rina, day(-399), NULL, NULL, NULL);
    answers(weeks, "by", "\"week\"");
    json_decref(weeks);
    assert_false(ok(report(f, rina, day(-400), NULL, NULL, NULL)));
    assert_false(ok(report(f, rina, NULL, NULL, NULL, "month")));
}

/* A request in turns: answered as at once, beside others; of one person two, of all eight. */
static void many_reports_take_their_turns(void **state)
{
    struct fix *f = *state;
    struct gh_control_parts parts = f->parts;
    const struct gh_peer peer = {.role = GH_ROLE_ADMIN, .uid = 1, .login_uid = 1};
    struct gh_later later[GH_REPORTS_TOGETHER + 1] = {{0}};
    json_t *answer = NULL;
    size_t n = 0;
    int fd;
    parts.reporting = gh_reporting_new();
    for (; n < GH_LEN(later); n++) {
        struct gh_peer who = peer;
        who.uid = (uid_t)(n / 2);
        gh_reporting_took(parts.reporting, 60000000); /* nobody has a turn */
        answer = gh_control_answer(&parts, &who, "{\"request\":\"report\"}", 20, &later[n], &fd);
        if (answer)
            break;
        assert_true(later[n].wait_ms > 0);
    }
    assert_int_equal(n, GH_REPORTS_TOGETHER);
    assert_string_equal(gh_j_text(answer, "class"), "again");
    json_decref(answer);
    gh_later_free(&later[0]); /* whoever leaves makes room; the same person still has one */
    for (int times = 0; times < 2; times++) {
        struct gh_peer who = peer;
        who.uid = 0;
        answer = gh_control_answer(&parts, &who, "{\"request\":\"report\"}", 20,
                                   &later[times ? GH_REPORTS_TOGETHER : 0], &fd);
        assert_true((answer != NULL) == (times == 1));
        if (answer)
            assert_string_equal(gh_j_text(answer, "class"), "again");
        json_decref(answer);
    }
    gh_reporting_took(parts.reporting, 0);
    for (n = 0; n < GH_REPORTS_TOGETHER; n++) {
        struct gh_peer who = peer;
        who.uid = (uid_t)(n / 2);
        do {
            gh_reporting_took(parts.reporting, 0);
            answer =
                gh_control_answer(&parts, &who, "{\"request\":\"report\"}", 20, &later[n], &fd);
        } while (!answer);
        assert_true(json_is_true(json_object_get(answer, "ok")));
        answers(answer, "all.staged", "2");
        assert_null(later[n].state);
        json_decref(answer);
    }
    gh_reporting_free(&parts.reporting);
}

static void own_reason(struct gh_settings *s, const char *text)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    gh_reasons_free(&s->reasons);
    gh_reasons_parse(text, "reasons.ini", &s->reasons, &problems);
    assert_int_equal(problems.n, 0);
}

/* A report counts by the reasons as they were when it was begun. */
static void reasons_may_be_read_anew_between_two_turns(void **state)
{
    struct fix *f = *state;
    struct gh_control_parts parts = f->parts;
    const struct gh_peer peer = {.role = GH_ROLE_ADMIN, .uid = 1, .login_uid = 1};
    struct gh_later later = {0};
    json_t *answer;
    int fd;
    parts.reporting = gh_reporting_new();
    own_reason(&f->d.settings, "[bridge]\nlabel = The wrong bridge\n");
    const struct gh_decision_req req = {.verdict = GH_REJECT,
                                        .submission = f->staged,
                                        .reason = "The wrong bridge",
                                        .whatever = true};
    OK(gh_ledger_decide(f->d.ledger, NULL, &req, NULL, &err));
    gh_reporting_took(parts.reporting, 60000000); /* nobody has a turn */
    assert_null(gh_control_answer(&parts, &peer, "{\"request\":\"report\"}", 20, &later, &fd));
    own_reason(&f->d.settings, "[road]\nlabel = The wrong road\n");
    do {
        gh_reporting_took(parts.reporting, 0);
        answer = gh_control_answer(&parts, &peer, "{\"request\":\"report\"}", 20, &later, &fd);
    } while (!answer);
    answers(answer, "all.reasons",
            "[{\"reason\":\"bridge\",\"value\":\"The wrong bridge\",\"n\":1}]");
    json_decref(answer);
    gh_reasons_free(&f->d.settings.reasons);
    gh_reporting_free(&parts.reporting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_officer_sees_the_own_department_as_the_outside,
                                        open_house, close_house),
        cmocka_unit_test_setup_teardown(reasons_may_be_read_anew_between_two_turns, open_house,
                                        close_house),
        cmocka_unit_test_setup_teardown(many_reports_take_their_turns, open_house, close_house),
        cmocka_unit_test_setup_teardown(days_and_weeks_are_told_up_to_400, open_house, close_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
