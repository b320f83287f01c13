/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of libutf8proc; its grapheme clusters tell where an emoji made of several ends. */
#include "base/count.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#define LINK_LENGTH 23 /* of every link on X, once it is wrapped (transformedURLLength) */
#define REPLACEMENT 0xFFFD

const char *gh_count_name(enum gh_count how)
{
    static const char *const names[] = {
        [GH_COUNT_CODEPOINT] = "codepoint", [GH_COUNT_UTF16] = "utf16", [GH_COUNT_X] = "x"};
    return (unsigned)how < GH_LEN(names) ? names[how] : "?";
}

/* The character at text, and how many bytes it has; one byte that is no UTF-8 is U+FFFD. */
static size_t next_char(const char *text, utf8proc_int32_t *ret)
{
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)strlen(text), ret);
    if (n > 0)
        return (size_t)n;
    *ret = REPLACEMENT;
    return 1;
}

/* ---------------------------------------------------------------------------------------- links */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The bytes of a host name such as example.org: labels of letters, digits and hyphens, the last of
 * two letters or more. 0: none. Which last labels exist, only X's list knows. */
static size_t host_length(const char *text)
{
    size_t n = 0, last = 0, dots = 0;
    bool letters = true;
    for (; is_word(text[n]) || text[n] == '-' || (text[n] == '.' && is_word(text[n + 1])); n++) {
        if (text[n] == '.') {
            dots++;
            last = n + 1;
            letters = true;
        } else {
            letters = letters && !(text[n] >= '0' && text[n] <= '9') && text[n] != '-';
        }
    }
    return dots && letters && n - last >= 2 && text[0] != '-' ? n : 0;
}

/* The bytes of a link that begins here, before what ends a sentence; 0: none does. */
static size_t link_length(const char *text, char before)
{
    size_t n = gh_starts(text, "https://") ? 8 : gh_starts(text, "http://") ? 7 : 0;
    if (is_word(before) || (before && strchr("@$#_-./", before)))
        return 0;
    size_t host = host_length(text + n);
    if (!host)
        return 0;
    n += host;
    if (!text[n] || !strchr("/?#:", text[n]))
        return n;
    while (text[n] > ' ' && text[n] < 0x7f && !strchr("<>\"{}|\\^`", text[n]))
        n++;
    while (strchr(".,;:!?')]", text[n - 1]))
        n--;
    return n;
}

/* ---------------------------------------------------------------------------------------- weights
 */

/* The four ranges that weigh one; everything else weighs two (config/v3.json). */
static uint64_t weight_of(utf8proc_int32_t c)
{
    return c <= 0x10FF || (c >= 0x2000 && c <= 0x200D) || (c >= 0x2010 && c <= 0x201F) ||
                   (c >= 0x2032 && c <= 0x2037)
               ? 1
               : 2;
}

static bool is_emoji(utf8proc_int32_t c)
{
    int of = utf8proc_get_property(c)->boundclass;
    return of == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
           of == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR;
}

/* One cluster, what a person takes for a character; *ret_weight: what it counts. An emoji counts
 * once, with all that joins it: skin, hair, family, flag, key cap. */
static size_t cluster_length(const char *text, uint64_t *ret_weight)
{
    utf8proc_int32_t first, c, state = 0;
    size_t n = next_char(text, &first);
    uint64_t weight = weight_of(first);
    bool emoji = is_emoji(first);
    for (utf8proc_int32_t last = first; text[n];) {
        size_t more = next_char(text + n, &c);
        if (utf8proc_grapheme_break_stateful(last, c, &state))
            break;
        emoji |= c == 0x20E3;
        weight += weight_of(c);
        n += more;
        last = c;
    }
    *ret_weight = emoji ? 2 : weight;
    return n;
}

static uint64_t count_x(const char *text)
{
    uint64_t sum = 0, weight;
    char before = 0;
    for (size_t n; *text; text += n) {
        n = link_length(text, before);
        weight = LINK_LENGTH;
        if (!n)
            n = cluster_length(text, &weight);
        sum += weight;
        before = text[n - 1];
    }
    return sum;
}

uint64_t gh_count_text(const char *text, enum gh_count how)
{
    GH_AUTO_FREE char *nfc = gh_text_nfc(text, strlen(text));
    uint64_t sum = 0;
    const char *c = nfc ? nfc : text;
    if (how == GH_COUNT_X)
        return count_x(c);
    while (*c) {
        utf8proc_int32_t character;
        c += next_char(c, &character);
        sum += how == GH_COUNT_UTF16 && character > 0xFFFF ? 2 : 1;
    }
    return sum;
}
