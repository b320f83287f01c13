/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes as ghatd writes them: after each commit, for the submission touched, with what was sent before under the same
 * name. */
#include "daemon/daemon.h"
#include "daemon/forecast.h"
#include "daemon/notes.h"
#include "daemon/notes_text.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define TOLD 3 /* submissions of one name in one note */

/* Once a department and life: what an earlier life left half-written. */
static void sweep_once(const char *slug, int dir)
{
    static char **swept;
    static size_t n;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(swept[i], slug))
            return;
    swept = gh_realloc(swept, (n + 1) * sizeof(*swept));
    swept[n++] = gh_strdup(slug);
    gh_note_sweep(dir);
}

bool gh_note_over(const struct gh_item *item, int64_t now_ms, int64_t keep_ms)
{
    const struct gh_submission *s = &item->sub;
    int64_t last = GH_MAX(s->dropped_ms, s->received_ms);
    if (s->state != GH_SUB_DECIDED && s->state != GH_SUB_DELIVERED && s->state != GH_SUB_QUARANTINED &&
        s->state != GH_SUB_DUPLICATE)
        return false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        last = GH_MAX(last, r->decided_ms);
        if (r->state == GH_REN_APPROVED || r->state == GH_REN_PUBLISHED)
            return false; /* the agency has yet to collect it */
    }
    last = GH_MAX(last, GH_MAX(s->decided_ms, s->delivered_ms));
    return now_ms - last > keep_ms;
}

/* May this note go? What it tells of is asked for by name; a name that was cut to fit is judged by the note's age. */
static bool stale(struct gh_daemon *d, const struct gh_department *department, int status, const char *name)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    struct stat st;
    int64_t id;
    int64_t now = gh_now_ms(), keep = (int64_t)d->conf.notes_keep_ms;
    if (!gh_ends(name, ".txt") || fstatat(status, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
        now - (int64_t)st.st_mtim.tv_sec * 1000 < keep)
        return false;
    int n = gh_ledger_same_name(d->ledger, department->slug, name, strlen(name) - 4, &id, 1, &err);
    if (n < 0 || (n > 0 && gh_ledger_get(d->ledger, id, &item, &err) < 0))
        return false;
    return n == 0 || gh_note_over(&item, now, keep);
}

void gh_notes_clean(struct gh_daemon *d, const struct gh_department *department)
{
    GH_AUTO_FD dept = -1;
    GH_AUTO_FD status = -1;
    struct gh_err err = {0};
    unsigned removed = 0;
    if (gh_open_dir(d->dirs.drop, department->folder, &dept, &err) < 0 ||
        gh_open_dir(dept, GH_STATUS_DIR, &status, &err) < 0)
        return;
    int fd = openat(status, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        gh_close_fd(&fd);
        return;
    }
    for (struct dirent *e; (e = readdir(dir));)
        if (stale(d, department, status, e->d_name))
            removed += unlinkat(status, e->d_name, 0) == 0;
    closedir(dir);
    if (removed)
        gh_log(GH_LOG_INFO, "notes-removed", "department=%s notes=%u", department->slug, removed);
}

static int write_note(struct gh_daemon *d, int64_t submission, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO_STR text = {0};
    GH_AUTO_FD dir = -1;
    int64_t ids[TOLD];
    char name[256];
    TRY(gh_ledger_get(d->ledger, submission, &item, err));
    const struct gh_department *department = gh_daemon_department(d, item.sub.department);
    if (!department)
        return 0; /* its folder is gone, and so are its readers */
    if (gh_note_over(&item, gh_now_ms(), (int64_t)d->conf.notes_keep_ms))
        return 0; /* its note was removed, or soon will be */
    int n = gh_ledger_same_name(d->ledger, item.sub.department, item.sub.name, item.sub.name_len, ids, TOLD, err);
    TRY(n);
    for (int i = 0; i < n; i++) {
        GH_AUTO(gh_item_free) struct gh_item one = {0};
        TRY(gh_ledger_get(d->ledger, ids[i], &one, err));
        if (i)
            gh_str_printf(&text, "\r\n\r\n==== %s · %s ====\r\n\r\n", gh_label_words[GH_LABEL_EARLIER][GH_LANG_BN],
                          gh_label_words[GH_LABEL_EARLIER][GH_LANG_EN]);
        const struct gh_note_about about = {.department = department,
                                            .profiles = d->profiles,
                                            .now_ms = gh_now_ms(),
                                            .left_ms = gh_forecast_left_ms(d->forecast, &one)};
        gh_note_text(&one, &about, &text);
    }
    if (gh_open_dir(d->dirs.drop, department->folder, &dir, err) < 0)
        return err->code == ENOENT ? 0 : -err->cls; /* offline: written when it is touched again */
    sweep_once(department->slug, dir);
    gh_note_name(item.sub.name, item.sub.name_len, name);
    return gh_note_put(dir, name, text.data, text.len, err);
}

void gh_notes_write(struct gh_daemon *d, int64_t submission)
{
    static int failing; /* say it once, not for each of ten thousand */
    struct gh_err err = {0};
    if (write_note(d, submission, &err) == 0) {
        failing = 0;
        return;
    }
    if (failing++ == 0)
        gh_log_err(GH_LOG_WARNING, "note-not-written", &err, "id=%" PRId64, submission);
}
