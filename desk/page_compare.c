/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An output laid over its original: what was cut away, what scaling and compression did. The page
 * works in pixels of the output; the original is placed so that both show the same there. Of a film
 * both are played, in step. */
#include "desk/media.h"
#include "desk/route.h"
#include "desk/titles.h"

#include "base/json.h"

#include <math.h>

static json_t *with_number(json_t *list, const char *field, int64_t number)
{
    size_t i;
    json_t *o;
    json_array_foreach (list, i, o)
        if (gh_j_int(o, field) == number)
            return o;
    return NULL;
}

/* Where the original lies: the part that the output shows fills the output, centred where the
 * output has bars. False: there is nothing to lay over each other. */
static bool place_original(const json_t *r, json_t *data)
{
    const json_t *crop = json_object_get(r, "crop");
    double w = (double)gh_j_int(r, "width"), h = (double)gh_j_int(r, "height");
    double cw = (double)gh_j_int(crop, "width"), ch = (double)gh_j_int(crop, "height");
    double sw = (double)gh_j_int(crop, "source_width"),
           sh = (double)gh_j_int(crop, "source_height");
    if (w <= 0 || h <= 0 || cw <= 0 || ch <= 0)
        return false;
    double scale = GH_MIN(w / cw, h / ch);
    double x = w / 2 - ((double)gh_j_int(crop, "x") + cw / 2) * scale;
    double y = h / 2 - ((double)gh_j_int(crop, "y") + ch / 2) * scale;
    json_object_set_new(data, "x", json_integer(llround(x)));
    json_object_set_new(data, "y", json_integer(llround(y)));
    json_object_set_new(data, "whole_width", json_integer(llround(sw * scale)));
    json_object_set_new(data, "whole_height", json_integer(llround(sh * scale)));
    json_object_set_new(data, "width", json_integer((json_int_t)w));
    json_object_set_new(data, "height", json_integer((json_int_t)h));
    return true;
}

/* Where an output begins in its film: after the parts before it. */
static double begin_of(const json_t *item, const json_t *out)
{
    double s = 0;
    size_t i;
    json_t *r;
    json_array_foreach (json_object_get(item, "renditions"), i, r)
        if (gh_j_int(r, "file") == gh_j_int(out, "file") &&
            gh_streq(gh_j_text(r, "placement"), gh_j_text(out, "placement")) &&
            gh_j_int(r, "part") < gh_j_int(out, "part"))
            s += json_number_value(json_object_get(r, "duration"));
    return s;
}

static void add_film(const json_t *item, const json_t *out, const json_t *file, json_t *data)
{
    char begin[32];
    GH_FORMAT(begin, "%.3f", begin_of(item, out));
    json_object_set_new(data, "film", gh_media_original(gh_j_int(item, "id"), file));
    json_object_set_new(data, "begin", json_string(begin));
    json_object_set_new(data, "preview",
                        gh_media_preview('p', gh_j_int(item, "id"), gh_j_int(out, "rendition"),
                                         gh_j_text(out, "sha256"), 360));
}

int gh_page_compare(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL, *data = json_object(), *titled = json_array();
    int64_t id = gh_arg(q, 0);
    int r = gh_desk_ask(q, "show", json_pack("{s:I}", "id", (json_int_t)id), &reply, NULL, err);
    json_t *item = json_object_get(reply, "item");
    json_t *out = with_number(json_object_get(item, "renditions"), "rendition", gh_arg(q, 1));
    json_t *file = with_number(json_object_get(item, "files"), "file", gh_j_int(out, "file"));
    bool film = gh_streq(gh_j_text(file, "media"), "video");
    if (r == 0 && out && file && *gh_j_text(out, "sha256") && gh_media_moves(out) == film &&
        place_original(out, data)) {
        json_object_set_new(data, "item", json_integer(id));
        json_object_set_new(data, "src", gh_media_address(id, out));
        json_object_set_new(
            data, "original",
            gh_media_preview('o', id, gh_j_int(file, "file"), gh_j_text(file, "sha256"), 1600));
        if (film)
            add_film(item, out, file, data);
        json_object_set_new(data, "bytes", json_integer(gh_j_int(out, "bytes")));
        json_array_append_new(titled, json_pack("{s:s}", "name", gh_j_text(out, "placement")));
        gh_titles_add(q, "profiles", "name", titled);
        const json_t *named = json_array_get(titled, 0);
        const char *title = gh_j_text(named, "title");
        json_object_set_new(data, "title", json_string(*title ? title : gh_j_text(named, "name")));
        r = gh_page_show(q, 200, "compare", json_incref(data), err);
    } else if (r == 0) {
        gh_page_error(q, 404);
    }
    json_decref(titled);
    json_decref(data);
    json_decref(reply);
    return r;
}
