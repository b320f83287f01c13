/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files get their places by hard links, because spool, staging, archive and quarantine are one file
 * system; where they are not, an original is copied. Owns nothing. */
#include "daemon/store/stage.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define NAME_SIZE 256    /* of a buffer for a file name */
#define NAME_SHOWN 200   /* bytes of a dropped name that are kept */
#define EXTENSION_MAX 16 /* with its dot; longer ones are cut like any name */

void gh_stage_path(int64_t submission, const char *placement, const char *stem, unsigned part,
                   unsigned parts, const char *ext, char *ret, size_t size)
{
    char which[32] = "";
    if (parts > 1)
        snprintf(which, sizeof(which), "-%uof%u", part, parts);
    snprintf(ret, size, "%" PRId64 "/%s/%s%s.%s", submission, placement, stem, which, ext);
}

int gh_stage_dirs(int dirfd, const char *path, unsigned mode, struct gh_err *err)
{
    GH_AUTO_FREE char *copy = gh_strdup(path);
    for (char *slash = copy;; slash++) {
        slash = strchrnul(slash, '/');
        char end = *slash;
        *slash = 0;
        if (*copy && mkdirat(dirfd, copy, mode) < 0 && errno != EEXIST)
            return gh_fail_errno(err, GH_OK, "cannot make folder %s", copy);
        if (!end)
            return 0;
        *slash = end;
    }
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? gh_strndup(path, (size_t)(slash - path)) : gh_strdup(".");
}

int gh_stage_link(int staging, int fd, const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *folder = folder_of(path);
    GH_AUTO_FD dir = -1;
    TRY(gh_stage_dirs(staging, folder, 0750, err));
    TRY(gh_open_beneath(staging, folder, O_RDONLY | O_DIRECTORY, &dir, err));
    if (fchmod(fd, 0640) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of an output");
    TRY(gh_sync(fd, err));
    return gh_link_fd_replace(fd, dir, strrchr(path, '/') + 1, err);
}

void gh_stage_recover(int staging, int64_t submission)
{
    GH_AUTO_FREE char *name = gh_asprintf("%" PRId64, submission);
    gh_sweep_temporaries_below(staging, name);
}

int gh_stage_sync(int staging, const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *folder = folder_of(path);
    for (;;) {
        GH_AUTO_FD dir = -1;
        TRY(gh_open_beneath(staging, folder, O_RDONLY | O_DIRECTORY, &dir, err));
        TRY(gh_sync(dir, err));
        if (gh_streq(folder, "."))
            return 0;
        char *up = folder_of(folder);
        free(folder);
        folder = up;
    }
}

/* A dropped name as a file name for people: printable UTF-8, no slash, at most 200 bytes, never
 * empty or hidden. */
static void display_name(const void *name, size_t name_len, char ret[NAME_SIZE])
{
    GH_AUTO_STR shown = {0};
    char part[NAME_SHOWN + 1];
    gh_str_display(&shown, name, name_len);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.data[i] == '/')
            shown.data[i] = '_';
    const char *text = gh_str_text(&shown), *dot = strrchr(text, '.');
    if (strlen(text) < sizeof(part) || !dot || strlen(dot) > EXTENSION_MAX) {
        gh_copy(part, sizeof(part), text);
        snprintf(ret, NAME_SIZE, "%s%s", *part == '.' || !*part ? "_" : "", part);
        return;
    }
    /* too long: the stem is cut, the extension stays */
    GH_AUTO_FREE char *stem = gh_strndup(text, (size_t)(dot - text));
    gh_copy(part, sizeof(part) - strlen(dot), stem);
    snprintf(ret, NAME_SIZE, "%s%s%s", *part == '.' ? "_" : "", part, dot);
}

void gh_stage_archive_folder(int64_t submission, int64_t dropped_ms, char *ret, size_t size)
{
    time_t t = dropped_ms / 1000;
    struct tm tm;
    char month[16];
    localtime_r(&t, &tm);
    strftime(month, sizeof(month), "%Y/%m", &tm);
    snprintf(ret, size, "%s/%" PRId64, month, submission);
}

static int same_file(int dir, const char *name, int fd)
{
    struct stat a, b;
    return fstatat(dir, name, &a, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* For another file system: copy fd, and make the copy durable before it gets its name. */
static int copy_to(int fd, int dir, const char *name, struct gh_err *err)
{
    GH_AUTO_FD copy = -1;
    TRY(gh_tmpfile(dir, &copy, err));
    TRY(gh_copy_fd(fd, copy, NULL, err));
    if (fchmod(copy, 0400) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of an original");
    TRY(gh_sync(copy, err));
    struct gh_err why = {0};
    if (gh_link_fd(copy, dir, name, &why) < 0 && why.code != EEXIST)
        return gh_fail(err, why.cls, "%s", why.msg);
    return 0;
}

int gh_stage_keep(int spool, const char *sha256, int dir, const char *folder, const void *name,
                  size_t name_len, int64_t file, struct gh_err *err)
{
    char safe[NAME_SIZE], other[NAME_SIZE + 44];
    GH_AUTO_FD fd = -1, to = -1;
    display_name(name, name_len, safe);
    TRY(gh_stage_dirs(dir, folder, 0750, err));
    TRY(gh_open_beneath(dir, folder, O_RDONLY | O_DIRECTORY, &to, err));
    TRY(gh_open_beneath(spool, sha256, O_RDONLY, &fd, err));
    struct gh_err why = {0};
    const char *at = safe;
    int r = gh_link_fd(fd, to, at, &why);
    if (r < 0 && why.code == EEXIST) {
        /* a ghatd that was killed may have linked it, but not synced it: that follows */
        bool same = same_file(to, at, fd);
        snprintf(other, sizeof(other), "%" PRId64 "-%s", file, safe);
        r = same ? 0 : gh_link_fd(fd, to, at = other, &why);
        if (r < 0 && why.code == EEXIST)
            r = 0;
    }
    if (r < 0 && why.code != EXDEV && why.code != EMLINK)
        return gh_fail(err, why.cls, "%s", why.msg);
    if (r < 0)
        TRY(copy_to(fd, to, at, err));
    TRY(gh_sync(to, err));
    GH_AUTO_FREE char *below = gh_asprintf("%s/x", folder);
    return gh_stage_sync(dir, below, err);
}
