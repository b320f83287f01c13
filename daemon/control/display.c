/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens on a wall: each has a token that opens one page of figures, and nothing else. A token is
 * answered once; what is kept is its digest, under the name by which it is taken back. */
#include "daemon/control/login.h"

#include "daemon/control/view.h"
#include "daemon/ledger/waiting.h"
#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/str.h"

#include <string.h>

#define DISPLAYS 16        /* at most */
#define KEPT_AS "displays" /* setting: {"NAME": {"sha", "made_ms"}, …} */

static int load(struct gh_call *call, json_t **ret, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    TRY(gh_ledger_setting(call->p->ledger, KEPT_AS, &text, err));
    *ret = text ? json_loads(text, 0, NULL) : json_object();
    return json_is_object(*ret) ? 0 : gh_fail(err, GH_CONFIG, "the list of displays is damaged");
}

/* Kept and audited in one commit. */
static int keep(struct gh_call *call, const json_t *list, const char *action, const char *name,
                struct gh_err *err)
{
    struct gh_ledger *l = call->p->ledger;
    const struct gh_who by = {.actor = call->actor};
    GH_AUTO_FREE char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    TRY(gh_ledger_begin(l, err));
    int r = gh_ledger_set_setting(l, KEPT_AS, text, err);
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

int gh_req_displays(struct gh_call *call, struct gh_err *err)
{
    json_t *list = NULL, *answer = json_array(), *one;
    const char *name;
    gh_answer(call, "displays", answer);
    int r = load(call, &list, err);
    json_object_foreach (list, name, one)
        json_array_append_new(answer, json_pack("{s:s, s:o}", "name", name, "made",
                                                gh_json_time(gh_j_int(one, "made_ms"))));
    json_decref(list);
    return r;
}

static int add(struct gh_call *call, json_t *list, const char *name, struct gh_err *err)
{
    char token[GH_INVITE_HEX], sha[GH_SHA_HEX];
    const char *url = call->p->settings->conf.desk_url;
    if (json_object_get(list, name))
        return gh_fail(err, GH_LIMIT, "there is a display %s already (ghat display list)", name);
    if (json_object_size(list) >= DISPLAYS)
        return gh_fail(err, GH_LIMIT, "there are %d displays already; remove one first", DISPLAYS);
    gh_secret_draw((GH_INVITE_HEX - 1) / 2, token);
    gh_hash_mem(token, strlen(token), sha);
    json_object_set_new(list, name,
                        json_pack("{s:s, s:I}", "sha", sha, "made_ms", (json_int_t)gh_now_ms()));
    TRY(keep(call, list, "display-add", name, err));
    GH_AUTO_FREE char *link = url ? gh_asprintf("%s/wall/%s", url, token) : NULL;
    gh_answer(call, "name", json_string(name));
    gh_answer(call, "token", json_string(token));
    gh_answer(call, "link", gh_json_text(link));
    return 0;
}

int gh_req_display_add(struct gh_call *call, struct gh_err *err)
{
    char name[33];
    json_t *list = NULL;
    TRY(name_arg(call, name, err));
    int r = load(call, &list, err);
    if (r == 0)
        r = add(call, list, name, err);
    json_decref(list);
    return r;
}

int gh_req_display_remove(struct gh_call *call, struct gh_err *err)
{
    char name[33];
    json_t *list = NULL;
    TRY(name_arg(call, name, err));
    int r = load(call, &list, err);
    if (r == 0 && json_object_del(list, name) < 0)
        r = gh_fail(err, GH_USAGE, "there is no display %s (ghat display list)", name);
    if (r == 0)
        r = keep(call, list, "display-remove", name, err);
    json_decref(list);
    return r;
}

/* --------------------------------------------------------------------------------------- the wall
 */

static int admit(struct gh_call *call, struct gh_err *err)
{
    char sha[GH_SHA_HEX];
    const char *token, *name;
    json_t *list = NULL, *one;
    bool known = false;
    TRY(gh_arg_hex(call, "token", GH_INVITE_HEX - 1, &token, err));
    gh_hash_mem(token, strlen(token), sha);
    TRY(load(call, &list, err));
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
    struct gh_counts counts;
    int64_t from, to;
    TRY(admit(call, err));
    TRY(gh_ledger_waiting_each(l, &filter, add_department, &w, err));
    TRY(gh_day_span(NULL, &from, &to, err));
    TRY(gh_ledger_counts(l, from, &counts, err));
    TRY(gh_answer_frozen(call, err));
    gh_answer(call, "waiting", json_integer((json_int_t)w.waiting));
    gh_answer(call, "oldest_ms", json_integer((json_int_t)w.oldest_ms));
    gh_answer(call, "today",
              json_pack("{s:I, s:I, s:I}", "staged", (json_int_t)counts.staged_today, "decided",
                        (json_int_t)counts.decided_today, "collected",
                        (json_int_t)counts.collected_today));
    return 0;
}
