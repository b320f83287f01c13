/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a settled entry: a submission, a caption for one, a recall, a refusal, or more waiting. Decides and
 * builds units; what touches bytes is in admit.c.
 */
#include "daemon/intake_priv.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/names.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define EMPTY_FACTOR 3               /* an empty file may be about to be written: it waits so many quiet times */
#define LINK_FACTOR 10               /* a second name may be about to go (a client that links and unlinks) */
#define LINGER_FACTOR 5              /* a folder that was emptied by us stays so many quiet times: more may come */
#define LATE_MS (24ll * 3600 * 1000) /* a text that comes later than this belongs to something new */
#define JOIN_MS (6ll * 3600 * 1000)  /* a folder of the same name within this time is the same submission */

/* ------------------------------------------------------------------------------------------- units */

static struct gh_unit *unit_new(struct gh_dept *dept, enum gh_unit_what what, const char *name, size_t max_files,
                                size_t max_entries)
{
    struct gh_unit *u = gh_alloc(sizeof(*u));
    *u = (struct gh_unit){.dept = dept,
                          .what = what,
                          .name = gh_strdup(name),
                          .first_ms = gh_now_ms(),
                          .take = {.drop = -1, .spool = -1, .taken = -1}};
    u->entries = gh_alloc((max_entries + 1) * sizeof(struct gh_entry *));
    u->take.files = gh_alloc((max_files + 1) * sizeof(struct gh_take_file));
    u->caption = gh_alloc((max_files + 1) * sizeof(bool));
    return u;
}

static void unit_add_file(struct gh_unit *u, const char *path, const struct gh_print *print, bool text)
{
    u->take.files[u->take.n] = (struct gh_take_file){.path = gh_strdup(path), .print = *print, .want_text = text};
    u->caption[u->take.n++] = text;
    u->bytes += print->size;
}

static void unit_add_entry(struct gh_unit *u, struct gh_entry *e)
{
    u->entries[u->n_entries++] = e;
    e->state = GH_ENTRY_TAKING;
    e->again = false;
    gh_loop_cancel(e->dept->in->d->loop, &e->timer);
    u->first_ms = GH_MIN(u->first_ms, e->first_ms);
}

/* ------------------------------------------------------------------------------------------- what is known already */

/* Not decided yet, or something of it was approved: what is added is a revision. All rejected is over. */
static bool alive(const struct gh_item *item)
{
    bool open = item->sub.state == GH_SUB_ARRIVING || item->sub.state == GH_SUB_RECEIVED ||
                item->sub.state == GH_SUB_RENDERING || item->sub.state == GH_SUB_STAGED;
    for (size_t i = 0; i < item->n_renditions && !open; i++)
        open = item->renditions[i].state == GH_REN_APPROVED || item->renditions[i].state == GH_REN_PUBLISHED ||
               item->renditions[i].state == GH_REN_COLLECTED;
    return open;
}

/* The newest submission of that name, if it is younger than within_ms and not a refusal. 0: none. */
static int64_t recent(struct gh_dept *dept, const char *name, int64_t within_ms, bool must_live)
{
    struct gh_ledger *l = dept->in->d->ledger;
    struct gh_item item = {0};
    struct gh_err err = {0};
    int64_t id = 0;
    if (gh_ledger_find_name(l, dept->slug, name, strlen(name), &id, &err) <= 0 || gh_ledger_get(l, id, &item, &err) < 0)
        return 0;
    bool fits = gh_now_ms() - item.sub.dropped_ms < within_ms && item.sub.state != GH_SUB_QUARANTINED &&
                (!must_live || alive(&item));
    gh_item_free(&item);
    return fits ? id : 0;
}

/* The submission whose dropped name is stem plus a known extension, or stem itself. */
static int64_t recent_stem(struct gh_dept *dept, const char *stem, int64_t within_ms)
{
    int64_t best = recent(dept, stem, within_ms, false);
    for (size_t i = 0; gh_name_extensions[i]; i++) {
        GH_AUTO_FREE char *name = gh_asprintf("%s.%s", stem, gh_name_extensions[i]);
        int64_t id = recent(dept, name, within_ms, false);
        best = GH_MAX(best, id);
    }
    return best;
}

/* ------------------------------------------------------------------------------------------- loose files */

static bool settled(struct gh_entry *e)
{
    return e->state == GH_ENTRY_WAITING && gh_settle_wait(&e->settle, gh_mono_ms(), gh_dept_quiet(e->dept)) == 0;
}

static void park(struct gh_entry *e)
{
    e->state = GH_ENTRY_PARKED;
    gh_loop_cancel(e->dept->in->d->loop, &e->timer);
}

/* Why a thing cannot be taken whatever it holds: what it is, or its size (before a byte is read or room is looked for).
 */
static const char *refusal(const struct gh_dept *dept, const struct gh_print *print)
{
    const char *why = gh_scan_refusal(print);
    return why                                                                        ? why
           : print->size > dept->in->d->conf.max_bytes && print->kind == GH_SEEN_FILE ? "it is too large"
                                                                                      : NULL;
}

