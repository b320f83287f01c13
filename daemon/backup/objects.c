/* SPDX-License-Identifier: GPL-3.0-or-later */
/* There is one writer, so a single temporary name does, on any file system: a run that was killed
 * leaves it to the next. An object is never written to again once it has its name. */
#include "daemon/backup/objects.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define CHUNK ((size_t)1 << 20)
#define MARK "ghat-backup" /* the file that says what the folder is */
#define LOCK "lock"
#define FRESH ".new"       /* below objects/: what is being written */
#define DAMAGED ".damaged" /* how the name ends of what is not its hash any more */
#define OBJECT_PATH (2 + 1 + GH_SHA_HEX)

/* ------------------------------------------------------------------------------------ the folder
 */

/* Only root's own, and never by a name that somebody else put there for a file of root's. */
void gh_objects_give(const struct gh_objects *o, int dir, const char *name)
{
    struct stat st;
    GH_AUTO_FD fd =
        o->give ? openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == 0 &&
        (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_nlink == 1)))
        (void)!fchown(fd, o->uid, o->gid);
}

static int open_part(const struct gh_objects *o, const char *name, bool make, int *ret_fd,
                     struct gh_err *err)
{
    if (make && mkdirat(o->root, name, 0700) < 0 && errno != EEXIST)
        return gh_fail_errno(err, GH_OK, "cannot make %s", name);
    gh_objects_give(o, o->root, name);
    return gh_open_dir(o->root, name, ret_fd, err);
}

