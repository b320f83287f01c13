/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a settled entry: a submission, a caption for one, a recall, a refusal, or more
 * waiting. Decides, builds units, and gives them to commit.c, which copies the files. Folders that
 * were emptied by that are removed here. A ledger that cannot be read counts as knowing nothing.
 */
#include "daemon/intake/intake_int.h"

#include "daemon/event/event.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/names.h"
#include "base/str.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HOUR_MS (3600ll * 1000)
/* Quiet times that an empty file waits: it may be about to be written. */
#define EMPTY_FACTOR 3
/* Quiet times that a hard link waits: some clients link a finished file, then unlink the other
 * name. */
#define LINK_FACTOR 10
/* Quiet times that a folder stays after we emptied it: more files may come. */
#define LINGER_FACTOR 5
/* Folders are removed for so long in one go, and after this time again. */
#define REMOVE_US 3000
#define REMOVE_AGAIN_MS 20
/* A text that comes later than this belongs to something new. */
#define LATE_MS (24 * HOUR_MS)
/* A folder of the same name within this time is the same submission. */
#define JOIN_MS (6 * HOUR_MS)
/* An empty folder of a submission's name within this time was emptied by an earlier ghatd. */
#define EMPTIED_MS HOUR_MS
/* A text that waits for its photo is sorted again after this time. */
#define TEXT_RETRY_MS HOUR_MS

/* ---------------------------------------------------------------------------------------- units */

static struct gh_unit *unit_new(struct gh_dept *dept, enum gh_unit_what what, const char *name,
                                size_t max_files, size_t max_entries)
{
    struct gh_unit *u = gh_alloc(sizeof(*u));
    *u = (struct gh_unit){.dept = dept,
                          .what = what,
                          .name = gh_strdup(name),
                          .first_ms = gh_now_ms(),
                          .copy = {.drop = -1, .spool = -1, .taken = -1}};
    u->entries = gh_alloc((max_entries + 1) * sizeof(struct gh_entry *));
    u->copy.files = gh_alloc((max_files + 1) * sizeof(struct gh_copy_file));
    u->caption = gh_alloc((max_files + 1) * sizeof(bool));
    return u;
}

static void unit_add_file(struct gh_unit *u, const char *path, const struct gh_print *print,
                          bool text)
{
    u->copy.files[u->copy.n] = (struct gh_copy_file){
        .path = gh_strdup(path), .print = *print, .want_text = text && !gh_name_document(path)};
    u->caption[u->copy.n++] = text;
    u->bytes += print->size;
}

static void unit_add_entry(struct gh_unit *u, struct gh_entry *e)
{
    u->entries[u->n_entries++] = e;
    e->state = GH_ENTRY_TAKING;
    gh_loop_cancel(e->dept->in->p.loop, &e->timer);
    u->first_ms = GH_MIN(u->first_ms, e->first_ms);
}

/* ------------------------------------------------------------------------ what is known already */

/* May files still be added? Yes while it is undecided, or if something of it was approved; not when
 * all of it was rejected. */
static bool is_open(const struct gh_item *item)
{
    bool open = item->sub.state == GH_SUB_ARRIVING || item->sub.state == GH_SUB_RECEIVED ||
                item->sub.state == GH_SUB_RENDERING || item->sub.state == GH_SUB_STAGED;
    for (size_t i = 0; i < item->n_renditions && !open; i++)
        open = item->renditions[i].state == GH_REN_APPROVED ||
               item->renditions[i].state == GH_REN_PUBLISHING ||
               item->renditions[i].state == GH_REN_PUBLISHED ||
               item->renditions[i].state == GH_REN_COLLECTED;
    return open;
}

/* The newest submission of that name, if it is younger than within_ms and not quarantined.
 * must_be_open: files may still be added to it. 0: none. */
static int64_t recent_submission(struct gh_dept *dept, const char *name, int64_t within_ms,
                                 bool must_be_open)
{
    struct gh_ledger *l = dept->in->p.ledger;
    struct gh_item item = {0};
    struct gh_err err = {0};
    int64_t id = 0;
    if (gh_ledger_find_name(l, dept->slug, name, strlen(name), &id, &err) <= 0 ||
        gh_ledger_get(l, id, &item, &err) < 0)
        return 0;
    bool fits = gh_now_ms() - item.sub.dropped_ms < within_ms &&
                item.sub.state != GH_SUB_QUARANTINED && (!must_be_open || is_open(&item));
    gh_item_free(&item);
    return fits ? id : 0;
}

