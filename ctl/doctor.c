/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat doctor: what is wrong with this installation, and what to do about it. A function a check;
 * none changes anything. What ghatd would refuse to start with is tried as ghatd tries it. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/wrap.h"

#include "daemon/engine/nursery.h"
#include "daemon/engine/paths.h"
#include "daemon/ledger/ledger.h"
#include "daemon/plan/profile.h"
#include "daemon/site/department.h"
#include "daemon/site/settings.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/reasons.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

enum grade { FINE, WORTH_KNOWING, WRONG };

struct examination {
    struct gh_ctl *ctl;
    struct gh_conf conf;
    bool conf_ok;
    json_t *findings;
    char *taken;    /* path of drop/.taken */
    unsigned wrong; /* findings of that grade */
};

#define NOTICES_MANY 1000 /* so many do not wait where somebody sends them */
#define CLOCK_SLACK_MS (5 * 60 * 1000)
#define CLOCK_LEAST_MS 1700000000000  /* November 2023: no clock that is set says less */
#define STALE_MS (48ll * 3600 * 1000) /* what is being worked on is younger */
#define FEW_INODES 10000
#define WATCH_DEPTH 8    /* folders below drop/ that are counted */
#define WATCHES_SPARE 64 /* beside a quarter of what is needed now */
#define FINDING_MAX 700

static void report(struct examination *v, enum grade grade, const char *check, const char *fmt, ...)
    GH_PRINTF(4, 5);
static void report(struct examination *v, enum grade grade, const char *check, const char *fmt, ...)
{
    static const char *const grades[] = {"ok", "note", "wrong"};
    char text[FINDING_MAX];
    GH_AUTO_STR shown = {0};
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    gh_str_display(&shown, text, strlen(text));
    json_array_append_new(v->findings, json_pack("{s:s, s:s, s:s}", "grade", grades[grade], "check",
                                                 check, "text", gh_str_text(&shown)));
    v->wrong += grade == WRONG;
}

static void check_conf(struct examination *v)
{
    struct gh_problems problems = {0};
    struct gh_err err = {0};
    v->conf_ok = gh_conf_load(v->ctl->conf_path, &v->conf, &problems, &err) == 0;
    for (size_t i = 0; i < problems.n; i++)
        report(v, WRONG, "configuration", "%s", problems.list[i]);
    if (!v->conf_ok && !problems.n)
        report(v, WRONG, "configuration", "%s", err.msg);
    if (v->conf_ok)
        report(v, FINE, "configuration", "%s", v->conf.file ? v->conf.file : "built-in defaults");
    gh_problems_free(&problems);
}

static void check_departments(struct examination *v)
{
    struct gh_problems problems = {0};
    struct gh_departments set = {0};
    gh_departments_load(&v->conf, &set, &problems);
    for (size_t i = 0; i < problems.n; i++)
        report(v, WRONG, "departments", "%s", problems.list[i]);
    for (size_t i = 0; i < set.n; i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", v->conf.drop, set.list[i]->folder);
        struct stat st;
        if (stat(path, &st) < 0)
            report(v, WRONG, "departments",
                   "the drop folder %s of %s is missing; as root: ghat department add %s", path,
                   set.list[i]->slug, set.list[i]->slug);
        else if ((st.st_mode & 0300) != 0300)
            report(
                v, WRONG, "departments",
                "nothing can be taken out of the drop folder of %s (mode %04o): chmod ug+rwx '%s'",
                set.list[i]->slug, st.st_mode & 07777, path);
        if (!set.list[i]->officer.name)
            report(v, WORTH_KNOWING, "departments",
                   "%s names no nodal officer: add one to its .conf", set.list[i]->slug);
    }
    if (!problems.n)
        report(v, FINE, "departments", "%zu configured", set.n);
    gh_problems_free(&problems);
    gh_departments_free(&set);
}

