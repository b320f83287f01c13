/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copy out by descriptor while hashing, make durable, then move the dropped file away. Every name is opened once,
 * beneath its department's folder, and everything is done through that descriptor.
 */
#include "daemon/take.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "daemon/names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>

#define CHUNK ((size_t)1 << 20)

void gh_draft_free(struct gh_draft **draft)
{
    if (!*draft)
        return;
    gh_close_fd(&(*draft)->fd);
    gh_free_ptr(draft);
}

void gh_take_free(struct gh_take *take)
{
    for (size_t i = 0; i < take->n; i++) {
        gh_draft_free(&take->files[i].draft);
        free(take->files[i].path);
        free(take->files[i].text);
    }
    free(take->files);
    take->files = NULL;
    take->n = 0;
}

bool gh_take_being_written(int fd)
{
    /* Granted only while nobody has it open for writing; needs the file to be ours or CAP_LEASE. */
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return false;
    }
    return errno == EAGAIN;
}

static enum gh_take_how fail(struct gh_take *take, const struct gh_err *err)
{
    if (!take->err.cls)
        take->err = *err;
    return GH_TAKE_FAILED;
}

/* I2: bytes into the unnamed file, hashed on the way. */
static int copy_hashed(int from, int to, uint64_t size, const volatile bool *cancel, char ret_hex[GH_SHA_HEX],
                       uint64_t *ret_bytes, struct gh_err *err)
{
    GH_AUTO(gh_hash_free) struct gh_hash *hash = gh_hash_new();
    GH_AUTO_FREE char *buf = gh_alloc(CHUNK);
    bool cloned = ioctl(to, FICLONE, from) == 0;
    int src = cloned ? to : from; /* after a clone the copy is what is hashed: the source may still change */
    if (!cloned && size > CHUNK)
        (void)!posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
    uint64_t at = 0;
    for (;;) {
        ssize_t n = pread(src, buf, CHUNK, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_OK, "cannot read a dropped file");
        if (n == 0)
            break;
        gh_hash_add(hash, buf, (size_t)n);
        if (!cloned)
            TRY(gh_write_all(to, buf, (size_t)n, err));
        at += (uint64_t)n;
        if (at > size || (cancel && *cancel))
            break; /* it grew, or we stop: the caller sees that the length is wrong */
    }
    gh_hash_hex(hash, ret_hex);
    *ret_bytes = at;
    return 0;
}

/* I3: the copy gets its name. An equal one that is there already is as good, if it is whole. */
static int keep(int spool, const struct gh_draft *draft, struct gh_err *err)
{
    const char *hex = draft->sha256;
    struct gh_err why = {0};
    if (gh_link_fd(draft->fd, spool, hex, &why) == 0)
        return 0;
    if (why.code != EEXIST)
        return gh_fail(err, why.cls, "%s", why.msg);
    GH_AUTO_FD old = -1;
    char old_hex[GH_SHA_HEX] = "";
    uint64_t old_size = 0;
    if (gh_open_beneath(spool, hex, O_RDONLY, &old, NULL) == 0 && gh_hash_fd(old, old_hex, &old_size, NULL) == 0 &&
        old_size == draft->print.size && gh_streq(old_hex, hex) &&
        fchmod(old, 0400) == 0) /* its age for the sweep begins anew */
        return 0;
    return gh_link_fd_replace(draft->fd, spool, hex, err); /* what had the name was damaged */
}

static enum gh_take_how look_again(const struct gh_err *err)
{
    switch (err->code) {
    case ENOENT:
    case ENOTDIR:
        return GH_TAKE_GONE;
    case ELOOP: /* swapped for a link */
    case EXDEV:
    case ENXIO:
    case EAGAIN:
        return GH_TAKE_BUSY;
    default:
        return GH_TAKE_FAILED;
    }
}

static int read_text(struct gh_take_file *f, int fd, struct gh_err *err)
{
    if (!f->want_text || f->print.size > GH_TEXT_FILE_MAX)
        return 0;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_OK, "cannot read a caption");
    return gh_read_fd(fd, GH_TEXT_FILE_MAX, &f->text, &f->text_len, err);
}

