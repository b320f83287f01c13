/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions: who is logged in, by the SHA-256 of their tokens. One that is over is refused by its
 * times, whatever still lies in the table; its row goes with the next login of that person. */
#include "daemon/ledger/people_int.h"

#include <string.h>

#define SESSION                                                                                    \
    "SELECT id, person, made_ms, seen_ms, confirmed_ms, trusted, device, address FROM session"
/* ?2: the time. What is seen lags behind by what is not written at once. */
#define LIVE                                                                                       \
    " AND made_ms > ?2 - 2592000000"                                                               \
    " AND seen_ms > ?2 - CASE trusted WHEN 0 THEN 43200000 ELSE 1209600000 END - 900000"
_Static_assert(GH_SESSION_MOST_MS == 2592000000 && GH_SESSION_IDLE_MS == 43200000 &&
                   GH_SESSION_TRUSTED_MS == 1209600000 && GH_SEEN_WRITTEN_MS == 900000,
               "the statement above says the same");

int64_t gh_session_expires(const struct gh_session *s)
{
    int64_t idle = s->seen_ms + (s->trusted ? GH_SESSION_TRUSTED_MS : GH_SESSION_IDLE_MS);
    return GH_MIN(idle, s->made_ms + GH_SESSION_MOST_MS);
}

static void read_session(struct gh_stmt *s, struct gh_session *ret)
{
    *ret = (struct gh_session){
        .id = gh_col_i64(s, 0),
        .user = gh_col_i64(s, 1),
        .made_ms = gh_col_i64(s, 2),
        .seen_ms = gh_col_i64(s, 3),
        .confirmed_ms = gh_col_i64(s, 4),
        .trusted = gh_col_i64(s, 5) != 0,
    };
    GH_COPY(ret->device, gh_col_text(s, 6));
    GH_COPY(ret->address, gh_col_text(s, 7));
}

/* Those that are over, and the oldest of too many. */
static int make_room(struct gh_ledger *l, int64_t user, int64_t now, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "DELETE FROM session WHERE person = ?1 AND id NOT IN"
                  " (SELECT id FROM session WHERE person = ?1" LIVE " ORDER BY seen_ms DESC LIMIT"
                  " ?3)",
                  "iii", user, now, (int64_t)GH_SESSIONS_EACH - 1));
    return 0;
}

int gh_ledger_session_begin(struct gh_ledger *l, const struct gh_who *who,
                            const struct gh_user *user, const char *token_sha, struct gh_session *s,
                            struct gh_err *err)
{
    int64_t now = gh_who_now(who);
    GH_AUTO_STR what = {0};
    GH_TX(l, err);
    TRY(make_room(l, user->id, now, err));
    int n = gh_db_run(l, err,
                      "UPDATE person SET totp_step = ?1 WHERE id = ?2 AND locked_ms = 0"
                      " AND totp_step <= ?1",
                      "ii", user->totp_step, user->id);
    TRY(n);
    if (n == 0)
        return gh_no_such(err, "there is no such user");
    s->user = user->id;
    s->made_ms = s->seen_ms = s->confirmed_ms = now;
    TRY(gh_db_run(l, err,
                  "INSERT INTO session(person, token_sha, made_ms, seen_ms, confirmed_ms, trusted,"
                  " device, address) VALUES(?,?,?,?,?,?,?,?)",
                  "itiiiitt", user->id, token_sha, now, now, now, (int64_t)s->trusted, s->device,
                  s->address));
    s->id = gh_last_id(l);
    gh_str_printf(&what, "from %s%s", *s->address ? s->address : "an unknown address",
                  s->trusted ? ", a device of their own" : "");
    TRY(gh_audit_user(l, who, user->id, "login", user->name, gh_str_text(&what), err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_session(struct gh_ledger *l, const char *token_sha, int64_t now_ms,
                      struct gh_session *ret, struct gh_user *ret_user, struct gh_err *err)
{
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, SESSION " WHERE token_sha = ?1" LIVE, "ti", token_sha, now_ms));
        int r = gh_db_step(&s, err);
        TRY(r);
        if (!r)
            return gh_no_such(err, "the session is over");
        read_session(&s, ret);
    }
    TRY(gh_user_read(l, NULL, ret->user, now_ms, ret_user, err));
    return ret_user->locked_ms ? gh_no_such(err, "the session is over") : 0;
}

int gh_ledger_sessions(struct gh_ledger *l, int64_t user, int64_t now_ms, gh_session_fn *fn,
                       void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, SESSION " WHERE person = ?1" LIVE " ORDER BY id DESC", "ii", user,
                    now_ms));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_session one;
        read_session(&s, &one);
        if (!fn(&one, arg))
            return 0;
    }
    return r;
}

int gh_ledger_session_seen(struct gh_ledger *l, int64_t id, int64_t now_ms, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "UPDATE session SET seen_ms = ? WHERE id = ?", "ii", now_ms, id));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_session_confirmed(struct gh_ledger *l, int64_t id, int64_t now_ms, struct gh_err *err)
{
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "UPDATE session SET confirmed_ms = ? WHERE id = ?", "ii", now_ms, id));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_session_end(struct gh_ledger *l, const struct gh_who *who, int64_t user, int64_t id,
                          const char *how, struct gh_err *err)
{
    struct gh_user whose;
    GH_TX(l, err);
    TRY(gh_user_read(l, NULL, user, gh_who_now(who), &whose, err));
    int n = gh_db_run(l, err, "DELETE FROM session WHERE id = ? AND person = ?", "ii", id, user);
    TRY(n);
    if (n == 0)
        return gh_no_such(err, "there is no such session of yours");
    TRY(gh_audit_user(l, who, user, how, whose.name, "", err));
    return gh_tx_commit(&tx, err);
}