/* Links and the like. Returns true when the entry was dealt with. */
static bool refuse_file(struct gh_entry *e)
{
    const struct gh_print *print = &e->settle.last;
    const char *why = refusal(e->dept, print);
    if (!why)
        return false;
    int64_t quiet = gh_dept_quiet(e->dept), wait = gh_settle_wait(&e->settle, gh_mono_ms(), quiet * LINK_FACTOR);
    if (print->kind == GH_SEEN_FILE && wait > 0) {
        gh_entry_wait(e, wait);
        return true;
    }
    gh_entry_refuse(e->dept, e->name, print, why);
    park(e);
    return true;
}

static void take_alone(struct gh_entry *e, enum gh_unit_what what, int64_t target)
{
    struct gh_unit *u = unit_new(e->dept, what, e->name, 1, 1);
    u->target = target;
    unit_add_file(u, e->name, &e->settle.last, gh_name_text(e->name));
    unit_add_entry(u, e);
    gh_unit_submit(u);
}

/* cancel <name>.txt: of what is in the ledger; what is still on its way in is waited for. */
static void recall(struct gh_entry *e, const char *name)
{
    GH_AUTO_FREE char *key = gh_name_stem_key(name);
    struct gh_entry *pending = gh_map_get(&e->dept->entries, name, strlen(name));
    if (!pending)
        pending = gh_map_get(&e->dept->stems, key, strlen(key));
    if (pending && pending != e && pending->state != GH_ENTRY_PARKED) {
        gh_entry_wait(e, gh_dept_quiet(e->dept));
        return;
    }
    take_alone(e, GH_UNIT_RECALL, recent_stem(e->dept, name, INT64_MAX));
}

static void ready_text(struct gh_entry *e)
{
    GH_AUTO_FREE char *recalled = gh_name_recalled(e->name);
    if (recalled) {
        recall(e, recalled);
        return;
    }
    GH_AUTO_FREE char *stem = gh_strndup(e->name, gh_name_stem(e->name));
    int64_t target = recent_stem(e->dept, stem, LATE_MS);
    if (target) {
        take_alone(e, GH_UNIT_TEXT, target);
        return;
    }
    int64_t wait = e->since_mono + (int64_t)e->dept->in->d->conf.text_wait_ms - gh_mono_ms();
    if (wait > 0)
        gh_entry_wait(e, GH_MIN(wait, 3600 * 1000));
    else
        take_alone(e, GH_UNIT_LONE, 0);
}

/* All of one stem are one submission: those are taken when every one has settled. */
static void ready_together(struct gh_entry *first)
{
    size_t n = 0;
    struct gh_entry *named =
        NULL; /* gives the submission its name: the still picture, else the first that is no text */
    for (struct gh_entry *e = first; e; e = e->stem_next, n++) {
        if (e->state == GH_ENTRY_TAKING)
            return; /* the rest of an earlier unit: looked at again after it */
        if (e->state == GH_ENTRY_WAITING && !settled(e))
            return; /* its own timer comes back here */
        if (e->state == GH_ENTRY_WAITING && !gh_name_text(e->name) && (!named || gh_name_live_still(e->name)))
            named = e;
    }
    if (!named)
        return;
    struct gh_unit *u = unit_new(first->dept, GH_UNIT_MEDIA, named->name, n, n);
    for (int text = 0; text < 2; text++) /* photos and videos first */
        for (struct gh_entry *e = first; e; e = e->stem_next) {
            if (e->state != GH_ENTRY_WAITING || e->settle.last.nlink != 1 || gh_name_text(e->name) != text)
                continue;
            unit_add_file(u, e->name, &e->settle.last, text);
            unit_add_entry(u, e);
        }
    gh_unit_submit(u);
}

