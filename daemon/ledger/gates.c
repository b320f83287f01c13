/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What holds publication back: the freeze, one setting for everything; and embargoes, a time of the
 * wall clock for a submission. Both are looked at in the commit that comes before the first name in
 * the outbox; that no embargo ends early by a wrong clock is the publisher's duty.
 */
#include "daemon/ledger/db.h"
#include "daemon/ledger/restored.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

/* --------------------------------------------------------------------------------------- freeze */

#define FROZEN "frozen" /* the setting: "<since> <by>\n<reason>" */

int gh_ledger_frozen(struct gh_ledger *l, struct gh_frozen *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *value = NULL;
    TRY(gh_ledger_setting(l, FROZEN, &value, err));
    if (!value)
        return 0;
    char *by;
    *ret = (struct gh_frozen){.since_ms = strtoll(value, &by, 10)};
    by += *by == ' ';
    size_t n = strcspn(by, "\n");
    GH_COPY(ret->reason, by[n] ? by + n + 1 : "");
    by[n] = '\0';
    GH_COPY(ret->by, by);
    return 1;
}

int gh_ledger_freeze(struct gh_ledger *l, const struct gh_who *who, const char *reason,
                     struct gh_err *err)
{
    struct gh_frozen is;
    GH_TX(l, err);
    if (!reason || !*reason)
        return gh_fail(err, GH_LIMIT, "a freeze needs a reason: everybody who waits will read it");
    int frozen = gh_ledger_frozen(l, &is, err);
    TRY(frozen);
    if (frozen)
        return gh_fail(err, GH_LIMIT, "all publication is frozen already, by %s: %s", is.by,
                       is.reason);
    GH_AUTO_FREE char *value =
        gh_asprintf("%" PRId64 " %s\n%s", gh_who_now(who), gh_who_actor(who), reason);
    TRY(gh_ledger_set_setting(l, FROZEN, value, err));
    TRY(gh_audit(l, who, 0, "ghat", 0, "freeze", err, "%s", reason));
    return gh_tx_commit(&tx, err);
}

/* Whoever thaws what was restored says that the outbox may be what this ledger says. */
static int thaw_restored(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_restored is;
    char text[80];
    int restored = gh_ledger_restored(l, &is, err);
    if (restored <= 0 || is.phase != GH_RESTORED_FROZEN)
        return restored < 0 ? restored : 0;
    is.phase = GH_RESTORED_THAWED;
    gh_restored_text(&is, text, sizeof(text));
    return gh_ledger_set_setting(l, GH_RESTORED_KEY, text, err);
}

int gh_ledger_thaw(struct gh_ledger *l, const struct gh_who *who, struct gh_err *err)
{
    GH_TX(l, err);
    int n = gh_db_run(l, err, "DELETE FROM meta WHERE key = ?", "t", FROZEN);
    TRY(n);
    if (n == 0)
        return gh_fail(err, GH_LIMIT, "nothing is frozen");
    TRY(thaw_restored(l, err));
    TRY(gh_audit(l, who, 0, "ghat", 0, "thaw", err, "%s", ""));
    return gh_tx_commit(&tx, err);
}

/* -------------------------------------------------------------------------------------- embargo */

int gh_gates_open(struct gh_ledger *l, const struct gh_who *who, int64_t submission, bool approval,
                  struct gh_err *err)
{
    struct gh_frozen is;
    int64_t until = 0;
    int frozen = gh_ledger_frozen(l, &is, err);
    TRY(frozen);
    if (frozen)
        return gh_fail(err, GH_LIMIT, "all publication is frozen, by %s: %s", is.by, is.reason);
    TRY(gh_db_int(l, &until, err, "SELECT embargo_ms FROM submission WHERE id = ?", "i",
                  submission));
    if (!approval || until <= gh_who_now(who))
        return 0;
    char text[GH_TIME_ISO];
    gh_time_iso(until, text, sizeof(text));
    return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is under embargo until %s", submission,
                   text);
}

int gh_gates_inside(struct gh_ledger *l, int64_t submission, const char *doing, struct gh_err *err)
{
    int64_t n = 0;
    enum gh_sub_state state;
    TRY(gh_sub_state(l, submission, &state, err));
    if (state == GH_SUB_DUPLICATE)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " is a duplicate; mean the first one",
                       submission);
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM rendition WHERE submission = ? AND (publishing_ms > 0"
                  " OR state IN ('publishing','published','collected'))",
                  "i", submission));
    if (n)
        return gh_fail(err, GH_LIMIT,
                       "%s submission %" PRId64
                       " cannot change: something of it is out, or was (ghat withdraw takes it"
                       " back, ghat replaces corrects it)",
                       doing, submission);
    return 0;
}

int gh_ledger_embargo(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                      int64_t until_ms, struct gh_err *err)
{
    char text[GH_TIME_ISO] = "lifted";
    GH_TX(l, err);
    TRY(gh_gates_inside(l, submission, "the embargo of", err));
    if (until_ms) {
        gh_time_iso(until_ms, text, sizeof(text));
        if (until_ms <= gh_who_now(who) || !*text)
            return gh_fail(err, GH_LIMIT, "an embargo ends in the future; %s is over",
                           *text ? text : "that time");
    }
    TRY(gh_db_run(l, err, "UPDATE submission SET embargo_ms = ? WHERE id = ?", "ii", until_ms,
                  submission));
    TRY(gh_audit(l, who, submission, "submission", submission, "embargo", err, "%s", text));
    return gh_tx_commit(&tx, err);
}
