/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The full scan: is drop/ there, which departments does it have, which names lie in each. It is cut
 * into slices, so that a folder of 100,000 files does not block the loop. A self-test file tells
 * whether inotify reports anything at all. Owns struct gh_scanner; replaces the directories drop
 * and taken when another disk is mounted. Failures are logged, and the next scan tries again.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Names are examined for so long before the loop serves others. */
#define SLICE_US 3000
/* The self-test's event must come within this time. */
#define SELF_TEST_MS 5000
/* A folder's time stamp younger than this may hide a further change with the same stamp. */
#define FRESH_MS 2000

struct gh_scanner {
    struct gh_dept **depts;
    size_t n, at;
    DIR *dir;
    bool listed;    /* all names of the department were met: what else it has is examined */
    size_t missing; /* how far that has come in its table of entries */
};

/* ------------------------------------------------------------------------------------ self-test */

/* No event came for the file in .taken/: some file systems have no events and do not say so. */
static void self_test_over(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_intake *in = arg;
    in->test_timer = 0;
    in->no_events = true;
    GH_FORMAT(in->scanning, "no event came for a file made to try it");
    gh_log(GH_LOG_WARNING, "scanning", "reason=%s", gh_log_quote(in->scanning));
}

void gh_scan_test_heard(struct gh_intake *in)
{
    gh_loop_cancel(in->p.loop, &in->test_timer);
    if (!in->no_events)
        return;
    in->no_events = false; /* it came late: the machine was suspended or very busy */
    in->scanning[0] = 0;
    gh_log(GH_LOG_NOTICE, "events", "reason=%s",
           gh_log_quote("the file made to try it was reported after all"));
}

void gh_scan_test(struct gh_intake *in)
{
    GH_AUTO_FD fd = in->watch && !in->test_timer
                        ? openat(in->p.dirs->taken, GH_SELF_TEST,
                                 O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
                        : -1;
    if (fd < 0)
        return;
    in->test_timer = gh_loop_after(in->p.loop, SELF_TEST_MS, self_test_over, in);
    (void)unlinkat(in->p.dirs->taken, GH_SELF_TEST, 0);
}

/* ---------------------------------------------------------------------------------------- drop/ */

/* drop/ itself: there, mounted, and the same as before? */
static bool drop_online(struct gh_intake *in)
{
    const struct gh_conf *conf = &in->p.settings->conf;
    struct gh_dirs *dirs = in->p.dirs;
    struct stat now, old;
    const char *why = NULL;
    GH_AUTO_FD fd = open(conf->drop, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &now) < 0)
        why = "the folder is not there";
    else if (conf->marker && faccessat(fd, conf->marker, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        why = "its mount marker is not there";
    if (why) {
        if (!in->offline)
            gh_log(GH_LOG_WARNING, "drop-offline", "path=%s reason=%s", gh_log_quote(conf->drop),
                   gh_log_quote(why));
        in->offline = true;
        return false;
    }
    if (fstat(dirs->drop, &old) < 0 || old.st_dev != now.st_dev || old.st_ino != now.st_ino ||
        in->offline) {
        gh_log(GH_LOG_NOTICE, "drop-online", "path=%s", gh_log_quote(conf->drop));
        struct gh_err err = {0};
        int taken = -1;
        if (gh_dirs_open_taken(fd, &taken, &err) < 0) {
            gh_log_err(GH_LOG_ERROR, "drop-unusable", &err, "path=%s", gh_log_quote(conf->drop));
            in->offline = true;
            return false;
        }
        gh_close_fd(&dirs->drop);
        gh_close_fd(&dirs->taken);
        dirs->drop = gh_steal_fd(&fd);
        dirs->taken = taken;
        gh_intake_watch(in, dirs->drop, "");
        gh_intake_watch(in, dirs->taken, "T");
        gh_scan_test(in);
    }
    in->offline = false;
    return true;
}

static bool is_folder(int dirfd, const struct dirent *e)
{
    struct stat st;
    if (e->d_type != DT_UNKNOWN)
        return e->d_type == DT_DIR;
    return fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Which departments are there? */
static void scan_root(struct gh_intake *in)
{
    int fd = openat(in->p.dirs->drop, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        gh_close_fd(&fd);
        return;
    }
    unsigned links = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.' || gh_name_junk(e->d_name))
            continue;
        if (is_folder(fd, e))
            (void)gh_dept_of(in, e->d_name);
        else if (e->d_type == DT_LNK && ++links > in->links)
            gh_log(GH_LOG_WARNING, "link-ignored", "name=%s reason=%s", gh_log_quote(e->d_name),
                   gh_log_quote("a symbolic link in drop/ is never followed"));
    }
    in->links = links; /* so that each is logged once, not with every scan */
    closedir(dir);
}

/* --------------------------------------------------------------------------------------- slices */

static void scan_slice(struct gh_loop *loop, void *arg);

/* A name that has an entry was matched against the patterns of junk before; a map is faster. */
bool gh_dept_wants(const struct gh_dept *dept, const char *name)
{
    return gh_map_get(&dept->entries, name, strlen(name)) ||
           (!gh_name_junk(name) && !gh_streq(name, GH_STATUS_DIR));
}

void gh_scan_free(struct gh_scanner **s)
{
    if (!*s)
        return;
    if ((*s)->dir)
        closedir((*s)->dir);
    free((*s)->depts);
    gh_free_ptr(s);
}

static void scan_end(struct gh_intake *in)
{
    gh_scan_free(&in->scanner);
    in->scanned_ms = gh_now_ms();
    int64_t next = (int64_t)in->p.settings->conf.scan_ms;
    if (in->scan_again)
        next = GH_SOON_MS;
    in->scan_again = false;
    if (!in->stopping)
        in->scan_timer = gh_loop_after(in->p.loop, next, scan_slice, in);
}

static void scan_begin(struct gh_intake *in)
{
    in->round++;
    gh_intake_watch_again(in);
    struct gh_scanner *s = in->scanner = gh_alloc(sizeof(*s));
    if (!drop_online(in))
        return;
    scan_root(in);
    s->depts = gh_alloc((in->depts.n + 1) * sizeof(struct gh_dept *));
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        s->depts[s->n++] = dept;
}

/* Entries whose names the scan did not meet are gone, or were renamed while it read. False: there
 * are more of them. */
static bool examine_missing(struct gh_scanner *s, struct gh_dept *dept, int64_t until_us)
{
    unsigned round = dept->in->round;
    for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &s->missing));) {
        if (e->round != round && e->state != GH_ENTRY_TAKING)
            gh_entry_examine(e);
        if (gh_mono_us() >= until_us)
            return false;
    }
    return true;
}

