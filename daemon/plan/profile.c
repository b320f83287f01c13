/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of profiles: a folder of shipped ones, a folder of the operator's that replace those of
 * the same name. Class: GH_CONFIG. */
#include "daemon/plan/profile.h"

#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PROFILE_MAX 65536 /* bytes of a profile's text */
#define SUFFIX ".profile"

const struct gh_filter_use *gh_profile_filter(const struct gh_profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->n_chain; i++)
        if (gh_streq(profile->chain[i].filter->name, name))
            return &profile->chain[i];
    return NULL;
}

const struct gh_profile *gh_profiles_find(const struct gh_profiles *set, const char *name)
{
    for (size_t i = 0; i < set->n; i++)
        if (gh_streq(set->list[i].name, name))
            return &set->list[i];
    return NULL;
}

void gh_profiles_free(struct gh_profiles *set)
{
    free(set->list);
    *set = (struct gh_profiles){0};
}

/* Keep the set sorted; a profile of the same name is replaced. */
static void add_profile(struct gh_profiles *set, const struct gh_profile *p)
{
    size_t at = 0;
    while (at < set->n && strcmp(set->list[at].name, p->name) < 0)
        at++;
    if (at == set->n || !gh_streq(set->list[at].name, p->name)) {
        set->list = gh_realloc(set->list, (set->n + 1) * sizeof(*set->list));
        memmove(&set->list[at + 1], &set->list[at], (set->n - at) * sizeof(*set->list));
        set->n++;
    }
    set->list[at] = *p;
}

static int load_file(int dirfd, const char *dir, const char *name, struct gh_profiles *set,
                     struct gh_err *err)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", dir, name);
    GH_AUTO_FREE char *text = NULL;
    size_t len = 0;
    struct gh_err why = {0};
    if (gh_read_file(dirfd, name, PROFILE_MAX, &text, &len, &why) < 0)
        return gh_fail(err, GH_CONFIG, "%s: %s", path, why.msg);
    if (strlen(text) != len)
        return gh_fail(err, GH_CONFIG, "%s: holds a NUL byte, it is no text", path);
    struct gh_profile p;
    TRY(gh_profile_parse(text, path, &p, err));
    size_t stem = strlen(name) - strlen(SUFFIX);
    if (strlen(p.name) != stem || memcmp(p.name, name, stem) != 0)
        return gh_fail(err, GH_CONFIG, "%s:1: the profile is named %s: name the file %s" SUFFIX,
                       path, p.name, p.name);
    add_profile(set, &p);
    return 0;
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

static int load_dir(const char *dir, bool must_exist, struct gh_profiles *set, struct gh_err *err)
{
    GH_AUTO(close_dir) DIR *d = opendir(dir);
    if (!d && errno == ENOENT && !must_exist)
        return 0;
    if (!d)
        return gh_fail_errno(err, GH_CONFIG, "cannot read the folder of profiles %s", dir);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.' && gh_ends(e->d_name, SUFFIX))
            TRY(load_file(dirfd(d), dir, e->d_name, set, err));
    return 0;
}

int gh_profiles_load(const char *dir, const char *override_dir, struct gh_profiles *ret,
                     struct gh_err *err)
{
    GH_AUTO(gh_profiles_free) struct gh_profiles set = {0};
    TRY(load_dir(dir, true, &set, err));
    if (override_dir)
        TRY(load_dir(override_dir, false, &set, err));
    if (!set.n)
        return gh_fail(err, GH_CONFIG, "%s: holds no *" SUFFIX, dir);
    *ret = set;
    set = (struct gh_profiles){0};
    return 0;
}
