/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captions in whatever encoding: the result is UTF-8 in NFC, and decoding it again changes nothing.
 */
#include "base/str.h"
#include "base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_err err;
    GH_AUTO_FREE char *text = NULL, *again = NULL;
    if (gh_text_decode((const char *)data, size, &text, &err) < 0)
        return 0;
    size_t n = strlen(text);
    if (!gh_utf8_valid(text, n))
        __builtin_trap();
    if (n <= GH_TEXT_FILE_MAX && gh_text_decode(text, n, &again, &err) == 0 &&
        !gh_streq(text, again))
        __builtin_trap();
    GH_AUTO_STR alts = {0};
    GH_AUTO_FREE char *rest = gh_strdup(text);
    gh_text_take_alts(rest, &alts);
    if (strlen(rest) + alts.len > n + 1 || !gh_utf8_valid(rest, strlen(rest)) ||
        !gh_utf8_valid(gh_str_text(&alts), alts.len))
        __builtin_trap();
    char slug[64];
    gh_slug(text, slug, sizeof(slug));
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, (const char *)data, size);
    if (!gh_utf8_valid(gh_str_text(&shown), shown.len))
        __builtin_trap();
    return 0;
}
