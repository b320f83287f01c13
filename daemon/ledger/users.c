/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People: their rows, roles, departments, deputies, and what they prove themselves with. No audit
 * row holds a salt, a digest or a secret: it says that one was set. */
#include "daemon/ledger/people_int.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>

bool gh_user_name(const char *text, char ret[33])
{
    size_t n = 0;
    ret[0] = 0;
    if (strlen(text) > 32)
        return false;
    for (; text[n]; n++)
        ret[n] = text[n] >= 'A' && text[n] <= 'Z' ? (char)(text[n] + 'a' - 'A') : text[n];
    ret[n] = 0;
    if (ret[0] < 'a' || ret[0] > 'z' || ret[strspn(ret, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
        ret[0] = 0;
    return *ret;
}

/* ---------------------------------------------------------------------------------------- roles */

static const struct {
    unsigned role;
    const char *name;
} roles[] = {
    {GH_APPROVER, "approver"},   {GH_AGENCY, "agency"}, {GH_OFFICER, "officer"},
    {GH_ADMINISTRATOR, "admin"}, {GH_VIEWER, "viewer"},
};

const char *gh_role_name(unsigned role)
{
    for (size_t i = 0; i < GH_LEN(roles); i++)
        if (role & roles[i].role)
            return roles[i].name;
    return "nobody";
}

unsigned gh_role_parse(const char *name)
{
    for (size_t i = 0; i < GH_LEN(roles); i++)
        if (gh_streq(roles[i].name, name))
            return roles[i].role;
    return 0;
}

static const struct {
    unsigned mute;
    const char *name;
} mutes[] = {
    {GH_MUTE_WAITING, "waiting"},     {GH_MUTE_DECIDED, "decided"}, {GH_MUTE_COLLECT, "collect"},
    {GH_MUTE_QUESTIONS, "questions"}, {GH_MUTE_EVENTS, "events"},   {GH_MUTE_REPORT, "report"},
};

const char *gh_mute_name(unsigned mute)
{
    for (size_t i = 0; i < GH_LEN(mutes); i++)
        if (mute == mutes[i].mute)
            return mutes[i].name;
    return "?";
}

unsigned gh_mute_parse(const char *name)
{
    for (size_t i = 0; i < GH_LEN(mutes); i++)
        if (gh_streq(mutes[i].name, name))
            return mutes[i].mute;
    return 0;
}

/* -------------------------------------------------------------------------------------- reading */

/* ?2: the time, for deputies: who is locked, or no approver any more, has none. */
#define PERSON                                                                                     \
    "SELECT p.id, p.name, p.full_name, p.language, p.phone, p.email, p.scheme, p.keys, p.made_ms," \
    " p.locked_ms, p.salt, p.proof_sha, p.ops, p.mem_kib, p.totp, p.totp_new, p.totp_step,"        \
    " coalesce((SELECT d.name FROM person d WHERE d.id = p.deputy), ''), p.deputy_until_ms,"       \
    " coalesce((SELECT min(d.name) FROM person d WHERE d.deputy = p.id AND d.locked_ms = 0"        \
    "  AND d.deputy_until_ms > ?2 AND EXISTS (SELECT 1 FROM person_role r WHERE r.person = d.id"   \
    "  AND r.role = 'approver')), ''),"                                                            \
    " coalesce((SELECT i.expires_ms FROM invite i WHERE i.person = p.id), 0),"                     \
    " coalesce((SELECT max(s.seen_ms) FROM session s WHERE s.person = p.id), 0), p.mute, p.digest" \
    " FROM person p"

static void read_person(struct gh_stmt *s, struct gh_user *ret)
{
    *ret = (struct gh_user){
        .id = gh_col_i64(s, 0),
        .scheme = (unsigned)gh_col_i64(s, 6),
        .keys = gh_col_i64(s, 7) != 0,
        .made_ms = gh_col_i64(s, 8),
        .locked_ms = gh_col_i64(s, 9),
        .ops = (uint32_t)gh_col_i64(s, 12),
        .mem_kib = (uint32_t)gh_col_i64(s, 13),
        .totp_step = gh_col_i64(s, 16),
        .deputy_until_ms = gh_col_i64(s, 18),
        .invited_ms = gh_col_i64(s, 20),
        .last_ms = gh_col_i64(s, 21),
        .mute = (unsigned)gh_col_i64(s, 22),
        .digest = gh_col_i64(s, 23) != 0,
    };
    GH_COPY(ret->name, gh_col_text(s, 1));
    GH_COPY(ret->full, gh_col_text(s, 2));
    GH_COPY(ret->language, gh_col_text(s, 3));
    GH_COPY(ret->phone, gh_col_text(s, 4));
    GH_COPY(ret->email, gh_col_text(s, 5));
    GH_COPY(ret->salt, gh_col_text(s, 10));
    GH_COPY(ret->proof_sha, gh_col_text(s, 11));
    GH_COPY(ret->totp, gh_col_text(s, 14));
    GH_COPY(ret->totp_new, gh_col_text(s, 15));
    GH_COPY(ret->deputy, gh_col_text(s, 17));
    GH_COPY(ret->deputy_of, gh_col_text(s, 19));
}

static int fill_person(struct gh_ledger *l, struct gh_user *user, struct gh_err *err)
{
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, "SELECT role FROM person_role WHERE person = ?", "i",
                        user->id));
        while ((r = gh_db_step(&s, err)) > 0)
            user->roles |= gh_role_parse(gh_col_text(&s, 0));
        TRY(r);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    size_t n = 0;
    TRY(gh_db_query(l, &s, err,
                    "SELECT department FROM person_department WHERE person = ? ORDER BY department",
                    "i", user->id));
    while ((r = gh_db_step(&s, err)) > 0)
        n += gh_format(user->departments + n, sizeof(user->departments) - n, "%s%s,", n ? "" : ",",
                       gh_col_text(&s, 0));
    return r;
}

int gh_user_read(struct gh_ledger *l, const char *name, int64_t id, int64_t now_ms,
                 struct gh_user *ret, struct gh_err *err)
{
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        if (name)
            TRY(gh_db_query(l, &s, err, PERSON " WHERE p.name = ?1", "ti", name, now_ms));
        else
            TRY(gh_db_query(l, &s, err, PERSON " WHERE p.id = ?1", "ii", id, now_ms));
        int r = gh_db_step(&s, err);
        TRY(r);
        if (!r)
            return gh_no_such(err, "there is no user of that name (ghat user list shows them)");
        read_person(&s, ret);
    }
    return fill_person(l, ret, err);
}

