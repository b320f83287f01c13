/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connected datagram socket. Nothing here fails: who is not told, asks in other ways. */
#include "desk/notify.h"

#include "base/str.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int gh_notify_open(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (len < 2 || len >= sizeof(to.sun_path))
        return -1;
    memcpy(to.sun_path, path, len);
    if (*path == '@')
        to.sun_path[0] = '\0'; /* a name that is in no file system */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        gh_close_fd(&fd);
    return fd;
}

void gh_notify(int fd, const char *text)
{
    if (fd >= 0)
        (void)send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int64_t gh_notify_watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t n;
    if (!usec || !gh_parse_u64(usec, INT64_MAX, &n) || (pid && strtol(pid, NULL, 10) != getpid()))
        return 0;
    return (int64_t)(n / 2000);
}
