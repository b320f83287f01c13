/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people choose for a submission is kept together with the work it causes, or not at all. */
#include "tests/unit/ledger_fix.h"

static int64_t thumb_of(struct fix *f, int64_t id)
{
    int64_t us = 0;
    OK(gh_ledger_thumb(f->l, id, &us, err));
    return us;
}

static struct gh_focal focal_of(struct fix *f, int64_t id)
{
    struct gh_focal focal;
    OK(gh_ledger_focal(f->l, id, &focal, err));
    return focal;
}

struct events {
    const char *action;
    unsigned n;
};

static bool count_events(const struct gh_audit_row *row, void *arg)
{
    struct events *e = arg;
    e->n += !strcmp(row->action, e->action);
    return true;
}

static unsigned events(struct fix *f, int64_t id, const char *action)
{
    struct events e = {.action = action};
    OK(gh_ledger_log(f->l, id, 0, 0, count_events, &e, err));
    return e.n;
}

static struct gh_decision_req again(int64_t id, size_t n)
{
    return (struct gh_decision_req){.verdict = GH_RERENDER,
                                    .submission = id,
                                    .placements = two,
                                    .n_placements = n,
                                    .reason = "at 3 s"};
}

static void a_choice_is_kept_audited_and_made(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.mp4");
    struct gh_decision_req req = again(id, 1);
    unsigned changed = 0;
    assert_int_equal(thumb_of(f, id), -1);
    OK(gh_ledger_choose_thumb(f->l, NULL, 3000000, &req, &changed, err));
    assert_int_equal(changed, 1);
    assert_int_equal(thumb_of(f, id), 3000000);
    assert_string_equal(ren_state(f, id, two[0]), "due");
    assert_string_equal(ren_state(f, id, two[1]), "staged");
    assert_int_equal(events(f, id, "thumb"), 1);
    OK(gh_ledger_choose_focal(f->l, NULL, &(struct gh_focal){true, 2500, 10000}, &req, &changed,
                              err));
    assert_int_equal(changed, 0); /* it is due already */
    assert_true(focal_of(f, id).has && focal_of(f, id).x == 2500 && focal_of(f, id).y == 10000);
    OK(gh_ledger_choose_focal(f->l, NULL, &(struct gh_focal){0}, &req, &changed, err));
    assert_false(focal_of(f, id).has);
    assert_int_equal(events(f, id, "focal"), 2);
    chain_holds(f);
}

static void a_choice_that_is_refused_leaves_nothing(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.mp4");
    OK(decide(f, GH_APPROVE, id, two[0], NULL, err));
    const struct {
        struct gh_decision_req req;
        enum gh_class cls;
    } rows[] = {
        {again(id + 7, 1), GH_USAGE}, /* no such submission */
        {again(id, 0), GH_LIMIT},     /* nothing that it concerns */
        {again(id, 2), GH_LIMIT},     /* one of the two is approved */
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        int64_t of = rows[i].req.submission;
        REFUSED((int)rows[i].cls, gh_ledger_choose_thumb(f->l, NULL, 5, &rows[i].req, NULL, err));
        REFUSED((int)rows[i].cls, gh_ledger_choose_focal(f->l, NULL, &(struct gh_focal){true, 1, 1},
                                                         &rows[i].req, NULL, err));
        assert_int_equal(thumb_of(f, of), -1);
        assert_false(focal_of(f, of).has);
    }
    assert_int_equal(events(f, id, "thumb") + events(f, id, "focal"), 0);
    assert_string_equal(ren_state(f, id, two[1]), "staged");
    chain_holds(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_choice_is_kept_audited_and_made),
        T(a_choice_that_is_refused_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
