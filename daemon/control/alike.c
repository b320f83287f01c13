/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each photo joins the first group whose first photo it resembles: no chain of small steps leads
 * from one scene to another. */
#include "daemon/control/alike.h"

#include "base/str.h"

#include <jansson.h>
#include <stdlib.h>

/* Places of 64 in which two photos of one scene may differ. */
#define DISTANCE_MAX 10

static bool resembles(const struct gh_file *a, const struct gh_file *b)
{
    return a->look.known && b->look.known && gh_look_distance(&a->look, &b->look) <= DISTANCE_MAX;
}

static int sharper_first(const void *a, const void *b)
{
    const struct gh_file *x = *(const struct gh_file *const *)a,
                         *y = *(const struct gh_file *const *)b;
    if (x->look.sharp != y->look.sharp)
        return x->look.sharp < y->look.sharp ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

json_t *gh_alike_json(const struct gh_item *item)
{
    json_t *groups = json_array();
    GH_AUTO_FREE bool *taken = gh_alloc((item->n_files + 1) * sizeof(*taken));
    GH_AUTO_FREE const struct gh_file **group = gh_alloc((item->n_files + 1) * sizeof(*group));
    for (size_t i = 0; i < item->n_files; i++) {
        size_t n = 0;
        for (size_t k = i; k < item->n_files; k++)
            if (!taken[k] && !taken[i] && resembles(&item->files[i], &item->files[k]))
                group[n++] = &item->files[k];
        if (n < 2)
            continue;
        for (size_t k = 0; k < n; k++)
            taken[group[k] - item->files] = true;
        qsort(group, n, sizeof(*group), sharper_first);
        json_t *numbers = json_array();
        for (size_t k = 0; k < n; k++)
            json_array_append_new(numbers, json_integer(gh_file_number(item, group[k]->id)));
        json_array_append_new(groups, numbers);
    }
    return groups;
}
