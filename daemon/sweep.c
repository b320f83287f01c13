/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sweep, an hour apart. Age is judged by ctime: when the file was moved or linked here, whatever its owner set as
 * mtime. */
#include "daemon/sweep.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/engine.h"
#include "daemon/intake.h"
#include "daemon/notes.h"
#include "daemon/retention.h"
#include "daemon/take.h"
#include "daemon/trust.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_MS (60 * 1000)
#define EVERY_MS (3600 * 1000)
#define SLICE 64
#define ORPHAN_MS (48ll * 3600 * 1000) /* longer than any copy or batch lives */

struct gh_sweep {
    struct gh_daemon *d;
    uint64_t timer;
    DIR *dir;
    unsigned which; /* 0 .taken/, 1 spool/, 2 staging/.work/ */
    size_t cleaned; /* departments whose notes were looked at */
    unsigned removed, back;
};

static int64_t age_ms(const struct stat *st, int64_t now_ms)
{
    return now_ms - ((int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000);
}

/* The ledger's row of "<submission>-<file>-<random>". item is the caller's. */
static const struct gh_file *row_of(struct gh_daemon *d, const char *name, struct gh_item *item)
{
    long long submission = 0, file = 0;
    struct gh_err err = {0};
    if (sscanf(name, "%lld-%lld-", &submission, &file) != 2 || gh_ledger_get(d->ledger, submission, item, &err) < 0)
        return NULL;
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == file && item->files[i].source == GH_SOURCE_TAKEN &&
            gh_streq(item->files[i].taken_name, name))
            return &item->files[i];
    return NULL;
}

static bool is_as_taken(const struct stat *st, const struct gh_file *f)
{
    int64_t ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
    return S_ISREG(st->st_mode) && (uint64_t)st->st_size == f->size && ms == f->mtime_ms;
}

static bool is_spooled(struct gh_daemon *d, const struct gh_file *f)
{
    struct stat st;
    return f->size == 0 ||
           (fstatat(d->dirs.spool, f->sha256, &st, AT_SYMLINK_NOFOLLOW) == 0 && (uint64_t)st.st_size == f->size);
}

static enum gh_swept give_back(struct gh_daemon *d, const char *name, const struct gh_item *item,
                               const struct gh_file *f)
{
    const struct gh_department *dept = gh_daemon_department(d, item->sub.department);
    const char *slash = strrchr(f->name, '/');
    GH_AUTO_FD dir = -1;
    struct gh_err err = {0};
    if (!dept || gh_open_dir(d->dirs.drop, dept->folder, &dir, &err) < 0)
        return GH_SWEPT_KEPT;
    if (!gh_take_put_back(d->dirs.taken, name, dir, slash ? slash + 1 : f->name))
        return GH_SWEPT_KEPT;
    if (d->intake)
        gh_intake_too_early(d->intake, item->sub.department);
    gh_log(GH_LOG_NOTICE, "changed-after-taking", "id=%" PRId64 " file=%" PRId64 " department=%s", item->sub.id, f->id,
           item->sub.department);
    (void)!gh_ledger_note(d->ledger, NULL, item->sub.id, "changed",
                          "written to after it was taken: the new bytes are a new drop", &err);
    return GH_SWEPT_BACK;
}

