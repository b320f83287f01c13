/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing with linear probing; the seed is drawn once a process, so that dropped names cannot be made to
 * collide. */
#include "base/map.h"

#include "base/str.h"

#include <string.h>
#include <sys/random.h>

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
    static uint64_t seed;
    if (!seed && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        abort();
    return gh_hash64(seed, key, len) & (m->size - 1);
}

void gh_map_free(struct gh_map *m)
{
    for (size_t i = 0; i < m->size; i++)
        free(m->slots[i].key);
    free(m->slots);
    *m = (struct gh_map){0};
}

/* The live slot of key, or NULL. */
static struct gh_map_slot *find(const struct gh_map *m, const void *key, size_t len)
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
    struct gh_map_slot *s = find(m, key, len);
    return s ? s->value : NULL;
}

static void place(struct gh_map *m, struct gh_map_slot slot)
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
    m->size = old.n * 4 > 16 ? old.size : 16;
    while (m->size < (old.n + 1) * 2)
        m->size *= 2;
    m->slots = gh_alloc(m->size * sizeof(*m->slots));
    m->used = 0;
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].value)
            place(m, old.slots[i]);
        else
            free(old.slots[i].key);
    }
    free(old.slots);
}

void *gh_map_put(struct gh_map *m, const void *key, size_t len, void *value)
{
    struct gh_map_slot *s = find(m, key, len);
    if (s) {
        void *before = s->value;
        s->value = value;
        return before;
    }
    if (!m->size || (m->used + 1) * 3 > m->size * 2)
        resize(m);
    place(m, (struct gh_map_slot){.key = gh_strndup(key, len), .len = len, .value = value});
    m->n++;
    return NULL;
}

void *gh_map_remove(struct gh_map *m, const void *key, size_t len)
{
    struct gh_map_slot *s = find(m, key, len);
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
