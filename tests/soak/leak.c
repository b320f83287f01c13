/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A planted fault, for trying whether the soak would see one: of every four connections that are
 * accepted one is never closed. Preloaded into the copy of ghatd that is under test. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    static int n;
    int r = (int)syscall(SYS_accept4, fd, addr, len, flags);
    if (r >= 0 && ++n % 4 == 0)
        (void)!fcntl(r, F_DUPFD_CLOEXEC, 0);
    return r;
}
