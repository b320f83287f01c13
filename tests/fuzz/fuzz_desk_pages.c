/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every page of the desk, filled from any JSON: whatever stands in its strings, the page has the
 * marks of its template and no others. The first line names the page and the language; the rest is
 * the object. The judge fills it once more with everything tamed that means something in HTML: both
 * must have the same number of marks. */
#include "desk/assets.h"

#include "base/str.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char marks[] = "<>\"'";

/* The same object, its strings without a mark. */
static json_t *tamed(const json_t *v)
{
    json_t *copy, *inner;
    const char *key;
    size_t i;
    if (json_is_string(v)) {
        GH_AUTO_STR out = {0};
        for (const char *p = json_string_value(v); *p; p++)
            gh_str_add(&out, strchr(marks, *p) ? "\xc3\xa9" : p, strchr(marks, *p) ? 2 : 1);
        return json_string(gh_str_text(&out));
    }
    if (json_is_array(v)) {
        copy = json_array();
        json_array_foreach ((json_t *)v, i, inner)
            json_array_append_new(copy, tamed(inner));
        return copy;
    }
    if (!json_is_object(v))
        return json_incref((json_t *)v);
    copy = json_object();
    json_object_foreach ((json_t *)v, key, inner)
        json_object_set_new(copy, key, tamed(inner));
    return copy;
}

static void count(const char *page, const json_t *root, const char *language,
                  size_t ret[sizeof(marks)])
{
    static struct gh_desk desk;
    struct gh_err err;
    GH_AUTO_STR out = {0};
    if (!desk.templates && gh_assets_load(&desk, &err) < 0)
        __builtin_trap();
    const struct gh_tongue tongue = {language, gh_words_of(language), 1700000000000,
                                     json_object_get(root, "reasons")};
    if (gh_templates_fill(desk.templates, page, root, &tongue, &out, &err) < 0)
        return; /* no such page */
    for (const char *p = gh_str_text(&out); *p; p++)
        if (strchr(marks, *p))
            ret[strchr(marks, *p) - marks]++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GH_AUTO_FREE char *text = gh_strndup((const char *)data, size);
    char *rest = text, *page = strsep(&rest, " "), *language = rest ? strsep(&rest, "\n") : NULL;
    json_t *root = rest ? json_loads(rest, 0, NULL) : NULL;
    if (!json_is_object(root)) {
        json_decref(root);
        return 0;
    }
    size_t hostile[sizeof(marks)] = {0}, harmless[sizeof(marks)] = {0};
    json_t *tame = tamed(root);
    count(page, root, language, hostile);
    count(page, tame, language, harmless);
    json_decref(tame);
    json_decref(root);
    if (memcmp(hostile, harmless, sizeof(hostile)) != 0)
        __builtin_trap();
    return 0;
}
