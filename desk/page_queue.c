/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue: what waits, the urgent and the oldest first, as cards with their picture; several
 * approved at once, with a result for each. A card approves what it showed and nothing else: its
 * form carries a digest of that, and ghatd binds the rest. */
#include "desk/media.h"
#include "desk/reasons.h"
#include "desk/route.h"
#include "desk/seen.h"
#include "desk/titles.h"
#include "desk/waiting.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_ITEMS 20
#define AT_ONCE 50           /* items approved by one form */
#define LATE_MS (30 * 60000) /* a wait that is shown bold */
#define LATER_MS (120 * 60000)

/* ------------------------------------------------------------------------------------------- cards
 */

/* One entry for each placement: its worst rendition decides. */
static json_t *places_json(const json_t *item)
{
    static const char *const worst[] = {"failed",   "quarantined", "rejected",  "withdrawn",
                                        "held",     "running",     "due",       "staged",
                                        "approved", "published",   "collected", "skipped"};
    const json_t *list = json_object_get(item, "renditions"), *r;
    json_t *places = json_array(), *by_name = json_object();
    size_t i;
    json_array_foreach ((json_t *)list, i, r) {
        const char *name = gh_j_text(r, "placement");
        json_t *place = json_object_get(by_name, name);
        size_t rank = 0;
        while (rank < GH_LEN(worst) && !gh_streq(worst[rank], gh_j_text(r, "state")))
            rank++;
        if (!place) {
            place = json_pack("{s:s, s:I}", "name", name, "rank", (json_int_t)GH_LEN(worst) + 1);
            json_object_set_new(by_name, name, place);
            json_array_append(places, place);
        }
        if ((int64_t)rank < gh_j_int(place, "rank")) {
            json_object_set_new(place, "rank", json_integer((json_int_t)rank));
            json_object_set_new(place, "state", json_string(gh_j_text(r, "state")));
            json_object_set_new(place, "reason", json_string(gh_j_text(r, "reason")));
            json_object_set_new(place, "plain", json_string(gh_j_text(r, "plain")));
        }
    }
    json_decref(by_name);
    return places;
}

static int64_t ready_of(const json_t *item)
{
    const json_t *r;
    int64_t n = 0;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r)
        n += gh_streq(gh_j_text(r, "state"), "staged");
    return n;
}

/* Its placements go to places_of_all, too, whose titles are looked up at once. */
static void make_card(struct gh_req *q, json_t *item, json_t *places_of_all)
{
    char digest[GH_SHA_HEX];
    int64_t id = gh_j_int(item, "id"), since = gh_j_int(item, "dropped_ms");
    int64_t wait = q->tongue.now_ms - since, ready = ready_of(item);
    gh_seen_digest(item, digest);
    json_object_set_new(item, "seen", json_string(digest));
    json_object_set_new(item, "ready", json_integer(ready));
    json_object_set_new(item, "decidable",
                        json_boolean(ready > 0 && (q->roles & GH_APPROVER) != 0));
    json_object_set_new(item, "wait_ms", json_integer(GH_MAX(wait, (int64_t)0)));
    json_object_set_new(item, "answered", json_boolean(ready > 0 && *gh_j_text(item, "returned")));
    json_object_set_new(item, "late", json_boolean(wait >= LATE_MS));
    json_object_set_new(item, "later", json_boolean(wait >= LATER_MS));
    json_t *places = places_json(item);
    json_array_extend(places_of_all, places);
    json_object_set_new(item, "places", places);
    json_object_set_new(item, "picture", gh_media_picture(id, json_object_get(item, "renditions")));
    json_object_set_new(item, "more_files", json_boolean(gh_j_int(item, "n_files") > 1));
}

/* ------------------------------------------------------------------------------------------
 * filters */

static const char *state_wished(const struct gh_req *q)
{
    static const char *const states[] = {"staged", "held", "rejected", "all"};
    for (size_t i = 0; i < GH_LEN(states); i++)
        if (gh_streq(states[i], gh_query(q, "s")))
            return states[i];
    return states[0];
}

static json_t *states_json(const struct gh_req *q)
{
    static const char *const states[] = {"staged", "held", "rejected", "all"};
    json_t *list = json_array();
    for (size_t i = 0; i < GH_LEN(states); i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "name", states[i], "chosen",
                                              gh_streq(states[i], state_wished(q))));
    return list;
}

/* Departments with how much waits in each, for the chips. */
static json_t *departments_json(const struct gh_req *q, const json_t *counts)
{
    json_t *list = json_array(), *n;
    const char *name;
    json_object_foreach ((json_t *)counts, name, n)
        json_array_append_new(list, json_pack("{s:s, s:O, s:b}", "department", name, "count", n,
                                              "chosen", gh_streq(name, gh_query(q, "d"))));
    return list;
}

static json_t *ask_of(const struct gh_req *q)
{
    json_t *ask = json_pack("{s:s, s:i}", "state", state_wished(q), "limit", PAGE_ITEMS);
    static const char *const names[][2] = {
        {"d", "department"}, {"t", "text"}, {"from", "from"}, {"to", "to"}};
    const char *before = gh_query(q, "before");
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (*gh_query(q, names[i][0]))
            json_object_set_new(ask, names[i][1], json_string(gh_query(q, names[i][0])));
    if (*before && strspn(before, "0123456789") == strlen(before) && strlen(before) < 16)
        json_object_set_new(ask, "before", json_integer(strtoll(before, NULL, 10)));
    return ask;
}

