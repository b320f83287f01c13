/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walls of ghat-post. It connects out and does nothing else: no process, no program, no file to
 * write, no socket that listens; of files it reads the resolver's and certificates. The list of
 * system calls is measured with strace, over names, addresses, TLS and failures. Everything that is
 * not named ends the process.
 */
#include "post/walls.h"

#include "base/landlock.h"
#include "base/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINED 0
#else
#define CONFINED 1
#endif

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* connections */
    CALL(connect),
    CALL(recvmsg),
    CALL(recvfrom),
    CALL(sendmsg),
    CALL(sendto),
    CALL(sendmmsg),
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(uname),
    CALL(ioctl),
    CALL(lseek),
    CALL(close),
    CALL(shutdown),
    CALL(setsockopt),
    CALL(getsockopt),
    CALL(getsockname),
    CALL(getpeername),
    CALL(fcntl),
    CALL(fstat),
    CALL(socketpair),
    /* files of the resolver, and certificates: which ones, Landlock says */
    CALL(openat),
    CALL(newfstatat),
    CALL(access),
    CALL(faccessat2),
    CALL(readlink),
    CALL(getdents64),
    CALL(fadvise64),
    /* waiting */
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(eventfd2),
    CALL(pipe),
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
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(time),
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
    {CALL(openat2), EACCES},
    {CALL(open), EACCES},
    {CALL(stat), EACCES},
    {CALL(statx), ENOSYS},
    {CALL(unlink), EACCES},
    {CALL(unlinkat), EACCES},
    {CALL(bind), EACCES},
    {CALL(listen), EACCES},
    {CALL(accept4), EACCES},
    {CALL(execve), EACCES},
    {CALL(execveat), EACCES},
    {CALL(fork), EPERM},
    {CALL(vfork), EPERM},
    {CALL(ptrace), EPERM},
    {CALL(kill), EPERM},
    {CALL(process_vm_readv), EPERM},
    {CALL(memfd_create), EPERM},
    {CALL(unshare), EPERM},
    {CALL(prlimit64), EPERM},
    {CALL(getrlimit), EPERM},
    {CALL(io_uring_setup), ENOSYS},
    {CALL(bpf), EPERM},
    {CALL(keyctl), EPERM},
    {CALL(mount), EPERM},
    {CALL(sched_setaffinity), EPERM},
};

static int enter_filter(struct gh_err *err)
{
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);
    const struct scmp_arg_cmp inet = SCMP_A0(SCMP_CMP_EQ, AF_INET, 0);
    const struct scmp_arg_cmp inet6 = SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0);
    /* netlink is what the resolver asks which addresses the machine has; it lives without */
    const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_GT, AF_INET6, 0);
    const struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp foreign = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp set_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ALLOW, CALL(mmap), no_exec},
        {SCMP_ACT_ERRNO(EACCES), CALL(mmap), exec},
        {SCMP_ACT_ALLOW, CALL(mprotect), no_exec},
        {SCMP_ACT_ERRNO(EACCES), CALL(mprotect), exec},
        {SCMP_ACT_ALLOW, CALL(clone), thread},
        {SCMP_ACT_ERRNO(EPERM), CALL(clone), process},
        {SCMP_ACT_ALLOW, CALL(socket), local},
        {SCMP_ACT_ALLOW, CALL(socket), inet},
        {SCMP_ACT_ALLOW, CALL(socket), inet6},
        {SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), other},
        {SCMP_ACT_ALLOW, CALL(tgkill), own},
        {SCMP_ACT_ERRNO(EPERM), CALL(tgkill), foreign},
        {SCMP_ACT_ALLOW, CALL(prctl), set_name},
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
        },
        err);
}

/* What the resolver and TLS read. Not all of /etc: the passwords of others are no business here. */
static const char *const readable[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl",
    "/usr/lib/ssl",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/run/systemd/resolve",
};

static int enter_landlock(const char *ca, bool seccomp_only, struct gh_err *err)
{
    GH_AUTO_FD ruleset = -1;
    unsigned abi;
    int r = gh_landlock_prepare_out(&ruleset, &abi, err);
    if (r < 0)
        return seccomp_only ? 0 : r;
    for (size_t i = 0; i < GH_LEN(readable); i++) {
        struct stat st;
        bool folder = stat(readable[i], &st) == 0 && S_ISDIR(st.st_mode);
        TRY(gh_landlock_allow(
            ruleset, abi, readable[i],
            LANDLOCK_ACCESS_FS_READ_FILE | (folder ? LANDLOCK_ACCESS_FS_READ_DIR : 0), err));
    }
    if (ca)
        TRY(gh_landlock_allow(ruleset, abi, ca, LANDLOCK_ACCESS_FS_READ_FILE, err));
    return gh_landlock_enter(ruleset, err);
}

int gh_post_walls_enter(const char *ca, bool seccomp_only, struct gh_err *err)
{
    if (!CONFINED)
        return 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot give up privileges");
    TRY(enter_landlock(ca, seccomp_only, err));
    return enter_filter(err);
}

/* -------------------------------------------------------------------------------------- self-test
 */

static long try_open(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}
static long try_create(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/tmp/ghat-post", O_WRONLY | O_CREAT, 0600);
}
static long try_write(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/hosts", O_WRONLY);
}
static long try_netlink(void)
{
    return syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
}
static long try_packet(void)
{
    return syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0);
}
static long try_bind(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long r = syscall(SYS_bind, fd, &addr, sizeof(addr));
    close(fd);
    return r;
}
static long try_listen(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long r = syscall(SYS_listen, fd, 1);
    close(fd);
    return r;
}
static long try_fork(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}
static long try_exec(void)
{
    char *argv[] = {(char[]){"true"}, NULL};
    return syscall(SYS_execve, "/bin/true", argv, NULL);
}
static long try_map_exec(void)
{
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static long try_ptrace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0);
}
static long try_kill(void)
{
    return syscall(SYS_kill, 1, 0);
}
static long try_unshare(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER);
}

static const struct {
    const char *what;
    long (*act)(void);
    bool by_landlock;
} acts[] = {
    {"open a file", try_open, true},
    {"create a file", try_create, true},
    {"write to a file that it reads", try_write, true},
    {"open a netlink socket", try_netlink, false},
    {"open a packet socket", try_packet, false},
    {"bind a socket", try_bind, false},
    {"listen", try_listen, false},
    {"fork", try_fork, false},
    {"execute a program", try_exec, false},
    {"map executable memory", try_map_exec, false},
    {"trace another process", try_ptrace, false},
    {"signal another process", try_kill, false},
    {"make a user namespace", try_unshare, false},
};

int gh_post_walls_selftest(bool seccomp_only, struct gh_err *err)
{
    for (size_t i = 0; CONFINED && i < GH_LEN(acts); i++)
        if (!(seccomp_only && acts[i].by_landlock) && acts[i].act() >= 0)
            return gh_fail(err, GH_SYSTEM, "the walls do not hold: it could %s", acts[i].what);
    return 0;
}
