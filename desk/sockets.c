/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the sockets that were handed over is which. */
#include "desk/sockets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_FD 3 /* of sd_listen_fds(3) */
#define MOST 2

static bool is_socket(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* The name at *rest, which is moved behind it. */
static bool next_is_https(const char **rest)
{
    size_t n = strcspn(*rest, ":");
    bool is = n == strlen("https") && !strncmp(*rest, "https", n);
    *rest += n + ((*rest)[n] == ':');
    return is;
}

int gh_sockets_inherited(struct gh_listeners *ret, struct gh_err *err)
{
    const char *many = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    const char *names = getenv("LISTEN_FDNAMES");
    uint64_t n = 0;
    *ret = (struct gh_listeners){.http = -1, .https = -1};
    if (!many || !gh_parse_u64(many, MOST, &n) || n == 0 ||
        (pid && strtol(pid, NULL, 10) != getpid()))
        return gh_fail(err, GH_CONFIG,
                       "there must be one listening socket in LISTEN_FDS, or one for http and one "
                       "for https (start ghat-desk.socket)");
    if (!names)
        names = "";
    for (int fd = FIRST_FD; fd < FIRST_FD + (int)n; fd++) {
        bool https = next_is_https(&names);
        int *place = https ? &ret->https : &ret->http;
        if (!is_socket(fd) || *place >= 0)
            return gh_fail(err, GH_CONFIG, "descriptor %d of LISTEN_FDS is %s", fd,
                           *place < 0 ? "no socket"
                           : https
                               ? "a second socket for https"
                               : "a second socket for http (LISTEN_FDNAMES names neither https)");
        *place = fd;
    }
    return 0;
}
