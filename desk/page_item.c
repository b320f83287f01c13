/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One item: everything a person needs to decide, and the forms of the decision. What is shown has a
 * handle, drawn by ghatd while it was read; every form carries it. */
#include "desk/map.h"
#include "desk/media.h"
#include "desk/reasons.h"
#include "desk/route.h"
#include "desk/say.h"
#include "desk/titles.h"

#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS 20 /* of one item, that its page names */

/* -------------------------------------------------------------------------------------- renditions
 */

static void add_checks(json_t *r)
{
    const json_t *checks = json_object_get(r, "checks"), *c;
    json_int_t good = 0, all = 0;
    size_t i;
    json_array_foreach ((json_t *)checks, i, c) {
        good += json_is_true(json_object_get(c, "pass"));
        all++;
    }
    json_object_set_new(r, "checks_good", json_integer(good));
    json_object_set_new(r, "checks_all", json_integer(all));
    json_object_set_new(r, "kept", json_boolean(good == all));
}

static bool comes_from_film(const json_t *item, const json_t *r)
{
    size_t i;
    json_t *f;
    json_array_foreach (json_object_get(item, "files"), i, f)
        if (gh_j_int(f, "file") == gh_j_int(r, "file"))
            return gh_streq(gh_j_text(f, "media"), "video");
    return false;
}

/* Photos and films of which it is known what they show of their original. A still of a film has no
 * picture to lie over: the preview of the film is of another moment. */
static json_t *compare_json(int64_t id, const json_t *item, const json_t *r)
{
    char text[GH_PATH_BYTES];
    if (!json_is_object(json_object_get(r, "crop")) || !*gh_j_text(r, "sha256") ||
        gh_media_moves(r) != comes_from_film(item, r))
        return json_null();
    GH_FORMAT(text, "/i/%" PRId64 "/compare/%" PRId64, id, gh_j_int(r, "rendition"));
    return json_string(text);
}

/* What is withdrawn is not to be had by whoever sees only what is out: ghatd says no stage. */
static void make_rendition(const struct gh_req *q, int64_t id, const json_t *item, json_t *r)
{
    if (gh_streq(gh_j_text(r, "state"), "withdrawn") && !*gh_j_text(r, "stage"))
        json_object_del(r, "sha256");
    add_checks(r);
    if (q->roles & (GH_APPROVER | GH_VIEWER | GH_OFFICER))
        json_object_set_new(r, "compare", compare_json(id, item, r));
    json_object_set_new(r, "src", gh_media_address(id, r));
    json_object_set_new(
        r, "preview",
        gh_media_preview('p', id, gh_j_int(r, "rendition"), gh_j_text(r, "sha256"), 360));
    json_object_set_new(r, "video", json_boolean(gh_media_moves(r)));
    double s = json_number_value(json_object_get(r, "duration"));
    if (s > 0)
        json_object_set_new(r, "duration_ms", json_integer((json_int_t)(s * 1000)));
    json_object_set_new(r, "several", json_boolean(gh_j_int(r, "parts") > 1));
}

/* The caption a placement has now, how long it is and how long it may be. */
static void add_caption(const json_t *item, json_t *place)
{
    const char *name = gh_j_text(place, "name");
    const json_t *lengths = json_object_get(json_object_get(item, "lengths"), name);
    const json_t *own = json_object_get(json_object_get(item, "captions"), name);
    int64_t max = gh_j_int(lengths, "caption_max"), len = gh_j_int(lengths, "caption_len");
    json_object_set_new(place, "own_caption",
                        json_is_string(own) ? json_incref((json_t *)own) : json_null());
    json_object_set_new(place, "caption_max", json_integer(max));
    json_object_set_new(place, "caption_len", json_integer(len));
    json_object_set_new(place, "caption_count", json_string(gh_j_text(lengths, "caption_count")));
    json_object_set_new(place, "too_long", json_boolean(max > 0 && len > max));
}

/* Renditions by placement, in ghatd's order. */
static json_t *places_json(const json_t *item)
{
    json_t *places = json_array(), *r;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        const char *name = gh_j_text(r, "placement");
        json_t *p = gh_j_named(places, name);
        if (!p) {
            p = json_pack("{s:s, s:[], s:i}", "name", name, "outputs", "ready", 0);
            json_object_set(p, "state", json_object_get(json_object_get(item, "placements"), name));
            add_caption(item, p);
            json_array_append_new(places, p);
        }
        if (gh_streq(gh_j_text(r, "state"), "staged"))
            json_object_set_new(p, "ready", json_integer(gh_j_int(p, "ready") + 1));
        json_array_append(json_object_get(p, "outputs"), r);
    }
    return places;
}

