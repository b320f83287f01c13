/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose folder is this? A department's folder is known by a mark of the directory itself, which the
 * ledger keeps from its first sight on. A directory that was put in its place, or swapped with
 * another department's, is nobody's until an administrator confirms it: nothing is read from it,
 * and no note of the department is written into it. Class: GH_CONFIG with code ESTALE for a
 * directory that is not the known one; else that of the failing call, or of the ledger.
 */
#ifndef GH_DAEMON_SITE_FOLDER_H
#define GH_DAEMON_SITE_FOLDER_H

#include "daemon/ledger/open.h"

/** The file by which a folder is known where no number of it lasts. */
#define GH_FOLDER_TOKEN ".ghat-folder"

/** How a folder that is its department's is known, or what failed. */
struct gh_folder_found {
    bool by_file;           /* by its file: no number of it lasts */
    struct gh_err unmarked; /* why it has no file, though it needs one; no message: it has, or needs
                               none */
    bool ledger;            /* the ledger was asked for what failed, and the folder not */
};

/**
 * Is fd the directory that is known as drop/folder? One that is seen for the first time is recorded
 * as such, if no other folder is known by it; it gets its file, where it needs one. held: it has
 * been open since it was last known as that, and so is the same: a file that was removed meanwhile
 * is written again. *ret is always set; one that has no file, though it needs one, has to be
 * confirmed after the next mount.
 */
GH_MUST_USE int gh_folder_known(struct gh_ledger *l, const char *folder, int fd, bool held,
                                struct gh_folder_found *ret, struct gh_err *err);
/** Does the error of these functions say that it is another directory than the known one? What the
 * system says of a mount that went (ESTALE, too) does not. */
bool gh_folder_is_other(const struct gh_err *err);
/** Open drop/folder, without following a link, if it is the known one. *ret_fd is the caller's. */
GH_MUST_USE int gh_folder_open(struct gh_ledger *l, int drop, const char *folder, int *ret_fd,
                               struct gh_err *err);
/** Is the department merely offline: its folder away, or not confirmed? What failed with err then
 * is done when it is back. */
bool gh_folder_offline(const struct gh_err *err);
/** From now on fd is the directory of drop/folder, and no other name's. With a record. */
GH_MUST_USE int gh_folder_confirm(struct gh_ledger *l, const struct gh_who *who, const char *folder,
                                  int fd, struct gh_err *err);

#endif