/* Whoever is in ghatd's own group gets where no officer belongs. */
static void check_group(struct examination *v)
{
    struct stat st;
    GH_AUTO_STR who = {0};
    if (stat(v->conf.state, &st) < 0 || st.st_gid == 0)
        return;
    const struct group *g = getgrgid(st.st_gid);
    for (char **m = g ? g->gr_mem : NULL; m && *m; m++) {
        const struct passwd *pw = getpwnam(*m);
        if (pw && pw->pw_uid != st.st_uid)
            gh_str_printf(&who, "%s%s", who.len ? ", " : "", *m);
    }
    if (who.len)
        report(v, WORTH_KNOWING, "departments",
               "in ghatd's own group %s: %s. Officers belong in groups of their departments (ghat "
               "department add): gpasswd -d NAME %s",
               g->gr_name, gh_str_text(&who), g->gr_name);
}

/* A text that is missing in a language is read in English there: worth knowing, not wrong. */
static void check_reasons(struct examination *v)
{
    struct gh_problems problems = {0};
    struct gh_reasons own = {0};
    const struct gh_words *w;
    gh_reasons_load(v->conf.dir, &own, &problems);
    for (size_t i = 0; i < problems.n; i++)
        report(v, WRONG, "reasons", "%s", problems.list[i]);
    for (size_t i = 0; i < own.n; i++)
        for (size_t k = 1; k < GH_REASON_LANGUAGES && (w = gh_words_at(k)); k++)
            if (!own.list[i].label[k] || (own.list[i].todo[0] && !own.list[i].todo[k]))
                report(v, WORTH_KNOWING, "reasons",
                       "%s/reasons.ini: [%s] has no words in \"%s\": add label.%s and todo.%s",
                       v->conf.dir, own.list[i].key, gh_words_language(w), gh_words_language(w),
                       gh_words_language(w));
    if (!problems.n)
        report(v, FINE, "reasons", "%zu of your own", own.n);
    gh_problems_free(&problems);
    gh_reasons_free(&own);
}

static void check_profiles(struct examination *v)
{
    struct gh_profiles set = {0};
    struct gh_err err = {0};
    GH_AUTO_FREE char *shipped = gh_find_profiles(v->conf.profiles);
    if (gh_installed_profiles(&v->conf, &set, &err) < 0)
        report(v, WRONG, "profiles", "%s", err.msg);
    else if (set.n == 0)
        report(v, WRONG, "profiles", "there is no profile in %s: install Ghat again", shipped);
    else
        report(v, FINE, "profiles", "%zu placements", set.n);
    gh_profiles_free(&set);
}

static bool is_found(const struct examination *v, const char *text)
{
    size_t i;
    json_t *f;
    json_array_foreach (v->findings, i, f)
        if (!strcmp(gh_j_text(f, "text"), text))
            return true;
    return false;
}

/* All that is read at a start, as it is read there: what ghatd would not start with. */
static void check_settings(struct examination *v)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_settings_free) struct gh_settings s = {0};
    struct gh_err err = {0};
    int r = gh_settings_load(v->ctl->conf_path, NULL, &s, &problems, &err);
    for (size_t i = 0; i < problems.n; i++)
        if (!is_found(v, problems.list[i]))
            report(v, WRONG, "settings", "%s", problems.list[i]);
    if (r < 0 && !problems.n)
        report(v, WRONG, "settings", "%s", err.msg);
    if (r == 0)
        report(v, FINE, "settings", "ghatd starts with them");
}

static void check_folders(struct examination *v)
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
            report(v, WRONG, "folders", "%s (%s): %s; ghatd makes it when it may write in %s",
                   rows[i].path, rows[i].what, strerror(errno), v->conf.root);
            continue;
        }
        if (st.st_mode & rows[i].forbidden)
            report(v, WRONG, "folders", "%s is open to everybody (mode %04o): chmod o= %s",
                   rows[i].path, st.st_mode & 07777, rows[i].path);
        if ((st.st_mode & 0700) != 0700)
            report(v, WRONG, "folders", "ghatd may not write in %s (mode %04o): chmod u=rwx %s",
                   rows[i].path, st.st_mode & 07777, rows[i].path);
        bool drop = !strcmp(rows[i].what, "drop");
        if (drop && st.st_mode & 022)
            report(v, WRONG, "folders",
                   "others may rename departments' folders in %s (mode %04o): chmod go-w %s",
                   rows[i].path, st.st_mode & 07777, rows[i].path);
        if (i == 0)
            owner = st.st_uid;
        else if (st.st_uid != owner && !(drop && st.st_uid == 0))
            report(v, WRONG, "folders",
                   "%s belongs to uid %u, %s to uid %u: chown the one to ghatd's user",
                   rows[i].path, st.st_uid, rows[0].path, owner);
        bool one_fs = !strcmp(rows[i].what, "spool") || !strcmp(rows[i].what, "staging") ||
                      !strcmp(rows[i].what, "outbox");
        if (one_fs && dev && dev != st.st_dev)
            report(
                v, WRONG, "folders",
                "%s is on another file system than the spool: put spool, staging and outbox on one",
                rows[i].path);
        if (one_fs)
            dev = st.st_dev;
    }
    if (v->wrong == before)
        report(v, FINE, "folders", "all below %s", v->conf.root);
}

