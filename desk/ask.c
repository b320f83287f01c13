/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk's only peer. Each request carries the session of the person it is made for; without one
 * the desk can ask for nothing but health and logging in. */
#include "desk/desk.h"

#include "base/client.h"
#include "base/json.h"

#include <string.h>

#define ANSWER_MS 2000

/* Requests about who somebody is: made by nobody yet. */
static bool is_open(const char *request)
{
    static const char *const names[] = {"health",      "login-begin", "login",
                                        "first-begin", "first",       "wall"};
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (gh_streq(names[i], request))
            return true;
    return false;
}

int gh_desk_ask(struct gh_req *q, const char *request, json_t *args, json_t **ret, int *ret_fd,
                struct gh_err *err)
{
    json_t *ask = args ? args : json_object(), *reply = NULL;
    GH_AUTO_FD fd = -1;
    json_object_set_new(ask, "request", json_string(request));
    if (*q->session && !is_open(request))
        json_object_set_new(ask, "session", json_string(q->session));
    int r = gh_client_talk(q->desk->socket, ask, q->later_asks ? gh_later_left_ms(q) : ANSWER_MS,
                           q->later_asks ? gh_later_stop_fd() : -1, &reply, &fd, err);
    if (r < 0) {
        q->away = true;
        return r;
    }
    json_decref(q->refusal);
    q->refusal = NULL;
    if (!json_is_true(json_object_get(reply, "ok"))) {
        q->refusal = reply;
        return gh_client_refusal(reply, err);
    }
    if (ret)
        *ret = reply;
    else
        json_decref(reply);
    if (ret_fd)
        *ret_fd = gh_steal_fd(&fd);
    return 0;
}

int gh_desk_ask_as(const struct gh_desk *desk, const char *session, const char *request,
                   json_t *args, json_t **ret, int *ret_fd, struct gh_err *err)
{
    json_t *ask = args ? args : json_object();
    json_object_set_new(ask, "request", json_string(request));
    if (session)
        json_object_set_new(ask, "session", json_string(session));
    TRY(gh_client_talk(desk->socket, ask, ANSWER_MS, -1, ret, ret_fd, err));
    return json_is_true(json_object_get(*ret, "ok")) ? 0 : gh_client_refusal(*ret, err);
}

const char *gh_why(const struct gh_req *q)
{
    return gh_j_text(q->refusal, "why");
}

static unsigned roles_of(const json_t *user)
{
    static const struct {
        const char *name;
        unsigned bit;
    } table[] = {{"approver", GH_APPROVER},
                 {"agency", GH_AGENCY},
                 {"officer", GH_OFFICER},
                 {"admin", GH_ADMIN},
                 {"viewer", GH_VIEWER}};
    const json_t *list = json_object_get(user, "roles"), *name;
    unsigned bits = 0;
    size_t i;
    json_array_foreach ((json_t *)list, i, name)
        for (size_t k = 0; k < GH_LEN(table); k++)
            if (json_is_string(name) && gh_streq(table[k].name, json_string_value(name)))
                bits |= table[k].bit;
    return bits;
}

int gh_desk_ask_me(struct gh_req *q, struct gh_err *err)
{
    if (!*q->session)
        return 0;
    if (gh_desk_ask(q, "me", NULL, &q->me, NULL, err) < 0) {
        if (q->away)
            return -(int)err->cls;
        *q->session = 0; /* ended or expired: nobody */
        *q->csrf = 0;
        return 0;
    }
    q->user = json_object_get(q->me, "user");
    q->roles = roles_of(q->user);
    const char *lang = gh_j_text(q->user, "language");
    if (*lang && !gh_form_has(&q->query, "lang")) {
        q->tongue.words = gh_words_of(lang);
        q->tongue.lang = gh_words_language(q->tongue.words);
    }
    return 0;
}
