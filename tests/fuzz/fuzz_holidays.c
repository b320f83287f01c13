/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holiday files: whatever the bytes, what comes out is days in order, each in its one form. */
#include "pipeline/document/holidays.h"

#include "base/str.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GH_AUTO_STR out = {0};
    struct gh_err err;
    const char *before = "";
    if (size > 1 << 16 || gh_holidays_read((const char *)data, size, 1796000000, &out, &err) < 0)
        return 0;
    for (const char *at = gh_str_text(&out); *at; before = at, at += 11)
        if (strlen(at) < 11 || at[10] != '\n' || at[4] != '-' ||
            (*before && memcmp(before, at, 10) >= 0))
            __builtin_trap();
    return 0;
}
