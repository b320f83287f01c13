/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an address to its page: the table, and what every request has to pass before its page sees
 * it. */
#include "desk/route.h"

#include "desk/password.h"
#include "desk/server.h"

#include "base/json.h"

#include <string.h>

#define DECIDERS GH_APPROVER
#define COLLECTORS (GH_APPROVER | GH_AGENCY)
#define READERS (GH_APPROVER | GH_VIEWER | GH_OFFICER | GH_ADMIN)
#define SEERS (GH_APPROVER | GH_VIEWER | GH_OFFICER | GH_AGENCY)

const struct gh_route gh_routes[] = {
    {GH_GET, "/", GH_EVERYBODY, gh_page_home},
    {GH_GET, "/healthz", GH_ANYONE, gh_page_health},
    {GH_GET, "/ghat.webmanifest", GH_ANYONE, gh_page_manifest},
    {GH_GET, "/s/%/*", GH_ANYONE, gh_page_static},
    {GH_GET, "/login", GH_ANYONE, gh_page_login},
    {GH_POST, "/login", GH_ANYONE, gh_page_login_post},
    {GH_POST, "/logout", GH_EVERYBODY, gh_page_logout},
    {GH_GET, "/first/%", GH_ANYONE, gh_page_first},
    {GH_POST, "/first/%", GH_ANYONE, gh_page_first_post},
    {GH_GET, "/wall/%", GH_ANYONE, gh_page_wall},
    {GH_GET, "/me", GH_EVERYBODY, gh_page_me},
    {GH_POST, "/me", GH_EVERYBODY, gh_page_me_set},
    {GH_POST, "/me/password", GH_EVERYBODY, gh_page_me_password},
    {GH_POST, "/me/session", GH_EVERYBODY, gh_page_me_session},
    {GH_POST, "/me/totp", GH_EVERYBODY, gh_page_me_totp},
    {GH_POST, "/me/deputy", GH_EVERYBODY, gh_page_me_deputy},
    {GH_GET, "/q", GH_APPROVER | GH_VIEWER | GH_OFFICER, gh_page_queue},
    {GH_POST, "/q/approve", DECIDERS, gh_page_queue_approve},
    {GH_GET, "/i/#", SEERS, gh_page_item},
    {GH_GET, "/i/#/log", SEERS, gh_page_log},
    {GH_GET, "/i/#/compare/#", GH_APPROVER | GH_VIEWER | GH_OFFICER, gh_page_compare},
    {GH_GET, "/i/#/print", GH_APPROVER | GH_VIEWER | GH_OFFICER, gh_page_print},
    {GH_POST, "/i/#/approve", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/hold", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/reject", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/release", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/withdraw", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/retry", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/rerender", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/undo", DECIDERS, gh_page_decide},
    {GH_POST, "/i/#/ask-withdraw", GH_OFFICER, gh_page_plea},
    {GH_POST, "/i/#/stays", DECIDERS, gh_page_plea},
    {GH_POST, "/i/#/recall", GH_APPROVER | GH_OFFICER, gh_page_decide},
    {GH_POST, "/i/#/caption", GH_APPROVER | GH_OFFICER, gh_page_caption},
    {GH_POST, "/i/#/alt", GH_APPROVER | GH_OFFICER, gh_page_alt},
    {GH_POST, "/i/#/urgent", DECIDERS, gh_page_choose},
    {GH_POST, "/i/#/embargo", DECIDERS, gh_page_choose},
    {GH_POST, "/i/#/replaces", DECIDERS, gh_page_choose},
    {GH_POST, "/i/#/order", DECIDERS, gh_page_choose},
    {GH_POST, "/i/#/thumb", DECIDERS, gh_page_choose},
    {GH_POST, "/i/#/focal", DECIDERS, gh_page_choose},
    {GH_GET, "/today", COLLECTORS | GH_VIEWER, gh_page_today},
    {GH_POST, "/i/#/collected", COLLECTORS, gh_page_deliver},
    {GH_POST, "/i/#/take", COLLECTORS, gh_page_deliver},
    {GH_POST, "/i/#/posted", COLLECTORS, gh_page_deliver},
    {GH_POST, "/i/#/refused", COLLECTORS, gh_page_deliver},
    {GH_POST, "/i/#/acknowledge", COLLECTORS, gh_page_deliver},
    {GH_POST, "/zip", COLLECTORS, gh_page_zip_make},
    {GH_GET, "/zip/#", COLLECTORS, gh_page_zip},
    {GH_GET, "/zip/#/*", COLLECTORS, gh_page_zip_bytes},
    {GH_POST, "/zip/#/collected", COLLECTORS, gh_page_zip_collected},
    {GH_GET, "/contacts", GH_EVERYBODY, gh_page_contacts},
    {GH_GET, "/contacts/*", GH_EVERYBODY, gh_page_vcards},
    {GH_GET, "/questions", SEERS, gh_page_questions},
    {GH_POST, "/questions", GH_APPROVER | GH_AGENCY, gh_page_ask},
    {GH_GET, "/question/#", SEERS, gh_page_question},
    {GH_POST, "/question/#/answer", GH_APPROVER | GH_OFFICER, gh_page_question_act},
    {GH_POST, "/question/#/extend", GH_OFFICER, gh_page_question_act},
    {GH_POST, "/question/#/reopen", GH_APPROVER | GH_AGENCY, gh_page_question_act},
    {GH_POST, "/question/#/close", GH_APPROVER | GH_AGENCY, gh_page_question_act},
    {GH_POST, "/question/#/withdraw", GH_APPROVER | GH_AGENCY, gh_page_question_act},
    {GH_GET, "/events.ics", GH_ANYONE, gh_page_feed},
    {GH_GET, "/events", SEERS, gh_page_events},
    {GH_POST, "/events", GH_APPROVER | GH_OFFICER, gh_page_event_add},
    {GH_GET, "/event/#", SEERS, gh_page_event},
    {GH_POST, "/event/#/change", GH_APPROVER | GH_OFFICER, gh_page_event_act},
    {GH_POST, "/event/#/cancel", GH_APPROVER | GH_OFFICER, gh_page_event_act},
    {GH_GET, "/report", READERS, gh_page_report},
    {GH_GET, "/report.csv", READERS, gh_page_report_csv},
    {GH_GET, "/freeze", DECIDERS, gh_page_frozen},
    {GH_POST, "/freeze", DECIDERS, gh_page_freeze},
    {GH_GET, "/r/#/#/*", SEERS, gh_page_media},
    {GH_GET, "/p/#/#/*", SEERS, gh_page_preview},
    {GH_GET, "/o/#/#/*", GH_APPROVER | GH_VIEWER | GH_OFFICER, gh_page_preview},
    {GH_GET, "/o/#/#/%/bytes", GH_APPROVER | GH_VIEWER | GH_OFFICER, gh_page_original},
    {GH_GET, "/live", GH_EVERYBODY, gh_page_live},
    {GH_GET, "/count", GH_EVERYBODY, gh_page_count},
    {GH_GET, NULL, 0, NULL},
};

/* --------------------------------------------------------------------------------------- finding
 */

static bool is_number(const char *s, size_t n)
{
    return n > 0 && n <= 15 && *s != '0' && strspn(s, "0123456789") >= n;
}

static bool is_token(const char *s, size_t n)
{
    return n >= 8 && n <= 64 && strspn(s, "0123456789abcdef") >= n;
}

static bool fits(const char *pattern, const char *path, char ret_args[GH_ARGS][GH_ARG_BYTES])
{
    unsigned args = 0;
    while (*pattern && *path) {
        size_t want = strcspn(pattern, "/"), have = strcspn(path, "/");
        bool variable = want == 1 && strchr("#%*", *pattern);
        if (!variable && (want != have || strncmp(pattern, path, have) != 0))
            return false;
        if (variable) {
            if ((*pattern == '#' && !is_number(path, have)) ||
                (*pattern == '%' && !is_token(path, have)) || have == 0 || have >= GH_ARG_BYTES)
                return false;
            memcpy(ret_args[args], path, have);
            ret_args[args++][have] = 0;
        }
        pattern += want;
        path += have;
        if (*pattern != *path)
            return false;
        if (*pattern) {
            pattern++;
            path++;
        }
    }
    return *pattern == *path;
}

const struct gh_route *gh_route_find(enum gh_method method, const char *path,
                                     char ret_args[GH_ARGS][GH_ARG_BYTES])
{
    for (const struct gh_route *r = gh_routes; r->pattern; r++)
        if (r->method == method && fits(r->pattern, path, ret_args))
            return r;
    return NULL;
}

/* --------------------------------------------------------------------------------------- serving
 */

/* A link in a mail: browsers keep the cookie back from a foreign site's link (SameSite=Strict), so
 * the page asks for itself once more, now from our own site. */
static bool comes_from_outside(const struct gh_req *q)
{
    const char *site = gh_header(q, "Sec-Fetch-Site"), *mode = gh_header(q, "Sec-Fetch-Mode");
    return q->method == GH_GET && !*q->session && site && gh_streq(site, "cross-site") && mode &&
           gh_streq(mode, "navigate");
}

/* The password, given once more with the form it is for: proven first, by the slow thread. */
static int confirm_first(struct gh_req *q, struct gh_err *err)
{
    char proof[GH_PROOF_HEX];
    TRY(gh_password_prove(q, NULL, gh_field(q, "confirm_password"), proof, err));
    int r = gh_desk_ask(q, "confirm", json_pack("{s:s}", "proof", proof), NULL, NULL, err);
    explicit_bzero(proof, sizeof(proof));
    return r;
}

static int serve(struct gh_req *q, const struct gh_route *route, struct gh_err *err)
{
    bool anyone = route->roles & GH_ANYONE;
    if (q->method == GH_POST && !gh_req_is_ours(q)) {
        gh_page_error(q, 403);
        return 0;
    }
    if (comes_from_outside(q) && !anyone)
        return gh_page_show(q, 200, "again", json_pack("{s:s}", "uri", q->uri), err);
    if (!q->later_done && !(anyone && !strcmp(route->pattern, "/s/%/*")))
        TRY(gh_desk_ask_me(q, err));
    if (!anyone && !q->user)
        return q->method == GH_GET ? gh_page_goto(q, "/login?next=%s", q->path)
                                   : gh_page_goto(q, "/login");
    if (!anyone && !(q->roles & route->roles)) {
        gh_page_error(q, 404);
        return 0;
    }
    if (q->method == GH_POST && !anyone && !gh_csrf_holds(q)) {
        gh_page_error(q, 403);
        return 0;
    }
    if (gh_form_has(&q->form, "confirm_password") && !anyone && !q->confirmed) {
        if (!q->later_done) {
            q->later = confirm_first;
            return 0;
        }
        if (q->later_r < 0) {
            *err = q->later_err;
            return q->later_r;
        }
        q->confirmed = true;
        q->later = NULL; /* the page may have slow work of its own */
        q->later_done = false;
    }
    return route->page(q, err);
}

void gh_route_serve(struct gh_req *q)
{
    struct gh_err err = {0};
    const struct gh_route *route = q->known_uri ? gh_route_find(q->method, q->path, q->arg) : NULL;
    if (!q->later_done && gh_req_read(q, &err) < 0) {
        gh_page_error(q, err.cls == GH_LIMIT ? 413 : 400);
        return;
    }
    if (!route) {
        gh_page_error(q, 404);
        return;
    }
    if (serve(q, route, &err) < 0) {
        q->later = NULL;
        gh_page_failed(q, &err);
    }
}