static void check_disk(struct examination *v)
{
    struct statvfs vfs;
    if (statvfs(v->conf.spool, &vfs) < 0)
        return;
    double free_gb = (double)vfs.f_bavail * (double)vfs.f_frsize / 1e9;
    bool low = (uint64_t)vfs.f_bavail * vfs.f_frsize < v->conf.reserve * 2;
    report(v, low ? WRONG : FINE, "disk", "%.1f GB free%s", free_gb,
           low ? ": intake pauses below the reserve; make room, or lower [intake] reserve" : "");
    if (vfs.f_files && vfs.f_favail < FEW_INODES)
        report(v, WRONG, "disk", "only %" PRIu64 " more files fit (inodes): make room",
               (uint64_t)vfs.f_favail);
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

static void check_inotify(struct examination *v)
{
    GH_AUTO_FD fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0) {
        report(v, WORTH_KNOWING, "inotify",
               "not available (%s): folders are looked at every [intake] scan only; raise "
               "fs.inotify.max_user_instances",
               strerror(errno));
        return;
    }
    uint64_t watches = UINT64_MAX; /* the less of the system's and the user namespace's */
    static const char *const limits[] = {"/proc/sys/fs/inotify/max_user_watches",
                                         "/proc/sys/user/max_inotify_watches"};
    for (size_t i = 0; i < GH_LEN(limits); i++) {
        GH_AUTO_FREE char *text = NULL;
        struct gh_err err;
        size_t n;
        uint64_t limit;
        if (gh_read_file(AT_FDCWD, limits[i], 64, &text, &n, &err) == 0 &&
            gh_parse_u64(gh_strip(text), UINT64_MAX, &limit))
            watches = GH_MIN(watches, limit);
    }
    uint64_t need = folders_below(v->conf.drop, WATCH_DEPTH);
    bool few = watches < need + need / 4 + WATCHES_SPARE;
    report(v, few ? WRONG : FINE, "inotify",
           "%" PRIu64 " watches allowed, %" PRIu64 " folders to watch%s", watches, need,
           few ? ": raise fs.inotify.max_user_watches (sysctl)" : "");
}

static bool last_time(const struct gh_audit_row *row, void *arg)
{
    int64_t *last = arg;
    *last = GH_MAX(*last, row->time_ms);
    return true;
}

/* What the ledger dates cannot lie in the future. */
static void check_time(struct examination *v, struct gh_ledger *l)
{
    int64_t last = 0, now = gh_now_ms();
    struct gh_err err = {0};
    if (gh_ledger_log(l, 0, 0, 0, last_time, &last, &err) == 0 && last > now + CLOCK_SLACK_MS)
        report(v, WRONG, "clock",
               "it is %" PRId64 " minutes behind the newest event of the ledger: set it",
               (last - now) / 60000);
}

/* Old files that no submission needs, in folders where files stay for a short time only. */
static void check_leftovers(struct examination *v, struct gh_ledger *l)
{
    const struct {
        const char *path, *advice;
        bool spool;
    } rows[] = {
        {v->conf.spool, "no submission needs them; ghatd's hourly sweep removes them: does it run?",
         true},
        {v->taken,
         "the ledger does not know them (a backup was restored?): put them into their department's "
         "folder",
         false},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        uint64_t n = 0, bytes = 0;
        DIR *d = opendir(rows[i].path);
        for (struct dirent *e; d && (e = readdir(d));) {
            struct stat st;
            struct gh_err err;
            GH_AUTO(gh_item_free) struct gh_item item = {0};
            if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                !S_ISREG(st.st_mode) || gh_now_ms() - (int64_t)st.st_mtim.tv_sec * 1000 < STALE_MS)
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
            report(v, WORTH_KNOWING, "leftovers", "%" PRIu64 " old files (%.1f MB) in %s: %s", n,
                   (double)bytes / 1e6, rows[i].path, rows[i].advice);
    }
}

