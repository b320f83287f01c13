/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "daemon/plan/credit.h"

#include <string.h>

static void corporation_and_department_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *artist, *copyright, *corporation, *department, *want_artist, *want_copyright;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "", ""},
        {NULL, NULL, NULL, "Water", "", ""},
        {NULL, NULL, "KMC", NULL, "KMC", "© KMC"},
        {NULL, NULL, "KMC", "Water", "KMC; Water", "© KMC, Water"},
        {"Press Office", NULL, "KMC", "Water", "Press Office; Water", "© KMC, Water"},
        {"Press Office", "© 2026 KMC", "KMC", "Water", "Press Office; Water", "© 2026 KMC"},
        {NULL, "© 2026 KMC", NULL, "Water", "", "© 2026 KMC"},
        {NULL, NULL, "KMC", "\xff\xfe", "KMC", "© KMC"},
        {NULL, NULL, "KMC", "", "KMC", "© KMC"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_conf conf = {
            .artist = cases[i].artist ? gh_strdup(cases[i].artist) : NULL,
            .copyright = cases[i].copyright ? gh_strdup(cases[i].copyright) : NULL,
            .corporation = cases[i].corporation ? gh_strdup(cases[i].corporation) : NULL};
        struct gh_credit got;
        gh_credit_of(&conf, cases[i].department, &got);
        assert_string_equal(got.artist, cases[i].want_artist);
        assert_string_equal(got.copyright, cases[i].want_copyright);
        gh_conf_free(&conf);
    }
}

static void long_names_are_cut_on_a_character(void **state)
{
    (void)state;
    char corporation[100], department[3 * 100 + 1] = "";
    memset(corporation, 'k', sizeof(corporation) - 1);
    corporation[sizeof(corporation) - 1] = '\0';
    for (size_t i = 0; i < 100; i++)
        memcpy(department + 3 * i, "\xe0\xa6\x9c", 4);
    struct gh_conf conf = {.corporation = corporation};
    struct gh_credit got;
    gh_credit_of(&conf, department, &got);
    assert_true(gh_utf8_valid(got.artist, strlen(got.artist)));
    assert_true(gh_utf8_valid(got.copyright, strlen(got.copyright)));
    assert_in_range(strlen(got.artist), sizeof(got.artist) - 4, sizeof(got.artist) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corporation_and_department_are_named),
        cmocka_unit_test(long_names_are_cut_on_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