void gh_ready_file(struct gh_entry *e)
{
    if (refuse_file(e))
        return;
    int64_t quiet = gh_dept_quiet(e->dept);
    int64_t wait = gh_settle_wait(&e->settle, gh_mono_ms(), quiet * EMPTY_FACTOR);
    if (e->settle.last.size == 0 && wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    struct gh_entry *first = e->stem ? gh_map_get(&e->dept->stems, e->stem, strlen(e->stem)) : NULL;
    size_t n = 0;
    bool taking = false;
    GH_AUTO_FREE const char **names = NULL;
    for (struct gh_entry *p = first; p; p = p->stem_next) {
        taking |= p->state == GH_ENTRY_TAKING;
        if (p->state == GH_ENTRY_PARKED)
            continue;
        names = gh_realloc(names, (n + 1) * sizeof(*names));
        names[n++] = p->name;
    }
    if (!first) { /* one of too many of a stem */
        take_alone(e, gh_name_text(e->name) ? GH_UNIT_LONE : GH_UNIT_MEDIA, 0);
        return;
    }
    switch (gh_settle_group(names, n)) {
    case GH_GROUP_ALONE:
        take_alone(e, GH_UNIT_MEDIA, 0);
        return;
    case GH_GROUP_TEXT:
        ready_text(e);
        return;
    case GH_GROUP_TOGETHER:
        if (taking)
            gh_entry_wait(e, quiet);
        else
            ready_together(first);
        return;
    }
}

/* ------------------------------------------------------------------------------------------- folders */

/* What file managers leave behind without being asked. */
static bool litter(const char *name)
{
    return gh_streq(name, ".DS_Store") || gh_streq(name, "Thumbs.db") || gh_streq(name, "desktop.ini") ||
           gh_starts(name, "._");
}

/* Remove a folder in which nothing is left but folders and litter. Anything else makes it stay. */
static bool remove_empty(int dirfd, const char *name)
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
    for (struct dirent *e; (e = readdir(dir));) {
        if (gh_streq(e->d_name, ".") || gh_streq(e->d_name, ".."))
            continue;
        if (litter(e->d_name))
            empty &= unlinkat(fd, e->d_name, 0) == 0;
        else
            empty &= remove_empty(fd, e->d_name);
    }
    closedir(dir);
    return empty && unlinkat(dirfd, name, AT_REMOVEDIR) == 0;
}

static void ready_empty(struct gh_entry *e)
{
    int64_t now = gh_mono_ms();
    if (!e->submission)
        e->submission = recent(e->dept, e->name, 3600 * 1000, false);
    if (!e->submission) {
        park(e); /* somebody made it and will fill it */
        return;
    }
    if (!e->empty_since)
        e->empty_since = now;
    int64_t wait = e->empty_since + gh_dept_quiet(e->dept) * LINGER_FACTOR - now;
    if (wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    if (remove_empty(e->dept->fd, e->name))
        gh_entry_forget(e);
    else
        park(e);
}

/* Files in a folder that are links or too deep: told one by one; links may be about to lose their second name. */
static bool refuse_some(struct gh_entry *e, const struct gh_found_list *found)
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

static bool reported(struct gh_entry *e, const struct gh_found *f)
{
    GH_AUTO_FREE char *key = gh_asprintf("%s/%s/%s", e->dept->folder, e->name, f->path);
    const struct gh_print *known = gh_map_get(&e->dept->in->reported, key, strlen(key));
    return known && gh_print_same_bytes(known, &f->print);
}

void gh_ready_folder(struct gh_entry *e, struct gh_found_list *found)
{
    struct gh_intake *in = e->dept->in;
    size_t media = 0, texts = 0, empties = 0;
    if (found->too_many) {
        GH_AUTO_FREE char *why =
            gh_asprintf("it holds more than %u files: drop them as several folders", in->d->conf.files);
        gh_entry_refuse(e->dept, e->name, &e->settle.last, why);
        park(e);
        return;
    }
    for (size_t i = 0; i < found->n; i++)
        if (!found->list[i].refused)
            found->list[i].refused = refusal(e->dept, &found->list[i].print);
    if (!refuse_some(e, found))
        return;
    for (size_t i = 0; i < found->n; i++) {
        struct gh_found *f = &found->list[i];
        if (!f->refused && reported(e, f))
            f->refused = ""; /* told before, left there */
        const char *slash = strrchr(f->path, '/');
        bool text = !f->refused && gh_name_text(slash ? slash + 1 : f->path);
        texts += text;
        media += !f->refused && !text;
        empties += !f->refused && f->print.size == 0;
    }
    if (!media && !texts) {
        if (found->n)
            park(e);
        else
            ready_empty(e);
        return;
    }
    e->empty_since = 0;
    int64_t wait = gh_settle_wait(&e->settle, gh_mono_ms(), gh_dept_quiet(e->dept) * EMPTY_FACTOR);
    if (empties && wait > 0) {
        gh_entry_wait(e, wait);
        return;
    }
    int64_t target = e->submission ? e->submission : recent(e->dept, e->name, JOIN_MS, true);
    if (!media && !target)
        target = recent(e->dept, e->name, LATE_MS, false);
    enum gh_unit_what what = media ? GH_UNIT_MEDIA : target ? GH_UNIT_TEXT : GH_UNIT_LONE;
    wait = e->since_mono + (int64_t)in->d->conf.text_wait_ms - gh_mono_ms();
    if (what == GH_UNIT_LONE && wait > 0) {
        gh_entry_wait(e, GH_MIN(wait, 3600 * 1000));
        return;
    }
    struct gh_unit *u = unit_new(e->dept, what, e->name, found->n, 1);
    u->folder = true;
    u->urgent = gh_name_urgent(e->name);
    u->target = target;
    for (size_t i = 0; i < found->n; i++) {
        const struct gh_found *f = &found->list[i];
        const char *slash = strrchr(f->path, '/');
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", e->name, f->path);
        if (!f->refused)
            unit_add_file(u, path, &f->print, gh_name_text(slash ? slash + 1 : f->path));
    }
    unit_add_entry(u, e);
    gh_unit_submit(u);
}
