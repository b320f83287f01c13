/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Departments' folders, hints from inotify, and the full scan, cut into slices so that a folder of 100,000 files holds
 * nobody up. A folder that vanishes is offline, never "all deleted": only what was waiting is forgotten, and it is
 * found again.
 */
#include "daemon/intake_priv.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/names.h"
#include "daemon/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define SLICE 256  /* names looked at before others get their turn */
#define SOON_MS 50 /* hints that ask for a scan are gathered */
#define SELF_TEST ".event-test"
#define SELF_TEST_MS 5000
#define CLEAN_TAKES 50 /* takes without a mistake until a learnt quiet time shrinks */

struct gh_scanner {
    struct gh_dept **depts;
    size_t n, at;
    DIR *dir;
};

/* ------------------------------------------------------------------------------------------- departments */

int64_t gh_dept_quiet(const struct gh_dept *dept)
{
    const struct gh_department *card = gh_departments_find(&dept->in->d->departments, dept->slug);
    int64_t own = (int64_t)(card && card->quiet_ms ? card->quiet_ms : dept->in->d->conf.quiet_ms);
    return GH_MAX(own, dept->learnt_ms);
}

int64_t gh_intake_quiet(const struct gh_intake *in, const char *slug)
{
    const struct gh_department *card = gh_departments_find(&in->d->departments, slug);
    struct gh_dept *dept = card ? gh_map_get(&in->depts, card->folder, strlen(card->folder)) : NULL;
    return dept ? gh_dept_quiet(dept) : (int64_t)in->d->conf.quiet_ms;
}

void gh_dept_learn(struct gh_dept *dept, bool early, int64_t lesson_ms)
{
    int64_t before = dept->learnt_ms, quiet = gh_dept_quiet(dept);
    int64_t wanted = GH_MAX(early ? quiet * 2 : 0, lesson_ms);
    if (wanted > quiet) {
        dept->learnt_ms = GH_MAX(before, GH_MIN(wanted, (int64_t)dept->in->d->conf.quiet_max_ms));
        dept->clean = 0;
    } else if (dept->learnt_ms && ++dept->clean >= CLEAN_TAKES) {
        dept->learnt_ms = dept->learnt_ms * 9 / 10;
        dept->clean = 0;
        if (dept->learnt_ms <= (int64_t)dept->in->d->conf.quiet_ms)
            dept->learnt_ms = 0;
    }
    if (dept->learnt_ms == before)
        return;
    GH_AUTO_FREE char *key = gh_asprintf("quiet:%s", dept->slug);
    GH_AUTO_FREE char *value = gh_asprintf("%" PRId64, dept->learnt_ms);
    struct gh_err err = {0};
    if (gh_ledger_set_setting(dept->in->d->ledger, key, value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", dept->slug);
    gh_log(GH_LOG_INFO, "quiet-learnt", "department=%s ms=%" PRId64, dept->slug, gh_dept_quiet(dept));
}

void gh_intake_too_early(struct gh_intake *in, const char *slug)
{
    const struct gh_department *card = gh_departments_find(&in->d->departments, slug);
    struct gh_dept *dept = card ? gh_map_get(&in->depts, card->folder, strlen(card->folder)) : NULL;
    if (dept)
        gh_dept_learn(dept, true, 0);
}

static char *setting(struct gh_intake *in, const char *kind, const char *name)
{
    GH_AUTO_FREE char *key = gh_asprintf("%s:%s", kind, name);
    char *value = NULL;
    struct gh_err err = {0};
    if (gh_ledger_setting(in->d->ledger, key, &value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "setting=%s", kind);
    return value;
}

/* The slug of a folder: its card's, else the one it always had, else a new one, remembered. */
static void resolve_slug(struct gh_dept *dept)
{
    struct gh_daemon *d = dept->in->d;
    struct gh_department *card = gh_departments_find_folder(&d->departments, dept->folder);
    if (!card) {
        char hex[GH_SHA_HEX];
        gh_hash_mem(dept->folder, strlen(dept->folder), hex);
        hex[16] = 0;
        GH_AUTO_FREE char *known = setting(dept->in, "slug", hex);
        card = gh_departments_add_folder(&d->departments, &d->conf, dept->folder, known);
        GH_AUTO_FREE char *key = gh_asprintf("slug:%s", hex);
        struct gh_err err = {0};
        if (!gh_streq(known ? known : "", card->slug) && gh_ledger_set_setting(d->ledger, key, card->slug, &err) < 0)
            gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", card->slug);
    }
    if (!gh_streq(card->folder, dept->folder)) { /* the same letters composed otherwise: the disk's spelling opens it */
        free(card->folder);
        card->folder = gh_strdup(dept->folder);
    }
    GH_COPY(dept->slug, card->slug);
}

static void forget_entries(struct gh_dept *dept)
{
    size_t at = 0;
    for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &at));)
        if (e->state != GH_ENTRY_TAKING)
            gh_entry_forget(e);
}

