/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The acts are system calls, not functions of the C library, which may do something else first. */
#include "base/forbidden.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long open_file(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}
static long create_file(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/tmp/ghat-forbidden", O_WRONLY | O_CREAT, 0600);
}
static long open_netlink(void)
{
    return syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
}
static long open_packet(void)
{
    return syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0);
}
static long fork_process(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}
static long execute(void)
{
    char *argv[] = {(char[]){"true"}, NULL};
    return syscall(SYS_execve, "/bin/true", argv, NULL);
}
static long map_executable(void)
{
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static long trace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0);
}
static long read_other(void)
{
    char byte;
    struct iovec own = {&byte, 1}, other = {&byte, 1};
    return syscall(SYS_process_vm_readv, 1, &own, 1, &other, 1, 0);
}
static long signal_process(void)
{
    return syscall(SYS_kill, 1, 0);
}
static long signal_thread(void)
{
    return syscall(SYS_tgkill, 1, 1, 0);
}
static long make_memory_file(void)
{
    return syscall(SYS_memfd_create, "x", 0);
}
static long make_namespace(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER);
}
static long set_up_io_uring(void)
{
    char params[256] = {0};
    return syscall(SYS_io_uring_setup, 1, params);
}

const struct gh_forbidden gh_forbidden[] = {
    {"open a file", open_file, true},
    {"create a file", create_file, true},
    {"open a netlink socket", open_netlink, false},
    {"open a packet socket", open_packet, false},
    {"fork", fork_process, false},
    {"execute a program", execute, false},
    {"map executable memory", map_executable, false},
    {"trace another process", trace, false},
    {"read another's memory", read_other, false},
    {"signal another process", signal_process, false},
    {"signal another's thread", signal_thread, false},
    {"make a memory file", make_memory_file, false},
    {"make a user namespace", make_namespace, false},
    {"set up io_uring", set_up_io_uring, false},
};
const size_t gh_forbidden_n = GH_LEN(gh_forbidden);

const char *gh_forbidden_possible(const struct gh_forbidden *acts, size_t n, bool without_landlock)
{
    for (size_t i = 0; GH_CONFINED && i < n; i++) {
        errno = 0;
        if (!(without_landlock && acts[i].by_landlock) && acts[i].act() >= 0)
            return acts[i].what;
    }
    return NULL;
}
