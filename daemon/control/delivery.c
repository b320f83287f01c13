/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of the agency: what is there to collect, who posts it, the link of the post, what the
 * platform said, and that a withdrawal was read. That it is collected is a decision (change.c). */
#include "daemon/control/control_int.h"

#include "daemon/control/item.h"
#include "daemon/control/view.h"
#include "daemon/publish/outbox.h"
#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define PAGE_MAX 100     /* items of one reply */
#define REFUSALS_MAX 50  /* of platforms, in one reply */
#define PLACEMENT_MAX 31 /* bytes */
#define WORDS_MAX 2000   /* bytes of what a platform said */

/* ---------------------------------------------------------------------------------- what is out */

static json_t *outgoing_json(const struct gh_call *call, const struct gh_item *item)
{
    char folder[128];
    const struct gh_department *dep =
        gh_departments_find(&call->p->settings->departments, item->sub.department);
    json_t *o = gh_item_json(item, GH_VIEW_OUT);
    json_object_set_new(o, "department_title", gh_json_text(dep ? dep->title : NULL));
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    json_object_set_new(o, "outbox", gh_json_text(folder));
    return o;
}

static int add_outgoing(struct gh_call *call, int64_t id, json_t *items, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err why = {0};
    if (gh_view_get_out(call, id, &item, &why) == 0)
        json_array_append_new(items, outgoing_json(call, &item));
    else if (why.cls != GH_USAGE)
        return gh_fail_code(err, why.cls, why.code, "%s", why.msg);
    return 0;
}

/* What was withdrawn and nobody has acknowledged comes first, all of it, on the first page. */
int gh_req_outgoing(struct gh_call *call, struct gh_err *err)
{
    int64_t unread[PAGE_MAX], ids[PAGE_MAX + 1], before = 0, limit = PAGE_MAX, from, to;
    json_t *items = json_array();
    gh_answer(call, "items", items);
    if (json_object_get(call->request, "before"))
        TRY(gh_arg_id(call, "before", &before, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    limit = GH_MIN(limit, (int64_t)PAGE_MAX);
    TRY(gh_day_span(NULL, &from, &to, err));
    int first = before ? 0 : gh_ledger_unread(call->p->ledger, unread, GH_LEN(unread), err);
    TRY(first);
    int n = gh_ledger_outgoing(call->p->ledger, from, before, ids, (size_t)limit + 1, err);
    TRY(n);
    for (int i = 0; i < first; i++)
        TRY(add_outgoing(call, unread[i], items, err));
    for (int i = 0; i < n && i < limit; i++)
        TRY(add_outgoing(call, ids[i], items, err));
    gh_answer(call, "more", json_boolean(n > limit));
    return gh_answer_frozen(call, err);
}

static bool add_refusal(int64_t submission, const struct gh_delivery *row, void *arg)
{
    GH_AUTO_FREE char *who = gh_view_who(row->actor);
    json_array_append_new(arg,
                          json_pack("{s:I, s:s, s:o, s:o, s:o}", "id", (json_int_t)submission,
                                    "placement", row->placement, "time", gh_json_time(row->time_ms),
                                    "by", gh_json_text(who), "text", gh_json_text(row->text)));
    return true;
}

int gh_answer_refusals(struct gh_call *call, struct gh_err *err)
{
    json_t *list = json_array();
    gh_answer(call, "platform_refused", list);
    return gh_ledger_refusals(call->p->ledger, REFUSALS_MAX, add_refusal, list, err);
}

/* ---------------------------------------------------------------------------------- what is said
 */

/* The submission and the placement of a request, which the asker must see something of. */
static int arg_placement(const struct gh_call *call, int64_t *ret_id, const char **ret_placement,
                         struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", ret_id, err));
    TRY(gh_arg_text(call, "placement", PLACEMENT_MAX, ret_placement, err));
    if (!*ret_placement)
        return gh_fail(err, GH_USAGE, "\"placement\" is missing");
    return gh_view_get(call, *ret_id, &item, NULL, err);
}

int gh_req_posted(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    unsigned changed = 0;
    const char *placement, *link;
    struct gh_who by = {.actor = call->actor};
    TRY(arg_placement(call, &id, &placement, err));
    TRY(gh_arg_text(call, "link", 2 * GH_LINK_MAX, &link, err));
    TRY(gh_ledger_posted(call->p->ledger, &by, id, placement, link, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    return gh_answer_state(call, id, err);
}

int gh_req_refused(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const char *placement, *text;
    GH_AUTO_FREE char *clean = NULL;
    struct gh_who by = {.actor = call->actor};
    TRY(arg_placement(call, &id, &placement, err));
    TRY(gh_arg_text(call, "text", WORDS_MAX, &text, err));
    if (text)
        TRY(gh_text_decode(text, strlen(text), &clean, err));
    TRY(gh_ledger_platform_refused(call->p->ledger, &by, id, placement, clean, err));
    return gh_answer_state(call, id, err);
}

/* "off": it is not the asker's any more. */
int gh_req_take(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    bool off;
    const char *placement;
    struct gh_who by = {.actor = call->actor};
    TRY(arg_placement(call, &id, &placement, err));
    TRY(gh_arg_bool(call, "off", false, &off, err));
    if (off)
        TRY(gh_ledger_take_back(call->p->ledger, &by, id, placement, err));
    else
        TRY(gh_ledger_take(call->p->ledger, &by, id, placement, err));
    gh_answer(call, "until", gh_json_time(off ? 0 : gh_now_ms() + GH_TAKE_MS));
    return gh_answer_state(call, id, err);
}

/* "removed": the posts of it were taken down; "seen": the gone_handle of the item as it was shown.
 */
int gh_req_acknowledge(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    bool removed;
    const char *seen;
    unsigned changed = 0;
    struct gh_who by = {.actor = call->actor};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_bool(call, "removed", false, &removed, err));
    TRY(gh_arg_text(call, "seen", GH_GONE_HANDLE_MAX, &seen, err));
    TRY(gh_view_get(call, id, &item, NULL, err));
    TRY(gh_ledger_acknowledge(call->p->ledger, &by, id, removed, seen, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    return gh_answer_state(call, id, err);
}
