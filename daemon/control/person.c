/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions are looked up at every request, roles with them: whatever ended or was taken away is so
 * from the next request on. */
#include "daemon/control/person.h"

#include "daemon/control/throttle.h"

#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/str.h"

#include <string.h>

int gh_refuse(struct gh_call *call, struct gh_err *err, const char *why, const char *text)
{
    call->why = why;
    return gh_fail(err, gh_streq(why, "wait") ? GH_AGAIN : GH_USAGE, "%s", text);
}

int gh_refuse_wait(struct gh_call *call, struct gh_err *err, int64_t ms)
{
    gh_answer(call, "wait_ms", json_integer(ms));
    return gh_refuse(call, err, "wait", "too many tries that were wrong; wait a little");
}

/* ------------------------------------------------------------------------------------ arguments */

int gh_arg_hex(const struct gh_call *call, const char *name, size_t n, const char **ret,
               struct gh_err *err)
{
    TRY(gh_arg_text(call, name, n, ret, err));
    if (!*ret || !gh_is_hex(*ret, n))
        return gh_fail(err, GH_USAGE, "\"%s\" must be %zu hex digits", name, n);
    return 0;
}

int gh_arg_user(const struct gh_call *call, char ret[33], struct gh_err *err)
{
    const char *name;
    TRY(gh_arg_text(call, "name", 256, &name, err));
    if (!name)
        return gh_fail(err, GH_USAGE, "\"name\" is missing");
    gh_user_name(name, ret); /* "" is nobody's */
    return 0;
}

/* ---------------------------------------------------------------------------------------- roles */

bool gh_person_needs_second(const struct gh_conf *conf, const struct gh_user *user)
{
    return conf->second_factor && ((user->roles & GH_APPROVER) || *user->deputy_of);
}

/* What the user may be now. Whoever needs a second factor and has none decides nothing. */
static unsigned roles_now(const struct gh_conf *conf, const struct gh_user *user)
{
    unsigned roles = user->roles;
    if (*user->deputy_of)
        roles |= GH_APPROVER;
    if (gh_person_needs_second(conf, user) && !*user->totp)
        roles &= ~(unsigned)GH_APPROVER;
    return roles;
}

/* "user:rina (approver) by desk", "user:mita (approver, deputy of rina) by desk": in the role that
 * lets the person do it; the own ones come first. */
static void name_actor(struct gh_call *call, const struct gh_asker *p, unsigned may)
{
    unsigned own = p->user.roles & p->roles & may;
    if (own || !(p->roles & may))
        GH_FORMAT(call->actor, "user:%s (%s) by desk", p->user.name,
                  gh_role_name(own ? own : p->user.roles));
    else
        GH_FORMAT(call->actor, "user:%s (approver, deputy of %s) by desk", p->user.name,
                  p->user.deputy_of);
}

static json_t *mute_json(unsigned mute)
{
    json_t *list = json_array();
    for (unsigned one = 1; one <= GH_MUTE_ALL; one <<= 1)
        if (mute & one)
            json_array_append_new(list, json_string(gh_mute_name(one)));
    return list;
}

json_t *gh_user_json(const struct gh_user *user)
{
    static const char *const schemes[] = {"auto", "light", "dark"};
    json_t *o = json_object(), *roles = json_array(), *departments = json_array();
    for (unsigned role = 1; role <= GH_ROLES_ALL; role <<= 1)
        if (user->roles & role)
            json_array_append_new(roles, json_string(gh_role_name(role)));
    GH_AUTO_FREE char *list = gh_strdup(user->departments);
    char *rest = NULL;
    for (char *slug = strtok_r(list, ",", &rest); slug; slug = strtok_r(NULL, ",", &rest))
        json_array_append_new(departments, gh_json_text(slug));
    json_object_set_new(o, "name", gh_json_text(user->name));
    json_object_set_new(o, "full", gh_json_text(user->full));
    json_object_set_new(o, "roles", roles);
    json_object_set_new(o, "departments", departments);
    json_object_set_new(o, "language", gh_json_text(user->language));
    json_object_set_new(o, "phone", gh_json_text(user->phone));
    json_object_set_new(o, "email", gh_json_text(user->email));
    json_object_set_new(o, "scheme", json_string(schemes[user->scheme % GH_LEN(schemes)]));
    json_object_set_new(o, "keys", json_boolean(user->keys));
    json_object_set_new(o, "mute", mute_json(user->mute));
    json_object_set_new(o, "digest", json_boolean(user->digest));
    json_object_set_new(o, "deputy", gh_json_text(*user->deputy ? user->deputy : NULL));
    json_object_set_new(o, "deputy_until_ms", json_integer(user->deputy_until_ms));
    json_object_set_new(o, "deputy_of", gh_json_text(*user->deputy_of ? user->deputy_of : NULL));
    return o;
}

