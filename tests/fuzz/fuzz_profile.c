/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: any text is a profile or a problem with file and line. */
#include "base/str.h"
#include "daemon/plan/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gh_profile profile;
    struct gh_err err;
    GH_AUTO_FREE char *text = gh_strndup((const char *)data, size);
    if (gh_profile_parse(text, "x.profile", &profile, &err) < 0 && !gh_starts(err.msg, "x.profile"))
        __builtin_trap();
    return 0;
}
