/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * On start: files the ledger has accepted whose dropped originals may still lie in the drop folder (killed between I4
 * and I5). Same file: the move is done now. Gone: moved already, or removed by its owner; marked. Another file under
 * its name: a new drop.
 */
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/intake.h"
#include "daemon/take.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

struct left {
    int64_t submission, file;
    char *folder; /* the department's */
    char sha256[GH_SHA_HEX];
    struct gh_take_file take;
};

struct lefts {
    struct gh_daemon *d;
    struct left *list;
    size_t n;
};

/* Departments without a .conf, by the slugs they were given: before the first scan, so that what is finished now knows
 * them. */
static void know_departments(struct gh_daemon *d)
{
    int fd = openat(d->dirs.drop, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char hex[GH_SHA_HEX];
        char *slug = NULL;
        if (e->d_name[0] == '.' || gh_departments_find_folder(&d->departments, e->d_name))
            continue;
        gh_hash_mem(e->d_name, strlen(e->d_name), hex);
        hex[16] = 0;
        GH_AUTO_FREE char *key = gh_asprintf("slug:%s", hex);
        if (gh_ledger_setting(d->ledger, key, &slug, NULL) >= 0 && slug)
            (void)gh_departments_add_folder(&d->departments, &d->conf, e->d_name, slug);
        free(slug);
    }
    if (dir)
        closedir(dir);
}

static bool on_present(const struct gh_submission *sub, const struct gh_file *file, void *arg)
{
    struct lefts *l = arg;
    const struct gh_department *card = gh_departments_find(&l->d->departments, sub->department);
    if (!card)
        return true; /* the department is offline: asked again at the next start */
    l->list = gh_realloc(l->list, (l->n + 1) * sizeof(*l->list));
    l->list[l->n++] = (struct left){
        .submission = sub->id,
        .file = file->id,
        .folder = gh_strdup(card->folder),
        .take =
            {
                .path =
                    sub->kind == GH_KIND_FOLDER ? gh_asprintf("%s/%s", sub->name, file->name) : gh_strdup(file->name),
                .print = {.kind = GH_SEEN_FILE,
                          .dev = file->dev,
                          .ino = file->ino,
                          .size = file->size,
                          .mtime_ns = file->mtime_ms * 1000000},
                .submission = sub->id,
                .file = file->id,
            },
    };
    GH_COPY(l->list[l->n - 1].sha256, file->sha256);
    return true;
}

/* Its name in .taken/, when the move was done and only not told. */
static void find_taken(int taken, const struct left *left, char *ret, size_t size)
{
    char prefix[48];
    snprintf(prefix, sizeof(prefix), "%" PRId64 "-%" PRId64 "-", left->submission, left->file);
    int fd = openat(taken, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (gh_starts(e->d_name, prefix))
            gh_copy(ret, size, e->d_name);
    if (dir)
        closedir(dir);
}

/* Another start of the machine may number disks anew, and a file system its files: then the bytes tell. */
static bool same_renumbered(int dirfd, const struct left *left, const struct gh_print *now)
{
    const struct gh_print *then = &left->take.print;
    GH_AUTO_FD fd = -1;
    char hex[GH_SHA_HEX];
    return now->kind == then->kind && now->size == then->size && now->mtime_ns == then->mtime_ns &&
           gh_open_beneath(dirfd, left->take.path, O_RDONLY, &fd, NULL) == 0 && gh_hash_fd(fd, hex, NULL, NULL) == 0 &&
           gh_streq(hex, left->sha256);
}

static int finish(struct gh_daemon *d, struct left *left, struct gh_err *err)
{
    GH_AUTO_FD fd = openat(d->dirs.drop, left->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct gh_take take = {.drop = fd, .spool = d->dirs.spool, .taken = d->dirs.taken, .files = &left->take, .n = 1};
    struct stat st;
    if (fd < 0)
        return 0;
    /* the ledger keeps milliseconds; the full time stamp is the file's own, if it is the same file */
    if (fstatat(fd, left->take.path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        struct gh_print now = gh_print_of(&st), *then = &left->take.print;
        if (now.mtime_ns / 1000000 == then->mtime_ns / 1000000)
            then->mtime_ns = now.mtime_ns;
        if (!gh_print_same_bytes(&now, then) && same_renumbered(fd, left, &now))
            *then = now;
    }
    gh_take_away(&take);
    if (left->take.how == GH_TAKE_FAILED)
        return gh_fail(err, take.err.cls, "%s", take.err.msg);
    if (left->take.how == GH_TAKE_GONE)
        find_taken(d->dirs.taken, left, left->take.taken, sizeof(left->take.taken));
    return gh_ledger_source_taken(d->ledger, NULL, left->file, left->take.taken, err);
}

int gh_intake_resume(struct gh_daemon *d, struct gh_err *err)
{
    struct lefts l = {.d = d};
    know_departments(d);
    int r = gh_ledger_each_present(d->ledger, on_present, &l, err);
    for (size_t i = 0; i < l.n; i++) {
        struct gh_err why = {0};
        if (r >= 0 && finish(d, &l.list[i], &why) < 0)
            gh_log_err(GH_LOG_WARNING, "cannot-resume", &why, "file=%" PRId64, l.list[i].file);
        free(l.list[i].folder);
        free(l.list[i].take.path);
    }
    if (l.n && r >= 0)
        gh_log(GH_LOG_NOTICE, "resumed-intake", "files=%zu", l.n);
    free(l.list);
    return r;
}
