/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One backup. A file that has the inode, size and time that an earlier backup saw is not read
 * again: nothing in these trees is ever changed in place. Everything else is read once, and is
 * durable in the folder before the manifest names it.
 */
#include "daemon/backup/backup.h"
#include "daemon/backup/house.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES 3    /* a ledger that changed so much that files of it are gone is copied again */
#define SECOND 100 /* backups of one second */
#define LEDGER "ledger.db"

/* What a file is known by. */
struct key {
    uint64_t ino, size;
    int64_t mtime_ns;
};

struct making {
    const struct gh_conf *conf;
    const struct gh_backup_watch *watch;
    struct gh_objects o;
    struct gh_ledger *ledger;
    struct gh_backup now;
    struct gh_backup last;   /* the newest that is there, in order of paths */
    struct gh_backup before; /* what an earlier try took in */
    struct gh_map known;     /* struct key → its hash, which belongs to one of these three */
    const char **named;      /* the n_named hashes of now, in order */
    size_t n_named;
    struct gh_backup fresh; /* objects that are new, for reading them back */
    struct gh_map told;     /* lines: a second try tells nothing twice */
    bool unread;            /* a file that is there could not be copied */
    uint64_t done;          /* bytes */
    struct gh_backup_sum *sum;
};

/* What no more is needed when all is taken in: with very many files it is large. */
static void forget(struct making *m)
{
    gh_map_free(&m->known);
    gh_backup_free(&m->last);
    gh_backup_free(&m->before);
    gh_free_ptr(&m->named);
}

static void end_making(struct making *m)
{
    forget(m);
    gh_map_free(&m->told);
    gh_backup_free(&m->now);
    gh_backup_free(&m->fresh);
    gh_ledger_close(&m->ledger);
    gh_objects_close(&m->o);
}

static void problem(struct making *m, const char *fmt, ...) GH_PRINTF(2, 3);
static void problem(struct making *m, const char *fmt, ...)
{
    static char once;
    char line[800];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (gh_map_put(&m->told, line, strlen(line), &once))
        return;
    m->sum->problems++;
    m->watch->problem(line, m->watch->arg);
}

static void on_unread(const char *line, void *arg)
{
    struct making *m = arg;
    m->unread = true;
    problem(m, "%s", line);
}

/* Nobody goes without a backup of all else. */
static int leave_out(struct making *m, const char *path, const char *why)
{
    m->unread = true;
    problem(m, "%s is not in this backup: %s", path, why);
    return 0;
}

/* ------------------------------------------------------------------------------- what is known */

static struct key key_of(const struct gh_backup_file *f)
{
    return (struct key){.ino = f->ino, .size = f->size, .mtime_ns = f->mtime_ns};
}

static void know(struct making *m, struct gh_backup_file *f)
{
    struct key k = key_of(f);
    (void)gh_map_put(&m->known, &k, sizeof(k), f->sha256);
}

/* From the last backup, then from the try before this one. */
static void know_all(struct making *m)
{
    const char *rest;
    struct gh_backup *all[] = {&m->last, &m->before};
    gh_map_free(&m->known);
    for (size_t i = 0; i < GH_LEN(all); i++)
        for (size_t k = 0; k < all[i]->n; k++)
            if (gh_tree_of(all[i]->files[k].path, &rest) < GH_TREES)
                know(m, &all[i]->files[k]);
}

