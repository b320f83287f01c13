/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The container is read by libarchive, the body by expat, piece by piece. Bounded are the file, its
 * entries, the bytes of the body and how much larger they are than the file, the depth of elements,
 * and the text. A document type declaration ends the reading, so there are no entities but XML's
 * own five. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/document/docx.h"

#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "pipeline/document/events.h"

#include <archive.h>
#include <archive_entry.h>
#include <expat.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (32u << 20) /* bytes: with pictures in it */
#define ENTRIES_MAX 2000
#define BODY_MAX (16u << 20) /* bytes of XML */
#define BODY_FREE (1u << 20) /* so large it may be, whatever the size of the file */
#define RATIO_MAX 200        /* beyond that, so many times the size of the file */
#define DEPTH_MAX 200
#define PIECE 16384 /* bytes of XML that are parsed at once */
#define NAMESPACE_END '|'
#define ADVICE "save the caption as .txt and send that"

/* ------------------------------------------------------------------------------ words of the body
 */

enum element {
    OTHER,
    PARAGRAPH,
    RUN,
    TEXT,
    TAB,
    BREAK,
    HYPHEN,
    PROPERTIES, /* of a run */
    HIDDEN,
    SKIPPED, /* with all that is in it */
};

#define W "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define W_STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define COMPATIBLE "http://schemas.openxmlformats.org/markup-compatibility/2006"

static const struct {
    const char *name;
    enum element is;
} words[] = {
    {"p", PARAGRAPH},
    {"r", RUN},
    {"t", TEXT},
    {"tab", TAB},
    {"br", BREAK},
    {"cr", BREAK},
    {"noBreakHyphen", HYPHEN},
    {"rPr", PROPERTIES},
    {"vanish", HIDDEN},
    {"tabs", SKIPPED}, /* where tabs stop, of a paragraph */
    {"del", SKIPPED},
    {"moveFrom", SKIPPED},
};

/* name: namespace, NAMESPACE_END, local name. */
static enum element element_of(const char *name)
{
    const char *local = strrchr(name, NAMESPACE_END);
    size_t n = local ? (size_t)(local - name) : 0;
    bool word = (n == strlen(W) && !memcmp(name, W, n)) ||
                (n == strlen(W_STRICT) && !memcmp(name, W_STRICT, n));
    /* the same again, for readers that do not know a newer form of it */
    if (n == strlen(COMPATIBLE) && !memcmp(name, COMPATIBLE, n) && gh_streq(local + 1, "Fallback"))
        return SKIPPED;
    for (size_t i = 0; word && i < GH_LEN(words); i++)
        if (gh_streq(words[i].name, local + 1))
            return words[i].is;
    return OTHER;
}

/* -------------------------------------------------------------------------------------- its parser
 */

struct body {
    XML_Parser xml;
    struct gh_str text;
    unsigned depth, skip;        /* skip: depth of the element that is left out; 0: none */
    unsigned run, properties, t; /* depth of the innermost; 0: not in one */
    bool hidden;                 /* the run */
    struct gh_err why;           /* cls GH_OK: nothing is wrong */
};

static void body_free(struct body *b)
{
    if (b->xml)
        XML_ParserFree(b->xml);
    gh_str_free(&b->text);
}

static void stop(struct body *b, enum gh_class cls, const char *why)
{
    if (b->why.cls == GH_OK)
        (void)!gh_fail(&b->why, cls, "%s", why);
    XML_StopParser(b->xml, XML_FALSE);
}

static void add(struct body *b, const char *text, size_t n)
{
    if (b->skip || b->hidden)
        return;
    if (b->text.len + n > GH_DOCUMENT_TEXT_MAX) {
        stop(b, GH_LIMIT, "the text of the document is too long for a caption");
        return;
    }
    gh_str_add(&b->text, text, n);
}

static bool is_off(const char **attributes)
{
    for (size_t i = 0; attributes[i]; i += 2) {
        const char *local = strrchr(attributes[i], NAMESPACE_END), *v = attributes[i + 1];
        if (gh_streq(local ? local + 1 : attributes[i], "val"))
            return gh_streq(v, "0") || gh_streq(v, "false") || gh_streq(v, "off");
    }
    return false;
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct body *b = arg;
    if (++b->depth > DEPTH_MAX) {
        stop(b, GH_LIMIT, "the document is nested too deeply: " ADVICE);
        return;
    }
    if (b->skip)
        return;
    switch (element_of(name)) {
    case RUN:
        b->run = b->depth;
        b->hidden = false;
        break;
    case PROPERTIES:
        b->properties = b->run ? b->depth : 0;
        break;
    case HIDDEN:
        b->hidden = b->hidden || (b->properties && !is_off(attributes));
        break;
    case TEXT:
        b->t = b->depth;
        break;
    case TAB:
        if (b->run)
            add(b, "\t", 1);
        break;
    case BREAK:
        add(b, "\n", 1);
        break;
    case HYPHEN:
        add(b, "\xe2\x80\x91", 3);
        break;
    case SKIPPED:
        b->skip = b->depth;
        break;
    default:
        break;
    }
}

static void on_end(void *arg, const char *name)
{
    struct body *b = arg;
    if (b->skip == b->depth)
        b->skip = 0;
    else if (!b->skip && element_of(name) == PARAGRAPH)
        add(b, "\n", 1);
    b->t = b->t == b->depth ? 0 : b->t;
    b->properties = b->properties == b->depth ? 0 : b->properties;
    if (b->run == b->depth) {
        b->run = 0;
        b->hidden = false;
    }
    b->depth--;
}

static void on_text(void *arg, const char *text, int n)
{
    struct body *b = arg;
    if (b->t)
        add(b, text, (size_t)n);
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public, int own)
{
    (void)name, (void)system, (void)public, (void)own;
    stop(arg, GH_INPUT, "the document declares what no document of Word does: " ADVICE);
}

