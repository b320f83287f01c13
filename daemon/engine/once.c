/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of ghat-worker for the settings, and what they say of days. Class: GH_CONFIG. */
#include "daemon/engine/once.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/calendar/calendar.h"
#include "daemon/engine/spawn_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define RUN_MS 60000
#define DAYS_BYTES (1u << 16) /* of all days as text */

static int wait_for(pid_t pid, int *ret_status, struct gh_err *err)
{
    GH_AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    int64_t end = gh_mono_ms() + RUN_MS;
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    int r = 0;
    while (pidfd >= 0 && (r = poll(&p, 1, (int)GH_MAX(end - gh_mono_ms(), 0))) < 0 &&
           errno == EINTR)
        ;
    if (r == 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return gh_fail_errno(err, GH_SYSTEM, "cannot wait for the worker");
    return 0;
}

/* The last line it said is why it ended: libraries may have warned before. */
static int words_of(int said, int status, struct gh_err *err)
{
    char text[4096] = "", how[120];
    ssize_t n = read(said, text, sizeof(text) - 1);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    text[GH_MAX(n, (ssize_t)0)] = 0;
    const char *before = strrchr(text, '\n'), *last = before ? before + 1 : text;
    gh_describe_status(status, how, sizeof(how));
    return gh_fail(err, GH_CONFIG, "%s", *last ? last : how);
}

int gh_run_once(const char *worker, const char *option, int in_fd, int out_fd, struct gh_err *err)
{
    int said[2], status = 0;
    if (pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a descriptor");
    GH_AUTO_FD reader = said[0];
    GH_AUTO_FD writer = said[1];
    pid_t pid;
    /* It is the administrator's own file: the system call filter and the limits are enough where
     * there is no Landlock. */
    TRY(gh_spawn_worker(worker, option, "--seccomp-only", -1, in_fd, out_fd, writer, &pid, err));
    gh_close_fd(&writer);
    TRY(wait_for(pid, &status, err));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : words_of(reader, status, err);
}

/* What the worker wrote is believed only in the one form that it may have. */
static int take_days(char *text, int64_t **ret, size_t *ret_n, struct gh_err *err)
{
    GH_AUTO_FREE int64_t *days = NULL;
    size_t n = 0;
    for (char *line; (line = strsep(&text, "\n")) && *line;) {
        int y, m, d, end = 0;
        if (sscanf(line, "%4d-%2d-%2d%n", &y, &m, &d, &end) != 3 || line[end] || y < 1970 ||
            m < 1 || m > 12 || d < 1 || d > 31)
            return gh_fail(err, GH_CONFIG, "the worker's answer cannot be read");
        days = gh_realloc(days, (n + 1) * sizeof(*days));
        days[n++] = gh_day_of_date(y, m, d);
    }
    *ret = gh_steal(&days);
    *ret_n = n;
    return 0;
}

int gh_read_holidays(const char *worker, const char *path, int64_t **ret, size_t *ret_n,
                     struct gh_err *err)
{
    GH_AUTO_FD in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    GH_AUTO_FD out = memfd_create("ghat-holidays", MFD_CLOEXEC);
    GH_AUTO_FREE char *text = NULL;
    struct stat st;
    size_t n;
    if (in < 0 || fstat(in, &st) < 0)
        return gh_fail_errno(err, GH_CONFIG, "%s", path);
    if (!S_ISREG(st.st_mode) || out < 0)
        return gh_fail(err, GH_CONFIG, "%s is no regular file", path);
    if (gh_run_once(worker, "--holidays", in, out, err) < 0 || lseek(out, 0, SEEK_SET) < 0 ||
        gh_read_fd(out, DAYS_BYTES, &text, &n, err) < 0 || take_days(text, ret, ret_n, err) < 0) {
        err->cls = GH_CONFIG;
        return gh_fail_prefix(err, "%s", path);
    }
    return 0;
}
