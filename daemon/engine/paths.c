/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking for ghat-worker and profiles/: environment, configuration, beside the program, the place
 * of installation. */
#include "daemon/engine/paths.h"

#include "base/str.h"

#include <limits.h>
#include <string.h>

#define WORKER GH_LIBEXECDIR "/ghat-worker"
#define PROFILES GH_DATADIR "/profiles"

/* The folder the running program lies in, or NULL. */
static char *own_folder(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n <= 0)
        return NULL;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    return slash ? gh_strndup(path, (size_t)(slash - path)) : NULL;
}

static char *find_path(const char *variable, const char *configured, const char *builtin,
                       const char *beside, int mode)
{
    const char *env = getenv(variable);
    if (env && *env)
        return gh_strdup(env);
    if (configured && !gh_streq(configured, builtin))
        return gh_strdup(configured);
    GH_AUTO_FREE char *folder = own_folder();
    if (folder) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, beside);
        if (access(path, mode) == 0)
            return gh_steal(&path);
    }
    return gh_strdup(builtin);
}

char *gh_find_worker(const char *configured)
{
    return find_path("GHAT_WORKER", configured, WORKER, "ghat-worker", X_OK);
}

char *gh_find_profiles(const char *configured)
{
    return find_path("GHAT_PROFILES", configured, PROFILES, "../../profiles", R_OK);
}

int gh_installed_profiles(const struct gh_conf *conf, struct gh_profiles *ret, struct gh_err *err)
{
    GH_AUTO_FREE char *shipped = gh_find_profiles(conf->profiles);
    GH_AUTO_FREE char *own = gh_asprintf("%s/profiles", conf->dir);
    return gh_profiles_load(shipped, own, ret, err);
}
