/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of kinds, one of bounds, and the counts as JSON. */
#include "base/page_times.h"

#include "base/err.h"

const char *const gh_page_kinds[GH_PAGE_KINDS] = {
    [GH_PAGE_OTHER] = "other",   [GH_PAGE_LOGIN] = "login",     [GH_PAGE_QUEUE] = "queue",
    [GH_PAGE_ITEM] = "item",     [GH_PAGE_DECIDE] = "decide",   [GH_PAGE_TODAY] = "today",
    [GH_PAGE_FILE] = "file",     [GH_PAGE_PREVIEW] = "preview", [GH_PAGE_QUESTIONS] = "questions",
    [GH_PAGE_EVENTS] = "events", [GH_PAGE_REPORT] = "report",   [GH_PAGE_POLL] = "poll"};

const unsigned gh_page_bounds_ms[GH_PAGE_BOUNDS] = {5,   10,  25,   50,   100,
                                                    250, 500, 1000, 2500, 10000};

void gh_page_times_add(struct gh_page_times *t, enum gh_page_kind kind, int64_t us)
{
    unsigned i = 0;
    us = GH_MAX(us, (int64_t)0);
    while (i < GH_PAGE_BOUNDS && us > gh_page_bounds_ms[i] * INT64_C(1000))
        i++;
    t->of[kind].n[i]++;
    t->of[kind].sum_us += (uint64_t)us;
}

json_t *gh_page_times_json(const struct gh_page_times *t)
{
    json_t *all = json_object();
    for (unsigned k = 0; k < GH_PAGE_KINDS; k++) {
        uint64_t any = 0;
        json_t *list = json_array();
        for (unsigned i = 0; i <= GH_PAGE_BOUNDS; i++) {
            any += t->of[k].n[i];
            json_array_append_new(list, json_integer((json_int_t)t->of[k].n[i]));
        }
        json_array_append_new(list, json_integer((json_int_t)t->of[k].sum_us));
        if (any)
            json_object_set(all, gh_page_kinds[k], list);
        json_decref(list);
    }
    return all;
}

bool gh_page_times_parse(const json_t *o, struct gh_page_times *ret)
{
    struct gh_page_times t = {0};
    size_t known = 0;
    for (unsigned k = 0; k < GH_PAGE_KINDS; k++) {
        const json_t *list = json_object_get(o, gh_page_kinds[k]), *n;
        size_t i;
        if (!list)
            continue;
        known++;
        if (json_array_size(list) != GH_PAGE_BOUNDS + 2)
            return false;
        json_array_foreach ((json_t *)list, i, n) {
            if (!json_is_integer(n) || json_integer_value(n) < 0)
                return false;
            *(i <= GH_PAGE_BOUNDS ? &t.of[k].n[i] : &t.of[k].sum_us) =
                (uint64_t)json_integer_value(n);
        }
    }
    if (!json_is_object(o) || known != json_object_size(o))
        return false;
    *ret = t;
    return true;
}
