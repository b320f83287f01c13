/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks of dropped folders, in slices: departments in turn, each for a part of the loop's time
 * whatever it holds and however often it changes, so that no folder of one department keeps the
 * loop from the others and from people who ask. Owns the queues of entries that wait for a walk,
 * and the inventory under way of the first of each. What a walk found goes to entry.c.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/str.h"

/* One slice, and after it the department's next one waits for so many times as long. */
#define SLICE_US 2000
#define REST 3

static void leave_queue(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    *(e->walk_prev ? &e->walk_prev->walk_next : &dept->walks) = e->walk_next;
    *(e->walk_next ? &e->walk_next->walk_prev : &dept->walks_last) = e->walk_prev;
    e->walk_next = e->walk_prev = NULL;
    e->walk_queued = false;
}

static void join_queue(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    e->walk_prev = dept->walks_last;
    *(e->walk_prev ? &e->walk_prev->walk_next : &dept->walks) = e;
    dept->walks_last = e;
    e->walk_queued = true;
}

void gh_walk_forget(struct gh_entry *e)
{
    gh_inventory_free(&e->walk);
    if (e->walk_queued)
        leave_queue(e);
}

/* A directory below a dropped folder is watched before it is listed, so that nothing is missed. */
static void on_dir(int fd, void *arg)
{
    struct gh_entry *e = arg;
    GH_AUTO_FREE char *ref = gh_asprintf("F%s/%s", e->dept->folder, e->name);
    gh_dept_watch(e->dept, fd, ref);
}

/* A slice of the walk of the department's first entry. 1: there is more. */
static int step(struct gh_entry *e, struct gh_err *err)
{
    const struct gh_conf *conf = &e->dept->in->p.settings->conf;
    const struct gh_inventory_opts opts = {
        .depth = conf->depth, .max_files = conf->files + 1, .on_dir = on_dir, .arg = e};
    if (!e->walk) {
        e->walk_again = false;
        TRY(gh_inventory_begin(e->dept->fd, e->name, &opts, &e->walk, err));
    }
    return gh_inventory_step(e->walk, gh_mono_us() + SLICE_US, err);
}

static void run_slice(struct gh_dept *dept)
{
    struct gh_entry *e = dept->walks;
    struct gh_err err = {0};
    GH_AUTO(gh_found_free) struct gh_found_list found = {0};
    struct gh_print print;
    int64_t began = gh_mono_us();
    int r = step(e, &err);
    if (r <= 0)
        leave_queue(e);
    if (r == 0)
        gh_inventory_end(&e->walk, &found, &print);
    else if (r < 0)
        gh_inventory_free(&e->walk);
    if (r <= 0 && e->walk_again)
        join_queue(e); /* something changed behind its back */
    else if (r < 0)
        gh_entry_not_walked(e, &err);
    else if (r == 0)
        gh_entry_walked(e, &found, &print);
    int64_t now = gh_mono_us();
    dept->walk_due_us = now + (now - began) * REST;
}

static void on_turn(struct gh_loop *loop, void *arg);

/* When the first department may go on: a timer is set for then. */
static void plan_turn(struct gh_intake *in)
{
    int64_t due = INT64_MAX, now = gh_mono_us();
    size_t at = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        if (dept->walks)
            due = GH_MIN(due, dept->walk_due_us);
    if (due == INT64_MAX || in->stopping || in->walk_timer)
        return;
    in->walk_timer = gh_loop_after(in->p.loop, due <= now ? 0 : (due - now) / 1000, on_turn, in);
}

/* One slice: of the department that has waited longest. */
static void on_turn(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_intake *in = arg;
    struct gh_dept *next = NULL;
    size_t at = 0;
    in->walk_timer = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&in->depts, &at));)
        if (dept->walks && (!next || dept->walk_due_us < next->walk_due_us))
            next = dept;
    if (next && next->walk_due_us <= gh_mono_us())
        run_slice(next);
    plan_turn(in);
}

void gh_walk_want(struct gh_entry *e)
{
    struct gh_dept *dept = e->dept;
    if (e->walk_queued) {
        e->walk_again = e->walk != NULL;
        return;
    }
    bool at_once = !dept->walks && dept->walk_due_us <= gh_mono_us();
    join_queue(e);
    if (at_once)
        run_slice(dept);
    plan_turn(dept->in);
}
