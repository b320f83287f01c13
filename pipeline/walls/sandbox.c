/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps of one child into its sandbox, in an order in which each still can be taken:
 * descriptors, process attributes, limits, capabilities, no-new-privs, Landlock, and last the
 * filter that forbids all of these. Class: GH_SYSTEM.
 */
#include "pipeline/walls/sandbox.h"

#include "base/landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Soft limit of the address space while only headers are read; the parent raises it when it knows
 * the picture's size. */
#define HEADER_BUDGET (1500ull << 20)
#define STACK_BYTES (8ull << 20)
/* Limits of a process that owns a device. Its files are those a driver makes in memory. */
#define DEVICE_NOFILE 256
#define DEVICE_FILE_BYTES (256ull << 20)
#define DEVICE_DATA_BYTES (4ull << 30)
#define PRIVATE_UMASK 077

int gh_sandbox_prepare(bool seccomp_only, struct gh_sandbox *ret, struct gh_err *err)
{
    struct gh_sandbox s = {.ruleset = -1, .nursery = getpid()};
    int r = gh_landlock_prepare(&s.ruleset, &s.landlock_abi, err);
    if (r < 0 && !seccomp_only)
        return r;
    TRY(gh_seccomp_compile(&s.filter, err));
    *ret = s;
    return 0;
}

void gh_sandbox_free(struct gh_sandbox *s)
{
    gh_close_fd(&s->ruleset);
    free(s->filter.filter);
    s->filter = (struct sock_fprog){0};
}

int gh_count_threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    if (!dir)
        return -1;
    int n = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir))
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

