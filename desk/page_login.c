/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logging in and out. The password is hashed by the slow thread while the connection waits; ghatd
 * says before that whether another attempt is welcome. */
#include "desk/password.h"
#include "desk/route.h"
#include "desk/server.h"

#include "base/json.h"

#include <string.h>

/* Where to go afterwards: a page of the desk, or home. */
static const char *next_page(const char *wish)
{
    char path[GH_PATH_BYTES], args[GH_ARGS][GH_ARG_BYTES];
    const char *query;
    bool known = gh_uri_split(wish, path, &query) && !*query && gh_route_find(GH_GET, path, args);
    return known && !gh_starts(path, "/login") && !gh_starts(path, "/first") ? wish : "/";
}

static json_t *languages(void)
{
    json_t *list = json_array();
    const struct gh_words *w;
    for (size_t i = 0; (w = gh_words_at(i)); i++)
        json_array_append_new(list, json_pack("{s:s}", "code", gh_words_language(w)));
    return list;
}

static int show_login(struct gh_req *q, unsigned status, const char *name, const char *next,
                      struct gh_err *err)
{
    const char *why = gh_why(q);
    json_t *data = json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", name, "next", next, "why", why,
                             "code", gh_streq(why, "code"), "languages", languages());
    json_object_set_new(data, "wait_ms", json_integer(gh_j_int(q->refusal, "wait_ms")));
    return gh_page_show(q, status, "login", data, err);
}

int gh_page_login(struct gh_req *q, struct gh_err *err)
{
    const char *next = next_page(gh_query(q, "next"));
    if (q->user)
        return gh_page_goto(q, "%s", next);
    json_decref(q->refusal);
    q->refusal = NULL;
    return show_login(q, 200, "", next, err);
}

static int log_in(struct gh_req *q, struct gh_err *err)
{
    char proof[GH_PROOF_HEX];
    json_t *reply = NULL, *ask = gh_device_json(q);
    const char *name = gh_field(q, "name"), *code = gh_field(q, "code");
    *q->session = 0;
    int r = gh_password_prove(q, name, gh_field(q, "password"), proof, err);
    if (r < 0) {
        json_decref(ask);
        return r;
    }
    json_object_set_new(ask, "name", json_string(name));
    json_object_set_new(ask, "proof", json_string(proof));
    if (*code)
        json_object_set_new(ask, "code", json_string(code));
    explicit_bzero(proof, sizeof(proof));
    TRY(gh_desk_ask(q, "login", ask, &reply, NULL, err));
    gh_take_session(q, reply);
    json_decref(reply);
    return 0;
}

int gh_page_login_post(struct gh_req *q, struct gh_err *err)
{
    const char *next = next_page(gh_field(q, "next"));
    if (!q->later_done) {
        q->later = log_in;
        return 0;
    }
    if (q->later_r == 0)
        return gh_page_goto(q, "%s", next);
    if (q->away) {
        *err = q->later_err;
        return q->later_r;
    }
    return show_login(q, gh_streq(gh_why(q), "wait") ? 429 : 403, gh_field(q, "name"), next, err);
}

int gh_page_logout(struct gh_req *q, struct gh_err *err)
{
    TRY(gh_desk_ask(q, "logout", NULL, NULL, NULL, err));
    gh_reply_session(q, "", 0);
    return gh_page_goto(q, "/login");
}
