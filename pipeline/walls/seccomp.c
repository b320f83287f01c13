/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls a child may make: an allow-list, measured with strace over every format the
 * pipeline reads and writes (tests/sandbox/system-calls-by-format.sh). Three kinds: allowed,
 * refused with an error because libraries try them and live without, and everything else: the
 * process is killed. libseccomp writes the filter once, in the nursery.
 */
#include "pipeline/walls/sandbox.h"

#include "base/seccomp.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* the descriptors it was given */
    CALL(read),
    CALL(write),
    CALL(pread64),
    CALL(pwrite64),
    CALL(readv),
    CALL(writev),
    CALL(lseek),
    CALL(close),
    CALL(dup),
    CALL(fstat),
    CALL(ftruncate),
    CALL(fsync),
    CALL(fdatasync),
    CALL(fallocate),
    /* the conversation */
    CALL(recvmsg),
    CALL(sendmsg),
    CALL(poll),
    CALL(ppoll),
    /* memory */
    CALL(munmap),
    CALL(brk),
    CALL(madvise),
    CALL(mremap),
    /* threads and time */
    CALL(futex),
    CALL(set_robust_list),
    CALL(rseq),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(gettid),
    CALL(getpid),
    CALL(clock_gettime),
    CALL(clock_nanosleep),
    CALL(gettimeofday),
    CALL(restart_syscall),
    CALL(getrusage),
    CALL(sysinfo),
    CALL(getrandom),
    CALL(umask),
    /* ending; which process tgkill may signal is decided by the filter below */
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigaction),
    CALL(tgkill),
    CALL(exit),
    CALL(exit_group),
};

/* Libraries try these and go on without: they get an error, and are not killed. */
static const struct gh_seccomp_refusal refused[] = {
    /* its flags lie in memory where no filter sees them: glibc falls back to clone */
    {CALL(clone3), ENOSYS},
    {CALL(openat), EACCES},
    {CALL(open), EACCES},
    {CALL(access), EACCES},
    {CALL(faccessat), EACCES},
    {CALL(faccessat2), EACCES},
    {CALL(readlink), EACCES},
    {CALL(readlinkat), EACCES},
    {CALL(stat), EACCES},
    {CALL(lstat), EACCES},
    {CALL(newfstatat), EACCES},
    {CALL(statx), EACCES},
    {CALL(mkdir), EACCES},
    {CALL(unlink), EACCES},
    {CALL(ioctl), ENOTTY},
    {CALL(prlimit64), EPERM},
    {CALL(getrlimit), EPERM},
    {CALL(uname), EPERM},
    {CALL(fcntl), EPERM},
    {CALL(getcpu), ENOSYS},
    {CALL(getuid), EPERM},
    {CALL(geteuid), EPERM},
    {CALL(getpeername), EPERM},
    {CALL(getsockname), EPERM},
    {CALL(set_mempolicy), EPERM},
    {CALL(get_mempolicy), EPERM},
    {CALL(mbind), EPERM},
    {CALL(sched_setscheduler), EPERM},
    {CALL(sched_setaffinity), EPERM},
    {CALL(sched_getscheduler), EPERM},
    {CALL(sched_getparam), EPERM},
    {CALL(setpriority), EPERM},
};

static int build_filter(scmp_filter_ctx *ret, struct gh_err *err)
{
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp set_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
    const struct scmp_arg_cmp small_pages = SCMP_A0(SCMP_CMP_EQ, PR_SET_THP_DISABLE, 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ALLOW, CALL(mmap), no_exec},      {SCMP_ACT_ERRNO(EACCES), CALL(mmap), exec},
        {SCMP_ACT_ALLOW, CALL(mprotect), no_exec},  {SCMP_ACT_ERRNO(EACCES), CALL(mprotect), exec},
        {SCMP_ACT_ALLOW, CALL(clone), thread},      {SCMP_ACT_ALLOW, CALL(prctl), set_name},
        {SCMP_ACT_ALLOW, CALL(prctl), small_pages},
    };
    return gh_seccomp_build(
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
        ret, err);
}

/* libseccomp gives its program only through a descriptor. */
int gh_seccomp_compile(struct sock_fprog *ret, struct gh_err *err)
{
    GH_AUTO(gh_seccomp_release) scmp_filter_ctx ctx = NULL;
    TRY(build_filter(&ctx, err));
    GH_AUTO_FD fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0 || seccomp_export_bpf(ctx, fd) < 0)
        return gh_fail(err, GH_SYSTEM, "cannot write the system call filter");
    off_t size = lseek(fd, 0, SEEK_END);
    size_t n = (size_t)size / sizeof(struct sock_filter);
    if (size <= 0 || (size_t)size % sizeof(struct sock_filter) || n > BPF_MAXINSNS)
        return gh_fail(err, GH_BUG, "the system call filter has an odd size");
    GH_AUTO_FREE struct sock_filter *code = malloc((size_t)size);
    if (!code || pread(fd, code, (size_t)size, 0) != size)
        return gh_fail(err, GH_SYSTEM, "cannot read the system call filter");
    *ret = (struct sock_fprog){.len = (unsigned short)n, .filter = gh_steal(&code)};
    return 0;
}

static int install_filter(const struct sock_fprog *prog, struct gh_err *err)
{
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot enter the system call filter");
    return 0;
}

#define LOW_HALF (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)

/* abort() needs tgkill, which can signal any process: a second filter, which knows the pid, allows
 * it for the caller only. */
int gh_seccomp_enter(const struct sock_fprog *filter, struct gh_err *err)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + LOW_HALF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog own_signals = {.len = GH_LEN(code), .filter = code};
    TRY(install_filter(&own_signals, err));
    return install_filter(filter, err);
}
