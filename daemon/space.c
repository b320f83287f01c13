/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statvfs of the spool, and the one line that tells why nothing moves. */
#include "daemon/space.h"

#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <sys/statvfs.h>

static void pause_for(struct gh_daemon *d, uint64_t free_bytes, uint64_t need)
{
    bool before = d->paused[0];
    snprintf(d->paused, sizeof(d->paused), "disk full: %" PRIu64 " MB free, %" PRIu64 " MB are kept in reserve; free some space on %s",
             free_bytes / 1000000, d->conf.reserve / 1000000, d->conf.spool);
    if (!before)
        gh_log(GH_LOG_WARNING, "paused", "reason=disk-full free=%" PRIu64 " reserve=%" PRIu64 " need=%" PRIu64, free_bytes, d->conf.reserve, need);
}

bool gh_space_enough(struct gh_daemon *d, uint64_t need)
{
    struct statvfs fs;
    if (fstatvfs(d->dirs.spool, &fs) < 0)
        return true; /* whatever is wrong shows itself when writing */
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (free_bytes < d->conf.reserve + need) {
        pause_for(d, free_bytes, need);
        return false;
    }
    if (d->paused[0])
        gh_log(GH_LOG_NOTICE, "resumed", "free=%" PRIu64, free_bytes);
    d->paused[0] = 0;
    return true;
}

void gh_space_full(struct gh_daemon *d)
{
    struct statvfs fs;
    uint64_t free_bytes = fstatvfs(d->dirs.spool, &fs) < 0 ? 0 : (uint64_t)fs.f_bavail * fs.f_frsize;
    pause_for(d, free_bytes, 0);
}
