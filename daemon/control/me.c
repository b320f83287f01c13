/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a logged-in person sees and sets of the own account: sessions, password, second factor,
 * deputy, language. */
#include "daemon/control/login.h"

#include "daemon/control/throttle.h"
#include "daemon/control/totp.h"

#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define DEPUTY_MOST_MS ((int64_t)366 * 24 * 3600 * 1000)

static struct gh_who me(const struct gh_call *call)
{
    return (struct gh_who){.actor = call->actor};
}

/* Failures of somebody who is logged in count for that session alone. */
static void session_key(const struct gh_call *call, char key[48])
{
    snprintf(key, 48, "session %" PRId64, call->person->session.id);
}

struct listing {
    json_t *list;
    int64_t current;
};

static bool append_session(const struct gh_session *s, void *arg)
{
    struct listing *l = arg;
    json_array_append_new(
        l->list, json_pack("{s:I, s:o, s:o, s:I, s:I, s:b, s:b}", "id", (json_int_t)s->id, "device",
                           gh_json_text(s->device), "address", gh_json_text(s->address), "made_ms",
                           (json_int_t)s->made_ms, "seen_ms", (json_int_t)s->seen_ms, "trusted",
                           s->trusted, "current", s->id == l->current));
    return true;
}

int gh_req_me(struct gh_call *call, struct gh_err *err)
{
    const struct gh_user *user = &call->person->user;
    struct listing l = {json_array(), call->person->session.id};
    gh_answer(call, "sessions", l.list);
    gh_answer_place(call); /* before what is shown is read: nothing falls in between */
    TRY(gh_ledger_sessions(call->p->ledger, user->id, gh_now_ms(), append_session, &l, err));
    gh_answer(call, "user", gh_user_json(user));
    gh_answer(call, "second",
              json_pack("{s:b, s:b}", "required",
                        gh_person_needs_second(&call->p->settings->conf, user), "on",
                        *user->totp != 0));
    return 0;
}

int gh_req_session_end(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    struct gh_who by = me(call);
    TRY(gh_arg_id(call, "id", &id, err));
    return gh_ledger_session_end(call->p->ledger, &by, call->person->user.id, id, "session-end",
                                 err);
}

int gh_req_me_set(struct gh_call *call, struct gh_err *err)
{
    static const char *const schemes[] = {"auto", "light", "dark"};
    struct gh_user user = call->person->user;
    struct gh_who by = me(call);
    const char *scheme;
    TRY(gh_arg_reach(call, &user, err));
    TRY(gh_arg_bool(call, "keys", user.keys, &user.keys, err));
    TRY(gh_arg_text(call, "scheme", 8, &scheme, err));
    for (unsigned i = 0; scheme && i < GH_LEN(schemes); i++)
        if (gh_streq(scheme, schemes[i])) {
            user.scheme = i;
            scheme = NULL;
        }
    if (scheme)
        return gh_fail(err, GH_USAGE, "\"scheme\" is auto, light or dark");
    TRY(gh_ledger_user_reach(call->p->ledger, &by, &user, err));
    gh_answer(call, "user", gh_user_json(&user));
    return 0;
}

/* For whoever is logged in: no stranger who guesses the name makes them wait. */
int gh_req_password_begin(struct gh_call *call, struct gh_err *err)
{
    const struct gh_user *user = &call->person->user;
    char key[48];
    (void)err;
    session_key(call, key);
    gh_answer_cost(call, user->salt, user->ops, user->mem_kib);
    gh_answer(call, "new_ops", json_integer(GH_ARGON_OPS));
    gh_answer(call, "new_mem", json_integer((json_int_t)GH_ARGON_MEM_KIB * 1024));
    gh_answer(call, "wait_ms",
              json_integer(gh_throttle_wait(call->p->throttle, key, gh_mono_ms())));
    return 0;
}

int gh_req_password(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user = call->person->user;
    struct gh_who by = me(call);
    const char *salt, *proof;
    char key[48];
    session_key(call, key);
    TRY(gh_arg_hex(call, "salt", GH_SALT_HEX - 1, &salt, err));
    TRY(gh_arg_hex(call, "proof", 64, &proof, err));
    TRY(gh_person_prove(call, &user, "proof_old", key, err));
    GH_COPY(user.salt, salt);
    gh_hash_mem(proof, strlen(proof), user.proof_sha);
    user.ops = GH_ARGON_OPS;
    user.mem_kib = GH_ARGON_MEM_KIB;
    return gh_ledger_set_password(call->p->ledger, &by, &user, call->person->session.id,
                                  "changed; every other session ended", err);
}

json_t *gh_totp_json(const char *secret, const char *name)
{
    GH_AUTO_FREE char *text = gh_totp_text(secret), *uri = gh_totp_uri(secret, name);
    return json_pack("{s:s, s:s}", "secret", text, "uri", uri);
}

/* The new secret counts from its first code on: until then the old one does. */
int gh_req_totp_begin(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user = call->person->user;
    struct gh_who by = me(call);
    gh_secret_draw((GH_TOTP_HEX - 1) / 2, user.totp_new);
    TRY(gh_ledger_set_totp(call->p->ledger, &by, &user, err));
    gh_answer(call, "totp", gh_totp_json(user.totp_new, user.name));
    return 0;
}

int gh_req_totp(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user = call->person->user;
    struct gh_who by = me(call);
    char key[48];
    session_key(call, key);
    if (!*user.totp_new)
        return gh_fail(err, GH_USAGE, "ask for a new secret first (totp-begin)");
    TRY(gh_person_code(call, user.totp_new, 0, &user.totp_step, key, err));
    GH_COPY(user.totp, user.totp_new);
    user.totp_new[0] = 0;
    return gh_ledger_set_totp(call->p->ledger, &by, &user, err);
}

int gh_req_confirm(struct gh_call *call, struct gh_err *err)
{
    char key[48];
    session_key(call, key);
    TRY(gh_person_prove(call, &call->person->user, "proof", key, err));
    gh_throttle_passed(call->p->throttle, key);
    return gh_ledger_session_confirmed(call->p->ledger, call->person->session.id, gh_now_ms(), err);
}

/* A deputy decides as the approver would: only an approver of one's own right names one. */
int gh_req_deputy(struct gh_call *call, struct gh_err *err)
{
    const struct gh_user *user = &call->person->user;
    struct gh_user other;
    struct gh_who by = me(call);
    char name[33];
    int64_t now = gh_now_ms(), until;
    if (!(user->roles & GH_APPROVER))
        return gh_refuse(call, err, "role", "an approver of one's own right names a deputy");
    if (json_is_null(json_object_get(call->request, "name")))
        return gh_ledger_user_deputy(call->p->ledger, &by, user->id, NULL, 0, err);
    TRY(gh_arg_user(call, name, err));
    TRY(gh_arg_id(call, "until_ms", &until, err));
    TRY(gh_ledger_user(call->p->ledger, name, now, &other, err));
    if (other.locked_ms || other.id == user->id)
        return gh_fail(err, GH_LIMIT, "%s cannot stand in for you", other.name);
    if (until <= now || until > now + DEPUTY_MOST_MS)
        return gh_fail(err, GH_LIMIT, "a deputy needs an end: a day within the next year");
    return gh_ledger_user_deputy(call->p->ledger, &by, user->id, name, until, err);
}
