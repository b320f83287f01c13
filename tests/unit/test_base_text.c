/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captions in the encodings people's editors write, NFC, and what is no text. */
#include "tests/unit/test.h"

#include "base/text.h"

#include <string.h>

#define DURGA "দুর্গা পূজা ২০২৬ — ছবি"

static void decodes(const char *bytes, size_t n, const char *want)
{
    struct gh_err err = {0};
    char *text = NULL;
    OK(gh_text_decode(bytes, n, &text, &err));
    assert_string_equal(text, want);
    char *again = NULL; /* what came out is what would come out of it */
    OK(gh_text_decode(text, strlen(text), &again, &err));
    assert_string_equal(again, text);
    free(text);
    free(again);
}
#define DECODES(literal, want) decodes(literal, sizeof(literal) - 1, want)

/* ASCII and BMP text of a UTF-8 string in UTF-16. */
static size_t utf16(const char *text, bool big, bool mark, char *ret)
{
    size_t n = 0;
    uint32_t c;
    for (const unsigned char *u = (const unsigned char *)text; mark || *u;) {
        if (mark) {
            c = 0xfeff;
            mark = false;
        } else if (*u < 0x80) {
            c = *u++;
        } else if (*u < 0xe0) {
            c = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
            u += 2;
        } else {
            c = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
            u += 3;
        }
        ret[n++] = (char)(big ? c >> 8 : c);
        ret[n++] = (char)(big ? c : c >> 8);
    }
    return n;
}

static void test_utf8(void **state)
{
    (void)state;
    DECODES("Hello", "Hello");
    DECODES(DURGA "\n", DURGA "\n");
    DECODES("\xef\xbb\xbf" DURGA, DURGA);
    DECODES("one\r\ntwo\rthree\n", "one\ntwo\nthree\n");
    DECODES("", "");
    DECODES(" \r\n\t", "");
    DECODES("\xef\xbb\xbf\xef\xbb\xbfx", "x");
    DECODES("a\xe2\x80\x8d"
            "b",
            "a\xe2\x80\x8d"
            "b"); /* joiners matter in Bengali */
}

static void test_utf16(void **state)
{
    (void)state;
    char buf[400];
    for (int big = 0; big < 2; big++)
        for (int mark = 0; mark < 2; mark++)
            decodes(buf, utf16(DURGA "\r\nline", big, mark, buf), DURGA "\nline");
    DECODES("\xff\xfe\x3d\xd8\x4f\xde", "\xf0\x9f\x99\x8f"); /* a surrogate pair: folded hands */
    DECODES("\xfe\xff\xfe\xff\0a", "a");
}

static void test_nfc(void **state)
{
    (void)state;
    DECODES("Cre\xcc\x81mieux", "Cr\xc3\xa9mieux"); /* e + acute */
    /* ka + e + aa → ka + o */
    DECODES("\xe0\xa6\x95\xe0\xa7\x87\xe0\xa6\xbe", "\xe0\xa6\x95\xe0\xa7\x8b");
    /* rra is decomposed in NFC: a composition exclusion */
    DECODES("\xe0\xa7\x9c", "\xe0\xa6\xa1\xe0\xa6\xbc");
}

static void test_western(void **state)
{
    (void)state;
    DECODES("caf\xe9 \x93quoted\x94 \x80 5", "café “quoted” € 5");
}

static void refused(const char *bytes, size_t n, enum gh_class cls)
{
    struct gh_err err = {0};
    char *text = NULL;
    FAILS(cls, gh_text_decode(bytes, n, &text, &err));
    assert_null(text);
}
#define REFUSED(literal) refused(literal, sizeof(literal) - 1, GH_INPUT)

