/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which directories there are, with their modes and groups, and how each is made and opened. Owns
 * nothing: struct gh_dirs is the caller's. Class: GH_CONFIG naming the path. */
#include "daemon/store/dirs.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/store/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS 64 /* ghatd is in four */

struct dir_spec {
    const char *path;
    mode_t mode;
    const char *group; /* NULL: ghatd's own */
    int *fd;           /* where its descriptor goes */
    bool roots;        /* root may own it and make what lies in it */
};

/* chmod by who is not in a folder's group takes its set-group-id bit. */
static bool in_group(gid_t gid)
{
    gid_t groups[GROUPS];
    int n = getgroups(GROUPS, groups);
    bool in = geteuid() == 0 || getegid() == gid;
    for (int i = 0; i < n; i++)
        in |= groups[i] == gid;
    return in;
}

int gh_dir_make(int dirfd, const char *name, unsigned mode, struct gh_err *err)
{
    if (mkdirat(dirfd, name, mode & 0777) < 0)
        return errno == EEXIST ? 0 : gh_fail_errno(err, GH_OK, "cannot make folder %s", name);
    struct stat st;
    bool inherited = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode & S_ISGID &&
                     !in_group(st.st_gid);
    if (mode & S_ISGID && !inherited)
        /* systemd's RestrictSUIDSGID refuses this; then the parent's bit is inherited */
        (void)!fchmodat(dirfd, name, mode, 0);
    return 0;
}

/* Give a folder to a group, if there is one of that name and we may: on a developer's machine there
 * is none. */
static void give_to_group(int fd, const char *group, mode_t mode)
{
    struct group *g = group ? getgrnam(group) : NULL;
    struct stat st;
    if (!g || fstat(fd, &st) < 0 || st.st_gid == g->gr_gid)
        return;
    if (fchown(fd, (uid_t)-1, g->gr_gid) == 0)
        (void)!fchmod(fd, mode); /* fchown clears the set-group-id bit */
}

/* What is for ghatd alone is closed to others, wherever it lies and whoever made it. */
static void close_to_others(int fd, mode_t mode)
{
    struct stat st;
    if (!(mode & 077) && fstat(fd, &st) == 0 && st.st_uid == geteuid() && st.st_mode & 077)
        (void)!fchmod(fd, st.st_mode & 07700);
}

static int open_spec(const struct dir_spec *p, struct gh_err *err)
{
    GH_AUTO_FREE char *parent = gh_strdup(p->path);
    char *slash = strrchr(parent, '/');
    if (slash && slash != parent) {
        *slash = 0;
        if (gh_stage_dirs(AT_FDCWD, parent, 0755, err) < 0)
            return gh_fail(err, GH_CONFIG, "%s: cannot make the folder: %s", p->path,
                           strerror(err->code));
    }
    if (gh_dir_make(AT_FDCWD, p->path, p->mode, err) < 0)
        return gh_fail(err, GH_CONFIG, "%s: cannot make the folder: %s", p->path,
                       strerror(err->code));
    /* links are followed: the path is the administrator's */
    int fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s", p->path);
    give_to_group(fd, p->group, p->mode);
    close_to_others(fd, p->mode);
    if (faccessat(fd, ".", p->roots ? R_OK | X_OK : R_OK | W_OK | X_OK, AT_EACCESS) < 0) {
        int code = errno;
        close(fd);
        return gh_fail(err, GH_CONFIG, "%s: ghatd may not %s here: %s", p->path,
                       p->roots ? "look" : "write", strerror(code));
    }
    *p->fd = fd;
    return 0;
}

static int open_below(int dirfd, const char *name, mode_t mode, int *ret_fd, struct gh_err *err)
{
    TRY(gh_dir_make(dirfd, name, mode, err));
    return gh_open_dir(dirfd, name, ret_fd, err);
}