static void go_offline(struct gh_dept *dept)
{
    if (dept->fd < 0)
        return;
    gh_log(GH_LOG_WARNING, "department-offline", "department=%s folder=%s", dept->slug, gh_log_quote(dept->folder));
    gh_close_fd(&dept->fd);
    forget_entries(dept);
}

void gh_intake_watch(struct gh_intake *in, int fd, const char *ref)
{
    struct gh_err err = {0};
    if (!in->watch || gh_watch_add(in->watch, fd, ref, strlen(ref), &err) >= 0)
        return;
    if (err.cls != GH_LIMIT || in->watch_full)
        return;
    in->watch_full = true;
    snprintf(in->d->scanning, sizeof(in->d->scanning),
             "the kernel grants no more inotify watches: raise fs.inotify.max_user_watches, then restart ghatd");
    gh_log_err(GH_LOG_WARNING, "scanning", &err, "watches=%zu", gh_watch_count(in->watch));
}

bool gh_dept_has_events(const struct gh_dept *dept)
{
    const struct gh_intake *in = dept->in;
    return in->watch && !in->watch_full && !in->deaf && !dept->blind;
}

/* A file made in .taken/ must come back as an event: some file systems have no events and do not say so. */
static void self_test_over(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_intake *in = arg;
    in->test_timer = 0;
    in->deaf = true;
    snprintf(in->d->scanning, sizeof(in->d->scanning), "no event came for a file made to try it");
    gh_log(GH_LOG_WARNING, "scanning", "reason=%s", gh_log_quote(in->d->scanning));
}

static void self_test_heard(struct gh_intake *in)
{
    gh_loop_cancel(in->d->loop, &in->test_timer);
    if (!in->deaf)
        return;
    in->deaf = false; /* late, but it came: a machine that stood still */
    in->d->scanning[0] = 0;
    gh_log(GH_LOG_NOTICE, "events", "reason=%s", gh_log_quote("the file made to try it was reported after all"));
}

