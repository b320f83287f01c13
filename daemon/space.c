/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statvfs of the spool, the one line that tells why nothing moves, and a note to the officers who wait. */
#include "daemon/space.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/names.h"
#include "daemon/notes.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define NOTE "Ghat.txt"
#define BALLAST "ballast"
#define BALLAST_BYTES (8 << 20) /* thousands of decisions, with what SQLite's log needs for them */

static const char note[] =
    "\xef\xbb\xbf"
    "ঘাটের ডিস্ক ভর্তি। আপনার ফাইল নিরাপদে এই ফোল্ডারেই আছে; জায়গা হলে নিজে থেকেই নেওয়া হবে। আবার পাঠাতে হবে না।\r\n"
    "\r\n"
    "Ghat's disk is full. Your files are safe in this folder and will be taken by themselves when there is room. Do "
    "not send them again.\r\n";

static void tell_departments(struct gh_daemon *d, bool paused)
{
    for (size_t i = 0; i < d->departments.n; i++) {
        GH_AUTO_FD dir = -1, status = -1;
        struct gh_err err = {0};
        if (gh_open_dir(d->dirs.drop, d->departments.list[i]->folder, &dir, &err) < 0)
            continue;
        if (paused)
            (void)!gh_note_put(dir, NOTE, note, sizeof(note) - 1,
                               &err); /* should that disk be full, too, nothing is lost */
        else if (gh_open_dir(dir, GH_STATUS_DIR, &status, &err) == 0)
            unlinkat(status, NOTE, 0);
    }
}

static uint64_t free_bytes(const struct gh_daemon *d)
{
    struct statvfs fs;
    if (fstatvfs(d->dirs.spool, &fs) < 0)
        return UINT64_MAX; /* whatever is wrong shows itself when writing */
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static void pause_for(struct gh_daemon *d, uint64_t have)
{
    bool before = d->paused[0];
    snprintf(d->paused, sizeof(d->paused),
             "disk full: %" PRIu64 " MB free, %" PRIu64 " MB are kept in reserve; free some space on %s",
             have / 1000000, d->conf.reserve / 1000000, d->conf.spool);
    if (before)
        return;
    gh_log(GH_LOG_WARNING, "paused", "reason=disk-full free=%" PRIu64 " reserve=%" PRIu64, have, d->conf.reserve);
    tell_departments(d, true);
}

/* Made where it takes no more than a quarter of what is free. */
static void take_ballast(struct gh_daemon *d)
{
    struct statvfs fs;
    struct stat st;
    if (d->ballast || d->dirs.state < 0)
        return;
    d->ballast = fstatat(d->dirs.state, BALLAST, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size >= BALLAST_BYTES;
    if (d->ballast || fstatvfs(d->dirs.state, &fs) < 0 || (uint64_t)fs.f_bavail * fs.f_frsize < 4ull * BALLAST_BYTES)
        return;
    GH_AUTO_FD fd = openat(d->dirs.state, BALLAST, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    d->ballast = fd >= 0 && posix_fallocate(fd, 0, BALLAST_BYTES) == 0;
    if (!d->ballast)
        unlinkat(d->dirs.state, BALLAST, 0);
}

bool gh_space_drop_ballast(struct gh_daemon *d)
{
    if (!d->ballast || unlinkat(d->dirs.state, BALLAST, 0) < 0)
        return false;
    d->ballast = false;
    gh_log(GH_LOG_WARNING, "ballast-dropped", "bytes=%d", BALLAST_BYTES);
    gh_space_full(d);
    return true;
}

bool gh_space_enough(struct gh_daemon *d)
{
    uint64_t have = free_bytes(d);
    if (have < d->conf.reserve) {
        pause_for(d, have);
        return false;
    }
    take_ballast(d);
    if (d->paused[0]) {
        gh_log(GH_LOG_NOTICE, "resumed", "free=%" PRIu64, have);
        d->paused[0] = 0;
        tell_departments(d, false);
    }
    return true;
}

bool gh_space_fits(const struct gh_daemon *d, uint64_t need)
{
    uint64_t have = free_bytes(d);
    return have >= d->conf.reserve && have - d->conf.reserve >= need;
}

void gh_space_full(struct gh_daemon *d)
{
    pause_for(d, free_bytes(d));
}
