/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat --version: the first line is for programs, the others for reports of what is wrong. */
#include "ctl/ctl.h"
#include "ctl/print.h"

#include "base/config.h"
#include "base/hash.h"
#include "daemon/engine/nursery.h"
#include "daemon/engine/paths.h"
#include "daemon/ledger/ledger.h"

#include <stdio.h>

void gh_print_version(const struct gh_ctl *ctl)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO_STR said = {0};
    struct gh_err err = {0};
    printf("ghat %s\nlibraries: %s, jansson %s, SQLite %s\n", GH_VERSION, gh_hash_library(),
           jansson_version_str(), gh_ledger_library());
    fflush(stdout);
    if (gh_conf_load(ctl->conf_path, &conf, NULL, &err) < 0)
        gh_conf_default(&conf);
    GH_AUTO_FREE char *worker = gh_find_worker(conf.worker);
    bool holds = gh_worker_selftest(worker, conf.seccomp_only, &said, &err) == 0;
    gh_print_line(stdout, "sandbox: %s",
                  !holds              ? err.msg
                  : conf.seccomp_only ? "holds, without Landlock"
                                      : "holds");
}
