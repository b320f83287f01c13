/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logging in, by server relief: the desk gets salt and cost of the name, computes argon2id, and
 * sends the result; ghatd compares its SHA-256. A name that nobody has gets a salt, too, always the
 * same one, and costs the same, so that nothing tells who is there. Who was wrong waits before the
 * desk computes anything: by name and by address; an address from which that person is logged in
 * counts for itself, so that strangers keep nobody out.
 */
#include "daemon/control/login.h"

#include "daemon/control/throttle.h"
#include "daemon/control/totp.h"

#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/str.h"

#include <string.h>

#define SECRET_KEY "desk.secret" /* of invented salts, in the ledger's settings */
#define KEY_MAX 160              /* bytes of a key of the throttle */

/* --------------------------------------------------------------------------------- salt and cost
 */

static int invented_salt(struct gh_ledger *l, const char *name, char ret[GH_SALT_HEX],
                         struct gh_err *err)
{
    char mac[GH_SHA_HEX];
    GH_AUTO_FREE char *secret = NULL, *text = gh_asprintf("salt of %s", name);
    TRY(gh_ledger_setting(l, SECRET_KEY, &secret, err));
    if (!secret) {
        secret = gh_alloc(GH_TOKEN_HEX);
        gh_secret_draw(32, secret);
        TRY(gh_ledger_set_setting(l, SECRET_KEY, secret, err));
    }
    gh_secret_mac(secret, text, mac);
    gh_format(ret, GH_SALT_HEX, "%.*s", GH_SALT_HEX - 1, mac);
    return 0;
}

/* The user of that name, *ret_known false: nobody. */
static int find_user(struct gh_call *call, const char *name, struct gh_user *ret, bool *ret_known,
                     struct gh_err *err)
{
    struct gh_err why = {0};
    int r = *name ? gh_ledger_user(call->p->ledger, name, gh_now_ms(), ret, &why) : -1;
    *ret_known = r == 0;
    if (r < 0 && *name && why.cls != GH_USAGE) {
        if (err)
            *err = why;
        return r;
    }
    return 0;
}

void gh_answer_cost(struct gh_call *call, const char *salt, uint32_t ops, uint32_t mem_kib)
{
    gh_answer(call, "salt", json_string(salt));
    gh_answer(call, "ops", json_integer(ops));
    gh_answer(call, "mem", json_integer((json_int_t)mem_kib * 1024));
}

/* ------------------------------------------------------------------------------------- throttles
 */

struct keys {
    char name[KEY_MAX], address[KEY_MAX];
};

static bool is_from(const struct gh_session *s, void *arg)
{
    struct gh_session *asks = arg;
    asks->trusted |= *s->address && gh_streq(s->address, asks->address);
    return !asks->trusted;
}

static int keys_of(struct gh_call *call, const char *name, const struct gh_user *user,
                   struct keys *ret, struct gh_err *err)
{
    const char *address;
    struct gh_session asks = {0};
    TRY(gh_arg_text(call, "address", sizeof(asks.address) - 1, &address, err));
    GH_COPY(asks.address, address ? address : "");
    if (user)
        TRY(gh_ledger_sessions(call->p->ledger, user->id, gh_now_ms(), is_from, &asks, err));
    if (asks.trusted)
        GH_FORMAT(ret->name, "known %s from %s", name, asks.address);
    else
        GH_FORMAT(ret->name, "name %s", name);
    /* nor does an address that everybody has: behind a proxy that hides them, there is none */
    ret->address[0] = 0;
    if (*asks.address && !asks.trusted)
        GH_FORMAT(ret->address, "address %s", asks.address);
    return 0;
}

static int64_t wait_of(struct gh_call *call, const struct keys *keys)
{
    int64_t now = gh_mono_ms(), by_name = gh_throttle_wait(call->p->throttle, keys->name, now);
    return *keys->address ? GH_MAX(by_name, gh_throttle_wait(call->p->throttle, keys->address, now))
                          : by_name;
}

/* Who says to be that name, and what is counted against whom asks for it. */
struct candidate {
    char name[33];
    bool known; /* user is that person's */
    struct gh_user user;
    struct keys keys;
};

static int find_candidate(struct gh_call *call, struct candidate *ret, struct gh_err *err)
{
    *ret = (struct candidate){0};
    TRY(gh_arg_user(call, ret->name, err));
    TRY(find_user(call, ret->name, &ret->user, &ret->known, err));
    return keys_of(call, ret->name, ret->known ? &ret->user : NULL, &ret->keys, err);
}

/* That the name is wrong was counted already where it was found out. */
static void count_address(struct gh_call *call, const struct keys *keys)
{
    if (*keys->address &&
        gh_throttle_failed(call->p->throttle, keys->address, GH_FREE_BY_ADDRESS, gh_mono_ms()))
        gh_log(GH_LOG_NOTICE, "login-throttled", "key=%s", gh_log_quote(keys->address));
}

/* ---------------------------------------------------------------------------------- login itself
 */

int gh_req_login_begin(struct gh_call *call, struct gh_err *err)
{
    char salt[GH_SALT_HEX];
    struct candidate c;
    TRY(find_candidate(call, &c, err));
    TRY(invented_salt(call->p->ledger, c.name, salt, err));
    bool set = c.known && *c.user.salt;
    gh_answer_cost(call, set ? c.user.salt : salt, set ? c.user.ops : GH_ARGON_OPS,
                   set ? c.user.mem_kib : GH_ARGON_MEM_KIB);
    gh_answer(call, "wait_ms", json_integer(wait_of(call, &c.keys)));
    return 0;
}

