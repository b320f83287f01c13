/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by directory descriptor and relative path, durable when they say so. No function follows a symbolic link in
 * the last component; gh_open_beneath follows none at all. Error class: GH_AGAIN for full disks, else GH_SYSTEM.
 */
#ifndef GH_BASE_FILE_H
#define GH_BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Open a directory (O_PATH-less, O_DIRECTORY|O_CLOEXEC|O_NOFOLLOW); the descriptor is the caller's. */
GH_MUST_USE int gh_open_dir(int dirfd, const char *path, int *ret_fd, struct gh_err *err);
/** mkdir -p of a relative or absolute path, each made with mode; existing ones are left as they are. */
GH_MUST_USE int gh_mkdirs(int dirfd, const char *path, mode_t mode, struct gh_err *err);
/**
 * openat2 with RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS|NO_XDEV and O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_CLOEXEC added.
 * The descriptor is the caller's. errno is kept in err->code (ELOOP: a link; EXDEV: outside).
 */
GH_MUST_USE int gh_open_beneath(int dirfd, const char *path, int flags, int *ret_fd, struct gh_err *err);
/** An unnamed file in dirfd (O_TMPFILE|O_RDWR, mode 0600); it vanishes unless linked. */
GH_MUST_USE int gh_tmpfile(int dirfd, int *ret_fd, struct gh_err *err);
/** Give an unnamed file its name. An existing name is an error with err->code EEXIST. Not yet durable: see gh_sync_dir.
 */
GH_MUST_USE int gh_link_fd(int fd, int dirfd, const char *name, struct gh_err *err);
/** The same, replacing whatever has the name, atomically (link under a temporary name, rename over). */
GH_MUST_USE int gh_link_fd_replace(int fd, int dirfd, const char *name, struct gh_err *err);
/** fsync of a file or of a directory. */
GH_MUST_USE int gh_sync(int fd, struct gh_err *err);
/** Write all bytes to fd. */
GH_MUST_USE int gh_write_all(int fd, const void *bytes, size_t n, struct gh_err *err);
/** Remove what killed writers left in a folder that nobody writes to now: files under temporary names. */
GH_MUST_USE int gh_sweep_temporaries(int dirfd, struct gh_err *err);
/** The same in each folder directly below dirfd/name, as far as it goes: what cannot be swept is swept another time. */
void gh_sweep_temporaries_below(int dirfd, const char *name);
/** Replace dirfd/name by these bytes: temporary file, fsync, rename over, fsync of the directory. */
GH_MUST_USE int gh_write_file(int dirfd, const char *name, const void *bytes, size_t n, mode_t mode,
                              struct gh_err *err);
/** Read a whole regular file of at most max bytes; *ret is NUL-terminated and the caller's. GH_LIMIT when larger. */
GH_MUST_USE int gh_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len, struct gh_err *err);
GH_MUST_USE int gh_read_fd(int fd, size_t max, char **ret, size_t *ret_len, struct gh_err *err);
/** Make dst_fd (empty) hold src_fd's bytes from 0: reflink, else copy_file_range, else read/write. *ret_bytes may be
 * NULL. */
GH_MUST_USE int gh_copy_fd(int src_fd, int dst_fd, uint64_t *ret_bytes, struct gh_err *err);
/** rm -r of dirfd/name without following links; a missing one is fine. */
GH_MUST_USE int gh_remove_tree(int dirfd, const char *name, struct gh_err *err);

#endif
