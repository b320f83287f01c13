/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups are looked for and checked. Each object is read once, however many backups name it. */
#include "daemon/backup/backup.h"

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/ledger/ledger.h"

#include <fcntl.h>
#include <string.h>

#define LEDGER "ledger.db"

int gh_backup_find(const struct gh_objects *o, const char *when, struct gh_backup *ret,
                   struct gh_err *err)
{
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    TRY(gh_backup_names(o, true, &names, err));
    if (!names.n)
        return gh_fail(err, GH_USAGE, "there is no backup in %s", o->path);
    for (size_t i = names.n; i-- > 0;)
        if (!when || !strcmp(names.list[i], when))
            return gh_backup_read(o, names.list[i], ret, err);
    for (size_t i = names.n; i-- > 0;)
        if (gh_starts(names.list[i], when))
            return gh_backup_read(o, names.list[i], ret, err);
    return gh_fail(err, GH_USAGE, "there is no backup of %s in %s, which has %zu, from %s to %s",
                   when, o->path, names.n, names.list[0], names.list[names.n - 1]);
}

struct checking {
    struct gh_objects o;
    const struct gh_backup_watch *watch;
    struct gh_backup_sum *sum;
    struct gh_map seen; /* hash → "" where it is good, else why not; owned */
    uint64_t of;        /* how many backups there are */
};

static void end_checking(struct checking *c)
{
    size_t at = 0;
    for (void *why; (why = gh_map_next(&c->seen, &at));)
        free(why);
    gh_map_free(&c->seen);
    gh_objects_close(&c->o);
}

static void problem(struct checking *c, const char *line)
{
    c->sum->problems++;
    c->watch->problem(line, c->watch->arg);
}

static void check_ledger(struct checking *c, const struct gh_backup *b)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/backups/%s/" LEDGER, c->o.path, b->when);
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char hex[GH_SHA_HEX];
    uint64_t bytes = 0;
    struct gh_err why = {0};
    int r = fd < 0 ? gh_fail_errno(&why, GH_LIMIT, "%s", path) : gh_hash_fd(fd, hex, &bytes, &why);
    if (r == 0 && strcmp(hex, b->ledger) != 0)
        r = gh_fail(&why, GH_LIMIT, "%s is damaged: it has another hash", path);
    if (r == 0)
        r = gh_ledger_check_file(path, &why);
    c->sum->ledger_bytes += bytes;
    if (r < 0)
        problem(c, why.msg);
}

/* The next backup finds it gone, and copies it again from where it is still whole. */
static void put_aside(struct checking *c, const struct gh_backup_file *f)
{
    struct gh_err why = {0};
    int r = gh_objects_put_aside(&c->o, f->sha256, f->size, &why);
    if (r == 0)
        return;
    GH_AUTO_FREE char *line =
        r > 0 ? gh_asprintf("objects/%.2s/%s is %.2s/%s.damaged now: the next backup copies that "
                            "file again, where it is still there",
                            f->sha256, f->sha256, f->sha256, f->sha256)
              : gh_asprintf("objects/%.2s/%s cannot be put aside: %s; no backup copies that file "
                            "again",
                            f->sha256, f->sha256, why.msg);
    c->watch->problem(line, c->watch->arg);
}

static void check_object(struct checking *c, const struct gh_backup *b,
                         const struct gh_backup_file *f)
{
    struct gh_err why = {0};
    const char *known = gh_map_get(&c->seen, f->sha256, GH_SHA_HEX);
    if (!known) {
        if (gh_objects_check(&c->o, f->sha256, f->size, &why) < 0)
            put_aside(c, f);
        char *said = gh_strdup(why.msg);
        free(gh_map_put(&c->seen, f->sha256, GH_SHA_HEX, said));
        known = said;
        c->sum->bytes += f->size;
        c->sum->files++;
    }
    if (!*known)
        return;
    GH_AUTO_FREE char *line = gh_asprintf("%s: it is %s of backup %s", known, f->path, b->when);
    problem(c, line);
}

static void check_one(struct checking *c, const char *when)
{
    GH_AUTO(gh_backup_free) struct gh_backup b = {0};
    struct gh_err why = {0};
    if (gh_backup_read(&c->o, when, &b, &why) < 0) {
        problem(c, why.msg);
        return;
    }
    check_ledger(c, &b);
    for (size_t i = 0; i < b.n; i++) {
        double share = ((double)c->sum->backups + (double)i / (double)b.n) / (double)c->of;
        c->watch->progress(share, i, b.n, c->watch->arg);
        check_object(c, &b, &b.files[i]);
    }
}

int gh_backup_check(const char *folder, const struct gh_backup_watch *watch,
                    struct gh_backup_sum *ret, struct gh_err *err)
{
    *ret = (struct gh_backup_sum){0};
    GH_AUTO(end_checking)
    struct checking c = {.o = GH_OBJECTS_CLOSED, .watch = watch, .sum = ret};
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    TRY(gh_objects_open_ro(folder, &c.o, err));
    TRY(gh_objects_hold(&c.o, err));
    TRY(gh_backup_names(&c.o, true, &names, err));
    if (!names.n)
        return gh_fail(err, GH_USAGE, "there is no backup in %s", folder);
    c.of = names.n;
    for (size_t i = 0; i < names.n; i++) {
        check_one(&c, names.list[i]);
        ret->backups++;
    }
    GH_COPY(ret->when, names.list[names.n - 1]);
    return 0;
}
