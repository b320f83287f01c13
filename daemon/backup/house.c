/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files are listed first, so that it is known how much there is. What is gone when its turn comes
 * has moved on, to a tree that is listed later. */
#include "daemon/backup/house.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH 64 /* of folders */

/* An original goes from the spool to the archive or to quarantine, an output from staging to the
 * outbox: it has its name there before it loses the one here. */
static const char *const trees[GH_TREES] = {
    [GH_TREE_SPOOL] = "spool",           [GH_TREE_ARCHIVE] = "archive",
    [GH_TREE_QUARANTINE] = "quarantine", [GH_TREE_STAGING] = "staging",
    [GH_TREE_OUTBOX] = "outbox",
};

const char *gh_tree_path(const struct gh_conf *conf, enum gh_tree tree)
{
    const char *const paths[GH_TREES] = {
        [GH_TREE_SPOOL] = conf->spool,           [GH_TREE_ARCHIVE] = conf->archive,
        [GH_TREE_QUARANTINE] = conf->quarantine, [GH_TREE_STAGING] = conf->staging,
        [GH_TREE_OUTBOX] = conf->outbox,
    };
    return paths[tree];
}

static bool is_in(const char *path, const char *tree, const char **ret_rest)
{
    size_t n = strlen(tree);
    if (strncmp(path, tree, n) != 0 || path[n] != '/')
        return false;
    *ret_rest = path + n + 1;
    return true;
}

enum gh_tree gh_tree_of(const char *path, const char **ret_rest)
{
    unsigned t = 0;
    while (t < GH_TREES && !is_in(path, trees[t], ret_rest))
        t++;
    return (enum gh_tree)t;
}

/* --------------------------------------------------------------------------------------- listing
 */

/* What ghatd makes anew, tools of writers, and what others write. */
static bool is_left_out(enum gh_tree tree, const char *below, const char *name)
{
    if (!strcmp(name, ".") || !strcmp(name, "..") || gh_starts(name, ".tmp-"))
        return true;
    if (*below)
        return false;
    return (tree == GH_TREE_STAGING && (!strcmp(name, ".work") || !strcmp(name, ".preview"))) ||
           (tree == GH_TREE_OUTBOX && !strcmp(name, "receipts"));
}

static void add_file(struct gh_backup *list, char *path, const struct stat *st)
{
    struct gh_backup_file *f = gh_backup_add(list);
    f->path = path;
    f->size = (uint64_t)st->st_size;
    f->ino = st->st_ino;
    f->mtime_ns = gh_timespec_ns(st->st_mtim);
    f->mode = st->st_mode & 0777;
    list->bytes += f->size;
}

/* By errno. What is gone has moved on. */
static void unread(const struct gh_house_teller *to, const char *tree, const char *path)
{
    if (errno == ENOENT)
        return;
    GH_AUTO_FREE char *line =
        gh_asprintf("%s%s%s is not in this backup: %s (are you allowed to read it? try sudo)", tree,
                    *tree && *path ? "/" : "", path, strerror(errno));
    to->unread(line, to->arg);
}

/* Errors of readdir are told like those of the folder. */
static struct dirent *next_entry(DIR *d)
{
    errno = 0;
    return readdir(d);
}

static void list_below(enum gh_tree tree, int root, const char *below, unsigned depth,
                       struct gh_backup *list, const struct gh_house_teller *to)
{
    GH_AUTO_FD fd =
        openat(root, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        unread(to, trees[tree], below);
        return;
    }
    (void)gh_steal_fd(&fd);
    for (struct dirent *e; (e = next_entry(d));) {
        struct stat st;
        if (is_left_out(tree, below, e->d_name))
            continue;
        GH_AUTO_FREE char *path = gh_asprintf("%s%s%s", below, *below ? "/" : "", e->d_name);
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            unread(to, trees[tree], path);
        else if (S_ISDIR(st.st_mode) && depth > 0)
            list_below(tree, root, path, depth - 1, list, to);
        else if (S_ISREG(st.st_mode))
            add_file(list, gh_asprintf("%s/%s", trees[tree], path), &st);
    }
    if (errno)
        unread(to, trees[tree], below);
    closedir(d);
}

