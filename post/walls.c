/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walls of ghat-post. It connects out and does nothing else: no process, no program, no file to
 * write, no socket that listens; of files it reads the resolver's and certificates. The list of
 * system calls is measured with strace, over names, addresses, TLS and failures. Everything that is
 * not named ends the process.
 */
#include "post/walls.h"

#include "base/forbidden.h"
#include "base/landlock.h"
#include "base/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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
    const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);
    const struct scmp_arg_cmp inet = SCMP_A0(SCMP_CMP_EQ, AF_INET, 0);
    const struct scmp_arg_cmp inet6 = SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0);
    /* netlink is what the resolver asks which addresses the machine has; it lives without */
    const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_GT, AF_INET6, 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ALLOW, CALL(socket), local},
        {SCMP_ACT_ALLOW, CALL(socket), inet},
        {SCMP_ACT_ALLOW, CALL(socket), inet6},
        {SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), other},
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

static void note_file(struct gh_post_file *f)
{
    struct stat st;
    bool there = stat(f->path, &st) == 0;
    f->dev = there ? st.st_dev : 0;
    f->ino = there ? st.st_ino : 0;
}

size_t gh_post_files_note(const char *ca, struct gh_post_file ret[GH_POST_FILES])
{
    _Static_assert(GH_LEN(readable) < GH_POST_FILES, "a place for each, and for ca");
    size_t n = 0;
    for (; n < GH_LEN(readable); n++)
        ret[n].path = readable[n];
    if (ca)
        ret[n++].path = ca;
    for (size_t i = 0; i < n; i++)
        note_file(&ret[i]);
    return n;
}

const char *gh_post_files_replaced(const struct gh_post_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct gh_post_file now = files[i];
        note_file(&now);
        if (now.ino && (now.ino != files[i].ino || now.dev != files[i].dev))
            return files[i].path;
    }
    return NULL;
}

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
    if (!GH_CONFINED)
        return 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot give up privileges");
    TRY(enter_landlock(ca, seccomp_only, err));
    return enter_filter(err);
}

/* -------------------------------------------------------------------------------------- self-test
 */

static long try_write(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/hosts", O_WRONLY);
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

static const struct gh_forbidden acts[] = {
    {"write to a file that it reads", try_write, true},
    {"bind a socket", try_bind, false},
    {"listen", try_listen, false},
};

int gh_post_walls_selftest(bool seccomp_only, struct gh_err *err)
{
    const char *could = gh_forbidden_possible(gh_forbidden, gh_forbidden_n, seccomp_only);
    if (!could)
        could = gh_forbidden_possible(acts, GH_LEN(acts), seccomp_only);
    return could ? gh_fail(err, GH_SYSTEM, "the walls do not hold: it could %s", could) : 0;
}
