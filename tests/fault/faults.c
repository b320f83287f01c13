/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into ghatd: numbers every call that makes something durable or visible, and at number N
 * dies (before or after the call) or answers with an error. GHAT_FAULT is "before:N", "after:N",
 * "EIO:N", "ENOSPC:N", or, where the machine loses power instead of the process, "cut-before:N" or
 * "cut-after:N": the file system of the folder GHAT_FAULT_MOUNT is shut down at once, without its
 * journal being written out (root). GHAT_FAULT_ON: count only syncs and writes of files, and
 * renames (renameat2) into folders, whose path contains this. GHAT_FAULT_AHEAD: the wall clock is
 * so many seconds ahead; GHAT_FAULT_CLOCK: a file says how many, anew each time, its last line now,
 * earlier lines before; a second number is the real time from which a line held. GHAT_FAULT_COUNT
 * names a file that gets how many such calls there were when the process ends. Calls are counted
 * over all threads. GHAT_FAULT_RENUMBER: every file system says that it is FAT, and numbers the
 * inodes that statx answers anew, by this. GHAT_FAULT_SICK: a file that says "NAME ERRNO": what has
 * that name cannot be opened, for as long as it says so.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum mode { OFF, BEFORE, AFTER, FAIL };

#define SHUTDOWN _IOR('X', 125, unsigned) /* FS_IOC_SHUTDOWN */
#define NO_LOG_FLUSH 2u

static enum mode mode;
static int cut = -1; /* the folder whose file system ends with us */
static int failure;
static unsigned long target;
static atomic_ulong count;
static const char *count_file, *only, *clock_file;
static time_t ahead;

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("GHAT_FAULT");
    count_file = getenv("GHAT_FAULT_COUNT");
    only = getenv("GHAT_FAULT_ON");
    clock_file = getenv("GHAT_FAULT_CLOCK");
    ahead = getenv("GHAT_FAULT_AHEAD") ? atol(getenv("GHAT_FAULT_AHEAD")) : 0;
    unsetenv("LD_PRELOAD"); /* the worker is not what is tested here */
    if (!text || !*text)
        return;
    const char *colon = strchr(text, ':');
    if (!colon)
        abort();
    target = strtoul(colon + 1, NULL, 10);
    static const struct {
        const char *name;
        enum mode mode;
        int failure;
    } modes[] = {{"before:", BEFORE, 0},   {"after:", AFTER, 0}, {"cut-before:", BEFORE, 0},
                 {"cut-after:", AFTER, 0}, {"EIO:", FAIL, EIO},  {"ENOSPC:", FAIL, ENOSPC}};
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
        if (strncmp(text, modes[i].name, strlen(modes[i].name)) == 0) {
            mode = modes[i].mode;
            failure = modes[i].failure;
        }
    if (mode == OFF)
        abort();
    if (strncmp(text, "cut-", 4) == 0) {
        const char *folder = getenv("GHAT_FAULT_MOUNT");
        cut = folder ? (int)syscall(SYS_openat, AT_FDCWD, folder,
                                    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
                     : -1;
        if (cut < 0)
            abort();
    }
}

__attribute__((destructor)) static void finish(void)
{
    FILE *f = count_file ? fopen(count_file, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "%lu\n", atomic_load(&count));
    fclose(f);
}

