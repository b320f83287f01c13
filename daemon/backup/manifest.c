/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line a file: "file <hash> <size> <mode> <time> <inode> <path>". In paths a backslash and a
 * new line are written "\\" and "\n"; all other bytes stand for themselves. */
#include "daemon/backup/manifest.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST "manifest"
#define MANIFEST_MAX ((size_t)4 << 30)

void gh_backup_free(struct gh_backup *b)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->files[i].path);
    free(b->files);
    *b = (struct gh_backup){0};
}

struct gh_backup_file *gh_backup_add(struct gh_backup *b)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 256;
        b->files = gh_realloc(b->files, b->cap * sizeof(*b->files));
    }
    b->files[b->n] = (struct gh_backup_file){0};
    return &b->files[b->n++];
}

/* --------------------------------------------------------------------------------------- writing
 */

static void add_path(struct gh_str *out, const char *path)
{
    for (; *path; path++)
        if (*path == '\\' || *path == '\n')
            gh_str_puts(out, *path == '\n' ? "\\n" : "\\\\");
        else
            gh_str_add(out, path, 1);
}

static char *manifest_path(const char *when)
{
    return gh_asprintf("%s/" MANIFEST, when);
}

int gh_backup_write(const struct gh_objects *o, const struct gh_backup *b, struct gh_err *err)
{
    GH_AUTO_STR out = {0};
    GH_AUTO_FD dir = -1;
    char hex[GH_SHA_HEX];
    gh_str_printf(&out, GH_BACKUP_FORMAT "\nmade %" PRId64 "\nledger %s %" PRIu64 "\n", b->made_ms,
                  b->ledger, b->ledger_bytes);
    for (size_t i = 0; i < b->n; i++) {
        const struct gh_backup_file *f = &b->files[i];
        gh_str_printf(&out, "file %s %" PRIu64 " %o %" PRId64 " %" PRIu64 " ", f->sha256, f->size,
                      f->mode, f->mtime_ns, f->ino);
        add_path(&out, f->path);
        gh_str_puts(&out, "\n");
    }
    gh_hash_mem(out.data, out.len, hex);
    gh_str_printf(&out, "end %s\n", hex);
    TRY(gh_open_dir(o->backups, b->when, &dir, err));
    TRY(gh_sync(o->backups, err));
    TRY(gh_write_file(dir, MANIFEST, out.data, out.len, 0600, err));
    gh_objects_give(o, dir, MANIFEST);
    return 0;
}

/* --------------------------------------------------------------------------------------- reading
 */

static void plain_path(char *path)
{
    char *to = path;
    for (char *at = path; *at; at++) {
        if (*at == '\\' && at[1])
            *to++ = *++at == 'n' ? '\n' : *at;
        else
            *to++ = *at;
    }
    *to = '\0';
}

