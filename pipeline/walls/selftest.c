/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-worker --selftest: does the sandbox hold on this kernel, in this unit? Each forbidden act is
 * tried in a locked-in child of its own with the bare system call; refused means an error or death
 * by SIGSYS. Two controls show that ordinary work goes on.
 */
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/walls/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define PAGE 4096
#define BLOCK (32 << 20) /* bytes that ordinary work takes */
#define MOST_FDS 4096

static pid_t parent; /* of the acting child */

/* An act returns like a system call: below 0 with errno is refused, anything else has succeeded. */
static long act_open(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}
static long act_create(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/tmp/ghat-selftest", O_WRONLY | O_CREAT, 0600);
}
static long act_stat(void)
{
    struct stat st;
    return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH);
}
static long act_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}
static long act_connect(void)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    long r = connect(fd, (struct sockaddr *)&to, sizeof(to));
    /* Refused by the network because nobody listens, not by the sandbox. */
    return r < 0 && errno == ECONNREFUSED ? 0 : r;
}
static long act_local_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}
static long act_fork(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}
static long act_clone3(void)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0)
        _exit(0);
    return pid;
}
static long act_exec(void)
{
    char *argv[] = {(char[]){"true"}, NULL};
    return syscall(SYS_execve, "/bin/true", argv, NULL);
}
static long act_map_rwx(void)
{
    return syscall(SYS_mmap, NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static long act_make_exec(void)
{
    void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? 0 : syscall(SYS_mprotect, p, PAGE, PROT_READ | PROT_EXEC);
}
static long act_ptrace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, parent, 0, 0);
}
static long act_read_parent(void)
{
    char byte;
    struct iovec own = {&byte, 1}, other = {&parent, 1};
    return syscall(SYS_process_vm_readv, parent, &own, 1, &other, 1, 0);
}
static long act_kill(void)
{
    return syscall(SYS_kill, parent, 0);
}
static long act_tgkill(void)
{
    return syscall(SYS_tgkill, parent, parent, 0);
}
static long act_pidfd(void)
{
    return syscall(SYS_pidfd_open, parent, 0);
}
static long act_raise_limit(void)
{
    struct rlimit wide = {GH_CHILD_NOFILE / 2, GH_CHILD_NOFILE};
    return syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &wide, NULL);
}
static long act_limit_parent(void)
{
    struct rlimit none = {0, RLIM_INFINITY};
    return syscall(SYS_prlimit64, parent, RLIMIT_NOFILE, NULL, &none);
}
static long act_much_memory(void)
{
    return syscall(SYS_mmap, NULL, 1ul << 40, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}
static long act_memfd(void)
{
    return syscall(SYS_memfd_create, "x", 0);
}
static long act_unshare(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER);
}
static long act_io_uring(void)
{
    char params[256] = {0};
    return syscall(SYS_io_uring_setup, 1, params);
}
static long act_keyctl(void)
{
    return syscall(SYS_keyctl, 0, -3, 0);
}
static long act_bpf(void)
{
    char attr[128] = {0};
    return syscall(SYS_bpf, 0, attr, sizeof(attr));
}
static long act_mount(void)
{
    return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, "");
}
/* Everything above the job socket must be closed. */
static long act_descriptor(void)
{
    struct stat st;
    for (int fd = GH_CHILD_SOCK + 1; fd < MOST_FDS; fd++)
        if (syscall(SYS_fstat, fd, &st) == 0)
            return fd;
    errno = EBADF;
    return -1;
}
#ifdef __x86_64__
static long act_x32(void)
{
    return syscall(0x40000000 | SYS_getpid);
}
static long act_32bit(void)
{
    long r;
    __asm__ volatile("int $0x80"
                     : "=a"(r)
                     : "a"(20 /* getpid of i386 */)
                     : "memory", "r8", "r9", "r10", "r11");
    return r;
}
#endif