/* The session begins: device and address are what the desk says, for people to recognise. */
static int begin_session(struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    char token[GH_TOKEN_HEX], sha[GH_SHA_HEX];
    const char *device, *address;
    struct gh_session s = {0};
    struct gh_who by = {.actor = call->actor};
    TRY(gh_arg_text(call, "device", 400, &device, err));
    TRY(gh_arg_text(call, "address", sizeof(s.address) - 1, &address, err));
    TRY(gh_arg_bool(call, "trusted", false, &s.trusted, err));
    GH_COPY(s.device, device ? device : "");
    GH_COPY(s.address, address ? address : "");
    gh_secret_draw(32, token);
    gh_hash_mem(token, strlen(token), sha);
    TRY(gh_ledger_session_begin(call->p->ledger, &by, user, sha, &s, err));
    gh_answer(call, "session", json_string(token));
    gh_answer(call, "expires_ms", json_integer(gh_session_expires(&s)));
    gh_answer(call, "user", gh_user_json(user));
    return 0;
}

int gh_person_code(struct gh_call *call, const char *secret, int64_t after, int64_t *ret,
                   const char *key, struct gh_err *err)
{
    const char *code;
    int64_t wait = gh_throttle_wait(call->p->throttle, key, gh_mono_ms());
    TRY(gh_arg_text(call, "code", 16, &code, err));
    if (wait > 0)
        return gh_refuse_wait(call, err, wait);
    if (!code || !*code)
        return gh_refuse(call, err, "code", "the code of your authenticator app is missing");
    *ret = gh_totp_step(secret, code, after, gh_now_ms());
    if (*ret)
        return 0;
    gh_throttle_failed(call->p->throttle, key, GH_FREE_BY_NAME, gh_mono_ms());
    return gh_refuse(call, err, "code", "this code is wrong, or was used already; take the next");
}

int gh_req_login(struct gh_call *call, struct gh_err *err)
{
    struct candidate c;
    TRY(find_candidate(call, &c, err));
    int64_t wait = wait_of(call, &c.keys);
    if (wait > 0)
        return gh_refuse_wait(call, err, wait);
    int r = gh_person_prove(call, c.known ? &c.user : NULL, "proof", c.keys.name, err);
    if (r < 0 && gh_streq("wrong", call->why))
        count_address(call, &c.keys);
    TRY(r);
    GH_FORMAT(call->actor, "user:%s by desk", c.user.name);
    if (*c.user.totp)
        TRY(gh_person_code(call, c.user.totp, c.user.totp_step, &c.user.totp_step, c.keys.name,
                           err));
    gh_throttle_passed(call->p->throttle, c.keys.name);
    return begin_session(call, &c.user, err);
}

/* ------------------------------------------------------------------------------------ first login
 */

static int find_invited(struct gh_call *call, struct gh_user *ret_user, struct gh_invite *ret,
                        struct gh_err *err)
{
    const char *token;
    char sha[GH_SHA_HEX];
    TRY(gh_arg_hex(call, "token", GH_INVITE_HEX - 1, &token, err));
    gh_hash_mem(token, strlen(token), sha);
    return gh_ledger_invited(call->p->ledger, sha, gh_now_ms(), ret_user, ret, err);
}

int gh_req_first_begin(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user;
    struct gh_invite invite;
    TRY(find_invited(call, &user, &invite, err));
    bool second = gh_person_needs_second(&call->p->settings->conf, &user);
    json_t *person = gh_user_json(&user);
    gh_answer(call, "name", json_string(user.name));
    gh_answer(call, "roles", json_incref(json_object_get(person, "roles")));
    gh_answer(call, "language", json_string(user.language));
    json_decref(person);
    gh_answer_cost(call, invite.salt, GH_ARGON_OPS, GH_ARGON_MEM_KIB);
    gh_answer(call, "second", json_boolean(second));
    gh_answer(call, "totp", second ? gh_totp_json(invite.totp, user.name) : json_null());
    return 0;
}

int gh_req_first(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user;
    struct gh_invite invite;
    const char *proof;
    struct gh_who by = {.actor = call->actor};
    TRY(find_invited(call, &user, &invite, err));
    TRY(gh_arg_hex(call, "proof", 64, &proof, err));
    GH_FORMAT(call->actor, "user:%s by desk", user.name);
    user.totp_step = 0;
    if (gh_person_needs_second(&call->p->settings->conf, &user)) {
        TRY(gh_person_code(call, invite.totp, 0, &user.totp_step, invite.token_sha, err));
        GH_COPY(user.totp, invite.totp);
    }
    gh_hash_mem(proof, strlen(proof), user.proof_sha);
    GH_COPY(user.salt, invite.salt);
    user.ops = GH_ARGON_OPS;
    user.mem_kib = GH_ARGON_MEM_KIB;
    TRY(gh_ledger_begin(call->p->ledger, err));
    int r = gh_ledger_set_password(call->p->ledger, &by, &user, 0, "set at the first login", err);
    if (r == 0)
        r = begin_session(call, &user, err);
    return gh_ledger_end(call->p->ledger, r, err);
}

int gh_req_logout(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = {.actor = call->actor};
    return gh_ledger_session_end(call->p->ledger, &by, call->person->user.id,
                                 call->person->session.id, "logout", err);
}
