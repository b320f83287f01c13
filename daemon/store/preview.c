/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preview that was lost or removed is made again when somebody asks, so only its content has to
 * be on the disk before its name is. */
#include "daemon/store/preview.h"

#include "base/file.h"
#include "base/str.h"

#include <sys/stat.h>

#define FIRST_KEEP_MS (30ll * 24 * 3600 * 1000)

int gh_preview_keep(int dir, int fd, const char *name, struct gh_err *err)
{
    if (fchmod(fd, 0600) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of a preview");
    TRY(gh_sync(fd, err));
    return gh_link_fd_replace(fd, dir, name, err);
}

int64_t gh_preview_keep_ms(unsigned files, uint64_t bytes, int64_t keep_ms)
{
    if (files > GH_PREVIEW_FILES_MAX || bytes > GH_PREVIEW_BYTES_MAX)
        return GH_MIN(keep_ms, 2 * FIRST_KEEP_MS) / 2;
    return files < GH_PREVIEW_FILES_MAX / 2 && bytes < GH_PREVIEW_BYTES_MAX / 2 ? INT64_MAX
                                                                                : keep_ms;
}