static const struct {
    const char *what;
    long (*act)(void);
} acts[] = {
    {"open a file", act_open},
    {"create a file", act_create},
    {"ask for a file by name", act_stat},
    {"open an internet socket", act_socket},
    {"open a local socket", act_local_socket},
    {"fork", act_fork},
    {"fork by clone3", act_clone3},
    {"execute a program", act_exec},
    {"map writable and executable memory", act_map_rwx},
    {"make memory executable", act_make_exec},
    {"trace the parent", act_ptrace},
    {"read the parent's memory", act_read_parent},
    {"signal the parent", act_kill},
    {"signal the parent's thread", act_tgkill},
    {"take hold of the parent", act_pidfd},
    {"change its own limits", act_raise_limit},
    {"read the parent's limits", act_limit_parent},
    {"take a terabyte of addresses", act_much_memory},
    {"make a memory file", act_memfd},
    {"make a user namespace", act_unshare},
    {"set up io_uring", act_io_uring},
    {"reach the key ring", act_keyctl},
    {"load a kernel program", act_bpf},
    {"mount", act_mount},
    {"find an inherited descriptor", act_descriptor},
#ifdef __x86_64__
    {"call by the x32 interface", act_x32},
    {"call by the 32-bit interface", act_32bit},
#endif
};

/* Tried again without the system call filter: Landlock alone must refuse them as well. */
static const struct {
    const char *what;
    unsigned abi; /* of Landlock that stops it */
    long (*act)(void);
} landlock_acts[] = {
    {"open a file (Landlock alone)", 1, act_open},
    {"create a file (Landlock alone)", 1, act_create},
    {"connect (Landlock alone)", 4, act_connect},
    {"signal the parent (Landlock alone)", 6, act_kill},
};

/* ------------------------------------------------------------------------------------- controls */

static void *thread_main(void *arg)
{
    return arg;
}

static long work_with_threads(void)
{
    pthread_t thread;
    void *ret = NULL;
    char *block = malloc(BLOCK);
    if (!block || pthread_create(&thread, NULL, thread_main, block) != 0)
        return -1;
    memset(block, 1, BLOCK);
    int r = pthread_join(thread, &ret);
    bool ok = r == 0 && ret == block;
    free(block);
    return ok ? 0 : -1;
}

/* Goes through the worker's own fstat (fstat.c): glibc's would be refused. */
static long work_with_a_descriptor(void)
{
    struct stat st;
    return fstat(GH_CHILD_SOCK, &st) == 0 && S_ISSOCK(st.st_mode) ? 0 : -1;
}

static long work_with_the_socket(void)
{
    struct gh_err err;
    return gh_wire_send(GH_CHILD_SOCK, GH_JOB_READY, 0, NULL, 0, NULL, 0, &err);
}

/* --------------------------------------------------------------------------------------- trying */

enum { LEFT_ERROR = 20, LEFT_DONE = 21, LEFT_OUTSIDE = 22 }; /* exit statuses of an acting child */

#define TRIES 5
#define PAUSE_NS 200000000

static bool failed;       /* an act was not refused, or ordinary work is not possible */
static bool inconclusive; /* an act could not be tried to its end: the rest is not tried */

struct outcome {
    int status;
    bool interrupted; /* it was not started, or killed from outside */
    char why[64];     /* "Permission denied" */
};

static struct outcome try_act(struct gh_sandbox *sandbox, long (*act)(void))
{
    struct outcome out = {.status = -1, .interrupted = true};
    struct gh_err err;
    int pair[2];
    if (gh_wire_pair(pair, &err) < 0)
        return out;
    sandbox->nursery = parent = getpid();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        const struct gh_fork job = {.job = 1, .threads = 1, .limits = gh_limits_default()};
        if (gh_sandbox_enter(sandbox, &job, pair[1], -1, &err) < 0)
            _exit(LEFT_OUTSIDE);
        errno = 0;
        long r = act();
        int code = errno;
        /* The errno is sent as the length of a write, which every filter that allows the
         * conversation allows. */
        char filler[256] = {0};
        if (r < 0 && write(GH_CHILD_SOCK, filler, (size_t)GH_CLAMP(code, 1, 255)) < 0)
            _exit(LEFT_ERROR);
        _exit(r < 0 ? LEFT_ERROR : LEFT_DONE);
    }
    close(pair[1]);
    char filler[256];
    ssize_t code = read(pair[0], filler, sizeof(filler));
    if (pid > 0 && waitpid(pid, &out.status, 0) == pid)
        out.interrupted = WIFSIGNALED(out.status) && WTERMSIG(out.status) == SIGKILL;
    close(pair[0]);
    gh_copy(out.why, sizeof(out.why), code > 0 ? strerror((int)code) : "error");
    return out;
}

