/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reasons.ini: what is read, what is refused with which words, and what people read of it. */
#include "tests/unit/test.h"

#include "base/reasons.h"
#include "base/str.h"

#include <string.h>
#include <sys/stat.h>

static const char one[] = "[no-banner]\n"
                          "label = Banner missing\n"
                          "label.bn = ব্যানার নেই\n"
                          "todo = Show it.\n"
                          "todo.bn = ব্যানার দেখান।\n";

/* before, a reason of no banner, and after it. */
static void parse(const char *before, const char *after, struct gh_reasons *ret,
                  struct gh_problems *problems)
{
    GH_AUTO_FREE char *text = gh_asprintf("%s%s%s", before, one, after);
    gh_reasons_parse(text, "r.ini", ret, problems);
}

static char *said(const struct gh_reasons *own, const char *language, const char *reason)
{
    struct gh_str out = {0};
    gh_reason_say(&out, gh_words_of(language), own, reason, " | ");
    return out.data ? out.data : gh_strdup("");
}

static void own_reasons_are_said_in_each_language(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"en", "Banner missing", "Banner missing. Show it."},
        {"bn", "Banner missing", "ব্যানার নেই। ব্যানার দেখান।"},
        {"hi", "Banner missing", "Banner missing। Show it."}, /* no words: English */
        {"en", "Only a label\nby hand", "Only a label | by hand"},
        {"en", "Sensitive place\nBanner missing",
         "Sensitive place. Please send one that does not show it. | Banner missing. Show it."},
        {"en", "Banner missing.", "Banner missing."}, /* another text */
    };
    struct gh_reasons own = {0};
    struct gh_problems problems = {0};
    parse("", "[b]\nlabel = Only a label\noffer = no\n", &own, &problems);
    assert_int_equal(problems.n, 0);
    assert_int_equal(own.n, 2);
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char *got = said(&own, cases[i][0], cases[i][1]);
        assert_string_equal(got, cases[i][2]);
        free(got);
    }
    gh_reasons_free(&own);
}

static size_t offered(const struct gh_reasons *own)
{
    struct gh_reason r;
    size_t n = 0;
    for (size_t i = 0; gh_reason_at(own, i, gh_words_of("en"), &r); i++)
        n += r.offered;
    return n;
}

static void what_is_not_offered_keeps_its_words(void **state)
{
    (void)state;
    size_t shipped = offered(NULL);
    struct gh_reasons own = {0};
    struct gh_problems problems = {0};
    parse("", "", &own, &problems);
    assert_int_equal(offered(&own), shipped + 1);
    gh_reasons_free(&own);
    parse("[shipped]\noffer = no\n", "", &own, &problems);
    assert_int_equal(offered(&own), 1);
    char *got = said(&own, "bn", "Sensitive place");
    assert_null(strstr(got, "Sensitive"));
    free(got);
    gh_reasons_free(&own);
    assert_int_equal(problems.n, 0);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[A b]\nlabel = x\n", "r.ini:2: [A b] is no short name"},
        {"[0123456789012345678901234]\nlabel = x\n", "is no short name"},
        {"label = x\n", "r.ini:1: [] is no short name"},
        {"[unclear]\nlabel = x\n", "r.ini:2: [unclear] comes with Ghat"},
        {"[a]\ntodo = x\n", "r.ini: [a] has no label"},
        {"[a]\nlabel.bn = x\n", "r.ini: [a] has no label"},
        {"[a]\nlabel =\n", "r.ini:2: [a] label is empty"},
        {"[a]\nlabel = x\nlabel = y\n", "r.ini:3: [a] label given twice"},
        {"[a]\nlabel = x\nlabel.de = y\n", "r.ini:3: there are no pages in a language \"de\""},
        {"[a]\nlabel = x\nlabels = y\n", "r.ini:3: unknown key labels"},
        {"[a]\nlabel = x\noffer = maybe\n", "r.ini:3: \"maybe\" is neither yes nor no"},
        {"[shipped]\nlabel = x\n", "r.ini:2: unknown key label: expected offer"},
        {"[a]\nlabel = x\n[b]\nlabel = x\n", "r.ini: [a] has the label of [b]"},
        {"[a]\nlabel = Sensitive place\n", "r.ini: [a] has the label of [place]"},
        {"[a]\nlabel = x\x1b[2J\n", "r.ini:2: [a] label has characters that cannot be shown"},
        {"[a]\nlabel = \xe2\x80\xaex\n", "[a] label has characters that cannot be shown"},
        {"[a]\nlabel = xx\xff\n", "[a] label has characters that cannot be shown"},
        {"[a]\nlabel = "
         "0123456789012345678901234567890123456789012345678901234567890123456789"
         "012345678901234567890123456789012345678901234567890\n",
         "[a] label is longer than 120 bytes"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_reasons own = {0};
        struct gh_problems problems = {0};
        gh_reasons_parse(cases[i][0], "r.ini", &own, &problems);
        if (!problems.n || !strstr(problems.list[0], cases[i][1]))
            fail_msg("%s: %s", cases[i][0], problems.n ? problems.list[0] : "taken");
        gh_problems_free(&problems);
        gh_reasons_free(&own);
    }
}

static void their_number_is_bounded(void **state)
{
    (void)state;
    struct gh_str text = {0};
    struct gh_reasons own = {0};
    struct gh_problems problems = {0};
    for (int i = 0; i <= GH_REASONS_OWN; i++)
        gh_str_printf(&text, "[r%d]\nlabel = reason %d\n", i, i);
    gh_reasons_parse(gh_str_text(&text), "r.ini", &own, &problems);
    assert_int_equal(own.n, GH_REASONS_OWN);
    assert_int_equal(problems.n, 1);
    assert_non_null(strstr(problems.list[0], "one too many"));
    gh_problems_free(&problems);
    gh_reasons_free(&own);
    gh_str_free(&text);
}

static void the_file_may_be_missing_but_not_be_anything(void **state)
{
    (void)state;
    TEST_DIR d = test_dir_new();
    struct gh_reasons own = {0};
    struct gh_problems problems = {0};
    gh_reasons_load(d.path, &own, &problems);
    assert_int_equal(problems.n + own.n, 0);
    assert_int_equal(mkdirat(d.fd, "reasons.ini", 0755), 0);
    gh_reasons_load(d.path, &own, &problems);
    assert_int_equal(problems.n, 1);
    gh_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_reasons_are_said_in_each_language),
        cmocka_unit_test(what_is_not_offered_keeps_its_words),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
        cmocka_unit_test(their_number_is_bounded),
        cmocka_unit_test(the_file_may_be_missing_but_not_be_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
