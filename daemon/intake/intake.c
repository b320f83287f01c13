/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intake is opened, stopped and closed here; its statistics; and what inotify events lead to. An
 * event is only a hint which name to examine soon: the scan (scan.c) finds all that no event told.
 * Owns struct gh_intake. Failures are logged; without inotify the scan works alone.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/site/folder.h"

#include <inttypes.h>
#include <string.h>

/* The folders of one department may have one in WATCH_SHARE of the kernel's watches, or so many
 * where it does not say how many those are (/proc is hidden). */
#define WATCH_SHARE 8
#define WATCH_SHARE_UNKNOWN 1024
/* What did not change for so long is not being copied, nor what is at it for so long. */
#define COMING_MS ((int64_t)15 * 60 * 1000)
#define COMING_MOST_MS ((int64_t)12 * 3600 * 1000)

/* ---------------------------------------------------------------------------------------- hints */

/* bytes is the reference the directory is watched under; NULL: the kernel lost events.
 *   ""                  drop/ itself
 *   "T"                 .taken/, where a writer may still have a file open that was moved there
 *   "D<folder>"         a department's folder
 *   "F<folder>/<entry>" a submission's folder, or a folder below it
 */
static void on_hint(void *arg, const void *bytes, size_t len, const char *name,
                    enum gh_watch_what what)
{
    struct gh_intake *in = arg;
    if (in->stopping)
        return;
    if (!bytes) {
        gh_log(GH_LOG_NOTICE, "rescan", "reason=inotify-overflow");
        size_t at = 0;
        for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
            dept->listed_mtime = 0;
        gh_at_once_doubt(in);
        gh_intake_rescan_in(in, GH_SOON_MS);
        return;
    }
    GH_AUTO_FREE char *ref = gh_strndup(bytes, len);
    if (gh_streq(ref, "T")) {
        if (name && gh_streq(name, GH_SELF_TEST))
            gh_scan_test_heard(in);
        else if (name)
            (void)gh_intake_check_taken(in, name, false, &(uint64_t){0});
        return;
    }
    if (!*ref) {
        if (!name || (name[0] != '.' && !gh_name_junk(name)))
            gh_intake_rescan_in(in, GH_SOON_MS);
        return;
    }
    char *slash = strchr(ref, '/');
    if (slash)
        *slash = 0;
    struct gh_dept *dept = gh_map_get(&in->depts, ref + 1, strlen(ref + 1));
    if (!dept || dept->fd < 0)
        return;
    if (slash)
        gh_entry_hint(dept, slash + 1, GH_WATCH_CHANGED);
    else if (!name || gh_streq(name, GH_FOLDER_TOKEN))
        gh_intake_rescan_in(in, GH_SOON_MS);
    else if (gh_dept_wants(dept, name))
        gh_entry_hint(dept, name, what);
}

/* ----------------------------------------------------------------------------- opening, closing */

struct gh_intake *gh_intake_open(const struct gh_intake_parts *parts)
{
    struct gh_intake *in = gh_alloc(sizeof(*in));
    struct gh_err err = {0};
    *in = (struct gh_intake){.p = *parts};
    in->copied_end = &in->copied;
    size_t most = gh_watch_most();
    in->watch_share = most ? most / WATCH_SHARE : WATCH_SHARE_UNKNOWN;
    in->ahead = gh_copy_ahead_new(in);
    in->kept = gh_at_once_new(in);
    const char *blind = gh_watch_blind(in->p.dirs->drop);
    if (!in->p.settings->conf.inotify)
        GH_FORMAT(in->scanning, "inotify = no");
    else if (blind)
        GH_FORMAT(in->scanning, "%s tells nothing of changes", blind);
    else if (gh_watch_open(in->p.loop, on_hint, in, &in->watch, &err) < 0) {
        GH_FORMAT(in->scanning, "%s", err.msg);
        gh_log_err(GH_LOG_WARNING, "scanning", &err, "interval_ms=%" PRIu64,
                   in->p.settings->conf.scan_ms);
    }
    gh_intake_watch(in, in->p.dirs->drop, "");
    gh_intake_watch(in, in->p.dirs->taken, "T");
    gh_scan_test(in);
    gh_intake_rescan_in(in, 0);
    return in;
}

void gh_intake_stop(struct gh_intake *in)
{
    in->stopping = true;
    gh_loop_cancel(in->p.loop, &in->scan_timer);
    gh_loop_cancel(in->p.loop, &in->pump_timer);
    gh_loop_cancel(in->p.loop, &in->walk_timer);
    gh_loop_cancel(in->p.loop, &in->test_timer);
    gh_units_stop(in);
    gh_watch_close(&in->watch);
}

void gh_intake_close(struct gh_intake **p)
{
    struct gh_intake *in = *p;
    if (!in)
        return;
    gh_intake_stop(in);
    gh_scan_free(&in->scanner);
    gh_copy_ahead_free(&in->ahead);
    gh_at_once_free(&in->kept);
    for (struct gh_unit *u; (u = in->copied);) {
        in->copied = u->next;
        gh_unit_free(u);
    }
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        gh_dept_free(dept);
    gh_map_free(&in->depts);
    gh_refusals_forget(in);
    free(in);
    *p = NULL;
}

/* A folder that waits for its first file, as one of an event does, is nothing that comes; nor is a
 * text, which waits a day for its photo, or what lies there and is not taken: a second link, a file
 * that a program holds open, one that cannot be moved. */
static bool is_coming(const struct gh_entry *e, int64_t now)
{
    const struct gh_print *p = &e->settle.last;
    bool folder = p->kind == GH_SEEN_FOLDER;
    int64_t lately = GH_MAX(COMING_MS, 2 * gh_dept_quiet(e->dept));
    return e->state != GH_ENTRY_PARKED && now - e->settle.changed_ms < lately &&
           now - e->since_mono < COMING_MOST_MS &&
           (folder ? p->size > 0 : !gh_name_text(e->name) && !gh_name_calendar(e->name));
}

bool gh_intake_is_coming(const struct gh_intake *in, const char *slug)
{
    size_t at = 0;
    int64_t now = gh_mono_ms();
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        size_t i = 0;
        if (!gh_streq(dept->slug, slug))
            continue;
        for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &i));)
            if (is_coming(e, now))
                return true;
    }
    return false;
}

bool gh_intake_coming(void *intake, const char *slug)
{
    return intake && gh_intake_is_coming(intake, slug);
}

void gh_intake_stats(const struct gh_intake *in, struct gh_intake_stats *ret)
{
    *ret = (struct gh_intake_stats){.departments = in->depts.n,
                                    .offline_all = in->offline,
                                    .scanned_ms = in->scanned_ms,
                                    .scanning = in->scanning,
                                    .watches = in->watch ? gh_watch_count(in->watch) : 0};
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));) {
        ret->offline += dept->fd < 0;
        ret->unconfirmed += dept->unconfirmed != NULL;
        ret->ignored += dept->junk;
        size_t i = 0;
        for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &i));)
            *(e->state == GH_ENTRY_WAITING  ? &ret->waiting
              : e->state == GH_ENTRY_TAKING ? &ret->taking
                                            : &ret->parked) += 1;
    }
}
