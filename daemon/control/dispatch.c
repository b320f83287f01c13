/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of requests: who may ask what, at the command and over the desk. Their arguments,
 * checked once, and the answering of one request line. */
#include "daemon/control/control_int.h"

#include "daemon/control/login.h"
#include "daemon/control/peer.h"

#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AS_MAX 256    /* bytes of the name a peer gives itself */
#define AS_SHOWN 96   /* bytes of it that are kept, in the form it is shown in */
#define HANDLE_MAX 40 /* bytes of a handle with its number */
#define NAME_SHOWN 40 /* bytes of an unknown request's name in the refusal */

/* ------------------------------------------------------------------------------------ arguments */

int gh_arg_id(const struct gh_call *call, const char *name, int64_t *ret, struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (!json_is_integer(v) || json_integer_value(v) <= 0)
        return gh_fail(err, GH_USAGE, "\"%s\" must be a number above 0", name);
    *ret = json_integer_value(v);
    return 0;
}

int gh_arg_text(const struct gh_call *call, const char *name, size_t max, const char **ret,
                struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (!v || json_is_null(v)) {
        *ret = NULL;
        return 0;
    }
    if (!json_is_string(v) || json_string_length(v) > max ||
        strlen(json_string_value(v)) != json_string_length(v))
        return gh_fail(err, GH_USAGE, "\"%s\" must be a text of at most %zu bytes", name, max);
    *ret = json_string_value(v);
    return 0;
}

int gh_arg_bool(const struct gh_call *call, const char *name, bool def, bool *ret,
                struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (v && !json_is_boolean(v))
        return gh_fail(err, GH_USAGE, "\"%s\" must be true or false", name);
    *ret = v ? json_is_true(v) : def;
    return 0;
}

int gh_arg_placements(const struct gh_call *call, const char **ret, size_t *ret_n,
                      struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "placements");
    size_t n = json_array_size(list);
    if (!list || json_is_null(list)) {
        *ret_n = 0;
        return 0;
    }
    if (!json_is_array(list) || n == 0 || n > GH_ARG_PLACEMENTS)
        return gh_fail(err, GH_USAGE, "\"placements\" must be a list of 1 to %d names",
                       GH_ARG_PLACEMENTS);
    for (size_t i = 0; i < n; i++) {
        ret[i] = json_string_value(json_array_get(list, i));
        if (!ret[i])
            return gh_fail(err, GH_USAGE, "\"placements\" must hold names only");
    }
    *ret_n = n;
    return 0;
}

int gh_arg_files(const struct gh_call *call, unsigned **ret, size_t *ret_n, struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "files");
    size_t n = json_array_size(list);
    if (!list || json_is_null(list)) {
        *ret_n = 0;
        return 0;
    }
    if (!json_is_array(list) || n == 0 || n > GH_ARG_FILES)
        return gh_fail(err, GH_USAGE, "\"files\" must be a list of 1 to %d numbers", GH_ARG_FILES);
    GH_AUTO_FREE unsigned *numbers = gh_alloc(n * sizeof(*numbers));
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_integer(v) || json_integer_value(v) <= 0 || json_integer_value(v) > INT32_MAX)
            return gh_fail(err, GH_USAGE, "\"files\" must hold numbers above 0 only");
        numbers[i] = (unsigned)json_integer_value(v);
    }
    *ret = gh_steal(&numbers);
    *ret_n = n;
    return 0;
}

int gh_arg_handle(const struct gh_call *call, int64_t id, const char **ret, struct gh_err *err)
{
    const char *text;
    char *at;
    TRY(gh_arg_text(call, "handle", HANDLE_MAX, &text, err));
    if (!text) {
        *ret = NULL;
        return 0;
    }
    if (strtoll(text, &at, 10) != id || *at != '@')
        return gh_fail(err, GH_USAGE,
                       "\"handle\" must be that of submission %" PRId64 ", as show answers it", id);
    *ret = at + 1;
    return 0;
}

void gh_answer(struct gh_call *call, const char *name, json_t *value)
{
    (void)json_object_set_new(call->reply, name, value ? value : json_null());
}

/* ---------------------------------------------------------------------------------- their table */

/* What may a peer of the command's socket ask for? */
static bool peer_may(const struct gh_call *call, const struct gh_request *r)
{
    enum gh_control_role role = call->peer.role;
    return r->role == GH_ROLE_POST ? role == GH_ROLE_POST || role == GH_ROLE_ADMIN
                                   : role >= r->role;
}

