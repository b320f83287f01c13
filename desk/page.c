/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all pages share: the frame around them, the token of their forms, and what a person is told
 * when something did not work. */
#include "desk/desk.h"

#include "desk/server.h"

#include "base/json.h"
#include "base/secret.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#define MASK 16 /* bytes of a form's token, and of what hides it */

const char *gh_field(const struct gh_req *q, const char *name)
{
    return gh_form_get(&q->form, name);
}

const char *gh_query(const struct gh_req *q, const char *name)
{
    return gh_form_get(&q->query, name);
}

int64_t gh_arg(const struct gh_req *q, unsigned i)
{
    return strtoll(q->arg[i], NULL, 10);
}

/* ----------------------------------------------------------------------------------------- forms
 */

static bool token_bytes(const char *hex, unsigned char *ret, size_t n)
{
    return sodium_hex2bin(ret, n, hex, 2 * n, NULL, NULL, NULL) == 0;
}

/* The token looks different on each page, so that compression does not give it away (BREACH). */
static json_t *masked_token(const struct gh_req *q)
{
    unsigned char bytes[2 * MASK], token[MASK];
    char hex[4 * MASK + 1];
    if (!*q->csrf || !token_bytes(q->csrf, token, MASK))
        return json_string("");
    randombytes_buf(bytes, MASK);
    for (size_t i = 0; i < MASK; i++)
        bytes[MASK + i] = bytes[i] ^ token[i];
    return json_string(sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes)));
}

bool gh_csrf_holds(const struct gh_req *q)
{
    unsigned char bytes[2 * MASK], token[MASK];
    const char *sent = gh_field(q, "csrf");
    if (!gh_is_hex(sent, 4 * MASK) || !token_bytes(sent, bytes, sizeof(bytes)) || !*q->csrf ||
        !token_bytes(q->csrf, token, MASK))
        return false;
    for (size_t i = 0; i < MASK; i++)
        bytes[i] ^= bytes[MASK + i];
    return sodium_memcmp(bytes, token, MASK) == 0;
}

/* ----------------------------------------------------------------------------------------- frame
 */

static json_t *roles_json(unsigned roles)
{
    json_t *o = json_object();
    static const char *const names[] = {"approver", "agency", "officer", "admin", "viewer"};
    for (unsigned i = 0; i < GH_LEN(names); i++)
        if (roles & 1u << i)
            json_object_set_new(o, names[i], json_true());
    return o;
}

/* Of what an address says was done and can be taken back: what nobody can write who does not know
 * the session. Without it a link from elsewhere would show an Undo of ours, with a good token. */
static void seal(const struct gh_req *q, const char *what, const char *id, const char *was,
                 char ret[2 * MASK + 1])
{
    unsigned char key[MASK] = {0}, out[MASK];
    GH_AUTO_STR text = {0};
    *ret = '\0';
    if (!*q->csrf || !token_bytes(q->csrf, key, MASK))
        return;
    gh_str_printf(&text, "undo\n%s\n%s\n%s", what, id, was ? was : "\n");
    crypto_generichash(out, sizeof(out), (const unsigned char *)gh_str_text(&text), text.len, key,
                       sizeof(key));
    sodium_bin2hex(ret, 2 * MASK + 1, out, sizeof(out));
}

int gh_page_goto_undo(struct gh_req *q, const char *page, const char *what, int64_t id,
                      const char *was)
{
    char number[24], hex[2 * MASK + 1];
    GH_FORMAT(number, "%" PRId64, id);
    seal(q, what, number, was, hex);
    return gh_page_goto(q, "%s?done=%s&id=%s&%s=%s&seal=%s", page, what, number,
                        was ? "was" : "undo", was ? was : "1", hex);
}

/* Undo of a verdict, or of a point that was moved: it goes back there, or to none. */
static void add_undo(const struct gh_req *q, json_t *o)
{
    char hex[2 * MASK + 1];
    const char *was = gh_form_has(&q->query, "was") ? gh_query(q, "was") : NULL;
    seal(q, gh_query(q, "done"), gh_query(q, "id"), was, hex);
    if (!*hex || !gh_streq(hex, gh_query(q, "seal")))
        return;
    if (was)
        json_object_set_new(o, "back", json_pack("{s:s}", "at", gh_streq(was, "auto") ? "" : was));
    else
        json_object_set_new(o, "undo", json_true());
}

/* What was just done, said once at the top of the next page. */
static json_t *done_json(const struct gh_req *q)
{
    const char *what = gh_query(q, "done"), *id = gh_query(q, "id");
    if (!*what || strlen(what) > 16)
        return json_null();
    bool number = strlen(id) < 20 && strspn(id, "0123456789") == strlen(id);
    json_t *o = json_pack("{s:s, s:s}", "what", what, "id", number ? id : "");
    add_undo(q, o);
    return o;
}

