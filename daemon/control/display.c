/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens on a wall, and calendars that follow the events: each has a token that opens one page of
 * figures, or one list, and nothing else. A token is answered once; what is kept is its digest,
 * under the name by which it is taken back. */
#include "daemon/control/login.h"

#include "daemon/control/view.h"
#include "daemon/ledger/waiting.h"
#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/str.h"

#include <string.h>

/* What tokens open. */
static const struct kind {
    const char *what, *command; /* of messages */
    const char *kept_as; /* setting: {"NAME": {"sha", "made_ms"}, …}; the list's name, too */
    const char *added, *removed; /* actions of the audit */
    const char *link;            /* behind the desk's address, before the token */
    size_t most;
} display = {"display", "ghat display list", "displays", "display-add", "display-remove", "/wall/",
             16},
  feed = {"feed", "ghat feed list", "feeds", "feed-add", "feed-remove", "/events.ics?k=", 64};

static int load(struct gh_call *call, const struct kind *kind, json_t **ret, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    TRY(gh_ledger_setting(call->p->ledger, kind->kept_as, &text, err));
    *ret = text ? json_loads(text, 0, NULL) : json_object();
    return json_is_object(*ret)
               ? 0
               : gh_fail(err, GH_CONFIG, "the list of %s is damaged", kind->kept_as);
}

/* Kept and audited in one commit. */
static int keep(struct gh_call *call, const struct kind *kind, const json_t *list,
                const char *action, const char *name, struct gh_err *err)
{
    struct gh_ledger *l = call->p->ledger;
    const struct gh_who by = {.actor = call->actor};
    GH_AUTO_FREE char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    TRY(gh_ledger_begin(l, err));
    int r = gh_ledger_set_setting(l, kind->kept_as, text, err);
    if (r == 0)
        r = gh_ledger_note(l, &by, 0, action, name, err);
    return gh_ledger_end(l, r, err);
}

static int name_arg(struct gh_call *call, char ret[33], struct gh_err *err)
{
    TRY(gh_arg_user(call, ret, err));
    if (!*ret)
        return gh_fail(err, GH_USAGE,
                       "a name is a letter and up to 31 letters, digits, dots, hyphens");
    return 0;
}

static int answer_list(struct gh_call *call, const struct kind *kind, struct gh_err *err)
{
    json_t *list = NULL, *answer = json_array(), *one;
    const char *name;
    gh_answer(call, kind->kept_as, answer);
    int r = load(call, kind, &list, err);
    json_object_foreach (list, name, one)
        json_array_append_new(answer, json_pack("{s:s, s:o}", "name", name, "made",
                                                gh_json_time(gh_j_int(one, "made_ms"))));
    json_decref(list);
    return r;
}

static int add(struct gh_call *call, const struct kind *kind, json_t *list, const char *name,
               struct gh_err *err)
{
    char token[GH_INVITE_HEX], sha[GH_SHA_HEX];
    const char *url = call->p->settings->conf.desk_url;
    if (json_object_get(list, name))
        return gh_fail(err, GH_LIMIT, "there is a %s %s already (%s)", kind->what, name,
                       kind->command);
    if (json_object_size(list) >= kind->most)
        return gh_fail(err, GH_LIMIT, "there are %zu %s already; remove one first", kind->most,
                       kind->kept_as);
    gh_secret_draw((GH_INVITE_HEX - 1) / 2, token);
    gh_hash_mem(token, strlen(token), sha);
    json_object_set_new(list, name,
                        json_pack("{s:s, s:I}", "sha", sha, "made_ms", (json_int_t)gh_now_ms()));
    TRY(keep(call, kind, list, kind->added, name, err));
    GH_AUTO_FREE char *link = url ? gh_asprintf("%s%s%s", url, kind->link, token) : NULL;
    gh_answer(call, "name", json_string(name));
    gh_answer(call, "token", json_string(token));
    gh_answer(call, "link", gh_json_text(link));
    return 0;
}

static int add_one(struct gh_call *call, const struct kind *kind, struct gh_err *err)
{
    char name[33];
    json_t *list = NULL;
    TRY(name_arg(call, name, err));
    int r = load(call, kind, &list, err);
    if (r == 0)
        r = add(call, kind, list, name, err);
    json_decref(list);
    return r;
}

static int remove_one(struct gh_call *call, const struct kind *kind, struct gh_err *err)
{
    char name[33];
    json_t *list = NULL;
    TRY(name_arg(call, name, err));
    int r = load(call, kind, &list, err);
    if (r == 0 && json_object_del(list, name) < 0)
        r = gh_fail(err, GH_USAGE, "there is no %s %s (%s)", kind->what, name, kind->command);
    if (r == 0)
        r = keep(call, kind, list, kind->removed, name, err);
    json_decref(list);
    return r;
}

