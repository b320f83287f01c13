/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .taken/: where dropped files are moved once their bytes are in the spool and the ledger (step
 * I5), and the way back. A writer that still has such a file open goes on writing to it there; a
 * file that changed after it was taken in is given back to its department as a new drop. Failures
 * of the move are the job's (copy.h); a file that cannot be given back stays in .taken/.
 */
#include "daemon/intake/copy.h"
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/site/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names tried for a file that is given back: "name", "name (2)" … "name (99)". */
#define NAMES_TRIED 99

/* ------------------------------------------------------------------------- I5, in a pool thread */

/* Open the directory that path lies in, beneath dirfd. *ret_name points into path. */
static int open_parent(int dirfd, const char *path, int *ret_fd, const char **ret_name,
                       struct gh_err *err)
{
    const char *slash = strrchr(path, '/');
    GH_AUTO_FREE char *parent = slash ? gh_strndup(path, (size_t)(slash - path)) : gh_strdup(".");
    TRY(gh_open_beneath(dirfd, parent, O_RDONLY | O_DIRECTORY, ret_fd, err));
    *ret_name = slash ? slash + 1 : path;
    return 0;
}

/* "name (2).jpg" for "name.jpg" and 2, cut to what a name may be, between characters. */
static char *other_name(const char *name, int i)
{
    size_t stem = gh_name_stem(name), ext = strlen(name) - stem;
    char number[16];
    size_t n = (size_t)snprintf(number, sizeof(number), " (%d)", i);
    ext = GH_MIN(ext, NAME_MAX - n);
    stem = GH_MIN(stem, NAME_MAX - n - ext);
    while (stem && ((unsigned char)name[stem] & 0xc0) == 0x80)
        stem--;
    return gh_asprintf("%.*s%s%.*s", (int)stem, name, number, (int)ext, name + gh_name_stem(name));
}

/* Rename to a name that nobody has. Some file systems do not know RENAME_NOREPLACE: there a look at
 * the name must do, for a moment. 0 or -1, with errno. */