int gh_no_such(struct gh_err *err, const char *text)
{
    return gh_fail_code(err, GH_USAGE, ENOENT, "%s", text);
}

int gh_ledger_user(struct gh_ledger *l, const char *name, int64_t now_ms, struct gh_user *ret,
                   struct gh_err *err)
{
    return gh_user_read(l, name, 0, now_ms, ret, err);
}

int gh_ledger_users(struct gh_ledger *l, int64_t now_ms, gh_user_fn *fn, void *arg,
                    struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, PERSON " WHERE p.id > ?1 ORDER BY p.name", "ii", (int64_t)0,
                    now_ms));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_user user;
        read_person(&s, &user);
        TRY(fill_person(l, &user, err));
        if (!fn(&user, arg))
            return 0;
    }
    return r;
}

/* ------------------------------------------------------------------------------------- changing */

int gh_audit_user(struct gh_ledger *l, const struct gh_who *who, int64_t id, const char *action,
                  const char *name, const char *detail, struct gh_err *err)
{
    return gh_audit(l, who, 0, "user", id, action, err, "%s%s%s", name, *detail ? ": " : "",
                    detail);
}

static int keep_roles(struct gh_ledger *l, const struct gh_user *user, struct gh_err *err)
{
    TRY(gh_db_run(l, err, "DELETE FROM person_role WHERE person = ?", "i", user->id));
    for (size_t i = 0; i < GH_LEN(roles); i++)
        if (user->roles & roles[i].role)
            TRY(gh_db_run(l, err, "INSERT INTO person_role(person, role) VALUES(?,?)", "it",
                          user->id, roles[i].name));
    TRY(gh_db_run(l, err, "DELETE FROM person_department WHERE person = ?", "i", user->id));
    GH_AUTO_FREE char *list = gh_strdup(user->departments);
    char *rest = NULL;
    for (char *slug = strtok_r(list, ",", &rest); slug; slug = strtok_r(NULL, ",", &rest))
        TRY(gh_db_run(l, err,
                      "INSERT INTO person_department(person, department) VALUES(?,?)"
                      " ON CONFLICT(person, department) DO NOTHING",
                      "it", user->id, slug));
    return 0;
}

/* "approver viewer; departments roads,water" */
static void tell_roles(const struct gh_user *user, struct gh_str *out)
{
    for (size_t i = 0; i < GH_LEN(roles); i++)
        if (user->roles & roles[i].role)
            gh_str_printf(out, "%s%s", out->len ? " " : "", roles[i].name);
    size_t n = strlen(user->departments);
    if (n > 2)
        gh_str_printf(out, "; departments %.*s", (int)n - 2, user->departments + 1);
}

