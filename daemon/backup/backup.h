/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Backups of an installation: made, checked, thrown away, written back. A backup is the ledger as
 * it was at one moment and every file that was there after it: files get their names before the
 * ledger names them, so whatever that ledger names is among them. ghatd may run while one is made.
 */
#ifndef GH_DAEMON_BACKUP_BACKUP_H
#define GH_DAEMON_BACKUP_BACKUP_H

#include "daemon/backup/manifest.h"

#include "base/config.h"

/* Who is told of it. */
struct gh_backup_watch {
    /* done: the share of the work, 0 to 1; ended of n files */
    void (*progress)(double done, size_t ended, size_t n, void *arg);
    /* what is wrong, one line for people, valid during the call only */
    void (*problem)(const char *line, void *arg);
    void *arg;
};

struct gh_backup_sum {
    char when[GH_BACKUP_WHEN]; /* of the last one */
    uint64_t backups, files, bytes;
    uint64_t fresh, fresh_bytes; /* objects that were not there */
    uint64_t ledger_bytes;
    int64_t audit_rows;
    uint64_t removed, removed_objects, removed_bytes;
    uint64_t problems;
};

/**
 * Make one in folder, and read back what is new. keep: afterwards so many of the newest stay, and
 * what no other names is removed; 0: all stay. A problem is what cannot be read and what the ledger
 * names and is nowhere: all else is in the backup. Nothing is removed when something could not be
 * read, or when there is a backup of a later time. GH_AGAIN: the disk is full, or another one is
 * being made; whatever backups there are stay whole.
 */
GH_MUST_USE int gh_backup_make(const struct gh_conf *conf, const char *folder, unsigned keep,
                               const struct gh_backup_watch *watch, struct gh_backup_sum *ret,
                               struct gh_err *err);
/** Read every object that a backup names, and every ledger. An object that is damaged is renamed,
 * so that the next backup copies it again. */
GH_MUST_USE int gh_backup_check(const char *folder, const struct gh_backup_watch *watch,
                                struct gh_backup_sum *ret, struct gh_err *err);

/** Find the one of that name, else the newest whose name begins so; NULL: the newest. GH_USAGE:
 * there is none. */
GH_MUST_USE int gh_backup_find(const struct gh_objects *o, const char *when, struct gh_backup *ret,
                               struct gh_err *err);

#endif
