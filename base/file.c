/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System calls with their retries and their cleanup. A file gets its name only when it is whole: it
 * is written unnamed, or under a temporary name of its own, and linked or renamed. */
#include "base/file.h"

#include "base/alive.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define COPY_CHUNK (1024 * 1024) /* bytes at once where the kernel does not copy */
#define TEMPORARY ".tmp-"
#define TEMPORARY_MAX 32 /* bytes of such a name */

int gh_open_dir(int dirfd, const char *path, int *ret_fd, struct gh_err *err)
{
    int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gh_fail_errno(err, GH_OK, "cannot open folder %s", path);
    *ret_fd = fd;
    return 0;
}

int gh_mkdirs(int dirfd, const char *path, mode_t mode, struct gh_err *err)
{
    GH_AUTO_FREE char *copy = gh_strdup(path);
    for (char *slash = copy;; slash++) {
        slash = strchrnul(slash, '/');
        char end = *slash;
        *slash = 0;
        if (*copy) {
            if (mkdirat(dirfd, copy, mode) == 0) {
                /* The umask must not narrow a folder that others write to. */
                if (fchmodat(dirfd, copy, mode, 0) < 0)
                    return gh_fail_errno(err, GH_OK, "cannot set the mode of folder %s", copy);
            } else if (errno != EEXIST) {
                return gh_fail_errno(err, GH_OK, "cannot make folder %s", copy);
            }
        }
        if (!end)
            return 0;
        *slash = end;
    }
}

int gh_open_beneath(int dirfd, const char *path, int flags, int *ret_fd, struct gh_err *err)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
    if (fd < 0)
        return gh_fail_errno(err, GH_OK, "cannot open");
    *ret_fd = (int)fd;
    return 0;
}

int gh_tmpfile(int dirfd, int *ret_fd, struct gh_err *err)
{
    int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return gh_fail_errno(err, GH_OK, "cannot make a temporary file");
    *ret_fd = fd;
    return 0;
}

int gh_link_fd(int fd, int dirfd, const char *name, struct gh_err *err)
{
    char self[40];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) < 0)
        return gh_fail_errno(err, GH_OK, "cannot name the file %s", name);
    return 0;
}

static void temporary_name(char ret[TEMPORARY_MAX])
{
    uint64_t r = 0;
    if (getrandom(&r, sizeof(r), 0) != sizeof(r))
        abort();
    snprintf(ret, TEMPORARY_MAX, TEMPORARY "%016" PRIx64, r);
}

int gh_link_fd_replace(int fd, int dirfd, const char *name, struct gh_err *err)
{
    char temp[TEMPORARY_MAX];
    temporary_name(temp);
    TRY(gh_link_fd(fd, dirfd, temp, err));
    if (renameat(dirfd, temp, dirfd, name) < 0) {
        int r = gh_fail_errno(err, GH_OK, "cannot rename to %s", name);
        unlinkat(dirfd, temp, 0);
        return r;
    }
    return 0;
}

int gh_sync(int fd, struct gh_err *err)
{
    if (fsync(fd) < 0)
        return gh_fail_errno(err, GH_OK, "cannot make the file durable (fsync)");
    return 0;
}

int gh_write_all(int fd, const void *bytes, size_t n, struct gh_err *err)
{
    const char *at = bytes;
    while (n) {
        ssize_t w = write(fd, at, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return gh_fail_errno(err, GH_OK, "cannot write");
        at += w;
        n -= (size_t)w;
        gh_alive();
    }
    return 0;
}

static int write_and_rename(int dirfd, const char *temp, const char *name, const void *bytes,
                            size_t n, mode_t mode, struct gh_err *err)
{
    GH_AUTO_FD fd = openat(dirfd, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return gh_fail_errno(err, GH_OK, "cannot create %s", name);
    TRY(gh_write_all(fd, bytes, n, err));
    if (mode && fchmod(fd, mode) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of %s", name);
    TRY(gh_sync(fd, err));
    if (renameat(dirfd, temp, dirfd, name) < 0)
        return gh_fail_errno(err, GH_OK, "cannot rename to %s", name);
    return gh_sync(dirfd, err);
}

int gh_sweep_temporaries(int dirfd, struct gh_err *err)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d) {
        gh_close_fd(&fd);
        return gh_fail_errno(err, GH_SYSTEM, "cannot list a folder");
    }
    for (struct dirent *e; (e = readdir(d));)
        if (gh_starts(e->d_name, TEMPORARY))
            unlinkat(dirfd, e->d_name, 0);
    closedir(d);
    return 0;
}

void gh_sweep_temporaries_below(int dirfd, const char *name)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d) {
        gh_close_fd(&fd);
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        GH_AUTO_FD folder = -1;
        struct gh_err err = {0};
        if (e->d_name[0] != '.' && gh_open_dir(fd, e->d_name, &folder, &err) == 0)
            (void)!gh_sweep_temporaries(folder, &err);
    }
    closedir(d);
}