/* ------------------------------------------------------------------------------------- sessions */

static int enter(struct gh_call *call, struct gh_asker *ret, struct gh_err *err)
{
    char sha[GH_SHA_HEX];
    struct gh_err why = {0};
    int64_t now = gh_now_ms();
    const char *token = json_string_value(json_object_get(call->request, "session"));
    if (!token || !gh_is_hex(token, GH_TOKEN_HEX - 1))
        return gh_refuse(call, err, "session", "log in first");
    gh_hash_mem(token, strlen(token), sha);
    int r = gh_ledger_session(call->p->ledger, sha, now, &ret->session, &ret->user, &why);
    if (r < 0 && why.cls == GH_USAGE)
        return gh_refuse(call, err, "session", "the session is over: log in again");
    if (r < 0 && err)
        *err = why;
    TRY(r);
    /* What cannot be written now is written by a later request. */
    if (now - ret->session.seen_ms > GH_SEEN_WRITTEN_MS)
        (void)!gh_ledger_session_seen(call->p->ledger, ret->session.id, now, NULL);
    ret->roles = roles_now(&call->p->settings->conf, &ret->user);
    return 0;
}

int gh_person_admit(struct gh_call *call, const struct gh_request *r, struct gh_asker *ret,
                    struct gh_err *err)
{
    if (json_object_get(call->request, "as"))
        return gh_fail(err, GH_USAGE, "a logged-in person acts under the own name: no \"as\"");
    if (r->desk & GH_DESK_OPEN) {
        GH_COPY(call->actor, "desk");
        return 0;
    }
    TRY(enter(call, ret, err));
    call->person = ret;
    name_actor(call, ret, r->desk);
    bool anybody = (r->desk & GH_ROLES_ALL) == GH_ROLES_ALL;
    if (!anybody && !(ret->roles & r->desk)) {
        bool second = (r->desk & GH_APPROVER) && !*ret->user.totp &&
                      gh_person_needs_second(&call->p->settings->conf, &ret->user);
        return gh_refuse(call, err, "role",
                         second ? "set up your second factor first, on your own page"
                                : "your role does not let you do that");
    }
    if ((r->desk & GH_DESK_CONFIRM) && gh_now_ms() - ret->session.confirmed_ms > GH_CONFIRMED_MS)
        return gh_refuse(call, err, "confirm", "give your password again");
    return 0;
}

/* --------------------------------------------------------------------------------------- proofs */

int gh_person_prove(struct gh_call *call, const struct gh_user *user, const char *arg,
                    const char *key, struct gh_err *err)
{
    /* of nobody: compared like a real one, and never equal, since it is no digest */
    static const char none[GH_SHA_HEX] =
        "----------------------------------------------------------------";
    const char *proof;
    char sha[GH_SHA_HEX];
    struct gh_throttle *t = call->p->throttle;
    int64_t now = gh_mono_ms(), wait = gh_throttle_wait(t, key, now);
    if (wait > 0)
        return gh_refuse_wait(call, err, wait);
    TRY(gh_arg_hex(call, arg, 64, &proof, err));
    gh_hash_mem(proof, strlen(proof), sha);
    const char *right = user && *user->proof_sha && !user->locked_ms ? user->proof_sha : none;
    if (gh_secret_same(sha, right, GH_SHA_HEX))
        return 0;
    gh_throttle_failed(t, key, GH_FREE_BY_NAME, now);
    return gh_refuse(call, err, "wrong", "the name or the password is wrong");
}