void gh_house_tree(const struct gh_conf *conf, enum gh_tree tree, struct gh_backup *list,
                   const struct gh_house_teller *to)
{
    GH_AUTO_FD root = open(gh_tree_path(conf, tree), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        unread(to, "", gh_tree_path(conf, tree));
    else
        list_below(tree, root, "", DEPTH, list, to);
}

/* --------------------------------------------------------------------------------- configuration
 */

/* Folders beside ghat.conf, and how the names end that are read there. */
static const struct {
    const char *folder, *ending;
} folders[] = {{"departments", ".conf"}, {"profiles", ".profile"}, {"logos", ""}};
static const char *const beside[] = {"reasons.ini"};

/* Files that ghat.conf names; none of them is secret. */
static const struct {
    const char *key;
    size_t at;
} named[] = {{"holidays", offsetof(struct gh_conf, holidays)},
             {"webhook_body", offsetof(struct gh_conf, webhook_body)},
             {"ca", offsetof(struct gh_conf, ca)}};

static char *named_path(const struct gh_conf *conf, size_t i)
{
    const char *file = *(char *const *)((const char *)conf + named[i].at);
    if (!file || strchr(file, '/'))
        return file ? gh_strdup(file) : NULL;
    return gh_asprintf("%s/%s", conf->dir, file);
}

char *gh_house_config_path(const struct gh_conf *conf, const char *path)
{
    const char *rest = NULL;
    if (is_in(path, GH_HOUSE_NAMED, &rest)) {
        for (size_t i = 0; i < GH_LEN(named); i++)
            if (!strcmp(rest, named[i].key))
                return named_path(conf, i);
        return NULL;
    }
    if (!is_in(path, GH_HOUSE_CONFIG, &rest))
        return NULL;
    if (!strcmp(rest, GH_HOUSE_CONF))
        return conf->file ? gh_strdup(conf->file) : NULL;
    return gh_asprintf("%s/%s", conf->dir, rest);
}

static void list_one(const char *file, const char *tree, const char *name, struct gh_backup *list,
                     const struct gh_house_teller *to)
{
    struct stat st;
    if (!file)
        return;
    if (stat(file, &st) < 0)
        unread(to, "", file);
    else if (S_ISREG(st.st_mode))
        add_file(list, gh_asprintf("%s/%s", tree, name), &st);
}

static void list_folder(const struct gh_conf *conf, const char *folder, const char *ending,
                        struct gh_backup *list, const struct gh_house_teller *to)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", conf->dir, folder);
    DIR *d = opendir(path);
    if (!d) {
        unread(to, "", path);
        return;
    }
    for (struct dirent *e; (e = next_entry(d));) {
        if (e->d_name[0] == '.' || !gh_ends(e->d_name, ending))
            continue;
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", path, e->d_name);
        GH_AUTO_FREE char *name = gh_asprintf("%s/%s", folder, e->d_name);
        list_one(file, GH_HOUSE_CONFIG, name, list, to);
    }
    if (errno)
        unread(to, "", path);
    closedir(d);
}

void gh_house_config(const struct gh_conf *conf, struct gh_backup *list,
                     const struct gh_house_teller *to)
{
    list_one(conf->file, GH_HOUSE_CONFIG, GH_HOUSE_CONF, list, to);
    for (size_t i = 0; i < GH_LEN(beside); i++) {
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", conf->dir, beside[i]);
        list_one(file, GH_HOUSE_CONFIG, beside[i], list, to);
    }
    for (size_t i = 0; i < GH_LEN(folders); i++)
        list_folder(conf, folders[i].folder, folders[i].ending, list, to);
    for (size_t i = 0; i < GH_LEN(named); i++) {
        GH_AUTO_FREE char *file = named_path(conf, i);
        list_one(file, GH_HOUSE_NAMED, named[i].key, list, to);
    }
}
