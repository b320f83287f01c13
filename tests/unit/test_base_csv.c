/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of CSV: quoted where they must be, and never a formula. */
#include "tests/unit/test.h"

#include "base/csv.h"

static void cells_are_quoted_and_no_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"roads", "roads"},
        {"", "\"\""},
        {NULL, "\"\""},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {" blank", "\" blank\""},
        {"=1+2", "\"'=1+2\""},
        {"+91 33", "\"'+91 33\""},
        {"-x", "\"'-x\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"=\"a\",b", "\"'=\"\"a\"\",b\""},
        {"a=b", "a=b"},
        {"রাস্তা", "রাস্তা"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR s = {0};
        gh_csv_cell(&s, cases[i].text);
        assert_string_equal(gh_str_text(&s), cases[i].cell);
    }
}

static void lines_are_cells_with_commas_between(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    gh_csv_cell(&s, "");
    gh_csv_number(&s, -5);
    gh_csv_cell(&s, NULL);
    gh_csv_cell(&s, "x");
    gh_csv_end(&s);
    gh_csv_number(&s, 7);
    gh_csv_end(&s);
    assert_string_equal(gh_str_text(&s), "\"\",-5,,x\r\n7\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_quoted_and_no_formulas),
        cmocka_unit_test(lines_are_cells_with_commas_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
