/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat.conf: any text gives a configuration or problems that name a line. */
#include "base/config.h"
#include "base/str.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GH_AUTO_FREE char *text = gh_strndup((const char *)data, size);
    struct gh_conf conf;
    struct gh_problems problems = {0};
    gh_conf_parse(text, "ghat.conf", &conf, &problems);
    for (size_t i = 0; i < problems.n; i++)
        if (!gh_starts(problems.list[i], "ghat.conf:"))
            __builtin_trap();
    gh_problems_free(&problems);
    gh_conf_free(&conf);
    return 0;
}
