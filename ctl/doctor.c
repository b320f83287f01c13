/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat doctor: what is wrong with this installation, and what to do about it. Each check is a row; none changes
 * anything. */
#include "ctl/client.h"

#include "daemon/department.h"
#include "daemon/ledger.h"
#include "daemon/nursery.h"
#include "daemon/paths.h"
#include "daemon/profile.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

enum grade { FINE, WORTH_KNOWING, WRONG };

struct visit {
    struct gh_ctl *ctl;
    struct gh_conf conf;
    bool conf_ok;
    json_t *findings;
    char *taken; /* drop/.taken */
    unsigned wrong;
};

#define CLOCK_SLACK_MS (5 * 60 * 1000)
#define STALE_MS (48ll * 3600 * 1000)

static void find(struct visit *v, enum grade grade, const char *check, const char *fmt, ...) GH_PRINTF(4, 5);
static void find(struct visit *v, enum grade grade, const char *check, const char *fmt, ...)
{
    static const char *const grades[] = {"ok", "note", "wrong"};
    char text[700];
    GH_AUTO_STR shown = {0};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    gh_str_display(&shown, text, strlen(text));
    json_array_append_new(
        v->findings, json_pack("{s:s, s:s, s:s}", "grade", grades[grade], "check", check, "text", gh_str_text(&shown)));
    v->wrong += grade == WRONG;
}

static void check_conf(struct visit *v)
{
    struct gh_problems problems = {0};
    struct gh_err err = {0};
    v->conf_ok = gh_conf_load(v->ctl->conf_path, &v->conf, &problems, &err) == 0;
    for (size_t i = 0; i < problems.n; i++)
        find(v, WRONG, "configuration", "%s", problems.list[i]);
    if (!v->conf_ok && !problems.n)
        find(v, WRONG, "configuration", "%s", err.msg);
    if (v->conf_ok)
        find(v, FINE, "configuration", "%s", v->conf.file ? v->conf.file : "built-in defaults");
    gh_problems_free(&problems);
}

static void check_departments(struct visit *v)
{
    struct gh_problems problems = {0};
    struct gh_departments set = {0};
    gh_departments_load(&v->conf, &set, &problems);
    for (size_t i = 0; i < problems.n; i++)
        find(v, WRONG, "departments", "%s", problems.list[i]);
    for (size_t i = 0; i < set.n; i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", v->conf.drop, set.list[i]->folder);
        struct stat st;
        if (stat(path, &st) < 0)
            find(v, WRONG, "departments", "the drop folder of %s is missing: mkdir -m 2770 '%s'", set.list[i]->slug,
                 path);
        else if ((st.st_mode & 0300) != 0300)
            find(v, WRONG, "departments",
                 "nothing can be taken out of the drop folder of %s (mode %04o): chmod ug+rwx '%s'", set.list[i]->slug,
                 st.st_mode & 07777, path);
        if (!set.list[i]->officer.name)
            find(v, WORTH_KNOWING, "departments", "%s names no nodal officer: add one to its .conf", set.list[i]->slug);
    }
    if (!problems.n)
        find(v, FINE, "departments", "%zu configured", set.n);
    gh_problems_free(&problems);
    gh_departments_free(&set);
}

static void check_profiles(struct visit *v)
{
    struct gh_profiles set = {0};
    struct gh_err err = {0};
    GH_AUTO_FREE char *own = gh_asprintf("%s/profiles", v->conf.dir);
    if (gh_profiles_load(v->conf.profiles, own, &set, &err) < 0)
        find(v, WRONG, "profiles", "%s", err.msg);
    else if (set.n == 0)
        find(v, WRONG, "profiles", "there is no profile in %s: install Ghat again", v->conf.profiles);
    else
        find(v, FINE, "profiles", "%zu placements", set.n);
    gh_profiles_free(&set);
}

