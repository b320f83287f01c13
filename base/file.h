/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by directory descriptor and relative path, durable when they say so. No function follows a
 * symbolic link in the last component; gh_open_beneath follows none at all. Error class: GH_AGAIN
 * for full disks, else GH_SYSTEM.
 */
#ifndef GH_BASE_FILE_H
#define GH_BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Open a directory for reading (O_DIRECTORY|O_CLOEXEC|O_NOFOLLOW). The descriptor is the caller's.
 */
GH_MUST_USE int gh_open_dir(int dirfd, const char *path, int *ret_fd, struct gh_err *err);
/** mkdir -p of a relative or absolute path. New folders get exactly mode; existing ones keep
 * theirs. */
GH_MUST_USE int gh_mkdirs(int dirfd, const char *path, mode_t mode, struct gh_err *err);
/**
 * openat2 with RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS|NO_XDEV, and with
 * O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_CLOEXEC added to flags. The descriptor is the caller's. errno is
 * in err->code (ELOOP: a link; EXDEV: outside dirfd).
 */
GH_MUST_USE int gh_open_beneath(int dirfd, const char *path, int flags, int *ret_fd,
                                struct gh_err *err);
/** An unnamed file in dirfd (O_TMPFILE|O_RDWR, mode 0600), which is gone when it is closed unless
 * it was linked. The descriptor is the caller's. */
GH_MUST_USE int gh_tmpfile(int dirfd, int *ret_fd, struct gh_err *err);
/** Give an unnamed file its name. An existing name is an error with err->code EEXIST. The name is
 * durable only after gh_sync(dirfd). */
GH_MUST_USE int gh_link_fd(int fd, int dirfd, const char *name, struct gh_err *err);
/** The same, replacing in one step what has the name. */
GH_MUST_USE int gh_link_fd_replace(int fd, int dirfd, const char *name, struct gh_err *err);
/** fsync of a file or of a directory. */
GH_MUST_USE int gh_sync(int fd, struct gh_err *err);
/** Write all bytes to fd. */
GH_MUST_USE int gh_write_all(int fd, const void *bytes, size_t n, struct gh_err *err);
/** Remove the temporary files that killed writers left in a folder. Nobody may be writing in it. */
GH_MUST_USE int gh_sweep_temporaries(int dirfd, struct gh_err *err);
/** The same in each folder directly below dirfd/name; errors are ignored, since the next sweep
 * comes by again. */
void gh_sweep_temporaries_below(int dirfd, const char *name);
/** Replace dirfd/name by these bytes, durably: temporary file, fsync, rename, fsync of dirfd. mode
 * 0: its owner's alone, where the file system keeps modes. */
GH_MUST_USE int gh_write_file(int dirfd, const char *name, const void *bytes, size_t n, mode_t mode,
                              struct gh_err *err);
/** Read a whole regular file of at most max bytes. *ret is NUL-terminated and the caller's,
 * *ret_len without that NUL. GH_LIMIT when it is larger, GH_INPUT when it is no regular file. */
GH_MUST_USE int gh_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len,
                             struct gh_err *err);
/** The same from where fd stands; a pipe will do. */
GH_MUST_USE int gh_read_fd(int fd, size_t max, char **ret, size_t *ret_len, struct gh_err *err);
/** Copy all bytes of src_fd into dst_fd, which is empty: reflink, else copy_file_range, else by
 * hand. ret_bytes: how many; may be NULL. */
GH_MUST_USE int gh_copy_fd(int src_fd, int dst_fd, uint64_t *ret_bytes, struct gh_err *err);
/** rm -r of dirfd/name, without following links. What does not exist is removed already: no error.
 */
GH_MUST_USE int gh_remove_tree(int dirfd, const char *name, struct gh_err *err);

#endif