/* One writer; readers keep it out, too. */
static int lock(struct gh_objects *o, const char *path, struct gh_err *err)
{
    struct stat st;
    if (fstat(o->root, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    o->give = geteuid() == 0 && st.st_uid != 0;
    o->uid = st.st_uid;
    o->gid = st.st_gid;
    o->lock = openat(o->root, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (o->lock < 0)
        return gh_fail_errno(err, GH_OK, "%s/" LOCK, path);
    gh_objects_give(o, o->root, LOCK);
    if (flock(o->lock, LOCK_EX | LOCK_NB) < 0)
        return gh_fail_code(err, GH_AGAIN, errno,
                            "another backup is being written to %s, or read there", path);
    return 0;
}

int gh_objects_hold(struct gh_objects *o, struct gh_err *err)
{
    o->lock = openat(o->root, LOCK, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (o->lock >= 0 && flock(o->lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return gh_fail_code(err, GH_AGAIN, errno,
                            "a backup is being written to %s: try again when it is made", o->path);
    return 0;
}

/* A folder that is not marked is made one of backups only while nothing else is in it: whatever
 * there is belongs to somebody. What a run that was killed before it marked it left is Ghat's, and
 * a disk of its own may have lost+found. */
static int check_empty(int root, const char *path, struct gh_err *err)
{
    static const char *const own[] = {".", "..", "lock", "lost+found"};
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    for (struct dirent *e; r == 0 && (e = readdir(d));) {
        bool known = gh_starts(e->d_name, ".tmp-");
        for (size_t i = 0; i < GH_LEN(own); i++)
            known |= !strcmp(e->d_name, own[i]);
        if (!known)
            r = gh_fail(err, GH_USAGE,
                        "%s has other files in it (%s) and no backups of Ghat: name a folder that "
                        "is empty, or one that is not there yet",
                        path, e->d_name);
    }
    closedir(d);
    return r;
}

static int open_all(const char *path, bool write, struct gh_objects *o, struct gh_err *err)
{
    static const char text[] = GH_BACKUP_FORMAT "\n";
    if (write)
        TRY(gh_mkdirs(AT_FDCWD, path, 0700, err));
    /* links are followed: the path is the administrator's */
    o->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (o->root < 0)
        return gh_fail_errno(err, GH_USAGE, "%s", path);
    bool marked = faccessat(o->root, MARK, F_OK, 0) == 0;
    if (!marked && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "%s/" MARK, path);
    if (!write && !marked)
        return gh_fail(err, GH_USAGE, "%s holds no backups of Ghat", path);
    if (write) {
        if (!marked)
            TRY(check_empty(o->root, path, err));
        TRY(lock(o, path, err));
        if (!marked)
            TRY(gh_write_file(o->root, MARK, text, sizeof(text) - 1, 0600, err));
        gh_objects_give(o, o->root, MARK);
    }
    TRY(open_part(o, "objects", write, &o->objects, err));
    TRY(open_part(o, "backups", write, &o->backups, err));
    o->path = gh_strdup(path);
    return 0;
}

static int open_as(const char *path, bool write, struct gh_objects *ret, struct gh_err *err)
{
    struct gh_objects o = GH_OBJECTS_CLOSED;
    int r = open_all(path, write, &o, err);
    if (r < 0)
        gh_objects_close(&o);
    else
        *ret = o;
    return r;
}

int gh_objects_open(const char *path, struct gh_objects *ret, struct gh_err *err)
{
    return open_as(path, true, ret, err);
}

int gh_objects_open_ro(const char *path, struct gh_objects *ret, struct gh_err *err)
{
    return open_as(path, false, ret, err);
}

void gh_objects_close(struct gh_objects *o)
{
    gh_close_fd(&o->root);
    gh_close_fd(&o->objects);
    gh_close_fd(&o->backups);
    gh_close_fd(&o->lock);
    gh_free_ptr(&o->path);
}

/* ------------------------------------------------------------------------------------ one object
 */

static void path_of(const char *sha256, char ret[OBJECT_PATH])
{
    snprintf(ret, OBJECT_PATH, "%.2s/%s", sha256, sha256);
}

static bool is_hash(const char *name)
{
    return strlen(name) == GH_SHA_HEX - 1 && strspn(name, "0123456789abcdef") == GH_SHA_HEX - 1;
}

bool gh_objects_has(const struct gh_objects *o, const char *sha256, uint64_t size)
{
    char path[OBJECT_PATH];
    struct stat st;
    path_of(sha256, path);
    return fstatat(o->objects, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == size;
}

/* Copies and hashes in one reading. */
static int copy_hashed(int from, int to, char ret_hex[GH_SHA_HEX], uint64_t *ret_size,
                       struct gh_err *err)
{
    GH_AUTO_FREE char *chunk = gh_alloc(CHUNK);
    GH_AUTO(gh_hash_free) struct gh_hash *h = gh_hash_new();
    uint64_t size = 0;
    for (;;) {
        ssize_t n = read(from, chunk, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return gh_fail_errno(err, GH_INPUT, "cannot read");
        if (n == 0)
            break;
        gh_hash_add(h, chunk, (size_t)n);
        TRY(gh_write_all(to, chunk, (size_t)n, err));
        size += (uint64_t)n;
    }
    gh_hash_hex(h, ret_hex);
    *ret_size = size;
    return 0;
}

static int name_fresh(struct gh_objects *o, int fd, const char *sha256, struct gh_err *err)
{
    char path[OBJECT_PATH], folder[3];
    path_of(sha256, path);
    gh_copy(folder, sizeof(folder), sha256);
    if (fchmod(fd, 0400) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "objects/%s", path);
    TRY(gh_sync(fd, err));
    if (mkdirat(o->objects, folder, 0700) < 0 && errno != EEXIST)
        return gh_fail_errno(err, GH_OK, "objects/%s", folder);
    gh_objects_give(o, o->objects, folder);
    gh_objects_give(o, o->objects, FRESH);
    if (renameat(o->objects, FRESH, o->objects, path) < 0)
        return gh_fail_errno(err, GH_OK, "objects/%s", path);
    return 0;
}

static int put_fresh(struct gh_objects *o, int fd, char ret_hex[GH_SHA_HEX], uint64_t *ret_size,
                     bool *ret_new, struct gh_err *err)
{
    unlinkat(o->objects, FRESH, 0);
    GH_AUTO_FD fresh = openat(o->objects, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fresh < 0)
        return gh_fail_errno(err, GH_OK, "%s/objects", o->path);
    TRY(copy_hashed(fd, fresh, ret_hex, ret_size, err));
    *ret_new = !gh_objects_has(o, ret_hex, *ret_size);
    if (*ret_new)
        return name_fresh(o, fresh, ret_hex, err);
    unlinkat(o->objects, FRESH, 0);
    return 0;
}

int gh_objects_put(struct gh_objects *o, int fd, const char *likely, char ret_sha256[GH_SHA_HEX],
                   uint64_t *ret_size, bool *ret_new, struct gh_err *err)
{
    struct stat st;
    struct gh_err why = {0};
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_INPUT, "cannot look at it");
    if (likely && is_hash(likely) && gh_objects_has(o, likely, (uint64_t)st.st_size)) {
        if (gh_hash_fd(fd, ret_sha256, ret_size, &why) < 0)
            return gh_fail_code(err, GH_INPUT, why.code, "%s", why.msg);
        *ret_new = false;
        if (gh_objects_has(o, ret_sha256, *ret_size))
            return 0;
    }
    int r = put_fresh(o, fd, ret_sha256, ret_size, ret_new, err);
    if (r < 0)
        unlinkat(o->objects, FRESH, 0);
    return r;
}

int gh_objects_sync(const struct gh_objects *o, struct gh_err *err)
{
    return syncfs(o->objects) < 0 ? gh_fail_errno(err, GH_OK, "%s", o->path) : 0;
}

int gh_objects_get(const struct gh_objects *o, const char *sha256, int *ret_fd, struct gh_err *err)
{
    char path[OBJECT_PATH];
    path_of(sha256, path);
    int fd = openat(o->objects, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gh_fail_errno(err, errno == ENOENT ? GH_LIMIT : GH_OK, "objects/%s", path);
    *ret_fd = fd;
    return 0;
}

int gh_objects_check(const struct gh_objects *o, const char *sha256, uint64_t size,
                     struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    uint64_t is = 0;
    struct gh_err why = {0};
    GH_AUTO_FD fd = -1;
    TRY(gh_objects_get(o, sha256, &fd, err));
    (void)!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* what is on the disk, not in memory */
    if (gh_hash_fd(fd, hex, &is, &why) < 0)
        return gh_fail(err, GH_LIMIT, "objects/%.2s/%s cannot be read: %s", sha256, sha256,
                       why.msg);
    if (is != size || strcmp(hex, sha256) != 0)
        return gh_fail(err, GH_LIMIT, "objects/%.2s/%s is damaged", sha256, sha256);
    return 0;
}

static int rename_damaged(const struct gh_objects *o, const char *sha256, uint64_t size,
                          struct gh_err *err)
{
    char path[OBJECT_PATH], to[OBJECT_PATH + sizeof(DAMAGED)];
    path_of(sha256, path);
    snprintf(to, sizeof(to), "%s" DAMAGED, path);
    if (gh_objects_check(o, sha256, size, NULL) == 0)
        return 0; /* made anew since */
    if (renameat(o->objects, path, o->objects, to) < 0)
        return errno == ENOENT ? 0 : gh_fail_errno(err, GH_OK, "cannot rename objects/%s", path);
    return 1;
}

/* Alone for a moment, then a reader among others again. */
int gh_objects_put_aside(const struct gh_objects *o, const char *sha256, uint64_t size,
                         struct gh_err *err)
{
    int r = o->lock < 0 ? gh_fail(err, GH_SYSTEM, "%s/" LOCK " cannot be opened", o->path)
            : flock(o->lock, LOCK_EX | LOCK_NB) < 0
                ? gh_fail_code(err, GH_AGAIN, errno, "others read there, too")
                : rename_damaged(o, sha256, size, err);
    if (o->lock >= 0)
        (void)!flock(o->lock, LOCK_SH | LOCK_NB);
    return r;
}

/* ---------------------------------------------------------------------------------- unreferenced
 */

struct removing {
    gh_object_fn *fn;
    void *arg;
    uint64_t n, bytes;
};

/* The hash that the name is or was; "": it is nobody's object. */
static void hash_of_name(const char *name, char ret[GH_SHA_HEX])
{
    bool damaged = gh_ends(name, DAMAGED) && strlen(name) == GH_SHA_HEX - 1 + strlen(DAMAGED);
    snprintf(ret, GH_SHA_HEX, "%s", damaged || is_hash(name) ? name : "");
    if (!is_hash(ret))
        *ret = '\0';
}

static int remove_below(int objects, const char *name, struct removing *x, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    TRY(gh_open_dir(objects, name, &fd, err));
    DIR *d = fdopendir(fd);
    if (!d)
        return gh_fail_errno(err, GH_SYSTEM, "objects/%s", name);
    int dir = gh_steal_fd(&fd), r = 0;
    for (struct dirent *e; r == 0 && (e = readdir(d));) {
        char hash[GH_SHA_HEX];
        hash_of_name(e->d_name, hash);
        if (!*hash || !x->fn(hash, x->arg))
            continue;
        uint64_t bytes = fstatat(dir, e->d_name, &st, 0) == 0 ? (uint64_t)st.st_size : 0;
        if (unlinkat(dir, e->d_name, 0) < 0)
            r = gh_fail_errno(err, GH_SYSTEM, "cannot remove objects/%s/%s", name, e->d_name);
        x->n++;
        x->bytes += bytes;
    }
    closedir(d);
    return r;
}

int gh_objects_remove(struct gh_objects *o, gh_object_fn *fn, void *arg, uint64_t *ret_n,
                      uint64_t *ret_bytes, struct gh_err *err)
{
    struct removing x = {.fn = fn, .arg = arg};
    for (unsigned i = 0; i < 256; i++) {
        char name[3];
        struct gh_err why = {0};
        snprintf(name, sizeof(name), "%02x", i);
        int r = remove_below(o->objects, name, &x, &why);
        if (r < 0 && why.code != ENOENT) {
            *err = why;
            return r;
        }
    }
    *ret_n = x.n;
    *ret_bytes = x.bytes;
    return 0;
}
