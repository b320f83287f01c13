/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A named file, or else systemd's credential. It is read once, into the place that is wiped. */
#include "base/credential.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Links are followed: an administrator names the file, and certificates are links to the newest. */
static int read_whole(const char *path, size_t max, char **ret, size_t *ret_len, struct gh_err *err)
{
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    if (fd < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot open %s", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > (off_t)max)
        return gh_fail(err, GH_CONFIG, "%s is no regular file of at most %zu bytes", path, max);
    char *text = gh_alloc((size_t)st.st_size + 1);
    size_t len = 0;
    while (len < (size_t)st.st_size) {
        ssize_t n = read(fd, text + len, (size_t)st.st_size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (len < (size_t)st.st_size) { /* half a secret is none */
        explicit_bzero(text, len);
        free(text);
        return gh_fail(err, GH_CONFIG, "%s cannot be read to its end", path);
    }
    text[len] = '\0';
    *ret = text;
    if (ret_len)
        *ret_len = len;
    return 0;
}

int gh_credential_read(const char *path, const char *credential, size_t max, char **ret,
                       size_t *ret_len, struct gh_err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    GH_AUTO_FREE char *other = folder ? gh_asprintf("%s/%s", folder, credential) : NULL;
    if (!path && (!other || access(other, F_OK) < 0))
        return 0;
    return read_whole(path ? path : other, max, ret, ret_len, err);
}

void gh_credential_free(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    gh_free_ptr(text);
}
