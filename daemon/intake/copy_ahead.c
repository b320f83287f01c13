/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying ahead of time: a file that has not changed for a part of its quiet time is copied into
 * the spool as a draft, an unnamed file, so that the work is done when the quiet time is over.
 * copy.c checks then whether the draft is still current. Owns the drafts, bounded in number, bytes
 * and time; any of them may be given up at any time. A file that changed after it was copied ahead
 * is not copied ahead again. Failures are not reported: the copy job meets them again.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/store/space.h"

#include <string.h>
#include <sys/resource.h>

/* Larger files are not copied ahead: too many bytes would be copied for nothing if they change. */
#define FILE_MAX ((uint64_t)64 << 20)
/* Drafts at most, and at most a quarter of the descriptors that the process may have. */
#define DRAFTS 1024
/* Copies at once: half of the pool's threads. */
#define COPIES 2
/* All drafts together take at most one part in SPACE_SHARE of the free disk space. */
#define SPACE_SHARE 16
/* A draft is given up when it was not wanted for this time, or for two quiet times if longer. */
#define KEEP_MS 60000
#define TIDY_MS 10000

enum slot_stage {
    QUEUED,
    COPYING,
    READY,    /* its draft waits to be claimed */
    GIVEN_UP, /* without a draft; kept so that the file is not copied ahead again */
};

struct slot {
    struct slot *next; /* in the queue */
    struct gh_dept *dept;
    char *key; /* folder/path; owned */
    enum slot_stage stage;
    bool changed;     /* the file, since it was wanted first */
    int64_t until_ms; /* monotonic */
    struct gh_copy_job job;
    struct gh_copy_file file;
};

struct gh_copy_ahead {
    struct gh_intake *in;
    struct gh_map slots;
    struct slot *queue, **queue_end;
    size_t max; /* slots */
    unsigned copying;
    uint64_t bytes; /* of the files in slots that are not GIVEN_UP */
    uint64_t timer;
};

struct gh_copy_ahead *gh_copy_ahead_new(struct gh_intake *in)
{
    struct gh_copy_ahead *a = gh_alloc(sizeof(*a));
    struct rlimit files;
    *a = (struct gh_copy_ahead){.in = in, .queue_end = &a->queue, .max = DRAFTS};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        a->max = GH_MIN(a->max, (size_t)files.rlim_cur / 4);
    return a;
}

static void slot_give_up(struct gh_copy_ahead *a, struct slot *s)
{
    if (s->stage != GIVEN_UP)
        a->bytes -= s->file.print.size;
    s->stage = GIVEN_UP;
    gh_draft_free(&s->file.draft);
}

static void slot_unqueue(struct gh_copy_ahead *a, struct slot *s)
{
    struct slot **at = &a->queue;
    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    if (!*at)
        a->queue_end = at;
}

/* Not for a slot that is being copied: a pool thread uses it. */
static void slot_forget(struct gh_copy_ahead *a, struct slot *s)
{
    if (s->stage == QUEUED)
        slot_unqueue(a, s);
    slot_give_up(a, s);
    gh_map_remove(&a->slots, s->key, strlen(s->key));
    free(s->file.path);
    free(s->key);
    free(s);
}

static void ahead_tidy(struct gh_loop *loop, void *arg)
{
    struct gh_copy_ahead *a = arg;
    size_t at = 0;
    for (struct slot *s; (s = gh_map_next(&a->slots, &at));)
        if (s->stage != COPYING && gh_mono_ms() > s->until_ms)
            slot_forget(a, s);
    a->timer = a->slots.n ? gh_loop_after(loop, TIDY_MS, ahead_tidy, a) : 0;
}

static void ahead_pump(struct gh_copy_ahead *a);

static void copy_work(void *arg)
{
    struct slot *s = arg;
    gh_copy_draft(&s->job);
}

static void copy_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct slot *s = arg;
    struct gh_copy_ahead *a = s->dept->in->ahead;
    gh_close_fd(&s->job.drop);
    a->copying--;
    s->stage = READY;
    if (s->changed || !s->file.draft)
        slot_give_up(a, s);
    ahead_pump(a);
}

static void ahead_pump(struct gh_copy_ahead *a)
{
    struct gh_intake *in = a->in;
    while (a->queue && a->copying < COPIES && !in->stopping) {
        struct slot *s = a->queue;
        slot_unqueue(a, s);
        s->job = (struct gh_copy_job){.taken = -1, .files = &s->file, .n = 1};
        if (!gh_unit_reach(s->dept, &s->job)) {
            slot_give_up(a, s);
            continue;
        }
        s->stage = COPYING;
        a->copying++;
        gh_loop_submit(in->p.loop, copy_work, copy_done, s);
    }
}

static char *key_of(const struct gh_dept *dept, const char *path)
{
    return gh_asprintf("%s/%s", dept->folder, path);
}

void gh_copy_ahead_want(struct gh_dept *dept, const char *path, const struct gh_print *print)
{
    struct gh_copy_ahead *a = dept->in->ahead;
    GH_AUTO_FREE char *key = key_of(dept, path);
    struct slot *s = gh_map_get(&a->slots, key, strlen(key));
    int64_t until = gh_mono_ms() + GH_MAX(KEEP_MS, 2 * gh_dept_quiet(dept));
    if (s) {
        s->until_ms = until;
        s->changed |= !gh_print_same_bytes(print, &s->file.print);
        if (s->changed && s->stage == READY)
            slot_give_up(a, s);
        return;
    }
    if (print->kind != GH_SEEN_FILE || print->nlink != 1 || !print->size ||
        print->size > FILE_MAX || a->slots.n >= a->max ||
        !gh_space_fits(dept->in->p.space, (a->bytes + print->size) * SPACE_SHARE))
        return;
    s = gh_alloc(sizeof(*s));
    *s = (struct slot){.dept = dept,
                       .key = gh_steal(&key),
                       .until_ms = until,
                       .file = {.path = gh_strdup(path), .print = *print}};
    gh_map_put(&a->slots, s->key, strlen(s->key), s);
    a->bytes += print->size;
    *a->queue_end = s;
    a->queue_end = &s->next;
    if (!a->timer)
        a->timer = gh_loop_after(dept->in->p.loop, TIDY_MS, ahead_tidy, a);
    ahead_pump(a);
}

struct gh_draft *gh_copy_ahead_claim(struct gh_dept *dept, const char *path)
{
    struct gh_copy_ahead *a = dept->in->ahead;
    GH_AUTO_FREE char *key = key_of(dept, path);
    struct slot *s = gh_map_get(&a->slots, key, strlen(key));
    if (!s || s->stage == COPYING) /* that draft is given up when its time is over */
        return NULL;
    struct gh_draft *draft = gh_steal(&s->file.draft);
    slot_forget(a, s);
    return draft;
}

bool gh_copy_ahead_busy(const struct gh_copy_ahead *a)
{
    return a->copying;
}

void gh_copy_ahead_free(struct gh_copy_ahead **p)
{
    struct gh_copy_ahead *a = *p;
    if (!a)
        return;
    gh_loop_cancel(a->in->p.loop, &a->timer);
    size_t at = 0;
    for (struct slot *s; (s = gh_map_next(&a->slots, &at));)
        slot_forget(a, s);
    gh_map_free(&a->slots);
    gh_free_ptr(p);
}
