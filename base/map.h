/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from byte strings to pointers. Keys are copied, values are the caller's. Zero-initialise. */
#ifndef GH_BASE_MAP_H
#define GH_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_map_slot {
    char *key; /* NULL: never used; value NULL with a key: removed */
    size_t len;
    void *value;
};
struct gh_map {
    struct gh_map_slot *slots;
    size_t size, n, used; /* slots, live entries, live and removed ones */
};

/** Frees the table and its keys, not the values. */
void gh_map_free(struct gh_map *m);
/** NULL when absent. */
void *gh_map_get(const struct gh_map *m, const void *key, size_t len);
/** Put value (not NULL), returning what was there before. */
void *gh_map_put(struct gh_map *m, const void *key, size_t len, void *value);
/** Take an entry out; NULL when absent. */
void *gh_map_remove(struct gh_map *m, const void *key, size_t len);
/** Iterate: *at starts at 0; NULL at the end. Removing the entry just returned is allowed, putting is not. */
void *gh_map_next(const struct gh_map *m, size_t *at);
/** FNV-1a, good enough for names nobody attacks twice; seed chains several. */
uint64_t gh_hash64(uint64_t seed, const void *bytes, size_t n);

#endif