/* Need the folder not be listed? Its time stamp says that nothing was added or removed since it was
 * listed, and events tell of changes to its files. Still, every GH_LIST_ROUNDS-th scan lists it. */
static bool is_unchanged(struct gh_dept *dept)
{
    struct stat st;
    struct gh_intake *in = dept->in;
    if (!gh_dept_has_events(dept) || fstat(dept->fd, &st) < 0)
        return false;
    int64_t mtime = gh_timespec_ns(st.st_mtim);
    if (mtime == dept->listed_mtime && in->round % GH_LIST_ROUNDS)
        return true;
    bool fresh = gh_now_ms() - mtime / 1000000 <= FRESH_MS;
    dept->listed_mtime = fresh ? 0 : mtime;
    return false;
}

/* Open the department's folder for listing. False: there is nothing to list. */
static bool begin_dept(struct gh_scanner *s, struct gh_dept *dept)
{
    bool online = gh_dept_go_online(dept);
    if (online && is_unchanged(dept))
        return false;
    int fd = online ? openat(dept->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    dept->junk_now = 0;
    s->listed = false;
    s->missing = 0;
    s->dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (s->dir)
        return true;
    struct gh_err err = {0};
    if (online && gh_fail_errno(&err, GH_OK, "cannot list a department's folder") < 0)
        gh_dept_unreadable(dept, &err);
    gh_close_fd(&fd);
    gh_dept_go_offline(dept);
    return false;
}

static void scan_name(struct gh_dept *dept, const char *name)
{
    if (dept->fd < 0 || gh_streq(name, ".") || gh_streq(name, ".."))
        return;
    if (gh_dept_wants(dept, name))
        gh_entry_seen(dept, name);
    else
        dept->junk_now += !gh_streq(name, GH_STATUS_DIR);
}

/* One step of one department. False: it is done. */
static bool scan_step(struct gh_scanner *s, struct gh_dept *dept, int64_t until_us)
{
    if (!s->dir && !begin_dept(s, dept))
        return false;
    struct dirent *e = s->listed ? NULL : readdir(s->dir);
    if (e) {
        scan_name(dept, e->d_name);
        return true;
    }
    s->listed = true;
    if (!examine_missing(s, dept, until_us))
        return true;
    closedir(s->dir);
    s->dir = NULL;
    dept->junk = dept->junk_now;
    return false;
}

static void scan_slice(struct gh_loop *loop, void *arg)
{
    struct gh_intake *in = arg;
    in->scan_timer = 0;
    if (in->stopping)
        return;
    if (!in->scanner)
        scan_begin(in);
    struct gh_scanner *s = in->scanner;
    int64_t until_us = gh_mono_us() + SLICE_US;
    while (s->at < s->n && gh_mono_us() < until_us)
        s->at += !scan_step(s, s->depts[s->at], until_us);
    if (s->at < s->n)
        in->scan_timer = gh_loop_after(loop, 0, scan_slice, in);
    else
        scan_end(in);
}

void gh_intake_rescan_in(struct gh_intake *in, int64_t ms)
{
    if (in->stopping)
        return;
    if (in->scanner) {
        in->scan_again = true;
        return;
    }
    gh_loop_cancel(in->p.loop, &in->scan_timer);
    in->scan_timer = gh_loop_after(in->p.loop, ms, scan_slice, in);
}

void gh_intake_rescan(struct gh_intake *in)
{
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        gh_dept_resolve(dept);
        dept->listed_mtime = 0;
    }
    gh_intake_rescan_in(in, 0);
}
