/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What secrets need: numbers nobody can guess, a keyed digest, and a comparison whose time tells
 * nothing. Secrets are hex texts. A kernel or a library that fails here is a bug and aborts. */
#ifndef GH_BASE_SECRET_H
#define GH_BASE_SECRET_H

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>

/** Random bytes as lower-case hex digits; ret_hex: 2 * bytes digits and a NUL. bytes: 64 at most.
 */
void gh_secret_draw(size_t bytes, char *ret_hex);
/** HMAC-SHA256 (RFC 2104) of a text. */
void gh_secret_mac(const char *key, const char *text, char ret_hex[GH_SHA_HEX]);
/** Are n bytes equal? Takes as long when they are not. */
bool gh_secret_same(const char *a, const char *b, size_t n);
/** Exactly n lower-case hex digits, and nothing else. */
bool gh_is_hex(const char *text, size_t n);
/** n bytes of the hex digits of text, which gh_is_hex holds for 2 * n of. */
void gh_hex_bytes(const char *text, unsigned char *ret, size_t n);

#endif
