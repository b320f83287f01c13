/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is copied of an installation beside its ledger: the trees that ghatd writes, in an order in
 * which nothing that moves between them is missed, and what people configured. Secrets are not
 * among it: no file of [post] that holds one, and nothing that the lists here do not name.
 */
#ifndef GH_DAEMON_BACKUP_HOUSE_H
#define GH_DAEMON_BACKUP_HOUSE_H

#include "daemon/backup/manifest.h"

#include "base/config.h"

#define GH_HOUSE_CONFIG "config"  /* the tree of ghat.conf and what lies beside it */
#define GH_HOUSE_CONF "ghat.conf" /* the configuration there, whatever its name is */
#define GH_HOUSE_NAMED "named"    /* the tree of files that ghat.conf names, by its keys */

enum gh_tree {
    GH_TREE_SPOOL,
    GH_TREE_ARCHIVE,
    GH_TREE_QUARANTINE,
    GH_TREE_STAGING,
    GH_TREE_OUTBOX,
    GH_TREES
};
/** Its path; borrowed from conf. */
const char *gh_tree_path(const struct gh_conf *conf, enum gh_tree tree);
/** Which tree a path of a manifest is in, and what follows its name; GH_TREES: in none of them. */
enum gh_tree gh_tree_of(const char *path, const char **ret_rest);

/** Where a file of the trees config and named lies in this installation: the caller's to free;
 * NULL: the configuration has no such place. */
char *gh_house_config_path(const struct gh_conf *conf, const char *path);

/* Who is told what cannot be read, a line each, valid during the call only. All else is listed. */
struct gh_house_teller {
    void (*unread)(const char *line, void *arg);
    void *arg;
};
/* What is copied, without hashes. What is not there is left out silently. */
/** The files of one tree, as they are now. */
void gh_house_tree(const struct gh_conf *conf, enum gh_tree tree, struct gh_backup *list,
                   const struct gh_house_teller *to);
/** The configuration and all that belongs to it. */
void gh_house_config(const struct gh_conf *conf, struct gh_backup *list,
                     const struct gh_house_teller *to);

#endif
