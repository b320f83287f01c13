/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of Word documents: what a reader sees and no more, and documents that want too much. */
#include "tests/unit/test.h"

#include "base/text.h"
#include "pipeline/document/docx.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define FILE_BYTES (4u << 20)

static void add_part(struct archive *a, const char *name, const char *text, size_t n)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)n);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, text, n), n);
    archive_entry_free(e);
}

/* A document whose part of this name is n bytes of text. Returns its bytes, to be freed. */
static char *pack(const char *name, const char *text, size_t n, size_t *ret_n)
{
    char *bytes = gh_alloc(FILE_BYTES);
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, bytes, FILE_BYTES, ret_n), ARCHIVE_OK);
    add_part(a, "[Content_Types].xml", "<Types/>", 8);
    add_part(a, "word/footnotes.xml", "<notes/>", 8);
    add_part(a, name, text, n);
    add_part(a, "word/media/image1.png", "png", 3);
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return bytes;
}

static int read_part(const char *name, const char *text, size_t n, struct gh_text *ret,
                     struct gh_err *err)
{
    size_t size;
    GH_AUTO_FREE char *bytes = pack(name, text, n, &size);
    return gh_docx_read(bytes, size, ret, err);
}

#define W "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define BODY(ns, inner)                                                                            \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"" ns                          \
    "\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>" inner   \
    "</w:body></w:document>"
#define P(inner) "<w:p><w:r>" inner "</w:r></w:p>"

static void what_is_seen_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *text;
    } cases[] = {
        {BODY(W, P("<w:t>One</w:t>") P("<w:t xml:space=\"preserve\">Two </w:t><w:t>&lt;3</w:t>")),
         "One\nTwo <3"},
        {BODY(STRICT, P("<w:t>strict</w:t>")), "strict"},
        {BODY("urn:other", P("<w:t>other</w:t>")), ""},
        {BODY(W, P("<w:t>রাস্তা র‍্য</w:t>") "<w:p/>" P(
                     "<w:t>২০২৬</w:t>") "<w:p/>"),
         "রাস্তা র‍্য\n\n২০২৬"},
        {BODY(W, P("<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/>"
                   "<w:t>d</w:t>")),
         "a\tb\nc\xe2\x80\x91"
         "d"},
        {BODY(W, "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>x</w:t>"
                 "</w:r></w:p>"),
         "x"},
        /* what was deleted, moved away or hidden is not there */
        {BODY(W, "<w:p><w:del><w:r><w:t>gone</w:t><w:delText>gone</w:delText></w:r></w:del>"
                 "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>new</w:t>"
                 "</w:r></w:ins></w:p>"),
         "new"},
        {BODY(W, "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t><w:br/></w:r><w:r><w:rPr>"
                 "<w:vanish w:val=\"false\"/></w:rPr><w:t>seen</w:t></w:r></w:p>"),
         "seen"},
        {BODY(W, "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>seen</w:t></w:r></w:p>"),
         "seen"},
        {BODY(W, P("<w:instrText>DATE</w:instrText><w:fldChar/><w:t>field</w:t>")), "field"},
        /* a text box is there twice */
        {BODY(W, P("<mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>"
                   "box</w:t></mc:Fallback></mc:AlternateContent>")),
         "box"},
        /* as in every caption, nothing acts on a screen */
        {BODY(W, P("<w:t>a&#x202E;b&#x9B;c&#x7f;</w:t>")), "abc"},
        {BODY(W, P("<w:t>  </w:t>") P("<w:t>x  </w:t>") P("<w:t>  y</w:t>") P("<w:t> </w:t>")),
         "x\n  y"},
        {BODY(W, ""), ""},
        {BODY(W, "outside<w:p>of a text</w:p>"), ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_text got;
        struct gh_err err = {0};
        OK(read_part("word/document.xml", cases[i].xml, strlen(cases[i].xml), &got, &err));
        assert_string_equal(got.text, cases[i].text);
        OK(gh_text_check(&got, &err));
    }
    struct gh_text got;
    struct gh_err err = {0};
    const char *xml = cases[0].xml;
    OK(read_part("word/document2.xml", xml, strlen(xml), &got, &err));
    assert_string_equal(got.text, cases[0].text);
}