static void self_test(struct gh_intake *in)
{
    GH_AUTO_FD fd = in->watch && !in->test_timer
                        ? openat(in->d->dirs.taken, SELF_TEST, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
                        : -1;
    if (fd < 0)
        return;
    in->test_timer = gh_loop_after(in->d->loop, SELF_TEST_MS, self_test_over, in);
    (void)unlinkat(in->d->dirs.taken, SELF_TEST, 0);
}

static int make_status(struct gh_dept *dept, struct gh_err *err)
{
    struct stat st;
    if (fstatat(dept->fd, GH_STATUS_DIR, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return S_ISDIR(st.st_mode)
                   ? 0
                   : gh_fail(err, GH_CONFIG, "%s/Status is in the way: notes need a folder of that name", dept->folder);
    return gh_dir_make(dept->fd, GH_STATUS_DIR, 02755, err);
}

/* Open (again) what now lies at folder. Returns false when there is no such directory. */
static bool go_online(struct gh_dept *dept)
{
    struct stat st;
    struct gh_err err = {0};
    GH_AUTO_FD fd = openat(dept->in->d->dirs.drop, dept->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return false;
    if (dept->fd >= 0 && dept->dev == st.st_dev && dept->ino == st.st_ino)
        return true;
    go_offline(dept);
    dept->fd = gh_steal_fd(&fd);
    dept->listed_mtime = 0;
    dept->dev = st.st_dev;
    dept->ino = st.st_ino;
    GH_AUTO_FREE char *ref = gh_asprintf("D%s", dept->folder);
    gh_intake_watch(dept->in, dept->fd, ref);
    dept->blind = gh_watch_blind(dept->fd);
    if (dept->blind && dept->in->watch)
        gh_log(GH_LOG_NOTICE, "scanning", "department=%s reason=%s", dept->slug, gh_log_quote(dept->blind));
    if (make_status(dept, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "no-status-folder", &err, "department=%s", dept->slug);
    gh_log(GH_LOG_INFO, "department", "department=%s folder=%s", dept->slug, gh_log_quote(dept->folder));
    return true;
}

static struct gh_dept *dept_of(struct gh_intake *in, const char *folder)
{
    struct gh_dept *dept = gh_map_get(&in->depts, folder, strlen(folder));
    if (dept)
        return dept;
    dept = gh_alloc(sizeof(*dept));
    *dept = (struct gh_dept){.in = in, .folder = gh_strdup(folder), .fd = -1};
    dept->queue_end = &dept->queue;
    gh_map_put(&in->depts, folder, strlen(folder), dept);
    resolve_slug(dept);
    GH_AUTO_FREE char *learnt = setting(in, "quiet", dept->slug);
    uint64_t ms = 0;
    if (learnt && gh_parse_u64(learnt, in->d->conf.quiet_max_ms, &ms))
        dept->learnt_ms = (int64_t)ms;
    return dept;
}

/* ------------------------------------------------------------------------------------------- scan */

/* Is it anything for us? What is known was asked about before: matching patterns costs more than looking it up. */
static bool is_drop(const struct gh_dept *dept, const char *name)
{
    return gh_map_get(&dept->entries, name, strlen(name)) || (!gh_name_junk(name) && !gh_streq(name, GH_STATUS_DIR));
}

static void scan_slice(struct gh_loop *loop, void *arg);

static void scanner_free(struct gh_scanner **s)
{
    if (!*s)
        return;
    if ((*s)->dir)
        closedir((*s)->dir);
    free((*s)->depts);
    gh_free_ptr(s);
}

/* drop/ itself: there, mounted, and the same as before? */
static bool drop_online(struct gh_intake *in)
{
    struct gh_daemon *d = in->d;
    struct stat now, old;
    const char *why = NULL;
    GH_AUTO_FD fd = open(d->conf.drop, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &now) < 0)
        why = "the folder is not there";
    else if (d->conf.marker && faccessat(fd, d->conf.marker, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        why = "its mount marker is not there";
    if (why) {
        if (!in->offline)
            gh_log(GH_LOG_WARNING, "drop-offline", "path=%s reason=%s", gh_log_quote(d->conf.drop), gh_log_quote(why));
        in->offline = true;
        return false;
    }
    if (fstat(d->dirs.drop, &old) < 0 || old.st_dev != now.st_dev || old.st_ino != now.st_ino || in->offline) {
        gh_log(GH_LOG_NOTICE, "drop-online", "path=%s", gh_log_quote(d->conf.drop));
        struct gh_err err = {0};
        int taken = -1;
        if (gh_dir_make(fd, ".taken", 0700, &err) < 0 || gh_open_dir(fd, ".taken", &taken, &err) < 0) {
            gh_log_err(GH_LOG_ERROR, "drop-unusable", &err, "path=%s", gh_log_quote(d->conf.drop));
            in->offline = true;
            return false;
        }
        gh_close_fd(&d->dirs.drop);
        gh_close_fd(&d->dirs.taken);
        d->dirs.drop = gh_steal_fd(&fd);
        d->dirs.taken = taken;
        gh_intake_watch(in, d->dirs.drop, "");
        gh_intake_watch(in, d->dirs.taken, "T");
        self_test(in);
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

/* Which departments are there. */
static void scan_root(struct gh_intake *in)
{
    int fd = openat(in->d->dirs.drop, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
            (void)dept_of(in, e->d_name);
        else if (e->d_type == DT_LNK && ++links > in->links)
            gh_log(GH_LOG_WARNING, "link-ignored", "name=%s reason=%s", gh_log_quote(e->d_name),
                   gh_log_quote("a symbolic link in drop/ is never followed"));
    }
    in->links = links; /* said once, not with every scan */
    closedir(dir);
}

static void scan_end(struct gh_intake *in)
{
    scanner_free(&in->scanner);
    in->scanned_ms = gh_now_ms();
    int64_t next = (int64_t)in->d->conf.scan_ms;
    if (in->scan_again)
        next = SOON_MS;
    in->scan_again = false;
    if (!in->stopping)
        in->scan_timer = gh_loop_after(in->d->loop, next, scan_slice, in);
}

static void scan_begin(struct gh_intake *in)
{
    in->round++;
    struct gh_scanner *s = in->scanner = gh_alloc(sizeof(*s));
    if (!drop_online(in))
        return;
    scan_root(in);
    s->depts = gh_alloc((in->depts.n + 1) * sizeof(struct gh_dept *));
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        s->depts[s->n++] = dept;
}

/* Names the scan did not meet are gone, or were moved while it read: look. */
static void look_for_missing(struct gh_dept *dept, unsigned round)
{
    size_t at = 0;
    for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &at));)
        if (e->round != round && e->state != GH_ENTRY_TAKING)
            gh_entry_look(e);
}

/*
 * Nothing was added or removed since it was listed, as the folder's own time stamp says, and events tell the rest: nine
 * scans of ten need not list it. A time stamp of just now may hide another change in the same tick.
 */
static bool unchanged(struct gh_dept *dept)
{
    struct stat st;
    struct gh_intake *in = dept->in;
    if (!gh_dept_has_events(dept) || fstat(dept->fd, &st) < 0)
        return false;
    int64_t mtime = gh_timespec_ns(st.st_mtim);
    if (mtime == dept->listed_mtime && in->round % GH_LIST_ROUNDS)
        return true;
    bool old = gh_now_ms() - mtime / 1000000 > 2000;
    dept->listed_mtime = old ? mtime : 0;
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
    for (unsigned names = 0; s->at < s->n && names < SLICE;) {
        struct gh_dept *dept = s->depts[s->at];
        if (!s->dir) {
            bool online = go_online(dept);
            if (online && unchanged(dept)) {
                s->at++;
                continue;
            }
            int fd = online ? openat(dept->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
            dept->junk_now = 0;
            s->dir = fd >= 0 ? fdopendir(fd) : NULL;
            if (!s->dir) {
                gh_close_fd(&fd);
                go_offline(dept);
                s->at++;
                continue;
            }
        }
        struct dirent *e = readdir(s->dir);
        if (!e) {
            closedir(s->dir);
            s->dir = NULL;
            look_for_missing(dept, in->round);
            dept->junk = dept->junk_now;
            s->at++;
        } else if (dept->fd >= 0 && strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) {
            if (is_drop(dept, e->d_name))
                gh_entry_seen(dept, e->d_name);
            else
                dept->junk_now += !gh_streq(e->d_name, GH_STATUS_DIR);
            names++;
        }
    }
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
    gh_loop_cancel(in->d->loop, &in->scan_timer);
    in->scan_timer = gh_loop_after(in->d->loop, ms, scan_slice, in);
}

void gh_intake_rescan(struct gh_intake *in)
{
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        resolve_slug(dept);
        dept->listed_mtime = 0;
    }
    gh_intake_rescan_in(in, 0);
}

/* ------------------------------------------------------------------------------------------- hints */

/* ref: "" drop/ itself · T .taken/ (somebody still had a file open that was moved there) · D<folder> a department's ·
 * F<folder>/<entry> a submission's folder or one below it. */
static void on_hint(void *arg, const void *bytes, size_t len, const char *name)
{
    struct gh_intake *in = arg;
    if (in->stopping)
        return;
    if (!bytes) {
        gh_log(GH_LOG_NOTICE, "rescan", "reason=inotify-overflow");
        size_t at = 0;
        for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
            dept->listed_mtime = 0;
        gh_intake_rescan_in(in, SOON_MS);
        return;
    }
    GH_AUTO_FREE char *ref = gh_strndup(bytes, len);
    if (gh_streq(ref, "T")) {
        if (name && gh_streq(name, SELF_TEST))
            self_test_heard(in);
        else if (name)
            (void)gh_sweep_taken(in->d, name, false);
        return;
    }
    if (!*ref) {
        if (!name || (name[0] != '.' && !gh_name_junk(name)))
            gh_intake_rescan_in(in, SOON_MS);
        return;
    }
    char *slash = strchr(ref, '/');
    if (slash)
        *slash = 0;
    struct gh_dept *dept = gh_map_get(&in->depts, ref + 1, strlen(ref + 1));
    if (!dept || dept->fd < 0)
        return;
    if (slash)
        gh_entry_hint(dept, slash + 1);
    else if (!name)
        gh_intake_rescan_in(in, SOON_MS);
    else if (is_drop(dept, name))
        gh_entry_hint(dept, name);
}

/* ------------------------------------------------------------------------------------------- life */

int gh_intake_open(struct gh_daemon *d, struct gh_intake **ret, struct gh_err *err)
{
    struct gh_intake *in = gh_alloc(sizeof(*in));
    *in = (struct gh_intake){.d = d};
    in->copied_end = &in->copied;
    in->ahead = gh_ahead_new(in);
    const char *blind = gh_watch_blind(d->dirs.drop);
    d->scanning[0] = 0;
    if (!d->conf.inotify)
        snprintf(d->scanning, sizeof(d->scanning), "inotify = no");
    else if (blind)
        snprintf(d->scanning, sizeof(d->scanning), "%s tells nothing of changes", blind);
    else if (gh_watch_open(d->loop, on_hint, in, &in->watch, err) < 0) {
        snprintf(d->scanning, sizeof(d->scanning), "%s", err->msg);
        gh_log_err(GH_LOG_WARNING, "scanning", err, "interval_ms=%" PRIu64, d->conf.scan_ms);
    }
    gh_intake_watch(in, d->dirs.drop, "");
    gh_intake_watch(in, d->dirs.taken, "T");
    self_test(in);
    in->scan_timer = gh_loop_after(d->loop, 0, scan_slice, in);
    *ret = in;
    return 0;
}

void gh_intake_stop(struct gh_intake *in)
{
    in->stopping = true;
    gh_loop_cancel(in->d->loop, &in->scan_timer);
    gh_loop_cancel(in->d->loop, &in->pump_timer);
    gh_loop_cancel(in->d->loop, &in->test_timer);
    gh_watch_close(&in->watch);
}

static void dept_free(struct gh_dept *dept)
{
    size_t at = 0;
    for (struct gh_unit *u; (u = dept->queue);) {
        dept->queue = u->next;
        gh_unit_free(u);
    }
    for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &at));)
        gh_entry_forget(e);
    gh_map_free(&dept->entries);
    gh_map_free(&dept->stems);
    gh_close_fd(&dept->fd);
    free(dept->folder);
    free(dept);
}

void gh_intake_close(struct gh_intake **p)
{
    struct gh_intake *in = *p;
    if (!in)
        return;
    gh_intake_stop(in);
    scanner_free(&in->scanner);
    gh_ahead_free(&in->ahead);
    for (struct gh_unit *u; (u = in->copied);) {
        in->copied = u->next;
        gh_unit_free(u);
    }
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        dept_free(dept);
    gh_map_free(&in->depts);
    at = 0;
    for (void *print; (print = gh_map_next(&in->reported, &at));)
        free(print);
    gh_map_free(&in->reported);
    free(in);
    *p = NULL;
}

void gh_intake_stats(const struct gh_intake *in, struct gh_intake_stats *ret)
{
    *ret = (struct gh_intake_stats){.departments = in->depts.n,
                                    .offline_all = in->offline,
                                    .scanned_ms = in->scanned_ms,
                                    .watches = in->watch ? gh_watch_count(in->watch) : 0};
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        ret->offline += dept->fd < 0;
        ret->ignored += dept->junk;
        size_t i = 0;
        for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &i));)
            *(e->state == GH_ENTRY_WAITING  ? &ret->waiting
              : e->state == GH_ENTRY_TAKING ? &ret->taking
                                            : &ret->parked) += 1;
    }
}
