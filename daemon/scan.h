/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inventory: what lies in a folder now, looked at without opening any file. Directories are opened beneath the
 * department's, links are never followed. Bounded in depth and number. Class: GH_AGAIN when the folder went meanwhile,
 * else GH_SYSTEM.
 */
#ifndef GH_DAEMON_SCAN_H
#define GH_DAEMON_SCAN_H

#include "base/err.h"
#include "daemon/settle.h"

struct gh_found {
    char *path; /* below the folder scanned, any bytes */
    struct gh_print print;
    const char *refused; /* why it is not taken, for the officer; NULL: it is */
};

struct gh_found_list {
    struct gh_found *list; /* sorted by path */
    size_t n;
    size_t junk;    /* entries ignored */
    size_t folders; /* below */
    bool too_many;  /* cut at max_files, or at a multiple of that of folders and junk */
};
void gh_found_free(struct gh_found_list *list);

struct gh_scan_opts {
    unsigned depth; /* folders below the one scanned */
    size_t max_files;
    /** Called with each directory before it is listed (to watch it without a race); may be NULL. */
    void (*on_dir)(int fd, void *arg);
    void *arg;
};
/** Everything below dirfd/name. ret_print is the folder's own, with size and digest of what lies below. */
GH_MUST_USE int gh_scan_folder(int dirfd, const char *name, const struct gh_scan_opts *opts, struct gh_found_list *ret,
                               struct gh_print *ret_print, struct gh_err *err);
/** Look at dirfd/path itself. Returns 1, or 0 when it is not there. */
GH_MUST_USE int gh_scan_look(int dirfd, const char *path, struct gh_print *ret, struct gh_err *err);
/** Why a thing of this kind cannot be taken ("a link, not a file …"), in words for the officer; NULL when it can. */
const char *gh_scan_refusal(const struct gh_print *print);

#endif
