/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transition tables, compared with the contract written out by hand, and the rule that derives
 * a submission's state. */
#include "daemon/ledger/states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* DESIGN section 10, as pairs: whatever is not here must be refused. */
static const char *const ren_pairs[] = {
    "due running",          "running staged",       "staged approved",    "approved publishing",
    "publishing published", "publishing withdrawn", "approved staged",    "published collected",
    "due skipped",          "staged held",          "held staged",        "held approved",
    "held rejected",        "staged rejected",      "approved withdrawn", "published withdrawn",
    "collected withdrawn",  "running due",          "running failed",     "failed due",
    "staged due",           "rejected due",         "held due",           "rejected staged",
};
static const char *const sub_pairs[] = {
    "arriving received",   "received rendering",   "rendering staged",     "staged decided",
    "decided delivered",   "arriving quarantined", "received quarantined", "rendering quarantined",
    "arriving duplicate",  "quarantined received", "staged rendering",     "decided rendering",
    "delivered rendering", "rendering decided",
};

static bool listed(const char *const *pairs, size_t n, const char *from, const char *to)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = strlen(from);
        if (!strncmp(pairs[i], from, k) && pairs[i][k] == ' ' && !strcmp(pairs[i] + k + 1, to))
            return true;
    }
    return false;
}

static void rendition_table_is_the_contract(void **state)
{
    (void)state;
    for (unsigned a = 0; a < GH_REN_STATES_N; a++)
        for (unsigned b = 0; b < GH_REN_STATES_N; b++)
            assert_int_equal(gh_ren_may(a, b),
                             listed(ren_pairs, sizeof(ren_pairs) / sizeof(*ren_pairs),
                                    gh_ren_state_name(a), gh_ren_state_name(b)));
}

static void submission_table_is_the_contract(void **state)
{
    (void)state;
    for (unsigned a = 0; a < GH_SUB_STATES_N; a++)
        for (unsigned b = 0; b < GH_SUB_STATES_N; b++)
            assert_int_equal(gh_sub_may(a, b),
                             listed(sub_pairs, sizeof(sub_pairs) / sizeof(*sub_pairs),
                                    gh_sub_state_name(a), gh_sub_state_name(b)));
}

static void names_go_there_and_back(void **state)
{
    (void)state;
    enum gh_sub_state s;
    enum gh_ren_state r;
    for (unsigned a = 0; a < GH_SUB_STATES_N; a++) {
        assert_true(gh_sub_state_parse(gh_sub_state_name(a), &s));
        assert_int_equal(s, a);
    }
    for (unsigned a = 0; a < GH_REN_STATES_N; a++) {
        assert_true(gh_ren_state_parse(gh_ren_state_name(a), &r));
        assert_int_equal(r, a);
    }
    assert_false(gh_sub_state_parse("published", &s));
    assert_false(gh_ren_state_parse("decided", &r));
    assert_false(gh_ren_state_parse(NULL, &r));
    assert_false(gh_ren_may(GH_REN_STATES_N, GH_REN_DUE));
    assert_false(gh_sub_may(GH_SUB_RECEIVED, GH_SUB_STATES_N));
}

/* Rows: state now, how many renditions in each state and files by work, state wanted. */
static void derived_state_follows_the_rule(void **state)
{
    (void)state;
    static const struct {
        enum gh_sub_state now, want;
        struct gh_tally t;
    } rows[] = {
        {GH_SUB_RECEIVED, GH_SUB_RECEIVED, {.files_due = 2}},
        {GH_SUB_RECEIVED, GH_SUB_RENDERING, {.files_due = 1, .files_running = 1}},
        {GH_SUB_RENDERING,
         GH_SUB_RENDERING,
         {.files_due = 1, .files_done = 1, .rendition = {[GH_REN_STAGED] = 3}}},
        {GH_SUB_RENDERING, GH_SUB_RENDERING, {.files_due = 1}},
        {GH_SUB_RENDERING,
         GH_SUB_STAGED,
         {.files_done = 1,
          .rendition = {[GH_REN_STAGED] = 1, [GH_REN_FAILED] = 2, [GH_REN_SKIPPED] = 1}}},
        {GH_SUB_RENDERING,
         GH_SUB_STAGED,
         {.files_done = 1, .files_bad = 1, .rendition = {[GH_REN_STAGED] = 1}}},
        {GH_SUB_RENDERING, GH_SUB_QUARANTINED, {.files_bad = 1}},
        {GH_SUB_RENDERING,
         GH_SUB_QUARANTINED,
         {.files_done = 1, .rendition = {[GH_REN_FAILED] = 2, [GH_REN_SKIPPED] = 2}}},
        {GH_SUB_RENDERING, GH_SUB_DECIDED, {.files_done = 1, .rendition = {[GH_REN_APPROVED] = 2}}},
        {GH_SUB_STAGED,
         GH_SUB_STAGED,
         {.files_done = 1, .rendition = {[GH_REN_HELD] = 1, [GH_REN_PUBLISHED] = 2}}},
        {GH_SUB_STAGED, GH_SUB_DECIDED, {.files_done = 1, .rendition = {[GH_REN_REJECTED] = 3}}},
        {GH_SUB_DECIDED,
         GH_SUB_DECIDED,
         {.files_done = 1, .rendition = {[GH_REN_PUBLISHED] = 1, [GH_REN_COLLECTED] = 1}}},
        {GH_SUB_DECIDED,
         GH_SUB_DELIVERED,
         {.files_done = 1, .rendition = {[GH_REN_REJECTED] = 1, [GH_REN_COLLECTED] = 1}}},
        {GH_SUB_DELIVERED,
         GH_SUB_DELIVERED,
         {.files_done = 1, .rendition = {[GH_REN_WITHDRAWN] = 1}}},
        {GH_SUB_DECIDED, GH_SUB_DECIDED, {.files_done = 1, .rendition = {[GH_REN_WITHDRAWN] = 1}}},
        {GH_SUB_DELIVERED,
         GH_SUB_RENDERING,
         {.files_due = 1, .rendition = {[GH_REN_COLLECTED] = 1}}},
        {GH_SUB_ARRIVING, GH_SUB_ARRIVING, {.files_due = 1}},
        {GH_SUB_QUARANTINED, GH_SUB_QUARANTINED, {.files_due = 1}},
        {GH_SUB_DUPLICATE, GH_SUB_DUPLICATE, {.files_due = 0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(gh_sub_state_name(gh_sub_derive(rows[i].now, &rows[i].t)),
                            gh_sub_state_name(rows[i].want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendition_table_is_the_contract),
        cmocka_unit_test(submission_table_is_the_contract),
        cmocka_unit_test(names_go_there_and_back),
        cmocka_unit_test(derived_state_follows_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
