/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256, by libcrypto, which uses the SHA instructions of the processor; CRC-32, as in ZIP, by
 * zlib. */
#ifndef GH_BASE_HASH_H
#define GH_BASE_HASH_H

#include "base/err.h"

#include <stdint.h>

#define GH_SHA_HEX 65 /* 64 hex digits and a NUL */

/* A digest in the making. */
struct gh_hash;
/** Never NULL. */
struct gh_hash *gh_hash_new(void);
void gh_hash_free(struct gh_hash **h);
void gh_hash_add(struct gh_hash *h, const void *bytes, size_t n);
/** Finish. Afterwards h can only be freed. */
void gh_hash_hex(struct gh_hash *h, char ret_hex[GH_SHA_HEX]);

/** Digest of n bytes of memory. */
void gh_hash_mem(const void *bytes, size_t n, char ret_hex[GH_SHA_HEX]);
/** HMAC (RFC 2104) of n bytes with a key of key_len bytes, by SHA-256. */
void gh_hash_hmac(const void *key, size_t key_len, const void *bytes, size_t n,
                  char ret_hex[GH_SHA_HEX]);
/** Digest of a whole file from offset 0; the offset of fd does not move. ret_size: its bytes; may
 * be NULL. */
GH_MUST_USE int gh_hash_fd(int fd, char ret_hex[GH_SHA_HEX], uint64_t *ret_size,
                           struct gh_err *err);
/** The same, and the CRC-32 of it, in one reading. */
GH_MUST_USE int gh_hash_fd_crc(int fd, char ret_hex[GH_SHA_HEX], uint32_t *ret_crc,
                               uint64_t *ret_size, struct gh_err *err);
/** CRC-32 of n bytes of memory. */
uint32_t gh_crc_mem(const void *bytes, size_t n);

/** "OpenSSL 3.0.17 1 Jul 2025": what computes the hashes. Borrowed. */
const char *gh_hash_library(void);

#endif
