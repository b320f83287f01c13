/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one-time link of a new person: GET shows a form and changes nothing, since mail scanners
 * press every link; POST sets the password and logs in. */
#include "desk/password.h"
#include "desk/qr.h"
#include "desk/route.h"

#include "base/json.h"

#include <string.h>

static int show_first(struct gh_req *q, unsigned status, const char *why, struct gh_err *err)
{
    json_t *data = NULL;
    const char *lang;
    GH_AUTO_FREE char *kept = gh_strdup(why);
    TRY(gh_desk_ask(q, "first-begin", json_pack("{s:s}", "token", q->arg[0]), &data, NULL, err));
    lang = gh_j_text(data, "language");
    if (*lang) {
        q->tongue.words = gh_words_of(lang);
        q->tongue.lang = gh_words_language(q->tongue.words);
    }
    gh_qr_add(json_object_get(data, "totp"));
    json_object_set_new(data, "token", json_string(q->arg[0]));
    json_object_set_new(data, "why", json_string(kept));
    json_object_set_new(data, "least", json_integer(GH_PASSWORD_MIN));
    return gh_page_show(q, status, "first", data, err);
}

/* A link that is used up, too old or wrong is told so, whatever ghatd calls it. */
static int or_over(struct gh_req *q, int r, struct gh_err *err)
{
    if (r >= 0 || q->away)
        return r;
    return gh_page_show(q, 410, "over", NULL, err);
}

int gh_page_first(struct gh_req *q, struct gh_err *err)
{
    return or_over(q, show_first(q, 200, "", err), err);
}

static int set_password(struct gh_req *q, struct gh_err *err)
{
    char proof[GH_PROOF_HEX];
    json_t *cost = NULL, *reply = NULL, *ask;
    const char *password = gh_field(q, "password"), *code = gh_field(q, "code");
    *q->session = 0;
    TRY(gh_password_check(q, password, gh_field(q, "password_again"), err));
    TRY(gh_desk_ask(q, "first-begin", json_pack("{s:s}", "token", q->arg[0]), &cost, NULL, err));
    int r = gh_password_proof(password, cost, proof, err);
    json_decref(cost);
    TRY(r);
    ask = gh_device_json(q);
    json_object_set_new(ask, "token", json_string(q->arg[0]));
    json_object_set_new(ask, "proof", json_string(proof));
    if (*code)
        json_object_set_new(ask, "code", json_string(code));
    explicit_bzero(proof, sizeof(proof));
    TRY(gh_desk_ask(q, "first", ask, &reply, NULL, err));
    gh_take_session(q, reply);
    json_decref(reply);
    return 0;
}

int gh_page_first_post(struct gh_req *q, struct gh_err *err)
{
    if (!q->later_done) {
        q->later = set_password;
        return 0;
    }
    if (q->later_r == 0)
        return gh_page_goto(q, "/");
    if (q->away) {
        *err = q->later_err;
        return q->later_r;
    }
    return or_over(q, show_first(q, 403, gh_why(q), err), err);
}
