/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Departments' folders as intake sees them: their slugs, whether they are online, and their
 * watches. Owns every struct gh_dept. A folder that vanishes makes its department offline and never
 * means that its files were deleted: only waiting entries are forgotten, and the scan finds them
 * again. Failures are logged, not returned.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/site/folder.h"
#include "daemon/store/placard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

char *gh_dept_slug_key(const char *folder)
{
    char hex[GH_SHA_HEX];
    gh_hash_mem(folder, strlen(folder), hex);
    return gh_asprintf("slug:%.16s", hex);
}

void gh_dept_resolve(struct gh_dept *dept)
{
    struct gh_settings *settings = dept->in->p.settings;
    struct gh_ledger *ledger = dept->in->p.ledger;
    struct gh_department *card = gh_departments_find_folder(&settings->departments, dept->folder);
    if (!card) {
        GH_AUTO_FREE char *key = gh_dept_slug_key(dept->folder);
        GH_AUTO_FREE char *known = NULL;
        struct gh_err err = {0};
        if (gh_ledger_setting(ledger, key, &known, &err) < 0)
            gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "setting=slug");
        card =
            gh_departments_add_folder(&settings->departments, &settings->conf, dept->folder, known);
        err = (struct gh_err){0};
        if (!gh_streq(known ? known : "", card->slug) &&
            gh_ledger_set_setting(ledger, key, card->slug, &err) < 0)
            gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", card->slug);
    }
    /* The same letters may be composed differently in the card; the folder is opened by the name it
     * has on the disk. */
    if (!gh_streq(card->folder, dept->folder)) {
        free(card->folder);
        card->folder = gh_strdup(dept->folder);
    }
    GH_COPY(dept->slug, card->slug);
}

/* owner: counts it; NULL: nobody's. */
static void add_watch(struct gh_intake *in, int fd, const char *ref, size_t *owner)
{
    struct gh_err err = {0};
    if (!in->watch || gh_watch_add(in->watch, fd, ref, strlen(ref), owner, &err) >= 0)
        return;
    if (err.cls != GH_LIMIT || in->watch_full)
        return;
    in->watch_full = true;
    in->watch_full_ms = gh_mono_ms();
    GH_FORMAT(in->scanning,
              "the kernel grants no more inotify watches: raise fs.inotify.max_user_watches");
    gh_log_err(GH_LOG_WARNING, "scanning", &err, "watches=%zu", gh_watch_count(in->watch));
}

void gh_intake_watch(struct gh_intake *in, int fd, const char *ref)
{
    add_watch(in, fd, ref, NULL);
}

void gh_dept_watch(struct gh_dept *dept, int fd, const char *ref)
{
    struct gh_intake *in = dept->in;
    if (dept->watches < in->watch_share) {
        add_watch(in, fd, ref, &dept->watches);
        return;
    }
    if (in->watch && !dept->watch_full)
        gh_log(GH_LOG_NOTICE, "scanning", "department=%s reason=%s watches=%zu", dept->slug,
               gh_log_quote("it has more folders than its share of the watches"), dept->watches);
    dept->watch_full = true;
}

static void watch_folder(struct gh_dept *dept)
{
    GH_AUTO_FREE char *ref = gh_asprintf("D%s", dept->folder);
    gh_intake_watch(dept->in, dept->fd, ref);
}

void gh_intake_watch_again(struct gh_intake *in)
{
    size_t at = 0;
    struct gh_dept *dept;
    while ((dept = gh_map_next(&in->depts, &at)))
        dept->watch_full =
            dept->watch_full && dept->watches >= in->watch_share - in->watch_share / 4;
    if (!in->watch_full || gh_mono_ms() - in->watch_full_ms < GH_WATCH_AGAIN_MS)
        return;
    in->watch_full_ms = gh_mono_ms();
    struct gh_err err = {0};
    if (gh_watch_add(in->watch, in->p.dirs->drop, "", 0, NULL, &err) < 0 ||
        gh_watch_add(in->watch, in->p.dirs->taken, "T", 1, NULL, &err) < 0)
        return;
    for (at = 0; (dept = gh_map_next(&in->depts, &at));) {
        GH_AUTO_FREE char *ref = gh_asprintf("D%s", dept->folder);
        if (dept->fd >= 0 && gh_watch_add(in->watch, dept->fd, ref, strlen(ref), NULL, &err) < 0)
            return;
        dept->listed_mtime = 0;
    }
    in->watch_full = false;
    in->scanning[0] = 0;
    gh_log(GH_LOG_NOTICE, "events", "reason=%s",
           gh_log_quote("the kernel grants inotify watches again"));
}

