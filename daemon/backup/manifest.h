/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a backup consists of: its ledger, and each file by its path with its hash and size. Written
 * as lines of text that end with their own hash, so that a manifest that is cut off or changed is
 * known as such. Class: GH_LIMIT for one that is, GH_USAGE for one that is not there.
 */
#ifndef GH_DAEMON_BACKUP_MANIFEST_H
#define GH_DAEMON_BACKUP_MANIFEST_H

#include "daemon/backup/objects.h"

#include <stddef.h>

#define GH_BACKUP_WHEN 40 /* bytes of the name of a backup, "2026-11-29T20.50.13" in UTC */

struct gh_backup_file {
    char *path; /* owned; its first part is the tree: "archive/2026/11/12/…" */
    char sha256[GH_SHA_HEX];
    uint64_t size, ino;
    int64_t mtime_ns;
    unsigned mode;
};
struct gh_backup {
    char when[GH_BACKUP_WHEN];
    int64_t made_ms; /* wall clock */
    char ledger[GH_SHA_HEX];
    uint64_t ledger_bytes, bytes; /* bytes: of all files */
    struct gh_backup_file *files; /* owned */
    size_t n, cap;
};
void gh_backup_free(struct gh_backup *b);
/** The new last one, zeroed; valid until the next. */
struct gh_backup_file *gh_backup_add(struct gh_backup *b);

/** Write it as the manifest of backups/<b->when>/, durably. */
GH_MUST_USE int gh_backup_write(const struct gh_objects *o, const struct gh_backup *b,
                                struct gh_err *err);
GH_MUST_USE int gh_backup_read(const struct gh_objects *o, const char *when, struct gh_backup *ret,
                               struct gh_err *err);

/* Names of backups, the oldest first; owned. */
struct gh_backup_names {
    char (*list)[GH_BACKUP_WHEN];
    size_t n;
};
/** complete: those that have a manifest, be it one that cannot be read; else those that have none.
 * What has no name of a backup is none of Ghat's. */
GH_MUST_USE int gh_backup_names(const struct gh_objects *o, bool complete,
                                struct gh_backup_names *ret, struct gh_err *err);
void gh_backup_names_free(struct gh_backup_names *names);
/** Remove backups/<when>, its manifest first. */
GH_MUST_USE int gh_backup_remove(const struct gh_objects *o, const char *when, struct gh_err *err);

#endif
