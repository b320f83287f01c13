/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See retention.h. A folder is one submission's everywhere but in the spool, so deleting is removing a tree. */
#include "daemon/retention.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/outbox.h"
#include "daemon/stage.h"
#include "daemon/sweep.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE 16

static int remove_files(struct gh_daemon *d, enum gh_kept what, int64_t id, int64_t now_ms, struct gh_err *err)
{
    char folder[160];
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(d->ledger, id, &item, err));
    snprintf(folder, sizeof(folder), "%" PRId64, id);
    switch (what) {
    case GH_KEPT_ORIGINALS:
        gh_stage_archive_folder(id, item.sub.dropped_ms, folder, sizeof(folder));
        TRY(gh_remove_tree(d->dirs.archive, folder, err));
        for (size_t i = 0; i < item.n_files; i++) /* those that were touched lately go with the sweep */
            (void)gh_sweep_spooled(d, item.files[i].sha256, now_ms);
        return 0;
    case GH_KEPT_STAGING:
        return gh_remove_tree(d->dirs.staging, folder, err);
    case GH_KEPT_OUTBOX:
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        TRY(gh_remove_tree(d->dirs.outbox, folder, err));
        unlinkat(d->dirs.outbox, item.sub.outbox_day, AT_REMOVEDIR); /* the day, when nothing else is in it */
        return 0;
    case GH_KEPT_QUARANTINE:
        return gh_remove_tree(d->dirs.quarantine, folder, err);
    }
    return gh_fail(err, GH_BUG, "no such sort of files");
}

static int finish(struct gh_daemon *d, enum gh_kept what, const int64_t *ids, int n, int64_t now_ms, struct gh_err *err)
{
    for (int i = 0; i < n; i++)
        TRY(remove_files(d, what, ids[i], now_ms, err));
    return gh_ledger_retired(d->ledger, err);
}

void gh_retention_recover(struct gh_daemon *d)
{
    struct gh_err err = {0};
    enum gh_kept what = GH_KEPT_STAGING;
    int64_t ids[AT_ONCE];
    int n = gh_ledger_retiring(d->ledger, &what, ids, AT_ONCE, &err);
    if (n < 0 || (n > 0 && finish(d, what, ids, n, gh_now_ms(), &err) < 0))
        gh_log_err(GH_LOG_WARNING, "not-deleted", &err, "files=%s", gh_kept_name(what));
}

unsigned gh_retention_step(struct gh_daemon *d, int64_t now_ms)
{
    const struct {
        enum gh_kept what;
        uint64_t keep_ms;
    } rows[] = {
        {GH_KEPT_QUARANTINE, d->conf.keep_quarantine_ms},
        {GH_KEPT_STAGING, d->conf.keep_staging_ms},
        {GH_KEPT_OUTBOX, d->conf.keep_outbox_ms},
        {GH_KEPT_ORIGINALS, d->conf.keep_originals_ms},
    };
    struct gh_err err = {0};
    struct gh_who who = {.now_ms = now_ms};
    int64_t ids[AT_ONCE];
    for (size_t i = 0; i < GH_LEN(rows) && !*d->clock; i++) {
        if (rows[i].keep_ms == GH_FOREVER || d->stopping)
            continue;
        int64_t keep = (int64_t)rows[i].keep_ms;
        int n = gh_ledger_retirable(d->ledger, rows[i].what, now_ms - keep, 0, ids, AT_ONCE, &err);
        if (n > 0 && gh_ledger_retire(d->ledger, &who, rows[i].what, ids, (size_t)n, keep, &err) < 0)
            n = -1;
        if (n > 0 && finish(d, rows[i].what, ids, n, now_ms, &err) < 0)
            n = -1;
        if (n > 0) {
            gh_log(GH_LOG_NOTICE, "retired", "files=%s submissions=%d", gh_kept_name(rows[i].what), n);
            return (unsigned)n;
        }
        if (n < 0) {
            gh_log_err(GH_LOG_WARNING, "not-deleted", &err, "files=%s", gh_kept_name(rows[i].what));
            gh_daemon_trouble(d, &err);
            return 0;
        }
    }
    return 0;
}
