/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing strings, memory, UTF-8, and the values people write. Small allocations abort the process
 * when there is no memory: a crash loses nothing, because the ledger is made for it. */
#ifndef GH_BASE_STR_H
#define GH_BASE_STR_H

#include "base/cleanup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/** A growing byte string. Zero-initialise, release with gh_str_free. */
struct gh_str {
    char *data; /* NULL, or NUL-terminated */
    size_t len, cap;
};
void gh_str_free(struct gh_str *s);
void gh_str_add(struct gh_str *s, const void *bytes, size_t n);
void gh_str_puts(struct gh_str *s, const char *text);
void gh_str_printf(struct gh_str *s, const char *fmt, ...) GH_PRINTF(2, 3);
/** The text, never NULL. */
const char *gh_str_text(const struct gh_str *s);
#define GH_AUTO_STR GH_AUTO(gh_str_free) struct gh_str

/* Memory, or abort(); the caller releases it with free(). */
/** Zeroed. */
void *gh_alloc(size_t n);
void *gh_realloc(void *p, size_t n);
char *gh_strdup(const char *text);
char *gh_strndup(const char *text, size_t n);
char *gh_asprintf(const char *fmt, ...) GH_PRINTF(1, 2);
char *gh_vasprintf(const char *fmt, va_list ap) GH_PRINTF(1, 0);

/*
 * Texts in buffers of a fixed size. What does not fit is cut, always on a character: a text that is
 * UTF-8 stays UTF-8. sizes are in bytes and at least 1, results always end with a NUL.
 */

/** Bytes of text when it is cut to at most max: for "%.*s" and the like. */
size_t gh_utf8_cut(const char *text, size_t max);
/** Copy into dst, and fill the rest with NUL. Returns false when it was cut. */
bool gh_copy(char *dst, size_t size, const char *src);
#define GH_COPY(array, src) gh_copy(array, sizeof(array), src)
/** As snprintf, for every text that may hold more than ASCII. Returns the bytes kept, below size.
 * ret must not be among the arguments. */
size_t gh_format(char *ret, size_t size, const char *fmt, ...) GH_PRINTF(3, 4);
size_t gh_vformat(char *ret, size_t size, const char *fmt, va_list ap) GH_PRINTF(3, 0);
#define GH_FORMAT(array, ...) gh_format(array, sizeof(array), __VA_ARGS__)

/** NULL, no text, equals NULL only. */
bool gh_streq(const char *a, const char *b);
bool gh_starts(const char *text, const char *prefix);
bool gh_ends(const char *text, const char *suffix);
/** Take white space off both ends, in place. Returns the first character that is kept. */
char *gh_strip(char *text);

/** Length of the well-formed UTF-8 character at s (1..4), or 0 when it is malformed or n is 0. */
size_t gh_utf8_char(const char *s, size_t n);
bool gh_utf8_valid(const char *s, size_t n);
/**
 * A dropped name as it may be shown or logged: malformed bytes become U+FFFD, control characters
 * and those that change the direction of text become visible (<U+202E>), so that a name is one line
 * and cannot look like another. Appends to out.
 */
void gh_str_display(struct gh_str *out, const char *bytes, size_t n);
/** An unsigned decimal number of at most max, and nothing after it. */
GH_MUST_USE bool gh_parse_u64(const char *text, uint64_t max, uint64_t *ret);
/** "3s" "500ms" "2m" "4h" "7d" (a bare number is seconds) → milliseconds. */
GH_MUST_USE bool gh_parse_duration(const char *text, uint64_t *ret_ms);
/** "4000000" "250M" "2G" (K, M, G: powers of 1000; Ki, Mi, Gi: of 1024) → bytes. */
GH_MUST_USE bool gh_parse_size(const char *text, uint64_t *ret_bytes);
/** A name for paths that leave Ghat: [a-z0-9-], Bengali and Devanagari transliterated, never empty.
 * ret: size bytes. */
void gh_slug(const char *name, char *ret, size_t size);

#endif