static void refused(const char *bytes, size_t n, enum gh_class cls, const char *why)
{
    struct gh_text got;
    struct gh_err err = {0};
    FAILS(cls, gh_docx_read(bytes, n, &got, &err));
    assert_non_null(strstr(err.msg, why));
}

static void refused_body(const char *xml, size_t n, enum gh_class cls, const char *why)
{
    size_t size;
    GH_AUTO_FREE char *bytes = pack("word/document.xml", xml, n, &size);
    refused(bytes, size, cls, why);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char xml[] = BODY(W, P("<w:t>x</w:t>"));
    refused("", 0, GH_INPUT, "no document of Word");
    refused("hello, world", 12, GH_INPUT, "no document of Word");
    refused("PK\3\4", 4, GH_INPUT, "damaged");
    refused("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, GH_INPUT, "has a password, or is an old one");
    size_t n;
    GH_AUTO_FREE char *odt = pack("content.xml", xml, sizeof(xml) - 1, &n);
    refused(odt, n, GH_INPUT, "no text of Word");
    refused_body(xml, sizeof(xml) - 10, GH_INPUT, "damaged");
    refused_body("", 0, GH_INPUT, "damaged");
    static const char bomb[] =
        "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>" BODY(
            W, P("<w:t>&b;</w:t>"));
    refused_body(bomb, sizeof(bomb) - 1, GH_INPUT, "declares");
    static const char outside[] =
        "<!DOCTYPE d SYSTEM \"file:///etc/passwd\">" BODY(W, P("<w:t>x</w:t>"));
    refused_body(outside, sizeof(outside) - 1, GH_INPUT, "declares");
}

static void what_wants_too_much_is_refused(void **state)
{
    (void)state;
    GH_AUTO_STR deep = {0}, large = {0}, wordy = {0};
    for (int i = 0; i < 10000; i++)
        gh_str_puts(&deep, "<a>");
    refused_body(deep.data, deep.len, GH_LIMIT, "nested");
    gh_str_puts(&large, "<a>");
    while (large.len < 8u << 20)
        gh_str_puts(&large, "                                                                ");
    gh_str_puts(&large, "</a>");
    refused_body(large.data, large.len, GH_LIMIT, "unpacks to too much");
    gh_str_puts(&wordy, "<w:document xmlns:w=\"" W "\">");
    for (int i = 0; i < 3300; i++)
        gh_str_puts(&wordy, P("<w:t>ten bytes.</w:t>"));
    gh_str_puts(&wordy, "</w:document>");
    refused_body(wordy.data, wordy.len, GH_LIMIT, "too long");
}

/* No byte that is changed and no end that is missing leads outside of it, or to a text that is not
 * clean. */
static void damage_is_survived(void **state)
{
    (void)state;
    static const char xml[] = BODY(W, P("<w:t>One &amp; two</w:t><w:br/><w:t>রাস্তা</w:t>"));
    size_t n;
    GH_AUTO_FREE char *bytes = pack("word/document.xml", xml, sizeof(xml) - 1, &n);
    for (size_t i = 0; i < n; i++) {
        struct gh_text got;
        struct gh_err err = {0};
        char *cut = malloc(i ? i : 1), *bent = malloc(n);
        memcpy(cut, bytes, i);
        memcpy(bent, bytes, n);
        bent[i] ^= (char)(1 << i % 8);
        if (gh_docx_read(cut, i, &got, &err) == 0)
            OK(gh_text_check(&got, &err));
        if (gh_docx_read(bent, n, &got, &err) == 0)
            OK(gh_text_check(&got, &err));
        free(cut);
        free(bent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen_is_read),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(what_wants_too_much_is_refused),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