static int req_help(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    json_t *list = json_array();
    for (const struct gh_request *r = gh_requests; r->name; r++)
        if (call->person ? (call->person->roles & r->desk) != 0 : peer_may(call, r))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s}", "request", r->name, "args", r->args));
    gh_answer(call, "requests", list);
    return 0;
}

/* Is anybody there, and did anything change? What changed is told to people only; that something
 * did spares the desk from asking in the name of everybody who watches. */
static int req_health(struct gh_call *call, struct gh_err *err)
{
    struct gh_frozen is;
    int frozen = gh_ledger_frozen(call->p->ledger, &is, err);
    TRY(frozen);
    gh_answer(call, "version", json_string(GH_VERSION));
    gh_answer(call, "frozen", json_boolean(frozen));
    gh_answer_place(call);
    return 0;
}

/* Over the desk: sets of roles. */
#define ANYBODY GH_ROLES_ALL
#define DECIDES GH_APPROVER
#define LOOKS (GH_APPROVER | GH_AGENCY | GH_OFFICER | GH_VIEWER)
#define OVERVIEW (GH_APPROVER | GH_ADMINISTRATOR | GH_VIEWER)
#define ASKS (GH_APPROVER | GH_AGENCY)
#define COLLECTS (GH_APPROVER | GH_AGENCY)
#define ANSWERS (GH_APPROVER | GH_OFFICER)
#define PEOPLE (GH_ADMINISTRATOR | GH_DESK_CONFIRM)

