/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding by byte order mark, then by what the bytes can be; NFC and case folding are libutf8proc's. */
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
        return gh_fail(err, GH_INPUT, "the text is cut off in the middle of a character: save it again");
    for (size_t i = 0; i < n; i += 2) {
        uint32_t c = big ? (uint32_t)u[i] << 8 | u[i + 1] : (uint32_t)u[i + 1] << 8 | u[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
            uint32_t low = big ? (uint32_t)u[i + 2] << 8 | u[i + 3] : (uint32_t)u[i + 3] << 8 | u[i + 2];
            if (low < 0xdc00 || low > 0xdfff)
                return gh_fail(err, GH_INPUT,
                               "the text is damaged (a broken UTF-16 character): save it again as UTF-8");
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            return gh_fail(err, GH_INPUT, "the text is damaged (a broken UTF-16 character): save it again as UTF-8");
        }
        put_char(out, c);
    }
    return 0;
}

/* UTF-16 without a mark: text in any script of ours has blanks, line ends or ASCII signs, whose high byte is 0. */
static int utf16_by_zeros(const uint8_t *u, size_t n)
{
    size_t even = 0, odd = 0;
    for (size_t i = 0; i < n; i++)
        if (!u[i])
            *(i % 2 ? &odd : &even) += 1;
    if (n % 2 || even + odd == 0 || (even && odd))
        return -1;
    return even > 0; /* 1: big endian */
}

static int from_cp1252(const uint8_t *u, size_t n, struct gh_str *out, struct gh_err *err)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t c = u[i] >= 0x80 && u[i] < 0xa0 ? cp1252[u[i] - 0x80] : u[i];
        if (!c)
            return gh_fail(err, GH_INPUT, "this is no text: save the caption as a text file in UTF-8");
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

int gh_text_decode(const char *bytes, size_t n, char **ret, struct gh_err *err)
{
    if (n > GH_TEXT_FILE_MAX)
        return gh_fail(err, GH_LIMIT, "the text is too long (%zu bytes; at most %d)", n, GH_TEXT_FILE_MAX);
    GH_AUTO_STR s = {0};
    TRY(decode((const uint8_t *)bytes, n, &s, err));
    if (s.len && memchr(s.data, 0, s.len))
        return gh_fail(err, GH_INPUT, "this is no text: save the caption as a text file in UTF-8");
    unify_line_ends(&s);
    size_t marks = 0; /* byte order marks, however many were put in front */
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

static char *map(const char *text, size_t n, utf8proc_option_t options)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &out, options);
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

size_t gh_text_length(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}