/* It is written below a tree: never above it. */
static bool is_inside(const char *path)
{
    for (;;) {
        size_t n = strcspn(path, "/");
        if (n == 0 || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
            return false;
        path += n;
        if (!*path++)
            return true;
    }
}

static bool parse_hash(char **at, char ret[GH_SHA_HEX])
{
    size_t n = strspn(*at, "0123456789abcdef");
    if (n != GH_SHA_HEX - 1 || (*at)[n] != ' ')
        return false;
    memcpy(ret, *at, n);
    ret[n] = '\0';
    *at += n + 1;
    return true;
}

static bool parse_file(char *at, struct gh_backup *b)
{
    struct gh_backup_file f = {0};
    if (!parse_hash(&at, f.sha256))
        return false;
    f.size = strtoull(at, &at, 10);
    f.mode = (unsigned)strtoul(at, &at, 8);
    f.mtime_ns = strtoll(at, &at, 10);
    f.ino = strtoull(at, &at, 10);
    if (*at++ != ' ')
        return false;
    plain_path(at);
    if (!is_inside(at))
        return false;
    f.path = gh_strdup(at);
    b->bytes += f.size;
    *gh_backup_add(b) = f;
    return true;
}

static bool parse_line(char *line, struct gh_backup *b)
{
    if (gh_starts(line, "file "))
        return parse_file(line + strlen("file "), b);
    if (gh_starts(line, "made "))
        b->made_ms = strtoll(line + strlen("made "), NULL, 10);
    if (gh_starts(line, "ledger ")) {
        char *at = line + strlen("ledger ");
        if (!parse_hash(&at, b->ledger))
            return false;
        b->ledger_bytes = strtoull(at, NULL, 10);
    }
    return true;
}

/* Whole, and as it was written? text is cut before its last line. */
static bool is_whole(char *text, size_t n)
{
    static const char last[] = "\nend ";
    char hex[GH_SHA_HEX];
    size_t end = strlen(last) + GH_SHA_HEX;
    if (n < end || strlen(text) != n || !gh_starts(text, GH_BACKUP_FORMAT "\n"))
        return false;
    char *at = text + n - end;
    if (strncmp(at, last, strlen(last)) != 0)
        return false;
    gh_hash_mem(text, (size_t)(at + 1 - text), hex);
    bool same = !strncmp(at + strlen(last), hex, GH_SHA_HEX - 1);
    at[1] = '\0';
    return same;
}

int gh_backup_read(const struct gh_objects *o, const char *when, struct gh_backup *ret,
                   struct gh_err *err)
{
    GH_AUTO(gh_backup_free) struct gh_backup b = {0};
    GH_AUTO_FREE char *path = manifest_path(when), *text = NULL;
    size_t n = 0;
    char *rest;
    struct gh_err why = {0};
    if (gh_read_file(o->backups, path, MANIFEST_MAX, &text, &n, &why) < 0)
        return gh_fail(err, why.code == ENOENT ? GH_USAGE : GH_LIMIT,
                       "the manifest of backup %s cannot be read: %s", when, why.msg);
    bool good = is_whole(text, n);
    for (char *line = good ? strtok_r(text, "\n", &rest) : NULL; line && good;
         line = strtok_r(NULL, "\n", &rest))
        good = parse_line(line, &b);
    if (!good || !*b.ledger)
        return gh_fail(err, GH_LIMIT, "the manifest of backup %s is damaged", when);
    GH_COPY(b.when, when);
    *ret = b;
    b = (struct gh_backup){0};
    return 0;
}

/* ---------------------------------------------------------------------------------------- backups
 */

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

void gh_backup_names_free(struct gh_backup_names *names)
{
    gh_free_ptr(&names->list);
    names->n = 0;
}

/* "2026-11-29T20.50.13" or "2026-11-29T20.50.13-02"? Whatever else lies there is somebody's. */
static bool is_when(const char *name)
{
    static const char shape[] = "dddd-dd-ddTdd.dd.dd-dd";
    size_t n = strlen(name);
    for (size_t i = 0; i < n && i < sizeof(shape) - 1; i++)
        if (shape[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != shape[i])
            return false;
    return n == sizeof(shape) - 1 || n == sizeof(shape) - 1 - strlen("-dd");
}

/* A manifest that is there and cannot be looked at belongs to a backup all the same: whoever reads
 * it is told why it cannot be read. */
static bool is_backup(const struct gh_objects *o, const char *name, bool complete)
{
    GH_AUTO_FREE char *path = manifest_path(name);
    int code = faccessat(o->backups, path, F_OK, 0) == 0 ? 0 : errno;
    return is_when(name) && code != ENOTDIR && (code != ENOENT) == complete;
}

/* Names are times in UTC, so their order is that of time. */
int gh_backup_names(const struct gh_objects *o, bool complete, struct gh_backup_names *ret,
                    struct gh_err *err)
{
    struct gh_backup_names all = {0};
    GH_AUTO_FD fd = -1;
    TRY(gh_open_dir(o->backups, ".", &fd, err));
    DIR *d = fdopendir(fd);
    if (!d)
        return gh_fail_errno(err, GH_SYSTEM, "%s/backups", o->path);
    (void)gh_steal_fd(&fd);
    for (struct dirent *e; (e = readdir(d));) {
        if (!is_backup(o, e->d_name, complete))
            continue;
        all.list = gh_realloc(all.list, (all.n + 1) * sizeof(*all.list));
        gh_copy(all.list[all.n++], GH_BACKUP_WHEN, e->d_name);
    }
    closedir(d);
    if (all.n)
        qsort(all.list, all.n, sizeof(*all.list), by_name);
    *ret = all;
    return 0;
}

int gh_backup_remove(const struct gh_objects *o, const char *when, struct gh_err *err)
{
    GH_AUTO_FREE char *path = manifest_path(when);
    if (unlinkat(o->backups, path, 0) < 0 && errno != ENOENT)
        return gh_fail_errno(err, GH_SYSTEM, "cannot remove backups/%s", path);
    TRY(gh_remove_tree(o->backups, when, err));
    return gh_sync(o->backups, err);
}