static void check_folders(struct visit *v)
{
    const struct {
        const char *path, *what;
        mode_t forbidden; /* permission bits nobody else may have */
    } rows[] = {
        {v->conf.state, "state", 0007},
        {v->conf.spool, "spool", 0007},
        {v->conf.staging, "staging", 0007},
        {v->conf.archive, "archive", 0007},
        {v->conf.quarantine, "quarantine", 0007},
        {v->conf.outbox, "outbox", 0002},
        {v->conf.drop, "drop", 0},
    };
    dev_t dev = 0;
    uid_t owner = 0;
    unsigned before = v->wrong;
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct stat st;
        if (stat(rows[i].path, &st) < 0) {
            find(v, WRONG, "folders", "%s (%s): %s; ghatd makes it when it may write in %s", rows[i].path, rows[i].what,
                 strerror(errno), v->conf.root);
            continue;
        }
        if (st.st_mode & rows[i].forbidden)
            find(v, WRONG, "folders", "%s is open to everybody (mode %04o): chmod o= %s", rows[i].path,
                 st.st_mode & 07777, rows[i].path);
        if ((st.st_mode & 0700) != 0700)
            find(v, WRONG, "folders", "ghatd may not write in %s (mode %04o): chmod u=rwx %s", rows[i].path,
                 st.st_mode & 07777, rows[i].path);
        if (i == 0)
            owner = st.st_uid;
        else if (st.st_uid != owner)
            find(v, WRONG, "folders", "%s belongs to uid %u, %s to uid %u: chown the one to ghatd's user", rows[i].path,
                 st.st_uid, rows[0].path, owner);
        bool one_fs =
            !strcmp(rows[i].what, "spool") || !strcmp(rows[i].what, "staging") || !strcmp(rows[i].what, "outbox");
        if (one_fs && dev && dev != st.st_dev)
            find(v, WRONG, "folders",
                 "%s is on another file system than the spool: put spool, staging and outbox on one", rows[i].path);
        if (one_fs)
            dev = st.st_dev;
    }
    if (v->wrong == before)
        find(v, FINE, "folders", "all below %s", v->conf.root);
}

static void check_disk(struct visit *v)
{
    struct statvfs vfs;
    if (statvfs(v->conf.spool, &vfs) < 0)
        return;
    double free_gb = (double)vfs.f_bavail * (double)vfs.f_frsize / 1e9;
    bool low = (uint64_t)vfs.f_bavail * vfs.f_frsize < v->conf.reserve * 2;
    find(v, low ? WRONG : FINE, "disk", "%.1f GB free%s", free_gb,
         low ? ": intake pauses below the reserve; make room, or lower [intake] reserve" : "");
    if (vfs.f_files && vfs.f_favail < 10000)
        find(v, WRONG, "disk", "only %" PRIu64 " more files fit (inodes): make room", (uint64_t)vfs.f_favail);
}

static uint64_t folders_below(const char *path, unsigned depth)
{
    uint64_t n = 1;
    DIR *d = opendir(path);
    for (struct dirent *e; d && depth && (e = readdir(d));) {
        if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        GH_AUTO_FREE char *below = gh_asprintf("%s/%s", path, e->d_name);
        n += folders_below(below, depth - 1);
    }
    if (d)
        closedir(d);
    return n;
}

static void check_inotify(struct visit *v)
{
    GH_AUTO_FD fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0) {
        find(v, WORTH_KNOWING, "inotify",
             "not available (%s): folders are looked at every [intake] scan only; raise fs.inotify.max_user_instances",
             strerror(errno));
        return;
    }
    uint64_t watches = UINT64_MAX; /* the less of the system's and the user namespace's */
    static const char *const limits[] = {"/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches"};
    for (size_t i = 0; i < GH_LEN(limits); i++) {
        GH_AUTO_FREE char *text = NULL;
        struct gh_err err;
        size_t n;
        uint64_t limit;
        if (gh_read_file(AT_FDCWD, limits[i], 64, &text, &n, &err) == 0 &&
            gh_parse_u64(gh_strip(text), UINT64_MAX, &limit))
            watches = GH_MIN(watches, limit);
    }
    uint64_t need = folders_below(v->conf.drop, 8);
    bool few = watches < need + need / 4 + 64;
    find(v, few ? WRONG : FINE, "inotify", "%" PRIu64 " watches allowed, %" PRIu64 " folders to watch%s", watches, need,
         few ? ": raise fs.inotify.max_user_watches (sysctl)" : "");
}

