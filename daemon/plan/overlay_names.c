/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of logos' names and ids: a list that is searched from its start, for it holds a few
 * entries. */
#include "daemon/plan/overlay_names.h"

#include "base/str.h"

void gh_overlay_names_free(struct gh_overlay_names *names)
{
    free(names->list);
    *names = (struct gh_overlay_names){0};
}

const char *gh_overlay_names_find(const struct gh_overlay_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (gh_streq(names->list[i].name, name))
            return names->list[i].id;
    return NULL;
}

void gh_overlay_names_add(struct gh_overlay_names *names, const char *name, const char *id)
{
    names->list = gh_realloc(names->list, (names->n + 1) * sizeof(*names->list));
    struct gh_overlay_name *entry = &names->list[names->n++];
    GH_COPY(entry->name, name);
    GH_COPY(entry->id, id);
}