int gh_write_file(int dirfd, const char *name, const void *bytes, size_t n, mode_t mode,
                  struct gh_err *err)
{
    char temp[TEMPORARY_MAX];
    temporary_name(temp);
    int r = write_and_rename(dirfd, temp, name, bytes, n, mode, err);
    if (r < 0)
        unlinkat(dirfd, temp, 0);
    return r;
}

int gh_read_fd(int fd, size_t max, char **ret, size_t *ret_len, struct gh_err *err)
{
    GH_AUTO_STR s = {0};
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_OK, "cannot read");
        if (n == 0)
            break;
        if (s.len + (size_t)n > max)
            return gh_fail(err, GH_LIMIT, "larger than %zu bytes", max);
        gh_str_add(&s, chunk, (size_t)n);
    }
    gh_str_add(&s, "", 0);
    *ret_len = s.len;
    *ret = gh_steal(&s.data);
    return 0;
}

int gh_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len,
                 struct gh_err *err)
{
    GH_AUTO_FD fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return gh_fail_errno(err, GH_OK, "cannot open %s", path);
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return gh_fail(err, GH_INPUT, "%s is not a regular file", path);
    if (gh_read_fd(fd, max, ret, ret_len, err) < 0)
        return gh_fail_prefix(err, "%s", path);
    return 0;
}

/* From this offset on, for file systems between which the kernel does not copy. */
static int copy_by_hand(int src_fd, int dst_fd, off_t from, uint64_t *ret_bytes, struct gh_err *err)
{
    GH_AUTO_FREE char *buf = gh_alloc(COPY_CHUNK);
    off_t at = from;
    if (lseek(dst_fd, at, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_OK, "cannot seek");
    for (;;) {
        ssize_t n = pread(src_fd, buf, COPY_CHUNK, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_OK, "cannot read");
        if (n == 0)
            break;
        TRY(gh_write_all(dst_fd, buf, (size_t)n, err));
        at += n;
    }
    *ret_bytes = (uint64_t)at;
    return 0;
}

int gh_copy_fd(int src_fd, int dst_fd, uint64_t *ret_bytes, struct gh_err *err)
{
    struct stat st;
    uint64_t copied = 0;
    if (fstat(src_fd, &st) < 0)
        return gh_fail_errno(err, GH_OK, "cannot look at the file to copy");
    if (ioctl(dst_fd, FICLONE, src_fd) == 0) {
        copied = (uint64_t)st.st_size;
    } else {
        loff_t in = 0, out = 0;
        ssize_t n = 1;
        while (n > 0) {
            n = copy_file_range(src_fd, &in, dst_fd, &out, (size_t)1 << 30, 0);
            gh_alive();
        }
        if (n < 0 && errno == ENOSPC)
            return gh_fail_errno(err, GH_AGAIN, "cannot copy");
        copied = (uint64_t)in;
        if (n < 0)
            TRY(copy_by_hand(src_fd, dst_fd, in, &copied, err));
    }
    if (ret_bytes)
        *ret_bytes = copied;
    return 0;
}

static int remove_children(int dirfd, const char *name, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(dirfd, name, &fd, err));
    DIR *dir = fdopendir(fd);
    if (!dir)
        return gh_fail_errno(err, GH_OK, "cannot list folder %s", name);
    int dfd = gh_steal_fd(&fd); /* closedir() closes it */
    int r = 0;
    for (struct dirent *e; r == 0 && (e = readdir(dir));)
        if (!gh_streq(e->d_name, ".") && !gh_streq(e->d_name, ".."))
            r = gh_remove_tree(dfd, e->d_name, err);
    closedir(dir);
    return r;
}

int gh_remove_tree(int dirfd, const char *name, struct gh_err *err)
{
    if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return gh_fail_errno(err, GH_OK, "cannot remove %s", name);
    TRY(remove_children(dirfd, name, err));
    if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_OK, "cannot remove folder %s", name);
    return 0;
}
