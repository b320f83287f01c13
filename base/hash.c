/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcrypto's EVP interface, and zlib's CRC-32. Class: GH_SYSTEM when a file cannot be read; a
 * library that fails to hash memory is a bug and aborts. */
#include "base/hash.h"

#include "base/alive.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define SHA_BYTES 32
#define CHUNK (256 * 1024) /* bytes read at once */

struct gh_hash {
    EVP_MD_CTX *md;
};

static void must(int ok)
{
    if (!ok)
        abort();
}

struct gh_hash *gh_hash_new(void)
{
    struct gh_hash *h = malloc(sizeof(*h));
    must(h != NULL);
    h->md = EVP_MD_CTX_new();
    must(h->md != NULL);
    must(EVP_DigestInit_ex(h->md, EVP_sha256(), NULL));
    return h;
}

void gh_hash_free(struct gh_hash **h)
{
    if (!*h)
        return;
    EVP_MD_CTX_free((*h)->md);
    free(*h);
    *h = NULL;
}

void gh_hash_add(struct gh_hash *h, const void *bytes, size_t n)
{
    must(EVP_DigestUpdate(h->md, bytes, n));
    gh_alive();
}

void gh_hash_hex(struct gh_hash *h, char ret_hex[GH_SHA_HEX])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    must(EVP_DigestFinal_ex(h->md, sum, &n) && n == SHA_BYTES);
    for (unsigned i = 0; i < n; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", sum[i]);
}

void gh_hash_hmac(const void *key, size_t key_len, const void *bytes, size_t n,
                  char ret_hex[GH_SHA_HEX])
{
    unsigned char mac[SHA_BYTES];
    must(HMAC(EVP_sha256(), key, (int)key_len, bytes, n, mac, NULL) != NULL);
    for (size_t i = 0; i < SHA_BYTES; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", mac[i]);
}

void gh_hash_mem(const void *bytes, size_t n, char ret_hex[GH_SHA_HEX])
{
    struct gh_hash *h = gh_hash_new();
    gh_hash_add(h, bytes, n);
    gh_hash_hex(h, ret_hex);
    gh_hash_free(&h);
}

static int hash_all(int fd, char ret_hex[GH_SHA_HEX], uint32_t *ret_crc, uint64_t *ret_size,
                    struct gh_err *err)
{
    GH_AUTO_FREE char *buf = malloc(CHUNK);
    GH_AUTO(gh_hash_free) struct gh_hash *h = gh_hash_new();
    must(buf != NULL);
    uLong crc = crc32(0, NULL, 0);
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, buf, CHUNK, at);
        if (n < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot read the file to hash it");
        if (n == 0)
            break;
        gh_hash_add(h, buf, (size_t)n);
        if (ret_crc)
            crc = crc32_z(crc, (const unsigned char *)buf, (size_t)n);
        at += n;
    }
    gh_hash_hex(h, ret_hex);
    if (ret_crc)
        *ret_crc = (uint32_t)crc;
    if (ret_size)
        *ret_size = (uint64_t)at;
    return 0;
}

int gh_hash_fd(int fd, char ret_hex[GH_SHA_HEX], uint64_t *ret_size, struct gh_err *err)
{
    return hash_all(fd, ret_hex, NULL, ret_size, err);
}

int gh_hash_fd_crc(int fd, char ret_hex[GH_SHA_HEX], uint32_t *ret_crc, uint64_t *ret_size,
                   struct gh_err *err)
{
    return hash_all(fd, ret_hex, ret_crc, ret_size, err);
}

uint32_t gh_crc_mem(const void *bytes, size_t n)
{
    return (uint32_t)crc32_z(crc32(0, NULL, 0), bytes, n);
}

const char *gh_hash_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