static bool last_time(const struct gh_audit_row *row, void *arg)
{
    int64_t *last = arg;
    *last = GH_MAX(*last, row->time_ms);
    return true;
}

/* The ledger knows a time that has been. */
static void check_time(struct visit *v, struct gh_ledger *l)
{
    int64_t last = 0, now = gh_now_ms();
    struct gh_err err = {0};
    if (gh_ledger_log(l, 0, last_time, &last, &err) == 0 && last > now + CLOCK_SLACK_MS)
        find(v, WRONG, "clock", "it is %" PRId64 " minutes behind the newest event of the ledger: set it",
             (last - now) / 60000);
}

/* Files that nobody needs and that are older than anything in the making. */
static void check_leftovers(struct visit *v, struct gh_ledger *l)
{
    const struct {
        const char *path, *advice;
        bool spool;
    } rows[] = {
        {v->conf.spool, "no submission needs them; ghatd's hourly sweep removes them: does it run?", true},
        {v->taken, "the ledger does not know them (a backup was restored?): put them into their department's folder",
         false},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        uint64_t n = 0, bytes = 0;
        DIR *d = opendir(rows[i].path);
        for (struct dirent *e; d && (e = readdir(d));) {
            struct stat st;
            struct gh_err err;
            GH_AUTO(gh_item_free) struct gh_item item = {0};
            if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
                gh_now_ms() - (int64_t)st.st_mtim.tv_sec * 1000 < STALE_MS)
                continue;
            if (rows[i].spool ? gh_ledger_has_blob(l, e->d_name, &err) == 1
                              : gh_ledger_get(l, strtoll(e->d_name, NULL, 10), &item, &err) == 0)
                continue;
            n++;
            bytes += (uint64_t)st.st_size;
        }
        if (d)
            closedir(d);
        if (n)
            find(v, WORTH_KNOWING, "leftovers", "%" PRIu64 " old files (%.1f MB) in %s: %s", n, (double)bytes / 1e6,
                 rows[i].path, rows[i].advice);
    }
}

static void check_ledger(struct visit *v)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", v->conf.state);
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = NULL;
    struct gh_err err = {0};
    int64_t rows = 0;
    if (access(path, F_OK) < 0) {
        find(v, WORTH_KNOWING, "ledger", "there is none yet at %s; ghatd makes it", path);
        return;
    }
    if (gh_ledger_open_ro(path, &l, &err) < 0) {
        find(v, WRONG, "ledger", "%s (man ghatd: restoring a ledger)", err.msg);
        return;
    }
    if (gh_ledger_verify_chain(l, &rows, &err) < 0)
        find(v, WRONG, "ledger", "%s: somebody changed it by hand; compare with the last backup", err.msg);
    else
        find(v, FINE, "ledger", "sound, %" PRId64 " audit rows, chain intact", rows);
    check_time(v, l);
    check_leftovers(v, l);
}

static void check_worker(struct visit *v)
{
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        find(v, WRONG, "worker", "%s: %s; install Ghat again, or set [paths] worker", worker, strerror(errno));
    else
        find(v, FINE, "worker", "%s", worker);
}