/* A child that could not be forked, or that somebody else killed (the kernel, for memory), has
 * shown nothing: the act is tried again. */
static struct outcome run_act(struct gh_sandbox *sandbox, long (*act)(void))
{
    struct outcome out = {.interrupted = true};
    for (int i = 0; i < TRIES && out.interrupted; i++) {
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        out = try_act(sandbox, act);
    }
    inconclusive = inconclusive || out.interrupted;
    return out;
}

static bool refused(const char *what, const struct outcome *out)
{
    int s = out->status;
    bool killed = WIFSIGNALED(s) && (WTERMSIG(s) == SIGSYS || WTERMSIG(s) == SIGSEGV);
    bool error = WIFEXITED(s) && WEXITSTATUS(s) == LEFT_ERROR;
    if (killed || error)
        printf("ok    %s: refused (%s)\n", what, killed ? "killed" : out->why);
    else if (out->interrupted)
        printf("AGAIN %s: the child was killed, or could not be started\n", what);
    else if (WIFEXITED(s) && WEXITSTATUS(s) == LEFT_OUTSIDE)
        printf("FAIL  %s: the child could not enter the sandbox\n", what);
    else
        printf("FAIL  %s: NOT refused (status %#x)\n", what, s);
    failed = failed || (!killed && !error && !out->interrupted);
    return killed || error;
}

static bool works(struct gh_sandbox *sandbox, const char *what, long (*act)(void))
{
    struct outcome out = run_act(sandbox, act);
    bool ok = WIFEXITED(out.status) && WEXITSTATUS(out.status) == LEFT_DONE;
    printf("%s  %s: %s\n",
           ok                ? "ok  "
           : out.interrupted ? "AGAIN"
                             : "FAIL",
           what,
           ok                ? "works"
           : out.interrupted ? "the child was killed, or could not be started"
                             : "does not work in the sandbox");
    failed = failed || (!ok && !out.interrupted);
    return ok;
}

int gh_selftest(bool seccomp_only)
{
    if (!GH_CONFINED) {
        printf("WARNING  this ghat-worker was built with a sanitizer: its children run WITHOUT "
               "system call filter and\n"
               "         Landlock. For tests only; never for files of others.\n");
        return 0;
    }
    struct gh_sandbox sandbox;
    struct gh_err err = {0};
    if (gh_sandbox_prepare(seccomp_only, &sandbox, &err) < 0) {
        printf("FAIL  %s\n", err.msg);
        return 1;
    }
    bool ok = works(&sandbox, "memory and threads", work_with_threads);
    ok = works(&sandbox, "the job's conversation", work_with_the_socket) && ok;
    ok = works(&sandbox, "a descriptor's size", work_with_a_descriptor) && ok;
    for (size_t i = 0; i < GH_LEN(acts) && !inconclusive; i++) {
        struct outcome out = run_act(&sandbox, acts[i].act);
        ok = refused(acts[i].what, &out) && ok;
    }
    sandbox.without_filter = true;
    for (size_t i = 0; i < GH_LEN(landlock_acts) && !inconclusive; i++) {
        if (sandbox.ruleset < 0 || landlock_acts[i].abi > sandbox.landlock_abi)
            continue;
        struct outcome out = run_act(&sandbox, landlock_acts[i].act);
        ok = refused(landlock_acts[i].what, &out) && ok;
    }
    printf("%s  sandbox: seccomp filter of %u instructions, Landlock ABI %u%s\n",
           ok       ? "ok  "
           : failed ? "FAIL"
                    : "AGAIN",
           (unsigned)sandbox.filter.len, sandbox.landlock_abi,
           sandbox.ruleset < 0 ? " (absent, accepted by --seccomp-only)" : "");
    gh_close_fd(&sandbox.ruleset);
    free(sandbox.filter.filter);
    return ok ? 0 : failed ? 1 : GH_JOB_EXIT_AGAIN;
}
