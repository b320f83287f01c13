/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A named file, or else systemd's credential. */
#include "base/credential.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int gh_credential_read(const char *path, const char *credential, size_t max, char **ret,
                       size_t *ret_len, struct gh_err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    GH_AUTO_FREE char *other = folder ? gh_asprintf("%s/%s", folder, credential) : NULL;
    struct gh_err why = {0};
    size_t n;
    if (!path && !other)
        return 0;
    if (gh_read_file(AT_FDCWD, path ? path : other, max, ret, &n, &why) < 0) {
        if (!path && why.code == ENOENT)
            return 0;
        return gh_fail(err, GH_CONFIG, "cannot read %s: %s", path ? path : other, why.msg);
    }
    if (ret_len)
        *ret_len = n;
    return 0;
}

void gh_credential_free(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    gh_free_ptr(text);
}
