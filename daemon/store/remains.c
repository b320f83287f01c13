/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders are named by the number of a submission (staging, quarantine, archive) or end with it
 * (outbox). Hidden names are ghatd's own tools and count for nothing. */
#include "daemon/store/remains.h"

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* fn is called for each name that is not hidden until it returns false. */
typedef bool name_fn(int dir, const char *name, void *arg);

static void each_name(int dirfd, name_fn *fn, void *arg)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && (e = readdir(d));)
        if (*e->d_name != '.' && !fn(dirfd, e->d_name, arg))
            break;
    if (d)
        closedir(d);
}

static bool one_is_enough(int dir, const char *name, void *arg)
{
    (void)dir, (void)name;
    *(bool *)arg = true;
    return false;
}

bool gh_remains_any(const struct gh_dirs *dirs, const struct gh_conf *conf, const char **ret_where)
{
    const struct {
        int dir;
        const char *path;
    } places[] = {{dirs->outbox, conf->outbox},
                  {dirs->staging, conf->staging},
                  {dirs->archive, conf->archive},
                  {dirs->spool, conf->spool}};
    for (size_t i = 0; i < GH_LEN(places); i++) {
        bool any = false;
        each_name(places[i].dir, one_is_enough, &any);
        if (any) {
            *ret_where = places[i].path;
            return true;
        }
    }
    return false;
}

struct search {
    unsigned depth; /* folders between here and those with numbers */
    int64_t highest;
};

static bool look_at(int dir, const char *name, void *arg)
{
    struct search *s = arg;
    if (s->depth > 0) {
        GH_AUTO_FD below = -1;
        struct gh_err err;
        if (gh_open_dir(dir, name, &below, &err) < 0)
            return true;
        s->depth--;
        each_name(below, look_at, s);
        s->depth++;
        return true;
    }
    const char *dash = strrchr(name, '-'), *digits = dash ? dash + 1 : name;
    char *end;
    int64_t n = strtoll(digits, &end, 10);
    if (end > digits && !*end && n < INT64_MAX / 2)
        s->highest = GH_MAX(s->highest, n);
    return true;
}

int64_t gh_remains_highest(const struct gh_dirs *dirs)
{
    const struct {
        int dir;
        unsigned depth;
    } places[] = {{dirs->staging, 0}, {dirs->quarantine, 0}, {dirs->archive, 2}, {dirs->outbox, 1}};
    int64_t highest = 0;
    for (size_t i = 0; i < GH_LEN(places); i++) {
        struct search s = {.depth = places[i].depth};
        each_name(places[i].dir, look_at, &s);
        highest = GH_MAX(highest, s.highest);
    }
    return highest;
}
