/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing an outbox folder. Runs in a pool thread: only descriptors and copies here, no ledger, no log. See outbox.h.
 */
#include "daemon/outbox.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define DIR_MODE 02750
#define FILE_MODE 0640

/*
 * The mode of a new folder. Below the set-group-id folder of an installation it is right from the start; there a chmod
 * that names the bit is forbidden (RestrictSUIDSGID), and one that does not would clear it.
 */
static int set_mode(int fd, const char *name, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox folder %s", name);
    if ((st.st_mode & 07777) == DIR_MODE || fchmod(fd, DIR_MODE) == 0)
        return 0;
    if (errno == EPERM && (st.st_mode & 0777) == (DIR_MODE & 0777))
        return 0;
    return gh_fail_errno(err, GH_SYSTEM, "mode of the outbox folder %s", name);
}

/*
 * Make and open parent/name, durable in parent before anything goes into it: also one that is there, since a ghatd that
 * was killed may have made it.
 */
static int open_made(int parent, const char *name, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    bool made = mkdirat(parent, name, DIR_MODE & 0777) == 0;
    if (!made && errno != EEXIST)
        return gh_fail_errno(err, GH_OK, "cannot make the outbox folder %s", name);
    TRY(gh_open_dir(parent, name, &fd, err));
    if (made)
        TRY(set_mode(fd, name, err));
    TRY(gh_sync(parent, err));
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

static int check_hash(int fd, const struct gh_rendition *r, const char *what, struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    TRY(gh_hash_fd(fd, hex, NULL, err));
    if (strcmp(hex, r->sha256) != 0)
        return gh_fail(err, GH_BUG,
                       "%s of %s is not what was approved (sha256 %.16s…, approved %.16s…); nothing was published",
                       what, r->placement, hex, r->sha256);
    return 0;
}

/*
 * A link where both folders belong to one group, since it shares owner, group and mode; else a copy (reflinked where
 * possible), which takes the outbox folder's group.
 */
static int hand_over(int staged, int dir, const char *name, struct gh_err *err)
{
    struct stat from, to;
    if (fstat(staged, &from) < 0 || fstat(dir, &to) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox");
    if (from.st_gid == to.st_gid && from.st_uid == geteuid() && from.st_dev == to.st_dev) {
        if (fchmod(staged, FILE_MODE) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "mode of a staged file");
        TRY(gh_sync(staged, err));
        struct gh_err why = {0};
        if (gh_link_fd(staged, dir, name, &why) == 0)
            return 0;
    }
    GH_AUTO_FD fresh = -1;
    TRY(gh_tmpfile(dir, &fresh, err));
    TRY(gh_copy_fd(staged, fresh, NULL, err));
    if (fchmod(fresh, FILE_MODE) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of an outbox file");
    TRY(gh_sync(fresh, err));
    return gh_link_fd(fresh, dir, name, err);
}

static int put(int staging, int folder, const struct gh_submission *sub, const struct gh_rendition *r,
               struct gh_err *err)
{
    char path[256];
    GH_AUTO_FD dir = -1;
    GH_AUTO_FD there = -1;
    GH_AUTO_FD staged = -1;
    struct gh_err why = {0};
    gh_outbox_path(sub, r, path, sizeof(path));
    const char *name = strchr(path, '/') + 1;
    TRY(open_made(folder, r->placement, &dir, err));
    if (gh_open_beneath(dir, name, O_RDONLY, &there, &why) == 0) {
        TRY(check_hash(there, r, "the file in the outbox", err));
        TRY(gh_sync(there, err));
        return gh_sync(dir, err); /* who linked it may have been killed before */
    }
    if (why.code != ENOENT) {
        *err = why;
        return gh_fail_prefix(err, "outbox %s", path);
    }
    if (!r->stage)
        return gh_fail(err, GH_BUG, "approved %s of submission %" PRId64 " has no staged file", r->placement, sub->id);
    int got = gh_open_beneath(staging, r->stage, O_RDONLY, &staged, err);
    if (got < 0)
        return gh_fail_prefix(err, "staged file %s", r->stage);
    TRY(check_hash(staged, r, "the staged file", err));
    TRY(hand_over(staged, dir, name, err));
    return gh_sync(dir, err);
}

/* A withdrawn file goes, unless another rendition has the same bytes under the same name. */
static int take_away(int folder, const struct gh_item *item, const struct gh_rendition *r, struct gh_err *err)
{
    char path[256], other[256];
    GH_AUTO_FD dir = -1;
    struct gh_err why = {0};
    gh_outbox_path(&item->sub, r, path, sizeof(path));
    for (size_t i = 0; i < item->n_renditions; i++) {
        gh_outbox_path(&item->sub, &item->renditions[i], other, sizeof(other));
        if (gh_outbox_has(&item->renditions[i]) && !strcmp(path, other))
            return 0;
    }
    if (gh_open_dir(folder, r->placement, &dir, &why) < 0)
        return 0; /* never written */
    if (unlinkat(dir, strchr(path, '/') + 1, 0) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "cannot withdraw outbox file %s", path);
    TRY(gh_sync(dir, err));
    if (unlinkat(folder, r->placement, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "outbox folder %s", r->placement);
    return gh_sync(folder, err);
}

/* Replace a text unless it is the same already. */
static int text(int folder, const char *name, const char *bytes, size_t n, struct gh_err *err)
{
    GH_AUTO_FREE char *old = NULL;
    size_t old_n = 0;
    struct gh_err why = {0};
    if (gh_read_file(folder, name, 1u << 22, &old, &old_n, &why) == 0 && old_n == n &&
        (n == 0 || !memcmp(old, bytes, n)))
        return 0;
    return gh_write_file(folder, name, bytes, n, FILE_MODE, err);
}

int gh_outbox_write(int staging, int outbox, const struct gh_item *item, const char *manifest, struct gh_err *err)
{
    const struct gh_submission *sub = &item->sub;
    char name[128], hex[GH_SHA_HEX], path[256];
    GH_AUTO_FD day = -1;
    GH_AUTO_FD folder = -1;
    GH_AUTO_STR sums = {0};
    bool any = false;
    if (!*sub->outbox_day)
        return gh_fail(err, GH_BUG, "submission %" PRId64 " was never approved", sub->id);
    gh_outbox_folder(sub, name, sizeof(name));
    TRY(open_made(outbox, sub->outbox_day, &day, err));
    TRY(open_made(day, strchr(name, '/') + 1, &folder, err));
    TRY(gh_sweep_temporaries(folder, err)); /* a folder has one writer */
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].state == GH_REN_WITHDRAWN)
            TRY(take_away(folder, item, &item->renditions[i], err));
    for (size_t i = 0; i < item->n_renditions; i++) {
        if (!gh_outbox_has(&item->renditions[i]))
            continue;
        TRY(put(staging, folder, sub, &item->renditions[i], err));
        gh_outbox_path(sub, &item->renditions[i], path, sizeof(path));
        gh_str_printf(&sums, "%s  %s\n", item->renditions[i].sha256, path);
        any = true;
    }
    const char *caption = any && sub->approved_caption ? sub->approved_caption : "";
    gh_hash_mem(caption, strlen(caption), hex);
    gh_str_printf(&sums, "%s  caption.txt\n", hex);
    TRY(text(folder, "caption.txt", caption, strlen(caption), err));
    TRY(text(folder, "SHA256SUMS", gh_str_text(&sums), sums.len, err));
    return gh_write_file(folder, "manifest.json", manifest, strlen(manifest), FILE_MODE, err);
}