const struct gh_request gh_requests[] = {
    {"help", GH_ROLE_DESK, ANYBODY, req_help, ""},
    {"health", GH_ROLE_DESK, GH_DESK_OPEN, req_health, ""},
    {"status", GH_ROLE_DESK, OVERVIEW, gh_req_status, ""},
    {"metrics", GH_ROLE_DESK, GH_DESK_OPEN, gh_req_metrics, "[openmetrics]"},
    {"page-times", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_page_times, "pages"},
    {"list", GH_ROLE_DESK, LOOKS, gh_req_list,
     "[state] [department] [after] [before] [limit] [newest]"},
    {"queue", GH_ROLE_DESK, LOOKS, gh_req_queue,
     "[state] [department] [text] [from] [to] [before] [limit]"},
    {"show", GH_ROLE_DESK, LOOKS, gh_req_show, "id [placements]"},
    {"log", GH_ROLE_DESK, GH_OFFICER | OVERVIEW, gh_req_log, "id [after] [limit]"},
    {"file", GH_ROLE_DESK, LOOKS, gh_req_file, "id rendition|file [original] [preview] [still]"},
    {"changes", GH_ROLE_DESK, ANYBODY, gh_req_changes, "[after]"},
    {"departments", GH_ROLE_DESK, ANYBODY, gh_req_departments, ""},
    {"profiles", GH_ROLE_DESK, ANYBODY, gh_req_profiles, ""},
    {"reasons", GH_ROLE_DESK, LOOKS, gh_req_reasons, "[language]"},
    {"approve", GH_ROLE_ADMIN, DECIDES, gh_req_decide,
     "id handle|set_hash|whatever [placements] [files] [undo] [as]"},
    {"freeze", GH_ROLE_ADMIN, DECIDES, gh_req_freeze, "reason [as]"},
    {"thaw", GH_ROLE_ADMIN, DECIDES, gh_req_thaw, "[as]"},
    {"undo", GH_ROLE_ADMIN, DECIDES, gh_req_undo, "id [as]"},
    {"embargo", GH_ROLE_ADMIN, DECIDES, gh_req_embargo, "id until [as]"},
    {"order", GH_ROLE_ADMIN, DECIDES, gh_req_order, "id files [as]"},
    {"replaces", GH_ROLE_ADMIN, DECIDES, gh_req_replaces, "id old [as]"},
    {"hold", GH_ROLE_ADMIN, DECIDES, gh_req_decide,
     "id [handle] [placements] [files] [reason] [undo] [as]"},
    {"release", GH_ROLE_ADMIN, DECIDES, gh_req_decide, "id [handle] [placements] [files] [as]"},
    {"reject", GH_ROLE_ADMIN, DECIDES, gh_req_decide,
     "id reason [handle] [placements] [files] [undo] [as]"},
    {"withdraw", GH_ROLE_ADMIN, DECIDES | GH_DESK_CONFIRM, gh_req_decide,
     "id reason [handle] [placements] [files] [as]"},
    {"collected", GH_ROLE_ADMIN, COLLECTS, gh_req_decide, "id [handle] [placements] [files] [as]"},
    {"outgoing", GH_ROLE_DESK, COLLECTS | GH_VIEWER, gh_req_outgoing, "[before] [limit]"},
    {"posted", GH_ROLE_ADMIN, COLLECTS, gh_req_posted, "id placement link [as]"},
    {"refused", GH_ROLE_ADMIN, COLLECTS, gh_req_refused, "id placement text [as]"},
    {"take", GH_ROLE_ADMIN, COLLECTS, gh_req_take, "id placement [off] [as]"},
    {"acknowledge", GH_ROLE_ADMIN, COLLECTS, gh_req_acknowledge, "id [removed] [seen] [as]"},
    {"bundle-make", GH_ROLE_NEVER, COLLECTS, gh_req_bundle_make, "id|day|new"},
    {"bundles", GH_ROLE_NEVER, COLLECTS, gh_req_bundles, ""},
    {"bundle", GH_ROLE_NEVER, COLLECTS, gh_req_bundle, "bundle"},
    {"bundle-file", GH_ROLE_NEVER, COLLECTS, gh_req_bundle_file, "bundle entry"},
    {"bundle-collected", GH_ROLE_NEVER, COLLECTS, gh_req_bundle_collected, "bundle"},
    {"ask-withdraw", GH_ROLE_NEVER, GH_OFFICER, gh_req_ask_withdraw, "id text"},
    {"stays", GH_ROLE_NEVER, DECIDES, gh_req_stays, "id text"},
    {"recall", GH_ROLE_ADMIN, GH_APPROVER | GH_OFFICER, gh_req_recall, "id [as]"},
    {"thumb", GH_ROLE_ADMIN, DECIDES, gh_req_thumb, "id at [as]"},
    {"focal", GH_ROLE_ADMIN, DECIDES, gh_req_focal, "id at [as]"},
    {"retry", GH_ROLE_ADMIN, DECIDES, gh_req_decide, "id [handle] [placements] [files] [as]"},
    {"rerender", GH_ROLE_ADMIN, DECIDES, gh_req_decide, "id [handle] [placements] [files] [as]"},
    {"caption", GH_ROLE_ADMIN, GH_APPROVER | GH_OFFICER, gh_req_caption,
     "id caption [placement] [as]"},
    {"alt", GH_ROLE_ADMIN, GH_APPROVER | GH_OFFICER, gh_req_alt, "id file text [as]"},
    {"urgent", GH_ROLE_ADMIN, DECIDES, gh_req_urgent, "id [urgent] [as]"},
    {"report", GH_ROLE_DESK, GH_OFFICER | OVERVIEW, gh_req_report,
     "[day] [from] [to] [department] [by]"},
    {"questions", GH_ROLE_DESK, LOOKS, gh_req_questions,
     "[department] [state] [id] [after] [limit]"},
    {"question-counts", GH_ROLE_DESK, LOOKS, gh_req_question_counts, ""},
    {"question", GH_ROLE_DESK, LOOKS, gh_req_question, "question"},
    {"ask", GH_ROLE_ADMIN, ASKS, gh_req_ask, "id|event|department text [urgent] [hold] [as]"},
    {"answer", GH_ROLE_ADMIN, ANSWERS, gh_req_answer, "question text [as]"},
    {"extend", GH_ROLE_ADMIN, ANSWERS, gh_req_extend, "question text [as]"},
    {"reopen", GH_ROLE_ADMIN, ASKS, gh_req_reopen, "question text [as]"},
    {"close", GH_ROLE_ADMIN, ASKS, gh_req_close, "question [text] [as]"},
    {"withdraw-question", GH_ROLE_ADMIN, ASKS, gh_req_withdraw_question, "question [text] [as]"},
    {"recompute", GH_ROLE_ADMIN, 0, gh_req_recompute, "question [as]"},
    {"events", GH_ROLE_DESK, LOOKS, gh_req_events,
     "[department] [state] [from] [to] [after] [limit]"},
    {"event", GH_ROLE_DESK, LOOKS, gh_req_event, "event"},
    {"event-add", GH_ROLE_ADMIN, ANSWERS, gh_req_event_add,
     "department text date time [until] [place] [ward] [material] [as]"},
    {"event-change", GH_ROLE_ADMIN, ANSWERS, gh_req_event_change,
     "event [text] [date] [time] [until] [place] [ward] [material] [as]"},
    {"event-cancel", GH_ROLE_ADMIN, ANSWERS, gh_req_event_cancel, "event [text] [as]"},
    {"post-claim", GH_ROLE_POST, 0, gh_req_post_claim, "channel [limit]"},
    {"post-done", GH_ROLE_POST, 0, gh_req_post_done, "id tries result [why]"},
    {"notices", GH_ROLE_ADMIN, GH_ADMINISTRATOR, gh_req_notices, "[state] [limit]"},
    {"notices-retry", GH_ROLE_ADMIN, GH_ADMINISTRATOR, gh_req_notices_retry, "[id] [as]"},
    {"sweep", GH_ROLE_ADMIN, 0, gh_req_sweep, ""},
    {"clock", GH_ROLE_ADMIN, 0, gh_req_clock, ""},
    {"reload", GH_ROLE_ADMIN, 0, gh_req_reload, ""},
    {"department-confirm", GH_ROLE_ADMIN, 0, gh_req_department_confirm, "department [as]"},
    {"users", GH_ROLE_ADMIN, GH_ADMINISTRATOR, gh_req_users, ""},
    {"user-add", GH_ROLE_ADMIN, PEOPLE, gh_req_user_add,
     "name roles [departments] [full] [language] [phone] [email]"},
    {"user-set", GH_ROLE_ADMIN, PEOPLE, gh_req_user_set,
     "name [roles] [departments] [full] [language] [phone] [email] [mute] [digest]"},
    {"user-lock", GH_ROLE_ADMIN, PEOPLE, gh_req_user_lock, "name [lock]"},
    {"user-reset", GH_ROLE_ADMIN, PEOPLE, gh_req_user_reset, "name"},
    {"user-remove", GH_ROLE_ADMIN, PEOPLE, gh_req_user_remove, "name"},
    {"displays", GH_ROLE_ADMIN, GH_ADMINISTRATOR, gh_req_displays, ""},
    {"display-add", GH_ROLE_ADMIN, PEOPLE, gh_req_display_add, "name"},
    {"display-remove", GH_ROLE_ADMIN, PEOPLE, gh_req_display_remove, "name"},
    {"feeds", GH_ROLE_ADMIN, GH_ADMINISTRATOR, gh_req_feeds, ""},
    {"feed-add", GH_ROLE_ADMIN, PEOPLE, gh_req_feed_add, "name"},
    {"feed-remove", GH_ROLE_ADMIN, PEOPLE, gh_req_feed_remove, "name"},
    {"feed", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_feed, "token"},
    {"wall", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_wall, "token"},
    {"login-begin", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_login_begin, "name [address]"},
    {"login", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_login,
     "name proof [code] [device] [address] [trusted]"},
    {"first-begin", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_first_begin, "token"},
    {"first", GH_ROLE_NEVER, GH_DESK_OPEN, gh_req_first,
     "token proof [code] [device] [address] [trusted]"},
    {"logout", GH_ROLE_NEVER, ANYBODY, gh_req_logout, ""},
    {"me", GH_ROLE_NEVER, ANYBODY, gh_req_me, ""},
    {"me-set", GH_ROLE_NEVER, ANYBODY, gh_req_me_set,
     "[language] [scheme] [keys] [phone] [email] [mute] [digest]"},
    {"session-end", GH_ROLE_NEVER, ANYBODY, gh_req_session_end, "id"},
    {"password-begin", GH_ROLE_NEVER, ANYBODY, gh_req_password_begin, ""},
    {"password", GH_ROLE_NEVER, ANYBODY, gh_req_password, "proof_old salt proof"},
    {"totp-begin", GH_ROLE_NEVER, ANYBODY | GH_DESK_CONFIRM, gh_req_totp_begin, ""},
    {"totp", GH_ROLE_NEVER, ANYBODY | GH_DESK_CONFIRM, gh_req_totp, "code"},
    {"deputy", GH_ROLE_NEVER, DECIDES | GH_DESK_CONFIRM, gh_req_deputy, "name|null until_ms"},
    {"confirm", GH_ROLE_NEVER, ANYBODY, gh_req_confirm, "proof"},
    {NULL, GH_ROLE_ADMIN, 0, NULL, NULL},
};

