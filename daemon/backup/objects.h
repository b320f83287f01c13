/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder of backups on disk. objects/ab/<sha256> holds each content once, backups/<when>/ what a
 * backup is: the ledger and a manifest, which is written last. What has no manifest is no backup.
 * Everything in it is for its owner alone. One writer at a time, by a lock. Class: GH_AGAIN when
 * the disk is full, GH_LIMIT for what is damaged, GH_USAGE for what is no such folder,
 * GH_INPUT for a file to be copied that cannot be read, else GH_SYSTEM.
 */
#ifndef GH_DAEMON_BACKUP_OBJECTS_H
#define GH_DAEMON_BACKUP_OBJECTS_H

#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

#define GH_BACKUP_FORMAT "Ghat backup 1"

struct gh_objects {
    char *path; /* as it was named */
    int root, objects, backups;
    int lock;  /* -1: nobody is locked out */
    bool give; /* root writes into a folder that is another user's, whose all of it is to be */
    unsigned uid, gid;
};
#define GH_OBJECTS_CLOSED                                                                          \
    {                                                                                              \
        NULL, -1, -1, -1, -1, false, 0, 0                                                          \
    }

/** Open for writing: made where it is missing, mode 0700, and locked. GH_USAGE: it holds no backups
 * and something else. GH_AGAIN, code EWOULDBLOCK: another backup is being written there, or read.
 * *ret is the caller's to close. */
GH_MUST_USE int gh_objects_open(const char *path, struct gh_objects *ret, struct gh_err *err);
/** Open for reading. GH_USAGE: there are no backups. */
GH_MUST_USE int gh_objects_open_ro(const char *path, struct gh_objects *ret, struct gh_err *err);
/** Of what was opened for reading: no backup is written there, and nothing removed, until it is
 * closed. GH_AGAIN, code EWOULDBLOCK: one is being written. A folder that cannot be locked, since
 * it is on a medium that nobody writes to, say, is read as it is. */
GH_MUST_USE int gh_objects_hold(struct gh_objects *o, struct gh_err *err);
void gh_objects_close(struct gh_objects *o);
/** Let dir/name, which was just made in that folder, belong to whom the folder does. */
void gh_objects_give(const struct gh_objects *o, int dir, const char *name);

/** Is there an object of that size? */
bool gh_objects_has(const struct gh_objects *o, const char *sha256, uint64_t size);
/**
 * Take in what fd, a file at its beginning, holds. likely: what it probably is, so that it need not
 * be written first to be found there already; NULL: anything. *ret_new: it was not there. The bytes
 * are durable; names are after gh_objects_sync. GH_INPUT: fd cannot be read; all else is the fault
 * of where it is written to.
 */
GH_MUST_USE int gh_objects_put(struct gh_objects *o, int fd, const char *likely,
                               char ret_sha256[GH_SHA_HEX], uint64_t *ret_size, bool *ret_new,
                               struct gh_err *err);
GH_MUST_USE int gh_objects_sync(const struct gh_objects *o, struct gh_err *err);
/** Open one for reading; the descriptor is the caller's. */
GH_MUST_USE int gh_objects_get(const struct gh_objects *o, const char *sha256, int *ret_fd,
                               struct gh_err *err);
/** Read it from the disk. GH_LIMIT: it is gone, or not what it was. */
GH_MUST_USE int gh_objects_check(const struct gh_objects *o, const char *sha256, uint64_t size,
                                 struct gh_err *err);
/** Of what is held: rename one that is damaged to <sha256>.damaged, so that the next backup copies
 * it again. Returns 1; 0: it is in order, or gone. GH_AGAIN: somebody else reads there, too. */
GH_MUST_USE int gh_objects_put_aside(const struct gh_objects *o, const char *sha256, uint64_t size,
                                     struct gh_err *err);
/** Called with each object's hash; true: it is removed. */
typedef bool gh_object_fn(const char *sha256, void *arg);
/** *ret_n, *ret_bytes: what was removed. */
GH_MUST_USE int gh_objects_remove(struct gh_objects *o, gh_object_fn *fn, void *arg,
                                  uint64_t *ret_n, uint64_t *ret_bytes, struct gh_err *err);

#endif
