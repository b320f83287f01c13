/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox is looked through folder by folder: day, submission, placement. A folder whose
 * submission is not out moves whole, else each file of it that should not be there. */
#include "daemon/publish/restored.h"

#include "daemon/publish/outbox.h"

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define RECEIPTS "receipts" /* may lie below outbox/: written by the agency */
#define NAMES_MAX 1000      /* that are tried for what is moved to where something lies */

struct clearing {
    struct gh_ledger *l;
    int outbox, aside;
    struct gh_item item;    /* of the folder that is looked at */
    unsigned moved, copied; /* copied: files among them, since quarantine/ is another file system */
};

/* Called with a path below outbox/. Negative ends it. */
typedef int entry_fn(struct clearing *c, const char *path, const char *name, struct gh_err *err);

/* Names that begin with a dot are of a writer who was killed, or nobody's. */
static int each_entry(struct clearing *c, const char *folder, entry_fn *fn, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(c->outbox, *folder ? folder : ".", &fd, err));
    DIR *d = fdopendir(fd);
    int r = 0;
    if (!d)
        return gh_fail_errno(err, GH_SYSTEM, "outbox/%s", folder);
    (void)gh_steal_fd(&fd);
    for (struct dirent *e; r >= 0 && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        GH_AUTO_FREE char *path = gh_asprintf("%s%s%s", folder, *folder ? "/" : "", e->d_name);
        r = fn(c, path, e->d_name, err);
    }
    closedir(d);
    return r;
}