bool gh_dept_has_events(const struct gh_dept *dept)
{
    const struct gh_intake *in = dept->in;
    return in->watch && !in->watch_full && !dept->watch_full && !in->no_events && !dept->blind;
}

static void forget_entries(struct gh_dept *dept)
{
    size_t at = 0;
    for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &at));)
        if (e->state != GH_ENTRY_TAKING)
            gh_entry_forget(e);
}

void gh_dept_go_offline(struct gh_dept *dept)
{
    if (dept->fd < 0)
        return;
    gh_log(GH_LOG_WARNING, "department-offline", "department=%s folder=%s", dept->slug,
           gh_log_quote(dept->folder));
    gh_close_fd(&dept->fd);
    forget_entries(dept);
}

/* Make Status/, the folder of notes, before anything is dropped. */
static int make_status(struct gh_dept *dept, struct gh_err *err)
{
    struct stat st;
    if (fstatat(dept->fd, GH_STATUS_DIR, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return S_ISDIR(st.st_mode)
                   ? 0
                   : gh_fail(err, GH_CONFIG,
                             "%s/Status is in the way: notes need a folder of that name",
                             dept->folder);
    return gh_dir_make(dept->fd, GH_STATUS_DIR, 02755, err);
}

static const struct gh_department *card_of(const struct gh_dept *dept)
{
    return gh_departments_find(&dept->in->p.settings->departments, dept->slug);
}

/* Told once, until it is well again. */
static void tell_unmarked(struct gh_dept *dept, const struct gh_err *err)
{
    if (err->msg[0] && !dept->unmarked)
        gh_log_err(GH_LOG_WARNING, "department-unmarked", err, "department=%s folder=%s",
                   dept->slug, gh_log_quote(dept->folder));
    free(dept->unmarked);
    dept->unmarked = err->msg[0] ? gh_strdup(err->msg) : NULL;
}

void gh_dept_unreadable(struct gh_dept *dept, const struct gh_err *err)
{
    if (!dept->unreadable)
        gh_log_err(GH_LOG_WARNING, "department-unreadable", err, "department=%s folder=%s",
                   dept->slug, gh_log_quote(dept->folder));
    free(dept->unreadable);
    dept->unreadable = gh_strdup(err->msg);
}

static void is_readable(struct gh_dept *dept)
{
    if (dept->unreadable)
        gh_log(GH_LOG_NOTICE, "department-readable", "department=%s folder=%s", dept->slug,
               gh_log_quote(dept->folder));
    gh_free_ptr(&dept->unreadable);
}

/* It could not be known. One that is held stays what it was. */
static bool cannot_know(struct gh_dept *dept, const struct gh_folder_found *found,
                        const struct gh_err *err, bool held)
{
    if (found->ledger)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", err, "department=%s", dept->slug);
    else if (found->unmarked.msg[0])
        tell_unmarked(dept, &found->unmarked);
    else
        gh_dept_unreadable(dept, err);
    return held;
}

/* Is the directory that has the department's name now its own? Told once when it is not: in the
 * log, and to whoever works in that folder, who learns nothing by it of any department. held: it is
 * the one that is open as its own. */
static bool is_its_own(struct gh_dept *dept, int fd, bool held)
{
    struct gh_err err = {0};
    struct gh_folder_found found;
    if (gh_folder_known(dept->in->p.ledger, dept->folder, fd, held, &found, &err) == 0) {
        tell_unmarked(dept, &found.unmarked);
        dept->by_file = found.by_file;
        is_readable(dept);
        if (dept->unconfirmed)
            gh_log(GH_LOG_NOTICE, "department-confirmed", "department=%s folder=%s", dept->slug,
                   gh_log_quote(dept->folder));
        gh_free_ptr(&dept->unconfirmed);
        return true;
    }
    if (!gh_folder_is_other(&err))
        return cannot_know(dept, &found, &err, held);
    is_readable(dept);
    if (!dept->unconfirmed) {
        gh_log_err(GH_LOG_WARNING, "department-unconfirmed", &err, "department=%s folder=%s",
                   dept->slug, gh_log_quote(dept->folder));
        gh_placard_put(card_of(dept), fd, GH_PLACARD_NOT_CONFIRMED);
    }
    free(dept->unconfirmed);
    dept->unconfirmed = gh_strdup(err.msg);
    return false;
}

bool gh_dept_in_place(const struct gh_dept *dept)
{
    struct stat st;
    return dept->fd >= 0 &&
           fstatat(dept->in->p.dirs->drop, dept->folder, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           dept->dev == st.st_dev && dept->ino == st.st_ino;
}

/* Does the error say that there is no folder of that name, and not that nobody can tell now? */
static bool is_away(int code)
{
    return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

bool gh_dept_go_online(struct gh_dept *dept)
{
    struct stat st;
    struct gh_err err = {0};
    GH_AUTO_FD fd = openat(dept->in->p.dirs->drop, dept->folder,
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        (void)!gh_fail_errno(&err, GH_OK, "cannot open a department's folder");
        gh_free_ptr(&dept->unconfirmed);
        if (is_away(err.code))
            gh_free_ptr(&dept->unreadable);
        else
            gh_dept_unreadable(dept, &err);
        return false;
    }
    bool held = dept->fd >= 0 && dept->dev == st.st_dev && dept->ino == st.st_ino;
    if (!held)
        gh_dept_go_offline(dept);
    if (!is_its_own(dept, fd, held)) {
        gh_dept_go_offline(dept);
        return false;
    }
    if (held)
        return true;
    dept->fd = gh_steal_fd(&fd);
    dept->listed_mtime = 0;
    dept->dev = st.st_dev;
    dept->ino = st.st_ino;
    dept->told = false;
    if (!dept->in->p.space->paused[0])
        gh_placard_remove(dept->fd);
    watch_folder(dept);
    dept->blind = gh_watch_blind(dept->fd);
    if (dept->blind && dept->in->watch)
        gh_log(GH_LOG_NOTICE, "scanning", "department=%s reason=%s", dept->slug,
               gh_log_quote(dept->blind));
    if (make_status(dept, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "no-status-folder", &err, "department=%s", dept->slug);
    gh_log(GH_LOG_INFO, "department", "department=%s folder=%s", dept->slug,
           gh_log_quote(dept->folder));
    return true;
}

void gh_intake_folder(const struct gh_intake *in, const char *folder, struct gh_intake_folder *ret)
{
    const struct gh_dept *dept = gh_map_get(&in->depts, folder, strlen(folder));
    *ret = (struct gh_intake_folder){0};
    if (!dept)
        return;
    ret->unconfirmed = dept->unconfirmed;
    ret->unreadable = dept->unreadable;
    if (dept->unconfirmed) /* how another one was known says nothing of this one */
        return;
    ret->unmarked = dept->unmarked;
    ret->by_file = dept->by_file && !dept->unmarked;
}

int gh_intake_confirm(struct gh_intake *in, const struct gh_who *who, const char *folder,
                      struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    struct gh_err why = {0};
    if (gh_open_dir(in->p.dirs->drop, folder, &fd, &why) < 0)
        return gh_fail_code(err, GH_USAGE, ENOENT, "the drop folder has no such folder: %s",
                            why.msg);
    TRY(gh_folder_confirm(in->p.ledger, who, folder, fd, err));
    gh_intake_rescan_in(in, 0);
    return 0;
}

struct gh_dept *gh_dept_of(struct gh_intake *in, const char *folder)
{
    struct gh_dept *dept = gh_map_get(&in->depts, folder, strlen(folder));
    if (dept)
        return dept;
    dept = gh_alloc(sizeof(*dept));
    *dept = (struct gh_dept){.in = in, .folder = gh_strdup(folder), .fd = -1};
    dept->queue_end = &dept->queue;
    gh_map_put(&in->depts, folder, strlen(folder), dept);
    gh_dept_resolve(dept);
    return dept;
}

void gh_dept_free(struct gh_dept *dept)
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
    free(dept->unconfirmed);
    free(dept->unmarked);
    free(dept->unreadable);
    free(dept->folder);
    free(dept);
}
