/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The agency's page: what is withdrawn and not acknowledged, then what is out, placement by
 * placement, with everything a post needs; and what the agency says of it. */
#include "desk/media.h"
#include "desk/route.h"
#include "desk/titles.h"
#include "desk/waiting.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#define PAGE 30          /* items of one page */
#define PLACEMENT_MAX 31 /* bytes */

/* ----------------------------------------------------------------------------------- what is out
 */

static bool state_is(const json_t *r, const char *state)
{
    return gh_streq(gh_j_text(r, "state"), state);
}

static const json_t *file_of(const json_t *item, int64_t id)
{
    const json_t *f;
    size_t i;
    json_array_foreach (json_object_get(item, "files"), i, f)
        if (gh_j_int(f, "file") == id)
            return f;
    return NULL;
}

static json_t *output_json(const json_t *item, const json_t *r)
{
    const json_t *f = file_of(item, gh_j_int(r, "file"));
    int64_t id = gh_j_int(item, "id");
    double s = json_number_value(json_object_get(r, "duration"));
    json_t *o = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "width", (json_int_t)gh_j_int(r, "width"), "height",
        (json_int_t)gh_j_int(r, "height"), "bytes", (json_int_t)gh_j_int(r, "bytes"), "duration_ms",
        (json_int_t)(s * 1000), "part", (json_int_t)gh_j_int(r, "part"), "several",
        gh_j_int(r, "parts") > 1, "collected", state_is(r, "collected"));
    json_object_set_new(o, "src", gh_media_address(id, r));
    json_object_set_new(
        o, "preview",
        gh_media_preview('p', id, gh_j_int(r, "rendition"), gh_j_text(r, "sha256"), 360));
    json_object_set_new(o, "alt", json_string(gh_j_text(f, "alt_text")));
    return o;
}

static const char *caption_for(const json_t *item, const char *placement)
{
    const char *own = gh_j_text(json_object_get(item, "captions"), placement);
    return *own ? own : gh_j_text(item, "caption");
}

/* The card of an item for one placement; the last row of the group is the item's if it has one. */
static json_t *row_of(const struct gh_req *q, const json_t *item, json_t *group,
                      const char *placement)
{
    json_t *rows = json_object_get(group, "rows");
    json_t *last = json_array_get(rows, json_array_size(rows) ? json_array_size(rows) - 1 : 0);
    const json_t *take = json_object_get(json_object_get(item, "takes"), placement);
    const char *title = gh_j_text(item, "department_title");
    if (last && gh_j_int(last, "id") == gh_j_int(item, "id"))
        return last;
    json_t *row =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:[]}", "id", (json_int_t)gh_j_int(item, "id"),
                  "department", *title ? title : gh_j_text(item, "department"), "placement",
                  placement, "caption", caption_for(item, placement), "link",
                  gh_j_text(json_object_get(item, "links"), placement), "outputs");
    json_object_set(row, "urgent", json_object_get(item, "urgent"));
    json_object_set(row, "replaces", json_object_get(item, "replaces"));
    if (take) {
        json_object_set(row, "taken", (json_t *)take);
        json_object_set_new(
            row, "mine", json_boolean(gh_streq(gh_j_text(take, "by"), gh_j_text(q->user, "name"))));
    }
    json_array_append_new(rows, row);
    return row;
}

/* Files of an album are numbered in their order, since a post shows them so. */
static void add_output(const struct gh_req *q, const json_t *item, const json_t *r, json_t *groups)
{
    const char *placement = gh_j_text(r, "placement");
    json_t *group = gh_j_named(groups, placement);
    if (!group) {
        group = json_pack("{s:s, s:i, s:[]}", "name", placement, "count", 0, "rows");
        json_array_append_new(groups, group);
    }
    json_t *row = row_of(q, item, group, placement), *list = json_object_get(row, "outputs");
    json_t *o = output_json(item, r);
    if (state_is(r, "published") && !json_is_true(json_object_get(row, "waits"))) {
        json_object_set_new(row, "waits", json_true());
        json_object_set_new(group, "count", json_integer(gh_j_int(group, "count") + 1));
    }
    json_array_append_new(list, o);
    json_object_set_new(o, "nth", json_integer((json_int_t)json_array_size(list)));
    json_object_set_new(row, "album", json_boolean(json_array_size(list) > 1));
}

/* What was withdrawn of an item and nobody has acknowledged, with every post of it; NULL: nothing.
 */
static json_t *gone_json(const json_t *item)
{
    json_t *gone = NULL, *posts = json_array(), *seen = json_object();
    const json_t *r, *post;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        const char *name = gh_j_text(r, "placement");
        if (!state_is(r, "withdrawn") || json_is_string(json_object_get(r, "acknowledged")))
            continue;
        if (!gone)
            gone = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)gh_j_int(item, "id"),
                             "department", gh_j_text(item, "department_title"), "reason",
                             gh_j_text(r, "reason"), "caption", caption_for(item, name), "handle",
                             gh_j_text(item, "gone_handle"));
        json_object_set_new(seen, name, json_true());
    }
    json_array_foreach (json_object_get(item, "posts"), i, post)
        if (json_object_get(seen, gh_j_text(post, "placement")))
            json_array_append_new(posts,
                                  json_pack("{s:s, s:s}", "name", gh_j_text(post, "placement"),
                                            "link", gh_j_text(post, "link")));
    json_decref(seen);
    if (gone) {
        json_object_set(gone, "replaced_by", json_object_get(item, "replaced_by"));
        json_object_set(gone, "posts", posts);
        json_object_set_new(gone, "public", json_boolean(json_array_size(posts) > 0));
    }
    json_decref(posts);
    return gone;
}

