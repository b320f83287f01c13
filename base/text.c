/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encoding follows from the byte order mark, else from which encodings the bytes can be. NFC
 * and case folding are libutf8proc's. */
#include "base/text.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

/* Windows-1252, 0x80..0x9f; the rest of the page is Latin-1. 0: not assigned. */
static const uint16_t cp1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static void put_char(struct gh_str *out, uint32_t c)
{
    utf8proc_uint8_t buf[4];
    gh_str_add(out, buf, (size_t)utf8proc_encode_char((utf8proc_int32_t)c, buf));
}

static int from_utf16(const uint8_t *u, size_t n, bool big, struct gh_str *out, struct gh_err *err)
{
    if (n % 2)
        return gh_fail(err, GH_INPUT,
                       "the text is cut off in the middle of a character: save it again");
    for (size_t i = 0; i < n; i += 2) {
        uint32_t c = big ? (uint32_t)u[i] << 8 | u[i + 1] : (uint32_t)u[i + 1] << 8 | u[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
            uint32_t low =
                big ? (uint32_t)u[i + 2] << 8 | u[i + 3] : (uint32_t)u[i + 3] << 8 | u[i + 2];
            if (low < 0xdc00 || low > 0xdfff)
                return gh_fail(
                    err, GH_INPUT,
                    "the text is damaged (a broken UTF-16 character): save it again as UTF-8");
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            return gh_fail(
                err, GH_INPUT,
                "the text is damaged (a broken UTF-16 character): save it again as UTF-8");
        }
        put_char(out, c);
    }
    return 0;
}

/* UTF-16 without a mark: a text in any script has blanks, line ends or ASCII signs, whose high byte
 * is 0. Returns 1 for big endian, 0 for little endian, -1 for neither. */
static int utf16_by_zeros(const uint8_t *u, size_t n)
{
    size_t even = 0, odd = 0;
    for (size_t i = 0; i < n; i++)
        if (!u[i])
            *(i % 2 ? &odd : &even) += 1;
    if (n % 2 || even + odd == 0 || (even && odd))
        return -1;
    return even > 0;
}

static int from_cp1252(const uint8_t *u, size_t n, struct gh_str *out, struct gh_err *err)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t c = u[i] >= 0x80 && u[i] < 0xa0 ? cp1252[u[i] - 0x80] : u[i];
        if (!c)
            return gh_fail(err, GH_INPUT,
                           "this is no text: save the caption as a text file in UTF-8");
        put_char(out, c);
    }
    return 0;
}

static int decode(const uint8_t *u, size_t n, struct gh_str *out, struct gh_err *err)
{
    if (n >= 3 && !memcmp(u, "\xef\xbb\xbf", 3))
        u += 3, n -= 3;
    else if (n >= 2 && (!memcmp(u, "\xff\xfe", 2) || !memcmp(u, "\xfe\xff", 2)))
        return from_utf16(u + 2, n - 2, u[0] == 0xfe, out, err);
    bool zeros = memchr(u, 0, n) != NULL;
    int big = zeros ? utf16_by_zeros(u, n) : -1;
    if (big >= 0)
        return from_utf16(u, n, big, out, err);
    if (!zeros && gh_utf8_valid((const char *)u, n)) {
        gh_str_add(out, u, n);
        return 0;
    }
    return from_cp1252(u, n, out, err);
}

static void unify_line_ends(struct gh_str *s)
{
    size_t to = 0;
    for (size_t i = 0; i < s->len; i++) {
        char c = s->data[i];
        if (c == '\r') {
            if (i + 1 < s->len && s->data[i + 1] == '\n')
                continue;
            c = '\n';
        }
        s->data[to++] = c;
    }
    s->len = to;
    if (s->data)
        s->data[to] = 0;
}

/* A character that acts on a screen instead of being shown there. */
static bool is_control(uint32_t c)
{
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
           c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* The character at text[0..n), and its bytes; malformed bytes count one by one as U+FFFD. */
static size_t next_char(const char *text, size_t n, uint32_t *ret)
{
    utf8proc_int32_t c = 0;
    size_t len = gh_utf8_char(text, n);
    if (len)
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &c);
    *ret = len ? (uint32_t)c : 0xfffd;
    return len ? len : 1;
}

void gh_text_clean(char *text)
{
    size_t to = 0, n = strlen(text);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t len = next_char(text + i, n - i, &c);
        if (!is_control(c)) {
            memmove(text + to, text + i, len);
            to += len;
        }
        i += len;
    }
    text[to] = 0;
}

