/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose turn it is, and how long an attempt may be silent. */
#include "tests/unit/ledger_fix.h"

#define LEASE 60000

#define DEPARTMENTS 1200

/* A file for n departments, in no order of their names. */
static void drop_for(struct fix *f, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++) {
        char department[32];
        snprintf(department, sizeof(department), "d%04u", i * 617 % (DEPARTMENTS + 1));
        drop(f, department, "a.jpg", 1, GH_PHOTO, NULL);
    }
}

/* The department of the next claim. */
static unsigned served_next(struct fix *f)
{
    struct gh_claim c = claim(f);
    unsigned department = (unsigned)strtoul(c.department + 1, NULL, 10);
    gh_claim_free(&c);
    return department;
}

/* A thousand departments with two files each; others come all the time. Each is served once before
 * any is served twice. */
static void many_departments_are_served_in_turn(void **state)
{
    struct fix *f = *state;
    unsigned served[DEPARTMENTS + 1] = {0}, there = 1000;
    OK(gh_ledger_begin(f->l, err)); /* one sync for all of it */
    drop_for(f, 1, there);
    drop_for(f, 1, there);
    for (unsigned n = 0; n < DEPARTMENTS; n++) {
        assert_int_equal(served[served_next(f)]++, 0);
        if (n % 100 == 50 && there < DEPARTMENTS) {
            drop_for(f, there + 1, 20);
            there += 20;
        }
    }
    for (unsigned n = 0; n < 100; n++)
        assert_int_equal(served[served_next(f)]++, 1);
    OK(gh_ledger_commit(f->l, err));
    chain_holds(f);
}

static void a_lease_lasts_as_long_as_it_is_renewed(void **state)
{
    struct fix *f = *state;
    struct gh_claim c, none = {0};
    struct gh_err e = {0};
    unsigned n = 9;
    int64_t t = 1000000;
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    assert_int_equal(gh_ledger_claim(f->l, &(struct gh_who){.now_ms = t}, 7, LEASE, &c, NULL, &e),
                     1);
    for (int i = 0; i < 5; i++) {
        t += LEASE - 1;
        const struct gh_who now = {.now_ms = t};
        OK(gh_ledger_recover_lapsed(f->l, &now, &n, err));
        assert_int_equal(n, 0);
        assert_int_equal(gh_ledger_claim(f->l, &now, 7, LEASE, &none, NULL, &e), 0);
        OK(gh_ledger_renew(f->l, &now, c.file, c.token, LEASE, err));
    }
    t += LEASE;
    OK(gh_ledger_recover_lapsed(f->l, &(struct gh_who){.now_ms = t}, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(gh_ledger_renew(f->l, NULL, c.file, c.token, LEASE, &e), -GH_AGAIN);
    assert_int_equal(e.code, ESTALE);
    REFUSED(GH_AGAIN, gh_ledger_plan(f->l, NULL, c.file, c.token, NULL, 0, err));
    gh_claim_free(&c);
    c = claim(f);
    assert_int_equal(c.attempt, 2);
    gh_claim_free(&c);
}

/* Until somebody looks for lapsed leases the report of an attempt that is late is good. */
static void a_late_report_is_taken_if_nobody_came_first(void **state)
{
    struct fix *f = *state;
    struct gh_claim c;
    struct gh_err e;
    int64_t id = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    assert_int_equal(
        gh_ledger_claim(f->l, &(struct gh_who){.now_ms = 1000}, 7, LEASE, &c, NULL, &e), 1);
    plan(f, &c, two, 1);
    stage(f, &c, two[0]);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    assert_string_equal(sub_state(f, id), "staged");
    gh_claim_free(&c);
}

static void a_clock_set_back_holds_no_lease_for_ever(void **state)
{
    struct fix *f = *state;
    struct gh_claim c;
    struct gh_err e;
    const int64_t now = 1790000000000;
    unsigned n = 0;
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    assert_int_equal(gh_ledger_claim(f->l, &(struct gh_who){.now_ms = now}, 7, LEASE, &c, NULL, &e),
                     1);
    OK(gh_ledger_recover_lapsed(f->l, &(struct gh_who){.now_ms = now - LEASE}, &n, err));
    assert_int_equal(n, 0);
    OK(gh_ledger_recover_lapsed(f->l, &(struct gh_who){.now_ms = now - 30 * GH_LEDGER_WAIT_MAX_MS},
                                &n, err));
    assert_int_equal(n, 1);
    gh_claim_free(&c);
}

static void without_a_lease_only_a_start_takes_it_back(void **state)
{
    struct fix *f = *state;
    unsigned n = 9;
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    OK(gh_ledger_recover_lapsed(f->l, &(struct gh_who){.now_ms = INT64_MAX / 2}, &n, err));
    assert_int_equal(n, 0);
    OK(gh_ledger_recover(f->l, NULL, &n, err));
    assert_int_equal(n, 1);
    gh_claim_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(many_departments_are_served_in_turn),         T(a_lease_lasts_as_long_as_it_is_renewed),
        T(a_late_report_is_taken_if_nobody_came_first), T(a_clock_set_back_holds_no_lease_for_ever),
        T(without_a_lease_only_a_start_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
