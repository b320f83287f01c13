/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps ghat-post in. Class: GH_SYSTEM. */
#ifndef GH_POST_WALLS_H
#define GH_POST_WALLS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file or folder that may be read, as it was before the walls. */
struct gh_post_file {
    const char *path;  /* borrowed */
    uint64_t dev, ino; /* 0: it is missing */
};
#define GH_POST_FILES 16
/** What the walls will let be read: ca, which may be NULL, and the resolver's. Returns how many. */
size_t gh_post_files_note(const char *ca, struct gh_post_file ret[GH_POST_FILES]);
/**
 * The one that was replaced since, or has come; NULL: none. The walls know files by their inode, so
 * that one which a package or a person wrote anew cannot be read until ghat-post is started again.
 * What is missing just now is waited for.
 */
const char *gh_post_files_replaced(const struct gh_post_file *files, size_t n);
/** Enter, before the first thread is made. ca: a file of certificates that is read, too; NULL none.
 * seccomp_only: a kernel without Landlock is acceptable. */
GH_MUST_USE int gh_post_walls_enter(const char *ca, bool seccomp_only, struct gh_err *err);
/** Try what must fail. */
GH_MUST_USE int gh_post_walls_selftest(bool seccomp_only, struct gh_err *err);

#endif