enum gh_swept gh_sweep_taken(struct gh_daemon *d, const char *name, bool old)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct stat st;
    const struct gh_file *f = row_of(d, name, &item);
    if (!f || fstatat(d->dirs.taken, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return GH_SWEPT_KEPT;
    if (!is_as_taken(&st, f))
        return give_back(d, name, &item, f);
    if (!old || !is_spooled(d, f) || age_ms(&st, gh_now_ms()) < (int64_t)d->conf.taken_keep_ms)
        return GH_SWEPT_KEPT;
    return unlinkat(d->dirs.taken, name, 0) == 0 ? GH_SWEPT_REMOVED : GH_SWEPT_KEPT;
}

bool gh_sweep_spooled(struct gh_daemon *d, const char *name, int64_t now_ms)
{
    struct stat st;
    struct gh_err err = {0};
    if (strspn(name, "0123456789abcdef") != 64 || name[64] || gh_ledger_has_blob(d->ledger, name, &err) != 0)
        return false;
    if (fstatat(d->dirs.spool, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || age_ms(&st, now_ms) < ORPHAN_MS)
        return false;
    return unlinkat(d->dirs.spool, name, 0) == 0;
}

/* What an attempt kept for a next one that never came. */
static bool sweep_work(struct gh_daemon *d, const char *name, int64_t now_ms)
{
    struct stat st;
    size_t n = strlen(name);
    if (n != 64 + strlen(GH_KEPT) || !gh_streq(name + 64, GH_KEPT))
        return false;
    if (fstatat(d->dirs.work, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || age_ms(&st, now_ms) < ORPHAN_MS)
        return false;
    return unlinkat(d->dirs.work, name, 0) == 0;
}

static enum gh_swept sweep_one(struct gh_sweep *s, const char *name, int64_t now_ms)
{
    bool trusted = !*s->d->clock; /* else nothing is old */
    if (s->which == 0)
        return gh_sweep_taken(s->d, name, trusted);
    if (!trusted)
        return GH_SWEPT_KEPT;
    bool gone = s->which == 1 ? gh_sweep_spooled(s->d, name, now_ms) : sweep_work(s->d, name, now_ms);
    return gone ? GH_SWEPT_REMOVED : GH_SWEPT_KEPT;
}

static void step(struct gh_loop *loop, void *arg)
{
    struct gh_sweep *s = arg;
    s->timer = 0;
    if (!s->which && !s->dir)
        gh_trust_check(s->d);
    const int fds[] = {s->d->dirs.taken, s->d->dirs.spool, s->d->dirs.work};
    for (unsigned n = 0; n < SLICE && s->which < GH_LEN(fds); n++) {
        if (!s->dir) {
            int fd = openat(fds[s->which], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            s->dir = fd >= 0 ? fdopendir(fd) : NULL;
        }
        struct dirent *e = s->dir ? readdir(s->dir) : NULL;
        if (!e) {
            if (s->dir)
                closedir(s->dir);
            s->dir = NULL;
            s->which++;
            continue;
        }
        if (e->d_name[0] == '.')
            continue;
        enum gh_swept how = sweep_one(s, e->d_name, gh_now_ms());
        s->removed += how == GH_SWEPT_REMOVED;
        s->back += how == GH_SWEPT_BACK;
    }
    if (s->which < GH_LEN(fds)) {
        s->timer = gh_loop_after(loop, 10, step, s);
        return;
    }
    if (!*s->d->clock && s->cleaned < s->d->departments.n) { /* a department's notes a turn */
        gh_notes_clean(s->d, s->d->departments.list[s->cleaned++]);
        s->timer = gh_loop_after(loop, 10, step, s);
        return;
    }
    if (gh_retention_step(s->d, gh_now_ms()) > 0) { /* others get their turn between a few and the next few */
        s->timer = gh_loop_after(loop, 10, step, s);
        return;
    }
    if (s->removed + s->back)
        gh_log(GH_LOG_INFO, "swept", "removed=%u back=%u", s->removed, s->back);
    s->cleaned = 0;
    s->which = s->removed = s->back = 0;
    s->timer = gh_loop_after(loop, EVERY_MS, step, s);
}

struct gh_sweep *gh_sweep_open(struct gh_daemon *d)
{
    struct gh_sweep *s = gh_alloc(sizeof(*s));
    s->d = d;
    gh_trust_open(d);
    gh_retention_recover(d);
    s->timer = gh_loop_after(d->loop, FIRST_MS, step, s);
    return s;
}

void gh_sweep_now(struct gh_sweep *s)
{
    gh_loop_cancel(s->d->loop, &s->timer);
    s->timer = gh_loop_after(s->d->loop, 0, step, s);
}

void gh_sweep_close(struct gh_sweep **p)
{
    struct gh_sweep *s = *p;
    if (!s)
        return;
    gh_loop_cancel(s->d->loop, &s->timer);
    if (s->dir)
        closedir(s->dir);
    free(s);
    *p = NULL;
}
