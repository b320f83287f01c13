/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catalogues as msgfmt writes them, and ones that nobody should have written; plural rules against
 * C's own reading of them; the languages that are built in. */
#include "tests/unit/test.h"

#include "base/words.h"
#include "base/words_int.h"

#include <pthread.h>
#include <string.h>

#define HEAD "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n > 1;\n"

/* A catalogue under construction: texts of n bytes without their last NUL. */
struct entry {
    const char *id;
    size_t id_len;
    const char *text;
    size_t text_len;
};
#define E(id, text)                                                                                \
    {                                                                                              \
        id, sizeof(id) - 1, text, sizeof(text) - 1                                                 \
    }

static void put(struct gh_str *s, uint32_t v, bool swapped)
{
    v = swapped ? __builtin_bswap32(v) : v;
    gh_str_add(s, &v, sizeof(v));
}

static void build(struct gh_str *s, const struct entry *e, size_t n, bool swapped)
{
    uint32_t at = (uint32_t)(28 + 16 * n);
    const uint32_t head[] = {0x950412de, 0, (uint32_t)n, 28, (uint32_t)(28 + 8 * n), 0, 0};
    for (size_t i = 0; i < GH_LEN(head); i++)
        put(s, head[i], swapped);
    for (unsigned table = 0; table < 2; table++)
        for (size_t i = 0; i < n; i++) {
            size_t len = table ? e[i].text_len : e[i].id_len;
            put(s, (uint32_t)len, swapped);
            put(s, at, swapped);
            at += (uint32_t)len + 1;
        }
    for (unsigned table = 0; table < 2; table++)
        for (size_t i = 0; i < n; i++)
            gh_str_add(s, table ? e[i].text : e[i].id, (table ? e[i].text_len : e[i].id_len) + 1);
}

static const struct entry good[] = {
    E("", HEAD),
    E("May", "পারে"),
    E("month\4May", "মে"),
    E("one file\0%s files", "%s ফাইল\0%s টি ফাইল"),
};

static void texts_are_found_by_context_and_number(void **state)
{
    (void)state;
    for (unsigned swapped = 0; swapped < 2; swapped++) {
        GH_AUTO_STR s = {0};
        struct gh_mo mo;
        struct gh_err err = {0};
        build(&s, good, GH_LEN(good), swapped);
        if (gh_mo_open(s.data, s.len, &mo, &err) < 0)
            fail_msg("%s", err.msg);
        assert_string_equal(gh_mo_find(&mo, NULL, "May", 0), "পারে");
        assert_string_equal(gh_mo_find(&mo, "month", "May", 0), "মে");
        assert_string_equal(gh_mo_find(&mo, NULL, "one file", 0), "%s ফাইল");
        assert_string_equal(gh_mo_find(&mo, NULL, "one file", 1), "%s টি ফাইল");
        assert_null(gh_mo_find(&mo, NULL, "", 0)); /* the header is no text */
        assert_null(gh_mo_find(&mo, "mont", "May", 0));
        assert_null(gh_mo_find(&mo, "months", "May", 0));
        assert_null(gh_mo_find(&mo, NULL, "month", 0));
        assert_null(gh_mo_find(&mo, NULL, "zzz", 0));
    }
}

static void assert_refused(const struct entry *e, size_t n, const char *why)
{
    GH_AUTO_STR s = {0};
    struct gh_mo mo = {.count = 7};
    struct gh_err err = {0};
    build(&s, e, n, false);
    assert_int_equal(gh_mo_open(s.data, s.len, &mo, &err), -GH_INPUT);
    assert_int_equal(mo.count, 7); /* untouched */
    if (!strstr(err.msg, why))
        fail_msg("%s, not: %s", err.msg, why);
}

static void what_does_not_hold_together_is_refused(void **state)
{
    (void)state;
    const struct entry order[] = {E("", HEAD), E("b", "x"), E("a", "y")};
    const struct entry twice[] = {E("", HEAD), E("a", "x"), E("a", "y")};
    const struct entry few[] = {E("", HEAD), E("a\0as", "x")};
    const struct entry many[] = {E("", HEAD), E("a", "x\0y")};
    const struct entry bytes[] = {E("", HEAD), E("a", "\xff")};
    const struct entry charset[] = {E("", "Content-Type: text/plain; charset=UTF-16\n")};
    const struct entry headless[] = {E("a", "x")};
    const struct entry rule[] = {E("", "charset=UTF-8\nPlural-Forms: nplurals=2; plural=m;\n")};
    assert_refused(order, 3, "out of order");
    assert_refused(twice, 3, "out of order");
    assert_refused(few, 2, "plurals");
    assert_refused(many, 2, "plurals");
    assert_refused(bytes, 2, "outside");
    assert_refused(charset, 1, "UTF-8");
    assert_refused(headless, 1, "header");
    assert_refused(NULL, 0, "header");
    assert_refused(rule, 1, "plural rule");
}

