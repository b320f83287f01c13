/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One item as a sheet of paper: what was looked at, its words, what was decided by whom, and the
 * digest of the outputs, which stands for exactly those files. */
#include "desk/media.h"
#include "desk/qr.h"
#include "desk/route.h"
#include "desk/titles.h"

#include "base/json.h"

/* Its picture, and how many of its limits are kept. */
static void make_row(int64_t item, json_t *r)
{
    json_int_t good = 0, all = 0;
    json_t *c;
    size_t i;
    json_array_foreach (json_object_get(r, "checks"), i, c) {
        good += json_is_true(json_object_get(c, "pass"));
        all++;
    }
    json_object_set_new(r, "checks_good", json_integer(good));
    json_object_set_new(r, "checks_all", json_integer(all));
    json_object_set(r, "name", json_object_get(r, "placement"));
    json_object_set_new(
        r, "preview",
        gh_media_preview('p', item, gh_j_int(r, "rendition"), gh_j_text(r, "sha256"), 360));
}

int gh_page_print(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL, *r;
    int64_t id = gh_arg(q, 0);
    size_t i;
    TRY(gh_desk_ask(q, "show", json_pack("{s:I}", "id", (json_int_t)id), &data, NULL, err));
    json_t *item = json_object_get(data, "item"), *list = json_object_get(item, "renditions");
    json_array_foreach (list, i, r)
        make_row(id, r);
    gh_titles_add(q, "profiles", "name", list);
    json_t *named = json_pack("[{s:s}]", "department", gh_j_text(item, "department"));
    gh_titles_add(q, "departments", "department", named);
    json_object_set(data, "card", json_array_get(named, 0));
    json_decref(named);
    json_t *code = json_pack("{s:s}", "uri", gh_j_text(data, "set_hash"));
    gh_qr_add(code);
    json_object_set_new(data, "code", code);
    return gh_page_show(q, 200, "print", data, err);
}
