/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glibc makes fstat(fd) a newfstatat(fd, "", AT_EMPTY_PATH), which a filter cannot tell from a
 * question about any path on the machine. These two ask by descriptor, and the libraries the worker
 * is linked with use them in place of glibc's. In the last archive on the command line, so that a
 * reference from any other is seen before it; the self-test checks that they are in use.
 */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__aarch64__)
__attribute__((visibility("default"))) int fstat(int fd, struct stat *st)
{
    return (int)syscall(SYS_fstat, fd, st);
}

__attribute__((visibility("default"))) int fstat64(int fd, struct stat64 *st)
{
    return (int)syscall(SYS_fstat, fd, st);
}
#endif