static void test_no_text(void **state)
{
    (void)state;
    REFUSED("\xff\xfe"
            "a"); /* half a character */
    REFUSED("\xff\xfe\x00\xdc"
            "a\0"); /* a low surrogate alone */
    REFUSED("\xff\xfe\x3d\xd8"
            "a\0");                      /* a high one alone */
    REFUSED("a\0b\0\0c");                /* zeros on both sides */
    REFUSED("\xff\xd8\xff\xe0\x81\x8d"); /* a JPEG's head */
    REFUSED("\xff\xfe\0\0a\0");          /* a NUL in the text */
    char *big = gh_alloc(GH_TEXT_FILE_MAX + 1);
    memset(big, 'a', GH_TEXT_FILE_MAX + 1);
    refused(big, GH_TEXT_FILE_MAX + 1, GH_LIMIT);
    free(big);
}

/* A caption may not clear the approver's screen, nor turn the direction of what follows it. */
static void test_controls(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\x1b[2J\x1b[Hb", "a[2J[Hb"},
        {"one\ttab\nline", "one\ttab\nline"},
        {"\x01\x07\x08\x0b\x0c\x0e\x1f\x7fx", "x"},
        {"\xc2\x80\xc2\x9b"
         "31m\xc2\x9fx",
         "31mx"},
        {"\xc2\xa0x", "\xc2\xa0x"}, /* a no-break space is no control */
        {"a\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f"
         "b",
         "ab"},
        {"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae"
         "c",
         "c"},
        {"\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9"
         "d",
         "d"},
        /* both joiners stay, also where what they join is Bengali */
        {"\xe0\xa6\xb0\xe2\x80\x8d\xe0\xa7\x8d\xe0\xa6\xaf\xe2\x80\x8c",
         "\xe0\xa6\xb0\xe2\x80\x8d\xe0\xa7\x8d\xe0\xa6\xaf\xe2\x80\x8c"},
        {"\xe2\x80\xa8\xe2\x81\xa5", "\xe2\x80\xa8\xe2\x81\xa5"},
        {"e\xe2\x80\xae\xcc\x81", "\xc3\xa9"}, /* NFC of what is left */
        {DURGA, DURGA},
        {"\x1b\xe2\x80\xae", ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        decodes(cases[i].in, strlen(cases[i].in), cases[i].out);
        assert_true(gh_text_is_clean(cases[i].out, strlen(cases[i].out)));
        GH_AUTO_FREE char *text = gh_strdup(cases[i].in);
        bool clean = gh_text_is_clean(text, strlen(text));
        gh_text_clean(text);
        assert_int_equal(clean, gh_streq(text, cases[i].in));
        assert_true(gh_text_is_clean(text, strlen(text)));
    }
    assert_false(gh_text_is_clean("a\xff", 2));
}

static void test_alts(void **state)
{
    (void)state;
    static const struct {
        const char *in, *text, *alts;
    } cases[] = {
        {"caption", "caption", ""},
        {"caption\nAlt: a tank\n", "caption", "a tank\n"},
        {"Alt: a tank", "", "a tank\n"},
        {"one\n\nALT TEXT :  x \t\ntwo\n", "one\n\ntwo", "x\n"},
        {"one\nবিকল্প লেখা: জলাধার\nবিকল্প লেখাঃ রাস্তা\n", "one", "জলাধার\nরাস্তা\n"},
        {"Altitude: 9 m\nalt x\n", "Altitude: 9 m\nalt x\n", ""},
        {"see alt: x\n", "see alt: x\n", ""},
        {"a\nalt:\n", "a", "\n"},
        {"", "", ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR alts = {0};
        GH_AUTO_FREE char *text = gh_strdup(cases[i].in);
        gh_text_take_alts(text, &alts);
        assert_string_equal(text, cases[i].text);
        assert_string_equal(gh_str_text(&alts), cases[i].alts);
    }
}

static void test_names(void **state)
{
    (void)state;
    char *a = gh_text_fold("IMG_É", strlen("IMG_É")), *b = gh_text_fold("img_e\xcc\x81", 7);
    assert_string_equal(a, b);
    free(a);
    free(b);
    a = gh_text_fold("\xff\xfe.jpg", 6); /* malformed: as it is */
    assert_string_equal(a, "\xff\xfe.jpg");
    free(a);
    assert_null(gh_text_nfc("\xff", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),     cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_nfc),      cmocka_unit_test(test_western),
        cmocka_unit_test(test_no_text),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_controls), cmocka_unit_test(test_alts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
