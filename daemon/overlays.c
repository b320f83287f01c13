/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pixels of logos and labels, by id, and the runs of ghat-worker that make them. A run is waited for: about 0.1 s,
 * at start and reload, for what this process has not seen yet. Class: GH_CONFIG, as what is wrong with the file or
 * text.
 */
#include "daemon/overlays.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/ini.h"
#include "base/job.h"
#include "base/str.h"
#include "daemon/department.h"
#include "daemon/profile.h"
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LOGO_BYTES (4u << 20)
#define RUN_MS 60000

/* Made once, kept until the end: content has no other version. */
static struct pixels {
    char id[GH_SHA_HEX];
    int fd;
} * made;
static size_t n_made;

int gh_overlay_fd(const char *id)
{
    for (size_t i = 0; i < n_made; i++)
        if (gh_streq(made[i].id, id))
            return made[i].fd;
    return -1;
}

void gh_overlays_free(struct gh_overlays *set)
{
    free(set->list);
    *set = (struct gh_overlays){0};
}

const char *gh_overlays_find(const struct gh_overlays *set, const char *name)
{
    for (size_t i = 0; i < set->n; i++)
        if (gh_streq(set->list[i].name, name))
            return set->list[i].id;
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ one run */

static int wait_for(pid_t pid, int *ret_status, struct gh_err *err)
{
    GH_AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    int64_t end = gh_mono_ms() + RUN_MS;
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    int r = 0;
    while (pidfd >= 0 && (r = poll(&p, 1, (int)GH_MAX(end - gh_mono_ms(), 0))) < 0 && errno == EINTR)
        ;
    if (r == 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return gh_fail_errno(err, GH_SYSTEM, "cannot wait for the worker");
    return 0;
}

static int words_of(int said, int status, struct gh_err *err)
{
    char text[200] = "", how[120];
    ssize_t n = read(said, text, sizeof text - 1);
    text[n > 0 ? strcspn(text, "\n") : 0] = 0;
    gh_describe_status(status, how, sizeof how);
    return gh_fail(err, GH_CONFIG, "%s", *text ? text : how);
}

/* in_fd through the worker to pixels of this id. */
static int make(const char *worker, const char *option, int in_fd, const char *id, struct gh_err *err)
{
    GH_AUTO_FD out = memfd_create("ghat-overlay", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int said[2], status = 0;
    if (out < 0 || pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a descriptor");
    GH_AUTO_FD reader = said[0];
    GH_AUTO_FD writer = said[1];
    pid_t pid;
    /* The administrator's own file: system call filter and limits are walls enough where there is no Landlock. */
    TRY(gh_spawn_worker(worker, option, "--seccomp-only", -1, in_fd, out, writer, &pid, err));
    gh_close_fd(&writer);
    TRY(wait_for(pid, &status, err));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return words_of(reader, status, err);
    if (fcntl(out, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot seal the pixels");
    made = gh_realloc(made, (n_made + 1) * sizeof *made);
    made[n_made] = (struct pixels){.fd = gh_steal_fd(&out)};
    GH_COPY(made[n_made].id, id);
    n_made++;
    return 0;
}

/* ------------------------------------------------------------------------------------------------ logos and labels */

static int open_logo(const char *path, int *ret_fd, char ret_id[GH_SHA_HEX], struct gh_err *err)
{
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    GH_AUTO_FREE char *bytes = NULL;
    struct stat st;
    size_t n;
    if (fd < 0 || fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot be opened");
    if (!S_ISREG(st.st_mode))
        return gh_fail(err, GH_CONFIG, "is no regular file");
    TRY(gh_read_fd(fd, LOGO_BYTES, &bytes, &n, err));
    gh_hash_mem(bytes, n, ret_id);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot be read");
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

int gh_overlays_add_file(struct gh_overlays *set, const char *worker, const char *path, const char *name,
                         struct gh_err *err)
{
    struct gh_overlay_name entry = {.name = ""};
    GH_AUTO_FD fd = -1;
    if (gh_overlays_find(set, name))
        return 0;
    int r = open_logo(path, &fd, entry.id, err);
    if (r == 0 && gh_overlay_fd(entry.id) < 0)
        r = make(worker, "--logo", fd, entry.id, err);
    if (r < 0) {
        err->cls = GH_CONFIG;
        return gh_fail_prefix(err, "the logo %s", path);
    }
    GH_COPY(entry.name, name);
    set->list = gh_realloc(set->list, (set->n + 1) * sizeof *set->list);
    set->list[set->n++] = entry;
    return 0;
}

void gh_overlays_add_named(struct gh_overlays *set, const char *worker, const char *dir,
                           const struct gh_profile *profiles, size_t n, struct gh_problems *problems)
{
    size_t before = set->n;
    for (size_t i = 0; i < n; i++) {
        const struct gh_filter_use *use = gh_profile_filter(&profiles[i], "watermark");
        const char *name = use ? gh_filter_value(use, "logo")->name : "";
        struct gh_err err = {0};
        GH_AUTO_FREE char *path = gh_asprintf("%s/logos/%s", dir, name);
        if (*name && gh_overlays_add_file(set, worker, path, name, &err) < 0)
            gh_problem(problems, "%s: watermark: %s", profiles[i].file, err.msg);
    }
    if (set->n - before > GH_JOB_MAX_OVERLAYS - 2)
        gh_problem(problems, "profiles name %zu different logos, at most %d are possible", set->n - before,
                   GH_JOB_MAX_OVERLAYS - 2);
}

int gh_overlay_label(const char *worker, const char *text, char ret_id[GH_SHA_HEX], struct gh_err *err)
{
    /* The picture of a text may change with the fonts; its identity does not, or an upgrade would void approvals. */
    GH_AUTO_FREE char *named = gh_asprintf("label 1 %s", text);
    gh_hash_mem(named, strlen(named), ret_id);
    if (gh_overlay_fd(ret_id) >= 0)
        return 0;
    GH_AUTO_FD in = memfd_create("ghat-label", MFD_CLOEXEC);
    if (in < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a descriptor");
    if (strlen(text) > GH_LABEL_MAX)
        return gh_fail(err, GH_CONFIG, "the label is longer than %d bytes", GH_LABEL_MAX);
    TRY(gh_write_all(in, text, strlen(text), err));
    if (lseek(in, 0, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot seek");
    int r = make(worker, "--label", in, ret_id, err);
    return r < 0 ? gh_fail_prefix(err, "the label %s", text) : 0;
}

void gh_overlays_dress(struct gh_overlays *set, const char *worker, const char *dir,
                       const struct gh_departments *departments, struct gh_problems *problems)
{
    for (size_t i = 0; i < departments->n; i++) {
        struct gh_department *d = departments->list[i];
        struct gh_err err = {0};
        GH_AUTO_FREE char *path = d->logo ? gh_asprintf("%s/logos/%s", dir, d->logo) : NULL;
        if (path && gh_overlays_add_file(set, worker, path, d->logo, &err) < 0)
            gh_problem(problems, "%s: %s", d->file, err.msg);
        else if (path)
            GH_COPY(d->logo_id, gh_overlays_find(set, d->logo));
        if (d->label && gh_overlay_label(worker, d->label, d->label_id, &err) < 0)
            gh_problem(problems, "%s: %s", d->file, err.msg);
    }
}
