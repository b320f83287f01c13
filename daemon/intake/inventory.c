/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks a dropped folder by descriptors, sorts what it found by path, and sums it up in a digest:
 * two inventories with the same digest found the same files. Owns nothing but the list it makes.
 */
#include "daemon/intake/inventory.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/names.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void gh_found_free(struct gh_found_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->list[i].path);
    free(list->list);
    *list = (struct gh_found_list){0};
}

const char *gh_inventory_refusal(const struct gh_print *print)
{
    switch (print->mode) {
    case S_IFREG:
        return print->nlink > 1
                   ? "it is a second name (hard link) of another file: copy the file itself here"
                   : NULL;
    case S_IFDIR:
        return NULL;
    case S_IFLNK:
        return "it is a link, not a file: copy the file itself here";
    default:
        return "it is not an ordinary file: only photos, videos, texts and folders of them are "
               "taken";
    }
}

int gh_inventory_stat(int dirfd, const char *path, struct gh_print *ret, struct gh_err *err)
{
    struct stat st;
    if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        return gh_fail_errno(err, GH_SYSTEM, "cannot look at a dropped file");
    }
    *ret = gh_print_of(&st);
    return 1;
}

/* Folders and junk together that a dropped folder may hold: so many for each file it may hold, but
 * ENTRIES_MIN at least. More is taken for an attack. */
#define ENTRIES_PER_FILE 4
#define ENTRIES_MIN 1000

/* A directory being read, with the length of its path below the dropped folder. */
struct level {
    DIR *dir;
    size_t len;
};

struct gh_inventory {
    struct gh_inventory_opts opts;
    struct gh_found_list found;
    struct gh_print print; /* of the folder itself */
    struct gh_str path;    /* of the directory being read, with a trailing / unless it is the top */
    struct level *levels;
    unsigned n; /* levels */
};

static void add_found(struct gh_inventory *w, const char *name, const struct gh_print *print,
                      const char *refused)
{
    struct gh_found_list *f = &w->found;
    if (f->n >= w->opts.max_files) {
        f->too_many = true;
        return;
    }
    if ((f->n & (f->n - 1)) == 0) /* a power of two: full */
        f->list = gh_realloc(f->list, (f->n ? f->n * 2 : 1) * sizeof(*f->list));
    f->list[f->n++] = (struct gh_found){.path = gh_asprintf("%s%s", gh_str_text(&w->path), name),
                                        .print = *print,
                                        .refused = refused};
}

static void cut_path(struct gh_inventory *w, size_t len)
{
    w->path.len = len;
    if (w->path.data)
        w->path.data[len] = 0;
}

/* Begin to read a directory. len: of the path before its name. */
static int enter(struct gh_inventory *w, int dirfd, const char *name, size_t len,
                 struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    if (gh_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, &fd, err) < 0) {
        if (err->code == ENOENT || err->code == ENOTDIR || err->code == ELOOP ||
            err->code == EAGAIN)
            return gh_fail(err, GH_AGAIN, "the folder changed while it was read");
        return -err->cls;
    }
    if (w->opts.on_dir)
        w->opts.on_dir(fd, w->opts.arg);
    DIR *dir = fdopendir(fd);
    if (!dir)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read a dropped folder");
    gh_steal_fd(&fd); /* owned by dir */
    w->levels[w->n++] = (struct level){dir, len};
    return 0;
}

static void leave(struct gh_inventory *w)
{
    struct level *l = &w->levels[--w->n];
    closedir(l->dir);
    cut_path(w, l->len);
}

static int walk_folder(struct gh_inventory *w, int fd, const char *name,
                       const struct gh_print *print, struct gh_err *err)
{
    if (w->n > w->opts.depth) {
        add_found(w, name, print, "the folders are nested too deep: move its files further up");
        return 0;
    }
    w->found.folders++;
    size_t len = w->path.len;
    gh_str_printf(&w->path, "%s/", name);
    int r = enter(w, fd, name, len, err);
    if (r == -GH_SYSTEM && err->code == EACCES) {
        cut_path(w, len);
        add_found(w, name, print, "the folder cannot be read: its permissions do not allow it");
        return 0;
    }
    return r;
}

static int walk_entry(struct gh_inventory *w, int fd, const char *name, struct gh_err *err)
{
    struct gh_print print;
    size_t others = w->found.junk + w->found.folders;
    if (others >= ENTRIES_MIN && others / ENTRIES_PER_FILE >= w->opts.max_files) {
        w->found.too_many = true;
        return 0;
    }
    if (gh_name_junk(name)) {
        w->found.junk++;
        return 0;
    }
    int r = gh_inventory_stat(fd, name, &print, err);
    if (r <= 0)
        return r; /* gone meanwhile: the next observation tells */
    if (print.kind == GH_SEEN_FOLDER)
        return walk_folder(w, fd, name, &print, err);
    add_found(w, name, &print, gh_inventory_refusal(&print));
    return 0;
}

void gh_inventory_free(struct gh_inventory **p)
{
    struct gh_inventory *w = *p;
    if (!w)
        return;
    while (w->n)
        leave(w);
    free(w->levels);
    gh_str_free(&w->path);
    gh_found_free(&w->found);
    gh_free_ptr(p);
}

int gh_inventory_begin(int dirfd, const char *name, const struct gh_inventory_opts *opts,
                       struct gh_inventory **ret, struct gh_err *err)
{
    GH_AUTO(gh_inventory_free) struct gh_inventory *w = gh_alloc(sizeof(*w));
    *w = (struct gh_inventory){.opts = *opts};
    int r = gh_inventory_stat(dirfd, name, &w->print, err);
    TRY(r);
    if (!r || w->print.kind != GH_SEEN_FOLDER)
        return gh_fail(err, GH_AGAIN, "the folder is not there any more");
    w->levels = gh_alloc((opts->depth + 1) * sizeof(*w->levels));
    TRY(enter(w, dirfd, name, 0, err));
    *ret = gh_steal(&w);
    return 0;
}

int gh_inventory_step(struct gh_inventory *w, int64_t until_us, struct gh_err *err)
{
    while (w->n && !w->found.too_many) {
        DIR *dir = w->levels[w->n - 1].dir;
        struct dirent *e = readdir(dir);
        if (!e)
            leave(w);
        else if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            TRY(walk_entry(w, dirfd(dir), e->d_name, err));
        if (gh_mono_us() >= until_us)
            break;
    }
    return w->n && !w->found.too_many ? 1 : 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct gh_found *)a)->path, ((const struct gh_found *)b)->path);
}

void gh_inventory_end(struct gh_inventory **p, struct gh_found_list *ret,
                      struct gh_print *ret_print)
{
    struct gh_inventory *w = *p;
    struct gh_found_list *found = &w->found;
    if (found->n)
        qsort(found->list, found->n, sizeof(*found->list), by_path);
    for (size_t i = 0; i < found->n; i++) {
        const struct gh_found *f = &found->list[i];
        w->print.digest = gh_hash64(w->print.digest, f->path, strlen(f->path) + 1);
        w->print.digest = gh_hash64(w->print.digest, &f->print, sizeof(f->print));
    }
    w->print.size = found->n;
    *ret_print = w->print;
    *ret = *found;
    *found = (struct gh_found_list){0};
    gh_inventory_free(p);
}
