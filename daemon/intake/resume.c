/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * On start, after ghatd was killed between the ledger's commit and the move to .taken/: files that
 * have a row, but may still lie in the drop folder. The same file is moved now. One that is gone
 * was moved already, or removed by its owner, and is only marked. Another file under its name is a
 * new drop and left to the scan, and so is one whose quiet time may not be over. What cannot be
 * moved is logged and tried at the next start.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/site/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* A file that may not have been moved. */
struct pending {
    char *folder; /* the department's; owned */
    char slug[GH_DEPARTMENT_SLUG];
    bool photo; /* loose, by its name a photo */
    char sha256[GH_SHA_HEX];
    struct gh_copy_file copy;
};

struct pending_list {
    const struct gh_intake_parts *p;
    struct pending *list;
    size_t n;
};

/* Departments without a card are known by the first scan only: add those that have a slug in the
 * ledger, because their files are moved before. */
static void add_departments(const struct gh_intake_parts *p)
{
    int fd = openat(p->dirs->drop, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char *slug = NULL;
        if (e->d_name[0] == '.' || gh_departments_find_folder(&p->settings->departments, e->d_name))
            continue;
        GH_AUTO_FREE char *key = gh_dept_slug_key(e->d_name);
        if (gh_ledger_setting(p->ledger, key, &slug, NULL) >= 0 && slug)
            (void)gh_departments_add_folder(&p->settings->departments, &p->settings->conf,
                                            e->d_name, slug);
        free(slug);
    }
    if (dir)
        closedir(dir);
}

static bool on_present(const struct gh_submission *sub, const struct gh_file *file, void *arg)
{
    struct pending_list *l = arg;
    const struct gh_department *card =
        gh_departments_find(&l->p->settings->departments, sub->department);
    if (!card)
        return true; /* the department is offline: tried at the next start */
    l->list = gh_realloc(l->list, (l->n + 1) * sizeof(*l->list));
    l->list[l->n++] = (struct pending){
        .folder = gh_strdup(card->folder),
        .photo = sub->kind == GH_KIND_FILE && file->role == GH_FILE_MEDIA &&
                 gh_name_guess(file->name) == GH_PHOTO,
        .copy =
            {
                .path = sub->kind == GH_KIND_FOLDER ? gh_asprintf("%s/%s", sub->name, file->name)
                                                    : gh_strdup(file->name),
                .print = {.kind = GH_SEEN_FILE,
                          .dev = file->dev,
                          .ino = file->ino,
                          .size = file->size,
                          .mtime_ns = file->mtime_ms * 1000000},
                .submission = sub->id,
                .file = file->id,
            },
    };
    GH_COPY(l->list[l->n - 1].slug, card->slug);
    GH_COPY(l->list[l->n - 1].sha256, file->sha256);
    return true;
}

/* Find its name in .taken/, when it was moved, but not marked. *ret is not touched else. */
static void find_taken(int taken, const struct pending *pending, char *ret, size_t size)
{
    char prefix[48];
    snprintf(prefix, sizeof(prefix), "%" PRId64 "-%" PRId64 "-", pending->copy.submission,
             pending->copy.file);
    int fd = openat(taken, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (gh_starts(e->d_name, prefix))
            gh_copy(ret, size, e->d_name);
    if (dir)
        closedir(dir);
}

/* Is it the same file, although its disk, or the file, has another number? That may happen when the
 * machine was started anew; then the bytes are compared. */
static bool same_renumbered(int dirfd, const struct pending *pending, const struct gh_print *now)
{
    const struct gh_print *then = &pending->copy.print;
    GH_AUTO_FD fd = -1;
    char hex[GH_SHA_HEX];
    return now->kind == then->kind && now->size == then->size && now->mtime_ns == then->mtime_ns &&
           gh_open_beneath(dirfd, pending->copy.path, O_RDONLY, &fd, NULL) == 0 &&
           gh_hash_fd(fd, hex, NULL, NULL) == 0 && gh_streq(hex, pending->sha256);
}

/*
 * May it be a photo that was taken in at once, and its quiet time not be over? The scan finds it,
 * waits as for any other, and knows its row. Only for a single file: a text would count twice.
 */
static bool is_for_the_scan(const struct gh_intake_parts *p, const struct pending *pending,
                            const struct stat *st)
{
    int64_t age = gh_now_ms() - gh_timespec_ns(st->st_ctim) / 1000000;
    return pending->photo && gh_quiet_at_once(p->quiet, pending->slug) && S_ISREG(st->st_mode) &&
           age < gh_quiet_ms(p->quiet, pending->slug);
}

static int finish_move(const struct gh_intake_parts *p, struct pending *pending, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    if (gh_folder_open(p->ledger, p->dirs->drop, pending->folder, &fd, err) < 0)
        return 0; /* offline: tried at the next start */
    struct gh_copy_job job = {.drop = fd,
                              .spool = p->dirs->spool,
                              .taken = p->dirs->taken,
                              .files = &pending->copy,
                              .n = 1};
    struct stat st;
    gh_taken_unhide(&job, &pending->copy);
    /* The ledger keeps milliseconds; gh_taken_move compares nanoseconds. */
    if (fstatat(fd, pending->copy.path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (is_for_the_scan(p, pending, &st))
            return 0;
        struct gh_print now = gh_print_of(&st), *then = &pending->copy.print;
        if (now.mtime_ns / 1000000 == then->mtime_ns / 1000000)
            then->mtime_ns = now.mtime_ns;
        if (!gh_print_same_bytes(&now, then) && same_renumbered(fd, pending, &now))
            *then = now;
    }
    gh_taken_move(&job);
    if (pending->copy.how == GH_COPY_FAILED)
        return gh_fail(err, job.err.cls, "%s", job.err.msg);
    /* It was moved, and not marked; something new may have its name. */
    if (pending->copy.how == GH_COPY_GONE || pending->copy.how == GH_COPY_CHANGED)
        find_taken(p->dirs->taken, pending, pending->copy.taken, sizeof(pending->copy.taken));
    return gh_ledger_source_taken(p->ledger, NULL, pending->copy.file, pending->copy.taken, err);
}

int gh_intake_resume(const struct gh_intake_parts *p, struct gh_err *err)
{
    struct pending_list l = {.p = p};
    add_departments(p);
    int r = gh_ledger_each_present(p->ledger, on_present, &l, err);
    for (size_t i = 0; i < l.n; i++) {
        struct gh_err why = {0};
        if (r >= 0 && finish_move(p, &l.list[i], &why) < 0)
            gh_log_err(GH_LOG_WARNING, "cannot-resume", &why, "file=%" PRId64, l.list[i].copy.file);
        free(l.list[i].folder);
        free(l.list[i].copy.path);
    }
    if (l.n && r >= 0)
        gh_log(GH_LOG_NOTICE, "resumed-intake", "files=%zu", l.n);
    free(l.list);
    return r;
}