/* Until a person says that the outbox may be what it says. */
static void check_restored(struct examination *v, struct gh_ledger *l)
{
    struct gh_restored is;
    char when[GH_TIME_ISO];
    struct gh_err err = {0};
    if (gh_ledger_restored(l, &is, &err) <= 0)
        return;
    gh_time_iso(is.made_ms, when, sizeof(when));
    report(v, WORTH_KNOWING, "restored",
           "from the backup of %s: nothing goes out before ghat thaw (man ghatd: backup and "
           "restore)",
           when);
}

static void check_ledger(struct examination *v)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", v->conf.state);
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = NULL;
    struct gh_err err = {0};
    int64_t rows = 0;
    if (!gh_ledger_known(path)) {
        report(v, WORTH_KNOWING, "ledger", "there is none yet at %s; ghatd makes it", path);
        return;
    }
    if (gh_ledger_open_ro(path, &l, &err) < 0) {
        report(v, WRONG, "ledger", "%s (man ghatd: backup and restore)", err.msg);
        return;
    }
    if (gh_ledger_check(l, &err) < 0)
        report(v, WRONG, "ledger", "%s (man ghatd: backup and restore)", err.msg);
    else if (gh_ledger_verify_chain(l, &rows, &err) < 0)
        report(v, WRONG, "ledger", "%s: somebody changed it by hand; compare with the last backup",
               err.msg);
    else
        report(v, FINE, "ledger", "sound, %" PRId64 " audit rows, chain intact", rows);
    check_time(v, l);
    check_restored(v, l);
    check_leftovers(v, l);
}

static void check_worker(struct examination *v)
{
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        report(v, WRONG, "worker", "%s: %s; install Ghat again, or set [paths] worker", worker,
               strerror(errno));
    else
        report(v, FINE, "worker", "%s", worker);
}