/* Every kind of metadata that was taken out of any output, each once. */
static json_t *removed_json(const json_t *item)
{
    json_t *all = json_array(), *seen = json_object();
    const json_t *r, *kind;
    size_t i, k;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        json_array_foreach (json_object_get(r, "removed"), k, kind) {
            if (json_object_get(seen, json_string_value(kind)))
                continue;
            json_object_set_new(seen, json_string_value(kind), json_true());
            json_array_append(all, (json_t *)kind);
        }
    }
    json_decref(seen);
    return all;
}

/* ------------------------------------------------------------------------------------ what is
 * asked */

/* The department's card: title and nodal officer. */
static void add_department(struct gh_req *q, json_t *data, const char *slug)
{
    struct gh_err err;
    json_t *reply = NULL, *d;
    size_t i;
    if (gh_desk_ask(q, "departments", NULL, &reply, NULL, &err) < 0)
        return; /* the page is of use without it */
    json_array_foreach (json_object_get(reply, "departments"), i, d)
        if (gh_streq(gh_j_text(d, "slug"), slug))
            json_object_set(data, "card", d);
    json_decref(reply);
}

/* Is anything of it with the agency, so that it could be withdrawn? */
static bool is_out(const json_t *item)
{
    static const char *const states[] = {"publishing", "published", "collected"};
    const json_t *r;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r)
        for (size_t k = 0; k < GH_LEN(states); k++)
            if (gh_streq(states[k], gh_j_text(r, "state")))
                return true;
    return false;
}

/* The department takes back what nobody has approved; ghatd decides by its own rule. */
static bool can_recall(const struct gh_req *q, const json_t *item)
{
    static const char *const inside[] = {"staged", "held", "due", "running"};
    const json_t *r;
    size_t i;
    bool some = false;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        const char *state = gh_j_text(r, "state");
        if (gh_streq(state, "approved") || *gh_j_text(r, "published"))
            return false;
        for (size_t k = 0; k < GH_LEN(inside); k++)
            some |= gh_streq(inside[k], state);
    }
    return some && (q->roles & GH_OFFICER) && !(q->roles & GH_APPROVER) && !is_out(item);
}

static void add_counts(const struct gh_req *q, json_t *data, const json_t *item)
{
    static const char *const states[] = {"staged",   "held",   "rejected",
                                         "approved", "failed", "collected"};
    json_t *counts = json_object(), *r;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        const char *state = gh_j_text(r, "state");
        for (size_t k = 0; k < GH_LEN(states); k++)
            if (gh_streq(states[k], state))
                json_object_set_new(counts, state, json_integer(gh_j_int(counts, state) + 1));
    }
    json_object_set_new(data, "count", counts);
    json_object_set_new(data, "undo", json_boolean(gh_j_int(counts, "approved") > 0));
    json_object_set_new(data, "out", json_boolean(is_out(item)));
    bool decides = (q->roles & GH_APPROVER) != 0;
    json_object_set_new(data, "decides", json_boolean(decides));
    json_object_set_new(data, "recalls", json_boolean(can_recall(q, item)));
    json_object_set_new(data, "pleads",
                        json_boolean((q->roles & GH_OFFICER) && !decides && is_out(item)));
    json_object_set_new(
        data, "writes",
        json_boolean(decides || ((q->roles & GH_OFFICER) != 0 && !gh_j_int(counts, "approved"))));
}

/* Files in the order they go out in: chosen places first, then by number. */
static int by_place(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    int64_t p = gh_j_int(*x, "place"), q = gh_j_int(*y, "place");
    int64_t n = gh_j_int(*x, "number"), m = gh_j_int(*y, "number");
    if (p != q)
        return !q || (p && p < q) ? -1 : 1;
    return n < m ? -1 : n > m;
}

/* "pos" of each file that can be moved, from 1 on, and which of them are the first and the last. */
static void put_in_order(json_t *item)
{
    json_t *files = json_object_get(item, "files"), *f, *last = NULL, *sorted = json_array();
    size_t n = json_array_size(files), i;
    const json_t **list = gh_alloc((n + 1) * sizeof(const json_t *));
    json_int_t pos = 0;
    json_array_foreach (files, i, f)
        list[i] = f;
    if (n)
        qsort(list, n, sizeof(const json_t *), by_place);
    for (i = 0; i < n; i++)
        json_array_append(sorted, (json_t *)list[i]);
    free(list);
    json_array_foreach (sorted, i, f) {
        if (!gh_streq(gh_j_text(f, "role"), "media") || !gh_j_int(f, "number"))
            continue;
        json_object_set_new(f, "pos", json_integer(++pos));
        json_object_set_new(f, "first", json_boolean(pos == 1));
        json_object_set_new(f, "last", json_false());
        last = f;
    }
    if (last)
        json_object_set_new(last, "last", json_true());
    json_object_set_new(item, "files", sorted);
}

