/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bengali and Devanagari are transliterated letter by letter: their Unicode blocks have the same
 * order, 0x80 apart. A consonant without a vowel sign or virama gets its inherent vowel "a", but
 * not at the end of a word, as in speech. What has no letter here becomes a dash. A slug does not
 * lead back to the name, which is in the ledger and the manifest.
 */
#include "base/str.h"

#include <string.h>

/* Indexed by the low seven bits of the code point within a block. */
static const char *const independent[0x80] = {
    [0x05] = "a",  [0x06] = "a",  [0x07] = "i", [0x08] = "i",  [0x09] = "u",
    [0x0a] = "u",  [0x0b] = "ri", [0x0f] = "e", [0x10] = "ai", [0x13] = "o",
    [0x14] = "au", [0x01] = "n",  [0x02] = "n", [0x03] = "h",  [0x4e] = "t",
    [0x66] = "0",  [0x67] = "1",  [0x68] = "2", [0x69] = "3",  [0x6a] = "4",
    [0x6b] = "5",  [0x6c] = "6",  [0x6d] = "7", [0x6e] = "8",  [0x6f] = "9",
};
static const char *const consonant[0x80] = {
    [0x15] = "k",   [0x16] = "kh", [0x17] = "g",  [0x18] = "gh", [0x19] = "ng", [0x1a] = "ch",
    [0x1b] = "chh", [0x1c] = "j",  [0x1d] = "jh", [0x1e] = "n",  [0x1f] = "t",  [0x20] = "th",
    [0x21] = "d",   [0x22] = "dh", [0x23] = "n",  [0x24] = "t",  [0x25] = "th", [0x26] = "d",
    [0x27] = "dh",  [0x28] = "n",  [0x2a] = "p",  [0x2b] = "ph", [0x2c] = "b",  [0x2d] = "bh",
    [0x2e] = "m",   [0x2f] = "y",  [0x30] = "r",  [0x32] = "l",  [0x35] = "v",  [0x36] = "sh",
    [0x37] = "sh",  [0x38] = "s",  [0x39] = "h",  [0x5c] = "r",  [0x5d] = "rh", [0x5f] = "y",
};
static const char *const vowel_sign[0x80] = {
    [0x3e] = "a", [0x3f] = "i",  [0x40] = "i", [0x41] = "u",  [0x42] = "u", [0x43] = "ri",
    [0x47] = "e", [0x48] = "ai", [0x4b] = "o", [0x4c] = "au", [0x4d] = "", /* the virama */
};

/* Of characters of up to three bytes, which all of these scripts have; others: U+FFFD. */
static uint32_t decode(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    if (len == 1)
        return u[0];
    if (len == 2)
        return (uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3f);
    if (len == 3)
        return (uint32_t)(u[0] & 0x0f) << 12 | (uint32_t)(u[1] & 0x3f) << 6 | (u[2] & 0x3f);
    return 0xfffd;
}

static bool indic(uint32_t c)
{
    return (c >= 0x0900 && c < 0x0a00);
}

/* No dash comes first or after another. */
static void add_letters(struct gh_str *out, const char *text)
{
    bool dash = gh_streq(text, "-");
    if (dash && (!out->len || out->data[out->len - 1] == '-'))
        return;
    gh_str_puts(out, text);
}

void gh_slug(const char *name, char *ret, size_t size)
{
    GH_AUTO_STR out = {0};
    bool open = false; /* the last letter was a consonant without a vowel yet */
    for (size_t n = strlen(name); n;) {
        size_t len = gh_utf8_char(name, n);
        uint32_t c = len ? decode(name, len) : 0xfffd;
        len = len ? len : 1;
        name += len;
        n -= len;
        unsigned low = c & 0x7f;
        if (indic(c) && low == 0x3c)
            continue; /* nukta: the dot below a consonant changes nothing here */
        const char *sign = indic(c) ? vowel_sign[low] : NULL;
        if (open && !sign && indic(c) && (consonant[low] || independent[low]))
            add_letters(&out, "a");
        open = false;
        if (sign) {
            add_letters(&out, sign);
        } else if (indic(c) && consonant[low]) {
            add_letters(&out, consonant[low]);
            open = true;
        } else if (indic(c) && independent[low]) {
            add_letters(&out, independent[low]);
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            add_letters(&out, (char[]){(char)c, 0});
        } else if (c >= 'A' && c <= 'Z') {
            add_letters(&out, (char[]){(char)(c - 'A' + 'a'), 0});
        } else if (c != 0x200c && c != 0x200d) { /* joiners are no letters */
            add_letters(&out, "-");
        }
    }
    while (out.len && out.data[out.len - 1] == '-')
        out.data[--out.len] = 0;
    gh_copy(ret, size, out.len ? out.data : "item");
    for (size_t n = strlen(ret); n && ret[n - 1] == '-';)
        ret[--n] = 0;
}
