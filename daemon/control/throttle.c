/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fixed table, so that a flood of names needs no memory. When it is full, the entry with the
 * fewest failures goes: many new ones cannot push out one that failed often. */
#include "daemon/control/throttle.h"

#include "base/map.h"
#include "base/str.h"

#include <string.h>
#include <sys/random.h>

#define ENTRIES 4096
#define FORGET_MS ((int64_t)3600 * 1000)

struct entry {
    uint64_t key; /* 0: free */
    unsigned failures;
    int64_t last_ms, until_ms;
};

struct gh_throttle {
    uint64_t seed; /* keys are people's: none can be made to meet another's */
    struct entry list[ENTRIES];
};

struct gh_throttle *gh_throttle_new(void)
{
    struct gh_throttle *t = gh_alloc(sizeof(*t));
    if (getrandom(&t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
        abort();
    return t;
}

void gh_throttle_free(struct gh_throttle **t)
{
    free(*t);
    *t = NULL;
}

static uint64_t hash_of(const struct gh_throttle *t, const char *key)
{
    uint64_t h = gh_hash64(t->seed, key, strlen(key));
    return h ? h : 1;
}

static struct entry *find(const struct gh_throttle *t, const char *key)
{
    uint64_t h = hash_of(t, key);
    for (size_t i = 0; i < ENTRIES; i++)
        if (t->list[i].key == h)
            return (struct entry *)&t->list[i];
    return NULL;
}

static struct entry *take_entry(struct gh_throttle *t)
{
    struct entry *least = &t->list[0];
    for (size_t i = 0; i < ENTRIES; i++) {
        struct entry *e = &t->list[i];
        if (e->key == 0)
            return e;
        if (e->failures < least->failures ||
            (e->failures == least->failures && e->last_ms < least->last_ms))
            least = e;
    }
    return least;
}

int64_t gh_throttle_wait(const struct gh_throttle *t, const char *key, int64_t now_ms)
{
    const struct entry *e = find(t, key);
    return e && e->until_ms > now_ms ? e->until_ms - now_ms : 0;
}

bool gh_throttle_failed(struct gh_throttle *t, const char *key, unsigned free, int64_t now_ms)
{
    struct entry *e = find(t, key);
    if (!e) {
        e = take_entry(t);
        *e = (struct entry){.key = hash_of(t, key)};
    } else if (now_ms - e->last_ms > FORGET_MS) {
        e->failures = 0;
    }
    e->failures++;
    e->last_ms = now_ms;
    if (e->failures <= free)
        return false;
    unsigned doubled = GH_MIN(e->failures - free - 1, 20u);
    e->until_ms = now_ms + GH_MIN((int64_t)GH_THROTTLE_FIRST_MS << doubled, GH_THROTTLE_MOST_MS);
    return e->failures == free + 1;
}

void gh_throttle_passed(struct gh_throttle *t, const char *key)
{
    struct entry *e = find(t, key);
    if (e)
        *e = (struct entry){0};
}
