/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Downloads of many files: lists that a person made, the page of one, and its bytes. A form makes a
 * list, since to look at a page changes nothing. */
#include "desk/bundle.h"
#include "desk/route.h"
#include "desk/titles.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/* "ghat-new-7.zip", "ghat-2026-11-29-8.zip", "ghat-12-9.zip": of our own numbers. */
static char *name_of(const json_t *list)
{
    const char *what = gh_j_text(list, "what");
    return gh_asprintf("ghat-%s-%" PRId64 ".zip", *what == '#' ? what + 1 : what,
                       gh_j_int(list, "bundle"));
}

static void name_list(json_t *list)
{
    GH_AUTO_FREE char *name = name_of(list);
    GH_AUTO_FREE char *href = gh_asprintf("/zip/%" PRId64 "/%s", gh_j_int(list, "bundle"), name);
    const char *what = gh_j_text(list, "what");
    json_object_set_new(list, "href", json_string(href));
    json_object_set_new(list, "name", json_string(name));
    if (*what == '#')
        json_object_set_new(list, "item", json_string(what + 1));
    else if (!gh_streq(what, "new"))
        json_object_set_new(list, "day", json_string(what));
}

void gh_zip_lists_add(struct gh_req *q, json_t *data)
{
    json_t *reply = NULL, *list;
    struct gh_err err = {0};
    size_t i;
    if (gh_desk_ask(q, "bundles", NULL, &reply, NULL, &err) == 0) {
        json_array_foreach (json_object_get(reply, "lists"), i, list)
            name_list(list);
        json_object_set(data, "lists", json_object_get(reply, "lists"));
        json_object_set(data, "fresh", json_object_get(reply, "new"));
    }
    json_decref(reply);
}

int gh_page_zip_make(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL, *ask = json_object();
    const char *day = gh_field(q, "day");
    int64_t id = strtoll(gh_field(q, "id"), NULL, 10);
    if (gh_form_has(&q->form, "new"))
        json_object_set_new(ask, "new", json_true());
    else if (id > 0)
        json_object_set_new(ask, "id", json_integer(id));
    else
        json_object_set_new(ask, "day", json_string(day));
    TRY(gh_desk_ask(q, "bundle-make", ask, &reply, NULL, err));
    gh_page_goto(q, "/zip/%" PRId64, gh_j_int(reply, "bundle"));
    json_decref(reply);
    return 0;
}

static int show_list(struct gh_req *q, unsigned status, json_t *data, struct gh_err *err)
{
    json_t *list = json_object_get(data, "list");
    name_list(list);
    gh_titles_add(q, "profiles", "placement", json_object_get(data, "gone"));
    if (json_array_size(json_object_get(data, "gone")) || gh_j_int(data, "lost"))
        json_object_set_new(data, "over", json_true());
    q->reply.refresh = gh_j_int(list, "preparing") && !json_object_get(data, "over");
    return gh_page_show(q, status, "zip", data, err);
}

int gh_page_zip(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    TRY(gh_desk_ask(q, "bundle", json_pack("{s:I}", "bundle", (json_int_t)gh_arg(q, 0)), &data,
                    NULL, err));
    return show_list(q, 200, data, err);
}

/* What was withdrawn meanwhile ends the list for good: the page says what and why. */
int gh_page_zip_bytes(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    struct gh_bundle *b = NULL;
    TRY(gh_desk_ask(q, "bundle", json_pack("{s:I}", "bundle", (json_int_t)gh_arg(q, 0)), &data,
                    NULL, err));
    const json_t *list = json_object_get(data, "list");
    GH_AUTO_FREE char *name = name_of(list);
    if (!gh_streq(name, q->arg[1])) {
        json_decref(data);
        gh_page_error(q, 404);
        return 0;
    }
    if (json_array_size(json_object_get(data, "gone")) || gh_j_int(data, "lost"))
        return show_list(q, 410, data, err);
    if (!json_is_true(json_object_get(list, "ready")))
        return show_list(q, 503, data, err);
    int r = gh_bundle_open(q, gh_arg(q, 0), json_object_get(data, "entries"), &b, err);
    if (r == 0) {
        q->reply.status = 200;
        q->reply.type = "application/zip";
        q->reply.bundle = b;
        q->reply.size = gh_bundle_size(b);
        q->reply.etag = gh_asprintf("\"%" PRId64 "-%.32s\"", gh_arg(q, 0), gh_j_text(list, "etag"));
        q->reply.private_file = true;
        q->reply.attachment = gh_steal(&name);
    }
    json_decref(data);
    if (r < 0 && err->cls == GH_AGAIN) {
        q->away = true; /* one moment */
        gh_page_failed(q, err);
        return 0;
    }
    return r;
}

int gh_page_zip_collected(struct gh_req *q, struct gh_err *err)
{
    TRY(gh_desk_ask(q, "bundle-collected", json_pack("{s:I}", "bundle", (json_int_t)gh_arg(q, 0)),
                    NULL, NULL, err));
    return gh_page_goto(q, "/zip/%" PRId64 "?done=collected", gh_arg(q, 0));
}
