/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people chose for one submission (the moment of its thumbnails, the point that crops keep),
 * and the small settings of ghatd that survive a restart: one table of keys and texts. */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <string.h>

int gh_ledger_setting(struct gh_ledger *l, const char *key, char **ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT value FROM meta WHERE key = ?", "t", key));
    int r = gh_db_step(&s, err);
    TRY(r);
    *ret = r ? gh_col_dup(&s, 0) : NULL;
    return 0;
}

int gh_ledger_set_setting(struct gh_ledger *l, const char *key, const char *value,
                          struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err,
                  "INSERT INTO meta(key, value) VALUES(?,?) ON CONFLICT(key) DO UPDATE"
                  " SET value = excluded.value",
                  "tt", key, value));
    return gh_tx_commit(&tx, err);
}

/* --------------------------------------------------------------------- choices for a submission */

/* They are settings named after it. */
#define CHOICE_KEY 40

static void choice_key(char key[CHOICE_KEY], const char *what, int64_t submission)
{
    snprintf(key, CHOICE_KEY, "%s.%" PRId64, what, submission);
}

int gh_ledger_thumb(struct gh_ledger *l, int64_t submission, int64_t *ret_us, struct gh_err *err)
{
    char key[CHOICE_KEY];
    GH_AUTO_FREE char *value = NULL;
    choice_key(key, "thumb", submission);
    TRY(gh_ledger_setting(l, key, &value, err));
    *ret_us = value ? strtoll(value, NULL, 10) : -1;
    return 0;
}

int gh_ledger_focal(struct gh_ledger *l, int64_t submission, struct gh_focal *ret,
                    struct gh_err *err)
{
    char key[CHOICE_KEY];
    GH_AUTO_FREE char *value = NULL;
    choice_key(key, "focal", submission);
    TRY(gh_ledger_setting(l, key, &value, err));
    *ret = (struct gh_focal){0};
    ret->has = value && sscanf(value, "%" SCNu32 " %" SCNu32, &ret->x, &ret->y) == 2;
    return 0;
}

int gh_ledger_asked(struct gh_ledger *l, int64_t submission, char **ret, struct gh_err *err)
{
    char key[CHOICE_KEY];
    choice_key(key, "for", submission);
    return gh_ledger_setting(l, key, ret, err);
}

int gh_ledger_ask_for(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                      const char *words, struct gh_err *err)
{
    char key[CHOICE_KEY];
    enum gh_sub_state state;
    GH_TX(l, err);
    TRY(gh_sub_state(l, submission, &state, err));
    choice_key(key, "for", submission);
    TRY(gh_ledger_set_setting(l, key, words, err));
    TRY(gh_audit(l, who, submission, "submission", submission, "for", err, "%s", words));
    return gh_tx_commit(&tx, err);
}

/* Kept and audited, and what it concerns made again: all of it, or nothing. */
static int choose(struct gh_ledger *l, const struct gh_who *who, const char *what,
                  const char *value, const struct gh_decision_req *again, unsigned *ret_changed,
                  struct gh_err *err)
{
    char key[CHOICE_KEY];
    int64_t id = again->submission;
    enum gh_sub_state state;
    GH_TX(l, err);
    TRY(gh_sub_state(l, id, &state, err));
    if (again->n_placements == 0)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " has no placement that this concerns",
                       id);
    choice_key(key, what, id);
    TRY(gh_ledger_set_setting(l, key, value, err));
    TRY(gh_audit(l, who, id, "submission", id, what, err, "%s",
                 again->reason ? again->reason : ""));
    TRY(gh_ledger_decide(l, who, again, ret_changed, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_choose_thumb(struct gh_ledger *l, const struct gh_who *who, int64_t us,
                           const struct gh_decision_req *again, unsigned *ret_changed,
                           struct gh_err *err)
{
    char value[32];
    snprintf(value, sizeof(value), "%" PRId64, us);
    return choose(l, who, "thumb", value, again, ret_changed, err);
}

int gh_ledger_choose_focal(struct gh_ledger *l, const struct gh_who *who,
                           const struct gh_focal *focal, const struct gh_decision_req *again,
                           unsigned *ret_changed, struct gh_err *err)
{
    char value[32] = "";
    if (focal->has)
        snprintf(value, sizeof(value), "%" PRIu32 " %" PRIu32, focal->x, focal->y);
    return choose(l, who, "focal", value, again, ret_changed, err);
}
