/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking dropped folders by descriptor. Owns nothing but the list it makes. */
#include "daemon/scan.h"

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/names.h"

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

const char *gh_scan_refusal(const struct gh_print *print)
{
    switch (print->mode) {
    case S_IFREG:
        return print->nlink > 1 ? "it is a second name (hard link) of another file: copy the file itself here" : NULL;
    case S_IFDIR:
        return NULL;
    case S_IFLNK:
        return "it is a link, not a file: copy the file itself here";
    default:
        return "it is not an ordinary file: only photos, videos, texts and folders of them are taken";
    }
}

int gh_scan_look(int dirfd, const char *path, struct gh_print *ret, struct gh_err *err)
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

/* Folders and junk below one dropped folder, together, for each file it may hold: more is a bomb. */
#define ENTRIES_PER_FILE 4
#define ENTRIES_MIN 1000

struct walk {
    const struct gh_scan_opts *opts;
    struct gh_found_list *found;
    struct gh_str path; /* of the directory being read, with a trailing / unless it is the top */
};

static void add(struct walk *w, const char *name, const struct gh_print *print, const char *refused)
{
    struct gh_found_list *f = w->found;
    if (f->n >= w->opts->max_files) {
        f->too_many = true;
        return;
    }
    if ((f->n & (f->n - 1)) == 0) /* a power of two: full */
        f->list = gh_realloc(f->list, (f->n ? f->n * 2 : 1) * sizeof(*f->list));
    f->list[f->n++] = (struct gh_found){
        .path = gh_asprintf("%s%s", gh_str_text(&w->path), name), .print = *print, .refused = refused};
}

static int walk_dir(struct walk *w, int dirfd, const char *name, unsigned depth, struct gh_err *err);

static int walk_entry(struct walk *w, int fd, const char *name, unsigned depth, struct gh_err *err)
{
    struct gh_print print;
    size_t others = w->found->junk + w->found->folders;
    if (others >= ENTRIES_MIN && others / ENTRIES_PER_FILE >= w->opts->max_files) {
        w->found->too_many = true;
        return 0;
    }
    if (gh_name_junk(name)) {
        w->found->junk++;
        return 0;
    }
    int r = gh_scan_look(fd, name, &print, err);
    if (r <= 0)
        return r; /* gone meanwhile: the next look tells */
    if (print.kind != GH_SEEN_FOLDER) {
        add(w, name, &print, gh_scan_refusal(&print));
        return 0;
    }
    if (depth >= w->opts->depth) {
        add(w, name, &print, "the folders are nested too deep: move its files further up");
        return 0;
    }
    w->found->folders++;
    size_t len = w->path.len;
    gh_str_printf(&w->path, "%s/", name);
    r = walk_dir(w, fd, name, depth + 1, err);
    w->path.len = len;
    if (w->path.data)
        w->path.data[len] = 0;
    if (r == -GH_SYSTEM && err->code == EACCES) {
        add(w, name, &print, "the folder cannot be read: its permissions do not allow it");
        return 0;
    }
    return r;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int walk_dir(struct walk *w, int dirfd, const char *name, unsigned depth, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    if (gh_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, &fd, err) < 0) {
        if (err->code == ENOENT || err->code == ENOTDIR || err->code == ELOOP || err->code == EAGAIN)
            return gh_fail(err, GH_AGAIN, "the folder changed while it was read");
        return -err->cls;
    }
    if (w->opts->on_dir)
        w->opts->on_dir(fd, w->opts->arg);
    GH_AUTO(close_dir) DIR *dir = fdopendir(fd);
    if (!dir)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read a dropped folder");
    int dfd = gh_steal_fd(&fd); /* dir's now */
    for (struct dirent *e; !w->found->too_many && (errno = 0, e = readdir(dir));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            TRY(walk_entry(w, dfd, e->d_name, depth, err));
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct gh_found *)a)->path, ((const struct gh_found *)b)->path);
}

int gh_scan_folder(int dirfd, const char *name, const struct gh_scan_opts *opts, struct gh_found_list *ret,
                   struct gh_print *ret_print, struct gh_err *err)
{
    GH_AUTO(gh_found_free) struct gh_found_list found = {0};
    struct walk w = {.opts = opts, .found = &found};
    struct gh_err own;
    struct gh_print print;
    int r = gh_scan_look(dirfd, name, &print, err);
    TRY(r);
    if (!r || print.kind != GH_SEEN_FOLDER)
        return gh_fail(err, GH_AGAIN, "the folder is not there any more");
    r = walk_dir(&w, dirfd, name, 0, err ? err : &own);
    gh_str_free(&w.path);
    TRY(r);
    if (found.n)
        qsort(found.list, found.n, sizeof(*found.list), by_path);
    for (size_t i = 0; i < found.n; i++) {
        print.digest = gh_hash64(print.digest, found.list[i].path, strlen(found.list[i].path) + 1);
        print.digest = gh_hash64(print.digest, &found.list[i].print, sizeof(found.list[i].print));
    }
    print.size = found.n;
    *ret_print = print;
    *ret = found;
    found = (struct gh_found_list){0};
    return 0;
}
