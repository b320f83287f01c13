/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of oneself: language and looks, password, second factor, sessions, deputy. */
#include "desk/password.h"
#include "desk/qr.h"
#include "desk/route.h"

#include "base/json.h"

#include <string.h>
#include <time.h>

static json_t *languages(const struct gh_req *q)
{
    json_t *list = json_array();
    const struct gh_words *w;
    for (size_t i = 0; (w = gh_words_at(i)); i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "code", gh_words_language(w), "chosen",
                                              gh_streq(gh_words_language(w), q->tongue.lang)));
    return list;
}

static const char *const notices[] = {"waiting",   "decided", "collect",
                                      "questions", "events",  "report"};

static bool is_muted(const json_t *mute, const char *name)
{
    const json_t *v;
    size_t i;
    json_array_foreach ((json_t *)mute, i, v)
        if (gh_streq(json_string_value(v), name))
            return true;
    return false;
}

/* What one can be told of, with what is switched on. */
static json_t *notices_json(const struct gh_req *q)
{
    const json_t *mute = json_object_get(json_object_get(q->me, "user"), "mute");
    json_t *list = json_array();
    for (size_t i = 0; i < GH_LEN(notices); i++)
        json_array_append_new(
            list, json_pack("{s:s, s:b}", "name", notices[i], "on", !is_muted(mute, notices[i])));
    return list;
}

static json_t *me_json(struct gh_req *q)
{
    json_t *data = json_object();
    json_object_set(data, "sessions", json_object_get(q->me, "sessions"));
    json_object_set(data, "second", json_object_get(q->me, "second"));
    json_object_set_new(data, "notices", notices_json(q));
    json_object_set_new(data, "languages", languages(q));
    json_object_set_new(data, "why", json_string(gh_why(q)));
    json_object_set_new(data, "least", json_integer(GH_PASSWORD_MIN));
    return data;
}

int gh_page_me(struct gh_req *q, struct gh_err *err)
{
    return gh_page_show(q, 200, "me", me_json(q), err);
}

/* ghatd's refusal is said on the page of oneself. */
static int told(struct gh_req *q, int r, struct gh_err *err)
{
    const char *why = gh_why(q);
    if (r >= 0)
        return gh_page_goto(q, "/me?done=saved");
    if (q->away || gh_streq(why, "session") || gh_streq(why, "confirm"))
        return r;
    return gh_page_show(q, 409, "me", me_json(q), err);
}

int gh_page_me_set(struct gh_req *q, struct gh_err *err)
{
    static const char *const texts[] = {"language", "scheme", "phone", "email"};
    json_t *ask = json_object();
    for (size_t i = 0; i < GH_LEN(texts); i++)
        if (gh_form_has(&q->form, texts[i]))
            json_object_set_new(ask, texts[i], json_string(gh_field(q, texts[i])));
    if (gh_form_has(&q->form, "has_keys"))
        json_object_set_new(ask, "keys", json_boolean(gh_form_has(&q->form, "keys")));
    if (gh_form_has(&q->form, "has_notices")) {
        json_t *mute = json_array();
        for (size_t i = 0; i < GH_LEN(notices); i++) {
            char field[32];
            GH_FORMAT(field, "tell_%s", notices[i]);
            if (!gh_form_has(&q->form, field))
                json_array_append_new(mute, json_string(notices[i]));
        }
        json_object_set_new(ask, "mute", mute);
        json_object_set_new(ask, "digest", json_boolean(gh_form_has(&q->form, "digest")));
    }
    return told(q, gh_desk_ask(q, "me-set", ask, NULL, NULL, err), err);
}

static int change_password(struct gh_req *q, struct gh_err *err)
{
    char old[GH_PROOF_HEX], proof[GH_PROOF_HEX];
    const char *password = gh_field(q, "password");
    json_t *cost = NULL;
    TRY(gh_password_check(q, password, gh_field(q, "password_again"), err));
    TRY(gh_password_prove(q, NULL, gh_field(q, "password_old"), old, err));
    TRY(gh_desk_ask(q, "password-begin", NULL, &cost, NULL, err));
    gh_password_renew(cost);
    int r = gh_password_proof(password, cost, proof, err);
    json_t *ask = json_pack("{s:s, s:s, s:O}", "proof_old", old, "proof", proof, "salt",
                            json_object_get(cost, "salt"));
    json_decref(cost);
    explicit_bzero(old, sizeof(old));
    explicit_bzero(proof, sizeof(proof));
    if (r < 0) {
        json_decref(ask);
        return r;
    }
    return gh_desk_ask(q, "password", ask, NULL, NULL, err);
}

int gh_page_me_password(struct gh_req *q, struct gh_err *err)
{
    if (!q->later_done) {
        q->later = change_password;
        return 0;
    }
    if (q->later_r < 0)
        *err = q->later_err;
    return told(q, q->later_r, err);
}

int gh_page_me_session(struct gh_req *q, struct gh_err *err)
{
    int64_t id = strtoll(gh_field(q, "id"), NULL, 10);
    json_t *ask = json_pack("{s:I}", "id", (json_int_t)id);
    return told(q, gh_desk_ask(q, "session-end", ask, NULL, NULL, err), err);
}

/* Without a code: show the secret; with one: switch it on. */
int gh_page_me_totp(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    const char *code = gh_field(q, "code");
    if (*code)
        return told(q, gh_desk_ask(q, "totp", json_pack("{s:s}", "code", code), NULL, NULL, err),
                    err);
    TRY(gh_desk_ask(q, "totp-begin", NULL, &data, NULL, err));
    gh_qr_add(json_object_get(data, "totp"));
    return gh_page_show(q, 200, "totp", data, err);
}

/* The end of a day, local time, of "2026-12-31"; 0 when it is none. */
static int64_t end_of_day_ms(const char *date)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end = strptime(date, "%Y-%m-%d", &tm);
    if (!end || *end)
        return 0;
    tm.tm_hour = 23;
    tm.tm_min = 59;
    return (int64_t)mktime(&tm) * 1000;
}

int gh_page_me_deputy(struct gh_req *q, struct gh_err *err)
{
    const char *name = gh_field(q, "deputy");
    json_t *ask = json_object();
    json_object_set_new(ask, "name", *name ? json_string(name) : json_null());
    json_object_set_new(ask, "until_ms", json_integer(end_of_day_ms(gh_field(q, "until"))));
    return told(q, gh_desk_ask(q, "deputy", ask, NULL, NULL, err), err);
}