/* The trial that ghatd makes before it starts. */
static void check_sandbox(struct examination *v)
{
    GH_AUTO_STR said = {0};
    struct gh_err err = {0};
    size_t refused = 0;
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        return;
    int r = gh_worker_selftest(worker, v->conf.seccomp_only, &said, &err);
    char *save = NULL, *last = NULL;
    for (char *line = said.len ? strtok_r(said.data, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        if (!strncmp(line, "FAIL", 4) || !strncmp(line, "WARNING", 7))
            report(v, !strncmp(line, "FAIL", 4) ? WRONG : WORTH_KNOWING, "sandbox", "%s", line);
        refused += strstr(line, ": refused") != NULL;
        last = line;
    }
    if (r < 0)
        report(v, WRONG, "sandbox", "%s: ghatd does not start like this", err.msg);
    else
        report(v, FINE, "sandbox", "%zu forbidden acts tried, all refused%s", refused,
               last && strchr(last, ':') ? strchr(last, ':') : "");
}

/* Encodes a few pictures in the way a job does. */
static void check_encoder(struct examination *v)
{
    GH_AUTO_STR said = {0};
    struct gh_err err = {0};
    uint32_t encoder = v->conf.encoder;
    const char *name = gh_encoder_name(encoder), *usual = gh_encoder_device(encoder),
               *device = v->conf.encoder_device ? v->conf.encoder_device : usual;
    if (encoder == GH_ENCODER_SOFTWARE)
        return;
    if (device && access(device, R_OK | W_OK) < 0)
        report(v, WORTH_KNOWING, "encoder",
               "%s: %s: %s; videos are encoded in software (man ghat.conf, [workers] encoder)",
               name, device, strerror(errno));
    GH_AUTO_FREE char *worker = gh_find_worker(v->conf.worker);
    if (access(worker, X_OK) < 0)
        return;
    if (gh_worker_try_encoder(worker, name, device, &said, &err) < 0)
        report(v, WORTH_KNOWING, "encoder", "%s; as this user, videos are encoded in software",
               err.msg);
    else
        report(v, FINE, "encoder", "%s", gh_str_text(&said));
}

static void check_clock(struct examination *v)
{
    struct timex t = {0};
    if (gh_now_ms() < CLOCK_LEAST_MS)
        report(v, WRONG, "clock", "it is set to the past: set it, and enable time synchronisation");
    else if (adjtimex(&t) >= 0 && (t.status & STA_UNSYNC))
        report(v, WORTH_KNOWING, "clock", "it is not synchronised: timedatectl set-ntp true");
    else
        report(v, FINE, "clock", "synchronised");
}

/* By what ghatd knows departments' folders, as far as somebody has to look after it. */
static void check_marks(struct examination *v, const json_t *in)
{
    json_t *o;
    size_t i;
    GH_AUTO_STR slugs = {0};
    json_array_foreach (json_object_get(in, "unconfirmed"), i, o)
        report(v, WRONG, "departments",
               "%s takes nothing: %s. Look at its folder %s; if it is right: "
               "ghat department confirm %s",
               gh_j_text(o, "department"), gh_j_text(o, "reason"), gh_j_text(o, "folder"),
               gh_j_text(o, "department"));
    json_array_foreach (json_object_get(in, "unreadable"), i, o)
        report(
            v, WRONG, "departments",
            "the folder %s of %s cannot be looked at: %s. ghatd goes on trying: look at the disk "
            "or the mount that it lies on",
            gh_j_text(o, "folder"), gh_j_text(o, "department"), gh_j_text(o, "reason"));
    json_array_foreach (json_object_get(in, "unmarked"), i, o)
        report(v, WORTH_KNOWING, "departments",
               "%s is offline after each mount until ghat department confirm %s, since its folder "
               "%s needs a file .ghat-folder and has none (%s): let ghatd write there",
               gh_j_text(o, "department"), gh_j_text(o, "department"), gh_j_text(o, "folder"),
               gh_j_text(o, "reason"));
    json_array_foreach (json_object_get(in, "by_file"), i, o)
        gh_str_printf(&slugs, "%s%s", i ? ", " : "", json_string_value(o));
    if (slugs.len)
        report(v, FINE, "departments",
               "known by the file .ghat-folder in their folders, which is not to be deleted "
               "(mounted without it, a department is offline until ghat department confirm): %s",
               gh_str_text(&slugs));
}

static void check_daemon(struct examination *v)
{
    json_t *answer = NULL;
    struct gh_err err = {0};
    if (gh_ask(v->ctl, json_pack("{s:s}", "request", "status"), &answer, &err) < 0) {
        report(v, WRONG, "ghatd", "%s", err.msg); /* says what to do */
        return;
    }
    if (*gh_j_text(answer, "paused"))
        report(v, WRONG, "ghatd", "paused: %s", gh_j_text(answer, "paused"));
    if (*gh_j_text(answer, "clock"))
        report(v, WRONG, "clock", "%s", gh_j_text(answer, "clock"));
    check_marks(v, json_object_get(answer, "intake"));
    if (*gh_j_text(answer, "scanning"))
        report(v, WORTH_KNOWING, "ghatd",
               "scans only, and cannot ask whether a file is still open for writing, so that the "
               "quiet "
               "time alone decides: %s",
               gh_j_text(answer, "scanning"));
    if (!json_is_true(json_object_get(json_object_get(answer, "engine"), "healthy")))
        report(v, WRONG, "ghatd", "its workers do not run; see journalctl -u ghatd");
    report(v, FINE, "ghatd", "runs, version %s", gh_j_text(answer, "version"));
    json_decref(answer);
}

/* Files with people's second factors are for ghatd alone. */
static void check_modes(struct examination *v)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", v->conf.state);
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077))
        report(v, WRONG, "people",
               "others may read %s, which holds people's second factors: chmod 600 '%s'", path,
               path);
}