/* Beside what was withdrawn stands what replaces it. */
static void add_successors(json_t *gone, const json_t *items)
{
    json_t *g;
    const json_t *item;
    size_t i, k;
    json_array_foreach (gone, i, g)
        json_array_foreach ((json_t *)items, k, item)
            if (gh_j_int(g, "replaced_by") && gh_j_int(g, "replaced_by") == gh_j_int(item, "id"))
                json_object_set_new(
                    g, "successor",
                    json_pack("{s:I, s:s, s:o}", "id", (json_int_t)gh_j_int(item, "id"), "caption",
                              gh_j_text(item, "caption"), "picture",
                              gh_media_picture(gh_j_int(item, "id"),
                                               json_object_get(item, "renditions"))));
}

static const char *chosen_placement(const struct gh_req *q)
{
    const char *p = gh_query(q, "p");
    return strlen(p) <= PLACEMENT_MAX ? p : "";
}

int gh_page_today(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *groups = json_array(), *gone = json_array(), *item, *r;
    int64_t before = strtoll(gh_query(q, "before"), NULL, 10), last = 0;
    const char *only = chosen_placement(q);
    size_t i, k;
    json_t *args = json_pack("{s:i}", "limit", PAGE);
    if (before > 0)
        json_object_set_new(args, "before", json_integer(before));
    int failed = gh_desk_ask(q, "outgoing", args, &data, NULL, err);
    json_array_foreach (json_object_get(data, "items"), i, item) {
        json_t *g = gone_json(item);
        if (g)
            json_array_append_new(gone, g);
        json_array_foreach (json_object_get(item, "renditions"), k, r)
            if (state_is(r, "published") || state_is(r, "collected"))
                add_output(q, item, r, groups);
        last = gh_j_int(item, "id");
    }
    if (failed < 0) {
        json_decref(groups);
        json_decref(gone);
        return failed;
    }
    add_successors(gone, json_object_get(data, "items"));
    gh_titles_add(q, "profiles", "name", groups);
    json_array_foreach (gone, i, item)
        gh_titles_add(q, "profiles", "name", json_object_get(item, "posts"));
    json_array_foreach (groups, i, item) {
        bool is = gh_streq(gh_j_text(item, "name"), only);
        json_object_set_new(item, "chosen", json_boolean(is));
        json_object_set_new(item, "shown", json_boolean(is || !*only));
    }
    json_object_del(data, "items");
    json_object_set_new(data, "groups", groups);
    json_object_set_new(data, "gone", gone);
    json_object_set_new(data, "only", json_string(only));
    json_object_set_new(data, "last", json_integer(last));
    json_object_set_new(data, "collects", json_boolean(q->roles & (GH_AGENCY | GH_APPROVER)));
    gh_waiting_add(q, data);
    if (q->roles & (GH_AGENCY | GH_APPROVER))
        gh_zip_lists_add(q, data);
    return gh_page_show(q, 200, "today", data, err);
}

/* -------------------------------------------------------------------------------- what is said of
 * it */

/* The request is the last part of the address. Afterwards the person is where they were. */
int gh_page_deliver(struct gh_req *q, struct gh_err *err)
{
    const char *what = strrchr(q->path, '/') + 1, *placement = gh_field(q, "p");
    const char *only = gh_field(q, "only");
    json_t *ask = json_pack("{s:I}", "id", (json_int_t)gh_arg(q, 0));
    if (gh_streq(what, "collected"))
        json_object_set_new(ask, "placements", json_pack("[s]", placement));
    else if (gh_streq(what, "acknowledge"))
        json_object_update_new(ask, json_pack("{s:b, s:s}", "removed",
                                              (int)gh_form_has(&q->form, "removed"), "seen",
                                              gh_field(q, "seen")));
    else
        json_object_set_new(ask, "placement", json_string(placement));
    if (gh_streq(what, "posted"))
        json_object_set_new(ask, "link", json_string(gh_field(q, "link")));
    else if (gh_streq(what, "refused"))
        json_object_set_new(ask, "text", json_string(gh_field(q, "text")));
    else if (gh_streq(what, "take"))
        json_object_set_new(ask, "off", json_boolean(gh_form_has(&q->form, "off")));
    TRY(gh_desk_ask(q, what, ask, NULL, NULL, err));
    bool plain = strspn(only, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(only) &&
                 strlen(only) <= PLACEMENT_MAX;
    return gh_page_goto(q, "/today?done=%s&id=%" PRId64 "%s%s", what, gh_arg(q, 0),
                        plain && *only ? "&p=" : "", plain ? only : "");
}