/* The submission whose dropped name is stem plus a known extension, or stem itself. */
static int64_t recent_stem(struct gh_dept *dept, const char *stem, int64_t within_ms)
{
    int64_t best = recent_submission(dept, stem, within_ms, false);
    for (size_t i = 0; gh_name_extensions[i]; i++) {
        GH_AUTO_FREE char *name = gh_asprintf("%s.%s", stem, gh_name_extensions[i]);
        int64_t id = recent_submission(dept, name, within_ms, false);
        best = GH_MAX(best, id);
    }
    return best;
}

/* ---------------------------------------------------------------------------------- loose files */

static bool is_settled(struct gh_entry *e)
{
    return e->state == GH_ENTRY_WAITING &&
           gh_settle_wait(&e->settle, gh_mono_ms(), gh_dept_quiet(e->dept)) == 0;
}

static void entry_park(struct gh_entry *e)
{
    e->state = GH_ENTRY_PARKED;
    gh_loop_cancel(e->dept->in->p.loop, &e->timer);
}

/* Why a thing cannot be taken in, by its kind, its size, its holes or its name, before a byte is
 * read; NULL: it can. path is below the department's folder. */
static const char *refusal(const struct gh_dept *dept, const char *path,
                           const struct gh_print *print)
{
    const char *why = gh_inventory_refusal(print);
    if (why || print->kind != GH_SEEN_FILE)
        return why;
    return print->size > dept->in->p.settings->conf.max_bytes ? "it is too large"
           : gh_name_office(path) ? "a text in this form is not read: save it as .docx or .txt"
           : gh_copy_hollow(dept->fd, path, print)
               ? "most of it is empty (a sparse file): the copy did not finish, copy it again"
               : NULL;
}

/* Refuse what is no file we take in. Returns true when the entry needs nothing more now. */
static bool refuse_file(struct gh_entry *e)
{
    const struct gh_print *print = &e->settle.last;
    const char *why = refusal(e->dept, e->name, print);
    if (!why)
        return false;
    int64_t quiet = gh_dept_quiet(e->dept),
            wait = gh_settle_wait(&e->settle, gh_mono_ms(), quiet * LINK_FACTOR);
    if (print->kind == GH_SEEN_FILE && wait > 0) {
        gh_entry_wait(e, wait);
        return true;
    }
    gh_entry_refuse(e->dept, e->name, print, why);
    entry_park(e);
    return true;
}

/* The unit of one loose file. */
static struct gh_unit *unit_of(struct gh_entry *e, enum gh_unit_what what, int64_t target)
{
    struct gh_unit *u = unit_new(e->dept, what, e->name, 1, 1);
    u->target = target;
    unit_add_file(u, e->name, &e->settle.last, gh_name_text(e->name));
    unit_add_entry(u, e);
    return u;
}

static void submit_alone(struct gh_entry *e, enum gh_unit_what what, int64_t target)
{
    gh_unit_submit(unit_of(e, what, target));
}

void gh_sort_at_once(struct gh_entry *e)
{
    if (refusal(e->dept, e->name, &e->settle.last))
        return; /* told when it has settled */
    struct gh_unit *u = unit_of(e, GH_UNIT_MEDIA, 0);
    u->at_once = u->copy.sure = true;
    gh_unit_submit(u);
}

