/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mark of a ledger that was restored, and what each step of its way means for its rows. */
#include "daemon/ledger/restored.h"

#include "daemon/ledger/choices.h"
#include "daemon/ledger/db.h"
#include "daemon/ledger/event_int.h"
#include "daemon/ledger/gates.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

static const char *const phases[] = {
    [GH_RESTORED_NEW] = "new", [GH_RESTORED_FROZEN] = "frozen", [GH_RESTORED_THAWED] = "thawed"};

void gh_restored_text(const struct gh_restored *r, char *ret, size_t size)
{
    gh_format(ret, size, "%s %" PRId64 " %" PRId64 " %s", phases[r->phase], r->made_ms, r->at_ms,
              r->whole ? "whole" : "ledger");
}

/* A mark that makes no sense is one: to be careful costs a thaw. */
int gh_ledger_restored(struct gh_ledger *l, struct gh_restored *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    TRY(gh_ledger_setting(l, GH_RESTORED_KEY, &text, err));
    if (!text)
        return 0;
    *ret = (struct gh_restored){.phase = GH_RESTORED_NEW};
    size_t n = strcspn(text, " ");
    for (size_t i = 0; i < GH_LEN(phases); i++)
        if (strlen(phases[i]) == n && !strncmp(text, phases[i], n))
            ret->phase = (enum gh_restored_phase)i;
    char *at = text + n;
    ret->made_ms = strtoll(at, &at, 10);
    ret->at_ms = strtoll(at, &at, 10);
    ret->whole = !strcmp(at, " whole");
    return 1;
}

/* ------------------------------------------------------------------------------- the first start
 */

static int freeze(struct gh_ledger *l, const struct gh_who *who, const struct gh_restored *r,
                  struct gh_err *err)
{
    char when[GH_TIME_ISO];
    struct gh_frozen is;
    gh_time_iso(r->made_ms, when, sizeof(when));
    int frozen = gh_ledger_frozen(l, &is, err);
    if (frozen > 0) /* it was frozen when the backup was made: both reasons hold */
        TRY(gh_ledger_thaw(l, who, err));
    TRY(frozen);
    GH_AUTO_FREE char *reason =
        gh_asprintf("restored from backup of %s%s%s", when, frozen ? "; frozen before: " : "",
                    frozen ? is.reason : "");
    return gh_ledger_freeze(l, who, reason, err);
}

/* What was to be told then was told since, or is over. */
static int drop_notices(struct gh_ledger *l, const struct gh_who *who, const struct gh_restored *r,
                        struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE alarm SET fired_ms = ? WHERE fired_ms = 0 AND at_ms < ?"
                  " AND kind <> 'close'",
                  "ii", gh_who_now(who), r->at_ms));
    TRY(gh_event_tell_late(l, who, r->at_ms, err));
    TRY(gh_db_exec(l, "UPDATE notice SET state = 'dropped' WHERE state = 'new'", err));
    return gh_db_run(l, err,
                     "UPDATE letter SET state = 'dropped', error = ?, ended_ms = ?, lease_ms = 0"
                     " WHERE state IN ('waiting','sending','failed')",
                     "ti", "of before a backup was restored", gh_who_now(who));
}

int gh_ledger_restored_begin(struct gh_ledger *l, const struct gh_who *who,
                             const struct gh_restored *restored, struct gh_err *err)
{
    struct gh_restored next = *restored;
    char text[80], when[GH_TIME_ISO];
    const struct gh_who once = gh_who_at_once(who);
    GH_TX(l, err);
    int letters = drop_notices(l, &once, restored, err);
    TRY(letters);
    TRY(gh_db_exec(l,
                   "DELETE FROM session; DELETE FROM invite;"
                   "DELETE FROM meta WHERE key IN ('displays','feeds')",
                   err));
    if (restored->whole)
        TRY(gh_db_exec(l, "DELETE FROM meta WHERE key LIKE 'folder.%'", err));
    TRY(freeze(l, &once, restored, err));
    next.phase = GH_RESTORED_FROZEN;
    gh_restored_text(&next, text, sizeof(text));
    TRY(gh_ledger_set_setting(l, GH_RESTORED_KEY, text, err));
    gh_time_iso(restored->made_ms, when, sizeof(when));
    TRY(gh_audit(l, &once, 0, "ghat", 0, "restored", err,
                 "%s, from the backup of %s; %d letters dropped, nobody is logged in",
                 restored->whole ? "ledger and files" : "the ledger alone", when, letters));
    return gh_tx_commit(&tx, err);
}

/* ------------------------------------------------------------------------------------ the thaw */

int gh_ledger_restored_end(struct gh_ledger *l, const struct gh_who *who, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    GH_TX(l, err);
    int n = gh_db_run(l, err,
                      "UPDATE submission SET manifest = manifest + 1 WHERE outbox_day <> ''"
                      " AND (retired & ?) = 0 AND manifest = manifest_done",
                      "i", (int64_t)GH_KEPT_OUTBOX);
    TRY(n);
    TRY(gh_db_run(l, err, "DELETE FROM meta WHERE key = ?", "t", GH_RESTORED_KEY));
    TRY(gh_audit(l, &once, 0, "ghat", 0, "restored", err,
                 "the outbox of %d submissions is written again", n));
    return gh_tx_commit(&tx, err);
}

/* ------------------------------------------------------------------------- what must be there */

int gh_ledger_named(struct gh_ledger *l, gh_named_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT f.sha256, s.id, 'original' FROM file f JOIN submission s"
                    " ON s.id = f.submission WHERE f.sha256 IS NOT NULL AND f.work <> 'none'"
                    " AND (s.retired & ?1) = 0"
                    " UNION SELECT r.sha256, s.id, 'output' FROM rendition r JOIN submission s"
                    " ON s.id = r.submission WHERE r.sha256 <> '' AND"
                    " (r.state IN ('staged','held','approved','publishing')"
                    " OR (r.state IN ('published','collected') AND (s.retired & ?2) = 0))"
                    " ORDER BY 2, 1",
                    "ii", (int64_t)GH_KEPT_ORIGINALS, (int64_t)GH_KEPT_OUTBOX));
    while ((r = gh_db_step(&s, err)) > 0)
        if (!fn(gh_col_text(&s, 0), gh_col_i64(&s, 1), gh_col_text(&s, 2), arg))
            return 0;
    return r;
}
