/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who there is, for administrators: people are added, locked, invited again and removed. The token
 * of an invitation is answered once, here, and kept nowhere. */
#include "daemon/control/login.h"

#include "daemon/site/settings.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define INVITE_MS ((int64_t)72 * 3600 * 1000)
#define LIST_ROLES 8
#define LIST_DEPARTMENTS 24

static struct gh_who admin(const struct gh_call *call)
{
    return (struct gh_who){.actor = call->actor};
}

/* ------------------------------------------------------------------------------------ arguments */

/* One line of text into room for size bytes; what is not given stays. */
static int take_line(const struct gh_call *call, const char *name, size_t size, char *ret,
                     struct gh_err *err)
{
    const char *text;
    TRY(gh_arg_text(call, name, size - 1, &text, err));
    if (!text)
        return 0;
    if (!gh_text_is_clean(text, strlen(text)) || strchr(text, '\n') || strchr(text, '\t'))
        return gh_fail(err, GH_USAGE, "\"%s\" must be one line of text", name);
    gh_copy(ret, size, text);
    return 0;
}

/* The list of what is switched off replaces the one there was. */
static int take_mute(const struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "mute"), *v;
    unsigned mute = 0;
    size_t i;
    if (!list)
        return 0;
    json_array_foreach (list, i, v) {
        unsigned one = gh_mute_parse(json_string_value(v));
        if (!one)
            return gh_fail(err, GH_USAGE,
                           "\"mute\" is a list of waiting, decided, collect, questions, events, "
                           "report");
        mute |= one;
    }
    user->mute = mute;
    return 0;
}

int gh_arg_reach(const struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    TRY(take_line(call, "language", sizeof(user->language), user->language, err));
    TRY(take_line(call, "phone", sizeof(user->phone), user->phone, err));
    TRY(take_line(call, "email", sizeof(user->email), user->email, err));
    size_t n = strspn(user->language, "abcdefghijklmnopqrstuvwxyz");
    if (n < 2 || n > 3 || user->language[n])
        return gh_fail(err, GH_USAGE, "\"language\" is a code such as bn, en or hi");
    if (user->phone[strspn(user->phone, "+0123456789 ()/-.")])
        return gh_fail(err, GH_USAGE, "\"phone\" holds digits, +, blanks and hyphens only");
    if (*user->email && !gh_address_is_plain(user->email))
        return gh_fail(err, GH_USAGE, "\"email\" is a plain address: name@example.org");
    TRY(gh_arg_bool(call, "digest", user->digest, &user->digest, err));
    return take_mute(call, user, err);
}

static int take_roles(const struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "roles"), *v;
    size_t i;
    if (!list)
        return 0;
    user->roles = 0;
    if (!json_is_array(list) || json_array_size(list) > LIST_ROLES)
        return gh_fail(err, GH_USAGE, "\"roles\" must be a list of roles");
    json_array_foreach (list, i, v) {
        unsigned role = gh_role_parse(json_string_value(v));
        if (!role)
            return gh_fail(err, GH_USAGE, "a role is approver, agency, officer, admin or viewer");
        user->roles |= role;
    }
    return 0;
}

static int take_departments(const struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "departments"), *v;
    size_t i, n = 0;
    if (!list)
        return 0;
    user->departments[0] = 0;
    if (!json_is_array(list) || json_array_size(list) > LIST_DEPARTMENTS)
        return gh_fail(err, GH_USAGE, "\"departments\" must be a list of at most %d slugs",
                       LIST_DEPARTMENTS);
    json_array_foreach (list, i, v) {
        const char *slug = json_string_value(v);
        if (!slug || !gh_departments_find(&call->p->settings->departments, slug))
            return gh_fail(err, GH_LIMIT, "there is no department %.*s (ghat department list)",
                           slug ? (int)gh_utf8_cut(slug, 64) : 0, slug ? slug : "");
        if (n + strlen(slug) + 3 > sizeof(user->departments))
            return gh_fail(err, GH_LIMIT, "these are too many departments for one person");
        n += gh_format(user->departments + n, sizeof(user->departments) - n, "%s%s,", n ? "" : ",",
                       slug);
    }
    return 0;
}

