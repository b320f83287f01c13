/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing strings, the values people write, UTF-8 by hand where libutf8proc is more than is needed.
 */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

void *gh_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        abort();
    return p;
}

void *gh_realloc(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    if (!q)
        abort();
    return q;
}

char *gh_strndup(const char *text, size_t n)
{
    char *copy = gh_alloc(n + 1);
    memcpy(copy, text, n);
    return copy;
}

char *gh_strdup(const char *text)
{
    return gh_strndup(text, strlen(text));
}

char *gh_vasprintf(const char *fmt, va_list ap)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, ap) < 0)
        abort();
    return text;
}

char *gh_asprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = gh_vasprintf(fmt, ap);
    va_end(ap);
    return text;
}

void gh_str_free(struct gh_str *s)
{
    free(s->data);
    *s = (struct gh_str){0};
}

static void reserve(struct gh_str *s, size_t more)
{
    if (s->len + more + 1 <= s->cap)
        return;
    size_t cap = GH_MAX(s->cap * 2, s->len + more + 1);
    s->cap = GH_MAX(cap, (size_t)64);
    s->data = gh_realloc(s->data, s->cap);
}

void gh_str_add(struct gh_str *s, const void *bytes, size_t n)
{
    reserve(s, n);
    if (n)
        memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = 0;
}

void gh_str_puts(struct gh_str *s, const char *text)
{
    gh_str_add(s, text, strlen(text));
}

void gh_str_printf(struct gh_str *s, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    reserve(s, (size_t)n);
    vsnprintf(s->data + s->len, (size_t)n + 1, fmt, again);
    va_end(again);
    s->len += (size_t)n;
}

const char *gh_str_text(const struct gh_str *s)
{
    return s->data ? s->data : "";
}

size_t gh_utf8_char(const char *s, size_t n)
{
    const unsigned char *u = (const unsigned char *)s;
    if (n == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    /* over-long forms, surrogates, and what lies beyond U+10FFFF */
    if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
        (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
        return 0;
    return len;
}

bool gh_utf8_valid(const char *s, size_t n)
{
    while (n) {
        size_t c = gh_utf8_char(s, n);
        if (!c)
            return false;
        s += c;
        n -= c;
    }
    return true;
}

/* s holds one well-formed character of len bytes. */
static uint32_t code_point(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    static const unsigned char mask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = u[0] & mask[len];
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (u[i] & 0x3f);
    return c;
}

/* Control characters, and those that reorder text on the screen. */
static bool invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void gh_str_display(struct gh_str *out, const char *bytes, size_t n)
{
    while (n) {
        size_t len = gh_utf8_char(bytes, n);
        if (!len) {
            gh_str_puts(out, "\xef\xbf\xbd");
            len = 1;
        } else {
            uint32_t c = code_point(bytes, len);
            if (invisible(c))
                gh_str_printf(out, "<U+%04X>", c);
            else
                gh_str_add(out, bytes, len);
        }
        bytes += len;
        n -= len;
    }
}

/* Bytes of s[0..n) without a character at its end of which only the first bytes are there. */
static size_t whole_chars(const char *s, size_t n)
{
    for (size_t tail = 1; tail <= 3 && tail <= n; tail++) {
        unsigned char c = (unsigned char)s[n - tail];
        if ((c & 0xc0) == 0x80)
            continue;
        size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
        return len > tail ? n - tail : n;
    }
    return n;
}

size_t gh_utf8_cut(const char *text, size_t max)
{
    size_t n = strnlen(text, max + 1);
    return n > max ? whole_chars(text, max) : n;
}

bool gh_copy(char *dst, size_t size, const char *src)
{
    size_t keep = gh_utf8_cut(src, size - 1);
    bool whole = !src[keep];
    memcpy(dst, src, keep);
    memset(dst + keep, 0, size - keep); /* whole array, so that structures compare with memcmp */
    return whole;
}

size_t gh_vformat(char *ret, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(ret, size, fmt, ap);
    size_t kept = n < 0 ? 0 : (size_t)n;
    if (kept >= size)
        kept = whole_chars(ret, size - 1);
    ret[kept] = 0;
    return kept;
}

size_t gh_format(char *ret, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = gh_vformat(ret, size, fmt, ap);
    va_end(ap);
    return n;
}

bool gh_streq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool gh_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool gh_ends(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

char *gh_strip(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strlen(text);
    while (n && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text;
}

bool gh_parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
    if (!isdigit((unsigned char)*text))
        return false;
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*end || errno || v > max)
        return false;
    *ret = v;
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* A decimal number, with a fraction or without, and one of the units; "" is a unit, too. */
static bool parse_with_unit(const char *text, const struct unit *units, size_t n, uint64_t *ret)
{
    if (!isdigit((unsigned char)*text))
        return false;
    char *end;
    double v = strtod(text, &end);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < n; i++) {
        if (!gh_streq(end, units[i].name))
            continue;
        double scaled = v * (double)units[i].factor;
        if (!(scaled <= 9e18))
            return false;
        *ret = (uint64_t)(scaled + 0.5);
        return true;
    }
    return false;
}

bool gh_parse_duration(const char *text, uint64_t *ret_ms)
{
    static const struct unit units[] = {
        {"", 1000},     {"s", 1000},    {"ms", 1},       {"m", 60000},
        {"min", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    return parse_with_unit(text, units, GH_LEN(units), ret_ms);
}

bool gh_parse_size(const char *text, uint64_t *ret_bytes)
{
    static const struct unit units[] = {
        {"", 1},         {"B", 1},           {"k", 1000},          {"K", 1000},
        {"M", 1000000},  {"G", 1000000000},  {"T", 1000000000000}, {"Ki", 1024},
        {"Mi", 1048576}, {"Gi", 1073741824},
    };
    return parse_with_unit(text, units, GH_LEN(units), ret_bytes);
}