static void die(void)
{
    unsigned how = NO_LOG_FLUSH;
    if (cut >= 0 && syscall(SYS_ioctl, cut, SHUTDOWN, &how) < 0)
        abort();
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Is this call of one that counts? fd -1: one of a name. */
static int counts(int fd)
{
    char link[64], path[512];
    if (!only)
        return 1;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = fd < 0 ? -1 : readlink(link, path, sizeof(path) - 1);
    if (n < 0)
        return 0;
    path[n] = 0;
    return strstr(path, only) != NULL;
}

/* Number this call. True: answer with an error instead of making it. */
static int enter_fd(int fd, int *ret_after)
{
    *ret_after = 0;
    if (!counts(fd))
        return 0;
    int mine = atomic_fetch_add(&count, 1) + 1 == target;
    *ret_after = mine && mode == AFTER;
    if (mine && mode == BEFORE)
        die();
    if (mine && mode == FAIL)
        errno = failure;
    return mine && mode == FAIL;
}

static int enter(int *ret_after)
{
    return enter_fd(-1, ret_after);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

#define WRAP(type, name, params, args, ...) WRAP_FD(-1, type, name, params, args, __VA_ARGS__)
#define WRAP_FD(fd_, type, name, params, args, ...)                                                \
    type name params;                                                                              \
    type name params                                                                               \
    {                                                                                              \
        int after;                                                                                 \
        if (enter_fd(fd_, &after))                                                                 \
            return -1;                                                                             \
        type r = REAL(type, name, __VA_ARGS__) args;                                               \
        if (after)                                                                                 \
            die();                                                                                 \
        return r;                                                                                  \
    }

WRAP_FD(fd, int, fsync, (int fd), (fd), int)
WRAP_FD(fd, int, fdatasync, (int fd), (fd), int)
WRAP(int, linkat, (int a, const char *b, int c, const char *d, int e), (a, b, c, d, e), int,
     const char *, int, const char *, int)
WRAP(int, renameat, (int a, const char *b, int c, const char *d), (a, b, c, d), int, const char *,
     int, const char *)
WRAP_FD(c, int, renameat2, (int a, const char *b, int c, const char *d, unsigned e),
        (a, b, c, d, e), int, const char *, int, const char *, unsigned)
WRAP(int, unlinkat, (int a, const char *b, int c), (a, b, c), int, const char *, int)
WRAP(int, mkdirat, (int a, const char *b, mode_t c), (a, b, c), int, const char *, mode_t)
WRAP_FD(fd, ssize_t, pwrite64, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), int,
        const void *, size_t, off_t)
WRAP_FD(fd, ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), int,
        const void *, size_t, off_t)
WRAP(ssize_t, copy_file_range, (int a, off64_t *b, int c, off64_t *d, size_t n, unsigned f),
     (a, b, c, d, n, f), int, off64_t *, int, off64_t *, size_t, unsigned)

WRAP(int, unlink, (const char *a), (a), const char *)
WRAP(int, fchmod, (int fd, mode_t m), (fd, m), int, mode_t)
WRAP(int, ftruncate, (int fd, off_t n), (fd, n), int, off_t)
WRAP(int, ftruncate64, (int fd, off64_t n), (fd, n), int, off64_t)

/* The errno with which path cannot be opened now; 0: it can. */
static int sick(const char *path)
{
    const char *file = getenv("GHAT_FAULT_SICK");
    char text[128] = "";
    int fd =
        file ? (int)REAL(long, syscall, long, ...)(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC)
             : -1;
    if (fd < 0)
        return 0;
    (void)!REAL(long, syscall, long, ...)(SYS_read, fd, text, sizeof(text) - 1);
    REAL(long, syscall, long, ...)(SYS_close, fd);
    char *space = strchr(text, ' ');
    if (!space || (size_t)(space - text) != strlen(path) || strncmp(text, path, strlen(path)) != 0)
        return 0;
    return atoi(space);
}

/* Opening: what makes a file. */
#define WRAP_OPEN(name, params, args, last, ...)                                                   \
    int name params;                                                                               \
    int name params                                                                                \
    {                                                                                              \
        int after = 0;                                                                             \
        mode_t m = 0;                                                                              \
        if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) {                                 \
            va_list ap;                                                                            \
            va_start(ap, last);                                                                    \
            m = va_arg(ap, mode_t);                                                                \
            va_end(ap);                                                                            \
            if (enter(&after))                                                                     \
                return -1;                                                                         \
        } else if ((errno = sick(path))) {                                                         \
            return -1;                                                                             \
        }                                                                                          \
        int r = REAL(int, name, __VA_ARGS__, ...) args;                                            \
        if (after)                                                                                 \
            die();                                                                                 \
        return r;                                                                                  \
    }

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, m), flags, const char *, int)
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, m), flags, const char *, int)
WRAP_OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, m), flags, int,
          const char *, int)
