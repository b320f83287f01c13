/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copy jobs: dropped files are copied into the spool while they are hashed, and made durable. Every
 * name is opened once, beneath its department's folder; all else is done through that descriptor,
 * so that nobody can swap the file in between. A failure becomes a file's GH_COPY_FAILED and the
 * job's err: GH_AGAIN when the disk is full, else GH_SYSTEM.
 */
#include "daemon/intake/copy.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/names.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>

#define CHUNK ((size_t)1 << 20) /* bytes read and hashed at a time */
#define SPOOLED_MODE 0400

void gh_draft_free(struct gh_draft **draft)
{
    if (!*draft)
        return;
    gh_close_fd(&(*draft)->fd);
    gh_free_ptr(draft);
}

void gh_copy_free(struct gh_copy_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        gh_draft_free(&job->files[i].draft);
        free(job->files[i].path);
        free(job->files[i].text);
        free(job->files[i].no_text);
    }
    free(job->files);
    job->files = NULL;
    job->n = 0;
}

enum writers { WRITERS_NONE, WRITERS_SOME, WRITERS_UNKNOWN };

static enum writers writers_of(int fd)
{
    /* A read lease is granted only while nobody has the file open for writing. It needs the file to
     * be ours, or CAP_LEASE. */
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return WRITERS_NONE;
    }
    return errno == EAGAIN ? WRITERS_SOME : WRITERS_UNKNOWN;
}

bool gh_copy_being_written(int fd)
{
    return writers_of(fd) == WRITERS_SOME;
}

enum gh_copy_how gh_copy_fail(struct gh_copy_job *job, const struct gh_err *err)
{
    if (!job->err.cls)
        job->err = *err;
    return GH_COPY_FAILED;
}

/* Files from this size on may be refused for their holes: what is smaller costs little. */
#define HOLLOW_MIN ((uint64_t)64 << 20)
#define EXTENTS_MAX 1024 /* of a file that are asked for */

/* Bytes of data in the first EXTENTS_MAX extents, and half of what follows; all of the file where
 * it cannot be told. */
static uint64_t data_bytes(int fd, uint64_t size)
{
    uint64_t data = 0;
    off_t at = 0;
    for (int i = 0; i < EXTENTS_MAX; i++) {
        off_t from = lseek(fd, at, SEEK_DATA);
        if (from < 0)
            return errno == ENXIO ? data : size;
        at = lseek(fd, from, SEEK_HOLE);
        if (at < 0)
            return size;
        data += (uint64_t)(at - from);
    }
    return data + (size - GH_MIN((uint64_t)at, size)) / 2;
}

bool gh_copy_hollow(int dirfd, const char *path, const struct gh_print *print)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    struct gh_err err;
    if (print->kind != GH_SEEN_FILE || print->size < HOLLOW_MIN ||
        fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (uint64_t)st.st_blocks * 512 >= print->size / 2 ||
        gh_open_beneath(dirfd, path, O_RDONLY, &fd, &err) < 0)
        return false;
    /* Few blocks may also mean that the file system compresses, or has yet to write. */
    return data_bytes(fd, print->size) < print->size / 2;
}

static bool is_zero(const char *p, size_t n)
{
    return n && !p[0] && !memcmp(p, p + 1, n - 1);
}

/* Write a part; where it is zeros, leave a hole. */
static int write_part(int to, const char *buf, size_t n, struct gh_err *err)
{
    if (!is_zero(buf, n))
        return gh_write_all(to, buf, n, err);
    return lseek(to, (off_t)n, SEEK_CUR) < 0
               ? gh_fail_errno(err, GH_OK, "cannot write a copy of a dropped file")
               : 0;
}

/* I2: copy the bytes into the unnamed file and hash them on the way. *ret_bytes differs from size
 * when the file grew or shrank, or when *cancel was set. */
static int copy_hashed(int from, int to, uint64_t size, const volatile bool *cancel,
                       char ret_hex[GH_SHA_HEX], uint64_t *ret_bytes, struct gh_err *err)
{
    GH_AUTO(gh_hash_free) struct gh_hash *hash = gh_hash_new();
    GH_AUTO_FREE char *buf = gh_alloc(CHUNK);
    bool cloned = ioctl(to, FICLONE, from) == 0;
    /* A clone is hashed itself, because the source may still change. */
    int src = cloned ? to : from;
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
            TRY(write_part(to, buf, (size_t)n, err));
        at += (uint64_t)n;
        if (at > size || (cancel && *cancel))
            break;
    }
    if (!cloned && ftruncate(to, (off_t)at) < 0) /* it may end with a hole */
        return gh_fail_errno(err, GH_OK, "cannot write a copy of a dropped file");
    gh_hash_hex(hash, ret_hex);
    *ret_bytes = at;
    return 0;
}

