/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing with linear probing. Each map draws a seed of its own, so that nobody can choose
 * names that collide. Removed entries keep their slot until the next resize. */
#include "base/map.h"

#include "base/str.h"

#include <string.h>
#include <sys/random.h>

#define SIZE_MIN ((size_t)16) /* slots; sizes are powers of two */

uint64_t gh_hash64(uint64_t seed, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    uint64_t h = seed ^ 0xcbf29ce484222325ull;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3ull;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ull;
    return h ^ h >> 32;
}

static size_t slot_of(const struct gh_map *m, const void *key, size_t len)
{
    return gh_hash64(m->seed, key, len) & (m->size - 1);
}

void gh_map_free(struct gh_map *m)
{
    for (size_t i = 0; i < m->size; i++)
        free(m->slots[i].key);
    free(m->slots);
    *m = (struct gh_map){0};
}

/* The live slot of key, or NULL. */
static struct gh_map_slot *find_slot(const struct gh_map *m, const void *key, size_t len)
{
    if (!m->size)
        return NULL;
    for (size_t i = slot_of(m, key, len); m->slots[i].key; i = (i + 1) & (m->size - 1)) {
        struct gh_map_slot *s = &m->slots[i];
        if (s->value && s->len == len && !memcmp(s->key, key, len))
            return s;
    }
    return NULL;
}

void *gh_map_get(const struct gh_map *m, const void *key, size_t len)
{
    struct gh_map_slot *s = find_slot(m, key, len);
    return s ? s->value : NULL;
}

/* The key is not in the map, and there is room. */
static void fill_slot(struct gh_map *m, struct gh_map_slot slot)
{
    size_t i = slot_of(m, slot.key, slot.len);
    while (m->slots[i].key)
        i = (i + 1) & (m->size - 1);
    m->slots[i] = slot;
    m->used++;
}

static void resize(struct gh_map *m)
{
    struct gh_map old = *m;
    if (!m->seed && getrandom(&m->seed, sizeof(m->seed), 0) != sizeof(m->seed))
        abort();
    m->size = old.n * 4 > SIZE_MIN ? old.size : SIZE_MIN;
    while (m->size < (old.n + 1) * 2)
        m->size *= 2;
    m->slots = gh_alloc(m->size * sizeof(*m->slots));
    m->used = 0;
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].value)
            fill_slot(m, old.slots[i]);
        else
            free(old.slots[i].key);
    }
    free(old.slots);
}

void *gh_map_put(struct gh_map *m, const void *key, size_t len, void *value)
{
    struct gh_map_slot *s = find_slot(m, key, len);
    if (s) {
        void *before = s->value;
        s->value = value;
        return before;
    }
    if (!m->size || (m->used + 1) * 3 > m->size * 2)
        resize(m);
    fill_slot(m, (struct gh_map_slot){.key = gh_strndup(key, len), .len = len, .value = value});
    m->n++;
    return NULL;
}

void *gh_map_remove(struct gh_map *m, const void *key, size_t len)
{
    struct gh_map_slot *s = find_slot(m, key, len);
    if (!s)
        return NULL;
    m->n--;
    return gh_steal(&s->value);
}

void *gh_map_next(const struct gh_map *m, size_t *at)
{
    while (*at < m->size)
        if (m->slots[(*at)++].value)
            return m->slots[*at - 1].value;
    return NULL;
}