int gh_dirs_open_taken(int drop, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    struct stat st;
    int r = open_below(drop, ".taken", 0700, &fd, err);
    if (r < 0 && (err->code == ELOOP || err->code == ENOTDIR))
        return gh_fail(err, GH_CONFIG, ".taken in the drop folder is no folder: move it away");
    if (r < 0 && err->code == EACCES)
        return gh_fail(err, GH_CONFIG,
                       ".taken in the drop folder, which ghatd may not make or not enter: as root, "
                       "install -d -m 0700 -o USER -g GROUP there, with those of ghatd");
    TRY(r);
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot look at .taken");
    if (st.st_uid != geteuid() || st.st_mode & 077)
        return gh_fail(err, GH_CONFIG,
                       ".taken in the drop folder must be ghatd's own and closed to others (mode "
                       "0700): its owner is user %u, its mode %04o. Somebody else may have put it "
                       "there: look what is in it, then move it away",
                       (unsigned)st.st_uid, (unsigned)st.st_mode & 07777);
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

static int lock_state(const struct gh_conf *conf, struct gh_dirs *dirs, struct gh_err *err)
{
    dirs->lock = openat(dirs->state, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dirs->lock < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s/lock", conf->state);
    if (flock(dirs->lock, LOCK_EX | LOCK_NB) < 0)
        return gh_fail_code(err, GH_CONFIG, errno, "another ghatd is running with %s", conf->state);
    return 0;
}

/* Whoever may write to drop/ can swap departments' folders: nobody but its owner may. */
static void close_drop(const struct gh_conf *conf, int drop)
{
    struct stat st;
    if (fstat(drop, &st) < 0 || !(st.st_mode & 022))
        return;
    bool mine = st.st_uid == geteuid() && fchmod(drop, st.st_mode & 07777 & ~022u) == 0;
    gh_log(mine ? GH_LOG_NOTICE : GH_LOG_WARNING, mine ? "drop-closed" : "drop-open",
           "path=%s mode=%04o reason=%s", gh_log_quote(conf->drop), (unsigned)st.st_mode & 07777,
           gh_log_quote("others could rename departments' folders in it"));
}

/* Where drop/ is root's, so is the making of folders in it. */
static int make_department(int drop, const struct gh_department *d, struct gh_err *err)
{
    struct gh_err why = {0};
    if (gh_dir_make(drop, d->folder, 02770, &why) == 0)
        return 0;
    if (why.code != EACCES && why.code != EPERM && why.code != EROFS)
        return gh_fail(err, why.cls, "%s", why.msg);
    gh_log_err(GH_LOG_WARNING, "no-department-folder", &why, "department=%s", d->slug);
    return 0;
}

/* Where the folder above is root's and nobody made it, Ghat works without. */
static void open_receipts(const struct gh_conf *conf, struct gh_dirs *d)
{
    struct gh_err err = {0};
    const struct dir_spec spec = {conf->receipts, 02770, conf->agency_group, &d->receipts, false};
    if (open_spec(&spec, &err) < 0)
        gh_log_err(GH_LOG_NOTICE, "no-receipts", &err, "advice=%s",
                   gh_log_quote("systemd-tmpfiles --create, as root, makes the folder"));
}

static int open_own(const struct gh_conf *conf, struct gh_dirs *d, struct gh_err *err)
{
    const struct dir_spec specs[] = {
        {conf->spool, 0700, NULL, &d->spool, false},
        {conf->staging, 02750, conf->desk_group, &d->staging, false},
        {conf->outbox, 02750, conf->agency_group, &d->outbox, false},
        {conf->archive, 0700, NULL, &d->archive, false},
        {conf->quarantine, 0700, NULL, &d->quarantine, false},
    };
    TRY(open_spec(&(struct dir_spec){conf->state, 0700, NULL, &d->state, false}, err));
    TRY(lock_state(conf, d, err));
    for (size_t i = 0; i < GH_LEN(specs); i++)
        TRY(open_spec(&specs[i], err));
    return 0;
}

static int open_all(const struct gh_conf *conf, const struct gh_departments *departments,
                    struct gh_dirs *d, struct gh_err *err)
{
    TRY(open_own(conf, d, err));
    TRY(open_spec(&(struct dir_spec){conf->drop, 0755, NULL, &d->drop, true}, err));
    close_drop(conf, d->drop);
    TRY(gh_dirs_open_taken(d->drop, &d->taken, err));
    open_receipts(conf, d);
    TRY(open_below(d->staging, ".work", 0700, &d->work, err));
    TRY(open_below(d->staging, ".preview", 0700, &d->preview, err));
    for (size_t i = 0; i < departments->n; i++)
        TRY(make_department(d->drop, departments->list[i], err));
    return 0;
}

/* *opened goes to *ret, or is closed. */
static int hand_out(int r, struct gh_dirs *opened, struct gh_dirs *ret)
{
    if (r < 0)
        gh_dirs_close(opened);
    else
        *ret = *opened;
    return r;
}

int gh_dirs_open(const struct gh_conf *conf, const struct gh_departments *departments,
                 struct gh_dirs *ret, struct gh_err *err)
{
    struct gh_dirs d = GH_DIRS_CLOSED;
    int r = open_all(conf, departments, &d, err);
    return hand_out(r, &d, ret);
}

int gh_dirs_open_own(const struct gh_conf *conf, struct gh_dirs *ret, struct gh_err *err)
{
    struct gh_dirs d = GH_DIRS_CLOSED;
    int r = open_own(conf, &d, err);
    return hand_out(r, &d, ret);
}

void gh_dirs_close(struct gh_dirs *d)
{
    int *fds[] = {&d->drop,       &d->taken, &d->spool,   &d->staging,  &d->outbox, &d->archive,
                  &d->quarantine, &d->work,  &d->preview, &d->receipts, &d->state,  &d->lock};
    for (size_t i = 0; i < GH_LEN(fds); i++)
        gh_close_fd(fds[i]);
}
