/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat sweep: ghatd does now what it does once an hour, and deletes what was kept long enough. */
#include "ctl/client.h"
#include "ctl/options.h"

#include <stdio.h>

int gh_cmd_sweep(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = gh_options(argc, argv, NULL, 0);
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (gh_ask(ctl, json_pack("{s:s}", "request", "sweep"), &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_decref(answer);
    printf("the sweep has begun\n");
    return GH_EXIT_OK;
}
