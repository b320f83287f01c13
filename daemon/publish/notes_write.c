/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes as ghatd writes them: after each commit, for the submission touched, with what was sent
 * before under the same name. */
#include "daemon/publish/notes.h"
#include "daemon/publish/notes_text.h"
#include "daemon/site/folder.h"
#include "daemon/store/status.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define SAME_NAME_MAX 3 /* submissions of one name in one note, the newest ones */
#define CLEAN_US 3000   /* notes are looked at for so long before the loop serves others */

/* Remove half-written notes that an earlier ghatd left, once for each department. */
static void sweep_once(struct gh_notes *n, const char *slug, int dir)
{
    if (gh_map_get(&n->swept, slug, strlen(slug)))
        return;
    gh_map_put(&n->swept, slug, strlen(slug), n);
    gh_status_sweep(dir);
}

void gh_notes_close(struct gh_notes *n)
{
    gh_map_free(&n->swept);
}

bool gh_note_over(const struct gh_item *item, int64_t now_ms, int64_t keep_ms)
{
    const struct gh_submission *s = &item->sub;
    int64_t last = GH_MAX(s->dropped_ms, s->received_ms);
    if (s->state != GH_SUB_DECIDED && s->state != GH_SUB_DELIVERED &&
        s->state != GH_SUB_QUARANTINED && s->state != GH_SUB_DUPLICATE)
        return false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        last = GH_MAX(last, r->decided_ms);
        if (r->state == GH_REN_APPROVED || r->state == GH_REN_PUBLISHING ||
            r->state == GH_REN_PUBLISHED)
            return false; /* the agency has yet to collect it */
    }
    last = GH_MAX(last, GH_MAX(s->decided_ms, s->delivered_ms));
    return now_ms - last > keep_ms;
}

/* May this note go? The ledger is asked for the newest item of its name; where it has none, also
 * because the name was cut to fit, the age of the note alone decides. */
static bool is_stale(struct gh_notes *notes, const struct gh_department *department, int status,
                     const char *name)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    struct stat st;
    int64_t id;
    int64_t now = gh_now_ms(), keep = (int64_t)notes->settings->conf.notes_keep_ms;
    if (!gh_ends(name, ".txt") || fstatat(status, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode) || now - (int64_t)st.st_mtim.tv_sec * 1000 < keep)
        return false;
    int n =
        gh_ledger_same_name(notes->ledger, department->slug, name, strlen(name) - 4, &id, 1, &err);
    if (n < 0 || (n > 0 && gh_ledger_get(notes->ledger, id, &item, &err) < 0))
        return false;
    return n == 0 || gh_note_over(&item, now, keep);
}

/* The Status/ of a department; NULL: it has none. */
static DIR *open_status(const struct gh_notes *notes, const struct gh_department *department)
{
    GH_AUTO_FD dept = -1;
    GH_AUTO_FD status = -1;
    struct gh_err err = {0};
    if (gh_folder_open(notes->ledger, notes->dirs->drop, department->folder, &dept, &err) < 0 ||
        gh_open_dir(dept, GH_STATUS_DIR, &status, &err) < 0)
        return NULL;
    int fd = openat(status, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir)
        gh_close_fd(&fd);
    return dir;
}

bool gh_notes_clean(struct gh_notes *notes, const struct gh_department *department,
                    struct gh_notes_cleaning *c)
{
    struct dirent *e = NULL;
    if (c->dir && !gh_streq(c->slug, department->slug))
        gh_notes_cleaned(c); /* the departments were read anew meanwhile */
    if (!c->dir)
        c->dir = open_status(notes, department);
    GH_COPY(c->slug, department->slug);
    /* At least one, however long the folder took to open: none means that it was the last. */
    int64_t until_us = gh_mono_us() + CLEAN_US;
    do {
        e = c->dir ? readdir(c->dir) : NULL;
        if (e && is_stale(notes, department, dirfd(c->dir), e->d_name))
            c->removed += unlinkat(dirfd(c->dir), e->d_name, 0) == 0;
    } while (e && gh_mono_us() < until_us);
    if (e)
        return true;
    if (c->removed)
        gh_log(GH_LOG_INFO, "notes-removed", "department=%s notes=%u", department->slug,
               c->removed);
    gh_notes_cleaned(c);
    return false;
}