/* I3: give the copy its name in the spool, its hash. A file that has the name already is kept if
 * its bytes have that hash, and replaced if it is damaged. */
static int keep_in_spool(int spool, const struct gh_draft *draft, struct gh_err *err)
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
    if (gh_open_beneath(spool, hex, O_RDONLY, &old, NULL) == 0 &&
        gh_hash_fd(old, old_hex, &old_size, NULL) == 0 && old_size == draft->print.size &&
        /* fchmod sets its ctime: for the sweep it is as young as a new file */
        gh_streq(old_hex, hex) && fchmod(old, SPOOLED_MODE) == 0)
        return 0;
    return gh_link_fd_replace(draft->fd, spool, hex, err);
}

enum gh_copy_how gh_copy_how_of(const struct gh_err *err)
{
    switch (err->code) {
    case ENOENT:
    case ENOTDIR:
        return GH_COPY_GONE;
    case ELOOP: /* it was replaced by a link */
    case EXDEV:
    case ENXIO:
    case EAGAIN:
        return GH_COPY_BUSY;
    default:
        return GH_COPY_FAILED;
    }
}

static const char not_readable[] = "it cannot be read: its permissions do not allow it";

const char *gh_copy_forbidden(int dirfd, const char *path)
{
    const struct gh_copy_job job = {.drop = dirfd};
    GH_AUTO_FD fd = -1;
    struct gh_err err = {0};
    struct stat st;
    if (gh_open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK, &fd, &err) < 0)
        return err.code == EACCES || err.code == EPERM ? not_readable : NULL;
    return fstat(fd, &st) == 0 && !gh_taken_may(&job, path, &st) ? GH_COPY_NOT_MOVABLE : NULL;
}

static enum gh_copy_how forbid(struct gh_copy_file *f, const char *why)
{
    f->why = why;
    f->forbidden = true;
    return GH_COPY_REFUSED;
}

static int read_text(struct gh_copy_file *f, int fd, struct gh_err *err)
{
    if (!f->want_text || f->print.size > GH_TEXT_FILE_MAX)
        return 0;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_OK, "cannot read a caption");
    return gh_read_fd(fd, GH_TEXT_FILE_MAX, &f->text, &f->text_len, err);
}

/* I1: open the file; it must be as it was when it had settled, and nobody may be writing to it.
 * Returns GH_COPY_NEW when it can be copied; *ret_fd is the caller's in any case. */
static enum gh_copy_how open_settled(struct gh_copy_job *job, struct gh_copy_file *f, int *ret_fd,
                                     struct stat *ret_st)
{
    struct gh_err err = {0};
    if (gh_open_beneath(job->drop, f->path, O_RDONLY, ret_fd, &err) < 0) {
        enum gh_copy_how how = gh_copy_how_of(&err);
        if (err.code == EACCES || err.code == EPERM)
            return forbid(f, not_readable);
        return how == GH_COPY_FAILED ? gh_copy_fail(job, &err) : how;
    }
    if (fstat(*ret_fd, ret_st) < 0)
        return GH_COPY_BUSY;
    struct gh_print now = gh_print_of(ret_st);
    if (!gh_print_same_bytes(&now, &f->print) || now.nlink != 1)
        return GH_COPY_BUSY;
    /* Before a byte is copied: what cannot be moved away would be found here for ever. */
    if (!gh_taken_may(job, f->path, ret_st))
        return forbid(f, GH_COPY_NOT_MOVABLE);
    enum writers writers = job->no_lease ? WRITERS_UNKNOWN : writers_of(*ret_fd);
    if (writers == WRITERS_SOME || (job->sure && writers != WRITERS_NONE))
        return GH_COPY_BUSY;
    f->closed = writers == WRITERS_NONE;
    if (now.size == 0)
        return GH_COPY_EMPTY;
    if (now.size > job->max_bytes) {
        f->why = "it is too large";
        return GH_COPY_REFUSED;
    }
    return GH_COPY_NEW;
}

/* Was the draft made of the file as it is now? The ctime is compared, too, because a writer can set
 * the mtime back, but not the ctime. */
static bool draft_is_current(const struct gh_draft *draft, const struct stat *st)
{
    struct gh_print now = gh_print_of(st);
    return draft && gh_print_same_bytes(&draft->print, &now) && now.nlink == 1 &&
           draft->ctime_ns == gh_timespec_ns(st->st_ctim);
}

/* I2: make a durable copy; the file must be the same before and after. Returns GH_COPY_NEW on
 * success, and *ret is the caller's to free then. */