/* Cut anywhere, and with any 32-bit word of its tables changed: refused, or still safe to ask. */
static void a_damaged_catalogue_is_refused_or_harmless(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 1, 27, 28, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    GH_AUTO_STR s = {0};
    build(&s, good, GH_LEN(good), false);
    for (size_t n = 0; n < s.len; n++) {
        struct gh_mo mo;
        GH_AUTO_FREE char *cut = malloc(n ? n : 1); /* a sanitizer sees one byte too far */
        memcpy(cut, s.data, n);
        assert_true(gh_mo_open(cut, n, &mo, NULL) < 0);
    }
    for (size_t at = 0; at + 4 <= 28 + 16 * GH_LEN(good); at += 4)
        for (size_t k = 0; k < GH_LEN(values); k++) {
            struct gh_mo mo;
            GH_AUTO_FREE char *copy = malloc(s.len);
            memcpy(copy, s.data, s.len);
            memcpy(copy + at, &values[k], 4);
            if (gh_mo_open(copy, s.len, &mo, NULL) == 0)
                (void)gh_mo_find(&mo, "month", "May", 1);
        }
}

/* The compiler's reading of a rule is the judge of ours. */
/* clang-format off */
#define RULES(DO) \
    DO(english, 2, n != 1) \
    DO(hindi, 2, (n > 1)) \
    DO(japanese, 1, 0) \
    DO(polish, 3, n == 1 ? 0 \
                  : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2) \
    DO(slovenian, 4, n % 100 == 1 ? 0 : n % 100 == 2 ? 1 : n % 100 == 3 || n % 100 == 4 ? 2 : 3) \
    DO(arabic, 6, n == 0 ? 0 : n == 1 ? 1 : n == 2 ? 2 \
                  : n % 100 >= 3 && n % 100 <= 10 ? 3 : n % 100 >= 11 ? 4 : 5) \
    DO(sums, 6, (n + 7 - 3) * 2 / 3 % 5) \
    DO(negated, 2, !(n < 5 || n > 9))
/* clang-format on */
#define FUNCTION(name, forms, rule)                                                                \
    static uint64_t name(uint64_t n)                                                               \
    {                                                                                              \
        (void)n;                                                                                   \
        return rule;                                                                               \
    }
RULES(FUNCTION)
#define ROW(name, forms, rule) {name, "nplurals=" #forms "; plural=" #rule ";\n"},

static void plural_rules_mean_what_they_mean_in_c(void **state)
{
    (void)state;
    static const struct {
        uint64_t (*judge)(uint64_t);
        const char *text;
    } rows[] = {RULES(ROW)};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct gh_plural p;
        struct gh_err err = {0};
        if (gh_plural_parse(rows[i].text, &p, &err) < 0)
            fail_msg("%s: %s", rows[i].text, err.msg);
        for (uint64_t n = 0; n < 1200; n++)
            if (gh_plural_of(&p, n) != rows[i].judge(n))
                fail_msg("%s of %u: %u", rows[i].text, (unsigned)n, gh_plural_of(&p, n));
    }
}

static void bad_plural_rules_are_refused_and_odd_ones_safe(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "nplurals=2",
                                      "nplurals=0; plural=0;",
                                      "nplurals=7; plural=0;",
                                      "nplurals=2; plural=;",
                                      "nplurals=2; plural=n n;",
                                      "nplurals=2; plural=(n;",
                                      "nplurals=2; plural=n ? 1;",
                                      "nplurals=2; plural=n >;",
                                      "nplurals=2; plural=m;",
                                      "nplurals=99999999999; plural=0;",
                                      "nplurals=2; plural=1; rm"};
    struct gh_plural p = {.forms = 3};
    for (size_t i = 0; i < GH_LEN(bad); i++)
        assert_int_equal(gh_plural_parse(bad[i], &p, NULL), -GH_INPUT);
    assert_int_equal(p.forms, 3);
    GH_AUTO_STR deep = {0};
    gh_str_puts(&deep, "nplurals=2; plural=");
    for (int i = 0; i < 100000; i++)
        gh_str_puts(&deep, i % 2 ? "(" : "!");
    assert_true(gh_plural_parse(deep.data, &p, NULL) < 0);
    assert_int_equal(gh_plural_parse("nplurals=2; plural=n/0 + n%0", &p, NULL), 0);
    assert_int_equal(gh_plural_of(&p, 9), 0);
    assert_int_equal(gh_plural_parse("nplurals=2; plural=n", &p, NULL), 0);
    assert_int_equal(gh_plural_of(&p, 9), 0); /* no form of that number */
}

