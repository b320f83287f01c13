/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request queue: what waits for a decision, as cards of the desk show it, a page at a time;
 * searched by text, department, days and state. */
#include "daemon/control/item.h"
#include "daemon/control/view.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <string.h>

#define PAGE_MAX 200
#define TEXT_MAX 400 /* bytes of what is searched for */

static json_t *rendition_json(const struct gh_item *item, const struct gh_rendition *r)
{
    return json_pack(
        "{s:I, s:s, s:s, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:f}", "id", (json_int_t)r->id,
        "placement", r->placement, "state", gh_ren_state_name(r->state), "reason",
        gh_json_text(r->reason), "plain", gh_item_plain(r), "sha256", r->sha256, "bytes",
        (json_int_t)r->bytes, "width", (json_int_t)r->w, "height", (json_int_t)r->h, "file",
        (json_int_t)gh_file_number(item, r->file), "duration", (double)r->duration_us / 1e6);
}

static json_t *card_json(const struct gh_item *item, enum gh_view view)
{
    json_t *o = gh_item_json_short(item, view), *list = json_array();
    size_t media = 0;
    for (size_t i = 0; i < item->n_files; i++)
        media += item->files[i].role == GH_FILE_MEDIA;
    for (size_t i = 0; i < item->n_renditions; i++)
        json_array_append_new(list, rendition_json(item, &item->renditions[i]));
    json_object_set_new(o, "dropped_ms", json_integer(item->sub.dropped_ms));
    json_object_set_new(o, "staged_ms", json_integer(item->sub.staged_ms));
    json_object_set_new(o, "caption", gh_json_text(item->sub.caption));
    if (view == GH_VIEW_ALL)
        json_object_set_new(o, "n_files", json_integer((json_int_t)media));
    json_object_set_new(o, "renditions", list);
    return o;
}

/* ------------------------------------------------------------------------------------ arguments */

static int day_arg(const struct gh_call *call, const char *name, bool end, int64_t *ret,
                   struct gh_err *err)
{
    const char *day;
    int64_t from, to;
    TRY(gh_arg_text(call, name, 10, &day, err));
    if (!day)
        return 0;
    TRY(gh_day_span(day, &from, &to, err));
    *ret = end ? to : from;
    return 0;
}

static int filter_args(const struct gh_call *call, struct gh_waiting_filter *ret,
                       struct gh_err *err)
{
    static const char *const states[] = {"staged", "held", "rejected"};
    const char *state = NULL;
    struct gh_list_filter seen = {0};
    TRY(gh_arg_text(call, "state", 16, &state, err));
    TRY(gh_arg_text(call, "department", 256, &ret->department, err));
    TRY(gh_arg_text(call, "text", TEXT_MAX, &ret->text, err));
    TRY(day_arg(call, "from", false, &ret->from_ms, err));
    TRY(day_arg(call, "to", true, &ret->to_ms, err));
    if (json_object_get(call->request, "before"))
        TRY(gh_arg_id(call, "before", &ret->after, err));
    if (!state)
        state = states[0];
    for (size_t i = 0; i < GH_LEN(states); i++)
        if (gh_streq(state, states[i]))
            ret->state = states[i];
    if (!ret->state && !gh_streq(state, "all"))
        return gh_fail(err, GH_USAGE, "\"state\" is staged, held, rejected or all");
    if (ret->text && !*ret->text)
        ret->text = NULL;
    seen.state = ret->state;
    gh_view_limit(call, &seen);
    ret->limited = seen.limited;
    ret->out = seen.out;
    ret->departments = seen.departments;
    return 0;
}

/* ---------------------------------------------------------------------------------- the request */

struct totals {
    json_t *counts;
    int64_t n, oldest_ms;
};

static bool add_department(const char *department, uint64_t n, int64_t oldest_ms, void *arg)
{
    struct totals *t = arg;
    json_object_set_new(t->counts, department, json_integer((json_int_t)n));
    t->n += (int64_t)n;
    t->oldest_ms = t->oldest_ms ? GH_MIN(t->oldest_ms, oldest_ms) : oldest_ms;
    return true;
}

int gh_req_queue(struct gh_call *call, struct gh_err *err)
{
    struct gh_waiting_filter filter = {0}, every;
    int64_t ids[PAGE_MAX + 1], limit = PAGE_MAX;
    struct totals t = {json_object(), 0, 0};
    json_t *items = json_array();
    gh_answer(call, "items", items);
    gh_answer(call, "counts", t.counts);
    TRY(filter_args(call, &filter, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    limit = GH_MIN(limit, (int64_t)PAGE_MAX);
    int n = gh_ledger_waiting(call->p->ledger, &filter, ids, (size_t)limit + 1, err);
    TRY(n);
    for (int i = 0; i < n && i < limit; i++) {
        enum gh_view view;
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        TRY(gh_view_get(call, ids[i], &item, &view, err));
        json_array_append_new(items, card_json(&item, view));
    }
    /* what there is besides what was searched for */
    every = filter;
    every.department = every.text = NULL;
    every.from_ms = every.to_ms = 0;
    TRY(gh_ledger_waiting_each(call->p->ledger, &every, add_department, &t, err));
    gh_answer(call, "waiting", json_integer(t.n));
    gh_answer(call, "oldest_ms", json_integer(t.oldest_ms));
    gh_answer(call, "more", json_boolean(n > limit));
    if (!gh_view_is_whole(call))
        return 0;
    TRY(gh_answer_pleas(call, err));
    return gh_answer_refusals(call, err);
}