uint64_t gh_vm_bytes(void)
{
    char text[64] = "";
    GH_AUTO_FD fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    return strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ------------------------------------------------------------------------------------ the steps */

/* 0 and 1 are /dev/null already, as in the nursery. The job socket may be on 2 or 3 itself, so it
 * is moved to a free number first. */
static int step_descriptors(int sock, int log_fd, int *ruleset, struct gh_err *err)
{
    enum { SPARE = GH_CHILD_SOCK + 1 };
    int sock_up = fcntl(sock, F_DUPFD_CLOEXEC, SPARE);
    int rules_up = *ruleset < 0 ? -1 : fcntl(*ruleset, F_DUPFD_CLOEXEC, SPARE);
    if (sock_up < 0 || (*ruleset >= 0 && rules_up < 0))
        return gh_fail_errno(err, GH_SYSTEM, "cannot sort the descriptors");
    if (log_fd >= 0 && GH_CONFINED && dup2(log_fd, STDERR_FILENO) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot take the log pipe");
    if (log_fd < 0 && GH_CONFINED && dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot silence standard error");
    if (dup2(sock_up, GH_CHILD_SOCK) < 0 ||
        (rules_up >= 0 && dup3(rules_up, SPARE, O_CLOEXEC) < 0 && rules_up != SPARE))
        return gh_fail_errno(err, GH_SYSTEM, "cannot sort the descriptors");
    if (close_range(SPARE + (rules_up >= 0), ~0u, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot close the other descriptors");
    *ruleset = rules_up < 0 ? -1 : SPARE;
    return 0;
}

static int step_process(const struct gh_sandbox *s, const struct gh_fork *fork, struct gh_err *err)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t none;
    sigemptyset(&none);
    if (chdir("/") < 0 || sigaction(SIGPIPE, &ignore, NULL) < 0 ||
        sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot set up the process");
    umask(PRIVATE_UMASK);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot tie the child to its nursery");
    if (getppid() != s->nursery)
        return gh_fail(err, GH_SYSTEM, "the nursery is gone");
    /* The kernel kills children first when memory is short. Raising the score needs no right; a
     * /proc that refuses it makes nothing less safe. */
    GH_AUTO_FD oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (oom >= 0 && write(oom, "1000", 4) < 0)
        (void)errno;
    /* These two only decide which process runs first: a unit's filter may refuse them. */
    if (fork->nice > 0)
        setpriority(PRIO_PROCESS, 0, fork->nice);
    struct sched_param param = {0};
    sched_setscheduler(0, SCHED_BATCH, &param);
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot forbid tracing");
    return 0;
}

struct limit {
    int what;
    struct rlimit value;
    const char *name;
};

static int set_limits(const struct limit *limits, size_t n, struct gh_err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct rlimit value = limits[i].value, old;
        if (!GH_CONFINED && limits[i].what == RLIMIT_AS)
            continue; /* a sanitizer's shadow is larger than any limit */
        if (getrlimit(limits[i].what, &old) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot read the limit of %s", limits[i].name);
        value.rlim_max = GH_MIN(value.rlim_max, old.rlim_max);
        value.rlim_cur = GH_MIN(value.rlim_cur, value.rlim_max);
        if (setrlimit(limits[i].what, &value) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot limit the %s", limits[i].name);
    }
    return 0;
}

/*
 * Soft limits are for reading headers. Hard limits stay high where the parent raises the soft ones
 * with prlimit once the picture's size is known. The child can change neither: the filter refuses
 * it.
 */
static int step_limits(const struct gh_fork *fork, struct gh_err *err)
{
    const struct gh_limits *l = &fork->limits;
    rlim_t vm = gh_vm_bytes(), files = l->output_bytes ? l->output_bytes : RLIM_INFINITY;
    rlim_t most = l->memory_bytes ? vm + l->memory_bytes : RLIM_INFINITY;
    rlim_t cpu = l->cpu_s ? GH_MIN(l->cpu_s, GH_JOB_HEADER_CPU_S) : GH_JOB_HEADER_CPU_S;
    const struct limit limits[] = {
        {RLIMIT_CORE, {0, 0}, "core size"},
        {RLIMIT_NOFILE, {GH_CHILD_NOFILE, GH_CHILD_NOFILE}, "descriptors"},
        {RLIMIT_STACK, {STACK_BYTES, STACK_BYTES}, "stack"},
        {RLIMIT_MEMLOCK, {0, 0}, "locked memory"},
        {RLIMIT_FSIZE, {files, files}, "file size"},
        {RLIMIT_CPU, {cpu, RLIM_INFINITY}, "CPU time"},
        {RLIMIT_AS, {GH_MIN(vm + HEADER_BUDGET, most), most}, "address space"},
    };
    return set_limits(limits, GH_LEN(limits), err);
}

/* Drivers reserve terabytes of address space and lock memory: neither is limited here. */
static int step_device_limits(struct gh_err *err)
{
    static const struct limit limits[] = {
        {RLIMIT_CORE, {0, 0}, "core size"},
        {RLIMIT_NOFILE, {DEVICE_NOFILE, DEVICE_NOFILE}, "descriptors"},
        {RLIMIT_FSIZE, {DEVICE_FILE_BYTES, DEVICE_FILE_BYTES}, "file size"},
        {RLIMIT_DATA, {DEVICE_DATA_BYTES, DEVICE_DATA_BYTES}, "memory"},
    };
    return GH_CONFINED ? set_limits(limits, GH_LEN(limits), err) : 0;
}

int gh_drop_capabilities(struct gh_err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0}, have[2] = {0};
    if (syscall(SYS_capset, &head, none) == 0)
        return 0;
    int code = errno;
    /* A unit may forbid the call; that is no failure where there is nothing to drop. */
    if (syscall(SYS_capget, &head, have) == 0 && !(have[0].permitted | have[1].permitted))
        return 0;
    errno = code;
    return gh_fail_errno(err, GH_SYSTEM, "cannot drop capabilities");
}

static int step_privileges(struct gh_err *err)
{
    TRY(gh_drop_capabilities(err));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot give up new privileges");
    return 0;
}

int gh_sandbox_enter(const struct gh_sandbox *sandbox, const struct gh_fork *fork, int sock,
                     int log_fd, struct gh_err *err)
{
    int ruleset = sandbox->ruleset;
    TRY(step_descriptors(sock, log_fd, &ruleset, err));
    TRY(step_process(sandbox, fork, err));
    TRY(step_limits(fork, err));
    TRY(step_privileges(err));
    if (GH_CONFINED && ruleset >= 0)
        TRY(gh_landlock_enter(ruleset, err));
    gh_close_fd(&ruleset);
    if (GH_CONFINED && !sandbox->without_filter)
        TRY(gh_seccomp_enter(&sandbox->filter, err));
    return 0;
}

int gh_sandbox_enter_device(const struct gh_sandbox *sandbox, const struct gh_fork *fork, int sock,
                            int log_fd, struct gh_err *err)
{
    int none = -1;
    TRY(step_descriptors(sock, log_fd, &none, err));
    TRY(step_process(sandbox, fork, err));
    TRY(step_device_limits(err));
    TRY(step_privileges(err));
    return GH_CONFINED ? gh_device_walls(fork->device, sandbox->ruleset >= 0, err) : 0;
}