static enum gh_copy_how make_draft(struct gh_copy_job *job, int fd, const struct stat *st,
                                   struct gh_draft **ret)
{
    struct gh_err err = {0};
    struct stat after, copied;
    uint64_t bytes = 0;
    GH_AUTO(gh_draft_free) struct gh_draft *draft = gh_alloc(sizeof(*draft));
    *draft = (struct gh_draft){
        .fd = -1, .print = gh_print_of(st), .ctime_ns = gh_timespec_ns(st->st_ctim)};
    uint64_t size = draft->print.size;
    if (gh_tmpfile(job->spool, &draft->fd, &err) < 0 ||
        copy_hashed(fd, draft->fd, size, job->cancel, draft->sha256, &bytes, &err) < 0)
        return gh_copy_fail(job, &err);
    if (bytes != size || fstat(fd, &after) < 0 || !draft_is_current(draft, &after))
        return GH_COPY_BUSY;
    if (fstat(draft->fd, &copied) < 0 || (uint64_t)copied.st_size != size)
        return GH_COPY_BUSY;
    if (fchmod(draft->fd, SPOOLED_MODE) < 0) {
        gh_fail_errno(&err, GH_OK, "cannot set the mode of a spooled file");
        return gh_copy_fail(job, &err);
    }
    if (gh_sync(draft->fd, &err) < 0)
        return gh_copy_fail(job, &err);
    *ret = gh_steal(&draft);
    return GH_COPY_NEW;
}

void gh_copy_draft(struct gh_copy_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct gh_copy_file *f = &job->files[i];
        GH_AUTO_FD fd = -1;
        struct stat st;
        if (f->how == GH_COPY_NEW && !f->draft && open_settled(job, f, &fd, &st) == GH_COPY_NEW)
            (void)make_draft(job, fd, &st, &f->draft);
    }
}

static enum gh_copy_how copy_one(struct gh_copy_job *job, struct gh_copy_file *f)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    enum gh_copy_how how = open_settled(job, f, &fd, &st);
    if (how == GH_COPY_NEW && !draft_is_current(f->draft, &st)) {
        gh_draft_free(&f->draft);
        how = make_draft(job, fd, &st, &f->draft);
    }
    if (how != GH_COPY_NEW)
        return how;
    struct gh_err err = {0};
    if (read_text(f, f->draft->fd, &err) < 0 || keep_in_spool(job->spool, f->draft, &err) < 0)
        return gh_copy_fail(job, &err);
    memcpy(f->sha256, f->draft->sha256, sizeof(f->sha256));
    f->ctime_ns = f->draft->ctime_ns;
    gh_draft_free(&f->draft);
    return GH_COPY_COPIED;
}

void gh_copy_files(struct gh_copy_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct gh_copy_file *f = &job->files[i];
        if (f->how != GH_COPY_NEW)
            continue;
        f->how = copy_one(job, f);
        if (f->how == GH_COPY_BUSY || f->how == GH_COPY_FAILED)
            break;
    }
}

/* A writer can set the time stamp back, but not the ctime, which a new mode changes, too; and many
 * set the time stamp of the original after they closed the file. What counts are the bytes. */
static bool has_its_bytes(struct gh_copy_file *f, int fd, const struct stat *st)
{
    char hex[GH_SHA_HEX];
    struct gh_print now = gh_print_of(st), touched = now;
    touched.mtime_ns = f->print.mtime_ns;
    if (!gh_print_same_bytes(&touched, &f->print))
        return false;
    if (gh_print_same_bytes(&now, &f->print) && gh_timespec_ns(st->st_ctim) == f->ctime_ns)
        return true;
    if (gh_hash_fd(fd, hex, NULL, NULL) < 0 || !gh_streq(hex, f->sha256))
        return false;
    f->print.mtime_ns = now.mtime_ns; /* moved as what it is now */
    return true;
}

/* GH_COPY_COPIED: it is the file that was copied, or the move finds out that it is not. */
static enum gh_copy_how look_again(const struct gh_copy_job *job, struct gh_copy_file *f)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    if (gh_open_beneath(job->drop, f->path, O_RDONLY | O_NONBLOCK, &fd, NULL) < 0 ||
        fstat(fd, &st) < 0)
        return GH_COPY_COPIED;
    if (writers_of(fd) == WRITERS_SOME)
        return GH_COPY_BUSY;
    return has_its_bytes(f, fd, &st) ? GH_COPY_COPIED : GH_COPY_CHANGED;
}

void gh_copy_take_away(struct gh_copy_job *job)
{
    for (size_t i = 0; i < job->n; i++) {
        struct gh_copy_file *f = &job->files[i];
        f->how = look_again(job, f);
        if (f->how != GH_COPY_COPIED)
            return;
    }
    gh_taken_move(job);
}
