/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls a child may make: an allow-list, measured with strace over every format the pipeline reads and
 * writes (tests/sandbox/system-calls-by-format.sh). Three kinds: allowed, refused with an error because libraries try
 * them and live without, and everything else: the process is killed. libseccomp writes the filter once, in the nursery.
 */
#include "pipeline/sandbox.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
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
    /* ending; which process tgkill may hit is the other filter's matter */
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigaction),
    CALL(tgkill),
    CALL(exit),
    CALL(exit_group),
};

/* Tried by libraries that go on without: an error, not death. */
static const struct {
    int call, error;
} refused[] = {
    {CALL(clone3), ENOSYS}, /* its flags lie in memory where no filter sees them: glibc falls back to clone */
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

/* What depends on arguments. */
static int add_conditional(scmp_filter_ctx ctx)
{
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp set_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
    const struct scmp_arg_cmp small_pages = SCMP_A0(SCMP_CMP_EQ, PR_SET_THP_DISABLE, 0);
    const struct {
        uint32_t action;
        int call;
        struct scmp_arg_cmp arg;
    } rules[] = {
        {SCMP_ACT_ALLOW, CALL(mmap), no_exec},      {SCMP_ACT_ERRNO(EACCES), CALL(mmap), exec},
        {SCMP_ACT_ALLOW, CALL(mprotect), no_exec},  {SCMP_ACT_ERRNO(EACCES), CALL(mprotect), exec},
        {SCMP_ACT_ALLOW, CALL(clone), thread},      {SCMP_ACT_ALLOW, CALL(prctl), set_name},
        {SCMP_ACT_ALLOW, CALL(prctl), small_pages},
    };
    for (size_t i = 0; i < GH_LEN(rules); i++) {
        int r = seccomp_rule_add_array(ctx, rules[i].action, rules[i].call, 1, &rules[i].arg);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_rules(scmp_filter_ctx ctx)
{
    int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    /* A tree instead of a chain: the kernel walks the filter once for every call there is when it is installed. */
    if (r == 0)
        r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; r == 0 && i < GH_LEN(allowed); i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; r == 0 && i < GH_LEN(refused); i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)refused[i].error), refused[i].call, 0);
    return r == 0 ? add_conditional(ctx) : r;
}

static void release(scmp_filter_ctx *ctx)
{
    if (*ctx)
        seccomp_release(*ctx);
}

/* libseccomp hands its programme out through a descriptor only. */
int gh_seccomp_compile(struct sock_fprog *ret, struct gh_err *err)
{
    GH_AUTO(release) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!ctx || add_rules(ctx) < 0)
        return gh_fail(err, GH_SYSTEM, "cannot build the system call filter");
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

static int install(const struct sock_fprog *prog, struct gh_err *err)
{
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot enter the system call filter");
    return 0;
}

#define LOW_HALF (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)

/* tgkill ends in abort(), but it takes any process: a second filter, which knows the pid, lets it hit only the caller.
 */
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
    TRY(install(&own_signals, err));
    return install(filter, err);
}
