/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getrandom, libcrypto's HMAC and CRYPTO_memcmp. */
#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define DRAW_MAX 64 /* bytes: getrandom gives so many whole, or none */

static void to_hex(const unsigned char *bytes, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

void gh_secret_draw(size_t bytes, char *ret_hex)
{
    unsigned char raw[DRAW_MAX];
    if (bytes > sizeof(raw) || getrandom(raw, bytes, 0) != (ssize_t)bytes)
        abort();
    to_hex(raw, bytes, ret_hex);
    OPENSSL_cleanse(raw, sizeof(raw));
}

void gh_secret_mac(const char *key, const char *text, char ret_hex[GH_SHA_HEX])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, strlen(text), sum,
              &n) ||
        2 * n + 1 != GH_SHA_HEX)
        abort();
    to_hex(sum, n, ret_hex);
}

bool gh_secret_same(const char *a, const char *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

bool gh_is_hex(const char *text, size_t n)
{
    return strspn(text, "0123456789abcdef") == n && text[n] == 0;
}

void gh_hex_bytes(const char *text, unsigned char *ret, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        ret[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
}
