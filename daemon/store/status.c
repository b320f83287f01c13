/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in Status/ are compared before they are written, and replaced by rename. Owns nothing.
 * Class: that of the failing call; GH_AGAIN when the disk is full. */
#include "daemon/store/status.h"

#include "base/file.h"
#include "base/str.h"
#include "daemon/store/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Is dir/name an ordinary file with this text? */
static bool status_is(int dir, const char *name, const char *text, size_t len)
{
    GH_AUTO_FD fd = -1;
    GH_AUTO_FREE char *old = NULL;
    size_t n;
    struct stat st;
    struct gh_err err;
    if (gh_open_beneath(dir, name, O_RDONLY, &fd, &err) < 0 || fstat(fd, &st) < 0 ||
        !S_ISREG(st.st_mode) || (size_t)st.st_size != len)
        return false;
    return gh_read_fd(fd, len + 1, &old, &n, &err) == 0 && n == len && !memcmp(old, text, len);
}

/* Where a file system knows no files without a name, and maybe no modes: FAT, exFAT, FUSE, SMB. */
static int put_plainly(int status, const char *name, const char *text, size_t len,
                       struct gh_err *err)
{
    TRY(gh_write_file(status, name, text, len, 0, err));
    (void)!fchmodat(status, name, 0644, 0);
    return 0;
}

int gh_status_put(int dir, const char *name, const char *text, size_t len, struct gh_err *err)
{
    GH_AUTO_FD status = -1;
    GH_AUTO_FD fd = -1;
    struct gh_err why = {0};
    TRY(gh_dir_make(dir, GH_STATUS_DIR, 02755, err));
    TRY(gh_open_dir(dir, GH_STATUS_DIR, &status, err));
    if (status_is(status, name, text, len))
        return 0;
    if (gh_tmpfile(status, &fd, &why) < 0) {
        if (why.code == EOPNOTSUPP || why.code == EISDIR)
            return put_plainly(status, name, text, len, err);
        *err = why;
        return -(int)why.cls;
    }
    TRY(gh_write_all(fd, text, len, err));
    if (fchmod(fd, 0644) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of a file in Status/");
    return gh_link_fd_replace(fd, status, name, err);
}

void gh_status_sweep(int dir)
{
    GH_AUTO_FD status = -1;
    struct gh_err err;
    if (gh_open_dir(dir, GH_STATUS_DIR, &status, &err) < 0)
        return;
    (void)!gh_sweep_temporaries(status, &err);
}