WRAP_OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, m), flags, int,
          const char *, int)

/* ioctl: cloning a file's bytes. */
int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    int after = 0;
    if (request == FICLONE && enter(&after))
        return -1;
    int r = (int)syscall(SYS_ioctl, fd, request, arg);
    if (after)
        die();
    return r;
}

#define JUMPS 128 /* lines of GHAT_FAULT_CLOCK */

/* What the clock was ahead by at a real time, as the file says; the last line's for now. */
static time_t ahead_at(time_t real)
{
    char text[JUMPS * 32] = "";
    time_t found = ahead;
    int fd = clock_file ? (int)REAL(long, syscall, long, ...)(SYS_openat, AT_FDCWD, clock_file,
                                                              O_RDONLY | O_CLOEXEC)
                        : -1;
    if (fd < 0)
        return found;
    int any = REAL(long, syscall, long, ...)(SYS_read, fd, text, sizeof(text) - 1) > 0;
    REAL(long, syscall, long, ...)(SYS_close, fd);
    char *line = text;
    while (any && *line) {
        char *rest;
        time_t by = strtol(line, &rest, 10), since = *rest == ' ' ? strtol(rest, &rest, 10) : 0;
        if (rest == line || (since > real && line != text))
            break;
        found = by;
        line = *rest == '\n' ? rest + 1 : rest;
    }
    return found;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    int r = (int)REAL(long, syscall, long, ...)(SYS_clock_gettime, id, ret);
    if (r == 0 && id == CLOCK_REALTIME)
        ret->tv_sec += ahead_at(ret->tv_sec);
    return r;
}

/* Under a clock that a file sets, what the kernel wrote by its own is as far ahead as ours was
 * then. Under one that is simply ahead, what lies there is old: that is how days are made to pass.
 */
int fstatat(int dir, const char *path, struct stat *ret, int flags)
{
    int r = REAL(int, fstatat, int, const char *, struct stat *, int)(dir, path, ret, flags);
    if (r == 0 && clock_file)
        ret->st_ctim.tv_sec += ahead_at(ret->st_ctim.tv_sec);
    return r;
}

int fstat(int fd, struct stat *ret)
{
    int r = REAL(int, fstat, int, struct stat *)(fd, ret);
    if (r == 0 && clock_file)
        ret->st_ctim.tv_sec += ahead_at(ret->st_ctim.tv_sec);
    return r;
}

/* syscall: openat2 has no function of its own. */
long syscall(long number, ...)
{
    va_list ap;
    long a[6];
    va_start(ap, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    int after = 0;
    if (number == SYS_openat2 && enter(&after))
        return -1;
    long r = REAL(long, syscall, long, ...)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (after)
        die();
    return r;
}

/* write: regular files only; sockets, pipes and the log are not durable. */
ssize_t write(int fd, const void *b, size_t n)
{
    struct stat st;
    int after = 0;
    if (fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && enter_fd(fd, &after))
        return -1;
    ssize_t r = REAL(ssize_t, write, int, const void *, size_t)(fd, b, n);
    if (after)
        die();
    return r;
}

static unsigned long renumbered(void)
{
    const char *text = getenv("GHAT_FAULT_RENUMBER");
    return text ? strtoul(text, NULL, 10) : 0;
}

int fstatfs(int fd, struct statfs *ret);
int fstatfs(int fd, struct statfs *ret)
{
    int r = REAL(int, fstatfs, int, struct statfs *)(fd, ret);
    if (r == 0 && renumbered())
        ret->f_type = 0x4d44; /* MSDOS_SUPER_MAGIC */
    return r;
}

int statx(int dir, const char *path, int flags, unsigned mask, struct statx *ret);
int statx(int dir, const char *path, int flags, unsigned mask, struct statx *ret)
{
    int r = REAL(int, statx, int, const char *, int, unsigned, struct statx *)(dir, path, flags,
                                                                               mask, ret);
    if (r == 0)
        ret->stx_ino += renumbered() * 1000003;
    return r;
}
