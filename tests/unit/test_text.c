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
    DECODES("Cre\xcc\x81mieux", "Cr\xc3\xa9mieux");                              /* e + acute */
    DECODES("\xe0\xa6\x95\xe0\xa7\x87\xe0\xa6\xbe", "\xe0\xa6\x95\xe0\xa7\x8b"); /* ka + e + aa → ka + o */
    DECODES("\xe0\xa7\x9c", "\xe0\xa6\xa1\xe0\xa6\xbc"); /* rra is decomposed in NFC: a composition exclusion */
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
    assert_int_equal(gh_text_length(DURGA), 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),    cmocka_unit_test(test_utf16),   cmocka_unit_test(test_nfc),
        cmocka_unit_test(test_western), cmocka_unit_test(test_no_text), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
