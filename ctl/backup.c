/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat backup: a checked copy of the ledger, named by date. It reads the file, so that ghatd need
 * not run; where it runs, it is not disturbed. */
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include "daemon/ledger/ledger.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static int back_up(struct gh_ctl *ctl, const char *folder, bool json, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = NULL;
    char stamp[sizeof("20261123T140509")];
    struct tm tm;
    struct stat st;
    int64_t rows = 0;
    time_t now = gh_now_ms() / 1000;
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    TRY(gh_mkdirs(AT_FDCWD, folder, 0750, err));
    GH_AUTO_FREE char *ledger = gh_asprintf("%s/ledger.db", conf.state);
    TRY(gh_ledger_open_ro(ledger, &l, err));
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", localtime_r(&now, &tm));
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger-%s.db", folder, stamp);
    TRY(gh_ledger_backup(l, path, &rows, err));
    if (stat(path, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    if (json) {
        json_t *o = json_pack("{s:s, s:I, s:I}", "path", path, "bytes", (json_int_t)st.st_size,
                              "audit_rows", (json_int_t)rows);
        gh_print_json(o);
        json_decref(o);
    } else {
        printf("%s: %.1f MB, %" PRId64 " audit rows, checked\n", path, (double)st.st_size / 1e6,
               rows);
    }
    return 0;
}

int gh_cmd_backup(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n != 1)
        return gh_ctl_usage(argv[0], "name one folder for the copy");
    return back_up(ctl, argv[1], json, &err) < 0 ? gh_ctl_fail(argv[0], &err) : GH_EXIT_OK;
}