/* I1: opened, and as it was when it had settled, and nobody writes to it. GH_TAKE_NEW: go on. */
static enum gh_take_how open_settled(struct gh_take *take, struct gh_take_file *f, int *ret_fd, struct stat *ret_st)
{
    struct gh_err err = {0};
    if (gh_open_beneath(take->drop, f->path, O_RDONLY, ret_fd, &err) < 0) {
        enum gh_take_how how = look_again(&err);
        if (err.code == EACCES || err.code == EPERM) {
            f->why = "it cannot be read: its permissions do not allow it";
            return GH_TAKE_REFUSED;
        }
        return how == GH_TAKE_FAILED ? fail(take, &err) : how;
    }
    if (fstat(*ret_fd, ret_st) < 0)
        return GH_TAKE_BUSY;
    struct gh_print now = gh_print_of(ret_st);
    if (!gh_print_same_bytes(&now, &f->print) || now.nlink != 1)
        return GH_TAKE_BUSY;
    if (gh_take_being_written(*ret_fd))
        return GH_TAKE_BUSY;
    if (now.size == 0)
        return GH_TAKE_EMPTY;
    if (now.size > take->max_bytes) {
        f->why = "it is too large";
        return GH_TAKE_REFUSED;
    }
    return GH_TAKE_NEW;
}

/* Is it of this file as it is now? Whoever sets back the time of a change cannot set back that of the inode. */
static bool still_good(const struct gh_draft *draft, const struct stat *st)
{
    struct gh_print now = gh_print_of(st);
    return draft && gh_print_same_bytes(&draft->print, &now) && now.nlink == 1 &&
           draft->ctime_ns == gh_timespec_ns(st->st_ctim);
}

/* I2: copied and durable. The file must be the same before and after. GH_TAKE_NEW: *ret is the caller's. */
static enum gh_take_how draft_of(struct gh_take *take, int fd, const struct stat *st, struct gh_draft **ret)
{
    struct gh_err err = {0};
    struct stat after, copied;
    uint64_t bytes = 0;
    GH_AUTO(gh_draft_free) struct gh_draft *draft = gh_alloc(sizeof(*draft));
    *draft = (struct gh_draft){.fd = -1, .print = gh_print_of(st), .ctime_ns = gh_timespec_ns(st->st_ctim)};
    uint64_t size = draft->print.size;
    if (gh_tmpfile(take->spool, &draft->fd, &err) < 0 ||
        copy_hashed(fd, draft->fd, size, take->cancel, draft->sha256, &bytes, &err) < 0)
        return fail(take, &err);
    if (bytes != size || fstat(fd, &after) < 0 || !still_good(draft, &after))
        return GH_TAKE_BUSY;
    if (fstat(draft->fd, &copied) < 0 || (uint64_t)copied.st_size != size)
        return GH_TAKE_BUSY;
    if (fchmod(draft->fd, 0400) < 0) {
        gh_fail_errno(&err, GH_OK, "cannot set the mode of a spooled file");
        return fail(take, &err);
    }
    if (gh_sync(draft->fd, &err) < 0)
        return fail(take, &err);
    *ret = gh_steal(&draft);
    return GH_TAKE_NEW;
}

void gh_take_draft(struct gh_take *take)
{
    for (size_t i = 0; i < take->n; i++) {
        struct gh_take_file *f = &take->files[i];
        GH_AUTO_FD fd = -1;
        struct stat st;
        if (f->how == GH_TAKE_NEW && !f->draft && open_settled(take, f, &fd, &st) == GH_TAKE_NEW)
            (void)draft_of(take, fd, &st, &f->draft);
    }
}

static enum gh_take_how copy_one(struct gh_take *take, struct gh_take_file *f)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    enum gh_take_how how = open_settled(take, f, &fd, &st);
    if (how == GH_TAKE_NEW && !still_good(f->draft, &st)) {
        gh_draft_free(&f->draft);
        how = draft_of(take, fd, &st, &f->draft);
    }
    if (how != GH_TAKE_NEW)
        return how;
    struct gh_err err = {0};
    if (read_text(f, f->draft->fd, &err) < 0 || keep(take->spool, f->draft, &err) < 0)
        return fail(take, &err);
    memcpy(f->sha256, f->draft->sha256, sizeof(f->sha256));
    gh_draft_free(&f->draft);
    return GH_TAKE_COPIED;
}

void gh_take_copy(struct gh_take *take)
{
    for (size_t i = 0; i < take->n; i++) {
        struct gh_take_file *f = &take->files[i];
        if (f->how != GH_TAKE_NEW)
            continue;
        f->how = copy_one(take, f);
        if (f->how == GH_TAKE_BUSY || f->how == GH_TAKE_FAILED)
            break;
    }
}

/* ------------------------------------------------------------------------------------------- I5 */