/* ------------------------------------------------------------------------- one line, one answer */

/* What the audit calls the peer: its uid first, which is certain, then whom it was logged in as,
 * then the name that it gave itself. That is cut, in the form it is shown in, never what is before
 * it. */
static void name_actor(struct gh_call *call, const char *as)
{
    char login[sizeof(" (login uid:4294967295)")] = "";
    GH_AUTO_STR shown = {0};
    const struct gh_peer *p = &call->peer;
    if (p->login_uid != GH_NO_UID && p->login_uid != p->uid)
        GH_FORMAT(login, " (login uid:%u)", p->login_uid);
    if (as)
        gh_str_display(&shown, as, strlen(as));
    for (char *quote = shown.data; quote && (quote = strchr(quote, '"'));)
        *quote = '\'';
    if (shown.len)
        GH_FORMAT(call->actor, "uid:%u%s as \"%.*s\"", p->uid, login,
                  (int)gh_utf8_cut(shown.data, AS_SHOWN), shown.data);
    else
        GH_FORMAT(call->actor, "uid:%u%s", p->uid, login);
}

static const struct gh_request *find_request(const char *name)
{
    for (const struct gh_request *r = gh_requests; r->name; r++)
        if (gh_streq(r->name, name))
            return r;
    return NULL;
}