static int by_path(const void *a, const void *b)
{
    const struct gh_backup_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* From the newest backup. Without one, or with a damaged one, all is read. */
static int know_newest(struct making *m, struct gh_err *err)
{
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    struct gh_err why = {0};
    TRY(gh_backup_names(&m->o, true, &names, err));
    if (!names.n)
        return 0;
    if (gh_backup_read(&m->o, names.list[names.n - 1], &m->last, &why) < 0)
        problem(m, "%s; everything is read anew", why.msg);
    if (m->last.n)
        qsort(m->last.files, m->last.n, sizeof(*m->last.files), by_path);
    return 0;
}

/* What a file that must be read probably holds: what was there last time, after a restore, say;
 * else its name, which is its hash in the spool and the archive. */
static const char *likely(const struct making *m, const struct gh_backup_file *f)
{
    const struct gh_backup_file *was =
        m->last.n ? bsearch(f, m->last.files, m->last.n, sizeof(*f), by_path) : NULL;
    const char *slash = strrchr(f->path, '/');
    return was ? was->sha256 : slash ? slash + 1 : f->path;
}

/* ------------------------------------------------------------------------------------- the files
 */

static void show(struct making *m, size_t ended, size_t n, uint64_t bytes)
{
    double share = bytes ? (double)m->done / (double)bytes : 1;
    m->watch->progress(share, ended, n, m->watch->arg);
}

/* Returns 1; 0: it has moved on, or cannot be read. root -1: path stands for itself. */
static int read_file(struct making *m, int root, const char *path, struct gh_backup_file *f,
                     struct gh_err *err)
{
    struct gh_err why = {0};
    GH_AUTO_FD fd = -1;
    bool fresh = false;
    int r = root >= 0 ? gh_open_beneath(root, path, O_RDONLY, &fd, &why) : 0;
    if (root < 0 && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        r = gh_fail_errno(&why, GH_SYSTEM, "cannot open");
    if (r < 0 && why.code == ENOENT)
        return 0;
    if (r == 0)
        r = gh_objects_put(&m->o, fd, likely(m, f), f->sha256, &f->size, &fresh, &why);
    else
        why.cls = GH_INPUT;
    if (r < 0 && why.cls == GH_INPUT)
        return leave_out(m, root < 0 ? path : f->path, why.msg);
    if (r < 0)
        return gh_fail_code(err, why.cls, why.code, "%s: %s", f->path, why.msg);
    if (fresh) {
        struct gh_backup_file *n = gh_backup_add(&m->fresh);
        *n = *f;
        n->path = NULL;
        m->sum->fresh++;
        m->sum->fresh_bytes += f->size;
    }
    return 1;
}

/* The same: known from before, and still there? */
static bool is_known(struct making *m, struct gh_backup_file *f)
{
    struct key k = key_of(f);
    const char *hash = gh_map_get(&m->known, &k, sizeof(k));
    if (!hash || !gh_objects_has(&m->o, hash, f->size))
        return false;
    GH_COPY(f->sha256, hash);
    return true;
}

static int take_file(struct making *m, const int roots[GH_TREES], struct gh_backup_file *f,
                     struct gh_err *err)
{
    const char *rest = NULL;
    enum gh_tree tree = gh_tree_of(f->path, &rest);
    if (tree < GH_TREES && is_known(m, f))
        return 1;
    if (tree < GH_TREES && roots[tree] < 0)
        return leave_out(m, f->path, "its folder cannot be opened");
    struct gh_backup_file was = *f;
    GH_AUTO_FREE char *path = tree < GH_TREES ? NULL : gh_house_config_path(m->conf, f->path);
    int r = read_file(m, tree < GH_TREES ? roots[tree] : -1, path ? path : rest, f, err);
    if (r > 0 && tree < GH_TREES && f->size == was.size)
        know(m, f);
    return r;
}

/* Of what was listed now has what was taken in: the rest has lost its path. */
static void close_gaps(struct making *m)
{
    size_t n = 0;
    m->now.bytes = 0;
    for (size_t i = 0; i < m->now.n; i++) {
        if (!m->now.files[i].path)
            continue;
        m->now.bytes += m->now.files[i].size;
        m->now.files[n++] = m->now.files[i];
    }
    m->now.n = n;
}

static int by_hash(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static void name_all(struct making *m)
{
    m->named = gh_realloc(m->named, GH_MAX(m->now.n, (size_t)1) * sizeof(*m->named));
    m->n_named = m->now.n;
    for (size_t i = 0; i < m->now.n; i++)
        m->named[i] = m->now.files[i].sha256;
    qsort(m->named, m->n_named, sizeof(*m->named), by_hash);
}

/* List all, take all in: with very many files the list is large, so it becomes now itself. */
static int take_files(struct making *m, struct gh_err *err)
{
    int roots[GH_TREES], r = 0;
    const struct gh_house_teller to = {on_unread, m};
    gh_backup_free(&m->before);
    m->before = m->now;
    m->now = (struct gh_backup){0};
    know_all(m);
    for (unsigned t = 0; t < GH_TREES; t++)
        gh_house_tree(m->conf, (enum gh_tree)t, &m->now, &to);
    gh_house_config(m->conf, &m->now, &to);
    for (unsigned t = 0; t < GH_TREES; t++)
        roots[t] = open(gh_tree_path(m->conf, (enum gh_tree)t), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    m->done = 0;
    for (size_t i = 0; r >= 0 && i < m->now.n; i++) {
        struct gh_backup_file *f = &m->now.files[i];
        show(m, i, m->now.n, m->now.bytes);
        m->done += f->size;
        r = take_file(m, roots, f, err);
        if (r == 0)
            gh_free_ptr(&f->path);
    }
    for (unsigned t = 0; t < GH_TREES; t++)
        gh_close_fd(&roots[t]);
    TRY(r);
    close_gaps(m);
    name_all(m);
    return 0;
}

/* ------------------------------------------------------------------------------------ the ledger
 */

static int copy_ledger(struct making *m, const char *when, struct gh_err *err)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/backups/%s/" LEDGER, m->o.path, when);
    GH_AUTO_FD fd = -1;
    unlink(path);
    TRY(gh_ledger_backup(m->ledger, path, &m->sum->audit_rows, err));
    gh_objects_give(&m->o, AT_FDCWD, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", path);
    return gh_hash_fd(fd, m->now.ledger, &m->now.ledger_bytes, err);
}

struct missing {
    struct making *m;
    bool tell;
    uint64_t n;
};

static bool look_for(const char *sha256, int64_t submission, const char *what, void *arg)
{
    struct missing *x = arg;
    if (bsearch(&sha256, x->m->named, x->m->n_named, sizeof(sha256), by_hash))
        return true;
    x->n++;
    if (x->tell)
        problem(x->m, "submission %" PRId64 ": the %s %.16s… is nowhere, and not in this backup",
                submission, what, sha256);
    return true;
}

/* How many files the copied ledger names that were not found. */
static int count_missing(struct making *m, const char *when, bool tell, uint64_t *ret,
                         struct gh_err *err)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/backups/%s/" LEDGER, m->o.path, when);
    GH_AUTO(gh_ledger_close) struct gh_ledger *copy = NULL;
    struct missing x = {.m = m, .tell = tell};
    TRY(gh_ledger_open_ro(path, &copy, err));
    TRY(gh_ledger_named(copy, look_for, &x, err));
    *ret = x.n;
    return 0;
}

/* -------------------------------------------------------------------------------------- all of it
 */

/* The real path of a folder, or, where it is still to be made, of the one that it will be in. */
static char *real_path(const char *folder)
{
    GH_AUTO_FREE char *at = gh_strdup(folder);
    for (char *real, *slash;; *slash = '\0') {
        if ((real = realpath(at, NULL)))
            return real;
        if (!(slash = strrchr(at, '/')))
            return realpath(".", NULL);
        if (slash == at)
            return gh_strdup("/");
    }
}

static bool is_within(const char *real, const char *folder)
{
    GH_AUTO_FREE char *tree = realpath(folder, NULL);
    size_t n = tree ? strlen(tree) : 0;
    return n && !strncmp(real, tree, n) && (!real[n] || real[n] == '/');
}

/* A folder in the house would be copied into itself; in the drop folder it would be taken in. */
static int check_outside(const struct gh_conf *conf, const char *folder, struct gh_err *err)
{
    GH_AUTO_FREE char *real = real_path(folder);
    for (unsigned t = 0; real && t < GH_TREES; t++)
        if (is_within(real, gh_tree_path(conf, (enum gh_tree)t)))
            return gh_fail(err, GH_USAGE, "%s lies in what is backed up: name a folder elsewhere",
                           folder);
    if (real && (is_within(real, conf->drop) || is_within(real, conf->receipts)))
        return gh_fail(err, GH_USAGE,
                       "%s lies in a folder of departments or of the agency: name a "
                       "folder elsewhere",
                       folder);
    return 0;
}

static int name_backup(struct making *m, char ret[GH_BACKUP_WHEN], struct gh_err *err)
{
    struct tm tm;
    time_t now = m->now.made_ms / 1000;
    char second[sizeof("2026-11-29T20.50.13")];
    strftime(second, sizeof(second), "%Y-%m-%dT%H.%M.%S", gmtime_r(&now, &tm));
    for (unsigned n = 1; n < SECOND; n++) {
        gh_format(ret, GH_BACKUP_WHEN, n == 1 ? "%s" : "%s-%02u", second, n);
        if (mkdirat(m->o.backups, ret, 0700) == 0)
            return 0;
        if (errno != EEXIST)
            return gh_fail_errno(err, GH_OK, "%s/backups/%s", m->o.path, ret);
    }
    return gh_fail(err, GH_AGAIN, "too many backups in one second");
}

/* Of runs that were killed. */
static int remove_incomplete(struct making *m, struct gh_err *err)
{
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    TRY(gh_backup_names(&m->o, false, &names, err));
    for (size_t i = 0; i < names.n; i++)
        TRY(gh_backup_remove(&m->o, names.list[i], err));
    return 0;
}

static int read_back(struct making *m, struct gh_err *err)
{
    TRY(gh_objects_sync(&m->o, err));
    for (size_t i = 0; i < m->fresh.n; i++) {
        struct gh_err why = {0};
        const struct gh_backup_file *f = &m->fresh.files[i];
        m->watch->progress((double)i / (double)m->fresh.n, i, m->fresh.n, m->watch->arg);
        if (gh_objects_check(&m->o, f->sha256, f->size, &why) < 0)
            return gh_fail(err, GH_SYSTEM, "%s: the disk does not keep what is written to it",
                           why.msg);
    }
    return 0;
}

static int make_one(struct making *m, const char *when, struct gh_err *err)
{
    uint64_t missing = 1;
    struct gh_backup_file ledger = {0};
    char hex[GH_SHA_HEX];
    gh_objects_give(&m->o, m->o.backups, when);
    for (unsigned i = 0; missing && i < TRIES; i++) {
        int64_t made_ms = gh_now_ms();
        TRY(copy_ledger(m, when, err));
        GH_COPY(hex, m->now.ledger);
        ledger.size = m->now.ledger_bytes;
        TRY(take_files(m, err));
        m->now.made_ms = made_ms;
        m->now.ledger_bytes = ledger.size;
        GH_COPY(m->now.ledger, hex);
        TRY(count_missing(m, when, i + 1 == TRIES, &missing, err));
    }
    forget(m);
    TRY(read_back(m, err));
    gh_backup_free(&m->fresh);
    GH_COPY(m->now.when, when);
    return gh_backup_write(&m->o, &m->now, err);
}

/* ---------------------------------------------------------------------------------- the old ones
 */

static bool is_unreferenced(const char *sha256, void *arg)
{
    return !gh_map_get(arg, sha256, GH_SHA_HEX);
}

/* What a manifest that cannot be read names is not known: then nothing is removed. */
static int remove_objects(struct making *m, const struct gh_backup_names *names, size_t from,
                          struct gh_err *err)
{
    static char is_there;
    GH_AUTO(gh_map_free) struct gh_map kept = {0};
    for (size_t i = from; i < names->n; i++) {
        GH_AUTO(gh_backup_free) struct gh_backup b = {0};
        struct gh_err why = {0};
        if (gh_backup_read(&m->o, names->list[i], &b, &why) < 0) {
            problem(m, "%s; no object is removed", why.msg);
            return 0;
        }
        for (size_t k = 0; k < b.n; k++)
            (void)gh_map_put(&kept, b.files[k].sha256, GH_SHA_HEX, &is_there);
    }
    return gh_objects_remove(&m->o, is_unreferenced, &kept, &m->sum->removed_objects,
                             &m->sum->removed_bytes, err);
}

/* Is it known which ones are the oldest, and is what they have in this one as well? */
static bool may_remove(struct making *m, const struct gh_backup_names *names)
{
    const char *last = names->list[names->n - 1];
    if (strcmp(last, m->now.when) != 0)
        problem(m,
                "the backup %s is of a later time than this one, %s: is the clock right? No "
                "backup is removed",
                last, m->now.when);
    return !m->unread && !strcmp(last, m->now.when);
}

static int keep_newest(struct making *m, unsigned keep, struct gh_err *err)
{
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    TRY(gh_backup_names(&m->o, true, &names, err));
    m->sum->backups = names.n;
    if (!names.n || !may_remove(m, &names))
        return 0;
    size_t old = keep && names.n > keep ? names.n - keep : 0;
    m->sum->backups = names.n - old;
    for (size_t i = 0; i < old; i++) {
        TRY(gh_backup_remove(&m->o, names.list[i], err));
        m->sum->removed++;
    }
    return keep ? remove_objects(m, &names, old, err) : 0;
}

int gh_backup_make(const struct gh_conf *conf, const char *folder, unsigned keep,
                   const struct gh_backup_watch *watch, struct gh_backup_sum *ret,
                   struct gh_err *err)
{
    *ret = (struct gh_backup_sum){0};
    GH_AUTO(end_making)
    struct making m = {.conf = conf, .watch = watch, .o = GH_OBJECTS_CLOSED, .sum = ret};
    GH_AUTO_FREE char *ledger = gh_asprintf("%s/" LEDGER, conf->state);
    TRY(gh_ledger_open_ro(ledger, &m.ledger, err));
    TRY(check_outside(conf, folder, err));
    TRY(gh_objects_open(folder, &m.o, err));
    TRY(remove_incomplete(&m, err));
    TRY(know_newest(&m, err));
    m.now.made_ms = gh_now_ms();
    TRY(name_backup(&m, ret->when, err));
    int r = make_one(&m, ret->when, err);
    if (r < 0) {
        (void)!gh_backup_remove(&m.o, ret->when, NULL);
        return r;
    }
    ret->files = m.now.n;
    ret->bytes = m.now.bytes;
    ret->ledger_bytes = m.now.ledger_bytes;
    return keep_newest(&m, keep, err);
}