/* The directory a path lies in, opened beneath dirfd. */
static int open_parent(int dirfd, const char *path, int *ret_fd, const char **ret_name, struct gh_err *err)
{
    const char *slash = strrchr(path, '/');
    GH_AUTO_FREE char *parent = slash ? gh_strndup(path, (size_t)(slash - path)) : gh_strdup(".");
    TRY(gh_open_beneath(dirfd, parent, O_RDONLY | O_DIRECTORY, ret_fd, err));
    *ret_name = slash ? slash + 1 : path;
    return 0;
}

bool gh_take_put_back(int taken, const char *taken_name, int parent, const char *name)
{
    if (renameat2(taken, taken_name, parent, name, RENAME_NOREPLACE) == 0)
        return true;
    for (int i = 2; i < 100 && errno == EEXIST; i++) {
        size_t stem = gh_name_stem(name);
        GH_AUTO_FREE char *other = gh_asprintf("%.*s (%d)%s", (int)stem, name, i, name + stem);
        if (renameat2(taken, taken_name, parent, other, RENAME_NOREPLACE) == 0)
            return true;
    }
    return false;
}

static enum gh_take_how away_one(struct gh_take *take, struct gh_take_file *f)
{
    struct gh_err err = {0};
    GH_AUTO_FD parent = -1;
    const char *name = NULL;
    struct stat st;
    f->taken[0] = 0;
    if (open_parent(take->drop, f->path, &parent, &name, &err) < 0)
        return look_again(&err) == GH_TAKE_GONE ? GH_TAKE_GONE : fail(take, &err);
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? GH_TAKE_GONE
                               : (gh_fail_errno(&err, GH_SYSTEM, "cannot look at a dropped file"), fail(take, &err));
    struct gh_print now = gh_print_of(&st);
    if (!gh_print_same_bytes(&now, &f->print))
        return GH_TAKE_CHANGED;
    uint32_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        abort();
    snprintf(f->taken, sizeof(f->taken), "%lld-%lld-%08x", (long long)f->submission, (long long)f->file, random);
    if (renameat2(parent, name, take->taken, f->taken, RENAME_NOREPLACE) < 0) {
        int code = errno;
        f->taken[0] = 0;
        if (code == ENOENT)
            return GH_TAKE_GONE;
        if (code != EXDEV && code != EINVAL && code != EPERM)
            return (gh_fail_errno(&err, GH_SYSTEM, "cannot move a dropped file away"), fail(take, &err));
        if (unlinkat(parent, name, 0) < 0 && errno != ENOENT)
            return (gh_fail_errno(&err, GH_SYSTEM, "cannot remove a dropped file"), fail(take, &err));
    } else if (fstatat(take->taken, f->taken, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        now = gh_print_of(&st);
        if (!gh_print_same_bytes(&now, &f->print)) {
            (void)gh_take_put_back(take->taken, f->taken, parent, name);
            f->taken[0] = 0;
            return GH_TAKE_CHANGED;
        }
    }
    return GH_TAKE_MOVED;
}

/* The directories files were moved out of; neighbours share one. */
static int sync_parents(const struct gh_take *take, struct gh_err *err)
{
    const char *last = NULL;
    for (size_t i = 0; i < take->n; i++) {
        const struct gh_take_file *f = &take->files[i];
        if (f->how != GH_TAKE_MOVED)
            continue;
        const char *slash = strrchr(f->path, '/');
        size_t len = slash ? (size_t)(slash - f->path) : 0;
        if (last && !strncmp(last, f->path, len) &&
            (slash ? last[len] == '/' && !strchr(last + len + 1, '/') : !strchr(last, '/')))
            continue;
        last = f->path;
        GH_AUTO_FD parent = -1;
        const char *name;
        if (open_parent(take->drop, f->path, &parent, &name, err) == 0)
            TRY(gh_sync(parent, err));
        else if (err->code != ENOENT) /* a folder that went meanwhile took its entries along */
            return -err->cls;
    }
    return 0;
}

void gh_take_away(struct gh_take *take)
{
    bool moved = false;
    for (size_t i = 0; i < take->n; i++) {
        struct gh_take_file *f = &take->files[i];
        if (!f->file)
            continue;
        f->how = away_one(take, f);
        moved |= f->how == GH_TAKE_MOVED && f->taken[0];
    }
    struct gh_err err = {0};
    if ((moved && gh_sync(take->taken, &err) < 0) || sync_parents(take, &err) < 0)
        for (size_t i = 0; i < take->n; i++)
            if (take->files[i].how == GH_TAKE_MOVED)
                take->files[i].how = fail(take, &err);
}