static int body_new(struct body *b, struct gh_err *err)
{
    b->xml = XML_ParserCreateNS(NULL, NAMESPACE_END);
    if (!b->xml)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    XML_SetUserData(b->xml, b);
    XML_SetElementHandler(b->xml, on_start, on_end);
    XML_SetCharacterDataHandler(b->xml, on_text);
    XML_SetStartDoctypeDeclHandler(b->xml, on_doctype);
    return 0;
}

static int parse(struct body *b, const char *piece, size_t n, bool last, struct gh_err *err)
{
    if (XML_Parse(b->xml, piece, (int)n, last) == XML_STATUS_OK)
        return 0;
    if (b->why.cls != GH_OK)
        return gh_fail(err, b->why.cls, "%s", b->why.msg);
    return gh_fail(err, GH_INPUT, "the document is damaged (%s): " ADVICE,
                   XML_ErrorString(XML_GetErrorCode(b->xml)));
}

/* ----------------------------------------------------------------------------------- the container
 */

static void archive_free_at(struct archive **a)
{
    if (*a)
        archive_read_free(*a);
}

static int read_body(struct archive *a, size_t file_bytes, struct body *b, struct gh_err *err)
{
    char piece[PIECE];
    uint64_t total = 0;
    for (;;) {
        la_ssize_t n = archive_read_data(a, piece, sizeof(piece));
        if (n < 0)
            return gh_fail(err, GH_INPUT, "the document is damaged, or has a password: " ADVICE);
        total += (uint64_t)n;
        if (total > BODY_MAX || (total > BODY_FREE && total / RATIO_MAX > file_bytes))
            return gh_fail(err, GH_LIMIT, "the document unpacks to too much: " ADVICE);
        TRY(parse(b, piece, (size_t)n, n == 0, err));
        if (n == 0)
            return 0;
    }
}

/* Some versions of Word number it. */
static bool is_body(const char *name)
{
    return name && (gh_streq(name, "word/document.xml") ||
                    fnmatch("word/document[0-9].xml", name, FNM_PATHNAME) == 0);
}

static int find_body(struct archive *a, struct gh_err *err)
{
    struct archive_entry *e;
    for (unsigned i = 0; i < ENTRIES_MAX; i++) {
        int r = archive_read_next_header(a, &e);
        if (r == ARCHIVE_EOF)
            return gh_fail(err, GH_INPUT, "there is no text of Word in the document: " ADVICE);
        if (r < ARCHIVE_WARN)
            return gh_fail(err, GH_INPUT, "the document is damaged: " ADVICE);
        if (is_body(archive_entry_pathname(e)))
            return archive_entry_is_encrypted(e)
                       ? gh_fail(err, GH_INPUT, "the document has a password: " ADVICE)
                       : 0;
    }
    return gh_fail(err, GH_LIMIT, "the document holds too many parts: " ADVICE);
}

/* Lines without blanks at their ends, and none that is empty at either end of the text. */
static void tidy(const char *text, struct gh_text *ret)
{
    size_t to = 0, line = 0, keep = 0; /* where the line begins; where the last word ends */
    for (const char *c = text; *c; c++) {
        bool blank = strchr(" \t\n", *c);
        if (blank && keep == 0)
            continue;
        while (*c == '\n' && to > line && strchr(" \t", ret->text[to - 1]))
            to--;
        ret->text[to++] = *c;
        line = *c == '\n' ? to : line;
        keep = blank ? keep : to;
    }
    ret->text[keep] = 0;
}

int gh_docx_read(const void *bytes, size_t n, struct gh_text *ret, struct gh_err *err)
{
    static const uint8_t ole[] = {0xd0, 0xcf, 0x11, 0xe0};
    if (n >= sizeof(ole) && !memcmp(bytes, ole, sizeof(ole)))
        return gh_fail(err, GH_INPUT,
                       "the document has a password, or is an old one of Word: save it as .docx");
    if (n < 4 || memcmp(bytes, "PK\3\4", 4) != 0)
        return gh_fail(err, GH_INPUT, "this is no document of Word: " ADVICE);
    GH_AUTO(archive_free_at) struct archive *a = archive_read_new();
    GH_AUTO(body_free) struct body b = {0};
    if (!a || archive_read_support_format_zip_seekable(a) != ARCHIVE_OK)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    if (archive_read_open_memory(a, bytes, n) != ARCHIVE_OK)
        return gh_fail(err, GH_INPUT, "the document is damaged: " ADVICE);
    TRY(find_body(a, err));
    TRY(body_new(&b, err));
    TRY(read_body(a, n, &b, err));
    GH_AUTO_FREE char *clean = gh_strdup(gh_str_text(&b.text));
    gh_text_clean(clean);
    tidy(clean, ret);
    return 0;
}

int gh_document_read_fd(int fd, struct gh_text *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *bytes = NULL;
    struct stat st;
    size_t n = 0;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_OK, "cannot read the document");
    if (st.st_size > (off_t)FILE_MAX)
        return gh_fail(err, GH_LIMIT, "the document is larger than %u MB: " ADVICE, FILE_MAX >> 20);
    bytes = malloc((size_t)st.st_size + 1);
    if (!bytes)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    for (ssize_t r = 1; r > 0 && n < (size_t)st.st_size; n += (size_t)r) {
        r = pread(fd, bytes + n, (size_t)st.st_size - n, (off_t)n);
        if (r < 0)
            return gh_fail_errno(err, GH_OK, "cannot read the document");
    }
    return gh_is_calendar(bytes, n) ? gh_calendar_read(bytes, n, ret, err)
                                    : gh_docx_read(bytes, n, ret, err);
}