static int rename_free(int from, const char *from_name, int parent, const char *name)
{
    struct stat st;
    if (renameat2(from, from_name, parent, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL)
        return -1;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        errno = EEXIST;
    else if (errno == ENOENT)
        return renameat(from, from_name, parent, name);
    return -1;
}

/* Rename to another folder's name, or to "name (2)" and so on where that is in use. */
static bool put_back(int from, const char *from_name, int parent, const char *name)
{
    if (rename_free(from, from_name, parent, name) == 0)
        return true;
    for (int i = 2; i <= NAMES_TRIED && (errno == EEXIST || errno == ENAMETOOLONG); i++) {
        GH_AUTO_FREE char *other = other_name(name, i);
        if (rename_free(from, from_name, parent, other) == 0)
            return true;
    }
    return false;
}

/* Will no rename into .taken/ ever work, for example because it is another file system? Then the
 * dropped file is removed: its bytes are in the spool. */
static bool cannot_rename(int code)
{
    return code == EXDEV || code == EINVAL || code == EPERM;
}

bool gh_taken_may(const struct gh_copy_job *job, const char *path, const struct stat *file)
{
    GH_AUTO_FD parent = -1;
    const char *name;
    struct stat dir;
    if (open_parent(job->drop, path, &parent, &name, NULL) < 0 || fstat(parent, &dir) < 0)
        return true; /* it is going or gone: the copy finds out */
    if (faccessat(parent, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return errno != EACCES && errno != EPERM && errno != EROFS;
    uid_t self = geteuid(); /* in a sticky folder files are their owners' */
    return !(dir.st_mode & S_ISVTX) || !self || dir.st_uid == self || file->st_uid == self;
}

static enum gh_copy_how fail_errno(struct gh_copy_job *job, const char *what)
{
    struct gh_err err = {0};
    gh_fail_errno(&err, GH_SYSTEM, "%s", what);
    return gh_copy_fail(job, &err);
}

#define HIDDEN                                                                                     \
    ".ghat-" /* of a file that is about to be removed, in its own folder: junk to a scan */

static uint32_t random_number(void)
{
    uint32_t n = 0;
    if (getrandom(&n, sizeof(n), 0) != sizeof(n))
        abort();
    return n;
}

/* Is what has this name now the file that was copied, and is nobody writing to it? *ret_fd: it,
 * opened; the caller's. */
static bool is_as_copied(const struct gh_copy_job *job, const struct gh_copy_file *f, int parent,
                         const char *name, int *ret_fd)
{
    struct stat st;
    *ret_fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*ret_fd < 0 || fstat(*ret_fd, &st) < 0)
        return false;
    struct gh_print now = gh_print_of(&st);
    return gh_print_same_bytes(&now, &f->print) &&
           (job->no_lease || !gh_copy_being_written(*ret_fd));
}

/* What was written through an open descriptor while the name went is given a name again. */
static enum gh_copy_how keep_late_bytes(int parent, const char *name, const struct gh_copy_file *f,
                                        int fd)
{
    struct stat st;
    struct gh_err err;
    if (fstat(fd, &st) < 0)
        return GH_COPY_MOVED;
    struct gh_print now = gh_print_of(&st);
    if (gh_print_same_bytes(&now, &f->print))
        return GH_COPY_MOVED;
    char late[64];
    snprintf(late, sizeof(late), HIDDEN "%" PRId64 "-%" PRId64 "-%08x", f->submission, f->file,
             random_number());
    GH_AUTO_FD to = openat(parent, late, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (to >= 0 && gh_copy_fd(fd, to, NULL, &err) == 0 && gh_sync(to, &err) == 0 &&
        put_back(parent, late, parent, name))
        return GH_COPY_CHANGED;
    if (to >= 0)
        unlinkat(parent, late, 0); /* a part must not come back as the file */
    return GH_COPY_MOVED;          /* the bytes as they were copied are kept */
}

/*
 * Remove a file whose folder is on another file system than .taken/. The name may be another file's
 * by now, and a look at it is no proof for the next moment: so it is hidden first, by a name that
 * nobody else uses, looked at, and put back or removed.
 */
static enum gh_copy_how hide_and_remove(struct gh_copy_job *job, struct gh_copy_file *f, int parent,
                                        const char *name)
{
    char hidden[64];
    GH_AUTO_FD fd = -1;
    snprintf(hidden, sizeof(hidden), HIDDEN "%" PRId64 "-%" PRId64 "-%08x", f->submission, f->file,
             random_number());
    /* without RENAME_NOREPLACE, which some of these file systems do not know */
    if (renameat(parent, name, parent, hidden) < 0)
        return errno == ENOENT ? GH_COPY_GONE : fail_errno(job, "cannot remove a dropped file");
    if (!is_as_copied(job, f, parent, hidden, &fd)) {
        if (!put_back(parent, hidden, parent, name))
            return fail_errno(job, "cannot put a dropped file back");
        return GH_COPY_CHANGED;
    }
    if (unlinkat(parent, hidden, 0) < 0 && errno != ENOENT) {
        int code = errno;
        (void)!renameat(parent, hidden, parent, name);
        errno = code;
        return fail_errno(job, "cannot remove a dropped file");
    }
    return keep_late_bytes(parent, name, f, fd);
}

/* The name under which a killed ghatd left the file in its folder. False: there is none. */
static bool find_hidden(int parent, const struct gh_copy_file *f, char *ret, size_t size)
{
    char prefix[48];
    bool found = false;
    snprintf(prefix, sizeof(prefix), HIDDEN "%" PRId64 "-%" PRId64 "-", f->submission, f->file);
    int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; dir && !found && (e = readdir(dir));)
        if ((found = gh_starts(e->d_name, prefix)))
            gh_copy(ret, size, e->d_name);
    if (dir)
        closedir(dir);
    return found;
}

void gh_taken_unhide(const struct gh_copy_job *job, const struct gh_copy_file *f)
{
    GH_AUTO_FD parent = -1;
    const char *name;
    char hidden[64];
    if (open_parent(job->drop, f->path, &parent, &name, NULL) == 0 &&
        find_hidden(parent, f, hidden, sizeof(hidden)))
        (void)put_back(parent, hidden, parent, name);
}

/* Did an earlier try move it, and only fail to make that durable? What has its name in the drop
 * folder by now is another file. */
static bool is_moved(const struct gh_copy_job *job, const struct gh_copy_file *f)
{
    struct stat st;
    return f->taken[0] && fstatat(job->taken, f->taken, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum gh_copy_how move_one(struct gh_copy_job *job, struct gh_copy_file *f)
{
    struct gh_err err = {0};
    GH_AUTO_FD parent = -1;
    const char *name = NULL;
    struct stat st;
    if (is_moved(job, f))
        return GH_COPY_MOVED;
    f->taken[0] = 0;
    if (open_parent(job->drop, f->path, &parent, &name, &err) < 0)
        return gh_copy_how_of(&err) == GH_COPY_GONE ? GH_COPY_GONE : gh_copy_fail(job, &err);
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? GH_COPY_GONE : fail_errno(job, "cannot look at a dropped file");
    struct gh_print now = gh_print_of(&st);
    if (!gh_print_same_bytes(&now, &f->print))
        return GH_COPY_CHANGED;
    snprintf(f->taken, sizeof(f->taken), "%" PRId64 "-%" PRId64 "-%08x", f->submission, f->file,
             random_number());
    if (renameat2(parent, name, job->taken, f->taken, RENAME_NOREPLACE) < 0) {
        int code = errno;
        f->taken[0] = 0;
        if (code == ENOENT)
            return GH_COPY_GONE;
        return cannot_rename(code) ? hide_and_remove(job, f, parent, name)
                                   : fail_errno(job, "cannot move a dropped file away");
    }
    if (fstatat(job->taken, f->taken, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        now = gh_print_of(&st);
        if (!gh_print_same_bytes(&now, &f->print)) {
            (void)put_back(job->taken, f->taken, parent, name);
            f->taken[0] = 0;
            return GH_COPY_CHANGED;
        }
    }
    return GH_COPY_MOVED;
}

/* Sync the directories that files were moved out of; files next to each other often share one. */
static int sync_parents(const struct gh_copy_job *job, struct gh_err *err)
{
    const char *last = NULL;
    for (size_t i = 0; i < job->n; i++) {
        const struct gh_copy_file *f = &job->files[i];
        if (f->how != GH_COPY_MOVED)
            continue;
        const char *slash = strrchr(f->path, '/');
        size_t len = slash ? (size_t)(slash - f->path) : 0;
        if (last && !strncmp(last, f->path, len) &&
            (slash ? last[len] == '/' && !strchr(last + len + 1, '/') : !strchr(last, '/')))
            continue;
        last = f->path;
        GH_AUTO_FD parent = -1;
        const char *name;
        if (open_parent(job->drop, f->path, &parent, &name, err) == 0)
            TRY(gh_sync(parent, err));
        else if (err->code != ENOENT) /* a removed folder needs no sync */
            return -err->cls;
    }
    return 0;
}

void gh_taken_move(struct gh_copy_job *job)
{
    bool moved = false;
    for (size_t i = 0; i < job->n; i++) {
        struct gh_copy_file *f = &job->files[i];
        if (!f->file)
            continue;
        f->how = move_one(job, f);
        moved |= f->how == GH_COPY_MOVED && f->taken[0];
    }
    struct gh_err err = {0};
    if ((moved && gh_sync(job->taken, &err) < 0) || sync_parents(job, &err) < 0)
        for (size_t i = 0; i < job->n; i++)
            if (job->files[i].how == GH_COPY_MOVED)
                job->files[i].how = gh_copy_fail(job, &err);
}

/* --------------------------------------------------------------------------------- the way back */

/* The ledger's row of a file called "<submission>-<file>-<random>"; NULL: none. It points into
 * *item, which is the caller's to free. */
static const struct gh_file *file_row_of(struct gh_intake *in, const char *name,
                                         struct gh_item *item)
{
    int64_t submission = 0, file = 0;
    struct gh_err err = {0};
    if (sscanf(name, "%" SCNd64 "-%" SCNd64 "-", &submission, &file) != 2 ||
        gh_ledger_get(in->p.ledger, submission, item, &err) < 0)
        return NULL;
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == file && item->files[i].source == GH_SOURCE_TAKEN &&
            gh_streq(item->files[i].taken_name, name))
            return &item->files[i];
    return NULL;
}

enum likeness { AS_TAKEN, OTHER, UNREADABLE };

/* Compare the bytes. The time of those that are the same is the file's from now on: it need not be
 * read again for that. */
static enum likeness read_likeness(struct gh_intake *in, const char *name, int64_t mtime_ms,
                                   const struct gh_file *f)
{
    char hex[GH_SHA_HEX];
    struct gh_err err = {0};
    GH_AUTO_FD fd = -1;
    if (gh_open_beneath(in->p.dirs->taken, name, O_RDONLY | O_NONBLOCK, &fd, NULL) < 0 ||
        gh_hash_fd(fd, hex, NULL, NULL) < 0)
        return UNREADABLE;
    if (!gh_streq(hex, f->sha256))
        return OTHER;
    if (gh_ledger_source_touched(in->p.ledger, f->id, mtime_ms, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "ledger-failed", &err, "what=touched");
    return AS_TAKEN;
}

/* A time stamp alone, which many set after the last byte, makes no other file; a large one, which
 * would hold up the loop, is not read for that. */
static enum likeness likeness_of(struct gh_intake *in, const char *name, const struct stat *st,
                                 const struct gh_file *f, uint64_t *read)
{
    int64_t ms = gh_timespec_ns(st->st_mtim) / 1000000;
    if (!S_ISREG(st->st_mode) || (uint64_t)st->st_size != f->size)
        return OTHER;
    if (ms == f->mtime_ms)
        return AS_TAKEN;
    if (f->size > GH_READ_AT_ONCE)
        return OTHER;
    *read += f->size;
    return read_likeness(in, name, ms, f);
}

static bool is_spooled(struct gh_intake *in, const struct gh_file *f)
{
    struct stat st;
    return f->size == 0 || (fstatat(in->p.dirs->spool, f->sha256, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                            (uint64_t)st.st_size == f->size);
}

static enum gh_taken_fate give_back(struct gh_intake *in, const char *name,
                                    const struct gh_item *item, const struct gh_file *f)
{
    const struct gh_department *dept =
        gh_departments_find(&in->p.settings->departments, item->sub.department);
    const char *slash = strrchr(f->name, '/');
    GH_AUTO_FD dir = -1;
    struct gh_err err = {0};
    if (!dept || gh_folder_open(in->p.ledger, in->p.dirs->drop, dept->folder, &dir, &err) < 0)
        return GH_TAKEN_KEPT;
    if (!put_back(in->p.dirs->taken, name, dir, slash ? slash + 1 : f->name))
        return GH_TAKEN_KEPT;
    gh_quiet_learn(in->p.quiet, item->sub.department, true, 0);
    gh_log(GH_LOG_NOTICE, "changed-after-taking", "id=%" PRId64 " file=%" PRId64 " department=%s",
           item->sub.id, f->id, item->sub.department);
    (void)!gh_ledger_note(in->p.ledger, NULL, item->sub.id, "changed",
                          "written to after it was taken: the new bytes are a new drop", &err);
    return GH_TAKEN_BACK;
}

enum gh_taken_fate gh_intake_check_taken(struct gh_intake *in, const char *name, bool old,
                                         uint64_t *read)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct stat st;
    const struct gh_file *f = file_row_of(in, name, &item);
    if (!f || fstatat(in->p.dirs->taken, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return GH_TAKEN_KEPT;
    enum likeness likeness = likeness_of(in, name, &st, f, read);
    if (likeness == OTHER)
        return give_back(in, name, &item, f);
    if (likeness == UNREADABLE || !old || !is_spooled(in, f) ||
        gh_now_ms() - gh_timespec_ns(st.st_ctim) / 1000000 <
            (int64_t)in->p.settings->conf.taken_keep_ms)
        return GH_TAKEN_KEPT;
    return unlinkat(in->p.dirs->taken, name, 0) == 0 ? GH_TAKEN_REMOVED : GH_TAKEN_KEPT;
}
