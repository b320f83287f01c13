/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the spool's file system, pauses and resumes, writes the note to the officers who wait,
 * and keeps the ballast. What cannot be measured or written is not an error here. */
#include "daemon/store/space.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/site/folder.h"
#include "daemon/store/placard.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define BALLAST "ballast"
/* Enough for thousands of decisions, with what SQLite's log needs for them. */
#define BALLAST_BYTES (8 << 20)
/* The ballast is made when the disk has so many times its size free. */
#define BALLAST_FREE 4

/* Put the note into each department's Status/, or remove it. A folder that nobody has confirmed
 * keeps the one that says so. */
static void note_departments(struct gh_space *s, bool paused)
{
    for (size_t i = 0; i < s->settings->departments.n; i++) {
        const struct gh_department *d = s->settings->departments.list[i];
        GH_AUTO_FD dir = -1;
        struct gh_err err = {0};
        if (gh_folder_open(s->ledger, s->dirs->drop, d->folder, &dir, &err) < 0)
            continue;
        if (paused)
            gh_placard_put(d, dir, GH_PLACARD_DISK_FULL);
        else
            gh_placard_remove(dir);
    }
    s->notes++;
}

static uint64_t free_bytes(const struct gh_space *s)
{
    struct statvfs fs;
    if (fstatvfs(s->dirs->spool, &fs) < 0)
        return UINT64_MAX; /* what is wrong will show when something is written */
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static void space_pause(struct gh_space *s, uint64_t have)
{
    bool before = s->paused[0];
    GH_FORMAT(s->paused,
              "disk full: %" PRIu64 " MB free, %" PRIu64
              " MB are kept in reserve; free some space on %s",
              have / 1000000, s->settings->conf.reserve / 1000000, s->settings->conf.spool);
    if (before)
        return;
    gh_log(GH_LOG_WARNING, "paused", "reason=disk-full free=%" PRIu64 " reserve=%" PRIu64, have,
           s->settings->conf.reserve);
    note_departments(s, true);
}

static void make_ballast(struct gh_space *s)
{
    struct statvfs fs;
    struct stat st;
    if (s->ballast || s->dirs->state < 0)
        return;
    s->ballast = fstatat(s->dirs->state, BALLAST, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                 st.st_size >= BALLAST_BYTES;
    if (s->ballast || fstatvfs(s->dirs->state, &fs) < 0 ||
        (uint64_t)fs.f_bavail * fs.f_frsize < (uint64_t)BALLAST_FREE * BALLAST_BYTES)
        return;
    GH_AUTO_FD fd =
        openat(s->dirs->state, BALLAST, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    s->ballast = fd >= 0 && posix_fallocate(fd, 0, BALLAST_BYTES) == 0;
    if (!s->ballast)
        unlinkat(s->dirs->state, BALLAST, 0);
}

bool gh_space_drop_ballast(struct gh_space *s)
{
    if (!s->ballast || unlinkat(s->dirs->state, BALLAST, 0) < 0)
        return false;
    s->ballast = false;
    gh_log(GH_LOG_WARNING, "ballast-dropped", "bytes=%d", BALLAST_BYTES);
    gh_space_full(s);
    return true;
}

bool gh_space_enough(struct gh_space *s)
{
    uint64_t have = free_bytes(s);
    if (have < s->settings->conf.reserve) {
        space_pause(s, have);
        return false;
    }
    make_ballast(s);
    if (s->paused[0]) {
        gh_log(GH_LOG_NOTICE, "resumed", "free=%" PRIu64, have);
        s->paused[0] = 0;
        note_departments(s, false);
    }
    return true;
}

bool gh_space_fits(const struct gh_space *s, uint64_t need)
{
    uint64_t have = free_bytes(s);
    return have >= s->settings->conf.reserve && have - s->settings->conf.reserve >= need;
}

bool gh_space_share(const struct gh_space *s, uint64_t mine, uint64_t need)
{
    uint64_t have = free_bytes(s), reserve = s->settings->conf.reserve;
    uint64_t whole = (have > reserve ? have - reserve : 0) / 100 + mine / 100;
    return !mine || mine + need <= whole * s->settings->conf.share;
}

void gh_space_note_share(const struct gh_space *s, const char *slug, int folder, bool full)
{
    const struct gh_department *d = gh_departments_find(&s->settings->departments, slug);
    if (s->paused[0] || !d)
        return; /* the disk's note stands there */
    if (full)
        gh_placard_put(d, folder, GH_PLACARD_SHARE_FULL);
    else
        gh_placard_remove(folder);
}

void gh_space_full(struct gh_space *s)
{
    space_pause(s, free_bytes(s));
}
