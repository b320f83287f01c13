/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In this order: the backup is looked at, the configuration is put where there is none, ghatd is
 * locked out, what is in the way is renamed, files are written, and then the ledger. */
#include "daemon/backup/restore.h"

#include "daemon/backup/house.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/ledger/ledger.h"
#include "daemon/store/dirs.h"
#include "daemon/store/remains.h"
#include "daemon/store/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LEDGER "ledger.db"
#define HALF_WAY "restoring" /* below state/: which backup is being written back */
#define USER "ghat"          /* of ghatd, where nothing says another one */
#define ASIDE "unknown"      /* as daemon/publish/outbox.h has it */

/* What was one file is one again. Inodes of two file systems may have one number. */
struct key {
    uint64_t ino;
    int64_t mtime_ns;
    char sha256[GH_SHA_HEX + 7]; /* filled up with NULs */
};
struct first {
    int dir; /* borrowed */
    char *path;
};

struct restoring {
    const struct gh_restore_opts *opts;
    const struct gh_backup_watch *watch;
    struct gh_objects o;
    struct gh_backup b;
    struct gh_conf conf;
    struct gh_dirs dirs;
    struct gh_map written; /* struct key → struct first, owned */
    bool again;            /* an interrupted restore of the same backup goes on */
    struct gh_restore_sum *sum;
};

static void end_restoring(struct restoring *r)
{
    size_t at = 0;
    for (struct first *f; (f = gh_map_next(&r->written, &at));) {
        free(f->path);
        free(f);
    }
    gh_map_free(&r->written);
    gh_dirs_close(&r->dirs);
    gh_conf_free(&r->conf);
    gh_backup_free(&r->b);
    gh_objects_close(&r->o);
}

static void problem(struct restoring *r, const char *fmt, ...) GH_PRINTF(2, 3);
static void problem(struct restoring *r, const char *fmt, ...)
{
    char line[800];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(line, sizeof(line), fmt, ap);
    va_end(ap);
    r->watch->problem(line, r->watch->arg);
}

static char *ledger_copy(const struct restoring *r)
{
    return gh_asprintf("%s/backups/%s/" LEDGER, r->o.path, r->b.when);
}

/* ------------------------------------------------------------------------------------ the backup
 */

static int look_at_backup(struct restoring *r, struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    TRY(gh_objects_open_ro(r->opts->folder, &r->o, err));
    TRY(gh_objects_hold(&r->o, err));
    TRY(gh_backup_find(&r->o, r->opts->when, &r->b, err));
    GH_COPY(r->sum->when, r->b.when);
    GH_AUTO_FREE char *path = ledger_copy(r);
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gh_fail_errno(err, GH_LIMIT, "%s", path);
    TRY(gh_hash_fd(fd, hex, NULL, err));
    if (strcmp(hex, r->b.ledger) != 0)
        return gh_fail(err, GH_LIMIT, "%s is damaged: name an older backup", path);
    return gh_ledger_check_file(path, err);
}