int gh_ledger_user_add(struct gh_ledger *l, const struct gh_who *who, const struct gh_user *user,
                       struct gh_err *err)
{
    int64_t there = 0;
    struct gh_user made = *user;
    GH_AUTO_STR what = {0};
    GH_TX(l, err);
    int r = gh_db_int(l, &there, err, "SELECT id FROM person WHERE name = ?", "t", user->name);
    TRY(r);
    if (r)
        return gh_fail(err, GH_LIMIT, "there is a user %s already", user->name);
    TRY(gh_db_run(l, err,
                  "INSERT INTO person(name, full_name, language, phone, email, made_ms)"
                  " VALUES(?,?,?,?,?,?)",
                  "ttttti", user->name, user->full, user->language, user->phone, user->email,
                  gh_who_now(who)));
    made.id = gh_last_id(l);
    TRY(keep_roles(l, &made, err));
    tell_roles(&made, &what);
    TRY(gh_audit_user(l, who, made.id, "user-add", user->name, gh_str_text(&what), err));
    return gh_tx_commit(&tx, err);
}

#define REACH_SAID "how to reach, and how it is shown"

static int keep_reach(struct gh_ledger *l, const struct gh_user *user, struct gh_err *err)
{
    return gh_db_run(l, err,
                     "UPDATE person SET language = ?, phone = ?, email = ?, scheme = ?, keys = ?,"
                     " mute = ?, digest = ? WHERE id = ?",
                     "tttiiiii", user->language, user->phone, user->email, (int64_t)user->scheme,
                     (int64_t)user->keys, (int64_t)user->mute, (int64_t)user->digest, user->id);
}

