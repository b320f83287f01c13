/* SPDX-License-Identifier: GPL-3.0-or-later */
/* posix_spawn with a clean environment, signal mask and descriptor table; and a wait status in
 * words. Class: GH_CONFIG. */
#include "daemon/engine/spawn_int.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define WORKER_SOCK 3 /* the descriptor at which the worker expects its socket */

/*
 * Two malloc arenas keep the address space small; VIPS_NOVECTOR keeps libvips from making
 * executable memory, which the sandbox refuses; locale and zone keep libraries from opening files
 * in the child; huge pages below malloc's large blocks save three page faults of four (92,000 to
 * 26,000 for four photos), where the kernel gives them on request.
 */
static const char *const fixed_env[] = {"MALLOC_ARENA_MAX=2", "VIPS_NOVECTOR=1", "LC_ALL=C.UTF-8",
                                        "TZ=UTC", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif
/* Passed on when this program itself is a sanitizer build. */
static const char *const sanitizer_env[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};

struct env {
    char *vars[GH_LEN(fixed_env) + GH_LEN(sanitizer_env) + 1];
    size_t n;
};

static void env_free(struct env *env)
{
    for (size_t i = 0; i < env->n; i++)
        free(env->vars[i]);
}

static void env_fill(struct env *env)
{
    for (size_t i = 0; i < GH_LEN(fixed_env); i++)
        env->vars[env->n++] = gh_strdup(fixed_env[i]);
    for (size_t i = 0; SANITIZED && i < GH_LEN(sanitizer_env); i++) {
        const char *value = getenv(sanitizer_env[i]);
        if (value)
            env->vars[env->n++] = gh_asprintf("%s=%s", sanitizer_env[i], value);
    }
}

static int spawn_actions(posix_spawn_file_actions_t *actions, int sock, int in_fd, int out_fd,
                         int err_fd)
{
    int r = in_fd >= 0
                ? posix_spawn_file_actions_adddup2(actions, in_fd, STDIN_FILENO)
                : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (r == 0 && out_fd < 0)
        r = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (r == 0 && out_fd >= 0)
        r = posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
    if (r == 0 && err_fd >= 0 && !SANITIZED)
        r = posix_spawn_file_actions_adddup2(actions, err_fd, STDERR_FILENO);
    if (r == 0 && sock >= 0)
        r = posix_spawn_file_actions_adddup2(actions, sock, WORKER_SOCK);
    return r;
}

static int spawn_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int r = posix_spawnattr_setsigmask(attr, &none);
    if (r == 0)
        r = posix_spawnattr_setsigdefault(attr, &all);
    if (r == 0)
        r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return r;
}

int gh_spawn_worker(const char *worker, const char *option, const char *option2, int sock,
                    int in_fd, int out_fd, int err_fd, pid_t *ret_pid, struct gh_err *err)
{
    GH_AUTO(env_free) struct env env = {0};
    env_fill(&env);
    char *argv[] = {(char *)(uintptr_t)worker, (char *)(uintptr_t)option,
                    (char *)(uintptr_t)option2, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    pid_t pid = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    int r = spawn_actions(&actions, sock, in_fd, out_fd, err_fd);
    if (r == 0)
        r = spawn_attributes(&attr);
    if (r == 0)
        r = posix_spawn(&pid, worker, &actions, &attr, argv, env.vars);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0) {
        errno = r;
        return gh_fail_errno(err, GH_CONFIG, "cannot execute the worker %s", worker);
    }
    *ret_pid = pid;
    return 0;
}

void gh_describe_status(int status, char *ret, size_t size)
{
    static const struct {
        int signo;
        const char *meaning;
    } signals[] = {
        {SIGSYS, "a system call the sandbox forbids"},
        {SIGSEGV, "a memory fault"},
        {SIGBUS, "a memory fault"},
        {SIGABRT, "it gave up, perhaps for want of memory"},
        {SIGXCPU, "the limit of CPU time"},
        {SIGXFSZ, "the limit of a file's size"},
        {SIGKILL, "stopped from outside, perhaps for want of memory"},
        {SIGFPE, "a division by zero"},
        {SIGILL, "an illegal instruction"},
    };
    if (WIFEXITED(status)) {
        snprintf(ret, size, "it ended with exit status %d", WEXITSTATUS(status));
        return;
    }
    const char *abbrev = sigabbrev_np(WTERMSIG(status)), *meaning = NULL;
    for (size_t i = 0; i < GH_LEN(signals); i++)
        if (signals[i].signo == WTERMSIG(status))
            meaning = signals[i].meaning;
    snprintf(ret, size, "killed by SIG%s%s%s", abbrev ? abbrev : "?", meaning ? ": " : "",
             meaning ? meaning : "");
}