/* Is there somebody who decides in a browser, and can they get in? */
static void check_people(struct examination *v)
{
    json_t *answer = NULL, *o;
    size_t i, approvers = 0, without = 0;
    check_modes(v);
    if (gh_ask(v->ctl, json_pack("{s:s}", "request", "users"), &answer, &(struct gh_err){0}) < 0)
        return; /* what is wrong then was said before */
    json_t *users = json_object_get(answer, "users");
    json_array_foreach (users, i, o) {
        const json_t *role;
        size_t k;
        bool approver = false;
        json_array_foreach (json_object_get(o, "roles"), k, role)
            approver |= gh_streq(json_string_value(role), "approver");
        approvers += approver && json_is_null(json_object_get(o, "locked"));
        without += approver && !json_is_true(json_object_get(o, "second"));
    }
    if (json_array_size(users) && !approvers)
        report(v, WORTH_KNOWING, "people",
               "nobody can approve at the desk: ghat user add NAME --role approver");
    if (json_array_size(users) && !v->conf.desk_url)
        report(v, WORTH_KNOWING, "people",
               "links for a first login have no address: set [desk] url in ghat.conf");
    if (v->conf.second_factor && without)
        report(v, WORTH_KNOWING, "people",
               "%zu approvers have no second factor yet, and decide nothing until they set it up",
               without);
    report(v, FINE, "people", "%zu of the desk, %zu approvers", json_array_size(users), approvers);
    json_decref(answer);
}

/* Are people told what waits for them? */
static void check_notices(struct examination *v)
{
    json_t *answer = NULL;
    if (!v->conf.smtp && !v->conf.webhook)
        return;
    if (gh_ask(v->ctl, json_pack("{s:s, s:i}", "request", "notices", "limit", 1), &answer,
               &(struct gh_err){0}) < 0)
        return; /* what is wrong then was said before */
    const json_t *n = json_object_get(answer, "counts");
    char when[GH_WHEN];
    int64_t waiting = gh_j_int(n, "waiting"), failed = gh_j_int(n, "failed");
    if (failed)
        report(v, WORTH_KNOWING, "notices",
               "%" PRId64 " letters could not be sent: ghat notices --state failed says why",
               failed);
    const json_t *post = json_object_get(answer, "post");
    if (json_is_true(json_object_get(post, "away")))
        report(v, WRONG, "notices",
               "due since %s, and ghat-post does not ask for them: start it (systemctl status "
               "ghat-post)",
               gh_j_when(post, "due_since", when));
    else if (gh_j_int(n, "notices") + waiting > NOTICES_MANY)
        report(v, WRONG, "notices",
               "%" PRId64 " wait, the oldest since %s: does ghat-post run, and does its server "
               "answer? (journalctl -u ghat-post)",
               gh_j_int(n, "notices") + waiting, gh_j_when(n, "oldest_due", when));
    else
        report(v, FINE, "notices", "%" PRId64 " letters wait, %" PRId64 " were sent", waiting,
               gh_j_int(n, "sent"));
    json_decref(answer);
}

int gh_cmd_doctor(struct gh_ctl *ctl, int argc, char **argv)
{
    static void (*const checks[])(struct examination *) = {
        check_folders,  check_departments, check_group,  check_reasons,
        check_profiles, check_settings,    check_worker, check_sandbox,
        check_disk,     check_inotify,     check_ledger, check_encoder,
        check_clock,    check_daemon,      check_people, check_notices};
    bool json = false, confirm = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--confirm-clock", NULL, NULL, &confirm}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    struct examination v = {.ctl = ctl};
    json_t *f;
    size_t i;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (confirm && gh_ask(ctl, json_pack("{s:s}", "request", "clock"), &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    json_decref(answer);
    v.findings = json_array();
    check_conf(&v);
    if (v.conf_ok)
        v.taken = gh_asprintf("%s/.taken", v.conf.drop);
    for (i = 0; v.conf_ok && i < GH_LEN(checks); i++)
        checks[i](&v);
    json_array_foreach (v.findings, i, f) {
        GH_AUTO_FREE char *head =
            gh_asprintf("%-6s %-14s ", gh_j_text(f, "grade"), gh_j_text(f, "check"));
        json ? gh_print_json(f) : gh_print_wrapped(head, gh_j_text(f, "text"));
    }
    json_decref(v.findings);
    free(v.taken);
    if (v.conf_ok)
        gh_conf_free(&v.conf);
    return v.wrong ? GH_EXIT_FAILED : GH_EXIT_OK;
}
