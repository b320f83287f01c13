/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, times and sets of metadata as JSON values, and the reading of single fields. Owns nothing;
 * nothing here fails but for memory. */
#include "base/json.h"

#include "base/clock.h"
#include "base/media.h"
#include "base/str.h"

#include <string.h>

json_t *gh_json_name(const void *bytes, size_t n)
{
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, bytes, n);
    json_t *s = json_stringn(gh_str_text(&shown), shown.len);
    return s ? s : json_string("?");
}

json_t *gh_json_text(const char *text)
{
    json_t *s = text ? json_string(text) : json_null();
    return s ? s : gh_json_name(text, strlen(text));
}

json_t *gh_json_time(int64_t ms)
{
    char text[GH_TIME_ISO];
    if (ms <= 0)
        return json_null();
    gh_time_iso(ms, text, sizeof(text));
    return json_string(text);
}

json_t *gh_json_removed(uint32_t bits)
{
    json_t *list = json_array();
    for (unsigned b = 0; b < GH_META_BITS; b++)
        if (bits >> b & 1u)
            json_array_append_new(list, json_string(gh_meta_title(b)));
    return list;
}

void gh_json_set_output(json_t *o, const struct gh_json_output *output)
{
    double seconds = (double)output->duration_us / 1e6;
    json_object_set_new(o, "bytes", json_integer((json_int_t)output->bytes));
    json_object_set_new(o, "width", json_integer(output->w));
    json_object_set_new(o, "height", json_integer(output->h));
    json_object_set_new(o, "duration", output->duration_us ? json_real(seconds) : json_null());
    json_object_set_new(o, "removed", gh_json_removed(output->removed));
}

const char *gh_j_text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

json_t *gh_j_named(const json_t *list, const char *name)
{
    json_t *o;
    size_t i;
    json_array_foreach (list, i, o)
        if (gh_streq(gh_j_text(o, "name"), name))
            return o;
    return NULL;
}

int64_t gh_j_int(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}