/* When a file was written, as the kernel says: whoever copies it cannot set that. */
static int64_t written_ms(struct gh_dept *dept, const char *path)
{
    struct stat st;
    if (fstatat(dept->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return gh_now_ms();
    return gh_timespec_ns(st.st_ctim) / 1000000;
}

static enum gh_unit_what reply_unit(enum gh_name_reply reply)
{
    return reply == GH_NAME_MORE_TIME ? GH_UNIT_LONGER : GH_UNIT_ANSWER;
}

/* An answer counts from when it was dropped, not from when we got to it. */
static void submit_reply(struct gh_entry *e, enum gh_name_reply reply, int64_t question)
{
    struct gh_unit *u = unit_new(e->dept, reply_unit(reply), e->name, 1, 1);
    u->question = question;
    u->said_ms = GH_MIN(e->first_ms, written_ms(e->dept, e->name));
    unit_add_file(u, e->name, &e->settle.last, true);
    unit_add_entry(u, e);
    gh_unit_submit(u);
}

/* Does a text that is named as one announce an event? A caption does not, which may be here before
 * its photo is. What is not read here is told when it was copied. */
static bool is_event_text(const struct gh_entry *e)
{
    GH_AUTO_FD fd = -1;
    GH_AUTO_FREE char *bytes = NULL, *text = NULL;
    size_t n = 0;
    struct gh_event_form form;
    struct gh_err err = {0};
    if (gh_name_document(e->name) || e->settle.last.size > GH_TEXT_FILE_MAX ||
        gh_open_beneath(e->dept->fd, e->name, O_RDONLY, &fd, &err) < 0 ||
        gh_read_fd(fd, GH_TEXT_FILE_MAX, &bytes, &n, &err) < 0 ||
        gh_text_decode(bytes, n, &text, &err) < 0)
        return true;
    gh_event_form_of(text, &form);
    return form.date || form.number || (form.title && form.time); /* a date may be forgotten */
}

static void submit_event(struct gh_entry *e)
{
    struct gh_unit *u = unit_new(e->dept, GH_UNIT_EVENT, e->name, 1, 1);
    unit_add_file(u, e->name, &e->settle.last, true);
    unit_add_entry(u, e);
    gh_unit_submit(u);
}

/* "cancel <name>.txt": recalls what the ledger has under that name; waits for what is still on its
 * way into the ledger. */
static void sort_recall(struct gh_entry *e, const char *name)
{
    GH_AUTO_FREE char *key = gh_name_stem_key(name);
    struct gh_entry *pending = gh_map_get(&e->dept->entries, name, strlen(name));
    if (!pending)
        pending = gh_map_get(&e->dept->stems, key, strlen(key));
    if (pending && pending != e && pending->state != GH_ENTRY_PARKED) {
        gh_entry_wait(e, gh_dept_quiet(e->dept));
        return;
    }
    submit_alone(e, GH_UNIT_RECALL, recent_stem(e->dept, name, INT64_MAX));
}

/* Milliseconds that a text without media still waits for some; negative: it waited long enough. */
static int64_t text_wait(const struct gh_entry *e)
{
    return e->since_mono + (int64_t)e->dept->in->p.settings->conf.text_wait_ms - gh_mono_ms();
}

static void sort_text(struct gh_entry *e)
{
    int64_t question;
    enum gh_name_reply reply = gh_name_reply(e->name, false, &question);
    if (reply) {
        submit_reply(e, reply, question);
        return;
    }
    GH_AUTO_FREE char *recalled = gh_name_recalled(e->name);
    if (recalled) {
        sort_recall(e, recalled);
        return;
    }
    GH_AUTO_FREE char *stem = gh_strndup(e->name, gh_name_common(e->name));
    int64_t target = recent_stem(e->dept, stem, LATE_MS);
    if (target) {
        submit_alone(e, GH_UNIT_TEXT, target);
        return;
    }
    if (gh_name_event(e->name) && is_event_text(e)) {
        submit_event(e);
        return;
    }
    int64_t wait = text_wait(e);
    if (wait > 0)
        gh_entry_wait(e, GH_MIN(wait, TEXT_RETRY_MS));
    else
        submit_alone(e, GH_UNIT_LONE, 0);
}

/* All files of one stem are one submission: submit them when every one has settled. It has the name
 * of the still picture of a live photo, else of the first file that is no text. */
static void sort_together(struct gh_entry *first)
{
    size_t n = 0;
    struct gh_entry *named = NULL;
    for (struct gh_entry *e = first; e; e = e->stem_next, n++) {
        if (e->state == GH_ENTRY_TAKING)
            return; /* of an earlier unit: all are examined again after it */
        if (e->state == GH_ENTRY_WAITING && !is_settled(e))
            return; /* its own timer leads here again */
        if (e->state == GH_ENTRY_WAITING && !gh_name_text(e->name) && !gh_name_calendar(e->name) &&
            (!named || gh_name_live_still(e->name)))
            named = e;
    }
    if (!named)
        return;
    struct gh_unit *u = unit_new(first->dept, GH_UNIT_MEDIA, named->name, n, n);
    for (int text = 0; text < 2; text++) /* photos and videos first */
        for (struct gh_entry *e = first; e; e = e->stem_next) {
            if (e->state != GH_ENTRY_WAITING || e->settle.last.nlink != 1 ||
                gh_name_calendar(e->name) || gh_name_text(e->name) != text)
                continue;
            unit_add_file(u, e->name, &e->settle.last, text);
            unit_add_entry(u, e);
        }
    gh_unit_submit(u);
}

void gh_sort_file(struct gh_entry *e)
{
    if (refuse_file(e))
        return;
    int64_t quiet = gh_dept_quiet(e->dept);
    int64_t wait = gh_settle_wait(&e->settle, gh_mono_ms(), quiet * EMPTY_FACTOR);
    if (e->settle.last.size == 0 && wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    if (gh_name_calendar(e->name)) {
        submit_event(e);
        return;
    }
    struct gh_entry *first = e->stem ? gh_map_get(&e->dept->stems, e->stem, strlen(e->stem)) : NULL;
    size_t n = 0;
    bool taking = false;
    GH_AUTO_FREE const char **names = NULL;
    for (struct gh_entry *p = first; p; p = p->stem_next) {
        taking |= p->state == GH_ENTRY_TAKING;
        if (p->state == GH_ENTRY_PARKED || gh_name_calendar(p->name))
            continue;
        names = gh_realloc(names, (n + 1) * sizeof(*names));
        names[n++] = p->name;
    }
    if (!first) { /* it is one of too many of its stem */
        submit_alone(e, gh_name_text(e->name) ? GH_UNIT_LONE : GH_UNIT_MEDIA, 0);
        return;
    }
    switch (gh_settle_group(names, n)) {
    case GH_GROUP_ALONE:
        submit_alone(e, GH_UNIT_MEDIA, 0);
        return;
    case GH_GROUP_TEXT:
        sort_text(e);
        return;
    case GH_GROUP_TOGETHER:
        if (taking)
            gh_entry_wait(e, quiet);
        else
            sort_together(first);
        return;
    }
}

/* -------------------------------------------------------------------------------------- folders */

/* Is it a file that file managers make by themselves? */
static bool is_litter(const char *name)
{
    return gh_streq(name, ".DS_Store") || gh_streq(name, "Thumbs.db") ||
           gh_streq(name, "desktop.ini") || gh_starts(name, "._");
}

/* Remove a folder in which nothing is left but folders and litter, until about until_us. Returns
 * false if it stays; *removed counts what went. */
static bool remove_empty(int dirfd, const char *name, int64_t until_us, unsigned *removed)
{
    int fd = -1;
    bool empty = true;
    if (gh_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, &fd, NULL) < 0)
        return false;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return false;
    }
    for (struct dirent *e; gh_mono_us() < until_us && (e = readdir(dir));) {
        if (gh_streq(e->d_name, ".") || gh_streq(e->d_name, ".."))
            continue;
        bool gone = is_litter(e->d_name) ? unlinkat(fd, e->d_name, 0) == 0
                                         : remove_empty(fd, e->d_name, until_us, removed);
        *removed += gone;
        empty &= gone;
    }
    closedir(dir);
    return empty && unlinkat(dirfd, name, AT_REMOVEDIR) == 0;
}

static void sort_emptied(struct gh_entry *e)
{
    int64_t now = gh_mono_ms();
    if (!e->submission)
        e->submission = recent_submission(e->dept, e->name, EMPTIED_MS, false);
    if (!e->submission) {
        entry_park(e); /* somebody made it and is about to fill it */
        return;
    }
    if (!e->empty_since)
        e->empty_since = now;
    int64_t wait = e->empty_since + gh_dept_quiet(e->dept) * LINGER_FACTOR - now;
    if (wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    if (gh_event_keeps_folder(e->dept->in->p.ledger, e->dept->slug, e->name, gh_now_ms())) {
        e->submission = e->empty_since = 0; /* what comes is of a day that goes on */
        entry_park(e);
        return;
    }
    int64_t until_us = gh_mono_us() + REMOVE_US;
    unsigned removed = 0;
    if (remove_empty(e->dept->fd, e->name, until_us, &removed))
        gh_entry_forget(e);
    else if (removed && gh_mono_us() >= until_us)
        gh_entry_wait(e, REMOVE_AGAIN_MS); /* there is more of it; each round it is less */
    else
        entry_park(e);
}

/* Refuse the files of a folder that are not taken in, one by one. Hard links are waited for,
 * because they may lose their other name. Returns false when the entry waits. */
static bool refuse_found(struct gh_entry *e, const struct gh_found_list *found)
{
    int64_t wait = gh_settle_wait(&e->settle, gh_mono_ms(), gh_dept_quiet(e->dept) * LINK_FACTOR);
    for (size_t i = 0; i < found->n; i++) {
        const struct gh_found *f = &found->list[i];
        if (f->refused && f->print.nlink > 1 && wait > 0) {
            gh_entry_wait(e, wait);
            return false;
        }
    }
    for (size_t i = 0; i < found->n; i++) {
        const struct gh_found *f = &found->list[i];
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, f->path);
        if (f->refused)
            gh_entry_refuse(e->dept, path, &f->print, f->refused);
    }
    return true;
}

/* Was the officer told about this file before, and has it not changed since? */
static bool was_reported(struct gh_entry *e, const struct gh_found *f)
{
    GH_AUTO_FREE char *key = gh_asprintf("%s/%s/%s", e->dept->folder, e->name, f->path);
    const struct gh_print *known = gh_map_get(&e->dept->in->reported, key, strlen(key));
    return known && gh_print_same_bytes(known, &f->print);
}

/* What a folder holds that is taken in. */
struct contents {
    size_t media, texts;
    bool empties; /* files without bytes among them */
};

static bool is_text(const struct gh_found *f)
{
    const char *slash = strrchr(f->path, '/');
    return gh_name_text(slash ? slash + 1 : f->path);
}

/* Count what is taken in; files that were refused and told earlier are refused silently. */
static struct contents count_contents(struct gh_entry *e, struct gh_found_list *found)
{
    struct contents c = {0};
    for (size_t i = 0; i < found->n; i++) {
        struct gh_found *f = &found->list[i];
        if (!f->refused && was_reported(e, f))
            f->refused = "";
        if (f->refused)
            continue;
        *(is_text(f) ? &c.texts : &c.media) += 1;
        c.empties |= f->print.size == 0;
    }
    return c;
}

static void submit_folder(struct gh_entry *e, const struct gh_found_list *found,
                          enum gh_unit_what what, int64_t target)
{
    struct gh_unit *u = unit_new(e->dept, what, e->name, found->n, 1);
    u->folder = true;
    bool today;
    u->event =
        gh_event_of_folder(e->dept->in->p.ledger, e->dept->slug, e->name, gh_now_ms(), &today);
    u->urgent = today || gh_name_urgent(e->name);
    u->target = target;
    for (size_t i = 0; i < found->n; i++) {
        const struct gh_found *f = &found->list[i];
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, f->path);
        if (f->refused)
            continue;
        unit_add_file(u, path, &f->print, is_text(f));
        u->said_ms = GH_MAX(u->said_ms, written_ms(e->dept, path));
    }
    if (gh_name_reply(e->name, true, &u->question) == GH_NAME_ANSWER)
        u->what = GH_UNIT_ANSWER;
    unit_add_entry(u, e);
    gh_unit_submit(u);
}

