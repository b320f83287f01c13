/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest of what a card shows; order of renditions does not matter. */
#include "desk/seen.h"

#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *line_of(const json_t *r)
{
    int64_t id = gh_j_int(r, "id");
    return gh_asprintf("%" PRId64 " %s %s %s\n", id ? id : gh_j_int(r, "rendition"),
                       gh_j_text(r, "placement"), gh_j_text(r, "sha256"), gh_j_text(r, "state"));
}

void gh_seen_digest(const json_t *item, char ret[GH_SHA_HEX])
{
    const json_t *list = json_object_get(item, "renditions"), *r;
    size_t i, n = 0;
    GH_AUTO_FREE char **lines = gh_alloc((json_array_size(list) + 1) * sizeof(*lines));
    struct gh_hash *h = gh_hash_new();
    json_array_foreach ((json_t *)list, i, r)
        if (gh_streq(gh_j_text(r, "state"), "staged"))
            lines[n++] = line_of(r);
    qsort(lines, n, sizeof(*lines), by_text);
    for (i = 0; i < n; i++) {
        gh_hash_add(h, lines[i], strlen(lines[i]));
        free(lines[i]);
    }
    const char *caption = gh_j_text(item, "caption");
    gh_hash_add(h, caption, strlen(caption));
    gh_hash_hex(h, ret);
    gh_hash_free(&h);
}