/* 1: path in the outbox is a folder; 0: anything else. A link is no folder. */
static int is_folder(const struct clearing *c, const char *path, struct gh_err *err)
{
    struct stat st;
    if (fstatat(c->outbox, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox/%s", path);
    return S_ISDIR(st.st_mode);
}

static char *nth_name(const char *path, unsigned n)
{
    return n == 1 ? gh_strdup(path) : gh_asprintf("%s~%u", path, n);
}

/* Below quarantine/unknown/, the first of path, path~2, … that is a folder, or made one. *ret is
 * the caller's. */
static int make_aside(const struct clearing *c, const char *path, char **ret, struct gh_err *err)
{
    for (unsigned n = 1; n < NAMES_MAX; n++) {
        struct stat st;
        GH_AUTO_FREE char *to = nth_name(path, n);
        bool made = mkdirat(c->aside, to, 0700) == 0;
        if (!made && errno != EEXIST)
            return gh_fail_errno(err, GH_SYSTEM, "cannot make folder %s", to);
        if (!made && fstatat(c->aside, to, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot look at folder %s", to);
        if (made || S_ISDIR(st.st_mode)) {
            *ret = gh_steal(&to);
            return 0;
        }
    }
    return gh_fail(err, GH_SYSTEM, "outbox/%s cannot be put aside: too often there", path);
}

/* What path is to be called below quarantine/unknown/, in a folder that is there. What an earlier
 * restore put in the place of a folder is none. *ret is the caller's. */
static int make_parent(const struct clearing *c, const char *path, char **ret, struct gh_err *err)
{
    GH_AUTO_FREE char *at = NULL;
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        GH_AUTO_FREE char *next =
            gh_asprintf("%s%s%.*s", at ? at : "", at ? "/" : "", (int)(slash - path), path);
        gh_free_ptr(&at);
        TRY(make_aside(c, next, &at, err));
    }
    *ret = gh_asprintf("%s%s%s", at ? at : "", at ? "/" : "", path);
    return 0;
}

/* Give it a name that nothing there has: aside, aside~2, … What is a file goes by from; else it is
 * renamed. */
static int name_aside(struct clearing *c, const char *path, const char *aside, int from,
                      struct gh_err *err)
{
    for (unsigned n = 1; n < NAMES_MAX; n++) {
        struct gh_err why = {0};
        GH_AUTO_FREE char *to = nth_name(aside, n);
        int r = from >= 0 ? gh_link_fd(from, c->aside, to, &why)
                : renameat2(c->outbox, path, c->aside, to, RENAME_NOREPLACE) < 0
                    ? gh_fail_errno(&why, GH_OK, "outbox/%s cannot be put aside", path)
                    : 0;
        if (r == 0)
            return 0;
        if (why.code != EEXIST && why.code != ENOTEMPTY) {
            *err = why;
            return r;
        }
    }
    return gh_fail(err, GH_SYSTEM, "outbox/%s cannot be put aside: too often there", path);
}

/* Of what is no file there is nothing to copy: what it was is said in its place. */
static int copy_content(struct clearing *c, const char *path, int fresh, struct gh_err *err)
{
    char target[512];
    struct stat st;
    GH_AUTO_FD from = -1;
    if (fstatat(c->outbox, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox/%s", path);
    if (S_ISREG(st.st_mode)) {
        if (gh_open_beneath(c->outbox, path, O_RDONLY, &from, err) < 0)
            return gh_fail_prefix(err, "outbox/%s cannot be put aside", path);
        return gh_copy_fd(from, fresh, NULL, err);
    }
    ssize_t n = readlinkat(c->outbox, path, target, sizeof(target));
    GH_AUTO_FREE char *said = n < 0 ? gh_strdup("It was neither a file nor a folder.\n")
                                    : gh_asprintf("It was a link to %.*s\n", (int)n, target);
    return gh_write_all(fresh, said, strlen(said), err);
}

/* It is removed when its copy is durable, with its name. */
static int copy_file_aside(struct clearing *c, const char *path, struct gh_err *err)
{
    GH_AUTO_FD fresh = -1;
    GH_AUTO_FREE char *aside = NULL;
    TRY(make_parent(c, path, &aside, err));
    TRY(gh_tmpfile(c->aside, &fresh, err));
    TRY(copy_content(c, path, fresh, err));
    TRY(gh_sync(fresh, err));
    TRY(name_aside(c, path, aside, fresh, err));
    if (syncfs(c->aside) < 0 || unlinkat(c->outbox, path, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "outbox/%s cannot be put aside", path);
    c->copied++;
    return 0;
}

static int copy_aside(struct clearing *c, const char *path, const char *name, struct gh_err *err)
{
    GH_AUTO_FD folder = -1;
    (void)name;
    int is = is_folder(c, path, err);
    TRY(is);
    if (!is)
        return copy_file_aside(c, path, err);
    TRY(gh_open_dir(c->outbox, path, &folder, err));
    TRY(gh_sweep_temporaries(folder, err)); /* nobody publishes */
    TRY(each_entry(c, path, copy_aside, err));
    (void)!unlinkat(c->outbox, path, AT_REMOVEDIR);
    return 0;
}

static int move_aside(struct clearing *c, const char *path, struct gh_err *err)
{
    struct gh_err why = {0};
    GH_AUTO_FREE char *aside = NULL;
    TRY(make_parent(c, path, &aside, err));
    int r = name_aside(c, path, aside, -1, &why);
    if (r < 0 && why.code == EXDEV)
        r = copy_aside(c, path, path, &why);
    if (r < 0)
        *err = why;
    else
        c->moved++;
    return r;
}

static bool is_text(const struct clearing *c, const char *path, const char *name)
{
    struct stat st;
    for (size_t i = 0; i < GH_LEN(gh_outbox_texts); i++)
        if (!strcmp(name, gh_outbox_texts[i]))
            return fstatat(c->outbox, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
    return false;
}

/* Of a known folder: <placement>/<file>. */
static int clear_file(struct clearing *c, const char *path, const char *name, struct gh_err *err)
{
    char folder[128], file[256];
    (void)name;
    gh_outbox_folder(&c->item.sub, folder, sizeof(folder));
    for (size_t i = 0; i < c->item.n_renditions; i++) {
        gh_outbox_path(&c->item, &c->item.renditions[i], file, sizeof(file));
        if (gh_outbox_has(&c->item.renditions[i]) && !strcmp(path + strlen(folder) + 1, file))
            return 0;
    }
    return move_aside(c, path, err);
}

static int clear_placement(struct clearing *c, const char *path, const char *name,
                           struct gh_err *err)
{
    if (is_text(c, path, name))
        return 0;
    int folder = is_folder(c, path, err);
    TRY(folder);
    if (!folder)
        return move_aside(c, path, err);
    TRY(each_entry(c, path, clear_file, err));
    (void)!unlinkat(c->outbox, path, AT_REMOVEDIR); /* if nothing is left in it */
    return 0;
}

/* Returns 1 where the submission of <day>/<department>-<id> is out, or was; its item is c->item. */
static int is_known(struct clearing *c, const char *path, const char *name, struct gh_err *err)
{
    char folder[128];
    struct gh_err why = {0};
    const char *dash = strrchr(name, '-');
    int64_t id = dash ? strtoll(dash + 1, NULL, 10) : 0;
    gh_item_free(&c->item);
    int r = id > 0 ? gh_ledger_get(c->l, id, &c->item, &why) : 0;
    if (r < 0 && why.cls != GH_USAGE) {
        *err = why;
        return r;
    }
    if (id <= 0 || r < 0 || !*c->item.sub.outbox_day || (c->item.sub.retired & GH_KEPT_OUTBOX))
        return 0;
    gh_outbox_folder(&c->item.sub, folder, sizeof(folder));
    return !strcmp(folder, path);
}

static int clear_folder(struct clearing *c, const char *path, const char *name, struct gh_err *err)
{
    GH_AUTO_FD folder = -1;
    int is = is_folder(c, path, err);
    TRY(is);
    int known = is ? is_known(c, path, name, err) : 0;
    TRY(known);
    if (!known)
        return move_aside(c, path, err);
    TRY(each_entry(c, path, clear_placement, err));
    TRY(gh_open_dir(c->outbox, path, &folder, err));
    return gh_outbox_trim(folder, NULL, err); /* the rest is written when it is thawed */
}

static int clear_day(struct clearing *c, const char *path, const char *name, struct gh_err *err)
{
    if (!strcmp(name, RECEIPTS))
        return 0;
    int folder = is_folder(c, path, err);
    TRY(folder);
    if (!folder)
        return move_aside(c, path, err);
    TRY(each_entry(c, path, clear_folder, err));
    (void)!unlinkat(c->outbox, path, AT_REMOVEDIR);
    return 0;
}

static void end_clearing(struct clearing *c)
{
    gh_close_fd(&c->aside);
    gh_item_free(&c->item);
}

int gh_restored_clear_outbox(struct gh_ledger *l, const struct gh_dirs *dirs, unsigned *ret_moved,
                             struct gh_err *err)
{
    GH_AUTO(end_clearing) struct clearing c = {.l = l, .outbox = dirs->outbox, .aside = -1};
    TRY(gh_dir_make(dirs->quarantine, GH_OUTBOX_ASIDE, 0700, err));
    TRY(gh_open_dir(dirs->quarantine, GH_OUTBOX_ASIDE, &c.aside, err));
    TRY(each_entry(&c, "", clear_day, err));
    if (syncfs(c.aside) < 0 || syncfs(c.outbox) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "what was put aside is not durable");
    (void)!unlinkat(dirs->quarantine, GH_OUTBOX_ASIDE, AT_REMOVEDIR);
    if (c.copied)
        gh_log(GH_LOG_NOTICE, "outbox-copied-aside", "files=%u reason=%s", c.copied,
               gh_log_quote("quarantine and outbox are two file systems"));
    *ret_moved = c.moved;
    return 0;
}
