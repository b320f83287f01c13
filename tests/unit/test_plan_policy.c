/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an error's class means for a file, row by row: class → end of the job → how the attempt is
 * counted → what the ledger makes of it. Changing a row of any of the three tables (engine/job.c,
 * attempt/attempt.c, ledger/attempts.c) breaks a row here.
 */
#include "tests/unit/ledger_fix.h"

#include "daemon/attempt/attempt.h"
#include "daemon/engine/engine_int.h"

#include <inttypes.h>

static const struct {
    enum gh_class cls;
    enum gh_job_end end;
} refusals[] = {
    {GH_OK, GH_END_CRASHED}, /* a refusal without a reason is a lie */
    {GH_INPUT, GH_END_INPUT},  {GH_AGAIN, GH_END_OURS},  {GH_LIMIT, GH_END_INPUT},
    {GH_CONFIG, GH_END_INPUT}, {GH_SYSTEM, GH_END_OURS}, {GH_BUG, GH_END_CRASHED},
    {GH_SKIP, GH_END_INPUT},   {GH_USAGE, GH_END_INPUT},
};

static void a_class_says_whose_fault_it_is(void **state)
{
    (void)state;
    assert_int_equal(GH_LEN(refusals), GH_CLASSES);
    for (unsigned i = 0; i < GH_CLASSES; i++) {
        assert_int_equal(refusals[i].cls, i);
        assert_int_equal(gh_job_end_of(refusals[i].cls), refusals[i].end);
    }
}

static const struct {
    enum gh_job_end end;
    enum gh_class cls;
    bool again;
    enum gh_attempt_end first, later;
} attempts[] = {
    {GH_END_DONE, GH_OK, false, GH_ATTEMPT_DONE, GH_ATTEMPT_DONE},
    /* staging: the disk is full */
    {GH_END_DONE, GH_AGAIN, true, GH_ATTEMPT_AGAIN, GH_ATTEMPT_AGAIN},
    /* its rest may be on its way */
    {GH_END_INPUT, GH_INPUT, false, GH_ATTEMPT_INCOMPLETE, GH_ATTEMPT_REFUSED},
    /* more of it would not help */
    {GH_END_INPUT, GH_LIMIT, false, GH_ATTEMPT_REFUSED, GH_ATTEMPT_REFUSED},
    {GH_END_INPUT, GH_SKIP, false, GH_ATTEMPT_REFUSED, GH_ATTEMPT_REFUSED},
    {GH_END_INPUT, GH_CONFIG, false, GH_ATTEMPT_REFUSED, GH_ATTEMPT_REFUSED},
    {GH_END_INPUT, GH_USAGE, false, GH_ATTEMPT_REFUSED, GH_ATTEMPT_REFUSED},
    {GH_END_CRASHED, GH_BUG, false, GH_ATTEMPT_CRASHED, GH_ATTEMPT_CRASHED},
    {GH_END_CRASHED, GH_INPUT, false, GH_ATTEMPT_CRASHED, GH_ATTEMPT_CRASHED},
    {GH_END_OURS, GH_SYSTEM, false, GH_ATTEMPT_INTERRUPTED, GH_ATTEMPT_INTERRUPTED},
    {GH_END_OURS, GH_AGAIN, true, GH_ATTEMPT_AGAIN, GH_ATTEMPT_AGAIN},
    {GH_END_CANCELLED, GH_AGAIN, false, GH_ATTEMPT_INTERRUPTED, GH_ATTEMPT_INTERRUPTED},
};

static void an_end_is_counted_by_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_LEN(attempts); i++)
        for (unsigned first = 0; first < 2; first++) {
            enum gh_attempt_end want = first ? attempts[i].first : attempts[i].later,
                                got = gh_attempt_end_of(attempts[i].end, attempts[i].cls,
                                                        attempts[i].again, first);
            if (got != want)
                fail_msg("row %zu, %s attempt: %d, not %d", i, first ? "first" : "later", (int)got,
                         (int)want);
        }
}

/* What one such end does, and how many of them give a file up (0: never). */
static const struct {
    enum gh_attempt_end how;
    const char *file, *submission; /* after one */
    unsigned strikes, interrupted, most;
    const char *why; /* when it is given up; NULL: the reason of the attempt */
} outcomes[] = {
    {GH_ATTEMPT_DONE, "done", "quarantined", 0, 0, 1, NULL}, /* nothing was staged */
    {GH_ATTEMPT_REFUSED, "bad", "quarantined", 0, 0, 1, NULL},
    {GH_ATTEMPT_CRASHED, "due", "rendering", 1, 0, 2, "broke the decoder twice"},
    {GH_ATTEMPT_INTERRUPTED, "due", "rendering", 0, 1, 20, "twenty times; it is suspect"},
    {GH_ATTEMPT_AGAIN, "due", "rendering", 0, 0, 0, NULL},
    {GH_ATTEMPT_INCOMPLETE, "due", "rendering", 0, 0, 0, NULL},
};

static void end(struct fix *f, enum gh_attempt_end how)
{
    static const char *const one[] = {"fb.photo"};
    struct gh_claim c = claim(f);
    plan(f, &c, one, 1);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, how, "because", 0, NULL, err));
    gh_claim_free(&c);
}

static void each_end_leads_where_the_table_says(void **state)
{
    struct fix *f = *state;
    for (size_t i = 0; i < GH_LEN(outcomes); i++) {
        struct gh_item item;
        char name[16];
        snprintf(name, sizeof(name), "%zu.jpg", i);
        int64_t id = drop(f, "roads", name, 1, GH_PHOTO, NULL);
        end(f, outcomes[i].how);
        OK(gh_ledger_get(f->l, id, &item, err));
        assert_string_equal(gh_work_name(item.files[0].work), outcomes[i].file);
        assert_string_equal(gh_sub_state_name(item.sub.state), outcomes[i].submission);
        assert_int_equal(item.files[0].strikes, outcomes[i].strikes);
        assert_int_equal(item.files[0].interrupted, outcomes[i].interrupted);
        assert_int_equal(item.files[0].attempts, 1);
        gh_item_free(&item);
        for (unsigned n = 2; n <= (outcomes[i].most ? outcomes[i].most : 25); n++)
            end(f, outcomes[i].how);
        OK(gh_ledger_get(f->l, id, &item, err));
        assert_string_equal(gh_sub_state_name(item.sub.state),
                            outcomes[i].most ? "quarantined" : "rendering");
        if (outcomes[i].most)
            assert_non_null(strstr(item.sub.reason, outcomes[i].why ? outcomes[i].why : "because"));
        if (!outcomes[i].most) /* out of the way of the next row */
            OK(gh_ledger_cancel(f->l, NULL, id, err));
        gh_item_free(&item);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_says_whose_fault_it_is),
        cmocka_unit_test(an_end_is_counted_by_its_class),
        cmocka_unit_test_setup_teardown(each_end_leads_where_the_table_says, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
