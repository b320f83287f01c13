/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters are those of ASCII, and all bytes above it but those of dashes, quotes, dandas and
 * blanks: signs of vowels belong to their word. */
#include "daemon/event/tokens.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>

static const char *const endings[] = {"", "ে", "ের", "য়", "র", "বেলা", "বেলায়", "বেলার", "বেলাতে"};

enum sort { SORT_BLANK, SORT_DIGIT, SORT_LETTER, SORT_NONE };

/* Of the character at s, which has *ret_n bytes. */
static enum sort sort_of(const char *s, size_t *ret_n)
{
    static const char *const joiners[] = {"\xe2\x80\x8c", "\xe2\x80\x8d"};
    static const char *const blanks[] = {"\xc2\xa0", "।", "॥"};
    unsigned char c = (unsigned char)*s;
    *ret_n = 1;
    if (c >= '0' && c <= '9')
        return SORT_DIGIT;
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? SORT_LETTER : SORT_BLANK;
    for (size_t i = 0; i < GH_LEN(joiners); i++)
        if (gh_starts(s, joiners[i])) {
            *ret_n = strlen(joiners[i]);
            return SORT_NONE;
        }
    for (size_t i = 0; i < GH_LEN(blanks); i++)
        if (gh_starts(s, blanks[i])) {
            *ret_n = strlen(blanks[i]);
            return SORT_BLANK;
        }
    if (gh_starts(s, "\xe2\x80") && s[2]) { /* dashes, quotes */
        *ret_n = 3;
        return SORT_BLANK;
    }
    return SORT_LETTER;
}

char *gh_tokens_of(const char *text)
{
    char *tokens = gh_alloc(2 * strlen(text) + 3), *to = tokens;
    enum sort last = SORT_BLANK;
    size_t n, letters = 0;
    *to++ = ' ';
    for (const char *s = text; *s; s += n) {
        enum sort sort = sort_of(s, &n);
        if (sort == SORT_NONE || (*s == '.' && letters == 1)) /* "p.m." */
            continue;
        if (sort != last && to[-1] != ' ')
            *to++ = ' ';
        letters = sort == SORT_LETTER ? (last == SORT_LETTER ? letters + 1 : 1) : 0;
        last = sort;
        if (sort != SORT_BLANK)
            *to++ = *s;
    }
    if (to[-1] != ' ')
        *to++ = ' ';
    *to = 0;
    return tokens;
}

bool gh_token_is(const char *token, size_t n, const char *word)
{
    GH_AUTO_FREE char *w = gh_text_fold(word, strlen(word));
    size_t len = strlen(w);
    if (n < len || memcmp(token, w, len) != 0)
        return false;
    if (n == len || !((unsigned char)*w & 0x80))
        return n == len;
    for (size_t i = 0; i < GH_LEN(endings); i++) {
        GH_AUTO_FREE char *end = gh_text_fold(endings[i], strlen(endings[i]));
        if (n - len == strlen(end) && !memcmp(token + len, end, n - len))
            return true;
    }
    return false;
}

const char *gh_tokens_next(const char *tokens, size_t *at, size_t *ret_n)
{
    const char *s = tokens + *at;
    s += strspn(s, " ");
    *ret_n = strcspn(s, " ");
    *at = (size_t)(s - tokens) + *ret_n;
    return *ret_n ? s : NULL;
}

bool gh_tokens_have(const char *tokens, const char *word)
{
    size_t at = 0, n;
    if (strchr(word, ' ')) {
        GH_AUTO_FREE char *folded = gh_text_fold(word, strlen(word));
        GH_AUTO_FREE char *padded = gh_asprintf(" %s ", folded);
        return strstr(tokens, padded) != NULL;
    }
    for (const char *t; (t = gh_tokens_next(tokens, &at, &n));)
        if (gh_token_is(t, n, word))
            return true;
    return false;
}
