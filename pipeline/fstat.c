/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glibc makes fstat(fd) a newfstatat(fd, "", AT_EMPTY_PATH), which no filter can tell from a question about any path on
 * the machine. The worker brings its own, which asks by descriptor; its libraries find it first.
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