static int take_person(const struct gh_call *call, struct gh_user *user, struct gh_err *err)
{
    TRY(take_line(call, "full", sizeof(user->full), user->full, err));
    TRY(gh_arg_reach(call, user, err));
    TRY(take_roles(call, user, err));
    TRY(take_departments(call, user, err));
    if (!user->roles)
        return gh_fail(err, GH_USAGE, "\"roles\" is missing: what this person is");
    if ((user->roles & GH_OFFICER) && !*user->departments)
        return gh_fail(err, GH_USAGE, "an officer needs a department");
    return 0;
}

static int find_named(struct gh_call *call, struct gh_user *ret, struct gh_err *err)
{
    char name[33];
    TRY(gh_arg_user(call, name, err));
    return gh_ledger_user(call->p->ledger, name, gh_now_ms(), ret, err);
}

/* --------------------------------------------------------------------------------------- requests
 */

static bool append_user(const struct gh_user *user, void *arg)
{
    json_t *o = gh_user_json(user);
    json_object_set_new(o, "locked", gh_json_time(user->locked_ms));
    json_object_set_new(o, "made", gh_json_time(user->made_ms));
    json_object_set_new(o, "seen", gh_json_time(user->last_ms));
    json_object_set_new(o, "password", json_boolean(*user->salt));
    json_object_set_new(o, "second", json_boolean(*user->totp));
    json_object_set_new(o, "invited", gh_json_time(user->invited_ms));
    json_array_append_new(arg, o);
    return true;
}

int gh_req_users(struct gh_call *call, struct gh_err *err)
{
    json_t *list = json_array();
    gh_answer(call, "users", list);
    return gh_ledger_users(call->p->ledger, gh_now_ms(), append_user, list, err);
}

/* The link is made once and answered once. */
static int invite(struct gh_call *call, const char *name, struct gh_err *err)
{
    char token[GH_INVITE_HEX];
    struct gh_who by = admin(call);
    struct gh_invite invite = {.expires_ms = gh_now_ms() + INVITE_MS};
    const char *url = call->p->settings->conf.desk_url;
    gh_secret_draw((GH_INVITE_HEX - 1) / 2, token);
    gh_hash_mem(token, strlen(token), invite.token_sha);
    gh_secret_draw((GH_SALT_HEX - 1) / 2, invite.salt);
    gh_secret_draw((GH_TOTP_HEX - 1) / 2, invite.totp);
    TRY(gh_ledger_invite(call->p->ledger, &by, name, &invite, err));
    GH_AUTO_FREE char *link = url ? gh_asprintf("%s/first/%s", url, token) : NULL;
    gh_answer(call, "name", json_string(name));
    gh_answer(call, "token", json_string(token));
    gh_answer(call, "link", gh_json_text(link));
    gh_answer(call, "expires", gh_json_time(invite.expires_ms));
    return 0;
}

int gh_req_user_add(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = admin(call);
    struct gh_user user = {.language = "en"};
    TRY(gh_arg_user(call, user.name, err));
    if (!*user.name)
        return gh_fail(err, GH_USAGE,
                       "a name is a letter and up to 31 letters, digits, dots, hyphens");
    TRY(take_person(call, &user, err));
    TRY(gh_ledger_begin(call->p->ledger, err));
    int r = gh_ledger_user_add(call->p->ledger, &by, &user, err);
    if (r == 0)
        r = invite(call, user.name, err);
    return gh_ledger_end(call->p->ledger, r, err);
}

int gh_req_user_set(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user;
    struct gh_who by = admin(call);
    TRY(find_named(call, &user, err));
    TRY(take_person(call, &user, err));
    return gh_ledger_user_set(call->p->ledger, &by, &user, err);
}

int gh_req_user_lock(struct gh_call *call, struct gh_err *err)
{
    char name[33];
    bool lock;
    struct gh_who by = admin(call);
    TRY(gh_arg_user(call, name, err));
    TRY(gh_arg_bool(call, "lock", true, &lock, err));
    return gh_ledger_user_lock(call->p->ledger, &by, name, lock, err);
}

int gh_req_user_reset(struct gh_call *call, struct gh_err *err)
{
    struct gh_user user;
    TRY(find_named(call, &user, err));
    return invite(call, user.name, err);
}

int gh_req_user_remove(struct gh_call *call, struct gh_err *err)
{
    char name[33];
    struct gh_who by = admin(call);
    TRY(gh_arg_user(call, name, err));
    return gh_ledger_user_remove(call->p->ledger, &by, name, err);
}