bool gh_text_is_clean(const char *text, size_t n)
{
    if (!gh_utf8_valid(text, n))
        return false;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        i += next_char(text + i, n - i, &c);
        if (is_control(c))
            return false;
    }
    return true;
}

int gh_text_decode(const char *bytes, size_t n, char **ret, struct gh_err *err)
{
    if (n > GH_TEXT_FILE_MAX)
        return gh_fail(err, GH_LIMIT, "the text is too long (%zu bytes; at most %d)", n,
                       GH_TEXT_FILE_MAX);
    GH_AUTO_STR s = {0};
    TRY(decode((const uint8_t *)bytes, n, &s, err));
    if (s.len && memchr(s.data, 0, s.len))
        return gh_fail(err, GH_INPUT, "this is no text: save the caption as a text file in UTF-8");
    unify_line_ends(&s);
    if (s.data) {
        gh_text_clean(s.data);
        s.len = strlen(s.data);
    }
    size_t marks = 0; /* bytes of byte order marks: some editors add one at each save */
    while (s.len >= marks + 3 && !memcmp(s.data + marks, "\xef\xbb\xbf", 3))
        marks += 3;
    char *nfc = gh_text_nfc(gh_str_text(&s) + marks, s.len - marks);
    if (!nfc)
        return gh_fail(err, GH_INPUT, "the text is damaged: save it again as UTF-8");
    if (!nfc[strspn(nfc, " \t\n")])
        nfc[0] = 0;
    *ret = nfc;
    return 0;
}

static const char *const alt_words[] = {"alt", "alt text", "বিকল্প লেখা", "বিকল্প পাঠ", NULL};
static const char *const for_words[] = {"for", "যেখানে", "जहाँ", "कहाँ", NULL};

/* What the line says after one of the words and a colon, or the sign that looks like one; NULL: it
 * is no such line. */
static const char *after_word(const char *line, const char *const *words)
{
    static const char *const colons[] = {":", "ঃ", "：", "ः"};
    line += strspn(line, " \t");
    for (; *words; words++) {
        size_t n = strlen(*words);
        const char *at = strncasecmp(line, *words, n) == 0 ? line + n + strspn(line + n, " ") : "";
        for (size_t k = 0; k < GH_LEN(colons); k++)
            if (gh_starts(at, colons[k]))
                return at + strlen(colons[k]);
    }
    return NULL;
}

/* Take the lines that begin so, and of which is_one (may be NULL) says that they are meant, out of
 * text; what each says, without the blanks around it, is appended to out (may be NULL). */
static void take_lines(char *text, const char *const *words, gh_text_is_fn *is_one, void *arg,
                       struct gh_str *out, const char *end_with)
{
    char *to = text;
    bool taken = false;
    for (char *line = text, *next; *line; line = next) {
        char *end = strchrnul(line, '\n');
        next = *end ? end + 1 : end;
        GH_AUTO_FREE char *copy = gh_strndup(line, (size_t)(end - line));
        const char *said = after_word(copy, words);
        GH_AUTO_FREE char *own = said ? gh_strdup(said) : NULL;
        const char *plain = own ? gh_strip(own) : NULL;
        bool mine = plain && (!is_one || is_one(plain, arg));
        taken = taken || mine;
        if (!mine) {
            memmove(to, line, (size_t)(next - line));
            to += next - line;
        } else if (out) {
            gh_str_printf(out, "%s%s", plain, end_with);
        }
    }
    while (taken && to > text && strchr(" \t\n", to[-1]))
        to--; /* the blank lines before the last one taken */
    *to = 0;
}

void gh_text_take_alts(char *text, struct gh_str *alts)
{
    take_lines(text, alt_words, NULL, NULL, alts, "\n");
}

void gh_text_take_for(char *text, gh_text_is_fn *is_one, void *arg, struct gh_str *words)
{
    take_lines(text, for_words, is_one, arg, words, ",");
}

static char *map(const char *text, size_t n, utf8proc_option_t options)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &out, options);
    if (len == UTF8PROC_ERROR_NOMEM)
        abort();
    return len < 0 ? NULL : (char *)out;
}

char *gh_text_nfc(const char *text, size_t n)
{
    return map(text, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

char *gh_text_fold(const char *text, size_t n)
{
    char *folded = map(text, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return folded ? folded : gh_strndup(text, n);
}
