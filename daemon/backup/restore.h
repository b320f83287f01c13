/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An installation written back from a backup: files first, each checked against its hash, the
 * ledger last, with a mark for the next start of ghatd (daemon/ledger/restored.h). What was in the
 * outbox goes to quarantine/unknown/, so that nothing is out before a person says so. Nothing is
 * deleted: what is in the way is renamed. A restore that was interrupted is begun anew and goes on.
 */
#ifndef GH_DAEMON_BACKUP_RESTORE_H
#define GH_DAEMON_BACKUP_RESTORE_H

#include "daemon/backup/backup.h"

struct gh_restore_opts {
    const char *conf;   /* for gh_conf_load */
    const char *folder; /* of backups */
    const char *when;   /* how the name of one begins; NULL: the newest */
    bool ledger;        /* only the ledger: the files are there */
    bool force;         /* rename what is in the way */
};
struct gh_restore_sum {
    char when[GH_BACKUP_WHEN];
    uint64_t files, bytes; /* written, or there already */
    uint64_t configured;   /* files of the configuration that were written */
    uint64_t problems;     /* files that could not be written or compared */
    char aside[40];        /* the ending of names of what was renamed; "" nothing was */
};
/** watch->progress and watch->problem as for a backup; a file of the configuration that is there
 * and differs is left alone, and told as well. GH_USAGE: ghatd runs, there is something in the way,
 * or there is no such backup. GH_LIMIT: the ledger of the backup is damaged; nothing was changed.
 */
GH_MUST_USE int gh_backup_restore(const struct gh_restore_opts *opts,
                                  const struct gh_backup_watch *watch, struct gh_restore_sum *ret,
                                  struct gh_err *err);

#endif