int gh_req_displays(struct gh_call *call, struct gh_err *err)
{
    return answer_list(call, &display, err);
}

int gh_req_display_add(struct gh_call *call, struct gh_err *err)
{
    return add_one(call, &display, err);
}

int gh_req_display_remove(struct gh_call *call, struct gh_err *err)
{
    return remove_one(call, &display, err);
}

int gh_req_feeds(struct gh_call *call, struct gh_err *err)
{
    return answer_list(call, &feed, err);
}

int gh_req_feed_add(struct gh_call *call, struct gh_err *err)
{
    return add_one(call, &feed, err);
}

int gh_req_feed_remove(struct gh_call *call, struct gh_err *err)
{
    return remove_one(call, &feed, err);
}

/* --------------------------------------------------------------------------------------- the wall
 */

static int admit(struct gh_call *call, const struct kind *kind, struct gh_err *err)
{
    char sha[GH_SHA_HEX];
    const char *token, *name;
    json_t *list = NULL, *one;
    bool known = false;
    TRY(gh_arg_hex(call, "token", GH_INVITE_HEX - 1, &token, err));
    gh_hash_mem(token, strlen(token), sha);
    TRY(load(call, kind, &list, err));
    json_object_foreach (list, name, one) {
        const char *kept = gh_j_text(one, "sha");
        known |= strlen(kept) == GH_SHA_HEX - 1 && gh_secret_same(kept, sha, GH_SHA_HEX - 1);
    }
    json_decref(list);
    return known ? 0 : gh_refuse(call, err, "gone", "this display is none, or was taken back");
}

struct wall {
    int64_t waiting, oldest_ms;
};

static bool add_department(const char *department, uint64_t n, int64_t oldest_ms, void *arg)
{
    struct wall *w = arg;
    (void)department;
    w->waiting += (int64_t)n;
    w->oldest_ms = w->oldest_ms ? GH_MIN(w->oldest_ms, oldest_ms) : oldest_ms;
    return true;
}

/* Figures without a name, a word or a picture: a wall is seen by whoever walks by. */
int gh_req_wall(struct gh_call *call, struct gh_err *err)
{
    struct gh_ledger *l = call->p->ledger;
    const struct gh_waiting_filter filter = {.state = "staged"};
    struct wall w = {0, 0};
    struct gh_today today;
    int64_t from, to;
    TRY(admit(call, &display, err));
    TRY(gh_ledger_waiting_each(l, &filter, add_department, &w, err));
    TRY(gh_day_span(NULL, &from, &to, err));
    TRY(gh_ledger_today(l, from, &today, err));
    TRY(gh_answer_frozen(call, err));
    gh_answer(call, "waiting", json_integer((json_int_t)w.waiting));
    gh_answer(call, "oldest_ms", json_integer((json_int_t)w.oldest_ms));
    gh_answer(call, "today",
              json_pack("{s:I, s:I, s:I}", "staged", (json_int_t)today.staged, "decided",
                        (json_int_t)today.decided, "collected", (json_int_t)today.collected));
    return 0;
}

/* ---------------------------------------------------------------------------------- the calendar
 */

#define FEED_BACK_MS ((int64_t)31 * 24 * 3600 * 1000)
#define FEED_EVENTS 2000

/* What calendars show, and nothing of people. */
int gh_req_feed(struct gh_call *call, struct gh_err *err)
{
    int64_t now = gh_now_ms();
    const struct gh_event_filter filter = {.from_ms = now - FEED_BACK_MS, .limit = FEED_EVENTS};
    GH_AUTO(gh_event_list_free) struct gh_event_list there = {0};
    json_t *list = json_array();
    gh_answer(call, "events", list);
    TRY(admit(call, &feed, err));
    TRY(gh_ledger_events(call->p->ledger, &filter, &there, err));
    for (size_t i = 0; i < there.n; i++) {
        struct gh_event *e = &there.list[i];
        e->came_out = e->out_ms = 0; /* nor of what came, in or out */
        gh_event_hide_inside(e, now);
        json_t *o = gh_event_json(call, e);
        json_object_set_new(o, "starts_ms", json_integer((json_int_t)e->starts_ms));
        json_object_set_new(o, "ends_ms", json_integer((json_int_t)e->ends_ms));
        json_object_set_new(o, "changed_ms", json_integer((json_int_t)e->changed_ms));
        json_array_append_new(list, o);
    }
    return 0;
}