/* A peer of the command's socket: its credentials say what it may. */
static int admit_peer(struct gh_call *call, const struct gh_request *r, struct gh_err *err)
{
    if (call->peer.role == GH_ROLE_ADMIN && r->role == GH_ROLE_NEVER)
        return gh_fail(err, GH_USAGE, "%s is for people at the desk, over its own socket", r->name);
    if (json_object_get(call->request, "session"))
        return gh_fail(err, GH_USAGE, "a session counts over the desk's own socket only");
    if (!peer_may(call, r))
        return gh_fail(err, GH_USAGE, "you may not ask for %s; an administrator may", r->name);
    return 0;
}

static int answer_request(struct gh_call *call, struct gh_err *err)
{
    const char *name = json_string_value(json_object_get(call->request, "request")), *as;
    struct gh_asker person;
    if (!name)
        return gh_fail(err, GH_USAGE,
                       "a request is a JSON object with a \"request\" (ask \"help\")");
    TRY(gh_arg_text(call, "as", AS_MAX, &as, err));
    name_actor(call, as);
    const struct gh_request *r = find_request(name);
    if (!r)
        return gh_fail(err, GH_USAGE, "there is no request %.*s (ask \"help\")",
                       (int)gh_utf8_cut(name, NAME_SHOWN), name);
    int done = call->peer.desk ? gh_person_admit(call, r, &person, err) : admit_peer(call, r, err);
    if (done == 0)
        done = r->handle(call, err);
    call->person = NULL;
    return done;
}

/* What a refusal is, for programs: said by whoever refused, or by the ledger's codes. */
static const char *why_of(const struct gh_call *call, const struct gh_err *err)
{
    if (call->why)
        return call->why;
    if (err->cls == GH_USAGE && err->code == ENOENT)
        return "gone";
    if (err->cls == GH_LIMIT && err->code == ESTALE)
        return "changed";
    if (err->cls == GH_LIMIT && err->code == EBUSY)
        return "taken";
    return err->cls == GH_LIMIT && err->code == ENOTSUP ? "state" : NULL;
}

static void answer_refusal(struct gh_call *call, const struct gh_err *err)
{
    const char *why = why_of(call, err), *text = err->msg;
    if (call->peer.desk && gh_streq("gone", why))
        text = "there is no such thing, or it is not for you";
    json_object_set_new(call->reply, "class", json_string(gh_class_name(err->cls)));
    json_object_set_new(call->reply, "error", gh_json_name(text, strlen(text)));
    if (why)
        json_object_set_new(call->reply, "why", json_string(why));
    if (call->changes)
        json_object_set(call->reply, "changes", call->changes);
    gh_close_fd(&call->fd);
}

void gh_later_free(struct gh_later *later)
{
    if (later->state)
        later->free(later->state);
    *later = (struct gh_later){0};
}

json_t *gh_control_answer(const struct gh_control_parts *parts, const struct gh_peer *peer,
                          const char *line, size_t len, struct gh_later *later, int *ret_fd)
{
    struct gh_err err = {0};
    json_error_t why;
    json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    struct gh_call call = {.p = parts,
                           .request = request,
                           .reply = json_object(),
                           .peer = *peer,
                           .fd = -1,
                           .later = later};
    int r = json_is_object(request)
                ? answer_request(&call, &err)
                : gh_fail(&err, GH_USAGE, "a request is one JSON object on one line");
    *ret_fd = -1;
    if (r >= 0 && call.not_yet) {
        json_decref(call.reply);
        json_decref(request);
        return NULL;
    }
    if (later)
        gh_later_free(later);
    json_object_set_new(call.reply, "ok", json_boolean(r >= 0));
    if (r < 0)
        answer_refusal(&call, &err);
    json_decref(call.changes);
    json_decref(request);
    *ret_fd = call.fd;
    return call.reply;
}
