/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk's walls: Landlock without a single rule, and a list of system calls measured with
 * strace. Filters see no paths of sockets: which ones the desk can reach its unit decides by what
 * it mounts. What is tried by libraries, and by the self-test, gets an error; everything that is
 * not named ends the process. */
#include "desk/walls.h"

#include "base/forbidden.h"
#include "base/landlock.h"
#include "base/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* connections and descriptors it was given */
    CALL(accept4),
    CALL(connect),
    CALL(recvmsg),
    CALL(recvfrom),
    CALL(sendmsg),
    CALL(sendto),
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(lseek),
    CALL(sendfile),
    CALL(close),
    CALL(shutdown),
    CALL(setsockopt),
    CALL(getsockopt),
    CALL(getsockname),
    CALL(getpeername),
    CALL(fcntl),
    CALL(fstat),
    CALL(socketpair),
    /* waiting */
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(eventfd2),
    CALL(pipe2),
    CALL(poll),
    CALL(ppoll),
    CALL(clock_nanosleep),
    CALL(restart_syscall),
    /* memory, threads, time */
    CALL(munmap),
    CALL(brk),
    CALL(madvise),
    CALL(mremap),
    CALL(mlock),
    CALL(munlock),
    CALL(futex),
    CALL(set_robust_list),
    CALL(rseq),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(gettid),
    CALL(getpid),
    CALL(clock_gettime),
    CALL(gettimeofday),
    CALL(getrandom),
    CALL(sysinfo),
    /* ending */
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigaction),
    CALL(rt_sigtimedwait),
    CALL(sigaltstack),
    CALL(exit),
    CALL(exit_group),
};

static const struct gh_seccomp_refusal refused[] = {
    /* its flags lie in memory where no filter sees them: glibc falls back to clone */
    {CALL(clone3), ENOSYS},
    {CALL(openat), EACCES},
    {CALL(openat2), EACCES},
    {CALL(open), EACCES},
    {CALL(access), EACCES},
    {CALL(faccessat), EACCES},
    {CALL(faccessat2), EACCES},
    {CALL(readlink), EACCES},
    {CALL(readlinkat), EACCES},
    {CALL(stat), EACCES},
    {CALL(lstat), EACCES},
    {CALL(statx), EACCES},
    {CALL(unlink), EACCES},
    {CALL(unlinkat), EACCES},
    {CALL(ioctl), ENOTTY},
    {CALL(bind), EACCES},
    {CALL(listen), EACCES},
    {CALL(execve), EACCES},
    {CALL(execveat), EACCES},
    {CALL(fork), EPERM},
    {CALL(vfork), EPERM},
    {CALL(ptrace), EPERM},
    {CALL(kill), EPERM},
    {CALL(pidfd_open), EPERM},
    {CALL(process_vm_readv), EPERM},
    {CALL(memfd_create), EPERM},
    {CALL(unshare), EPERM},
    {CALL(prlimit64), EPERM},
    {CALL(getrlimit), EPERM},
    {CALL(uname), EPERM},
    {CALL(io_uring_setup), ENOSYS},
    {CALL(bpf), EPERM},
    {CALL(keyctl), EPERM},
    {CALL(sched_setaffinity), EPERM},
    {CALL(getuid), EPERM},
    {CALL(geteuid), EPERM},
    {CALL(mount), EPERM},
    {CALL(setpriority), EPERM},
    {CALL(sched_setscheduler), EPERM},
};

static int enter_filter(struct gh_err *err)
{
    const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);
    const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0);
    /* glibc's fstat() is newfstatat() of an empty path */
    const struct scmp_arg_cmp by_descriptor = SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0);
    const struct scmp_arg_cmp by_name = SCMP_A3(SCMP_CMP_NE, AT_EMPTY_PATH, 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ALLOW, CALL(socket), local},
        {SCMP_ACT_ERRNO(EACCES), CALL(socket), other},
        {SCMP_ACT_ALLOW, CALL(newfstatat), by_descriptor},
        {SCMP_ACT_ERRNO(EACCES), CALL(newfstatat), by_name},
    };
    return gh_seccomp_load(
        &(struct gh_seccomp_policy){
            .otherwise = SCMP_ACT_KILL_PROCESS,
            .named = SCMP_ACT_ALLOW,
            .calls = allowed,
            .n_calls = GH_LEN(allowed),
            .refused = refused,
            .n_refused = GH_LEN(refused),
            .rules = rules,
            .n_rules = GH_LEN(rules),
            .itself_alone = true,
        },
        err);
}

static int enter_landlock(bool seccomp_only, struct gh_err *err)
{
    GH_AUTO_FD ruleset = -1;
    unsigned abi;
    int r = gh_landlock_prepare(&ruleset, &abi, err);
    if (r < 0)
        return seccomp_only ? 0 : r;
    return gh_landlock_enter(ruleset, err);
}

int gh_walls_enter(bool seccomp_only, struct gh_err *err)
{
    if (!GH_CONFINED)
        return 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot give up privileges");
    TRY(enter_landlock(seccomp_only, err));
    return enter_filter(err);
}

/* -------------------------------------------------------------------------------------- self-test
 */

static long try_stat(void)
{
    struct stat st;
    return syscall(SYS_stat, "/etc/passwd", &st);
}
static long try_stat_beneath(void)
{
    struct stat st;
    return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, 0);
}
static long try_inet(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}
static long try_listen(void)
{
    struct sockaddr addr = {.sa_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long r = syscall(SYS_bind, fd, &addr, sizeof(addr.sa_family));
    close(fd);
    return r;
}

static const struct gh_forbidden acts[] = {
    {"ask for a file by name", try_stat, false},
    {"ask for a file beneath a folder", try_stat_beneath, false},
    {"open an internet socket", try_inet, false},
    {"listen", try_listen, false},
};

void gh_walls_selftest(struct gh_str *out)
{
    const char *could = gh_forbidden_possible(gh_forbidden, gh_forbidden_n, false);
    if (!could)
        could = gh_forbidden_possible(acts, GH_LEN(acts), false);
    if (could)
        gh_str_printf(out, "it could %s; ", could);
    else
        gh_str_puts(out, "held\n");
}