/* A folder that holds files to be taken in. */
static void sort_contents(struct gh_entry *e, const struct gh_found_list *found,
                          const struct contents *c)
{
    int64_t wait = gh_settle_wait(&e->settle, gh_mono_ms(), gh_dept_quiet(e->dept) * EMPTY_FACTOR);
    if (c->empties && wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    int64_t target =
        e->submission ? e->submission : recent_submission(e->dept, e->name, JOIN_MS, true);
    if (!c->media && !target)
        target = recent_submission(e->dept, e->name, LATE_MS, false);
    enum gh_unit_what what = c->media ? GH_UNIT_MEDIA : target ? GH_UNIT_TEXT : GH_UNIT_LONE;
    int64_t question;
    bool answer = gh_name_reply(e->name, true, &question) == GH_NAME_ANSWER;
    wait = text_wait(e);
    if (what == GH_UNIT_LONE && !answer && wait > 0)
        gh_entry_wait(e, GH_MIN(wait, TEXT_RETRY_MS));
    else
        submit_folder(e, found, what, target);
}

void gh_sort_folder(struct gh_entry *e, struct gh_found_list *found)
{
    if (found->too_many) {
        GH_AUTO_FREE char *why =
            gh_asprintf("it holds more than %u files: drop them as several folders",
                        e->dept->in->p.settings->conf.files);
        gh_entry_refuse(e->dept, e->name, &e->settle.last, why);
        entry_park(e);
        return;
    }
    for (size_t i = 0; i < found->n; i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, found->list[i].path);
        if (!found->list[i].refused)
            found->list[i].refused = refusal(e->dept, path, &found->list[i].print);
    }
    if (!refuse_found(e, found))
        return;
    struct contents c = count_contents(e, found);
    if (c.media || c.texts) {
        e->empty_since = 0;
        sort_contents(e, found, &c);
    } else if (found->n) {
        entry_park(e);
    } else {
        sort_emptied(e);
    }
}