int gh_page_queue(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *item;
    size_t i;
    TRY(gh_reasons_ask(q, err));
    TRY(gh_desk_ask(q, "queue", ask_of(q), &data, NULL, err));
    json_t *items = json_object_get(data, "items"), *titled = json_array();
    json_t *departments = departments_json(q, json_object_get(data, "counts"));
    json_array_foreach (items, i, item)
        make_card(q, item, titled);
    gh_titles_add(q, "profiles", "name", titled);
    json_array_clear(titled);
    json_array_extend(titled, items);
    json_array_extend(titled, departments);
    gh_titles_add(q, "departments", "department", titled);
    json_decref(titled);
    item = json_array_get(items, json_array_size(items) - 1);
    bool searched = *gh_query(q, "t") || *gh_query(q, "from") || *gh_query(q, "to");
    json_object_set_new(data, "last", json_integer(gh_j_int(item, "id")));
    gh_titles_add(q, "profiles", "placement", json_object_get(data, "platform_refused"));
    gh_titles_add(q, "departments", "department", json_object_get(data, "pleas"));
    json_object_set_new(data, "departments", departments);
    json_object_set_new(data, "states", states_json(q));
    json_object_set_new(data, "state", json_string(state_wished(q)));
    json_object_set_new(data, "query",
                        json_pack("{s:s, s:s, s:s, s:s}", "d", gh_query(q, "d"), "t",
                                  gh_query(q, "t"), "from", gh_query(q, "from"), "to",
                                  gh_query(q, "to")));
    json_object_set_new(data, "searched", json_boolean(searched));
    if (q->roles & ~(unsigned)GH_ADMIN)
        gh_waiting_add(q, data);
    int64_t oldest = gh_j_int(data, "oldest_ms");
    json_object_set_new(data, "oldest_wait_ms",
                        json_integer(oldest ? q->tongue.now_ms - oldest : 0));
    return gh_page_show(q, 200, "queue", data, err);
}

/* ----------------------------------------------------------------------------------- several at
 * once */

/* Approve one item if it still is what its card showed. Refusals are a result; only silence of
 * ghatd is an error. */
static int approve_one(struct gh_req *q, int64_t id, const char *seen, json_t *result,
                       struct gh_err *err)
{
    char digest[GH_SHA_HEX];
    json_t *shown = NULL, *reply = NULL;
    const char *why = "";
    int r = gh_desk_ask(q, "show", json_pack("{s:I}", "id", (json_int_t)id), &shown, NULL, err);
    if (r == 0) {
        gh_seen_digest(json_object_get(shown, "item"), digest);
        if (!gh_streq(digest, seen))
            why = "changed";
        else
            r = gh_desk_ask(q, "approve",
                            json_pack("{s:I, s:O, s:b}", "id", (json_int_t)id, "handle",
                                      json_object_get(shown, "handle"), "undo", 1),
                            &reply, NULL, err);
    }
    if (r < 0 && !q->away)
        why = *gh_why(q) ? gh_why(q) : "other";
    json_object_set_new(result, "id", json_integer(id));
    json_object_set_new(result, "ok", json_boolean(r == 0 && !*why));
    json_object_set_new(result, "why", json_string(why));
    json_object_set_new(result, "message", json_string(r < 0 ? err->msg : ""));
    json_object_set_new(result, "changed", json_integer(gh_j_int(reply, "changed")));
    json_object_set(result, "department",
                    json_object_get(json_object_get(shown, "item"), "department"));
    json_object_set(result, "name", json_object_get(json_object_get(shown, "item"), "name"));
    json_decref(shown);
    json_decref(reply);
    return q->away ? r : 0;
}

static int64_t item_number(const char *text)
{
    size_t n = strlen(text);
    return n > 0 && n < 16 && strspn(text, "0123456789") == n ? strtoll(text, NULL, 10) : 0;
}

/* The items the form names: that of the button pressed, else those with a tick. */
static size_t items_named(const struct gh_req *q, int64_t ids[AT_ONCE])
{
    size_t n = 0;
    ids[0] = item_number(gh_field(q, "only"));
    if (ids[0])
        return 1;
    for (size_t i = 0; i < q->form.n && n < AT_ONCE; i++)
        if (gh_streq(q->form.list[i].name, "i") && item_number(q->form.list[i].value))
            ids[n++] = item_number(q->form.list[i].value);
    return n;
}

int gh_page_queue_approve(struct gh_req *q, struct gh_err *err)
{
    int64_t ids[AT_ONCE];
    size_t n = items_named(q, ids), good = 0;
    json_t *results = json_array();
    for (size_t i = 0; i < n; i++) {
        char name[32];
        json_t *result = json_object();
        GH_FORMAT(name, "seen.%" PRId64, ids[i]);
        json_array_append_new(results, result);
        int r = approve_one(q, ids[i], gh_field(q, name), result, err);
        if (r < 0) {
            json_decref(results);
            return r;
        }
        good += json_is_true(json_object_get(result, "ok"));
    }
    if (n == 1 && good == 1) {
        json_decref(results);
        return gh_page_goto_undo(q, "/q", "approve", ids[0], NULL);
    }
    return gh_page_show(q, good == n ? 200 : 409, "results",
                        json_pack("{s:o, s:I, s:I}", "results", results, "good", (json_int_t)good,
                                  "bad", (json_int_t)(n - good)),
                        err);
}
