/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ghat's directories on disk: made where they are missing, opened, and held. Rooms borrow a pointer
 * to the one struct gh_dirs: intake replaces drop and taken when another disk is mounted there.
 * Class: GH_CONFIG naming the path.
 */
#ifndef GH_DAEMON_STORE_DIRS_H
#define GH_DAEMON_STORE_DIRS_H

#include "daemon/site/department.h"

/* Open directories; -1 until opened. Everything but drop and taken is on one file system. */
struct gh_dirs {
    int state, drop, taken, spool, staging, outbox, archive, quarantine;
    int work;     /* staging/.work: for files that are being made */
    int preview;  /* staging/.preview */
    int receipts; /* of the agency; -1: there is no such folder here */
    int lock;     /* the file state/lock, locked as long as ghatd runs */
};
/* clang-format off */
#define GH_DIRS_CLOSED {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
/* clang-format on */

/** Make and open the directories of conf, with their modes and groups, and a folder in drop/ for
 * each department. *ret is the caller's to close; on failure it is not touched. */
GH_MUST_USE int gh_dirs_open(const struct gh_conf *conf, const struct gh_departments *departments,
                             struct gh_dirs *ret, struct gh_err *err);
/** The same of those that only ghatd writes: not the drop folder and what belongs to it, nor the
 * receipts. For who writes them back; it keeps ghatd from starting, too. GH_CONFIG, code
 * EWOULDBLOCK: ghatd runs. */
GH_MUST_USE int gh_dirs_open_own(const struct gh_conf *conf, struct gh_dirs *ret,
                                 struct gh_err *err);
/** Make and open .taken below the drop folder: *ret_fd is the caller's. GH_CONFIG also where it is
 * somebody else's, or open to others: who may write to drop/ may have put it there. */
GH_MUST_USE int gh_dirs_open_taken(int drop, int *ret_fd, struct gh_err *err);
/** Sets all descriptors to -1; those may be -1 already. */
void gh_dirs_close(struct gh_dirs *dirs);
/** Make dirfd/name unless it is there. Where we may not set a set-group-id bit that mode has, the
 * parent's is inherited, and mode is what the parent and the umask leave of it. Class: of the
 * failing call. */
GH_MUST_USE int gh_dir_make(int dirfd, const char *name, unsigned mode, struct gh_err *err);

#endif