static void every_language_that_is_built_in_is_whole(void **state)
{
    (void)state;
    size_t n = 1; /* English */
    for (const struct gh_words_built *b = gh_words_built; b->language; b++, n++) {
        struct gh_mo mo;
        struct gh_err err = {0};
        if (gh_mo_open(b->mo, b->n, &mo, &err) < 0)
            fail_msg("%s: %s", b->language, err.msg);
        assert_string_equal(gh_words_language(gh_words_of(b->language)), b->language);
        assert_ptr_equal(gh_words_at(n), gh_words_of(b->language));
    }
    assert_null(gh_words_at(n));
    assert_true(n >= 3);
}

static void a_language_is_chosen_by_its_code(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"bn", "bn"}, {"bn-IN", "bn"}, {"hi_IN.UTF-8", "hi"}, {"en", "en"}, {"xx", "en"},
        {"", "en"},   {"b", "en"},     {"bnx", "en"},         {"-", "en"},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++)
        assert_string_equal(gh_words_language(gh_words_of(rows[i][0])), rows[i][1]);
    const struct gh_words *bn = gh_words_of("bn"), *en = gh_words_of("en");
    assert_string_equal(gh_word(bn, "month", "May"), "মে");
    assert_string_equal(gh_word(en, "month", "May"), "May");
    assert_string_equal(gh_word(bn, NULL, "no such text"), "no such text");
    assert_string_equal(gh_word_n(gh_words_of("hi"), "duration", "%s hour", "%s hours", 1),
                        "%s घंटा");
    assert_string_equal(gh_word_n(gh_words_of("hi"), "duration", "%s hour", "%s hours", 2),
                        "%s घंटे");
    assert_string_equal(gh_word_n(en, "duration", "%s hour", "%s hours", 1), "%s hour");
    assert_string_equal(gh_word_n(en, "duration", "%s hour", "%s hours", 0), "%s hours");
    assert_string_equal(gh_word_n(bn, NULL, "no such", "no suches", 2), "no suches");
}

static void *ask(void *language)
{
    return (void *)gh_word(gh_words_of(language), "day", "today");
}

static void threads_may_ask_at_once(void **state)
{
    (void)state;
    static const char *const codes[] = {"bn", "hi", "en", "bn"};
    static const char *const words[] = {"আজ", "आज", "today", "আজ"};
    pthread_t t[GH_LEN(codes)];
    for (size_t i = 0; i < GH_LEN(codes); i++)
        assert_int_equal(pthread_create(&t[i], NULL, ask, (void *)codes[i]), 0);
    for (size_t i = 0; i < GH_LEN(codes); i++) {
        void *text = NULL;
        assert_int_equal(pthread_join(t[i], &text), 0);
        assert_string_equal(text, words[i]);
    }
}

static void patterns_take_their_arguments_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *want;
    } rows[] = {
        {"%s, %s", "a, b"},
        {"%2$s, %1$s", "b, a"},
        {"%s%s%s|", "ab|"},

        {"100 %% of %s", "100 % of a"},
        {"%d %n %", "%d %n %"},
        {"%9$s|%0$s", "|%0$s"},
        {"", ""},
        {"%1$s%1$s", "aa"},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        GH_AUTO_STR s = {0};
        GH_FILL(&s, rows[i].pattern, "a", "b");
        assert_string_equal(gh_str_text(&s), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_may_ask_at_once), /* first: nobody has opened anything yet */
        cmocka_unit_test(texts_are_found_by_context_and_number),
        cmocka_unit_test(what_does_not_hold_together_is_refused),
        cmocka_unit_test(a_damaged_catalogue_is_refused_or_harmless),
        cmocka_unit_test(plural_rules_mean_what_they_mean_in_c),
        cmocka_unit_test(bad_plural_rules_are_refused_and_odd_ones_safe),
        cmocka_unit_test(every_language_that_is_built_in_is_whole),
        cmocka_unit_test(a_language_is_chosen_by_its_code),
        cmocka_unit_test(patterns_take_their_arguments_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
