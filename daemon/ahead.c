/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying ahead: what has rested for a part of its quiet time is copied into the spool without a name, so that the
 * machine does it while everybody waits. Whether the copy is good is asked when the file has settled (take.c); here
 * everything may be forgotten at any time. Bounded in number, in bytes and in time; a file that changed after it was
 * copied is not copied ahead again.
 */
#include "daemon/intake_priv.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "daemon/space.h"

#include <string.h>
#include <sys/resource.h>

#define FILE_MAX ((uint64_t)64 << 20) /* of larger ones too much would be copied in vain */
#define FILES 1024                    /* each has a descriptor; a quarter of what the process may open at most */
#define COPIES 2                      /* at once: half the pool */
#define ROOM 16                       /* they take one part in so many of the free space at most */
#define KEEP_MS 60000                 /* not wanted for so long, or two quiet times: given up */
#define TIDY_MS 10000

enum stage { QUEUED, COPYING, READY, VAIN };

struct slot {
    struct slot *next; /* in the queue */
    struct gh_dept *dept;
    char *key; /* folder/path */
    enum stage stage;
    bool changed; /* while it was being copied */
    int64_t until_ms;
    struct gh_take take;
    struct gh_take_file file;
};

struct gh_ahead {
    struct gh_intake *in;
    struct gh_map slots;
    struct slot *queue, **queue_end;
    size_t max;
    unsigned copying;
    uint64_t bytes; /* in slots that are not VAIN */
    uint64_t timer;
};

struct gh_ahead *gh_ahead_new(struct gh_intake *in)
{
    struct gh_ahead *a = gh_alloc(sizeof(*a));
    struct rlimit files;
    *a = (struct gh_ahead){.in = in, .queue_end = &a->queue, .max = FILES};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        a->max = GH_MIN(a->max, (size_t)files.rlim_cur / 4);
    return a;
}

static void give_up(struct gh_ahead *a, struct slot *s)
{
    if (s->stage != VAIN)
        a->bytes -= s->file.print.size;
    s->stage = VAIN;
    gh_draft_free(&s->file.draft);
}

static void unqueue(struct gh_ahead *a, struct slot *s)
{
    struct slot **at = &a->queue;
    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    if (!*at)
        a->queue_end = at;
}

/* Not of one that is being copied. */
static void forget(struct gh_ahead *a, struct slot *s)
{
    if (s->stage == QUEUED)
        unqueue(a, s);
    give_up(a, s);
    gh_map_remove(&a->slots, s->key, strlen(s->key));
    free(s->file.path);
    free(s->key);
    free(s);
}

static void tidy(struct gh_loop *loop, void *arg)
{
    struct gh_ahead *a = arg;
    size_t at = 0;
    for (struct slot *s; (s = gh_map_next(&a->slots, &at));)
        if (s->stage != COPYING && gh_mono_ms() > s->until_ms)
            forget(a, s);
    a->timer = a->slots.n ? gh_loop_after(loop, TIDY_MS, tidy, a) : 0;
}

static void pump(struct gh_ahead *a);

static void copy_work(void *arg)
{
    struct slot *s = arg;
    gh_take_draft(&s->take);
}

static void copy_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct slot *s = arg;
    struct gh_ahead *a = s->dept->in->ahead;
    gh_close_fd(&s->take.drop);
    a->copying--;
    s->stage = READY;
    if (s->changed || !s->file.draft)
        give_up(a, s);
    pump(a);
}

static void pump(struct gh_ahead *a)
{
    struct gh_intake *in = a->in;
    while (a->queue && a->copying < COPIES && !in->stopping) {
        struct slot *s = a->queue;
        unqueue(a, s);
        s->take = (struct gh_take){.taken = -1, .files = &s->file, .n = 1};
        if (!gh_unit_reach(s->dept, &s->take)) {
            give_up(a, s);
            continue;
        }
        s->stage = COPYING;
        a->copying++;
        gh_loop_submit(in->d->loop, copy_work, copy_done, s);
    }
}

static char *key_of(const struct gh_dept *dept, const char *path)
{
    return gh_asprintf("%s/%s", dept->folder, path);
}

void gh_ahead_want(struct gh_dept *dept, const char *path, const struct gh_print *print)
{
    struct gh_ahead *a = dept->in->ahead;
    GH_AUTO_FREE char *key = key_of(dept, path);
    struct slot *s = gh_map_get(&a->slots, key, strlen(key));
    int64_t until = gh_mono_ms() + GH_MAX(KEEP_MS, 2 * gh_dept_quiet(dept));
    if (s) {
        s->until_ms = until;
        s->changed |= !gh_print_same_bytes(print, &s->file.print);
        if (s->changed && s->stage == READY)
            give_up(a, s);
        return;
    }
    if (print->kind != GH_SEEN_FILE || print->nlink != 1 || !print->size || print->size > FILE_MAX ||
        a->slots.n >= a->max || !gh_space_fits(dept->in->d, (a->bytes + print->size) * ROOM))
        return;
    s = gh_alloc(sizeof(*s));
    *s = (struct slot){
        .dept = dept, .key = gh_steal(&key), .until_ms = until, .file = {.path = gh_strdup(path), .print = *print}};
    gh_map_put(&a->slots, s->key, strlen(s->key), s);
    a->bytes += print->size;
    *a->queue_end = s;
    a->queue_end = &s->next;
    if (!a->timer)
        a->timer = gh_loop_after(dept->in->d->loop, TIDY_MS, tidy, a);
    pump(a);
}

struct gh_draft *gh_ahead_claim(struct gh_dept *dept, const char *path)
{
    struct gh_ahead *a = dept->in->ahead;
    GH_AUTO_FREE char *key = key_of(dept, path);
    struct slot *s = gh_map_get(&a->slots, key, strlen(key));
    if (!s || s->stage == COPYING) /* that copy is let go when its time is over */
        return NULL;
    struct gh_draft *draft = gh_steal(&s->file.draft);
    forget(a, s);
    return draft;
}

bool gh_ahead_busy(const struct gh_ahead *a)
{
    return a->copying;
}

void gh_ahead_free(struct gh_ahead **p)
{
    struct gh_ahead *a = *p;
    if (!a)
        return;
    gh_loop_cancel(a->in->d->loop, &a->timer);
    size_t at = 0;
    for (struct slot *s; (s = gh_map_next(&a->slots, &at));)
        forget(a, s);
    gh_map_free(&a->slots);
    gh_free_ptr(p);
}