/* "offered" of each file: the placements that have an output of it to be decided, with a blank
 * between them. A file without any is not there to be chosen: ghatd would refuse it. */
static void add_offers(json_t *item)
{
    size_t i, k;
    json_t *f, *r;
    json_array_foreach (json_object_get(item, "files"), i, f) {
        GH_AUTO_STR offered = {0};
        json_array_foreach (json_object_get(item, "renditions"), k, r)
            if (gh_streq(gh_j_text(r, "state"), "staged") &&
                gh_j_int(r, "number") == gh_j_int(f, "number"))
                gh_str_printf(&offered, "%s%s", offered.len ? " " : "", gh_j_text(r, "placement"));
        if (offered.len)
            json_object_set_new(f, "offered", json_string(gh_str_text(&offered)));
    }
}

/* The preview of each original that came, and its bytes. */
static void add_originals(const struct gh_req *q, json_t *item)
{
    size_t i;
    json_t *f;
    int64_t id = gh_j_int(item, "id");
    json_array_foreach (json_object_get(item, "files"), i, f) {
        if (!gh_streq(gh_j_text(f, "role"), "media"))
            continue;
        json_object_set_new(
            f, "preview",
            gh_media_preview('o', id, gh_j_int(f, "file"), gh_j_text(f, "sha256"), 360));
        if (q->roles & (GH_APPROVER | GH_VIEWER | GH_OFFICER))
            json_object_set_new(f, "original", gh_media_original(id, f));
    }
}

/* What was asked about the item; what the answer says is one tap away. */
static void add_questions(struct gh_req *q, json_t *data, int64_t id)
{
    json_t *reply = NULL;
    struct gh_err err;
    if (gh_desk_ask(q, "questions",
                    json_pack("{s:I, s:i}", "id", (json_int_t)id, "limit", QUESTIONS), &reply, NULL,
                    &err) < 0)
        return;
    json_object_set(data, "about", json_object_get(reply, "questions"));
    json_decref(reply);
}

int gh_page_item(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *r;
    int64_t id = gh_arg(q, 0);
    size_t i;
    TRY(gh_reasons_ask(q, err));
    TRY(gh_desk_ask(q, "show", json_pack("{s:I}", "id", (json_int_t)id), &data, NULL, err));
    json_t *item = json_object_get(data, "item");
    gh_titles_add(q, "profiles", "placement", json_object_get(item, "deliveries"));
    json_object_set_new(data, "said",
                        json_boolean(json_array_size(json_object_get(item, "deliveries")) > 0));
    json_array_foreach (json_object_get(item, "renditions"), i, r)
        make_rendition(q, id, item, r);
    json_t *places = places_json(item);
    gh_titles_add(q, "profiles", "name", places);
    json_object_set_new(data, "map", gh_map_json(item, places));
    json_object_set_new(data, "places", places);
    json_object_set_new(data, "removed", removed_json(item));
    json_t *picture = gh_media_film(id, json_object_get(item, "renditions"));
    if (json_is_null(picture))
        picture = gh_media_picture(id, json_object_get(item, "renditions"));
    json_object_set_new(data, "picture", picture);
    add_originals(q, item);
    add_offers(item);
    put_in_order(item);
    json_object_set_new(data, "stills", gh_media_stills(id, json_object_get(item, "renditions")));
    json_object_set_new(data, "has_stills",
                        json_boolean(json_array_size(json_object_get(data, "stills")) > 0));
    json_object_set_new(data, "many",
                        json_boolean(json_array_size(json_object_get(item, "files")) > 1));
    json_object_set(data, "reasons", q->reasons);
    add_counts(q, data, item);
    add_department(q, data, gh_j_text(item, "department"));
    add_questions(q, data, id);
    return gh_page_show(q, 200, "item", data, err);
}

int gh_page_log(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    int64_t id = gh_arg(q, 0);
    TRY(gh_desk_ask(q, "log", json_pack("{s:I}", "id", (json_int_t)id), &data, NULL, err));
    json_object_set_new(data, "id", json_integer(id));
    return gh_page_show(q, 200, "log", data, err);
}