/* A file without a name in the folder in, as the backup has it: the caller's. */
static int fetch(struct restoring *r, const struct gh_backup_file *f, int in, int *ret_fd,
                 struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    GH_AUTO_FD from = -1, to = -1;
    TRY(gh_objects_get(&r->o, f->sha256, &from, err));
    TRY(gh_tmpfile(in, &to, err));
    TRY(gh_copy_fd(from, to, NULL, err));
    TRY(gh_hash_fd(to, hex, NULL, err));
    if (strcmp(hex, f->sha256) != 0)
        return gh_fail(err, GH_LIMIT, "objects/%.2s/%s is damaged", f->sha256, f->sha256);
    if (fchmod(to, f->mode) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", f->path);
    *ret_fd = gh_steal_fd(&to);
    return 0;
}

/* ------------------------------------------------------------------------------- configuration */

/* What not everybody may read ghatd reads by its group: that of the folder, else its own. */
static void give_to_group(int fd, int dir, unsigned mode)
{
    struct stat st;
    if (geteuid() != 0 || (mode & S_IROTH) || fstat(dir, &st) < 0)
        return;
    const struct passwd *ghat = st.st_gid ? NULL : getpwnam(USER);
    gid_t gid = ghat ? ghat->pw_gid : st.st_gid;
    if (gid)
        (void)!fchown(fd, (uid_t)-1, gid);
}

/* Where nothing has the name: what came there meanwhile stays, too. */
static int write_config(struct restoring *r, const struct gh_backup_file *f, const char *path,
                        struct gh_err *err)
{
    const char *slash = strrchr(path, '/');
    GH_AUTO_FREE char *folder =
        slash ? gh_asprintf("%.*s", slash == path ? 1 : (int)(slash - path), path) : gh_strdup(".");
    GH_AUTO_FD fd = -1, dir = -1;
    TRY(gh_mkdirs(AT_FDCWD, folder, 0755, err));
    /* links to folders are followed: they are the administrator's */
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot open folder %s", folder);
    TRY(fetch(r, f, dir, &fd, err));
    TRY(gh_sync(fd, err));
    give_to_group(fd, dir, f->mode);
    TRY(gh_link_fd(fd, dir, slash ? slash + 1 : path, err));
    r->sum->configured++;
    return gh_sync(dir, err);
}

/* What is there stays. Links are followed: what they lead to is what is read. */
static int compare_config(struct restoring *r, const struct gh_backup_file *f, const char *path,
                          struct gh_err *err)
{
    char hex[GH_SHA_HEX];
    struct stat st;
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot be compared, and stays as it is");
    if (!S_ISREG(st.st_mode))
        return gh_fail(err, GH_SYSTEM, "is no regular file, and stays as it is");
    TRY(gh_hash_fd(fd, hex, NULL, err));
    if (strcmp(hex, f->sha256) != 0)
        problem(r, "%s is not what it was in the backup, and stays as it is (objects/%.2s/%s)",
                path, f->sha256, f->sha256);
    return 0;
}

static bool is_missing(const char *path)
{
    struct stat st;
    return lstat(path, &st) < 0 && errno == ENOENT;
}

/* Of the configuration itself: it says where all else lies. */
static int write_conf(struct restoring *r, struct gh_err *err)
{
    bool named;
    const char *path = gh_conf_path(r->opts->conf, &named);
    for (size_t i = 0; i < r->b.n && is_missing(path); i++)
        if (!strcmp(r->b.files[i].path, GH_HOUSE_CONFIG "/" GH_HOUSE_CONF))
            return write_config(r, &r->b.files[i], path, err);
    return 0;
}

/* One that fails keeps nothing else from being written back. */
static void write_configs(struct restoring *r)
{
    for (size_t i = 0; i < r->b.n; i++) {
        const struct gh_backup_file *f = &r->b.files[i];
        GH_AUTO_FREE char *path = gh_house_config_path(&r->conf, f->path);
        struct gh_err why = {0};
        bool missing = path && is_missing(path);
        if (!path || (missing ? write_config : compare_config)(r, f, path, &why) == 0)
            continue;
        if (missing)
            problem(r, "%s is not written back: %s", path, why.msg);
        else
            problem(r, "%s: %s", path, why.msg);
        r->sum->problems++;
    }
}

/* -------------------------------------------------------------------------- what is in the way */

static bool is_empty(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    bool any = false;
    for (struct dirent *e; d && !any && (e = readdir(d));)
        any = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (d)
        closedir(d);
    return !any;
}

static int tree_fd(const struct gh_dirs *d, enum gh_tree tree)
{
    const int fds[GH_TREES] = {
        [GH_TREE_SPOOL] = d->spool,           [GH_TREE_ARCHIVE] = d->archive,
        [GH_TREE_QUARANTINE] = d->quarantine, [GH_TREE_STAGING] = d->staging,
        [GH_TREE_OUTBOX] = d->outbox,
    };
    return fds[tree];
}

static const char *const ledger_files[] = {LEDGER, LEDGER "-wal", LEDGER "-shm"};

/* The path of what is in the way; NULL: nothing is. */
static const char *in_the_way(const struct restoring *r)
{
    const char *where = NULL;
    for (size_t i = 0; i < GH_LEN(ledger_files); i++)
        if (faccessat(r->dirs.state, ledger_files[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return r->conf.state;
    if (r->opts->ledger)
        return NULL;
    if (gh_remains_any(&r->dirs, &r->conf, &where))
        return where;
    return is_empty(r->dirs.quarantine) ? NULL : r->conf.quarantine;
}

static int rename_ledger(struct restoring *r, const char *ending, struct gh_err *err)
{
    for (size_t i = 0; i < GH_LEN(ledger_files); i++) {
        GH_AUTO_FREE char *to =
            gh_asprintf(LEDGER "%s%s", ending, ledger_files[i] + strlen(LEDGER));
        if (renameat2(r->dirs.state, ledger_files[i], r->dirs.state, to, RENAME_NOREPLACE) < 0 &&
            errno != ENOENT)
            return gh_fail_errno(err, GH_SYSTEM, "cannot rename %s/%s", r->conf.state,
                                 ledger_files[i]);
    }
    return 0;
}

static int rename_trees(struct restoring *r, const char *ending, struct gh_str *renamed,
                        struct gh_err *err)
{
    for (unsigned t = 0; t < GH_TREES && !r->opts->ledger; t++) {
        const char *path = gh_tree_path(&r->conf, (enum gh_tree)t);
        if (is_empty(tree_fd(&r->dirs, (enum gh_tree)t)))
            continue;
        GH_AUTO_FREE char *to = gh_asprintf("%s%s", path, ending);
        if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) < 0)
            return gh_fail_errno(err, GH_SYSTEM,
                                 "cannot rename %s (a file system of its own? move what is in it "
                                 "elsewhere)",
                                 path);
        gh_str_printf(renamed, "%s%s", renamed->len ? ", " : "", path);
    }
    return 0;
}

/* The ledger last: while it is there, it is known what belongs in the trees. */
static int rename_all(struct restoring *r, struct gh_err *err)
{
    char *ending = r->sum->aside;
    struct tm tm;
    struct gh_err why = {0};
    GH_AUTO_STR renamed = {0};
    time_t now = gh_now_ms() / 1000;
    strftime(ending, sizeof(r->sum->aside), ".before-restore-%Y%m%dT%H%M%S",
             localtime_r(&now, &tm));
    int result = rename_trees(r, ending, &renamed, &why);
    if (result == 0)
        result = rename_ledger(r, ending, &why);
    if (result < 0)
        return gh_fail_code(err, why.cls, why.code,
                            "%s; renamed so far, to names that end with %s: %s", why.msg, ending,
                            renamed.len ? renamed.data : "nothing");
    return 0;
}

static bool is_half_way(const struct restoring *r)
{
    GH_AUTO_FREE char *text = NULL;
    size_t n = 0;
    return gh_read_file(r->dirs.state, HALF_WAY, GH_BACKUP_WHEN, &text, &n, NULL) == 0 &&
           !strcmp(text, r->b.when);
}

static int remove_mark(const struct restoring *r, struct gh_err *err)
{
    if (unlinkat(r->dirs.state, HALF_WAY, 0) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "cannot remove %s/" HALF_WAY, r->conf.state);
    return gh_sync(r->dirs.state, err);
}

static int make_way(struct restoring *r, struct gh_err *err)
{
    struct gh_err why = {0};
    int opened = gh_dirs_open_own(&r->conf, &r->dirs, &why);
    if (opened < 0 && why.code == EWOULDBLOCK)
        return gh_fail(err, GH_USAGE, "ghatd runs: stop it first (systemctl stop ghatd)");
    if (opened < 0)
        *err = why;
    TRY(opened);
    r->again = !r->opts->ledger && is_half_way(r) &&
               faccessat(r->dirs.state, LEDGER, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
    const char *where = r->again ? NULL : in_the_way(r);
    if (where && !r->opts->force)
        return gh_fail(err, GH_USAGE,
                       "%s is not empty: nothing was changed. With --force what would be replaced "
                       "is renamed, and stays",
                       where);
    if (where) {
        TRY(rename_all(r, err));
        gh_dirs_close(&r->dirs);
        TRY(gh_dirs_open_own(&r->conf, &r->dirs, err));
    }
    /* The ledger alone is written in one step: nothing is ever half way. */
    if (r->opts->ledger)
        return remove_mark(r, err);
    return gh_write_file(r->dirs.state, HALF_WAY, r->b.when, strlen(r->b.when), 0600, err);
}

/* ------------------------------------------------------------------------------------- the files
 */

static bool is_there(int dir, const char *path, const struct gh_backup_file *f)
{
    char hex[GH_SHA_HEX];
    GH_AUTO_FD fd = -1;
    return gh_open_beneath(dir, path, O_RDONLY, &fd, NULL) == 0 &&
           gh_hash_fd(fd, hex, NULL, NULL) == 0 && !strcmp(hex, f->sha256);
}

static bool link_again(struct restoring *r, const struct key *k, int dir, const char *path)
{
    const struct first *f = gh_map_get(&r->written, k, sizeof(*k));
    return f && linkat(f->dir, f->path, dir, path, 0) == 0;
}

static int copy_object(struct restoring *r, const struct gh_backup_file *f, int dir,
                       const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *folder = gh_strdup(path);
    GH_AUTO_FD to = -1, in = -1;
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    TRY(gh_open_beneath(dir, slash ? folder : ".", O_RDONLY | O_DIRECTORY, &in, err));
    TRY(fetch(r, f, in, &to, err));
    return gh_link_fd_replace(to, in, slash ? slash + 1 : path, err);
}

static int write_file(struct restoring *r, const struct gh_backup_file *f, struct gh_err *err)
{
    const char *rest = NULL;
    struct gh_err why = {0};
    enum gh_tree tree = gh_tree_of(f->path, &rest);
    if (tree == GH_TREES)
        return 0;
    int dir = tree_fd(&r->dirs, tree == GH_TREE_OUTBOX ? GH_TREE_QUARANTINE : tree);
    GH_AUTO_FREE char *path =
        tree == GH_TREE_OUTBOX ? gh_asprintf(ASIDE "/%s", rest) : gh_strdup(rest);
    char *slash = strrchr(path, '/');
    struct key k = {.ino = f->ino, .mtime_ns = f->mtime_ns};
    GH_COPY(k.sha256, f->sha256);
    if (slash) {
        *slash = '\0';
        TRY(gh_stage_dirs(dir, path, 0750, err));
        *slash = '/';
    }
    r->sum->files++;
    r->sum->bytes += f->size;
    if ((r->again && is_there(dir, path, f)) || link_again(r, &k, dir, path))
        return 0;
    int result = copy_object(r, f, dir, path, &why);
    if (result < 0 && why.cls != GH_LIMIT)
        return gh_fail(err, why.cls, "%s: %s", f->path, why.msg);
    if (result < 0) {
        problem(r, "%s is not written back: %s", f->path, why.msg);
        r->sum->problems++;
        r->sum->files--;
        return 0;
    }
    struct first *n = gh_alloc(sizeof(*n));
    *n = (struct first){.dir = dir, .path = gh_steal(&path)};
    struct first *old = gh_map_put(&r->written, &k, sizeof(k), n);
    if (old)
        free(old->path);
    free(old);
    return 0;
}

static int write_files(struct restoring *r, struct gh_err *err)
{
    for (size_t i = 0; i < r->b.n; i++) {
        double share = r->b.bytes ? (double)r->sum->bytes / (double)r->b.bytes : 0;
        r->watch->progress(share, i, r->b.n, r->watch->arg);
        TRY(write_file(r, &r->b.files[i], err));
    }
    for (unsigned t = 0; t < GH_TREES; t++)
        if (syncfs(tree_fd(&r->dirs, (enum gh_tree)t)) < 0)
            return gh_fail_errno(err, GH_OK, "%s", gh_tree_path(&r->conf, (enum gh_tree)t));
    return 0;
}

/* ------------------------------------------------------------------------------------ the owner */

/* Whose the installation is, when root writes it back: of its folders, else of the user ghat. */
static const struct passwd *find_owner(const struct restoring *r)
{
    const int fds[] = {r->dirs.state, r->dirs.spool, r->dirs.staging};
    struct stat st;
    if (geteuid() != 0)
        return NULL;
    for (size_t i = 0; i < GH_LEN(fds); i++)
        if (fstat(fds[i], &st) == 0 && st.st_uid != 0)
            return getpwuid(st.st_uid);
    return getpwnam(USER);
}

/* Groups that a folder handed down stay. */
static void give(int dir, const char *name, const struct stat *st, const struct passwd *to)
{
    if (st->st_uid == 0)
        (void)!fchownat(dir, name, to->pw_uid, st->st_gid ? (gid_t)-1 : to->pw_gid,
                        AT_SYMLINK_NOFOLLOW);
}

static void give_below(int dir, const char *name, const struct passwd *to)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    give(dir, name, &st, to);
    int fd = S_ISDIR(st.st_mode)
                 ? openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *e; d && (e = readdir(d));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            give_below(fd, e->d_name, to);
    if (d)
        closedir(d);
}

/* Before the ledger has its name: once it has, ghatd may start. */
static void give_all(int ledger, void *arg)
{
    struct restoring *r = arg;
    const struct passwd *to = find_owner(r);
    static const char *const own[] = {".", "lock"};
    struct stat st;
    for (unsigned t = 0; to && t < GH_TREES && !r->opts->ledger; t++)
        give_below(tree_fd(&r->dirs, (enum gh_tree)t), ".", to);
    if (to)
        (void)!fchown(ledger, to->pw_uid, to->pw_gid);
    for (size_t i = 0; to && i < GH_LEN(own); i++)
        if (fstatat(r->dirs.state, own[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            give(r->dirs.state, own[i], &st, to);
}

/* -------------------------------------------------------------------------------------- all of it
 */

static int write_ledger(struct restoring *r, struct gh_err *err)
{
    GH_AUTO_FREE char *from = ledger_copy(r), *to = gh_asprintf("%s/" LEDGER, r->conf.state);
    const struct gh_restored restored = {.phase = GH_RESTORED_NEW,
                                         .made_ms = r->b.made_ms,
                                         .at_ms = gh_now_ms(),
                                         .whole = !r->opts->ledger};
    TRY(gh_ledger_restore(from, to, &restored, give_all, r, err));
    return remove_mark(r, err);
}

int gh_backup_restore(const struct gh_restore_opts *opts, const struct gh_backup_watch *watch,
                      struct gh_restore_sum *ret, struct gh_err *err)
{
    *ret = (struct gh_restore_sum){0};
    GH_AUTO(end_restoring)
    struct restoring r = {
        .opts = opts, .watch = watch, .o = GH_OBJECTS_CLOSED, .dirs = GH_DIRS_CLOSED, .sum = ret};
    TRY(look_at_backup(&r, err));
    if (!opts->ledger)
        TRY(write_conf(&r, err));
    TRY(gh_conf_load(opts->conf, &r.conf, NULL, err));
    TRY(make_way(&r, err));
    if (!opts->ledger) {
        write_configs(&r);
        TRY(write_files(&r, err));
    }
    return write_ledger(&r, err);
}
