/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catalogues of words, and plural rules: any bytes are refused, or every text that is found in them
 * is one of theirs. */
#include "base/str.h"
#include "base/words_int.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const asked[] = {"May", "today", "%s hour", "", "a"};
    struct gh_mo mo;
    struct gh_plural rule;
    GH_AUTO_FREE char *text = gh_strndup((const char *)data, size);
    if (gh_plural_parse(text, &rule, NULL) == 0)
        for (uint64_t n = 0; n < 200; n++)
            if (gh_plural_of(&rule, n * n) >= rule.forms)
                __builtin_trap();
    if (gh_mo_open(data, size, &mo, NULL) < 0)
        return 0;
    for (size_t i = 0; i < GH_LEN(asked) * 2; i++)
        for (uint32_t form = 0; form <= GH_PLURAL_FORMS; form++) {
            const char *found = gh_mo_find(&mo, i % 2 ? "day" : NULL, asked[i / 2], form);
            if (found && (found < (const char *)data || found >= (const char *)data + size ||
                          !gh_utf8_valid(found, strlen(found))))
                __builtin_trap();
        }
    return 0;
}
