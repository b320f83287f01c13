/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from byte strings to pointers. Keys are copied, values stay the caller's. Not for
 * several threads at once. Zero-initialise. */
#ifndef GH_BASE_MAP_H
#define GH_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_map_slot {
    char *key; /* NULL: never used; with a NULL value: removed */
    size_t len;
    void *value;
};
struct gh_map {
    struct gh_map_slot *slots;
    size_t size, n, used; /* slots, live entries, live and removed entries */
    uint64_t seed;        /* 0 until the first entry */
};

/** Frees the table and its keys, not the values. */
void gh_map_free(struct gh_map *m);
/** NULL when absent. */
void *gh_map_get(const struct gh_map *m, const void *key, size_t len);
/** Set the value of key, which may not be NULL. Returns the one before, or NULL. */
void *gh_map_put(struct gh_map *m, const void *key, size_t len, void *value);
/** Take an entry out and return its value; NULL when absent. */
void *gh_map_remove(struct gh_map *m, const void *key, size_t len);
/** Iterate: *at starts at 0; NULL at the end. Between two calls the entry just returned may be
 * removed, but nothing may be put. */
void *gh_map_next(const struct gh_map *m, size_t *at);
/** FNV-1a with a final mix: for hash tables, not for security. seed: a secret, or the hash so far.
 */
uint64_t gh_hash64(uint64_t seed, const void *bytes, size_t n);

#endif
