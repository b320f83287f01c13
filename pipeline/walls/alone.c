/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file of the administrator's, read in a sandboxed process of its own that ends with it. */
#include "pipeline/walls/sandbox.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns the exit status. */
static int report(const struct gh_err *err)
{
    fprintf(stderr, "%s\n", err->msg);
    return 1;
}

int gh_sandbox_alone(bool seccomp_only, const struct gh_limits *limits, gh_alone_fn *work)
{
    GH_AUTO(gh_sandbox_free) struct gh_sandbox sandbox = {.ruleset = -1};
    const struct gh_fork fork_req = {.job = 1, .threads = 1, .limits = *limits};
    struct gh_err err = {0};
    if (gh_sandbox_prepare(seccomp_only, &sandbox, &err) < 0)
        return report(&err);
    pid_t pid = fork();
    if (pid == 0) {
        /* it reads 0, writes where a job's socket would be, and reports on 2 */
        if (gh_sandbox_enter(&sandbox, &fork_req, STDOUT_FILENO, STDERR_FILENO, &err) < 0 ||
            work(STDIN_FILENO, GH_CHILD_SOCK, &err) < 0)
            _exit(report(&err));
        _exit(0);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        gh_fail_errno(&err, GH_SYSTEM, "cannot start a process that reads it");
    else if (WIFEXITED(status))
        return WEXITSTATUS(status);
    else
        gh_fail(&err, GH_CONFIG, "reading it was stopped by signal %d: it is damaged",
                WTERMSIG(status));
    return report(&err);
}
