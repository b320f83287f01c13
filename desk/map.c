/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from the crops of an item's renditions. */
#include "desk/map.h"

#include "desk/media.h"

#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>

/* Files of photos and videos; *ret_first: the first of them. */
static unsigned count_media(const json_t *item, const json_t **ret_first)
{
    unsigned n = 0;
    size_t i;
    json_t *f;
    *ret_first = NULL;
    json_array_foreach (json_object_get(item, "files"), i, f) {
        if (!gh_streq(gh_j_text(f, "role"), "media"))
            continue;
        if (!n++)
            *ret_first = f;
    }
    return n;
}

static bool shows_all(const json_t *crop)
{
    return gh_j_int(crop, "width") == gh_j_int(crop, "source_width") &&
           gh_j_int(crop, "height") == gh_j_int(crop, "source_height");
}

static json_t *same_frame(json_t *frames, const json_t *crop)
{
    static const char *const sides[] = {"x", "y", "width", "height"};
    size_t i;
    json_t *f;
    json_array_foreach (frames, i, f) {
        bool same = true;
        for (size_t k = 0; k < GH_LEN(sides); k++)
            same = same && gh_j_int(f, sides[k]) == gh_j_int(crop, sides[k]);
        if (same)
            return f;
    }
    return NULL;
}

static void add_frame(json_t *frames, const json_t *crop, const char *placement)
{
    json_t *f = same_frame(frames, crop);
    if (!f) {
        f = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s}", "x", (json_int_t)gh_j_int(crop, "x"), "y",
                      (json_int_t)gh_j_int(crop, "y"), "width", (json_int_t)gh_j_int(crop, "width"),
                      "height", (json_int_t)gh_j_int(crop, "height"), "n",
                      (json_int_t)json_array_size(frames) % 4, "names", placement);
        json_array_append_new(frames, f);
        return;
    }
    GH_AUTO_FREE char *names = gh_asprintf("%s, %s", gh_j_text(f, "names"), placement);
    json_object_set_new(f, "names", json_string(names));
}

/* What people call a placement. */
static const char *title_of(const json_t *places, const char *name)
{
    const char *title = gh_j_text(gh_j_named(places, name), "title");
    return *title ? title : name;
}

json_t *gh_map_json(const json_t *item, const json_t *places)
{
    const json_t *file, *r;
    unsigned n = count_media(item, &file);
    json_t *frames = json_array();
    int64_t w = 0, h = 0;
    size_t i;
    json_array_foreach (json_object_get(item, "renditions"), i, r) {
        const json_t *crop = json_object_get(r, "crop");
        if (!file || gh_j_int(r, "file") != gh_j_int(file, "file") || !json_is_object(crop) ||
            !gh_streq(gh_j_text(file, "media"), "photo"))
            continue;
        w = gh_j_int(crop, "source_width");
        h = gh_j_int(crop, "source_height");
        if (!shows_all(crop))
            add_frame(frames, crop, title_of(places, gh_j_text(r, "placement")));
    }
    if (!json_array_size(frames)) {
        json_decref(frames);
        return json_null();
    }
    return json_pack("{s:o, s:I, s:I, s:b, s:o}", "src",
                     gh_media_preview('o', gh_j_int(item, "id"), gh_j_int(file, "file"),
                                      gh_j_text(file, "sha256"), 1600),
                     "width", (json_int_t)w, "height", (json_int_t)h, "one", n == 1, "frames",
                     frames);
}
