/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/count.h"

/* What twitter-text and Telegram would count; the sources are in base/count.h. */
static const struct {
    const char *text;
    uint64_t codepoints, utf16, x;
} rows[] = {
    {"", 0, 0, 0},
    {"Opening", 7, 7, 7},
    {"উদ্বোধন", 7, 7, 7},                  /* vowel signs and virama count, each one */
    {"ক্ষ", 3, 3, 3},                      /* a conjunct is three characters */
    {"নগরপাল ভবন\nআজ ১০টায়", 20, 20, 20}, /* a line end is one; NFC takes য় apart */
    {"café", 4, 4, 4},
    {"cafe\u0301", 4, 4, 4}, /* composed first */
    {"हिन्दी", 6, 6, 6},
    {"日本", 2, 2, 4},
    {"“quoted” – …", 12, 12, 13}, /* U+2026 is in none of the ranges */
    {"😀", 1, 2, 2},
    {"👍🏽", 2, 4, 2},                   /* with a skin */
    {"👩‍👩‍👧‍👦", 7, 11, 2}, /* a family of four, joined */
    {"🇮🇳", 2, 4, 2},                         /* a flag */
    {"🇮🇳🇧🇩", 4, 8, 4},
    {"1️⃣", 3, 3, 2}, /* a key cap */
    {"❤️", 2, 2, 2},
    {"a😀b😀", 4, 6, 6},
    {"https://kmc.gov.in/a/very/long/path?with=more&of=it#end", 55, 55, 23},
    {"http://t.co", 11, 11, 23},
    {"see kmc.gov.in.", 15, 15, 4 + 23 + 1},
    {"(https://example.org/a)", 23, 23, 1 + 23 + 1},
    {"দেখুন https://example.org/পাম্প", 31, 31, 6 + 23 + 5}, /* the path ends with ASCII */
    {"https://a.example https://b.example", 35, 35, 23 + 1 + 23},
    {"mail a@example.org", 18, 18, 18}, /* an address is no link */
    {"3.14 and e.g. this", 18, 18, 18},
    {"https://", 8, 8, 8},
    {"www.example.org/?q=1, then", 26, 26, 23 + 6},
    {"\xff\xfe", 2, 2, 4},
};

static void texts_are_as_long_as_platforms_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        const uint64_t got[] = {gh_count_text(rows[i].text, GH_COUNT_CODEPOINT),
                                gh_count_text(rows[i].text, GH_COUNT_UTF16),
                                gh_count_text(rows[i].text, GH_COUNT_X)};
        if (got[0] != rows[i].codepoints || got[1] != rows[i].utf16 || got[2] != rows[i].x)
            fail_msg("%s: %d %d %d", rows[i].text, (int)got[0], (int)got[1], (int)got[2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_as_long_as_platforms_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
