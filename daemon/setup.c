/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories on disk, as DESIGN section 3 has them: made where missing, opened, and held. Class: GH_CONFIG naming the
 * path. */
#include "daemon/daemon.h"

#include "base/file.h"
#include "base/str.h"
#include "daemon/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

struct place {
    const char *path;
    mode_t mode;
    const char *group; /* NULL: ours */
    int *fd;
};

int gh_dir_make(int dirfd, const char *name, unsigned mode, struct gh_err *err)
{
    if (mkdirat(dirfd, name, mode & 0777) < 0)
        return errno == EEXIST ? 0 : gh_fail_errno(err, GH_OK, "cannot make folder %s", name);
    if (mode & S_ISGID)
        (void)!fchmodat(dirfd, name, mode, 0); /* refused under RestrictSUIDSGID: the bit comes from the parent there */
    return 0;
}

/* Give a folder to a group if there is one of that name and we may; on a developer's machine there is none. */
static void give(int fd, const char *group, mode_t mode)
{
    struct group *g = group ? getgrnam(group) : NULL;
    struct stat st;
    if (!g || fstat(fd, &st) < 0 || st.st_gid == g->gr_gid)
        return;
    if (fchown(fd, (uid_t)-1, g->gr_gid) == 0)
        (void)!fchmod(fd, mode); /* chown clears the set-group bit */
}

static int open_place(const struct place *p, struct gh_err *err)
{
    GH_AUTO_FREE char *parent = gh_strdup(p->path);
    char *slash = strrchr(parent, '/');
    if (slash && slash != parent) {
        *slash = 0;
        if (gh_stage_dirs(AT_FDCWD, parent, 0755, err) < 0)
            return gh_fail(err, GH_CONFIG, "%s: cannot make the folder: %s", p->path, strerror(err->code));
    }
    if (gh_dir_make(AT_FDCWD, p->path, p->mode, err) < 0)
        return gh_fail(err, GH_CONFIG, "%s: cannot make the folder: %s", p->path, strerror(err->code));
    int fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* the admin's own path: links are fine */
    if (fd < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s", p->path);
    give(fd, p->group, p->mode);
    if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0) {
        int code = errno;
        close(fd);
        return gh_fail(err, GH_CONFIG, "%s: ghatd may not write here: %s", p->path, strerror(code));
    }
    *p->fd = fd;
    return 0;
}

static int open_below(int dirfd, const char *name, mode_t mode, int *ret_fd, struct gh_err *err)
{
    TRY(gh_dir_make(dirfd, name, mode, err));
    return gh_open_dir(dirfd, name, ret_fd, err);
}

static int lock_state(const struct gh_conf *conf, struct gh_dirs *dirs, struct gh_err *err)
{
    dirs->lock = openat(dirs->state, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dirs->lock < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s/lock", conf->state);
    if (flock(dirs->lock, LOCK_EX | LOCK_NB) < 0)
        return gh_fail(err, GH_CONFIG, "another ghatd is running with %s", conf->state);
    return 0;
}

static int open_all(const struct gh_conf *conf, const struct gh_departments *departments, struct gh_dirs *d,
                    struct gh_err *err)
{
    const struct place places[] = {
        {conf->drop, 0755, NULL, &d->drop},
        {conf->spool, 0700, NULL, &d->spool},
        {conf->staging, 02750, conf->desk_group, &d->staging},
        {conf->outbox, 02750, conf->agency_group, &d->outbox},
        {conf->archive, 0750, NULL, &d->archive},
        {conf->quarantine, 0750, NULL, &d->quarantine},
    };
    TRY(open_place(&(struct place){conf->state, 0700, NULL, &d->state}, err));
    TRY(lock_state(conf, d, err));
    for (size_t i = 0; i < GH_LEN(places); i++)
        TRY(open_place(&places[i], err));
    TRY(open_below(d->drop, ".taken", 0700, &d->taken, err));
    TRY(open_below(d->staging, ".work", 0700, &d->work, err));
    for (size_t i = 0; i < departments->n; i++)
        TRY(gh_dir_make(d->drop, departments->list[i]->folder, 02770, err));
    return 0;
}

int gh_dirs_open(const struct gh_conf *conf, const struct gh_departments *departments, struct gh_dirs *ret,
                 struct gh_err *err)
{
    struct gh_dirs d = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    int r = open_all(conf, departments, &d, err);
    if (r < 0)
        gh_dirs_close(&d);
    else
        *ret = d;
    return r;
}

void gh_dirs_close(struct gh_dirs *d)
{
    int *fds[] = {&d->drop,    &d->taken,      &d->spool, &d->staging, &d->outbox,
                  &d->archive, &d->quarantine, &d->work,  &d->state,   &d->lock};
    for (size_t i = 0; i < GH_LEN(fds); i++)
        gh_close_fd(fds[i]);
}
