/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of titles by kind and short name, asked for again when it is old. */
#include "desk/titles.h"

#include "base/clock.h"
#include "base/json.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table {
    const char *kind, *key; /* the request and its list, and what names an entry */
    int64_t fresh_ms;       /* how long titles are kept; 0: each person sees others */
    json_t *titles;         /* short name → title */
    int64_t read_ms;
} tables[] = {{"departments", "slug", 0, NULL, 0}, {"profiles", "name", 60000, NULL, 0}};

static struct table *table_of(const char *kind)
{
    return gh_streq(kind, tables[0].kind) ? &tables[0] : &tables[1];
}

static json_t *titles_in(const json_t *reply, const struct table *t)
{
    json_t *titles = json_object(), *entry;
    size_t i;
    json_array_foreach (json_object_get(reply, t->kind), i, entry) {
        const char *title = gh_j_text(entry, "title");
        if (*title)
            json_object_set_new(titles, gh_j_text(entry, t->key), json_string(title));
    }
    return titles;
}

/* The table, a new reference; NULL when there is none. Asking is done without the lock. */
static json_t *titles_now(struct gh_req *q, struct table *t)
{
    json_t *reply = NULL, *got = NULL;
    struct gh_err err;
    int64_t now = gh_mono_ms();
    pthread_mutex_lock(&lock);
    bool fresh = t->titles && now - t->read_ms < t->fresh_ms;
    if (fresh)
        got = json_deep_copy(t->titles);
    pthread_mutex_unlock(&lock);
    if (fresh || gh_desk_ask(q, t->kind, NULL, &reply, NULL, &err) < 0)
        return got;
    got = titles_in(reply, t);
    json_decref(reply);
    if (!t->fresh_ms)
        return got;
    pthread_mutex_lock(&lock);
    json_decref(t->titles);
    t->titles = json_deep_copy(got);
    t->read_ms = now;
    pthread_mutex_unlock(&lock);
    return got;
}

void gh_titles_add(struct gh_req *q, const char *kind, const char *field, json_t *list)
{
    json_t *titles = titles_now(q, table_of(kind)), *o, *title;
    size_t i;
    json_array_foreach (list, i, o) {
        const char *name = gh_j_text(o, field);
        title = json_object_get(titles, name);
        /* always one of its own: a page would take that of what surrounds it */
        json_object_set_new(o, "title", title ? json_incref(title) : json_string(name));
    }
    json_decref(titles);
}