static json_t *framed(const struct gh_req *q, json_t *data)
{
    json_t *o = data ? data : json_object();
    const char *scheme = gh_j_text(q->user, "scheme");
    json_object_set_new(o, "lang", json_string(q->tongue.lang));
    json_object_set_new(o, "scheme", json_string(*scheme ? scheme : "auto"));
    json_object_set_new(o, "csrf", masked_token(q));
    json_object_set(o, "s", q->desk->assets);
    json_object_set_new(o, "me", q->user ? json_incref((json_t *)q->user) : json_null());
    json_object_set_new(o, "is", roles_json(q->roles));
    json_object_set_new(o, "asked", json_boolean(q->roles & ~(unsigned)GH_ADMIN));
    json_object_set_new(o, "reads", json_boolean(q->roles & ~(unsigned)GH_AGENCY));
    json_object_set_new(o, "done", done_json(q));
    json_object_set(o, "place", json_object_get(q->me, "place"));
    json_object_set_new(o, "now_ms", json_integer(q->tongue.now_ms));
    json_object_set_new(o, "blank", json_string("{n}"));
    json_object_set(o, "frozen", json_object_get(q->me, "frozen"));
    json_object_set_new(o, "here", json_string(q->path));
    return o;
}

int gh_page_show(struct gh_req *q, unsigned status, const char *template, json_t *data,
                 struct gh_err *err)
{
    json_t *root = framed(q, data);
    q->reply.body.len = 0;
    int r = gh_templates_fill(q->desk->templates, template, root, &q->tongue, &q->reply.body, err);
    json_decref(root);
    q->reply.status = status;
    q->reply.type = "text/html; charset=utf-8";
    return r;
}

int gh_page_goto(struct gh_req *q, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    free(q->reply.location);
    q->reply.location = gh_vasprintf(fmt, ap);
    va_end(ap);
    q->reply.status = 303;
    return 0;
}

/* --------------------------------------------------------------------------------------- failing
 */

/* The fields of a form that did not get through, so that it can be sent once more. Passwords are
 * not given back. */
static json_t *form_again(const struct gh_req *q)
{
    json_t *list = json_array();
    for (size_t i = 0; i < q->form.n; i++) {
        const struct gh_pair *p = &q->form.list[i];
        if (!gh_streq(p->name, "csrf") && !strstr(p->name, "password"))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s}", "name", p->name, "value", p->value));
    }
    return list;
}

static void show_error(struct gh_req *q, unsigned status, const char *template, json_t *data)
{
    struct gh_err err;
    if (gh_page_show(q, status, template, data, &err) < 0)
        q->reply.status = 500;
}

void gh_page_error(struct gh_req *q, unsigned status)
{
    char code[8];
    GH_FORMAT(code, "%u", status);
    show_error(q, status, "error", json_pack("{s:s}", "status", code));
}

/* ghatd is not there: the page comes back by itself; a form waits for a tap. */
static void show_moment(struct gh_req *q)
{
    q->reply.refresh = q->method == GH_GET;
    show_error(q, 503, "moment",
               json_pack("{s:b, s:o}", "form", q->method == GH_POST, "fields", form_again(q)));
}

static void to_login(struct gh_req *q)
{
    if (q->method == GH_GET)
        gh_page_goto(q, "/login?next=%s", q->path);
    else
        gh_page_goto(q, "/login");
}

void gh_page_failed(struct gh_req *q, const struct gh_err *err)
{
    const char *why = gh_why(q);
    if (q->away) {
        show_moment(q);
    } else if (gh_streq(why, "session")) {
        to_login(q);
    } else if (gh_streq(why, "role") || gh_streq(why, "gone")) {
        gh_page_error(q, 404);
    } else if (gh_streq(why, "confirm") || gh_form_has(&q->form, "confirm_password")) {
        show_error(q, 403, "confirm",
                   json_pack("{s:o, s:s}", "fields", form_again(q), "why",
                             gh_streq(why, "confirm") ? "" : why));
    } else {
        json_t *data = json_pack("{s:s, s:s}", "why", *why ? why : "other", "message", err->msg);
        json_t *changes = json_object_get(q->refusal, "changes");
        if (changes)
            json_object_set(data, "changes", changes);
        if (*q->arg[0])
            json_object_set_new(data, "item", json_string(q->arg[0]));
        show_error(q, err->cls == GH_AGAIN ? 503 : err->cls == GH_BUG ? 500 : 409, "refused", data);
    }
}