/* The same trial that ghatd makes before it starts. */
static void check_sandbox(struct visit *v)
{
    GH_AUTO_STR said = {0};
    struct gh_err err = {0};
    size_t refused = 0;
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        return;
    int r = gh_worker_selftest(worker, v->conf.seccomp_only, &said, &err);
    char *save = NULL, *last = NULL;
    for (char *line = said.len ? strtok_r(said.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
        if (!strncmp(line, "FAIL", 4) || !strncmp(line, "WARNING", 7))
            find(v, !strncmp(line, "FAIL", 4) ? WRONG : WORTH_KNOWING, "sandbox", "%s", line);
        refused += strstr(line, ": refused") != NULL;
        last = line;
    }
    if (r < 0)
        find(v, WRONG, "sandbox", "%s: ghatd does not start like this", err.msg);
    else
        find(v, FINE, "sandbox", "%zu forbidden acts tried, all refused%s", refused,
             last && strchr(last, ':') ? strchr(last, ':') : "");
}

/* A few pictures, the way those of a job go. */
static void check_encoder(struct visit *v)
{
    GH_AUTO_STR said = {0};
    struct gh_err err = {0};
    uint32_t encoder = v->conf.encoder;
    const char *name = gh_encoder_name(encoder), *usual = gh_encoder_device(encoder),
               *device = v->conf.encoder_device ? v->conf.encoder_device : usual;
    if (encoder == GH_ENCODER_SOFTWARE)
        return;
    if (device && access(device, R_OK | W_OK) < 0)
        find(v, WORTH_KNOWING, "encoder",
             "%s: %s: %s; videos are encoded in software (man ghat.conf, [workers] encoder)", name, device,
             strerror(errno));
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        return;
    if (gh_worker_try_encoder(worker, name, device, &said, &err) < 0)
        find(v, WORTH_KNOWING, "encoder", "%s; as this user, videos are encoded in software", err.msg);
    else
        find(v, FINE, "encoder", "%s", gh_str_text(&said));
}

static void check_clock(struct visit *v)
{
    struct timex t = {0};
    if (gh_now_ms() < 1700000000000)
        find(v, WRONG, "clock", "it is set to the past: set it, and enable time synchronisation");
    else if (adjtimex(&t) >= 0 && (t.status & STA_UNSYNC))
        find(v, WORTH_KNOWING, "clock", "it is not synchronised: timedatectl set-ntp true");
    else
        find(v, FINE, "clock", "synchronised");
}

static void check_daemon(struct visit *v)
{
    json_t *answer = NULL;
    struct gh_err err = {0};
    if (gh_ask(v->ctl, json_pack("{s:s}", "request", "status"), &answer, NULL, &err) < 0) {
        find(v, WRONG, "ghatd", "%s", err.msg); /* says what to do */
        return;
    }
    if (*gh_j_text(answer, "paused"))
        find(v, WRONG, "ghatd", "paused: %s", gh_j_text(answer, "paused"));
    if (*gh_j_text(answer, "clock"))
        find(v, WRONG, "clock", "%s", gh_j_text(answer, "clock"));
    if (*gh_j_text(answer, "scanning"))
        find(v, WORTH_KNOWING, "ghatd", "scans only: %s", gh_j_text(answer, "scanning"));
    if (!json_is_true(json_object_get(json_object_get(answer, "engine"), "healthy")))
        find(v, WRONG, "ghatd", "its workers do not run; see journalctl -u ghatd");
    find(v, FINE, "ghatd", "runs, version %s", gh_j_text(answer, "version"));
    json_decref(answer);
}

int gh_cmd_doctor(struct gh_ctl *ctl, int argc, char **argv)
{
    static void (*const checks[])(struct visit *) = {check_folders, check_departments, check_profiles, check_worker,
                                                     check_sandbox, check_disk,        check_inotify,  check_ledger,
                                                     check_encoder, check_clock,       check_daemon};
    const char *args[64];
    bool json = false, confirm = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}, {"--confirm-clock", NULL, NULL, &confirm}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    struct visit v = {.ctl = ctl};
    json_t *f;
    size_t i;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (confirm && gh_ask(ctl, json_pack("{s:s}", "request", "clock"), &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_decref(answer);
    v.findings = json_array();
    check_conf(&v);
    if (v.conf_ok)
        v.taken = gh_asprintf("%s/.taken", v.conf.drop);
    for (i = 0; v.conf_ok && i < GH_LEN(checks); i++)
        checks[i](&v);
    json_array_foreach (v.findings, i, f) {
        if (json)
            gh_print_json(f);
        else
            printf("%-6s %-14s %s\n", gh_j_text(f, "grade"), gh_j_text(f, "check"), gh_j_text(f, "text"));
    }
    json_decref(v.findings);
    free(v.taken);
    if (v.conf_ok)
        gh_conf_free(&v.conf);
    return v.wrong ? GH_EXIT_FAILED : GH_EXIT_OK;
}
