/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing strings and the few text rules everybody needs. Small allocations abort when memory is out. */
#ifndef GH_BASE_STR_H
#define GH_BASE_STR_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

/** A growing byte string; zero-initialise it, release with gh_str_free. data is NULL or NUL-terminated. */
struct gh_str {
    char *data;
    size_t len, cap;
};
void gh_str_free(struct gh_str *s);
void gh_str_add(struct gh_str *s, const void *bytes, size_t n);
void gh_str_puts(struct gh_str *s, const char *text);
void gh_str_printf(struct gh_str *s, const char *fmt, ...) GH_PRINTF(2, 3);
/** The text, never NULL. */
const char *gh_str_text(const struct gh_str *s);
#define GH_AUTO_STR GH_AUTO(gh_str_free) struct gh_str

/* Allocation that aborts; the caller frees with free(). */
void *gh_alloc(size_t n); /* zeroed */
void *gh_realloc(void *p, size_t n);
char *gh_strdup(const char *text);
char *gh_strndup(const char *text, size_t n);
char *gh_asprintf(const char *fmt, ...) GH_PRINTF(1, 2);

/** Copy with truncation at a whole UTF-8 character; always terminates. Returns false if it had to cut. */
bool gh_copy(char *dst, size_t size, const char *src);
#define GH_COPY(array, src) gh_copy(array, sizeof(array), src)

bool gh_streq(const char *a, const char *b);
bool gh_starts(const char *text, const char *prefix);
bool gh_ends(const char *text, const char *suffix);
/** White space off both ends, in place; returns the first kept character. */
char *gh_strip(char *text);

/** Length of the well-formed UTF-8 character at s (1..4), or 0 when it is malformed or n is 0. */
size_t gh_utf8_char(const char *s, size_t n);
bool gh_utf8_valid(const char *s, size_t n);
/**
 * A dropped name as it may be shown or logged: malformed bytes become U+FFFD, control and bidi-override
 * characters become visible (<U+202E>), so that one name is one line. Appends to out.
 */
void gh_str_display(struct gh_str *out, const char *bytes, size_t n);
/** Parse a whole unsigned decimal number, at most max. */
GH_MUST_USE bool gh_parse_u64(const char *text, uint64_t max, uint64_t *ret);
/** "3s" "500ms" "2m" "4h" "7d" (a bare number is seconds) → milliseconds. */
GH_MUST_USE bool gh_parse_duration(const char *text, uint64_t *ret_ms);
/** "4000000" "250M" "2G" (K, M, G: powers of 1000; Ki, Mi, Gi: of 1024) → bytes. */
GH_MUST_USE bool gh_parse_size(const char *text, uint64_t *ret_bytes);
/** ASCII slug of a name for paths that leave Ghat: [a-z0-9-], Bengali and Devanagari transliterated; never empty. */
void gh_slug(const char *name, char *ret, size_t size);

#endif