void gh_notes_cleaned(struct gh_notes_cleaning *c)
{
    if (c->dir)
        closedir(c->dir);
    *c = (struct gh_notes_cleaning){0};
}

/* Append the note of one item; earlier: it is not the newest of its name. */
static int add_note_of(struct gh_notes *n, const struct gh_item *item,
                       const struct gh_department *department, bool earlier, struct gh_str *text,
                       struct gh_err *err)
{
    uint64_t keep = n->settings->conf.keep_unsupported_ms;
    GH_AUTO(gh_event_reads_free) struct gh_event_reads events = {0};
    if (!item->n_renditions)
        TRY(gh_ledger_event_reads(n->ledger, item->sub.id, &events, err));
    const struct gh_note_about about = {.department = department,
                                        .keep_unsupported_ms =
                                            keep == GH_FOREVER ? 0 : (int64_t)keep,
                                        .profiles = &n->settings->sets->profiles,
                                        .reasons = &n->settings->reasons,
                                        .events = &events,
                                        .now_ms = gh_now_ms(),
                                        .left_ms = gh_forecast_left_ms(n->forecast, item)};
    if (earlier) {
        const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
        size_t k = gh_department_words(department, words);
        gh_str_puts(text, "\r\n\r\n====");
        for (size_t i = 0; i < k; i++)
            gh_str_printf(text, "%s %s", i ? " ·" : "",
                          gh_word(words[i], "note", gh_label_texts[GH_LABEL_EARLIER]));
        gh_str_puts(text, " ====\r\n\r\n");
    }
    gh_note_text(item, &about, text);
    return 0;
}

static int write_note(struct gh_notes *n, const struct gh_item *item, struct gh_err *err)
{
    GH_AUTO_STR text = {0};
    GH_AUTO_FD dir = -1;
    int64_t ids[SAME_NAME_MAX];
    char name[256];
    const struct gh_submission *sub = &item->sub;
    const struct gh_department *department =
        gh_departments_find(&n->settings->departments, sub->department);
    if (!department)
        return 0; /* the department is gone, and nobody reads its notes any more */
    if (gh_note_over(item, gh_now_ms(), (int64_t)n->settings->conf.notes_keep_ms))
        return 0; /* its note was removed, or soon will be */
    int found = gh_ledger_same_name(n->ledger, sub->department, sub->name, sub->name_len, ids,
                                    SAME_NAME_MAX, err);
    TRY(found);
    for (int i = 0; i < found; i++) {
        GH_AUTO(gh_item_free) struct gh_item other = {0};
        if (ids[i] != sub->id)
            TRY(gh_ledger_get(n->ledger, ids[i], &other, err));
        TRY(add_note_of(n, ids[i] == sub->id ? item : &other, department, i > 0, &text, err));
    }
    TRY(gh_folder_open(n->ledger, n->dirs->drop, department->folder, &dir, err));
    sweep_once(n, department->slug, dir);
    gh_note_name(sub->name, sub->name_len, name);
    return gh_status_put(dir, name, text.data, text.len, err);
}

/* A folder that is merely away, or waits to be confirmed, is no failure of ours. */
bool gh_notes_write(struct gh_notes *n, const struct gh_item *item)
{
    struct gh_err err = {0};
    if (write_note(n, item, &err) == 0) {
        n->failing = false;
        return true;
    }
    if (gh_folder_offline(&err))
        return false;
    if (!n->failing)
        gh_log_err(GH_LOG_WARNING, "note-not-written", &err, "id=%" PRId64, item->sub.id);
    n->failing = true;
    return false;
}