int gh_ledger_user_reach(struct gh_ledger *l, const struct gh_who *who, const struct gh_user *user,
                         struct gh_err *err)
{
    GH_TX(l, err);
    TRY(keep_reach(l, user, err));
    TRY(gh_audit_user(l, who, user->id, "user-set", user->name, REACH_SAID, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_user_set(struct gh_ledger *l, const struct gh_who *who, const struct gh_user *user,
                       struct gh_err *err)
{
    struct gh_user was;
    GH_AUTO_STR before = {0}, after = {0};
    GH_TX(l, err);
    TRY(gh_user_read(l, NULL, user->id, gh_who_now(who), &was, err));
    TRY(gh_db_run(l, err, "UPDATE person SET full_name = ? WHERE id = ?", "ti", user->full,
                  user->id));
    TRY(keep_reach(l, user, err));
    TRY(keep_roles(l, user, err));
    tell_roles(&was, &before);
    tell_roles(user, &after);
    bool roles_too = !gh_streq(gh_str_text(&before), gh_str_text(&after));
    TRY(gh_audit_user(l, who, user->id, "user-set", was.name,
                      roles_too ? gh_str_text(&after) : REACH_SAID, err));
    return gh_tx_commit(&tx, err);
}

/* Whatever lets somebody in as that person. */
static int end_all(struct gh_ledger *l, int64_t id, struct gh_err *err)
{
    TRY(gh_db_run(l, err, "DELETE FROM session WHERE person = ?", "i", id));
    TRY(gh_db_run(l, err, "DELETE FROM invite WHERE person = ?", "i", id));
    return 0;
}

int gh_ledger_user_lock(struct gh_ledger *l, const struct gh_who *who, const char *name, bool lock,
                        struct gh_err *err)
{
    struct gh_user user;
    int64_t now = gh_who_now(who);
    GH_TX(l, err);
    TRY(gh_user_read(l, name, 0, now, &user, err));
    if ((user.locked_ms != 0) == lock)
        return gh_fail(err, GH_LIMIT, lock ? "%s is locked already" : "%s is not locked",
                       user.name);
    TRY(gh_db_run(l, err,
                  "UPDATE person SET locked_ms = ?, deputy = NULL, deputy_until_ms = 0"
                  " WHERE id = ?",
                  "ii", lock ? now : (int64_t)0, user.id));
    TRY(end_all(l, user.id, err));
    TRY(gh_audit_user(l, who, user.id, lock ? "user-lock" : "user-unlock", user.name,
                      lock ? "every session and invitation ended" : "", err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_user_remove(struct gh_ledger *l, const struct gh_who *who, const char *name,
                          struct gh_err *err)
{
    struct gh_user user;
    GH_TX(l, err);
    TRY(gh_user_read(l, name, 0, gh_who_now(who), &user, err));
    TRY(end_all(l, user.id, err));
    TRY(gh_db_run(l, err, "UPDATE person SET deputy = NULL, deputy_until_ms = 0 WHERE deputy = ?",
                  "i", user.id));
    TRY(gh_db_run(l, err, "DELETE FROM person_role WHERE person = ?", "i", user.id));
    TRY(gh_db_run(l, err, "DELETE FROM person_department WHERE person = ?", "i", user.id));
    TRY(gh_db_run(l, err, "DELETE FROM person WHERE id = ?", "i", user.id));
    TRY(gh_audit_user(l, who, user.id, "user-remove", user.name, "", err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_user_deputy(struct gh_ledger *l, const struct gh_who *who, int64_t user,
                          const char *deputy, int64_t until_ms, struct gh_err *err)
{
    struct gh_user of, other = {0};
    char day[11] = "", text[64] = "nobody";
    GH_TX(l, err);
    TRY(gh_user_read(l, NULL, user, gh_who_now(who), &of, err));
    if (deputy)
        TRY(gh_user_read(l, deputy, 0, gh_who_now(who), &other, err));
    TRY(gh_db_run(l, err, "UPDATE person SET deputy = ?, deputy_until_ms = ? WHERE id = ?", "nii",
                  other.id, deputy ? until_ms : (int64_t)0, of.id));
    gh_time_day(until_ms, day, sizeof(day));
    if (deputy)
        GH_FORMAT(text, "%s until %s", other.name, day);
    TRY(gh_audit_user(l, who, of.id, "deputy", of.name, text, err));
    return gh_tx_commit(&tx, err);
}

/* --------------------------------------------------------------------------- first login, proofs
 */

int gh_ledger_invite(struct gh_ledger *l, const struct gh_who *who, const char *name,
                     const struct gh_invite *invite, struct gh_err *err)
{
    struct gh_user user;
    GH_TX(l, err);
    TRY(gh_user_read(l, name, 0, gh_who_now(who), &user, err));
    if (user.locked_ms)
        return gh_fail(err, GH_LIMIT, "%s is locked; ghat user unlock %s first", user.name,
                       user.name);
    TRY(end_all(l, user.id, err));
    TRY(gh_db_run(l, err,
                  "UPDATE person SET salt = '', proof_sha = '', totp = '', totp_new = '',"
                  " totp_step = 0 WHERE id = ?",
                  "i", user.id));
    TRY(gh_db_run(l, err,
                  "INSERT INTO invite(token_sha, person, expires_ms, salt, totp)"
                  " VALUES(?,?,?,?,?)",
                  "tiitt", invite->token_sha, user.id, invite->expires_ms, invite->salt,
                  invite->totp));
    TRY(gh_audit_user(l, who, user.id, "user-invite", user.name,
                      "a link for the first login; password and sessions before it ended", err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_invited(struct gh_ledger *l, const char *token_sha, int64_t now_ms,
                      struct gh_user *ret_user, struct gh_invite *ret, struct gh_err *err)
{
    int64_t person;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        "SELECT person, expires_ms, salt, totp FROM invite"
                        " WHERE token_sha = ? AND expires_ms > ?",
                        "ti", token_sha, now_ms));
        int r = gh_db_step(&s, err);
        TRY(r);
        if (!r)
            return gh_no_such(err, "this link was used already, or its time is over");
        person = gh_col_i64(&s, 0);
        *ret = (struct gh_invite){.expires_ms = gh_col_i64(&s, 1)};
        GH_COPY(ret->token_sha, token_sha);
        GH_COPY(ret->salt, gh_col_text(&s, 2));
        GH_COPY(ret->totp, gh_col_text(&s, 3));
    }
    return gh_user_read(l, NULL, person, now_ms, ret_user, err);
}

int gh_ledger_set_password(struct gh_ledger *l, const struct gh_who *who,
                           const struct gh_user *user, int64_t but, const char *how,
                           struct gh_err *err)
{
    GH_TX(l, err);
    int n = gh_db_run(l, err,
                      "UPDATE person SET salt = ?, proof_sha = ?, ops = ?, mem_kib = ?, totp = ?,"
                      " totp_step = ? WHERE id = ? AND locked_ms = 0",
                      "ttiitii", user->salt, user->proof_sha, (int64_t)user->ops,
                      (int64_t)user->mem_kib, user->totp, user->totp_step, user->id);
    TRY(n);
    if (n == 0)
        return gh_no_such(err, "there is no such user");
    TRY(gh_db_run(l, err, "DELETE FROM session WHERE person = ? AND id <> ?", "ii", user->id, but));
    TRY(gh_db_run(l, err, "DELETE FROM invite WHERE person = ?", "i", user->id));
    TRY(gh_audit_user(l, who, user->id, "password", user->name, how, err));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_set_totp(struct gh_ledger *l, const struct gh_who *who, const struct gh_user *user,
                       struct gh_err *err)
{
    struct gh_user was;
    GH_TX(l, err);
    TRY(gh_user_read(l, NULL, user->id, gh_who_now(who), &was, err));
    TRY(gh_db_run(l, err, "UPDATE person SET totp = ?, totp_new = ?, totp_step = ? WHERE id = ?",
                  "ttii", user->totp, user->totp_new, user->totp_step, user->id));
    if (!gh_streq(was.totp, user->totp))
        TRY(gh_audit_user(l, who, user->id, "totp", was.name,
                          *user->totp ? "a second factor was set" : "no second factor any more",
                          err));
    return gh_tx_commit(&tx, err);
}
