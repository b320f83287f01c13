/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A subset of RFC 5321: dot-atoms on both sides of one @. */
#include "base/address.h"

#include <stddef.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Parts of the allowed characters with single dots between them. */
static bool is_dotted(const char *text, size_t n, const char *allowed)
{
    for (size_t i = 0; i < n; i++) {
        bool dot = text[i] == '.';
        if (dot && (i == 0 || i + 1 == n || text[i - 1] == '.'))
            return false;
        if (!dot && !strchr(allowed, text[i]))
            return false;
    }
    return n > 0;
}

bool gh_address_is_plain(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;
    if (!at || strlen(text) > GH_ADDRESS_MAX || text[0] == '-' || at[1] == '-')
        return false;
    return is_dotted(text, (size_t)(at - text), LETTERS "!#$%&'*+-/=?^_`{|}~") &&
           is_dotted(at + 1, strlen(at + 1), LETTERS "-");
}
