/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inventory: what lies in a dropped folder now, observed without opening any file. Directories
 * are opened beneath the department's folder, and links are never followed. Bounded in depth and
 * number, and cut into steps. Class: GH_AGAIN when the folder vanished or changed meanwhile, else
 * GH_SYSTEM.
 */
#ifndef GH_DAEMON_INTAKE_INVENTORY_H
#define GH_DAEMON_INTAKE_INVENTORY_H

#include "base/err.h"
#include "daemon/intake/settle.h"

struct gh_found {
    char *path; /* below the dropped folder, any bytes; owned */
    struct gh_print print;
    const char *refused; /* why it is not taken in, for the officer, static text; NULL: it is */
};

struct gh_found_list {
    struct gh_found *list; /* sorted by path */
    size_t n;
    size_t junk;    /* names ignored */
    size_t folders; /* below the dropped one */
    bool too_many;  /* incomplete: more than max_files files, or far too many folders and junk */
};
/** Frees what the list holds and empties it. */
void gh_found_free(struct gh_found_list *list);

struct gh_inventory_opts {
    unsigned depth; /* levels of folders below the dropped one */
    size_t max_files;
    /** Called with each directory before it is listed, so that it can be watched without a race; fd
     * is borrowed. May be NULL. */
    void (*on_dir)(int fd, void *arg);
    void *arg;
};
/**
 * List everything below dirfd/name in steps, each until about until_us of the monotonic clock.
 * gh_inventory_step returns 1 while there is more, then 0; gh_inventory_end frees the inventory:
 * *ret is the caller's to free, *ret_print is the folder's own, whose size and digest are those of
 * what lies below. err may not be NULL.
 */
struct gh_inventory;
GH_MUST_USE int gh_inventory_begin(int dirfd, const char *name,
                                   const struct gh_inventory_opts *opts, struct gh_inventory **ret,
                                   struct gh_err *err);
GH_MUST_USE int gh_inventory_step(struct gh_inventory *w, int64_t until_us, struct gh_err *err);
void gh_inventory_end(struct gh_inventory **w, struct gh_found_list *ret,
                      struct gh_print *ret_print);
/** Give it up. Sets *w to NULL, which it may be. */
void gh_inventory_free(struct gh_inventory **w);
/** Observe dirfd/path itself. Returns 1, or 0 when it is not there. */
GH_MUST_USE int gh_inventory_stat(int dirfd, const char *path, struct gh_print *ret,
                                  struct gh_err *err);
/** Why a thing of this kind cannot be taken in, static text for the officer; NULL: it can. */
const char *gh_inventory_refusal(const struct gh_print *print);

#endif
