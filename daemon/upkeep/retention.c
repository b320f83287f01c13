/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everywhere but in the spool the files of a submission lie in a folder of its own, so that
 * deleting them is removing a tree. */
#include "daemon/upkeep/retention.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/ledger/letters.h"
#include "daemon/publish/outbox.h"
#include "daemon/store/stage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE 16  /* submissions of one step */
#define LETTERS 200 /* letters of one */

static int remove_files(const struct gh_sweep_parts *p, enum gh_kept what, int64_t id,
                        int64_t now_ms, struct gh_err *err)
{
    char folder[160];
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(p->ledger, id, &item, err));
    snprintf(folder, sizeof(folder), "%" PRId64, id);
    switch (what) {
    case GH_KEPT_ORIGINALS:
        gh_stage_archive_folder(id, item.sub.dropped_ms, folder, sizeof(folder));
        TRY(gh_remove_tree(p->dirs->archive, folder, err));
        /* the sweep deletes those that are too young now */
        for (size_t i = 0; i < item.n_files; i++)
            (void)gh_sweep_spooled(p, item.files[i].sha256, now_ms);
        return 0;
    case GH_KEPT_STAGING:
        return gh_remove_tree(p->dirs->staging, folder, err);
    case GH_KEPT_OUTBOX:
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        TRY(gh_remove_tree(p->dirs->outbox, folder, err));
        /* the folder of the day, if it is empty now */
        unlinkat(p->dirs->outbox, item.sub.outbox_day, AT_REMOVEDIR);
        return 0;
    case GH_KEPT_QUARANTINE:
        return gh_remove_tree(p->dirs->quarantine, folder, err);
    }
    return gh_fail(err, GH_BUG, "no kept files of sort %d", (int)what);
}

static int delete_announced(const struct gh_sweep_parts *p, enum gh_kept what, const int64_t *ids,
                            int n, int64_t now_ms, struct gh_err *err)
{
    for (int i = 0; i < n; i++)
        TRY(remove_files(p, what, ids[i], now_ms, err));
    return gh_ledger_retired(p->ledger, err);
}

void gh_retention_recover(const struct gh_sweep_parts *p)
{
    struct gh_err err = {0};
    enum gh_kept what = GH_KEPT_STAGING;
    int64_t ids[AT_ONCE];
    int n = gh_ledger_retiring(p->ledger, &what, ids, AT_ONCE, &err);
    if (n < 0 || (n > 0 && delete_announced(p, what, ids, n, gh_now_ms(), &err) < 0))
        gh_log_err(GH_LOG_WARNING, "not-deleted", &err, "files=%s", gh_kept_name(what));
}

/* What was sent long ago is forgotten; what was not sent is not. */
static unsigned forget_letters(const struct gh_sweep_parts *p, int64_t now_ms)
{
    struct gh_err err = {0};
    uint64_t keep_ms = p->settings->conf.keep_letters_ms;
    if (keep_ms == GH_FOREVER || p->clock->doubt[0])
        return 0;
    int n = gh_ledger_forget_letters(p->ledger, now_ms - (int64_t)keep_ms, LETTERS, &err);
    if (n < 0)
        gh_log_err(GH_LOG_WARNING, "not-deleted", &err, "what=letters");
    if (n > 0)
        gh_log(GH_LOG_INFO, "letters-forgotten", "letters_and_notices=%d", n);
    return n > 0 ? (unsigned)n : 0;
}

/* The sorts of files, in the order in which a round goes through them. */
struct sort {
    enum gh_kept what;
    bool unsupported; /* only what is of no kind that is taken */
    uint64_t keep_ms;
};

/* The next submissions of that sort; *after as in gh_ledger_retirable. Returns how many lost files;
 * failures are logged. */
static int retire_some(const struct gh_sweep_parts *p, const struct sort *sort, int64_t *after,
                       int64_t now_ms)
{
    struct gh_err err = {0};
    const struct gh_who who = {.now_ms = now_ms};
    int64_t ids[AT_ONCE], keep = (int64_t)sort->keep_ms;
    int n = gh_ledger_retirable(p->ledger, sort->what, sort->unsupported, now_ms - keep, after, ids,
                                AT_ONCE, &err);
    if (n > 0 && gh_ledger_retire(p->ledger, &who, sort->what, ids, (size_t)n, keep, &err) < 0)
        n = -1;
    if (n > 0 && delete_announced(p, sort->what, ids, n, now_ms, &err) < 0)
        n = -1;
    if (n > 0)
        gh_log(GH_LOG_NOTICE, "retired", "files=%s submissions=%d", gh_kept_name(sort->what), n);
    if (n < 0)
        gh_log_err(GH_LOG_WARNING, "not-deleted", &err, "files=%s", gh_kept_name(sort->what));
    return n;
}

bool gh_retention_step(const struct gh_sweep_parts *p, struct gh_retention *round, int64_t now_ms)
{
    const struct gh_conf *conf = &p->settings->conf;
    const struct sort sorts[] = {
        {GH_KEPT_QUARANTINE, true, conf->keep_unsupported_ms},
        {GH_KEPT_ORIGINALS, true, conf->keep_unsupported_ms},
        {GH_KEPT_QUARANTINE, false, conf->keep_quarantine_ms},
        {GH_KEPT_STAGING, false, conf->keep_staging_ms},
        {GH_KEPT_OUTBOX, false, conf->keep_outbox_ms},
        {GH_KEPT_ORIGINALS, false, conf->keep_originals_ms},
    };
    if (p->clock->doubt[0])
        return false;
    while (round->sort < GH_LEN(sorts) && sorts[round->sort].keep_ms == GH_FOREVER)
        round->sort++;
    int n = round->sort < GH_LEN(sorts) ? retire_some(p, &sorts[round->sort], &round->after, now_ms)
                                        : (int)forget_letters(p, now_ms);
    if (n < 0)
        return false;
    round->gone += (unsigned)n;
    if (round->sort == GH_LEN(sorts))
        return n > 0;
    round->sort += !round->after;
    return true;
}
